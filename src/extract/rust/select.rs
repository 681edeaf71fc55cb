//! Which files are worth parsing.
//!
//! Looks at texts only: the libraries' trigger words, `const NAME` and `static NAME` of constants that are looked for, and the
//! files that `#[cfg(test)] mod name;` leaves to tests.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, LazyLock};

use rayon::prelude::*;

use super::Settings;
use super::bodies::{Bodies, Words, tells};
use super::handed_on::HandedOn;
use super::identifiers::Identifiers;
use super::occurrences::{Occurrences, Pattern};
use super::programs::Programs;
use super::search::{Assigned, definitions, is_imported, is_mention, patterns_in_bodies, patterns_in_files};
use super::triggers::Triggers;
use super::world::Miss;
use crate::knowledge::{libraries, provides};
use crate::source::{Build, SourceFile, Span};
use crate::syntax::rust::{Part, end_of_code};

static TRIGGERS: LazyLock<Words> = LazyLock::new(|| {
    let provided = provides::all().iter().flat_map(|p| &p.triggers);
    Words::new(libraries::all().iter().flat_map(|l| &l.triggers).chain(provided).cloned())
});

/// The libraries whose trigger words a text holds.
pub(super) fn libraries_of(text: &str) -> Vec<&'static str> {
    OF_LIBRARY.in_text(text)
}

static OF_LIBRARY: LazyLock<Triggers> = LazyLock::new(|| {
    let words = libraries::all().iter().flat_map(|l| l.triggers.iter().map(|word| (word.as_str(), l.name.as_str())));
    let provided = provides::all().iter().flat_map(|p| p.triggers.iter().map(|word| (word.as_str(), provides::PROVIDED)));
    Triggers::new(words.chain(provided).collect())
});

/// The files of a tree, read or not yet.
pub(super) struct Selection {
    /// Those that may be read, by path.
    files: Vec<Arc<SourceFile>>,
    /// The bodies that were left out of each, which are in the order of the text; `None` where it was not asked for yet.
    skipped: Vec<Option<Vec<Span>>>,
    /// Those that can define or use metrics.
    first: Vec<usize>,
    /// Where they name what, once something was asked for.
    occurrences: Option<Occurrences>,
    looked_for: BTreeSet<Miss>,
    /// What was looked for and is in files or bodies that were asked for, since that was taken.
    found: BTreeSet<Miss>,
    bodies: Bodies,
    handed_on: HandedOn,
    /// How calls of declared wrappers are written.
    declared: Option<Words>,
    pub(super) include_tests: bool,
    /// Texts that were not read when everything that defines or uses a metric was.
    unread: Vec<(usize, Option<Span>)>,
    /// Where files that are not read yet hold what is on the way of a label's value: bodies around these places are parsed.
    on_the_way: Option<HashMap<usize, Vec<u32>>>,
    /// What is in too many places to be followed.
    pub(super) everywhere: BTreeSet<String>,
    /// Paths without `.rs` of the modules that are not built by default.
    optional: HashSet<String>,
}

/// What of a file matters.
pub(super) struct Interest<'s> {
    selection: &'s Selection,
    pub(super) libraries: Vec<&'static str>,
    /// Where it holds what is on the way of a label's value, once that is what files are read for.
    places: Option<Vec<u32>>,
}

impl Interest<'_> {
    /// Whether a function or module of the file has to be parsed.
    pub(super) fn in_part(&self, part: &Part<'_>) -> bool {
        let Selection { bodies, declared, include_tests, .. } = self.selection;
        let declared = || declared.as_ref().is_some_and(|words| (!part.only_tests || *include_tests) && words.occur_in(part.body));
        match &self.places {
            None => bodies.matter(part, &self.libraries, *include_tests) || declared(),
            Some(places) => {
                let body = part.brace as usize..part.brace as usize + part.body.len();
                tells(part, *include_tests) || places.iter().any(|at| body.contains(&(*at as usize)))
            }
        }
    }
}

/// Files and bodies in which something is, of more than which none is read.
const MAX_PLACES: usize = 50;

