//! Files that are test code because their `mod` item says so: `#[cfg(test)] mod x;` in another file.

use std::collections::HashSet;
use std::sync::Arc;

use rayon::prelude::*;

use crate::source::SourceFile;

/// The modules that exist in tests only, as paths without `.rs`.
#[derive(Debug, Default)]
pub(super) struct TestModules {
    stems: HashSet<String>,
}

impl TestModules {
    /// Whether a file is such a module or below one.
    pub(super) fn contains(&self, path: &str) -> bool {
        if self.stems.is_empty() {
            return false;
        }
        let stem = path.strip_suffix(".rs").unwrap_or(path);
        self.stems.contains(stem) || stem.match_indices('/').any(|(at, _)| stem.get(..at).is_some_and(|folder| self.stems.contains(folder)))
    }
}

/// Looks through the texts, without parsing them.
pub(super) fn find(files: &[&Arc<SourceFile>]) -> TestModules {
    let stems = files.par_iter().flat_map_iter(|file| declared(file)).collect();
    TestModules { stems }
}

fn declared(file: &SourceFile) -> Vec<String> {
    let text: &str = &file.text;
    let attributes = memchr::memmem::find_iter(text.as_bytes(), "#[cfg(test)]");
    let names = attributes.filter_map(|at| module_after(text.get(at + "#[cfg(test)]".len()..)?));
    names.map(|name| format!("{}{name}", folder_of_children(&file.path))).collect()
}

/// The name of `mod name;`, past further attributes and visibility.
fn module_after(text: &str) -> Option<&str> {
    let mut rest = text.trim_start();
    while rest.starts_with("#[") {
        rest = rest.split_once(']')?.1.trim_start();
    }
    if let Some(after) = rest.strip_prefix("pub") {
        rest = after.trim_start();
        if rest.starts_with('(') {
            rest = rest.split_once(')')?.1.trim_start();
        }
    }
    let rest = rest.strip_prefix("mod ")?.trim_start();
    let name = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next()?;
    rest.get(name.len()..)?.trim_start().starts_with(';').then_some(name)
}

/// Where the modules that a file declares stand: `a/` for `a/mod.rs`, `a/lib.rs` and `a/main.rs`, `a/b/` for `a/b.rs`.
fn folder_of_children(path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(f, n)| (f, n));
    let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    match name {
        "mod.rs" | "lib.rs" | "main.rs" => prefix,
        _ => format!("{prefix}{}/", name.trim_end_matches(".rs")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileKind;

    #[test]
    fn modules_in_files_of_their_own() {
        let text = "#[cfg(test)]\nmod tests;\n#[cfg(test)]\n#[allow(x)]\npub(crate) mod helpers;\n#[cfg(test)]\nmod inline { }\n";
        let file = Arc::new(SourceFile::new("a/src/b.rs", FileKind::Rust, text));
        let found = find(&[&file]);
        assert!(found.contains("a/src/b/tests.rs") && found.contains("a/src/b/tests/mod.rs") && found.contains("a/src/b/helpers.rs"));
        assert!(!found.contains("a/src/b/inline.rs") && !found.contains("a/src/b.rs"));
    }
}
