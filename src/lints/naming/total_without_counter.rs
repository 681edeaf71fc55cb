//! `total-without-counter`: a metric named `_total` that is no counter.

use crate::finding::Finding;
use crate::lints::{Context, convention};
use crate::model::MetricType;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let (mut breaches, mut judged) = (Vec::new(), 0);
    for metric in context.inventory.own().filter(|m| m.name.ends_with("_total")) {
        judged += 1;
        if matches!(metric.kind, MetricType::Counter | MetricType::Unknown) {
            continue;
        }
        let kind = metric.declared.as_str();
        let message = format!("{kind} `{}` ends in `_total`, which promises a counter", metric.name);
        let finding = Finding::new(message, metric.name_location.clone()).metric(&metric.name).caret(format!("a {kind}"));
        let base = metric.name.strip_suffix("_total").unwrap_or(&metric.name);
        breaches.push(match metric.kind {
            MetricType::Gauge => finding.help(format!("Call it `{base}` if its value can fall, or make it a counter if it cannot.")),
            _ => finding.help(format!("Call it `{base}`: its series are `{base}_total_bucket` and the like now.")),
        });
    }
    convention::report(breaches, judged, "{n} of {of} metrics named `_total` are no counters", findings);
}
