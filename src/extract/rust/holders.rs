//! The static, variable or field that holds a metric, behind names that only stand for it: `if let Some(hits) = &self.hits`,
//! `self.hits.as_ref().map(|hits| ..)`.

use super::prometheus::last_name;
use super::types::{field_bound, is_inner};
use super::walk::{Binding, Context, Origin, Parent};
use crate::syntax::rust::tree::{Expr, ExprKind};

/// Names that stand for one another.
const MAX_STEPS: usize = 6;

/// Methods that give what an option, a lock, a list or a cell holds.
const HOLDS: [&str; 15] =
    ["clone", "as_ref", "as_mut", "deref", "as_deref", "get", "unwrap", "expect", "lock", "read", "borrow", "load", "iter", "cloned", "ok"];
/// Methods that call a closure with what they are called on holds.
const GIVES: [&str; 9] = ["map", "and_then", "inspect", "for_each", "is_some_and", "map_or", "map_or_else", "is_none_or", "any"];

/// What an expression stands for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Holder<'a> {
    /// The name of the static, variable or field.
    pub(super) name: &'a str,
    /// What the variable is set to that it is, where that is no other holder: the metric may be defined there.
    pub(super) init: Option<&'a Expr>,
}

/// What holds what an expression names.
pub(super) fn of<'a>(expr: &'a Expr, cx: &Context<'a, '_>) -> Option<Holder<'a>> {
    let mut found = Holder { name: last_name(held(expr))?, init: None };
    let (mut expr, mut before) = (expr, cx.bindings.len());
    for _ in 0..MAX_STEPS {
        let Some((at, binding)) = variable(expr, cx, before) else { break };
        let set = match binding.origin {
            Origin::Let => binding.init,
            Origin::Part(pat) if is_inner(pat, binding.name) => binding.init,
            Origin::Each(_, pat) if is_inner(pat, binding.name) => binding.init,
            Origin::Param(parameter) if parameter.function.is_empty() => given(binding, cx),
            Origin::PartOf(parameter, pat) if parameter.function.is_empty() && is_inner(pat, binding.name) => given(binding, cx),
            Origin::Part(pat) => match field_bound(pat, binding.name, binding.file, cx.self_ty) {
                Some((_, field)) => return Some(Holder { name: field, init: None }),
                None => None,
            },
            _ => None,
        };
        let Some(set) = set.filter(|_| binding.file == cx.file) else { break };
        match last_name(held(set)) {
            Some(name) => found = Holder { name, init: None },
            None => {
                found.init = (binding.origin == Origin::Let).then_some(set);
                break;
            }
        }
        (expr, before) = (set, at);
    }
    Some(found)
}

/// The variable that an expression names.
fn variable<'c, 'a>(expr: &Expr, cx: &'c Context<'a, '_>, before: usize) -> Option<(usize, &'c Binding<'a>)> {
    let ExprKind::Path(path) = &held(expr).kind else { return None };
    let name = path.as_ident()?;
    cx.bindings.get(..before)?.iter().enumerate().rfind(|(_, b)| b.name == name)
}

/// What a method is called on that is given the closure whose parameter this is.
fn given<'a>(binding: &Binding<'a>, cx: &Context<'a, '_>) -> Option<&'a Expr> {
    let (Origin::Param(parameter) | Origin::PartOf(parameter, _)) = binding.origin else { return None };
    let super::frames::Callable::Closure { file, at } = parameter.callable else { return None };
    cx.parents.iter().rev().find_map(|parent| match parent {
        Parent::Expr(Expr { kind: ExprKind::MethodCall(call), .. }) if file == cx.file => {
            let gives = GIVES.contains(&call.method.as_str()) && parameter.index == 0;
            (gives && call.args.iter().any(|a| a.span.start == at)).then_some(&call.receiver)
        }
        _ => None,
    })
}

/// What is held by an option or the like, behind references.
pub(super) fn held(expr: &Expr) -> &Expr {
    match &expr.kind {
        ExprKind::Reference(inner) | ExprKind::Unary('*', inner) | ExprKind::Try(inner) => held(inner),
        ExprKind::MethodCall(call)
            if HOLDS.contains(&call.method.as_str()) && (call.args.is_empty() || call.method.as_str() == "expect") =>
        {
            held(&call.receiver)
        }
        _ => expr,
    }
}
