//! Tokens to the tree: recursive descent with precedence climbing.

use super::ast::{Aggregate, Binary, BinaryOp, Call, Expr, ExprKind, Grouping, Ident};
use super::lexer::{self, Kind, Token};
use super::{ParseError, functions};
use crate::source::Span;

/// Aggregation operators.
pub(super) static AGGREGATIONS: &[&str] = &[
    "avg",
    "bottomk",
    "count",
    "count_values",
    "group",
    "limit_ratio",
    "limitk",
    "max",
    "min",
    "quantile",
    "stddev",
    "stdvar",
    "sum",
    "topk",
];

/// Aggregations that take a parameter before the vector.
const WITH_PARAMETER: [&str; 6] = ["bottomk", "count_values", "limit_ratio", "limitk", "quantile", "topk"];

/// Brackets deeper than this are refused: no query needs them, and the stack ends somewhere.
const MAX_DEPTH: usize = 100;

/// Operators in one chain; more make the tree deeper than a walk can go.
const MAX_CHAIN: usize = 400;

/// Parses a whole query.
pub(super) fn parse(text: &str, tokens: &[Token]) -> Result<Expr, ParseError> {
    let mut parser = Parser { text, tokens, at: 0, depth: 0, chain: 0 };
    if parser.peek().kind == Kind::End {
        return Err(ParseError::new("the query is empty", Span::new(0, text.len())));
    }
    let expr = parser.expression(0)?;
    match parser.peek().kind {
        Kind::End => Ok(expr),
        _ => Err(parser.unexpected_after(&expr)),
    }
}

pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    tokens: &'a [Token],
    at: usize,
    depth: usize,
    chain: usize,
}

impl<'a> Parser<'a> {
    pub(super) fn peek(&self) -> Token {
        self.ahead(0)
    }

    fn ahead(&self, n: usize) -> Token {
        let end = Span::new(self.text.len(), self.text.len());
        self.tokens.get(self.at + n).or(self.tokens.last()).copied().unwrap_or(Token { kind: Kind::End, span: end, variable: false })
    }

    pub(super) fn next(&mut self) -> Token {
        let token = self.peek();
        self.at += 1;
        token
    }

