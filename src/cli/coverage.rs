//! `reduse coverage`.

use super::args::{CoverageArgs, TableFormat};
use super::terminal::Terminal;
use super::{Failure, Outcome, session};
use crate::model::Inventory;
use crate::report;
use crate::signals::coverage;

pub(super) fn run(args: &CoverageArgs, terminal: &Terminal) -> Result<Outcome, Failure> {
    let options = session::options(&args.input, &args.system, None)?;
    let workspace = session::read(&args.input, terminal)?;
    let facts = session::facts(&workspace, &options, terminal);
    session::require_signals(&facts)?;
    let coverage = coverage::coverage(&facts.inventory, &facts.bindings, &facts.systems, library(&facts.inventory));
    let text = match args.format {
        TableFormat::Table => report::coverage::plain(&coverage),
        TableFormat::Json => report::coverage::json(&coverage),
        TableFormat::Markdown => report::coverage::markdown(&coverage),
    };
    terminal.print(&text);
    session::name_broken_code(&facts, terminal);
    let unreadable = session::unreadable(&facts);
    for line in &unreadable {
        terminal.error(line);
    }
    let (answered, asked) = coverage.answered();
    let short = args.fail_under.is_some_and(|percent| answered * 100 < asked * usize::from(percent));
    if short {
        terminal.note(&format!("{answered} of {asked} questions are answered, which is less than {}%", args.fail_under.unwrap_or(0)));
    }
    Ok(match (unreadable.is_empty(), short) {
        (false, _) => Outcome::Unreadable,
        (true, true) => Outcome::Findings,
        (true, false) => Outcome::Clean,
    })
}

/// The library that most metrics of the tree are defined with: what is to be added is shown as its code.
fn library(inventory: &Inventory) -> Option<&'static str> {
    let mut counts: std::collections::BTreeMap<&'static str, usize> = std::collections::BTreeMap::new();
    for metric in inventory.metrics() {
        *counts.entry(metric.library).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(name, count)| (*count, std::cmp::Reverse(*name))).map(|(name, _)| name)
}
