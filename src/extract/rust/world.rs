//! What the parsed files of a tree define: constants, types, functions, imports, by package and name.
//!
//! Knows no metrics library. A name that is looked up and not found is remembered, so that the files that define it can be
//! parsed in a further round.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex};

use super::attributes;
use crate::source::{Location, SourceFile, Span};
use crate::syntax::rust::tree::{Expr, Field, File, Function, Import, Item, ItemKind, Stmt, Type, Variant};

/// One parsed file.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) source: Arc<SourceFile>,
    /// Names of the libraries whose trigger words it holds.
    pub(super) libraries: Vec<&'static str>,
    pub(super) tree: File,
}

/// A constant or static.
#[derive(Clone, Copy, Debug)]
pub(super) struct Constant<'a> {
    pub(super) place: Place<'a>,
    pub(super) value: Option<&'a Expr>,
}

/// Where an item is defined.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    /// Index of the file.
    pub(super) file: usize,
    /// The innermost module's name.
    pub(super) module: &'a str,
    /// The type whose impl holds it.
    pub(super) owner: Option<&'a str>,
}

/// A `macro_rules!`.
#[derive(Clone, Copy, Debug)]
pub(super) struct MacroAt<'a> {
    pub(super) name: &'a str,
    pub(super) file: usize,
    pub(super) body: Span,
}

/// A function.
#[derive(Clone, Copy, Debug)]
pub(super) struct FunctionAt<'a> {
    pub(super) place: Place<'a>,
    pub(super) function: &'a Function,
}

/// A struct or enum.
#[derive(Clone, Copy, Debug)]
pub(super) struct TypeAt<'a> {
    pub(super) place: Place<'a>,
    pub(super) item: &'a Item,
    pub(super) kind: TypeDef<'a>,
}

/// What a named type is.
#[derive(Clone, Copy, Debug)]
pub(super) enum TypeDef<'a> {
    Struct(&'a [Field]),
    Enum(&'a [Variant]),
    Alias(&'a Type),
}

/// Names of one file.
#[derive(Debug, Default)]
pub(super) struct Names<'a> {
    /// Local name to full path.
    pub(super) imports: HashMap<&'a str, Vec<&'a str>>,
    /// Paths imported with a star.
    pub(super) globs: Vec<Vec<&'a str>>,
}

type ByName<'a, T> = HashMap<(&'a str, &'a str), Vec<T>>;

/// The parsed files of a tree and an index of what they define.
#[derive(Debug)]
pub(super) struct World<'a> {
    pub(super) files: &'a [Parsed],
    names: Vec<Names<'a>>,
    constants: ByName<'a, Constant<'a>>,
    functions: ByName<'a, FunctionAt<'a>>,
    types: ByName<'a, TypeAt<'a>>,
    local_macros: HashMap<(&'a str, &'a str), Vec<MacroAt<'a>>>,
    /// Packages by crate name (`-` as `_`).
    crates: HashMap<String, &'a str>,
    /// (package, first path segment) of everything imported or named with `extern crate`.
    roots: HashSet<(&'a str, &'a str)>,
    /// (package, crate) of `#[macro_use] extern crate`.
    macro_use: HashSet<(&'a str, &'a str)>,
    misses: Mutex<BTreeSet<(String, String)>>,
}

impl<'a> World<'a> {
    pub(super) fn new(files: &'a [Parsed]) -> Self {
        let mut world = World {
            files,
            names: Vec::with_capacity(files.len()),
            constants: HashMap::new(),
            functions: HashMap::new(),
            types: HashMap::new(),
            local_macros: HashMap::new(),
            crates: HashMap::new(),
            roots: HashSet::new(),
            macro_use: HashSet::new(),
            misses: Mutex::new(BTreeSet::new()),
        };
        for (index, file) in files.iter().enumerate() {
            world.crates.entry(file.source.package.replace('-', "_")).or_insert(&file.source.package);
            let mut names = Names::default();
            let place = Place { file: index, module: module_of(&file.source.path), owner: None };
            world.items(&file.tree.items, place, &mut names);
            world.names.push(names);
        }
        world
    }

    fn items(&mut self, items: &'a [Item], place: Place<'a>, names: &mut Names<'a>) {
        for item in items {
            self.item(item, place, names);
        }
    }

