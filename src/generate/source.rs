//! A metric as alerts read it: the service's own, or one of a system's catalogue with the matchers that make it answer.

use std::sync::Arc;

use super::load;
use crate::knowledge::signals::{self, RoleLabel, Signal, is_failure, is_pattern};
use crate::knowledge::systems::{System, SystemMetric, SystemSignal};
use crate::model::{Binding, Bound, BucketSource, Buckets, Label, Language, Metric, MetricType};
use crate::promql::{self, MatchOp, Selector};
use crate::source::{Location, Span};

/// One label matcher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Matcher {
    pub(crate) label: String,
    pub(crate) op: &'static str,
    pub(crate) value: String,
}

/// A metric and which of its series are meant.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) metric: Metric,
    /// Matchers of every selector.
    pub(crate) filter: Vec<Matcher>,
    /// Matchers of the events that count as failures, for a signal with a status.
    pub(crate) bad: Vec<Matcher>,
    /// Label that plays each role.
    pub(crate) roles: Vec<(String, String)>,
    /// The system whose metric it is.
    pub(crate) system: Option<String>,
    /// A value of a label that the filter keeps out.
    pub(crate) other: Option<String>,
}

impl Matcher {
    pub(crate) fn new(label: &str, op: &'static str, value: &str) -> Self {
        Matcher { label: label.to_owned(), op, value: value.to_owned() }
    }

    /// The matcher as PromQL writes it.
    pub(crate) fn text(&self) -> String {
        format!("{}{}\"{}\"", self.label, self.op, escape(&self.value))
    }

    /// A value that it lets through; `None` for one that only keeps values out.
    pub(crate) fn sample(&self) -> Option<String> {
        match self.op {
            "=" => Some(self.value.clone()),
            "=~" => {
                let first = self.value.split('|').next().unwrap_or_default();
                Some(first.replace(".*", "x").replace(".+", "x").replace(['(', ')', '?', '\\'], "").replace('.', "0"))
            }
            _ => None,
        }
    }
}

/// A text between double quotes in PromQL.
pub(crate) fn escape(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// `{a="b"}`, or nothing.
pub(crate) fn braces<'a>(matchers: impl IntoIterator<Item = &'a Matcher>) -> String {
    let text: Vec<String> = matchers.into_iter().map(Matcher::text).collect();
    if text.is_empty() { String::new() } else { format!("{{{}}}", text.join(",")) }
}

impl Source {
    /// The service's own metric.
    pub(crate) fn own(metric: &Metric, binding: &Binding) -> Self {
        let status = binding.role("status").zip(binding.failure.as_deref());
        let bad =
            status.map(|(label, failure)| Matcher::new(label, if is_pattern(failure) { "=~" } else { "=" }, failure)).into_iter().collect();
        Source { metric: metric.clone(), filter: Vec::new(), bad, roles: binding.roles.clone(), system: None, other: None }
    }

    /// A metric without roles.
    pub(crate) fn of(metric: &Metric) -> Self {
        Source { metric: metric.clone(), filter: Vec::new(), bad: Vec::new(), roles: Vec::new(), system: None, other: None }
    }

    /// The metric of a system that one of its queries reads, where it reads only one and its type answers the signal.
    pub(crate) fn of_signal(system: &System, signal: &Signal, answer: &SystemSignal) -> Option<Self> {
        let selectors = promql::selectors_of(&answer.query("", "5m"));
        let metric = family(system, selectors.first()?)?;
        if !signal.takes(metric.kind()) || selectors.iter().any(|s| family(system, s).is_none_or(|m| m.name != metric.name)) {
            return None;
        }
        let all: Vec<Vec<Matcher>> = selectors.iter().map(matchers).collect::<Option<_>>()?;
        let filter: Vec<Matcher> = all.first()?.iter().filter(|m| all.iter().all(|others| others.contains(m))).cloned().collect();
        let mut bad = Vec::new();
        for own in all {
            let more: Vec<Matcher> = own.into_iter().filter(|m| !filter.contains(m)).collect();
            if !more.is_empty() {
                // Series that only some of the selectors read: the failures, and nothing else.
                if !bad.is_empty() || signal.role("status").is_none_or(|r| !r.required) {
                    return None;
                }
                bad = more;
            }
        }
        let mut roles = Vec::new();
        for role in &signal.roles {
            let named = answer.roles.get(&role.name).into_iter();
            let label = named.chain(role.labels.iter().flat_map(|family| &family.names)).find(|n| metric.labels.contains(n));
            match label {
                Some(label) => roles.push((role.name.clone(), label.clone())),
                None if role.required => return None,
                None => {}
            }
        }
        if signal.role("status").is_some_and(|r| r.required) && bad.is_empty() {
            return None;
        }
        Some(Source { metric: synthetic(metric), filter, bad, roles, system: Some(system.name.clone()), other: None })
    }

