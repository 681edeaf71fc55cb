//! `unmatched-join`: two sides whose labels cannot be the same, so that the operation gives nothing.

use crate::finding::{Finding, Severity};
use crate::lints::{Context, lookup, rules};
use crate::promql::{Expr, ExprKind, Mismatch, Query, mismatches, visit};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let written = rules::written(context);
    for query in context.queries {
        visit(&query.tree, &mut |expr| {
            let ExprKind::Binary(binary) = &expr.kind else { return };
            let lost = |found: &Mismatch| written.is_lost(found.by, query, context);
            // Where no series has the label, the sides do match.
            let certain = |found: &Mismatch| {
                let side = if found.left_has { &binary.lhs } else { &binary.rhs };
                lost(found) && is_there(context, query, side, &found.label)
            };
            let all = mismatches(binary, context.recorded);
            let Some(found) = all.iter().find(|f| certain(f)).or(all.first()) else { return };
            let Some(location) = query.locate(context.consumers, found.op_span) else { return };
            let (has, lacks) = if found.left_has { ("left", "right") } else { ("right", "left") };
            let label = &found.label;
            let sure = certain(found);
            let message = match sure {
                true => format!("the sides never match: only the {has} one can have the label `{label}`"),
                false => format!("series with the label `{label}` never match: only the {has} side can have it"),
            };
            let mut finding = Finding::new(message, location)
                .label(label)
                .caret("gives nothing")
                .help(format!("Without `on` or `ignoring` all labels must be equal. Keep `{label}` on the {lacks} side too, or match `on (…)` the labels that both sides have."));
            if let Some(place) = found.by.and_then(|by| query.locate(context.consumers, by)) {
                finding = finding.related(format!("`{label}` is lost here"), place);
            }
            findings.push(match sure {
                true => finding,
                false if lost(found) => finding.severity(Severity::Warning),
                false => finding.severity(Severity::Info),
            });
        });
    }
}

/// Whether series of this part of a query have a value for a label, whatever is scraped and how.
fn is_there(context: &Context<'_>, query: &Query, side: &Expr, label: &str) -> bool {
    if matches!(label, "job" | "instance") {
        return true;
    }
    query.selectors_in(side.span).any(|selector| {
        let asked = selector.matchers.iter().any(|m| m.label.name == label && m.asks_for_value());
        let known = || selector.literal_name().and_then(|name| lookup::of_series(context, name));
        asked || known().is_some_and(|known| known.has_label(label))
    })
}
