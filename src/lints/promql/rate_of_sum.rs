//! `rate-of-sum`: counters added first and rated afterwards, so that one restart looks like a burst.

use std::collections::HashMap;

use crate::finding::{Finding, Severity};
use crate::lints::{Context, lookup};
use crate::model::{ConsumerKind, MetricType};
use crate::promql::{Aggregate, Expr, ExprKind, Query, Step, visit};
use crate::source::Span;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let recorded = recorded_sums(context);
    for query in context.queries {
        visit(&query.tree, &mut |expr| {
            let ExprKind::Call(call) = &expr.kind else { return };
            let function = call.name.name.as_str();
            if !matches!(function, "rate" | "irate" | "increase") {
                return;
            }
            let Some(arg) = call.args.first() else { return };
            let (span, place, sum): (Span, _, _) = match &arg.peeled().kind {
                ExprKind::Subquery(inner, _) if sums_raw(inner) => (inner.span, None, &**inner),
                ExprKind::Matrix(inner, _) => match &inner.peeled().kind {
                    ExprKind::Vector(v) => match v.name.as_ref().and_then(|n| recorded.get(n.name.as_str())) {
                        Some(rule) => (inner.span, context.consumers.get(rule.consumer).map(|c| c.location.clone()), &rule.tree),
                        None => return,
                    },
                    _ => return,
                },
                _ => return,
            };
            let Some(location) = query.locate(context.consumers, span) else { return };
            let mut finding = Finding::new(format!("`{function}` of a sum: a restart of one instance looks like a burst of all"), location)
                .caret("already summed")
                .help(format!("Take `{function}` of each counter first and sum the results: `sum({function}(…[5m]))`."));
            // What one process exposes starts again at 0 together.
            if within_instance(sum) {
                finding = finding.severity(Severity::Info);
            }
            if let Some(place) = place {
                finding = finding.related("the sum is recorded here", place);
            }
            findings.push(finding);
        });
    }
}

/// `sum(counter)`, with no function over time in between.
fn sums_raw(expr: &Expr) -> bool {
    match &expr.peeled().kind {
        ExprKind::Aggregate(a) if a.op.name == "sum" => matches!(a.expr.peeled().kind, ExprKind::Vector(_)),
        _ => false,
    }
}

/// Whether a sum is one of series of the same process.
fn within_instance(expr: &Expr) -> bool {
    let ExprKind::Aggregate(Aggregate { grouping: Some(grouping), .. }) = &expr.peeled().kind else { return false };
    let of_process = |label: &str| matches!(label, "instance" | "pod");
    grouping.labels.iter().any(|l| of_process(&l.name)) != grouping.without
}

/// Recorded metrics that are sums of counters.
fn recorded_sums<'a>(context: &Context<'a>) -> HashMap<&'a str, &'a Query> {
    let rules = context.queries.iter().filter_map(|query| {
        let consumer = context.consumers.get(query.consumer).filter(|c| matches!(c.kind, ConsumerKind::Record(_)))?;
        let [selector] = &query.selectors[..] else { return None };
        let only_sum = matches!(&selector.around[..], [Step::Aggregate(op)] if op == "sum");
        let counter = selector.literal_name().and_then(|n| lookup::metric(context, n)).is_some_and(|k| k.kind() == MetricType::Counter);
        (only_sum && counter).then_some((consumer.name.as_str(), query))
    });
    rules.collect()
}
