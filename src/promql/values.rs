//! Which values the result of an expression can have, and whether it can be empty while its series are there.

use super::describe::is_constant;
use crate::syntax::promql::{Aggregate, Binary, BinaryOp, Call, Expr, ExprKind, VectorSelector};

/// The least and the greatest value, both included. `NaN` is not counted: no comparison holds for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Range {
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Range {
    const ANY: Range = Range { least: f64::NEG_INFINITY, most: f64::INFINITY };
    const POSITIVE: Range = Range::of(0.0, f64::INFINITY);

    const fn of(least: f64, most: f64) -> Self {
        Range { least, most }
    }

    fn hull(values: [f64; 4]) -> Self {
        if values.iter().any(|v| v.is_nan()) {
            return Range::ANY;
        }
        Range {
            least: values.iter().copied().fold(f64::INFINITY, f64::min),
            most: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        }
    }

    /// Whether a comparison with `number` holds for every value, for none, or depends.
    pub(crate) fn holds(self, op: BinaryOp, number: f64) -> Option<bool> {
        let Range { least, most } = self;
        let (always, never) = match op {
            BinaryOp::Greater => (least > number, most <= number),
            BinaryOp::GreaterEqual => (least >= number, most < number),
            BinaryOp::Less => (most < number, least >= number),
            BinaryOp::LessEqual => (most <= number, least > number),
            BinaryOp::Equal => (least == number && most == number, number < least || number > most),
            BinaryOp::NotEqual => (number < least || number > most, least == number && most == number),
            _ => (false, false),
        };
        if always {
            Some(true)
        } else if never {
            Some(false)
        } else {
            None
        }
    }
}

/// The values that `expr` can have, whatever the metrics are.
pub(crate) fn range(expr: &Expr) -> Range {
    match &expr.kind {
        ExprKind::Number(n) => Range::of(*n, *n),
        ExprKind::Vector(selector) => of_selector(selector),
        ExprKind::Paren(e) | ExprKind::Modified(e, _) | ExprKind::Unary(e, false) | ExprKind::Matrix(e, _) | ExprKind::Subquery(e, _) => {
            range(e)
        }
        ExprKind::Unary(e, true) => {
            let inner = range(e);
            Range::of(-inner.most, -inner.least)
        }
        ExprKind::Call(call) => of_call(call),
        ExprKind::Aggregate(aggregate) => of_aggregate(aggregate),
        ExprKind::Binary(binary) => of_binary(binary),
        ExprKind::String(_) | ExprKind::Variable => Range::ANY,
    }
}

fn of_selector(selector: &VectorSelector) -> Range {
    match selector.name.as_ref().map(|n| n.name.as_str()) {
        // Prometheus' own.
        Some("up") => Range::of(0.0, 1.0),
        Some("ALERTS") => Range::of(1.0, 1.0),
        _ => Range::ANY,
    }
}

fn of_call(call: &Call) -> Range {
    let arg = |i: usize| call.args.get(i).map_or(Range::ANY, range);
    match call.name.name.as_str() {
        "absent" | "absent_over_time" | "present_over_time" => Range::of(1.0, 1.0),
        // A series without samples in the range gives nothing, not 0.
        "count_over_time" => Range::of(1.0, f64::INFINITY),
        "rate" | "irate" | "increase" | "changes" | "resets" | "stddev_over_time" | "stdvar_over_time" | "abs" | "sqrt" | "exp" => {
            Range::POSITIVE
        }
        "time" | "timestamp" => Range::POSITIVE,
        "sgn" => Range::of(-1.0, 1.0),
        "hour" => Range::of(0.0, 23.0),
        "minute" => Range::of(0.0, 59.0),
        "month" => Range::of(1.0, 12.0),
        "day_of_month" => Range::of(1.0, 31.0),
        "day_of_week" => Range::of(0.0, 6.0),
        "avg_over_time" | "max_over_time" | "min_over_time" | "last_over_time" | "first_over_time" | "vector" | "scalar" | "sort"
        | "sort_desc" | "label_replace" | "label_join" => arg(0),
        "sum_over_time" if arg(0).least >= 0.0 => Range::POSITIVE,
        "clamp_max" => Range::of(arg(0).least.min(arg(1).least), arg(0).most.min(arg(1).most)),
        "clamp_min" => Range::of(arg(0).least.max(arg(1).least), arg(0).most.max(arg(1).most)),
        _ => Range::ANY,
    }
}

