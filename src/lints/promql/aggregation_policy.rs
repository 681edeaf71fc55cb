//! `aggregation-policy`: an aggregation that takes away a label that `[policy]` in `reduse.toml` asks to be kept.

use crate::finding::Finding;
use crate::lints::Context;
use crate::model::ConsumerKind;
use crate::promql::{Aggregate, Expr, ExprKind, Grouping, MatchOp, visit};

/// Aggregations that give series as they are.
const CHOOSING: [&str; 4] = ["topk", "bottomk", "limitk", "limit_ratio"];

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let asked = &context.policies.house.kept_labels;
    if asked.is_empty() {
        return;
    }
    for query in context.queries {
        let Some(consumer) = context.consumers.get(query.consumer).filter(|c| !matches!(c.kind, ConsumerKind::Test)) else { continue };
        visit(&query.tree, &mut |expr| {
            let ExprKind::Aggregate(aggregate) = &expr.kind else { return };
            let lost: Vec<String> = asked.iter().filter(|l| loses(aggregate, l)).map(|l| format!("`{l}`")).collect();
            if lost.is_empty() {
                return;
            }
            let message = format!("`{}` takes away {}, which the policy asks to be kept", aggregate.op.name, lost.join(", "));
            findings.push(Finding::new(message, consumer.query.locate(aggregate.op.span)).caret("of all together"));
        });
    }
}

/// Whether a label is taken away that was there, with more than one value.
fn loses(aggregate: &Aggregate, label: &str) -> bool {
    // What is inside says it itself.
    !keeps(aggregate, label) && !is_one(&aggregate.expr, label) && !taken_away(&aggregate.expr, label)
}

fn keeps(aggregate: &Aggregate, label: &str) -> bool {
    let named = |g: &Grouping| g.open() || g.labels.iter().any(|l| l.name == label) != g.without;
    CHOOSING.contains(&aggregate.op.name.as_str()) || aggregate.grouping.as_ref().is_some_and(named)
}

/// Whether every selector asks for one value of the label.
fn is_one(expr: &Expr, label: &str) -> bool {
    let mut all = true;
    visit(expr, &mut |inner| {
        if let ExprKind::Vector(selector) = &inner.kind {
            all &= selector.open || selector.matchers.iter().any(|m| m.label.name == label && m.op == MatchOp::Equal);
        }
    });
    all
}

/// Whether an aggregation inside takes the label away.
fn taken_away(expr: &Expr, label: &str) -> bool {
    let mut found = false;
    visit(expr, &mut |inner| found |= matches!(&inner.kind, ExprKind::Aggregate(aggregate) if !keeps(aggregate, label)));
    found
}
