//! `rules/alerts/` and `rules/dashboard/`: which alerts and panels are generated from which signals.
//!
//! Only the data. Their words and queries are templates, their meaning is in `crate::generate`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::{load, rule_files};

/// How an alert asks its question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AlertForm {
    /// The share of bad events among all.
    Ratio,
    /// A quantile of a histogram, or the share above a bound where the threshold is no bound.
    Quantile,
    /// Whatever its template says about its inputs; the template also holds the cases that prove it.
    #[default]
    Inputs,
}

/// Which alerts are generated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlertSet {
    /// The three of the first day.
    DayOne,
    /// Those and all others that the metrics can answer.
    #[default]
    Recommended,
}

/// One metric that an alert reads: that of a signal, or what a known program exposes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputSpec {
    /// The name in the template.
    pub name: String,
    /// Signals that give the metric, best first.
    #[serde(default)]
    pub signals: Vec<String>,
    /// Selectors by system, such as `vllm:generation_tokens_total`: where the service's own metrics do not answer, they come first.
    #[serde(default)]
    pub systems: BTreeMap<String, String>,
    /// Whether only those systems count, and not what others answer the signals with.
    #[serde(default)]
    pub only_named: bool,
    /// Types that will do; all when empty.
    #[serde(default)]
    pub types: Vec<String>,
    /// Roles whose label the metric must have.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Whether the series must be there before anything happens: a metric of the service's own must have no labels.
    #[serde(default)]
    pub present: bool,
    /// Whether a series that is surely there from the start is better than an earlier one that need not be, and a name of the service's
    /// own better than one that any service may have.
    #[serde(default)]
    pub surest: bool,
    /// Whether it is of another program than every input before it. Where there is none, the alert does without.
    #[serde(default)]
    pub apart: bool,
    /// Values of a role that are not meant: `role: pattern`.
    #[serde(default)]
    pub without: BTreeMap<String, String>,
    /// Values of a role that are meant, where the source shows that the label takes one of them.
    #[serde(default)]
    pub only: BTreeMap<String, String>,
}

/// One alert.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertSpec {
    /// Id: the stem of the template.
    pub id: String,
    /// The alert's name.
    pub name: String,
    /// The set it belongs to.
    #[serde(default)]
    pub set: AlertSet,
    /// The signal it watches; empty where `inputs` says what it reads.
    #[serde(default)]
    pub signal: String,
    /// The form.
    #[serde(default)]
    pub form: AlertForm,
    /// What it reads.
    #[serde(default)]
    pub inputs: Vec<InputSpec>,
    /// Labels and roles that the aggregation keeps, where all inputs have them.
    #[serde(default)]
    pub by: Vec<String>,
    /// Panels that show what the alert is about.
    #[serde(default)]
    pub panels: Vec<String>,
    /// The quantile, for that form.
    #[serde(default = "default_quantile")]
    pub quantile: f64,
    /// Name of the threshold in the configuration.
    #[serde(default)]
    pub threshold: String,
    /// Length of the window, seconds.
    #[serde(default)]
    pub window: u32,
    /// `for`, seconds.
    #[serde(rename = "for")]
    pub hold: u32,
    /// Events in the window below which the alert is silent.
    #[serde(default)]
    pub guard: u32,
}

fn default_quantile() -> f64 {
    0.95
}

/// One panel.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PanelSpec {
    /// Id: the stem of the template.
    pub id: String,
    /// The panel's id inside the dashboard.
    pub number: u32,
    /// Title of its row.
    pub row: String,
    /// Signals that must be answered, `signal` or `signal/role`.
    #[serde(default)]
    pub all: Vec<String>,
    /// Signals of which one must be answered.
    #[serde(default)]
    pub any: Vec<String>,
    /// Whether only one metric will do.
    #[serde(default)]
    pub metric: bool,
    /// Signals for which a stand-in of the same unit is drawn too, and named in the panel's description.
    #[serde(default)]
    pub stand_ins: Vec<String>,
    /// Signals that a query over several metrics answers as well.
    #[serde(default)]
    pub queries: Vec<String>,
    /// Whether it is there only when it is answered, and is missed by nobody otherwise.
    #[serde(default)]
    pub extra: bool,
}

