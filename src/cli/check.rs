//! `reduse check`.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use super::args::{CheckArgs, CheckFormat, FailOn, InputArgs};
use super::before::Before;
use super::fix::{self, State};
use super::terminal::Terminal;
use super::{Failure, Outcome, session, write};
use crate::baseline::Baseline;
use crate::config::{Config, is_lint_or_family, not_a_version, unknown_lint};
use crate::finding::{Finding, Severity};
use crate::model::{ProblemKind, PrometheusVersion};
use crate::report::{self, Summary, plural};
use crate::source::FileKind;
use crate::workspace::{self, Overlay, Workspace};

pub(super) fn run(args: &CheckArgs, terminal: &Terminal) -> Result<Outcome, Failure> {
    for name in args.select.iter().chain(&args.ignore) {
        if !is_lint_or_family(name) {
            return Err(Failure::Usage(unknown_lint(name)));
        }
    }
    let mut options = session::options(&args.input, &args.system, args.today.as_deref())?;
    if let Some(text) = &args.prometheus_version {
        options.prometheus_version = Some(PrometheusVersion::parse(text).ok_or_else(|| Failure::Usage(not_a_version(text)))?);
    }
    options.select.clone_from(&args.select);
    options.ignore.clone_from(&args.ignore);
    let baseline = args.baseline.as_deref().map(read_baseline).transpose()?;
    let given = args.stdin_filename.as_deref().map(|file| Given::read(file, &args.input)).transpose()?;
    let nothing = Overlay::new();
    let workspace = session::read_with(&args.input, given.as_ref().map_or(&nothing, |g| &g.overlay), terminal)?;
    if let Some(given) = given.as_ref().filter(|given| given.is_passed_by(&workspace)) {
        terminal.note(&format!("--stdin-filename: {} is not looked at: it is ignored, hidden, excluded, or a test", given.shown));
    }
    let facts = session::facts(&workspace, &options, terminal);
    session::require_signals(&facts)?;
    let before =
        args.diff.as_deref().map(|revision| Before::at(revision, &args.input, &options, baseline.as_ref(), terminal)).transpose()?;
    options.before = before.as_ref().map(|b| Arc::clone(&b.inventory));
    let mut state = State::of(workspace, facts, &options);
    if let Some(file) = &args.write_baseline {
        write::replace(file, &Baseline::of(&state.verdict.findings, &state.facts.sources).render())?;
        terminal.print(&format!("{}: {}\n", file.display(), plural(state.verdict.findings.len(), "finding")));
        return Ok(if unreadable(&state) { Outcome::Unreadable } else { Outcome::Clean });
    }
    let only = given.as_ref().map(|g| g.shown.as_str());
    let judge = Judge { baseline: baseline.as_ref(), before: before.as_ref(), only };
    let mut drift = false;
    if args.fix {
        let original = state.workspace.files.iter().map(|f| (Arc::clone(&f.path), Arc::clone(&f.text))).collect();
        let repaired = fix::repair(state, &args.input, &options, &|state| judge.reported(state).findings, terminal)?;
        let (count, files) = (plural(repaired.count, "finding"), plural(repaired.files(), "file"));
        if args.dry_run {
            drift = repaired.files() > 0;
            terminal.print(&repaired.diff(&original));
            terminal.note(&format!("Would fix {count} in {files}."));
        } else {
            repaired.write(&args.input, &original)?;
            terminal.note(&format!("Fixed {count} in {files}."));
        }
        state = repaired.state;
    }
    let unreadable = unreadable(&state);
    let Reported { findings, baselined, fixed, older } = judge.reported(&state);
    let State { workspace, facts, mut verdict } = state;
    verdict.findings = findings;
    let summary = Summary { baselined, fixed, older, ..Summary::new(&verdict, workspace.looked_at, facts.skipped.len()) };
    let fails = |finding: &Finding| {
        let configured = || workspace.config_for(&finding.location.path).and_then(Config::fail_on);
        let threshold = args.fail_on.map(FailOn::severity).or_else(configured).unwrap_or(Severity::Error);
        finding.severity >= Some(threshold)
    };
    let (findings, sources) = (&verdict.findings, &facts.sources);
    match args.format {
        // The diff is the report.
        _ if args.dry_run => {}
        CheckFormat::Pretty => {
            terminal.print(&report::pretty::render(findings, sources, terminal.style()));
            terminal.print(&format!("{}\n", summary.line()));
        }
        CheckFormat::Concise => {
            terminal.print(&report::concise::render(findings, sources));
            terminal.note(&summary.line());
        }
        CheckFormat::Json => terminal.print(&report::json::findings(findings, &summary, sources)),
        CheckFormat::Sarif => terminal.print(&report::sarif::render(findings, !unreadable, sources)),
        CheckFormat::Github => terminal.print(&report::github::render(findings, &summary, sources)),
        CheckFormat::Gitlab => terminal.print(&report::gitlab::render(findings, sources)),
        CheckFormat::Junit => terminal.print(&report::junit::render(findings, &fails, sources)),
    }
    if workspace.looked_at == 0 {
        let paths: Vec<String> = args.input.paths.iter().map(|p| p.display().to_string()).collect();
        terminal.note(&format!("no Rust, Python, YAML or JSON file was found in {}", paths.join(", ")));
    }
    if args.verbose {
        for skipped in &facts.skipped {
            terminal.note(&format!("left alone: {}: {}", skipped.path, skipped.reason));
        }
    }
    // Whether a file could be read does not depend on which lints were asked for.
    if unreadable {
        return Ok(Outcome::Unreadable);
    }
    let failed = drift || verdict.findings.iter().any(fails);
    // The process ends with this: the system takes everything back at once.
    std::mem::forget((workspace, facts, verdict));
    Ok(if failed { Outcome::Findings } else { Outcome::Clean })
}

