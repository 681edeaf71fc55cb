//! Cargo packages met during a walk: which package a file belongs to, and whether it is one of its test targets.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use crate::source::{Build, Dependency};

/// One package.
#[derive(Debug)]
pub(super) struct Package {
    pub(super) name: Arc<str>,
    pub(super) folder: PathBuf,
    pub(super) build: Arc<Build>,
    /// Dependencies of which the workspace says more: the key there, and the name here.
    inherited: Vec<(String, String)>,
    /// Files and folders of tests, benchmarks and examples that the manifest names.
    tests: Vec<PathBuf>,
}

/// Folders of a package that Cargo takes for tests, benchmarks and examples.
const TEST_FOLDERS: [&str; 3] = ["tests", "benches", "examples"];

/// Whether a file may belong to tests, benchmarks or examples by the folders below the path that was asked for.
pub(super) fn may_be_test_target(file: &Path, root: &Path) -> bool {
    let inside = file.strip_prefix(root).ok().and_then(Path::parent);
    inside.is_some_and(|folder| folder.components().any(|c| c.as_os_str().to_str().is_some_and(|c| TEST_FOLDERS.contains(&c))))
}

impl Package {
    /// Whether a file of the package belongs to its `tests`, `benches` or `examples`.
    pub(super) fn is_test_target(&self, file: &Path) -> bool {
        let Ok(inside) = file.strip_prefix(&self.folder) else { return false };
        let first = inside.components().next().and_then(|c| c.as_os_str().to_str());
        first.is_some_and(|c| TEST_FOLDERS.contains(&c)) || self.tests.iter().any(|named| inside.starts_with(named))
    }
}

/// The packages of a tree, by folder.
#[derive(Debug, Default)]
pub(super) struct Packages {
    by_folder: HashMap<PathBuf, Package>,
    /// What workspaces say of dependencies, by their folder.
    workspaces: HashMap<PathBuf, BTreeMap<String, toml::Value>>,
    /// The versions that lock files settle on, by their folder.
    locks: HashMap<PathBuf, Lock>,
}

/// The version of each package in a lock file; `None` where it holds several.
type Lock = HashMap<Box<str>, Option<Box<str>>>;

/// Reads a lock file as Cargo writes it: the name of a package, and its version in the next line.
fn lock(text: &str) -> Lock {
    let mut versions = Lock::default();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(name) = quoted(line, "name = ") else { continue };
        let Some(version) = lines.next().and_then(|line| quoted(line, "version = ")) else { continue };
        versions.entry(Box::from(name)).and_modify(|known| *known = None).or_insert_with(|| Some(Box::from(version)));
    }
    versions
}

/// The text of a line that begins so.
fn quoted<'t>(line: &'t str, key: &str) -> Option<&'t str> {
    line.strip_prefix(key)?.trim_end().strip_prefix('"')?.strip_suffix('"')
}

#[derive(Deserialize)]
struct Manifest {
    package: Option<ManifestPackage>,
    workspace: Option<ManifestWorkspace>,
    #[serde(default)]
    dependencies: BTreeMap<String, toml::Value>,
    /// Further ones, by the platform that they are for.
    #[serde(default)]
    target: BTreeMap<String, ManifestPlatform>,
    #[serde(default)]
    features: BTreeMap<String, toml::Value>,
    lib: Option<ManifestTarget>,
    #[serde(default)]
    bin: Vec<ManifestTarget>,
    #[serde(default)]
    test: Vec<ManifestTarget>,
    #[serde(default)]
    bench: Vec<ManifestTarget>,
    #[serde(default)]
    example: Vec<ManifestTarget>,
}

impl Manifest {
    /// The dependencies on any platform.
    fn all(&self) -> impl Iterator<Item = (&String, &toml::Value)> {
        self.target.values().flat_map(|t| &t.dependencies).chain(&self.dependencies)
    }

    fn build(&self) -> Build {
        let mut features = BTreeSet::new();
        let mut next = vec!["default"];
        while let Some(feature) = next.pop() {
            let Some(turns_on) = self.features.get(feature).filter(|_| features.insert(feature.to_owned())) else { continue };
            next.extend(turns_on.as_array().into_iter().flatten().filter_map(|f| f.as_str()));
        }
        let dependencies = self.all().map(|(key, value)| (package_name(key, value), dependency(value))).collect();
        Build { dependencies, features: Some(features) }
    }

