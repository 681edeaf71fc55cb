//! The shape of `reduse.toml` as serde reads it. The doc comments are what the JSON schema says to people.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::json_schema as schema;

/// Configuration of reduse, a static analyser for Prometheus metrics.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "reduse.toml")]
pub(super) struct Shape {
    /// How strict a run is; what else this file says wins over it.
    #[schemars(schema_with = "schema::presets")]
    pub(super) preset: Option<Spanned<String>>,
    /// The lowest severity that makes the exit code 1; `--fail-on` wins over it.
    #[schemars(with = "SeverityShape")]
    pub(super) fail_on: Option<Spanned<SeverityShape>>,
    /// Files and folders that are not read: globs relative to this file.
    #[schemars(with = "Vec<String>")]
    pub(super) exclude: Vec<Spanned<String>>,
    /// Known programs that are monitored too: their metrics answer signals and may be read by queries.
    #[schemars(schema_with = "schema::systems")]
    pub(super) systems: Vec<Spanned<String>>,
    /// The version of Prometheus that evaluates the rules, such as `3.5`; `--prometheus-version` wins over it.
    #[schemars(with = "String", regex(pattern = r"^v?[0-9]+(\.[0-9]+)*$"))]
    pub(super) prometheus_version: Option<Spanned<String>>,
    /// How often Prometheus scrapes the code, in seconds, where no configuration of Prometheus in the tree says it.
    #[schemars(with = "f64", extend("exclusiveMinimum" = 0))]
    pub(super) scrape_interval_seconds: Option<Spanned<f64>>,
    /// Level of lints, and of whole families of lints.
    #[schemars(schema_with = "schema::lints")]
    pub(super) lints: BTreeMap<Spanned<String>, Spanned<LevelShape>>,
    /// Levels that hold for some paths only; of several that match the last wins.
    pub(super) overrides: Vec<OverrideShape>,
    /// Label names whose values you vouch for.
    #[schemars(with = "BTreeMap<String, LabelShape>")]
    pub(super) labels: BTreeMap<Spanned<String>, LabelShape>,
    /// Which metric answers which signal, where its name does not tell.
    #[schemars(schema_with = "schema::signals")]
    pub(super) signals: BTreeMap<Spanned<String>, Spanned<String>>,
    /// When the alerts fire.
    pub(super) thresholds: ThresholdsShape,
    /// Macros, functions and methods of the code that define a metric wherever they are called, where reduse does not see it itself.
    pub(super) wrappers: Vec<WrapperShape>,
    /// What your house asks of rules, queries and names; what is left out is not asked.
    pub(super) policy: PolicyShape,
    /// How many series there may be: what `reduse budget` and `series-budget` hold the code to.
    pub(super) budget: BudgetShape,
}

/// A macro, function or method that defines a metric. In texts, `{0}` is the first argument of the call, `{key}` the one that a macro is given as `key: value`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline, transform = schema::one_call)]
pub(super) struct WrapperShape {
    /// The macro's name, without `!`.
    #[serde(default)]
    #[schemars(with = "String", regex(pattern = r"^\.?[A-Za-z_][A-Za-z0-9_]*(::[A-Za-z_][A-Za-z0-9_]*)*!?(\(\))?$"))]
    pub(super) r#macro: Option<Spanned<String>>,
    /// The function's name, or the end of its path, such as `metrics::counter`.
    #[serde(default)]
    #[schemars(with = "String", regex(pattern = r"^\.?[A-Za-z_][A-Za-z0-9_]*(::[A-Za-z_][A-Za-z0-9_]*)*!?(\(\))?$"))]
    pub(super) function: Option<Spanned<String>>,
    /// The method's name.
    #[serde(default)]
    #[schemars(with = "String", regex(pattern = r"^\.?[A-Za-z_][A-Za-z0-9_]*(::[A-Za-z_][A-Za-z0-9_]*)*!?(\(\))?$"))]
    pub(super) method: Option<Spanned<String>>,
    /// The type of the metric.
    pub(super) r#type: TypeShape,
    /// The exposed name, such as `app_{subsystem}_{0}`.
    #[schemars(with = "String", regex(pattern = r"^([^{}]|\{[0-9A-Za-z_]+\})+$"))]
    pub(super) name: Spanned<String>,
    /// The help text, such as `{1}`.
    #[serde(default)]
    #[schemars(with = "String", regex(pattern = r"^([^{}]|\{[0-9A-Za-z_]+\})+$"))]
    pub(super) help: Option<Spanned<String>>,
    /// The names of the labels, or the argument that lists them, such as `{2}`; not known where this is left out.
    #[serde(default)]
    #[schemars(schema_with = "schema::names_or_argument")]
    pub(super) labels: Option<Spanned<NamesShape>>,
    /// The bounds of the buckets, or the argument that lists them; not known where this is left out.
    #[serde(default)]
    #[schemars(schema_with = "schema::bounds_or_argument")]
    pub(super) buckets: Option<Spanned<BoundsShape>>,
}

/// The type of a metric.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(super) enum TypeShape {
    Counter,
    Gauge,
    Histogram,
    Summary,
}

