//! SARIF 2.1.0, as code scanning reads it. Own structures: the format is small where it is used.
//!
//! Suppressed findings are left out: GitHub would open an alert for each.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::baseline;
use crate::finding::{Finding, Fix, Severity};
use crate::knowledge::lint_docs;
use crate::lints::LINTS;
use crate::source::{Location, Sources};

/// What paths are relative to: where it is, is the reader's business.
const ROOT: &str = "SRCROOT";

/// The findings as one SARIF run; `complete` when every file could be read.
pub fn render(findings: &[Finding], complete: bool, sources: &Sources) -> String {
    let rules: Vec<Value> = LINTS.iter().map(|l| rule(l.name)).collect();
    let results: Vec<Value> =
        findings.iter().zip(baseline::fingerprints(findings, sources)).map(|(f, id)| result(f, &id, sources)).collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "reduse", "semanticVersion": env!("CARGO_PKG_VERSION"), "rules": rules}},
            "invocations": [{"executionSuccessful": complete}],
            "originalUriBaseIds": {ROOT: {"description": {"text": "The working directory of the run."}}},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    // A tree of plain values always serialises.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

fn level(severity: Option<Severity>) -> &'static str {
    match severity {
        Some(Severity::Error) => "error",
        Some(Severity::Info) => "note",
        _ => "warning",
    }
}

fn rule(name: &str) -> Value {
    let Some(doc) = lint_docs::get(name) else { return json!({"id": name}) };
    json!({
        "id": name,
        "shortDescription": {"text": doc.summary},
        "fullDescription": {"text": doc.why.trim()},
        "help": {"text": doc.instead.trim(), "markdown": super::rules::explain(doc)},
        "defaultConfiguration": {"level": level(Some(crate::engine::severity(doc)))},
        "properties": {"tags": [doc.family], "problem.severity": if doc.severity == "info" { "recommendation" } else { &doc.severity }, "precision": match doc.confidence.as_str() {
            "high" => "high",
            "low" => "low",
            _ => "medium",
        }},
    })
}

fn result(finding: &Finding, fingerprint: &str, sources: &Sources) -> Value {
    let index = LINTS.iter().position(|l| l.name == finding.lint);
    let related: Vec<Value> = finding
        .related
        .iter()
        .enumerate()
        .map(|(i, r)| {
            let mut value = location(&r.location, sources);
            if let Some(object) = value.as_object_mut() {
                object.insert("id".to_owned(), json!(i));
                object.insert("message".to_owned(), json!({"text": r.message}));
            }
            value
        })
        .collect();
    let message = match &finding.help {
        Some(help) => format!("{}. {}", finding.message, help.trim()),
        None => finding.message.clone(),
    };
    let mut value = json!({
        "ruleId": finding.lint,
        "ruleIndex": index,
        "level": level(finding.severity),
        "message": {"text": message},
        "locations": [location(&finding.location, sources)],
        "relatedLocations": related,
        "partialFingerprints": {"reduse/v1": fingerprint},
        "properties": {
            "confidence": finding.confidence.map(|c| c.as_str()),
            "metric": finding.metric,
            "label": finding.label,
        },
    });
    if let (Some(fix), Some(object)) = (&finding.fix, value.as_object_mut()) {
        object.insert("fixes".to_owned(), json!([fixes(fix, sources)]));
    }
    value
}

/// A repair: one change for each file, with all of its replacements.
fn fixes(fix: &Fix, sources: &Sources) -> Value {
    let mut files: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for edit in &fix.edits {
        let replacement = json!({"deletedRegion": region(&edit.location, sources), "insertedContent": {"text": edit.replacement}});
        files.entry(&edit.location.path).or_default().push(replacement);
    }
    let change = |(path, replacements): (&str, Vec<Value>)| json!({"artifactLocation": artifact(path), "replacements": replacements});
    json!({"description": {"text": fix.message}, "artifactChanges": files.into_iter().map(change).collect::<Vec<_>>()})
}

fn location(location: &Location, sources: &Sources) -> Value {
    let artifact = artifact(&location.path);
    match region(location, sources) {
        Some(region) => json!({"physicalLocation": {"artifactLocation": artifact, "region": region}}),
        None => json!({"physicalLocation": {"artifactLocation": artifact}}),
    }
}

fn artifact(path: &str) -> Value {
    let uri = uri(path);
    // A path that leaves the root is not relative to it.
    if uri.starts_with("../") { json!({"uri": uri}) } else { json!({"uri": uri, "uriBaseId": ROOT}) }
}

fn region(location: &Location, sources: &Sources) -> Option<Value> {
    let (start, end) = sources.place(location)?;
    Some(json!({"startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column}))
}

/// A path as a relative URI: what is not allowed in one is percent-encoded.
fn uri(path: &str) -> String {
    path.bytes().fold(String::with_capacity(path.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("src/a b/é.rs"), "src/a%20b/%C3%A9.rs");
    }
}
