//! Rust source to metrics.

use std::sync::Arc;

use super::{Extraction, Settings};
use crate::source::SourceFile;

/// Extracts the metrics that Rust files define and use, across the packages of the tree.
pub fn extract(_files: &[&Arc<SourceFile>], _settings: &Settings) -> Extraction {
    Extraction::default()
}
