//! Generated files: what they hold, that promtool accepts them, and that their tests notice every change of an alert.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, missing_docs, unreachable_pub)]

#[path = "generated/alerts.rs"]
mod alerts;
#[path = "common/mod.rs"]
mod common;
#[path = "generated/dashboard.rs"]
mod dashboard;
#[path = "generated/goldens.rs"]
mod goldens;
#[path = "generated/linter.rs"]
mod linter;
#[path = "generated/mutation.rs"]
mod mutation;
#[path = "generated/partial.rs"]
mod partial;
#[path = "generated/promtool.rs"]
mod promtool;
#[path = "systems/reads.rs"]
mod reads;
#[path = "generated/reference.rs"]
mod reference;
#[path = "generated/schema.rs"]
mod schema;
#[path = "generated/systems.rs"]
mod systems;
