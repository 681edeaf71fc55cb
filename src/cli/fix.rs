//! `check --fix`: makes the repairs that findings carry, and judges the tree again after each round of them.
//!
//! A repair counts only when its finding is gone afterwards and no file reads worse than before; otherwise it is taken back. What
//! is written is what the last round judged.

use std::collections::{BTreeMap, HashMap, HashSet};
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

/// Repairs may call for others: a name that is right now, and a bound that was never looked at before. Those that go wrong cost some
/// rounds, since the others of their file are then made by halves.
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

    /// How often each finding is there.
    fn tally(&self) -> HashMap<Identity, usize> {
        let mut counts = HashMap::new();
        for finding in &self.verdict.findings {
            *counts.entry(identity(finding)).or_default() += 1;
        }
        counts
    }
}

/// The files that the repair of a finding edits.
fn edited(finding: &Finding) -> impl Iterator<Item = &Arc<str>> {
    finding.fix.iter().flat_map(|fix| &fix.edits).map(|edit| &edit.location.path)
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

/// Lint, path and message.
type Identity = (&'static str, Arc<str>, String);

/// What tells a finding from others, whatever lines move.
fn identity(finding: &Finding) -> Identity {
    (finding.lint, Arc::clone(&finding.location.path), finding.message.clone())
}

struct Rounds<'a> {
    input: &'a InputArgs,
    options: &'a Options,
    terminal: &'a Terminal,
    texts: BTreeMap<Arc<str>, String>,
    refused: HashSet<Identity>,
}

impl Rounds<'_> {
    /// Makes these repairs together, without those that go wrong. The tree after them, and their number.
    ///
    /// A repair after which its finding remains is known at once. Where a file reads worse, half of its repairs are made: of all such
    /// files at the same time, so that the tree is judged as often as the file with the most repairs asks for, however many files there are.
    fn make(&mut self, state: &State, findings: &[&Finding]) -> Result<Option<(State, usize)>, Failure> {
        let (before, reported) = (state.broken(), state.tally());
        let mut findings = findings.to_vec();
        while !findings.is_empty() {
            let changed = fix::apply(findings.iter().filter_map(|f| f.fix.as_ref()), &state.facts.sources);
            let mut texts = self.texts.clone();
            texts.extend(changed.clone());
            let next = self.judge(&texts)?;
            let (after, left) = (next.broken(), next.tally());
            let is_worse = |path: &str| after.get(path) > before.get(path) || next.facts.sources.get(path).is_none();
            let worse: HashSet<&str> = after.keys().copied().chain(changed.keys().map(|p| &**p)).filter(|path| is_worse(path)).collect();
            // A file that reads worse says nothing of what would remain in it.
            let spoilt = |f: &Finding| edited(f).find(|path| worse.contains(&***path)).map(Arc::clone);
            let remains = |f: &Finding| left.get(&identity(f)) >= reported.get(&identity(f));
            let mut by_file: BTreeMap<Arc<str>, Vec<&Finding>> = BTreeMap::new();
            let mut good = Vec::new();
            for finding in &findings {
                match spoilt(finding) {
                    Some(path) => by_file.entry(path).or_default().push(finding),
                    None if remains(finding) => _ = self.refused.insert(identity(finding)),
                    None => good.push(*finding),
                }
            }
            if good.len() == findings.len() {
                if worse.is_empty() {
                    self.texts = texts;
                    return Ok(Some((next, good.len())));
                }
                // What nobody edited reads worse: any of them may be why.
                by_file.insert("".into(), std::mem::take(&mut good));
            }
            for (_, of_file) in by_file {
                match &of_file[..] {
                    [one] => _ = self.refused.insert(identity(one)),
                    // The places of the others have moved by then: they come in the next round.
                    several => good.extend(several.iter().take(several.len() / 2)),
                }
            }
            findings = good;
        }
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
