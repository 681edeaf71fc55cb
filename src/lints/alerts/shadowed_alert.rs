//! `shadowed-alert`: an alert that another one of the same name and labels always fires with.

use std::collections::HashMap;

use crate::finding::Finding;
use crate::lints::Context;
use crate::lints::rules::{AlertRule, alerts};
use crate::promql::{BinaryOp, Expr, ExprKind};

/// The file, the name, and the labels in order.
type Identity<'a> = (&'a str, &'a str, Vec<(&'a str, &'a str)>);

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut by_identity: HashMap<Identity<'_>, Vec<AlertRule<'_>>> = HashMap::new();
    for rule in alerts(context) {
        let mut labels: Vec<(&str, &str)> = rule.alert.labels.iter().map(|(name, value)| (name.as_str(), value.text.as_str())).collect();
        labels.sort_unstable();
        by_identity.entry((&rule.consumer.query.path, &rule.consumer.name, labels)).or_default().push(rule);
    }
    for rules in by_identity.into_values() {
        for (at, rule) in rules.iter().enumerate() {
            let others = rules.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, other)| other);
            let Some(wider) = others.into_iter().find(|other| no_sooner(rule, other) && implies(rule, other)) else { continue };
            findings.push(
                Finding::new(
                    format!("whenever this `{}` fires, the other one with the same labels fires too", rule.consumer.name),
                    rule.consumer.location.clone(),
                )
                .caret("adds nothing")
                .related("the other one", wider.consumer.location.clone()),
            );
        }
    }
}

/// Whether an alert waits at least as long as another one: one that is sooner is worth having.
fn no_sooner(rule: &AlertRule<'_>, other: &AlertRule<'_>) -> bool {
    rule.alert.for_seconds.unwrap_or(0.0) >= other.alert.for_seconds.unwrap_or(0.0)
}

/// Whether the condition of one alert holds only where that of the other does.
fn implies(narrow: &AlertRule<'_>, wide: &AlertRule<'_>) -> bool {
    let (tree, other) = (narrow.query.tree.peeled(), wide.query.tree.peeled());
    let whole = text(wide, other);
    match (&tree.kind, &other.kind) {
        (ExprKind::Binary(b), _) if b.op == BinaryOp::And && b.matching.is_none() => text(narrow, b.lhs.peeled()) == whole,
        (ExprKind::Binary(a), ExprKind::Binary(b)) => {
            let (Some(high), Some(low)) = (a.rhs.number(), b.rhs.number()) else { return false };
            let bare = a.bool_span.is_none() && b.bool_span.is_none();
            bare && stricter(a.op, high, b.op, low) && text(narrow, &a.lhs) == text(wide, &b.lhs)
        }
        _ => false,
    }
}

/// Whether everything that passes the first comparison passes the second, and not the other way round.
fn stricter(op: BinaryOp, number: f64, than: BinaryOp, other: f64) -> bool {
    use BinaryOp::{Greater, GreaterEqual, Less, LessEqual};
    match (op, than) {
        (Greater, Greater) | (GreaterEqual, GreaterEqual) | (GreaterEqual, Greater) => number > other,
        (Greater, GreaterEqual) => number >= other,
        (Less, Less) | (LessEqual, LessEqual) | (LessEqual, Less) => number < other,
        (Less, LessEqual) => number <= other,
        _ => false,
    }
}

/// An expression as it is written, with each run of white space as one space.
fn text(rule: &AlertRule<'_>, expr: &Expr) -> String {
    expr.span.text(&rule.consumer.query.scalar.text).split_whitespace().collect::<Vec<_>>().join(" ")
}
