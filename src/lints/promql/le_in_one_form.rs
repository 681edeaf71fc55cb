//! `le-in-one-form`: a whole bound compared as the text that only some versions of Prometheus give it.

use crate::finding::Finding;
use crate::lints::{Context, repair};
use crate::promql::MatchOp;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for query in context.queries {
        for selector in query.selectors.iter().filter(|s| s.name.as_deref().is_some_and(|n| n.ends_with("_bucket"))) {
            for matcher in selector.matchers.iter().filter(|m| m.label.name == "le" && !m.variable) {
                let (op, effect) = match matcher.op {
                    MatchOp::Equal | MatchOp::Regex => ("=~", "selects nothing"),
                    MatchOp::NotEqual | MatchOp::NotRegex => ("!~", "leaves nothing out"),
                };
                let bound = matcher.value.as_str();
                // From a million on the other form has an exponent.
                let whole = !bound.is_empty() && bound.len() <= 6 && bound.bytes().all(|b| b.is_ascii_digit());
                let Some(location) = query.locate(context.consumers, matcher.value_span).filter(|_| whole) else { continue };
                let instead = format!("le{op}\"{bound}(\\\\.0)?\"");
                findings.push(
                    Finding::new(format!("`le` is `{bound}.0` since Prometheus 3, not `{bound}`: this {effect} there"), location)
                        .label("le")
                        .caret("the form of Prometheus 2")
                        .help(format!("Write `{instead}`, which both take."))
                        .fixes(
                            format!("write `{instead}`"),
                            repair::in_query(context, query, matcher.label.span.to(matcher.value_span), instead.as_str()),
                        ),
                );
            }
        }
    }
}
