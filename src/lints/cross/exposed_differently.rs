//! `exposed-differently`: a metric that a process exposes with another type, other labels or other bounds than the code says.

use crate::finding::Finding;
use crate::lints::Context;
use crate::model::{Language, Metric, MetricType};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for exposed in &context.inventory.exposed {
        let named = context.inventory.metrics().iter().filter(|m| m.language != Language::Yaml && m.language != Language::Exposition);
        let of_code: Vec<&Metric> = named.filter(|m| m.name == exposed.name).collect();
        // Of several definitions it is not known which one this is.
        let [code] = of_code[..] else { continue };
        let Some(message) = difference(code, exposed) else { continue };
        findings.push(
            Finding::new(message, code.name_location.clone())
                .metric(&code.name)
                .caret("defined here")
                .related("exposed here", exposed.location.clone())
                .help("Either the process runs another version of this code, or something between them changes the metric."),
        );
    }
}

fn difference(code: &Metric, exposed: &Metric) -> Option<String> {
    let name = &code.name;
    if code.kind != exposed.kind && code.kind != MetricType::Unknown && exposed.kind != MetricType::Unknown {
        return Some(format!("`{name}` is a {} in the code and exposed as a {}", code.kind.as_str(), exposed.kind.as_str()));
    }
    let list = |names: Vec<&str>| names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
    if exposed.labels_complete {
        let without: Vec<&str> = code.labels.iter().map(|l| l.name.as_str()).filter(|l| exposed.label(l).is_none()).collect();
        // A label that only some ways set is in the list, and the list is open.
        if !without.is_empty() && code.labels_complete {
            return Some(format!("`{name}` has {} in the code and is exposed without", list(without)));
        }
        let beyond: Vec<&str> = exposed.labels.iter().map(|l| l.name.as_str()).filter(|l| code.label(l).is_none()).collect();
        if !beyond.is_empty() && code.labels_complete {
            return Some(format!("`{name}` is exposed with {}, which the code does not give it", list(beyond)));
        }
    }
    let (Some(own), Some(seen)) = (code.buckets.bounds(), exposed.buckets.bounds()) else { return None };
    let mut sorted = own.to_vec();
    sorted.sort_by(f64::total_cmp);
    let same = sorted.len() == seen.len() && sorted.iter().zip(seen).all(|(a, b)| (a - b).abs() <= a.abs() * 1e-9);
    (!same).then(|| format!("`{name}` has {} in the code and is exposed with {}", text(&sorted), text(seen)))
}

fn text(bounds: &[f64]) -> String {
    match bounds {
        [] => "no bounds".to_owned(),
        [one] => format!("one bound, {one}"),
        [first, .., last] => format!("{} bounds from {first} to {last}", bounds.len()),
    }
}
