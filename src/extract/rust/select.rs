//! Which files are worth parsing.
//!
//! Looks at texts only: the libraries' trigger words, `const NAME` and `static NAME` of constants that are looked for, and the
//! files that `#[cfg(test)] mod name;` leaves to tests.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, LazyLock};

use aho_corasick::{AhoCorasick, MatchKind};
use rayon::prelude::*;

use super::Settings;
use super::bodies::{Bodies, Words};
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
    chosen: Vec<Arc<SourceFile>>,
    bodies: Bodies,
    include_tests: bool,
    /// Bodies in files that were read, which were left out.
    skipped: Vec<(Arc<SourceFile>, Vec<Span>)>,
}

impl Selection {
    pub(super) fn new(files: &[&Arc<SourceFile>], settings: &Settings) -> Self {
        let tests = if settings.include_tests { HashSet::new() } else { test_modules(files) };
        let (mut left, mut chosen) = (Vec::new(), Vec::new());
        let wanted: Vec<bool> = files.par_iter().map(|f| TRIGGERS.occur_in(&f.text)).collect();
        for (file, wanted) in files.iter().zip(wanted) {
            if in_modules(&file.path, &tests) {
                continue;
            }
            if wanted { chosen.push(Arc::clone(file)) } else { left.push(Arc::clone(file)) }
        }
        left.sort_by(|a, b| a.path.cmp(&b.path));
        chosen.sort_by(|a, b| a.path.cmp(&b.path));
        let bodies = Bodies::new(&chosen);
        Selection { left, chosen, bodies, include_tests: settings.include_tests, skipped: Vec::new() }
    }

    /// Whether a function or module of a file of these libraries has to be parsed.
    pub(super) fn body_matters(&self, part: &Part<'_>, libraries: &[&str]) -> bool {
        self.bodies.matter(part, libraries, self.include_tests)
    }

    /// The files that can define or use metrics.
    pub(super) fn first(&self) -> Vec<Arc<SourceFile>> {
        self.chosen.clone()
    }

    /// Takes note of bodies that were not parsed.
    pub(super) fn left_out(&mut self, file: &Arc<SourceFile>, bodies: Vec<Span>) {
        if !bodies.is_empty() {
            self.skipped.push((Arc::clone(file), bodies));
        }
    }

    /// Files not read yet that may define one of these (package, constant).
    pub(super) fn defining(&mut self, misses: &BTreeSet<(String, String)>) -> Vec<Arc<SourceFile>> {
        if misses.is_empty() || self.left.is_empty() {
            return Vec::new();
        }
        let names: HashSet<(&str, &str)> = misses.iter().map(|(package, name)| (package.as_str(), name.as_str())).collect();
        let defines = |file: &SourceFile| constants(&file.text).any(|name| names.contains(&(&file.package, name)));
        let hits: Vec<bool> = self.left.par_iter().map(|f| defines(f)).collect();
        let mut hits = hits.into_iter();
        let (more, left) = std::mem::take(&mut self.left).into_iter().partition(|_| hits.next().unwrap_or(false));
        self.left = left;
        more
    }

    /// Which of these words occur in what is not read.
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
        let files = self.left.par_iter().map(|f| found(&f.text));
        let bodies = self.skipped.par_iter().flat_map_iter(|(f, bodies)| bodies.iter().map(|b| found(b.text(&f.text))));
        let all: Vec<HashSet<usize>> = files.chain(bodies).filter(|found| !found.is_empty()).collect();
        all.into_iter().flatten().filter_map(|p| words.get(p).map(|w| (*w).clone())).collect()
    }
}

/// The names after `const`, `static` and `static ref`.
fn constants(text: &str) -> impl Iterator<Item = &str> {
    let after = |word: &'static str| memchr::memmem::find_iter(text.as_bytes(), word).map(move |at| at + word.len());
    after("const").chain(after("static")).filter_map(|at| {
        let rest = text.get(at..)?;
        let name = rest.trim_start();
        let name = name.strip_prefix("ref").filter(|n| n.starts_with(char::is_whitespace)).map_or(name, str::trim_start);
        let end = name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
        name.get(..end).filter(|n| !n.is_empty())
    })
}

/// Whether a word in a text is a name of its own, and neither a method that is called, nor what a field is taken of, nor in a line's
/// comment.
fn is_mention(text: &str, start: usize, end: usize) -> bool {
    let (before, after) = (text.get(..start).unwrap_or_default(), text.get(end..).unwrap_or_default());
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    if before.ends_with(is_word) || after.starts_with(is_word) {
        return false;
    }
    if before.ends_with('.') && after.starts_with('(') {
        return false;
    }
    !before.rsplit('\n').next().unwrap_or_default().contains("//")
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
