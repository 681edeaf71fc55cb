//! The inventory for people: a table or Markdown.

use std::fmt::Write;

use super::{plural, table};
use crate::model::{BoundKind, Buckets, Inventory, LabelUse, Metric, MetricType, UseSite};
use crate::source::{Location, Sources};

const HEADING: [&str; 5] = ["metric", "type", "labels", "buckets", "defined at"];

const USES_HEADING: [&str; 6] = ["metric", "label", "provenance", "values", "origin", "used at"];

/// The inventory as a table with what could not be resolved below it.
pub fn plain(inventory: &Inventory, sources: &Sources, with_uses: bool) -> String {
    if inventory.metrics().is_empty() && inventory.unresolved.is_empty() {
        return "No metrics found.\n".to_owned();
    }
    let mut out = String::new();
    if !inventory.metrics().is_empty() {
        out.push_str(&table::plain(&HEADING, &rows(inventory, sources)));
    }
    let _ = writeln!(out, "\n{}, {}.", plural(inventory.metrics().len(), "metric"), unresolved_count(inventory));
    out.push_str(&legend(inventory));
    for unresolved in &inventory.unresolved {
        let _ = writeln!(out, "  {}: {}", place(&unresolved.location, sources), unresolved.reason);
    }
    if with_uses {
        out.push('\n');
        out.push_str(&table::plain(&USES_HEADING, &uses(inventory, sources)));
    }
    out
}

/// One row for each label at each use site.
fn uses(inventory: &Inventory, sources: &Sources) -> Vec<Vec<String>> {
    let row = |site: &UseSite, label: &LabelUse| {
        let of = &label.provenance;
        let count = of.count.map_or_else(|| "-".to_owned(), |n| n.to_string());
        vec![
            site.metric.clone(),
            label.name.clone(),
            of.kind.as_str().to_owned(),
            count,
            of.origin.clone(),
            place(&label.location, sources),
        ]
    };
    inventory.uses.iter().flat_map(|site| site.labels.iter().map(move |label| row(site, label))).collect()
}

/// The inventory as Markdown.
pub fn markdown(inventory: &Inventory, sources: &Sources, with_uses: bool) -> String {
    let mut out = table::markdown(&HEADING, &rows(inventory, sources));
    let _ = writeln!(out, "\n{}, {}.", plural(inventory.metrics().len(), "metric"), unresolved_count(inventory));
    if !inventory.unresolved.is_empty() {
        out.push('\n');
    }
    for unresolved in &inventory.unresolved {
        let _ = writeln!(out, "- `{}`: {}", place(&unresolved.location, sources), unresolved.reason);
    }
    if with_uses {
        out.push('\n');
        out.push_str(&table::markdown(&USES_HEADING, &uses(inventory, sources)));
    }
    out
}

/// What the signs in the table mean, as far as they occur.
fn legend(inventory: &Inventory) -> String {
    let metrics = inventory.metrics();
    let signs = [
        (metrics.iter().any(|m| m.labels.iter().any(|l| l.bound.count.is_some())), "label(3): takes 3 values"),
        (metrics.iter().any(|m| m.labels.iter().any(|l| l.bound.kind == BoundKind::Unbounded)), "label(∞): its values have no limit"),
        (metrics.iter().any(|m| !m.labels_complete), "…: there may be more labels"),
        (metrics.iter().any(Metric::is_pattern), "*: a part of the name that is not known, perhaps empty"),
    ];
    let shown: Vec<&str> = signs.iter().filter(|(occurs, _)| *occurs).map(|(_, text)| *text).collect();
    if shown.is_empty() { String::new() } else { format!("{}.\n", shown.join("; ")) }
}

fn unresolved_count(inventory: &Inventory) -> String {
    match inventory.unresolved.len() {
        0 => "nothing unresolved".to_owned(),
        n => format!("{n} unresolved"),
    }
}

fn rows(inventory: &Inventory, sources: &Sources) -> Vec<Vec<String>> {
    let row = |m: &Metric| vec![m.name.clone(), m.kind.as_str().to_owned(), labels(m), buckets(m), place(&m.location, sources)];
    inventory.metrics().iter().map(row).collect()
}

/// `endpoint, status(3), request_id(∞)`: the number in brackets is how many values a label can take, where known.
fn labels(metric: &Metric) -> String {
    let mut parts: Vec<String> = metric
        .labels
        .iter()
        .map(|l| match (l.bound.kind, l.bound.count) {
            (BoundKind::Unbounded, _) => format!("{}(∞)", l.name),
            (_, Some(count)) => format!("{}({count})", l.name),
            _ => l.name.clone(),
        })
        .collect();
    if !metric.labels_complete {
        parts.push("…".to_owned());
    }
    if parts.is_empty() { "-".to_owned() } else { parts.join(", ") }
}

fn buckets(metric: &Metric) -> String {
    match (&metric.buckets, metric.kind) {
        (_, kind) if kind != MetricType::Histogram => "-".to_owned(),
        (Buckets::Known { bounds, .. }, _) => match (bounds.first(), bounds.last()) {
            (Some(first), Some(last)) => format!("{}: {first} … {last}", bounds.len()),
            _ => "0".to_owned(),
        },
        (Buckets::RunTime { count: Some(count), .. }, _) => format!("{count}, bounds not known"),
        _ => "not known".to_owned(),
    }
}

fn place(location: &Location, sources: &Sources) -> String {
    match sources.place(location) {
        Some((start, _)) => format!("{}:{}", location.path, start.line),
        None => location.path.to_string(),
    }
}
