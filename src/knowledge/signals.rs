//! `rules/signals/`: the questions of RED, USE and LLM serving, and which metrics can answer them.
//!
//! Only the data and its loading. Which metric of a tree answers is decided in `crate::signals`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{load, rule_files};
use crate::model::MetricType;

/// One question and what an answer looks like.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signal {
    /// Id, such as `red.ttft`.
    pub id: String,
    /// The question in words.
    pub question: String,
    /// What it is asked of, as people call it: `CPU`, `KV cache`.
    #[serde(default)]
    pub resource: Option<String>,
    /// Which of utilisation, saturation and errors of the resource it asks for.
    #[serde(default)]
    pub aspect: Option<Aspect>,
    /// Why the question has no meaning, so that nothing has to answer it.
    #[serde(default)]
    pub not_applicable: Option<String>,
    /// Types that can answer.
    #[serde(default)]
    pub types: Vec<String>,
    /// Base unit of the answer, as metric names hold it.
    #[serde(default)]
    pub unit: Option<String>,
    /// Names that answer, best first.
    #[serde(default)]
    pub names: Vec<String>,
    /// Endings of names that answer, best first.
    #[serde(default)]
    pub suffixes: Vec<String>,
    /// Those suffixes that many a metric ends in: it answers only with a label that plays one of the roles.
    #[serde(default)]
    pub weak: Vec<String>,
    /// Words of a name that say it counts something else, such as `client`: they bar a match by suffix.
    #[serde(default)]
    pub except: Vec<String>,
    /// The signal whose histogram answers with what it counts, where no metric of the signal's own does.
    #[serde(default)]
    pub counted_by: Option<String>,
    /// What only hints at the answer.
    #[serde(default)]
    pub proxies: Vec<Proxy>,
    /// What labels of the metric mean here.
    #[serde(default)]
    pub roles: Vec<Role>,
    /// Threshold drawn and alerted on: the word of the configuration that holds it.
    #[serde(default)]
    pub threshold: Option<String>,
    /// Recommended finite bucket bounds: a layout of `rules/vocab/buckets.yaml` by name.
    #[serde(default)]
    pub buckets: Option<String>,
    /// Whether it is asked of one service together with others, and how early its answer says of which.
    #[serde(default)]
    pub of_service: Option<u8>,
    /// What to add to the code when nothing answers.
    #[serde(default)]
    pub add: Option<String>,
    /// The labels that the metric to add should have.
    #[serde(default)]
    pub add_labels: Vec<String>,
    /// The help text that it should have.
    #[serde(default)]
    pub add_help: Option<String>,
}

/// A cell of USE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Aspect {
    /// How much of the resource is used.
    Utilisation,
    /// How much work waits for it.
    Saturation,
    /// How often it fails.
    Errors,
}

/// Names of metrics that only hint at an answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proxy {
    /// Endings of their names, best first.
    pub suffixes: Vec<String>,
    /// Their types.
    pub types: Vec<String>,
    /// What they say instead.
    pub why: String,
}

/// What a label means for a signal.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// The role: `route`, `status`, `reason`, `kind`, `model`.
    pub name: String,
    /// Whether a metric without such a label does not answer.
    #[serde(default)]
    pub required: bool,
    /// Labels that play the role, best first.
    pub labels: Vec<RoleLabel>,
}

/// A family of label names that hold the same kind of value.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleLabel {
    /// Label names, best first.
    pub names: Vec<String>,
    /// Regular expression, anchored at both ends, of the values that mean a failure of the server.
    #[serde(default)]
    pub failure: Option<String>,
    /// Words that mean a failure where the code sets words in place of codes, in lower case.
    #[serde(default)]
    pub words: Vec<String>,
    /// Values for examples and tests.
    #[serde(default)]
    pub samples: Samples,
}

/// Whether a value matches one of the patterns of our data: alternatives in which `.` stands for one character.
pub(crate) fn is_failure(pattern: &str, value: &str) -> bool {
    pattern
        .split('|')
        .any(|form| form.chars().count() == value.chars().count() && form.chars().zip(value.chars()).all(|(f, v)| f == '.' || f == v))
}

/// Whether one of these patterns stands for more than one value.
pub(crate) fn is_pattern(failure: &str) -> bool {
    failure.contains(['|', '.'])
}

