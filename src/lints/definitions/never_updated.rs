//! `never-updated`: a metric that is registered, and that no code touches again.

use std::collections::HashSet;

use crate::finding::Finding;
use crate::lints::Context;
use crate::model::Language;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let inventory = context.inventory;
    let updated = |name: &str| inventory.handled.get(name).is_some_and(|h| !h.updates.is_empty());
    // A package that only defines metrics leaves their use to others.
    let alive: HashSet<&str> =
        inventory.metrics().iter().filter(|m| updated(&m.name)).flat_map(|m| &m.definitions).map(|d| &*d.package).collect();
    for metric in inventory.metrics().iter().filter(|m| m.language == Language::Rust) {
        let untouched = inventory.handled.get(&metric.name).is_some_and(|h| h.complete && h.updates.is_empty());
        if !untouched || !metric.definitions.iter().all(|d| alive.contains(&*d.package)) {
            continue;
        }
        let stays = if metric.labels.is_empty() { "it stays at 0" } else { "it never has a series" };
        findings.push(
            Finding::new(format!("`{}` is registered and never updated: {stays}", metric.name), metric.name_location.clone())
                .metric(&metric.name)
                .caret("nothing changes it")
                .help("Update it where the thing happens, or take it out: an alert on it can never fire, and a panel shows that all is well."),
        );
    }
}
