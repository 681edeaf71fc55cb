//! `missing-unit`: a duration whose name does not say in which unit.

use crate::finding::Finding;
use crate::knowledge::vocab;
use crate::lints::{Context, convention};
use crate::model::{Language, MetricType};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let words = &vocab::histograms().durations;
    let (mut breaches, mut judged) = (Vec::new(), 0);
    for metric in context.inventory.own() {
        let timed = matches!(metric.declared, MetricType::Histogram | MetricType::Summary);
        if !timed || metric.language == Language::Yaml || metric.name.ends_with('*') || metric.unit.is_some() {
            continue;
        }
        let Some(last) = metric.name.rsplit(['_', ':']).find(|w| !["histogram", "summary", "total"].contains(w)) else { continue };
        let unit = vocab::units().units.iter().any(|u| u.name == last);
        let bare = words.iter().any(|w| w == last);
        judged += usize::from(unit || bare);
        if bare {
            let message = format!("`{}` does not say in which unit it is", metric.name);
            breaches.push(
                Finding::new(message, metric.name_location.clone())
                    .metric(&metric.name)
                    .caret("a duration")
                    .help(format!("Observe seconds and call it `{}_seconds`.", metric.name)),
            );
        }
    }
    convention::report(breaches, judged, "{n} of {of} durations do not say in which unit they are", findings);
}
