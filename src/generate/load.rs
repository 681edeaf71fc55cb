//! The input of rule tests: series with the metric's real labels and bounds, and what happens to them over time.

use super::alerts::{Plan, Shape};
use super::number::decimal;
use super::source::{Matcher, Source, escape, known_values};
use crate::knowledge::signals::is_failure;

/// Seconds between two samples, and between two evaluations.
pub(crate) const STEP: u32 = 15;

/// The job that the tests scrape.
pub(crate) const JOB: &str = "api";
const INSTANCE: &str = "api-0:8080";
/// A second one, so that an alert that does not add up over instances is noticed.
const OTHER_INSTANCE: &str = "api-1:8080";

/// The name of an instance by its number.
pub(crate) fn instance(number: u32) -> String {
    format!("api-{number}:8080")
}

/// A stretch of time in which the same number of events happens in every step.
#[derive(Clone, Copy)]
pub(crate) struct Phase {
    /// Number of steps.
    pub(crate) steps: u32,
    /// Events per step that are as they should be.
    pub(crate) good: u64,
    /// Events per step that are not.
    pub(crate) bad: u64,
    /// Whether the process begins again with it, and its counters at 0.
    pub(crate) restart: bool,
}

/// One input series.
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) values: String,
}

/// The labels that the alert keeps, with the values that the series have.
pub(crate) fn kept_labels(plan: &Plan<'_>) -> Vec<(String, String)> {
    let value = |label: &str| if label == "job" { JOB.to_owned() } else { plan.source.value_of(label) };
    plan.by().into_iter().map(|label| (label.to_owned(), value(label))).collect()
}

/// The series of these phases. `near`: good events of a histogram lie just under the threshold instead of in the lowest bucket.
pub(crate) fn series(plan: &Plan<'_>, phases: &[Phase], near: bool) -> Vec<Series> {
    match &plan.shape {
        Shape::Ratio => ratio(plan, phases),
        Shape::Quantile { bounds, at } | Shape::Share { bounds, at } => histogram(plan, bounds, *at, phases, near),
    }
}

fn ratio(plan: &Plan<'_>, phases: &[Phase]) -> Vec<Series> {
    // The first matcher of the failures is that of the status; the others only say which of its values are meant.
    let Some((status, more)) = plan.source.bad.split_first() else { return Vec::new() };
    let failure = status.value.as_str();
    let own = plan.answer.role_label("status").filter(|family| family.failure.as_deref() == Some(failure));
    let sample = |pick: fn(&crate::knowledge::signals::Samples) -> &String, or: &str| -> String {
        own.map_or_else(|| or.to_owned(), |family| pick(&family.samples).clone())
    };
    let (first, last) = (status.sample().unwrap_or_default(), failure.rsplit('|').next().unwrap_or_default());
    let last = Matcher::new("", status.op, last).sample().unwrap_or_default();
    let status = status.label.as_str();
    let bound = plan.source.metric.label(status).map(|l| &l.bound);
    let pick = |sample: &str, fits: &dyn Fn(&str) -> bool| -> Option<String> {
        let known = bound.map(known_values).unwrap_or_default();
        if known.is_empty() || known.contains(&sample) {
            return Some(sample.to_owned());
        }
        let same_class = known.iter().find(|v| fits(v) && v.chars().next() == sample.chars().next());
        same_class.or_else(|| known.iter().find(|v| fits(v))).map(|v| (*v).to_owned())
    };
    let (sample_good, sample_bad) = (sample(|s| &s.good, "ok"), sample(|s| &s.bad, &first));
    let good = pick(&sample_good, &|v| !is_failure(failure, v)).unwrap_or(sample_good);
    let bad = pick(&sample_bad, &|v| is_failure(failure, v)).unwrap_or(sample_bad);
    // A second kind of failure, so that an alert that asks for one status only is noticed.
    let also_bad = pick(&sample(|s| &s.also_bad, &last), &|v| is_failure(failure, v) && v != bad).filter(|v| !v.is_empty());
    let also_bad = also_bad.unwrap_or_else(|| bad.clone());
    // Requests that the client got wrong are no failures of the server: a good share of them must change nothing.
    let refused = pick(&sample(|s| &s.refused, "other"), &|v| !is_failure(failure, v)).filter(|v| *v != good);

    let count = |f: &dyn Fn(&Phase) -> u64| {
        values(&phases.iter().map(|p| Stretch { steps: p.steps, growth: f(p), restart: p.restart }).collect::<Vec<_>>())
    };
    // What else a failure must have, such as an error type: the good ones must not have it.
    let failed = |value: &str, instance: &str| {
        let rest: Vec<(&str, String)> = more.iter().filter_map(|m| Some((m.label.as_str(), m.sample()?))).collect();
        let mut set: Vec<(&str, &str)> = rest.iter().map(|(label, value)| (*label, value.as_str())).collect();
        set.push((status, value));
        name(plan.source, "", instance, &set)
    };
    let mut out = Vec::new();
    // What the alert does not look at, and much of it: one that forgets to leave it out is noticed.
    if let Some((label, value)) = plan.source.outside().filter(|(label, _)| label != status) {
        let values = count(&|p| (p.good + p.bad).max(1000));
        out.push(Series { name: name(plan.source, "", INSTANCE, &[(status, &good), (&label, &value)]), values });
    }
    let name = |value: &str| name(plan.source, "", INSTANCE, &[(status, value)]);
    match refused {
        Some(refused) => {
            out.push(Series { name: name(&good), values: count(&|p| p.good - p.good / 4) });
            out.push(Series { name: name(&refused), values: count(&|p| p.good / 4) });
        }
        None => out.push(Series { name: name(&good), values: count(&|p| p.good) }),
    }
    out.push(Series { name: failed(&bad, INSTANCE), values: count(&|p| p.bad - p.bad / 2) });
    out.push(Series { name: failed(&also_bad, OTHER_INSTANCE), values: count(&|p| p.bad / 2) });
    out
}

