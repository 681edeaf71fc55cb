//! `alert-name-style`: an alert whose name is no word in capitals and small letters.

use crate::finding::Finding;
use crate::lints::{Context, convention};
use crate::model::ConsumerKind;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let alerts = context.consumers.iter().filter(|c| matches!(c.kind, ConsumerKind::Alert(_)));
    let (mut breaches, mut judged) = (Vec::new(), 0);
    // What a template fills in is not known.
    for consumer in alerts.filter(|c| !c.name.is_empty() && !c.name.contains(['{', '$'])) {
        judged += 1;
        if !is_camel_case(&consumer.name) {
            breaches.push(
                Finding::new(format!("the alert `{}` is not in camel case", consumer.name), consumer.location.clone())
                    .caret("not like `HighErrorRate`"),
            );
        }
    }
    convention::report(breaches, judged, "{n} of {of} alerts are not in camel case", findings);
}

fn is_camel_case(name: &str) -> bool {
    name.starts_with(|c: char| c.is_uppercase()) && name.chars().all(char::is_alphanumeric)
}
