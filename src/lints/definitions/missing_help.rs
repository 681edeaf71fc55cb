//! `missing-help`: a metric that does not say what it counts.

use crate::finding::Finding;
use crate::lints::Context;
use crate::model::Language;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for metric in context.inventory.metrics() {
        let has_help = metric.help.as_deref().is_some_and(|h| !h.trim().is_empty());
        if !has_help && !metric.help_unknown && metric.language != Language::Yaml {
            let message = format!("`{}` has no help text", metric.name);
            findings.push(Finding::new(message, metric.name_location.clone()).metric(&metric.name));
        }
    }
}
