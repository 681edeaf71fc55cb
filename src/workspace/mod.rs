//! The only reader of files: walks the paths the user named, decides what each file is, reads it once.
//!
//! Knows nothing about metrics. What cannot be read is a problem in the result, never an abort; only a path that the user named and
//! that is not there, or a mistake in a configuration, is an error.

mod encoding;
mod package;
mod paths;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use globset::GlobMatcher;
use ignore::{DirEntry, WalkBuilder, WalkState};
use rayon::prelude::*;
use thiserror::Error;

use crate::config::{Config, ConfigError};
use crate::model::{Problem, ProblemKind};
use crate::source::{FileKind, Location, SourceFile, Span};
use package::{Packages, may_be_test_target};
pub use paths::{display, normalize};

/// Files above this size are reported and left alone. No dashboard, rule file or source file comes near it, and reading one costs
/// memory several times its size.
pub const MAX_FILE_BYTES: u64 = 32 * 1024 * 1024;

/// What is said of a file whose name says that it is not read.
pub const NOT_READ: &str = "reduse reads .rs, .py, .yaml, .yml, .rules, .json and .prom files, this is none of them";

/// How configurations are chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ConfigChoice {
    /// The nearest one above each path, up to the git root.
    #[default]
    Discover,
    /// None at all.
    Isolated,
    /// This file.
    File(PathBuf),
}

/// What to read.
pub struct Request<'a> {
    /// Files and folders.
    pub paths: &'a [PathBuf],
    /// The working directory, absolute: reports show paths relative to it.
    pub cwd: &'a Path,
    /// Which configuration applies.
    pub config: &'a ConfigChoice,
    /// Globs of `--exclude`, relative to the working directory.
    pub exclude: &'a [GlobMatcher],
    /// Files that hold what a process exposed, whatever they are called; `-` is the standard input.
    pub exposition: &'a [PathBuf],
    /// Whether the `tests`, `benches` and `examples` targets of packages are read.
    pub include_tests: bool,
    /// Whether a file's bytes can matter to anybody. Files that cannot are counted and forgotten.
    pub keep: &'a (dyn Fn(FileKind, &[u8]) -> bool + Sync),
    /// What is read in place of what is on the disk.
    pub overlay: &'a Overlay,
}

/// Files that are to be read as if they held something else, by absolute path below the paths that the user named; `None` for a
/// file as if it were not there.
pub type Overlay = BTreeMap<PathBuf, Option<Vec<u8>>>;

/// Why nothing could be read.
#[derive(Debug, Error)]
pub enum WorkspaceError {
    /// A path the user named is not there, or is nothing that can be read.
    #[error("{0}")]
    Path(String),
    /// A mistake in a configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A configuration that is there could not be read.
    #[error("cannot read {0}: {1}")]
    Unreadable(String, std::io::Error),
}

/// Everything that was read.
#[derive(Debug, Default)]
pub struct Workspace {
    /// The files, by path.
    pub files: Vec<Arc<SourceFile>>,
    /// Number of files looked at, those that cannot matter included.
    pub looked_at: usize,
    /// Files that could not be read.
    pub problems: Vec<Problem>,
    roots: Vec<Root>,
    configs: Vec<Config>,
}

#[derive(Debug)]
struct Root {
    display: String,
    config: usize,
}

impl Workspace {
    /// A workspace of texts that are in memory already, under one configuration.
    pub fn in_memory(files: Vec<Arc<SourceFile>>, config: Config) -> Workspace {
        let looked_at = files.len();
        Workspace { files, looked_at, configs: vec![config], roots: vec![Root { display: String::new(), config: 0 }], problems: Vec::new() }
    }

    /// The configuration of a file: that of the longest named path above it.
    pub fn config_for(&self, path: &str) -> Option<&Config> {
        let above = |root: &&Root| {
            root.display.is_empty()
                || path == root.display
                || path.strip_prefix(&root.display).is_some_and(|rest| rest.starts_with('/') || root.display.ends_with('/'))
        };
        let root = self.roots.iter().filter(above).max_by_key(|r| r.display.len());
        self.configs.get(root.map_or(0, |r| r.config))
    }

