//! One metric family as Prometheus will see it.

use std::sync::Arc;

use super::{Bound, BoundKind, Buckets};
use crate::source::Location;

/// The type of a metric family on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MetricType {
    /// Only goes up.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Cumulative buckets, a sum and a count.
    Histogram,
    /// Quantiles computed in the process.
    Summary,
    /// Not known, or untyped on the wire.
    Unknown,
}

impl MetricType {
    /// The word used in JSON, in rule data and in the exposition format.
    pub fn as_str(self) -> &'static str {
        match self {
            MetricType::Counter => "counter",
            MetricType::Gauge => "gauge",
            MetricType::Histogram => "histogram",
            MetricType::Summary => "summary",
            MetricType::Unknown => "unknown",
        }
    }

    /// The type with this word; anything else is `Unknown`.
    pub fn parse(word: &str) -> Self {
        match word {
            "counter" => MetricType::Counter,
            "gauge" => MetricType::Gauge,
            "histogram" => MetricType::Histogram,
            "summary" => MetricType::Summary,
            _ => MetricType::Unknown,
        }
    }
}

/// The kind of text a metric was found in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// Rust source.
    Rust,
    /// Python source.
    Python,
    /// A recording rule.
    Yaml,
    /// What a process exposed.
    Exposition,
}

impl Language {
    /// The word used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Language::Rust => "rust",
            Language::Python => "python",
            Language::Yaml => "yaml",
            Language::Exposition => "exposition",
        }
    }
}

/// A label name of a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// The name as exposed.
    pub name: String,
    /// How many values it can take.
    pub bound: Bound,
    /// Where the name stands in the source.
    pub location: Option<Location>,
}

/// One place that defines a metric. A metric of the `metrics` crate has one per name, the others one per constructor call.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// The defining call.
    pub location: Location,
    /// The package it is in.
    pub package: Arc<str>,
    /// The exposed type by this definition.
    pub kind: MetricType,
    /// The label names by this definition, sorted, where complete.
    pub labels: Option<Vec<String>>,
    /// The help text of this definition, where known.
    pub help: Option<String>,
    /// The finite bucket bounds of this definition, where known.
    pub bounds: Option<Vec<f64>>,
    /// True when this registration can meet another one of the same name in one registry: a plain definition in the default
    /// registry. False where a registry is passed in, a prefix is added at run time, or conditional compilation chooses.
    pub exclusive: bool,
    /// Why the registration runs more than once in one process, where that is certain: what it stands in.
    pub again: Option<String>,
}

/// One metric family: exposed name, type, labels, buckets, and where it is defined.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// Exposed name; `*` stands for a part known only at run time.
    pub name: String,
    /// Exposed type.
    pub kind: MetricType,
    /// The type the code asked for. A histogram of the `metrics` crate without buckets is declared a histogram and exposed as a summary.
    pub declared: MetricType,
    /// Base unit word (`seconds`, `bytes`), where the code says it apart from the name.
    pub unit: Option<String>,
    /// Help text; `None` when the code gives none.
    pub help: Option<String>,
    /// True when help may exist that could not be read; no lint may then say that it is missing.
    pub help_unknown: bool,
    /// The text it was found in.
    pub language: Language,
    /// The client library, as provenance for people: nothing may decide by it.
    pub library: &'static str,
    /// Labels, sorted by name.
    pub labels: Vec<Label>,
    /// False when more labels may be added at run time.
    pub labels_complete: bool,
    /// Labels that a condition adds: not every process has them.
    pub optional: Vec<String>,
    /// Bucket bounds.
    pub buckets: Buckets,
    /// Whether a series is there only from the time on when something is first recorded, though it has no labels.
    pub appears_late: bool,
    /// The defining call.
    pub location: Location,
    /// The expression that holds the name, for carets; the defining call where there is none.
    pub name_location: Location,
    /// All defining places, the first being `location`.
    pub definitions: Vec<Definition>,
    /// Whether a crate outside of the tree defines it, and the tree only makes what exposes it: its name, type and text are not the
    /// tree's to change.
    pub provided: bool,
    /// The name in the code, where what takes the metric over is not in the tree and adds unit and type to the name in its own way.
    pub plain_name: Option<String>,
}

/// How many series a metric can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Series {
    /// At least: one label combination.
    pub min: u64,
    /// At most; `None` when a label has no known bound or the bounds of a histogram are not known.
    pub max: Option<u64>,
}

