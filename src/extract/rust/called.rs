//! Which functions, methods and types a file calls or makes, and which fields it sets, by name: where something is called is looked for only in those files.

use std::collections::BTreeSet;

use rayon::prelude::*;
use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};

use super::provenance::visit::{Node, children, parts};
use super::world::World;
use crate::syntax::rust::tree::{Block, Expr, ExprKind, Item, ItemKind, Path, Stmt};

impl<'a> World<'a> {
    /// The last part of what a path means in a file.
    pub(super) fn last_name<'p>(&self, file: usize, path: &'p Path) -> &'p str
    where
        'a: 'p,
    {
        let imported = path.as_ident().and_then(|name| self.names(file)?.imports.get(name)?.last());
        imported.copied().unwrap_or_else(|| path.last())
    }
}

/// The names in what was read of each file.
#[derive(Debug, Default)]
pub(super) struct Called<'a>(Vec<HashSet<&'a str>>);

impl<'a> Called<'a> {
    /// Looks at files that are new, and again at these, of which more was read. Gives both.
    pub(super) fn look_again(&mut self, world: &World<'a>, opened: &BTreeSet<usize>) -> BTreeSet<usize> {
        let new = self.0.len()..world.files.len();
        self.0.resize_with(world.files.len(), HashSet::default);
        let files: BTreeSet<usize> = new.chain(opened.iter().copied()).collect();
        let names: Vec<(usize, HashSet<&'a str>)> = files.par_iter().copied().map(|file| (file, Names::of(world, file))).collect();
        for (file, names) in names {
            if let Some(slot) = self.0.get_mut(file) {
                *slot = names;
            }
        }
        files
    }

    /// The files in which any of these is called.
    pub(super) fn files<T>(&self, names: &HashMap<&'a str, T>) -> Vec<usize> {
        let calls = |(_, called): &(usize, &HashSet<&'a str>)| names.keys().any(|name| called.contains(name));
        self.0.iter().enumerate().filter(calls).map(|(file, _)| file).collect()
    }
}

struct Names<'a, 'w> {
    world: &'w World<'a>,
    file: usize,
    self_ty: Option<&'a str>,
    names: HashSet<&'a str>,
}

impl<'a, 'w> Names<'a, 'w> {
    fn of(world: &'w World<'a>, file: usize) -> HashSet<&'a str> {
        let Some(parsed) = world.files.get(file).copied() else { return HashSet::default() };
        let mut called = Names { world, file, self_ty: None, names: HashSet::default() };
        called.items(&parsed.tree.items);
        called.names
    }

    fn items(&mut self, items: &'a [Item]) {
        items.iter().for_each(|item| self.item(item));
    }

    fn item(&mut self, item: &'a Item) {
        match &item.kind {
            ItemKind::Const { value: Some(value), .. } => self.expr(value),
            ItemKind::Fn(function) => function.body.iter().for_each(|body| self.block(body)),
            ItemKind::Impl { self_ty, items, .. } => {
                let outer = std::mem::replace(&mut self.self_ty, self_ty.path().map(Path::last));
                self.items(items);
                self.self_ty = outer;
            }
            ItemKind::Trait(items) => {
                let outer = self.self_ty.replace(item.name.as_str());
                self.items(items);
                self.self_ty = outer;
            }
            ItemKind::Mod(Some(items)) => self.items(items),
            ItemKind::Macro(call) => children(&call.args, &call.stmts, &call.items, &mut |node| self.node(node)),
            _ => {}
        }
    }

    fn block(&mut self, block: &'a Block) {
        block.stmts.iter().for_each(|stmt| self.node(Node::Stmt(stmt)));
    }

    fn node(&mut self, node: Node<'a>) {
        match node {
            Node::Expr(expr) | Node::Stmt(Stmt::Expr(expr, _)) => self.expr(expr),
            Node::Block(block) => self.block(block),
            Node::Item(item) => self.item(item),
            Node::Stmt(Stmt::Item(item)) => self.item(item),
            Node::Stmt(Stmt::Let(statement)) => statement.init.iter().chain(&statement.otherwise).for_each(|e| self.expr(e)),
        }
    }

    fn expr(&mut self, expr: &'a Expr) {
        let args = match &expr.kind {
            ExprKind::Call(_, args) => args.as_slice(),
            ExprKind::MethodCall(call) => call.args.as_slice(),
            _ => &[],
        };
        // Functions that are handed on.
        let paths = args.iter().filter_map(|a| if let ExprKind::Path(path) = &a.kind { Some(path) } else { None });
        self.names.extend(paths.filter(|path| path.segments.len() > 1).map(Path::last));
        match &expr.kind {
            ExprKind::Call(callee, _) => {
                if let ExprKind::Path(path) = &callee.kind {
                    self.names.insert(self.world.last_name(self.file, path));
                }
            }
            ExprKind::MethodCall(call) => _ = self.names.insert(call.method.as_str()),
            ExprKind::Struct(made) if made.path.last() == "Self" => self.names.extend(self.self_ty),
            ExprKind::Struct(made) => _ = self.names.insert(made.path.last()),
            ExprKind::Assign(place, _) => {
                if let ExprKind::Field(_, name) = &place.kind {
                    self.names.insert(name.as_str());
                }
            }
            _ => {}
        }
        parts(expr, &mut |node| self.node(node));
    }
}