    /// All configurations, in the order of the paths.
    pub fn configs(&self) -> &[Config] {
        &self.configs
    }
}

/// What `path` is taken for by its name; `None` for files that are not read.
pub fn kind_of(path: &Path) -> Option<FileKind> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "rs" => Some(FileKind::Rust),
        "py" => Some(FileKind::Python),
        "yaml" | "yml" | "rules" => Some(FileKind::Yaml),
        "json" => Some(FileKind::Json),
        "prom" => Some(FileKind::Exposition),
        // `prometheus.yml.template`: read for the names that it gives to metrics, and for nothing else.
        "template" | "tmpl" | "tpl" | "j2" => kind_of(Path::new(path.file_stem()?)).filter(|kind| *kind == FileKind::Yaml),
        _ => None,
    }
}

/// Reads everything that was asked for.
///
/// # Errors
/// A path that does not exist or cannot be read as anything, or a mistake in a configuration.
pub fn read(request: &Request<'_>) -> Result<Workspace, WorkspaceError> {
    let mut workspace = Workspace::default();
    let mut found = Found::default();
    for path in request.paths {
        let absolute = request.cwd.join(path);
        let shown = display(request.cwd, &absolute);
        let metadata = std::fs::metadata(&absolute).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => WorkspaceError::Path(format!("no such file or directory: {}", path.display())),
            _ => WorkspaceError::Path(format!("cannot read {}: {e}", path.display())),
        })?;
        let config = workspace.configure(request, &absolute, metadata.is_dir())?;
        if !metadata.is_file() && !metadata.is_dir() {
            let hint = "neither a file nor a folder: write it to a file first, or give it to `check --stdin-filename`";
            return Err(WorkspaceError::Path(format!("{}: {hint}", path.display())));
        }
        if metadata.is_file() && kind_of(&absolute).is_none() {
            return Err(WorkspaceError::Path(format!("{}: {NOT_READ}", path.display())));
        }
        workspace.roots.push(Root { display: shown, config });
        let config = workspace.configs.get(config);
        found.merge(walk(request, &absolute, config));
    }
    for path in request.exposition {
        found.merge(exposed(request, path)?);
    }
    finish(request, &mut workspace, found);
    Ok(workspace)
}

impl Workspace {
    /// Index of the configuration of a path; reads it on first use.
    fn configure(&mut self, request: &Request<'_>, absolute: &Path, is_dir: bool) -> Result<usize, WorkspaceError> {
        let config = match request.config {
            ConfigChoice::Isolated => Config::default(),
            ConfigChoice::File(file) => {
                let absolute = request.cwd.join(file);
                if absolute.is_dir() {
                    return Err(WorkspaceError::Path(format!("{} is a folder: --config takes a file", file.display())));
                }
                match read_config(request.cwd, &absolute)? {
                    Some(config) => config,
                    None => return Err(WorkspaceError::Path(format!("no such configuration: {}", file.display()))),
                }
            }
            ConfigChoice::Discover => discover(request.cwd, absolute, is_dir)?.unwrap_or_default(),
        };
        if let Some(known) = self.configs.iter().position(|c| c.path == config.path) {
            return Ok(known);
        }
        self.configs.push(config);
        Ok(self.configs.len() - 1)
    }
}