    /// The metric of a system that a selector such as `vllm:request_success_total{finished_reason="error"}` names.
    pub(crate) fn of_selector(system: &System, selector: &str) -> Option<Self> {
        let selectors = promql::selectors_of(selector);
        let [selector] = selectors.as_slice() else { return None };
        let metric = family(system, selector)?;
        let mut roles: Vec<(String, String)> = Vec::new();
        for role in signals::all().iter().flat_map(|s| &s.roles) {
            let label = role.labels.iter().flat_map(|family| &family.names).find(|n| metric.labels.contains(n));
            if let Some(label) = label
                && roles.iter().all(|(name, _)| *name != role.name)
            {
                roles.push((role.name.clone(), label.clone()));
            }
        }
        let filter = matchers(selector)?;
        Some(Source { metric: synthetic(metric), filter, bad: Vec::new(), roles, system: Some(system.name.clone()), other: None })
    }

    /// The label that plays `role`.
    pub(crate) fn role(&self, role: &str) -> Option<&str> {
        self.roles.iter().find(|(r, _)| r == role).map(|(_, label)| label.as_str())
    }

    /// The labels that make an event a failure, with values that they can have.
    pub(crate) fn failure(&self) -> Vec<(String, String)> {
        let value = |m: &Matcher| {
            let known = self.metric.label(&m.label).map(|l| known_values(&l.bound)).unwrap_or_default();
            known.into_iter().find(|v| is_failure(&m.value, v)).map(str::to_owned).or_else(|| m.sample())
        };
        self.bad.iter().filter_map(|m| Some((m.label.clone(), value(m)?))).collect()
    }

    /// The labels of another kind of failure; those of the first where there is only one.
    pub(crate) fn other_failure(&self) -> Vec<(String, String)> {
        let mut labels = self.failure();
        if let (Some(matcher), Some((label, first))) = (self.bad.first(), labels.first_mut()) {
            let known = self.metric.label(label).map(|l| known_values(&l.bound)).unwrap_or_default();
            let other = if known.is_empty() {
                status(label)
                    .filter(|family| family.failure.as_deref() == Some(&matcher.value))
                    .map(|family| family.samples.also_bad.as_str())
            } else {
                known.into_iter().find(|v| is_failure(&matcher.value, v) && v != first)
            };
            if let Some(other) = other.filter(|o| !o.is_empty()) {
                other.clone_into(first);
            }
        }
        labels
    }

    /// The status of a request that the client got wrong, where there is one.
    pub(crate) fn refused(&self) -> Option<(String, String)> {
        let matcher = self.bad.first()?;
        let family = status(&matcher.label).filter(|family| family.failure.as_deref() == Some(&matcher.value))?;
        let known = self.metric.label(&matcher.label).map(|l| known_values(&l.bound)).unwrap_or_default();
        let sample = family.samples.refused.as_str();
        let class = |value: &str| value.chars().next() == sample.chars().next();
        let value = if known.is_empty() {
            Some(sample)
        } else {
            known.into_iter().find(|v| *v == sample || class(v) && !is_failure(&matcher.value, v))
        };
        value.filter(|v| !v.is_empty()).map(|v| (matcher.label.clone(), v.to_owned()))
    }

    /// A label that is neither kept nor asked for, and a second value of it: a series that differs only in it is in the same group.
    pub(crate) fn spare(&self, kept: &[String]) -> Option<(String, String)> {
        let asked = |name: &str| self.filter.iter().chain(&self.bad).any(|m| m.label == name);
        let scraped = |name: &str| matches!(name.strip_prefix("exported_").unwrap_or(name), "job" | "instance");
        self.metric.labels.iter().find_map(|label| {
            let name = label.name.as_str();
            if scraped(name) || asked(name) || !load::is_label_name(name) || kept.iter().any(|k| k == name) {
                return None;
            }
            let first = self.value_of(name);
            let known = known_values(&label.bound);
            let second = if known.is_empty() { Some("other") } else { known.into_iter().find(|v| *v != first) };
            second.map(|value| (name.to_owned(), value.to_owned()))
        })
    }

