//! `summary`: a Summary that the code asks for.

use crate::finding::Finding;
use crate::lints::Context;
use crate::model::MetricType;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for metric in context.inventory.metrics() {
        if metric.kind == MetricType::Summary && metric.declared == MetricType::Summary {
            let message = format!("`{}` is a Summary: its quantiles cannot be aggregated across instances", metric.name);
            findings.push(Finding::new(message, metric.name_location.clone()).metric(&metric.name).caret("a Summary"));
        }
    }
}
