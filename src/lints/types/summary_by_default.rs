//! `summary-by-default`: a histogram in the code that the recorder exposes as a Summary, because nobody gave it buckets.

use crate::finding::Finding;
use crate::lints::{Context, convention};
use crate::model::MetricType;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let (mut breaches, mut judged) = (Vec::new(), 0);
    for metric in context.inventory.metrics() {
        judged += usize::from(matches!(metric.kind, MetricType::Summary | MetricType::Histogram));
        if metric.kind == MetricType::Summary && metric.declared == MetricType::Histogram {
            let message = format!("`{}` is a histogram in the code and a Summary on the wire: no buckets are set for it", metric.name);
            breaches.push(Finding::new(message, metric.name_location.clone()).metric(&metric.name).caret("exposed as a Summary"));
        }
    }
    convention::report(
        breaches,
        judged,
        "{n} of {of} histograms of the code are Summaries on the wire: no buckets are set for them",
        findings,
    );
}
