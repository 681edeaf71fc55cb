//! Where functions are called and structs are made, by name, over everything that was parsed.

use std::collections::BTreeSet;

use rayon::prelude::*;
use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};

use super::super::attributes;
use super::super::world::{Miss, Positions, World, push};
use super::visit::{Node, children};
use crate::knowledge::provenance;
use crate::source::Span;
use crate::syntax::rust::tree::{Attr, Block, Expr, ExprKind, Function, Ident, Item, ItemKind, Path, Stmt};

/// Methods that put something into a list, map or text.
pub(super) const FILLING: [&str; 9] = ["push", "push_back", "push_front", "insert", "extend", "append", "entry", "push_str", "insert_str"];

/// A function of the tree.
#[derive(Clone, Copy, Debug)]
pub(super) struct FnAt<'a> {
    pub(super) file: usize,
    pub(super) item: &'a Item,
    pub(super) function: &'a Function,
    pub(super) self_ty: Option<&'a str>,
    /// The trait whose impl holds it.
    pub(super) of_trait: Option<&'a str>,
    /// What the impl's type parameters are bounded by.
    pub(super) of_impl: &'a [(Ident, Path)],
}

impl<'a> FnAt<'a> {
    /// Its identity: file and place of the name.
    pub(super) fn key(&self) -> (usize, u32) {
        (self.file, self.item.name.span.start)
    }

    /// Where its body starts, or its name where it has none.
    fn start(&self) -> u32 {
        self.function.body.as_ref().map_or(self.item.name.span.start, |body| body.span.start)
    }

    /// The trait that a type parameter is bounded by.
    pub(super) fn bound(&self, name: &str) -> Option<&'a Path> {
        let mut all = self.function.generics.iter().chain(self.of_impl);
        all.find(|(own, _)| own.as_str() == name).map(|(_, path)| path)
    }

    pub(super) fn takes_self(&self) -> bool {
        self.function.params.first().is_some_and(|p| p.pat.as_ident().is_some_and(|i| i.as_str() == "self"))
    }

    /// How its calls are written.
    pub(super) fn calls(&self) -> Miss {
        let own = self.name();
        Miss::Calls(match self.self_ty {
            Some(_) if self.takes_self() => format!(".{own}("),
            Some(owner) => format!("{owner}::{own}("),
            None => format!("{own}("),
        })
    }

    pub(super) fn name(&self) -> &'a str {
        self.item.name.as_str()
    }
}

/// A call or struct literal.
#[derive(Clone, Copy, Debug)]
pub(super) struct At<'a> {
    pub(super) expr: &'a Expr,
    pub(super) file: usize,
}

/// Everything by name.
#[derive(Debug, Default)]
pub(in super::super) struct Index<'a> {
    include_tests: bool,
    all: Vec<FnAt<'a>>,
    /// By file, in the order of their bodies: positions in the list of all, as in the next two.
    functions: Vec<Vec<u32>>,
    by_key: HashMap<(usize, u32), u32>,
    /// Methods by type and name, as positions, too.
    methods: HashMap<(&'a str, &'a str), Positions>,
    /// By name alone.
    named: HashMap<&'a str, Positions>,
    /// Methods of impls by trait and name.
    impls: HashMap<(&'a str, &'a str), Positions>,
    /// Other names of types, by the type's.
    pub(super) aliases: HashMap<&'a str, Vec<&'a str>>,
    pub(super) calls: HashMap<&'a str, Vec<At<'a>>>,
    pub(super) literals: HashMap<&'a str, Vec<At<'a>>>,
    /// Assignments to a field after the object was made, by the field's name.
    pub(super) assigned: HashMap<&'a str, Vec<At<'a>>>,
    /// Calls that put something into the list, map or text that a field holds, by the field's name.
    pub(super) filled: HashMap<&'a str, Vec<At<'a>>>,
    /// Types that handlers are given by an extractor of their framework.
    pub(super) extracted: HashSet<&'a str>,
}

impl<'a> Index<'a> {
    pub(in super::super) fn new(world: &World<'a>, include_tests: bool) -> Self {
        let mut index = Index { include_tests, ..Index::default() };
        index.add(world, &BTreeSet::new());
        index
    }

