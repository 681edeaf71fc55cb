//! `quantile-out-of-range`: a quantile that is not between 0 and 1.

use crate::finding::Finding;
use crate::lints::Context;
use crate::promql::{ExprKind, visit};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for query in context.queries {
        visit(&query.tree, &mut |expr| {
            let (name, param) = match &expr.kind {
                ExprKind::Call(call) if matches!(call.name.name.as_str(), "histogram_quantile" | "quantile_over_time") => {
                    (&call.name.name, call.args.first())
                }
                ExprKind::Aggregate(aggregate) if aggregate.op.name == "quantile" => (&aggregate.op.name, aggregate.param.as_deref()),
                _ => return,
            };
            let Some(param) = param else { return };
            let Some(number) = param.number().filter(|n| *n < 0.0 || *n > 1.0) else { return };
            let Some(location) = query.locate(context.consumers, param.span) else { return };
            let infinity = if number > 1.0 { "+Inf" } else { "-Inf" };
            let mut finding =
                Finding::new(format!("`{name}` of {number} is always {infinity}: a quantile is between 0 and 1"), location.clone())
                    .caret("not between 0 and 1");
            if number > 1.0 && number <= 100.0 {
                let share = number / 100.0;
                finding = finding.help(format!("For the {number}th percentile write {share}.")).fix(
                    format!("use {share}"),
                    location,
                    share.to_string(),
                );
            }
            findings.push(finding);
        });
    }
}
