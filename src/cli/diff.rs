//! `reduse diff REV [REV]`: which metrics differ, and what reads them and breaks.
//!
//! Both trees are the work tree with its changes since a revision taken back: the work tree itself is never touched.

use std::path::PathBuf;

use super::args::{DiffArgs, InputArgs, TableFormat};
use super::before;
use super::terminal::Terminal;
use super::{Failure, Outcome, session};
use crate::changes;
use crate::engine::Facts;
use crate::report::{self, changes::Report};
use crate::vcs::{Repository, VcsError};
use crate::workspace::Overlay;

pub(super) fn run(args: &DiffArgs, terminal: &Terminal) -> Result<Outcome, Failure> {
    let input = InputArgs { paths: vec![PathBuf::from(".")], tree: args.tree.clone(), exposition: Vec::new() };
    let options = session::options(&input, &[], None)?;
    let repository = Repository::of(&session::cwd()?).map_err(|e| Failure::Usage(e.to_string()))?;
    let read = |overlay: &Overlay| -> Result<Facts, Failure> {
        let workspace = session::read_with(&input, overlay, terminal)?;
        Ok(session::facts(&workspace, &options, terminal))
    };
    let at = |revision: &str, commit: Result<String, VcsError>| -> Result<Facts, Failure> {
        let usage = |e: VcsError| Failure::Usage(e.to_string());
        let changes = repository.changes(&commit.map_err(usage)?).map_err(usage)?;
        read(&before::overlay(&repository, &changes, &input, revision)?.0)
    };
    let (before, after) = match &args.to {
        Some(to) => (at(&args.from, repository.commit(&args.from))?, at(to, repository.commit(to))?),
        // What was added to the other branch meanwhile is not what this one takes away.
        None => (at(&args.from, repository.base(&args.from))?, read(&Overlay::new())?),
    };
    let readers = [(&after.consumers[..], &after.queries[..]), (&after.tests[..], &after.test_queries[..])];
    let changes = changes::changes(&before.inventory, &after.inventory, &readers);
    let report = Report {
        changes: &changes,
        from: &args.from,
        to: args.to.as_deref(),
        before: &before.sources,
        after: &after.sources,
        unresolved: after.inventory.unresolved.len().saturating_sub(before.inventory.unresolved.len()),
    };
    terminal.print(&match args.format {
        TableFormat::Table => report::changes::plain(&report),
        TableFormat::Json => report::changes::json(&report),
        TableFormat::Markdown => report::changes::markdown(&report),
    });
    let unreadable = session::unreadable(&after);
    for line in &unreadable {
        terminal.error(line);
    }
    if !unreadable.is_empty() {
        return Ok(Outcome::Unreadable);
    }
    Ok(if changes.iter().any(|c| !c.breaks.is_empty()) { Outcome::Findings } else { Outcome::Clean })
}
