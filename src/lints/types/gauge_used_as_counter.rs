//! `gauge-used-as-counter`: a gauge that the code only ever raises.

use crate::finding::Finding;
use crate::lints::Context;
use crate::model::{Change, MetricType};

/// A 1 with labels that tell something, such as the version, is often made by raising it once.
const FACTS: [&str; 4] = ["info", "version", "build", "up"];

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for metric in context.inventory.metrics().iter().filter(|m| m.kind == MetricType::Gauge) {
        let Some(handling) = context.inventory.handled.get(&metric.name).filter(|h| h.complete) else { continue };
        let mut raised = handling.updates.iter().filter(|u| u.change == Change::Raise);
        let Some(first) = raised.next() else { continue };
        if handling.updates.iter().any(|u| !matches!(u.change, Change::Raise | Change::Touch)) {
            continue;
        }
        let more = raised.count();
        if more == 0 && metric.name.split('_').any(|word| FACTS.contains(&word)) {
            continue;
        }
        let places = if more == 0 { "the only place that changes it".to_owned() } else { format!("here and in {more} more") };
        findings.push(
            Finding::new(format!("`{}` is a gauge that is only ever raised", metric.name), metric.name_location.clone())
                .metric(&metric.name)
                .caret("only goes up")
                .related(format!("raised: {places}"), first.location.clone())
                .help("Make it a counter, so that `rate` and `increase` know that a fall is a restart. If it should fall, something forgets to lower it."),
        );
    }
}
