//! Statements of an expansion that are calls of macros which make constants or statics: written out in their place, since the code
//! beside them names what they make. So are the macro calls among that code.

use super::expansions::root_of;
use super::provenance::visit::{Node, parts};
use super::world::{MacroAt, World};
use crate::source::Span;
use crate::syntax::rust::tree::{Expr, ExprKind, File, Item, ItemKind, Stmt};
use crate::syntax::rust::{Expansion, Rules, parse};

/// Macro calls inside what macro calls expand to.
const MAX_DEPTH: usize = 4;
/// Longest text that comes of it, in bytes.
const MAX_TEXT: usize = 1 << 18;

/// A call that is written out.
struct Call<'a> {
    /// With its path and, of a statement that makes items, the semicolon.
    whole: Span,
    /// Between its delimiters.
    body: Span,
    definition: MacroAt<'a>,
    makes_items: bool,
}

/// The macros of the tree that make constants or statics.
pub(super) struct Makers<'a>(Vec<&'a str>);

impl<'a> Makers<'a> {
    pub(super) fn of(world: &World<'a>) -> Self {
        let mut names: Vec<&'a str> = world.macros().filter(|at| !at.name.is_empty() && makes_items(world, at)).map(|at| at.name).collect();
        names.sort_unstable();
        names.dedup();
        Makers(names)
    }

    /// Whether a text names one.
    pub(super) fn are_in(&self, text: &str) -> bool {
        self.0.iter().any(|name| memchr::memmem::find(text.as_bytes(), name.as_bytes()).is_some())
    }
}

fn makes_items(world: &World<'_>, at: &MacroAt<'_>) -> bool {
    world.text(at.file, at.body).is_some_and(|rules| rules.contains("static ") || rules.contains("const "))
}

/// The same with those statements written out, as they are seen from a place of a file. Code stands `before` and `after` it when it is
/// parsed. Gives also the rules that were used.
pub(super) fn written_out<'a>(
    world: &World<'a>,
    (file, at): (usize, u32),
    mut expansion: Expansion,
    (before, after): (&str, &str),
) -> (Expansion, Vec<&'a str>) {
    let mut used = Vec::new();
    let read = |text: &str| parse(&format!("{before}{text}{after}"));
    let Ok(mut tree) = read(&expansion.text) else { return (expansion, used) };
    for _ in 0..MAX_DEPTH {
        // Until something was made, there is nothing to be named.
        let mut calls = calls(world, (file, at), &tree, &expansion.text, before.len());
        calls.retain(|call| call.makes_items || !used.is_empty());
        let mut written = expansion.clone();
        // From the last on, so that the places of the others stay what they are.
        for call in calls.into_iter().rev() {
            let Some(rules) = world.text(call.definition.file, call.definition.body) else { continue };
            let Some(body) = expansion.text.get(call.body.start as usize..call.body.end as usize) else { continue };
            let Ok(inner) = Rules::new(rules).expand(body, &root_of(world, call.definition.file, file)) else { continue };
            if written.text.len() + inner.text.len() > MAX_TEXT {
                continue;
            }
            written = spliced(written, &call, &inner);
            used.push(rules);
        }
        match read(&written.text) {
            Ok(new) if written != expansion => (expansion, tree) = (written, new),
            _ => break,
        }
    }
    (expansion, used)
}