impl Selection {
    pub(super) fn new(files: &[&Arc<SourceFile>], settings: &Settings) -> Self {
        if !settings.include_tests {
            files.par_iter().for_each(|f| f.end_code(|| end_of_code(&f.text)));
        }
        let Modules { mut tests, optional } = modules(files);
        if settings.include_tests {
            tests.clear();
        }
        let declared = (!settings.wrappers.is_empty()).then(|| Words::new(settings.wrappers.iter().map(|w| w.called.word())));
        let calls = |text: &str| declared.as_ref().is_some_and(|words| words.occur_in(text));
        let mut files: Vec<Arc<SourceFile>> = files.iter().filter(|f| !in_modules(&f.path, &tests)).map(|f| Arc::clone(f)).collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let mut wanted: Vec<bool> = files.par_iter().map(|f| TRIGGERS.occur_in(f.code()) || calls(f.code())).collect();
        let all = |wanted: &[bool]| -> Vec<Arc<SourceFile>> {
            files.iter().zip(wanted).filter(|(_, wanted)| **wanted).map(|(f, _)| Arc::clone(f)).collect()
        };
        let handed_on = HandedOn::new(&all(&wanted));
        if !handed_on.is_empty() {
            let names_one = |(f, wanted): (&Arc<SourceFile>, &bool)| *wanted || handed_on.in_text(f.code()).next().is_some();
            wanted = files.par_iter().zip(&wanted).map(names_one).collect();
        }
        let bodies = Bodies::new(&all(&wanted));
        Selection {
            skipped: wanted.iter().map(|wanted| wanted.then(Vec::new)).collect(),
            first: wanted.iter().enumerate().filter(|(_, wanted)| **wanted).map(|(file, _)| file).collect(),
            files,
            occurrences: None,
            looked_for: BTreeSet::new(),
            found: BTreeSet::new(),
            bodies,
            handed_on,
            declared,
            include_tests: settings.include_tests,
            unread: Vec::new(),
            on_the_way: None,
            everywhere: BTreeSet::new(),
            optional,
        }
    }

    /// Whether a file is only built with a feature that is off by default.
    pub(super) fn is_optional(&self, path: &str) -> bool {
        in_modules(path, &self.optional)
    }

    /// How the packages are built.
    pub(super) fn builds(&self) -> BTreeMap<&str, &Build> {
        self.files.iter().map(|f| (&*f.package, &*f.build)).collect()
    }

    /// All files, by path.
    pub(super) fn files(&self) -> &[Arc<SourceFile>] {
        &self.files
    }

