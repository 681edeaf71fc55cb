//! `never-firing`: a comparison in an alert that no value can pass.

use crate::finding::Finding;
use crate::lints::Context;
use crate::lints::rules::alerts;
use crate::promql::{ExprKind, range};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for rule in alerts(context) {
        for comparison in rule.query.comparisons() {
            if comparison.bool_modifier {
                continue;
            }
            let values = range(comparison.operand);
            if values.holds(comparison.op, comparison.number) != Some(false) {
                continue;
            }
            let Some(location) = rule.query.locate(context.consumers, comparison.operand.span.to(comparison.number_span)) else { continue };
            let counted = values.least >= 1.0 && comparison.number < 1.0;
            let what = if counted {
                "a count of nothing is nothing, not 0".to_owned()
            } else if values.most.is_finite() {
                format!("the value is between {} and {}", values.least, values.most)
            } else {
                format!("the value is never below {}", values.least)
            };
            let help = if counted && matches!(comparison.operand.peeled().kind, ExprKind::Aggregate(_) | ExprKind::Call(_)) {
                "Ask with `absent(…)` whether there is nothing, or add `or vector(0)` to the count."
            } else if values.most <= 1.0 && comparison.number > 1.0 {
                "The value is a share from 0 to 1: divide the threshold by 100, or multiply the query by 100."
            } else {
                "Compare with a value that can be reached."
            };
            findings.push(
                Finding::new(format!("`{}` has a condition that never holds: {what}", rule.consumer.name), location)
                    .caret("never true")
                    .help(help),
            );
        }
    }
}
