//! `counter-without-total`: a counter whose exposed name does not end in `_total`.

use crate::finding::Finding;
use crate::lints::{Context, convention, lookup, repair};
use crate::model::{Language, Metric, MetricType};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    // Recorded names follow another convention, and a name that ends in a run-time part may well end in `_total`.
    let counters = context.inventory.own();
    let counters = counters.filter(|m| m.kind == MetricType::Counter && m.language != Language::Yaml && !m.name.ends_with('*'));
    let (mut breaches, mut judged) = (Vec::new(), 0);
    for metric in counters {
        judged += 1;
        if metric.name.ends_with("_total") {
            continue;
        }
        let message = format!("counter `{}` does not end in `_total`", metric.name);
        let finding = Finding::new(message, metric.name_location.clone()).metric(&metric.name).caret("a counter");
        let base = metric.name.strip_suffix("_count").or_else(|| metric.name.strip_suffix("_counter")).unwrap_or(&metric.name);
        let name = format!("{base}_total");
        let finding = finding.help(format!("Expose it as `{name}`, and rename it in the alerts and panels that read it."));
        breaches.push((finding, metric, name));
    }
    let together = convention::is_broken_as_a_rule(breaches.len(), judged);
    let mended = |(finding, metric, name): (Finding, &Metric, String)| {
        // Where the name is taken, somebody has to decide.
        let free = !together && lookup::named(context.inventory, &name).is_empty() && !metric.is_pattern();
        if free { finding.fixes(format!("call it `{name}`"), repair::rename(context, metric, &name)) } else { finding }
    };
    let breaches = breaches.into_iter().map(mended);
    convention::report(breaches, judged, "{n} of {of} counters do not end in `_total`", findings);
}
