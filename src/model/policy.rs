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
}
