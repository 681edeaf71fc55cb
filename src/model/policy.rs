//! What the user's configuration says about labels, signals and thresholds.

use std::collections::BTreeMap;

/// A limit that the user vouches for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelPolicy {
    /// At most this many distinct values.
    pub max: Option<u64>,
    /// Exactly these values.
    pub values: Vec<String>,
}

/// Thresholds of the day-one alerts.
#[derive(Clone, Debug, PartialEq)]
pub struct Thresholds {
    /// Share of failed requests, 0 to 1.
    pub error_ratio: f64,
    /// Time to first token, seconds.
    pub ttft_seconds: f64,
    /// Cost per 1,000 completion tokens, US dollars.
    pub cost_per_1k_usd: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Thresholds { error_ratio: 0.01, ttft_seconds: 2.0, cost_per_1k_usd: 0.05 }
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
}
