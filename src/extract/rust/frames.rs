//! Who gives a function its parameters, a loop its variable, a method its object.
//!
//! An expression inside a function is looked at once for each way in which the function is called. A way is a list of levels: the
//! call of the innermost function, the call of the function that this call stands in, and so on.

use std::sync::Arc;

use super::values::Value;
use super::walk::Here;
use crate::source::Span;
use crate::syntax::rust::tree::{Expr, Ident, Pat, Type};

/// What runs more than once, with other values each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Callable<'a> {
    /// A function, by file and the place of its name.
    Function { file: usize, at: u32 },
    /// A closure, by file and place.
    Closure { file: usize, at: u32 },
    /// A `for` loop, by file and place.
    Loop { file: usize, at: u32 },
    /// The fields of the objects of a type.
    Object { package: &'a str, ty: &'a str },
    /// One field of them, which methods set later, too.
    Field { package: &'a str, ty: &'a str, field: &'a str },
}

/// One call.
#[derive(Clone, Debug)]
pub(super) struct Level<'a> {
    pub(super) callable: Callable<'a>,
    pub(super) given: Given<'a>,
    /// Where the call stands.
    pub(super) from: Arc<Here<'a>>,
    /// The whole call.
    pub(super) span: Span,
    /// The types between `::<` and `>`.
    pub(super) generics: &'a [Type],
}

/// What a call gives.
#[derive(Clone, Debug)]
pub(super) enum Given<'a> {
    /// Arguments, and the receiver of a method call.
    Call { receiver: Option<&'a Expr>, args: &'a [Expr] },
    /// Fields of a struct literal.
    Fields(&'a [(Ident, Expr)]),
    /// What is assigned to a field.
    Set(&'a Expr),
    /// One round of a loop.
    Item(Value),
}

impl<'a> Level<'a> {
    /// The argument at a position, the receiver being the first.
    pub(super) fn argument(&self, index: usize) -> Option<&'a Expr> {
        match &self.given {
            Given::Call { receiver: Some(receiver), .. } if index == 0 => Some(receiver),
            Given::Call { receiver: Some(_), args } => args.get(index.checked_sub(1)?),
            Given::Call { receiver: None, args } => args.get(index),
            _ => None,
        }
    }

    /// The value of a field.
    pub(super) fn field(&self, name: &str) -> Option<&'a Expr> {
        match &self.given {
            Given::Fields(fields) => fields.iter().find(|(n, _)| n.as_str() == name).map(|(_, value)| value),
            Given::Set(value) => matches!(self.callable, Callable::Field { field, .. } if field == name).then_some(*value),
            _ => None,
        }
    }
}

/// A parameter that an evaluation met and that no level gives.
#[derive(Clone, Debug)]
pub(super) struct Open<'a> {
    pub(super) callable: Callable<'a>,
    /// Levels that were left where it was met.
    pub(super) left: usize,
    /// The values of a loop.
    pub(super) items: Vec<Value>,
}

/// The list of levels with one more, which belongs where the parameter was met.
pub(super) fn insert<'a>(frames: &[Level<'a>], left: usize, level: Level<'a>) -> Arc<[Level<'a>]> {
    let mut at = frames.len().saturating_sub(left);
    // What stands inside the callable comes before it.
    while frames.get(at).is_some_and(|l| l.from.callables.contains(&level.callable)) {
        at += 1;
    }
    let (before, after) = frames.split_at(at.min(frames.len()));
    before.iter().cloned().chain(std::iter::once(level)).chain(after.iter().cloned()).collect()
}

/// The part of a value that a name in a pattern is bound to.
pub(super) fn part(pat: &Pat, name: &str, value: &Value) -> Option<Value> {
    match (pat, value) {
        (Pat::Ident(own, _), _) if own.as_str() == name => Some(value.clone()),
        (Pat::Reference(inner), _) => part(inner, name, value),
        (Pat::Tuple(pats), Value::Tuple(values) | Value::List(values)) => pats.iter().zip(values).find_map(|(p, v)| part(p, name, v)),
        (Pat::TupleStruct(path, pats), _) if matches!(path.last(), "Some" | "Ok") => part(pats.first()?, name, value),
        (Pat::Struct(_, pats), Value::Struct(_, fields)) => pats.iter().find_map(|(field, pat)| {
            let (_, value) = fields.iter().find(|(n, _)| **n == *field.name)?;
            part(pat, name, value)
        }),
        _ => None,
    }
}
