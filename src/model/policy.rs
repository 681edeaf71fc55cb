//! What the user's configuration says about labels, signals and thresholds.

use std::collections::BTreeMap;

/// Series that one Prometheus takes, about: the budget where nothing else is said.
pub const DEFAULT_MAX_SERIES: u64 = 1_000_000;

/// A limit that the user vouches for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelPolicy {
    /// At most this many distinct values.
    pub max: Option<u64>,
    /// Exactly these values.
    pub values: Vec<String>,
}

/// Thresholds of the alerts.
#[derive(Clone, Debug, PartialEq)]
pub struct Thresholds {
    /// Share of failed requests, 0 to 1.
    pub error_ratio: f64,
    /// Time to first token, seconds.
    pub ttft_seconds: f64,
    /// Cost per 1,000 completion tokens, US dollars.
    pub cost_per_1k_usd: f64,
    /// Share of the KV cache in use, 0 to 1.
    pub kv_cache_ratio: f64,
    /// Share of a file system that is free, 0 to 1.
    pub disk_free_ratio: f64,
    /// Share of requests that must succeed, 0 to 1; alerts on burn rates need it.
    pub availability_slo: Option<f64>,
}

impl Default for Thresholds {
    fn default() -> Self {
        Thresholds {
            error_ratio: 0.01,
            ttft_seconds: 2.0,
            cost_per_1k_usd: 0.05,
            kv_cache_ratio: 0.95,
            disk_free_ratio: 0.05,
            availability_slo: None,
        }
    }
}

/// A version of Prometheus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PrometheusVersion {
    /// 3 of 3.5.
    pub major: u32,
    /// 5 of 3.5.
    pub minor: u32,
}

impl PrometheusVersion {
    /// The version of a text such as `3.5`, `v2.53.1` or `3`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix('v').unwrap_or(text).split('.');
        let major = parts.next()?.parse().ok()?;
        let minor = parts.next().map_or(Some(0), |minor| minor.parse().ok())?;
        parts.all(|p| !p.is_empty()).then_some(PrometheusVersion { major, minor })
    }
}

impl std::fmt::Display for PrometheusVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// What the user asks of rules, queries and names; what is left out is not asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct House {
    /// Labels that every alert has.
    pub alert_labels: Vec<String>,
    /// Annotations that every alert has.
    pub alert_annotations: Vec<String>,
    /// Values that the label `severity` may have.
    pub severities: Vec<String>,
    /// A regular expression that the names of alerts match.
    pub alert_name: Option<String>,
    /// A regular expression that the names of recorded metrics match.
    pub record_name: Option<String>,
    /// The shortest `for`, in seconds.
    pub shortest_for: Option<f64>,
    /// The longest `for`, in seconds.
    pub longest_for: Option<f64>,
    /// Labels that every selector matches.
    pub selector_labels: Vec<String>,
    /// Labels that every aggregation keeps.
    pub kept_labels: Vec<String>,
    /// What names of metrics begin with.
    pub metric_prefixes: Vec<String>,
    /// How long Prometheus keeps samples, in seconds.
    pub retention: Option<f64>,
}

/// The part of the configuration that lints, signals and generation may see.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Policies {
    /// Label policies by label name.
    pub labels: BTreeMap<String, LabelPolicy>,
    /// Signal id to metric name.
    pub signals: BTreeMap<String, String>,
    /// Alert thresholds.
    pub thresholds: Thresholds,
    /// How often Prometheus scrapes, in seconds.
    pub scrape_interval: Option<f64>,
    /// The Prometheus that evaluates the rules.
    pub prometheus_version: Option<PrometheusVersion>,
    /// How many series all metrics together may have.
    pub max_series: Option<u64>,
    /// What the user asks of rules, queries and names.
    pub house: House,
}
