//! The unit of a query's values, as far as the names of its metrics and its arithmetic tell.

use crate::syntax::promql::{BinaryOp, Expr, ExprKind};

/// A unit that names of metrics promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Seconds,
    Milliseconds,
    Bytes,
    BytesPerSecond,
    Ratio,
    Percent,
}

impl Unit {
    /// The word that data about units uses.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Unit::Seconds => "seconds",
            Unit::Milliseconds => "milliseconds",
            Unit::Bytes => "bytes",
            Unit::BytesPerSecond => "bytes_per_second",
            Unit::Ratio => "ratio",
            Unit::Percent => "percent",
        }
    }
}

/// The unit of the values of an expression; `None` where it is not certain.
pub(crate) fn unit(expr: &Expr) -> Option<Unit> {
    match &expr.kind {
        ExprKind::Vector(selector) => of_name(&selector.name.as_ref().filter(|n| !n.variable)?.name),
        ExprKind::Matrix(e, _) | ExprKind::Subquery(e, _) | ExprKind::Modified(e, _) | ExprKind::Paren(e) | ExprKind::Unary(e, _) => {
            unit(e)
        }
        ExprKind::Call(call) => {
            let arg = |i: usize| call.args.get(i).and_then(unit);
            match call.name.name.as_str() {
                "rate" | "irate" | "deriv" => per_second(arg(0)?),
                "increase" | "delta" | "idelta" | "avg_over_time" | "max_over_time" | "min_over_time" | "sum_over_time"
                | "last_over_time" | "abs" | "round" | "ceil" | "floor" | "clamp_min" | "clamp_max" | "sort" | "sort_desc"
                | "label_replace" | "label_join" => arg(0),
                "histogram_quantile" | "quantile_over_time" => of_quantile(call.args.get(1)?),
                _ => None,
            }
        }
        ExprKind::Aggregate(aggregate) => match aggregate.op.name.as_str() {
            "sum" | "avg" | "min" | "max" | "quantile" | "topk" | "bottomk" => unit(&aggregate.expr),
            _ => None,
        },
        ExprKind::Binary(b) => of_binary(b.op, b.bool_span.is_some(), &b.lhs, &b.rhs),
        _ => None,
    }
}

fn of_binary(op: BinaryOp, is_bool: bool, lhs: &Expr, rhs: &Expr) -> Option<Unit> {
    match op {
        BinaryOp::And | BinaryOp::Unless => unit(lhs),
        BinaryOp::Or => unit(lhs).filter(|left| rhs.number().is_some() || unit(rhs) == Some(*left) || is_zero(rhs)),
        op if op.is_comparison() && !is_bool => {
            if lhs.number().is_some() {
                unit(rhs)
            } else {
                unit(lhs)
            }
        }
        BinaryOp::Add | BinaryOp::Sub => {
            let (left, right) = (unit(lhs), unit(rhs));
            // `1 - x` of a share is a share.
            if lhs.number() == Some(1.0) { right.filter(|u| *u == Unit::Ratio) } else { left.filter(|_| left == right) }
        }
        BinaryOp::Mul => match (lhs.number(), rhs.number()) {
            (Some(factor), None) => scaled(unit(rhs)?, factor),
            (None, Some(factor)) => scaled(unit(lhs)?, factor),
            _ => None,
        },
        BinaryOp::Div => match rhs.number() {
            Some(divisor) if divisor != 0.0 => scaled(unit(lhs)?, 1.0 / divisor),
            _ => of_quotient(lhs, rhs),
        },
        _ => None,
    }
}

fn is_zero(expr: &Expr) -> bool {
    matches!(&expr.peeled().kind, ExprKind::Call(call) if call.name.name == "vector")
}

/// Sum over count is a mean, in the unit of the sum. Other quotients of two metrics may be a share of anything.
fn of_quotient(lhs: &Expr, rhs: &Expr) -> Option<Unit> {
    // `1000 * sum / count` scales the mean.
    if let ExprKind::Binary(b) = &lhs.peeled().kind {
        return match (b.op, b.lhs.number(), b.rhs.number()) {
            (BinaryOp::Mul, Some(factor), None) => scaled(of_quotient(&b.rhs, rhs)?, factor),
            (BinaryOp::Mul, None, Some(factor)) => scaled(of_quotient(&b.lhs, rhs)?, factor),
            _ => None,
        };
    }
    let name = |expr: &Expr, suffix: &str| {
        let found = super::describe::selectors(expr);
        match &found[..] {
            [only] => only.literal_name().and_then(|n| n.strip_suffix(suffix)).map(str::to_owned),
            _ => None,
        }
    };
    let family = name(lhs, "_sum").filter(|family| name(rhs, "_count").as_ref() == Some(family))?;
    of_name(&family)
}

