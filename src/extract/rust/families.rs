//! The `prometheus` crate's exposition messages: a `MetricFamily` that code fills in by hand.

use super::draft::{Draft, help_of, name_of, unresolved};
use super::prometheus::Collector;
use super::values::Scope;
use super::walk::{Context, Origin, Parent};
use crate::model::{Buckets, MetricType};
use crate::source::Span;
use crate::syntax::rust::tree::{Block, Expr, ExprKind, MethodCall, Path, Stmt};

const MAX_DEPTH: usize = 10;

impl<'a> Collector<'a, '_> {
    /// `family.set_name(..)`, together with the other statements of the block that fill the same family in.
    pub(super) fn family_named(&mut self, call: &'a MethodCall, span: Span, cx: &Context<'a, '_>) {
        let (ExprKind::Path(receiver), [name]) = (&call.receiver.kind, call.args.as_slice()) else { return };
        let scope = Scope::of(cx, span);
        let Some((variable, (binding, _))) = receiver.as_ident().and_then(|v| Some((v, scope.binding(v)?))) else { return };
        let (Some(init), Some((block, next))) = (binding.init, binding.after) else { return };
        if !makes_family(init) {
            return;
        }
        let name = match name_of(self.eval.value(name, &scope)) {
            Ok(name) => name,
            Err(reason) => {
                self.found.unresolved.push(unresolved(self.library, reason, cx.location(span)));
                return;
            }
        };
        let set = |method: &str| setters(block, next, variable).find(|c| c.method.as_str() == method).and_then(|c| c.args.first());
        let kind = set("set_field_type").and_then(|ty| self.family_type(ty, &scope, 0)).unwrap_or(MetricType::Unknown);
        let mut draft = Draft::new(self.library, name, kind, span, cx);
        draft.exclusive = false;
        draft.labels_complete = false;
        if let Some(help) = set("set_help") {
            draft.help = help_of(&self.eval.value(help, &scope));
        }
        if kind == MetricType::Histogram {
            draft.buckets = Buckets::RunTime { count: None, location: None };
        }
        self.found.drafts.push(draft);
    }

    /// The type that `MetricType::GAUGE` stands for, also where a caller gives it.
    fn family_type(&self, expr: &'a Expr, scope: &Scope<'a, '_>, depth: usize) -> Option<MetricType> {
        match &expr.kind {
            ExprKind::Path(path) => match path.as_ident().and_then(|name| scope.binding(name)).filter(|_| depth < MAX_DEPTH) {
                Some((binding, inner)) => match (binding.origin, binding.init) {
                    (Origin::Let, Some(init)) => self.family_type(init, &inner, depth + 1),
                    (Origin::Param(parameter), _) => {
                        let (argument, outer) = self.eval.argument(parameter, &inner)?;
                        self.family_type(argument, &outer, depth + 1)
                    }
                    _ => None,
                },
                None => Some(MetricType::parse(&path.last().to_ascii_lowercase())),
            },
            ExprKind::MethodCall(call) if call.args.is_empty() => self.family_type(&call.receiver, scope, depth + 1),
            _ => None,
        }
    }

    /// A family that is made and whose name nothing in its block sets.
    pub(super) fn family_made(&mut self, path: &Path, span: Span, cx: &Context<'a, '_>) {
        if !is_family(path) {
            return;
        }
        let variable = cx.parents.last().and_then(|parent| match parent {
            Parent::Let(statement) => statement.pat.as_ident(),
            _ => None,
        });
        let after = cx.functions.last().and_then(|(_, function)| function.body.as_ref());
        let named = variable.zip(after).is_some_and(|(v, body)| sets_name(body, v.as_str(), 0));
        if !named {
            let reason = "a `MetricFamily` that is filled in by hand".to_owned();
            self.found.unresolved.push(unresolved(self.library, reason, cx.location(span)));
        }
    }
}

fn makes_family(init: &Expr) -> bool {
    match &init.kind {
        ExprKind::Call(callee, _) => matches!(&callee.kind, ExprKind::Path(path) if is_family(path)),
        _ => false,
    }
}

fn is_family(path: &Path) -> bool {
    path.names().rev().nth(1) == Some("MetricFamily")
}

/// The methods that the statements of a block call on a variable.
fn setters<'a>(block: &'a Block, next: usize, variable: &'a str) -> impl Iterator<Item = &'a MethodCall> {
    block.stmts.iter().skip(next).filter_map(move |stmt| match stmt {
        Stmt::Expr(expr, _) => match &expr.kind {
            ExprKind::MethodCall(call) if matches!(&call.receiver.kind, ExprKind::Path(p) if p.as_ident() == Some(variable)) => {
                Some(&**call)
            }
            _ => None,
        },
        _ => None,
    })
}

/// Whether a block, or one of its blocks, names a family that a variable holds.
fn sets_name(block: &Block, variable: &str, depth: usize) -> bool {
    if depth > MAX_DEPTH {
        return false;
    }
    let inside = |stmt: &Stmt| match stmt {
        Stmt::Expr(expr, _) => match &expr.kind {
            ExprKind::Block(inner)
            | ExprKind::For(_, _, inner)
            | ExprKind::While(_, inner)
            | ExprKind::Loop(inner)
            | ExprKind::If(_, inner, _) => sets_name(inner, variable, depth + 1),
            _ => false,
        },
        _ => false,
    };
    setters(block, 0, variable).any(|c| c.method.as_str() == "set_name") || block.stmts.iter().any(inside)
}
