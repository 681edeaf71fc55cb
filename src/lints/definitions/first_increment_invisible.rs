//! `first-increment-invisible`: an error counter whose label values are known and not initialised, so that the first error of each kind
//! is no increase.

use crate::finding::Finding;
use crate::knowledge::vocab;
use crate::lints::{Context, convention};
use crate::model::{Change, Language, Metric, MetricType};

/// More series than this would be a burden to initialise.
const MANY: u64 = 30;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let counts_errors = |m: &&Metric| {
        m.kind == MetricType::Counter && m.language == Language::Rust && !m.labels.is_empty() && m.labels_complete && is_error(&m.name)
    };
    let (mut breaches, mut judged) = (Vec::new(), 0);
    for metric in context.inventory.metrics().iter().filter(counts_errors) {
        let Some(handling) = context.inventory.handled.get(&metric.name) else { continue };
        let known = metric.series().max.is_some_and(|max| max <= MANY) && metric.labels.iter().all(|l| !l.bound.values.is_empty());
        if !known || !handling.updates.iter().any(|u| u.change == Change::Raise) {
            continue;
        }
        // A member that something holds is there from the time when it was taken.
        if !handling.complete {
            continue;
        }
        judged += 1;
        if handling.updates.iter().any(|u| u.change == Change::Touch) {
            continue;
        }
        let shown: Vec<String> = metric.labels.iter().map(|l| format!("`{}`: {}", l.name, l.bound.values.join(", "))).collect();
        breaches.push(
            Finding::new(
                format!("the first increment of `{}` is no increase: its series appear with it", metric.name),
                metric.name_location.clone(),
            )
            .metric(&metric.name)
            .caret("its series are not initialised")
            .help(format!("Touch each known combination of label values when the program starts ({}).", shown.join("; "))),
        );
    }
    convention::report(breaches, judged, "{n} of {of} labelled error counters with known values are not initialised", findings);
}

fn is_error(name: &str) -> bool {
    name.split('_').any(|word| vocab::updates().faults.iter().any(|e| e == word))
}
