//! The Python files of a tree: parsed when something in them is asked for, and what each binds to which name.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::mentions::is_used;
pub(super) use super::module::{Binding, Module};
use crate::source::{Location, SourceFile};
use crate::syntax::python::{Id, parse};

/// A word that stands in more files than this says nothing alone: for definitions, which would be missing without them, and for uses.
pub(super) const MANY_FILES: usize = 40;
pub(super) const SOME_FILES: usize = 8;

/// A node of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
    pub(super) file: usize,
    pub(super) node: Id,
}

/// Where a name is called, what else it goes by, and which classes are made from one of this name: of all files that were chosen.
#[derive(Debug, Default)]
struct Index {
    calls: HashMap<String, Vec<Place>>,
    aliases: HashMap<String, BTreeSet<String>>,
    made: HashMap<String, BTreeSet<String>>,
    passed: HashMap<String, BTreeSet<(String, usize)>>,
    functions: HashMap<String, Vec<Place>>,
    subclasses: HashMap<String, Vec<Place>>,
    on_others: HashMap<String, Vec<Place>>,
}

struct Entry<'a> {
    source: &'a Arc<SourceFile>,
    module: OnceLock<Module>,
}

/// All Python files.
pub(super) struct World<'a> {
    files: Vec<Entry<'a>>,
    by_stem: HashMap<String, Vec<usize>>,
    /// The files that were chosen to be read whole.
    pub(super) chosen: Vec<usize>,
    index: Index,
}

fn stem(path: &str) -> String {
    let path = path.trim_end_matches(".py").trim_end_matches("/__init__");
    path.rsplit('/').next().unwrap_or("").to_owned()
}

impl<'a> World<'a> {
    pub(super) fn new(sources: &[&'a Arc<SourceFile>]) -> Self {
        let mut by_stem: HashMap<String, Vec<usize>> = HashMap::new();
        for (i, source) in sources.iter().enumerate() {
            by_stem.entry(stem(&source.path)).or_default().push(i);
        }
        let files = sources.iter().map(|source| Entry { source, module: OnceLock::new() }).collect();
        World { files, by_stem, chosen: Vec::new(), index: Index::default() }
    }

    pub(super) fn source(&self, file: usize) -> Option<&'a Arc<SourceFile>> {
        self.files.get(file).map(|f| f.source)
    }

    /// The parsed file, read when first asked for.
    pub(super) fn module(&self, file: usize) -> Option<&Module> {
        self.files.get(file).map(|f| f.module.get_or_init(|| Module::new(parse(&f.source.text))))
    }

    pub(super) fn location(&self, place: Place) -> Location {
        match self.files.get(place.file) {
            Some(f) => Location::new(&f.source.path, self.module(place.file).map(|m| m.tree.span(place.node)).unwrap_or_default()),
            None => Location::new(&Arc::from(""), crate::source::Span::default()),
        }
    }

    /// The file that a module path means, seen from another file.
    pub(super) fn resolve(&self, from: usize, path: &str) -> Option<usize> {
        let source = self.source(from)?;
        let dots = path.len() - path.trim_start_matches('.').len();
        let parts: Vec<&str> = path.trim_start_matches('.').split('.').filter(|p| !p.is_empty()).collect();
        if dots > 0 {
            let mut folder: Vec<&str> = source.path.split('/').collect();
            for _ in 0..dots {
                folder.pop();
            }
            folder.extend(&parts);
            let base = folder.join("/");
            let stem = folder.last().map(|s| (*s).to_owned())?;
            let exact = |i: &&usize| {
                self.source(**i).is_some_and(|s| *s.path == *format!("{base}.py") || *s.path == *format!("{base}/__init__.py"))
            };
            return self.by_stem.get(&stem)?.iter().find(exact).copied();
        }
        let wanted = format!("/{}", parts.join("/"));
        let fits = |i: &&usize| {
            self.source(**i)
                .is_some_and(|s| format!("/{}", s.path.trim_end_matches(".py").trim_end_matches("/__init__")).ends_with(&wanted))
        };
        // The nearest of several: the one that shares most of the path.
        let shared = |i: &usize| self.source(*i).map_or(0, |s| s.path.bytes().zip(source.path.bytes()).take_while(|(a, b)| a == b).count());
        self.by_stem.get(*parts.last()?)?.iter().filter(fits).max_by_key(|i| shared(i)).copied()
    }

