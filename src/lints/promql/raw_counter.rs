//! `raw-counter`: a counter compared with a threshold, or drawn over time, without `rate` or `increase`.

use crate::finding::{Finding, Severity};
use crate::lints::{Context, lookup};
use crate::model::{ConsumerKind, MetricType};
use crate::promql::{BinaryOp, Step};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for query in context.queries {
        let Some(consumer) = context.consumers.get(query.consumer) else { continue };
        for selector in &query.selectors {
            let Some(name) = selector.literal_name() else { continue };
            // Some counters hold an instant, not an amount.
            if name.ends_with("_created") || name.contains("timestamp") {
                continue;
            }
            let used = usage(&selector.around);
            let (problem, severity) = match (&consumer.kind, used) {
                (ConsumerKind::Alert(_), Some(Usage::Compared)) => ("compared with a number", Severity::Warning),
                (ConsumerKind::Panel(panel), Some(Usage::Drawn | Usage::Compared))
                    if matches!(panel.panel_type.as_str(), "timeseries" | "graph") =>
                {
                    ("drawn over time", Severity::Info)
                }
                _ => continue,
            };
            let Some(known) = lookup::metric(context, name).filter(|k| k.kind() == MetricType::Counter) else { continue };
            let Some(location) = query.locate(context.consumers, selector.name_span) else { continue };
            let mut finding =
                Finding::new(format!("the counter `{name}`{} is {problem} without `rate` or `increase`", known.origin()), location)
                    .metric(name)
                    .caret("only ever goes up, and starts again at 0")
                    .help(format!("Take `increase({name}[5m])` for an amount, `rate({name}[5m])` for a speed."))
                    .severity(severity);
            if let Some(place) = known.location() {
                finding = finding.related("defined as a counter here", place.clone());
            }
            findings.push(finding);
        }
    }
}

/// How the value of a counter reaches the result.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Usage {
    /// As it is.
    Drawn,
    /// Through a comparison with a literal number.
    Compared,
}

/// `None` where the counter's value does not matter, or where it may well be meant: ranges, differences, ratios, guards.
fn usage(around: &[Step]) -> Option<Usage> {
    let mut compared = false;
    for step in around {
        match step {
            Step::Aggregate(op) if matches!(op.as_str(), "sum" | "max" | "min" | "avg") => {}
            Step::Call { name, .. } if matches!(name.as_str(), "round" | "ceil" | "floor" | "sort" | "sort_desc") => {}
            // The right side of `and` and `unless` only filters; what a filter compares is a guard.
            Step::Binary { op: BinaryOp::Or, .. } => {}
            Step::Binary { op: BinaryOp::And | BinaryOp::Unless, right: false, .. } => {}
            Step::Binary { op: BinaryOp::Mul | BinaryOp::Div | BinaryOp::Add | BinaryOp::Sub, other: Some(_), .. } if !compared => {}
            Step::Binary { op, other: Some(number), right } if op.is_comparison() && !compared => {
                let above = if *right { [BinaryOp::Less, BinaryOp::LessEqual] } else { [BinaryOp::Greater, BinaryOp::GreaterEqual] };
                // Below a threshold, or equal to something, is a question about a young process: often meant.
                if !above.contains(op) || *number < 0.0 {
                    return None;
                }
                compared = true;
            }
            _ => return None,
        }
    }
    Some(if compared { Usage::Compared } else { Usage::Drawn })
}
