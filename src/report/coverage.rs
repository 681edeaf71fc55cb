//! Which questions are answered: for people, as Markdown and as JSON.

use std::fmt::Write;

use serde_json::{Value, json};

use super::{json as documents, table};
use crate::signals::coverage::{Add, Coverage, Row, State};

/// The parts of the report: the beginning of the ids, and the heading.
const PARTS: [(&str, &str, &str); 3] = [
    ("red.", "RED", "rate, errors, duration of what the service answers"),
    ("use.", "USE", "utilisation, saturation, errors of what it runs on"),
    ("llm.", "LLM", "what serving a language model asks beyond those"),
];

fn mark(state: State) -> &'static str {
    match state {
        State::Found | State::System => "✓",
        State::Proxy => "~",
        State::Missing => "✗",
        State::NotApplicable => "–",
    }
}

/// What a question is called in the table: the resource and the aspect of USE, the end of the id of the others.
fn title(row: &Row) -> String {
    match (&row.signal.resource, row.signal.aspect) {
        (Some(resource), Some(aspect)) => format!("{resource} {}", format!("{aspect:?}").to_lowercase()),
        _ => row.signal.id.split_once('.').map_or(row.signal.id.as_str(), |(_, rest)| rest).replace(['.', '_'], " "),
    }
}

fn answer(row: &Row) -> String {
    let by = match (&row.metric, &row.system) {
        (Some(metric), Some(system)) => format!("{metric} ({system})"),
        (Some(metric), None) => metric.clone(),
        (None, Some(system)) => system.clone(),
        (None, None) => String::new(),
    };
    match row.state {
        State::Found | State::System => by,
        State::Proxy => format!("{by}: {}", row.note),
        State::Missing => "missing".to_owned(),
        State::NotApplicable => row.note.clone(),
    }
}

/// For people: each part with its questions, and what to add below.
pub fn plain(coverage: &Coverage) -> String {
    let mut out = String::new();
    let width = coverage.rows.iter().map(|r| title(r).chars().count()).max().unwrap_or_default();
    for (prefix, name, about) in PARTS {
        let rows: Vec<&Row> = ordered(coverage, prefix);
        let _ = writeln!(out, "{name}: {about} ({})", count(&rows));
        for row in rows {
            let _ = writeln!(out, "  {} {:<width$}  {}", mark(row.state), title(row), answer(row));
            if let Some(query) = &row.query {
                let _ = writeln!(out, "    {:<width$}  {query}", "");
            }
            if !row.candidates.is_empty() {
                let _ = writeln!(out, "    {:<width$}  or {}? [signals] in reduse.toml decides", "", row.candidates.join(", "));
            }
        }
        out.push('\n');
    }
    let lacking = lacking(coverage);
    if !lacking.is_empty() {
        out.push_str("To add\n");
    }
    for (row, add) in lacking {
        let _ = writeln!(out, "  {}: {}", row.signal.id, row.signal.question);
        let _ = writeln!(out, "    {}", row.note);
        let _ = writeln!(out, "    add {}", what(add));
        for line in add.metric.iter().filter_map(|m| m.snippet.as_deref()).flat_map(str::lines) {
            let _ = writeln!(out, "        {line}");
        }
    }
    if !out.ends_with("\n\n") {
        out.push('\n');
    }
    out.push_str(&summary(coverage));
    out
}

/// As Markdown.
pub fn markdown(coverage: &Coverage) -> String {
    let mut out = String::new();
    let code = |text: &str| format!("`{text}`");
    for (prefix, name, about) in PARTS {
        let rows = ordered(coverage, prefix);
        let _ = writeln!(out, "## {name}\n\n{about}: {}.\n", count(&rows));
        let cells: Vec<Vec<String>> = rows
            .iter()
            .map(|r| vec![mark(r.state).to_owned(), r.signal.question.clone(), answer(r), r.query.as_deref().map(code).unwrap_or_default()])
            .collect();
        out.push_str(&table::markdown(&["", "question", "answered by", "query"], &cells));
        out.push('\n');
    }
    let lacking = lacking(coverage);
    if !lacking.is_empty() {
        out.push_str("## To add\n\n");
    }
    for (row, add) in &lacking {
        let _ = writeln!(out, "- `{}`: {}; add {}", row.signal.id, row.note, what(add));
        if let Some(snippet) = add.metric.as_ref().and_then(|m| m.snippet.as_deref()) {
            let _ = writeln!(out, "\n  ```\n  {}\n  ```", snippet.replace('\n', "\n  "));
        }
    }
    if !lacking.is_empty() {
        out.push('\n');
    }
    out.push_str(&summary(coverage));
    out
}

