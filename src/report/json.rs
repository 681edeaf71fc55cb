//! The stable JSON documents, `"version": 1`.

use serde::Serialize;
use serde_json::{Value, json};

use super::Summary;
use crate::finding::{Edit, Finding, Related};
use crate::model::{Inventory, Label, LabelUse, Metric, Step, Unresolved, UseSite};
use crate::source::{Location, Sources};

#[derive(Serialize)]
pub(super) struct Start<'a> {
    path: &'a str,
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct Range<'a> {
    path: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

pub(super) fn start<'a>(location: &'a Location, sources: &Sources) -> Start<'a> {
    let (line, column) = sources.place(location).map_or((1, 1), |(s, _)| (s.line, s.column));
    Start { path: &location.path, line, column }
}

fn range<'a>(location: &'a Location, sources: &Sources) -> Range<'a> {
    let (line, column, end_line, end_column) = sources.place(location).map_or((1, 1, 1, 1), |(s, e)| (s.line, s.column, e.line, e.column));
    Range { path: &location.path, line, column, end_line, end_column }
}

/// The document of `check --format json`.
pub fn findings(findings: &[Finding], summary: &Summary, sources: &Sources) -> String {
    let related = |r: &Related| json!({"message": r.message, "location": range(&r.location, sources)});
    let rows: Vec<Value> = findings
        .iter()
        .map(|f| {
            let edit = |e: &Edit| json!({"location": range(&e.location, sources), "replacement": e.replacement});
            let fix = f.fix.as_ref().map(|fix| json!({"message": fix.message, "edits": fix.edits.iter().map(edit).collect::<Vec<_>>()}));
            json!({
                "lint": f.lint,
                "severity": f.severity.map(|s| s.as_str()),
                "confidence": f.confidence.map(|c| c.as_str()),
                "message": f.message,
                "metric": f.metric,
                "label": f.label,
                "location": range(&f.location, sources),
                "related": f.related.iter().map(related).collect::<Vec<_>>(),
                "help": f.help.as_deref().or_else(|| crate::knowledge::lint_docs::get(f.lint).map(|d| d.instead.as_str())),
                "url": null,
                "fix": fix,
            })
        })
        .collect();
    let summary = json!({
        "errors": summary.errors,
        "warnings": summary.warnings,
        "infos": summary.infos,
        "suppressed": summary.suppressed,
        "files": summary.files,
        "skipped": summary.skipped,
    });
    document(&json!({"version": 1, "findings": rows, "summary": summary}))
}

/// The document of `inventory --format json`.
pub fn inventory(inventory: &Inventory, sources: &Sources, with_uses: bool) -> String {
    let metrics: Vec<Value> = inventory.metrics().iter().map(|m| metric(m, sources)).collect();
    let unresolved: Vec<Value> = inventory.unresolved.iter().map(|u| unresolved(u, sources)).collect();
    let mut all = json!({"version": 1, "metrics": metrics, "unresolved": unresolved});
    if with_uses && let Some(object) = all.as_object_mut() {
        object.insert("uses".to_owned(), inventory.uses.iter().flat_map(|site| uses(site, sources)).collect());
    }
    document(&all)
}

/// One entry for each label at a use site.
fn uses(site: &UseSite, sources: &Sources) -> Vec<Value> {
    let step = |s: &Step| json!({"message": s.message, "location": start(&s.location, sources)});
    let label = |label: &LabelUse| {
        json!({
            "metric": site.metric,
            "label": label.name,
            "provenance": label.provenance.kind.as_str(),
            "count": label.provenance.count,
            "location": start(&label.location, sources),
            "way": label.provenance.way.iter().map(step).collect::<Vec<_>>(),
        })
    };
    site.labels.iter().map(label).collect()
}

fn metric(metric: &Metric, sources: &Sources) -> Value {
    let series = metric.series();
    let is_histogram = metric.kind == crate::model::MetricType::Histogram;
    json!({
        "name": metric.name,
        "type": metric.kind.as_str(),
        "unit": metric.unit,
        "help": metric.help,
        "language": metric.language.as_str(),
        "library": metric.library,
        "labels": metric.labels.iter().map(label).collect::<Vec<_>>(),
        "labels_complete": metric.labels_complete,
        "buckets": bounds(metric).filter(|_| is_histogram),
        "buckets_known": !is_histogram || metric.buckets.bounds().is_some(),
        "series": {"min": series.min, "max": series.max},
        "location": start(&metric.location, sources),
    })
}

/// The finite bounds; `null` for each where only their number is known.
fn bounds(metric: &Metric) -> Option<Vec<Option<f64>>> {
    match (metric.buckets.bounds(), metric.buckets.count()) {
        (Some(bounds), _) => Some(bounds.iter().copied().map(Some).collect()),
        (None, count) => count.map(|count| vec![None; count]),
    }
}

fn label(label: &Label) -> Value {
    let bound = &label.bound;
    let mut value = json!({"kind": bound.kind.as_str(), "count": bound.count});
    if !bound.values.is_empty()
        && let Some(object) = value.as_object_mut()
    {
        object.insert("values".to_owned(), json!(bound.values));
    }
    json!({"name": label.name, "bound": value})
}

fn unresolved(unresolved: &Unresolved, sources: &Sources) -> Value {
    json!({
        "language": unresolved.language.as_str(),
        "library": unresolved.library,
        "reason": unresolved.reason,
        "location": start(&unresolved.location, sources),
    })
}

pub(super) fn document(value: &Value) -> String {
    // A tree of plain values always serialises.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}
