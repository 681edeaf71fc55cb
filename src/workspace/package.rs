//! Cargo packages met during a walk: which package a file belongs to, and whether it is one of its test targets.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

/// One package.
#[derive(Debug)]
pub(super) struct Package {
    pub(super) name: Arc<str>,
    pub(super) folder: PathBuf,
}

impl Package {
    /// Whether a file of the package belongs to its `tests`, `benches` or `examples`.
    pub(super) fn is_test_target(&self, file: &Path) -> bool {
        let first = file.strip_prefix(&self.folder).ok().and_then(|p| p.components().next());
        first.is_some_and(|c| matches!(c.as_os_str().to_str(), Some("tests" | "benches" | "examples")))
    }
}

/// The packages of a tree, by folder.
#[derive(Debug, Default)]
pub(super) struct Packages {
    by_folder: HashMap<PathBuf, Package>,
}

#[derive(Deserialize)]
struct Manifest {
    package: Option<ManifestPackage>,
}

#[derive(Deserialize)]
struct ManifestPackage {
    name: Option<String>,
}

impl Packages {
    /// Takes a manifest into account. One without `[package]` is a workspace and owns no targets; one that does not parse is
    /// Cargo's to report, and counts as a package named like its folder.
    pub(super) fn add(&mut self, manifest: &Path, text: &str) {
        let Some(folder) = manifest.parent() else { return };
        let name = match toml::from_str::<Manifest>(text) {
            Ok(Manifest { package: None }) => return,
            Ok(Manifest { package: Some(package) }) => package.name,
            Err(_) => None,
        };
        let name = name.unwrap_or_else(|| folder.file_name().unwrap_or_default().to_string_lossy().into_owned());
        self.by_folder.insert(folder.to_path_buf(), Package { name: Arc::from(name), folder: folder.to_path_buf() });
    }

    pub(super) fn merge(&mut self, other: Packages) {
        self.by_folder.extend(other.by_folder);
    }

    /// The nearest package above `file`, at or below `root`: a folder above the path that the user named says nothing about it.
    pub(super) fn of(&self, file: &Path, root: &Path) -> Option<&Package> {
        let mut folder = file.parent()?;
        loop {
            if !folder.starts_with(root) {
                return None;
            }
            if let Some(package) = self.by_folder.get(folder) {
                return Some(package);
            }
            folder = folder.parent()?;
        }
    }
}
