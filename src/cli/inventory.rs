//! `reduse inventory`.

use super::args::{InventoryArgs, InventoryFormat};
use super::terminal::Terminal;
use super::{Failure, Outcome, session};
use crate::report;

pub(super) fn run(args: &InventoryArgs, terminal: &Terminal) -> Result<Outcome, Failure> {
    let options = session::options(&args.input, &[], None)?;
    let workspace = session::read(&args.input, terminal)?;
    let facts = session::facts(&workspace, &options, terminal);
    let text = match args.format {
        InventoryFormat::Table => report::inventory::plain(&facts.inventory, &facts.sources, args.uses),
        InventoryFormat::Json => report::json::inventory(&facts.inventory, &facts.sources, args.uses),
        InventoryFormat::Markdown => report::inventory::markdown(&facts.inventory, &facts.sources, args.uses),
    };
    terminal.print(&text);
    let unreadable = session::unreadable(&facts);
    for line in &unreadable {
        terminal.error(line);
    }
    Ok(if unreadable.is_empty() { Outcome::Clean } else { Outcome::Unreadable })
}
