//! Statements of an expansion that are calls of macros which make constants or statics: written out in their place, since the code
//! beside them names what they make. So are the macro calls among that code.

use std::ops::Range;

use rustc_hash::FxHashMap as HashMap;

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
        let written = spliced(&expansion, &expanded(world, file, &expansion.text, calls, &mut used));
        match read(&written.text) {
            Ok(new) if written != expansion => (expansion, tree) = (written, new),
            _ => break,
        }
    }
    (expansion, used)
}

/// What calls stand for, as far as it is known and not too long. Rules are read once for all calls of a macro, and forgotten before
/// anything else is parsed.
fn expanded<'a>(world: &World<'a>, file: usize, text: &str, calls: Vec<Call<'a>>, used: &mut Vec<&'a str>) -> Vec<(Call<'a>, Expansion)> {
    let mut read: HashMap<(usize, u32), Rules> = HashMap::default();
    let mut length = text.len();
    let mut one = |call: Call<'a>| {
        let MacroAt { file: home, body: rules, .. } = call.definition;
        let rules_text = world.text(home, rules)?;
        let rules = read.entry((home, rules.start)).or_insert_with(|| Rules::new(rules_text));
        let body = text.get(call.body.start as usize..call.body.end as usize)?;
        let inner = rules.expand(body, &root_of(world, home, file)).ok()?;
        length += inner.text.len();
        if length > MAX_TEXT {
            return None;
        }
        used.push(rules_text);
        Some((call, inner))
    };
    calls.into_iter().filter_map(&mut one).collect()
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

/// The text with what calls stand for in their places, and where the parts of it come from.
fn spliced(outer: &Expansion, calls: &[(Call<'_>, Expansion)]) -> Expansion {
    let mut whole = Expansion::default();
    let mut from = 0;
    for (call, inner) in calls {
        copy(outer, from..call.whole.start, &mut whole);
        // An expression stays one.
        let (open, close) = if call.makes_items { (' ', ' ') } else { ('(', ')') };
        whole.text.push(open);
        let at = whole.text.len();
        for (here, there) in &inner.pieces {
            let asked = Span { start: call.body.start + there.start, end: call.body.start + there.end };
            let start = at + here.start as usize;
            for (part, source) in parts_of(outer, asked.start..asked.end) {
                let start = start + (part.start - asked.start) as usize;
                whole.pieces.push((Span::new(start, start + part.len()), source));
            }
        }
        whole.text.push_str(&inner.text);
        whole.text.push(close);
        from = call.whole.end;
    }
    copy(outer, from..u32::try_from(outer.text.len()).unwrap_or(u32::MAX), &mut whole);
    whole.pieces.sort_by_key(|(here, _)| here.start);
    whole
}

/// Adds a range of a text, and where the parts of it come from.
fn copy(outer: &Expansion, range: Range<u32>, to: &mut Expansion) {
    let at = to.text.len();
    to.text.push_str(outer.text.get(range.start as usize..range.end as usize).unwrap_or_default());
    let start = range.start;
    let moved = |(part, source): (Span, Span)| {
        let here = at + (part.start - start) as usize;
        (Span::new(here, here + part.len()), source)
    };
    to.pieces.extend(parts_of(outer, range).map(moved));
}

/// The parts of a range that stand in the call, and where they stand there.
fn parts_of(outer: &Expansion, range: Range<u32>) -> impl Iterator<Item = (Span, Span)> + '_ {
    let first = outer.pieces.partition_point(|(here, _)| here.end <= range.start);
    let within = outer.pieces.iter().skip(first).take_while(move |(here, _)| here.start < range.end);
    within.filter_map(move |(here, there)| {
        let (start, end) = (here.start.max(range.start), here.end.min(range.end));
        let cut = || Span { start: there.start + (start - here.start), end: there.start + (end - here.start) };
        let source = if (start, end) == (here.start, here.end) { *there } else { cut() };
        (start < end).then_some((Span { start, end }, source))
    })
}