    /// The programs of the tree.
    pub(super) fn programs(&self) -> Programs<'_> {
        Programs::new(self.files.iter().map(|f| &**f), &self.builds())
    }

    /// The libraries that a file's text names, also by names under which the tree hands them on.
    pub(super) fn libraries_of(&self, file: &SourceFile) -> Vec<&'static str> {
        // What was not chosen at first holds no word of any.
        let position = self.files.binary_search_by(|f| f.path.cmp(&file.path));
        if position.is_ok_and(|at| self.first.binary_search(&at).is_err()) {
            return Vec::new();
        }
        let mut all = libraries_of(file.code());
        all.extend(self.handed_on.in_text(file.code()));
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Which functions and modules of a file have to be parsed.
    pub(super) fn interest_in(&self, file: &SourceFile) -> Interest<'_> {
        let position = self.files.binary_search_by(|f| f.path.cmp(&file.path)).ok();
        let places = |all: &'_ HashMap<usize, Vec<u32>>| position.and_then(|at| all.get(&at)).cloned().unwrap_or_default();
        Interest { selection: self, libraries: self.libraries_of(file), places: self.on_the_way.as_ref().map(places) }
    }

    /// The files that can define or use metrics.
    pub(super) fn first(&self) -> Vec<Arc<SourceFile>> {
        self.sources(&self.first)
    }

    fn sources<'f>(&self, files: impl IntoIterator<Item = &'f usize>) -> Vec<Arc<SourceFile>> {
        files.into_iter().filter_map(|file| self.files.get(*file)).cloned().collect()
    }

    /// Takes note of bodies that were not parsed.
    pub(super) fn left_out(&mut self, file: &Arc<SourceFile>, bodies: Vec<Span>) {
        if let Ok(at) = self.files.binary_search_by(|f| f.path.cmp(&file.path))
            && let Some(skipped) = self.skipped.get_mut(at)
        {
            *skipped = Some(bodies);
        }
    }

    /// The files that were not asked for yet.
    fn left(&self) -> impl Iterator<Item = (usize, &Arc<SourceFile>)> {
        self.files.iter().enumerate().filter(|(file, _)| self.is_left(*file))
    }

    fn is_left(&self, file: usize) -> bool {
        self.skipped.get(file).is_some_and(Option::is_none)
    }

    /// The body around a place, where it was left out of a file that was read.
    fn body_around(&self, file: usize, at: u32) -> Option<Span> {
        let bodies = self.skipped.get(file)?.as_ref()?;
        let before = bodies.partition_point(|b| b.start <= at).checked_sub(1)?;
        bodies.get(before).copied().filter(|b| at < b.end)
    }

    fn look_once(&mut self) {
        // Where nothing can matter, nothing is looked for.
        if self.occurrences.is_none() && !self.first.is_empty() {
            self.occurrences = Some(Occurrences::of(&self.files));
        }
    }

    /// Takes files as asked for.
    fn take(&mut self, files: &BTreeSet<usize>) -> Vec<Arc<SourceFile>> {
        for file in files {
            if let Some(skipped) = self.skipped.get_mut(*file) {
                *skipped = Some(Vec::new());
            }
        }
        self.sources(files)
    }

    /// Files not read yet that may define or hold what is looked for.
    pub(super) fn asked_for(&mut self, misses: &BTreeSet<Miss>) -> Vec<Arc<SourceFile>> {
        // What was looked for before is in none of them.
        let new: BTreeSet<Miss> = misses.difference(&self.looked_for).cloned().collect();
        if new.is_empty() || self.left().next().is_none() {
            return Vec::new();
        }
        self.looked_for.extend(new.iter().cloned());
        self.look_once();
        let Some(occurrences) = &self.occurrences else { return Vec::new() };
        let patterns: Vec<(&Miss, Pattern)> = new.iter().filter_map(|m| Some((m, patterns_in_files(m)?))).collect();
        let mut hit: BTreeSet<usize> = BTreeSet::new();
        let mut found: BTreeSet<Miss> = BTreeSet::new();
        for (miss, places) in patterns.par_iter().map(|(m, p)| (*m, occurrences.find(&self.files, p))).collect::<Vec<_>>() {
            let mut left = places.iter().map(|(file, _)| *file).filter(|file| self.is_left(*file)).peekable();
            if left.peek().is_some() {
                found.insert(miss.clone());
            }
            hit.extend(left);
        }
        let defining = |miss: &&Miss| {
            let (package, patterns) = definitions(miss);
            let in_package = |file: usize| self.files.get(file).is_some_and(|f| package.is_none_or(|package| *f.package == *package));
            let places = patterns.iter().flat_map(|p| occurrences.find(&self.files, p).iter().map(|(file, _)| *file).collect::<Vec<_>>());
            let files: BTreeSet<usize> = places.filter(|file| self.is_left(*file) && in_package(*file)).collect();
            (!files.is_empty()).then(|| (Miss::clone(miss), files))
        };
        for (miss, files) in new.par_iter().filter_map(|m| defining(&m)).collect::<Vec<_>>() {
            found.insert(miss);
            hit.extend(files);
        }
        let assigned = Assigned::new(&new);
        let naming: BTreeSet<usize> = assigned.fields().flat_map(|f| occurrences.files_naming(f)).filter(|f| self.is_left(*f)).collect();
        let assigns = |file: &usize| self.files.get(*file).is_some_and(|f| assigned.in_text(&f.package, f.code()));
        let assigning: Vec<usize> = naming.into_par_iter().filter(assigns).collect();
        if !assigning.is_empty() {
            // Which of them it is that stands there is not told.
            found.extend(new.iter().filter(|m| matches!(m, Miss::Assigned { .. })).cloned());
            hit.extend(assigning);
        }
        self.found.extend(found);
        self.take(&hit)
    }

    /// Roots of crates, not read yet, that may only hand on what others define: those that a file that was read names.
    pub(super) fn facades(&mut self, is_unread: impl Fn(&str) -> bool + Sync) -> Vec<Arc<SourceFile>> {
        let hands_on = |file: &Arc<SourceFile>| file.path.ends_with("lib.rs") && file.text.contains("pub use ") && is_unread(&file.package);
        let more: BTreeSet<usize> = self.left().filter(|(_, f)| hands_on(f)).map(|(file, _)| file).collect();
        self.take(&more)
    }

    /// Asks for the bodies that were left out and hold what is looked for: their files and bytes.
    pub(super) fn open_bodies(&mut self, misses: &BTreeSet<Miss>) -> Vec<(Arc<SourceFile>, Span)> {
        if misses.is_empty() {
            return Vec::new();
        }
        self.look_once();
        let Some(occurrences) = &self.occurrences else { return Vec::new() };
        let (mut patterns, mut types, mut open) = (Vec::new(), Vec::new(), BTreeSet::new());
        let mut found: BTreeSet<Miss> = BTreeSet::new();
        for miss in misses {
            match miss {
                Miss::Body(path, at) => {
                    let file = self.files.binary_search_by(|f| f.path.cmp(path)).ok();
                    let left = file.filter(|f| self.body_around(*f, *at).is_some_and(|b| b.start == *at));
                    found.extend(left.map(|_| miss.clone()));
                    open.extend(left.map(|f| (f, *at)));
                }
                Miss::Literals(ty) => types.push(ty.as_str()),
                _ => patterns.extend(patterns_in_bodies(miss).into_iter().map(|p| (miss, p))),
            }
        }
        let body = |(file, at): &(usize, u32)| Some((*file, self.body_around(*file, *at)?.start));
        let places = |(miss, pattern): &(&Miss, Pattern)| {
            let places: Vec<(usize, u32)> = occurrences.find(&self.files, pattern).iter().filter_map(body).collect();
            (!places.is_empty()).then(|| (Miss::clone(miss), places))
        };
        for (miss, places) in patterns.par_iter().filter_map(places).collect::<Vec<_>>() {
            found.insert(miss);
            open.extend(places);
        }
        // Struct literals, which can be written with `Self` where the file names the type. They are found also where something else asks
        // for the same body.
        let literal = |(file, at): &(usize, u32), name: &str| {
            let rest = self.files.get(*file).and_then(|f| f.text.get(*at as usize + name.len()..));
            rest.is_some_and(|rest| rest.trim_start().starts_with('{'))
        };
        let mut naming: HashMap<usize, Vec<&str>> = HashMap::new();
        for ty in &types {
            let pattern = Pattern::new((*ty).to_owned(), ty);
            let made: Vec<(usize, u32)> =
                occurrences.find(&self.files, &pattern).iter().filter(|place| literal(place, ty)).filter_map(body).collect();
            if !made.is_empty() {
                found.insert(Miss::Literals((*ty).to_owned()));
            }
            open.extend(made);
            occurrences.files_naming(ty).for_each(|file| naming.entry(file).or_default().push(ty));
        }
        if !types.is_empty() {
            let own = occurrences.find(&self.files, &Pattern::new("Self".to_owned(), "Self"));
            for place in own.iter().filter(|place| literal(place, "Self")) {
                let Some((types, body)) = naming.get(&place.0).zip(body(place)) else { continue };
                found.extend(types.iter().map(|ty| Miss::Literals((*ty).to_owned())));
                open.insert(body);
            }
        }
        let assigned = Assigned::new(misses);
        if !assigned.is_empty() {
            let naming: BTreeSet<usize> = assigned.fields().flat_map(|field| occurrences.files_naming(field)).collect();
            let bodies = |file: usize| {
                let source = self.files.get(file).filter(|f| assigned.in_package(&f.package));
                let skipped = self.skipped.get(file).and_then(Option::as_ref);
                let bodies = source.zip(skipped).into_iter().flat_map(|(f, skipped)| skipped.iter().map(move |b| (f, *b)));
                bodies.filter(|(f, b)| assigned.in_text(&f.package, b.text(&f.text))).map(|(_, b)| (file, b.start)).collect::<Vec<_>>()
            };
            let assigning: Vec<(usize, u32)> = naming.into_par_iter().flat_map_iter(bodies).collect();
            if !assigning.is_empty() {
                // Which of them it is that stands there is not told.
                found.extend(misses.iter().filter(|m| matches!(m, Miss::Assigned { .. })).cloned());
                open.extend(assigning);
            }
        }
        self.found.extend(found);
        let mut bodies = Vec::with_capacity(open.len());
        for (file, at) in open {
            let skipped = self.skipped.get_mut(file).and_then(Option::as_mut);
            let (Some(source), Some(skipped)) = (self.files.get(file), skipped) else { continue };
            if let Ok(body) = skipped.binary_search_by_key(&at, |b| b.start) {
                bodies.push((Arc::clone(source), skipped.remove(body)));
            }
        }
        bodies
    }

    /// What was looked for and found since this was asked last.
    pub(super) fn take_found(&mut self) -> BTreeSet<Miss> {
        std::mem::take(&mut self.found)
    }

    /// Leaves out of these what is in too many places; what is left is what the bodies of further files are parsed for.
    pub(super) fn narrow(&mut self, misses: &BTreeSet<Miss>) -> BTreeSet<Miss> {
        self.look_once();
        let Some(occurrences) = &self.occurrences else { return BTreeSet::new() };
        let text = |m: &'_ Miss| match m {
            Miss::Calls(text) | Miss::Text(text) => Some(text.clone()),
            _ => None,
        };
        let new = misses.iter().filter(|m| !self.looked_for.contains(*m));
        let asked: Vec<(String, Pattern)> = new.filter_map(|m| Some((text(m)?, patterns_in_files(m)?))).collect();
        let is_everywhere = |(text, pattern): &(String, Pattern)| {
            if self.everywhere.contains(text) {
                return None;
            }
            let mut held: BTreeSet<(usize, Option<u32>)> = BTreeSet::new();
            let is_too_many = |(file, at): (usize, u32)| {
                match self.body_around(file, at) {
                    Some(body) => _ = held.insert((file, Some(body.start))),
                    None if self.is_left(file) => _ = held.insert((file, None)),
                    None => {}
                }
                held.len() > MAX_PLACES
            };
            occurrences.find_unless(&self.files, pattern, is_too_many).is_none().then(|| text.clone())
        };
        let many: BTreeSet<String> = asked.par_iter().filter_map(is_everywhere).collect();
        // An answer that it gave so far does not hold any longer.
        let given_up = |m: &&Miss| matches!(m, Miss::Calls(text) | Miss::Text(text) if many.contains(text));
        self.found.extend(misses.iter().filter(given_up).cloned());
        self.everywhere.extend(many);
        let few = |m: &&Miss| !matches!(m, Miss::Calls(text) | Miss::Text(text) if self.everywhere.contains(text));
        let chosen: BTreeSet<Miss> = misses.iter().filter(few).cloned().collect();
        let patterns: Vec<Pattern> = chosen.iter().flat_map(patterns_in_bodies).collect();
        let left = |pattern: &Pattern| -> Vec<(usize, u32)> {
            occurrences.find(&self.files, pattern).iter().filter(|(file, _)| self.is_left(*file)).copied().collect()
        };
        let mut on_the_way: HashMap<usize, Vec<u32>> = HashMap::new();
        for (file, at) in patterns.par_iter().flat_map_iter(left).collect::<Vec<_>>() {
            on_the_way.entry(file).or_default().push(at);
        }
        self.on_the_way = Some(on_the_way);
        chosen
    }

    /// What is read from now on is not looked at by the libraries' collectors.
    pub(super) fn settle(&mut self) {
        self.look_once();
        let files = self.left().map(|(file, _)| (file, None));
        let bodies = self.skipped.iter().enumerate().flat_map(|(file, all)| all.iter().flatten().map(move |b| (file, Some(*b))));
        self.unread = files.chain(bodies).collect();
    }

    /// The code that holds one of these names, and few others.
    pub(super) fn code_naming<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Vec<Arc<SourceFile>> {
        let files: BTreeSet<usize> = self.naming(names).into_keys().collect();
        self.sources(&files)
    }

    /// Whether a name stands somewhere, rather than being put together by a macro.
    pub(super) fn is_written(&self, name: &str) -> bool {
        self.occurrences.as_ref().is_none_or(|all| all.files_naming(name).next().is_some())
    }

    /// Files that hold these names, and few others, with the names.
    fn naming<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> BTreeMap<usize, Vec<&'n str>> {
        let mut files: BTreeMap<usize, Vec<&'n str>> = BTreeMap::new();
        for (name, occurrences) in names.into_iter().filter_map(|name| Some((name, self.occurrences.as_ref()?))) {
            for file in occurrences.files_naming(name) {
                files.entry(file).or_default().push(name);
            }
        }
        files
    }

    /// Which of these words occur in what the collectors did not see.
    pub(super) fn mentioned_elsewhere(&self, words: &BTreeSet<String>) -> HashSet<String> {
        let naming = self.naming(words.iter().map(String::as_str));
        let names: BTreeMap<usize, Identifiers<'_>> = naming.into_iter().map(|(file, words)| (file, Identifiers::new(words))).collect();
        let in_part = |(file, body): &(usize, Option<Span>)| -> HashSet<&str> {
            let (Some(names), Some(source)) = (names.get(file), self.files.get(*file)) else { return HashSet::new() };
            let text = body.map_or(source.code(), |body| body.text(&source.text));
            let named = |start: usize, word: &str| is_mention(text, start, start + word.len());
            let used = |start: usize| !is_imported(text.get(..start).unwrap_or_default());
            names.find_in(text).filter(|(start, word)| named(*start, word) && used(*start)).map(|(_, word)| word).collect()
        };
        let all: Vec<HashSet<&str>> = self.unread.par_iter().map(in_part).filter(|found| !found.is_empty()).collect();
        all.into_iter().flatten().map(str::to_owned).collect()
    }
}

