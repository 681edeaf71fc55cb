//! `always-firing`: an alert whose query holds whenever its series are there.

use crate::finding::{Finding, Severity};
use crate::lints::Context;
use crate::lints::rules::{alerts, conditional_records};
use crate::promql::{ExprKind, can_be_empty, range};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let records = conditional_records(context);
    for rule in alerts(context) {
        // `vector(1)` is meant to fire for ever.
        if rule.query.selectors.is_empty() {
            continue;
        }
        let tree = rule.query.tree.peeled();
        let name = &rule.consumer.name;
        if let ExprKind::Binary(b) = &tree.kind
            && b.op.is_comparison()
            && let Some(span) = b.bool_span
        {
            let Some(location) = rule.query.locate(context.consumers, span) else { continue };
            findings.push(
                Finding::new(format!("`{name}` always fires: with `bool` the comparison gives 0 instead of nothing"), location)
                    .severity(Severity::Error)
                    .caret("keeps every series")
                    .help("Remove `bool`: an alert fires for every series that its query returns, whatever the value."),
            );
            continue;
        }
        let known = |name: &str| name.starts_with("ALERTS") || records.contains(name);
        // A selector by a label of the program's own may be the condition: series that are there only in case of trouble.
        let chosen =
            matches!(&tree.kind, ExprKind::Vector(v) if v.matchers.iter().any(|m| !["job", "instance"].contains(&m.label.name.as_str())));
        if chosen {
            continue;
        }
        if !can_be_empty(tree, &known) {
            let Some(location) = rule.query.locate(context.consumers, tree.span) else { continue };
            findings.push(
                Finding::new(format!("`{name}` fires whenever its series exist: nothing is compared"), location)
                    .caret("no condition")
                    .help("Compare it with a threshold. If the series only exist in case of trouble, say so with `> 0`."),
            );
            continue;
        }
        let ExprKind::Binary(b) = &tree.kind else { continue };
        for comparison in rule.query.comparisons().iter().filter(|c| !c.bool_modifier && b.op.is_comparison()) {
            let whole = [&b.lhs, &b.rhs].iter().any(|side| side.span == comparison.operand.span);
            let values = range(comparison.operand);
            // `count(x) > 0` asks whether there is anything, and says so.
            let existence = values.least >= 1.0 || can_be_empty(comparison.operand, &known);
            if whole && !existence && values.holds(comparison.op, comparison.number) == Some(true) {
                let Some(location) = rule.query.locate(context.consumers, tree.span) else { continue };
                findings.push(
                    Finding::new(format!("`{name}` always fires: the comparison holds for every value"), location)
                        .severity(Severity::Error)
                        .caret("always true")
                        .help("Compare with a value that is not always exceeded."),
                );
            }
        }
    }
}
