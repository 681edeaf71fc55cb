//! Which way a condition or a `match` goes, where what it depends on is known.

use super::super::walk::{Binding, Origin};
use super::{Evaluator, Scope, Value, diverges, one_of};
use crate::syntax::rust::tree::{Arg, Arm, Block, Expr, ExprKind, Pat};

impl<'a> Evaluator<'a, '_> {
    /// The value of an `if`: of the branch that is taken, where that is known.
    pub(super) fn branch(&self, cond: &'a Expr, then: &'a Block, otherwise: Option<&'a Expr>, scope: &Scope<'a, '_>) -> Value {
        let decided = self.holds(cond, scope);
        let mut values = Vec::new();
        if decided != Some(false) {
            let bindings = bound_by(cond, scope);
            values.push(self.block(then, &scope.among(&bindings)));
        }
        if decided != Some(true) {
            values.extend(otherwise.map(|e| self.value(e, scope)));
        }
        one_of(values)
    }

    /// Whether a condition holds.
    pub(in crate::extract::rust) fn holds(&self, cond: &'a Expr, scope: &Scope<'a, '_>) -> Option<bool> {
        match &cond.kind {
            ExprKind::Let(pat, value) => self.matches(pat, &self.value(value, scope), scope),
            ExprKind::Unary('!', inner) => self.holds(inner, scope).map(|held| !held),
            ExprKind::MethodCall(call) if call.args.is_empty() && matches!(call.method.as_str(), "is_some" | "is_none") => {
                let some = match self.value(&call.receiver, scope) {
                    Value::Absent => false,
                    Value::Unknown(_) | Value::OneOf(_) => return None,
                    _ => true,
                };
                Some(some == (call.method.as_str() == "is_some"))
            }
            ExprKind::MethodCall(call) if call.args.is_empty() && call.method.as_str() == "is_empty" => {
                match self.value(&call.receiver, scope) {
                    Value::Text(text) if text.known => Some(text.text.is_empty()),
                    Value::List(items) => Some(items.is_empty()),
                    _ => None,
                }
            }
            // What is read is no test.
            ExprKind::Macro(call) if call.path.last() == "cfg" => match call.args.as_slice() {
                [Arg { value: Some(Expr { kind: ExprKind::Path(path), .. }), .. }] if path.as_ident() == Some("test") => Some(false),
                _ => None,
            },
            // A parameter of a type may hide a constant of its name, and a build may change one.
            ExprKind::Path(path) if path.last().starts_with(char::is_uppercase) => None,
            _ => match self.value(cond, scope) {
                Value::Bool(held) => Some(held),
                _ => None,
            },
        }
    }

    /// The value of a `match`: of the arm that is taken, where that is known.
    pub(super) fn chosen(&self, value: &'a Expr, arms: &'a [Arm], scope: &Scope<'a, '_>) -> Value {
        let of = |arm: &'a Arm| {
            let bindings = with_names(&arm.pat, value, scope);
            self.value(&arm.body, &scope.among(&bindings))
        };
        if let Some(arm) = self.taken(value, arms, scope) {
            return of(arm);
        }
        one_of(arms.iter().filter(|a| !diverges(&a.body)).map(of).collect())
    }

    /// The arm of a `match` that is taken, where that is known.
    pub(in crate::extract::rust) fn taken(&self, value: &'a Expr, arms: &'a [Arm], scope: &Scope<'a, '_>) -> Option<&'a Arm> {
        let value = self.value(value, scope);
        if matches!(value, Value::Unknown(_)) {
            return None;
        }
        for arm in arms {
            match self.matches(&arm.pat, &value, scope) {
                Some(true) if arm.guard.is_none() => return Some(arm),
                Some(false) => {}
                _ => break,
            }
        }
        None
    }

    /// Whether a value matches a pattern, where both are known.
    fn matches(&self, pat: &'a Pat, value: &Value, scope: &Scope<'a, '_>) -> Option<bool> {
        match (pat, value) {
            (Pat::Wild, _) => Some(true),
            (Pat::Reference(inner), _) => self.matches(inner, value, scope),
            (Pat::Or(pats), _) => {
                let all: Vec<Option<bool>> = pats.iter().map(|p| self.matches(p, value, scope)).collect();
                if all.contains(&Some(true)) { Some(true) } else { all.into_iter().collect::<Option<Vec<_>>>().map(|_| false) }
            }
            (Pat::Ident(name, None), Value::Variant(_, _, variant)) if name.as_str().starts_with(char::is_uppercase) => {
                Some(*name.name == **variant)
            }
            // What an option holds stands for itself.
            (_, Value::Unknown(_) | Value::OneOf(_)) => None,
            (Pat::Ident(name, None), _) if name.as_str() == "None" => Some(matches!(value, Value::Absent)),
            (Pat::Ident(_, None), _) => Some(true),
            (Pat::TupleStruct(path, inner), _) if path.last() == "Some" && !matches!(value, Value::Variant(..)) => match value {
                Value::Absent => Some(false),
                value => inner.first().map_or(Some(true), |pat| self.matches(pat, value, scope)),
            },
            (Pat::TupleStruct(path, _) | Pat::Struct(path, _), Value::Variant(_, _, variant)) => Some(path.last() == &**variant),
            (Pat::Value(expr), Value::Variant(_, _, variant)) => match &expr.kind {
                ExprKind::Path(path) => Some(path.last() == &**variant),
                _ => None,
            },
            (Pat::Value(expr), Value::Text(text)) if text.known => match self.value(expr, scope) {
                Value::Text(other) if other.known => Some(other.text == text.text),
                _ => None,
            },
            (Pat::Value(expr), Value::Bool(_) | Value::Number(_)) => match self.value(expr, scope) {
                other @ (Value::Bool(_) | Value::Number(_)) => Some(other == *value),
                _ => None,
            },
            _ => None,
        }
    }
}

