//! How code changes the values of its metrics.

use crate::source::Location;

/// What one place does to the value of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// Makes it larger.
    Raise,
    /// Makes it smaller.
    Lower,
    /// Adds something of which the sign is not known.
    Add,
    /// Gives it a value.
    Set,
    /// Puts it back to 0.
    Reset,
    /// Takes its series away, or some of them.
    Forget,
    /// Takes a value into a distribution.
    Observe,
    /// Makes the series be there, with the value that it starts with.
    Touch,
}

/// A value in a unit of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// The unit's whole word.
    pub unit: String,
    /// The call that says so, such as `as_millis()`.
    pub location: Location,
    /// Whether it stands in the call that takes the value, rather than in a variable's.
    pub direct: bool,
}

/// One place that changes a metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// What it does.
    pub change: Change,
    /// The unit of the value that it gives, where the code says it.
    pub measured: Option<Measured>,
    /// Whether it gives a number that is written there.
    pub constant: bool,
    /// The call.
    pub location: Location,
}

/// What is known of the places that change a metric.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Handling {
    /// The places, in order.
    pub updates: Vec<Update>,
    /// Whether these are all: nothing else that could change it is in the tree.
    pub complete: bool,
}
