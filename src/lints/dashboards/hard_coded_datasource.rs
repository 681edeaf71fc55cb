//! `hard-coded-datasource`: panels bound to a data source of one Grafana.

use crate::finding::Finding;
use crate::lints::{Context, dashboard};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for board in context.dashboards.iter().filter(|b| dashboard::is_grown(b)) {
        let bound = board.panels.iter().filter(|p| !p.queries.is_empty()).filter_map(|p| Some((p, p.fixed_source.clone()?)));
        let variables = board.variables.iter().filter_map(|v| Some((format!("variable `{}`", v.name.text), v.fixed_source.clone()?)));
        let bound = bound.map(|(panel, location)| (format!("panel `{}`", panel.title), location)).chain(variables);
        let breaches = bound.map(|(what, location)| {
            Finding::new(format!("the {what} names a data source by its id in one Grafana"), location)
                .caret("there is no such data source elsewhere")
        });
        let all = |n| format!("{n} panels and variables of `{}` name a data source by its id in one Grafana", board.title);
        dashboard::report(breaches.collect(), all, findings);
    }
}
