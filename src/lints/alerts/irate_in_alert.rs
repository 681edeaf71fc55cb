//! `irate-in-alert`: an alert on the last two samples of a counter.

use crate::finding::Finding;
use crate::lints::rules::alerts;
use crate::lints::{Context, repair};
use crate::promql::{ExprKind, visit};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for rule in alerts(context) {
        visit(&rule.query.tree, &mut |expr| {
            let ExprKind::Call(call) = &expr.kind else { return };
            if call.name.name != "irate" {
                return;
            }
            let Some(location) = rule.query.locate(context.consumers, call.name.span) else { return };
            let edit = repair::in_query(context, rule.query, call.name.span, "rate");
            findings.push(
                Finding::new(format!("`{}` looks at the last two samples only", rule.consumer.name), location)
                    .caret("one quiet scrape resets `for`")
                    .fixes("use `rate`", edit),
            );
        });
    }
}
