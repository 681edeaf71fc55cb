//! Which labels the result of an expression can have.
//!
//! Of a selector anything may come: the scrape adds labels that no source knows. What takes labels away is in the query itself.

use std::collections::{BTreeSet, HashMap};

use super::Query;
use super::describe::{is_constant, string};
use crate::model::{Consumer, ConsumerKind, Record};
use crate::source::Span;
use crate::syntax::promql::{Aggregate, Binary, BinaryOp, Call, Expr, ExprKind, Grouping, MatchOp};

/// Rules that read each other's metrics are followed so far.
const MAX_DEPTH: usize = 8;

/// The labels that a result can have.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Labels {
    /// True when `names` are the only labels that are possible, false when they are the ones that are not.
    pub(crate) closed: bool,
    /// The labels.
    pub(crate) names: BTreeSet<String>,
    /// What took the others away.
    pub(crate) by: Option<Span>,
}

impl Labels {
    fn any() -> Self {
        Labels { closed: false, names: BTreeSet::new(), by: None }
    }

    fn only(names: impl IntoIterator<Item = String>, by: Option<Span>) -> Self {
        Labels { closed: true, names: names.into_iter().collect(), by }
    }

    /// Whether the result can have this label.
    pub(crate) fn may_have(&self, label: &str) -> bool {
        self.names.contains(label) == self.closed
    }

    fn with(mut self, label: &str) -> Self {
        if self.closed {
            self.names.insert(label.to_owned());
        } else {
            self.names.remove(label);
        }
        self
    }

    fn without(mut self, label: &str, by: Span) -> Self {
        if self.closed {
            self.names.remove(label);
        } else {
            self.names.insert(label.to_owned());
            self.by = Some(by);
        }
        self
    }

    /// Labels that both have.
    fn both(self, other: Labels) -> Self {
        match (self.closed, other.closed) {
            (true, true) => Labels { names: self.names.intersection(&other.names).cloned().collect(), ..self },
            (true, false) => Labels { names: self.names.difference(&other.names).cloned().collect(), ..self },
            (false, true) => other.both(self),
            (false, false) => Labels { names: self.names.union(&other.names).cloned().collect(), by: self.by.or(other.by), closed: false },
        }
    }

    /// Labels that either has.
    fn either(self, other: Labels) -> Self {
        match (self.closed, other.closed) {
            (true, true) => Labels { names: self.names.union(&other.names).cloned().collect(), ..self },
            (true, false) => other.either(self),
            (false, true) => Labels { names: self.names.difference(&other.names).cloned().collect(), ..self },
            (false, false) => Labels { names: self.names.intersection(&other.names).cloned().collect(), ..self },
        }
    }
}

/// The labels of metrics that recording rules write, as far as the rules tell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recorded(HashMap<String, Labels>);

/// The labels that the result of `expr` can have.
pub(crate) fn labels(expr: &Expr, recorded: &Recorded) -> Labels {
    match &expr.kind {
        ExprKind::Number(_) | ExprKind::String(_) => Labels::only([], None),
        ExprKind::Variable => Labels::any(),
        ExprKind::Vector(selector) => {
            let written = selector.name.as_ref().filter(|n| !n.variable && !selector.open).and_then(|n| recorded.0.get(&n.name));
            let Some(written) = written else { return Labels::any() };
            // Whoever selects by a label knows it from elsewhere: another Prometheus may add it.
            let asked = selector.matchers.iter().filter(|m| !m.label.variable && m.asks_for_value());
            asked.fold(Labels { by: Some(expr.span), ..written.clone() }, |labels, m| labels.with(&m.label.name))
        }
        ExprKind::Matrix(e, _) | ExprKind::Subquery(e, _) | ExprKind::Modified(e, _) | ExprKind::Unary(e, _) | ExprKind::Paren(e) => {
            labels(e, recorded)
        }
        ExprKind::Call(call) => of_call(expr, call, recorded),
        ExprKind::Aggregate(aggregate) => of_aggregate(aggregate, recorded),
        ExprKind::Binary(binary) => of_binary(binary, recorded),
    }
}

fn of_call(expr: &Expr, call: &Call, recorded: &Recorded) -> Labels {
    let labels = |e: &Expr| labels(e, recorded);
    let first = || call.args.first().map_or_else(|| Labels::only([], None), labels);
    match call.name.name.as_str() {
        "absent" | "absent_over_time" => {
            let mut selector = call.args.first();
            while let Some(ExprKind::Matrix(e, _) | ExprKind::Modified(e, _) | ExprKind::Paren(e)) = selector.map(|e| &e.kind) {
                selector = Some(e);
            }
            match selector.map(|e| &e.kind) {
                Some(ExprKind::Vector(vector)) if !vector.open => {
                    let equal = vector.matchers.iter().filter(|m| m.op == MatchOp::Equal).map(|m| m.label.name.clone());
                    Labels::only(equal, Some(expr.span))
                }
                Some(ExprKind::Vector(_) | ExprKind::Variable) | None => Labels::any(),
                Some(_) => Labels::only([], Some(expr.span)),
            }
        }
        "label_replace" | "label_join" => match call.args.get(1).and_then(string) {
            Some(label) if !label.contains(['$', '[']) => first().with(label),
            _ => Labels::any(),
        },
        "histogram_quantile" => call.args.get(1).map_or_else(Labels::any, labels).without("le", call.name.span),
        "histogram_fraction" => call.args.get(2).map_or_else(Labels::any, labels).without("le", call.name.span),
        "quantile_over_time" => call.args.get(1).map_or_else(Labels::any, labels),
        "info" | "histogram_quantiles" => Labels::any(),
        "scalar" | "vector" | "time" | "pi" => Labels::only([], Some(expr.span)),
        name if crate::syntax::promql::is_function(name) => first(),
        _ => Labels::any(),
    }
}

