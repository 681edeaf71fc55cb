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
    /// Prefixes that only this system's metric names have, such as `node_`.
    pub prefixes: Vec<String>,
    /// Its metrics.
    pub metrics: Vec<SystemMetric>,
    /// Names in circulation that do not exist, or no longer do.
    #[serde(default)]
    pub renamed: Vec<Renamed>,
    /// Signal id to the answer.
    #[serde(default)]
    pub signals: BTreeMap<String, SystemSignal>,
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
    /// Finite bucket bounds.
    #[serde(default)]
    pub buckets: Option<Vec<f64>>,
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
    /// What the answer only hints at, when it is a stand-in.
    #[serde(default)]
    pub proxy: Option<String>,
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

impl System {
    /// The metric with this exposed name.
    pub fn metric(&self, name: &str) -> Option<&SystemMetric> {
        self.metrics.iter().find(|m| m.name == name)
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
    fn metric_names_are_unique_and_have_the_prefix() {
        for system in all() {
            let mut names = std::collections::BTreeSet::new();
            for metric in &system.metrics {
                assert!(names.insert(&metric.name), "{} twice", metric.name);
                assert!(system.prefixes.iter().any(|p| metric.name.starts_with(p)), "{}", metric.name);
            }
            for renamed in &system.renamed {
                assert!(!names.contains(&renamed.from), "{} exists", renamed.from);
            }
        }
    }

    #[test]
    fn signals_exist_and_their_queries_parse_with_and_without_a_selector() {
        for system in all() {
            for (id, signal) in &system.signals {
                assert!(signals::get(id).is_some(), "{}: no signal {id}", system.name);
                for selector in ["", r#"job=~".+",instance=~".+""#] {
                    let query = signal.query(selector, "5m");
                    assert!(!query.contains('$'), "{query}");
                    assert!(promql_parser::parser::parse(&query).is_ok(), "{id}: {query}");
                }
            }
        }
    }
}
