//! `check --fix`: makes the repairs that findings carry, and judges the tree again after each round of them.
//!
//! A repair counts only when its finding is gone afterwards and no file reads worse than before; otherwise it is taken back. What
//! is written is what the last round judged.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use similar::TextDiff;

use super::args::InputArgs;
use super::terminal::Terminal;
use super::{Failure, session, write};
use crate::engine::{self, Facts, Options, Verdict};
use crate::finding::{Finding, Fix};
use crate::fix;
use crate::model::ProblemKind;
use crate::workspace::{self, Overlay, Workspace};

/// Repairs may call for others: a name that is right now, and a bound that was never looked at before. Each that goes wrong costs some
/// rounds, since the others are then made by halves.
const MAX_ROUNDS: usize = 40;

/// A tree as it is judged.
pub(super) struct State {
    pub(super) workspace: Workspace,
    pub(super) facts: Facts,
    pub(super) verdict: Verdict,
}

impl State {
    pub(super) fn of(workspace: Workspace, facts: Facts, options: &Options) -> State {
        let verdict = engine::lint(&facts, &workspace, options);
        State { workspace, facts, verdict }
    }

    /// How often each path has something that does not parse or does not fit its schema.
    fn broken(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for problem in self.facts.problems.iter().filter(|p| is_syntax(p.kind)) {
            *counts.entry(&*problem.location.path).or_default() += 1;
        }
        counts
    }
}

fn is_syntax(kind: ProblemKind) -> bool {
    !matches!(kind, ProblemKind::UselessSuppression | ProblemKind::InvalidSuppression)
}

/// What the repairs changed.
pub(super) struct Repaired {
    /// The tree after them.
    pub(super) state: State,
    /// New texts by path.
    texts: BTreeMap<Arc<str>, String>,
    /// Number of findings that were repaired.
    pub(super) count: usize,
}

/// Makes repairs until none is left; `reported` says which findings are asked about.
pub(super) fn repair(
    state: State,
    input: &InputArgs,
    options: &Options,
    reported: &dyn Fn(&State) -> Vec<Finding>,
    terminal: &Terminal,
) -> Result<Repaired, Failure> {
    let mut rounds = Rounds { input, options, terminal, texts: BTreeMap::new(), refused: HashSet::new() };
    let mut state = state;
    let mut count = 0;
    for _ in 0..MAX_ROUNDS {
        let findings = reported(&state);
        let candidates: Vec<&Finding> = findings.iter().filter(|f| f.fix.is_some() && !rounds.refused.contains(&identity(f))).collect();
        let fixes: Vec<&Fix> = candidates.iter().filter_map(|f| f.fix.as_ref()).collect();
        let chosen: Vec<&Finding> = fix::choose(&fixes, &state.facts.sources).iter().filter_map(|i| candidates.get(*i).copied()).collect();
        if chosen.is_empty() {
            break;
        }
        if let Some((next, made)) = rounds.make(&state, &chosen)? {
            state = next;
            count += made;
            // What went wrong beside it may go right now: the last round tries all that is left, so that another run finds nothing to do.
            rounds.refused.clear();
        }
    }
    Ok(Repaired { state, texts: rounds.texts, count })
}

/// What tells a finding from others, whatever lines move.
fn identity(finding: &Finding) -> (&'static str, Arc<str>, String) {
    (finding.lint, Arc::clone(&finding.location.path), finding.message.clone())
}

struct Rounds<'a> {
    input: &'a InputArgs,
    options: &'a Options,
    terminal: &'a Terminal,
    texts: BTreeMap<Arc<str>, String>,
    refused: HashSet<(&'static str, Arc<str>, String)>,
}

