//! `bucket-gap`: two neighbouring bounds so far apart that a quantile between them is a guess.

use crate::finding::{Finding, Severity};
use crate::knowledge::vocab;
use crate::lints::Context;
use crate::lints::layouts::{in_seconds, layouts};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let limit = vocab::buckets().gap_ratio;
    for layout in layouts(context.inventory) {
        let bounds = layout.buckets().and_then(|b| b.bounds()).unwrap_or_default();
        // A ratio means nothing across zero, and bounds that fall are another lint's.
        let mut pairs = bounds.iter().zip(bounds.iter().skip(1)).filter(|&(a, b)| *a > 0.0 && *b > *a);
        let Some((a, b)) = pairs.find(|&(a, b)| b / a > limit * 1.000_001) else { continue };
        let message = format!("the buckets of {} jump from {a} to {b}: a quantile in between is a guess", layout.names());
        let finding = Finding::new(message, layout.location.clone()).metric(layout.first()).caret(format!("nothing between {a} and {b}"));
        // Sizes are often counted in coarse steps on purpose; a latency is read as a quantile.
        let latency = layout.metrics.iter().any(|m| in_seconds(m));
        findings.push(if latency { finding } else { finding.severity(Severity::Info) });
    }
}
