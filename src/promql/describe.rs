//! What lints ask of a query: its selectors with all that is around them, quantiles, comparisons, label flow.

use crate::source::Span;
use crate::syntax::promql::{Aggregate, BinaryOp, Expr, ExprKind, Ident, MatchOp, Matcher, VectorSelector};

/// One thing around a selector.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// `[5m]`, or `[5m:]`.
    Range,
    /// `offset`.
    Offset,
    /// A function.
    Call { name: String, span: Span },
    /// An aggregation.
    Aggregate(String),
    /// A sign.
    Sign,
    /// An operator; the other operand where it is a literal number; whether the selector is on its right.
    Binary { op: BinaryOp, other: Option<f64>, right: bool },
}

/// A vector selector.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Selector {
    /// The metric name, `*` for each variable in it; `None` where only matchers select.
    pub(crate) name: Option<String>,
    /// The name, or the whole selector.
    pub(crate) name_span: Span,
    pub(crate) matchers: Vec<Matcher>,
    /// What is around it, from the inside out; parentheses and `@` are left out.
    pub(crate) around: Vec<Step>,
}

impl Selector {
    /// The name, when it is known in full.
    pub(crate) fn literal_name(&self) -> Option<&str> {
        self.name.as_deref().filter(|n| !n.contains('*'))
    }

    /// Whether it names this metric.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.name.as_deref() == Some(name) && !name.contains('*')
    }
}

/// A call of `histogram_quantile`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quantile<'a> {
    pub(crate) operand: &'a Expr,
}

/// A comparison of an expression with a literal number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Comparison<'a> {
    /// The operator as if the number stood on the right.
    pub(crate) op: BinaryOp,
    pub(crate) operand: &'a Expr,
    pub(crate) number: f64,
    pub(crate) number_span: Span,
    pub(crate) bool_modifier: bool,
}

pub(super) fn selectors(tree: &Expr) -> Vec<Selector> {
    let (mut found, mut around) = (Vec::new(), Vec::new());
    collect(tree, &mut around, &mut found);
    found
}

fn collect(expr: &Expr, around: &mut Vec<Step>, found: &mut Vec<Selector>) {
    let mut below = |inner: &Expr, step: Option<Step>| {
        let pushed = step.is_some();
        around.extend(step);
        collect(inner, around, found);
        if pushed {
            around.pop();
        }
    };
    match &expr.kind {
        ExprKind::Number(_) | ExprKind::String(_) | ExprKind::Variable => {}
        ExprKind::Vector(selector) => found.push(describe(expr, selector, around)),
        ExprKind::Matrix(inner, _) | ExprKind::Subquery(inner, _) => below(inner, Some(Step::Range)),
        ExprKind::Modified(inner, offset) => below(inner, offset.then_some(Step::Offset)),
        ExprKind::Paren(inner) => below(inner, None),
        ExprKind::Unary(inner, minus) => below(inner, minus.then_some(Step::Sign)),
        ExprKind::Call(call) => {
            for arg in &call.args {
                below(arg, Some(Step::Call { name: call.name.name.clone(), span: call.name.span }));
            }
        }
        ExprKind::Aggregate(aggregate) => {
            for inner in aggregate.param.iter().chain(std::iter::once(&aggregate.expr)) {
                below(inner, Some(Step::Aggregate(aggregate.op.name.clone())));
            }
        }
        ExprKind::Binary(b) => {
            below(&b.lhs, Some(Step::Binary { op: b.op, other: b.rhs.number(), right: false }));
            below(&b.rhs, Some(Step::Binary { op: b.op, other: b.lhs.number(), right: true }));
        }
    }
}

fn describe(expr: &Expr, selector: &VectorSelector, around: &[Step]) -> Selector {
    // `{__name__="x"}` names the metric as well as `x` does.
    let matched = || selector.matchers.iter().find(|m| m.label.name == "__name__" && m.op == MatchOp::Equal && !m.variable);
    let (name, name_span) = match (&selector.name, matched()) {
        (Some(Ident { name, span, .. }), _) => (Some(name.clone()), *span),
        (None, Some(m)) => (Some(m.value.clone()), m.value_span),
        (None, None) => (None, expr.span),
    };
    Selector { name, name_span, matchers: selector.matchers.clone(), around: around.iter().rev().cloned().collect() }
}

/// Whether an expression is a scalar, whatever the metrics are.
pub(crate) fn is_constant(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Number(_) => true,
        ExprKind::Paren(e) | ExprKind::Unary(e, _) => is_constant(e),
        ExprKind::Binary(b) => is_constant(&b.lhs) && is_constant(&b.rhs),
        ExprKind::Call(call) => matches!(call.name.name.as_str(), "scalar" | "time" | "pi"),
        _ => false,
    }
}

/// The text of a string literal.
pub(crate) fn string(expr: &Expr) -> Option<&str> {
    match &expr.peeled().kind {
        ExprKind::String(text) => Some(text),
        _ => None,
    }
}

/// Visits every node, parents first.
pub(crate) fn visit<'a>(expr: &'a Expr, look: &mut dyn FnMut(&'a Expr)) {
    look(expr);
    for child in expr.children() {
        visit(child, look);
    }
}

pub(super) fn quantiles(tree: &Expr) -> Vec<Quantile<'_>> {
    let mut found = Vec::new();
    visit(tree, &mut |expr| found.extend(quantile(expr)));
    found
}

/// The expression as a call of `histogram_quantile`.
pub(crate) fn quantile(expr: &Expr) -> Option<Quantile<'_>> {
    match &expr.kind {
        ExprKind::Call(call) if call.name.name == "histogram_quantile" => call.args.get(1).map(|operand| Quantile { operand }),
        _ => None,
    }
}

