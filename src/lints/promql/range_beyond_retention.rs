//! `range-beyond-retention`: a query that looks further back than Prometheus keeps samples.

use crate::finding::Finding;
use crate::lints::Context;
use crate::promql::{Expr, ExprKind, seconds, visit};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(retention) = context.policies.house.retention else { return };
    let days = |seconds: f64| (seconds / 8_640.0).round() / 10.0;
    for query in context.queries {
        let Some(text) = context.consumers.get(query.consumer).map(|c| c.query.scalar.text.as_str()) else { continue };
        visit(&query.tree, &mut |expr| {
            let (back, what) = match &expr.kind {
                ExprKind::Matrix(_, Some(window)) | ExprKind::Subquery(_, Some(window)) => (*window, "a range of"),
                ExprKind::Modified(inner, true) => match (offset(text, inner, expr), range(inner)) {
                    // That range is said already.
                    (_, window) if window > retention => return,
                    (Some(offset), 0.0) => (offset, "an offset of"),
                    (Some(offset), window) => (offset + window, "an offset and a range of together"),
                    (None, _) => return,
                },
                _ => return,
            };
            if back <= retention {
                return;
            }
            let Some(location) = query.locate(context.consumers, expr.span) else { return };
            let message = format!("{what} {} days, of which Prometheus keeps {}", days(back), days(retention));
            findings.push(
                Finding::new(message, location)
                    .caret("the beginning is gone")
                    .help("Record the value and look at what is recorded, or keep samples for longer."),
            );
        });
    }
}

/// The range of an expression that has one.
fn range(expr: &Expr) -> f64 {
    match &expr.kind {
        ExprKind::Matrix(_, window) | ExprKind::Subquery(_, window) => window.unwrap_or_default(),
        ExprKind::Paren(inner) | ExprKind::Modified(inner, _) => range(inner),
        _ => 0.0,
    }
}

/// The seconds of `inner offset 30d` where that is a duration, and back in time.
fn offset(text: &str, inner: &Expr, whole: &Expr) -> Option<f64> {
    let word = text.get(inner.span.end as usize..whole.span.end as usize)?.trim().strip_prefix("offset")?;
    seconds(word.trim())
}
