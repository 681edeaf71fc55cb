//! What was wrong with a text, found while reading it.

use crate::model::PrometheusVersion;
use crate::source::Location;

/// Which syntax lint a problem belongs to: one kind, one lint of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// Rust that does not parse.
    RustSyntax,
    /// Python that does not parse.
    PythonSyntax,
    /// YAML that does not parse.
    YamlSyntax,
    /// A rule file whose shape Prometheus would refuse.
    RuleSchema,
    /// A dashboard whose shape Grafana would not show.
    DashboardSchema,
    /// Exposed text that Prometheus would refuse.
    ExpositionSyntax,
    /// PromQL that does not parse.
    PromqlSyntax,
    /// A file that could not be read.
    UnreadableFile,
    /// A file too large to be read.
    OversizedFile,
    /// A suppression comment that cannot be obeyed: no reason, an unknown lint, a date that is none or has passed.
    InvalidSuppression,
    /// A suppression comment that suppresses nothing.
    UselessSuppression,
}

/// One thing wrong with a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// The lint it belongs to.
    pub kind: ProblemKind,
    /// What is wrong, in words, without the place.
    pub message: String,
    /// Where.
    pub location: Location,
    /// What to do about it.
    pub help: Option<String>,
    /// The version of Prometheus from which on it is allowed.
    pub until: Option<PrometheusVersion>,
    /// True where others may take it: a relative of PromQL for which files of the tree are written, or Prometheus what is too long for us.
    pub relative: bool,
}
