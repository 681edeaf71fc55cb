//! The parts of an expression, in the order of the text.

use rustc_hash::FxHashSet as HashSet;

use super::super::world::{World, is_type};
use crate::syntax::rust::tree::{Arg, Block, Expr, ExprKind, Item, Let, Stmt};

/// A part.
#[derive(Clone, Copy)]
pub(in super::super) enum Node<'a> {
    Expr(&'a Expr),
    Block(&'a Block),
    Stmt(&'a Stmt),
    Item(&'a Item),
}

/// The direct parts of a macro call.
pub(in super::super) fn children<'a>(args: &'a [Arg], stmts: &'a [Stmt], items: &'a [Item], show: &mut dyn FnMut(Node<'a>)) {
    for arg in args {
        arg.key.iter().for_each(|key| show(Node::Expr(&key.0)));
        arg.value.iter().for_each(|value| show(Node::Expr(value)));
    }
    items.iter().for_each(|item| show(Node::Item(item)));
    stmts.iter().for_each(|stmt| show(Node::Stmt(stmt)));
}

/// The direct parts of an expression.
pub(in super::super) fn parts<'a>(expr: &'a Expr, show: &mut dyn FnMut(Node<'a>)) {
    match &expr.kind {
        ExprKind::Lit(_) | ExprKind::Path(_) | ExprKind::Other => {}
        ExprKind::Call(callee, args) => {
            show(Node::Expr(callee));
            args.iter().for_each(|a| show(Node::Expr(a)));
        }
        ExprKind::MethodCall(call) => {
            show(Node::Expr(&call.receiver));
            call.args.iter().for_each(|a| show(Node::Expr(a)));
        }
        ExprKind::Macro(call) => children(&call.args, &call.stmts, &call.items, show),
        ExprKind::Array(items) | ExprKind::Tuple(items) => items.iter().for_each(|a| show(Node::Expr(a))),
        ExprKind::Struct(made) => {
            made.fields.iter().for_each(|(_, value)| show(Node::Expr(value)));
            made.rest.iter().for_each(|rest| show(Node::Expr(rest)));
        }
        ExprKind::Closure(_, body) => show(Node::Expr(body)),
        ExprKind::Block(block) | ExprKind::Async(block) | ExprKind::Loop(block) => show(Node::Block(block)),
        ExprKind::If(cond, then, otherwise) => {
            show(Node::Expr(cond));
            show(Node::Block(then));
            otherwise.iter().for_each(|e| show(Node::Expr(e)));
        }
        ExprKind::Match(value, arms) => {
            show(Node::Expr(value));
            for arm in arms {
                arm.guard.iter().for_each(|g| show(Node::Expr(g)));
                show(Node::Expr(&arm.body));
            }
        }
        ExprKind::For(_, value, body) | ExprKind::While(value, body) => {
            show(Node::Expr(value));
            show(Node::Block(body));
        }
        ExprKind::Repeat(a, b) | ExprKind::Binary(_, a, b) | ExprKind::Assign(a, b) | ExprKind::Index(a, b) => {
            show(Node::Expr(a));
            show(Node::Expr(b));
        }
        ExprKind::Let(_, inner)
        | ExprKind::Unary(_, inner)
        | ExprKind::Reference(inner)
        | ExprKind::Cast(inner, _)
        | ExprKind::Field(inner, _)
        | ExprKind::Try(inner)
        | ExprKind::Await(inner) => show(Node::Expr(inner)),
        ExprKind::Range(start, end, _) => start.iter().chain(end).for_each(|e| show(Node::Expr(e))),
        ExprKind::Return(value) | ExprKind::Break(value) => value.iter().for_each(|e| show(Node::Expr(e))),
    }
}

/// Every expression of a block outside of closures and nested items, itself a part before its parts.
pub(in super::super) fn every<'a>(node: Node<'a>, closures: bool, show: &mut dyn FnMut(&'a Expr)) {
    match node {
        Node::Expr(expr) => {
            show(expr);
            if closures || !matches!(expr.kind, ExprKind::Closure(..) | ExprKind::Async(_)) {
                parts(expr, &mut |node| every(node, closures, show));
            }
        }
        Node::Block(block) => block.stmts.iter().for_each(|s| every(Node::Stmt(s), closures, show)),
        Node::Stmt(Stmt::Expr(expr, _)) => every(Node::Expr(expr), closures, show),
        Node::Stmt(Stmt::Let(statement)) => {
            statement.init.iter().chain(&statement.otherwise).for_each(|e| every(Node::Expr(e), closures, show));
        }
        Node::Stmt(Stmt::Item(_)) | Node::Item(_) => {}
    }
}

/// Every `let` of a block outside of nested items.
pub(in super::super) fn lets<'a>(node: Node<'a>, show: &mut dyn FnMut(&'a Let)) {
    match node {
        Node::Expr(expr) => parts(expr, &mut |node| lets(node, show)),
        Node::Block(block) => block.stmts.iter().for_each(|s| lets(Node::Stmt(s), show)),
        Node::Stmt(Stmt::Expr(expr, _)) => lets(Node::Expr(expr), show),
        Node::Stmt(Stmt::Let(statement)) => {
            show(statement);
            statement.init.iter().chain(&statement.otherwise).for_each(|e| lets(Node::Expr(e), show));
        }
        Node::Stmt(Stmt::Item(_)) | Node::Item(_) => {}
    }
}

/// Whether a variable of this name stands somewhere in an expression.
pub(in super::super) fn mentions(expr: &Expr, variable: &str) -> bool {
    let mut found = false;
    every(Node::Expr(expr), true, &mut |part| found |= is_variable(part, variable));
    found
}

/// The same in other ways than to call one of these methods on it.
pub(in super::super) fn mentions_beside(expr: &Expr, variable: &str, calls: impl Fn(&str) -> bool) -> bool {
    let (mut all, mut called) = (0_usize, 0_usize);
    every(Node::Expr(expr), true, &mut |part| match &part.kind {
        ExprKind::MethodCall(call) if is_variable(&call.receiver, variable) && calls(call.method.as_str()) => called += 1,
        _ => all += usize::from(is_variable(part, variable)),
    });
    all > called
}

fn is_variable(expr: &Expr, variable: &str) -> bool {
    matches!(&expr.kind, ExprKind::Path(path) if path.as_ident() == Some(variable))
}

/// The types of which a macro of the tree makes objects: a name before a brace.
pub(super) fn made_by_macros<'a>(world: &World<'a>) -> HashSet<&'a str> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut made = HashSet::default();
    for body in world.macros().filter_map(|m| world.text(m.file, m.body)) {
        for (at, _) in body.match_indices('{') {
            let before = body.get(..at).unwrap_or_default().trim_end();
            let start = before.char_indices().rev().take_while(|(_, c)| is_word(*c)).last().map(|(at, _)| at);
            made.extend(start.and_then(|start| before.get(start..)).filter(|name| is_type(name)));
        }
    }
    made
}
