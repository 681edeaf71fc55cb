//! `never-exposed`: a metric that the code defines and the process that runs it does not show.

use std::collections::HashSet;

use crate::finding::Finding;
use crate::lints::{Context, convention};
use crate::model::{Language, Metric};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let exposed: HashSet<&str> = context.inventory.exposed.iter().map(|m| m.name.as_str()).collect();
    let of_code = |m: &&Metric| m.language != Language::Yaml && m.language != Language::Exposition && !m.is_pattern();
    let code: Vec<&Metric> = context.inventory.metrics().iter().filter(of_code).collect();
    // Packages of which something is exposed: the others may be other programs.
    let packages = |m: &Metric| m.definitions.iter().map(|d| d.package.clone()).collect::<Vec<_>>();
    let running: HashSet<_> = code.iter().filter(|m| exposed.contains(m.name.as_str())).flat_map(|m| packages(m)).collect();
    let judged: Vec<&&Metric> = code.iter().filter(|m| packages(m).iter().any(|p| running.contains(p))).collect();
    let missing = judged.iter().filter(|m| !exposed.contains(m.name.as_str()));
    let breaches = missing.map(|metric| {
        let finding = Finding::new(format!("`{}` was not exposed", metric.name), metric.name_location.clone());
        finding.metric(&metric.name).caret("not seen").help(if metric.labels.is_empty() {
            "It may be registered elsewhere, or not at all: look whether the registry that is exposed is the one that it is in."
        } else {
            "A metric with labels is exposed once a value was set. Set the values that are known when the process starts, \
             so that the first increase is seen."
        })
    });
    convention::report(breaches, judged.len(), "{n} of {of} metrics were not exposed", findings);
}
