//! What differs between the metrics of two trees, and which readers of the later tree each difference breaks.
//!
//! A reader is broken when it gave something with the metrics as they were and cannot give it any more. What was broken before, or
//! was changed along with the metric, is not listed.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{self, Bound, BoundKind, Consumer, ConsumerKind, Inventory, Metric, MetricType, Rename};
use crate::promql::{self, LabelRead, MatchOp, Matcher, Query, Read, Selector, Step};
use crate::source::Location;

/// How a metric differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// It is no longer there.
    Removed,
    /// It probably has another name now.
    Renamed,
    /// It has the same name and is not the same.
    Changed,
    /// It was not there.
    Added,
}

impl ChangeKind {
    /// The word of reports.
    pub fn as_str(self) -> &'static str {
        match self {
            ChangeKind::Removed => "removed",
            ChangeKind::Renamed => "renamed",
            ChangeKind::Changed => "changed",
            ChangeKind::Added => "added",
        }
    }
}

/// One property of a metric before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// `type`, `labels`, `values of …`, `buckets`, `unit` or `help`.
    pub what: String,
    /// As it was.
    pub before: String,
    /// As it is.
    pub after: String,
}

/// A reader that the change breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// `alert`, `recording rule`, `rule test`, `panel` or `variable`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// What it needs and no longer gets.
    pub reason: String,
    /// Where it stands, in the later tree.
    pub location: Location,
}

/// One metric that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// How.
    pub kind: ChangeKind,
    /// Its name: the later one, where it has one.
    pub metric: String,
    /// The earlier name of a renamed metric.
    pub was: Option<String>,
    /// What a rename is told by.
    pub evidence: Vec<&'static str>,
    /// What differs besides the name.
    pub differences: Vec<Difference>,
    /// Where it was defined, in the earlier tree.
    pub before: Option<Location>,
    /// Where it is defined, in the later tree.
    pub after: Option<Location>,
    /// What breaks.
    pub breaks: Vec<Break>,
}

/// Readers of the later tree: consumers and their parsed queries, in pairs of lists that belong together.
pub type Readers<'a> = [(&'a [Consumer], &'a [Query])];

/// Everything that differs: renames first to last by name within each kind.
pub fn changes(before: &Inventory, now: &Inventory, readers: &Readers<'_>) -> Vec<Change> {
    let renames = model::renames(before, now);
    let renamed_from: BTreeSet<&str> = renames.iter().map(|r| r.old.name.as_str()).collect();
    let renamed_to: BTreeSet<&str> = renames.iter().map(|r| r.new.name.as_str()).collect();
    let mut found: Vec<Change> = renames.iter().map(|r| renamed(r, now, readers)).collect();
    for (name, old) in by_name(before) {
        let change = match now.get(name) {
            Some(new) => changed(old, new, now, readers),
            None if renamed_from.contains(name) => None,
            None => {
                Some(Change { before: Some(old.location.clone()), breaks: gone(old, now, readers), ..empty(ChangeKind::Removed, name) })
            }
        };
        found.extend(change);
    }
    for (name, new) in by_name(now) {
        if before.get(name).is_none() && !renamed_to.contains(name) {
            found.push(Change { after: Some(new.location.clone()), ..empty(ChangeKind::Added, name) });
        }
    }
    found.sort_by(|a, b| (a.kind, &a.metric).cmp(&(b.kind, &b.metric)));
    found
}

fn empty(kind: ChangeKind, metric: &str) -> Change {
    let metric = metric.to_owned();
    Change { kind, metric, was: None, evidence: Vec::new(), differences: Vec::new(), before: None, after: None, breaks: Vec::new() }
}

/// The first metric of each name.
fn by_name(inventory: &Inventory) -> BTreeMap<&str, &Metric> {
    let mut found = BTreeMap::new();
    for metric in inventory.metrics() {
        found.entry(metric.name.as_str()).or_insert(metric);
    }
    found
}

fn renamed(rename: &Rename<'_>, now: &Inventory, readers: &Readers<'_>) -> Change {
    Change {
        was: Some(rename.old.name.clone()),
        evidence: rename.evidence.clone(),
        differences: differences(rename.old, rename.new),
        before: Some(rename.old.location.clone()),
        after: Some(rename.new.location.clone()),
        breaks: gone(rename.old, now, readers),
        ..empty(ChangeKind::Renamed, &rename.new.name)
    }
}

/// A metric under the same name, where something that a reader can see differs.
fn changed(old: &Metric, new: &Metric, now: &Inventory, readers: &Readers<'_>) -> Option<Change> {
    let differences = differences(old, new);
    (!differences.is_empty()).then(|| Change {
        differences,
        before: Some(old.location.clone()),
        after: Some(new.location.clone()),
        breaks: broken(old, new, now, readers),
        ..empty(ChangeKind::Changed, &new.name)
    })
}

