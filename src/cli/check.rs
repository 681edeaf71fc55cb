//! `reduse check`.

use super::args::{CheckArgs, CheckFormat};
use super::terminal::Terminal;
use super::{Failure, Outcome, session};
use crate::config::{is_lint_or_family, unknown_lint};
use crate::engine;
use crate::model::ProblemKind;
use crate::report::{self, Summary};

pub(super) fn run(args: &CheckArgs, terminal: &Terminal) -> Result<Outcome, Failure> {
    for name in args.select.iter().chain(&args.ignore) {
        if !is_lint_or_family(name) {
            return Err(Failure::Usage(unknown_lint(name)));
        }
    }
    let mut options = session::options(&args.input, &args.system, args.today.as_deref())?;
    options.select.clone_from(&args.select);
    options.ignore.clone_from(&args.ignore);
    let workspace = session::read(&args.input, terminal)?;
    let facts = session::facts(&workspace, &options, terminal);
    let verdict = engine::lint(&facts, &workspace, &options);
    let summary = Summary::new(&verdict, workspace.looked_at, facts.skipped.len());
    match args.format {
        CheckFormat::Pretty => {
            terminal.print(&report::pretty::render(&verdict.findings, &facts.sources, terminal.style()));
            terminal.print(&format!("{}\n", summary.line()));
        }
        CheckFormat::Concise => {
            terminal.print(&report::concise::render(&verdict.findings, &facts.sources));
            terminal.note(&summary.line());
        }
        CheckFormat::Json => terminal.print(&report::json::findings(&verdict.findings, &summary, &facts.sources)),
    }
    if args.verbose {
        for skipped in &facts.skipped {
            terminal.note(&format!("left alone: {}: {}", skipped.path, skipped.reason));
        }
    }
    // Whether a file could be read does not depend on which lints were asked for.
    if facts.problems.iter().any(|p| p.kind == ProblemKind::UnreadableFile) {
        return Ok(Outcome::Unreadable);
    }
    let threshold = args.fail_on.severity();
    let failed = verdict.findings.iter().any(|f| f.severity >= Some(threshold));
    Ok(if failed { Outcome::Findings } else { Outcome::Clean })
}
