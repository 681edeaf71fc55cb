//! `label-count-mismatch`: a use that gives more or fewer label values than the metric has labels.

use crate::finding::Finding;
use crate::lints::{Context, lookup};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for site in &context.inventory.uses {
        let Some((given, wanted)) = site.miscounted else { continue };
        let many = |n: usize, of: &str| format!("{n} {of}{}", if n == 1 { "" } else { "s" });
        let message = format!("{} for `{}`, which has {}", many(given, "value"), site.metric, many(wanted, "label"));
        let mut finding = Finding::new(message, site.location.clone()).metric(&site.metric).caret(many(given, "value"));
        if let Some(metric) = lookup::named(context.inventory, &site.metric).first() {
            finding = finding.related("defined here", metric.location.clone());
        }
        findings.push(finding);
    }
}
