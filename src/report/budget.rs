//! How many series there can be: for people, as Markdown and as JSON.

use std::fmt::Write;

use serde_json::{Value, json};

use super::{json as documents, plural, table};
use crate::model::{BoundKind, MetricType};
use crate::signals::budget::{Budget, LabelCost, MetricCost};

const HEADING: [&str; 4] = ["metric", "series", "each", "labels"];

/// For people: the worst first, and the total below.
pub fn plain(budget: &Budget, max: u64) -> String {
    if budget.metrics.is_empty() {
        return "No metrics found.\n".to_owned();
    }
    format!("{}\n{}", table::plain(&HEADING, &rows(budget)), summary(budget, max))
}

/// As Markdown.
pub fn markdown(budget: &Budget, max: u64) -> String {
    format!("{}\n{}", table::markdown(&HEADING, &rows(budget)), summary(budget, max))
}

/// The document of `budget --format json`.
pub fn json(budget: &Budget, max: u64) -> String {
    let label = |l: &LabelCost| json!({"name": l.name, "bound": l.kind.as_str(), "count": l.count, "series": l.series});
    let metrics: Vec<Value> = budget
        .metrics
        .iter()
        .map(|m| {
            json!({
                "name": m.name,
                "type": m.kind.as_str(),
                "each": m.each,
                "labels": m.labels.iter().map(label).collect::<Vec<_>>(),
                "labels_complete": m.labels_complete,
                "series": m.series,
                "at_least": m.at_least,
            })
        })
        .collect();
    let summary = json!({"known": budget.known(), "unknown": budget.unknown(), "max": max});
    documents::document(&json!({"version": 1, "metrics": metrics, "summary": summary}))
}

fn rows(budget: &Budget) -> Vec<Vec<String>> {
    budget.metrics.iter().map(|m| vec![m.name.clone(), series(m), each(m), labels(m)]).collect()
}

/// `60`, `∞` where a label has no bound, `?` where something is not known.
fn series(metric: &MetricCost) -> String {
    match metric.series {
        Some(n) => n.to_string(),
        None if metric.is_unbounded() => "∞".to_owned(),
        None => "?".to_owned(),
    }
}

/// Series of one combination of label values, with the reason.
fn each(metric: &MetricCost) -> String {
    match (metric.kind, metric.each) {
        (MetricType::Histogram, Some(n)) => format!("{n} ({} buckets, +Inf, sum, count)", n.saturating_sub(3)),
        (MetricType::Histogram, None) => "? (buckets not known)".to_owned(),
        (_, Some(n)) => n.to_string(),
        (_, None) => "?".to_owned(),
    }
}

/// `endpoint ×4 (45), model ×?`: how many values, and in brackets the series that would be gone without the label.
fn labels(metric: &MetricCost) -> String {
    let mut parts: Vec<String> = metric
        .labels
        .iter()
        .map(|l| match (l.kind, l.count, l.series) {
            (BoundKind::Unbounded, ..) => format!("{} ×∞", l.name),
            (_, Some(n), Some(series)) => format!("{} ×{n} ({series})", l.name),
            (_, Some(n), None) => format!("{} ×{n}", l.name),
            _ => format!("{} ×?", l.name),
        })
        .collect();
    if !metric.labels_complete {
        parts.push("… ×?".to_owned());
    }
    if parts.is_empty() { "-".to_owned() } else { parts.join(", ") }
}

fn summary(budget: &Budget, max: u64) -> String {
    let (known, unknown) = (budget.known(), budget.unknown());
    let share = if max == 0 { String::new() } else { format!(", {:.1}% of the budget of {max}", known as f64 / max as f64 * 100.0) };
    let mut out = format!("{} of {}{share}.\n", plural_series(known), plural(budget.metrics.len() - unknown, "metric"));
    if unknown > 0 {
        let _ = writeln!(
            out,
            "Of {} more it is not known: ×? is a label whose values the source does not show. [labels] in reduse.toml can say how many there are.",
            plural(unknown, "metric")
        );
    }
    if budget.metrics.iter().any(MetricCost::is_unbounded) {
        out.push_str("×∞ is a label whose values have no bound.\n");
    }
    if budget.metrics.iter().any(|m| m.labels.iter().any(|l| l.series.is_some())) {
        out.push_str("label ×3 (40): takes 3 values; 40 series would be gone without it.\n");
    }
    out
}

fn plural_series(count: u64) -> String {
    format!("{count} series")
}
