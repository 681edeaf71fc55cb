//! `rules/alerts/` and `rules/dashboard/`: which alerts and panels are generated from which signals.
//!
//! Only the data. Their words and queries are templates, their meaning is in `crate::generate`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{load, rule_files};

/// How an alert asks its question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AlertForm {
    /// The share of bad events among all.
    Ratio,
    /// A quantile of a histogram, or the share above a bound where the threshold is no bound.
    Quantile,
}

/// One alert.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertSpec {
    /// Id: the stem of the template.
    pub id: String,
    /// The alert's name.
    pub name: String,
    /// The signal it watches.
    pub signal: String,
    /// The form.
    pub form: AlertForm,
    /// The quantile, for that form.
    #[serde(default = "default_quantile")]
    pub quantile: f64,
    /// Name of the threshold in the configuration.
    pub threshold: String,
    /// Length of the window, seconds.
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
    /// Whether only a metric of the service's own will do.
    #[serde(default)]
    pub metric: bool,
}

static ALERTS: LazyLock<Vec<AlertSpec>> = LazyLock::new(|| load_lists("alerts"));
static PANELS: LazyLock<Vec<PanelSpec>> = LazyLock::new(|| load_lists("dashboard"));

fn load_lists<T: serde::de::DeserializeOwned>(folder: &str) -> Vec<T> {
    rule_files(folder).iter().filter_map(|f| load::<Vec<T>>(f).ok()).flatten().collect()
}

/// The alerts of the first day, in order.
pub fn day_one_alerts() -> &'static [AlertSpec] {
    &ALERTS
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
        for alert in day_one_alerts() {
            let signal = signals::get(&alert.signal).expect("the signal exists");
            assert_eq!(signal.threshold.as_ref(), Some(&alert.threshold));
        }
        for need in panels().iter().flat_map(|p| p.all.iter().chain(&p.any)) {
            let (id, role) = need.split_once('/').unwrap_or((need, ""));
            let signal = signals::get(id).expect("the signal exists");
            assert!(role.is_empty() || signal.role(role).is_some(), "{need}");
        }
    }

    #[test]
    fn seventeen_panels_with_numbers_of_their_own() {
        assert_eq!(panels().len(), 17);
        assert_eq!(panels().iter().map(|p| p.number).collect::<BTreeSet<_>>().len(), 17);
        assert_eq!(panels().iter().map(|p| &p.id).collect::<BTreeSet<_>>().len(), 17);
    }
}
