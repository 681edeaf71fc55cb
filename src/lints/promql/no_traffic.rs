//! `no-traffic`: a ratio of rates inside a sum or an average, where one series without traffic makes the whole `NaN`.

use crate::finding::{Finding, Severity};
use crate::lints::{Context, rules};
use crate::promql::{BinaryOp, Expr, ExprKind, visit};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    empty(context, findings);
    for query in context.queries {
        visit(&query.tree, &mut |expr| {
            let ExprKind::Aggregate(aggregate) = &expr.kind else { return };
            let op = aggregate.op.name.as_str();
            if !matches!(op, "sum" | "avg" | "stddev" | "stdvar") {
                return;
            }
            let Some((ratio, divisor)) = ratio(&aggregate.expr) else { return };
            let Some(location) = query.locate(context.consumers, ratio.span) else { return };
            let mut finding = Finding::new(format!("`{op}` of a ratio: one series without traffic makes the whole `NaN`"), location)
                .caret("0 / 0 where nothing happens")
                .help(format!(
                    "Divide the sums, `sum(…) / sum(…)`, which also weighs each series by its traffic; or leave the idle ones out: `… / (… > 0)`. Comparisons with the `NaN` of an `{op}` never hold."
                ));
            if let Some(place) = query.locate(context.consumers, divisor.span) {
                finding = finding.related("0 without traffic", place);
            }
            findings.push(finding);
        });
    }
}

/// A division by a rate, perhaps scaled, that nothing filters, and the rate.
fn ratio(expr: &Expr) -> Option<(&Expr, &Expr)> {
    let expr = expr.peeled();
    let ExprKind::Binary(b) = &expr.kind else { return None };
    match b.op {
        BinaryOp::Div if b.rhs.number().is_none() && is_rate(&b.rhs) && is_rate(&b.lhs) => Some((expr, &b.rhs)),
        BinaryOp::Mul | BinaryOp::Div | BinaryOp::Add | BinaryOp::Sub if b.rhs.number().is_some() => ratio(&b.lhs),
        BinaryOp::Mul | BinaryOp::Add | BinaryOp::Sub if b.lhs.number().is_some() => ratio(&b.rhs),
        _ => None,
    }
}

/// Whether an expression is 0 while a counter stands still.
fn is_rate(expr: &Expr) -> bool {
    match &expr.peeled().kind {
        ExprKind::Call(call) => matches!(call.name.name.as_str(), "rate" | "irate" | "increase"),
        ExprKind::Aggregate(a) => matches!(a.op.name.as_str(), "sum" | "max" | "min" | "avg") && is_rate(&a.expr),
        _ => false,
    }
}

/// Alerts that ask whether a share is too small, of something that has no series before it happens for the first time.
fn empty(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for rule in rules::alerts(context) {
        for comparison in rule.query.comparisons().iter().filter(|c| matches!(c.op, BinaryOp::Less | BinaryOp::LessEqual)) {
            let Some((whole, _)) = ratio(comparison.operand) else { continue };
            let ExprKind::Binary(b) = &whole.kind else { continue };
            let one = |side: &Expr| {
                let mut all = rule.query.selectors_in(side.span);
                all.next().filter(|_| all.next().is_none())
            };
            let (Some(part), Some(all)) = (one(&b.lhs), one(&b.rhs)) else { continue };
            let narrower =
                part.matchers.iter().any(|m| m.asks_for_value() && all.matchers.iter().all(|other| other.label.name != m.label.name));
            if part.name.is_none() || part.name != all.name || !narrower {
                continue;
            }
            let Some(location) = rule.query.locate(context.consumers, b.lhs.span) else { continue };
            findings.push(
                Finding::new(
                    format!("`{}` is silent where not one succeeds: the share has no series before the first", rule.consumer.name),
                    location,
                )
                .severity(Severity::Info)
                .caret("nothing, rather than 0")
                .help("Ask for the share of the others, `… > 0.1`, or add `or vector(0)` to the numerator."),
            );
        }
    }
}
