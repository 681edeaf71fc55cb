//! Prometheus' type rules.

use super::ast::{Aggregate, Binary, Call, Expr, ExprKind, MatchOp, Type, VectorSelector};
use super::{ParseError, functions, pattern};

/// The type of an expression all of whose parts fit together.
pub(super) fn check(expr: &Expr) -> Result<Type, ParseError> {
    match &expr.kind {
        ExprKind::Number(_) => Ok(Type::Scalar),
        ExprKind::String(_) => Ok(Type::String),
        ExprKind::Variable => Ok(Type::Any),
        ExprKind::Vector(selector) => selector_type(expr, selector),
        ExprKind::Matrix(inner, _) => match &inner.kind {
            ExprKind::Variable => check(inner).map(|_| Type::Matrix),
            ExprKind::Vector(_) => check(inner).map(|_| Type::Matrix),
            ExprKind::Modified(_, true) => Err(ParseError::new("`offset` must come after the range", inner.span)),
            _ => Err(ParseError::new("a range belongs directly after a metric selector", inner.span)
                .help("for a range of an expression write a subquery: `[5m:]`")
                .metricsql()),
        },
        ExprKind::Subquery(inner, _) => {
            want(inner, Type::Vector, "a subquery")?;
            Ok(Type::Matrix)
        }
        ExprKind::Modified(inner, offset) => {
            let mut target = &**inner;
            let mut twice = false;
            while let ExprKind::Modified(deeper, other) = &target.kind {
                twice |= other == offset;
                target = deeper;
            }
            let word = if *offset { "offset" } else { "@" };
            if twice {
                return Err(ParseError::new(format!("`{word}` is given twice"), expr.span));
            }
            match target.kind {
                ExprKind::Vector(_) | ExprKind::Matrix(..) | ExprKind::Subquery(..) | ExprKind::Variable => check(inner),
                _ => {
                    let message = format!("`{word}` belongs directly after a metric selector, its range, or a subquery");
                    Err(ParseError::new(message, inner.span).metricsql())
                }
            }
        }
        ExprKind::Call(call) => call_type(call),
        ExprKind::Aggregate(aggregate) => aggregate_type(aggregate),
        ExprKind::Unary(inner, _) => match check(inner)? {
            found @ (Type::Scalar | Type::Vector | Type::Any) => Ok(found),
            found => Err(ParseError::new(format!("a sign stands before a {}", found.noun()), expr.span)),
        },
        ExprKind::Binary(binary) => binary_type(binary),
        ExprKind::Paren(inner) => check(inner),
    }
}

fn want(expr: &Expr, wanted: Type, of: &str) -> Result<(), ParseError> {
    let found = check(expr)?;
    if found.fits(wanted) {
        return Ok(());
    }
    let error =
        ParseError::new(format!("{of} takes {} {}, not {} {}", article(wanted), wanted.noun(), article(found), found.noun()), expr.span);
    let ranged = matches!((wanted, found), (Type::Matrix, Type::Vector) | (Type::Vector, Type::Matrix | Type::Scalar));
    let error = if ranged { error.metricsql() } else { error };
    Err(match (wanted, found) {
        (Type::Matrix, Type::Vector) if matches!(expr.peeled().kind, ExprKind::Vector(_)) => error.help("give it a range, such as `[5m]`"),
        (Type::Matrix, Type::Vector) => error.help("make it a subquery, such as `(…)[5m:]`, or take the function on the selector first"),
        (Type::Vector, Type::Matrix) => error.help("take `rate(…)` or another function over the range first"),
        _ => error,
    })
}

fn article(t: Type) -> &'static str {
    if t == Type::Vector { "an" } else { "a" }
}

fn selector_type(expr: &Expr, selector: &VectorSelector) -> Result<Type, ParseError> {
    let named = selector.matchers.iter().find(|m| m.label.name == "__name__");
    if let (Some(_), Some(matcher)) = (&selector.name, named)
        && matcher.op == MatchOp::Equal
    {
        return Err(ParseError::new("the metric name is given twice", matcher.label.span.to(matcher.value_span)));
    }
    for matcher in selector.matchers.iter().filter(|m| !m.variable && matches!(m.op, MatchOp::Regex | MatchOp::NotRegex)) {
        if let Some(why) = pattern::error(&matcher.value) {
            return Err(ParseError::new(format!("`{}` is no regular expression: {why}", matcher.value), matcher.value_span));
        }
    }
    let empty = selector.matchers.iter().all(|m| {
        !m.variable
            && match m.op {
                MatchOp::Equal => m.value.is_empty(),
                MatchOp::NotEqual => !m.value.is_empty(),
                MatchOp::Regex => matches!(m.value.as_str(), "" | ".*"),
                MatchOp::NotRegex => m.value == ".+",
            }
    });
    if selector.name.is_none() && !selector.open && empty {
        return Err(
            ParseError::new("the selector matches every series", expr.span).help("name a metric, or a label whose value may not be empty")
        );
    }
    Ok(Type::Vector)
}

