//! What a path means: of the items of a name those that it leads to.

use rustc_hash::FxHashMap as HashMap;

use super::parsed::Parsed;
use super::world::{Constant, MacroAt, Names, Place, TypeAt, TypeDef, World, is_type};
use crate::knowledge::libraries;
use crate::syntax::rust::tree::Path;

impl<'a> World<'a> {
    /// What `path`, seen from `file`, names; the candidates that fit best.
    pub(super) fn look_up<T: Copy, L: AsRef<[T]>>(
        &self,
        index: &HashMap<(&'a str, &'a str), L>,
        file: usize,
        path: &[&str],
        self_ty: Option<&str>,
        place: impl Fn(&T) -> Place<'a>,
    ) -> Vec<T> {
        let full = self.behind_facades(self.full_path(file, path));
        let Some(&name) = full.last() else { return Vec::new() };
        let package = self.package_of(file, &full);
        let Some(all) = index.get(&(package, name)) else {
            // What `use other_crate::*` brings.
            let [name] = full.as_slice() else { return Vec::new() };
            let globs = self.names(file).map(|n| n.globs.as_slice()).unwrap_or_default();
            let from = |glob: &Vec<&'a str>| {
                // Most lead to other modules, or out of the tree.
                self.crate_in_tree(glob.first()?)?;
                let full = self.behind_facades(glob.iter().copied().chain([*name]).collect());
                self.crate_in_tree(full.first()?).and_then(|package| index.get(&(package, *name)))
            };
            let all = globs.iter().find_map(from).map(AsRef::as_ref).unwrap_or_default();
            return all.iter().filter(|t| place(t).owner.is_none()).copied().collect();
        };
        let all = all.as_ref();
        let qualifier = full.iter().rev().nth(1).copied().filter(|q| !matches!(*q, "crate" | "self" | "super"));
        let qualifier = if qualifier == Some("Self") { self_ty } else { qualifier };
        let fits = |test: &dyn Fn(&Place<'a>) -> bool| -> Vec<T> { all.iter().filter(|t| test(&place(t))).copied().collect() };
        let found = match qualifier {
            Some(qualifier) => {
                let found = fits(&|p| p.owner == Some(qualifier) || (p.owner.is_none() && p.module == qualifier));
                // What no type has is no type's: `KeyValue::new` is not the function `new` of some module.
                if found.is_empty() && !is_type(qualifier) { fits(&|p| p.owner.is_none()) } else { found }
            }
            None => {
                let here = fits(&|p| p.file == file && p.owner.is_none());
                if here.is_empty() { fits(&|p| p.owner.is_none()) } else { here }
            }
        };
        if found.len() > 1 { self.nearest(file, &full, found, place) } else { found }
    }

