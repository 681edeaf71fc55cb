//! Where things stand: in which package, in which module or function of a file, in what a macro call expands to.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::paths::{module_of, module_path};
use super::types::named;
use super::world::{Constant, FunctionAt, Names, Parsed, TypeAt, TypeDef, World};
use crate::knowledge::libraries::{self, Library};
use crate::source::{Location, SourceFile, Span};
use crate::syntax::rust::tree::{Expr, ExprKind, Field, Item, ItemKind};

/// Structs inside structs that a field is looked for in.
const MAX_INNER: usize = 4;

impl Parsed {
    /// Where bytes that a macro call in this file gives come from: what they are in an expansion, and what they are here. Of a call
    /// that is itself in an expansion those parts that an outer call gives.
    pub(super) fn sources(&self, here: Span, there: Span) -> Vec<(Span, Location)> {
        let Some(origin) = &self.origin else { return vec![(here, self.location(there))] };
        if origin.pieces.iter().any(|(piece, _)| piece.start <= there.start && there.end <= piece.end) {
            return vec![(here, self.location(there))];
        }
        let within = origin.pieces.iter().filter(|(piece, _)| there.start <= piece.start && piece.end <= there.end);
        let part = |piece: &Span| Span { start: here.start + (piece.start - there.start), end: here.start + (piece.end - there.start) };
        within.map(|(piece, from)| (part(piece), from.clone())).collect()
    }
}

impl<'a> World<'a> {
    /// Takes note of every package of the tree, also of those none of whose files are read yet.
    pub(super) fn know_packages(&mut self, files: &'a [&Arc<SourceFile>]) {
        let mut last = "";
        for file in files {
            if *file.package != *last {
                last = &file.package;
                self.crates.entry(last.replace('-', "_")).or_insert(last);
            }
        }
    }

    /// Whether the module of this package that a path leads through hands on what is in one of these crates:
    /// `crate::metrics::counter!`, where `metrics.rs` has `pub use metrics::*`.
    pub(super) fn module_hands_on(&self, file: usize, full: &[&str], crates: &[String]) -> bool {
        let [root @ ("crate" | "self" | "super"), between @ .., name] = full else { return false };
        let above = self.files.get(file).map_or("", |f| module_above(&f.source.path));
        let module = match (between.last(), *root) {
            (Some(module), _) => *module,
            (None, "super") => above,
            (None, _) => "lib",
        };
        let is_it = |path: &str| module_of(path) == module || module == "lib" && module_of(path) == "main";
        let owned = |path: &[&str]| path.first().is_some_and(|root| crates.iter().any(|c| c == root));
        self.files_of(self.package(file)).any(|at| {
            self.files.get(at).is_some_and(|parsed| is_it(&parsed.source.path))
                && self.names(at).is_some_and(|n| n.globs.iter().any(|g| owned(g)) || n.imports.get(name).is_some_and(|path| owned(path)))
        })
    }

