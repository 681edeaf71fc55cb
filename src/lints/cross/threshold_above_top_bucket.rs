//! `threshold-above-top-bucket`: a quantile compared with more than its histogram can show.

use crate::finding::Finding;
use crate::lints::Context;
use crate::lints::thresholds::{same, thresholds};
use crate::promql::BinaryOp;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for query in context.queries {
        for threshold in thresholds(context, query) {
            let Some(&top) = threshold.bounds.last() else { continue };
            let number = threshold.comparison.number;
            // A quantile in the `+Inf` bucket is given as the top finite bound.
            let never = match threshold.comparison.op {
                BinaryOp::Greater => number > top || same(number, top),
                BinaryOp::GreaterEqual => number > top && !same(number, top),
                _ => false,
            };
            if !never {
                continue;
            }
            let Some(location) = query.locate(context.consumers, threshold.comparison.number_span) else { continue };
            let noun = context.consumers.get(query.consumer).map_or("query", |c| c.kind.noun());
            let name = &threshold.histogram;
            let mut finding = Finding::new(
                format!("the {noun} can never fire: no quantile of `{name}`{} exceeds {top}", threshold.known.origin()),
                location,
            )
            .metric(name)
            .caret(format!("the top finite bucket ends at {top}"))
            .help(format!("Give the histogram bounds around {number} and above, or lower the threshold below {top}."));
            if let Some(place) = threshold.known.location() {
                finding = finding.related("the histogram is defined here", place.clone());
            }
            findings.push(finding);
        }
    }
}