    /// Where tests, benchmarks and examples are that stand outside of their folders: the folder of one that has it for itself, such
    /// as `integration/main.rs`, or the file. What stands in `src` may be a module of the library, too.
    fn tests(&self) -> Vec<PathBuf> {
        let paths = |targets: &[ManifestTarget]| targets.iter().filter_map(|t| t.path.clone()).collect::<Vec<_>>();
        let mut others = paths(&self.bin);
        others.extend(self.lib.as_ref().and_then(|lib| lib.path.clone()));
        let place = |path: PathBuf| {
            let is_named = |names: &[&str]| path.file_name().and_then(|name| name.to_str()).is_some_and(|name| names.contains(&name));
            let in_src = path.starts_with("src");
            let folder = path.parent().filter(|folder| {
                let roots: &[&str] = if in_src { &["main.rs"] } else { &["main.rs", "mod.rs", "lib.rs"] };
                let is_own = folder.components().next().is_some() && *folder != Path::new("src");
                is_own && is_named(roots) && !others.iter().any(|other| other.starts_with(folder))
            });
            let file = || (!in_src && !others.contains(&path)).then(|| path.clone());
            folder.map(Path::to_path_buf).or_else(file)
        };
        [&self.test, &self.bench, &self.example].into_iter().flat_map(|targets| paths(targets)).filter_map(place).collect()
    }

    fn inherited(&self) -> Vec<(String, String)> {
        let is = |value: &toml::Value| value.get("workspace").and_then(toml::Value::as_bool) == Some(true);
        self.all().filter(|(_, value)| is(value)).map(|(key, value)| (key.clone(), package_name(key, value))).collect()
    }
}

/// The package that a dependency is, which may have another name where it is used.
fn package_name(key: &str, value: &toml::Value) -> String {
    value.get("package").and_then(|p| p.as_str()).unwrap_or(key).to_owned()
}

/// What is asked for: a version alone, or a table.
fn dependency(value: &toml::Value) -> Dependency {
    let version = value.as_str().or_else(|| value.get("version")?.as_str()).map(Box::from);
    let features = value.get("features").and_then(|f| f.as_array()).into_iter().flatten();
    Dependency { version, features: features.filter_map(|f| f.as_str()).map(Box::from).collect() }
}

#[derive(Deserialize)]
struct ManifestPackage {
    name: Option<String>,
}

/// A library, program, test, benchmark or example.
#[derive(Deserialize)]
struct ManifestTarget {
    path: Option<PathBuf>,
}

#[derive(Deserialize)]
struct ManifestPlatform {
    #[serde(default)]
    dependencies: BTreeMap<String, toml::Value>,
}

#[derive(Deserialize)]
struct ManifestWorkspace {
    #[serde(default)]
    dependencies: BTreeMap<String, toml::Value>,
}

impl Packages {
    /// Takes a manifest into account. One without `[package]` is a workspace and owns no targets; one that does not parse is
    /// Cargo's to report, and counts as a package named like its folder.
    pub(super) fn add(&mut self, manifest: &Path, text: &str) {
        let Some(folder) = manifest.parent() else { return };
        let (name, build, inherited, tests) = match toml::from_str::<Manifest>(text) {
            Ok(mut manifest) => {
                if let Some(workspace) = manifest.workspace.take() {
                    self.workspaces.insert(folder.to_path_buf(), workspace.dependencies);
                }
                let Some(package) = &manifest.package else { return };
                (package.name.clone(), manifest.build(), manifest.inherited(), manifest.tests())
            }
            Err(_) => (None, Build::default(), Vec::new(), Vec::new()),
        };
        let name = name.unwrap_or_else(|| folder.file_name().unwrap_or_default().to_string_lossy().into_owned());
        let package = Package { name: Arc::from(name), folder: folder.to_path_buf(), build: Arc::new(build), inherited, tests };
        self.by_folder.insert(folder.to_path_buf(), package);
    }

    /// Takes a lock file into account.
    pub(super) fn add_lock(&mut self, path: &Path, text: &str) {
        if let Some(folder) = path.parent() {
            self.locks.insert(folder.to_path_buf(), lock(text));
        }
    }

    pub(super) fn merge(&mut self, other: Packages) {
        self.locks.extend(other.locks);
        self.by_folder.extend(other.by_folder);
        self.workspaces.extend(other.workspaces);
    }

    /// Gives dependencies what their workspace says of them, and the versions that were settled on, once everything is read.
    pub(super) fn settle(&mut self) {
        self.inherit();
        for package in self.by_folder.values_mut().filter(|p| !p.build.dependencies.is_empty()) {
            let Some(lock) = package.folder.ancestors().find_map(|folder| self.locks.get(folder)) else { continue };
            for (name, dependency) in &mut Arc::make_mut(&mut package.build).dependencies {
                if let Some(Some(version)) = lock.get(name.as_str()) {
                    dependency.version = Some(format!("={version}").into());
                }
            }
        }
    }

    fn inherit(&mut self) {
        for package in self.by_folder.values_mut().filter(|p| !p.inherited.is_empty()) {
            let Some(said) = package.folder.ancestors().find_map(|folder| self.workspaces.get(folder)) else { continue };
            let build = Arc::make_mut(&mut package.build);
            for (key, name) in std::mem::take(&mut package.inherited) {
                let Some(of_all) = said.get(&key) else { continue };
                let own = build.dependencies.remove(&name).unwrap_or_default();
                let Dependency { version, features } = dependency(of_all);
                let features = features.into_iter().chain(own.features).collect();
                build.dependencies.insert(package_name(&name, of_all), Dependency { version, features });
            }
        }
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
