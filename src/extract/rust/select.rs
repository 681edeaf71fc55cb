//! Which files are worth parsing.
//!
//! Looks at texts only: the libraries' trigger words, `const NAME` and `static NAME` of constants that are looked for, and the
//! files that `#[cfg(test)] mod name;` leaves to tests.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, LazyLock};

use aho_corasick::AhoCorasick;
use rayon::prelude::*;

use super::Settings;
use super::world::Miss;
use crate::knowledge::libraries;
use crate::source::SourceFile;

static TRIGGERS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(libraries::all().iter().flat_map(|l| &l.triggers)).ok());

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
}

impl Selection {
    pub(super) fn new(files: &[&Arc<SourceFile>], settings: &Settings) -> Self {
        let tests = if settings.include_tests { HashSet::new() } else { test_modules(files) };
        let (mut left, mut chosen) = (Vec::new(), Vec::new());
        let wanted: Vec<bool> = files.par_iter().map(|f| TRIGGERS.as_ref().is_none_or(|t| t.is_match(f.text.as_bytes()))).collect();
        for (file, wanted) in files.iter().zip(wanted) {
            if in_modules(&file.path, &tests) {
                continue;
            }
            if wanted { chosen.push(Arc::clone(file)) } else { left.push(Arc::clone(file)) }
        }
        left.sort_by(|a, b| a.path.cmp(&b.path));
        chosen.sort_by(|a, b| a.path.cmp(&b.path));
        Selection { left, chosen }
    }

    /// The files that can define or use metrics.
    pub(super) fn first(&self) -> Vec<Arc<SourceFile>> {
        self.chosen.clone()
    }

    /// Files not read yet that may define or hold what is looked for.
    pub(super) fn asked_for(&mut self, misses: &BTreeSet<Miss>) -> Vec<Arc<SourceFile>> {
        if misses.is_empty() || self.left.is_empty() {
            return Vec::new();
        }
        // What to look for, and for a constant the package that defines it.
        let wanted: Vec<(&str, Option<&str>)> = misses
            .iter()
            .filter_map(|miss| match miss {
                Miss::Constant { package, name } => Some((name.as_str(), Some(package.as_str()))),
                Miss::Calls(text) => Some((text.as_str(), None)),
                Miss::Expansion(..) => None,
            })
            .collect();
        let Ok(search) = AhoCorasick::new(wanted.iter().map(|(text, _)| text)) else { return Vec::new() };
        let holds = |file: &SourceFile| {
            search.find_overlapping_iter_checked(&file.text).any(|(pattern, start)| {
                let before = file.text.get(..start).unwrap_or_default();
                let after_word = |words: &[&str]| words.iter().any(|word| before.trim_end().ends_with(word));
                match wanted.get(pattern) {
                    Some((_, Some(package))) => **package == *file.package && after_word(&["const", "static", "static ref"]),
                    Some((call, None)) => {
                        let own_word = call.starts_with('.') || !before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
                        own_word && !after_word(&["fn"])
                    }
                    None => false,
                }
            })
        };
        let hits: Vec<bool> = self.left.par_iter().map(|f| holds(f)).collect();
        let mut hits = hits.into_iter();
        let (more, left) = std::mem::take(&mut self.left).into_iter().partition(|_| hits.next().unwrap_or(false));
        self.left = left;
        more
    }

    /// Which of these words occur in a file that is not read.
    pub(super) fn mentioned_elsewhere(&self, words: &BTreeSet<String>) -> HashSet<String> {
        if words.is_empty() {
            return HashSet::new();
        }
        let words: Vec<&String> = words.iter().collect();
        let Ok(search) = AhoCorasick::new(&words) else { return words.into_iter().cloned().collect() };
        let found = |file: &SourceFile| -> HashSet<usize> { search.find_overlapping_iter_checked(&file.text).map(|(p, _)| p).collect() };
        let all: Vec<HashSet<usize>> = self.left.par_iter().map(|f| found(f)).collect();
        all.into_iter().flatten().filter_map(|p| words.get(p).map(|w| (*w).clone())).collect()
    }
}

/// Overlapping matches, which the standard kind of automaton always supports.
trait Overlapping {
    fn find_overlapping_iter_checked<'h>(&'h self, text: &'h str) -> Box<dyn Iterator<Item = (usize, usize)> + 'h>;
}

impl Overlapping for AhoCorasick {
    fn find_overlapping_iter_checked<'h>(&'h self, text: &'h str) -> Box<dyn Iterator<Item = (usize, usize)> + 'h> {
        match self.try_find_overlapping_iter(text) {
            Ok(all) => Box::new(all.map(|m| (m.pattern().as_usize(), m.start()))),
            Err(_) => Box::new(std::iter::empty()),
        }
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
