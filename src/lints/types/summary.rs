//! `summary`: a Summary that the code asks for.

use crate::finding::Finding;
use crate::lints::{Context, convention};
use crate::model::{Language, MetricType};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let (mut breaches, mut judged) = (Vec::new(), 0);
    for metric in context.inventory.own() {
        judged += usize::from(matches!(metric.kind, MetricType::Summary | MetricType::Histogram));
        if metric.kind == MetricType::Summary && metric.declared == MetricType::Summary {
            let message = match metric.language {
                // Its client exposes no quantiles.
                Language::Python => format!("`{}` is a Summary: it has a sum and a count, and so no more than a mean", metric.name),
                _ => format!("`{}` is a Summary: its quantiles cannot be aggregated across instances", metric.name),
            };
            breaches.push(Finding::new(message, metric.name_location.clone()).metric(&metric.name).caret("a Summary"));
        }
    }
    convention::report(breaches, judged, "{n} of {of} distributions are Summaries", findings);
}
