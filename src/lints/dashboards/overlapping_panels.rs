//! `overlapping-panels`: panels that lie on each other, or stick out of the grid.

use crate::finding::Finding;
use crate::lints::Context;
use crate::model::{Dashboard, Grid};

/// Columns of Grafana's grid.
const COLUMNS: i64 = 24;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for board in context.dashboards {
        findings.extend(wide(board));
        findings.extend(overlap(board));
    }
}

fn wide(board: &Dashboard) -> Option<Finding> {
    let outside = |grid: &Grid| grid.w > 0 && grid.x.saturating_add(grid.w) > COLUMNS;
    let (panel, grid) = board.panels.iter().find_map(|p| Some((p, p.grid.as_ref().filter(|g| outside(g))?)))?;
    let message = format!("the panel `{}` ends at column {} of a grid of {COLUMNS}", panel.title, grid.x.saturating_add(grid.w));
    Some(Finding::new(message, grid.location.clone()).caret("Grafana moves what does not fit"))
}

/// The first pair that overlaps, with the number of all: where panels were never arranged, one line says so.
fn overlap(board: &Dashboard) -> Option<Finding> {
    // A row takes one line wherever its file puts it.
    let panels = board.panels.iter().filter(|p| p.panel_type != "row");
    let mut placed: Vec<_> = panels.filter_map(|p| Some((p, p.grid.as_ref()?))).collect();
    placed.sort_by_key(|(p, g)| (p.group, g.y));
    let mut pairs = Vec::new();
    for (i, (panel, grid)) in placed.iter().enumerate() {
        let below = placed.iter().skip(i + 1).take_while(|(p, g)| p.group == panel.group && g.y < grid.y.saturating_add(grid.h));
        pairs.extend(
            below.filter(|(_, g)| g.x < grid.x.saturating_add(grid.w) && grid.x < g.x.saturating_add(g.w)).map(|(p, g)| (*panel, *p, *g)),
        );
    }
    let (first, second, grid) = pairs.first()?;
    let more = if pairs.len() > 1 { format!(", and so do {} more pairs", pairs.len() - 1) } else { String::new() };
    Some(
        Finding::new(format!("the panels `{}` and `{}` overlap{more}", first.title, second.title), grid.location.clone())
            .caret("Grafana moves what does not fit")
            .related("the other one", first.location.clone()),
    )
}
