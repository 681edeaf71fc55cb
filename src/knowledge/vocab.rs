//! `rules/vocab/`: words with a meaning for metrics.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{load, rule_files};

/// Label names and what their name promises.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelVocab {
    /// Names that cannot be anything but unbounded: an error by name alone.
    #[serde(default)]
    pub unbounded: Vec<UnboundedName>,
    /// Names that are usually unbounded: a warning.
    #[serde(default)]
    pub suspicious: Vec<UnboundedName>,
    /// Names that a scrape gives every series: a query that asks for one may mean the scrape's, whatever the code calls so.
    #[serde(default)]
    pub scraped: Vec<String>,
    /// Names of what a service keeps itself, or of closed sets; `*_type` means every name that ends so.
    #[serde(default)]
    pub kept: Vec<String>,
}

impl LabelVocab {
    /// Whether a label names something that a service keeps itself, or one of a closed set.
    pub fn is_kept(&self, label: &str) -> bool {
        self.kept.iter().any(|name| name.strip_prefix('*').map_or(name == label, |end| label.ends_with(end)))
    }
}

/// A label name that promises too many values.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnboundedName {
    /// The whole label name, lower case; `prompt_*` means every name that begins so, `*_email` every name that ends so.
    pub name: String,
    /// One series per what.
    pub per: String,
    /// What to do instead, when the common advice does not fit.
    #[serde(default)]
    pub instead: Option<String>,
    /// Whether it promises a secret, which is a text: a number of that name is something else.
    #[serde(default)]
    pub secret: bool,
}

impl UnboundedName {
    /// Whether a label name, in any case and with or without underscores, is this one.
    pub fn matches(&self, label: &str) -> bool {
        fn fold(s: &str) -> impl Iterator<Item = char> {
            s.chars().filter(|c| *c != '_' && *c != '-').flat_map(char::to_lowercase)
        }
        if let Some(prefix) = self.name.strip_suffix('*') {
            return label.to_lowercase().starts_with(prefix) || to_snake(label).starts_with(prefix);
        }
        if let Some(suffix) = self.name.strip_prefix('*') {
            return label.to_lowercase().ends_with(suffix) || to_snake(label).ends_with(suffix);
        }
        fold(label).eq(fold(&self.name))
    }
}

fn to_snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

/// Recommended bucket layouts and the limits the bucket lints go by.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BucketVocab {
    /// More finite bounds than this are too many.
    pub too_many: usize,
    /// A number of finite bounds that nothing needs.
    pub far_too_many: usize,
    /// Two neighbours with a larger ratio than this leave a gap.
    pub gap_ratio: f64,
    /// Default bounds of the client libraries.
    pub client_default: Vec<f64>,
    /// Recommended bounds for latencies of LLM serving, seconds.
    pub llm_latency_seconds: Vec<f64>,
    /// Recommended bounds for cost, US dollars.
    pub cost_usd: Vec<f64>,
    /// Recommended bounds for the time between two tokens, seconds.
    pub inter_token_seconds: Vec<f64>,
    /// Recommended bounds for lengths in tokens.
    pub tokens: Vec<f64>,
}

impl BucketVocab {
    /// The recommended layout with this name.
    pub fn layout(&self, name: &str) -> Option<&[f64]> {
        match name {
            "llm_latency_seconds" => Some(&self.llm_latency_seconds),
            "cost_usd" => Some(&self.cost_usd),
            "inter_token_seconds" => Some(&self.inter_token_seconds),
            "tokens" => Some(&self.tokens),
            _ => None,
        }
    }
}

/// Unit words in metric names.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitVocab {
    /// The units.
    #[serde(default)]
    pub units: Vec<Unit>,
}

/// One unit word.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// The word as metric names hold it, such as `seconds`.
    pub name: String,
    /// The base unit it should be converted to; `None` for a base unit.
    #[serde(default)]
    pub base: Option<String>,
    /// How many base units one of them is, where that is a factor.
    #[serde(default)]
    pub scale: Option<f64>,
    /// Grafana's unit id for panels.
    #[serde(default)]
    pub grafana: Option<String>,
    /// The whole word, where `name` is short for it.
    #[serde(default)]
    pub full: Option<String>,
    /// Whether many a good exporter uses it all the same: no more than an opinion.
    #[serde(default)]
    pub opinion: bool,
}

/// Metric names of programs that scrapes usually meet and whose source is elsewhere.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThirdPartyVocab {
    /// What such names begin with, such as `kube_`.
    pub prefixes: Vec<String>,
    /// First words of names that many programs share, such as `http`: no sign that a metric is of this tree.
    pub common_words: Vec<String>,
}

/// What Grafana knows.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrafanaVocab {
    /// Ids of units.
    pub units: Vec<String>,
    /// Words that look like ids of units, with the id that is meant.
    pub meant: BTreeMap<String, String>,
    /// Labels of targets, those that a panel must heed first.
    pub targets: Vec<String>,
    /// How many of `targets` a panel must heed.
    pub heeded: usize,
    /// Ids of calculations.
    pub reducers: Vec<String>,
    /// Which ids show a unit of metric names, and which do not.
    pub of: Vec<Shown>,
}

/// The ids that show one unit.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// The unit, such as `bytes_per_second`.
    pub name: String,
    /// The unit in words.
    pub what: String,
    /// Ids that show it, the best first.
    pub right: Vec<String>,
    /// Ids that show the same quantity as something else.
    pub wrong: Vec<String>,
}

