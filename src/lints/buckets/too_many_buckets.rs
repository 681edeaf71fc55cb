//! `too-many-buckets`: more bounds than a histogram needs, each of them a series.

use crate::finding::{Finding, Severity};
use crate::knowledge::vocab;
use crate::lints::Context;
use crate::lints::layouts::layouts;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let (limit, far) = (vocab::buckets().too_many, vocab::buckets().far_too_many);
    for layout in layouts(context.inventory) {
        let Some(count) = layout.buckets().and_then(|b| b.count()).filter(|&n| n > limit) else { continue };
        let message = format!(
            "{} bucket bounds for {}: with `+Inf`, sum and count {} series per label combination",
            count,
            layout.names(),
            count + 3
        );
        let finding = Finding::new(message, layout.location.clone()).metric(layout.first()).caret(format!("{count} bounds"));
        findings.push(if count > far { finding } else { finding.severity(Severity::Info) });
    }
}
