//! Old findings that stay quiet: a file of what was there when a team began.
//!
//! A finding is recognised by its lint, its metric, its label and the text it underlines: not by its line, its file or the words of
//! its message, all of which change while the defect stays.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::finding::Finding;
use crate::source::Sources;

/// What makes a finding the same finding tomorrow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Identity {
    /// The lint.
    pub lint: String,
    /// The metric.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<String>,
    /// The label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The underlined text, white space collapsed, cut to a readable length.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
}

/// Characters of the underlined text that are kept: enough to tell two findings apart, few enough to read a diff.
const TEXT: usize = 120;

impl Identity {
    /// The identity of a finding.
    pub fn of(finding: &Finding, sources: &Sources) -> Identity {
        let text = sources.get(&finding.location.path).map_or("", |f| finding.location.span.text(&f.text));
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        Identity {
            lint: finding.lint.to_owned(),
            metric: finding.metric.clone(),
            label: finding.label.clone(),
            text: words.chars().take(TEXT).collect(),
        }
    }

    /// A short fingerprint of the `nth` finding with this identity (FNV-1a, 64 bits, hexadecimal).
    fn fingerprint(&self, nth: usize) -> String {
        let parts = [&self.lint, self.metric.as_ref().unwrap_or(&String::new()), self.label.as_ref().unwrap_or(&String::new()), &self.text]
            .map(String::as_str)
            .join("\0");
        let hash = parts.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        // The first keeps its fingerprint when a second comes.
        format!("{:016x}", hash.wrapping_add(nth as u64))
    }
}

/// A fingerprint for each finding, for formats that want one: no two are the same, and none depends on lines or files.
pub fn fingerprints(findings: &[Finding], sources: &Sources) -> Vec<String> {
    let mut seen: BTreeMap<Identity, usize> = BTreeMap::new();
    let one = |finding: &Finding| {
        let identity = Identity::of(finding, sources);
        let nth = seen.entry(identity.clone()).or_default();
        *nth += 1;
        identity.fingerprint(*nth - 1)
    };
    findings.iter().map(one).collect()
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    #[serde(flatten)]
    identity: Identity,
    /// Where it was, for people; a file may be renamed.
    path: String,
    count: usize,
}

#[derive(Debug, Serialize, Deserialize)]
struct Document {
    version: u32,
    findings: Vec<Entry>,
}

/// A set of known findings.
#[derive(Debug, Default)]
pub struct Baseline {
    counts: BTreeMap<Identity, BTreeMap<String, usize>>,
}

/// What remains after a baseline.
#[derive(Debug, Default)]
pub struct Remainder {
    /// Findings that the baseline does not know.
    pub new: Vec<Finding>,
    /// Findings that it knows and that are still there.
    pub quiet: usize,
    /// Findings that it knows and that are gone.
    pub fixed: usize,
}

impl Baseline {
    /// The baseline of these findings.
    pub fn of(findings: &[Finding], sources: &Sources) -> Baseline {
        let mut baseline = Baseline::default();
        for finding in findings {
            let paths = baseline.counts.entry(Identity::of(finding, sources)).or_default();
            *paths.entry(finding.location.path.to_string()).or_default() += 1;
        }
        baseline
    }

    /// Reads a baseline file.
    ///
    /// # Errors
    /// Why the text is no baseline.
    pub fn parse(text: &str) -> Result<Baseline, String> {
        let document: Document = serde_json::from_str(text).map_err(|e| format!("is no baseline: {e}"))?;
        if document.version != 1 {
            return Err(format!("is a baseline of version {}, this reduse reads version 1", document.version));
        }
        let mut baseline = Baseline::default();
        for entry in document.findings {
            let count = baseline.counts.entry(entry.identity).or_default().entry(entry.path).or_default();
            // Files are edited by hand, and merged by git.
            *count = count.saturating_add(entry.count);
        }
        Ok(baseline)
    }