impl Rounds<'_> {
    /// Makes these repairs together, or, where that goes wrong, each half of them by itself. The tree after them, and their number.
    fn make(&mut self, state: &State, findings: &[&Finding]) -> Result<Option<(State, usize)>, Failure> {
        let changed = fix::apply(findings.iter().filter_map(|f| f.fix.as_ref()), &state.facts.sources);
        let mut texts = self.texts.clone();
        texts.extend(changed.clone());
        let next = self.judge(&texts)?;
        let before = state.broken();
        let worse = next.broken().iter().any(|(path, count)| *count > before.get(path).copied().unwrap_or(0));
        let unread = changed.keys().any(|path| next.facts.sources.get(path).is_none());
        let tally = |state: &State, finding: &Finding| state.verdict.findings.iter().filter(|f| identity(f) == identity(finding)).count();
        let remains = findings.iter().any(|f| tally(&next, f) >= tally(state, f));
        if !worse && !unread && !remains {
            self.texts = texts;
            return Ok(Some((next, findings.len())));
        }
        let [one] = findings else {
            let (first, second) = findings.split_at(findings.len() / 2);
            let made = self.make(state, first)?;
            // The places of the others have moved: they come in the next round.
            return if made.is_some() { Ok(made) } else { self.make(state, second) };
        };
        self.refused.insert(identity(one));
        Ok(None)
    }

    fn judge(&self, texts: &BTreeMap<Arc<str>, String>) -> Result<State, Failure> {
        let mut overlay = Overlay::new();
        for (path, text) in texts {
            overlay.insert(absolute(path, self.input)?, Some(text.clone().into_bytes()));
        }
        let workspace = session::read_with(self.input, &overlay, self.terminal)?;
        let facts = session::facts(&workspace, self.options, self.terminal);
        Ok(State::of(workspace, facts, self.options))
    }
}

/// The file that a report calls `shown`, below the paths as the user named them.
fn absolute(shown: &str, input: &InputArgs) -> Result<PathBuf, Failure> {
    let cwd = session::cwd()?;
    let below = |named: &PathBuf| {
        let named = cwd.join(named);
        let root = workspace::display(&cwd, &named);
        let rest = if root.is_empty() { shown } else { shown.strip_prefix(root.as_str())? };
        match rest.strip_prefix('/').unwrap_or(rest) {
            "" => Some(named),
            rest if root.is_empty() || shown.len() > root.len() && shown.get(root.len()..)?.starts_with('/') => Some(named.join(rest)),
            _ => None,
        }
    };
    Ok(input.paths.iter().find_map(below).unwrap_or_else(|| cwd.join(shown)))
}

impl Repaired {
    /// The changes as a unified diff that `git apply` takes; `original` holds the texts as they were read.
    pub(super) fn diff(&self, original: &BTreeMap<Arc<str>, Arc<str>>) -> String {
        let mut out = String::new();
        for (path, text) in &self.texts {
            let before = original.get(path).map_or("", |t| &**t);
            let diff = TextDiff::from_lines(before, text.as_str());
            out.push_str(&diff.unified_diff().header(&format!("a/{path}"), &format!("b/{path}")).to_string());
        }
        out
    }

    /// Writes the changed files, each whole or not at all; none where one of them is no longer what was read.
    pub(super) fn write(&self, input: &InputArgs, original: &BTreeMap<Arc<str>, Arc<str>>) -> Result<(), Failure> {
        let mut ready = Vec::new();
        for (path, text) in &self.texts {
            let file = absolute(path, input)?;
            let before = original.get(path).map_or("", |t| &**t);
            ready.push((file.clone(), with_its_mark(&file, before, text)?));
        }
        ready.iter().try_for_each(|(file, text)| write::replace_kept(file, text))
    }

    /// Number of files that change.
    pub(super) fn files(&self) -> usize {
        self.texts.len()
    }
}

/// The new text with the byte order mark that the file has, when the file still holds what was read.
fn with_its_mark(file: &Path, before: &str, text: &str) -> Result<String, Failure> {
    let bytes = std::fs::read(file).map_err(|e| Failure::Io(format!("cannot read {}: {e}", file.display())))?;
    if bytes == before.as_bytes() {
        return Ok(text.to_owned());
    }
    if bytes.strip_prefix(b"\xef\xbb\xbf") == Some(before.as_bytes()) {
        return Ok(format!("\u{feff}{text}"));
    }
    let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    let reason = if utf16 { "it is UTF-16: save it as UTF-8" } else { "it changed while it was checked" };
    Err(Failure::Io(format!("nothing was written: {}: {reason}", file.display())))
}
