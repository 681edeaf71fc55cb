//! Parts of texts, and texts that code only cleans.

use super::{Evaluator, Scope, Text, Value};
use crate::syntax::rust::tree::{Block, Expr, ExprKind, Lit, Stmt};

impl<'a> Evaluator<'a, '_> {
    /// What a method makes of a text that is known, or takes out of the parts that another one made of it.
    pub(super) fn part_of(&self, name: &str, receiver: Value, made_by: &'a Expr, args: &'a [Expr], scope: &Scope<'a, '_>) -> Value {
        let unknown = || Value::unknown(format!("the result of `.{name}(..)`"));
        let args: Vec<Value> = args.iter().map(|a| self.value(a, scope)).collect();
        let given: Vec<&str> =
            args.iter().filter_map(|a| if let Value::Text(t) = a { t.known.then_some(&*t.text) } else { None }).collect();
        match (name, receiver, given.as_slice()) {
            // Of what is not known nothing is replaced.
            ("replace", Value::Text(text), [from, to]) if !from.is_empty() && !from.contains('*') => {
                Value::Text(Text { text: text.text.replace(from, to), ..text })
            }
            ("trim", Value::Text(text), []) => Value::Text(Text { text: text.text.trim().to_owned(), ..text }),
            ("split", Value::Text(text), [between]) if text.known && !between.is_empty() => {
                Value::List(text.text.split(between).map(|part| Value::Text(Text { text: part.to_owned(), ..text.clone() })).collect())
            }
            ("strip_prefix" | "strip_suffix", Value::Text(text), [end]) if text.known => {
                let left = if name == "strip_prefix" { text.text.strip_prefix(end) } else { text.text.strip_suffix(end) };
                left.map_or(Value::Absent, |left| Value::Text(Text { text: left.to_owned(), ..text.clone() }))
            }
            // Of a list that a variable holds some may be taken already.
            ("next", Value::List(items), []) if matches!(made_by.kind, ExprKind::MethodCall(_)) && args.is_empty() => {
                items.into_iter().next().unwrap_or(Value::Absent)
            }
            ("nth", Value::List(items), []) if matches!(made_by.kind, ExprKind::MethodCall(_)) => match args.as_slice() {
                [Value::Number(at)] if *at >= 0.0 => items.into_iter().nth(*at as usize).unwrap_or(Value::Absent),
                _ => unknown(),
            },
            _ => unknown(),
        }
    }

    /// Whether `text.chars().map(..)` puts `_` in the place of some characters.
    pub(super) fn is_sanitizing(&self, expr: &Expr) -> bool {
        let ExprKind::MethodCall(map) = &expr.kind else { return false };
        let (ExprKind::MethodCall(chars), [closure]) = (&map.receiver.kind, map.args.as_slice()) else { return false };
        let ExprKind::Closure(_, body) = &closure.kind else { return false };
        map.method.as_str() == "map" && chars.method.as_str() == "chars" && holds_underscore(body)
    }

    /// The text of which such a chain makes itself, since nothing in it has to be replaced.
    pub(super) fn unchanged(&self, expr: &'a Expr, scope: &Scope<'a, '_>) -> Value {
        let unknown = || Value::unknown("a text that is cleaned at run time");
        let ExprKind::MethodCall(map) = &expr.kind else { return unknown() };
        let ExprKind::MethodCall(chars) = &map.receiver.kind else { return unknown() };
        match self.value(&chars.receiver, scope) {
            Value::Text(text) if is_clean(&text.text) => Value::Text(text),
            Value::Unknown(reason) => Value::Unknown(reason),
            _ => unknown(),
        }
    }
}

/// Whether one of the ways of an expression is `_`.
fn holds_underscore(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Lit(Lit::Char('_')) => true,
        ExprKind::If(_, then, otherwise) => gives_underscore(then) || otherwise.as_ref().is_some_and(|e| holds_underscore(e)),
        ExprKind::Match(_, arms) => arms.iter().any(|arm| holds_underscore(&arm.body)),
        ExprKind::Block(block) => gives_underscore(block),
        _ => false,
    }
}

fn gives_underscore(block: &Block) -> bool {
    matches!(block.stmts.last(), Some(Stmt::Expr(last, _)) if holds_underscore(last))
}

/// Whether the body of a function of one text goes through its characters to put `_` in the place of some, and this text has none of
/// those.
pub(super) fn sanitizes(code: &str, text: &Text) -> bool {
    let lowers = code.contains("lowercase");
    code.contains(".chars()")
        && code.contains("'_'")
        && !code.contains("uppercase")
        && is_clean(&text.text)
        && !(lowers && text.text.contains(|c: char| c.is_ascii_uppercase()))
}

/// Whether a text is one that a metric can have as its name.
fn is_clean(text: &str) -> bool {
    !text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '*'))
}