    /// Takes in files that are new, and bodies of functions that were read now: files and places of braces.
    pub(in super::super) fn add(&mut self, world: &World<'a>, bodies: &BTreeSet<(usize, u32)>) {
        let include_tests = self.include_tests;
        let new = self.functions.len()..world.files.len();
        let mut parts: Vec<OfFile<'a>> = new.into_par_iter().map(|file| OfFile::new(world, file, include_tests)).collect();
        self.functions.resize_with(world.files.len(), Vec::new);
        // What only tests compile is not among them.
        let opened = bodies.iter().filter_map(|(file, brace)| {
            let starts = |f: &FnAt<'a>| f.function.body.as_ref().is_some_and(|b| b.span.start == *brace);
            self.functions.get(*file)?.iter().filter_map(|at| self.all.get(*at as usize)).copied().find(starts)
        });
        let opened: Vec<FnAt<'a>> = opened.collect();
        parts.extend(opened.into_par_iter().map(|function| OfFile::of_body(function, include_tests)).collect::<Vec<_>>());
        let Index { all, functions, by_key, methods, named, impls, aliases, calls, literals, assigned, filled, extracted, .. } = self;
        let take_functions = || {
            for part in &parts {
                for function in &part.functions {
                    let types = function.function.params.iter().filter_map(|p| p.ty.as_ref());
                    extracted.extend(types.filter_map(|ty| {
                        let outer = ty.path()?.segments.last()?;
                        let is_extractor = provenance::rust().extractors.has(outer.name.as_str());
                        outer.generics.first().filter(|_| is_extractor)?.path().map(|p| p.last())
                    }));
                    let at = u32::try_from(all.len()).unwrap_or(u32::MAX);
                    all.push(*function);
                    by_key.insert(function.key(), at);
                    named.entry(function.name()).or_default().push(at);
                    functions.get_mut(part.file).into_iter().for_each(|own| own.push(at));
                    if let Some(of_trait) = function.of_trait {
                        impls.entry((of_trait, function.name())).or_default().push(at);
                    }
                    if let Some(owner) = function.self_ty {
                        methods.entry((owner, function.name())).or_default().push(at);
                    }
                }
                for (of, alias) in &part.aliases {
                    push(aliases, *of, *alias);
                }
                if let Some(own) = functions.get_mut(part.file).filter(|_| !part.functions.is_empty()) {
                    own.sort_by_key(|at| all.get(*at as usize).map(FnAt::start));
                    own.shrink_to_fit();
                }
            }
        };
        let take_places = || {
            for part in &parts {
                let at = |expr: &'a Expr| At { expr, file: part.file };
                part.calls.iter().for_each(|(name, expr)| push(calls, *name, at(expr)));
                part.literals.iter().for_each(|(name, expr)| push(literals, *name, at(expr)));
                part.assigned.iter().for_each(|(name, expr)| push(assigned, *name, at(expr)));
                part.filled.iter().for_each(|(name, expr)| push(filled, *name, at(expr)));
            }
        };
        rayon::join(take_functions, take_places);
    }

    /// Whether what has these attributes is in a process that counts: what only tests compile is not.
    pub(super) fn counts(&self, attrs: &[Attr]) -> bool {
        self.include_tests || !attributes::is_test(attrs)
    }

    /// The innermost function whose body holds these bytes.
    pub(super) fn around(&self, file: usize, span: Span) -> Option<FnAt<'a>> {
        let own = self.functions.get(file)?;
        let at = |position: &u32| self.all.get(*position as usize).copied();
        let before = own.partition_point(|f| at(f).is_some_and(|f| f.start() <= span.start));
        let holds = |f: &FnAt<'a>| f.function.body.as_ref().is_some_and(|b| b.span.start <= span.start && span.end <= b.span.end);
        own.get(..before)?.iter().rev().filter_map(at).find(holds)
    }

    pub(super) fn by_key(&self, key: (usize, u32)) -> Option<FnAt<'a>> {
        self.by_key.get(&key).and_then(|at| self.all.get(*at as usize)).copied()
    }

    /// Every function of this name.
    pub(super) fn by_name(&self, name: &str) -> impl Iterator<Item = FnAt<'a>> + '_ {
        self.at(self.named.get(name))
    }

    fn at<'n>(&'n self, positions: Option<&'n Positions>) -> impl Iterator<Item = FnAt<'a>> + 'n {
        positions.into_iter().flatten().filter_map(|at| self.all.get(*at as usize)).copied()
    }

    /// The methods of this name of a type, where there are any.
    pub(super) fn methods_of(&self, ty: &str, name: &str) -> Option<Vec<FnAt<'a>>> {
        self.methods.get(&(ty, name)).map(|all| self.at(Some(all)).collect())
    }

    /// The functions of this name in impls of a trait, where there are any.
    pub(super) fn implementing(&self, of_trait: &str, name: &str) -> Option<Vec<FnAt<'a>>> {
        self.impls.get(&(of_trait, name)).map(|all| self.at(Some(all)).collect())
    }

    /// The method of a trait's impl for a type.
    pub(super) fn of_trait(&self, ty: &str, of_trait: &str, name: &str) -> Option<FnAt<'a>> {
        let mut fit = self.at(self.methods.get(&(ty, name))).filter(|f| f.of_trait == Some(of_trait));
        let first = fit.next()?;
        fit.next().is_none().then_some(first)
    }
}

struct OfFile<'a> {
    include_tests: bool,
    file: usize,
    self_ty: Option<&'a str>,
    of_trait: Option<&'a str>,
    of_impl: &'a [(Ident, Path)],
    functions: Vec<FnAt<'a>>,
    aliases: Vec<(&'a str, &'a str)>,
    calls: Vec<(&'a str, &'a Expr)>,
    literals: Vec<(&'a str, &'a Expr)>,
    assigned: Vec<(&'a str, &'a Expr)>,
    filled: Vec<(&'a str, &'a Expr)>,
}

