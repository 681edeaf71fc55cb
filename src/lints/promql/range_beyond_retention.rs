//! `range-beyond-retention`: a query that looks further back than Prometheus keeps samples.

use crate::finding::Finding;
use crate::lints::Context;
use crate::promql::{ExprKind, visit};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(retention) = context.policies.house.retention else { return };
    for query in context.queries {
        visit(&query.tree, &mut |expr| {
            let (ExprKind::Matrix(_, Some(window)) | ExprKind::Subquery(_, Some(window))) = &expr.kind else { return };
            if *window <= retention {
                return;
            }
            let Some(location) = query.locate(context.consumers, expr.span) else { return };
            let days = |seconds: f64| (seconds / 8_640.0).round() / 10.0;
            let message = format!("a range of {} days, of which Prometheus keeps {}", days(*window), days(retention));
            findings.push(
                Finding::new(message, location)
                    .caret("the beginning is gone")
                    .help("Record the value and look at what is recorded, or keep samples for longer."),
            );
        });
    }
}
