//! Text to tree and errors. Knows nothing about metrics.

pub mod promql;
pub mod rust;
pub mod yaml;
pub(crate) mod template;
