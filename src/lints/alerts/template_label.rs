//! `template-label`: a template that reads a label which the query takes away.

use crate::finding::{Finding, Related};
use crate::lints::rules::alerts;
use crate::lints::{Context, convention};
use crate::promql::{Read, labels, read_template};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut breaches = Vec::new();
    for rule in alerts(context) {
        let possible = labels(&rule.query.tree, context.recorded);
        if !possible.closed && possible.names.is_empty() {
            continue;
        }
        // One finding for each label, with all the places that read it.
        let mut found: Vec<(String, Finding)> = Vec::new();
        for (key, text) in rule.alert.annotations.iter().chain(&rule.alert.labels) {
            let template = read_template(&text.text);
            if template.error.is_some() {
                continue;
            }
            for (read, span) in template.reads {
                let Read::Label(label) = read else { continue };
                if possible.may_have(&label) || label == "alertname" {
                    continue;
                }
                let place = rule.place(text, span);
                if let Some((_, finding)) = found.iter_mut().find(|(l, _)| *l == label) {
                    finding.related.push(Related { message: "read here too".to_owned(), location: place });
                    continue;
                }
                let own = rule.alert.labels.iter().any(|(l, _)| *l == label);
                let mut finding = Finding::new(
                    format!("`{key}` of `{}` reads the label `{label}`, which its query cannot have", rule.consumer.name),
                    place,
                )
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
                found.push((label, finding));
            }
        }
        breaches.extend(found.into_iter().map(|(_, finding)| finding));
    }
    let all = |finding: &Finding| {
        let label = finding.label.as_deref().unwrap_or_default();
        format!("{{n}} alerts of this file read the label `{label}`, which their queries cannot have")
    };
    convention::report_of_file(breaches, all, None, findings);
}