/// Words in histogram names that tell what is measured.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistogramVocab {
    /// Name endings of what is not measured in seconds.
    #[serde(default)]
    pub not_seconds: Vec<String>,
    /// Last words of names that measure a duration without saying in which unit.
    #[serde(default)]
    pub durations: Vec<String>,
    /// Words of LLM latencies, which take longer than web requests.
    #[serde(default)]
    pub slow: Vec<String>,
    /// Layouts for those must go beyond this, seconds.
    #[serde(default)]
    pub too_short_seconds: f64,
    /// A first bound at or above this cannot resolve a latency, seconds.
    #[serde(default)]
    pub too_coarse_seconds: f64,
}

/// What the methods of a metric do to its value.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateVocab {
    /// Make it larger.
    pub raise: Vec<String>,
    /// Make it smaller.
    pub lower: Vec<String>,
    /// Add an amount with a sign.
    pub add: Vec<String>,
    /// Give it a value.
    pub set: Vec<String>,
    /// Put it back to 0.
    pub reset: Vec<String>,
    /// Take a value into a distribution.
    pub observe: Vec<String>,
    /// Give the metric or a child of it.
    pub through: Vec<String>,
    /// Take series away.
    pub forget: Vec<String>,
    /// Change nothing.
    pub read: Vec<String>,
    /// Functions that show a metric to a registry.
    pub register: Vec<String>,
    /// Types that definitions are made of.
    pub value_types: Vec<String>,
    /// Types by which a function is given the request that it answers.
    pub requests: Vec<String>,
    /// Words in the names of counters of what should not happen.
    pub faults: Vec<String>,
    /// Methods whose result is a number of a unit of time, and the unit.
    pub time: BTreeMap<String, String>,
}

/// What not every Prometheus has.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromqlVocab {
    /// Functions and operators.
    pub functions: Vec<Versioned>,
}

/// Words of names.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WordVocab {
    /// Common words, and those that are near to one.
    pub words: Vec<String>,
}

/// A function that came or went.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Versioned {
    /// Its name.
    pub name: String,
    /// The first version that has it.
    #[serde(default)]
    pub since: Option<String>,
    /// The first version that no longer has it.
    #[serde(default)]
    pub until: Option<String>,
    /// The name it has elsewhere.
    #[serde(default)]
    pub instead: Option<String>,
}

fn load_vocab<T: DeserializeOwned + Default>(stem: &str) -> T {
    rule_files("vocab").iter().find(|f| f.stem == stem).and_then(|f| load(f).ok()).unwrap_or_default()
}

static LABELS: LazyLock<LabelVocab> = LazyLock::new(|| load_vocab("labels"));
static BUCKETS: LazyLock<BucketVocab> = LazyLock::new(|| load_vocab("buckets"));
static HISTOGRAMS: LazyLock<HistogramVocab> = LazyLock::new(|| load_vocab("histograms"));
static UNITS: LazyLock<UnitVocab> = LazyLock::new(|| load_vocab("units"));

static UPDATES: LazyLock<UpdateVocab> = LazyLock::new(|| load_vocab("updates"));

static PROMQL: LazyLock<PromqlVocab> = LazyLock::new(|| load_vocab("promql"));

static INSTEAD: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| load_vocab("instead"));
static THIRD_PARTY: LazyLock<ThirdPartyVocab> = LazyLock::new(|| load_vocab("third_party"));

static WORDS: LazyLock<WordVocab> = LazyLock::new(|| load_vocab("words"));
static GRAFANA: LazyLock<GrafanaVocab> = LazyLock::new(|| load_vocab("grafana"));

/// Words that names are made of, rightly spelt.
pub fn words() -> &'static [String] {
    &WORDS.words
}

/// What Grafana knows.
pub fn grafana() -> &'static GrafanaVocab {
    &GRAFANA
}

/// Names of other programs' metrics.
pub fn third_party() -> &'static ThirdPartyVocab {
    &THIRD_PARTY
}

/// What not every Prometheus has.
pub fn promql() -> &'static PromqlVocab {
    &PROMQL
}

/// Methods of metrics.
pub fn updates() -> &'static UpdateVocab {
    &UPDATES
}

/// What to do with a label value that has no limit, by the kind of its origin.
pub fn instead() -> &'static BTreeMap<String, String> {
    &INSTEAD
}

/// Label names.
pub fn labels() -> &'static LabelVocab {
    &LABELS
}

/// Bucket layouts.
pub fn buckets() -> &'static BucketVocab {
    &BUCKETS
}

/// Words in histogram names.
pub fn histograms() -> &'static HistogramVocab {
    &HISTOGRAMS
}

/// Unit words.
pub fn units() -> &'static UnitVocab {
    &UNITS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits<T: DeserializeOwned>(stem: &str) {
        let file = rule_files("vocab").into_iter().find(|f| f.stem == stem).expect("is there");
        let loaded: Result<T, String> = load(&file);
        assert_eq!(loaded.err(), None);
    }

    #[test]
    fn every_file_fits() {
        fits::<LabelVocab>("labels");
        fits::<BucketVocab>("buckets");
        fits::<HistogramVocab>("histograms");
        fits::<UnitVocab>("units");
        fits::<UpdateVocab>("updates");
        fits::<PromqlVocab>("promql");
        fits::<ThirdPartyVocab>("third_party");
        fits::<WordVocab>("words");
    }
}
