//! What a change does to metrics and their readers: for people, as JSON, and as Markdown for a pull request.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Value, json};

use super::{json as documents, plural};
use crate::changes::{Break, Change, ChangeKind, Difference};
use crate::source::{Location, Sources};

/// A comparison and what its places refer to.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The differences.
    pub changes: &'a [Change],
    /// What the two trees are called.
    pub from: &'a str,
    /// The later one; `None` for the work tree.
    pub to: Option<&'a str>,
    /// The files of the earlier tree.
    pub before: &'a Sources,
    /// The files of the later tree.
    pub after: &'a Sources,
    /// Definitions of the later tree that cannot be resolved, beyond those of the earlier.
    pub unresolved: usize,
}

impl Report<'_> {
    fn span(&self) -> String {
        format!("from {} to {}", self.from, self.to.unwrap_or("the work tree"))
    }

    /// `2 renamed, 1 added`.
    fn counts(&self) -> String {
        let count = |kind| self.changes.iter().filter(|c| c.kind == kind).count();
        let kinds = [ChangeKind::Removed, ChangeKind::Renamed, ChangeKind::Changed, ChangeKind::Added];
        let words: Vec<String> =
            kinds.map(|k| (count(k), k)).iter().filter(|(n, _)| *n > 0).map(|(n, k)| format!("{n} {}", k.as_str())).collect();
        words.join(", ")
    }

    /// `2 alerts, 1 panel`, each reader once.
    fn broken(&self) -> String {
        let mut places: BTreeMap<&str, Vec<&Location>> = BTreeMap::new();
        for found in self.changes.iter().flat_map(|c| &c.breaks) {
            let list = places.entry(found.kind).or_default();
            if !list.contains(&&found.location) {
                list.push(&found.location);
            }
        }
        let words: Vec<String> = places.iter().map(|(kind, list)| plural(list.len(), kind)).collect();
        words.join(", ")
    }

    fn unsure(&self) -> Option<String> {
        (self.unresolved > 0).then(|| {
            format!(
                "{} can no longer be resolved: a metric that is said to be removed may be among them.",
                plural(self.unresolved, "definition")
            )
        })
    }
}

fn place(location: &Location, sources: &Sources) -> String {
    match sources.place(location) {
        Some((start, _)) => format!("{}:{}:{}", location.path, start.line, start.column),
        None => location.path.to_string(),
    }
}

/// For people.
pub fn plain(report: &Report<'_>) -> String {
    if report.changes.is_empty() {
        return format!("No metric differs {}.\n", report.span());
    }
    let mut out = String::new();
    for change in report.changes {
        // Writing to a String cannot fail.
        let _ = match &change.was {
            Some(was) => writeln!(out, "renamed  {was} -> {}, probably: same {}", change.metric, change.evidence.join(", ")),
            None => writeln!(out, "{:<7}  {}", change.kind.as_str(), change.metric),
        };
        if let Some(before) = change.before.as_ref().filter(|_| change.after.is_none()) {
            let _ = writeln!(out, "    was at {}", place(before, report.before));
        }
        if let Some(after) = &change.after {
            let _ = writeln!(out, "    at {}", place(after, report.after));
        }
        for Difference { what, before, after } in &change.differences {
            let _ = writeln!(out, "    {what}: {before} -> {after}");
        }
        for Break { kind, name, reason, location } in &change.breaks {
            let _ = writeln!(out, "    breaks {kind} `{name}` ({}): {reason}", place(location, report.after));
        }
    }
    let broken = report.broken();
    let verdict = if broken.is_empty() { "nothing breaks".to_owned() } else { format!("broken: {broken}") };
    let _ = writeln!(out, "\n{} {}; {verdict}.", report.counts(), report.span());
    if let Some(unsure) = report.unsure() {
        let _ = writeln!(out, "{unsure}");
    }
    out
}

/// As Markdown, for a comment on a pull request.
pub fn markdown(report: &Report<'_>) -> String {
    if report.changes.is_empty() {
        return format!("**Metrics**: none differs {}.\n", report.span());
    }
    let broken = report.broken();
    let verdict = if broken.is_empty() { "Nothing that reads them breaks.".to_owned() } else { format!("**Broken: {broken}.**") };
    let mut out = format!("### Metrics: {}\n\n{verdict}\n\n", report.counts());
    let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ");
    out.push_str("| | metric | what differs | breaks |\n| --- | --- | --- | --- |\n");
    for change in report.changes {
        let metric = match &change.was {
            Some(was) => format!("`{was}` → `{}`", change.metric),
            None => format!("`{}`", change.metric),
        };
        let mut differs: Vec<String> =
            change.differences.iter().map(|d| format!("{}: {} → {}", d.what, cell(&d.before), cell(&d.after))).collect();
        if change.was.is_some() {
            differs.insert(0, format!("a guess: same {}", change.evidence.join(", ")));
        }
        let breaks = change
            .breaks
            .iter()
            .map(|b| format!("{} **{}**: {} (`{}`)", b.kind, cell(&b.name), cell(&b.reason), place(&b.location, report.after)));
        let breaks: Vec<String> = breaks.collect();
        let _ = writeln!(out, "| {} | {metric} | {} | {} |", change.kind.as_str(), differs.join("<br>"), breaks.join("<br>"));
    }
    if let Some(unsure) = report.unsure() {
        let _ = writeln!(out, "\n{unsure}");
    }
    out
}

/// The document of `diff --format json`.
pub fn json(report: &Report<'_>) -> String {
    let at =
        |location: &Option<Location>, sources: &Sources| location.as_ref().map_or(Value::Null, |l| json!(documents::start(l, sources)));
    let changes: Vec<Value> = report
        .changes
        .iter()
        .map(|c| {
            let differences: Vec<Value> =
                c.differences.iter().map(|d| json!({"what": d.what, "before": d.before, "after": d.after})).collect();
            let breaks: Vec<Value> = c
                .breaks
                .iter()
                .map(|b| json!({"kind": b.kind, "name": b.name, "reason": b.reason, "location": documents::start(&b.location, report.after)}))
                .collect();
            json!({
                "change": c.kind.as_str(),
                "metric": c.metric,
                "was": c.was,
                "evidence": c.evidence,
                "differences": differences,
                "before": at(&c.before, report.before),
                "after": at(&c.after, report.after),
                "breaks": breaks,
            })
        })
        .collect();
    let count = |kind| report.changes.iter().filter(|c| c.kind == kind).count();
    let summary = json!({
        "removed": count(ChangeKind::Removed),
        "renamed": count(ChangeKind::Renamed),
        "changed": count(ChangeKind::Changed),
        "added": count(ChangeKind::Added),
        "breaks": report.changes.iter().map(|c| c.breaks.len()).sum::<usize>(),
        "unresolved": report.unresolved,
    });
    documents::document(&json!({"version": 1, "from": report.from, "to": report.to, "changes": changes, "summary": summary}))
}
