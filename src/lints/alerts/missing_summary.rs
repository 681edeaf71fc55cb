//! `missing-summary`: an alert that says nothing to whoever is woken by it, where most do.

use crate::finding::Finding;
use crate::lints::{Context, outliers};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let has = |_: &str, alert: &crate::model::Alert| {
        alert.annotations.iter().any(|(name, _)| matches!(name.as_str(), "summary" | "description" | "message" | "title"))
    };
    let help = "Say in one sentence what is wrong, with the value and what it should be.";
    outliers::report(context, has, |name| format!("`{name}` has neither `summary` nor `description`"), help, findings);
}
