//! All metrics and use sites of a tree.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::{Handling, Language, Metric, MetricType, Programs, Provenance};
use crate::source::Location;

/// A definition that could not be resolved, with the reason.
#[derive(Clone, Debug, PartialEq)]
pub struct Unresolved {
    /// Language of the text.
    pub language: Language,
    /// Client library.
    pub library: &'static str,
    /// What was not known, in words.
    pub reason: String,
    /// What the name can be: `*` stands for any text.
    pub name: String,
    /// The defining call.
    pub location: Location,
    /// Whether what defines it is a call, which a declaration could explain.
    pub declarable: bool,
}

impl Unresolved {
    /// With what is known of the name.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        Unresolved { name: name.into(), ..self }
    }
}

/// One label at a use site.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelUse {
    /// The label's name.
    pub name: String,
    /// Its value, where that is one literal.
    pub value: Option<String>,
    /// The expression that gives the value; the using call where that is not known.
    pub location: Location,
    /// Where the value comes from.
    pub provenance: Provenance,
}

/// One place that sets label values of a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct UseSite {
    /// The metric's exposed name.
    pub metric: String,
    /// The labels it sets.
    pub labels: Vec<LabelUse>,
    /// The using call.
    pub location: Location,
    /// Whether it takes the series with these values away.
    pub removes: bool,
    /// Whether it sets them to a number that is written there.
    pub rests: bool,
    /// The name of the function that it stands in, where that is known.
    pub within: Option<Arc<str>>,
}

/// A place that gives a metric another number of label values than it has labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Miscount {
    /// The metric's exposed name.
    pub metric: String,
    /// How many values are given.
    pub given: usize,
    /// The labels that the metric has, in the order of their values.
    pub labels: Vec<String>,
    /// The using call.
    pub location: Location,
    /// Where the metric is defined.
    pub definition: Location,
    /// Whether it is certain that this metric is meant.
    pub certain: bool,
}

/// What a tree exposes.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    metrics: Vec<Metric>,
    by_name: HashMap<String, usize>,
    patterns: Vec<usize>,
    /// What processes were seen to expose, by name and place: also that which the code defines, and which is no metric of its own here.
    pub exposed: Vec<Metric>,
    /// Definitions that could not be resolved, by place.
    pub unresolved: Vec<Unresolved>,
    /// Use sites, by place.
    pub uses: Vec<UseSite>,
    /// What code does with the metrics, by exposed name; of the metrics of some libraries nothing is known.
    pub handled: BTreeMap<String, Handling>,
    /// Names that are described, and that nothing emits.
    pub described: Vec<Described>,
    /// Uses with another number of label values than there are labels.
    pub miscounts: Vec<Miscount>,
    /// The programs of the tree.
    pub programs: Programs,
}

/// A description of a metric apart from its definition.
#[derive(Clone, Debug, PartialEq)]
pub struct Described {
    /// The name.
    pub name: String,
    /// The type that the description speaks of.
    pub kind: MetricType,
    /// The describing call.
    pub location: Location,
    /// The name in it.
    pub name_location: Location,
}

impl Inventory {
    /// An inventory of these parts; metrics are sorted by name and place, the rest by place.
    pub fn new(metrics: Vec<Metric>, mut unresolved: Vec<Unresolved>, mut uses: Vec<UseSite>) -> Self {
        let (mut exposed, mut metrics): (Vec<Metric>, Vec<Metric>) = metrics.into_iter().partition(|m| m.language == Language::Exposition);
        exposed.sort_by(|a, b| (&a.name, &a.location).cmp(&(&b.name, &b.location)));
        let of_code = metrics.len();
        for one in &exposed {
            let defined = metrics.iter().take(of_code).any(|m| m.language != Language::Yaml && m.may_be_called(&one.name));
            let again = metrics.iter().skip(of_code).any(|m| m.name == one.name);
            if !defined && !again {
                metrics.push(one.clone());
            }
        }
        metrics.sort_by(|a, b| (&a.name, &a.location).cmp(&(&b.name, &b.location)));
        unresolved.sort_by(|a, b| (&a.location, &a.reason).cmp(&(&b.location, &b.reason)));
        uses.sort_by(|a, b| (&a.location, &a.metric).cmp(&(&b.location, &b.metric)));
        let mut by_name = HashMap::with_capacity(metrics.len());
        for (i, metric) in metrics.iter().enumerate() {
            by_name.entry(metric.name.clone()).or_insert(i);
        }
        let patterns = metrics.iter().enumerate().filter(|(_, m)| m.is_pattern()).map(|(i, _)| i).collect();
        Inventory { metrics, by_name, patterns, exposed, unresolved, uses, ..Inventory::default() }
    }

    /// Metrics by name and place.
    pub fn metrics(&self) -> &[Metric] {
        &self.metrics
    }

    /// Those that the tree defines itself, so that it can change them.
    pub fn own(&self) -> impl Iterator<Item = &Metric> {
        self.metrics.iter().filter(|m| !m.provided)
    }

    /// The metrics a part of whose name is not known.
    pub fn patterns(&self) -> impl Iterator<Item = &Metric> {
        self.patterns.iter().filter_map(|&i| self.metrics.get(i))
    }

    /// What counts the observations of histograms, by the name of that series.
    pub fn counted<'i>(&'i self, series: &'i str) -> impl Iterator<Item = Metric> + 'i {
        let name = series.strip_suffix("_count");
        self.metrics.iter().filter(move |m| name == Some(m.name.as_str())).filter_map(Metric::counted)
    }

    /// The values that code is seen to give a label of the metric, sorted, and whether it may give others at a place that was seen.
    pub fn seen_values<'i>(&'i self, metric: &Metric, label: &str) -> (Vec<&'i str>, bool) {
        // What counts the observations of a histogram has the labels that are set on the histogram.
        let of_histogram = metric.name.strip_suffix("_count").filter(|_| self.get(&metric.name).is_none());
        let name = of_histogram.unwrap_or(&metric.name);
        let (mut values, mut open): (Vec<&str>, bool) = (Vec::new(), false);
        for set in self.uses.iter().filter(|u| u.metric == name).flat_map(|u| &u.labels).filter(|l| l.name == label) {
            open |= set.provenance.values.is_empty() && set.value.is_none();
            values.extend(set.provenance.values.iter().chain(&set.value).map(String::as_str));
        }
        values.sort_unstable();
        values.dedup();
        (values, open)
    }

    /// The metric with exactly this exposed name.
    pub fn get(&self, name: &str) -> Option<&Metric> {
        self.by_name.get(name).and_then(|&i| self.metrics.get(i))
    }
}