static ALERTS: LazyLock<Vec<AlertSpec>> = LazyLock::new(|| load_lists("alerts"));
static PANELS: LazyLock<Vec<PanelSpec>> = LazyLock::new(|| load_lists("dashboard"));

fn load_lists<T: serde::de::DeserializeOwned>(folder: &str) -> Vec<T> {
    rule_files(folder).iter().filter_map(|f| load::<Vec<T>>(f).ok()).flatten().collect()
}

/// All alerts, in order.
pub fn alerts() -> &'static [AlertSpec] {
    &ALERTS
}

/// The alerts of a set, in order; where `only` has words, those that they name, whatever their set, and `alerts` for the whole set.
pub fn chosen_alerts<'a>(set: AlertSet, only: &'a [String]) -> impl Iterator<Item = &'static AlertSpec> + 'a {
    let named = move |alert: &AlertSpec, word: &String| *word == alert.id || *word == alert.name || word == "alerts" && alert.set <= set;
    ALERTS.iter().filter(move |alert| if only.is_empty() { alert.set <= set } else { only.iter().any(|word| named(alert, word)) })
}

/// The panels, in order; where `only` has words, those that they name, and `dashboard` for all.
pub fn chosen_panels(only: &[String]) -> impl Iterator<Item = &'static PanelSpec> {
    PANELS.iter().filter(move |panel| only.is_empty() || only.iter().any(|word| *word == panel.id || word == "dashboard"))
}

/// All words that choose alerts and panels.
pub fn choices() -> impl Iterator<Item = &'static str> {
    let alerts = ALERTS.iter().flat_map(|a| [a.name.as_str(), a.id.as_str()]);
    ["alerts", "dashboard"].into_iter().chain(alerts).chain(PANELS.iter().map(|p| p.id.as_str()))
}

/// The panels, in order.
pub fn panels() -> &'static [PanelSpec] {
    &PANELS
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::knowledge::signals;

    #[test]
    fn every_file_fits_and_names_signals_and_roles_that_exist() {
        for file in rule_files("alerts") {
            load::<Vec<AlertSpec>>(&file).expect("the file fits its schema");
        }
        for file in rule_files("dashboard") {
            load::<Vec<PanelSpec>>(&file).expect("the file fits its schema");
        }
        for alert in alerts().iter().filter(|a| a.form != AlertForm::Inputs) {
            let signal = signals::get(&alert.signal).expect("the signal exists");
            assert_eq!(signal.threshold.as_ref(), Some(&alert.threshold));
        }
        for input in alerts().iter().flat_map(|a| &a.inputs) {
            assert!(!input.signals.is_empty() || !input.systems.is_empty(), "{}", input.name);
            assert!(input.signals.iter().all(|id| signals::get(id).is_some()), "{}", input.name);
        }
        for id in alerts().iter().flat_map(|a| &a.panels) {
            assert!(panels().iter().any(|p| p.id == *id), "no panel {id}");
        }
        for need in panels().iter().flat_map(|p| p.all.iter().chain(&p.any)) {
            let (id, role) = need.split_once('/').unwrap_or((need, ""));
            let signal = signals::get(id).expect("the signal exists");
            assert!(role.is_empty() || signal.role(role).is_some(), "{need}");
        }
    }

    #[test]
    fn seventeen_panels_with_numbers_of_their_own() {
        assert_eq!(panels().iter().filter(|p| !p.extra).count(), 17);
        assert_eq!(panels().iter().map(|p| p.number).collect::<BTreeSet<_>>().len(), panels().len());
        assert_eq!(panels().iter().map(|p| &p.id).collect::<BTreeSet<_>>().len(), panels().len());
    }
}