fn of_aggregate(aggregate: &Aggregate, recorded: &Recorded) -> Labels {
    let inner = labels(&aggregate.expr, recorded);
    let op = aggregate.op.name.as_str();
    if matches!(op, "topk" | "bottomk" | "limitk" | "limit_ratio") {
        return inner;
    }
    let grouped = match &aggregate.grouping {
        Some(g) if g.open() => Labels::any(),
        Some(g) if g.without => g.labels.iter().fold(inner, |labels, l| labels.without(&l.name, g.span)),
        // What is asked for and is not there was lost below.
        Some(g) => {
            let below = g.labels.iter().any(|l| !inner.may_have(&l.name)).then_some(inner.by).flatten();
            Labels::only(g.labels.iter().map(|l| l.name.clone()).filter(|l| inner.may_have(l)), below.or(Some(g.span)))
        }
        None => Labels::only([], Some(aggregate.op.span)),
    };
    match aggregate.param.as_deref().filter(|_| op == "count_values").map(string) {
        Some(Some(label)) => grouped.with(label),
        Some(None) => Labels::any(),
        None => grouped,
    }
}

fn of_binary(binary: &Binary, recorded: &Recorded) -> Labels {
    let labels = |e: &Expr| labels(e, recorded);
    match binary.op {
        BinaryOp::And | BinaryOp::Unless => return labels(&binary.lhs),
        BinaryOp::Or => return labels(&binary.lhs).either(labels(&binary.rhs)),
        _ => {}
    }
    if is_constant(&binary.rhs) {
        return labels(&binary.lhs);
    }
    if is_constant(&binary.lhs) {
        return labels(&binary.rhs);
    }
    let (lhs, rhs) = (labels(&binary.lhs), labels(&binary.rhs));
    if let Some(include) = &binary.include {
        if include.open() {
            return Labels::any();
        }
        let (many, one) = if include.without { (rhs, lhs) } else { (lhs, rhs) };
        let included = include.labels.iter().filter(|l| one.may_have(&l.name));
        return included.fold(many, |many, l| many.with(&l.name));
    }
    match &binary.matching {
        Some(g) if g.open() => Labels::any(),
        Some(g) if g.without => {
            let take = |side: Labels| g.labels.iter().fold(side, |labels, l| labels.without(&l.name, g.span));
            take(lhs).both(take(rhs))
        }
        Some(g) => {
            let on = g.labels.iter().map(|l| l.name.clone()).filter(|l| lhs.may_have(l) && rhs.may_have(l));
            Labels::only(on, Some(g.span))
        }
        None => lhs.both(rhs),
    }
}

/// Two sides whose series can never have the same labels.
#[derive(Clone, Debug)]
pub(crate) struct Mismatch {
    /// The operator.
    pub(crate) op_span: Span,
    /// A label that only one side can have.
    pub(crate) label: String,
    /// Whether the left side is the one that has it.
    pub(crate) left_has: bool,
    /// What took the label from the other side.
    pub(crate) by: Option<Span>,
}

/// The labels for which the join of a binary expression can only give something where no series has a value.
pub(crate) fn mismatches(binary: &Binary, recorded: &Recorded) -> Vec<Mismatch> {
    let labels = |e: &Expr| labels(e, recorded);
    if matches!(binary.op, BinaryOp::Or) || binary.op.is_set() && binary.op != BinaryOp::And {
        return Vec::new();
    }
    if is_constant(&binary.lhs) || is_constant(&binary.rhs) {
        return Vec::new();
    }
    if let Some(Grouping { without: false, .. }) = &binary.matching {
        return Vec::new();
    }
    let (lhs, rhs) = (labels(&binary.lhs), labels(&binary.rhs));
    let ignored = |label: &str| binary.matching.iter().any(|g| g.labels.iter().any(|l| l.name == label || l.variable));
    let only = |left_has: bool| {
        let (has, lacks) = if left_has { (&lhs, &rhs) } else { (&rhs, &lhs) };
        let names = has.names.iter().filter(|l| has.closed && !lacks.may_have(l) && !ignored(l));
        let one = |label: &String| Mismatch { op_span: binary.op_span, label: label.clone(), left_has, by: lacks.by };
        names.map(one).collect::<Vec<_>>()
    };
    let mut all = only(true);
    all.extend(only(false));
    all
}

