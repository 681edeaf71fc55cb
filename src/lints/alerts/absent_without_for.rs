//! `absent-without-for`: an alert on absence that a single missed scrape can set off.

use crate::finding::Finding;
use crate::lints::Context;
use crate::lints::rules::alerts;
use crate::promql::{BinaryOp, Expr, ExprKind};
use crate::source::Span;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for rule in alerts(context) {
        if rule.alert.for_seconds.is_some_and(|s| s > 0.0) {
            continue;
        }
        let mut spans = Vec::new();
        absences(&rule.query.tree, &mut spans);
        for span in spans {
            let Some(location) = rule.query.locate(context.consumers, span) else { continue };
            findings.push(
                Finding::new(format!("`{}` fires at the first evaluation without the series", rule.consumer.name), location)
                    .caret("no `for`")
                    .help("A restart of Prometheus or one failed scrape is enough. Give the alert a `for` of a few scrape intervals, or use `absent_over_time` with a range."),
            );
        }
    }
}

/// Where the query is `absent(…)`, or one of several conditions each of which is enough.
fn absences(expr: &Expr, spans: &mut Vec<Span>) {
    match &expr.peeled().kind {
        // `absent(x offset 1h)` asks about the past.
        ExprKind::Call(call) if call.name.name == "absent" && call.args.first().is_some_and(|a| matches!(a.kind, ExprKind::Vector(_))) => {
            spans.push(call.name.span);
        }
        ExprKind::Binary(b) if b.op == BinaryOp::Or => {
            absences(&b.lhs, spans);
            absences(&b.rhs, spans);
        }
        ExprKind::Binary(b) if b.rhs.number().is_some() => absences(&b.lhs, spans),
        _ => {}
    }
}