fn discover(cwd: &Path, absolute: &Path, is_dir: bool) -> Result<Option<Config>, WorkspaceError> {
    let real = absolute.canonicalize().unwrap_or_else(|_| absolute.to_path_buf());
    let mut folder = if is_dir { Some(real.as_path()) } else { real.parent() };
    while let Some(dir) = folder {
        if let Some(config) = read_config(cwd, &dir.join("reduse.toml"))? {
            return Ok(Some(config));
        }
        let manifest = dir.join("Cargo.toml");
        if let Ok(text) = std::fs::read_to_string(&manifest)
            && let Some(config) = Config::parse_manifest(&text, &display(cwd, &manifest), &display(cwd, dir))
        {
            return Ok(Some(config?.seen_from_root(display(dir, cwd))));
        }
        if dir.join(".git").exists() {
            return Ok(None);
        }
        folder = dir.parent();
    }
    Ok(None)
}

fn read_config(cwd: &Path, absolute: &Path) -> Result<Option<Config>, WorkspaceError> {
    let shown = display(cwd, absolute);
    let bytes = match std::fs::read(absolute) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(WorkspaceError::Unreadable(shown, e)),
    };
    // A byte order mark is no part of the text.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").map(<[u8]>::to_vec).unwrap_or(bytes);
    let text = String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        let line = 1 + e.as_bytes().iter().take(at).filter(|b| **b == b'\n').count();
        WorkspaceError::Path(format!("{shown}:{line}: not UTF-8: byte {at} begins no valid character: save the file as UTF-8"))
    })?;
    let root = absolute.parent().map(|p| display(cwd, p)).unwrap_or_default();
    let seen_from_root = absolute.parent().map(|p| display(p, cwd)).unwrap_or_default();
    Ok(Some(Config::parse(&text, &shown, &root)?.seen_from_root(seen_from_root)))
}

#[derive(Default)]
struct Found {
    /// Texts by shown path, with the folder of the path the user named, absolute.
    files: BTreeMap<String, Read>,
    packages: Packages,
    /// Files that may turn out to be of tests, with the folder of the path the user named, absolute: they are read last.
    later: Vec<(PathBuf, PathBuf)>,
    problems: Vec<Problem>,
    looked_at: usize,
    /// The files looked at, where several paths are named: one may lie in another.
    met: BTreeSet<String>,
}

struct Read {
    kind: FileKind,
    text: Arc<str>,
    absolute: PathBuf,
    root: PathBuf,
}

impl Found {
    fn merge(&mut self, other: Found) {
        for (shown, read) in other.files {
            // Of two named paths that lead to a file the nearer one decides whether it is of tests.
            if self.files.get(&shown).is_none_or(|known| known.root.as_os_str().len() < read.root.as_os_str().len()) {
                self.files.insert(shown, read);
            }
        }
        self.packages.merge(other.packages);
        self.later.extend(other.later);
        self.problems.extend(other.problems);
        self.looked_at += other.looked_at;
        self.met.extend(other.met);
    }
}

