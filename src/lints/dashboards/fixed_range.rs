//! `fixed-range`: rates over a fixed range in a dashboard, where Grafana knows the right one.

use crate::finding::Finding;
use crate::lints::{Context, dashboard};
use crate::promql::{ExprKind, visit};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for board in context.dashboards.iter().filter(|b| dashboard::is_grown(b)) {
        let mut breaches = Vec::new();
        for query in context.queries {
            let Some(consumer) =
                context.consumers.get(query.consumer).filter(|c| c.board.as_ref() == Some(&board.location) && c.is_panel())
            else {
                continue;
            };
            let mut fixed = None;
            visit(&query.tree, &mut |expr| {
                let ExprKind::Call(call) = &expr.kind else { return };
                if matches!(call.name.name.as_str(), "rate" | "irate")
                    && let Some(ExprKind::Matrix(_, seconds)) = call.args.first().map(|a| &a.kind)
                {
                    fixed = fixed.or(seconds.map(|_| expr.span));
                }
            });
            let Some(location) = fixed.and_then(|span| query.locate(context.consumers, span)) else { continue };
            breaches.push(
                Finding::new(format!("the panel `{}` takes its rate over a fixed range", consumer.name), location)
                    .caret("too short for a long time range, too long for a short one"),
            );
        }
        dashboard::report(breaches, |n| format!("{n} of the queries of `{}` take their rate over a fixed range", board.title), findings);
    }
}
