//! Labels that lists of pairs give.

use super::draft::{literals, sanitized_label};
use super::metrics::Given;
use super::provenance::{self, ValueAt};
use super::values::{Evaluator, Scope, Text, Value};
use super::walk::Origin;
use crate::syntax::rust::tree::{Expr, ExprKind};

/// Adds a label; one that is there already has more values than one place tells.
pub(super) fn add_once(labels: &mut Vec<Given>, given: Given) {
    match labels.iter_mut().find(|l| l.name.text == given.name.text) {
        Some(label) => (label.values, label.at) = (None, None),
        None => labels.push(given),
    }
}

/// Labels of a list of pairs; says whether all could be read.
pub(super) fn pairs(items: &[Value], written: &[Option<ValueAt>], labels: &mut Vec<Given>) -> bool {
    let mut complete = true;
    for (at, item) in items.iter().enumerate() {
        let at = written.get(at).copied().flatten().filter(|_| written.len() == items.len());
        match item {
            Value::Tuple(parts) => match parts.as_slice() {
                [Value::Text(name), value] if name.known => {
                    let name = Text { text: sanitized_label(&name.text), ..name.clone() };
                    labels.push(Given { name, values: literals(value), at });
                }
                _ => complete = false,
            },
            _ => complete = false,
        }
    }
    complete
}

/// Parameters and variables between a use and a list that a caller writes.
const MAX_STEPS: usize = 6;

/// Where the values of a list of pairs are that callers hand over: `count("served", &[("kind", kind)])`.
pub(super) fn handed_over<'a>(list: &'a Expr, scope: &Scope<'a, '_>, eval: &Evaluator<'a, '_>) -> Vec<Option<ValueAt>> {
    written(list, scope, eval, MAX_STEPS)
}

fn written<'a>(list: &'a Expr, scope: &Scope<'a, '_>, eval: &Evaluator<'a, '_>, steps: usize) -> Vec<Option<ValueAt>> {
    let Some(steps) = steps.checked_sub(1) else { return Vec::new() };
    let all = |items: &'a [Expr]| items.iter().map(|item| provenance::second(scope.file, item)).collect();
    match &provenance::inner(list).kind {
        ExprKind::Array(items) => all(items),
        ExprKind::Path(path) => {
            let Some((binding, inner)) = path.as_ident().and_then(|name| scope.binding(name)) else { return Vec::new() };
            match (binding.origin, binding.init) {
                (Origin::Param(parameter), _) => {
                    eval.argument(parameter, &inner).map(|(given, outer)| written(given, &outer, eval, steps)).unwrap_or_default()
                }
                (Origin::Let, Some(init)) => written(init, &inner, eval, steps),
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}
