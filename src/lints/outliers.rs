//! What most alerts of a tree have and a few lack.

use super::Context;
use super::rules::alerts;
use crate::finding::Finding;
use crate::model::Alert;

/// Fewer alerts make no custom.
const ENOUGH: usize = 4;

/// Reports the alerts that lack what `has` tells, where at least two thirds of the tree's alerts have it.
pub(super) fn report(
    context: &Context<'_>,
    has: impl Fn(&str, &Alert) -> bool,
    message: impl Fn(&str) -> String,
    help: &str,
    findings: &mut Vec<Finding>,
) {
    let mut lacking = Vec::new();
    let mut all = 0;
    for rule in alerts(context) {
        all += 1;
        if !has(&rule.consumer.name, rule.alert) {
            lacking.push(rule.consumer);
        }
    }
    if all < ENOUGH || lacking.len() * 3 > all {
        return;
    }
    let with = all - lacking.len();
    for consumer in lacking {
        findings.push(
            Finding::new(message(&consumer.name), consumer.location.clone()).caret(format!("{with} of {all} alerts have it")).help(help),
        );
    }
}
