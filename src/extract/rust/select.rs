//! Which files are worth parsing.
//!
//! Looks at texts only: the libraries' trigger words, `const NAME` and `static NAME` of constants that are looked for, and the
//! files that `#[cfg(test)] mod name;` leaves to tests.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Arc, LazyLock};

use aho_corasick::{AhoCorasick, MatchKind};
use rayon::prelude::*;

use super::Settings;
use super::bodies::{Bodies, Words};
use super::handed_on::HandedOn;
use super::search::{Assigned, Called, Search, holds_literal, is_mention};
use super::world::Miss;
use crate::knowledge::libraries;
use crate::source::{SourceFile, Span};
use crate::syntax::rust::Part;

static TRIGGERS: LazyLock<Words> = LazyLock::new(|| Words::new(libraries::all().iter().flat_map(|l| &l.triggers).cloned()));

/// The libraries whose trigger words a text holds.
pub(super) fn libraries_of(text: &str) -> Vec<&'static str> {
    let holds = |library: &&'static libraries::Library| {
        library.triggers.iter().any(|t| memchr::memmem::find(text.as_bytes(), t.as_bytes()).is_some())
    };
    libraries::all().iter().filter(holds).map(|l| &*l.name).collect()
}

/// The files of a tree, read or not yet.
pub(super) struct Selection {
    /// Files that were not asked for yet.
    left: Vec<Arc<SourceFile>>,
    /// What they call, once that was asked for.
    called: Vec<Called>,
    looked_for: BTreeSet<Miss>,
    chosen: Vec<Arc<SourceFile>>,
    bodies: Bodies,
    handed_on: HandedOn,
    /// How calls of declared wrappers are written.
    declared: Option<Words>,
    pub(super) include_tests: bool,
    /// Bodies in files that were read, which were left out.
    skipped: BTreeMap<Arc<str>, (Arc<SourceFile>, Vec<Span>)>,
    /// Bodies that are read whatever they hold: path and place of the brace.
    opened: HashSet<(Arc<str>, u32)>,
    /// Texts that were not read when everything that defines or uses a metric was.
    unread: Vec<(Arc<SourceFile>, Option<Span>)>,
    /// What is on the way of a label's value: bodies of files that are read for it are parsed where they hold one of these.
    on_the_way: Option<Words>,
    /// What is in too many places to be followed.
    pub(super) everywhere: BTreeSet<String>,
}

/// Files and bodies in which something is, of more than which none is read.
const MAX_PLACES: usize = 50;

impl Selection {
    pub(super) fn new(files: &[&Arc<SourceFile>], settings: &Settings) -> Self {
        let tests = if settings.include_tests { HashSet::new() } else { test_modules(files) };
        let (mut left, mut chosen) = (Vec::new(), Vec::new());
        let declared = (!settings.wrappers.is_empty()).then(|| Words::new(settings.wrappers.iter().map(|w| w.called.word())));
        let calls = |text: &str| declared.as_ref().is_some_and(|words| words.occur_in(text));
        let wanted: Vec<bool> = files.par_iter().map(|f| TRIGGERS.occur_in(&f.text) || calls(&f.text)).collect();
        for (file, wanted) in files.iter().zip(wanted) {
            if in_modules(&file.path, &tests) {
                continue;
            }
            if wanted { chosen.push(Arc::clone(file)) } else { left.push(Arc::clone(file)) }
        }
        let handed_on = HandedOn::new(&chosen);
        if !handed_on.is_empty() {
            let names_one: Vec<bool> = left.par_iter().map(|f: &Arc<SourceFile>| handed_on.in_text(&f.text).next().is_some()).collect();
            let mut names_one = names_one.into_iter();
            let (more, rest): (Vec<_>, Vec<_>) = left.into_iter().partition(|_| names_one.next().unwrap_or_default());
            chosen.extend(more);
            left = rest;
        }
        left.sort_by(|a, b| a.path.cmp(&b.path));
        chosen.sort_by(|a, b| a.path.cmp(&b.path));
        let bodies = Bodies::new(&chosen);
        Selection {
            left,
            called: Vec::new(),
            looked_for: BTreeSet::new(),
            chosen,
            bodies,
            handed_on,
            declared,
            include_tests: settings.include_tests,
            skipped: BTreeMap::new(),
            opened: HashSet::new(),
            unread: Vec::new(),
            on_the_way: None,
            everywhere: BTreeSet::new(),
        }
    }