/// Walks one path in parallel and reads as it goes.
fn walk(request: &Request<'_>, root: &Path, config: Option<&Config>) -> Found {
    // Threads for each of many files that are named cost more than reading them.
    if root.is_file() {
        return match request.overlay.get(root) {
            Some(None) => Found::default(),
            Some(Some(bytes)) => read_one(request, root, root, Some(bytes), &mut Vec::new()),
            None => read_one(request, root, root, None, &mut Vec::new()),
        };
    }
    let found = Mutex::new(Found::default());
    let lock = || found.lock().unwrap_or_else(PoisonError::into_inner);
    let may_exclude = config.is_some_and(Config::excludes_any) || !request.exclude.is_empty();
    let excluded = |entry: &DirEntry| {
        if !may_exclude || entry.depth() == 0 {
            return false;
        }
        let shown = display(request.cwd, entry.path());
        config.is_some_and(|c| c.excludes(&shown)) || request.exclude.iter().any(|g| g.is_match(&shown))
    };
    WalkBuilder::new(root).threads(rayon::current_num_threads()).build_parallel().run(|| {
        // One per thread: most files are looked at and forgotten.
        let mut buffer = Vec::new();
        let (lock, excluded) = (&lock, &excluded);
        Box::new(move |entry| {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    if let Some(problem) = walk_problem(request.cwd, root, &error) {
                        lock().problems.push(problem);
                    }
                    return WalkState::Continue;
                }
            };
            if excluded(&entry) {
                return WalkState::Skip;
            }
            // A symlink that is met on the way is not followed, so no loop is possible.
            if !entry.file_type().is_some_and(|t| t.is_file()) {
                return WalkState::Continue;
            }
            let path = entry.path();
            let one = match request.overlay.get(path) {
                Some(None) => return WalkState::Continue,
                Some(Some(bytes)) => read_one(request, root, path, Some(bytes), &mut buffer),
                None if is_read_later(request, root, path) => {
                    lock().later.push((path.to_path_buf(), root.to_path_buf()));
                    return WalkState::Continue;
                }
                None => read_one(request, root, path, None, &mut buffer),
            };
            lock().merge(one);
            WalkState::Continue
        })
    });
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    for (path, bytes) in request.overlay.range(root.to_path_buf()..).take_while(|(path, _)| path.starts_with(root)) {
        // Files on the disk were met by the walk, unless it had a reason to pass them by.
        if let Some(bytes) = bytes
            && !path.exists()
            && !left_out(request, root, path, config)
        {
            found.merge(read_one(request, root, path, Some(bytes), &mut Vec::new()));
        }
    }
    found
}

/// Whether only the manifests say that a file of the tree matters.
fn is_read_later(request: &Request<'_>, root: &Path, path: &Path) -> bool {
    !request.include_tests && may_be_test_target(path, root) && kind_of(path) == Some(FileKind::Rust)
}

/// Whether the walk would pass a file by that is not on the disk: as hidden or excluded, itself or a folder above it.
fn left_out(request: &Request<'_>, root: &Path, path: &Path, config: Option<&Config>) -> bool {
    path.ancestors().take_while(|p| *p != root).any(|p| {
        let shown = display(request.cwd, p);
        let hidden = p.file_name().is_some_and(|n| n.as_encoded_bytes().starts_with(b"."));
        hidden || config.is_some_and(|c| c.excludes(&shown)) || request.exclude.iter().any(|g| g.is_match(&shown))
    })
}

/// Reads what a process exposed.
fn exposed(request: &Request<'_>, path: &Path) -> Result<Found, WorkspaceError> {
    let (shown, given) = if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map_err(|e| WorkspaceError::Unreadable("the standard input".to_owned(), e))?;
        ("stdin".to_owned(), Some(bytes))
    } else {
        let shown = display(request.cwd, &request.cwd.join(path));
        let bytes = std::fs::read(request.cwd.join(path)).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => WorkspaceError::Path(format!("--exposition: no such file: {}", path.display())),
            _ => WorkspaceError::Path(format!("--exposition: cannot read {}: {e}", path.display())),
        })?;
        (shown, Some(bytes))
    };
    let absolute = request.cwd.join(&shown);
    let mut found = Found { looked_at: 1, met: BTreeSet::from([display(request.cwd, &absolute)]), ..Found::default() };
    match read_file(request, &absolute, FileKind::Exposition, given.as_deref(), &mut Vec::new()) {
        Ok(Some(text)) => {
            found.files.insert(shown, Read { kind: FileKind::Exposition, text, root: absolute.clone(), absolute });
        }
        Ok(None) => {}
        Err(problem) => found.problems.push(problem),
    }
    Ok(found)
}