    /// Whether a file of the package takes this macro from a library.
    pub(super) fn imports_macro(&self, package: &str, name: &str, library: &Library) -> bool {
        let takes = |n: &Names<'_>| {
            let owned = |path: &Vec<&str>| path.first().is_some_and(|root| library.owns(root) && !n.modules.contains(root));
            n.imports.get(name).is_some_and(owned) || n.globs.iter().any(owned)
        };
        self.files_of(package).any(|file| self.names(file).is_some_and(takes))
    }

    /// Whether a package names one of these crates, in an import or, in this file, at the head of a path.
    pub(super) fn names_crate(&self, file: usize, crates: &[String]) -> bool {
        let at_head = |text: &str, krate: &str| {
            let mut found = memchr::memmem::find_iter(text.as_bytes(), krate.as_bytes());
            found.any(|at| {
                let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at + krate.len()..).unwrap_or_default());
                after.starts_with("::") && !before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
            })
        };
        self.mentions(self.package(file), crates)
            || self.files.get(file).is_some_and(|f| crates.iter().any(|krate| at_head(&f.source.text, krate)))
    }

    /// The path of the module that a file is, with its crate.
    pub(super) fn module_of_file(&self, file: usize) -> Option<String> {
        let package = self.package(file);
        let path = &self.files.get(file)?.source.path;
        (!package.is_empty()).then(|| {
            let krate = package.replace('-', "_");
            std::iter::once(&*krate).chain(module_path(path)).collect::<Vec<_>>().join("::")
        })
    }

    /// The files that import something from a crate whose root is among these and hands on a library.
    pub(super) fn through_facades(&self, roots: &[usize]) -> Vec<usize> {
        let owned = |path: &[&str]| path.first().is_some_and(|root| libraries::all().iter().any(|l| l.owns(root)));
        let hands_on = |names: &Names<'_>| names.imports.values().chain(&names.globs).any(|path| owned(path));
        let roots = roots.iter().filter(|root| self.names(**root).is_some_and(hands_on));
        let facades: BTreeSet<String> = roots.map(|root| self.package(*root).replace('-', "_")).collect();
        if facades.is_empty() {
            return Vec::new();
        }
        let through =
            |names: &Names<'_>| names.imports.values().chain(&names.globs).any(|p| p.first().is_some_and(|c| facades.contains(*c)));
        (0..self.files.len()).filter(|file| self.names(*file).is_some_and(through)).collect()
    }

    /// The methods and associated functions of this name of the type that a file means, where several types have its name.
    pub(super) fn methods_seen_from(&self, file: usize, ty: &str, name: &str) -> Vec<FunctionAt<'a>> {
        let mut all = self.methods(ty, name);
        if all.len() > 1 {
            let meant = self.types_meant(file, ty);
            // Several in one file stand for one another in different builds.
            if let Some(first) = meant.first().filter(|first| meant.iter().all(|t| t.place.file == first.place.file)) {
                all.retain(|f| f.place.file == first.place.file);
            }
        }
        all
    }

    /// A field of the struct that a file means by a name, and the file that declares it: also one of what the struct gives access to,
    /// as `struct Metrics(Arc<Inner>)` does by `Deref`.
    pub(super) fn field_of(&self, file: usize, ty: &str, name: &str) -> Option<(&'a Field, TypeAt<'a>)> {
        let mut seen = vec![self.type_def(file, &[ty])?];
        let mut inner = Vec::new();
        for _ in 0..MAX_INNER {
            for found in &seen {
                let TypeDef::Struct(fields) = found.kind else { continue };
                if let Some(field) = fields.iter().find(|f| f.name.as_str() == name) {
                    return Some((field, *found));
                }
                let owner = Some(found.item.name.as_str());
                let held = fields.iter().filter_map(|f| named(&f.ty, found.place.file, owner));
                inner.extend(held.filter_map(|ty| self.type_def(ty.file, &[ty.name])));
            }
            // Of several that are held it is not known which is given access to.
            let [only] = inner.as_slice() else { return None };
            seen = vec![*only];
            inner.clear();
        }
        None
    }

    /// The only method of this name that types have through a trait: of a trait's own methods, or of what every type implements.
    pub(super) fn shared_method(&self, name: &str) -> Option<FunctionAt<'a>> {
        let shared = |f: &FunctionAt<'a>| f.function.body.is_some() && f.place.owner.is_some_and(|o| self.shared.contains(o));
        let mut all = self.with_name(name).filter(shared);
        all.next().filter(|_| all.next().is_none())
    }

    /// The constants that a path at `at` names: of a name alone those of the innermost module or function around it that has one.
    pub(super) fn constants_at(&self, file: usize, path: &[&str], self_ty: Option<&str>, at: u32) -> Vec<Constant<'a>> {
        if let [name] = path {
            let mut found = self.constants_in(file, name);
            found.retain(|c| c.place.owner.is_none() && c.place.within.start <= at && at < c.place.within.end);
            let least = found.iter().map(|c| c.place.within.len()).min();
            found.retain(|c| Some(c.place.within.len()) == least);
            if found.len() == 1 {
                return found;
            }
        }
        self.constants(file, path, self_ty)
    }

    /// The place of a definition that a macro call among items expands to: of many metrics, each is where its name is.
    pub(super) fn within_call(&self, file: usize, place: Location, name: &Location) -> Location {
        let mut outer = self.files.get(file).and_then(|f| f.origin.as_ref());
        while let Some(next) = outer.and_then(|o| self.files.get(o.file)).and_then(|f| f.origin.as_ref()) {
            outer = Some(next);
        }
        let whole = outer.is_some_and(|o| !o.inline && o.call == place);
        let inside = name.path == place.path && place.span.start <= name.span.start && name.span.end <= place.span.end;
        if whole && inside { name.clone() } else { place }
    }
}

/// The module that the module of a file stands in: `a` for `src/a/b.rs` and `src/a/b/mod.rs`, `lib` for `src/a.rs`.
fn module_above(path: &str) -> &str {
    let mut parts = path.rsplit('/');
    if parts.next() == Some("mod.rs") {
        parts.next();
    }
    match parts.next() {
        Some("src") | None => "lib",
        Some(module) => module,
    }
}

/// The bytes from the name of a module to the end of what it holds.
pub(super) fn extent(module: &Item, items: &[Item]) -> Span {
    let end = items.iter().map(end_of).max().unwrap_or_default();
    Span { start: module.name.span.start, end: end.max(module.name.span.end) }
}

/// The innermost module around a place of a file, where that is not what the whole file is.
pub(super) fn module_at(parsed: &Parsed, at: u32) -> Option<&str> {
    let (mut items, mut found) = (&parsed.tree.items, parsed.origin.as_ref().and_then(|o| o.module.as_deref()));
    loop {
        let around = items.iter().find_map(|item| match &item.kind {
            ItemKind::Mod(Some(inner)) if item.name.span.start < at && at < extent(item, inner).end => Some((item, inner)),
            _ => None,
        });
        let Some((module, inner)) = around else { return found };
        (items, found) = (inner, Some(module.name.as_str()));
    }
}

fn end_of(item: &Item) -> u32 {
    let inner = match &item.kind {
        ItemKind::Fn(function) => function.body.as_ref().map_or(0, |b| b.span.end),
        ItemKind::Const { value, .. } => value.as_ref().map_or(0, end_of_value),
        ItemKind::Impl { items, .. } | ItemKind::Trait(items) | ItemKind::Mod(Some(items)) => {
            items.iter().map(end_of).max().unwrap_or_default()
        }
        ItemKind::Struct(fields) => fields.iter().map(|f| f.ty.span.end).max().unwrap_or_default(),
        ItemKind::Macro(call) => call.body.end,
        ItemKind::MacroRules(body) => body.end,
        _ => 0,
    };
    inner.max(item.name.span.end)
}

fn end_of_value(value: &Expr) -> u32 {
    match &value.kind {
        ExprKind::Macro(call) => call.body.end.max(value.span.end),
        _ => value.span.end,
    }
}
