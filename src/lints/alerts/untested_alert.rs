//! `untested-alert`: an alert that no rule test asks for, where most are tested.

use crate::finding::Finding;
use crate::lints::{Context, outliers};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let has = |name: &str, _: &crate::model::Alert| context.tested.contains(name);
    let help = "Add an `alert_rule_test` in which it fires, and one in which it stays quiet.";
    outliers::report(context, has, |name| format!("no test asks for `{name}`"), help, findings);
}
