//! What a process exposed to metrics: types, labels and bounds as they were seen.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Extraction;
use crate::model::{Bound, BucketSource, Buckets, Definition, Label, Language, Metric, MetricType, Problem, ProblemKind};
use crate::source::{Location, SourceFile, Span};
use crate::syntax::exposition::{self, Exposition, Family, Sample, number};

/// Extracts one text.
pub fn extract(file: &SourceFile) -> Extraction {
    let parsed = exposition::parse(&file.text);
    let at = |span: Span| Location::new(&file.path, span);
    let mut out = Extraction::default();
    for error in &parsed.errors {
        let (message, location) = (error.message.clone(), at(error.span));
        out.problems.push(Problem { kind: ProblemKind::ExpositionSyntax, message, location, help: None, until: None, relative: false });
    }
    // A family without series is a promise: its labels and bounds are not seen yet.
    for family in parsed.families.iter().filter(|f| !f.samples.is_empty() && !is_creation_time(&parsed, f)) {
        out.metrics.push(metric(&parsed, family, file));
    }
    out
}

/// What clients in Python add to each counter, histogram and summary: when it was made.
fn is_creation_time(parsed: &Exposition, family: &Family) -> bool {
    let Some(base) = family.name.strip_suffix("_created") else { return false };
    parsed.families.iter().any(|f| f.name == base || f.name.strip_suffix("_total") == Some(base))
}

fn metric(parsed: &Exposition, family: &Family, file: &SourceFile) -> Metric {
    let word = family.kind.as_ref().map_or("", |k| k.text.as_str());
    let kind = match word {
        "info" | "stateset" => MetricType::Gauge,
        word => MetricType::parse(word),
    };
    let own = match (kind, word) {
        (MetricType::Histogram, _) => "le",
        (MetricType::Summary, _) => "quantile",
        _ => "",
    };
    let suffix = match word {
        "counter" if parsed.open_metrics => "_total",
        "info" => "_info",
        _ => "",
    };
    let name = if family.name.ends_with(suffix) { family.name.clone() } else { format!("{}{suffix}", family.name) };
    let at = |span: Span| Location::new(&file.path, span);
    let names = |sample: &Sample| -> BTreeSet<String> { sample.labels.iter().map(|l| l.name.clone()).filter(|name| name != own).collect() };
    let mut labels: Vec<Label> = Vec::new();
    for label in family.samples.iter().flat_map(|s| &s.labels).filter(|l| l.name != own) {
        if !labels.iter().any(|l| l.name == label.name) {
            labels.push(Label { name: label.name.clone(), bound: seen(family, &label.name), location: Some(at(label.span)) });
        }
    }
    labels.sort_by(|a, b| a.name.cmp(&b.name));
    let first = family.samples.first().map(names);
    let complete = first.is_some_and(|first| family.samples.iter().all(|s| names(s) == first));
    let location = at(family.name_span);
    let library = if parsed.open_metrics { "OpenMetrics" } else { "text format" };
    let definition = Definition {
        location: location.clone(),
        package: Arc::clone(&file.package),
        kind,
        labels: complete.then(|| labels.iter().map(|l| l.name.clone()).collect()),
        help: None,
        bounds: None,
        exclusive: false,
        again: None,
    };
    Metric {
        unit: family.unit.as_ref().map(|u| u.text.clone()),
        // What a server has gathered and writes out again has no descriptions at all.
        help_unknown: !parsed.families.iter().any(|f| f.help.is_some()),
        help: family.help.as_ref().map(|h| h.text.clone()).filter(|h| !h.trim().is_empty()),
        labels,
        labels_complete: complete,
        buckets: if kind == MetricType::Histogram { buckets(family, file) } else { Buckets::None },
        definitions: vec![definition],
        ..Metric::new(name, kind, Language::Exposition, library, location)
    }
}

/// The values that were seen: there may be more.
fn seen(family: &Family, label: &str) -> Bound {
    let values: BTreeSet<&str> = family.samples.iter().filter_map(|s| s.label(label)).collect();
    Bound { values: values.into_iter().map(str::to_owned).collect(), ..Bound::unknown() }
}

fn buckets(family: &Family, file: &SourceFile) -> Buckets {
    let of_buckets = || family.samples.iter().filter(|s| s.name.ends_with("_bucket"));
    let mut bounds: Vec<f64> = of_buckets().filter_map(|s| number(s.label("le")?)).filter(|n| n.is_finite()).collect();
    bounds.sort_by(f64::total_cmp);
    bounds.dedup();
    let location = of_buckets().next().map(|s| Location::new(&file.path, s.name_span));
    // A native histogram, or one without observations, has none.
    if location.is_none() {
        Buckets::RunTime { count: None, location }
    } else {
        Buckets::Known { bounds, source: BucketSource::Explicit, location }
    }
}
