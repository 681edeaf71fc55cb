//! `for-versus-window`: an alert on single events that are forgotten before `for` has passed.

use crate::finding::Finding;
use crate::lints::Context;
use crate::lints::rules::alerts;
use crate::promql::{BinaryOp, Expr, ExprKind};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for rule in alerts(context) {
        let Some(hold) = rule.alert.for_seconds.filter(|s| *s > 0.0) else { continue };
        let ExprKind::Binary(whole) = &rule.query.tree.peeled().kind else { continue };
        for comparison in rule.query.comparisons() {
            // Any event at all, and nothing else is asked.
            let event = comparison.op == BinaryOp::Greater && comparison.number == 0.0 && !comparison.bool_modifier;
            if !event || !whole.op.is_comparison() {
                continue;
            }
            let Some((function, window)) = events(comparison.operand) else { continue };
            // Much longer than the range: the alert is meant for events that keep coming.
            if hold < window || hold > window * 1.25 {
                continue;
            }
            let Some(location) = rule.query.locate(context.consumers, comparison.operand.span.to(comparison.number_span)) else { continue };
            findings.push(
                Finding::new(
                    format!(
                        "`{}` misses single events: one stays in `{function}` for {} and `for` is {}",
                        rule.consumer.name,
                        shown(window),
                        shown(hold)
                    ),
                    location,
                )
                .caret(format!("over {}", shown(window)))
                .help("Make the range longer than `for`, or drop `for`: the range already remembers the event. To ask for a lasting problem, compare with more than 0."),
            );
        }
    }
}

/// The function that counts events, and its range in seconds.
fn events(expr: &Expr) -> Option<(&str, f64)> {
    match &expr.peeled().kind {
        ExprKind::Aggregate(a) if matches!(a.op.name.as_str(), "sum" | "max") => events(&a.expr),
        ExprKind::Call(call) if matches!(call.name.name.as_str(), "increase" | "changes" | "resets") => {
            match call.args.first().map(|a| &a.kind) {
                Some(ExprKind::Matrix(_, Some(window))) => Some((&call.name.name, *window)),
                _ => None,
            }
        }
        _ => None,
    }
}

fn shown(seconds: f64) -> String {
    match seconds {
        s if s >= 3600.0 && s % 3600.0 == 0.0 => format!("{}h", s / 3600.0),
        s if s >= 60.0 && s % 60.0 == 0.0 => format!("{}m", s / 60.0),
        s => format!("{s}s"),
    }
}
