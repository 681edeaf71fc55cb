//! Code Quality of GitLab: a list of issues in the part of Code Climate's format that GitLab reads.

use serde::Serialize;

use crate::baseline;
use crate::finding::{Finding, Severity};
use crate::source::Sources;

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    /// GitLab tells new issues from old by it, and merges issues that share it.
    fingerprint: String,
    severity: &'static str,
    location: Place<'a>,
}

#[derive(Serialize)]
struct Place<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

/// The findings as a Code Quality report.
pub fn render(findings: &[Finding], sources: &Sources) -> String {
    let issues: Vec<Issue<'_>> = findings
        .iter()
        .zip(baseline::fingerprints(findings, sources))
        .map(|(finding, fingerprint)| {
            let (begin, end) = sources.place(&finding.location).map_or((1, 1), |(start, end)| (start.line, end.line));
            Issue {
                description: finding.message.clone(),
                check_name: finding.lint,
                fingerprint,
                severity: severity(finding.severity),
                location: Place { path: &finding.location.path, lines: Lines { begin, end } },
            }
        })
        .collect();
    // A tree of plain values always serialises.
    let mut text = serde_json::to_string_pretty(&issues).unwrap_or_default();
    text.push('\n');
    text
}

fn severity(severity: Option<Severity>) -> &'static str {
    match severity {
        Some(Severity::Error) => "critical",
        Some(Severity::Info) => "info",
        _ => "minor",
    }
}
