//! `stale-variable`: a variable whose values are never asked for again.

use crate::finding::Finding;
use crate::lints::{Context, dashboard};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for board in context.dashboards.iter().filter(|b| dashboard::is_grown(b)) {
        for variable in board.variables.iter().filter(|v| v.kind == "query") {
            let Some(refresh) = variable.refresh.as_ref().filter(|r| r.text == "0") else { continue };
            findings.push(
                Finding::new(
                    format!("the variable `{}` keeps the values it had when the dashboard was saved", variable.name.text),
                    refresh.location.clone(),
                )
                .caret("never")
                .help("Write `2`, and they are asked for again when the time range changes."),
            );
        }
    }
}
