//! The shape of `reduse.toml` as serde reads it.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::suggest;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawConfig {
    pub(super) exclude: Vec<Spanned<String>>,
    pub(super) systems: Vec<Spanned<String>>,
    pub(super) lints: BTreeMap<Spanned<String>, Spanned<RawLevel>>,
    pub(super) overrides: Vec<RawOverride>,
    pub(super) labels: BTreeMap<Spanned<String>, RawLabel>,
    pub(super) signals: BTreeMap<String, String>,
    pub(super) thresholds: RawThresholds,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum RawLevel {
    Off,
    Info,
    Warning,
    Error,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawOverride {
    pub(super) paths: Vec<Spanned<String>>,
    pub(super) lints: BTreeMap<Spanned<String>, Spanned<RawLevel>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawLabel {
    pub(super) max: Option<u64>,
    pub(super) values: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawThresholds {
    pub(super) error_ratio: Option<Spanned<f64>>,
    pub(super) ttft_seconds: Option<Spanned<f64>>,
    pub(super) cost_per_1k_usd: Option<Spanned<f64>>,
}

/// Turns serde's words for an unknown field or variant into a suggestion; other messages stay as they are.
pub(super) fn explain(message: &str) -> String {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let (what, rest) = if message.starts_with("unknown field") {
        ("key", quoted.split_first())
    } else if message.starts_with("unknown variant") {
        ("value", quoted.split_first())
    } else {
        return message.trim_end().to_owned();
    };
    let Some((word, known)) = rest else { return message.trim_end().to_owned() };
    let list = || format!("expected one of {}", known.iter().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", "));
    let hint = suggest(word, known.iter().copied()).map_or_else(list, |s| format!("did you mean `{s}`?"));
    format!("unknown {what} `{word}`: {hint}")
}
