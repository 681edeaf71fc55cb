//! What is known of a metric by its name: from the tree first, from known systems second.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::knowledge::systems::{self, System, SystemMetric};
use crate::lints::Context;
use crate::model::{Inventory, Language, Metric, MetricType};
use crate::source::Location;

/// A metric that a name means.
#[derive(Clone, Copy, Debug)]
pub(super) enum Known<'a> {
    /// Of the tree; one of several definitions that agree.
    Tree(&'a Metric),
    /// Of a known system.
    System(&'static System, &'static SystemMetric),
}

impl Known<'_> {
    pub(super) fn kind(&self) -> MetricType {
        match self {
            Known::Tree(metric) => metric.kind,
            Known::System(_, metric) => metric.kind(),
        }
    }

    /// The finite bucket bounds, where known.
    pub(super) fn bounds(&self) -> Option<&[f64]> {
        match self {
            Known::Tree(metric) => metric.buckets.bounds(),
            Known::System(_, metric) => metric.buckets.as_deref(),
        }
    }

    /// Whether its series have this label.
    pub(super) fn has_label(&self, label: &str) -> bool {
        match self {
            Known::Tree(metric) => metric.labels.iter().any(|l| l.name == label) && !metric.optional.iter().any(|l| l == label),
            Known::System(_, metric) => metric.labels.iter().any(|l| l == label),
        }
    }

    /// The definition, for related places.
    pub(super) fn location(&self) -> Option<&Location> {
        match self {
            Known::Tree(metric) => Some(&metric.location),
            Known::System(..) => None,
        }
    }

    /// Where it is known from, for messages: empty for the tree.
    pub(super) fn origin(&self) -> String {
        match self {
            Known::Tree(_) => String::new(),
            Known::System(system, _) => format!(" of {}", system.title),
        }
    }
}

static SYSTEM_METRICS: LazyLock<HashMap<&'static str, Vec<(&'static System, &'static SystemMetric)>>> = LazyLock::new(|| {
    let mut by_name: HashMap<&str, Vec<(&System, &SystemMetric)>> = HashMap::new();
    for system in systems::all() {
        for metric in &system.metrics {
            by_name.entry(&metric.name).or_default().push((system, metric));
        }
    }
    by_name
});

/// What to read in place of the buckets that a Summary does not have.
pub(super) fn instead_of_buckets(name: &str, metric: Option<&Metric>) -> String {
    if metric.is_some_and(|m| m.language == Language::Python) {
        return format!(
            "A Summary of Python's client has no quantiles either: `{name}_sum` and `{name}_count` give the mean. Make it a Histogram for quantiles."
        );
    }
    let give = match metric.is_some_and(|m| m.declared == MetricType::Histogram) {
        true => "give it buckets in the recorder",
        false => "it has to become a histogram",
    };
    // Which quantiles another program computes is not known.
    let read = match metric {
        Some(_) => format!("`{name}{{quantile=\"0.9\"}}`"),
        None => format!("the series of `{name}` by their label `quantile`"),
    };
    format!(
        "A Summary has its quantiles already, without `histogram_quantile`: read {read}, of one instance each. For a quantile over all instances {give}."
    )
}

/// All metrics of the tree with exactly this name.
pub(super) fn named<'a>(inventory: &'a Inventory, name: &str) -> &'a [Metric] {
    inventory.named(name)
}

/// The metric with this name, when all that is known of it agrees on its type and buckets.
pub(super) fn metric<'a>(context: &Context<'a>, name: &str) -> Option<Known<'a>> {
    let own = named(context.inventory, name);
    if let Some(first) = own.first() {
        let agree = own.iter().all(|m| m.kind == first.kind && m.buckets.bounds() == first.buckets.bounds());
        return agree.then_some(Known::Tree(first));
    }
    if context.inventory.patterns().any(|m| m.may_be(name)) {
        return None;
    }
    let known = SYSTEM_METRICS.get(name)?;
    let (system, first) = known.first()?;
    known.iter().all(|(_, m)| m.kind() == first.kind() && m.buckets == first.buckets).then_some(Known::System(system, first))
}

/// The metric that has a series of this name: `x` for `x_bucket`.
pub(super) fn of_series<'a>(context: &Context<'a>, series: &str) -> Option<Known<'a>> {
    let family = || ["_bucket", "_count", "_sum"].iter().find_map(|end| series.strip_suffix(end));
    metric(context, series).or_else(|| metric(context, family()?))
}

/// Whether any known system has a metric of this name.
pub(super) fn is_of_system(name: &str) -> bool {
    SYSTEM_METRICS.contains_key(name)
}

/// Whether a name begins like those of a known system.
pub(super) fn has_prefix_of_system(name: &str) -> bool {
    systems::all().iter().any(|s| s.prefixes.iter().any(|p| !p.is_empty() && name.starts_with(p.as_str())))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::source::Span;

    #[test]
    fn a_summary_is_read_by_its_quantiles_where_it_has_some() {
        let of = |language| Metric::new("a", MetricType::Summary, language, "x", Location::new(&Arc::from("a"), Span::default()));
        assert!(instead_of_buckets("a", Some(&of(Language::Python))).contains("`a_sum` and `a_count` give the mean"));
        let plain = instead_of_buckets("a", Some(&of(Language::Rust)));
        assert!(plain.contains("read `a{quantile=\"0.9\"}`") && plain.contains("has to become a histogram"), "{plain}");
        let by_default = Metric { declared: MetricType::Histogram, ..of(Language::Rust) };
        assert!(instead_of_buckets("a", Some(&by_default)).ends_with("give it buckets in the recorder."));
        assert!(instead_of_buckets("a", None).contains("by their label `quantile`"));
    }
}
