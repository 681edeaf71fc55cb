//! One line per finding: `path:line:column: severity[lint] message`.

use std::fmt::Write;

use crate::finding::Finding;
use crate::source::Sources;

/// The findings as lines.
pub fn render(findings: &[Finding], sources: &Sources) -> String {
    let mut out = String::new();
    for finding in findings {
        let severity = finding.severity.map_or("warning", |s| s.as_str());
        let place = match sources.place(&finding.location) {
            Some((start, _)) => format!("{}:{}:{}", finding.location.path, start.line, start.column),
            None => finding.location.path.to_string(),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{place}: {severity}[{}] {}", finding.lint, finding.message);
    }
    out
}
