//! Text to tree and errors. Knows nothing about metrics.

pub mod promql;
pub mod python;
pub mod rust;
pub mod yaml;