    pub(super) fn word(&self, token: Token) -> &'a str {
        token.span.text(self.text)
    }

    pub(super) fn is(&self, punct: &str) -> bool {
        self.peek().kind == Kind::Punct && self.word(self.peek()) == punct
    }

    pub(super) fn take(&mut self, punct: &str) -> Option<Token> {
        self.is(punct).then(|| self.next())
    }

    fn keyword(&self) -> String {
        let token = self.peek();
        if token.kind == Kind::Word && !token.variable { self.word(token).to_ascii_lowercase() } else { String::new() }
    }

    /// The name of a word token, each variable in it a `*`.
    pub(super) fn ident(&self, token: Token) -> Ident {
        let word = self.word(token);
        if !token.variable {
            return Ident { name: word.to_owned(), span: token.span, variable: false };
        }
        let (mut name, mut rest) = (String::new(), word);
        while let Some(c) = rest.chars().next() {
            let len = match lexer::variable(rest) {
                Some(len) => {
                    name.push('*');
                    len
                }
                None => {
                    name.push(c);
                    c.len_utf8()
                }
            };
            rest = rest.get(len..).unwrap_or("");
        }
        Ident { name, span: token.span, variable: true }
    }

    /// The error for a token that cannot stand where it does.
    pub(super) fn unexpected(&self, wanted: &str) -> ParseError {
        let token = self.peek();
        if token.kind == Kind::End {
            // Point at what is left without its end.
            let last = self.at.checked_sub(1).and_then(|i| self.tokens.get(i)).map_or(token.span, |t| t.span);
            return ParseError::new(format!("the query ends where {wanted} is missing"), last);
        }
        ParseError::new(format!("unexpected `{}`: expected {wanted}", self.word(token)), token.span)
    }

    fn unexpected_after(&self, expr: &Expr) -> ParseError {
        let token = self.peek();
        let word = self.word(token);
        if let ")" | "]" | "}" = word {
            return ParseError::new(format!("`{word}` closes nothing"), token.span);
        }
        match word.to_ascii_lowercase().as_str() {
            "keep_metric_names" | "default" | "if" | "ifnot" | "limit" | "prefix" => return self.unexpected("an operator").foreign(),
            "by" | "without" => {
                return ParseError::new(format!("`{word}` belongs to an aggregation such as `sum`"), token.span);
            }
            _ => {}
        }
        let error = self.unexpected("an operator or the end of the query");
        if let ExprKind::Vector(selector) = &expr.kind
            && selector.name.is_some()
            && word == "("
        {
            return self.unknown_function(selector.name.as_ref());
        }
        if matches!(word, "=" | "=~" | "!~") {
            return error.help("compare with `==`; `=` and `=~` belong into the braces of a selector");
        }
        error
    }

    fn unknown_function(&self, name: Option<&Ident>) -> ParseError {
        let Some(name) = name else { return self.unexpected("an operator") };
        let error = ParseError::new(format!("unknown function `{}`", name.name), name.span);
        if functions::is_foreign(&name.name) {
            return error.foreign();
        }
        match functions::nearest(&name.name) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error,
        }
    }

    /// Takes the closing bracket of `open`.
    pub(super) fn close(&mut self, open: Token, closing: &str, wanted: &str) -> Result<Token, ParseError> {
        if let Some(token) = self.take(closing) {
            return Ok(token);
        }
        if self.peek().kind == Kind::End {
            return Err(ParseError::new(format!("`{}` is never closed", self.word(open)), open.span));
        }
        Err(self.unexpected(wanted))
    }

    /// An expression whose operators bind at least as tightly as `min`.
    pub(super) fn expression(&mut self, min: u8) -> Result<Expr, ParseError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(ParseError::new(format!("more than {MAX_DEPTH} levels of nesting"), self.peek().span).limit());
        }
        let result = self.climb(min);
        self.depth -= 1;
        result
    }

    fn climb(&mut self, min: u8) -> Result<Expr, ParseError> {
        let mut lhs = self.unary()?;
        while let Some((op, power)) = self.operator() {
            if power < min {
                break;
            }
            self.chain += 1;
            if self.chain > MAX_CHAIN {
                return Err(ParseError::new(format!("more than {MAX_CHAIN} operators"), self.peek().span).limit());
            }
            let op_token = self.next();
            let bool_span = if self.keyword() == "bool" { Some(self.next().span) } else { None };
            let (matching, include) = self.matching()?;
            if self.peek().kind == Kind::End || self.is(")") || self.is(",") {
                let word = self.word(op_token);
                return Err(ParseError::new(format!("`{word}` has no right operand"), op_token.span));
            }
            let rhs = self.expression(if op == BinaryOp::Pow { power } else { power + 1 })?;
            let span = lhs.span.to(rhs.span);
            let binary = Binary { op, op_span: op_token.span, bool_span, matching, include, lhs: Box::new(lhs), rhs: Box::new(rhs) };
            lhs = Expr { kind: ExprKind::Binary(binary), span };
        }
        Ok(lhs)
    }

    fn operator(&self) -> Option<(BinaryOp, u8)> {
        let token = self.peek();
        match token.kind {
            Kind::Punct => Some(match self.word(token) {
                "==" => (BinaryOp::Equal, 3),
                "!=" => (BinaryOp::NotEqual, 3),
                ">" => (BinaryOp::Greater, 3),
                ">=" => (BinaryOp::GreaterEqual, 3),
                "<" => (BinaryOp::Less, 3),
                "<=" => (BinaryOp::LessEqual, 3),
                "+" => (BinaryOp::Add, 4),
                "-" => (BinaryOp::Sub, 4),
                "*" => (BinaryOp::Mul, 5),
                "/" => (BinaryOp::Div, 5),
                "%" => (BinaryOp::Mod, 5),
                "^" => (BinaryOp::Pow, 6),
                _ => return None,
            }),
            Kind::Word => Some(match self.keyword().as_str() {
                "or" => (BinaryOp::Or, 1),
                "and" => (BinaryOp::And, 2),
                "unless" => (BinaryOp::Unless, 2),
                "atan2" => (BinaryOp::Atan2, 5),
                _ => return None,
            }),
            _ => None,
        }
    }

    /// `on (…)`, `ignoring (…)`, `group_left (…)`, `group_right (…)`, `fill… (…)`.
    fn matching(&mut self) -> Result<(Option<Grouping>, Option<Grouping>), ParseError> {
        let mut matching = None;
        let followed = |parser: &Self| parser.word(parser.ahead(1)) == "(";
        if matches!(self.keyword().as_str(), "on" | "ignoring") && followed(self) {
            let token = self.next();
            let without = self.word(token).eq_ignore_ascii_case("ignoring");
            matching = Some(self.labels(token, without)?);
        }
        let mut include = None;
        if matches!(self.keyword().as_str(), "group_left" | "group_right") {
            let token = self.next();
            let word = self.word(token);
            if matching.is_none() {
                return Err(ParseError::new(format!("`{word}` needs `on (…)` or `ignoring (…)` before it"), token.span));
            }
            let right = word.eq_ignore_ascii_case("group_right");
            // A parenthesis here is always the list of labels, as Prometheus reads it.
            include = Some(if self.is("(") {
                self.labels(token, right)?
            } else {
                Grouping { without: right, labels: Vec::new(), span: token.span }
            });
        }
        while matches!(self.keyword().as_str(), "fill" | "fill_left" | "fill_right") && followed(self) {
            self.next();
            let open = self.next();
            self.expression(0)?;
            self.close(open, ")", "`)`")?;
        }
        Ok((matching, include))
    }

    /// A list of labels in parentheses, after its keyword.
    fn labels(&mut self, keyword: Token, without: bool) -> Result<Grouping, ParseError> {
        let Some(open) = self.take("(") else { return Err(self.unexpected("a list of labels in parentheses")) };
        let mut labels = Vec::new();
        while !self.is(")") {
            let token = self.peek();
            let ident = match token.kind {
                Kind::Word => self.ident(token),
                Kind::String => Ident { name: lexer::unquote(self.word(token), token.span)?, span: token.span, variable: false },
                _ if token.kind == Kind::End => {
                    return Err(self.close(open, ")", "a label").err().unwrap_or_else(|| self.unexpected("a label")));
                }
                _ => return Err(self.unexpected("a label name")),
            };
            if ident.name.contains(':') {
                return Err(ParseError::new(format!("`{}` is no label name", ident.name), ident.span));
            }
            self.next();
            labels.push(ident);
            if self.take(",").is_none() {
                break;
            }
        }
        let close = self.close(open, ")", "`,` or `)`")?;
        Ok(Grouping { without, labels, span: keyword.span.to(close.span) })
    }

    fn unary(&mut self) -> Result<Expr, ParseError> {
        let Some(sign) = self.take("-").or_else(|| self.take("+")) else {
            let operand = self.operand()?;
            return self.postfix(operand);
        };
        if self.peek().kind == Kind::End || self.is(")") {
            return Err(ParseError::new(format!("`{}` has no operand", self.word(sign)), sign.span));
        }
        let expr = self.expression(6)?;
        let span = sign.span.to(expr.span);
        Ok(Expr { kind: ExprKind::Unary(Box::new(expr), self.word(sign) == "-"), span })
    }

    fn operand(&mut self) -> Result<Expr, ParseError> {
        let token = self.peek();
        let word = self.word(token);
        let literal = |kind| Ok(Expr { kind, span: token.span });
        match token.kind {
            Kind::Number => {
                self.next();
                let error = || ParseError::new(format!("`{word}` is no number"), token.span);
                literal(ExprKind::Number(lexer::number(word).ok_or_else(error)?))
            }
            Kind::Duration => {
                self.next();
                literal(ExprKind::Number(lexer::duration(word).unwrap_or(f64::NAN)))
            }
            Kind::String => {
                self.next();
                literal(ExprKind::String(lexer::unquote(word, token.span)?))
            }
            Kind::Word => self.named(token),
            Kind::Punct if word == "{" => self.selector(None),
            Kind::Punct if word == "(" => {
                self.next();
                let inner = self.expression(0)?;
                let close = self.close_expression(token, &inner)?;
                Ok(Expr { kind: ExprKind::Paren(Box::new(inner)), span: token.span.to(close.span) })
            }
            _ => Err(self.unexpected("an expression")),
        }
    }

    fn close_expression(&mut self, open: Token, inner: &Expr) -> Result<Token, ParseError> {
        match self.take(")") {
            Some(token) => Ok(token),
            None if self.peek().kind == Kind::End => self.close(open, ")", "`)`"),
            None => Err(self.unexpected_after(inner)),
        }
    }

    /// A word: a number, an aggregation, a call, a variable, or a metric name.
    fn named(&mut self, token: Token) -> Result<Expr, ParseError> {
        let ident = self.ident(token);
        let lower = ident.name.to_ascii_lowercase();
        let then = self.word(self.ahead(1));
        if !token.variable && matches!(lower.as_str(), "inf" | "nan") {
            self.next();
            let number = if lower == "inf" { f64::INFINITY } else { f64::NAN };
            return Ok(Expr { kind: ExprKind::Number(number), span: token.span });
        }
        let groups = then.eq_ignore_ascii_case("by") || then.eq_ignore_ascii_case("without");
        if AGGREGATIONS.contains(&lower.as_str()) && (then == "(" || groups) {
            return self.aggregate(Ident { name: lower, ..ident });
        }
        if then == "(" {
            return self.call(ident);
        }
        if matches!(lower.as_str(), "bool" | "on" | "ignoring" | "group_left" | "group_right" | "atan2") {
            return Err(self.unexpected("an expression"));
        }
        self.next();
        let whole_variable = token.variable && lexer::variable(self.word(token)) == Some(token.span.len());
        if whole_variable && then != "{" {
            return Ok(Expr { kind: ExprKind::Variable, span: token.span });
        }
        if token.variable && self.word(token).starts_with(|c: char| c.is_ascii_digit()) {
            return Ok(Expr { kind: ExprKind::Variable, span: token.span });
        }
        self.selector(Some(ident))
    }

    fn call(&mut self, name: Ident) -> Result<Expr, ParseError> {
        self.next();
        if !name.variable && functions::get(&name.name).is_none() {
            return Err(self.unknown_function(Some(&name)));
        }
        let (args, close) = self.arguments()?;
        let mut span = name.span.to(close);
        // A variable may well stand for `sum`: `$function(…) by (job)`.
        if name.variable
            && let Some(grouping) = self.grouping()?
        {
            span = span.to(grouping.span);
        }
        Ok(Expr { kind: ExprKind::Call(Call { name, args }), span })
    }

    fn arguments(&mut self) -> Result<(Vec<Expr>, Span), ParseError> {
        let open = self.next();
        let mut args = Vec::new();
        if let Some(close) = self.take(")") {
            return Ok((args, close.span));
        }
        loop {
            args.push(self.expression(0)?);
            let Some(comma) = self.take(",") else { break };
            if self.is(")") {
                return Err(ParseError::new("no comma is allowed after the last argument", comma.span));
            }
        }
        let last = args.last().map_or(open.span, |a| a.span);
        let close = match args.last() {
            Some(last) => self.close_expression(open, last)?,
            None => return Err(ParseError::new("expected an argument", last)),
        };
        Ok((args, close.span))
    }

    fn aggregate(&mut self, op: Ident) -> Result<Expr, ParseError> {
        self.next();
        let mut grouping = self.grouping()?;
        if !self.is("(") {
            return Err(self.unexpected("`(`"));
        }
        let (args, close) = self.arguments()?;
        let mut span = op.span.to(close);
        if grouping.is_none() {
            grouping = self.grouping()?;
            if let Some(g) = &grouping {
                span = span.to(g.span);
            }
        }
        let wanted = 1 + usize::from(WITH_PARAMETER.contains(&op.name.as_str()));
        let given = args.len();
        let mut args = args.into_iter();
        let (param, expr) = if wanted == 2 { (args.next(), args.next()) } else { (None, args.next()) };
        match expr {
            Some(expr) if given == wanted => {
                let aggregate = Aggregate { op, grouping, param: param.map(Box::new), expr: Box::new(expr) };
                Ok(Expr { kind: ExprKind::Aggregate(aggregate), span })
            }
            // Relatives of PromQL take more.
            _ if given > wanted => Err(count(&op, wanted, given).foreign()),
            _ => Err(count(&op, wanted, given)),
        }
    }

    fn grouping(&mut self) -> Result<Option<Grouping>, ParseError> {
        let without = match self.keyword().as_str() {
            "by" => false,
            "without" => true,
            _ => return Ok(None),
        };
        let token = self.next();
        self.labels(token, without).map(Some)
    }
}

fn count(name: &Ident, wanted: usize, given: usize) -> ParseError {
    let plural = if wanted == 1 { "" } else { "s" };
    ParseError::new(format!("`{}` takes {wanted} argument{plural}, not {given}", name.name), name.span)
}
