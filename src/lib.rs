//! reduse: static analysis for metrics.
//!
//! The pipeline: `workspace` reads files, `extract` turns each into metrics, use sites and consumers, `engine` builds the facts
//! once and hands them to every lint, `report` and `generate` turn the results into text, `cli` writes it. See
//! `docs/ARCHITECTURE.md` for what each module may use and the invariants that tests hold.

pub mod baseline;
pub mod changes;
pub mod cli;
pub mod config;
pub mod engine;
pub mod extract;
pub mod finding;
pub mod fix;
pub mod generate;
pub mod knowledge;
pub mod lints;
pub mod model;
pub mod promql;
pub mod report;
pub mod signals;
pub mod source;
pub mod syntax;
pub mod threads;
pub mod vcs;
pub mod verify;
pub mod workspace;
