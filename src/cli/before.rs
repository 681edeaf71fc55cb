//! `check --diff`: what the changes since a revision bring.
//!
//! The tree is read a second time with every changed file as it was, under today's configuration, and the findings of that tree are
//! known. What remains is new, wherever it stands: a renamed metric breaks an alert in a file that nobody touched. A finding on a
//! changed line is reported even if the line had it before, since whoever changes a line owns it.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::InputArgs;
use super::terminal::Terminal;
use super::{Failure, session};
use crate::baseline::Baseline;
use crate::engine::{self, Options};
use crate::finding::Finding;
use crate::model::Inventory;
use crate::source::Sources;
use crate::vcs::{Changes, Repository, VcsError};
use crate::workspace::{self, Overlay};

/// What was there before the change.
#[derive(Debug)]
pub(super) struct Before {
    /// What the tree exposed.
    pub(super) inventory: Arc<Inventory>,
    known: Baseline,
    lines: Lines,
}

impl Before {
    /// Looks at the tree as it was at `revision`; findings that `accepted` knows are left to it.
    pub(super) fn at(
        revision: &str,
        input: &InputArgs,
        options: &Options,
        accepted: Option<&Baseline>,
        terminal: &Terminal,
    ) -> Result<Before, Failure> {
        let cwd = session::cwd()?;
        let first = input.paths.first().map(|p| cwd.join(p));
        let usage = |e: VcsError| Failure::Usage(format!("--diff {revision}: {e}"));
        let folder = first.as_deref().map_or(cwd.as_path(), folder_of);
        let repository = Repository::of(folder).map_err(usage)?;
        let changes = repository.changes(&repository.base(revision).map_err(usage)?).map_err(usage)?;
        let (overlay, lines) = overlay(&repository, &changes, input, &format!("--diff {revision}"))?;
        let workspace = session::read_with(input, &overlay, terminal)?;
        let facts = session::facts(&workspace, options, terminal);
        let mut findings = engine::lint(&facts, &workspace, options).findings;
        if let Some(accepted) = accepted {
            findings = accepted.apply(findings, &facts.sources).new;
        }
        Ok(Before { known: Baseline::of(&findings, &facts.sources), inventory: Arc::new(facts.inventory), lines })
    }

    /// Splits findings into those that the change brings and the number of the others.
    pub(super) fn apply(&self, findings: Vec<Finding>, sources: &Sources) -> (Vec<Finding>, usize) {
        let (mut brought, rest): (Vec<_>, Vec<_>) = findings.into_iter().partition(|f| self.on_changed_line(f, sources));
        let rest = self.known.apply(rest, sources);
        brought.extend(rest.new);
        brought.sort_by(|a, b| (&a.location, a.lint, &a.message).cmp(&(&b.location, b.lint, &b.message)));
        (brought, rest.quiet)
    }

    fn on_changed_line(&self, finding: &Finding, sources: &Sources) -> bool {
        let Some(ranges) = self.lines.get(&*finding.location.path) else { return false };
        let Some((start, end)) = sources.place(&finding.location) else { return false };
        ranges.iter().any(|r| *r.start() <= end.line && start.line <= *r.end())
    }
}

/// Changed lines by path, as reports show paths.
pub(super) type Lines = BTreeMap<String, Vec<RangeInclusive<usize>>>;

/// The files below the paths that the user named as they were before the changes, and the lines that changed; `asked` is what the
/// user asked for, in words.
pub(super) fn overlay(repository: &Repository, changes: &Changes, input: &InputArgs, asked: &str) -> Result<(Overlay, Lines), Failure> {
    let cwd = session::cwd()?;
    let (mut overlay, mut lines) = (Overlay::new(), Lines::new());
    for path in input.paths.iter().map(|p| cwd.join(p)) {
        let prefix = prefix(repository, &path)
            .ok_or_else(|| Failure::Usage(format!("{asked}: {} is not in {}", path.display(), repository.root.display())))?;
        place(changes, &path, &prefix, &cwd, &mut overlay, &mut lines);
    }
    Ok((overlay, lines))
}

fn folder_of(path: &Path) -> &Path {
    if path.is_dir() { path } else { path.parent().unwrap_or(path) }
}

/// A path that the user named as git calls it: below the top folder, `""` for that folder itself.
fn prefix(repository: &Repository, path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok()?.strip_prefix(&repository.root).ok().map(Path::to_path_buf)
}

/// Brings the changes below one named path into the notation of the run. The path may be a link, so git's names are not its own.
fn place(changes: &Changes, path: &Path, prefix: &Path, cwd: &Path, overlay: &mut Overlay, lines: &mut Lines) {
    let below = |name: &str| {
        let rest = Path::new(name).strip_prefix(prefix).ok()?;
        // Joining an empty path would add a slash.
        Some(if rest.as_os_str().is_empty() { path.to_path_buf() } else { path.join(rest) })
    };
    for (name, before) in &changes.before {
        if let Some(absolute) = below(name) {
            overlay.insert(absolute, before.clone());
        }
    }
    for (name, ranges) in &changes.lines {
        if let Some(absolute) = below(name) {
            lines.insert(workspace::display(cwd, &absolute), ranges.clone());
        }
    }
}
