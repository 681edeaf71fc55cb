//! What is known of the metric under the cursor: where code defines or uses it, and where a query asks for it.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::engine::Facts;
use crate::model::{BoundKind, Buckets, Label, Metric, MetricType};
use crate::report::plural;
use crate::source::{Location, Span};

/// Values of a label that are named.
const SHOWN: usize = 8;

/// The place of what is meant, and what is known of it as Markdown.
pub(super) fn at(facts: &Facts, path: &str, offset: u32) -> Option<(Span, String)> {
    let holds = |location: &Location| *location.path == *path && location.span.start <= offset && offset <= location.span.end;
    let (span, name) = definition(facts, &holds).or_else(|| asked(facts, &holds)).or_else(|| used(facts, &holds))?;
    let metrics = of_series(facts, &name);
    let texts: Vec<String> = metrics.iter().map(|metric| describe(metric, facts)).collect();
    (!texts.is_empty()).then(|| (span, texts.join("\n\n---\n\n")))
}

type Holds<'h> = dyn Fn(&Location) -> bool + 'h;

/// The smallest of those places that holds the cursor.
fn smallest<'p>(places: impl Iterator<Item = (&'p Location, &'p str)>, holds: &Holds<'_>) -> Option<(Span, String)> {
    let here = places.filter(|(location, _)| holds(location));
    here.min_by_key(|(location, _)| location.span.len()).map(|(location, name)| (location.span, name.to_owned()))
}

fn definition(facts: &Facts, holds: &Holds<'_>) -> Option<(Span, String)> {
    let all = facts.inventory.metrics().iter();
    let places = all.flat_map(|m| m.definitions.iter().map(|d| &d.location).chain([&m.name_location]).map(|at| (at, m.name.as_str())));
    smallest(places, holds)
}

fn used(facts: &Facts, holds: &Holds<'_>) -> Option<(Span, String)> {
    smallest(facts.inventory.uses.iter().map(|site| (&site.location, site.metric.as_str())), holds)
}

fn asked(facts: &Facts, holds: &Holds<'_>) -> Option<(Span, String)> {
    let here = facts.queries.iter().flat_map(|query| {
        query.selectors.iter().filter_map(|selector| {
            let location = query.locate(&facts.consumers, selector.name_span)?;
            holds(&location).then(|| Some((location.span, selector.literal_name()?.to_owned())))?
        })
    });
    here.min_by_key(|(span, _)| span.len())
}

/// The metrics that a series of this name is of.
fn of_series<'f>(facts: &'f Facts, name: &str) -> &'f [Metric] {
    match facts.inventory.named(name) {
        [] => ["_bucket", "_count", "_sum"]
            .iter()
            .find_map(|part| name.strip_suffix(part))
            .map_or(&[], |family| facts.inventory.named(family)),
        own => own,
    }
}

fn describe(metric: &Metric, facts: &Facts) -> String {
    // Writing to a String cannot fail.
    let mut out = format!("**`{}`** {}", metric.name, metric.kind.as_str());
    if let Some(unit) = &metric.unit {
        let _ = write!(out, " in {unit}");
    }
    if let Some(help) = metric.help.as_deref().filter(|help| !help.is_empty()) {
        let _ = write!(out, "\n\n{help}");
    }
    out.push('\n');
    for label in &metric.labels {
        let _ = write!(out, "\n- label `{}`: {}", label.name, values(label));
    }
    if !metric.labels_complete {
        out.push_str("\n- there may be more labels");
    }
    if metric.kind == MetricType::Histogram {
        let _ = write!(out, "\n- buckets: {}", buckets(&metric.buckets));
    }
    let _ = match metric.series().max {
        Some(most) => write!(out, "\n- at most {most} time series"),
        None => write!(out, "\n- how many time series it has is not known"),
    };
    let readers = readers(metric, facts);
    if !readers.is_empty() {
        let _ = write!(out, "\n- read by {}", readers.join(", "));
    }
    out
}

fn values(label: &Label) -> String {
    match (&label.bound.kind, label.bound.all_values(), label.bound.count) {
        (BoundKind::Unbounded, ..) => "its values have no limit".to_owned(),
        (_, Some(values), _) => {
            let mut shown: Vec<String> = values.iter().take(SHOWN).map(|value| format!("`{value}`")).collect();
            if values.len() > shown.len() {
                shown.push(format!("and {} more", values.len() - shown.len()));
            }
            shown.join(", ")
        }
        (_, None, Some(count)) => plural(usize::try_from(count).unwrap_or(usize::MAX), "value"),
        _ => "its values are not known".to_owned(),
    }
}

fn buckets(buckets: &Buckets) -> String {
    match buckets.bounds() {
        Some(bounds) => bounds.iter().map(f64::to_string).collect::<Vec<_>>().join(" "),
        None => "not known".to_owned(),
    }
}

/// How many consumers of each kind read the metric.
fn readers(metric: &Metric, facts: &Facts) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for query in &facts.queries {
        let names = query.selectors.iter().filter_map(|s| s.literal_name());
        if names.into_iter().any(|name| of_series(facts, name).iter().any(|m| m.name == metric.name))
            && let Some(consumer) = facts.consumers.get(query.consumer)
        {
            *counts.entry(consumer.kind.noun()).or_default() += 1;
        }
    }
    counts.into_iter().map(|(noun, count)| plural(count, noun)).collect()
}
