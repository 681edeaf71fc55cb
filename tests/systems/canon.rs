//! What a query means, in a short form: two queries that ask the same of the same series have one form.
//!
//! `job` and `instance` are left out wherever they stand, and so are the window and `le`: that every query keeps them is asked elsewhere.

use promql_parser::label::MatchOp;
use promql_parser::parser::{self, BinaryExpr, Expr, LabelModifier, VectorSelector};

/// The short form of a query.
pub(crate) fn of(query: &str) -> String {
    form(&parser::parse(query).unwrap_or_else(|e| panic!("{e}: {query}")))
}

fn form(expr: &Expr) -> String {
    match expr {
        Expr::Aggregate(aggregate) => {
            let labels = match &aggregate.modifier {
                Some(LabelModifier::Include(labels)) => kept(&labels.labels),
                Some(LabelModifier::Exclude(labels)) => format!("-{}", labels.labels.join(",")),
                None => String::new(),
            };
            format!("{}[{labels}]({})", aggregate.op, form(&aggregate.expr))
        }
        Expr::Binary(binary) => of_binary(binary),
        Expr::Call(call) => {
            let args: Vec<String> = call.args.args.iter().map(|arg| form(arg)).collect();
            match (call.func.name, args.as_slice()) {
                ("histogram_quantile", [quantile, of]) => format!("q{quantile} {of}"),
                ("label_replace", [of, label, value, ..]) => format!("{label}={value}: {of}"),
                ("vector", [number]) => number.clone(),
                (name, args) => format!("{name} {}", args.join(", ")),
            }
        }
        Expr::Paren(inner) => form(&inner.expr),
        Expr::Unary(inner) => format!("-{}", form(&inner.expr)),
        Expr::Subquery(inner) => form(&inner.expr),
        Expr::VectorSelector(selector) => series(selector),
        Expr::MatrixSelector(matrix) => series(&matrix.vs),
        Expr::NumberLiteral(number) => number.val.to_string(),
        Expr::StringLiteral(text) => text.val.clone(),
        Expr::Extension(_) => panic!("an extension"),
    }
}

fn of_binary(binary: &BinaryExpr) -> String {
    let (left, right) = (form(&binary.lhs), form(&binary.rhs));
    let op = binary.op.to_string();
    // What is 0 where nothing is counted yet, and a divisor that is nothing instead of 0.
    match op.as_str() {
        "or" if right == "0" || right.starts_with("0 * ") => format!("({left})|0"),
        ">" if right == "0" => format!("({left})!0"),
        "*" | "/" => format!("{} {op} {}", grouped(left), grouped(right)),
        _ => format!("{left} {op} {right}"),
    }
}

fn grouped(form: String) -> String {
    if form.contains(" + ") && !form.starts_with('(') { format!("({form})") } else { form }
}

fn series(selector: &VectorSelector) -> String {
    let mut matchers: Vec<String> = selector
        .matchers
        .matchers
        .iter()
        .filter(|m| !matches!(m.name.as_str(), "job" | "instance"))
        .map(|m| {
            let op = match m.op {
                MatchOp::Equal => "=",
                MatchOp::NotEqual => "!=",
                MatchOp::Re(_) => "=~",
                MatchOp::NotRe(_) => "!~",
            };
            format!("{}{op}{}", m.name, m.value)
        })
        .collect();
    matchers.sort();
    let name = selector.name.clone().unwrap_or_default();
    if matchers.is_empty() { name } else { format!("{name}{{{}}}", matchers.join(",")) }
}

fn kept(labels: &[String]) -> String {
    let mut labels: Vec<&str> = labels.iter().map(String::as_str).filter(|l| !matches!(*l, "job" | "instance" | "le")).collect();
    labels.sort_unstable();
    labels.join(",")
}
