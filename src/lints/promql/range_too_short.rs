//! `range-too-short`: a range that is too short to hold two samples.

use crate::finding::{Finding, Severity};
use crate::lints::Context;
use crate::promql::{ExprKind, visit};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    // What is configured is known; of several Prometheus, the one that scrapes most often may be meant.
    let shortest = context.scrape_intervals.iter().min_by(|a, b| a.seconds.total_cmp(&b.seconds));
    let Some(interval) = context.policies.scrape_interval.or(shortest.map(|s| s.seconds)) else { return };
    for query in context.queries {
        visit(&query.tree, &mut |expr| {
            let ExprKind::Call(call) = &expr.kind else { return };
            let function = call.name.name.as_str();
            if !matches!(function, "rate" | "irate" | "increase" | "delta" | "idelta" | "deriv") {
                return;
            }
            let Some(ranged) = call.args.first() else { return };
            let ExprKind::Matrix(_, Some(window)) = &ranged.kind else { return };
            if *window >= 2.0 * interval {
                return;
            }
            let Some(location) = query.locate(context.consumers, ranged.span) else { return };
            let never = *window < interval;
            let holds = if never { "never two samples" } else { "two samples only now and then" };
            let mut finding =
                Finding::new(format!("`{function}` over {window}s, with a scrape every {interval}s: the range holds {holds}"), location)
                    .caret(if never { "always empty" } else { "gaps" })
                    .help(format!(
                        "It needs two samples in the range: take at least {}s, four scrapes, so that one may fail.",
                        4.0 * interval
                    ));
            // A configuration elsewhere in the tree may be that of another Prometheus.
            let meant =
                context.policies.scrape_interval.is_some() || shortest.is_some_and(|s| together(&s.location.path, &finding.location.path));
            if never && meant {
                finding = finding.severity(Severity::Error);
            }
            if let Some(place) = shortest.filter(|_| context.policies.scrape_interval.is_none()) {
                finding = finding.related("the interval", place.location.clone());
            }
            findings.push(finding);
        });
    }
}

/// Whether one of two files stands in the folder of the other, or beneath it.
fn together(one: &str, other: &str) -> bool {
    let folder = |path: &str| path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let (a, b) = (folder(one), folder(other));
    a.starts_with(&b) || b.starts_with(&a)
}
