//! `inconsistent-definition`: one name with different types, labels, bounds or help texts.

use crate::finding::{Finding, Severity};
use crate::lints::Context;
use crate::model::{Definition, Language, MetricType};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let defined = |language: Language| !matches!(language, Language::Yaml | Language::Exposition);
    let metrics: Vec<_> = context.inventory.metrics().iter().filter(|m| !m.is_pattern() && defined(m.language)).collect();
    for named in metrics.chunk_by(|a, b| a.name == b.name) {
        let mut all: Vec<&Definition> = named.iter().flat_map(|m| &m.definitions).collect();
        all.sort_by(|a, b| a.location.cmp(&b.location));
        let Some((first, later)) = all.split_first() else { continue };
        let Some(name) = named.first().map(|m| &m.name) else { continue };
        for other in later {
            // That it is defined twice is said already.
            if first.exclusive && other.exclusive && first.package == other.package {
                continue;
            }
            // Python refuses the second one: in one file they are branches of which one is taken.
            let branches = named.iter().all(|m| m.language == Language::Python) && first.location.path == other.location.path;
            if branches {
                continue;
            }
            let apart = context.inventory.programs.are_packages_apart(&first.package, &other.package);
            let Some((difference, severity, help)) = difference(first, other, apart) else { continue };
            let finding = Finding::new(format!("`{name}` is defined {difference}"), other.location.clone())
                .metric(name)
                .caret("another definition of the name")
                .related("the first definition", first.location.clone())
                .help(help)
                .severity(severity);
            findings.push(finding);
            break;
        }
    }
}

/// The first thing in which two definitions differ, by what it breaks. Where they are `apart`, no registry ever sees both.
fn difference(a: &Definition, b: &Definition, apart: bool) -> Option<(String, Severity, &'static str)> {
    let same_program = a.package == b.package;
    if a.kind != b.kind && a.kind != MetricType::Unknown && b.kind != MetricType::Unknown {
        let difference = format!("as a {} and as a {}", a.kind.as_str(), b.kind.as_str());
        return Some((difference, Severity::Warning, "No query is right for both: give one of them another name."));
    }
    if let (Some(one), Some(other)) = (&a.labels, &b.labels)
        && one != other
    {
        let severity = if same_program { Severity::Warning } else { Severity::Info };
        let only: Vec<String> =
            one.iter().filter(|l| !other.contains(l)).chain(other.iter().filter(|l| !one.contains(l))).map(|l| format!("`{l}`")).collect();
        let difference = format!("with and without the label{} {}", if only.len() == 1 { "" } else { "s" }, only.join(", "));
        let help = if apart {
            "They are of two programs: a query by the label leaves out the series of the other."
        } else {
            "One registry refuses this, and a query by the label leaves out the series of the other."
        };
        return Some((difference, severity, help));
    }
    if let (Some(one), Some(other)) = (&a.bounds, &b.bounds)
        && one != other
    {
        let severity = if same_program { Severity::Warning } else { Severity::Info };
        let help = "A quantile over both mixes buckets that do not fit: use one list of bounds.";
        return Some(("with different bucket bounds".to_owned(), severity, help));
    }
    match (&a.help, &b.help) {
        (Some(one), Some(other)) if !apart && one.trim() != other.trim() => {
            Some(("with different help texts".to_owned(), Severity::Info, "One registry refuses this: give the text once, as a constant."))
        }
        _ => None,
    }
}
