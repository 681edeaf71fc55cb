//! Bucket layouts as the bucket lints look at them: metrics that share one layout are one case.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Buckets, Inventory, Metric, MetricType};
use crate::source::Location;

/// One bucket layout and the histograms that use it.
pub(super) struct Layout<'a> {
    /// Where the bounds stand; where they stand nowhere, the metric's definition.
    pub(super) location: Location,
    /// The histograms, by name; never empty.
    pub(super) metrics: Vec<&'a Metric>,
}

impl Layout<'_> {
    /// `` `a` `` or `` `a` and 3 more ``.
    pub(super) fn names(&self) -> String {
        let first = self.metrics.first().map_or("", |m| m.name.as_str());
        let names: BTreeSet<&str> = self.metrics.iter().map(|m| m.name.as_str()).collect();
        match names.len() {
            0 | 1 => format!("`{first}`"),
            n => format!("`{first}` and {} more", n - 1),
        }
    }

    /// The first metric's name.
    pub(super) fn first(&self) -> &str {
        self.metrics.first().map_or("", |m| m.name.as_str())
    }

    /// What is known of the bounds.
    pub(super) fn buckets(&self) -> Option<&Buckets> {
        self.metrics.first().map(|m| &m.buckets)
    }
}

/// The layouts of all histograms, by place.
pub(super) fn layouts(inventory: &Inventory) -> Vec<Layout<'_>> {
    let mut by_place: BTreeMap<&Location, Vec<&Metric>> = BTreeMap::new();
    for metric in inventory.metrics().iter().filter(|m| m.kind == MetricType::Histogram) {
        by_place.entry(metric.buckets.location().unwrap_or(&metric.location)).or_default().push(metric);
    }
    by_place.into_iter().map(|(location, metrics)| Layout { location: location.clone(), metrics }).collect()
}

/// Whether a metric counts seconds, by its unit or its name.
pub(super) fn in_seconds(metric: &Metric) -> bool {
    metric.unit.as_deref() == Some("seconds") || metric.name.ends_with("_seconds")
}
