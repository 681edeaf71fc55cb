//! `averaged-quantile`: quantiles of several sources averaged or added up.

use crate::finding::Finding;
use crate::lints::Context;
use crate::promql::{Aggregate, Expr, ExprKind, MatchOp, labels, visit};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for query in context.queries {
        visit(&query.tree, &mut |expr| {
            let ExprKind::Aggregate(aggregate) = &expr.kind else { return };
            let op = aggregate.op.name.as_str();
            if !matches!(op, "avg" | "sum") {
                return;
            }
            let Some(what) = quantiles(&aggregate.expr) else { return };
            // One series stays what it is.
            let left = labels(&aggregate.expr, context.recorded);
            if left.closed && left.names.is_empty() || takes_fixed_labels_away(aggregate) {
                return;
            }
            let Some(location) = query.locate(context.consumers, aggregate.op.span) else { return };
            let finding =
                Finding::new(format!("`{op}` of quantiles is no quantile of anything"), location).caret("a number without a meaning");
            findings.push(finding.help(match what {
                Source::Histogram => format!("Add the buckets before taking the quantile: `histogram_quantile(…, sum by (…, le) (rate(…)))`. `max` instead of `{op}` would at least show the worst."),
                Source::Summary => format!("Quantiles of a summary cannot be joined: use a histogram, or show the worst with `max` instead of `{op}`."),
            }));
        });
    }
}

/// `avg without (quantile) (x{quantile="0.9"})`: labels that have one value only go, and no two series become one.
fn takes_fixed_labels_away(aggregate: &Aggregate) -> bool {
    let ExprKind::Vector(selector) = &aggregate.expr.peeled().kind else { return false };
    let fixed = |label: &str| selector.matchers.iter().any(|m| m.label.name == label && m.op == MatchOp::Equal && !m.variable);
    aggregate.grouping.as_ref().is_some_and(|g| g.without && g.labels.iter().all(|l| fixed(&l.name)))
}

enum Source {
    Histogram,
    Summary,
}

fn quantiles(expr: &Expr) -> Option<Source> {
    match &expr.peeled().kind {
        ExprKind::Call(call) if call.name.name == "histogram_quantile" => Some(Source::Histogram),
        ExprKind::Vector(selector) => {
            let mut quantile = selector.matchers.iter().filter(|m| m.label.name == "quantile");
            // `quantile="0"` and `"1"` are the least and the greatest value, and not every label of this name is a summary's.
            quantile.any(|m| m.value.parse::<f64>().is_ok_and(|q| q > 0.0 && q < 1.0)).then_some(Source::Summary)
        }
        // A filter or a number changes nothing about it.
        ExprKind::Binary(b) if b.rhs.number().is_some() => quantiles(&b.lhs),
        _ => None,
    }
}