    /// Chooses files: parses them and takes what they hold into the index.
    pub(super) fn choose(&mut self, files: Vec<usize>) {
        files.par_iter().for_each(|file| {
            self.module(*file);
        });
        let mut index = std::mem::take(&mut self.index);
        for file in &files {
            let Some(module) = self.module(*file) else { continue };
            let place = |node: &Id| Place { file: *file, node: *node };
            for (name, calls) in &module.calls {
                index.calls.entry(name.clone()).or_default().extend(calls.iter().map(place));
            }
            for (of, alias) in module.aliases.iter().filter(|(of, alias)| of != alias) {
                index.aliases.entry(of.clone()).or_default().insert(alias.clone());
            }
            for (of, alias) in &module.made {
                index.made.entry(of.clone()).or_default().insert(alias.clone());
            }
            for (what, to, at) in &module.passed {
                index.passed.entry(what.clone()).or_default().insert((to.clone(), *at));
            }
            for (name, node) in &module.functions {
                index.functions.entry(name.clone()).or_default().push(place(node));
            }
            for (name, value) in &module.on_others {
                index.on_others.entry(name.clone()).or_default().push(place(value));
            }
            for (node, bases) in &module.classes {
                for base in bases {
                    index.subclasses.entry(base.clone()).or_default().push(place(node));
                }
            }
        }
        self.index = index;
        self.chosen.extend(files);
        self.chosen.sort_unstable();
        self.chosen.dedup();
    }

    /// Files that are not chosen yet and whose text is of this kind.
    pub(super) fn files_with(&self, wanted: fn(&str) -> bool) -> Vec<usize> {
        let chosen: HashSet<usize> = self.chosen.iter().copied().collect();
        let open = (0..self.files.len()).into_par_iter().filter(|i| !chosen.contains(i));
        open.filter(|i| self.source(*i).is_some_and(|s| wanted(&s.text))).collect()
    }

    /// Calls by the last part of what they call, in the files that were chosen.
    pub(super) fn calls(&self, name: &str) -> &[Place] {
        self.index.calls.get(name).map_or(&[], Vec::as_slice)
    }

    /// What is assigned to an attribute of this name on other objects than the one at hand.
    pub(super) fn set_on_others(&self, name: &str) -> &[Place] {
        self.index.on_others.get(name).map_or(&[], Vec::as_slice)
    }

    /// All names under which things of these names go, parameters included.
    pub(super) fn all_aliases(&self, names: BTreeSet<String>) -> BTreeSet<String> {
        let mut open: Vec<String> = names.iter().cloned().collect();
        let mut all = names;
        while let Some(name) = open.pop() {
            let plain = self.index.aliases.get(&name).into_iter().flatten().map(String::as_str);
            for alias in plain.chain(self.given_to(&name)) {
                if all.insert(alias.to_owned()) {
                    open.push(alias.to_owned());
                }
            }
        }
        all
    }

