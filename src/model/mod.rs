//! Plain data: what a code base exposes and what reads it.
//!
//! Nothing here computes anything that needs a file, a rule or a syntax tree. Everything later speaks in these words.

mod binding;
mod bound;
mod buckets;
mod consumer;
mod dashboard;
mod inventory;
mod metric;
mod policy;
mod problem;
mod programs;
mod provenance;
mod renames;
mod series;
mod update;
pub mod wrapper;

pub use binding::{Binding, Bindings, Sureness};
pub use bound::{Bound, BoundKind};
pub use buckets::{BucketSource, Buckets};
pub use consumer::{Alert, Consumer, ConsumerKind, Dialect, Group, Panel, Prose, QueryText, Record, ScrapeInterval};
pub use dashboard::{Dashboard, DashboardPanel, DashboardVariable, Grid, Word, variables_of};
pub use inventory::{Described, Inventory, LabelUse, Miscount, Unresolved, UseSite};
pub use metric::{Definition, Label, Language, Metric, MetricType, Series};
pub use policy::{DEFAULT_MAX_SERIES, House, LabelPolicy, Policies, PrometheusVersion, Thresholds};
pub use problem::{Problem, ProblemKind};
pub use programs::Programs;
pub use provenance::{Provenance, ProvenanceKind, Step};
pub use renames::{Rename, renames};
pub use series::split_series;
pub use update::{Change, Handling, Measured, Update};
