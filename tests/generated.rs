//! Generated files: what they hold, that promtool accepts them, and that their tests notice every change of an alert.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, missing_docs, unreachable_pub)]

#[path = "generated/alerts.rs"]
mod alerts;
#[path = "generated/dashboard.rs"]
mod dashboard;
#[path = "generated/goldens.rs"]
mod goldens;
#[path = "generated/mutation.rs"]
mod mutation;
#[path = "generated/partial.rs"]
mod partial;
#[path = "generated/promtool.rs"]
mod promtool;
#[path = "generated/reference.rs"]
mod reference;
