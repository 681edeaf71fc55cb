//! Selectors and what may follow an operand: ranges, subqueries, `offset`, `@`.

use super::ParseError;
use super::ast::{Expr, ExprKind, Ident, MatchOp, Matcher, VectorSelector};
use super::lexer::{self, Kind, Token};
use super::parser::Parser;
use crate::source::Span;

impl Parser<'_> {
    /// A selector whose name, if any, was taken.
    pub(super) fn selector(&mut self, name: Option<Ident>) -> Result<Expr, ParseError> {
        let mut selector = VectorSelector { name, matchers: Vec::new(), open: false };
        let mut span = selector.name.as_ref().map_or(self.peek().span, |n| n.span);
        if let Some(open) = self.take("{") {
            self.matchers(open, &mut selector)?;
            let close = self.close(open, "}", "`,` or `}`")?;
            span = span.to(close.span);
        }
        Ok(Expr { kind: ExprKind::Vector(selector), span })
    }

    fn matchers(&mut self, open: Token, selector: &mut VectorSelector) -> Result<(), ParseError> {
        loop {
            let token = self.peek();
            if self.is("}") {
                return Ok(());
            }
            match token.kind {
                Kind::End => {
                    self.close(open, "}", "a label")?;
                }
                Kind::Word | Kind::String => self.matcher(token, selector)?,
                _ => return Err(self.unexpected("a label name or `}`")),
            }
            // `or` between matchers is MetricsQL's.
            if self.take(",").is_none() {
                if self.peek().kind == Kind::Word && self.word(self.peek()).eq_ignore_ascii_case("or") {
                    return Err(self.unexpected("`,` or `}`").foreign());
                }
                // A variable may end in a comma of its own.
                if selector.open && self.peek().kind == Kind::Word {
                    continue;
                }
                return Ok(());
            }
        }
    }

    fn matcher(&mut self, token: Token, selector: &mut VectorSelector) -> Result<(), ParseError> {
        self.next();
        let label = match token.kind {
            Kind::String => Ident { name: lexer::unquote(self.word(token), token.span)?, span: token.span, variable: false },
            _ => self.ident(token),
        };
        let operator = self.peek();
        let op = match self.word(operator) {
            "=" => MatchOp::Equal,
            "!=" => MatchOp::NotEqual,
            "=~" => MatchOp::Regex,
            "!~" => MatchOp::NotRegex,
            "==" => {
                return Err(ParseError::new("`==` compares values; a label is matched with `=`", operator.span));
            }
            _ if token.kind == Kind::String => {
                if selector.name.is_some() {
                    return Err(ParseError::new("the metric name is given twice", token.span));
                }
                selector.name = Some(label);
                return Ok(());
            }
            _ if label.variable => {
                selector.open = true;
                return Ok(());
            }
            _ => return Err(self.unexpected(&format!("`=`, `!=`, `=~` or `!~` after `{}`", label.name))),
        };
        if label.name.contains(':') {
            return Err(ParseError::new(format!("`{}` is no label name", label.name), label.span));
        }
        self.next();
        let value = self.peek();
        if value.kind != Kind::String {
            if value.variable {
                // The variable brings its own quotes.
                self.next();
                let text = self.word(value).to_owned();
                selector.matchers.push(Matcher { label, op, value: text, value_span: value.span, variable: true });
                return Ok(());
            }
            let error = self.unexpected("a value in quotes");
            return Err(if matches!(value.kind, Kind::Word | Kind::Number | Kind::Duration) {
                error.help(format!("write `\"{}\"`", self.word(value)))
            } else {
                error
            });
        }
        self.next();
        let text = lexer::unquote(self.word(value), value.span)?;
        let variable =
            (0..text.len()).any(|i| text.get(i..).is_some_and(|rest| rest.starts_with(['$', '[']) && lexer::variable(rest).is_some()));
        selector.matchers.push(Matcher { label, op, value: text, value_span: value.span, variable });
        Ok(())
    }

    /// Ranges and modifiers after an operand.
    pub(super) fn postfix(&mut self, mut expr: Expr) -> Result<Expr, ParseError> {
        // A handful at most: each wraps the tree once more.
        for _ in 0..16 {
            let token = self.peek();
            let word = self.word(token);
            if word == "[" && token.kind == Kind::Punct {
                expr = self.range(expr)?;
            } else if word == "@" {
                self.next();
                let end = self.instant(token)?;
                let span = expr.span.to(end);
                expr = Expr { kind: ExprKind::Modified(Box::new(expr), false), span };
            } else if token.kind == Kind::Word && word.eq_ignore_ascii_case("offset") {
                self.next();
                if self.peek().kind == Kind::End {
                    return Err(ParseError::new("`offset` needs a duration", token.span));
                }
                let _sign = self.take("-").or_else(|| self.take("+"));
                let (_, end) = self.duration(2)?;
                let span = expr.span.to(end);
                expr = Expr { kind: ExprKind::Modified(Box::new(expr), true), span };
            } else {
                return Ok(expr);
            }
        }
        Ok(expr)
    }

    fn range(&mut self, expr: Expr) -> Result<Expr, ParseError> {
        let open = self.next();
        if self.is("]") {
            return Err(ParseError::new("a range needs a duration, such as `[5m]`", open.span.to(self.peek().span)));
        }
        let (seconds, _) = self.duration(0)?;
        let mut subquery = false;
        if self.take(":").is_some() {
            subquery = true;
            if !self.is("]") {
                self.duration(0)?;
            }
        }
        let close = self.close(open, "]", "`]`")?;
        let span = expr.span.to(close.span);
        let kind = if subquery { ExprKind::Subquery(Box::new(expr), seconds) } else { ExprKind::Matrix(Box::new(expr), seconds) };
        Ok(Expr { kind, span })
    }

    /// A duration, or arithmetic on durations as Prometheus 3 takes it. Seconds only for a literal.
    fn duration(&mut self, min: u8) -> Result<(Option<f64>, Span), ParseError> {
        let (mut seconds, mut span) = self.duration_operand()?;
        let first = span;
        while self.peek().kind == Kind::Punct && min < 2 && matches!(self.word(self.peek()), "+" | "-" | "*" | "/" | "%" | "^") {
            self.next();
            let (_, end) = self.duration_operand()?;
            (seconds, span) = (None, span.to(end));
        }
        // A part of a sum may well be 0.
        if seconds == Some(0.0) && self.is("]") {
            return Err(ParseError::new("the duration must be greater than 0", first));
        }
        Ok((seconds, span))
    }

    fn duration_operand(&mut self) -> Result<(Option<f64>, Span), ParseError> {
        while self.take("-").or_else(|| self.take("+")).is_some() {}
        let token = self.peek();
        let word = self.word(token);
        match token.kind {
            Kind::Duration | Kind::Number => {
                self.next();
                let seconds = if token.kind == Kind::Number { lexer::number(word) } else { lexer::duration(word) };
                Ok((seconds, token.span))
            }
            Kind::Word if token.variable => {
                self.next();
                Ok((None, token.span))
            }
            Kind::Word if matches!(word.to_ascii_lowercase().as_str(), "step" | "range" | "min" | "max") => {
                self.next();
                let Some(open) = self.take("(") else { return Err(self.unexpected("`(`")) };
                // The arguments are durations; what they come to does not matter here.
                while !self.is(")") && self.peek().kind != Kind::End {
                    self.next();
                }
                let close = self.close(open, ")", "`)`")?;
                Ok((None, token.span.to(close.span)))
            }
            Kind::Punct if word == "(" => {
                self.next();
                // Brackets inside a duration are rare enough to be skipped over flatly.
                let mut open = 1;
                while open > 0 && self.peek().kind != Kind::End {
                    let inner = self.next();
                    open = match self.word(inner) {
                        "(" => open + 1,
                        ")" => open - 1,
                        _ => open,
                    };
                }
                Ok((None, token.span))
            }
            _ => Err(self.unexpected("a duration such as `5m`")),
        }
    }

    /// What stands after `@`.
    fn instant(&mut self, at: Token) -> Result<Span, ParseError> {
        let _sign = self.take("-").or_else(|| self.take("+"));
        let token = self.peek();
        match token.kind {
            Kind::Number | Kind::Duration => Ok(self.next().span),
            Kind::Word if token.variable => Ok(self.next().span),
            Kind::Word if matches!(self.word(token).to_ascii_lowercase().as_str(), "start" | "end") => {
                self.next();
                let Some(open) = self.take("(") else { return Err(self.unexpected("`(`")) };
                Ok(self.close(open, ")", "`)`")?.span)
            }
            _ => Err(ParseError::new("`@` needs a Unix timestamp, `start()` or `end()`", at.span)),
        }
    }
}
