//! Text and the places in it.
//!
//! Owns byte spans, files, the map from a decoded scalar back to the bytes of its file, and suppression comments.
//! Knows nothing about any syntax, and nothing about metrics. Lines and columns are computed here and asked for only by reports.

mod file;
mod lines;
mod scalar;
mod span;
pub mod suppression;

pub use file::{Build, Dependency, FileKind, SourceFile, Sources};
pub use lines::{LineColumn, LineIndex};
pub(crate) use scalar::RunList;
pub use scalar::Scalar;
pub use span::{Location, Span};
