//! `absent-without-for`: an alert on absence that a single missed scrape can set off.

use crate::finding::Finding;
use crate::lints::Context;
use crate::lints::rules::alerts;
use crate::promql::{ExprKind, visit};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for rule in alerts(context) {
        if rule.alert.for_seconds.is_some_and(|s| s > 0.0) {
            continue;
        }
        visit(&rule.query.tree, &mut |expr| {
            let ExprKind::Call(call) = &expr.kind else { return };
            // `absent(x offset 1h)` asks about the past; a range of its own holds the alert back.
            let now = call.args.first().is_some_and(|a| matches!(a.kind, ExprKind::Vector(_)));
            if call.name.name != "absent" || !now {
                return;
            }
            let Some(location) = rule.query.locate(context.consumers, call.name.span) else { return };
            findings.push(
                Finding::new(format!("`{}` fires at the first evaluation without the series", rule.consumer.name), location)
                    .caret("no `for`")
                    .help("A restart of Prometheus or one failed scrape is enough. Give the alert a `for` of a few scrape intervals, or use `absent_over_time` with a range."),
            );
        });
    }
}
