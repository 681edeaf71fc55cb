//! `value-in-label`: an alert that writes its value into a label, and so is another alert each time the value changes.

use crate::finding::Finding;
use crate::lints::Context;
use crate::lints::rules::alerts;
use crate::promql::{Read, read_template};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for rule in alerts(context) {
        for (key, text) in &rule.alert.labels {
            let template = read_template(&text.text);
            let printed = template.reads.into_iter().find(|(read, _)| *read == Read::Value { printed: true });
            let Some((_, span)) = printed.filter(|_| template.error.is_none()) else { continue };
            findings.push(
                Finding::new(format!("the label `{key}` of `{}` holds the value", rule.consumer.name), rule.place(text, span))
                    .label(key)
                    .caret("another alert for each value")
                    .help("Labels are the identity of an alert: with a new value the old alert is resolved and `for` starts again. Put the value into an annotation."),
            );
        }
    }
}
