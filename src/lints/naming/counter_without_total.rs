//! `counter-without-total`: a counter whose exposed name does not end in `_total`.

use crate::finding::Finding;
use crate::lints::Context;
use crate::model::{Language, MetricType};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for metric in context.inventory.metrics() {
        // Recorded names follow another convention, and a name that ends in a run-time part may well end in `_total`.
        let judged = metric.kind == MetricType::Counter && metric.language != Language::Yaml && !metric.name.ends_with('*');
        if judged && !metric.name.ends_with("_total") {
            let message = format!("counter `{}` does not end in `_total`", metric.name);
            let finding = Finding::new(message, metric.name_location.clone()).metric(&metric.name).caret("a counter");
            let base = metric.name.strip_suffix("_count").or_else(|| metric.name.strip_suffix("_counter")).unwrap_or(&metric.name);
            findings.push(finding.help(format!("Expose it as `{base}_total`, and rename it in the alerts and panels that read it.")));
        }
    }
}
