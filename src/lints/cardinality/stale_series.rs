//! `stale-series`: a gauge of things that come and go, whose series stay.

use std::collections::BTreeMap;

use crate::finding::{Finding, Severity};
use crate::lints::Context;
use crate::lints::cardinality::{unbounded_label_name, unbounded_label_value};
use crate::model::{Change, LabelUse, MetricType, ProvenanceKind};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let labels = labels(context);
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