    fn item(&mut self, item: &'a Item, place: Place<'a>, names: &mut Names<'a>) {
        let Some(file) = self.files.get(place.file) else { return };
        let package: &'a str = &file.source.package;
        let key = (package, item.name.as_str());
        match &item.kind {
            ItemKind::Const { value, .. } => {
                let constant = Constant { place, value: value.as_ref() };
                self.constants.entry(key).or_default().push(constant);
            }
            ItemKind::Fn(function) => {
                self.functions.entry(key).or_default().push(FunctionAt { place, function });
                for stmt in function.body.iter().flat_map(|b| &b.stmts) {
                    if let Stmt::Item(inner) = stmt {
                        self.item(inner, place, names);
                    }
                }
            }
            ItemKind::Struct(fields) => self.types.entry(key).or_default().push(TypeAt { place, item, kind: TypeDef::Struct(fields) }),
            ItemKind::Enum(variants) => self.types.entry(key).or_default().push(TypeAt { place, item, kind: TypeDef::Enum(variants) }),
            ItemKind::TypeAlias(ty) if place.owner.is_none() => {
                self.types.entry(key).or_default().push(TypeAt { place, item, kind: TypeDef::Alias(ty) });
            }
            ItemKind::Impl { self_ty, items, .. } => {
                let owner = self_ty.path().map(|p| p.last());
                self.items(items, Place { owner, ..place }, names);
            }
            ItemKind::Trait(items) => self.items(items, Place { owner: Some(item.name.as_str()), ..place }, names),
            ItemKind::Mod(Some(items)) => self.items(items, Place { module: item.name.as_str(), ..place }, names),
            ItemKind::Macro(call) => self.items(&call.items, place, names),
            ItemKind::MacroRules(body) => {
                self.local_macros.entry(key).or_default().push(MacroAt { name: item.name.as_str(), file: place.file, body: *body });
            }
            ItemKind::ExternCrate(alias) => {
                self.roots.insert(key);
                if attributes::has(&item.attrs, "macro_use") {
                    self.macro_use.insert(key);
                }
                if let Some(alias) = alias {
                    names.imports.insert(alias.as_str(), vec![item.name.as_str()]);
                }
            }
            ItemKind::Use(imports) => {
                for import in imports {
                    self.import(package, import, names);
                }
            }
            _ => {}
        }
    }

    fn import(&mut self, package: &'a str, import: &'a Import, names: &mut Names<'a>) {
        let path: Vec<&'a str> = import.path.iter().map(|i| i.as_str()).collect();
        if let Some(&root) = path.first() {
            self.roots.insert((package, root));
        }
        match &import.name {
            Some(name) => {
                names.imports.insert(name.as_str(), path);
            }
            None => names.globs.push(path),
        }
    }