    /// The struct, enum or alias that a name means in a file: where it is handed on by modules of the tree under other names, the only
    /// one of the name.
    pub(super) fn type_meant(&self, file: usize, name: &str) -> Option<TypeAt<'a>> {
        self.type_def(file, &[name]).or_else(|| {
            let full = self.full_path(file, &[name]);
            let [root, .., last] = full.as_slice() else { return None };
            if !matches!(*root, "crate" | "self" | "super") && !self.crates.contains_key(*root) {
                return None;
            }
            let mut all = self.types_named(last);
            let first = all.next()?;
            all.next().is_none().then_some(first)
        })
    }

    /// The name that something has where it is defined: behind a `use .. as ..` of the file, or of the module that hands it on.
    pub(super) fn name_before<'p>(&self, file: usize, name: &'p str) -> &'p str
    where
        'a: 'p,
    {
        let full = self.full_path(file, &[name]);
        let last = full.last().copied().unwrap_or(name);
        let (Some(&("crate" | "self" | "super")), Some(&module), true) = (full.first(), full.iter().rev().nth(1), last == name) else {
            return last;
        };
        let package = self.package(file);
        let handing_on = |(at, parsed): (usize, &&Parsed)| {
            let path = &*parsed.source.path;
            let stands = if module == "crate" { module_path(path).is_empty() } else { module_of(path) == module };
            let import = if stands && self.package(at) == package { self.names(at)?.imports.get(name) } else { None };
            import?.last().copied()
        };
        self.files.iter().enumerate().find_map(handing_on).unwrap_or(last)
    }

    /// The structs, enums and aliases that a name may mean in a file.
    pub(super) fn types_meant(&self, file: usize, name: &str) -> Vec<TypeAt<'a>> {
        self.look_up(&self.types, file, &[name], None, |t| t.place)
    }

    /// The only type of this name that a package defines.
    pub(super) fn type_in(&self, package: &str, name: &str) -> Option<TypeAt<'a>> {
        let [only] = self.types.get(&(package, name))?.as_slice() else { return None };
        Some(*only)
    }

    /// The enum of this name that has this variant, where several types of the name may be meant.
    pub(super) fn enum_with(&self, file: usize, name: &str, variant: &str) -> Option<TypeAt<'a>> {
        let has = |found: &TypeAt<'a>| matches!(found.kind, TypeDef::Enum(all) if all.iter().any(|v| v.name.as_str() == variant));
        self.type_def(file, &[name]).filter(has).or_else(|| {
            let mut all = self.types_named(name).filter(has);
            let first = all.next()?;
            all.next().is_none().then_some(first)
        })
    }

    /// The macro of the tree that a call means.
    pub(super) fn macro_named(&self, file: usize, path: &Path, at: u32) -> Option<MacroAt<'a>> {
        let names: Vec<&str> = path.names().collect();
        let full = self.behind_facades(self.full_path(file, &names));
        let name = *full.last()?;
        let own = self.package_of(file, &full);
        let in_package = self.local_macros.get(&(own, name));
        let elsewhere = self.is_elsewhere(file, &full);
        let all: Vec<MacroAt<'a>> = match in_package {
            // Of a crate of the tree under another name: `telemetry` for `shop-telemetry`.
            _ if elsewhere => {
                let named = self.macros().filter(|m| m.name == name).collect::<Vec<_>>();
                let root = full.first()?;
                let suffix = format!("_{root}");
                let is_librarys = || libraries::all().iter().any(|l| l.owns(root) && l.macro_named(name).is_some());
                let other = |m: &&MacroAt<'a>| self.package(m.file).replace('-', "_").ends_with(&suffix) && !is_librarys();
                named.first().filter(|m| named.len() == 1 && other(m))?;
                named
            }
            Some(all) => all.clone(),
            None => {
                let elsewhere: Vec<MacroAt<'a>> = self.macros().filter(|m| m.name == name).collect();
                let package = self.package(elsewhere.first()?.file);
                // Of another crate: only one that this one takes macros from.
                let krate = package.replace('-', "_");
                let through = full.len() > 1 && full.first().is_some_and(|root| self.crates.contains_key(*root));
                let globbed = |n: &Names<'a>| n.globs.iter().any(|g| g.first().is_some_and(|root| self.crate_in_tree(root).is_some()));
                let taken = through
                    || self.roots.contains(&(self.package(file), krate.as_str()))
                    || full.len() == 1 && self.names(file).is_some_and(globbed);
                if !taken || elsewhere.iter().any(|m| self.package(m.file) != package) {
                    return None;
                }
                elsewhere
            }
        };
        let here = all.iter().filter(|m| m.file == file && m.body.start < at).max_by_key(|m| m.body.start);
        here.or_else(|| all.iter().find(|m| m.file != file)).or(all.first()).copied()
    }

    /// Whether a macro's path leads to a crate that is not in the tree.
    pub(super) fn leads_out(&self, file: usize, path: &Path) -> bool {
        let names: Vec<&str> = path.names().collect();
        self.is_elsewhere(file, &self.behind_facades(self.full_path(file, &names)))
    }

    fn is_elsewhere(&self, file: usize, full: &[&str]) -> bool {
        let [root, .., name] = full else { return false };
        if self.crates.contains_key(*root) || matches!(*root, "crate" | "self" | "super") {
            return false;
        }
        // A path can also begin with a module.
        let in_module = |m: &MacroAt<'a>| self.files.get(m.file).is_some_and(|f| module_of(&f.source.path) == *root);
        !self.local_macros.get(&(self.package(file), *name)).is_some_and(|all| all.iter().any(in_module))
    }

    /// Whether a path names a module that none of these constants is in: the file that has it may not be read yet.
    pub(super) fn strays(&self, file: usize, path: &[&str], found: &[Constant<'a>]) -> bool {
        let full = self.behind_facades(self.full_path(file, path));
        let above = full.iter().rev().nth(1).copied().filter(|q| !matches!(*q, "crate" | "self" | "super" | "Self"));
        above.is_some_and(|q| !found.is_empty() && found.iter().all(|c| c.place.module != q && c.place.owner != Some(q)))
    }

    /// Of several items of one name those whose module the path leads to, else those that stand nearest.
    fn nearest<T: Copy>(&self, file: usize, full: &[&str], found: Vec<T>, place: impl Fn(&T) -> Place<'a>) -> Vec<T> {
        let path_of = |file: usize| self.files.get(file).map_or("", |f| &*f.source.path);
        let own = module_path(path_of(file));
        let above = full.get(..full.len().saturating_sub(1)).unwrap_or_default();
        let mut expected: Vec<&str> = match above.first() {
            Some(&"crate") => Vec::new(),
            Some(root) if self.crate_in_tree(root).is_some() => Vec::new(),
            _ => own.clone(),
        };
        for segment in above {
            match *segment {
                "super" => {
                    expected.pop();
                }
                "crate" | "self" => {}
                root if expected.is_empty() && self.crate_in_tree(root).is_some() => {}
                name => expected.push(name),
            }
        }
        let leads_to = |t: &&T| {
            let place = place(t);
            let path = path_of(place.file);
            let mut at = module_path(path);
            at.extend(Some(place.module).filter(|m| *m != module_of(path)));
            at.extend(place.owner);
            at == expected || (at.last() != Some(&place.module) && place.owner.is_none() && expected.last() == Some(&place.module))
        };
        let exact: Vec<T> = found.iter().filter(leads_to).copied().collect();
        if !exact.is_empty() {
            return exact;
        }
        // What a module hands on stands below it.
        let along = |t: &T| match above {
            [] => 0,
            _ => module_path(path_of(place(t).file)).iter().zip(&expected).take_while(|(a, b)| a == b).count(),
        };
        let beside = |t: &T| path_of(place(t).file).split('/').zip(path_of(file).split('/')).take_while(|(a, b)| a == b).count();
        let near = |t: &T| (along(t), beside(t));
        let best = found.iter().map(near).max().unwrap_or_default();
        found.into_iter().filter(|t| near(t) == best).collect()
    }
}

/// The name of the module that a file is.
pub(super) fn module_of(path: &str) -> &str {
    let mut parts = path.rsplit('/');
    let stem = parts.next().unwrap_or_default().trim_end_matches(".rs");
    if stem == "mod" { parts.next().unwrap_or(stem) } else { stem }
}

/// The modules that a file's path stands for, from its crate's root.
pub(super) fn module_path(path: &str) -> Vec<&str> {
    let inside = path.rsplit_once("/src/").map_or_else(|| path.strip_prefix("src/").unwrap_or(path), |(_, inside)| inside);
    let mut all: Vec<&str> = inside.trim_end_matches(".rs").split('/').collect();
    if matches!(all.last(), Some(&("mod" | "lib" | "main"))) {
        all.pop();
    }
    all
}
