//! `unnamed-selector`: a selector that names no metric and so takes whatever carries its labels.

use crate::finding::Finding;
use crate::lints::Context;
use crate::model::ConsumerKind;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for query in context.queries {
        let rule =
            context.consumers.get(query.consumer).is_some_and(|c| matches!(c.kind, ConsumerKind::Alert(_) | ConsumerKind::Record(_)));
        for selector in query.selectors.iter().filter(|s| rule && s.name.is_none()) {
            // `{__name__=~"…"}` says which metrics are meant.
            if selector.matchers.iter().any(|m| m.label.name == "__name__") {
                continue;
            }
            let Some(location) = query.locate(context.consumers, selector.name_span) else { continue };
            findings.push(
                Finding::new("the selector names no metric: every series with these labels is read", location)
                    .caret("any metric")
                    .help("Name the metric. The query is slow, and the next metric with these labels changes what it means."),
            );
        }
    }
}
