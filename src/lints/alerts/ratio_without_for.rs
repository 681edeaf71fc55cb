//! `ratio-without-for`: an alert on a ratio of two jobs, that fires as soon as one of them restarts.

use crate::finding::Finding;
use crate::lints::Context;
use crate::lints::rules::alerts;
use crate::promql::{BinaryOp, Expr, ExprKind, MatchOp, Query, visit};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for rule in alerts(context).filter(|r| r.alert.for_seconds.is_none_or(|s| s == 0.0)) {
        visit(&rule.query.tree, &mut |expr| {
            let ExprKind::Binary(b) = &expr.kind else { return };
            if b.op != BinaryOp::Div || !aggregates(&b.lhs) || !aggregates(&b.rhs) {
                return;
            }
            let (Some(one), Some(other)) = (job(rule.query, &b.lhs), job(rule.query, &b.rhs)) else { return };
            if one == other {
                return;
            }
            let Some(location) = rule.query.locate(context.consumers, b.op_span) else { return };
            findings.push(
                Finding::new(format!("`{}` divides what `{one}` and `{other}` expose, and has no `for`", rule.consumer.name), location)
                    .caret("scraped apart")
                    .help("The two are scraped and restarted at different times, so that the ratio is off for a moment now and then: give the alert a `for` of a few scrapes."),
            );
        });
    }
}

fn aggregates(expr: &Expr) -> bool {
    matches!(expr.peeled().kind, ExprKind::Aggregate(_))
}

/// The one job that everything beneath is of.
fn job<'q>(query: &'q Query, side: &Expr) -> Option<&'q str> {
    let mut jobs = query.selectors_in(side.span).map(|s| {
        let plain = s.matchers.iter().find(|m| m.label.name == "job" && m.op == MatchOp::Equal && !m.variable);
        plain.map(|m| m.value.as_str())
    });
    let first = jobs.next()??;
    jobs.all(|j| j == Some(first)).then_some(first)
}
