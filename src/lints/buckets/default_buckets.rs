//! `default-buckets`: the client library's default bounds where they cannot fit what is measured.

use crate::finding::Finding;
use crate::knowledge::vocab;
use crate::lints::Context;
use crate::lints::layouts::in_seconds;
use crate::model::{BucketSource, Buckets, Metric, MetricType};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for metric in context.inventory.metrics().iter().filter(|m| m.kind == MetricType::Histogram) {
        let Buckets::Known { bounds, source: BucketSource::LibraryDefault, .. } = &metric.buckets else { continue };
        let (Some(first), Some(last)) = (bounds.iter().find(|b| **b > 0.0), bounds.last()) else { continue };
        let Some(reason) = misfit(metric, *first, *last) else { continue };
        let message = format!("`{}` has the client library's default buckets, {first} to {last}: {reason}", metric.name);
        let finding = Finding::new(message, metric.name_location.clone()).metric(&metric.name).caret("no buckets of its own");
        let seconds = in_seconds(metric);
        findings.push(if seconds { finding } else { finding.help("Give the histogram bounds of its own, in its own unit.") });
    }
}

/// Why bounds meant for ordinary web requests in seconds do not fit, or `None` when they may.
fn misfit(metric: &Metric, first: f64, last: f64) -> Option<String> {
    let words = vocab::histograms();
    let coarse = first >= words.too_coarse_seconds;
    if let Some(unit) = words.not_seconds.iter().find(|u| metric.name.ends_with(u.as_str())) {
        let unit = unit.trim_start_matches('_');
        let meant = if coarse { "milliseconds" } else { "seconds" };
        return (!coarse || !matches!(unit, "ms" | "millis" | "milliseconds"))
            .then(|| format!("they are meant for {meant}, the name says `{unit}`"));
    }
    if in_seconds(metric) && coarse {
        return Some(format!("they are meant for milliseconds, so nearly every value in seconds falls below {first}"));
    }
    let slow = words
        .slow
        .iter()
        .any(|w| metric.name.split(['_', ':']).any(|part| part == w) || (w.contains('_') && metric.name.contains(w.as_str())));
    (slow && last <= words.too_short_seconds)
        .then(|| "LLM requests take longer, and everything beyond the top bound looks the same".to_owned())
}
