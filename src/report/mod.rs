//! Results as text: findings and tables, one file per format.
//!
//! A format decides nothing: what is a finding and how bad it is was settled before.

pub mod budget;
pub mod changes;
pub mod concise;
pub mod coverage;
mod excerpt;
pub mod github;
pub mod gitlab;
pub mod inventory;
pub mod json;
pub mod junit;
pub mod openmetrics;
pub mod pretty;
pub mod rules;
pub mod sarif;
mod table;

use crate::engine::Verdict;
use crate::finding::Severity;

/// The figures of the summary line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Findings of severity error.
    pub errors: usize,
    /// Findings of severity warning.
    pub warnings: usize,
    /// Findings of severity info.
    pub infos: usize,
    /// Findings that a comment suppressed.
    pub suppressed: usize,
    /// Findings that the baseline knows.
    pub baselined: usize,
    /// Findings that the baseline knows and that are gone.
    pub fixed: usize,
    /// Findings that were there before the change that was asked about.
    pub older: usize,
    /// Files looked at.
    pub files: usize,
    /// Files left alone, with a reason.
    pub skipped: usize,
}

impl Summary {
    /// Counts a verdict.
    pub fn new(verdict: &Verdict, files: usize, skipped: usize) -> Self {
        let count = |severity| verdict.findings.iter().filter(|f| f.severity == Some(severity)).count();
        Summary {
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            infos: count(Severity::Info),
            suppressed: verdict.suppressed,
            baselined: 0,
            fixed: 0,
            older: 0,
            files,
            skipped,
        }
    }

    /// The line under a report.
    pub fn line(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        for (count, word) in [(self.errors, "error"), (self.warnings, "warning"), (self.infos, "info")] {
            if count > 0 {
                parts.push(plural(count, word));
            }
        }
        let found = if parts.is_empty() { "No findings".to_owned() } else { format!("Found {}", parts.join(", ")) };
        let mut aside: Vec<String> = Vec::new();
        if self.suppressed > 0 {
            aside.push(format!("{} suppressed", self.suppressed));
        }
        if self.baselined > 0 {
            aside.push(format!("{} in the baseline", self.baselined));
        }
        if self.fixed > 0 {
            aside.push(format!("{} of the baseline fixed", self.fixed));
        }
        if self.older > 0 {
            aside.push(format!("{} from before the change", self.older));
        }
        if self.skipped > 0 {
            aside.push(format!("{} skipped: --verbose names them", plural(self.skipped, "file")));
        }
        let aside = if aside.is_empty() { String::new() } else { format!(" ({})", aside.join(", ")) };
        format!("{found} in {}{aside}.", plural(self.files, "file"))
    }
}

/// `1 file`, `2 files`; `info` is `infos`.
pub fn plural(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}
