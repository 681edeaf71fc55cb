//! Which labels of which series a query asks for outside of its selectors: to group, to join, to rewrite.

use super::describe::{selectors, string};
use crate::source::Span;
use crate::syntax::promql::{Expr, ExprKind, Ident};

/// A label that the result of a series is grouped or joined by.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LabelRead {
    /// The name of the series.
    pub(crate) series: String,
    /// The label.
    pub(crate) label: String,
    /// Where it is named, unless a string does.
    pub(crate) span: Option<Span>,
}

fn named(label: &Ident) -> (&str, Option<Span>) {
    (&label.name, Some(label.span))
}

/// Where a legend of Grafana names the labels that it is filled in from: `{{label}}`.
pub(crate) fn legend_labels(legend: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = legend.get(at..).and_then(|rest| rest.find("{{")).map(|n| at + n + 2) {
        let Some(inside) = legend.get(open..).and_then(|rest| rest.split("}}").next()) else { break };
        let name = inside.trim();
        if !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            let start = open + (inside.len() - inside.trim_start().len());
            found.push(Span::new(start, start + name.len()));
        }
        at = open + inside.len();
    }
    found
}

/// The labels that are grouped and joined by, for each series below.
pub(crate) fn label_reads(tree: &Expr) -> Vec<LabelRead> {
    let mut found = Vec::new();
    super::visit(tree, &mut |expr| {
        let mut say = |of: &Expr, labels: &mut dyn Iterator<Item = (&str, Option<Span>)>| {
            let series: Vec<String> = selectors(of).into_iter().filter_map(|s| s.literal_name().map(str::to_owned)).collect();
            for (label, span) in labels {
                found.extend(series.iter().map(|s| LabelRead { series: s.clone(), label: label.to_owned(), span }));
            }
        };
        match &expr.kind {
            ExprKind::Aggregate(a) => {
                // What `without` takes away need not be there.
                let grouping = a.grouping.iter().filter(|g| !g.without);
                say(&a.expr, &mut grouping.flat_map(|g| &g.labels).filter(|l| !l.variable).map(named));
            }
            ExprKind::Binary(b) => {
                if let Some(on) = b.matching.as_ref().filter(|g| !g.without) {
                    for side in [&b.lhs, &b.rhs] {
                        say(side, &mut on.labels.iter().filter(|l| !l.variable).map(named));
                    }
                }
                if let Some(include) = &b.include {
                    let one = if include.without { &b.lhs } else { &b.rhs };
                    say(one, &mut include.labels.iter().filter(|l| !l.variable).map(named));
                }
            }
            ExprKind::Call(call) if call.name.name == "label_replace" => {
                if let (Some(of), Some(source)) = (call.args.first(), call.args.get(3).and_then(string)) {
                    say(of, &mut std::iter::once((source, None)));
                }
            }
            _ => {}
        }
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::promql::{Outcome, parse};

    #[test]
    fn groups_and_joins_ask_for_labels() {
        let reads = |text: &str| {
            let Outcome::Parsed(tree) = parse(text, false) else { panic!("{text}") };
            label_reads(&tree).into_iter().map(|r| format!("{}.{}", r.series, r.label)).collect::<Vec<_>>()
        };
        assert_eq!(reads("sum by (a) (rate(x[5m])) / sum without (b) (y)"), ["x.a"]);
        assert_eq!(reads("x * on (a) group_left (c) y"), ["x.a", "y.a", "y.c"]);
        assert_eq!(reads("label_replace(x, \"a\", \"$1\", \"b\", \"(.*)\")"), ["x.b"]);
    }
}
