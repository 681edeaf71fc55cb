//! What the parsed files of a tree define: constants, types, functions, imports, by package and name.
//!
//! Knows no metrics library. A name that is looked up and not found is remembered, so that the files that define it can be
//! parsed in a further round.

use std::collections::BTreeSet;
use std::hash::Hash;
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};
use smallvec::SmallVec;

use super::defined::Defined;
pub(super) use super::parsed::{Origin, Parsed};
use super::paths::module_of;
use crate::knowledge::libraries;
use crate::source::{Location, Span};
use crate::syntax::rust::tree::{Block, Expr, ExprKind, Field, Function, Item, ItemKind, MacroCall, Stmt, Type, Variant};

/// Something that is named and that no file read so far defines.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Miss {
    /// A constant or static of this package.
    Constant { package: String, name: String },
    /// The enum or alias of this name, of any package.
    Type(String),
    /// Calls, wherever they are written like this.
    Calls(String),
    /// Struct literals of this type.
    Literals(String),
    /// An assignment to a field of this name, in a package.
    Assigned { package: String, field: String },
    /// This text, as whole words.
    Text(String),
    /// The body of a function that was left out when its file was parsed: the file's path and the place of its brace.
    Body(Arc<str>, u32),
    /// What a macro call expands to: file and start of the call's body.
    Expansion(usize, u32),
}

/// A constant or static.
#[derive(Clone, Copy, Debug)]
pub(super) struct Constant<'a> {
    pub(super) place: Place<'a>,
    pub(super) ty: Option<&'a Type>,
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
    /// The trait that this impl is of.
    pub(super) implements: Option<&'a str>,
    /// The module or function around it, where that is not the whole file.
    pub(super) within: Span,
}

/// A whole file.
pub(super) const EVERYWHERE: Span = Span { start: 0, end: u32::MAX };

/// Of what is in no file.
const NOWHERE: Place<'static> = Place { file: usize::MAX, module: "", owner: None, implements: None, within: EVERYWHERE };

/// Of functions of one name, of which there are few as a rule.
pub(super) type Positions = SmallVec<[u32; 4]>;

/// A `macro_rules!`.
#[derive(Clone, Copy, Debug)]
pub(super) struct MacroAt<'a> {
    pub(super) name: &'a str,
    pub(super) file: usize,
    pub(super) body: Span,
}

impl MacroAt<'_> {
    /// Its identity.
    pub(super) fn key(&self) -> (usize, u32) {
        (self.file, self.body.start)
    }
}

/// A function.
#[derive(Clone, Copy, Debug)]
pub(super) struct FunctionAt<'a> {
    pub(super) place: Place<'a>,
    pub(super) item: &'a Item,
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
#[derive(Clone, Debug, Default)]
pub(super) struct Names<'a> {
    /// Local name to full path.
    pub(super) imports: HashMap<&'a str, Vec<&'a str>>,
    /// The same of the modules in the file: by module and name.
    pub(super) inner: HashMap<(&'a str, &'a str), Vec<&'a str>>,
    /// Paths imported with a star.
    pub(super) globs: Vec<Vec<&'a str>>,
    /// Modules that it declares.
    pub(super) modules: HashSet<&'a str>,
}

pub(super) type ByName<'a, T> = HashMap<(&'a str, &'a str), Vec<T>>;

