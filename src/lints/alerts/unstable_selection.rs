//! `unstable-selection`: an alert over series that are picked anew at each evaluation.

use crate::finding::Finding;
use crate::lints::Context;
use crate::lints::rules::alerts;
use crate::promql::{Aggregate, Expr, ExprKind};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for rule in alerts(context) {
        let mut picks = Vec::new();
        collect(&rule.query.tree, &mut picks);
        for pick in picks {
            let Some(location) = rule.query.locate(context.consumers, pick.op.span) else { continue };
            findings.push(
                Finding::new(
                    format!("`{}` picks other series at each evaluation: alerts start and end with the picks", rule.consumer.name),
                    location,
                )
                .caret("picks some"),
            );
        }
    }
}

/// The aggregations that pick series, and whose picks are in the result.
fn collect<'a>(expr: &'a Expr, picks: &mut Vec<&'a Aggregate>) {
    if let ExprKind::Aggregate(aggregate) = &expr.kind {
        // What sums or counts them up has the same series however they are picked, and one for each group is how duplicates go.
        match aggregate.op.name.as_str() {
            "topk" | "bottomk" | "limitk" if aggregate.grouping.is_some() => return,
            "topk" | "bottomk" | "limitk" | "limit_ratio" => picks.push(aggregate),
            _ => return,
        }
    }
    for child in expr.children() {
        collect(child, picks);
    }
}
