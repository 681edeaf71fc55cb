//! Text to tree and errors. Knows nothing about metrics.

mod blocks;
pub mod exposition;
pub mod promql;
pub mod python;
pub mod rust;
pub(crate) mod template;
pub mod yaml;
