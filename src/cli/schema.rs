//! `reduse schema`.

use super::terminal::Terminal;
use super::{Failure, Outcome};
use crate::config;

pub(super) fn run(terminal: &Terminal) -> Result<Outcome, Failure> {
    terminal.print(&config::json_schema());
    Ok(Outcome::Clean)
}