    /// Files that are not chosen yet and call or hand on one of these classes, or call one of these functions. A word that half the tree
    /// uses has to stand with one that says whose it is. Methods that Python itself calls are asked for in vain.
    pub(super) fn calling(&self, asked: &BTreeMap<String, BTreeSet<String>>, many: usize) -> Vec<usize> {
        let words: Vec<(&String, &BTreeSet<String>)> = asked.iter().filter(|(w, _)| w.len() > 3 && !w.starts_with("__")).collect();
        let kind = aho_corasick::MatchKind::LeftmostLongest;
        let is_class = |word: &str| word.trim_start_matches('_').starts_with(|c: char| c.is_ascii_uppercase());
        let pattern = |word: &str| if is_class(word) { word.to_owned() } else { format!("{word}(") };
        let search = aho_corasick::AhoCorasick::builder().match_kind(kind).build(words.iter().map(|(w, _)| pattern(w)));
        let Ok(search) = search else { return Vec::new() };
        let chosen: BTreeSet<usize> = self.chosen.iter().copied().collect();
        let of = |i: usize| {
            let text = self.source(i).map_or("", |s| &s.text);
            let text = text.as_bytes();
            let ends = |at: Option<&u8>| at.is_none_or(|b| !b.is_ascii_alphanumeric() && *b != b'_');
            let whole = |m: &aho_corasick::Match| {
                ends(m.start().checked_sub(1).and_then(|at| text.get(at)))
                    && (text.get(m.end() - 1) == Some(&b'(') || ends(text.get(m.end())))
            };
            let end = |m: &aho_corasick::Match| m.end() - usize::from(text.get(m.end() - 1) == Some(&b'('));
            let mut found: BTreeSet<usize> = BTreeSet::new();
            for m in search.find_iter(text) {
                let word = m.pattern().as_usize();
                if !found.contains(&word) && whole(&m) && is_used(text, m.start(), end(&m)) {
                    found.insert(word);
                }
            }
            (i, found)
        };
        let hits: Vec<(usize, BTreeSet<usize>)> =
            (0..self.files.len()).into_par_iter().filter(|i| !words.is_empty() && !chosen.contains(i)).map(of).collect();
        let mut files_of: HashMap<usize, usize> = HashMap::new();
        for word in hits.iter().flat_map(|(_, found)| found) {
            *files_of.entry(*word).or_default() += 1;
        }
        let has = |file: usize, owner: &str| self.source(file).is_some_and(|s| s.text.contains(owner));
        // Of what stands in many files, those that name the owner. An owner that many of them name says nothing either, unless it is a class.
        let mut owned: HashMap<usize, HashSet<usize>> = HashMap::new();
        for (word, _) in files_of.iter().filter(|(_, n)| **n > many) {
            let with: Vec<usize> = hits.iter().filter(|(_, found)| found.contains(word)).map(|(file, _)| *file).collect();
            for owner in words.get(*word).into_iter().flat_map(|(_, owners)| owners.iter()) {
                let of: Vec<usize> = with.iter().copied().filter(|file| has(*file, owner)).collect();
                if of.len() <= many || is_class(owner) {
                    owned.entry(*word).or_default().extend(of);
                }
            }
        }
        let fits = |file: usize, word: &usize| {
            files_of.get(word).is_none_or(|n| *n <= many) || owned.get(word).is_some_and(|files| files.contains(&file))
        };
        hits.into_iter().filter(|(file, found)| found.iter().any(|word| fits(*file, word))).map(|(file, _)| file).collect()
    }

    /// Other names under which what has this name is called, or what calls of it gave.
    pub(super) fn aliases(&self, name: &str) -> impl Iterator<Item = &str> {
        self.index.aliases.get(name).into_iter().chain(self.index.made.get(name)).flatten().map(String::as_str)
    }

    /// Whether what has this name is given to something as an argument.
    pub(super) fn is_handed_on(&self, name: &str) -> bool {
        self.index.passed.contains_key(name)
    }

    /// Parameters that are given what has this name.
    fn given_to(&self, name: &str) -> Vec<&str> {
        let functions = self.index.passed.get(name).into_iter().flatten();
        let functions = functions.flat_map(|(to, at)| self.index.functions.get(to).into_iter().flatten().map(|place| (*place, *at)));
        functions.filter_map(|(place, at)| self.module(place.file)?.parameter_at(place.node, at)).collect()
    }

    /// Classes that name a class of this name as a base.
    pub(super) fn subclasses(&self, name: &str) -> &[Place] {
        self.index.subclasses.get(name).map_or(&[], Vec::as_slice)
    }
}
