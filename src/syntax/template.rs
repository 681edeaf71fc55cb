//! The templates of alert annotations and labels: Go's template language with Prometheus' functions.
//!
//! Finds what Prometheus refuses to load and what a template reads. Does not run templates.

use crate::source::Span;

/// What a template reads.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Read {
    /// A label of the alert, such as `$labels.job`.
    Label(String),
    /// The alert's value; whether it is printed, not only looked at.
    Value { printed: bool },
}

/// What is known of a template.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Template {
    /// What it reads, where.
    pub(crate) reads: Vec<(Read, Span)>,
    /// The first thing that keeps it from being loaded.
    pub(crate) error: Option<TemplateError>,
}

/// Why a template cannot be loaded.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TemplateError {
    pub(crate) message: String,
    pub(crate) span: Span,
    pub(crate) help: Option<String>,
    /// True for what vmalert has and Prometheus has not.
    pub(crate) relative: bool,
}

/// Of Go, then of Prometheus.
const FUNCTIONS: [&str; 48] = [
    "and",
    "or",
    "not",
    "len",
    "index",
    "slice",
    "print",
    "printf",
    "println",
    "html",
    "js",
    "urlquery",
    "call",
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "query",
    "first",
    "label",
    "value",
    "strvalue",
    "args",
    "reReplaceAll",
    "safeHtml",
    "match",
    "title",
    "toUpper",
    "toLower",
    "graphLink",
    "tableLink",
    "sortByLabel",
    "stripPort",
    "stripDomain",
    "humanize",
    "humanize1024",
    "humanizeDuration",
    "humanizePercentage",
    "humanizeTimestamp",
    "toTime",
    "toDuration",
    "now",
    "pathPrefix",
    "externalURL",
    "parseDuration",
    "urlQueryEscape",
];

/// What vmalert has besides.
const OF_VMALERT: [&str; 7] = ["$expr", "$for", "$type", "$alertID", "$groupID", "$activeAt", "$isPartial"];

const VARIABLES: [&str; 5] = ["$", "$labels", "$externalLabels", "$externalURL", "$value"];

const KEYWORDS: [&str; 13] =
    ["if", "else", "end", "range", "with", "define", "block", "template", "break", "continue", "nil", "true", "false"];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Word,
    Variable,
    Field,
    Text,
    Number,
    Punct,
}

#[derive(Clone, Copy, Debug)]
struct Token<'a> {
    kind: Kind,
    text: &'a str,
    span: Span,
}

/// Reads a template.
pub(crate) fn read(text: &str) -> Template {
    let mut reader =
        Reader { text, template: Template::default(), scopes: vec![Scope { word: "", span: Span::default(), variables: Vec::new() }] };
    if text.contains("{{")
        && let Err(error) = reader.run()
    {
        reader.template.error = Some(error);
    }
    reader.template
}

struct Scope<'a> {
    word: &'a str,
    span: Span,
    variables: Vec<&'a str>,
}

struct Reader<'a> {
    text: &'a str,
    template: Template,
    scopes: Vec<Scope<'a>>,
}

fn error(message: impl Into<String>, span: Span) -> TemplateError {
    TemplateError { message: message.into(), span, help: None, relative: false }
}

impl<'a> Reader<'a> {
    fn run(&mut self) -> Result<(), TemplateError> {
        let mut at = 0;
        while let Some(open) = self.from(at).find("{{").map(|i| at + i) {
            let mut inside = open + 2;
            if self.from(inside).starts_with('-') && self.from(inside + 1).starts_with([' ', '\t', '\n', '\r']) {
                inside += 1;
            }
            if self.from(inside).trim_start().starts_with("/*") {
                let Some(close) = self.from(inside).find("*/").map(|i| inside + i) else {
                    return Err(error("the comment is not closed", Span::new(open, open + 2)));
                };
                at = close + 2;
                continue;
            }
            let (tokens, after) = self.tokens(open, inside)?;
            self.action(&tokens, Span::new(open, after))?;
            at = after;
        }
        match self.scopes.last() {
            Some(scope) if self.scopes.len() > 1 => Err(error(format!("`{}` has no `end`", scope.word), scope.span)),
            _ => Ok(()),
        }
    }

