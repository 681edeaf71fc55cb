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

/// A system's answer to a signal. Queries hold `$SELECTOR` where label matchers of the scrape go.
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
