//! PromQL text to a tree whose every part knows its bytes.
//!
//! Prometheus' grammar and type rules, with Grafana's variables as tokens of their own, so that each stands for whatever the
//! grammar wants at its place. promql-parser is asked before anything is called an error: two parsers must refuse.
//! Knows nothing of which metrics exist.

mod ast;
mod check;
mod functions;
mod lexer;
mod oracle;
mod parser;
mod pattern;
mod selector;
#[cfg(test)]
mod tests;

pub(crate) use ast::{Aggregate, Binary, BinaryOp, Call, Expr, ExprKind, Grouping, Ident, MatchOp, Matcher, VectorSelector};

use crate::source::Span;

/// Whether a document names VictoriaMetrics, whose users write MetricsQL: a datasource, mostly, its plugin, or what installs it.
pub(crate) fn names_victoria(text: &str) -> bool {
    let words = ["VictoriaMetrics", "victoriametrics", "Victoriametrics"];
    words.iter().any(|word| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some())
}

/// What a text turned out to be.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// A query.
    Parsed(Expr),
    /// No query: two parsers agree, or a limit of this one is met.
    Invalid(ParseError),
    /// Not judged: another language, or a form that only this parser refuses.
    Unjudged,
}

/// Why a text is no query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ParseError {
    pub(crate) message: String,
    /// The bytes of the text that are wrong.
    pub(crate) span: Span,
    pub(crate) help: Option<String>,
    /// True when the text is probably in a relative of PromQL: LogQL, MetricsQL.
    pub(crate) foreign: bool,
    /// True where MetricsQL takes the form: ranges and offsets of anything, functions that find a range themselves.
    pub(crate) metricsql: bool,
    /// True where a limit of this parser is met, and no rule of the language: it may be a query all the same.
    pub(crate) limit: bool,
}

impl ParseError {
    fn new(message: impl Into<String>, span: Span) -> Self {
        ParseError { message: message.into(), span, help: None, foreign: false, metricsql: false, limit: false }
    }

    fn limit(mut self) -> Self {
        self.limit = true;
        self
    }

    fn foreign(mut self) -> Self {
        self.foreign = true;
        self
    }

    fn metricsql(mut self) -> Self {
        self.metricsql = true;
        self
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Whether Prometheus has a function of this name.
pub(crate) fn is_function(name: &str) -> bool {
    functions::get(name).is_some()
}

/// Seconds of a duration such as `1h30m`.
pub(crate) fn duration_seconds(word: &str) -> Option<f64> {
    lexer::duration(word)
}

/// Parses a query; `grafana` allows variables.
pub(crate) fn parse(text: &str, grafana: bool) -> Outcome {
    let tokens = match lexer::tokens(text, grafana) {
        Ok(tokens) => tokens,
        Err(error) if !grafana && is_placeholder(text, error.span) => return Outcome::Unjudged,
        Err(error) => return judge(text, &[], error),
    };
    // What a panel without a query of its own is saved with.
    if grafana && text.trim() == "{}" {
        return Outcome::Unjudged;
    }
    match parser::parse(text, &tokens).and_then(|expr| check::check(&expr).map(|_| expr)) {
        Ok(expr) => Outcome::Parsed(expr),
        Err(error) => judge(text, &tokens, error),
    }
}

fn judge(text: &str, tokens: &[lexer::Token], error: ParseError) -> Outcome {
    if error.limit {
        return Outcome::Invalid(error);
    }
    if error.foreign || touches_variable(tokens, error.span) || is_newer(text, tokens) || oracle::accepts(text, tokens) {
        return Outcome::Unjudged;
    }
    Outcome::Invalid(error)
}

/// Whether a `${NAME}` stands there, which a program fills in before Prometheus reads the rule.
fn is_placeholder(text: &str, span: Span) -> bool {
    let inside = text.get(span.start as usize..).and_then(|rest| rest.strip_prefix("${")).and_then(|rest| rest.split_once('}'));
    let word = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    inside.is_some_and(|(name, _)| !name.is_empty() && word(name))
}

/// Whether the text holds a form of newer versions, behind feature flags so far, that neither parser knows: `smoothed` and
/// `anchored` selectors, `</` and `>/` between histograms, calculated durations.
fn is_newer(text: &str, tokens: &[lexer::Token]) -> bool {
    let word = |token: &lexer::Token| matches!(token.span.text(text), "smoothed" | "anchored" | "min_of" | "max_of");
    let trim = |pair: &[lexer::Token]| match pair {
        [a, b] => matches!(a.span.text(text), "<" | ">") && b.span.text(text) == "/" && a.span.end == b.span.start,
        _ => false,
    };
    tokens.iter().any(word) || tokens.windows(2).any(trim)
}

/// Whether the error is at or beside a variable: the variable may hold what is missing, an operator or a list of matchers.
fn touches_variable(tokens: &[lexer::Token], span: Span) -> bool {
    let at = tokens.partition_point(|t| t.span.end <= span.start);
    let near = tokens.get(at.saturating_sub(1)..tokens.len().min(at + 2)).unwrap_or_default();
    near.iter().any(|t| t.variable)
}
