//! Text to metrics, use sites and consumers.
//!
//! One entry point per language; every file is parsed at most once and only when it can matter.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::wrapper::Wrapper;
use crate::model::{
    Consumer, Dashboard, Described, Handling, Inventory, Metric, Miscount, Problem, Programs, ScrapeInterval, Unresolved, UseSite,
};
use crate::source::{FileKind, SourceFile};

mod board;
mod combine;
mod dashboard;
mod dashboard_v2;
pub mod document;
pub mod exposition;
mod kubernetes;
mod prometheus_config;
pub mod python;
mod remains;
mod rule_file;
mod rule_test;
pub mod rust;
mod schema;

pub use remains::Remains;

/// A file that was read and left alone, with the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The file.
    pub path: Arc<str>,
    /// Why, in words.
    pub reason: &'static str,
}

/// What an extractor found.
#[derive(Debug, Default)]
pub struct Extraction {
    /// Metrics, one entry per exposed name and library.
    pub metrics: Vec<Metric>,
    /// Definitions without a resolution.
    pub unresolved: Vec<Unresolved>,
    /// Use sites.
    pub uses: Vec<UseSite>,
    /// What code does with metrics, by exposed name.
    pub handled: BTreeMap<String, Handling>,
    /// Names that are described, and that nothing emits.
    pub described: Vec<Described>,
    /// Uses with another number of label values than there are labels.
    pub miscounts: Vec<Miscount>,
    /// The programs of the code.
    pub programs: Programs,
    /// Consumers.
    pub consumers: Vec<Consumer>,
    /// Dashboards.
    pub dashboards: Vec<Dashboard>,
    /// What tests of rules feed and ask.
    pub tests: Vec<Consumer>,
    /// How often configurations of Prometheus scrape.
    pub scrape_intervals: Vec<ScrapeInterval>,
    /// Names of the alerts that tests ask for.
    pub tested: BTreeSet<String>,
    /// What was wrong with the texts.
    pub problems: Vec<Problem>,
    /// Files that were left alone.
    pub skipped: Vec<Skipped>,
    /// Files with dashboards that speak of VictoriaMetrics: their queries may be MetricsQL.
    pub of_victoria: BTreeSet<Arc<str>>,
    /// What is only to be freed.
    pub remains: Remains,
}

impl Extraction {
    /// Takes over everything of another extraction.
    pub fn merge(&mut self, other: Extraction) {
        self.metrics.extend(other.metrics);
        self.unresolved.extend(other.unresolved);
        self.uses.extend(other.uses);
        self.handled.extend(other.handled);
        self.miscounts.extend(other.miscounts);
        self.described.extend(other.described);
        self.programs.merge(other.programs);
        self.consumers.extend(other.consumers);
        self.dashboards.extend(other.dashboards);
        self.tests.extend(other.tests);
        self.tested.extend(other.tested);
        self.scrape_intervals.extend(other.scrape_intervals);
        self.problems.extend(other.problems);
        self.skipped.extend(other.skipped);
        self.of_victoria.extend(other.of_victoria);
        self.remains.merge(other.remains);
    }
}

/// What extraction needs to know beyond the texts.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Whether `#[cfg(test)]` code counts.
    pub include_tests: bool,
    /// What the user declares to define metrics.
    pub wrappers: Arc<[Wrapper]>,
}

/// The files that are no code, the largest first.
pub fn documents(files: &[Arc<SourceFile>]) -> Vec<Arc<SourceFile>> {
    let mut documents: Vec<Arc<SourceFile>> =
        files.iter().filter(|f| !matches!(f.kind, FileKind::Rust | FileKind::Python)).map(Arc::clone).collect();
    documents.sort_by_key(|file| std::cmp::Reverse(file.text.len()));
    documents
}

/// Extracts everything from one file that is no code.
pub fn document(file: &SourceFile) -> Extraction {
    match file.kind {
        FileKind::Exposition => exposition::extract(file),
        _ => document::extract(file),
    }
}

/// Extracts everything from those of the files that are code, in parallel. The result does not depend on the order of the files.
pub fn code(files: &[Arc<SourceFile>], settings: &Settings) -> Extraction {
    let of_kind = |kind: FileKind| -> Vec<&Arc<SourceFile>> { files.iter().filter(|f| f.kind == kind).collect() };
    let (of_rust, of_python) = (of_kind(FileKind::Rust), of_kind(FileKind::Python));
    let (mut all, python) = rayon::join(|| rust::extract(&of_rust, settings), || python::extract(&of_python));
    all.merge(python);
    all
}

/// All of a tree, from its parts. What asks for metrics stays in the order of the parts.
pub fn together(code: Extraction, documents: impl IntoIterator<Item = Extraction>) -> Extraction {
    let mut all = code;
    for part in documents {
        all.merge(part);
    }
    all.dashboards.sort_by(|a, b| a.location.cmp(&b.location));
    all.scrape_intervals.sort_by(|a, b| a.location.cmp(&b.location));
    all.problems.sort_by(|a, b| (&a.location, a.kind, &a.message).cmp(&(&b.location, b.kind, &b.message)));
    all.skipped.sort_by(|a, b| a.path.cmp(&b.path));
    all
}

/// Whether the bytes of a file can matter to anybody: a file for which this is false need not be kept. Rust source is always kept,
/// since a constant that a metric's name comes from may stand anywhere, and so is Python.
pub fn may_matter(kind: FileKind, bytes: &[u8]) -> bool {
    match kind {
        FileKind::Rust | FileKind::Python | FileKind::Exposition => true,
        FileKind::Yaml | FileKind::Json => document::may_matter(bytes),
    }
}

/// Splits an extraction into the inventory and the rest.
pub fn inventory(extraction: &mut Extraction) -> Inventory {
    let mut inventory = Inventory::new(
        std::mem::take(&mut extraction.metrics),
        std::mem::take(&mut extraction.unresolved),
        std::mem::take(&mut extraction.uses),
    );
    inventory.handled = std::mem::take(&mut extraction.handled);
    inventory.miscounts = std::mem::take(&mut extraction.miscounts);
    inventory.described = std::mem::take(&mut extraction.described);
    inventory.programs = std::mem::take(&mut extraction.programs);
    inventory
}
