//! `missing-variable`: a dashboard that shows all targets at once, with nothing to choose some.

use crate::finding::Finding;
use crate::knowledge::vocab;
use crate::lints::{Context, dashboard};

/// Panels with queries from which on a dashboard is looked at for one service or one instance.
const PANELS: usize = 8;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for board in context.dashboards.iter().filter(|b| dashboard::is_grown(b) && !b.open) {
        let asking = board.panels.iter().filter(|p| !p.queries.is_empty()).count();
        let chooses = board.variables.iter().any(|v| !matches!(v.kind.as_str(), "datasource" | "interval"));
        if asking < PANELS || chooses {
            continue;
        }
        let of_board = |at: usize| context.consumers.get(at).is_some_and(|c| c.board.as_ref() == Some(&board.location));
        let mut queries = context.queries.iter().filter(|q| of_board(q.consumer));
        // A query that names one has chosen.
        let names_target = |label: &str| vocab::grafana().targets.iter().any(|t| t == label);
        if queries.any(|q| q.selectors.iter().any(|s| s.matchers.iter().any(|m| names_target(&m.label.name)))) {
            continue;
        }
        findings.push(
            Finding::new(format!("nothing in `{}` chooses a `job` or an `instance`", board.title), board.location.clone())
                .caret("always shows all targets together"),
        );
    }
}
