//! What a tree or a file does wrong again and again is one thing to decide, not one finding for each.
//!
//! Lints only say which of their findings are alike. They are put together when the user's levels and suppressions have been heard, or
//! a word about one of them would silence all others.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::finding::{Alike, Edit, Finding, Severity};

/// Below this many, each breach of a convention of the tree is worth a line of its own.
const FEW: usize = 5;

/// From this many on, a line for each would bury everything else.
const MANY: usize = 20;

/// From this many on, one finding speaks for all of a file.
const MANY_OF_FILE: usize = 4;

/// How many of the breaches the one finding shows.
const SHOWN: usize = 3;

const HELP: &str =
    "The tree does so as a rule. Change it in one go with everything that reads them, or turn the lint off in `reduse.toml`.";

/// Whether so many breaches among the `judged` are said together, without a repair for each.
pub(super) fn is_broken_as_a_rule(breaches: usize, judged: usize) -> bool {
    breaches >= FEW && (breaches * 2 >= judged || breaches >= MANY)
}

/// Adds the breaches of a convention of the tree: each, or one finding with their number where at least half of the `judged` things break
/// it, or very many do.
///
/// `summary` is the message for all, such as "{n} of {of} counters do not end in `_total`".
pub(super) fn report(breaches: impl IntoIterator<Item = Finding>, judged: usize, summary: &str, findings: &mut Vec<Finding>) {
    let alike = Alike { summary: summary.replace("{of}", &judged.to_string()), judged: Some(judged), help: None };
    findings.extend(breaches.into_iter().map(|breach| Finding { alike: Some(alike.clone()), ..breach }));
}

/// Adds what is wrong alike with the alerts of a file: each, or one finding with their number, which mends them together.
pub(super) fn report_of_file(
    breaches: impl IntoIterator<Item = Finding>,
    summary: impl Fn(&Finding) -> String,
    help: Option<&str>,
    findings: &mut Vec<Finding>,
) {
    findings.extend(breaches.into_iter().map(|breach| {
        let alike = Alike { summary: summary(&breach), judged: None, help: help.map(str::to_owned) };
        Finding { alike: Some(alike), ..breach }
    }));
}

/// What findings have in common that are put together.
type Key = (&'static str, Option<Severity>, String, Option<(Arc<str>, Option<String>, Option<String>)>);

/// Puts the findings together that are alike, where they are many.
pub(crate) fn together(findings: Vec<Finding>) -> Vec<Finding> {
    let mut groups: BTreeMap<Key, (Alike, Vec<Finding>)> = BTreeMap::new();
    let mut all = Vec::with_capacity(findings.len());
    for mut finding in findings {
        let Some(alike) = finding.alike.take() else {
            all.push(finding);
            continue;
        };
        // What is to be done is said once.
        let help = if alike.help.is_some() { None } else { finding.help.clone() };
        let of_file = alike.judged.is_none().then(|| (Arc::clone(&finding.location.path), finding.label.clone(), help));
        let key = (finding.lint, finding.severity, alike.summary.clone(), of_file);
        groups.entry(key).or_insert_with(|| (alike, Vec::new())).1.push(finding);
    }
    for (alike, mut group) in groups.into_values() {
        let many = alike.judged.map_or(group.len() >= MANY_OF_FILE, |judged| is_broken_as_a_rule(group.len(), judged));
        if many {
            all.extend(one(alike, group));
        } else {
            all.append(&mut group);
        }
    }
    all
}

/// One finding that speaks for all of these.
fn one(alike: Alike, mut group: Vec<Finding>) -> Option<Finding> {
    group.sort_by(|a, b| (&a.location, &a.message).cmp(&(&b.location, &b.message)));
    let count = group.len();
    let of_tree = alike.judged.is_some();
    // Names of the tree are changed in one go, or not at all.
    let whole = !of_tree && group.iter().all(|f| f.fix.is_some());
    let edits: Vec<Edit> =
        group.iter().filter(|_| whole).filter_map(|f| f.fix.as_ref()).flat_map(|fix| fix.edits.iter().cloned()).collect();
    let mut rest = group.into_iter();
    let first = rest.next()?;
    let message = alike.summary.replace("{n}", &count.to_string());
    let mut all = Finding { message, caret: Some("the first one".into()), fix: None, ..first };
    if of_tree {
        (all.metric, all.label) = (None, None);
    }
    let more = (count - 1).saturating_sub(SHOWN);
    for (at, other) in rest.take(SHOWN).enumerate() {
        let message = if at + 1 == SHOWN && more > 0 { format!("{}; and {more} more", other.message) } else { other.message };
        all = all.related(message, other.location);
    }
    all.help = if of_tree { Some(HELP.to_owned()) } else { alike.help.or(all.help) };
    Some(if whole { all.fixes("mend all of them", edits) } else { all })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Location, Span};

    fn reported(breaches: usize, judged: usize) -> Vec<String> {
        let one = |at| Finding::new(format!("breach {at}"), Location::new(&"src/lib.rs".into(), Span::new(at, at + 1)));
        let mut findings = Vec::new();
        report((0..breaches).map(one), judged, "{n} of {of}", &mut findings);
        together(findings).into_iter().map(|f| f.message).collect()
    }

    #[test]
    fn what_most_do_is_one_finding() {
        assert_eq!(reported(12, 14), ["12 of 14"]);
        assert_eq!(reported(4, 4).len(), 4);
        assert_eq!(reported(6, 40).len(), 6);
        assert_eq!(reported(30, 100), ["30 of 100"]);
        assert_eq!(reported(0, 3).len(), 0);
    }
}