    /// The libraries that a file's text names, also by names under which the tree hands them on.
    pub(super) fn libraries_of(&self, text: &str) -> Vec<&'static str> {
        let mut all = libraries_of(text);
        all.extend(self.handed_on.in_text(text));
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Whether a function or module of a file of these libraries has to be parsed.
    pub(super) fn body_matters(&self, file: &SourceFile, part: &Part<'_>, libraries: &[&str]) -> bool {
        self.bodies.matter(part, libraries, self.include_tests)
            || self.declared.as_ref().is_some_and(|words| (!part.only_tests || self.include_tests) && words.occur_in(part.body))
            || self.on_the_way.as_ref().is_some_and(|words| words.occur_in(part.body))
            || !self.opened.is_empty() && self.opened.contains(&(Arc::clone(&file.path), part.brace))
    }

    /// Every file that is not a test's, by path.
    pub(super) fn code(&self) -> Vec<Arc<SourceFile>> {
        let mut all: Vec<Arc<SourceFile>> = self.chosen.iter().chain(&self.left).cloned().collect();
        all.sort_by(|a, b| a.path.cmp(&b.path));
        all
    }

    /// The files that can define or use metrics.
    pub(super) fn first(&self) -> Vec<Arc<SourceFile>> {
        self.chosen.clone()
    }

    /// Takes note of bodies that were not parsed.
    pub(super) fn left_out(&mut self, file: &Arc<SourceFile>, bodies: Vec<Span>) {
        self.skipped.insert(Arc::clone(&file.path), (Arc::clone(file), bodies));
    }

    /// Files not read yet that may define or hold what is looked for.
    pub(super) fn asked_for(&mut self, misses: &BTreeSet<Miss>) -> Vec<Arc<SourceFile>> {
        // What was looked for before is in none of them.
        let new: BTreeSet<Miss> = misses.difference(&self.looked_for).cloned().collect();
        if self.left.is_empty() || new.is_empty() {
            return Vec::new();
        }
        self.looked_for.extend(new.iter().cloned());
        if self.called.is_empty() {
            self.called = self.left.par_iter().map(|f| Called::of(&f.text)).collect();
        }
        let Some(search) = Search::in_files(&new) else { return Vec::new() };
        let hits: Vec<bool> = self.left.par_iter().zip(&self.called).map(|(f, called)| search.holds_file(f, called)).collect();
        let (mut more, mut left, mut called) = (Vec::new(), Vec::new(), Vec::new());
        let files = std::mem::take(&mut self.left).into_iter().zip(std::mem::take(&mut self.called));
        for ((file, words), hit) in files.zip(hits) {
            if hit {
                more.push(file);
            } else {
                left.push(file);
                called.push(words);
            }
        }
        (self.left, self.called) = (left, called);
        self.chosen.extend(more.iter().cloned());
        more
    }

    /// Roots of crates, not read yet, that may only hand on what others define: those that a file that was read names.
    pub(super) fn facades(&mut self, is_unread: impl Fn(&str) -> bool + Sync) -> Vec<Arc<SourceFile>> {
        let hands_on = |file: &Arc<SourceFile>| file.path.ends_with("lib.rs") && file.text.contains("pub use ") && is_unread(&file.package);
        let (more, left): (Vec<_>, Vec<_>) = std::mem::take(&mut self.left).into_iter().partition(hands_on);
        self.left = left;
        // In step with the files again when they are next asked for.
        if !more.is_empty() {
            self.called.clear();
        }
        self.chosen.extend(more.iter().cloned());
        more
    }

