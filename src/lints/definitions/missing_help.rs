//! `missing-help`: a metric that does not say what it counts.

use crate::finding::Finding;
use crate::lints::{Context, convention};
use crate::model::Language;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let (mut breaches, mut judged) = (Vec::new(), 0);
    for metric in context.inventory.own().filter(|m| m.language != Language::Yaml) {
        judged += 1;
        let has_help = metric.help.as_deref().is_some_and(|h| !h.trim().is_empty());
        if !has_help && !metric.help_unknown {
            let message = format!("`{}` has no help text", metric.name);
            breaches.push(Finding::new(message, metric.name_location.clone()).metric(&metric.name));
        }
    }
    convention::report(breaches, judged, "{n} of {of} metrics have no help text", findings);
}
