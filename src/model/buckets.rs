//! Bucket bounds of a histogram.

use crate::source::Location;

/// Where known bounds come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BucketSource {
    /// The code names them.
    Explicit,
    /// The code names none and the client library's defaults apply.
    LibraryDefault,
}

/// What is known of a metric's bucket bounds.
#[derive(Clone, Debug, PartialEq)]
pub enum Buckets {
    /// The metric is not a histogram.
    None,
    /// The finite upper bounds in the order of the source, in the metric's unit, without `+Inf`.
    Known {
        /// The bounds.
        bounds: Vec<f64>,
        /// Whether the code or the library chose them.
        source: BucketSource,
        /// The expression that gives them, where there is one.
        location: Option<Location>,
    },
    /// Decided at run time.
    RunTime {
        /// The number of finite bounds where at least that is known.
        count: Option<usize>,
        /// The expression that gives them, where there is one.
        location: Option<Location>,
    },
}

impl Buckets {
    /// The finite bounds, where known.
    pub fn bounds(&self) -> Option<&[f64]> {
        match self {
            Buckets::Known { bounds, .. } => Some(bounds),
            _ => None,
        }
    }

    /// The number of finite bounds, where known.
    pub fn count(&self) -> Option<usize> {
        match self {
            Buckets::Known { bounds, .. } => Some(bounds.len()),
            Buckets::RunTime { count, .. } => *count,
            Buckets::None => None,
        }
    }

    /// The expression that gives the bounds.
    pub fn location(&self) -> Option<&Location> {
        match self {
            Buckets::Known { location, .. } | Buckets::RunTime { location, .. } => location.as_ref(),
            Buckets::None => None,
        }
    }
}
