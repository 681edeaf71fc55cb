//! `unmatched-join`: two sides whose labels cannot be the same, so that the operation gives nothing.

use crate::finding::{Finding, Severity};
use crate::lints::{Context, rules};
use crate::promql::{ExprKind, mismatch, visit};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let written = rules::written(context);
    for query in context.queries {
        visit(&query.tree, &mut |expr| {
            let ExprKind::Binary(binary) = &expr.kind else { return };
            let Some(found) = mismatch(binary, context.recorded) else { return };
            let Some(location) = query.locate(context.consumers, found.op_span) else { return };
            let (has, lacks) = if found.left_has { ("left", "right") } else { ("right", "left") };
            let label = &found.label;
            let mut finding = Finding::new(format!("the sides never match: only the {has} one can have the label `{label}`"), location)
                .label(label)
                .caret("gives nothing")
                .help(format!("Without `on` or `ignoring` all labels must be equal. Keep `{label}` on the {lacks} side too, or match `on (…)` the labels that both sides have."));
            if let Some(place) = found.by.and_then(|by| query.locate(context.consumers, by)) {
                finding = finding.related(format!("`{label}` is lost here"), place);
            }
            // What another Prometheus records comes back with labels of its own.
            let certain = found.by.is_some() || written.here(query, context);
            findings.push(if certain { finding } else { finding.severity(Severity::Warning) });
        });
    }
}
