//! Definitions of one name become one metric.

use std::collections::BTreeMap;

use super::Collected;
use super::draft::Draft;
use super::{metrics, opentelemetry};
use crate::extract::Extraction;
use crate::model::{BoundKind, Label, Metric, Problem};

/// The metrics of everything that was collected, with one entry per name and library.
pub(super) fn join(mut collected: Collected, problems: Vec<Problem>) -> Extraction {
    collected.unresolved.append(&mut collected.metrics.unresolved);
    collected.unresolved.append(&mut collected.opentelemetry.unresolved);
    collected.drafts.extend(metrics::drafts(collected.metrics));
    collected.drafts.extend(opentelemetry::drafts(collected.opentelemetry));
    let mut by_name: BTreeMap<(String, &'static str), Vec<Draft>> = BTreeMap::new();
    for draft in collected.drafts {
        by_name.entry((draft.name.clone(), draft.library)).or_default().push(draft);
    }
    let metrics = by_name.into_values().filter_map(one).collect();
    Extraction { metrics, unresolved: collected.unresolved, problems, ..Extraction::default() }
}

fn one(mut drafts: Vec<Draft>) -> Option<Metric> {
    drafts.sort_by(|a, b| a.location.cmp(&b.location));
    let mut all = drafts.into_iter().map(Draft::into_metric);
    let mut metric = all.next()?;
    for other in all {
        if metric.help.is_none() {
            metric.help = other.help;
        }
        metric.help_unknown |= other.help_unknown;
        metric.labels_complete &= other.labels_complete;
        for label in other.labels {
            merge_label(&mut metric.labels, label);
        }
        metric.definitions.extend(other.definitions);
    }
    metric.labels.sort_by(|a, b| a.name.cmp(&b.name));
    Some(metric)
}

/// Adds a label; one that is there already is bounded only when both are.
pub(super) fn merge_label(labels: &mut Vec<Label>, label: Label) {
    let Some(known) = labels.iter_mut().find(|l| l.name == label.name) else {
        labels.push(label);
        return;
    };
    if known.bound.kind == BoundKind::Values && label.bound.kind == BoundKind::Values {
        let values = known.bound.values.iter().chain(&label.bound.values).cloned();
        known.bound = crate::model::Bound::of_values(values);
    } else if !label.bound.is_bounded() {
        known.bound = label.bound;
    }
}
