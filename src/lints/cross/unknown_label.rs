//! `unknown-label`: a query that asks a metric for a label that it does not have.
//!
//! The scrape adds labels that no source knows, so a strange label alone says nothing. It is wrong when its name is almost that of
//! a label of the metric, or when it is a label that the code gives to other metrics.

use std::collections::HashSet;

use crate::finding::{Finding, Severity};
use crate::knowledge::vocab;
use crate::lints::gone_label::Gone;
use crate::lints::{Context, lookup};
use crate::model::{ConsumerKind, Language, Metric};
use crate::promql::MatchOp;
use crate::source::{Location, Span};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let own: Vec<&Metric> = context.inventory.metrics().iter().filter(|m| m.language != Language::Yaml).collect();
    let code: HashSet<&str> = own.iter().flat_map(|m| &m.labels).map(|l| l.name.as_str()).collect();
    let gone = context.before.map(|before| Gone::of(before, context.inventory));
    if let Some(gone) = &gone {
        gone.report(context, findings);
    }
    let known_gone = |metric: &Metric, label: &str| gone.as_ref().is_some_and(|g| g.has(&metric.name, label));
    for query in context.queries {
        for selector in &query.selectors {
            let Some(name) = selector.literal_name() else { continue };
            let Some(metric) = complete(context, name) else { continue };
            for matcher in &selector.matchers {
                let label = matcher.label.name.as_str();
                // `x=""` and `x!="a"` hold where there is no label.
                let wants = match matcher.op {
                    MatchOp::Equal => !matcher.value.is_empty(),
                    MatchOp::Regex => !matcher.value.is_empty() && matcher.value != ".*",
                    _ => false,
                };
                if !wants || matcher.variable || matcher.label.variable || known_gone(metric, label) {
                    continue;
                }
                let Some(location) = query.locate(context.consumers, matcher.label.span) else { continue };
                findings.extend(strange(metric, label, &code, location, "nothing is selected"));
            }
            // `label_values(metric, label)` asks for a label outside of the selector.
            let offered = context.consumers.get(query.consumer).and_then(|c| match &c.kind {
                ConsumerKind::Variable(Some(label)) => Some((label, &c.query.path)),
                _ => None,
            });
            if let Some((label, path)) = offered.filter(|(label, _)| !known_gone(metric, &label.text)) {
                let location = Location::new(path, label.span(Span::new(0, label.text.len())));
                findings.extend(strange(metric, &label.text, &code, location, "the variable has no values"));
            }
        }
    }
}

/// The finding for a label that a metric does not have, if it is meant to be one of its own.
fn strange(metric: &Metric, label: &str, code: &HashSet<&str>, location: Location, caret: &str) -> Option<Finding> {
    let builtin = matches!(label, "le" | "quantile" | "__name__" | "job" | "instance");
    let near = metric.labels.iter().find(|l| is_near(&l.name, label));
    let scraped = vocab::labels().scraped.iter().any(|s| s == label);
    if builtin || metric.label(label).is_some() || near.is_none() && (scraped || !code.contains(label)) {
        return None;
    }
    let has = match &metric.labels[..] {
        [] => "it has no labels".to_owned(),
        labels => format!("it has {}", labels.iter().map(|l| format!("`{}`", l.name)).collect::<Vec<_>>().join(", ")),
    };
    let finding = Finding::new(format!("`{}` has no label `{label}`: {has}", metric.name), location.clone())
        .metric(&metric.name)
        .label(label)
        .caret(caret)
        .related("defined here", metric.location.clone());
    Some(match near {
        Some(near) => finding.fix(format!("use `{}`", near.name), location, near.name.clone()),
        // The scrape may add a label that the code gives to other metrics.
        None => finding.severity(Severity::Warning).help(format!("Other metrics of the code have `{label}`, this one does not.")),
    })
}

/// The metric behind a series name, when all of its labels are known.
fn complete<'a>(context: &Context<'a>, name: &str) -> Option<&'a Metric> {
    let family = || ["_bucket", "_count", "_sum"].iter().find_map(|part| name.strip_suffix(part));
    let mut found = lookup::named(context.inventory, name);
    if found.is_empty() {
        found = lookup::named(context.inventory, family()?);
    }
    let [metric] = found else { return None };
    let one = metric.definitions.len() < 2 || metric.definitions.iter().all(|d| d.labels.is_some());
    (metric.language != Language::Yaml && metric.labels_complete && one).then_some(metric)
}

/// Whether one name is a slip of the other.
fn is_near(known: &str, asked: &str) -> bool {
    known.len() >= 4 && asked.len() >= 4 && strsim::damerau_levenshtein(known, asked) == 1 && known.ends_with(|c: char| !c.is_ascii_digit())
}