/// The names in scope where a condition holds.
pub(in crate::extract::rust) fn bound_by<'a>(cond: &'a Expr, scope: &Scope<'a, '_>) -> Vec<Binding<'a>> {
    match &cond.kind {
        ExprKind::Let(pat, value) => with_names(pat, value, scope),
        _ => scope.bindings.to_vec(),
    }
}

/// The names in scope where a value matches a pattern.
pub(in crate::extract::rust) fn with_names<'a>(pat: &'a Pat, value: &'a Expr, scope: &Scope<'a, '_>) -> Vec<Binding<'a>> {
    let mut bindings = scope.bindings.to_vec();
    let mut names = Vec::new();
    names_in(pat, &mut names);
    let plain = match &value.kind {
        ExprKind::Path(path) => path.as_ident(),
        _ => None,
    };
    for name in names.into_iter().filter(|name| plain != Some(name)) {
        bindings.push(Binding { name, ty: None, init: Some(value), file: scope.file, after: None, origin: Origin::Part(pat) });
    }
    bindings
}

fn names_in<'a>(pat: &'a Pat, names: &mut Vec<&'a str>) {
    match pat {
        Pat::Ident(name, inner) => {
            if !name.as_str().starts_with(char::is_uppercase) {
                names.push(name.as_str());
            }
            inner.iter().for_each(|inner| names_in(inner, names));
        }
        Pat::TupleStruct(_, pats) | Pat::Tuple(pats) => pats.iter().for_each(|p| names_in(p, names)),
        Pat::Struct(_, fields) => fields.iter().for_each(|(_, p)| names_in(p, names)),
        Pat::Or(pats) => pats.first().into_iter().for_each(|p| names_in(p, names)),
        Pat::Reference(inner) => names_in(inner, names),
        Pat::Wild | Pat::Value(_) | Pat::Other => {}
    }
}