/// The statements in the order of the text.
fn calls<'a>(world: &World<'a>, (file, at): (usize, u32), tree: &File, text: &str, offset: usize) -> Vec<Call<'a>> {
    let mut found: Vec<Call<'a>> = Vec::new();
    let mut show = |expr: &Expr, is_statement: bool| {
        let ExprKind::Macro(call) = &expr.kind else { return };
        let shifted = |at: u32| at.checked_sub(u32::try_from(offset).ok()?);
        let start = call.path.segments.first().map_or(expr.span.start, |s| s.name.span.start);
        let (Some(start), Some(from), Some(to)) = (shifted(start), shifted(call.body.start), shifted(call.body.end)) else { return };
        let Some(definition) = world.macro_named(file, &call.path, at) else { return };
        let rest = text.get(to as usize + 1..).unwrap_or_default();
        let blanks = rest.len() - rest.trim_start().len();
        let makes_items = is_statement && rest.trim_start().starts_with(';') && makes_items(world, &definition);
        let end = to as usize + 1 + if makes_items { blanks + 1 } else { 0 };
        found.push(Call { whole: Span::new(start as usize, end), body: Span { start: from, end: to }, definition, makes_items });
    };
    tree.items.iter().for_each(|item| in_item(item, &mut show));
    found.sort_by_key(|call| call.whole.start);
    // One in another's arguments is that one's to write out.
    let mut end = 0;
    found.retain(|call| {
        let apart = call.whole.start >= end;
        end = end.max(call.whole.end);
        apart
    });
    found
}

fn in_item(item: &Item, show: &mut dyn FnMut(&Expr, bool)) {
    match &item.kind {
        ItemKind::Fn(function) => function.body.iter().for_each(|body| in_node(Node::Block(body), show)),
        ItemKind::Const { value: Some(value), .. } => in_node(Node::Expr(value), show),
        _ => {}
    }
}

fn in_node(node: Node<'_>, show: &mut dyn FnMut(&Expr, bool)) {
    match node {
        Node::Stmt(Stmt::Let(statement)) => {
            statement.init.iter().chain(&statement.otherwise).for_each(|expr| in_node(Node::Expr(expr), show));
        }
        Node::Item(item) => in_item(item, show),
        Node::Stmt(Stmt::Item(item)) => in_item(item, show),
        Node::Block(block) => block.stmts.iter().for_each(|stmt| in_node(Node::Stmt(stmt), show)),
        Node::Expr(expr) | Node::Stmt(Stmt::Expr(expr, _)) => match &expr.kind {
            ExprKind::Macro(_) => show(expr, matches!(node, Node::Stmt(_))),
            _ => parts(expr, &mut |node| in_node(node, show)),
        },
    }
}

/// The text with what a call stands for in its place, and where the parts of it come from.
fn spliced(outer: Expansion, call: &Call<'_>, inner: &Expansion) -> Expansion {
    let (start, end) = (call.whole.start as usize, call.whole.end as usize);
    let (Some(before), Some(after)) = (outer.text.get(..start), outer.text.get(end..)) else { return outer };
    // An expression stays one.
    let (open, close) = if call.makes_items { (" ", " ") } else { ("(", ")") };
    let text = format!("{before}{open}{}{close}{after}", inner.text);
    let grown = text.len() - outer.text.len().min(text.len());
    let shrunk = outer.text.len() - text.len().min(outer.text.len());
    let moved = |at: u32| (at as usize + grown).saturating_sub(shrunk);
    let mut pieces: Vec<(Span, Span)> = Vec::with_capacity(outer.pieces.len() + inner.pieces.len());
    for (here, there) in &outer.pieces {
        if here.end <= call.whole.start {
            pieces.push((*here, *there));
        } else if here.start >= call.whole.end {
            pieces.push((Span::new(moved(here.start), moved(here.end)), *there));
        }
    }
    for (here, there) in &inner.pieces {
        let from = Span { start: call.body.start + there.start, end: call.body.start + there.end };
        let at = call.whole.start + 1 + here.start;
        for (piece, source) in &outer.pieces {
            if piece.start <= from.start && from.end <= piece.end {
                let source = Span { start: source.start + (from.start - piece.start), end: source.start + (from.end - piece.start) };
                pieces.push((Span { start: at, end: at + (from.end - from.start) }, source));
            } else if from.start <= piece.start && piece.end <= from.end {
                let start = at + (piece.start - from.start);
                pieces.push((Span { start, end: start + (piece.end - piece.start) }, *source));
            }
        }
    }
    pieces.sort_by_key(|(here, _)| here.start);
    Expansion { text, pieces }
}
