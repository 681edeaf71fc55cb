//! What reads metrics: alerting and recording rules, dashboard panels and variables.

use std::sync::Arc;

use crate::source::{Location, Scalar, Span};

/// Which placeholders a query may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// Plain PromQL, as a rule file holds it.
    Prometheus,
    /// PromQL with Grafana's variables.
    Grafana,
}

/// A query as its file holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryText {
    /// The file.
    pub path: Arc<str>,
    /// The decoded text and its way back to the file.
    pub scalar: Scalar,
    /// Which placeholders it may hold.
    pub dialect: Dialect,
}

impl QueryText {
    /// The place in the file of a range of the decoded text.
    pub fn locate(&self, range: Span) -> Location {
        Location::new(&self.path, self.scalar.span(range))
    }
}

/// What only an alerting rule has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Alert {
    /// `for`, in seconds.
    pub for_seconds: Option<f64>,
    /// Static labels.
    pub labels: Vec<(String, Scalar)>,
    /// Annotations.
    pub annotations: Vec<(String, Scalar)>,
    /// Its group of rules.
    pub group: Group,
}

/// Rules that are evaluated one after the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Where it begins in its file.
    pub start: u32,
    /// Whether an object of the Prometheus operator holds it, and no file that Prometheus reads itself.
    pub object: bool,
}

/// What only a recording rule has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// Static labels.
    pub labels: Vec<(String, Scalar)>,
    /// Its group of rules.
    pub group: Group,
}

/// What only a dashboard panel's target has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Panel {
    /// Panel type, such as `timeseries`.
    pub panel_type: String,
    /// Unit id of the panel, where set.
    pub unit: Option<String>,
    /// Panel id, where set.
    pub id: Option<u64>,
    /// Title of the dashboard.
    pub dashboard: String,
}

/// The kind of a consumer and what only this kind has.
#[derive(Clone, Debug, PartialEq)]
pub enum ConsumerKind {
    /// An alerting rule.
    Alert(Alert),
    /// A recording rule; its name is the recorded metric.
    Record(Record),
    /// One target of a dashboard panel.
    Panel(Panel),
    /// A dashboard variable; the label whose values it offers, where it says one.
    Variable(Option<Scalar>),
    /// A query whose results are marked in all panels of a dashboard.
    Annotation,
    /// A test of rules: one of the series that it feeds, or an expression that it asks.
    Test,
}

impl ConsumerKind {
    /// The kind in words, for messages.
    pub fn noun(&self) -> &'static str {
        match self {
            ConsumerKind::Alert(_) => "alert",
            ConsumerKind::Record(_) => "recording rule",
            ConsumerKind::Panel(_) => "panel",
            ConsumerKind::Variable(_) => "variable",
            ConsumerKind::Annotation => "annotation",
            ConsumerKind::Test => "rule test",
        }
    }
}

/// How often a configuration of Prometheus scrapes, at the most.
#[derive(Clone, Debug, PartialEq)]
pub struct ScrapeInterval {
    /// The shortest interval of its jobs, in seconds.
    pub seconds: f64,
    /// Where it says so.
    pub location: Location,
}

/// What a file says beside a query, in words that may name what the query reads.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prose {
    /// Titles, descriptions, expected annotations, the copy of a variable's query: text that may hold the name of a metric.
    pub texts: Vec<Scalar>,
    /// The legend of a target; each `{{label}}` is filled in.
    pub legend: Option<Scalar>,
    /// Names of the labels that a test of rules expects.
    pub labels: Vec<Scalar>,
}

/// One reader of metrics and the query it reads with.
#[derive(Clone, Debug, PartialEq)]
pub struct Consumer {
    /// Alert name, recorded name, panel title or variable name.
    pub name: String,
    /// Where the name stands.
    pub location: Location,
    /// The kind.
    pub kind: ConsumerKind,
    /// The query.
    pub query: QueryText,
    /// What is said beside it.
    pub prose: Prose,
    /// The dashboard that it is part of, by its place.
    pub board: Option<Location>,
}

impl Consumer {
    /// Whether it is a panel of a dashboard.
    pub fn is_panel(&self) -> bool {
        matches!(self.kind, ConsumerKind::Panel(_))
    }
}