/// Paths without `.rs` of modules in files of their own that are not always built: `a/b` for `a/b.rs` and `a/b/mod.rs`.
#[derive(Debug, Default)]
struct Modules {
    /// Those that only tests compile.
    tests: HashSet<String>,
    /// Those of a feature that is off by default.
    optional: HashSet<String>,
}

fn modules(files: &[&Arc<SourceFile>]) -> Modules {
    let all: Vec<Modules> = files.par_iter().map(|f| modules_of(f)).collect();
    all.into_iter().fold(Modules::default(), |mut all, one| {
        all.tests.extend(one.tests);
        all.optional.extend(one.optional);
        all
    })
}

fn modules_of(file: &SourceFile) -> Modules {
    let text = file.code();
    let folder = module_folder(&file.path);
    let mut modules = Modules::default();
    for at in memchr::memmem::find_iter(text.as_bytes(), b"#[cfg(") {
        let rest = text.get(at + 6..).unwrap_or_default();
        let Some(end) = rest.find(']') else { continue };
        let condition: String = rest.get(..end).unwrap_or_default().chars().filter(|c| !c.is_whitespace()).collect();
        let only_tests = condition == "test)"
            || (condition.starts_with("all(") && condition.split(['(', ',', ')']).any(|w| w == "test") && !condition.contains("not("));
        let feature = condition.strip_prefix("feature=\"").and_then(|c| c.strip_suffix("\")"));
        let is_off = |feature: &str| file.build.features.as_ref().is_some_and(|on| !on.contains(feature));
        let found = match feature {
            _ if only_tests => &mut modules.tests,
            Some(feature) if is_off(feature) => &mut modules.optional,
            _ => continue,
        };
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
                found.insert(format!("{own}{}", path.trim_start_matches("./").trim_end_matches(".rs")));
            }
            None => _ = found.insert(format!("{folder}{name}")),
        }
    }
    modules
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
        let modules = modules(&[&file]).tests;
        assert!(
            in_modules("a/src/b/tests.rs", &modules)
                && in_modules("a/src/b/tests/x.rs", &modules)
                && in_modules("a/src/other.rs", &modules)
        );
        assert!(
            !in_modules("a/src/b/real.rs", &modules) && !in_modules("a/src/b/inline.rs", &modules) && !in_modules("a/src/b.rs", &modules)
        );
    }

    #[test]
    fn modules_of_features_that_are_off_are_known() {
        let text = "#[cfg(feature = \"web\")]\nmod web;\n#[cfg(feature = \"rpc\")]\npub mod rpc;\n";
        let on = ["default", "web"].map(str::to_owned).into();
        let build = Build { features: Some(on), ..Build::default() };
        let file = Arc::new(SourceFile::new("a/src/lib.rs", FileKind::Rust, text).built(Arc::new(build)));
        let optional = modules(&[&file]).optional;
        assert!(in_modules("a/src/rpc/server.rs", &optional) && !in_modules("a/src/web.rs", &optional));
        let unknown = Arc::new(SourceFile::new("a/src/lib.rs", FileKind::Rust, text));
        assert!(modules(&[&unknown]).optional.is_empty());
    }
}
