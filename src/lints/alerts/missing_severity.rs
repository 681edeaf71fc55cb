//! `missing-severity`: an alert without a `severity` label, where most have one.

use crate::finding::Finding;
use crate::lints::{Context, outliers};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let has = |_: &str, alert: &crate::model::Alert| alert.labels.iter().any(|(name, _)| name == "severity");
    let help = "Alertmanager routes by it: without one the alert goes wherever the default route leads.";
    outliers::report(context, has, |name| format!("`{name}` has no label `severity`"), help, findings);
}