/// The parsed files of a tree and an index of what they define.
#[derive(Debug, Default)]
pub(super) struct World<'a> {
    pub(super) files: Vec<&'a Parsed>,
    names: Vec<Names<'a>>,
    /// The files of each package.
    of_package: HashMap<&'a str, Vec<usize>>,
    constants: ByName<'a, Constant<'a>>,
    all_functions: Vec<FunctionAt<'a>>,
    /// By package and name: positions in the list of all, as in what follows.
    functions: HashMap<(&'a str, &'a str), Positions>,
    /// By type or trait, and name.
    methods: HashMap<(&'a str, &'a str), Positions>,
    /// By name alone.
    named: HashMap<&'a str, Positions>,
    pub(super) types: ByName<'a, TypeAt<'a>>,
    /// The packages that define types of a name.
    type_homes: HashMap<&'a str, Vec<&'a str>>,
    pub(super) local_macros: HashMap<(&'a str, &'a str), Vec<MacroAt<'a>>>,
    /// Traits, and type parameters that a trait is implemented for.
    pub(super) shared: HashSet<&'a str>,
    /// Calls of macros where items stand, with their files.
    pub(super) item_macros: Vec<(usize, &'a MacroCall)>,
    /// The same by package and the macro's name.
    calls_among_items: ByName<'a, (usize, &'a MacroCall)>,
    /// What macro calls expand to, by file and start of the call's body: the file, or why there is none.
    expansions: HashMap<(usize, u32), Result<usize, &'static str>>,
    /// Libraries whose words a file or the expansions in it hold.
    libraries: Vec<Vec<&'static str>>,
    /// Packages by crate name (`-` as `_`).
    pub(super) crates: HashMap<String, &'a str>,
    /// The file of a package's library root.
    lib_files: HashMap<&'a str, usize>,
    /// (package, first path segment) of everything imported or named with `extern crate`.
    pub(super) roots: HashSet<(&'a str, &'a str)>,
    /// (package, crate of a library) of everything imported through another crate.
    through: HashSet<(&'a str, &'a str)>,
    /// (package, crate) of `#[macro_use] extern crate`.
    macro_use: HashSet<(&'a str, &'a str)>,
    customizes_registries: bool,
}

impl<'a> World<'a> {
    /// Takes a further file; gives its index.
    pub(super) fn add(&mut self, file: &'a Parsed) -> usize {
        let index = self.files.len();
        self.add_all(vec![file]);
        index
    }

    /// Takes further files, of which none is what a macro call in another one of them expands to; the first has the next index.
    pub(super) fn add_all(&mut self, files: Vec<&'a Parsed>) {
        let first = self.files.len();
        for (index, file) in (first..).zip(&files) {
            self.crates.entry(file.source.package.replace('-', "_")).or_insert(&file.source.package);
            self.libraries.push(file.libraries.clone());
            push(&mut self.of_package, &*file.source.package, index);
            if let Some(origin) = file.origin.as_ref().filter(|o| o.inline) {
                self.add_libraries(origin.file, &file.libraries);
            }
            if module_of(&file.source.path) == "lib" && file.origin.is_none() {
                self.lib_files.entry(&file.source.package).or_insert(index);
            }
        }
        let defined = |(at, file): (usize, &&'a Parsed)| {
            // What a macro expands to sees the names of the file that calls it.
            let caller = file.origin.as_ref().and_then(|o| self.names.get(o.file));
            Defined::of(first + at, file, caller.cloned().unwrap_or_default())
        };
        let mut defined: Vec<Defined<'a>> = files.par_iter().enumerate().map(defined).collect();
        self.files.extend(files);
        self.names.extend(defined.iter_mut().map(|d| std::mem::take(&mut d.names)));
        self.take(defined);
    }

    /// Takes in what items that stand in bodies of functions which were read now define: files and places of braces.
    pub(super) fn add_bodies(&mut self, bodies: &BTreeSet<(usize, u32)>) {
        for (index, brace) in bodies {
            let (Some(file), Some(names)) = (self.files.get(*index).copied(), self.names.get_mut(*index)) else { continue };
            let mut defined = Defined::of_body(*index, file, *brace, std::mem::take(names));
            *names = std::mem::take(&mut defined.names);
            self.take(vec![defined]);
        }
    }

