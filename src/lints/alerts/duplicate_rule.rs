//! `duplicate-rule`: the same rule twice, in one file or in two.

use std::collections::{BTreeMap, HashMap};

use crate::finding::{Confidence, Finding, Severity};
use crate::lints::Context;
use crate::model::{Consumer, ConsumerKind};

/// What makes two rules the same one.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Identity<'a> {
    /// The file; none among the rules of all files.
    path: Option<&'a str>,
    /// Whether the operator reads it: a rule that is kept in both forms is read in one of them.
    object: bool,
    name: &'a str,
    /// The query with each run of white space as one space.
    query: String,
    labels: Vec<(&'a str, &'a str)>,
}

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut seen: HashMap<Identity<'_>, &Consumer> = HashMap::new();
    let mut anywhere: HashMap<Identity<'_>, &Consumer> = HashMap::new();
    // Files that share rules share many: one finding for each two of them.
    let mut shared: BTreeMap<(&str, &str), Vec<(&Consumer, &Consumer)>> = BTreeMap::new();
    for query in context.queries {
        let Some(consumer) = context.consumers.get(query.consumer) else { continue };
        let (labels, group) = match &consumer.kind {
            ConsumerKind::Alert(alert) => (&alert.labels, &alert.group),
            ConsumerKind::Record(record) => (&record.labels, &record.group),
            _ => continue,
        };
        let mut labels: Vec<(&str, &str)> = labels.iter().map(|(name, value)| (name.as_str(), value.text.as_str())).collect();
        labels.sort_unstable();
        let text: String = consumer.query.scalar.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let key = Identity { path: Some(&consumer.query.path), object: group.object, name: &consumer.name, query: text, labels };
        if let Some(first) = seen.get(&key) {
            findings.push(
                Finding::new(
                    format!("the {} `{}` is defined twice with the same query and labels", consumer.kind.noun(), consumer.name),
                    consumer.location.clone(),
                )
                .caret("the second one")
                .related("the first one", first.location.clone())
                .help("Remove one. Two alerts of one identity overwrite each other, two recording rules write the same series twice."),
            );
        } else {
            let global = Identity { path: None, ..key.clone() };
            match anywhere.get(&global) {
                Some(first) => shared.entry((&first.query.path, &consumer.query.path)).or_default().push((first, consumer)),
                None => _ = anywhere.insert(global, consumer),
            }
            seen.insert(key, consumer);
        }
    }
    findings.extend(shared.into_values().filter_map(|rules| in_two_files(&rules)));
}

/// The finding for rules that stand in two files alike. Which of the files one Prometheus reads is not known.
fn in_two_files(rules: &[(&Consumer, &Consumer)]) -> Option<Finding> {
    let (first, second) = rules.first()?;
    let more = match rules.len() - 1 {
        0 => String::new(),
        n => format!(", and {n} more"),
    };
    let message = format!("the {} `{}` is in {} too{more}", second.kind.noun(), second.name, first.query.path);
    let finding = Finding::new(message, second.location.clone()).severity(Severity::Info).confidence(Confidence::Medium);
    let help = "Where one Prometheus reads both files, remove one: alerts of one identity overwrite each other.";
    Some(finding.caret("the second one").related("the first one", first.location.clone()).help(help))
}
