//! Checks that rule files share: known fields, durations, label maps.

use std::collections::HashSet;

use super::document::Sink;
use super::rule_file::KIND;
use crate::model::{Problem, PrometheusVersion};
use crate::source::{Scalar, Span};
use crate::syntax::promql::duration_seconds;
use crate::syntax::yaml::Node;

/// From here on, names may hold any character.
const UTF8_NAMES: PrometheusVersion = PrometheusVersion { major: 3, minor: 0 };

/// The fields a mapping may have.
pub(super) struct Fields {
    /// What the mapping is, for messages.
    pub(super) of: &'static str,
    pub(super) known: &'static [&'static str],
    /// Fields of other programs that read the same files: neither known nor wrong.
    pub(super) foreign: &'static [&'static str],
}

pub(super) fn problem(sink: &mut Sink<'_>, span: Span, message: impl Into<String>, help: Option<String>) {
    sink.problem(KIND, span, message, help);
}

/// A name that Prometheus takes since version 3, where names may hold any character; the older rule is still the one to keep to.
pub(super) fn old_name(sink: &mut Sink<'_>, name: &Scalar, what: &str, holds: &str) {
    let any = !name.text.is_empty() && name.text != "__name__" && !name.text.contains(['{', '}']);
    let (until, since) = match any {
        true => (Some(UTF8_NAMES), " before Prometheus 3"),
        false => (None, ""),
    };
    let problem = Problem {
        kind: KIND,
        message: format!("`{}` is no {what}{since}", name.text),
        location: sink.location(name.raw),
        help: Some(format!("{what}s hold {holds}")),
        until,
        relative: false,
    };
    sink.out.problems.push(problem);
}

/// Says that a node has the wrong shape.
pub(super) fn wrong(sink: &mut Sink<'_>, node: &Node, what: &str, wanted: &str) {
    let noun = node.noun();
    problem(sink, first_line(node.span, &sink.file.text), format!("{what} must be {wanted}, not {noun}"), None);
}

/// The part of a span on its first line: a caret under half a file helps nobody.
pub(super) fn first_line(span: Span, text: &str) -> Span {
    let line = span.text(text).lines().next().map_or(0, |l| l.trim_end().len());
    Span::new(span.start as usize, span.start as usize + line)
}

/// Unknown fields and fields given twice.
pub(super) fn fields(sink: &mut Sink<'_>, node: &Node, fields: &Fields) {
    let mut seen = HashSet::new();
    for entry in node.entries().unwrap_or_default() {
        let Some(key) = entry.key.scalar() else { continue };
        let name = key.text.as_str();
        if name == "<<" {
            continue;
        }
        if !seen.insert(name) {
            problem(sink, key.raw, format!("`{name}` is given twice"), None);
        }
        if fields.known.contains(&name) || fields.foreign.contains(&name) {
            continue;
        }
        let near = fields.known.iter().map(|k| (strsim::damerau_levenshtein(name, k), *k)).min().filter(|(d, _)| *d <= 1 + name.len() / 4);
        problem(sink, key.raw, format!("{} has no field `{name}`", fields.of), near.map(|(_, k)| format!("did you mean `{k}`?")));
    }
}

/// Seconds of a duration as rule files hold it.
pub(super) fn seconds(text: &str) -> Option<f64> {
    if text == "0" { Some(0.0) } else { duration_seconds(text) }
}

/// A field that must be a duration.
pub(super) fn duration(sink: &mut Sink<'_>, node: &Node, key: &str) {
    let Some(value) = node.get(key).filter(|v| !v.is_null()) else { return };
    let Some(scalar) = value.scalar() else {
        wrong(sink, value, &format!("`{key}`"), "a duration");
        return;
    };
    if seconds(&scalar.text).is_none() && !is_filled_in(&scalar.text) {
        let help = "a duration is numbers with units in falling order: `5m`, `1h30m`; units: y w d h m s ms";
        problem(sink, scalar.raw, format!("`{key}: {}` is no duration", scalar.text), Some(help.into()));
    }
}

/// Whether a tool fills something in before Prometheus sees the text: `{{ x }}` of Helm and Jinja, `${LIMIT}` of envsubst and Terraform.
/// Grafana's own, `${__interval}`, are no such thing: whoever copies them here is told.
pub(super) fn is_filled_in(text: &str) -> bool {
    let name = |rest: &str| {
        let name = rest.split('}').next().unwrap_or_default();
        !name.is_empty()
            && !name.starts_with("__")
            && name.len() < rest.len()
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    text.contains("{{") && text.contains("}}") || text.split("${").skip(1).any(name)
}

/// A map from label or annotation names to strings.
pub(super) fn strings(sink: &mut Sink<'_>, node: &Node, key: &str) -> Vec<(String, Scalar)> {
    let mut found = Vec::new();
    let Some(value) = node.get(key).filter(|v| !v.is_null()) else { return found };
    let Some(entries) = value.entries() else {
        wrong(sink, value, &format!("`{key}`"), "a mapping");
        return found;
    };
    let mut seen = HashSet::new();
    for entry in entries {
        let Some(name) = entry.key.scalar().filter(|n| n.text != "<<") else { continue };
        if !seen.insert(name.text.as_str()) {
            problem(sink, name.raw, format!("`{}` is given twice", name.text), None);
        }
        if !is_label_name(&name.text) {
            old_name(sink, name, "label name", "letters, digits and `_`");
        }
        match entry.value.scalar() {
            Some(text) => found.push((name.text.to_string(), text.clone())),
            None if entry.value.is_null() => {}
            None => wrong(sink, &entry.value, &format!("`{}`", name.text), "a string"),
        }
    }
    found
}

fn is_name(text: &str, colon: bool) -> bool {
    let letter = |c: char| c.is_ascii_alphabetic() || c == '_' || colon && c == ':';
    text.starts_with(letter) && text.chars().all(|c| letter(c) || c.is_ascii_digit())
}

/// Whether a text is a metric name in every version of Prometheus.
pub(super) fn is_metric_name(text: &str) -> bool {
    is_name(text, true)
}

/// Whether a text is a label name in every version of Prometheus.
fn is_label_name(text: &str) -> bool {
    is_name(text, false) && text != "__name__"
}