fn differences(old: &Metric, new: &Metric) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut compare = |what: &str, before: String, after: String| {
        if before != after {
            found.push(Difference { what: what.to_owned(), before, after });
        }
    };
    compare("type", old.kind.as_str().to_owned(), new.kind.as_str().to_owned());
    if old.labels_complete && new.labels_complete {
        let names = |m: &Metric| listed(m.labels.iter().map(|l| l.name.clone()));
        compare("labels", names(old), names(new));
    }
    for label in &old.labels {
        let Some(later) = new.label(&label.name) else { continue };
        if let (Some(before), Some(after)) = (closed(&label.bound), closed(&later.bound)) {
            compare(&format!("values of {}", label.name), listed(before.iter().cloned()), listed(after.iter().cloned()));
        }
    }
    if let (Some(before), Some(after)) = (old.buckets.bounds(), new.buckets.bounds())
        && old.kind == MetricType::Histogram
        && new.kind == MetricType::Histogram
    {
        let bounds = |list: &[f64]| listed(list.iter().map(f64::to_string));
        compare("buckets", bounds(before), bounds(after));
    }
    let word = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
    compare("unit", word(&old.unit), word(&new.unit));
    if !old.help_unknown && !new.help_unknown {
        compare("help", word(&old.help), word(&new.help));
    }
    found
}

fn listed(words: impl Iterator<Item = String>) -> String {
    let words: Vec<String> = words.collect();
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

fn closed(bound: &Bound) -> Option<&[String]> {
    let known = matches!(bound.kind, BoundKind::Values | BoundKind::Enum) && bound.count == Some(bound.values.len() as u64);
    known.then_some(&bound.values[..])
}

/// Every selector of a metric or of one of its series, with its reader and the name.
fn reading<'a>(metric: &'a Metric, readers: &'a Readers<'a>) -> impl Iterator<Item = (&'a Consumer, &'a Query, &'a Selector, &'a str)> {
    readers.iter().flat_map(move |(consumers, queries)| {
        queries.iter().flat_map(move |query| {
            let consumer = consumers.get(query.consumer);
            let of_it = move |n: &&str| *n == metric.name || model::split_series(n).0 == metric.name;
            let of_selector = move |s: &'a Selector| names(s).into_iter().filter(of_it).map(move |name| (s, name));
            query.selectors.iter().flat_map(of_selector).filter_map(move |(s, name)| Some((consumer?, query, s, name)))
        })
    })
}

/// The names that a selector asks for; of `{__name__=~"a|b"}` those that are written out.
fn names(selector: &Selector) -> Vec<&str> {
    if let Some(name) = selector.literal_name() {
        return vec![name];
    }
    let by_name = selector.matchers.iter().filter(|m| !m.variable && m.label.name == "__name__");
    let written = |name: &&str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':'));
    by_name
        .flat_map(|m| match m.op {
            MatchOp::Equal => vec![m.value.as_str()],
            MatchOp::Regex => m.value.trim_start_matches('^').trim_end_matches('$').split('|').collect(),
            MatchOp::NotEqual | MatchOp::NotRegex => Vec::new(),
        })
        .filter(written)
        .collect()
}

