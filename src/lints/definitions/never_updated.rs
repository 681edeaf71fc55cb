//! `never-updated`: a metric that is registered, and that no code touches again.

use std::collections::{BTreeMap, HashSet};

use crate::finding::Finding;
use crate::lints::Context;
use crate::model::{Language, Metric};
use crate::source::Location;

/// From this many on, those of one file are one finding.
const MANY: usize = 5;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let inventory = context.inventory;
    let updated = |name: &str| inventory.handled.get(name).is_some_and(|h| !h.updates.is_empty());
    // A package that only defines metrics leaves their use to others.
    let alive: HashSet<&str> =
        inventory.metrics().iter().filter(|m| updated(&m.name)).flat_map(|m| &m.definitions).map(|d| &*d.package).collect();
    // One definition may give several names, by the prefixes of registries: it is one defect.
    let mut by_place: BTreeMap<&Location, &Metric> = BTreeMap::new();
    for metric in inventory.metrics().iter().filter(|m| m.language == Language::Rust) {
        let untouched = inventory.handled.get(&metric.name).is_some_and(|h| h.complete && h.updates.is_empty());
        if untouched && metric.definitions.iter().all(|d| alive.contains(&*d.package)) {
            by_place.entry(&metric.name_location).or_insert(metric);
        }
    }
    let mut by_file: BTreeMap<&str, Vec<&Metric>> = BTreeMap::new();
    for (place, metric) in by_place {
        by_file.entry(&place.path).or_default().push(metric);
    }
    for metrics in by_file.into_values() {
        match metrics.first() {
            Some(first) if metrics.len() >= MANY => findings.push(all(first, &metrics)),
            _ => findings.extend(metrics.into_iter().map(one)),
        }
    }
}

fn one(metric: &Metric) -> Finding {
    let stays = if metric.labels.is_empty() { "it stays at 0" } else { "it never has a series" };
    Finding::new(format!("`{}` is registered and never updated: {stays}", metric.name), metric.name_location.clone())
        .metric(&metric.name)
        .caret("nothing changes it")
        .help("Update it where the thing happens, or take it out: an alert on it can never fire, and a panel shows that all is well.")
}

fn all(first: &Metric, metrics: &[&Metric]) -> Finding {
    let names: Vec<String> = metrics.iter().map(|m| format!("`{}`", m.name)).collect();
    Finding::new(format!("{} metrics of this file are registered and never updated", metrics.len()), first.name_location.clone())
        .caret("the first one")
        .help(format!("Update them where the things happen, or take them out: {}.", names.join(", ")))
}
