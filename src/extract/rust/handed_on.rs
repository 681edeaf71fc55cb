//! Libraries that a crate of the tree hands on under another name: `pub use prometheus_client as prom`.
//!
//! Looks at texts only. The files that use such a library need not name it.

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;

use super::bodies::Words;
use super::paths::module_of;
use crate::knowledge::libraries;
use crate::source::SourceFile;

/// How the names of libraries that are handed on are written.
pub(super) struct HandedOn(Vec<(&'static str, Words)>);

impl HandedOn {
    /// For the files that name a library.
    pub(super) fn new(files: &[Arc<SourceFile>]) -> Self {
        let of_library = |library: &'static libraries::Library| {
            let of_file = |file: &Arc<SourceFile>| library.crates.iter().flat_map(|krate| names(file, krate)).collect::<Vec<_>>();
            let names: BTreeSet<String> = files.par_iter().flat_map_iter(of_file).collect();
            (!names.is_empty()).then(|| (library.name.as_str(), Words::new(names)))
        };
        HandedOn(libraries::all().iter().filter(|l| l.whole_files).filter_map(of_library).collect())
    }

    /// The libraries that a text names so.
    pub(super) fn in_text<'t>(&'t self, text: &'t str) -> impl Iterator<Item = &'static str> + 't {
        self.0.iter().filter(|(_, words)| words.occur_in(text)).map(|(library, _)| *library)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The names, with `::`, under which a file hands on a crate.
fn names(file: &SourceFile, krate: &str) -> Vec<String> {
    let text = file.code();
    let statement = format!("pub use {krate}");
    let name = |at: usize| {
        let after = text.get(at + statement.len()..)?;
        if let Some(alias) = after.strip_prefix(" as ") {
            return Some(alias.split(|c: char| !c.is_alphanumeric() && c != '_').next()?.to_owned());
        }
        if !after.starts_with("::") {
            return None;
        }
        let module = enclosing_module(text.get(..at)?);
        let stem = module_of(&file.path);
        Some(match module {
            Some(module) => module.to_owned(),
            None if matches!(stem, "lib" | "main") => file.package.replace('-', "_"),
            None => stem.to_owned(),
        })
    };
    let found = memchr::memmem::find_iter(text.as_bytes(), statement.as_bytes()).filter_map(name);
    found.filter(|n| !n.is_empty()).map(|n| format!("{n}::")).collect()
}

/// The module whose braces are open at the end of a text.
fn enclosing_module(before: &str) -> Option<&str> {
    let mut depth = 0_usize;
    for (at, byte) in before.bytes().enumerate().rev() {
        match byte {
            b'}' => depth += 1,
            b'{' if depth > 0 => depth -= 1,
            b'{' => {
                let head = before.get(..at)?.trim_end();
                let (above, name) = head.rsplit_once(char::is_whitespace)?;
                return above.trim_end().ends_with("mod").then_some(name);
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileKind;

    #[test]
    fn names_of_what_is_handed_on() {
        let of = |path: &str, text: &str| {
            let mut file = SourceFile::new(path, FileKind::Rust, text);
            file.package = Arc::from("my-metrics");
            names(&file, "prometheus_client")
        };
        assert_eq!(of("src/lib.rs", "pub use prometheus_client as prom;"), ["prom::"]);
        assert_eq!(
            of("src/lib.rs", "mod a { }\npub mod client {\n    pub use prometheus_client::{metrics::*, registry};\n}"),
            ["client::"]
        );
        assert_eq!(of("src/lib.rs", "fn f() { }\npub use prometheus_client::metrics::*;"), ["my_metrics::"]);
        assert_eq!(of("src/wire.rs", "pub use prometheus_client::encoding;"), ["wire::"]);
        assert!(of("src/lib.rs", "use prometheus_client::metrics;\npub use prometheus_client_other as x;").is_empty());
    }
}