    /// The label of a matcher and a value that it keeps out: a series with it is none of what is asked for.
    pub(crate) fn outside(&self) -> Option<(String, String)> {
        let matcher = self.filter.first()?;
        let known = self.metric.label(&matcher.label).map(|l| known_values(&l.bound)).unwrap_or_default();
        let given =
            || known.iter().find(|v| promql::full_match(&matcher.value, &[(**v).to_owned()]) == Some(true)).map(|v| (*v).to_owned());
        let first = || matcher.value.split('|').next().map(|form| form.trim_end_matches(".*").to_owned());
        let value = match matcher.op {
            "!=" => matcher.value.clone(),
            "!~" => given().or_else(first)?,
            _ if known.is_empty() => "other".to_owned(),
            "=" => (*known.iter().find(|v| **v != matcher.value)?).to_owned(),
            _ => (*known.iter().find(|v| promql::full_match(&matcher.value, &[(**v).to_owned()]) == Some(false))?).to_owned(),
        };
        Some((matcher.label.clone(), value))
    }

    /// A value that the label can have in a test: one that the matchers ask for, one from the source, or a sample.
    pub(crate) fn value_of(&self, label: &str) -> String {
        if let Some(value) = self.filter.iter().filter(|m| m.label == label).find_map(Matcher::sample) {
            return value;
        }
        let kept_out = |value: &str| {
            self.filter.iter().filter(|m| m.label == label).any(|m| match m.op {
                "!=" => m.value == value,
                "!~" => promql::full_match(&m.value, &[value.to_owned()]) == Some(true),
                _ => false,
            }) || self.bad.iter().any(|m| m.label == label && is_failure(&m.value, value))
        };
        let known = self.metric.label(label).map(|l| known_values(&l.bound)).unwrap_or_default();
        if let Some(value) = known.into_iter().find(|v| !kept_out(v)) {
            return value.to_owned();
        }
        let samples = signals::all().iter().flat_map(|s| &s.roles).filter_map(|r| r.label(label)).map(|f| f.samples.good.as_str());
        samples.into_iter().find(|s| !s.is_empty()).unwrap_or("a").to_owned()
    }
}

/// The values that the source shows.
pub(crate) fn known_values(bound: &Bound) -> Vec<&str> {
    if bound.is_bounded() { bound.values.iter().map(String::as_str).collect() } else { Vec::new() }
}

/// The family of labels for a status that a label belongs to.
fn status(label: &str) -> Option<&'static RoleLabel> {
    signals::all().iter().flat_map(|s| &s.roles).filter(|r| r.name == "status").find_map(|r| r.label(label))
}

/// The catalogue's metric that a selector reads.
pub(crate) fn family<'a>(system: &'a System, selector: &Selector) -> Option<&'a SystemMetric> {
    let name = selector.literal_name()?;
    let base = || ["_bucket", "_count", "_sum"].iter().find_map(|suffix| system.metric(name.strip_suffix(suffix)?));
    system.metric(name).or_else(base)
}

fn matchers(selector: &Selector) -> Option<Vec<Matcher>> {
    let one = |m: &promql::Matcher| -> Option<Matcher> {
        let op = match m.op {
            MatchOp::Equal => "=",
            MatchOp::NotEqual => "!=",
            MatchOp::Regex => "=~",
            MatchOp::NotRegex => "!~",
        };
        (!m.variable && m.label.name != "__name__" && m.label.name != "le").then(|| Matcher::new(&m.label.name, op, &m.value))
    };
    selector.matchers.iter().map(one).collect()
}

/// What the catalogue knows, as a metric.
fn synthetic(metric: &SystemMetric) -> Metric {
    let location = Location::new(&Arc::from(""), Span::default());
    let kind = metric.kind();
    let buckets = match (&metric.buckets, kind) {
        (Some(bounds), MetricType::Histogram) => Buckets::Known { bounds: bounds.clone(), source: BucketSource::Explicit, location: None },
        (None, MetricType::Histogram) => Buckets::RunTime { count: None, location: None },
        _ => Buckets::None,
    };
    let mut labels: Vec<Label> =
        metric.labels.iter().map(|name| Label { name: name.clone(), bound: Bound::unknown(), location: None }).collect();
    labels.sort_by(|a, b| a.name.cmp(&b.name));
    Metric { help_unknown: true, labels, buckets, ..Metric::new(&metric.name, kind, Language::Yaml, "", location) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_gives_a_value_that_it_matches() {
        let sample = |value: &str| Matcher::new("l", "=~", value).sample();
        assert_eq!(sample("/v1/.*").as_deref(), Some("/v1/x"));
        assert_eq!(sample("5..").as_deref(), Some("500"));
        assert_eq!(sample("48|64").as_deref(), Some("48"));
        assert_eq!(Matcher::new("l", "!=", "a").sample(), None);
    }

    #[test]
    fn matchers_are_written_as_promql_reads_them() {
        assert_eq!(braces(&[Matcher::new("a", "=", "x\"y\\"), Matcher::new("b", "!~", "c")]), r#"{a="x\"y\\",b!~"c"}"#);
        assert_eq!(braces(&[]), "");
    }
}
