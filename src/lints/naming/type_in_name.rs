//! `type-in-name`: a name that ends in the type of the metric, or in another type, or has one in the middle.

use crate::finding::{Finding, Severity};
use crate::lints::{Context, convention};
use crate::model::{Language, MetricType};

const TYPES: [&str; 4] = ["counter", "gauge", "histogram", "summary"];

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let (mut breaches, mut judged) = (Vec::new(), 0);
    for metric in context.inventory.own().filter(|m| m.language != Language::Yaml && !m.is_pattern()) {
        judged += 1;
        let finding = |message: String, word: &str| {
            Finding::new(message, metric.name_location.clone()).metric(&metric.name).caret(format!("`{word}`"))
        };
        // As `promtool check metrics` sees it, whatever the type is.
        let inside = TYPES.iter().find(|word| metric.name.contains(&format!("_{word}_")));
        if let Some(word) = inside {
            let without = metric.name.replacen(&format!("_{word}_"), "_", 1);
            breaches.push(finding(format!("`{}` has a type in its name", metric.name), word).help(format!("Call it `{without}`.")));
            continue;
        }
        let Some((base, word)) = metric.name.rsplit_once('_') else { continue };
        let said = MetricType::parse(word);
        if said == MetricType::Unknown || metric.kind == MetricType::Unknown || base.is_empty() {
            continue;
        }
        if said != metric.declared && said != metric.kind {
            let kind = metric.declared.as_str();
            findings.push(
                finding(format!("{kind} `{}` calls itself a {word}", metric.name), word)
                    .severity(Severity::Warning)
                    .help(format!("Whoever writes a query goes by the name: say what is measured, as `{base}` does.")),
            );
        // A counter is told to end in `_total` instead.
        } else if metric.kind != MetricType::Counter {
            breaches.push(finding(format!("`{}` has its type in its name", metric.name), word).help(format!("Call it `{base}`.")));
        }
    }
    convention::report(breaches, judged, "{n} of {of} metrics have their type in their name", findings);
}
