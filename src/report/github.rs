//! Annotations for GitHub Actions: workflow commands on standard output.
//!
//! GitHub shows ten annotations of each level per step, so the worst come first and every finding stands in a folded list as well.

use std::fmt::Write;

use super::{Summary, concise};
use crate::finding::{Finding, Severity};
use crate::source::Sources;

/// Annotations that GitHub shows of each level in one step.
const SHOWN: usize = 10;

/// The findings as workflow commands.
pub fn render(findings: &[Finding], summary: &Summary, sources: &Sources) -> String {
    let mut out = String::new();
    let mut hidden = 0;
    for severity in [Severity::Error, Severity::Warning, Severity::Info] {
        let mut of_level: Vec<&Finding> = findings.iter().filter(|f| f.severity == Some(severity)).collect();
        of_level.sort_by_key(|f| std::cmp::Reverse(f.confidence));
        hidden += of_level.len().saturating_sub(SHOWN);
        for finding in of_level.into_iter().take(SHOWN) {
            out.push_str(&annotation(finding, severity, sources));
        }
    }
    if !findings.is_empty() {
        let _ = writeln!(out, "::group::All findings");
        out.push_str(&concise::render(findings, sources));
        let _ = writeln!(out, "::endgroup::");
    }
    let more =
        if hidden > 0 { format!(" {hidden} are only in the list, since GitHub shows {SHOWN} of each level.") } else { String::new() };
    let _ = writeln!(out, "{}{more}", summary.line());
    out
}

fn annotation(finding: &Finding, severity: Severity, sources: &Sources) -> String {
    let command = match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let mut properties = format!("file={}", property(&finding.location.path));
    if let Some((start, end)) = sources.place(&finding.location) {
        let _ = write!(properties, ",line={},endLine={}", start.line, end.line);
        // GitHub refuses columns on an annotation of several lines.
        if start.line == end.line {
            let _ = write!(properties, ",col={},endColumn={}", start.column, end.column);
        }
    }
    let text = match &finding.help {
        Some(help) => format!("{}\n{}", finding.message, help.trim()),
        None => finding.message.clone(),
    };
    format!("::{command} {properties},title={}::{}\n", property(finding.lint), message(&text))
}

fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
