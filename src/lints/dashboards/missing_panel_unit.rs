//! `missing-panel-unit`: panels that do not say what their numbers are.

use crate::finding::Finding;
use crate::lints::{Context, dashboard};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for board in context.dashboards.iter().filter(|b| dashboard::is_grown(b)) {
        let drawn = |kind: &str| matches!(kind, "timeseries" | "stat" | "gauge" | "bargauge");
        let breaches = board.panels.iter().filter(|p| drawn(&p.panel_type) && !p.queries.is_empty() && p.units.is_empty()).map(|panel| {
            Finding::new(format!("the panel `{}` has no unit", panel.title), panel.location.clone()).caret("numbers of what?")
        });
        dashboard::report(breaches.collect(), |n| format!("{n} panels of `{}` have no unit", board.title), findings);
    }
}
