//! What statements decide of the value of a function or variable: `if plain { return ..; }`, `self.prefix = prefix;`.

use super::super::walk::Binding;
use super::{Evaluator, Scope, Value, one_of, tail};
use crate::syntax::rust::tree::{Block, Expr, ExprKind, Stmt};

/// The type of an object and its fields.
type Object = (Box<str>, Vec<(Box<str>, Value)>);

impl<'a> Evaluator<'a, '_> {
    /// The value of a function's body: what it returns under a condition that holds, or may hold, else that of its last expression.
    pub(super) fn body(&self, body: &'a Block, scope: &Scope<'a, '_>) -> Value {
        let mut perhaps = Vec::new();
        let mut all = None;
        for stmt in &body.stmts {
            let Stmt::Expr(Expr { kind: ExprKind::If(cond, then, None), .. }, _) = stmt else { continue };
            let Some(returned) = returned(then) else { continue };
            let all: &Vec<Binding<'a>> = all.get_or_insert_with(|| self.bindings_in(body, scope));
            let here = scope.at_tail(bound_before(all, cond, scope), cond);
            let holds = self.holds(cond, &here);
            if holds == Some(false) {
                continue;
            }
            let inner = self.bindings_in(then, &here);
            let value = self.value(returned, &here.at_tail(&inner, returned));
            if holds == Some(true) {
                perhaps.push(value);
                return one_of(perhaps);
            }
            // What only a configuration gives says nothing of what the code has.
            if value.is_known() && !matches!(value, Value::Absent) {
                perhaps.push(value);
            }
        }
        let value = match (self.block(body, scope), tail(body).and_then(variable)) {
            // `mut self` or another parameter, with what was set of it.
            (Value::Struct(ty, fields), Some(name)) if scope.given(name).is_some() => {
                let statements: Vec<&'a Stmt> = body.stmts.iter().collect();
                self.after_setting(name, (ty, fields), body, &statements, scope)
            }
            (value, _) => value,
        };
        if perhaps.is_empty() { value } else { one_of(perhaps.into_iter().chain([value]).collect()) }
    }

    /// An object that a variable of a block holds, after statements that set fields of it.
    pub(super) fn after_setting(
        &self,
        name: &str,
        (ty, mut fields): Object,
        block: &'a Block,
        statements: &[&'a Stmt],
        scope: &Scope<'a, '_>,
    ) -> Value {
        let all = std::cell::OnceCell::new();
        let worth = |value: &'a Expr| {
            let all: &Vec<Binding<'a>> = all.get_or_init(|| self.bindings_in(block, scope));
            self.value(value, &scope.at_tail(bound_before(all, value, scope), value))
        };
        for stmt in statements {
            let Stmt::Expr(expr, _) = stmt else { continue };
            if let Some((field, value)) = set_field(expr, name) {
                let value = worth(value);
                put(&mut fields, field, |_| value);
            } else if let ExprKind::If(_, then, _) = &expr.kind {
                // It is what it was, or what is set under the condition.
                let inner = then.stmts.iter().filter_map(|s| if let Stmt::Expr(e, _) = s { set_field(e, name) } else { None });
                for (field, value) in inner {
                    let value = worth(value);
                    put(&mut fields, field, |old| one_of(old.into_iter().chain([value]).collect()));
                }
            }
        }
        Value::Struct(ty, fields)
    }
}

/// What a place in a block sees of all that is bound in it and around it.
fn bound_before<'a, 'b>(all: &'b [Binding<'a>], place: &Expr, scope: &Scope<'a, '_>) -> &'b [Binding<'a>] {
    let outer = scope.bindings.len();
    let own = all.iter().skip(outer).take_while(|b| b.init.is_none_or(|init| init.span.end <= place.span.start)).count();
    all.get(..outer + own).unwrap_or(all)
}

/// The field of the object that a variable holds which an expression sets, and to what.
fn set_field<'a>(expr: &'a Expr, name: &str) -> Option<(&'a str, &'a Expr)> {
    let ExprKind::Assign(place, value) = &expr.kind else { return None };
    match &place.kind {
        ExprKind::Field(base, field) if variable(base) == Some(name) => Some((field.as_str(), value)),
        _ => None,
    }
}

fn variable(expr: &Expr) -> Option<&str> {
    if let ExprKind::Path(path) = &expr.kind { path.as_ident() } else { None }
}

/// Puts another value into a field.
fn put(fields: &mut Vec<(Box<str>, Value)>, field: &str, value: impl FnOnce(Option<Value>) -> Value) {
    match fields.iter().position(|(own, _)| **own == *field) {
        Some(at) => {
            if let Some((_, slot)) = fields.get_mut(at) {
                *slot = value(Some(std::mem::replace(slot, Value::Absent)));
            }
        }
        None => fields.push((field.into(), value(None))),
    }
}

/// What a block returns at its end.
fn returned(block: &Block) -> Option<&Expr> {
    match block.stmts.last()? {
        Stmt::Expr(Expr { kind: ExprKind::Return(Some(value)), .. }, _) => Some(value),
        _ => None,
    }
}