/// Names, or the argument that lists them.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum NamesShape {
    Names(Vec<String>),
    Argument(String),
}

/// Bounds, or the argument that lists them.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum BoundsShape {
    Bounds(Vec<f64>),
    Argument(String),
}

/// What is asked of rules, queries and names.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub(super) struct PolicyShape {
    /// Labels that every alert has, such as `team`.
    pub(super) alert_labels: Vec<String>,
    /// Annotations that every alert has, such as `runbook_url`.
    pub(super) alert_annotations: Vec<String>,
    /// Values that the label `severity` of an alert may have.
    pub(super) severities: Vec<String>,
    /// A regular expression that the whole name of an alert matches.
    #[schemars(with = "String")]
    pub(super) alert_name: Option<Spanned<String>>,
    /// A regular expression that the whole name of a recorded metric matches.
    #[schemars(with = "String")]
    pub(super) record_name: Option<Spanned<String>>,
    /// The shortest `for` of an alert, in seconds.
    #[schemars(with = "f64", extend("exclusiveMinimum" = 0))]
    pub(super) shortest_for_seconds: Option<Spanned<f64>>,
    /// The longest `for` of an alert, in seconds.
    #[schemars(with = "f64", extend("exclusiveMinimum" = 0))]
    pub(super) longest_for_seconds: Option<Spanned<f64>>,
    /// Labels that every selector of rules and dashboards matches, such as `cluster`.
    pub(super) selector_labels: Vec<String>,
    /// Labels that every aggregation of rules and dashboards keeps, such as `cluster`.
    pub(super) kept_labels: Vec<String>,
    /// What the names of the code's metrics begin with, such as `shop_`: one of these.
    pub(super) metric_prefixes: Vec<String>,
    /// How many days Prometheus keeps samples.
    #[schemars(with = "f64", extend("exclusiveMinimum" = 0))]
    pub(super) retention_days: Option<Spanned<f64>>,
}

/// How many series there may be.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub(super) struct BudgetShape {
    /// Series of all metrics together, as far as they are known; `--max` wins over it.
    #[schemars(with = "u64", range(min = 1))]
    pub(super) max_series: Option<Spanned<u64>>,
    /// The committed file that `reduse budget --write-budget` wrote, relative to this file: a metric that is new or has more series fails. `--budget` wins over it.
    #[schemars(with = "String", length(min = 1))]
    pub(super) file: Option<Spanned<String>>,
}

/// Level of a lint.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(super) enum LevelShape {
    Off,
    Info,
    Warning,
    Error,
}

/// Severity of a finding.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(super) enum SeverityShape {
    Info,
    Warning,
    Error,
}

/// Levels for some paths.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct OverrideShape {
    /// Files and folders: globs relative to this file.
    #[schemars(with = "Vec<String>")]
    pub(super) paths: Vec<Spanned<String>>,
    /// Level of lints, and of whole families of lints.
    #[schemars(schema_with = "schema::lints")]
    pub(super) lints: BTreeMap<Spanned<String>, Spanned<LevelShape>>,
    /// Why, for people.
    #[serde(default, rename = "reason")]
    _reason: Option<String>,
}

/// What you vouch for: one of the two.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline, transform = schema::exactly_one)]
pub(super) struct LabelShape {
    /// At most this many distinct values.
    #[schemars(with = "u64", range(min = 1))]
    pub(super) max: Option<Spanned<u64>>,
    /// Exactly these values.
    #[schemars(with = "Vec<String>", length(min = 1))]
    pub(super) values: Option<Spanned<Vec<String>>>,
}

/// Thresholds of the alerts.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub(super) struct ThresholdsShape {
    /// Share of failed requests, above 0 and at most 1.
    #[schemars(with = "f64", extend("exclusiveMinimum" = 0, "maximum" = 1))]
    pub(super) error_ratio: Option<Spanned<f64>>,
    /// Seconds to the first token.
    #[schemars(with = "f64", extend("exclusiveMinimum" = 0))]
    pub(super) ttft_seconds: Option<Spanned<f64>>,
    /// US dollars per 1,000 completion tokens.
    #[schemars(with = "f64", extend("exclusiveMinimum" = 0))]
    pub(super) cost_per_1k_usd: Option<Spanned<f64>>,
    /// Share of the KV cache in use, above 0 and at most 1.
    #[schemars(with = "f64", extend("exclusiveMinimum" = 0, "maximum" = 1))]
    pub(super) kv_cache_ratio: Option<Spanned<f64>>,
    /// Share of a file system that is free, above 0 and at most 1.
    #[schemars(with = "f64", extend("exclusiveMinimum" = 0, "maximum" = 1))]
    pub(super) disk_free_ratio: Option<Spanned<f64>>,
    /// Share of requests that must succeed, from 0.97 to below 1, such as 0.999: what alerts on burn rates need.
    #[schemars(with = "f64", extend("minimum" = 0.97, "exclusiveMaximum" = 1))]
    pub(super) availability_slo: Option<Spanned<f64>>,
}
