//! What literals are worth.

use super::tokens::Kind;
use super::{Grammar, Read, Stop};
use crate::source::Span;
use crate::syntax::rust::tree::{Expr, ExprKind, Lit};

impl Grammar<'_> {
    /// A literal, with a minus where the place allows one.
    pub(super) fn literal(&mut self) -> Read<Expr> {
        let Some(token) = self.token(0) else { return Err(Stop::Syntax) };
        if token.kind == Kind::Punct(b'-') {
            return self.negative();
        }
        let text = self.text_of(token);
        let value = match token.kind {
            Kind::Str => Lit::Str(string(text)?),
            Kind::Char => Lit::Char(character(text)?),
            Kind::Int => Lit::Int(int(text)?),
            Kind::Float => Lit::Float(float(text)?),
            Kind::OtherLiteral => Lit::Other,
            Kind::Keyword if text == "true" => Lit::Bool(true),
            Kind::Keyword if text == "false" => Lit::Bool(false),
            _ => return Err(Stop::Syntax),
        };
        self.at += 1;
        Ok(Expr { kind: ExprKind::Lit(value), span: Self::span_of(token) })
    }

    fn negative(&mut self) -> Read<Expr> {
        let (Some(minus), Some(number)) = (self.token(0), self.token(1)) else { return Err(Stop::Syntax) };
        let value = match number.kind {
            // The tree has no negative whole numbers.
            Kind::Int => {
                int(self.text_of(number))?;
                Lit::Int(None)
            }
            Kind::Float => Lit::Float(-float(self.text_of(number))?),
            _ => return Err(Stop::Syntax),
        };
        self.at += 2;
        Ok(Expr { kind: ExprKind::Lit(value), span: Span { start: minus.start, end: number.end } })
    }
}

fn string(text: &str) -> Read<Box<str>> {
    if text.contains('\r') {
        return Err(Stop::Unsure);
    }
    if let Some(raw) = text.strip_prefix('r') {
        let inner = raw.trim_start_matches('#');
        let hashes = raw.len() - inner.len();
        let inner = inner.strip_prefix('"').and_then(|i| i.get(..i.len().checked_sub(hashes + 1)?));
        return inner.map(Into::into).ok_or(Stop::Unsure);
    }
    let inner = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).ok_or(Stop::Unsure)?;
    if !inner.contains('\\') {
        return Ok(inner.into());
    }
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        out.push_str(rest.get(..at).unwrap_or_default());
        let escaped = rest.get(at + 1..).unwrap_or_default();
        match escaped.strip_prefix('\n') {
            Some(next) => rest = next.trim_start_matches([' ', '\t', '\n', '\r']),
            None => {
                let (c, next) = escape(escaped)?;
                out.push(c);
                rest = next;
            }
        }
    }
    out.push_str(rest);
    Ok(out.into())
}

fn character(text: &str) -> Read<char> {
    let inner = text.strip_prefix('\'').and_then(|t| t.strip_suffix('\'')).ok_or(Stop::Unsure)?;
    let (c, rest) = match inner.strip_prefix('\\') {
        Some(escaped) => escape(escaped)?,
        None => {
            let mut chars = inner.chars();
            (chars.next().ok_or(Stop::Unsure)?, chars.as_str())
        }
    };
    if rest.is_empty() { Ok(c) } else { Err(Stop::Unsure) }
}

/// What a backslash and the text after it stand for, and what follows.
fn escape(text: &str) -> Read<(char, &str)> {
    let mut chars = text.chars();
    let c = match chars.next() {
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('0') => '\0',
        Some(c @ ('\\' | '\'' | '"')) => c,
        Some('x') => {
            let code = text.get(1..3).and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(u8::is_ascii).ok_or(Stop::Unsure)?;
            return Ok((char::from(code), text.get(3..).unwrap_or_default()));
        }
        Some('u') => {
            let digits = text.get(1..).and_then(|t| t.strip_prefix('{')).and_then(|t| t.split_once('}'));
            let (digits, rest) = digits.ok_or(Stop::Unsure)?;
            let digits: String = digits.chars().filter(|c| *c != '_').collect();
            let c = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32).ok_or(Stop::Unsure)?;
            return Ok((c, rest));
        }
        _ => return Err(Stop::Unsure),
    };
    Ok((c, chars.as_str()))
}

/// The value of a whole number, where it fits.
fn int(text: &str) -> Read<Option<u64>> {
    let (radix, digits) = match text.as_bytes() {
        [b'0', b'x', ..] => (16, text.get(2..)),
        [b'0', b'o', ..] => (8, text.get(2..)),
        [b'0', b'b', ..] => (2, text.get(2..)),
        _ => (10, Some(text)),
    };
    let digits = digits.unwrap_or_default();
    let end = digits.find(|c: char| !(c.is_digit(radix) || c == '_')).unwrap_or(digits.len());
    let (digits, suffix) = digits.split_at(end);
    // A digit of a larger radix, or `e` without an exponent.
    if suffix.starts_with(|c: char| c.is_ascii_digit() || matches!(c, 'e' | 'E')) {
        return Err(Stop::Unsure);
    }
    let plain;
    let digits = if digits.contains('_') {
        plain = digits.replace('_', "");
        &plain
    } else {
        digits
    };
    if digits.is_empty() {
        return Err(Stop::Unsure);
    }
    Ok(u64::from_str_radix(digits, radix).ok())
}

fn float(text: &str) -> Read<f64> {
    let text = text.trim_end_matches("f32").trim_end_matches("f64");
    let plain = text.replace('_', "");
    if plain.contains(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'))) {
        return Err(Stop::Unsure);
    }
    plain.parse().map_err(|_| Stop::Unsure)
}
