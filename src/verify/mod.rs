//! The checks that need another program: promtool, and a Prometheus that has the data.
//!
//! Says what to ask and what the answers mean; `cli` prints it. Knows nothing of generation: any rule file and dashboard can be asked for.

pub mod prometheus;
pub mod promtool;
mod questions;

pub use questions::{Answer, Asked, Questions, Reader, questions};