    /// The names of a file.
    pub(super) fn names(&self, file: usize) -> Option<&Names<'a>> {
        self.names.get(file)
    }

    /// The package of a file.
    pub(super) fn package(&self, file: usize) -> &'a str {
        self.files.get(file).map_or("", |f| &f.source.package)
    }

    /// The module that a file is.
    pub(super) fn module(&self, file: usize) -> &'a str {
        self.files.get(file).map_or("", |f| module_of(&f.source.path))
    }

    /// Whether any file of the package names one of these crates in a `use` or `extern crate`.
    pub(super) fn mentions(&self, package: &str, crates: &[String]) -> bool {
        crates.iter().any(|c| self.roots.contains(&(package, c.as_str())))
    }

    /// Whether the package takes all macros of one of these crates.
    pub(super) fn takes_macros(&self, package: &str, crates: &[String]) -> bool {
        crates.iter().any(|c| self.macro_use.contains(&(package, c.as_str())))
    }

    /// Whether the package defines a macro of this name itself.
    pub(super) fn has_local_macro(&self, package: &str, name: &str) -> bool {
        self.local_macros.contains_key(&(package, name))
    }

    /// All macros that the tree defines.
    pub(super) fn macros(&self) -> impl Iterator<Item = MacroAt<'a>> + '_ {
        self.local_macros.values().flatten().copied()
    }

    /// The text of some bytes of a file.
    pub(super) fn text(&self, file: usize, span: Span) -> Option<&'a str> {
        self.files.get(file).map(|f| span.text(&f.source.text))
    }

    /// The location of some bytes of a file.
    pub(super) fn location(&self, file: usize, span: Span) -> Option<Location> {
        self.files.get(file).map(|f| Location::new(&f.source.path, span))
    }

    /// Whether a package of the tree is the crate of this name.
    pub(super) fn crate_in_tree(&self, name: &str) -> Option<&'a str> {
        self.crates.get(name).copied()
    }

    /// A path with its first segment replaced by what a `use` says it is.
    pub(super) fn full_path<'p>(&self, file: usize, path: &[&'p str]) -> Vec<&'p str>
    where
        'a: 'p,
    {
        let imported = path.first().and_then(|first| self.names(file)?.imports.get(first));
        match imported {
            Some(full) => full.iter().copied().chain(path.iter().skip(1).copied()).collect(),
            None => path.to_vec(),
        }
    }

    /// The package that a full path leads to.
    pub(super) fn package_of(&self, file: usize, full: &[&str]) -> &'a str {
        match full.first() {
            Some(&root) if full.len() > 1 => self.crates.get(root).copied().unwrap_or_else(|| self.package(file)),
            _ => self.package(file),
        }
    }

    /// What `path`, seen from `file`, names; the candidates that fit best.
    fn look_up<T: Copy>(
        &self,
        index: &ByName<'a, T>,
        file: usize,
        path: &[&str],
        self_ty: Option<&str>,
        place: impl Fn(&T) -> Place<'a>,
    ) -> Vec<T> {
        let full = self.full_path(file, path);
        let Some(&name) = full.last() else { return Vec::new() };
        let package = self.package_of(file, &full);
        let Some(all) = index.get(&(package, name)) else { return Vec::new() };
        let qualifier = full.iter().rev().nth(1).copied().filter(|q| !matches!(*q, "crate" | "self" | "super"));
        let qualifier = if qualifier == Some("Self") { self_ty } else { qualifier };
        let fits = |test: &dyn Fn(&Place<'a>) -> bool| -> Vec<T> { all.iter().filter(|t| test(&place(t))).copied().collect() };
        if let Some(qualifier) = qualifier {
            let found = fits(&|p| p.owner == Some(qualifier) || (p.owner.is_none() && p.module == qualifier));
            if !found.is_empty() {
                return found;
            }
            return fits(&|p| p.owner.is_none());
        }
        let here = fits(&|p| p.file == file && p.owner.is_none());
        if here.is_empty() { fits(&|p| p.owner.is_none()) } else { here }
    }

    /// The constants that `path` may name.
    pub(super) fn constants(&self, file: usize, path: &[&str], self_ty: Option<&str>) -> Vec<Constant<'a>> {
        let found = self.look_up(&self.constants, file, path, self_ty, |c| c.place);
        if found.is_empty() {
            self.miss(file, path);
        }
        found
    }

    /// The functions that `path` may name.
    pub(super) fn functions(&self, file: usize, path: &[&str], self_ty: Option<&str>) -> Vec<FunctionAt<'a>> {
        self.look_up(&self.functions, file, path, self_ty, |f| f.place)
    }

    /// The struct, enum or alias that `path` names, where it is one.
    pub(super) fn type_def(&self, file: usize, path: &[&str]) -> Option<TypeAt<'a>> {
        match self.look_up(&self.types, file, path, None, |t| t.place).as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    }

    fn miss(&self, file: usize, path: &[&str]) {
        let full = self.full_path(file, path);
        let Some(&name) = full.last() else { return };
        let screaming = name.len() > 1 && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        if screaming && let Ok(mut misses) = self.misses.lock() {
            misses.insert((self.package_of(file, &full).to_owned(), name.to_owned()));
        }
    }

    /// (package, constant) of everything that was looked up in vain.
    pub(super) fn take_misses(&self) -> BTreeSet<(String, String)> {
        self.misses.lock().map(|mut m| std::mem::take(&mut *m)).unwrap_or_default()
    }
}

/// The name of the module that a file is.
fn module_of(path: &str) -> &str {
    let mut parts = path.rsplit('/');
    let stem = parts.next().unwrap_or_default().trim_end_matches(".rs");
    if stem == "mod" { parts.next().unwrap_or(stem) } else { stem }
}
