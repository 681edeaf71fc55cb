//! `rule-policy`: a rule that is not as `[policy]` in `reduse.toml` asks.

use regex::Regex;

use crate::finding::Finding;
use crate::lints::{Context, rules};
use crate::model::{Alert, Consumer, ConsumerKind, House};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let house = &context.policies.house;
    if *house == House::default() {
        return;
    }
    let pattern = |text: &Option<String>| text.as_ref().and_then(|t| Regex::new(&format!("^(?:{t})$")).ok().map(|r| (r, t.clone())));
    let (alerts, records) = (pattern(&house.alert_name), pattern(&house.record_name));
    for consumer in context.consumers {
        let (named, alert) = match &consumer.kind {
            ConsumerKind::Alert(alert) => (&alerts, Some(alert)),
            ConsumerKind::Record(_) => (&records, None),
            _ => continue,
        };
        if let Some((_, text)) = named.as_ref().filter(|(regex, _)| !regex.is_match(&consumer.name)) {
            let message = format!("the name `{}` does not match `{text}`", consumer.name);
            findings.push(Finding::new(message, consumer.location.clone()).caret("not as the policy asks"));
        }
        if let Some(alert) = alert {
            findings.extend(of_alert(consumer, alert, house));
        }
    }
    for (consumer, key, text) in rules::strings(context) {
        let open = text.text.contains("{{");
        if key == "severity" && !open && !house.severities.is_empty() && !house.severities.iter().any(|s| *s == *text.text) {
            let message = format!("`{}` has the severity `{}`, which the policy does not know", consumer.name, text.text);
            let place = crate::source::Location::new(&consumer.query.path, text.raw);
            findings.push(Finding::new(message, place).caret("another one").help(format!("One of {}.", quoted(&house.severities))));
        }
    }
}

fn of_alert(consumer: &Consumer, alert: &Alert, house: &House) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut say = |message: String, caret: &str| found.push(Finding::new(message, consumer.location.clone()).caret(caret.to_owned()));
    let missing = |asked: &[String], there: &[(String, crate::source::Scalar)]| -> Vec<String> {
        asked.iter().filter(|name| there.iter().all(|(own, _)| own != *name)).cloned().collect()
    };
    let (labels, annotations) = (missing(&house.alert_labels, &alert.labels), missing(&house.alert_annotations, &alert.annotations));
    if !labels.is_empty() {
        say(format!("`{}` lacks {}, which the policy asks of every alert", consumer.name, quoted(&labels)), "a label is missing");
    }
    if !annotations.is_empty() {
        say(
            format!("`{}` lacks {}, which the policy asks of every alert", consumer.name, quoted(&annotations)),
            "an annotation is missing",
        );
    }
    let hold = alert.for_seconds.unwrap_or(0.0);
    if let Some(shortest) = house.shortest_for.filter(|s| hold < *s) {
        say(format!("`{}` waits {hold}s before it fires: the policy asks for at least {shortest}s", consumer.name), "`for` is too short");
    }
    if let Some(longest) = house.longest_for.filter(|s| hold > *s) {
        say(format!("`{}` waits {hold}s before it fires: the policy asks for at most {longest}s", consumer.name), "`for` is too long");
    }
    found
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
}