/// The document of `coverage --format json`.
pub fn json(coverage: &Coverage) -> String {
    let rows: Vec<Value> = coverage
        .rows
        .iter()
        .map(|row| {
            json!({
                "signal": row.signal.id,
                "state": row.state.as_str(),
                "metric": row.metric,
                "query": row.query,
                "system": row.system,
                "note": row.note,
                "candidates": row.candidates,
                "add": row.add.as_ref().map(addition),
            })
        })
        .collect();
    let (answered, asked) = coverage.answered();
    documents::document(&json!({"version": 1, "signals": rows, "summary": {"answered": answered, "asked": asked}}))
}

fn addition(add: &Add) -> Value {
    let metric = add.metric.as_ref();
    json!({
        "text": add.text,
        "name": metric.map(|m| m.name),
        "type": metric.map(|m| m.kind.as_str()),
        "labels": metric.map(|m| m.labels),
        "buckets": metric.filter(|m| !m.buckets.is_empty()).map(|m| m.buckets),
        "library": metric.and_then(|m| m.library),
        "snippet": metric.and_then(|m| m.snippet.as_deref()),
    })
}

/// The rows of a part, in the order in which people name them.
fn ordered<'a>(coverage: &'a Coverage, prefix: &str) -> Vec<&'a Row> {
    const RESOURCES: [&str; 10] =
        ["CPU", "Memory", "Disk", "Network", "Batcher", "KV cache", "GPU SM", "HBM bandwidth", "HBM capacity", "NCCL"];
    const OTHERS: [&str; 7] = ["red.rate", "red.errors.status", "red.errors.reason", "red.duration", "red.ttft", "llm.tokens", "llm.itl"];
    let mut rows: Vec<&Row> = coverage.rows.iter().filter(|r| r.signal.id.starts_with(prefix)).collect();
    let place = |row: &Row| match &row.signal.resource {
        Some(resource) => RESOURCES.iter().position(|known| known == resource),
        None => OTHERS.iter().position(|known| row.signal.id.starts_with(known)),
    };
    rows.sort_by_key(|row| (place(row).unwrap_or(usize::MAX), row.signal.aspect));
    rows
}

fn lacking(coverage: &Coverage) -> Vec<(&Row, &Add)> {
    PARTS.iter().flat_map(|(prefix, ..)| ordered(coverage, prefix)).filter_map(|row| Some((row, row.add.as_ref()?))).collect()
}

/// `a histogram x with the labels a, b and 13 buckets from 0.05 to 120`.
fn what(add: &Add) -> String {
    let Some(metric) = &add.metric else { return add.text.clone() };
    let mut text = add.text.clone();
    if !metric.labels.is_empty() && !metric.labels.iter().all(|l| text.contains(l.as_str())) {
        let _ = write!(text, "; labels: {}", metric.labels.join(", "));
    }
    if !metric.buckets.is_empty() {
        let bounds: Vec<String> = metric.buckets.iter().map(ToString::to_string).collect();
        let _ = write!(text, "; buckets: {}", bounds.join(" "));
    }
    text
}

fn count(rows: &[&Row]) -> String {
    let answered = rows.iter().filter(|r| matches!(r.state, State::Found | State::System)).count();
    let asked = rows.iter().filter(|r| r.state != State::NotApplicable).count();
    format!("{answered} of {asked} answered")
}

fn summary(coverage: &Coverage) -> String {
    let (answered, asked) = coverage.answered();
    let proxies = coverage.rows.iter().filter(|r| r.state == State::Proxy).count();
    let hinted = if proxies == 0 { String::new() } else { format!(", {proxies} by a stand-in (~)") };
    format!("{answered} of {asked} questions answered{hinted}.\n")
}
