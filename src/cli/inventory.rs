//! `reduse inventory`.

use super::args::{InventoryArgs, InventoryFormat};
use super::terminal::Terminal;
use super::{Failure, Outcome, session};
use crate::report::{self, plural};

pub(super) fn run(args: &InventoryArgs, terminal: &Terminal) -> Result<Outcome, Failure> {
    if args.uses && args.format == InventoryFormat::Openmetrics {
        return Err(Failure::Usage("--uses: OpenMetrics has no words for uses: leave it out, or ask for another --format".to_owned()));
    }
    let options = session::options(&args.input, &[], None)?;
    let workspace = session::read(&args.input, terminal)?;
    let facts = session::facts(&workspace, &options, terminal);
    let text = match args.format {
        InventoryFormat::Table => report::inventory::plain(&facts.inventory, &facts.sources, args.uses),
        InventoryFormat::Json => report::json::inventory(&facts.inventory, &facts.sources, args.uses),
        InventoryFormat::Openmetrics => {
            let (text, left_out) = report::openmetrics::render(&facts.inventory);
            if left_out > 0 {
                terminal.note(&format!(
                    "left out: {} whose name only the run decides, or OpenMetrics does not take",
                    plural(left_out, "metric")
                ));
            }
            let unresolved = facts.inventory.unresolved.len();
            if unresolved > 0 {
                terminal.note(&format!("not resolved: {}: `reduse inventory` lists them", plural(unresolved, "definition")));
            }
            text
        }
        InventoryFormat::Markdown => report::inventory::markdown(&facts.inventory, &facts.sources, args.uses),
    };
    terminal.print(&text);
    let declarable = facts.inventory.unresolved.iter().any(|u| u.declarable);
    if args.format == InventoryFormat::Table && declarable {
        terminal.note(
            "what is not resolved can be declared: [[wrappers]] in reduse.toml says which macro, function or method defines a metric",
        );
    }
    session::name_broken_code(&facts, terminal);
    let unreadable = session::unreadable(&facts);
    for line in &unreadable {
        terminal.error(line);
    }
    Ok(if unreadable.is_empty() { Outcome::Clean } else { Outcome::Unreadable })
}
