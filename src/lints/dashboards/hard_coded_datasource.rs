//! `hard-coded-datasource`: panels bound to a data source of one Grafana.

use crate::finding::Finding;
use crate::lints::{Context, dashboard};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for board in context.dashboards.iter().filter(|b| dashboard::is_grown(b)) {
        let bound = board.panels.iter().filter(|p| !p.queries.is_empty()).filter_map(|p| Some((p, p.fixed_source.clone()?)));
        let breaches = bound.map(|(panel, location)| {
            Finding::new(format!("the panel `{}` names a data source by its id in one Grafana", panel.title), location)
                .caret("there is no such data source elsewhere")
        });
        let all = |n| format!("{n} panels of `{}` name a data source by its id in one Grafana", board.title);
        dashboard::report(breaches.collect(), all, findings);
    }
}
