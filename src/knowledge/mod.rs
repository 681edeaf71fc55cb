//! `rules/`, loaded and checked: what the tool knows, as data.
//!
//! The files travel inside the binary. A file that does not fit its schema is a defect of this project, found by
//! `tests/registry.rs`; at run time it is an empty entry, never a panic.

mod embedded;
pub mod libraries;
pub mod lint_docs;
pub mod plan;
pub mod presets;
pub mod provenance;
pub mod provides;
pub mod python;
pub mod signals;
pub mod snippets;
pub mod systems;
pub mod vocab;
pub mod words;

pub use embedded::{RuleFile, load, rule_files};
