//! `test-input-impossible`: a rule test that feeds series which the code cannot expose.

use crate::finding::Finding;
use crate::lints::thresholds::same;
use crate::lints::{Context, lookup};
use crate::model::{Language, Metric, split_series};
use crate::promql::{ExprKind, MatchOp, Matcher, Query, Selector};
use crate::source::Span;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for query in context.test_queries {
        // A series that is fed is a name with labels, and nothing else.
        let (ExprKind::Vector(_), [selector]) = (&query.tree.kind, &query.selectors[..]) else { continue };
        let Some(name) = selector.literal_name() else { continue };
        let (family, part) = split_series(name);
        if let Some(finding) = no_part(context, query, selector, name, family, part) {
            findings.push(finding);
            continue;
        }
        let own = if part.is_empty() || !lookup::named(context.inventory, name).is_empty() { name } else { family };
        for matcher in selector.matchers.iter().filter(|m| m.op == MatchOp::Equal && !m.variable) {
            let found = match (matcher.label.name.as_str(), part) {
                ("le", "_bucket") => off_bucket(context, family, matcher),
                _ => never_given(context, own, matcher),
            };
            let Some((message, help)) = found else { continue };
            let Some(location) = place(context, query, matcher.value_span) else { continue };
            let mut finding =
                Finding::new(message, location).metric(own).label(&matcher.label.name).caret("the code cannot expose this").help(help);
            if let [metric] = lookup::named(context.inventory, own) {
                finding = finding.related("the metric is defined here", metric.location.clone());
            }
            findings.push(finding);
        }
    }
}

fn place(context: &Context<'_>, query: &Query, span: Span) -> Option<crate::source::Location> {
    query.locate(context.tests, span)
}

/// A series of a family that has no series of this kind.
fn no_part(context: &Context<'_>, query: &Query, selector: &Selector, name: &str, family: &str, part: &str) -> Option<Finding> {
    if part.is_empty() || part == "_created" || context.inventory.may_have(name) || context.inventory.may_hide(name) {
        return None;
    }
    let [metric] = own(context, family) else { return None };
    let location = place(context, query, selector.name_span)?;
    let message = format!("the test feeds `{name}`: `{family}` is a {} and has no `{part}`", metric.kind.as_str());
    Some(
        Finding::new(message, location)
            .metric(family)
            .caret("no such series")
            .related("the metric is defined here", metric.location.clone()),
    )
}

/// The metrics of the code with a name.
fn own<'a>(context: &Context<'a>, name: &str) -> &'a [Metric] {
    let all = lookup::named(context.inventory, name);
    if all.iter().all(|m| m.language != Language::Yaml) { all } else { &[] }
}

fn off_bucket(context: &Context<'_>, family: &str, matcher: &Matcher) -> Option<(String, String)> {
    let known = lookup::metric(context, family)?;
    let bounds = known.bounds()?;
    let number: f64 = matcher.value.parse().ok()?;
    if number.is_infinite() || bounds.iter().any(|b| same(*b, number)) {
        return None;
    }
    let shown: Vec<String> = bounds.iter().map(ToString::to_string).collect();
    let message = format!("the test feeds a bucket that `{family}`{} does not have: `le=\"{}\"`", known.origin(), matcher.value);
    Some((
        message,
        format!("Its bounds are {}. With other buckets the quantile comes out differently than it will in production.", shown.join(", ")),
    ))
}

fn never_given(context: &Context<'_>, name: &str, matcher: &Matcher) -> Option<(String, String)> {
    let [metric] = own(context, name) else { return None };
    let label = metric.label(&matcher.label.name)?;
    let values = label.bound.all_values()?;
    if matcher.value.is_empty() || values.contains(&matcher.value) {
        return None;
    }
    let message = format!("the test feeds `{}=\"{}\"`, which the code never gives to `{name}`", label.name, matcher.value);
    let shown: Vec<String> = values.iter().take(8).map(|v| format!("`{v}`")).collect();
    Some((message, format!("The code gives it {}.", shown.join(", "))))
}
