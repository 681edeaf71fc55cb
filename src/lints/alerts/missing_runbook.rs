//! `missing-runbook`: an alert without a link to a runbook, where most have one.

use crate::finding::Finding;
use crate::lints::{Context, outliers};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let has = |_: &str, alert: &crate::model::Alert| {
        alert.annotations.iter().any(|(name, _)| name.contains("runbook") || name.contains("playbook"))
    };
    let help = "Link the page that says what to look at and what to do.";
    outliers::report(context, has, |name| format!("`{name}` has no link to a runbook"), help, findings);
}
