//! `unformatted-value`: an annotation that prints a fraction with all of its digits.

use crate::finding::Finding;
use crate::lints::rules::{AlertRule, alerts};
use crate::lints::{Context, convention, repair};
use crate::promql::{BinaryOp, Expr, ExprKind, Range, Read, range, read_template};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut breaches = Vec::new();
    for rule in alerts(context).filter(|r| fractional(&r.query.tree)) {
        for (key, text) in &rule.alert.annotations {
            let template = read_template(&text.text);
            if template.error.is_some() {
                continue;
            }
            for (read, span) in template.reads {
                let (before, after) = (text.text.get(..span.start as usize), text.text.get(span.end as usize..));
                let (Some(before), Some(after)) = (before, after) else { continue };
                let bare = before.trim_end_matches([' ', '-']).ends_with("{{") && after.trim_start_matches([' ', '-']).starts_with("}}");
                if read != (Read::Value { printed: true }) || !bare {
                    continue;
                }
                let function = function(&rule, after.trim_start());
                let instead = format!("{} | {function}", span.text(&text.text));
                let location = rule.place(text, span);
                breaches.push(
                    Finding::new(format!("`{}` prints its value with all of its digits", rule.consumer.name), location.clone())
                        .caret(format!("in `{key}`, such as 0.03333333333333333"))
                        .help(format!("Write `{{{{ {instead} }}}}`."))
                        .fixes(format!("write `{instead}`"), [repair::in_scalar(text, location, instead.as_str())]),
                );
            }
        }
    }
    let help = "Write `{{ $value | humanize }}`; `humanizePercentage` for a share between 0 and 1, `humanizeDuration` for seconds; `printf \"%.2f\"` before a unit.";
    let summary = |_: &Finding| "{n} annotations of this file print their value with all of its digits".to_owned();
    convention::report_of_file(breaches, summary, Some(help), findings);
}

/// The function for the value; `after` is what the annotation says next, from the end of the template on.
fn function(rule: &AlertRule<'_>, after: &str) -> &'static str {
    let said = after.trim_start_matches([' ', '-', '}']);
    let unit = said.starts_with(|c: char| c.is_alphabetic()) || said.starts_with(['%', '$', '€']);
    let named = ["s ", "sec", "second", "ms", "milli", "percent"].iter().any(|u| said.starts_with(u));
    // A prefix of `humanize` would become part of the unit: 1500 milliseconds are no `1.5kms`.
    let rest = after.strip_prefix('-').unwrap_or(after).strip_prefix("}}").unwrap_or_default();
    if rest.starts_with(|c: char| c.is_alphabetic()) || rest.trim_start().starts_with('%') {
        return "printf \"%.2f\"";
    }
    if unit || named {
        return "humanize";
    }
    if range(&rule.query.tree) == (Range { least: 0.0, most: 1.0 }) {
        return "humanizePercentage";
    }
    let seconds = |name: &String| name.ends_with("_seconds_bucket");
    let quantile = |expr: &Expr| crate::promql::quantile(expr).and_then(|q| q.bucket_names()).is_some_and(|n| n.iter().all(seconds));
    if quantile(compared(&rule.query.tree)) { "humanizeDuration" } else { "humanize" }
}

/// The side of a comparison whose value the alert has.
fn compared(expr: &Expr) -> &Expr {
    let expr = expr.peeled();
    match &expr.kind {
        ExprKind::Binary(b) if matches!(b.op, BinaryOp::And | BinaryOp::Unless) => compared(&b.lhs),
        ExprKind::Binary(b) if b.op.is_comparison() && b.bool_span.is_none() => {
            if b.lhs.number().is_some() {
                compared(&b.rhs)
            } else {
                compared(&b.lhs)
            }
        }
        _ => expr,
    }
}

/// Whether the value of an expression hardly ever is a whole number.
fn fractional(expr: &Expr) -> bool {
    let expr = compared(expr);
    match &expr.kind {
        ExprKind::Call(call) => match call.name.name.as_str() {
            "rate" | "irate" | "increase" | "deriv" | "predict_linear" | "avg_over_time" | "histogram_quantile" => true,
            "round" | "floor" | "ceil" => false,
            _ => call.args.first().is_some_and(fractional),
        },
        ExprKind::Aggregate(a) => match a.op.name.as_str() {
            "avg" | "stddev" | "stdvar" => true,
            "count" | "count_values" | "group" => false,
            _ => fractional(&a.expr),
        },
        ExprKind::Unary(e, _) | ExprKind::Subquery(e, _) => fractional(e),
        ExprKind::Binary(b) => match b.op {
            BinaryOp::Div => true,
            BinaryOp::Or => fractional(&b.lhs) && fractional(&b.rhs),
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul => fractional(&b.lhs) || fractional(&b.rhs),
            _ => false,
        },
        _ => false,
    }
}
