//! What a function gives before its last expression: `if plain { return ..; }`.

use super::{Evaluator, Scope, Value, one_of};
use crate::syntax::rust::tree::{Block, Expr, ExprKind, Stmt};

impl<'a> Evaluator<'a, '_> {
    /// The value of a function's body: what it returns under a condition that holds, or may hold, else that of its last expression.
    pub(super) fn body(&self, body: &'a Block, scope: &Scope<'a, '_>) -> Value {
        let mut perhaps = Vec::new();
        for stmt in &body.stmts {
            let Stmt::Expr(Expr { kind: ExprKind::If(cond, then, None), .. }, _) = stmt else { continue };
            let Some(returned) = returned(then) else { continue };
            // What is bound after it is not in scope.
            let mut bindings = self.bindings_in(body, scope);
            bindings.retain(|b| b.file != scope.file || b.init.is_none_or(|init| init.span.end <= cond.span.start));
            let here = scope.at_tail(&bindings, cond);
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
        match self.block(body, scope) {
            value if perhaps.is_empty() => value,
            value => one_of(perhaps.into_iter().chain([value]).collect()),
        }
    }
}

/// What a block returns at its end.
fn returned(block: &Block) -> Option<&Expr> {
    match block.stmts.last()? {
        Stmt::Expr(Expr { kind: ExprKind::Return(Some(value)), .. }, _) => Some(value),
        _ => None,
    }
}
