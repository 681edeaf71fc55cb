//! `not-snake-case`: a metric or label name in camel case.

use crate::finding::Finding;
use crate::lints::{Context, convention};
use crate::model::Language;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let (mut breaches, mut judged) = (Vec::new(), 0);
    for metric in context.inventory.own().filter(|m| m.language != Language::Yaml) {
        judged += 1;
        let camel = metric.name.as_bytes().windows(2).any(|w| matches!(w, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase()));
        if camel {
            let message = format!("`{}` is not in snake case", metric.name);
            let finding = Finding::new(message, metric.name_location.clone()).metric(&metric.name).caret("upper case");
            breaches.push(finding.help(format!("Call it `{}`.", snake(&metric.name))));
        }
        for label in metric.labels.iter().filter(|l| l.name.bytes().any(|b| b.is_ascii_uppercase())) {
            judged += 1;
            let message = format!("label `{}` of `{}` is not in snake case", label.name, metric.name);
            let place = label.location.clone().unwrap_or_else(|| metric.location.clone());
            let finding = Finding::new(message, place).metric(&metric.name).label(&label.name).caret("upper case");
            breaches.push(
                finding
                    .help(format!("Call it `{}`: queries are case-sensitive, and every other label is in lower case.", snake(&label.name))),
            );
        }
    }
    convention::report(breaches, judged, "{n} names of metrics and labels are not in snake case", findings);
}

fn snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut before = '_';
    for c in name.chars() {
        if c.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit()) {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
        before = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::snake;

    #[test]
    fn words_are_parted() {
        assert_eq!(snake("rowGroupsMatched"), "row_groups_matched");
        assert_eq!(snake("Client"), "client");
        assert_eq!(snake("HTTPCode"), "httpcode");
    }
}
