//! `template-label`: a template that reads a label which the query takes away.

use crate::finding::Finding;
use crate::lints::Context;
use crate::lints::rules::alerts;
use crate::promql::{Read, labels, read_template};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for rule in alerts(context) {
        let possible = labels(&rule.query.tree);
        if !possible.closed && possible.names.is_empty() {
            continue;
        }
        for (key, text) in rule.alert.annotations.iter().chain(&rule.alert.labels) {
            let template = read_template(&text.text);
            if template.error.is_some() {
                continue;
            }
            let mut seen = Vec::new();
            for (read, span) in template.reads {
                let Read::Label(label) = read else { continue };
                if possible.may_have(&label) || label == "alertname" || seen.contains(&label) {
                    continue;
                }
                let own = rule.alert.labels.iter().any(|(l, _)| *l == label);
                let mut finding =
                    Finding::new(format!("`{key}` of `{}` reads the label `{label}`, which its query cannot have", rule.consumer.name), rule.place(text, span))
                        .label(&label)
                        .caret("always empty")
                        .help(if own {
                            format!("`{label}` is set by the rule's own `labels`, which templates do not see. Write its value into the text.")
                        } else {
                            format!("Keep `{label}` in the query, or leave it out here.")
                        });
                if let Some(place) = possible.by.and_then(|by| rule.query.locate(context.consumers, by)) {
                    finding = finding.related("only these labels remain", place);
                }
                findings.push(finding);
                seen.push(label);
            }
        }
    }
}
