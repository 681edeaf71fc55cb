//! `needless-regex`: a regular expression that says no more than plain text.

use crate::finding::Finding;
use crate::lints::Context;
use crate::promql::{MatchOp, Matcher};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for query in context.queries {
        for matcher in query.selectors.iter().flat_map(|s| &s.matchers) {
            let Some((caret, help)) = needless(matcher) else { continue };
            let Some(location) = query.locate(context.consumers, matcher.value_span) else { continue };
            findings.push(
                Finding::new(format!("the regular expression for `{}` is needless", matcher.label.name), location)
                    .label(&matcher.label.name)
                    .caret(caret)
                    .help(help),
            );
        }
    }
}

fn needless(matcher: &Matcher) -> Option<(&'static str, String)> {
    let (plain, negative) = match matcher.op {
        MatchOp::Regex => ("=", false),
        MatchOp::NotRegex => ("!=", true),
        _ => return None,
    };
    // `=~"$job"` in a dashboard has to take several values.
    if matcher.variable || matcher.label.name == "__name__" {
        return None;
    }
    let (label, value) = (&matcher.label.name, matcher.value.as_str());
    if value == ".*" && !negative {
        return Some(("matches everything", format!("Leave the matcher for `{label}` out.")));
    }
    if value == ".+" {
        let op = if negative { "=" } else { "!=" };
        return Some(("only asks whether there is a value", format!("Write `{label}{op}\"\"`.")));
    }
    if let Some(inner) = value.strip_prefix('^').and_then(|v| v.strip_suffix('$')).filter(|v| !v.contains('|') && !v.ends_with('\\')) {
        return Some(("always matches from end to end", format!("Write `{inner}`: Prometheus anchors every regular expression.")));
    }
    let literal = !value.is_empty() && value.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | ':' | ' ' | '@' | ','));
    literal.then(|| ("plain text", format!("Write `{label}{plain}\"{value}\"`.")))
}
