//! `reduse explain`.

use super::terminal::Terminal;
use super::{Failure, Outcome};
use crate::config::unknown_lint;
use crate::knowledge::lint_docs;
use crate::report;

pub(super) fn run(lint: &str, terminal: &Terminal) -> Result<Outcome, Failure> {
    let doc = lint_docs::get(lint).ok_or_else(|| Failure::Usage(unknown_lint(lint)))?;
    terminal.print(&report::rules::explain(doc));
    Ok(Outcome::Clean)
}