    /// Asks for the bodies that were left out and hold what is looked for. Gives the files to parse again.
    pub(super) fn open_bodies(&mut self, misses: &BTreeSet<Miss>) -> Vec<Arc<SourceFile>> {
        let (mut named, mut types) = (HashSet::new(), Vec::new());
        for miss in misses {
            match miss {
                Miss::Body(path, at) => _ = named.insert((&**path, *at)),
                Miss::Literals(ty) => types.push(ty.as_str()),
                _ => {}
            }
        }
        let (search, types) = (Search::in_bodies(misses), AhoCorasick::new(&types).ok().filter(|_| !types.is_empty()));
        let assigned = Assigned::new(misses);
        let wanted = |file: &SourceFile, body: Span, literals: bool| {
            named.contains(&(&*file.path, body.start))
                || search.as_ref().is_some_and(|s| s.holds_call(body.text(&file.text)))
                || assigned.in_text(&file.package, body.text(&file.text))
                || literals && types.as_ref().is_some_and(|t| holds_literal(body.text(&file.text), t))
        };
        let open: Vec<(Arc<SourceFile>, u32)> = self
            .skipped
            .par_iter()
            .flat_map_iter(|(_, (file, bodies))| {
                let literals = types.as_ref().is_some_and(|t| t.is_match(&*file.text));
                let new = bodies.iter().filter(move |b| wanted(file, **b, literals));
                new.map(|b| (Arc::clone(file), b.start))
            })
            .filter(|(file, at)| !self.opened.contains(&(Arc::clone(&file.path), *at)))
            .collect();
        self.opened.extend(open.iter().map(|(file, at)| (Arc::clone(&file.path), *at)));
        let files: BTreeMap<Arc<str>, Arc<SourceFile>> = open.into_iter().map(|(file, _)| (Arc::clone(&file.path), file)).collect();
        files.into_values().collect()
    }

    /// Leaves out of these what is in too many places; what is left is what the bodies of further files are parsed for.
    pub(super) fn narrow(&mut self, misses: &BTreeSet<Miss>) -> BTreeSet<Miss> {
        let new = |m: &&Miss| !self.looked_for.contains(*m) && !matches!(m, Miss::Calls(t) | Miss::Text(t) if self.everywhere.contains(t));
        let asked: BTreeSet<Miss> = misses.iter().filter(new).cloned().collect();
        if let Some(search) = Search::in_files(&asked) {
            let files = self.left.par_iter().map(|f| search.held(&f.text));
            let bodies = self.skipped.par_iter().flat_map_iter(|(_, (f, bodies))| bodies.iter().map(|b| search.held(b.text(&f.text))));
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for held in files.chain(bodies).filter(|h| !h.is_empty()).collect::<Vec<_>>() {
                held.into_iter().for_each(|text| *counts.entry(text).or_default() += 1);
            }
            let many: Vec<String> = counts.into_iter().filter(|(_, n)| *n > MAX_PLACES).map(|(text, _)| text.to_owned()).collect();
            self.everywhere.extend(many);
        }
        let few = |m: &&Miss| !matches!(m, Miss::Calls(text) | Miss::Text(text) if self.everywhere.contains(text));
        let chosen: BTreeSet<Miss> = misses.iter().filter(few).cloned().collect();
        self.on_the_way = Some(Words::new(chosen.iter().filter_map(|m| match m {
            Miss::Calls(text) | Miss::Text(text) => Some(text.clone()),
            _ => None,
        })));
        chosen
    }

    /// What is read from now on is not looked at by the libraries' collectors.
    pub(super) fn settle(&mut self) {
        let files = self.left.iter().map(|f| (Arc::clone(f), None));
        let bodies = self.skipped.values().flat_map(|(f, bodies)| bodies.iter().map(|b| (Arc::clone(f), Some(*b))));
        self.unread = files.chain(bodies).collect();
    }

    /// Which of these words occur in what the collectors did not see.
    pub(super) fn mentioned_elsewhere(&self, words: &BTreeSet<String>) -> HashSet<String> {
        if words.is_empty() {
            return HashSet::new();
        }
        let words: Vec<&String> = words.iter().collect();
        let builder = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&words);
        let Ok(search) = builder else { return words.into_iter().cloned().collect() };
        let found = |text: &str| -> HashSet<usize> {
            search.find_iter(text).filter(|m| is_mention(text, m.start(), m.end())).map(|m| m.pattern().as_usize()).collect()
        };
        let text = |(file, body): &(Arc<SourceFile>, Option<Span>)| match body {
            Some(body) => found(body.text(&file.text)),
            None => found(&file.text),
        };
        let all: Vec<HashSet<usize>> = self.unread.par_iter().map(text).filter(|found| !found.is_empty()).collect();
        all.into_iter().flatten().filter_map(|p| words.get(p).map(|w| (*w).clone())).collect()
    }
}