    /// The text of the baseline file, sorted, so that a diff of it can be read.
    pub fn render(&self) -> String {
        let entries = self.counts.iter().flat_map(|(identity, paths)| {
            paths.iter().map(|(path, &count)| Entry { identity: identity.clone(), path: path.clone(), count })
        });
        let document = Document { version: 1, findings: entries.collect() };
        // A tree of plain values always serialises.
        let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Takes the known findings out. Where a file has more of the same than the baseline knows, those in a file it does not name are
    /// the new ones, and else the last.
    pub fn apply(&self, findings: Vec<Finding>, sources: &Sources) -> Remainder {
        let mut left = self.counts.clone();
        let mut remainder = Remainder::default();
        let mut unknown = Vec::new();
        for finding in findings {
            let identity = Identity::of(&finding, sources);
            let in_same_file = left.get_mut(&identity).and_then(|paths| paths.get_mut(&*finding.location.path)).filter(|n| **n > 0);
            match in_same_file {
                Some(count) => {
                    *count -= 1;
                    remainder.quiet += 1;
                }
                None => unknown.push((identity, finding)),
            }
        }
        // What is left in the baseline under another path may be the same finding in a renamed file.
        for (identity, finding) in unknown {
            let elsewhere = left.get_mut(&identity).and_then(|paths| paths.values_mut().find(|n| **n > 0));
            match elsewhere {
                Some(count) => {
                    *count -= 1;
                    remainder.quiet += 1;
                }
                None => remainder.new.push(finding),
            }
        }
        remainder.fixed = left.values().flat_map(BTreeMap::values).fold(0, |sum: usize, n| sum.saturating_add(*n));
        remainder
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::source::{FileKind, Location, SourceFile, Span};

    fn world(files: &[(&str, &str)]) -> Sources {
        Sources::new(files.iter().map(|(path, text)| Arc::new(SourceFile::new(path, FileKind::Rust, text))))
    }

    /// A finding under every occurrence of `needle`.
    fn findings(sources: &Sources, needle: &str, message: &str) -> Vec<Finding> {
        let in_file = |file: &Arc<SourceFile>| {
            let spans = file.text.match_indices(needle).map(|(i, n)| Span::new(i, i + n.len())).collect::<Vec<_>>();
            spans
                .into_iter()
                .map(|s| Finding { lint: "summary", ..Finding::new(message, Location::new(&file.path, s)).metric("m") })
                .collect::<Vec<_>>()
        };
        sources.iter().flat_map(in_file).collect()
    }

    #[test]
    fn lines_files_and_words_may_change() {
        let old = world(&[("a.rs", "x bad y")]);
        let baseline = Baseline::parse(&Baseline::of(&findings(&old, "bad", "old words"), &old).render()).unwrap();
        let new = world(&[("renamed.rs", "\n\n\nx   bad y")]);
        let rest = baseline.apply(findings(&new, "bad", "new words"), &new);
        assert_eq!((rest.new.len(), rest.quiet, rest.fixed), (0, 1, 0));
    }

    #[test]
    fn one_more_of_the_same_is_new_and_one_less_is_fixed() {
        let old = world(&[("a.rs", "bad bad")]);
        let baseline = Baseline::of(&findings(&old, "bad", ""), &old);
        let more = world(&[("a.rs", "bad bad"), ("b.rs", "bad")]);
        let rest = baseline.apply(findings(&more, "bad", ""), &more);
        assert_eq!(rest.new.iter().map(|f| &*f.location.path).collect::<Vec<_>>(), ["b.rs"]);
        let less = world(&[("a.rs", "bad")]);
        let rest = baseline.apply(findings(&less, "bad", ""), &less);
        assert_eq!((rest.new.len(), rest.quiet, rest.fixed), (0, 1, 1));
    }

    #[test]
    fn fingerprints_tell_the_same_defect_twice_apart_and_stay() {
        let two = world(&[("a.rs", "bad bad")]);
        let of = |world: &Sources| fingerprints(&findings(world, "bad", ""), world);
        let both = of(&two);
        assert_ne!(both[0], both[1]);
        assert_eq!(of(&world(&[("b.rs", "\n\nbad")])), both[..1]);
    }

    #[test]
    fn what_is_no_baseline_is_refused() {
        assert!(Baseline::parse("{").is_err());
        assert!(Baseline::parse("{\"version\": 2, \"findings\": []}").unwrap_err().contains("version 2"));
    }
}
