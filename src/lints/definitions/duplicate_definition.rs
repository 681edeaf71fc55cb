//! `duplicate-definition`: one name registered twice, which fails when the second registration runs.

use crate::finding::Finding;
use crate::lints::Context;
use crate::model::{Definition, Metric};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    // Exact names only: a pattern may well stand for two different names.
    for metric in context.inventory.metrics().iter().filter(|m| !m.is_pattern()) {
        let exclusive: Vec<&Definition> = metric.definitions.iter().filter(|d| d.exclusive).collect();
        for (i, later) in exclusive.iter().enumerate() {
            let Some(first) = exclusive.iter().take(i).find(|d| d.package == later.package) else { continue };
            findings.push(finding(metric, first, later));
        }
    }
}

fn finding(metric: &Metric, first: &Definition, later: &Definition) -> Finding {
    let differs = if first.kind != later.kind {
        format!(", once as a {} and once as a {}", first.kind.as_str(), later.kind.as_str())
    } else if first.labels.is_some() && later.labels.is_some() && first.labels != later.labels {
        ", with different labels".to_owned()
    } else {
        String::new()
    };
    Finding::new(format!("`{}` is defined twice{differs}", metric.name), later.location.clone())
        .metric(&metric.name)
        .caret("the second definition")
        .related("the first definition", first.location.clone())
}
