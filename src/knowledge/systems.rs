//! `rules/systems/<system>.yaml`: metrics of known programs, which need no source.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::{load, rule_files};
use crate::model::MetricType;

/// One known program.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct System {
    /// The name used with `--system`: the file's stem.
    pub name: String,
    /// The name people use.
    pub title: String,
    /// Version the facts were read at.
    pub version: String,
    /// Prefixes that only names of this system, or of those that come with it, have, such as `node_`.
    pub prefixes: Vec<String>,
    /// Its metrics.
    pub metrics: Vec<SystemMetric>,
    /// Its metrics whose names other programs have too, such as `http_requests_total`: they mean this system only where it is named.
    #[serde(default)]
    pub shared: Vec<SystemMetric>,
    /// Names in circulation that do not exist, or no longer do.
    #[serde(default)]
    pub renamed: Vec<Renamed>,
    /// Signal id to the answer.
    #[serde(default)]
    pub signals: BTreeMap<String, SystemSignal>,
    /// Signals that it does not answer, each with the reason, so that nobody looks for them.
    #[serde(default)]
    pub unanswered: BTreeMap<String, String>,
}

/// One metric of a system.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SystemMetric {
    /// Exposed name.
    pub name: String,
    /// Type word.
    #[serde(rename = "type")]
    pub kind: String,
    /// Label names.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Whether it has, or may have, more labels than those.
    #[serde(default)]
    pub open: bool,
    /// Finite bucket bounds, where they are the same everywhere.
    #[serde(default)]
    pub buckets: Option<Vec<f64>>,
    /// What has to be switched on for it.
    #[serde(default)]
    pub needs: Option<String>,
    /// The metric that took its place, while both are exposed.
    #[serde(default)]
    pub replaced_by: Option<String>,
}

impl SystemMetric {
    /// The exposed type.
    pub fn kind(&self) -> MetricType {
        MetricType::parse(&self.kind)
    }
}

/// A name that is in circulation and wrong.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Renamed {
    /// The wrong name.
    pub from: String,
    /// The PromQL or name to use instead.
    pub to: String,
    /// The version since which it is wrong, where it once was right.
    #[serde(default)]
    pub since: Option<String>,
    /// Why, in words.
    pub note: String,
}

/// A system's answer to a signal. Queries hold `$SELECTOR` where the label matchers of the scrape go, always last in the braces,
/// and `$WINDOW` where a range goes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SystemSignal {
    /// PromQL.
    pub query: String,
    /// The metric that answers, where one alone does: what is built from a service's own metric can be built from it.
    #[serde(default)]
    pub metric: Option<String>,
    /// Matchers that every selector of that metric needs, such as `handler=~"/v1/.*"`.
    #[serde(default)]
    pub matchers: Option<String>,
    /// Label of that metric that plays each role, such as `status: status_code`.
    #[serde(default)]
    pub roles: BTreeMap<String, String>,
    /// What the answer only hints at, when it is a stand-in.
    #[serde(default)]
    pub proxy: Option<String>,
    /// Unit of the query's values, where neither the signal nor the metric's name says it.
    #[serde(default)]
    pub unit: Option<String>,
}

static SYSTEMS: LazyLock<Vec<System>> = LazyLock::new(|| rule_files("systems").iter().filter_map(|f| load(f).ok()).collect());

/// All systems, by name.
pub fn all() -> &'static [System] {
    &SYSTEMS
}

/// The system with this name.
pub fn get(name: &str) -> Option<&'static System> {
    SYSTEMS.iter().find(|s| s.name == name)
}

/// The unit of a metric whose name does not say it, or says another one: what a system's answer that reads it alone knows.
pub fn unit_of(metric: &str) -> Option<&'static str> {
    let answers = SYSTEMS.iter().flat_map(|system| system.signals.values());
    answers.filter(|of| of.metric.as_deref() == Some(metric)).find_map(|of| of.unit.as_deref())
}

impl System {
    /// The metric with this exposed name.
    pub fn metric(&self, name: &str) -> Option<&SystemMetric> {
        self.metrics.iter().chain(&self.shared).find(|m| m.name == name)
    }
}

impl SystemSignal {
    /// The query with these matchers (`job="a",instance="b"`, may be empty) and this range.
    pub fn query(&self, selector: &str, window: &str) -> String {
        let query = if selector.is_empty() {
            self.query.replace("{$SELECTOR}", "").replace(",$SELECTOR", "")
        } else {
            self.query.replace("$SELECTOR", selector)
        };
        query.replace("$WINDOW", window)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::signals;

    #[test]
    fn every_file_fits_its_schema() {
        for file in rule_files("systems") {
            let system: System = load(&file).expect("the file fits its schema");
            assert_eq!(system.name, file.stem);
        }
    }

    #[test]
    fn names_are_unique_and_their_prefixes_are_the_systems_own() {
        for system in all() {
            let mut names = std::collections::BTreeSet::new();
            for metric in system.metrics.iter().chain(&system.shared) {
                assert!(names.insert(&metric.name), "{} twice", metric.name);
            }
            let prefixed = |m: &SystemMetric| system.prefixes.iter().any(|p| m.name.starts_with(p));
            for metric in &system.metrics {
                assert!(prefixed(metric), "{}: {} belongs under `shared`", system.name, metric.name);
            }
            for metric in &system.shared {
                assert!(!prefixed(metric), "{}: {} belongs under `metrics`", system.name, metric.name);
            }
            for renamed in &system.renamed {
                assert!(!names.contains(&renamed.from), "{} exists", renamed.from);
            }
        }
    }

    #[test]
    fn types_buckets_and_successors_hold() {
        for system in all() {
            for metric in system.metrics.iter().chain(&system.shared) {
                let name = &metric.name;
                assert!(metric.kind != "unknown" || metric.kind() == MetricType::Unknown, "{name}: no type {}", metric.kind);
                assert!(metric.kind == "unknown" || metric.kind() != MetricType::Unknown, "{name}: no type {}", metric.kind);
                if let Some(bounds) = &metric.buckets {
                    assert_eq!(metric.kind(), MetricType::Histogram, "{name}");
                    assert!(bounds.is_sorted_by(|a, b| a < b), "{name}: {bounds:?}");
                }
                if let Some(successor) = &metric.replaced_by {
                    assert!(system.metric(successor).is_some(), "{name}: no {successor}");
                }
            }
        }
    }

    #[test]
    fn what_serves_models_says_of_each_of_their_signals_what_it_knows() {
        let asked = |id: &str| ["red.", "llm.", "use.batcher.", "use.kv."].iter().any(|p| id.starts_with(p));
        for system in all() {
            for id in system.signals.keys().chain(system.unanswered.keys()) {
                assert!(signals::get(id).is_some(), "{}: no signal {id}", system.name);
            }
            for id in system.unanswered.keys() {
                assert!(!system.signals.contains_key(id), "{}: {id} is answered and is not", system.name);
            }
            if !system.signals.keys().any(|id| asked(id)) {
                continue;
            }
            for signal in signals::all().iter().filter(|s| asked(&s.id) && s.not_applicable.is_none()) {
                let said = system.signals.contains_key(&signal.id) || system.unanswered.contains_key(&signal.id);
                assert!(said, "{} says nothing of {}", system.name, signal.id);
            }
        }
    }
}
