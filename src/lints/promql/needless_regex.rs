//! `needless-regex`: a regular expression that says no more than plain text.

use crate::finding::Finding;
use crate::lints::{Context, repair};
use crate::promql::{MatchOp, Matcher};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for query in context.queries {
        for matcher in query.selectors.iter().flat_map(|s| &s.matchers) {
            let Some((caret, help, instead)) = needless(matcher) else { continue };
            let Some(location) = query.locate(context.consumers, matcher.value_span) else { continue };
            let finding = Finding::new(format!("the regular expression for `{}` is needless", matcher.label.name), location)
                .label(&matcher.label.name)
                .caret(caret)
                .help(help);
            let whole = matcher.label.span.to(matcher.value_span);
            let edit = instead.and_then(|text| Some((repair::in_query(context, query, whole, text.as_str())?, text)));
            findings.push(match edit {
                Some((edit, text)) => finding.fixes(format!("write `{text}`"), [edit]),
                None => finding,
            });
        }
    }
}

/// What is needless, what to do, and what to write in place of the matcher.
fn needless(matcher: &Matcher) -> Option<(&'static str, String, Option<String>)> {
    let (plain, negative) = match matcher.op {
        MatchOp::Regex => ("=", false),
        MatchOp::NotRegex => ("!=", true),
        _ => return None,
    };
    // `=~"$job"` in a dashboard has to take several values; a bound is the matter of `le-in-one-form`.
    if matcher.variable || matches!(matcher.label.name.as_str(), "__name__" | "le") {
        return None;
    }
    let (label, value) = (&matcher.label.name, matcher.value.as_str());
    if value == ".*" && !negative {
        return Some(("matches everything", format!("Leave the matcher for `{label}` out."), None));
    }
    if value.is_empty() {
        let instead = format!("{label}{plain}\"\"");
        return Some(("only asks whether there is a value", format!("Write `{instead}`."), Some(instead)));
    }
    if value == ".+" {
        let op = if negative { "=" } else { "!=" };
        let instead = format!("{label}{op}\"\"");
        return Some(("only asks whether there is a value", format!("Write `{instead}`."), Some(instead)));
    }
    if let Some(inner) = unanchored(value) {
        let help =
            format!("Write `{inner}`: Prometheus anchors every regular expression at both ends. To match only a part, write `.*` there.");
        let op = if negative { "!~" } else { "=~" };
        let instead = (!inner.contains(['"', '\\'])).then(|| format!("{label}{op}\"{inner}\""));
        return Some(("always matches from end to end", help, instead));
    }
    let literal = value.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | ':' | ' ' | '@' | ','));
    literal.then(|| {
        let instead = format!("{label}{plain}\"{value}\"");
        ("plain text", format!("Write `{instead}`."), Some(instead))
    })
}

/// The expression without an anchor at its start or end; `None` where it has none.
fn unanchored(value: &str) -> Option<&str> {
    let without = value.strip_prefix('^').unwrap_or(value);
    // An escaped `$` is a character.
    let escapes = |text: &str| text.bytes().rev().take_while(|b| *b == b'\\').count();
    let without = without.strip_suffix('$').filter(|v| escapes(v) % 2 == 0).unwrap_or(without);
    (without.len() < value.len() && !without.is_empty() && !without.starts_with(['^', '*', '+', '?'])).then_some(without)
}