fn of_aggregate(aggregate: &Aggregate) -> Range {
    let inner = range(&aggregate.expr);
    match aggregate.op.name.as_str() {
        "avg" | "min" | "max" | "topk" | "bottomk" | "limitk" | "limit_ratio" => inner,
        "sum" if inner.least >= 0.0 => Range::POSITIVE,
        "group" => Range::of(1.0, 1.0),
        // Of nothing the count is nothing, not 0.
        "count" => Range::of(1.0, f64::INFINITY),
        "stddev" | "stdvar" => Range::POSITIVE,
        _ => Range::ANY,
    }
}

fn of_binary(binary: &Binary) -> Range {
    let (l, r) = (range(&binary.lhs), range(&binary.rhs));
    match binary.op {
        BinaryOp::And | BinaryOp::Unless => l,
        BinaryOp::Or => Range::of(l.least.min(r.least), l.most.max(r.most)),
        op if op.is_comparison() && binary.bool_span.is_some() => Range::of(0.0, 1.0),
        op if op.is_comparison() => {
            // The vector's values are what remains.
            if is_constant(&binary.lhs) { r } else { l }
        }
        BinaryOp::Add => Range::of(l.least + r.least, l.most + r.most),
        BinaryOp::Sub => Range::of(l.least - r.most, l.most - r.least),
        BinaryOp::Mul => {
            if l.least >= 0.0 && r.least >= 0.0 {
                // 0 times infinity is a bound that is not known, not `NaN`.
                let most = l.most * r.most;
                return Range::of(l.least * r.least, if most.is_nan() { f64::INFINITY } else { most });
            }
            Range::hull([l.least * r.least, l.least * r.most, l.most * r.least, l.most * r.most])
        }
        BinaryOp::Div if is_share(&binary.lhs, &binary.rhs, binary) => Range::of(0.0, 1.0),
        BinaryOp::Div => match binary.rhs.number() {
            Some(n) if n > 0.0 => Range::of(l.least / n, l.most / n),
            _ if l.least >= 0.0 && r.least >= 0.0 => Range::POSITIVE,
            _ => Range::ANY,
        },
        _ => Range::ANY,
    }
}

/// Whether `part / whole` is a share of one counter: same function and range, and every series of the part is one of the whole.
fn is_share(part: &Expr, whole: &Expr, binary: &Binary) -> bool {
    let (Some(part), Some(whole)) = (summed(part), summed(whole)) else { return false };
    let grouped = match (&part.grouping, &whole.grouping) {
        (None, None) => true,
        (Some(a), Some(b)) if a.without == b.without && binary.include.is_none() => {
            let has = |list: &[crate::syntax::promql::Ident], name: &str| list.iter().any(|l| l.name == name);
            a.labels.len() == b.labels.len() && a.labels.iter().all(|l| has(&b.labels, &l.name))
        }
        _ => false,
    };
    let matched = |m: &crate::syntax::promql::Matcher| {
        part.selector.matchers.iter().any(|n| (&m.label.name, m.op, &m.value) == (&n.label.name, n.op, &n.value))
    };
    let name = |s: &VectorSelector| s.name.as_ref().map(|n| n.name.clone());
    grouped
        && part.function == whole.function
        && part.window == whole.window
        && name(part.selector).is_some()
        && name(part.selector) == name(whole.selector)
        && whole.selector.matchers.iter().all(matched)
}

struct Summed<'a> {
    grouping: &'a Option<crate::syntax::promql::Grouping>,
    function: &'a str,
    window: Option<f64>,
    selector: &'a VectorSelector,
}

