//! Quantiles of a histogram compared with a number, where the histogram's bounds are known.

use super::lookup::{self, Known};
use crate::lints::Context;
use crate::promql::{Comparison, Expr, ExprKind, Quantile, Query, quantile};

/// One such comparison.
#[derive(Debug)]
pub(super) struct Threshold<'q> {
    pub(super) comparison: Comparison<'q>,
    /// The histogram's name.
    pub(super) histogram: String,
    /// Its finite bounds, rising.
    pub(super) bounds: Vec<f64>,
    pub(super) known: Known<'q>,
}

/// All comparisons of a query whose operand is a quantile of one known histogram.
pub(super) fn thresholds<'q>(context: &Context<'q>, query: &'q Query) -> Vec<Threshold<'q>> {
    let mut found = Vec::new();
    for comparison in query.comparisons() {
        // Zero and below are no thresholds of a latency: they ask whether there is traffic.
        if comparison.bool_modifier || comparison.number <= 0.0 || !comparison.number.is_finite() {
            continue;
        }
        let Some(names) = plain_quantile(comparison.operand).and_then(|q| q.bucket_names()) else { continue };
        let [name] = names.as_slice() else { continue };
        let Some((known, bounds)) = bounds(context, name) else { continue };
        let histogram = name.trim_end_matches("_bucket").to_owned();
        found.push(Threshold { comparison, histogram, bounds, known });
    }
    found
}

/// The known bounds of the histogram behind a `_bucket` name.
pub(super) fn bounds<'a>(context: &Context<'a>, bucket_name: &str) -> Option<(Known<'a>, Vec<f64>)> {
    let known = lookup::metric(context, bucket_name.strip_suffix("_bucket")?)?;
    let mut bounds: Vec<f64> = known.bounds()?.iter().copied().filter(|b| b.is_finite()).collect();
    bounds.sort_by(f64::total_cmp);
    (!bounds.is_empty()).then_some((known, bounds))
}

/// The quantile, through what keeps its values: parentheses and the choice of one among several.
fn plain_quantile(expr: &Expr) -> Option<Quantile<'_>> {
    let mut expr = expr.peeled();
    while let ExprKind::Aggregate(aggregate) = &expr.kind {
        if !matches!(aggregate.op.name.as_str(), "max" | "min" | "topk" | "bottomk") {
            return None;
        }
        expr = aggregate.expr.peeled();
    }
    quantile(expr)
}

/// Whether two numbers are the same bound.
pub(super) fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
}