/// Paths without `.rs` of the modules that only tests compile: `a/b` for `a/b.rs` and `a/b/mod.rs`.
fn test_modules(files: &[&Arc<SourceFile>]) -> HashSet<String> {
    let found: Vec<Vec<String>> = files.par_iter().map(|f| test_modules_of(f)).collect();
    found.into_iter().flatten().collect()
}

fn test_modules_of(file: &SourceFile) -> Vec<String> {
    let text: &str = &file.text;
    let folder = module_folder(&file.path);
    let mut found = Vec::new();
    for at in memchr::memmem::find_iter(text.as_bytes(), b"#[cfg(") {
        let rest = text.get(at + 6..).unwrap_or_default();
        let Some(end) = rest.find(']') else { continue };
        let condition: String = rest.get(..end).unwrap_or_default().chars().filter(|c| !c.is_whitespace()).collect();
        let only_tests = condition == "test)"
            || (condition.starts_with("all(") && condition.split(['(', ',', ')']).any(|w| w == "test") && !condition.contains("not("));
        if !only_tests {
            continue;
        }
        let mut after = rest.get(end + 1..).unwrap_or_default().trim_start();
        let mut named = None;
        while let Some(attribute) = after.strip_prefix("#[") {
            let Some(close) = attribute.find(']') else { break };
            let inside = attribute.get(..close).unwrap_or_default();
            if let Some(path) = inside.trim_start().strip_prefix("path") {
                named = path.split('"').nth(1);
            }
            after = attribute.get(close + 1..).unwrap_or_default().trim_start();
        }
        let declared = after
            .strip_prefix("pub(crate)")
            .or_else(|| after.strip_prefix("pub(super)"))
            .or_else(|| after.strip_prefix("pub"))
            .unwrap_or(after);
        let Some(name) = declared.trim_start().strip_prefix("mod ") else { continue };
        let Some((name, _)) = name.split_once(';').filter(|(n, _)| n.trim().chars().all(|c| c.is_alphanumeric() || c == '_' || c == '#'))
        else {
            continue;
        };
        let name = name.trim().trim_start_matches("r#");
        match named {
            Some(path) => {
                let own = file.path.rsplit_once('/').map_or(String::new(), |(f, _)| format!("{f}/"));
                found.push(format!("{own}{}", path.trim_start_matches("./").trim_end_matches(".rs")));
            }
            None => found.push(format!("{folder}{name}")),
        }
    }
    found
}

/// The folder, with `/`, in which the modules of a file stand.
fn module_folder(path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').map_or((String::new(), path), |(f, n)| (format!("{f}/"), n));
    match name {
        "mod.rs" | "lib.rs" | "main.rs" => folder,
        _ => format!("{folder}{}/", name.trim_end_matches(".rs")),
    }
}

/// Whether a file is one of the modules, or is below one.
fn in_modules(path: &str, modules: &HashSet<String>) -> bool {
    if modules.is_empty() {
        return false;
    }
    let stem = path.trim_end_matches(".rs");
    std::iter::successors(Some(stem), |p| p.rsplit_once('/').map(|(up, _)| up)).any(|p| modules.contains(p))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileKind;

    #[test]
    fn modules_that_only_tests_compile_are_known() {
        let text = "#[cfg(test)]\nmod tests;\n#[cfg(test)]\n#[path = \"other.rs\"]\npub(crate) mod helpers;\n#[cfg(not(test))]\nmod real;\n#[cfg(test)] mod inline { }";
        let file = Arc::new(SourceFile::new("a/src/b.rs", FileKind::Rust, text));
        let modules = test_modules(&[&file]);
        assert!(
            in_modules("a/src/b/tests.rs", &modules)
                && in_modules("a/src/b/tests/x.rs", &modules)
                && in_modules("a/src/other.rs", &modules)
        );
        assert!(
            !in_modules("a/src/b/real.rs", &modules) && !in_modules("a/src/b/inline.rs", &modules) && !in_modules("a/src/b.rs", &modules)
        );
    }
}
