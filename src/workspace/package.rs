//! Cargo packages met during a walk: which package a file belongs to, and whether it is one of its test targets.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use crate::source::Build;

/// One package.
#[derive(Debug)]
pub(super) struct Package {
    pub(super) name: Arc<str>,
    pub(super) folder: PathBuf,
    pub(super) build: Arc<Build>,
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
    #[serde(default)]
    dependencies: BTreeMap<String, toml::Value>,
    #[serde(default)]
    features: BTreeMap<String, toml::Value>,
}

impl Manifest {
    fn build(&self) -> Build {
        let name = |(key, value): (&String, &toml::Value)| value.get("package").and_then(|p| p.as_str()).unwrap_or(key).to_owned();
        let mut features = BTreeSet::new();
        let mut next = vec!["default"];
        while let Some(feature) = next.pop() {
            let Some(turns_on) = self.features.get(feature).filter(|_| features.insert(feature.to_owned())) else { continue };
            next.extend(turns_on.as_array().into_iter().flatten().filter_map(|f| f.as_str()));
        }
        Build { dependencies: self.dependencies.iter().map(name).collect(), features: Some(features) }
    }
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
        let (name, build) = match toml::from_str::<Manifest>(text) {
            Ok(Manifest { package: None, .. }) => return,
            Ok(manifest) => (manifest.package.as_ref().and_then(|p| p.name.clone()), manifest.build()),
            Err(_) => (None, Build::default()),
        };
        let name = name.unwrap_or_else(|| folder.file_name().unwrap_or_default().to_string_lossy().into_owned());
        let package = Package { name: Arc::from(name), folder: folder.to_path_buf(), build: Arc::new(build) };
        self.by_folder.insert(folder.to_path_buf(), package);
    }

    pub(super) fn merge(&mut self, other: Packages) {
        self.by_folder.extend(other.by_folder);
    }

    /// The folders of all of them.
    pub(super) fn folders(&self) -> impl Iterator<Item = &Path> {
        self.by_folder.values().map(|package| package.folder.as_path())
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
