//! `unit-not-base`: a name in milliseconds, kilobytes or percent.

use crate::finding::{Finding, Severity};
use crate::knowledge::vocab::{self, Unit};
use crate::lints::{Context, convention};
use crate::model::{Language, Metric};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let (mut breaches, mut judged) = (Vec::new(), 0);
    for metric in context.inventory.own().filter(|m| m.language != Language::Yaml) {
        let Some((word, unit)) = unit(metric) else { continue };
        judged += 1;
        let Some(base) = &unit.base else { continue };
        let message = if unit.scale == Some(1.0) {
            format!("`{}` abbreviates {base}", metric.name)
        } else {
            format!("`{}` counts in {}, not in {base}", metric.name, unit.full.as_ref().unwrap_or(&unit.name))
        };
        let mut finding = Finding::new(message, metric.name_location.clone()).metric(&metric.name).caret(format!("`{word}`"));
        if unit.opinion {
            finding = finding.severity(Severity::Info);
        }
        let better = renamed(&metric.name, word, base);
        breaches.push(finding.help(format!("Expose `{better}`, and convert the values: dashboards and alerts then need no factor.")));
    }
    let (opinions, breaches): (Vec<Finding>, Vec<Finding>) = breaches.into_iter().partition(|f| f.severity.is_some());
    convention::report(breaches, judged, "{n} of {of} metrics with a unit in their name do not use the base unit", findings);
    convention::report(opinions, judged, "{n} of {of} metrics with a unit in their name do not use the base unit", findings);
}

/// The unit word of a name: the last word that is one, or an unmistakable one anywhere.
fn unit(metric: &Metric) -> Option<(&str, &'static Unit)> {
    let words: Vec<&str> = metric.name.split(['_', ':']).collect();
    let named = |word: &str| vocab::units().units.iter().find(|u| u.name == word);
    // What may stand behind a unit.
    let last = words
        .iter()
        .rposition(|w| !["total", "count", "sum", "max", "min", "avg", "histogram", "gauge", "counter", "bucket"].contains(w))?;
    if let Some((word, unit)) = words.get(last).and_then(|w| Some((*w, named(w)?))) {
        // `gb_s` is a rate.
        let rate = unit.name == "s" && last.checked_sub(1).and_then(|i| words.get(i)).is_some_and(|w| named(w).is_some());
        // `days` with no other word is no unit.
        return (last > 0 && !rate).then_some((word, unit));
    }
    let prefixed = |unit: &Unit| unit.base.as_ref().is_some_and(|base| unit.name.len() > base.len() && unit.name.ends_with(base.as_str()));
    words.iter().find_map(|w| Some((*w, named(w).filter(|u| prefixed(u) || u.name == "ms")?)))
}

/// The name with its unit word exchanged, at the end where units belong.
fn renamed(name: &str, word: &str, base: &str) -> String {
    let mut words: Vec<&str> = name.split('_').collect();
    if let Some(at) = words.iter().rposition(|w| *w == word) {
        words.remove(at);
        let end = if words.last() == Some(&"total") { words.len() - 1 } else { words.len() };
        words.insert(end, base);
    }
    words.join("_")
}

#[cfg(test)]
mod tests {
    use super::renamed;

    #[test]
    fn units_go_to_the_end() {
        assert_eq!(renamed("x_ms_total", "ms", "seconds"), "x_seconds_total");
        assert_eq!(renamed("x_milliseconds_histogram", "milliseconds", "seconds"), "x_histogram_seconds");
    }
}
