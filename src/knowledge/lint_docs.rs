//! The words of every lint: `rules/lints/<family>/<lint>.yaml`, the only source of them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::{load, rule_files};

/// A set of small files and what a lint says of them.
///
/// In a text a line that holds only a comment marker and carets (`//   ^^^`, `#  ^^^`) is not part of the file: it says that the lint
/// fires on exactly those columns of the line before.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What the example shows, one line.
    pub note: String,
    /// Path to text.
    pub files: BTreeMap<String, String>,
    /// Text of a `reduse.toml`, if the example needs one.
    #[serde(default)]
    pub config: Option<String>,
    /// Systems given with `--system`.
    #[serde(default)]
    pub systems: Vec<String>,
}

/// Bad and good examples.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Examples {
    /// Each fires exactly this lint under its carets.
    pub bad: Vec<Example>,
    /// Each fires no lint.
    pub good: Vec<Example>,
}

/// One lint in words.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LintDoc {
    /// The lint's name: the file's stem.
    pub name: String,
    /// One line.
    pub summary: String,
    /// `error`, `warning` or `info`.
    pub severity: String,
    /// `high`, `medium` or `low`.
    pub confidence: String,
    /// Why it matters, in a line or a paragraph.
    pub why: String,
    /// What to do instead.
    pub instead: String,
    /// Examples, which are tests.
    #[serde(default)]
    pub examples: Examples,
    /// Family: the folder the file is in. Not part of the file.
    #[serde(skip)]
    pub family: String,
}

static DOCS: LazyLock<BTreeMap<String, LintDoc>> = LazyLock::new(|| {
    rule_files("lints")
        .iter()
        .filter_map(|file| {
            let mut doc: LintDoc = load(file).ok()?;
            doc.family = file.path.split('/').nth(1).unwrap_or_default().to_owned();
            Some((doc.name.clone(), doc))
        })
        .collect()
});

/// The words of the lint with this name.
pub fn get(name: &str) -> Option<&'static LintDoc> {
    DOCS.get(name)
}

/// The words of all lints, by name.
pub fn all() -> impl Iterator<Item = &'static LintDoc> {
    DOCS.values()
}
