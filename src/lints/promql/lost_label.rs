//! `lost-label`: a label in `by` or `on` that what is below has taken away.

use crate::finding::{Finding, Severity};
use crate::lints::Context;
use crate::lints::rules;
use crate::promql::{Lost, lost, visit};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let written = rules::written(context);
    for query in context.queries {
        visit(&query.tree, &mut |expr| {
            let (breaking, rest): (Vec<Lost>, Vec<Lost>) = lost(expr, context.recorded).into_iter().partition(|l| l.matters);
            let (copied, idle): (Vec<Lost>, Vec<Lost>) = rest.into_iter().partition(|l| l.copied);
            // Labels that one grouping has in vain are one mistake.
            for labels in [breaking, idle, copied] {
                let Some(first) = labels.first() else { continue };
                let Some(location) = query.locate(context.consumers, first.span) else { continue };
                let names: Vec<String> = labels.iter().map(|l| format!("`{}`", l.label)).collect();
                let (names, plural) = (names.join(", "), if labels.len() == 1 { "" } else { "s" });
                let message = match first.matters {
                    _ if first.copied => format!("the other side has no label{plural} {names} to copy"),
                    true => format!(
                        "there {} no label{plural} {names} left at this point of the query",
                        if plural.is_empty() { "is" } else { "are" }
                    ),
                    false => format!("neither side can have the label{plural} {names}: the match is the same without"),
                };
                let mut finding = Finding::new(message, location)
                    .label(&first.label)
                    .caret("never there")
                    .help(format!("Keep {names} in the inner aggregation, or leave it out here."));
                if let Some(place) = first.by.and_then(|by| query.locate(context.consumers, by)) {
                    finding = finding.related(format!("`{}` is lost here", first.label), place);
                }
                let certain = written.is_lost(first.by, query, context);
                findings.push(if first.matters && certain { finding } else { finding.severity(Severity::Info) });
            }
        });
    }
}
