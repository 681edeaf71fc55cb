//! `threshold-off-bucket`: a quantile compared with a number that is no bound, or an `le` that no bucket has.

use crate::finding::Finding;
use crate::lints::Context;
use crate::lints::thresholds::{bounds, same, thresholds};
use crate::promql::{MatchOp, Query};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for query in context.queries {
        compared(context, query, findings);
        selected(context, query, findings);
    }
}

/// The bounds on both sides of a number that is none, in words; `None` on a bound and above the last.
fn neighbours(bounds: &[f64], number: f64) -> Option<(f64, f64)> {
    let at = bounds.partition_point(|b| *b < number);
    let above = *bounds.get(at)?;
    let below = at.checked_sub(1).and_then(|i| bounds.get(i)).copied().unwrap_or(0.0);
    (!same(above, number) && !same(below, number)).then_some((below, above))
}

fn compared(context: &Context<'_>, query: &Query, findings: &mut Vec<Finding>) {
    for threshold in thresholds(context, query) {
        let number = threshold.comparison.number;
        let Some((below, above)) = neighbours(&threshold.bounds, number) else { continue };
        let Some(location) = query.locate(context.consumers, threshold.comparison.number_span) else { continue };
        let name = &threshold.histogram;
        let mut finding = Finding::new(format!("{number} is no bucket bound of `{name}`{}", threshold.known.origin()), location)
            .metric(name)
            .caret(format!("between the bounds {below} and {above}"))
            .help(format!(
                "The quantile is only interpolated between {below} and {above}: compare with one of them, give the histogram a bound at {number}, \
                 or ask for the exact share above {above}: `1 - sum(rate({name}_bucket{{le=~\"{}\"}}[5m])) / sum(rate({name}_count[5m]))`.",
                le(above)
            ));
        if let Some(place) = threshold.known.location() {
            finding = finding.related("the histogram is defined here", place.clone());
        }
        findings.push(finding);
    }
}

/// A bound as a pattern that every version of Prometheus matches.
fn le(bound: f64) -> String {
    let text = bound.to_string();
    if text.contains('.') { text } else { format!("{text}(\\\\.0)?") }
}

/// `x_bucket{le="0.3"}` where no bucket ends at 0.3: the selector matches nothing.
fn selected(context: &Context<'_>, query: &Query, findings: &mut Vec<Finding>) {
    for selector in &query.selectors {
        let Some(name) = selector.literal_name().filter(|n| n.ends_with("_bucket")) else { continue };
        for matcher in selector.matchers.iter().filter(|m| m.label.name == "le" && m.op == MatchOp::Equal && !m.variable) {
            let Some(number) = matcher.value.parse::<f64>().ok().filter(|n| n.is_finite()) else { continue };
            let Some((known, bounds)) = bounds(context, name) else { continue };
            if bounds.iter().any(|b| same(*b, number)) {
                continue;
            }
            let Some(location) = query.locate(context.consumers, matcher.value_span) else { continue };
            let near = neighbours(&bounds, number).map_or_else(
                || format!("the top finite bound is {}", bounds.last().copied().unwrap_or_default()),
                |(below, above)| format!("the nearest bounds are {below} and {above}"),
            );
            let histogram = name.trim_end_matches("_bucket");
            let mut finding = Finding::new(
                format!("`{histogram}`{} has no bucket with `le=\"{}\"`: nothing is selected", known.origin(), matcher.value),
                location,
            )
            .metric(histogram)
            .label("le")
            .caret("no bucket ends here")
            .help(near);
            if let Some(place) = known.location() {
                finding = finding.related("the histogram is defined here", place.clone());
            }
            findings.push(finding);
        }
    }
}
