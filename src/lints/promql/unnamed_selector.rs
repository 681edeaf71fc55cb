//! `unnamed-selector`: a selector that names no metric and so takes whatever carries its labels.

use std::collections::HashMap;

use crate::finding::Finding;
use crate::lints::Context;
use crate::model::ConsumerKind;
use crate::promql::{Selector, Step};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let logs = log_files(context);
    for query in context.queries {
        let Some(consumer) = context.consumers.get(query.consumer) else { continue };
        let rule = matches!(consumer.kind, ConsumerKind::Alert(_) | ConsumerKind::Record(_));
        if !rule || logs.get(&*consumer.query.path) == Some(&true) {
            continue;
        }
        for selector in query.selectors.iter().filter(|s| !is_named(s)) {
            let Some(location) = query.locate(context.consumers, selector.name_span) else { continue };
            findings.push(
                Finding::new("the selector names no metric: every series with these labels is read", location)
                    .caret("any metric")
                    .help("Name the metric. The query is slow, and the next metric with these labels changes what it means."),
            );
        }
    }
}

/// `{__name__=~"…"}` says which metrics are meant.
fn is_named(selector: &Selector) -> bool {
    selector.name.is_some() || selector.matchers.iter().any(|m| m.label.name == "__name__")
}

/// Files that are rules for Loki, whose streams have no names: no query of theirs names a metric, and all count over time.
fn log_files<'a>(context: &Context<'a>) -> HashMap<&'a str, bool> {
    const COUNTING: [&str; 3] = ["rate", "count_over_time", "absent_over_time"];
    let counts =
        |s: &Selector| s.around.iter().any(|a| matches!(a, Step::Call { name, .. } if COUNTING.contains(&name.as_str()))) && !is_named(s);
    let mut files = HashMap::new();
    for query in context.queries {
        if let Some(consumer) = context.consumers.get(query.consumer) {
            *files.entry(&*consumer.query.path).or_insert(true) &= query.selectors.iter().all(counts);
        }
    }
    files
}
