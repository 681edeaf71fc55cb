//! `counter-set`: a counter that the code lowers or puts back to 0.

use crate::finding::Finding;
use crate::lints::Context;
use crate::model::{Change, MetricType};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for metric in context.inventory.metrics().iter().filter(|m| m.kind == MetricType::Counter) {
        let Some(handling) = context.inventory.handled.get(&metric.name) else { continue };
        for update in &handling.updates {
            let what = match update.change {
                Change::Lower => "lowered",
                Change::Reset => "put back to 0",
                _ => continue,
            };
            findings.push(
                Finding::new(format!("the counter `{}` is {what}", metric.name), update.location.clone())
                    .metric(&metric.name)
                    .caret("reads as a restart")
                    .related("defined as a counter here", metric.location.clone())
                    .help("Only ever add to a counter. What goes up and down is a gauge."),
            );
        }
    }
}