fn histogram(plan: &Plan<'_>, bounds: &[f64], at: usize, phases: &[Phase], near: bool) -> Vec<Series> {
    let good_in = if near { at } else { 0 };
    let stretches = |count: &dyn Fn(&Phase) -> u64| -> String {
        values(&phases.iter().map(|p| Stretch { steps: p.steps, growth: count(p), restart: p.restart }).collect::<Vec<_>>())
    };
    // One instance has most of the good events, the other the bad ones: what does not add them up is wrong about both.
    let good = |index: usize| stretches(&|p| if index >= good_in { p.good - p.good / 4 } else { 0 });
    let bad = |index: usize| stretches(&|p| p.good / 4 + if index > at { p.bad } else { 0 });
    let instance = |instance: &str, from: usize, count: &dyn Fn(usize) -> String| -> Vec<Series> {
        let bucket = |le: &str, index: usize| Series { name: name(plan.source, "_bucket", instance, &[("le", le)]), values: count(index) };
        let mut out: Vec<Series> = bounds.iter().enumerate().skip(from).map(|(i, b)| bucket(&decimal(*b), i)).collect();
        out.push(bucket("+Inf", usize::MAX));
        out.push(Series { name: name(plan.source, "_count", instance, &[]), values: count(usize::MAX) });
        out
    };
    let mut out = instance(INSTANCE, 0, &good);
    // What the alert does not look at is fast, and much of it: one that forgets to leave it out is noticed.
    if let Some((label, value)) = plan.source.outside() {
        let all = stretches(&|p| p.good + p.bad);
        let bounds = bounds.iter().map(|b| decimal(*b)).chain(["+Inf".to_owned()]);
        let series = |suffix: &str, set: &[(&str, &str)]| Series { name: name(plan.source, suffix, INSTANCE, set), values: all.clone() };
        out.extend(bounds.map(|le| series("_bucket", &[(&label, &value), ("le", &le)])));
        out.push(series("_count", &[(&label, &value)]));
    }
    // Its good events lie just under the threshold: below that there is nothing to add.
    out.extend(instance(OTHER_INSTANCE, at, &bad));
    out
}

/// A series with all labels of the metric; `set` decides some of them.
pub(crate) fn name(source: &Source, suffix: &str, instance: &str, set: &[(&str, &str)]) -> String {
    let mut labels: Vec<(String, String)> = vec![("job".into(), JOB.into()), ("instance".into(), instance.to_owned())];
    for label in &source.metric.labels {
        if set.iter().any(|(n, _)| *n == label.name) {
            continue;
        }
        // Prometheus renames a label that the scrape sets itself.
        let exposed =
            if matches!(label.name.as_str(), "job" | "instance") { format!("exported_{}", label.name) } else { label.name.clone() };
        // What promtool cannot read or has seen already is left out: the test needs no more than the alert asks for.
        if is_label_name(&exposed) && labels.iter().all(|(n, _)| *n != exposed) {
            labels.push((exposed, source.value_of(&label.name)));
        }
    }
    labels.extend(set.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
    let text: Vec<String> = labels.iter().map(|(n, v)| format!("{n}=\"{}\"", escape(v))).collect();
    format!("{}{suffix}{{{}}}", source.metric.name, text.join(","))
}

pub(crate) fn is_label_name(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit()) && !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Steps in which a counter grows by the same.
#[derive(Clone, Copy)]
struct Stretch {
    steps: u32,
    growth: u64,
    restart: bool,
}

/// A counter that grows by so much per step, in promtool's notation. It starts at 0, one step before the first growth.
fn values(stretches: &[Stretch]) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut total = 0_u64;
    for (i, Stretch { steps, growth, restart }) in stretches.iter().enumerate() {
        if *restart {
            total = 0;
        }
        // `a+bxn` is n+1 samples: the first stretch has the 0 in front, the others begin after their first growth.
        let (start, times) = if i == 0 { (0, *steps) } else { (total.saturating_add(*growth), steps.saturating_sub(1)) };
        parts.push(format!("{start}+{growth}x{times}"));
        total = total.saturating_add(growth.saturating_mul(u64::from(*steps)));
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_go_on_where_the_last_stretch_ended() {
        let stretch = |steps, growth, restart| Stretch { steps, growth, restart };
        assert_eq!(values(&[stretch(20, 10, false)]), "0+10x20");
        assert_eq!(values(&[stretch(20, 10, false), stretch(40, 1, false)]), "0+10x20 201+1x39");
        assert_eq!(values(&[stretch(20, 10, false), stretch(40, 1, true)]), "0+10x20 1+1x39");
    }
}
