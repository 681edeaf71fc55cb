//! `label-count-mismatch`: another number of label values than the metric has labels.

use crate::finding::{Confidence, Finding, Severity};
use crate::lints::Context;
use crate::model::Miscount;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    findings.extend(context.inventory.miscounts.iter().map(finding));
}

fn finding(of: &Miscount) -> Finding {
    let values = |n: usize| if n == 1 { "1 value is".to_owned() } else { format!("{n} values are") };
    let labels: Vec<String> = of.labels.iter().map(|l| format!("`{l}`")).collect();
    let count = if labels.len() == 1 { "1 label".to_owned() } else { format!("{} labels", labels.len()) };
    let message = format!("{} given to `{}`, which has {count}", values(of.given), of.metric);
    let (severity, confidence) = if of.certain { (Severity::Error, Confidence::High) } else { (Severity::Warning, Confidence::Medium) };
    Finding::new(message, of.location.clone())
        .metric(&of.metric)
        .caret("panics at run time")
        .related("defined here", of.definition.clone())
        .help(format!("Give one value for each label, in this order: {}.", labels.join(", ")))
        .severity(severity)
        .confidence(confidence)
}