impl Metric {
    /// Whether what takes the metric over may show it so: by its name in the code with unit or `_total`, once, twice or not at all.
    pub fn may_be_shown_as(&self, name: &str) -> bool {
        let Some(plain) = self.plain_name.as_deref() else { return false };
        let last = plain.rsplit('_').next();
        let is_ending = |word: &str| matches!(word, "total" | "ratio") || self.unit.as_deref() == Some(word) || last == Some(word);
        let ends = |rest: &str| rest.is_empty() || rest.strip_prefix('_').is_some_and(|words| words.split('_').all(is_ending));
        name.strip_prefix(plain).is_some_and(ends)
    }

    /// A metric of which nothing else is known to exist.
    pub fn new(name: impl Into<String>, kind: MetricType, language: Language, library: &'static str, location: Location) -> Self {
        Metric {
            name: name.into(),
            kind,
            declared: kind,
            unit: None,
            help: None,
            help_unknown: false,
            language,
            library,
            labels: Vec::new(),
            labels_complete: true,
            buckets: Buckets::None,
            appears_late: false,
            optional: Vec::new(),
            name_location: location.clone(),
            location,
            definitions: Vec::new(),
            provided: false,
            plain_name: None,
        }
    }

    /// Whether every version of Prometheus can write the name, and without quotes.
    pub fn is_writable(&self) -> bool {
        let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
        !self.name.starts_with(|c: char| c.is_ascii_digit()) && !self.name.is_empty() && self.name.chars().all(part)
    }

    /// The label with this name.
    pub fn label(&self, name: &str) -> Option<&Label> {
        self.labels.iter().find(|l| l.name == name)
    }

    /// Whether this can be its exposed name: `*` stands for anything.
    pub fn may_be_called(&self, name: &str) -> bool {
        let mut parts = self.name.split('*');
        let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
        let mut parts = parts.peekable();
        if parts.peek().is_none() {
            return rest.is_empty();
        }
        while let Some(part) = parts.next() {
            if parts.peek().is_none() {
                return rest.ends_with(part);
            }
            match rest.find(part) {
                Some(at) => rest = rest.get(at + part.len()..).unwrap_or(""),
                None => return false,
            }
        }
        true
    }

    /// Whether a part of the name is known only at run time.
    pub fn is_pattern(&self) -> bool {
        self.name.contains('*')
    }

    /// What counts the observations of a histogram: its series that ends in `_count`.
    pub fn counted(&self) -> Option<Metric> {
        let counter = || Metric {
            name: format!("{}_count", self.name),
            kind: MetricType::Counter,
            declared: MetricType::Counter,
            unit: None,
            buckets: Buckets::None,
            plain_name: None,
            ..self.clone()
        };
        (self.kind == MetricType::Histogram).then(counter)
    }

    /// Series of one label combination, and of all combinations. A histogram costs its finite bounds, `+Inf`, sum and count;
    /// a summary of the Rust recorder seven quantiles, sum and count.
    pub fn series(&self) -> Series {
        let per_combination = match self.kind {
            MetricType::Histogram => self.buckets.count().map(|n| n as u64 + 3),
            MetricType::Summary => Some(9),
            _ => Some(1),
        };
        let combinations = self.labels.iter().try_fold(1_u64, |product, label| match label.bound.kind {
            BoundKind::Unknown | BoundKind::Unbounded => None,
            _ => label.bound.count.map(|n| product.saturating_mul(n.max(1))),
        });
        let max = match (per_combination, combinations) {
            (Some(per), Some(n)) if self.labels_complete => Some(n.saturating_mul(per)),
            _ => None,
        };
        Series { min: per_combination.unwrap_or(3), max }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    #[test]
    fn names_that_a_metric_may_be_shown_as() {
        let location = Location::new(&"a.rs".into(), Span::default());
        let mut metric = Metric::new("wait_seconds", MetricType::Histogram, Language::Rust, "opentelemetry", location);
        assert!(!metric.may_be_shown_as("wait_seconds_seconds"));
        (metric.plain_name, metric.unit) = (Some("wait_seconds".to_owned()), Some("seconds".to_owned()));
        for name in ["wait_seconds", "wait_seconds_seconds", "wait_seconds_total", "wait_seconds_seconds_total"] {
            assert!(metric.may_be_shown_as(name), "{name}");
        }
        for name in ["wait", "wait_secondses", "wait_seconds_of_orders", "wait_seconds_bytes"] {
            assert!(!metric.may_be_shown_as(name), "{name}");
        }
    }
}