    fn take(&mut self, mut defined: Vec<Defined<'a>>) {
        let package = |file: usize| self.files.get(file).map_or("", |f| &*f.source.package);
        let World {
            all_functions,
            functions,
            methods,
            named,
            constants,
            types,
            type_homes,
            local_macros,
            shared,
            item_macros,
            calls_among_items,
            roots,
            through,
            macro_use,
            ..
        } = self;
        let mut new: Vec<FunctionAt<'a>> = Vec::with_capacity(defined.iter().map(|d| d.functions.len()).sum());
        defined.iter_mut().for_each(|d| new.append(&mut d.functions));
        let at = u32::try_from(all_functions.len()).unwrap_or(u32::MAX);
        let mut by_package = || {
            for (at, function) in (at..).zip(&new) {
                functions.entry((package(function.place.file), function.item.name.as_str())).or_default().push(at);
            }
        };
        let by_name = || {
            for (at, function) in (at..).zip(&new) {
                let name = function.item.name.as_str();
                named.entry(name).or_default().push(at);
                if let Some(owner) = function.place.owner {
                    methods.entry((owner, name)).or_default().push(at);
                }
            }
        };
        let others = || {
            for one in defined {
                let package = package(one.file);
                one.constants.into_iter().for_each(|(name, constant)| push(constants, (package, name), constant));
                for found in one.types {
                    let name = found.item.name.as_str();
                    if !types.contains_key(&(package, name)) {
                        push(type_homes, name, package);
                    }
                    push(types, (package, name), found);
                }
                one.macros.into_iter().for_each(|found| push(local_macros, (package, found.name), found));
                shared.extend(one.shared);
                for call in one.item_macros {
                    item_macros.push((one.file, call));
                    push(calls_among_items, (package, call.path.last()), (one.file, call));
                }
                roots.extend(one.roots.into_iter().map(|root| (package, root)));
                through.extend(one.through.into_iter().map(|krate| (package, krate)));
                macro_use.extend(one.macro_use.into_iter().map(|krate| (package, krate)));
                self.customizes_registries |= one.customizes_registries;
            }
        };
        rayon::join(by_name, || {
            by_package();
            others();
        });
        all_functions.append(&mut new);
    }