/// Reads one file from the disk, or takes what it is said to hold. `buffer` is overwritten.
fn read_one(request: &Request<'_>, root: &Path, path: &Path, given: Option<&[u8]>, buffer: &mut Vec<u8>) -> Found {
    let mut found = Found::default();
    let of_cargo = path.file_name().filter(|name| *name == "Cargo.toml" || *name == "Cargo.lock");
    if let Some(name) = of_cargo {
        let text = given.map_or_else(|| std::fs::read(path), |bytes| Ok(bytes.to_vec())).ok().and_then(|b| String::from_utf8(b).ok());
        match text {
            Some(text) if name == "Cargo.lock" => found.packages.add_lock(path, &text),
            Some(text) => found.packages.add(path, &text),
            None => {}
        }
    } else if let Some(kind) = kind_of(path) {
        found.looked_at = 1;
        if several(request) {
            found.met.insert(display(request.cwd, path));
        }
        match read_file(request, path, kind, given, buffer) {
            Ok(Some(text)) => {
                let read = Read { kind, text, absolute: path.to_path_buf(), root: root.to_path_buf() };
                found.files.insert(display(request.cwd, path), read);
            }
            Ok(None) => {}
            Err(problem) => found.problems.push(problem),
        }
    }
    found
}

fn read_file(
    request: &Request<'_>,
    path: &Path,
    kind: FileKind,
    given: Option<&[u8]>,
    buffer: &mut Vec<u8>,
) -> Result<Option<Arc<str>>, Problem> {
    let problem = |problem_kind, message: String, help: &str| {
        let shown: Arc<str> = Arc::from(display(request.cwd, path));
        Problem {
            kind: problem_kind,
            message,
            location: Location::new(&shown, Span::default()),
            help: Some(help.to_owned()),
            until: None,
            relative: false,
        }
    };
    let unreadable = |e: &std::io::Error| {
        problem(
            ProblemKind::UnreadableFile,
            format!("cannot be read: {e}"),
            "Make it readable, or leave it out with `exclude` in reduse.toml.",
        )
    };
    let (size, source): (u64, Box<dyn std::io::Read + '_>) = match given {
        Some(bytes) => (bytes.len() as u64, Box::new(bytes)),
        None => {
            let file = std::fs::File::open(path).map_err(|e| unreadable(&e))?;
            (file.metadata().map_err(|e| unreadable(&e))?.len(), Box::new(file))
        }
    };
    if size > MAX_FILE_BYTES {
        let message = format!("{} MiB is more than the {} MiB that are read of one file", size >> 20, MAX_FILE_BYTES >> 20);
        return Err(problem(ProblemKind::OversizedFile, message, "Leave it out with `exclude` in reduse.toml."));
    }
    buffer.clear();
    // As large as it says it is, one call reads it and the next one sees the end.
    buffer.reserve(usize::try_from(size).unwrap_or_default() + 1);
    source.take(MAX_FILE_BYTES).read_to_end(buffer).map_err(|e| unreadable(&e))?;
    match encoding::to_utf8(std::mem::take(buffer)) {
        Ok(bytes) => *buffer = bytes,
        Err(bytes) if !(request.keep)(kind, &bytes) => return Ok(None),
        Err(_) => return Err(problem(ProblemKind::UnreadableFile, "begins as UTF-16 and does not go on so".to_owned(), SAVE_AS_UTF8)),
    }
    if !(request.keep)(kind, buffer) {
        return Ok(None);
    }
    match std::str::from_utf8(buffer) {
        Ok(text) => Ok(Some(Arc::from(text))),
        Err(e) => {
            let at = e.valid_up_to();
            let message = format!("not UTF-8: byte {at} begins no valid character");
            Err(problem(ProblemKind::UnreadableFile, message, SAVE_AS_UTF8))
        }
    }
}

const SAVE_AS_UTF8: &str = "Save it as UTF-8, or leave it out with `exclude` in reduse.toml.";

/// A folder that cannot be read. A file that vanished during the walk is nobody's problem.
fn walk_problem(cwd: &Path, root: &Path, error: &ignore::Error) -> Option<Problem> {
    let io = error.io_error()?;
    if io.kind() == std::io::ErrorKind::NotFound {
        return None;
    }
    let path: Arc<str> = Arc::from(display(cwd, paths::of_error(error).unwrap_or(root)));
    Some(Problem {
        kind: ProblemKind::UnreadableFile,
        message: format!("cannot be read: {io}"),
        location: Location::new(&path, Span::default()),
        help: Some("Make it readable, or leave it out with `exclude` in reduse.toml.".to_owned()),
        until: None,
        relative: false,
    })
}