    fn from(&self, at: usize) -> &'a str {
        self.text.get(at..).unwrap_or("")
    }

    /// The tokens of an action up to its `}}`, and the offset after that.
    fn tokens(&self, open: usize, start: usize) -> Result<(Vec<Token<'a>>, usize), TemplateError> {
        let (mut tokens, mut at) = (Vec::new(), start);
        loop {
            let rest = self.from(at);
            let Some(first) = rest.chars().next() else {
                return Err(error("the action is not closed: `}}` is missing", Span::new(open, open + 2)));
            };
            if rest.starts_with("}}") {
                return Ok((tokens, at + 2));
            }
            if first.is_whitespace() {
                let space = rest.len() - rest.trim_start().len();
                if rest.trim_start().starts_with("-}}") {
                    return Ok((tokens, at + space + 3));
                }
                at += space;
                continue;
            }
            let (kind, length) = self.token(rest, at, first)?;
            let span = Span::new(at, at + length);
            tokens.push(Token { kind, text: span.text(self.text), span });
            at += length;
        }
    }

    fn token(&self, rest: &str, at: usize, first: char) -> Result<(Kind, usize), TemplateError> {
        let word = |s: &str| s.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(s.len());
        let second = rest.get(first.len_utf8()..).unwrap_or("");
        let here = |length: usize| Span::new(at, at + length);
        Ok(match first {
            '"' | '\'' => (Kind::Text, quoted(rest, first).ok_or_else(|| error("the string is not closed", here(1)))?),
            '`' => (Kind::Text, second.find('`').map(|i| i + 2).ok_or_else(|| error("the string is not closed", here(1)))?),
            '$' => (Kind::Variable, 1 + word(second)),
            '.' if second.starts_with(|c: char| c.is_alphabetic() || c == '_') => (Kind::Field, 1 + word(second)),
            '.' if second.starts_with(|c: char| c.is_ascii_digit()) => (Kind::Number, 1 + word(second)),
            '.' | '|' | '(' | ')' | ',' => (Kind::Punct, 1),
            ':' if second.starts_with('=') => (Kind::Punct, 2),
            '=' if !second.starts_with('=') => (Kind::Punct, 1),
            '+' | '-' if second.starts_with(|c: char| c.is_ascii_digit() || c == '.') => (Kind::Number, 1 + number(second)),
            _ if first.is_ascii_digit() => (Kind::Number, number(rest)),
            _ if first.is_alphabetic() || first == '_' => (Kind::Word, word(rest)),
            _ => {
                let operator = rest.find(|c: char| !"=<>!&+-*/%".contains(c)).unwrap_or(rest.len()).max(first.len_utf8());
                let shown = rest.get(..operator).unwrap_or("");
                let mut wrong = error(format!("`{shown}` has no meaning in a template"), here(operator));
                wrong.help = match shown {
                    "==" | "!=" | "<" | ">" | "<=" | ">=" => {
                        Some("compare with the functions `eq`, `ne`, `lt`, `gt`, `le`, `ge`: `{{ if gt $value 1.0 }}`".to_owned())
                    }
                    "-" => Some("a label whose name holds a dash is read with `{{ index $labels \"the-name\" }}`".to_owned()),
                    "+" | "*" | "/" | "%" => Some("templates do not calculate: do it in the query".to_owned()),
                    _ => None,
                };
                return Err(wrong);
            }
        })
    }

    fn action(&mut self, tokens: &[Token<'a>], span: Span) -> Result<(), TemplateError> {
        let Some(first) = tokens.first() else { return Err(error("the action is empty", span)) };
        let word = if first.kind == Kind::Word { first.text } else { "" };
        // `{{ else if … }}` opens what `if` opens.
        let second = tokens.get(1).filter(|t| word == "else" && t.kind == Kind::Word).map_or("", |t| t.text);
        match word {
            "end" | "else" => {
                let Some(closed) = self.scopes.pop().filter(|_| !self.scopes.is_empty()) else {
                    return Err(error(format!("`{word}` without an `if`, `range` or `with` before it"), first.span));
                };
                if word == "else" {
                    self.scopes.push(Scope { variables: Vec::new(), ..closed });
                }
            }
            "if" | "range" | "with" | "block" | "define" => self.scopes.push(Scope { word, span: first.span, variables: Vec::new() }),
            _ => {}
        }
        if let Some(last) = tokens.last().filter(|t| t.kind == Kind::Punct && matches!(t.text, ":=" | "=" | "|")) {
            return Err(error(format!("a value is missing after `{}`", last.text), last.span));
        }
        let condition = matches!(word, "if" | "with" | "range") || !second.is_empty();
        // The names on the left of `:=` are known from here on.
        let declared = tokens.iter().position(|t| t.text == ":=" && t.kind == Kind::Punct);
        for token in tokens.iter().take(declared.unwrap_or(0)).filter(|t| t.kind == Kind::Variable) {
            if let Some(scope) = self.scopes.last_mut() {
                scope.variables.push(token.text);
            }
        }
        let printed = !condition && declared.is_none();
        // In `range` and `with` the dot is something else; their own pipeline still sees the outer one.
        let inner = self.scopes.iter().skip(1).filter(|s| s.word != "if").count();
        let outer_dot = inner == usize::from(matches!(word, "range" | "with"));
        for (i, token) in tokens.iter().enumerate() {
            let next = tokens.get(i + 1).filter(|n| n.kind == Kind::Field && n.span.start == token.span.end);
            match token.kind {
                Kind::Variable => {
                    self.variable(token)?;
                    match (token.text, next) {
                        ("$labels", Some(field)) => self.label(field.text.trim_start_matches('.'), token.span.to(field.span)),
                        ("$value", _) => self.template.reads.push((Read::Value { printed }, token.span)),
                        ("$labels", None) if i > 0 && tokens.get(i - 1).is_some_and(|t| t.text == "index") => {
                            if let Some(key) = tokens.get(i + 1).filter(|t| t.kind == Kind::Text) {
                                self.label(key.text.trim_matches(['"', '`']), key.span);
                            }
                        }
                        _ => {}
                    }
                }
                Kind::Field if outer_dot && i.checked_sub(1).and_then(|p| tokens.get(p)).is_none_or(|p| p.span.end != token.span.start) => {
                    match (token.text, next) {
                        (".Labels", Some(field)) => self.label(field.text.trim_start_matches('.'), token.span.to(field.span)),
                        (".Value", _) => self.template.reads.push((Read::Value { printed }, token.span)),
                        _ => {}
                    }
                }
                Kind::Word => function(token)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn label(&mut self, name: &str, span: Span) {
        self.template.reads.push((Read::Label(name.to_owned()), span));
    }

    fn variable(&self, token: &Token<'_>) -> Result<(), TemplateError> {
        let own = || self.scopes.iter().flat_map(|s| &s.variables);
        if VARIABLES.contains(&token.text) || own().any(|v| *v == token.text) {
            return Ok(());
        }
        let mut wrong = error(format!("the variable `{}` is not defined", token.text), token.span);
        if OF_VMALERT.contains(&token.text) {
            wrong.relative = true;
            wrong.help = Some("vmalert has it, Prometheus has not.".to_owned());
            return Err(wrong);
        }
        let near = VARIABLES.iter().filter(|v| v.len() > 1).find(|v| strsim::damerau_levenshtein(v, token.text) <= 2);
        wrong.help = near.map(|near| format!("did you mean `{near}`?"));
        Err(wrong)
    }
}

fn function(token: &Token<'_>) -> Result<(), TemplateError> {
    if FUNCTIONS.contains(&token.text) || KEYWORDS.contains(&token.text) {
        return Ok(());
    }
    let mut wrong = error(format!("Prometheus' templates have no function `{}`", token.text), token.span);
    let near = FUNCTIONS.iter().map(|f| (strsim::damerau_levenshtein(&f.to_lowercase(), &token.text.to_lowercase()), f)).min();
    wrong.help = match near {
        Some((distance, near)) if distance <= 1 + token.text.len() / 5 => Some(format!("did you mean `{near}`?")),
        _ if matches!(token.text, "labels" | "value") => Some(format!("write `${}`", token.text)),
        _ => None,
    };
    Err(wrong)
}

/// Bytes of the string at the start of `text`, its quotes included; `None` where it does not end on its line.
fn quoted(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (i, c) in text.char_indices().skip(1) {
        match c {
            '\n' => return None,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return Some(i + 1),
            _ => {}
        }
    }
    None
}

fn number(text: &str) -> usize {
    text.find(|c: char| !(c.is_alphanumeric() || c == '.' || c == '_')).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_prometheus_loads_is_no_error() {
        for text in [
            "no action } }} here",
            "{{ $labels.instance }}: {{ $value | humanize }}",
            "{{- if gt $value 90.0 -}} high {{- else if eq $labels.a \"b\" -}} mid {{ else }} low {{ end }}",
            "{{ with query \"up{job=\\\"x\\\"}\" }}{{ . | first | value | printf \"%.2f\" }}{{ end }}",
            "{{ range $i, $e := query `up` }}{{ $e.Labels.instance }} {{ .Value }}{{ end }}",
            "{{ $x := .Labels.job }}{{ $x }} {{ $externalURL }} {{ .ExternalLabels.a }}",
            "{{/* a comment */}}{{ index $labels \"a-b\" }} {{ printf \"%d\" -1 }} {{ $.Value }}",
            "{{ define \"x\" }}a{{ end }}{{ template \"x\" }} {{ (query \"up\" | first).Labels.job }}",
        ] {
            assert_eq!(read(text).error, None, "{text}");
        }
    }

    #[test]
    fn what_prometheus_refuses_is_an_error() {
        for (text, at) in [
            ("{{ $value", "{{"),
            ("{{ $labels.job } and more", "}"),
            ("{{ $lables.job }}", "$lables"),
            ("{{ $value | humanise }}", "humanise"),
            ("{{ if $value }} x", "if"),
            ("x {{ end }}", "end"),
            ("{{ }}", "{{ }}"),
            ("{{ \"open }}", "\""),
            ("{{ if $value > 1 }}x{{ end }}", ">"),
            ("{{ $labels.a-b }}", "-"),
            ("{{ if true }}{{ $x := 1 }}{{ end }}{{ $x }}", "$x"),
            ("{{ else }}", "else"),
            ("{{ $value = }}", "="),
            ("{{ $value | }}", "|"),
        ] {
            let found = read(text).error.map(|e| e.span.text(text).to_owned());
            assert_eq!(found.as_deref(), Some(at), "{text}");
        }
    }

    #[test]
    fn what_a_template_reads() {
        let reads = |text: &str| read(text).reads.into_iter().map(|(r, _)| r).collect::<Vec<_>>();
        let label = |name: &str| Read::Label(name.to_owned());
        assert_eq!(reads("{{ $labels.a }} {{ .Labels.b }} {{ index $labels \"c\" }}"), [label("a"), label("b"), label("c")]);
        assert_eq!(reads("{{ range query \"up\" }}{{ .Labels.b }}{{ .Value }}{{ end }}"), []);
        assert_eq!(reads("{{ with $labels.a }}{{ . }}{{ end }}"), [label("a")]);
        assert_eq!(reads("{{ if gt $value 1.0 }}x{{ end }}{{ $value }}"), [Read::Value { printed: false }, Read::Value { printed: true }]);
    }
}
