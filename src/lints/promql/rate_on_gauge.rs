//! `rate-on-gauge`: `rate`, `irate` or `increase` of a metric that is known to be a gauge.

use crate::finding::{Confidence, Finding, Severity};
use crate::lints::{Context, lookup};
use crate::model::MetricType;
use crate::promql::Step;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
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