    /// The structs, enums and aliases of this name, whoever defines them.
    pub(super) fn types_named<'n>(&'n self, name: &'n str) -> impl Iterator<Item = TypeAt<'a>> + 'n {
        let homes = self.type_homes.get(name).into_iter().flatten();
        homes.filter_map(move |package| self.types.get(&(*package, name))).flatten().copied()
    }

    /// The calls in a package, where items stand, of macros whose names fit.
    pub(super) fn calls_among_items(
        &self,
        package: &str,
        fits: impl Fn(&str) -> bool,
    ) -> impl Iterator<Item = (usize, &'a MacroCall)> + '_ {
        let named = self.calls_among_items.iter().filter(move |((of, name), _)| *of == package && fits(name));
        let mut all: Vec<(usize, &'a MacroCall)> = named.flat_map(|(_, calls)| calls).copied().collect();
        all.sort_by_key(|(file, call)| (*file, call.body.start));
        all.into_iter()
    }

    /// The functions at these positions in the list of all.
    fn at<'n>(&'n self, positions: Option<&'n Positions>) -> impl Iterator<Item = FunctionAt<'a>> + 'n {
        positions.into_iter().flatten().filter_map(|at| self.all_functions.get(*at as usize)).copied()
    }

    fn add_libraries(&mut self, file: usize, libraries: &[&'static str]) {
        let mut at = Some(file);
        while let Some(file) = at {
            if let Some(own) = self.libraries.get_mut(file) {
                own.extend(libraries);
                own.sort_unstable();
                own.dedup();
            }
            at = self.files.get(file).and_then(|f| f.origin.as_ref()).filter(|o| o.inline).map(|o| o.file);
        }
    }

    /// Whether a file, or what macros in it expand to, holds the words of a library.
    pub(super) fn has_words_of(&self, file: usize, library: &str) -> bool {
        self.libraries.get(file).is_some_and(|all| all.contains(&library))
    }

    /// Remembers what a macro call expands to.
    pub(super) fn expand(&mut self, file: usize, at: u32, to: Result<usize, &'static str>) {
        self.expansions.insert((file, at), to);
    }

    /// What the macro call whose body starts there expands to.
    pub(super) fn expansion(&self, file: usize, at: u32) -> Option<Result<usize, &'static str>> {
        self.expansions.get(&(file, at)).copied()
    }

    /// The statements of an expansion that stands among statements.
    pub(super) fn inline(&self, file: usize) -> Option<&'a Block> {
        let parsed: &'a Parsed = self.files.get(file).copied()?;
        parsed.origin.as_ref().filter(|o| o.inline)?;
        match &parsed.tree.items.first()?.kind {
            ItemKind::Fn(function) => function.body.as_deref(),
            _ => None,
        }
    }

    /// Whether a file that was read names this package's crate, whose root was not read.
    pub(super) fn names_unread_root(&self, package: &str) -> bool {
        let krate = package.replace('-', "_");
        !self.lib_files.contains_key(package) && self.roots.iter().any(|(_, root)| **root == *krate)
    }

    /// The names of a file.
    pub(super) fn names(&self, file: usize) -> Option<&Names<'a>> {
        self.names.get(file)
    }

    /// The files of a package.
    pub(super) fn files_of(&self, package: &str) -> impl Iterator<Item = usize> + '_ {
        self.of_package.get(package).into_iter().flatten().copied()
    }

    /// The package of a file.
    pub(super) fn package(&self, file: usize) -> &'a str {
        self.files.get(file).map_or("", |f| &f.source.package)
    }

    /// Whether any file of the package names one of these crates in a `use` or `extern crate`.
    pub(super) fn mentions(&self, package: &str, crates: &[String]) -> bool {
        crates.iter().any(|c| self.roots.contains(&(package, c.as_str())) || self.through.contains(&(package, c.as_str())))
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
    pub(super) fn location(&self, file: usize, span: Span) -> Location {
        match self.files.get(file) {
            Some(parsed) => parsed.location(span),
            None => Location { path: "".into(), span },
        }
    }

    /// Whether a registry of the `prometheus` crate may add to the names or labels of metrics.
    pub(super) fn customizes_registries(&self) -> bool {
        self.customizes_registries
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
        let full: Vec<&'p str> = match imported {
            Some(full) => full.iter().copied().chain(path.iter().skip(1).copied()).collect(),
            None => path.to_vec(),
        };
        // `crate::prometheus::Gauge`, where the root of the crate takes a library.
        if let ["crate", name, _, ..] = full.as_slice()
            && let Some(root) = self.lib_files.get(self.package(file)).and_then(|root| self.names(*root))
            && let Some(taken) = root.imports.get(name)
            && taken.first().is_some_and(|krate| !root.modules.contains(krate) && libraries::all().iter().any(|l| l.owns(krate)))
        {
            return taken.iter().copied().chain(full.iter().skip(2).copied()).collect();
        }
        full
    }

    /// The full path behind a crate of the tree that only hands a name on: `facade::name` is `library::name` where the root of
    /// `facade` has `pub use library::name`, also in a module of its own, and `facade::module::name` where it has `pub use module::name`.
    pub(super) fn behind_facades<'p>(&self, mut full: Vec<&'p str>) -> Vec<&'p str>
    where
        'a: 'p,
    {
        for _ in 0..4 {
            let [root, name, rest @ ..] = full.as_slice() else { break };
            let Some(file) = self.crate_in_tree(root).and_then(|package| self.lib_files.get(package)) else { break };
            let Some(names) = self.names(*file) else { break };
            if let [inner, after @ ..] = rest
                && let Some(path) = names.inner.get(&(*name, *inner)).filter(|p| !matches!(p.first(), Some(&("crate" | "self" | "super"))))
            {
                full = path.iter().copied().chain(after.iter().copied()).collect();
                continue;
            }
            let Some([head, inner @ ..]) = names.imports.get(name).map(Vec::as_slice) else { break };
            let own = matches!(*head, "crate" | "self");
            let root = (own || names.modules.contains(head)).then_some(*root);
            let head = (!own).then_some(*head);
            full = root.into_iter().chain(head).chain(inner.iter().copied()).chain(rest.iter().copied()).collect();
        }
        full
    }

    /// The package that a full path leads to.
    pub(super) fn package_of(&self, file: usize, full: &[&str]) -> &'a str {
        match full.first() {
            Some(&root) if full.len() > 1 => self.crates.get(root).copied().unwrap_or_else(|| self.package(file)),
            _ => self.package(file),
        }
    }

    /// The constants of this name that stand in a file.
    pub(super) fn constants_in(&self, file: usize, name: &str) -> Vec<Constant<'a>> {
        let all = self.constants.get(&(self.package(file), name)).into_iter().flatten();
        all.filter(|c| c.place.file == file).copied().collect()
    }

    /// The constants that `path` may name.
    pub(super) fn constants(&self, file: usize, path: &[&str], self_ty: Option<&str>) -> Vec<Constant<'a>> {
        self.look_up(&self.constants, file, path, self_ty, |c| c.place)
    }

    /// The methods and associated functions of this name of the types of this name.
    pub(super) fn methods(&self, ty: &str, name: &str) -> Vec<FunctionAt<'a>> {
        self.at(self.methods.get(&(ty, name))).collect()
    }

    /// How many methods of this name there are.
    pub(super) fn all_methods(&self, name: &str) -> usize {
        self.methods_named(name).count()
    }

    /// The methods of this name, of whatever type or trait.
    pub(super) fn methods_named(&self, name: &str) -> impl Iterator<Item = FunctionAt<'a>> + '_ {
        self.with_name(name).filter(|f| f.place.owner.is_some())
    }

    /// Every function and method.
    pub(super) fn all_functions(&self) -> impl Iterator<Item = FunctionAt<'a>> + '_ {
        self.all_functions.iter().copied()
    }

    /// The functions of this name and owner, wherever they are.
    pub(super) fn all_named<'n>(&'n self, name: &'n str, owner: Option<&'n str>) -> impl Iterator<Item = FunctionAt<'a>> + 'n {
        self.with_name(name).filter(move |f| f.place.owner == owner)
    }

    /// The functions and methods of this name, wherever they are.
    pub(super) fn with_name<'n>(&'n self, name: &str) -> impl Iterator<Item = FunctionAt<'a>> + 'n {
        self.at(self.named.get(name))
    }

    /// The functions that `path` may name.
    pub(super) fn functions(&self, file: usize, path: &[&str], self_ty: Option<&str>) -> Vec<FunctionAt<'a>> {
        let look_up = |file: usize, path: &[&str], self_ty: Option<&str>| {
            let place = |at: &u32| self.all_functions.get(*at as usize).map_or(NOWHERE, |f| f.place);
            let found = self.look_up(&self.functions, file, path, self_ty, place);
            found.into_iter().filter_map(|at| self.all_functions.get(at as usize)).copied().collect::<Vec<_>>()
        };
        let found = look_up(file, path, self_ty);
        if !found.is_empty() {
            return found;
        }
        // Of a type by another name.
        let [.., ty, name] = path else { return found };
        let Some(alias) = self.type_def(file, path.get(..path.len() - 1).unwrap_or_default()).filter(|_| is_type(ty)) else { return found };
        let TypeDef::Alias(aliased) = alias.kind else { return found };
        let Some(full) = aliased.path().map(|p| p.names().chain([*name]).collect::<Vec<_>>()) else { return found };
        look_up(alias.place.file, &full, None)
    }

    /// The struct, enum or alias that `path` names, where it is one.
    pub(super) fn type_def(&self, file: usize, path: &[&str]) -> Option<TypeAt<'a>> {
        match self.look_up(&self.types, file, path, None, |t| t.place).as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    }

    /// What to look for, where a path that looks like a constant's or a variant's leads nowhere.
    pub(super) fn miss(&self, file: usize, path: &[&str]) -> Option<Miss> {
        let full = self.full_path(file, path);
        let name = full.last()?;
        let screaming = name.len() > 1 && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        if screaming {
            return Some(Miss::Constant { package: self.package_of(file, &full).to_owned(), name: (*name).to_owned() });
        }
        let [.., owner, variant] = full.as_slice() else { return None };
        (is_type(owner) && is_type(variant) && *owner != "Self").then(|| Miss::Type((*owner).to_owned()))
    }
}

/// Adds a thing of a name. Most names stand for one thing, and a list that grows by itself has room for four.
pub(super) fn push<K: Eq + Hash, T>(index: &mut HashMap<K, Vec<T>>, key: K, thing: T) {
    index.entry(key).or_insert_with(|| Vec::with_capacity(1)).push(thing);
}

/// Whether items stand in a block, as far as they are taken into the world.
pub(super) fn holds_items(block: &Block) -> bool {
    block.stmts.iter().any(|stmt| match stmt {
        Stmt::Item(_) => true,
        Stmt::Expr(Expr { kind: ExprKind::Block(inner), .. }, _) => holds_items(inner),
        _ => false,
    })
}

/// Whether a name is that of a type rather than of a module.
pub(super) fn is_type(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
}
