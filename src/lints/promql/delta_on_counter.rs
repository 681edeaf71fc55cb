//! `delta-on-counter`: `delta`, `idelta`, `deriv` or `predict_linear` of a metric that is known to be a counter.

use crate::finding::Finding;
use crate::lints::{Context, lookup};
use crate::model::MetricType;
use crate::promql::Step;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for query in context.queries {
        for selector in &query.selectors {
            let Some(name) = selector.literal_name().filter(|n| !n.contains("timestamp")) else { continue };
            let mut around = selector.around.iter().filter(|s| **s != Step::Offset);
            let (Some(Step::Range), Some(Step::Call { name: function, span })) = (around.next(), around.next()) else { continue };
            let instead = match function.as_str() {
                "delta" => "increase",
                "idelta" => "irate",
                "deriv" => "rate",
                _ => continue,
            };
            let Some(known) = lookup::metric(context, name).filter(|k| k.kind() == MetricType::Counter) else { continue };
            let Some(location) = query.locate(context.consumers, *span) else { continue };
            let mut finding = Finding::new(format!("`{function}` of `{name}`, which is a counter{}", known.origin()), location.clone())
                .metric(name)
                .caret("a restart looks like a fall")
                .help(format!("Use `{instead}`, which knows that a counter starts again at 0."));
            if function != "idelta" {
                finding = finding.fix(format!("use `{instead}`"), location, instead);
            }
            if let Some(place) = known.location() {
                finding = finding.related("defined as a counter here", place.clone());
            }
            findings.push(finding);
        }
    }
}