/// Whether a Python file is test code by its name or by a folder below the path that was asked for.
fn is_python_test(path: &Path, root: &Path) -> bool {
    let inside = path.strip_prefix(root).unwrap_or(path);
    let name = inside.file_stem().and_then(|n| n.to_str()).unwrap_or("");
    in_folder_of(inside, &["tests", "test"]) || name.starts_with("test_") || name.ends_with("_test") || name == "conftest"
}

/// Whether what a process exposed is kept for tests, by a folder below the path that was asked for: it says nothing of this service.
fn is_test_data(path: &Path, root: &Path) -> bool {
    let folders = ["tests", "test", "testdata", "test_data", "fixtures", "benches"];
    in_folder_of(path.strip_prefix(root).unwrap_or(path), &folders)
}

fn in_folder_of(inside: &Path, names: &[&str]) -> bool {
    inside.parent().is_some_and(|p| p.components().any(|c| c.as_os_str().to_str().is_some_and(|c| names.contains(&c))))
}

/// Whether more than one path was named.
fn several(request: &Request<'_>) -> bool {
    request.paths.len() + request.exposition.len() > 1
}

/// Gives every file its package and leaves out test targets.
fn finish(request: &Request<'_>, workspace: &mut Workspace, mut found: Found) {
    found.packages.settle();
    let later = std::mem::take(&mut found.later);
    let is_code = |(path, root): &&(PathBuf, PathBuf)| !found.packages.of(path, root).is_some_and(|p| p.is_test_target(path));
    let read = |buffer: &mut Vec<u8>, (path, root): &(PathBuf, PathBuf)| read_one(request, root, path, None, buffer);
    let read: Vec<Found> = later.par_iter().filter(is_code).map_init(Vec::new, read).collect();
    // Those that are read count themselves.
    found.looked_at += later.len() - read.len();
    for one in read {
        found.merge(one);
    }
    workspace.looked_at = found.looked_at;
    if several(request) {
        found.met.extend(later.iter().map(|(path, _)| display(request.cwd, path)));
        workspace.looked_at = found.met.len();
    }
    workspace.problems = found.problems;
    workspace.problems.sort_by(|a, b| (&a.location, &a.message).cmp(&(&b.location, &b.message)));
    workspace.problems.dedup();
    let packages = &found.packages;
    let folders: HashMap<&Path, Arc<str>> = packages.folders().map(|folder| (folder, Arc::from(display(request.cwd, folder)))).collect();
    let all: Vec<(String, Read)> = found.files.into_iter().collect();
    let source = |(shown, read): (String, Read)| {
        let package = packages.of(&read.absolute, &read.root);
        if !request.include_tests && read.kind == FileKind::Rust && package.is_some_and(|p| p.is_test_target(&read.absolute)) {
            return None;
        }
        if !request.include_tests && read.kind == FileKind::Exposition && is_test_data(&read.absolute, &read.root) {
            return None;
        }
        if !request.include_tests && read.kind == FileKind::Python && is_python_test(&read.absolute, &read.root) {
            return None;
        }
        let (name, folder, build) = match package {
            Some(package) => (Arc::clone(&package.name), folders.get(package.folder.as_path()).cloned(), Arc::clone(&package.build)),
            None => (Arc::from(""), None, Arc::default()),
        };
        let folder = folder.unwrap_or_else(|| Arc::from(display(request.cwd, &read.root)));
        Some(Arc::new(SourceFile::in_package(Arc::from(shown), read.kind, read.text, name, folder).built(build)))
    };
    let files: Vec<Option<Arc<SourceFile>>> = all.into_par_iter().map(source).collect();
    workspace.files.extend(files.into_iter().flatten());
}
