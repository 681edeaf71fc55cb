//! `reduse rules`.

use super::terminal::Terminal;
use super::{Failure, Outcome};
use crate::knowledge::lint_docs;
use crate::report;

pub(super) fn run(terminal: &Terminal) -> Result<Outcome, Failure> {
    terminal.print(&report::rules::list(&lint_docs::get));
    Ok(Outcome::Clean)
}
