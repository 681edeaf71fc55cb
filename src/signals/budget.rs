//! How many series the metrics of a tree can have, and what each label costs.

use crate::model::{Bound, BoundKind, Inventory, LabelPolicy, Language, Metric, MetricType, Policies};

/// One label of a metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelCost {
    /// The label.
    pub name: String,
    /// Why its values are thought to be bounded, or not.
    pub kind: BoundKind,
    /// How many values it can take, where known.
    pub count: Option<u64>,
    /// How many series would be gone without it, where known.
    pub series: Option<u64>,
}

/// One metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricCost {
    /// Exposed name.
    pub name: String,
    /// Exposed type.
    pub kind: MetricType,
    /// Series of one combination of label values; `None` where the bounds of a histogram are not known.
    pub each: Option<u64>,
    /// Its labels.
    pub labels: Vec<LabelCost>,
    /// False when more labels may be added at run time.
    pub labels_complete: bool,
    /// All series; `None` where something is not known or has no bound.
    pub series: Option<u64>,
    /// Series for each combination of the values that are not known: those of the labels that are.
    pub at_least: u64,
}

/// All metrics, the worst first: without a bound, then not known, then by series.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// The metrics.
    pub metrics: Vec<MetricCost>,
}

impl MetricCost {
    /// Whether the source shows that a label has no limit.
    pub fn is_unbounded(&self) -> bool {
        self.labels.iter().any(|l| l.kind == BoundKind::Unbounded)
    }
}

impl Budget {
    /// Series of all metrics whose number is known.
    pub fn known(&self) -> u64 {
        self.metrics.iter().filter_map(|m| m.series).fold(0, u64::saturating_add)
    }

    /// The number of metrics whose series are not known.
    pub fn unknown(&self) -> usize {
        self.metrics.iter().filter(|m| m.series.is_none()).count()
    }
}

/// The budget of a tree. Recorded metrics cost nothing at the target and are left out.
pub fn budget(inventory: &Inventory, policies: &Policies) -> Budget {
    let mut metrics: Vec<MetricCost> = Vec::new();
    for cost in inventory.metrics().iter().filter(|m| m.language != Language::Yaml).map(|m| cost(m, policies)) {
        // One family may be defined in several places: it is exposed once, as the largest.
        match metrics.iter_mut().find(|m| m.name == cost.name) {
            Some(same) if worse(&cost, same) => *same = cost,
            Some(_) => {}
            None => metrics.push(cost),
        }
    }
    metrics.sort_by(|a, b| rank(b).cmp(&rank(a)).then_with(|| a.name.cmp(&b.name)));
    Budget { metrics }
}

/// What comes first.
fn rank(cost: &MetricCost) -> (bool, bool, u64) {
    (cost.is_unbounded(), cost.series.is_none(), cost.series.unwrap_or(cost.at_least))
}

fn worse(cost: &MetricCost, than: &MetricCost) -> bool {
    rank(cost) > rank(than)
}

fn cost(metric: &Metric, policies: &Policies) -> MetricCost {
    let each = match metric.kind {
        MetricType::Histogram => metric.buckets.count().map(|n| n as u64 + 3),
        _ => Some(metric.series().min),
    };
    let bounds: Vec<(&str, Bound)> =
        metric.labels.iter().map(|l| (l.name.as_str(), vouched(&l.bound, policies.labels.get(&l.name)))).collect();
    let counts = || bounds.iter().map(|(_, b)| b.count.filter(|_| b.is_bounded()).map(|n| n.max(1)));
    let known = counts().flatten().fold(1, u64::saturating_mul);
    let all = counts().collect::<Option<Vec<u64>>>().filter(|_| metric.labels_complete);
    let series = each.zip(all.map(|_| known)).map(|(each, n)| each.saturating_mul(n));
    let labels = bounds
        .iter()
        .map(|(name, bound)| {
            let count = bound.count.filter(|_| bound.is_bounded());
            let without = series.zip(count).map(|(series, n)| series - series / n.max(1));
            LabelCost { name: (*name).to_owned(), kind: bound.kind, count, series: without }
        })
        .collect();
    MetricCost {
        name: metric.name.clone(),
        kind: metric.kind,
        each,
        labels,
        labels_complete: metric.labels_complete,
        series,
        at_least: each.unwrap_or(3).saturating_mul(known),
    }
}

/// What the user vouches for, where the source does not show something firmer.
fn vouched(bound: &Bound, policy: Option<&LabelPolicy>) -> Bound {
    let Some(policy) = policy else { return bound.clone() };
    let limit = policy.max.or_else(|| (!policy.values.is_empty()).then_some(policy.values.len() as u64));
    match (limit, bound.count.filter(|_| bound.is_bounded())) {
        // Values that stand in the source come whatever the configuration says; an enum may have more than ever come.
        (Some(limit), Some(count)) if count <= limit || bound.kind == BoundKind::Values => bound.clone(),
        (Some(limit), _) => Bound { kind: BoundKind::Policy, count: Some(limit), values: policy.values.clone() },
        (None, _) => bound.clone(),
    }
}
