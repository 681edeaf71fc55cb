//! `unmonitored-metric`: a metric that answers a question of RED, USE or LLM serving, and that no alert and no panel reads.

use std::collections::{HashMap, HashSet};

use crate::finding::Finding;
use crate::lints::Context;
use crate::model::{self, ConsumerKind, Language};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let watches = |kind: &ConsumerKind| matches!(kind, ConsumerKind::Alert(_) | ConsumerKind::Panel(_));
    let alerts = context.consumers.iter().filter(|c| matches!(c.kind, ConsumerKind::Alert(_))).count();
    let panels = context.consumers.iter().filter(|c| c.is_panel()).count();
    // A query that does not parse, or that names its metric at run time, may read anything. What a variable offers is not looked at.
    let counts = |kind: &ConsumerKind| watches(kind) || matches!(kind, ConsumerKind::Record(_));
    let parsed = context.queries.iter().filter(|q| context.consumers.get(q.consumer).is_some_and(|c| counts(&c.kind)));
    let unknown = parsed.clone().count() < context.consumers.iter().filter(|c| counts(&c.kind)).count()
        || parsed.flat_map(|q| &q.selectors).any(|s| s.literal_name().is_none());
    if alerts == 0 || panels == 0 || unknown {
        return;
    }
    // What a recording rule reads is read by whatever reads the record.
    let mut read: HashSet<&str> = HashSet::new();
    let mut recorded: HashMap<&str, Vec<&str>> = HashMap::new();
    for query in context.queries {
        let Some(consumer) = context.consumers.get(query.consumer) else { continue };
        let names = query.selectors.iter().filter_map(|s| s.literal_name());
        match &consumer.kind {
            ConsumerKind::Record(_) => recorded.entry(&consumer.name).or_default().extend(names),
            kind if watches(kind) => read.extend(names),
            _ => {}
        }
    }
    let mut waiting: Vec<&str> = read.iter().copied().collect();
    while let Some(name) = waiting.pop() {
        for below in recorded.get(name).into_iter().flatten().copied() {
            if read.insert(below) {
                waiting.push(below);
            }
        }
    }
    for binding in context.bindings.bound.iter().filter(|b| b.system.is_none()) {
        let Some(metric) = binding.metric.as_deref().and_then(|n| context.inventory.get(n)) else { continue };
        let is_read = read.iter().any(|n| *n == metric.name || model::split_series(n).0 == metric.name);
        if is_read || metric.language == Language::Yaml || metric.is_pattern() {
            continue;
        }
        findings.push(
            Finding::new(
                format!("no alert and no panel reads `{}`, which answers `{}`", metric.name, binding.signal),
                metric.name_location.clone(),
            )
            .metric(&metric.name)
            .caret("measured, and never looked at"),
        );
    }
}
