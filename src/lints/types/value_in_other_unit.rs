//! `value-in-other-unit`: a metric in seconds that is given milliseconds, or the other way round.

use crate::finding::{Confidence, Finding, Severity};
use crate::knowledge::vocab;
use crate::lints::Context;
use crate::model::{Change, Measured, Metric, MetricType};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for metric in context.inventory.metrics() {
        let Some((unit, scale, sure)) = unit_of(metric) else { continue };
        let Some(handling) = context.inventory.handled.get(&metric.name) else { continue };
        for update in &handling.updates {
            // Another method of the same name may belong to something else than a metric.
            let fits = match metric.kind {
                MetricType::Histogram | MetricType::Summary => update.change == Change::Observe,
                MetricType::Gauge => matches!(update.change, Change::Set | Change::Raise | Change::Add),
                MetricType::Counter => matches!(update.change, Change::Raise | Change::Add),
                MetricType::Unknown => false,
            };
            let Some(measured) = update.measured.as_ref().filter(|_| fits) else { continue };
            let Some(given) = scale_of(&measured.unit) else {
                if measured.direct && sure {
                    findings.push(no_time(metric, &unit, measured));
                }
                continue;
            };
            let times = given / scale;
            if (times - 1.0).abs() < 1e-9 {
                continue;
            }
            let (factor, way) = if times < 1.0 { (1.0 / times, "large") } else { (times, "small") };
            let mut finding = Finding::new(
                format!("`{}` is in {unit} and is given {}: {} times too {way}", metric.name, measured.unit, factor.round()),
                measured.location.clone(),
            )
            .metric(&metric.name)
            .caret(measured.unit.clone())
            .related(if sure { "the metric is defined here" } else { "the help text says the unit" }, metric.name_location.clone())
            .help(match unit.as_str() {
                "seconds" => "Give it `as_secs_f64()`, which keeps the fractions.".to_owned(),
                unit => format!("Give it {unit}, or, better, rename it to `_seconds` and give it `as_secs_f64()`."),
            });
            if !measured.direct || !sure {
                finding = finding.severity(Severity::Warning).confidence(Confidence::Medium);
            }
            findings.push(finding);
        }
    }
}

/// A length in a metric of times.
fn no_time(metric: &Metric, unit: &str, measured: &Measured) -> Finding {
    Finding::new(format!("`{}` is in {unit} and is given a length", metric.name), measured.location.clone())
        .metric(&metric.name)
        .caret("a number of bytes or elements")
        .related("the metric is defined here", metric.name_location.clone())
        .help("Give it the time that passed, or count the length in a metric of its own.")
}

/// The unit of time that a metric is in, how many seconds one of it is, and whether the definition itself says so.
fn unit_of(metric: &Metric) -> Option<(String, f64, bool)> {
    let unit = |word: &str| scale_of(word).map(|scale| (whole(word), scale));
    if let Some((word, scale)) = metric.unit.as_deref().and_then(unit) {
        return Some((word, scale, true));
    }
    let name = metric.name.strip_suffix("_total").unwrap_or(&metric.name);
    // `s` may be a plural.
    if let Some((word, scale)) = name.rsplit('_').next().filter(|w| w.len() > 1).and_then(unit) {
        return Some((word, scale, true));
    }
    let in_name = name.split('_').any(|w| w.len() > 1 && scale_of(w).is_some());
    let help = metric.help.as_deref().filter(|_| !in_name)?.to_lowercase();
    let words: Vec<&str> = help.split(|c: char| !c.is_alphanumeric()).collect();
    let said = |full: &&str| words.windows(2).any(|w| w == ["in", *full]) || help.contains(&format!("({full})"));
    let mut all = ["seconds", "milliseconds", "microseconds", "nanoseconds", "ms", "us", "ns"].into_iter().filter(said);
    let one = all.next().filter(|_| all.next().is_none())?;
    unit(one).map(|(word, scale)| (word, scale, false))
}

fn whole(word: &str) -> String {
    let found = vocab::units().units.iter().find(|u| u.name == word);
    match found.and_then(|u| u.full.clone()) {
        Some(full) if full.len() > word.len() => full,
        _ if matches!(word, "s" | "sec" | "secs") => "seconds".to_owned(),
        _ => word.to_owned(),
    }
}

/// How many seconds one of a unit is.
fn scale_of(word: &str) -> Option<f64> {
    let unit = vocab::units().units.iter().find(|u| u.name == word)?;
    match (&unit.base, unit.scale) {
        (None, _) if word == "seconds" => Some(1.0),
        (Some(base), Some(scale)) if base == "seconds" => Some(scale),
        _ => None,
    }
}
