//! `editable-dashboard`: a dashboard from a file that Grafana lets people change.

use crate::finding::Finding;
use crate::lints::{Context, dashboard};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for board in context.dashboards.iter().filter(|b| dashboard::is_grown(b)) {
        let Some(editable) = board.editable.as_ref().filter(|e| e.text == "true") else { continue };
        findings.push(
            Finding::new(format!("`{}` can be edited in Grafana, where nobody keeps the change", board.title), editable.location.clone())
                .caret("changes are lost with the next deployment")
                .help("Write `false`."),
        );
    }
}