pub(super) fn comparisons(tree: &Expr) -> Vec<Comparison<'_>> {
    let mut found = Vec::new();
    visit(tree, &mut |expr| {
        let ExprKind::Binary(b) = &expr.kind else { return };
        if !b.op.is_comparison() {
            return;
        }
        let bool_modifier = b.bool_span.is_some();
        match (b.lhs.number(), b.rhs.number()) {
            (None, Some(number)) => found.push(Comparison { op: b.op, operand: &b.lhs, number, number_span: b.rhs.span, bool_modifier }),
            (Some(number), None) => {
                found.push(Comparison { op: mirrored(b.op), operand: &b.rhs, number, number_span: b.lhs.span, bool_modifier });
            }
            _ => {}
        }
    });
    found
}

fn mirrored(op: BinaryOp) -> BinaryOp {
    match op {
        BinaryOp::Greater => BinaryOp::Less,
        BinaryOp::GreaterEqual => BinaryOp::LessEqual,
        BinaryOp::Less => BinaryOp::Greater,
        BinaryOp::LessEqual => BinaryOp::GreaterEqual,
        other => other,
    }
}

impl Quantile<'_> {
    /// The names of the `_bucket` series below, each once, when all of them are known in full.
    pub(crate) fn bucket_names(&self) -> Option<Vec<String>> {
        let mut names: Vec<String> = Vec::new();
        for selector in selectors(self.operand) {
            let name = selector.literal_name()?;
            if !names.iter().any(|n| n == name) {
                names.push(name.to_owned());
            }
        }
        names.iter().all(|n| n.ends_with("_bucket")).then_some(names)
    }

    /// The aggregation that takes `le` from the operand's buckets, if one does.
    pub(crate) fn dropped_le(&self) -> Option<&Aggregate> {
        let mut expr = self.operand;
        loop {
            match &expr.peeled().kind {
                ExprKind::Aggregate(aggregate) => {
                    // The buckets of VictoriaMetrics, which its own `histogram_quantile` reads.
                    let by_range = aggregate.grouping.iter().any(|g| !g.without && g.labels.iter().any(|l| l.name == "vmrange"));
                    if by_range {
                        return None;
                    }
                    if drops(aggregate, "le") {
                        let buckets = selectors(&aggregate.expr).iter().any(|s| s.name.as_deref().is_some_and(|n| n.ends_with("_bucket")));
                        return buckets.then_some(aggregate);
                    }
                    expr = &aggregate.expr;
                }
                ExprKind::Call(call) => {
                    // `label_replace` and `label_join` can give the label back.
                    if call.name.name.starts_with("label_") {
                        return None;
                    }
                    expr = call.args.iter().find(|a| !selectors(a).is_empty())?;
                }
                ExprKind::Matrix(inner, _) | ExprKind::Subquery(inner, _) | ExprKind::Unary(inner, _) => expr = inner,
                // Matching decides which side's labels remain: only plain arithmetic with a number is followed.
                ExprKind::Binary(b) if b.rhs.number().is_some() => expr = &b.lhs,
                ExprKind::Binary(b) if b.lhs.number().is_some() => expr = &b.rhs,
                _ => return None,
            }
        }
    }
}

/// Whether an aggregation takes a label away.
fn drops(aggregate: &Aggregate, label: &str) -> bool {
    if matches!(aggregate.op.name.as_str(), "topk" | "bottomk" | "limitk" | "limit_ratio" | "count_values") {
        return false;
    }
    match &aggregate.grouping {
        Some(g) if g.without => g.labels.iter().any(|l| l.name == label),
        Some(g) => !g.open() && g.labels.iter().all(|l| l.name != label),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::promql::{Outcome, parse};

    fn tree(text: &str) -> Expr {
        match parse(text, false) {
            Outcome::Parsed(expr) => expr,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn selectors_know_what_is_around_them() {
        let found = selectors(&tree("sum by (a) (rate(x_total[5m] offset 1h)) / 2 > {__name__=\"y\"}"));
        assert_eq!(found[0].name.as_deref(), Some("x_total"));
        assert!(matches!(
            &found[0].around[..],
            [Step::Range, Step::Offset, Step::Call { .. }, Step::Aggregate(_), Step::Binary { other: Some(2.0), .. }, Step::Binary { .. }]
        ));
        assert_eq!(found[1].literal_name(), Some("y"));
    }

    #[test]
    fn numbers_are_compared_from_either_side() {
        let text = "2 < foo and bar >= (0.5)";
        let tree = tree(text);
        let found: Vec<_> = comparisons(&tree).iter().map(|c| (c.op, c.number)).collect();
        assert_eq!(found, [(BinaryOp::Greater, 2.0), (BinaryOp::GreaterEqual, 0.5)]);
    }

    #[test]
    fn le_is_followed_through_aggregations() {
        let dropped = |text: &str| {
            let tree = tree(text);
            quantiles(&tree)[0].dropped_le().is_some()
        };
        assert!(dropped("histogram_quantile(0.9, sum(rate(x_bucket[5m])))"));
        assert!(dropped("histogram_quantile(0.9, sum by (le) (sum by (pod) (rate(x_bucket[5m]))))"));
        assert!(dropped("histogram_quantile(0.9, sum without (le) (rate(x_bucket[5m])) * 2)"));
        assert!(!dropped("histogram_quantile(0.9, sum by (le) (rate(x_bucket[5m])))"));
        assert!(!dropped("histogram_quantile(0.9, sum(rate(x[5m])))"));
        assert!(!dropped("histogram_quantile(0.9, rate(x_bucket[5m]))"));
        assert!(!dropped("histogram_quantile(0.9, topk(3, rate(x_bucket[5m])))"));
    }
}
