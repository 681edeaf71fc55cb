//! Files that were read, and the table of them that reports look into.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use super::{LineColumn, LineIndex, Location};

/// What a file is taken for, from its name alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// Rust source.
    Rust,
    /// Python source.
    Python,
    /// YAML: perhaps rules, a dashboard in a ConfigMap, or something unrelated.
    Yaml,
    /// JSON: perhaps a dashboard.
    Json,
    /// What a process exposed.
    Exposition,
}

/// What a manifest says of how its package is built.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Build {
    /// The packages that it is built on, tests apart, by name.
    pub dependencies: BTreeMap<String, Dependency>,
    /// The features that are on by default; `None` where no manifest was read.
    pub features: Option<BTreeSet<String>>,
}

/// What a manifest asks for of another package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dependency {
    /// The version, as it is written; `None` where none is.
    pub version: Option<Box<str>>,
    /// Features beside those that are on by default.
    pub features: Box<[Box<str>]>,
}

/// One file, read once.
#[derive(Debug)]
pub struct SourceFile {
    /// Path as reports show it.
    pub path: Arc<str>,
    /// Kind from the name.
    pub kind: FileKind,
    /// Name of the nearest Cargo package above the file, or of the folder when no manifest was met.
    pub package: Arc<str>,
    /// Path of the folder of that package, as reports show paths; `""` for the working directory.
    pub package_root: Arc<str>,
    /// How that package is built.
    pub build: Arc<Build>,
    /// The whole text, valid UTF-8.
    pub text: Arc<str>,
    lines: OnceLock<LineIndex>,
    code_end: OnceLock<usize>,
}

impl SourceFile {
    /// A file that belongs to no package.
    pub fn new(path: &str, kind: FileKind, text: &str) -> Self {
        Self::in_package(Arc::from(path), kind, Arc::from(text), Arc::from(""), Arc::from(""))
    }

    /// A file of a package.
    pub fn in_package(path: Arc<str>, kind: FileKind, text: Arc<str>, package: Arc<str>, package_root: Arc<str>) -> Self {
        SourceFile { path, kind, package, package_root, build: Arc::default(), text, lines: OnceLock::new(), code_end: OnceLock::new() }
    }

    /// The same file of a package that is built like this.
    #[must_use]
    pub fn built(self, build: Arc<Build>) -> Self {
        SourceFile { build, ..self }
    }

    /// The text up to where `end_code` says that the code ends.
    pub fn code(&self) -> &str {
        self.code_end.get().and_then(|end| self.text.get(..*end)).unwrap_or(&self.text)
    }

    /// Says where the code ends, in bytes: what is behind it is of no interest to anybody who reads code. The first who says it decides.
    pub fn end_code(&self, end: impl FnOnce() -> usize) {
        self.code_end.get_or_init(end);
    }

    /// Line and column of a byte offset.
    pub fn line_column(&self, offset: u32) -> LineColumn {
        self.lines().line_column(&self.text, offset)
    }

    /// The index of the file's lines, made on first use.
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.text))
    }
}

/// All files of a run by path.
#[derive(Debug, Default)]
pub struct Sources {
    files: BTreeMap<Arc<str>, Arc<SourceFile>>,
}

impl Sources {
    /// The table of `files`.
    pub fn new(files: impl IntoIterator<Item = Arc<SourceFile>>) -> Self {
        Sources { files: files.into_iter().map(|f| (Arc::clone(&f.path), f)).collect() }
    }

    /// The file with this path.
    pub fn get(&self, path: &str) -> Option<&Arc<SourceFile>> {
        self.files.get(path)
    }

    /// Start and end of a location as lines and columns; `None` for a file that could not be read.
    pub fn place(&self, location: &Location) -> Option<(LineColumn, LineColumn)> {
        let file = self.get(&location.path)?;
        Some((file.line_column(location.span.start), file.line_column(location.span.end)))
    }

    /// Files in path order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<SourceFile>> {
        self.files.values()
    }

    /// Number of files.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether no file was read.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}
