//! `stale-series`: a gauge of things that come and go, whose series stay.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Severity};
use crate::lints::Context;
use crate::lints::cardinality::{unbounded_label_name, unbounded_label_value};
use crate::model::{Change, LabelUse, MetricType, ProvenanceKind, UseSite};

/// A function that puts this many gauges to rest does so because something ends.
const CLEANED: usize = 3;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let labels = labels(context);
    forgotten(context, findings);
    for metric in context.inventory.metrics() {
        let Some(label) = labels.get(metric.name.as_str()) else { continue };
        let message = format!("nothing takes the series of `{}` away when what `{}` names is gone", metric.name, label.name);
        findings.push(
            Finding::new(message, metric.name_location.clone())
                .metric(&metric.name)
                .label(&label.name)
                .caret("the last value stays")
                .related(format!("`{}` is {}", label.name, label.provenance.origin), label.location.clone())
                .help("Call `remove_label_values` where the thing ends, or let the exporter drop idle series, so that no alert or panel sees its last value."),
        );
    }
}

/// The label that names what comes and goes, of each gauge whose series stay. Where more than a name tells that its values have no
/// limit, that is said instead.
pub(crate) fn labels<'c>(context: &Context<'c>) -> BTreeMap<&'c str, &'c LabelUse> {
    let inventory = context.inventory;
    let mut found: BTreeMap<&str, &LabelUse> = BTreeMap::new();
    for site in &inventory.uses {
        let names_an_entity = |l: &&LabelUse| {
            let comes_and_goes = matches!(l.provenance.kind, ProvenanceKind::Id | ProvenanceKind::Address);
            let hinted = unbounded_label_value::judged(l).0 == Severity::Info && unbounded_label_name::promise(&l.name).is_none();
            comes_and_goes && hinted && !context.policies.labels.contains_key(&l.name)
        };
        if let Some(label) = site.labels.iter().find(names_an_entity) {
            found.entry(&site.metric).or_insert(label);
        }
    }
    let stays = |name: &str| {
        let gauge = inventory.metrics().iter().any(|m| m.name == name && m.kind == MetricType::Gauge);
        let forgets = |change: Change| change == Change::Forget;
        gauge
            && inventory
                .handled
                .get(name)
                .is_some_and(|h| h.complete && !h.updates.is_empty() && !h.updates.iter().any(|u| forgets(u.change)))
    };
    found.retain(|name, _| stays(name));
    found
}

/// Gauges that a function forgets which puts the others of the same label to rest when what it names is gone.
fn forgotten(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut functions: BTreeMap<(&str, &str), Vec<&UseSite>> = BTreeMap::new();
    let mut tended: BTreeSet<&str> = BTreeSet::new();
    for site in &context.inventory.uses {
        if site.rests || site.removes {
            tended.insert(&site.metric);
        }
        if let Some(within) = &site.within {
            functions.entry((&site.location.path, within)).or_default().push(site);
        }
    }
    let mut said: BTreeSet<&str> = BTreeSet::new();
    for ((path, _), sites) in &functions {
        let metrics: BTreeSet<&str> = sites.iter().map(|s| s.metric.as_str()).collect();
        let [first, .., last] = sites.as_slice() else { continue };
        if metrics.len() < CLEANED || !sites.iter().all(|s| s.rests || s.removes) {
            continue;
        }
        let whole: Vec<&str> = first.labels.iter().map(|l| l.name.as_str()).collect();
        let same = |site: &UseSite| site.labels.iter().map(|l| l.name.as_str()).eq(whole.iter().copied());
        let [label] = whole.as_slice() else { continue };
        if !sites.iter().all(|s| same(s)) {
            continue;
        }
        // Set elsewhere in the file of the function, and put to rest nowhere.
        for site in context.inventory.uses.iter().filter(|s| *s.location.path == **path && same(s) && !tended.contains(s.metric.as_str())) {
            let metric = context.inventory.named(&site.metric).iter().find(|m| m.kind == MetricType::Gauge);
            let Some(metric) = metric.filter(|m| said.insert(&m.name)) else { continue };
            let message = format!("`{}` is forgotten where the other gauges of a `{label}` are put to rest", metric.name);
            findings.push(
                Finding::new(message, metric.name_location.clone())
                    .metric(&metric.name)
                    .label(label)
                    .severity(Severity::Warning)
                    .caret("keeps its last value")
                    .related("the others are put to rest here", last.location.clone())
                    .help(format!("Do there for it what is done for the others: its series of a `{label}` that is gone says otherwise that all is as it was.")),
            );
        }
    }
}