fn of_quantile(operand: &Expr) -> Option<Unit> {
    let found = super::describe::selectors(operand);
    let [only] = &found[..] else { return None };
    // Arithmetic on buckets keeps the unit of their bounds.
    of_name(only.literal_name()?.strip_suffix("_bucket")?)
}

fn per_second(unit: Unit) -> Option<Unit> {
    match unit {
        Unit::Seconds => Some(Unit::Ratio),
        Unit::Bytes => Some(Unit::BytesPerSecond),
        _ => None,
    }
}

fn scaled(unit: Unit, factor: f64) -> Option<Unit> {
    let is = |wanted: f64| (factor - wanted).abs() <= 1e-9 * wanted;
    match unit {
        unit if is(1.0) => Some(unit),
        Unit::Seconds if is(1000.0) => Some(Unit::Milliseconds),
        Unit::Milliseconds if is(0.001) => Some(Unit::Seconds),
        Unit::Ratio if is(100.0) => Some(Unit::Percent),
        Unit::Percent if is(0.01) => Some(Unit::Ratio),
        _ => None,
    }
}

/// By the last word of a name, `_total` aside.
fn of_name(name: &str) -> Option<Unit> {
    let base = name.strip_suffix("_total").or_else(|| name.strip_suffix("_sum")).unwrap_or(name);
    // Moments in time are shown as dates.
    if base.contains("timestamp")
        || base.contains("time_seconds") && base.contains("start")
        || base.ends_with("_created")
        || base.contains("_time_seconds")
    {
        return None;
    }
    let (rest, word) = base.rsplit_once(['_', ':'])?;
    // `nano_seconds` are no seconds, and nobody knows what `kbytes_out_bytes` are.
    let (_, before) = rest.rsplit_once(['_', ':']).unwrap_or(("", rest));
    if ["nano", "micro", "milli", "kilo", "kibi", "mega", "mebi", "giga", "gibi"].contains(&before)
        || rest.split(['_', ':']).any(|w| w.len() > word.len() && w.ends_with(word))
    {
        return None;
    }
    match word {
        "seconds" => Some(Unit::Seconds),
        "milliseconds" => Some(Unit::Milliseconds),
        "bytes" => Some(Unit::Bytes),
        "ratio" => Some(Unit::Ratio),
        "percent" => Some(Unit::Percent),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::promql::{Outcome, parse};

    #[test]
    fn units_flow() {
        let word = |text: &str| {
            let Outcome::Parsed(tree) = parse(text, false) else { panic!("{text}") };
            unit(&tree).map(Unit::word)
        };
        for (text, expected) in [
            ("sum(x_bytes)", Some("bytes")),
            ("sum(rate(x_bytes_total[5m]))", Some("bytes_per_second")),
            ("sum(rate(x_bytes_total[5m])) * 8", None),
            ("rate(x_seconds_total[5m])", Some("ratio")),
            ("rate(x_seconds_total[5m]) * 100", Some("percent")),
            ("1 - avg(rate(x_seconds_total[5m]))", Some("ratio")),
            ("histogram_quantile(0.9, sum by (le) (rate(x_seconds_bucket[5m])))", Some("seconds")),
            ("1000 * histogram_quantile(0.9, rate(x_seconds_bucket[5m]))", Some("milliseconds")),
            ("rate(x_seconds_sum[5m]) / rate(x_seconds_count[5m])", Some("seconds")),
            ("rate(x_seconds_count[5m])", None),
            ("1000 * rate(x_seconds_sum[5m]) / rate(x_seconds_count[5m])", Some("milliseconds")),
            ("rate(x_nano_seconds_sum[5m]) / rate(x_nano_seconds_count[5m])", None),
            ("x_kbytes_out_bytes", None),
            ("a_bytes / b_bytes", None),
            ("count(x_bytes)", None),
            ("time() - x_timestamp_seconds", None),
            ("x_ratio or vector(0)", Some("ratio")),
        ] {
            assert_eq!(word(text), expected, "{text}");
        }
    }
}