/// `sum … (rate(x[5m]))`.
fn summed(expr: &Expr) -> Option<Summed<'_>> {
    let ExprKind::Aggregate(Aggregate { op, grouping, expr, .. }) = &expr.peeled().kind else { return None };
    if op.name != "sum" {
        return None;
    }
    let ExprKind::Call(call) = &expr.peeled().kind else { return None };
    let function = call.name.name.as_str();
    let [ranged] = &call.args[..] else { return None };
    let ExprKind::Matrix(inner, window) = &ranged.kind else { return None };
    let ExprKind::Vector(selector) = &inner.kind else { return None };
    matches!(function, "rate" | "irate" | "increase").then_some(Summed { grouping, function, window: *window, selector })
}

/// Whether the result can be empty although every series that is selected is there. `conditional` says it of a metric by its name.
pub(crate) fn can_be_empty(expr: &Expr, conditional: &dyn Fn(&str) -> bool) -> bool {
    let of = |e: &Expr| can_be_empty(e, conditional);
    match &expr.kind {
        ExprKind::Number(_) | ExprKind::String(_) => false,
        // What the variable holds is not known.
        ExprKind::Variable => true,
        ExprKind::Vector(selector) => match &selector.name {
            Some(name) => name.variable || conditional(&name.name),
            None => true,
        },
        ExprKind::Call(call) => match call.name.name.as_str() {
            "absent" | "absent_over_time" => true,
            "scalar" => false,
            _ => call.args.iter().any(of),
        },
        ExprKind::Binary(b) => match b.op {
            BinaryOp::Or => of(&b.lhs) && of(&b.rhs),
            BinaryOp::And | BinaryOp::Unless => true,
            op => op.is_comparison() && b.bool_span.is_none() || of(&b.lhs) || of(&b.rhs),
        },
        _ => expr.children().into_iter().any(of),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::promql::{Outcome, parse};

    fn tree(text: &str) -> Expr {
        let Outcome::Parsed(tree) = parse(text, false) else { panic!("{text}") };
        tree
    }

    #[test]
    fn ranges() {
        let inf = f64::INFINITY;
        for (text, least, most) in [
            ("x", -inf, inf),
            ("up", 0.0, 1.0),
            ("1 - avg(up)", 0.0, 1.0),
            ("count(x)", 1.0, inf),
            ("count(x) or vector(0)", 0.0, inf),
            ("sum(rate(x[5m])) / 60", 0.0, inf),
            ("sum(rate(x{a=\"b\"}[5m])) / sum(rate(x[5m]))", 0.0, 1.0),
            ("100 * sum by (j) (rate(x{a=\"b\"}[5m])) / sum by (j) (rate(x[5m]))", 0.0, inf),
            ("sum by (j) (rate(x{a=\"b\"}[5m])) / sum by (j) (rate(x[5m])) * 100", 0.0, 100.0),
            ("sum by (j) (rate(x{a=\"b\"}[5m])) / sum(rate(x[5m]))", 0.0, inf),
            ("sum(rate(x{a=\"b\"}[5m])) / sum(rate(x{a=\"c\"}[5m]))", 0.0, inf),
            ("sum(rate(x{a=\"b\"}[5m])) / sum(rate(x[10m]))", 0.0, inf),
            ("clamp_max(x, 3)", -inf, 3.0),
            ("-up", -1.0, 0.0),
        ] {
            assert_eq!(range(&tree(text)), Range { least, most }, "{text}");
        }
    }

    #[test]
    fn comparisons_hold_always_never_or_sometimes() {
        let range = Range { least: 0.0, most: 1.0 };
        assert_eq!(range.holds(BinaryOp::Greater, 5.0), Some(false));
        assert_eq!(range.holds(BinaryOp::GreaterEqual, 0.0), Some(true));
        assert_eq!(range.holds(BinaryOp::Greater, 0.5), None);
        assert_eq!(range.holds(BinaryOp::Equal, 2.0), Some(false));
    }

    #[test]
    fn what_can_be_empty() {
        let empty = |text: &str| can_be_empty(&tree(text), &|name| name == "recorded");
        for text in ["x > 1", "absent(x)", "x unless y", "sum(x == 0)", "recorded", "rate(x[5m]) * 2 > 1 or y < 3"] {
            assert!(empty(text), "{text}");
        }
        for text in ["x", "rate(x[5m])", "x > bool 1", "x > 1 or vector(0)", "sum(x) / sum(y)"] {
            assert!(!empty(text), "{text}");
        }
    }
}
