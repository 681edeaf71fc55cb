//! `repeated-registration`: a metric registered where code runs for every request, or in a loop.

use crate::finding::Finding;
use crate::lints::Context;
use crate::model::Language;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for metric in context.inventory.metrics() {
        for definition in metric.definitions.iter().filter(|d| d.exclusive || metric.language == Language::Python) {
            let Some(again) = &definition.again else { continue };
            findings.push(
                Finding::new(format!("`{}` is registered in {again}: the second time it fails", metric.name), definition.location.clone())
                    .metric(&metric.name)
                    .caret("runs more than once"),
            );
        }
    }
}