impl<'a> OfFile<'a> {
    fn new(world: &World<'a>, file: usize, include_tests: bool) -> Self {
        let mut this = OfFile::empty(file, include_tests);
        let parsed = world.files.get(file).copied();
        if let Some(parsed) = parsed.filter(|p| include_tests || !attributes::is_test(&p.tree.attrs)) {
            this.items(&parsed.tree.items);
        }
        this
    }

    fn of_body(function: FnAt<'a>, include_tests: bool) -> Self {
        let FnAt { file, self_ty, of_trait, of_impl, .. } = function;
        let mut this = OfFile { self_ty, of_trait, of_impl, ..OfFile::empty(file, include_tests) };
        if let Some(body) = &function.function.body {
            this.block(body);
        }
        this
    }

    fn empty(file: usize, include_tests: bool) -> Self {
        let (functions, aliases, calls) = (Vec::new(), Vec::new(), Vec::new());
        let (literals, assigned, filled) = (Vec::new(), Vec::new(), Vec::new());
        OfFile { include_tests, file, self_ty: None, of_trait: None, of_impl: &[], functions, aliases, calls, literals, assigned, filled }
    }

    fn items(&mut self, items: &'a [Item]) {
        for item in items {
            self.item(item);
        }
    }

    fn item(&mut self, item: &'a Item) {
        if !self.include_tests && attributes::is_test(&item.attrs) {
            return;
        }
        match &item.kind {
            ItemKind::Const { value: Some(value), .. } => self.expr(value),
            ItemKind::Fn(function) => {
                let (file, self_ty, of_trait) = (self.file, self.self_ty, self.of_trait);
                self.functions.push(FnAt { file, item, function, self_ty, of_trait, of_impl: self.of_impl });
                if let Some(body) = &function.body {
                    self.block(body);
                }
            }
            ItemKind::Impl { trait_path, self_ty, generics, items } => {
                let of_trait = trait_path.as_ref().map(|p| p.last());
                let outer = std::mem::replace(&mut self.of_impl, generics);
                self.within(self_ty.path().map(|p| p.last()), of_trait, items);
                self.of_impl = outer;
            }
            ItemKind::Trait(items) => self.within(Some(item.name.as_str()), None, items),
            ItemKind::Mod(Some(items)) => self.items(items),
            ItemKind::TypeAlias(ty) => self.aliases.extend(ty.path().map(|of| (of.last(), item.name.as_str()))),
            ItemKind::Macro(call) => children(&call.args, &call.stmts, &call.items, &mut |node| self.node(node)),
            _ => {}
        }
    }

    fn within(&mut self, self_ty: Option<&'a str>, of_trait: Option<&'a str>, items: &'a [Item]) {
        let outer = (self.self_ty, self.of_trait);
        (self.self_ty, self.of_trait) = (self_ty, of_trait);
        self.items(items);
        (self.self_ty, self.of_trait) = outer;
    }

    fn block(&mut self, block: &'a Block) {
        for stmt in &block.stmts {
            self.node(Node::Stmt(stmt));
        }
    }

    fn node(&mut self, node: Node<'a>) {
        match node {
            Node::Expr(expr) => self.expr(expr),
            Node::Block(block) => self.block(block),
            Node::Item(item) => self.item(item),
            // A function within a method is no method.
            Node::Stmt(Stmt::Item(item)) => {
                let outer = std::mem::take(&mut self.of_impl);
                self.within(None, None, std::slice::from_ref(item));
                self.of_impl = outer;
            }
            Node::Stmt(Stmt::Expr(expr, _)) => self.expr(expr),
            Node::Stmt(Stmt::Let(statement)) => {
                if self.include_tests || !attributes::is_test(&statement.attrs) {
                    statement.init.iter().chain(&statement.otherwise).for_each(|e| self.expr(e));
                }
            }
        }
    }

    fn expr(&mut self, expr: &'a Expr) {
        match &expr.kind {
            ExprKind::Call(callee, _) => {
                if let ExprKind::Path(path) = &callee.kind {
                    self.calls.push((path.last(), expr));
                }
            }
            ExprKind::MethodCall(call) => {
                self.calls.push((call.method.as_str(), expr));
                if let (ExprKind::Field(_, name), true) = (&call.receiver.kind, FILLING.contains(&call.method.as_str())) {
                    self.filled.push((name.as_str(), expr));
                }
            }
            ExprKind::Struct(made) => {
                let name = if made.path.last() == "Self" { self.self_ty.unwrap_or_default() } else { made.path.last() };
                self.literals.push((name, expr));
            }
            ExprKind::Assign(place, _) => {
                if let ExprKind::Field(_, name) = &place.kind {
                    self.assigned.push((name.as_str(), expr));
                }
            }
            _ => {}
        }
        super::visit::parts(expr, &mut |node| self.node(node));
    }
}
