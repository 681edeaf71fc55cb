//! `duplicate-rule`: the same rule twice in one file.

use std::collections::HashMap;

use crate::finding::Finding;
use crate::lints::Context;
use crate::model::{Consumer, ConsumerKind};

/// What makes two rules the same one.
#[derive(PartialEq, Eq, Hash)]
struct Identity<'a> {
    path: &'a str,
    name: &'a str,
    /// The query with each run of white space as one space.
    query: String,
    labels: Vec<(&'a str, &'a str)>,
}

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut seen: HashMap<Identity<'_>, &Consumer> = HashMap::new();
    for query in context.queries {
        let Some(consumer) = context.consumers.get(query.consumer) else { continue };
        let labels = match &consumer.kind {
            ConsumerKind::Alert(alert) => &alert.labels,
            ConsumerKind::Record(record) => &record.labels,
            _ => continue,
        };
        let mut labels: Vec<(&str, &str)> = labels.iter().map(|(name, value)| (name.as_str(), value.text.as_str())).collect();
        labels.sort_unstable();
        let text: String = consumer.query.scalar.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let key = Identity { path: &consumer.query.path, name: &consumer.name, query: text, labels };
        if let Some(first) = seen.get(&key) {
            findings.push(
                Finding::new(
                    format!("the {} `{}` is defined twice with the same query and labels", consumer.kind.noun(), consumer.name),
                    consumer.location.clone(),
                )
                .caret("the second one")
                .related("the first one", first.location.clone())
                .help("Remove one. Two alerts of one identity overwrite each other, two recording rules write the same series twice."),
            );
        } else {
            seen.insert(key, consumer);
        }
    }
}
