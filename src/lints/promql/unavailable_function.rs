//! `unavailable-function`: a function or an operator that the given version of Prometheus does not have.

use crate::finding::Finding;
use crate::knowledge::vocab::{self, Versioned};
use crate::lints::{Context, repair};
use crate::model::{Dialect, PrometheusVersion};
use crate::promql::{BinaryOp, ExprKind, visit};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(version) = context.policies.prometheus_version else { return };
    for query in context.queries {
        // A dashboard may read another data source.
        if context.consumers.get(query.consumer).is_none_or(|c| c.query.dialect != Dialect::Prometheus) {
            continue;
        }
        visit(&query.tree, &mut |expr| {
            let (name, span) = match &expr.kind {
                ExprKind::Call(call) => (call.name.name.as_str(), call.name.span),
                ExprKind::Aggregate(aggregate) => (aggregate.op.name.as_str(), aggregate.op.span),
                ExprKind::Binary(b) if b.op == BinaryOp::Atan2 => ("atan2", b.op_span),
                _ => return,
            };
            let Some(function) = vocab::promql().functions.iter().find(|f| f.name == name) else { return };
            let Some(why) = missing(function, version) else { return };
            let Some(location) = query.locate(context.consumers, span) else { return };
            let mut finding =
                Finding::new(format!("Prometheus {version} does not have `{name}`: {why}"), location).caret("does not parse there");
            if let Some(instead) = &function.instead {
                let edit = repair::in_query(context, query, span, instead.as_str());
                finding = finding.help(format!("It is called `{instead}` there.")).fixes(format!("use `{instead}`"), edit);
            }
            findings.push(finding);
        });
    }
}

/// Why a version does not have a function.
fn missing(function: &Versioned, version: PrometheusVersion) -> Option<String> {
    let parsed = |text: &Option<String>| text.as_deref().and_then(PrometheusVersion::parse);
    match (parsed(&function.since), parsed(&function.until)) {
        (Some(since), _) if version < since => Some(format!("it came with {since}")),
        (_, Some(until)) if version >= until => Some(format!("it went with {until}")),
        _ => None,
    }
}
