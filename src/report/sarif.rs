//! SARIF 2.1.0, as code scanning reads it. Own structures: the format is small where it is used.

use serde_json::{Value, json};

use crate::baseline::Identity;
use crate::finding::{Finding, Severity};
use crate::knowledge::lint_docs;
use crate::lints::LINTS;
use crate::source::{Location, Sources};

/// The findings as one SARIF run.
pub fn render(findings: &[Finding], sources: &Sources) -> String {
    let rules: Vec<Value> = LINTS.iter().map(|l| rule(l.name)).collect();
    let results: Vec<Value> = findings.iter().map(|f| result(f, sources)).collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "reduse", "semanticVersion": env!("CARGO_PKG_VERSION"), "rules": rules}},
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
        "properties": {"tags": [doc.family], "precision": match doc.confidence.as_str() {
            "high" => "high",
            "low" => "low",
            _ => "medium",
        }},
    })
}

fn result(finding: &Finding, sources: &Sources) -> Value {
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
    json!({
        "ruleId": finding.lint,
        "ruleIndex": index,
        "level": level(finding.severity),
        "message": {"text": message},
        "locations": [location(&finding.location, sources)],
        "relatedLocations": related,
        "partialFingerprints": {"reduse/v1": Identity::of(finding, sources).fingerprint()},
    })
}

fn location(location: &Location, sources: &Sources) -> Value {
    let artifact = json!({"uri": uri(&location.path)});
    let Some((start, end)) = sources.place(location) else {
        return json!({"physicalLocation": {"artifactLocation": artifact}});
    };
    let region = json!({"startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column});
    json!({"physicalLocation": {"artifactLocation": artifact, "region": region}})
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
