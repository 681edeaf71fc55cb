//! The expressions that give labels their values, found and found again.

use super::super::types;
use super::super::walk::{Binding, Context, Origin};
use super::super::world::{FunctionAt, World};
use super::ValueAt;
use super::index::Index;
use super::scope::{From, Scope};
use super::trace::{root, tail};
use super::visit::{Node, every, parts};
use crate::source::Span;
use crate::syntax::rust::tree::{Expr, ExprKind, ItemKind, Stmt};

/// Variables between a use and the list it gives.
const MAX_STEPS: usize = 4;

/// The elements of a list of label values, through references and local variables.
pub(in super::super) fn elements<'a>(expr: &'a Expr, cx: &Context<'a, '_>) -> Vec<ValueAt> {
    let items = list(expr, cx, MAX_STEPS);
    items.into_iter().map(|(file, item)| ValueAt::new(file, inner(item).span)).collect()
}

/// The list of label values itself, whose elements are not written there.
pub(in super::super) fn list_at<'a>(expr: &'a Expr, cx: &Context<'a, '_>) -> ValueAt {
    ValueAt::new(cx.file, inner(expr).span)
}

/// How many elements a list has that is written as one, there or where its variable is set.
pub(in super::super) fn written<'a>(expr: &'a Expr, cx: &Context<'a, '_>) -> Option<usize> {
    match &inner(expr).kind {
        ExprKind::Array(items) => Some(items.len()),
        ExprKind::Path(path) => {
            let name = path.as_ident()?;
            let binding = cx.bindings.iter().rev().find(|b| b.name == name)?;
            let init = binding.init.filter(|_| binding.origin == Origin::Let && binding.file == cx.file)?;
            match &inner(init).kind {
                ExprKind::Array(items) => Some(items.len()),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The values of a list of pairs.
pub(in super::super) fn pairs<'a>(expr: &'a Expr, cx: &Context<'a, '_>) -> Vec<Option<ValueAt>> {
    list(expr, cx, MAX_STEPS).into_iter().map(|(file, item)| second(file, item)).collect()
}

/// The value of a pair.
pub(in super::super) fn second(file: usize, pair: &Expr) -> Option<ValueAt> {
    match &inner(pair).kind {
        ExprKind::Tuple(parts) => parts.get(1).map(|value| ValueAt::new(file, inner(value).span)),
        // `KeyValue::new("name", value)`, `Label::new(..)`
        ExprKind::Call(_, args) if args.len() == 2 => args.get(1).map(|value| ValueAt::new(file, inner(value).span)),
        // `KEY.string(value)`
        ExprKind::MethodCall(call) if call.args.len() == 1 => call.args.first().map(|value| ValueAt::new(file, inner(value).span)),
        _ => None,
    }
}

/// What a variable starts with and the function around a use pushes onto it, wherever it does: not all of it need be there at the
/// use, nor be all.
pub(in super::super) fn pushed<'a>(list: &'a Expr, cx: &Context<'a, '_>) -> Vec<&'a Expr> {
    let start = self::list(list, cx, MAX_STEPS);
    let mut all: Vec<&'a Expr> = start.into_iter().filter(|(file, _)| *file == cx.file).map(|(_, item)| item).collect();
    let body = cx.functions.last().and_then(|(_, function)| function.body.as_ref());
    let (Some(name), Some(body)) = (root(list), body) else { return all };
    every(Node::Block(body), true, &mut |expr| {
        if let ExprKind::MethodCall(call) = &expr.kind
            && call.method.as_str() == "push"
            && root(&call.receiver) == Some(name)
            && let [item] = call.args.as_slice()
        {
            all.push(item);
        }
    });
    all
}

fn list<'a>(expr: &'a Expr, cx: &Context<'a, '_>, steps: usize) -> Vec<(usize, &'a Expr)> {
    let Some(steps) = steps.checked_sub(1) else { return Vec::new() };
    let all = |items: &'a [Expr]| items.iter().map(|item| (cx.file, item)).collect();
    match &expr.kind {
        ExprKind::Reference(inner) => list(inner, cx, steps + 1),
        // `[..][..]`
        ExprKind::Index(inner, at) if matches!(at.kind, ExprKind::Range(None, None, _)) => list(inner, cx, steps + 1),
        ExprKind::Array(items) => all(items),
        ExprKind::Macro(call) if call.is("vec") => call.args.iter().filter_map(|a| a.value.as_ref()).map(|v| (cx.file, v)).collect(),
        ExprKind::MethodCall(call) => {
            let made = types::type_of(cx.world, &call.receiver, &cx.here)
                .map(|ty| cx.world.methods_seen_from(ty.file, ty.name, call.method.as_str()));
            let made = made.map(|all| made_by(&all)).unwrap_or_default();
            if made.is_empty() && call.args.is_empty() { list(&call.receiver, cx, steps + 1) } else { made }
        }
        ExprKind::Call(callee, _) => {
            let ExprKind::Path(path) = &callee.kind else { return Vec::new() };
            let names: Vec<&str> = path.names().collect();
            made_by(&cx.world.functions(cx.file, &names, cx.self_ty))
        }
        ExprKind::Path(path) => {
            let binding = path.as_ident().and_then(|name| cx.bindings.iter().rev().find(|b| b.name == name));
            let written = |b: &&Binding<'a>| b.origin == Origin::Let && b.file == cx.file && !is_put_into(b.name, cx);
            match binding.filter(written).and_then(|b| b.init) {
                Some(init) => list(init, cx, steps),
                None => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

/// Whether the function around puts something at a position of a list.
fn is_put_into(name: &str, cx: &Context<'_, '_>) -> bool {
    let Some(body) = cx.functions.last().and_then(|(_, function)| function.body.as_ref()) else { return false };
    let text = cx.world.text(cx.file, body.span).unwrap_or_default();
    let mut put = false;
    // Most lists are never indexed.
    if text.contains(&format!("{name}[")) {
        every(Node::Block(body), true, &mut |expr| {
            put |= matches!(&expr.kind, ExprKind::Assign(place, _) if matches!(&place.kind, ExprKind::Index(list, _) if root(list) == Some(name)));
        });
    }
    put
}

/// The elements of the list that a function ends with.
fn made_by<'a>(functions: &[FunctionAt<'a>]) -> Vec<(usize, &'a Expr)> {
    let [only] = functions else { return Vec::new() };
    let last = only.function.body.as_ref().and_then(|body| tail(body)).map(inner);
    match last.map(|last| &last.kind) {
        Some(ExprKind::Array(items)) => items.iter().map(|item| (only.place.file, item)).collect(),
        _ => Vec::new(),
    }
}

/// The elements of a list, as a scope sees it.
pub(super) fn listed<'a>(expr: &'a Expr, scope: &Scope<'a>) -> Vec<(usize, &'a Expr)> {
    listed_in(expr, scope, MAX_STEPS)
}

fn listed_in<'a>(expr: &'a Expr, scope: &Scope<'a>, steps: usize) -> Vec<(usize, &'a Expr)> {
    let Some(steps) = steps.checked_sub(1) else { return Vec::new() };
    match &expr.kind {
        ExprKind::Reference(inner) => listed_in(inner, scope, steps + 1),
        ExprKind::Index(inner, at) if matches!(at.kind, ExprKind::Range(None, None, _)) => listed_in(inner, scope, steps + 1),
        ExprKind::Array(items) => items.iter().map(|item| (scope.file, item)).collect(),
        ExprKind::Macro(call) if call.is("vec") => call.args.iter().filter_map(|a| a.value.as_ref()).map(|v| (scope.file, v)).collect(),
        ExprKind::MethodCall(call) if call.args.is_empty() => listed_in(&call.receiver, scope, steps + 1),
        ExprKind::Path(path) => match path.as_ident().and_then(|name| scope.binding(name)) {
            Some((_, From::Let(statement), before)) => statement.init.iter().flat_map(|init| listed_in(init, &before, steps)).collect(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// What a reference refers to, or a slice of all of it.
pub(in super::super) fn inner(expr: &Expr) -> &Expr {
    match &expr.kind {
        ExprKind::Reference(value) => inner(value),
        ExprKind::Index(value, at) if matches!(at.kind, ExprKind::Range(None, None, _)) => inner(value),
        _ => expr,
    }
}

/// The expression of exactly these bytes.
pub(super) fn expr_at<'a>(world: &World<'a>, index: &Index<'a>, at: ValueAt) -> Option<&'a Expr> {
    if let Some(body) = index.around(at.file, at.span).and_then(|f| f.function.body.as_ref()) {
        return find(Node::Block(body), at.span);
    }
    let mut items = world.files.get(at.file)?.tree.items.iter();
    items.find_map(|item| match &item.kind {
        ItemKind::Const { value: Some(value), .. } => find(Node::Expr(value), at.span),
        _ => None,
    })
}

fn find(node: Node<'_>, span: Span) -> Option<&Expr> {
    let holds = |outer: Span| outer.start <= span.start && span.end <= outer.end;
    match node {
        Node::Expr(expr) if expr.span == span => Some(expr),
        Node::Expr(expr) => {
            let mut found = None;
            if holds(expr.span) {
                parts(expr, &mut |part| found = found.or_else(|| find(part, span)));
            }
            found
        }
        Node::Block(block) => block.stmts.iter().find_map(|s| find(Node::Stmt(s), span)),
        Node::Stmt(Stmt::Expr(expr, _)) => find(Node::Expr(expr), span),
        Node::Stmt(Stmt::Let(statement)) => statement.init.iter().chain(&statement.otherwise).find_map(|e| find(Node::Expr(e), span)),
        Node::Stmt(Stmt::Item(_)) | Node::Item(_) => None,
    }
}
