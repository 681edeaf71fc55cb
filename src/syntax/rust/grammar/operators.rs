//! Operators and what they bind: `a + b`, `a = b`, `a..b`, `a as T`.

use super::exprs::{ExprRead, Form, MAX_LINKS, other};
use super::tokens::Kind;
use super::{Grammar, Read, Stop};
use crate::syntax::rust::tree::{Expr, ExprKind};

/// How tightly an operator binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Precedence {
    Min,
    Assign,
    Range,
    Or,
    And,
    Compare,
    BitOr,
    BitXor,
    BitAnd,
    Shift,
    Sum,
    Product,
    Cast,
}

impl Grammar<'_> {
    /// The binary operator that comes next, its length and precedence.
    fn operator(&self) -> Option<(&'static str, usize, Precedence)> {
        use Precedence as P;
        let Kind::Punct(first) = self.kind(0) else { return None };
        let is = |operator: &[u8]| self.punct(operator);
        Some(match first {
            b'+' if is(b"+=") => ("+=", 2, P::Assign),
            b'-' if is(b"-=") => ("-=", 2, P::Assign),
            b'*' if is(b"*=") => ("*=", 2, P::Assign),
            b'/' if is(b"/=") => ("/=", 2, P::Assign),
            b'%' if is(b"%=") => ("%=", 2, P::Assign),
            b'^' if is(b"^=") => ("?=", 2, P::Assign),
            b'&' if is(b"&=") => ("?=", 2, P::Assign),
            b'|' if is(b"|=") => ("?=", 2, P::Assign),
            b'<' if is(b"<<=") => ("?=", 3, P::Assign),
            b'>' if is(b">>=") => ("?=", 3, P::Assign),
            b'&' if is(b"&&") => ("&&", 2, P::And),
            b'|' if is(b"||") => ("||", 2, P::Or),
            b'<' if is(b"<<") => ("<<", 2, P::Shift),
            b'>' if is(b">>") => (">>", 2, P::Shift),
            b'=' if is(b"==") => ("==", 2, P::Compare),
            b'<' if is(b"<=") => ("<=", 2, P::Compare),
            b'!' if is(b"!=") => ("!=", 2, P::Compare),
            b'>' if is(b">=") => (">=", 2, P::Compare),
            b'+' => ("+", 1, P::Sum),
            b'-' if !is(b"->") => ("-", 1, P::Sum),
            b'*' => ("*", 1, P::Product),
            b'/' => ("/", 1, P::Product),
            b'%' => ("%", 1, P::Product),
            b'^' => ("^", 1, P::BitXor),
            b'&' => ("&", 1, P::BitAnd),
            b'|' => ("|", 1, P::BitOr),
            b'<' if !is(b"<-") => ("<", 1, P::Compare),
            b'>' => (">", 1, P::Compare),
            _ => return None,
        })
    }

    fn next_precedence(&self) -> Precedence {
        if let Some((_, _, precedence)) = self.operator() {
            precedence
        } else if self.punct(b"=") && !self.punct(b"=>") {
            Precedence::Assign
        } else if self.punct(b"..") {
            Precedence::Range
        } else if self.keyword("as") {
            Precedence::Cast
        } else {
            Precedence::Min
        }
    }

    pub(super) fn binary(&mut self, mut left: ExprRead, structs: bool, base: Precedence) -> Read<ExprRead> {
        for _ in 0..MAX_LINKS {
            if left.form == Form::Range {
                return Ok(left);
            }
            if let Some((operator, length, precedence)) = self.operator() {
                if precedence < base {
                    return Ok(left);
                }
                if precedence == Precedence::Compare && left.form == Form::Comparison {
                    return Err(Stop::Syntax);
                }
                self.at += length;
                let right = self.right(structs, precedence)?;
                let span = left.expr.span.to(right.expr.span);
                let form = if precedence == Precedence::Compare { Form::Comparison } else { Form::Other };
                let kind = ExprKind::Binary(operator, Box::new(left.expr), Box::new(right.expr));
                left = ExprRead { expr: Expr { kind, span }, form, ends_in_brace: right.ends_in_brace };
            } else if Precedence::Assign >= base && self.punct(b"=") && !self.punct(b"=>") {
                self.at += 1;
                let right = self.right(structs, Precedence::Assign)?;
                let span = left.expr.span.to(right.expr.span);
                let kind = ExprKind::Assign(Box::new(left.expr), Box::new(right.expr));
                left = ExprRead { expr: Expr { kind, span }, form: Form::Assign, ends_in_brace: right.ends_in_brace };
            } else if Precedence::Range >= base && self.punct(b"..") {
                left = self.range(Some(left.expr), structs)?;
            } else if Precedence::Cast >= base && self.keyword("as") {
                self.at += 1;
                let ty = self.ty_with(false)?;
                let follows = self.punct(b".") && !self.punct(b"..") || self.punct(b"?") || self.is_open(b'[') || self.is_open(b'(');
                if follows {
                    return Err(Stop::Syntax);
                }
                let span = left.expr.span.to(ty.span.to(left.expr.span));
                left = other(ExprKind::Cast(Box::new(left.expr), Box::new(ty)), span);
            } else if self.punct(b"<-") {
                return Err(Stop::Syntax);
            } else {
                return Ok(left);
            }
        }
        Err(Stop::Unsure)
    }

    fn right(&mut self, structs: bool, precedence: Precedence) -> Read<ExprRead> {
        let mut right = self.unary(structs)?;
        loop {
            let next = self.next_precedence();
            if !(next > precedence || next == precedence && precedence == Precedence::Assign) {
                return Ok(right);
            }
            let at = self.at;
            right = self.deeper(|this| this.binary(right, structs, next))?;
            if at == self.at {
                return Ok(right);
            }
        }
    }

    pub(super) fn range(&mut self, start: Option<Expr>, structs: bool) -> Read<ExprRead> {
        if self.punct(b"...") {
            return Err(Stop::Syntax);
        }
        let inclusive = self.punct(b"..=");
        let from = self.here();
        self.at += if inclusive { 3 } else { 2 };
        let dots = from.to(self.before());
        let ends = !inclusive
            && (self.is_empty()
                || [b",", b";", b"?", b"=", b"+", b"/", b"%", b"^", b">"].iter().any(|o| self.punct(*o))
                || [b"=>", b"<=", b"!=", b"-=", b"*=", b"&=", b"|="].iter().any(|o| self.punct(*o))
                || self.punct(b"<<=")
                || self.punct(b".") && !self.punct(b"..")
                || !structs && self.is_open(b'{')
                || self.keyword("as"));
        let end = if ends { None } else { Some(self.right(structs, Precedence::Range)?) };
        let ends_in_brace = end.as_ref().is_some_and(|e| e.ends_in_brace);
        let end = end.map(|e| e.expr);
        let span = start.iter().chain(end.iter()).fold(dots, |span, e| span.to(e.span));
        let kind = ExprKind::Range(start.map(Box::new), end.map(Box::new), inclusive);
        Ok(ExprRead { expr: Expr { kind, span }, form: Form::Range, ends_in_brace })
    }
}
