//! `unnamed-selector`: a selector that names no metric and so takes whatever carries its labels.

use std::collections::HashSet;

use crate::finding::Finding;
use crate::lints::Context;
use crate::model::ConsumerKind;
use crate::promql::{Query, Step};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let path = |query: &Query| context.consumers.get(query.consumer).map(|c| &*c.query.path);
    let names = |query: &&Query| query.selectors.iter().any(|s| s.name.is_some());
    let named: HashSet<&str> = context.queries.iter().filter(names).filter_map(path).collect();
    for query in context.queries {
        let ranged = query.selectors.iter().any(|s| s.around.contains(&Step::Range));
        // Loki reads rule files too: there a range of lines has labels and no name, and no rule names a metric.
        let for_loki = ranged && path(query).is_some_and(|p| !named.contains(p));
        let rule = !for_loki
            && context.consumers.get(query.consumer).is_some_and(|c| matches!(c.kind, ConsumerKind::Alert(_) | ConsumerKind::Record(_)));
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