/// A label that an aggregation or a join asks for although what is below it cannot have it.
#[derive(Clone, Debug)]
pub(crate) struct Lost {
    /// The label where it is asked for.
    pub(crate) span: Span,
    pub(crate) label: String,
    /// What took it away.
    pub(crate) by: Option<Span>,
    /// Whether a side of a join still has it: where none does, it matches nothing with nothing, and changes no result.
    pub(crate) matters: bool,
    /// Whether it is what `group_left` or `group_right` would copy: nothing is, and the result is the same without.
    pub(crate) copied: bool,
}

/// Labels of `by (…)` and `on (…)` that cannot be there.
pub(crate) fn lost(expr: &Expr, recorded: &Recorded) -> Vec<Lost> {
    let labels = |e: &Expr| labels(e, recorded);
    let mut found = Vec::new();
    let mut look = |grouping: &Grouping, sides: &[Labels], copied: bool| {
        for label in grouping.labels.iter().filter(|l| !l.variable) {
            if let Some(side) = sides.iter().find(|side| !side.may_have(&label.name)) {
                let matters = sides.len() == 1 || sides.iter().any(|side| side.may_have(&label.name));
                found.push(Lost { span: label.span, label: label.name.clone(), by: side.by, matters: matters && !copied, copied });
            }
        }
    };
    match &expr.kind {
        ExprKind::Aggregate(Aggregate { grouping: Some(g), expr, .. }) if !g.without => look(g, &[labels(expr)], false),
        ExprKind::Binary(b) => {
            if let Some(g) = b.matching.as_ref().filter(|g| !g.without) {
                look(g, &[labels(&b.lhs), labels(&b.rhs)], false);
            }
            // What is copied from the one side is not there.
            if let Some(include) = &b.include {
                look(include, &[labels(if include.without { &b.lhs } else { &b.rhs })], true);
            }
        }
        _ => {}
    }
    found
}

/// The labels that recording rules give to what they write. Rules read what others write: until nothing more is known.
pub(crate) fn recorded(consumers: &[Consumer], queries: &[Query]) -> Recorded {
    let mut known = Recorded::default();
    let rules: Vec<(&Consumer, &Record, &Query)> = queries
        .iter()
        .filter_map(|q| {
            let consumer = consumers.get(q.consumer)?;
            match &consumer.kind {
                ConsumerKind::Record(record) => Some((consumer, record, q)),
                _ => None,
            }
        })
        .collect();
    for _ in 0..MAX_DEPTH {
        let mut next = Recorded::default();
        for (consumer, record, query) in &rules {
            let own = record.labels.iter().fold(labels(&query.tree, &known), |labels, (name, _)| labels.with(name));
            let all = match next.0.remove(&consumer.name) {
                Some(other) => own.either(other),
                None => own,
            };
            next.0.insert(consumer.name.clone(), Labels { by: None, ..all });
        }
        if next == known {
            break;
        }
        known = next;
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::promql::{Outcome, parse};

    fn flow(text: &str) -> String {
        let Outcome::Parsed(tree) = parse(text, false) else { panic!("{text}") };
        let labels = labels(&tree, &Recorded::default());
        let names: Vec<String> = labels.names.into_iter().collect();
        format!("{}{}", if labels.closed { "" } else { "!" }, names.join(","))
    }

    #[test]
    fn labels_flow() {
        for (text, expected) in [
            ("x", "!"),
            ("sum(x)", ""),
            ("sum by (a, b) (x)", "a,b"),
            ("sum by (a, b) (sum by (a) (x))", "a"),
            ("sum without (a) (x)", "!a"),
            ("sum without (a) (sum by (a, b) (x))", "b"),
            ("topk(3, sum by (a) (x))", "a"),
            ("sum by (a) (x) > 3", "a"),
            ("1 - sum by (a) (x)", "a"),
            ("x / on (a) y", "a"),
            ("x / ignoring (a) y", "!a"),
            ("x * on (a) group_left (b) y", "!"),
            ("sum by (a) (x) * on (a) group_left (b, c) sum by (a, b) (y)", "a,b"),
            ("sum by (a) (x) * on (a) group_right sum by (a, d) (y)", "a,d"),
            ("sum by (a) (x) or sum by (b) (y)", "a,b"),
            ("sum by (a) (x) and on () y", "a"),
            ("x / sum by (a) (y)", "a"),
            ("label_replace(sum(x), \"n\", \"\", \"\", \"\")", "n"),
            ("absent(x{job=\"a\", b!=\"c\"})", "job"),
            ("histogram_quantile(0.9, sum by (le, a) (rate(x[5m])))", "a"),
            ("histogram_quantile(0.9, rate(x[5m]))", "!le"),
            ("count_values(\"v\", x)", "v"),
            ("vector(1)", ""),
            ("sum by (a) (x) / scalar(sum(y))", "a"),
            ("max_over_time(sum by (a) (x)[5m:])", "a"),
        ] {
            assert_eq!(flow(text), expected, "{text}");
        }
    }
}
