//! Text to tree and errors. Knows nothing about metrics.

pub mod rust;