/// Label values for generated tests where the source names none.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Samples {
    /// A success.
    #[serde(default)]
    pub good: String,
    /// A failure of the server.
    #[serde(default)]
    pub bad: String,
    /// Another failure of the server, as unlike the first as can be.
    #[serde(default)]
    pub also_bad: String,
    /// A request that the client got wrong.
    #[serde(default)]
    pub refused: String,
}

impl Signal {
    /// Whether a metric of this type can answer. What is not known does not answer.
    pub fn takes(&self, kind: MetricType) -> bool {
        kind != MetricType::Unknown && self.types.iter().any(|t| MetricType::parse(t) == kind)
    }

    /// The metric to add when nothing answers; `None` where only a system can.
    pub fn name_to_add(&self) -> Option<&str> {
        self.names.first().map(String::as_str)
    }

    /// The role with this name.
    pub fn role(&self, name: &str) -> Option<&Role> {
        self.roles.iter().find(|r| r.name == name)
    }
}

impl Role {
    /// The family that holds the label `name`.
    pub fn label(&self, name: &str) -> Option<&RoleLabel> {
        self.labels.iter().find(|l| l.names.iter().any(|n| n == name))
    }
}

static SIGNALS: LazyLock<Vec<Signal>> = LazyLock::new(|| {
    let mut all: Vec<Signal> = rule_files("signals").iter().filter_map(|f| load::<Vec<Signal>>(f).ok()).flatten().collect();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    all
});

/// All signals, by id.
pub fn all() -> &'static [Signal] {
    &SIGNALS
}

/// The signal with this id.
pub fn get(id: &str) -> Option<&'static Signal> {
    SIGNALS.iter().find(|s| s.id == id)
}

/// The signal that a key of the configuration means: its id, or the end of it where that is unique. Questions without a meaning are
/// not among them.
///
/// # Errors
/// The signals that it may mean, when they are none or several.
pub fn find(key: &str) -> Result<&'static Signal, Vec<&'static Signal>> {
    let asked = || SIGNALS.iter().filter(|s| s.not_applicable.is_none());
    if let Some(signal) = asked().find(|s| s.id == key) {
        return Ok(signal);
    }
    let ends: Vec<&Signal> = asked().filter(|s| s.id.strip_suffix(key).is_some_and(|rest| rest.ends_with('.'))).collect();
    match ends[..] {
        [signal] => Ok(signal),
        _ => Err(ends),
    }
}

/// All keys by which a signal can be found.
pub fn names_of(signal: &'static Signal) -> impl Iterator<Item = &'static str> {
    let ends = signal.id.match_indices('.').filter_map(|(i, _)| signal.id.get(i + 1..));
    std::iter::once(signal.id.as_str()).chain(ends).filter(|name| find(name).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::vocab;

    #[test]
    fn failures_are_matched_as_prometheus_matches_them() {
        assert!(is_failure("5..", "500") && is_failure("5..", "5xx"));
        assert!(!is_failure("5..", "50") && !is_failure("5..", "5000") && !is_failure("5..", "404"));
        assert!(is_failure("Internal|Unavailable", "Unavailable") && !is_failure("Internal|Unavailable", "OK"));
    }

    #[test]
    fn every_file_fits_and_every_id_is_unique() {
        for file in rule_files("signals") {
            load::<Vec<Signal>>(&file).expect("the file fits its schema");
        }
        let mut ids: Vec<&str> = all().iter().map(|s| s.id.as_str()).collect();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }

    #[test]
    fn types_layouts_and_patterns_exist() {
        for signal in all() {
            assert!(signal.types.iter().all(|t| MetricType::parse(t) != MetricType::Unknown), "{}", signal.id);
            assert_eq!(signal.types.is_empty(), signal.not_applicable.is_some(), "{}", signal.id);
            assert_eq!(signal.id.starts_with("use."), signal.resource.is_some() && signal.aspect.is_some(), "{}", signal.id);
            assert_eq!(signal.name_to_add().is_some(), signal.add_help.is_some(), "{}", signal.id);
            assert!(signal.weak.iter().all(|w| signal.suffixes.contains(w)), "{}", signal.id);
            assert!(!signal.question.is_empty() && signal.question.ends_with('?'), "{}", signal.id);
            if let Some(layout) = &signal.buckets {
                assert!(vocab::buckets().layout(layout).is_some(), "{}: no layout {layout}", signal.id);
            }
        }
    }
}
