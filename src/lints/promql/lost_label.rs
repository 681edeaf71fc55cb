//! `lost-label`: a label in `by` or `on` that what is below has taken away.

use crate::finding::Finding;
use crate::lints::Context;
use crate::promql::{lost, visit};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for query in context.queries {
        visit(&query.tree, &mut |expr| {
            for found in lost(expr, context.recorded) {
                let Some(location) = query.locate(context.consumers, found.span) else { continue };
                let label = &found.label;
                let mut finding = Finding::new(format!("there is no label `{label}` left at this point of the query"), location)
                    .label(label)
                    .caret("never there")
                    .help(format!("Keep `{label}` in the inner aggregation, or leave it out here."));
                if let Some(place) = found.by.and_then(|by| query.locate(context.consumers, by)) {
                    finding = finding.related(format!("`{label}` is lost here"), place);
                }
                findings.push(finding);
            }
        });
    }
}
