//! `reserved-suffix`: a name that ends like a series of a histogram or summary and is none.

use crate::finding::{Finding, Severity};
use crate::lints::{Context, lookup};
use crate::model::{Language, Metric, MetricType};

const SUFFIXES: [&str; 3] = ["_bucket", "_count", "_sum"];

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for metric in context.inventory.own().filter(|m| m.language != Language::Yaml) {
        let Some((base, suffix)) = SUFFIXES.iter().find_map(|s| metric.name.strip_suffix(s).map(|base| (base, *s))) else { continue };
        let finding =
            |message: String| Finding::new(message, metric.name_location.clone()).metric(&metric.name).caret(format!("ends in `{suffix}`"));
        if let Some(family) = lookup::named(context.inventory, base).iter().find(|m| clashes(m, suffix)) {
            let kind = family.kind.as_str();
            findings.push(
                finding(format!("`{}` is also a series of the {kind} `{base}`", metric.name))
                    .severity(Severity::Error)
                    .related(format!("the {kind}"), family.location.clone())
                    .help("Two metrics must not have one series name: rename one of them."),
            );
            continue;
        }
        match metric.kind {
            MetricType::Histogram | MetricType::Summary => findings.push(
                finding(format!("{} `{}` has a series `{}{suffix}`", metric.declared.as_str(), metric.name, metric.name))
                    .help(format!("Call it after what is measured, without `{suffix}`.")),
            ),
            // A counter that does not end in `_total` is told to, and `_sum` beside `_count` is a summary written by hand.
            MetricType::Counter | MetricType::Unknown => {}
            MetricType::Gauge if suffix != "_bucket" && lookup::named(context.inventory, &sibling(base, suffix)).is_empty() => findings
                .push(
                    finding(format!("gauge `{}` ends in `{suffix}`, like a series of a histogram", metric.name))
                        .severity(Severity::Info)
                        .help(format!(
                            "Readers and tools take `{suffix}` for a part of a histogram or summary: call it `{base}`, or what is counted."
                        )),
                ),
            MetricType::Gauge if suffix == "_bucket" => {
                findings.push(finding(format!("gauge `{}` ends in `_bucket`, which only a histogram's series do", metric.name)));
            }
            MetricType::Gauge => {}
        }
    }
}

fn clashes(family: &Metric, suffix: &str) -> bool {
    match family.kind {
        MetricType::Histogram => true,
        MetricType::Summary => suffix != "_bucket",
        _ => false,
    }
}

fn sibling(base: &str, suffix: &str) -> String {
    format!("{base}{}", if suffix == "_sum" { "_count" } else { "_sum" })
}