fn call_type(call: &Call) -> Result<Type, ParseError> {
    let Some(function) = functions::get(&call.name.name) else {
        for arg in &call.args {
            check(arg)?;
        }
        return Ok(Type::Any);
    };
    let (given, listed) = (call.args.len(), function.args.len());
    let least = if function.variadic == 0 { listed } else { listed.saturating_sub(1) };
    let most = match function.variadic {
        n if n < 0 => usize::MAX,
        0 => listed,
        n => least + usize::from(n.unsigned_abs()),
    };
    if given < least || given > most {
        let range = match (least, most) {
            (1, 1) => "1 argument".to_owned(),
            (a, b) if a == b => format!("{a} arguments"),
            (a, usize::MAX) => format!("at least {a} arguments"),
            (a, b) => format!("{a} to {b} arguments"),
        };
        return Err(ParseError::new(format!("`{}` takes {range}, not {given}", function.name), call.name.span));
    }
    for (i, arg) in call.args.iter().enumerate() {
        // The second argument of `info` only chooses labels: it may match everything.
        if function.name == "info" && i == 1 && matches!(arg.kind, ExprKind::Vector(_)) {
            continue;
        }
        let letter = function.args.as_bytes().get(i.min(listed.saturating_sub(1)));
        let wanted = match letter {
            Some(b'm') => Type::Matrix,
            Some(b's') => Type::Scalar,
            Some(b't') => Type::String,
            _ => Type::Vector,
        };
        // MetricsQL had the function first, and takes the label's name first.
        let of_metricsql = function.name == "histogram_quantiles" && i == 0 && matches!(arg.kind, ExprKind::String(_));
        want(arg, wanted, &format!("`{}`", function.name)).map_err(|error| if of_metricsql { error.metricsql() } else { error })?;
    }
    Ok(function.returns)
}

fn aggregate_type(aggregate: &Aggregate) -> Result<Type, ParseError> {
    let of = format!("`{}`", aggregate.op.name);
    if let Some(param) = &aggregate.param {
        want(param, if aggregate.op.name == "count_values" { Type::String } else { Type::Scalar }, &of)?;
    }
    want(&aggregate.expr, Type::Vector, &of)?;
    Ok(Type::Vector)
}

fn binary_type(binary: &Binary) -> Result<Type, ParseError> {
    let (left, right) = (check(&binary.lhs)?, check(&binary.rhs)?);
    for (side, found) in [(&binary.lhs, left), (&binary.rhs, right)] {
        if matches!(found, Type::String | Type::Matrix) {
            let error = ParseError::new(format!("an operator takes scalars and instant vectors, not a {}", found.noun()), side.span);
            // `{app="x"} != "text"` is a line filter of LogQL.
            let logql = found == Type::String && matches!(&binary.lhs.kind, ExprKind::Vector(s) if s.name.is_none());
            let error = if found == Type::Matrix { error.metricsql() } else { error };
            return Err(if logql { error.foreign() } else { error });
        }
    }
    let scalar = |t| t == Type::Scalar;
    if let (Some(span), false) = (binary.bool_span, binary.op.is_comparison()) {
        return Err(ParseError::new("`bool` belongs to a comparison", span));
    }
    if binary.op.is_comparison() && binary.bool_span.is_none() && scalar(left) && scalar(right) {
        return Err(ParseError::new("a comparison of two scalars needs `bool`", binary.op_span).metricsql());
    }
    if binary.op.is_set() && (scalar(left) || scalar(right)) {
        let side = if scalar(left) { &binary.lhs } else { &binary.rhs };
        return Err(ParseError::new("`and`, `or` and `unless` take instant vectors, not a scalar", side.span)
            .help("write `vector(…)`")
            .metricsql());
    }
    if let Some(matching) = &binary.matching {
        if scalar(left) || scalar(right) {
            return Err(ParseError::new("labels are matched only between instant vectors", matching.span));
        }
        if let Some(include) = &binary.include {
            if binary.op.is_set() {
                return Err(ParseError::new("`and`, `or` and `unless` take no grouping", include.span));
            }
            let both = include.labels.iter().find(|l| !matching.without && !l.variable && matching.labels.iter().any(|m| m.name == l.name));
            if let Some(label) = both {
                return Err(ParseError::new(format!("label `{}` is in `on` and in the grouping at once", label.name), label.span));
            }
        }
    }
    Ok(match (left, right) {
        (Type::Scalar, Type::Scalar) => Type::Scalar,
        (Type::Any, Type::Scalar | Type::Any) | (Type::Scalar, Type::Any) => Type::Any,
        _ => Type::Vector,
    })
}
