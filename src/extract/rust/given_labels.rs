//! Labels that lists of pairs give.

use super::draft::{literals, sanitized_label};
use super::metrics::Given;
use super::provenance::ValueAt;
use super::values::{Text, Value};

/// Adds a label; one that is there already has more values than one place tells.
pub(super) fn add_once(labels: &mut Vec<Given>, given: Given) {
    match labels.iter_mut().find(|l| l.name.text == given.name.text) {
        Some(label) => (label.values, label.at) = (None, None),
        None => labels.push(given),
    }
}

/// Labels of a list of pairs; says whether all could be read.
pub(super) fn pairs(items: &[Value], written: &[Option<ValueAt>], labels: &mut Vec<Given>) -> bool {
    let mut complete = true;
    for (at, item) in items.iter().enumerate() {
        let at = written.get(at).copied().flatten().filter(|_| written.len() == items.len());
        match item {
            Value::Tuple(parts) => match parts.as_slice() {
                [Value::Text(name), value] if name.known => {
                    let name = Text { text: sanitized_label(&name.text), ..name.clone() };
                    labels.push(Given { name, values: literals(value), at });
                }
                _ => complete = false,
            },
            _ => complete = false,
        }
    }
    complete
}
