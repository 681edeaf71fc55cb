//! `stale-variable`: a variable whose values are never asked for again.

use crate::finding::Finding;
use crate::lints::{Context, dashboard};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for board in context.dashboards.iter().filter(|b| dashboard::is_grown(b)) {
        let mut once = Vec::new();
        for variable in board.variables.iter().filter(|v| v.kind == "query") {
            let Some(refresh) = variable.refresh.as_ref().filter(|r| matches!(r.text.as_str(), "0" | "1")) else { continue };
            if refresh.text == "1" {
                once.push(
                    Finding::new(
                        format!("the variable `{}` offers what there was when the page was opened", variable.name.text),
                        refresh.location.clone(),
                    )
                    .caret("on load only")
                    .help("Write `2`: whoever goes back to last week's incident wants to choose what ran then."),
                );
                continue;
            }
            findings.push(
                Finding::new(
                    format!("the variable `{}` keeps the values it had when the dashboard was saved", variable.name.text),
                    refresh.location.clone(),
                )
                .caret("never")
                .help("Write `2`, and they are asked for again when the time range changes."),
            );
        }
        let all = |n| format!("{n} variables of `{}` offer what there was when the page was opened", board.title);
        dashboard::report(once, all, findings);
    }
}
