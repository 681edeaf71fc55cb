//! Lists: literals, ranges, repeated values.

use super::{Evaluator, MAX_LIST, Scope, Value};
use crate::syntax::rust::tree::Expr;

impl<'a> Evaluator<'a, '_> {
    pub(super) fn list(&self, items: impl IntoIterator<Item = &'a Expr>, scope: &Scope<'a, '_>) -> Value {
        Value::List(items.into_iter().map(|i| self.value(i, scope)).collect())
    }

    pub(super) fn repeat(&self, value: &'a Expr, length: &'a Expr, scope: &Scope<'a, '_>) -> Value {
        match self.value(length, scope) {
            Value::Number(n) if n >= 0.0 && n <= MAX_LIST as f64 => {
                let item = self.value(value, scope);
                // A list of lists has no use as bounds or names: its length is enough.
                if item.weight(2) > 1 { Value::Count(n as usize) } else { Value::List(vec![item; n as usize]) }
            }
            Value::Number(n) if n >= 0.0 => Value::Count(n as usize),
            Value::Unknown(reason) => Value::Unknown(reason),
            _ => Value::unknown("a list whose length is decided at run time"),
        }
    }

    pub(super) fn range(&self, start: Option<&'a Expr>, end: Option<&'a Expr>, inclusive: bool, scope: &Scope<'a, '_>) -> Value {
        let bound = |e: Option<&'a Expr>| e.map(|e| self.value(e, scope));
        match (bound(start), bound(end)) {
            (Some(Value::Number(a)), Some(Value::Number(b))) => {
                let length = (b - a + f64::from(u8::from(inclusive))).max(0.0).ceil();
                if length <= MAX_LIST as f64 {
                    Value::List((0..length as usize).map(|i| Value::Number(a + i as f64)).collect())
                } else {
                    Value::Count(length as usize)
                }
            }
            (Some(Value::Unknown(reason)), _) | (_, Some(Value::Unknown(reason))) => Value::Unknown(reason),
            _ => Value::unknown("a range whose ends are decided at run time"),
        }
    }
}

/// The elements of `start, start*factor, ..` or `start, start+width, ..`.
pub(in crate::extract::rust) fn series(start: f64, step: f64, count: f64, geometric: bool) -> Value {
    if !(0.0..=MAX_LIST as f64).contains(&count) {
        return Value::unknown("a number of buckets that is not plausible");
    }
    let mut next = start;
    Value::List(
        (0..count as usize)
            .map(|i| {
                let bound = if geometric { next } else { start + step * i as f64 };
                next *= step;
                Value::Number(bound)
            })
            .collect(),
    )
}
