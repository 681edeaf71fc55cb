//! `empty-panel`: a panel that draws data and has no query.

use crate::finding::Finding;
use crate::lints::Context;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for panel in context.dashboards.iter().flat_map(|b| &b.panels) {
        let draws =
            matches!(panel.panel_type.as_str(), "timeseries" | "graph" | "stat" | "gauge" | "bargauge" | "heatmap" | "table" | "piechart");
        if draws && panel.targets == 0 && !panel.is_library {
            findings.push(
                Finding::new(format!("the panel `{}` has no query", panel.title), panel.location.clone()).caret("always says `No data`"),
            );
        }
    }
}