fn unreadable(state: &State) -> bool {
    state.facts.problems.iter().any(|p| p.kind == ProblemKind::UnreadableFile)
}

/// Which findings of a tree are reported, and how many others there are.
struct Reported {
    findings: Vec<Finding>,
    baselined: usize,
    fixed: usize,
    older: usize,
}

struct Judge<'a> {
    baseline: Option<&'a Baseline>,
    before: Option<&'a Before>,
    /// The one file that is asked about.
    only: Option<&'a str>,
}

impl Judge<'_> {
    fn reported(&self, state: &State) -> Reported {
        let (mut findings, sources) = (state.verdict.findings.clone(), &state.facts.sources);
        let (mut baselined, mut fixed, mut older) = (0, 0, 0);
        if let Some(baseline) = self.baseline {
            let remainder = baseline.apply(findings, sources);
            (baselined, fixed) = (remainder.quiet, remainder.fixed);
            findings = remainder.new;
        }
        if let Some(before) = self.before {
            (findings, older) = before.apply(findings, sources);
        }
        if let Some(only) = self.only {
            findings.retain(|f| *f.location.path == *only);
        }
        Reported { findings, baselined, fixed, older }
    }
}

/// What the standard input says that a file holds.
struct Given {
    /// The file, as reports show it.
    shown: String,
    overlay: Overlay,
}

impl Given {
    fn read(file: &Path, input: &InputArgs) -> Result<Given, Failure> {
        let usage = |message: String| Err(Failure::Usage(format!("--stdin-filename: {}: {message}", file.display())));
        if input.exposition.iter().any(|path| path == Path::new("-")) {
            return usage("--exposition - wants the standard input, too".to_owned());
        }
        if workspace::kind_of(file).is_none() {
            return usage(workspace::NOT_READ.to_owned());
        }
        let cwd = session::cwd()?;
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map_err(|e| Failure::Io(format!("cannot read the standard input: {e}")))?;
        let mut overlay = Overlay::new();
        if !session::lay_over(&mut overlay, input, &cwd, file, bytes) {
            let paths: Vec<String> = input.paths.iter().map(|p| p.display().to_string()).collect();
            return usage(format!("this is not below {}", paths.join(", ")));
        }
        Ok(Given { shown: workspace::display(&cwd, &cwd.join(file)), overlay })
    }

    /// Whether the walk left the file out. Only code is kept whatever it holds.
    fn is_passed_by(&self, workspace: &Workspace) -> bool {
        let is_code = matches!(workspace::kind_of(Path::new(&self.shown)), Some(FileKind::Rust | FileKind::Python));
        is_code
            && !workspace.files.iter().any(|file| *file.path == *self.shown)
            && workspace.problems.iter().all(|p| *p.location.path != *self.shown)
    }
}

pub(super) fn read_baseline(file: &Path) -> Result<Baseline, Failure> {
    let bytes = std::fs::read(file).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => Failure::Usage(format!("no such baseline: {}: make it with --write-baseline", file.display())),
        _ => Failure::Io(format!("cannot read {}: {e}", file.display())),
    })?;
    Baseline::parse(&String::from_utf8_lossy(&bytes)).map_err(|m| Failure::Usage(format!("{} {m}", file.display())))
}
