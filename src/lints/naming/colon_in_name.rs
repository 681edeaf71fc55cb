//! `colon-in-name`: a colon in the name of a metric that code exposes.

use crate::finding::Finding;
use crate::lints::{Context, convention, lookup};
use crate::model::Language;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let (mut breaches, mut judged) = (Vec::new(), 0);
    for metric in context.inventory.own().filter(|m| m.language != Language::Yaml) {
        judged += 1;
        // Who takes the place of a known program has to take its names.
        if !metric.name.contains(':') || lookup::has_prefix_of_system(&metric.name) {
            continue;
        }
        let message = format!("`{}` has a colon in its name", metric.name);
        breaches.push(
            Finding::new(message, metric.name_location.clone())
                .metric(&metric.name)
                .caret("looks like a recording rule")
                .help(format!("Colons are for what recording rules write: call it `{}`.", metric.name.replace(':', "_"))),
        );
    }
    convention::report(breaches, judged, "{n} of {of} metrics have a colon in their name", findings);
}
