//! `summary-by-default`: a histogram in the code that the recorder exposes as a Summary, because nobody gave it buckets.

use crate::finding::Finding;
use crate::lints::Context;
use crate::model::MetricType;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for metric in context.inventory.metrics() {
        if metric.kind == MetricType::Summary && metric.declared == MetricType::Histogram {
            let message = format!("`{}` is a histogram in the code and a Summary on the wire: no buckets are set for it", metric.name);
            findings.push(Finding::new(message, metric.name_location.clone()).metric(&metric.name).caret("exposed as a Summary"));
        }
    }
}
