//! `rate-on-gauge`: `rate`, `irate` or `increase` of a metric that is known to be a gauge.

use std::collections::HashSet;

use crate::finding::{Confidence, Finding, Severity};
use crate::lints::lookup::Known;
use crate::lints::{Context, lookup};
use crate::model::{Change, Handling, MetricType};
use crate::promql::Step;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut named_total = HashSet::new();
    for query in context.queries {
        for selector in &query.selectors {
            let Some(name) = selector.literal_name() else { continue };
            let mut around = selector.around.iter().filter(|s| **s != Step::Offset);
            let (Some(Step::Range), Some(Step::Call { name: function, .. })) = (around.next(), around.next()) else { continue };
            let instead = match function.as_str() {
                "rate" => "`deriv` for the slope of a gauge",
                "irate" => "`idelta` for the last step of a gauge",
                "increase" => "`delta` for the change of a gauge",
                _ => continue,
            };
            let Some(known) = lookup::metric(context, name).filter(|k| k.kind() == MetricType::Gauge) else { continue };
            let Some(location) = query.locate(context.consumers, selector.name_span) else { continue };
            let mut finding = Finding::new(format!("`{function}` of `{name}`, which is a gauge{}", known.origin()), location)
                .metric(name)
                .caret("a gauge")
                .help(format!("Every fall of a gauge reads as a counter reset; use {instead}, or `avg_over_time`."));
            match (&known, context.inventory.handled.get(name)) {
                // What is wrong is the type in the code, and that is said there.
                (_, Some(handling)) if only_raised(handling) => continue,
                (_, Some(Handling { updates, .. })) if updates.iter().any(|u| u.change == Change::Lower) => {
                    let lowered = updates.iter().find(|u| u.change == Change::Lower);
                    if let Some(lowered) = lowered {
                        finding = finding.related("lowered here", lowered.location.clone());
                    }
                }
                // A name that promises a counter: the definition is to be mended, once, and not each query.
                (Known::Tree(_), _) if name.ends_with("_total") && !named_total.insert(name) => continue,
                // A gauge that is set may take over a number that only rises elsewhere: the query is right then, and the type wrong.
                (Known::Tree(_), _) => {
                    finding = finding.severity(Severity::Warning).confidence(Confidence::Medium).help(format!(
                        "Every fall of a gauge reads as a counter reset: use {instead}, or `avg_over_time`. If the value only ever rises, define it as a counter."
                    ));
                }
                (Known::System(..), _) => {}
            }
            // The name says that the value only rises: then the query is right, and what is wrong is the type in the code.
            if name.ends_with("_total") {
                finding = finding.severity(Severity::Warning).confidence(Confidence::Medium).help(format!(
                    "The name says counter: if the value only rises, define it as one. If it falls, drop `_total` and use {instead}."
                ));
            }
            if let Some(place) = known.location() {
                finding = finding.related("defined as a gauge here", place.clone());
            }
            findings.push(finding);
        }
    }
}

/// Whether everything that changes the metric is known, and raises it.
fn only_raised(handling: &Handling) -> bool {
    handling.complete
        && handling.updates.iter().any(|u| u.change == Change::Raise)
        && handling.updates.iter().all(|u| matches!(u.change, Change::Raise | Change::Touch))
}
