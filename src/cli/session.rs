//! What all commands that read a tree do first.

use std::path::{Path, PathBuf};

use super::args::InputArgs;
use super::terminal::Terminal;
use super::{Failure, today};
use crate::config::{exclude_glob, unknown_system};
use crate::engine::{self, Facts, Options};
use crate::extract;
use crate::knowledge::systems::{self, System};
use crate::model::ProblemKind;
use crate::report::plural;
use crate::source::FileKind;
use crate::workspace::{self, ConfigChoice, Overlay, Request, Workspace, WorkspaceError};

/// Whether the bytes of a file can matter.
type Keep<'a> = dyn Fn(FileKind, &[u8]) -> bool + Sync + 'a;

/// Reads the workspace that the arguments name.
pub(super) fn read(input: &InputArgs, terminal: &Terminal) -> Result<Workspace, Failure> {
    read_with(input, &Overlay::new(), terminal)
}

/// Reads the workspace that the arguments name, and keeps what `keep` says besides what extraction reads.
pub(super) fn read_keeping(input: &InputArgs, keep: &Keep<'_>, terminal: &Terminal) -> Result<Workspace, Failure> {
    read_as(input, &Overlay::new(), &|kind, bytes| extract::may_matter(kind, bytes) || keep(kind, bytes), terminal)
}

/// The working directory.
pub(super) fn cwd() -> Result<PathBuf, Failure> {
    std::env::current_dir().map_err(|e| Failure::Io(format!("cannot tell the working directory: {e}")))
}

/// Reads the workspace that the arguments name as if some files held something else.
pub(super) fn read_with(input: &InputArgs, overlay: &Overlay, terminal: &Terminal) -> Result<Workspace, Failure> {
    read_as(input, overlay, &extract::may_matter, terminal)
}

/// Makes `overlay` give a file below the paths that the arguments name other bytes than it has; `false` where it is below none.
pub(super) fn lay_over(overlay: &mut Overlay, input: &InputArgs, cwd: &Path, file: &Path, bytes: Vec<u8>) -> bool {
    let file = cwd.join(file);
    // As the walk from that path meets it.
    let met = input.paths.iter().map(|p| cwd.join(p)).find_map(|root| match workspace::display(&root, &file) {
        inside if inside.is_empty() => Some(root),
        inside if inside == ".." || inside.starts_with("../") => None,
        inside => Some(root.join(inside)),
    });
    met.map(|path| overlay.insert(path, Some(bytes))).is_some()
}

fn read_as(input: &InputArgs, overlay: &Overlay, keep: &Keep<'_>, terminal: &Terminal) -> Result<Workspace, Failure> {
    let _progress = terminal.progress("reading");
    let cwd = cwd()?;
    let config = match (&input.tree.config, input.tree.isolated) {
        (Some(file), _) => ConfigChoice::File(file.clone()),
        (None, true) => ConfigChoice::Isolated,
        (None, false) => ConfigChoice::Discover,
    };
    let exclude = input
        .tree
        .exclude
        .iter()
        .map(|g| exclude_glob(g).map_err(|m| Failure::Usage(format!("--exclude: {m}"))))
        .collect::<Result<Vec<_>, _>>()?;
    let request = Request {
        paths: &input.paths,
        cwd: &cwd,
        config: &config,
        exclude: &exclude,
        exposition: &input.exposition,
        include_tests: input.tree.include_tests,
        keep,
        overlay,
    };
    workspace::read(&request).map_err(|error| match error {
        WorkspaceError::Unreadable(..) => Failure::Io(error.to_string()),
        WorkspaceError::Path(_) | WorkspaceError::Config(_) => Failure::Usage(error.to_string()),
    })
}

/// The options that all commands share.
pub(super) fn options(input: &InputArgs, system_names: &[String], day: Option<&str>) -> Result<Options, Failure> {
    Ok(Options {
        systems: systems_named(system_names)?,
        include_tests: input.tree.include_tests,
        today: today::resolve(day).map_err(Failure::Usage)?,
        ..Options::default()
    })
}

fn systems_named(names: &[String]) -> Result<Vec<&'static System>, Failure> {
    names.iter().map(|n| systems::get(n).ok_or_else(|| Failure::Usage(unknown_system(n)))).collect()
}

/// Analyses a workspace.
pub(super) fn facts(workspace: &Workspace, options: &Options, terminal: &Terminal) -> Facts {
    let _progress = terminal.progress("analysing");
    engine::facts(workspace, options)
}

/// Refuses a configuration that answers a signal with a metric that is not there or does not fit.
pub(super) fn require_signals(facts: &Facts) -> Result<(), Failure> {
    if facts.bindings.errors.is_empty() {
        return Ok(());
    }
    Err(Failure::Usage(format!("[signals] of the configuration: {}", facts.bindings.errors.join("; "))))
}

/// Files that had to be read and could not be, each with the reason.
pub(super) fn unreadable(facts: &Facts) -> Vec<String> {
    let bad = facts.problems.iter().filter(|p| p.kind == ProblemKind::UnreadableFile);
    bad.map(|p| format!("{}: {}", p.location.path, p.message)).collect()
}

/// How many files are named that do not parse.
const NAMED: usize = 3;

/// Names the files that do not parse, where nothing else does: what they define is not among what is printed.
pub(super) fn name_broken_code(facts: &Facts, terminal: &Terminal) {
    let broken: Vec<_> = facts.problems.iter().filter(|p| matches!(p.kind, ProblemKind::RustSyntax | ProblemKind::PythonSyntax)).collect();
    for problem in broken.iter().take(NAMED) {
        let at = facts.sources.place(&problem.location).map_or_else(String::new, |(start, _)| format!(":{}:{}", start.line, start.column));
        terminal.note(&format!("not read in full: {}{at}: {}", problem.location.path, problem.message));
    }
    if broken.len() > NAMED {
        terminal.note(&format!("not read in full: {}: `reduse check` names them", plural(broken.len() - NAMED, "more file")));
    }
}