/// Readers with their reasons, by kind of reader and place.
#[derive(Default)]
struct Breaks(BTreeMap<(&'static str, Location, String), Vec<String>>);

impl Breaks {
    fn add(&mut self, consumer: &Consumer, reason: String) {
        let reasons = self.0.entry((consumer.kind.noun(), consumer.location.clone(), consumer.name.clone())).or_default();
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }

    fn into_list(self) -> Vec<Break> {
        self.0.into_iter().map(|((kind, location, name), reasons)| Break { kind, name, reason: reasons.join(", "), location }).collect()
    }
}

/// What reads series of a metric that is gone, and that nothing else exposes.
fn gone(old: &Metric, now: &Inventory, readers: &Readers<'_>) -> Vec<Break> {
    let mut found = Breaks::default();
    for (consumer, query, selector, name) in reading(old, readers) {
        // `{__name__=~"old_name|new_name"}` still gives something.
        if names(selector).into_iter().any(|n| now.may_have(n)) {
            continue;
        }
        // `new_name or old_name` still gives something.
        let alternative = selector.around.iter().any(|step| matches!(step, Step::Binary { op: promql::BinaryOp::Or, .. }));
        let there = |other: &Selector| other.name != selector.name && other.literal_name().is_none_or(|n| now.may_have(n));
        if !(alternative && query.selectors.iter().any(there)) {
            found.add(consumer, format!("reads `{name}`"));
        }
    }
    found.into_list()
}

/// What reads a metric in a way that it no longer takes.
fn broken(old: &Metric, new: &Metric, now: &Inventory, readers: &Readers<'_>) -> Vec<Break> {
    let mut found = Breaks::default();
    let lost: Vec<&str> = old.labels.iter().map(|l| l.name.as_str()).filter(|l| new.labels_complete && new.label(l).is_none()).collect();
    for (consumer, query, selector, name) in reading(old, readers) {
        let mut say = |reason: String| found.add(consumer, reason);
        if !now.may_have(name) {
            say(format!("reads `{name}`"));
            continue;
        }
        if let Some(reason) = type_breaks(old, new, selector) {
            say(reason);
        }
        for matcher in selector.matchers.iter().filter(|m| !m.variable) {
            if lost.contains(&matcher.label.name.as_str()) && wants(matcher) {
                say(format!("selects by `{}`", matcher.label.name));
            } else if let Some(reason) = value_breaks(old, new, matcher) {
                say(reason);
            }
        }
        for LabelRead { label, .. } in
            promql::label_reads(&query.tree).iter().filter(|r| r.series == name && lost.contains(&r.label.as_str()))
        {
            say(format!("groups by `{label}`"));
        }
        if let ConsumerKind::Variable(Some(label)) = &consumer.kind
            && lost.contains(&label.text.as_str())
        {
            say(format!("offers the values of `{}`", label.text));
        }
        let alone = query.selectors.iter().all(|s| s.literal_name().is_some_and(|n| n == old.name || model::split_series(n).0 == old.name));
        for legend in consumer.prose.legend.iter().filter(|_| alone) {
            let text = legend.text.as_str();
            for label in promql::legend_labels(text).into_iter().map(|span| span.text(text)).filter(|label| lost.contains(label)) {
                say(format!("shows `{{{{{label}}}}}` in its legend"));
            }
        }
        for label in printed(consumer).iter().filter(|l| lost.contains(&l.as_str())) {
            say(format!("prints `{{{{ $labels.{label} }}}}`"));
        }
    }
    found.into_list()
}

/// Whether a matcher selects nothing of series without the label.
fn wants(matcher: &Matcher) -> bool {
    match matcher.op {
        MatchOp::Equal => !matcher.value.is_empty(),
        MatchOp::Regex => promql::full_match(&matcher.value, &[String::new()]) == Some(false),
        MatchOp::NotEqual => matcher.value.is_empty(),
        MatchOp::NotRegex => promql::full_match(&matcher.value, &[String::new()]) == Some(true),
    }
}

/// A matcher that held for a value or a bound that is no longer there, and holds for none that is.
fn value_breaks(old: &Metric, new: &Metric, matcher: &Matcher) -> Option<String> {
    let matches = |values: &[String]| match matcher.op {
        MatchOp::Equal => Some(values.contains(&matcher.value)),
        MatchOp::Regex => promql::full_match(&matcher.value, values),
        _ => None,
    };
    let label = matcher.label.name.as_str();
    if label == "le" {
        let forms = |m: &Metric| -> Option<Vec<String>> {
            Some(m.buckets.bounds()?.iter().flat_map(|b| [b.to_string(), format!("{b:?}")]).chain(["+Inf".to_owned()]).collect())
        };
        let lost = matches(&forms(old)?)? && !matches(&forms(new)?)?;
        return lost.then(|| format!("asks for the bucket `{}`", matcher.value));
    }
    let (before, after) = (closed(&old.label(label)?.bound)?, closed(&new.label(label)?.bound)?);
    let lost = matches(before)? && !matches(after)?;
    lost.then(|| format!("asks for `{}` of `{label}`", matcher.value))
}

fn type_breaks(old: &Metric, new: &Metric, selector: &Selector) -> Option<String> {
    if old.kind == new.kind {
        return None;
    }
    let function = selector.around.iter().find_map(|s| match s {
        Step::Call { name, .. } if matches!(name.as_str(), "rate" | "irate" | "increase") => Some(name.as_str()),
        _ => None,
    });
    match (new.kind, function) {
        (MetricType::Gauge, Some(function)) => Some(format!("takes `{function}` of what is a gauge now")),
        (MetricType::Counter, None) if selector.literal_name() == Some(&new.name) => Some("reads a counter as it is".to_owned()),
        (_, _) if old.kind == MetricType::Summary && selector.matchers.iter().any(|m| m.label.name == "quantile") => {
            Some("asks for a `quantile`".to_owned())
        }
        _ => None,
    }
}

/// Labels that an alert's own labels and annotations print.
fn printed(consumer: &Consumer) -> Vec<String> {
    let ConsumerKind::Alert(alert) = &consumer.kind else { return Vec::new() };
    let reads = alert.labels.iter().chain(&alert.annotations).flat_map(|(_, text)| promql::read_template(&text.text).reads);
    let label = |(read, _)| match read {
        Read::Label(label) => Some(label),
        Read::Value { .. } => None,
    };
    reads.filter_map(label).collect()
}
