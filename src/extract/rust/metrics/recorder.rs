//! The Prometheus recorder of the `metrics` crate: which histograms have buckets, and which become Summaries.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Description, Emission, Found};
use crate::extract::rust::draft::{Draft, Help, buckets_of};
use crate::extract::rust::join::merge_label;
use crate::extract::rust::values::{Evaluator, Scope, Value};
use crate::extract::rust::walk::{Context, Origin};
use crate::knowledge::libraries;
use crate::model::{Bound, Buckets, Label, MetricType};
use crate::syntax::rust::tree::{Expr, ExprKind};

/// Which names a setting is for. The order is that in which the recorder tries them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Matcher {
    Full(String),
    Prefix(String),
    Suffix(String),
}

impl Matcher {
    fn matches(&self, name: &str) -> bool {
        match self {
            Matcher::Full(full) => name == full,
            Matcher::Prefix(prefix) => name.starts_with(prefix.as_str()),
            Matcher::Suffix(suffix) => name.ends_with(suffix.as_str()),
        }
    }
}

/// One thing that the code tells the recorder's builder.
#[derive(Clone, Debug)]
pub(crate) enum Setting {
    /// There is a recorder.
    Installed,
    /// Buckets for every histogram.
    Global(Buckets),
    /// Buckets for the histograms that a matcher names; without a matcher, for some.
    Matching(Option<MatcherBuckets>),
    /// Quantiles: the code asks for Summaries.
    Quantiles,
}

/// A matcher and its buckets.
#[derive(Clone, Debug)]
pub(crate) struct MatcherBuckets {
    matcher: Matcher,
    buckets: Buckets,
}

/// What an expression tells the builder.
pub(super) fn setting<'a>(expr: &'a Expr, eval: &Evaluator<'a, '_>, cx: &Context<'a, '_>) -> Option<Setting> {
    match &expr.kind {
        ExprKind::Path(path) if path.names().any(|n| n == "PrometheusBuilder" || n == "PrometheusRecorder") => Some(Setting::Installed),
        ExprKind::MethodCall(call) => {
            let scope = Scope::of(cx, expr.span);
            let buckets = |e: &'a Expr| buckets_of(&eval.value(e, &scope), Some(cx.location(e.span)));
            match (call.method.as_str(), call.args.as_slice()) {
                ("set_buckets_for_metric", [matcher, bounds]) => {
                    let known = matcher_of(matcher, eval, &scope, 0);
                    Some(Setting::Matching(known.map(|matcher| MatcherBuckets { matcher, buckets: buckets(bounds) })))
                }
                ("set_buckets", [bounds]) => Some(Setting::Global(buckets(bounds))),
                ("set_quantiles", [_]) => Some(Setting::Quantiles),
                _ => None,
            }
        }
        _ => None,
    }
}

/// `Matcher::Full(..)` and the like, directly or through variables.
fn matcher_of<'a>(expr: &'a Expr, eval: &Evaluator<'a, '_>, scope: &Scope<'a, '_>, depth: usize) -> Option<Matcher> {
    if depth > 8 {
        return None;
    }
    match &expr.kind {
        ExprKind::Reference(inner) => matcher_of(inner, eval, scope, depth + 1),
        ExprKind::MethodCall(call) if call.method.as_str() == "clone" => matcher_of(&call.receiver, eval, scope, depth + 1),
        ExprKind::Path(path) => {
            let (binding, inner) = scope.binding(path.as_ident()?)?;
            (binding.origin == Origin::Let).then(|| matcher_of(binding.init?, eval, &inner, depth + 1)).flatten()
        }
        ExprKind::Call(callee, args) => {
            let (ExprKind::Path(path), [given]) = (&callee.kind, args.as_slice()) else { return None };
            let text = match eval.value(given, scope) {
                Value::Text(text) if text.known => text.text,
                _ => return None,
            };
            match path.last() {
                "Full" => Some(Matcher::Full(text)),
                "Prefix" => Some(Matcher::Prefix(text)),
                "Suffix" => Some(Matcher::Suffix(text)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// All settings of a tree.
#[derive(Default)]
struct Recorder {
    installed: bool,
    /// A matcher that could not be read may fit any name.
    unread: bool,
    quantiles: bool,
    global: Option<Buckets>,
    matching: Vec<MatcherBuckets>,
}

impl Recorder {
    fn new(settings: Vec<Setting>) -> Recorder {
        let mut recorder = Recorder::default();
        for setting in settings {
            match setting {
                Setting::Installed => recorder.installed = true,
                Setting::Global(buckets) => recorder.global = Some(buckets),
                Setting::Matching(Some(pair)) => recorder.matching.push(pair),
                Setting::Matching(None) => recorder.unread = true,
                Setting::Quantiles => recorder.quantiles = true,
            }
        }
        recorder.matching.sort_by(|a, b| a.matcher.cmp(&b.matcher));
        recorder
    }

    /// What becomes of a histogram: type on the wire, declared type, buckets.
    fn histogram(&self, name: &str) -> (MetricType, MetricType, Buckets) {
        use MetricType::{Histogram, Summary};
        if let Some(pair) = self.matching.iter().find(|p| p.matcher.matches(name)) {
            return (Histogram, Histogram, pair.buckets.clone());
        }
        if let Some(buckets) = &self.global {
            return (Histogram, Histogram, buckets.clone());
        }
        if !self.installed || self.unread || name.contains('*') {
            return (Histogram, Histogram, Buckets::RunTime { count: None, location: None });
        }
        (Summary, if self.quantiles { Summary } else { Histogram }, Buckets::None)
    }
}

/// One definition per name of everything the tree emits.
pub(crate) fn drafts(found: Found) -> Vec<Draft> {
    let Some(library) = libraries::get("metrics") else { return Vec::new() };
    let recorder = Recorder::new(found.settings);
    let mut by_name: BTreeMap<String, Vec<Emission>> = BTreeMap::new();
    for emission in found.emissions {
        by_name.entry(emission.name.text.clone()).or_default().push(emission);
    }
    let mut described: BTreeMap<String, Vec<Description>> = BTreeMap::new();
    for description in found.descriptions {
        described.entry(description.name.text.clone()).or_default().push(description);
    }
    // What is described and never seen emitted is a metric only when something is emitted under a name that is not known.
    let nameless: BTreeSet<MetricType> = found.nameless.into_iter().collect();
    let mut drafts = Vec::new();
    for (name, descriptions) in &described {
        let Some(first) = descriptions.iter().min_by(|a, b| a.location.cmp(&b.location)) else { continue };
        if !by_name.contains_key(name) && nameless.contains(&first.kind) {
            drafts.push(described_only(library, first, &recorder));
        }
    }
    for (name, mut emissions) in by_name {
        emissions.sort_by(|a, b| a.location.cmp(&b.location));
        let descriptions = described.get(&name).map_or(&[][..], Vec::as_slice);
        drafts.extend(one(library, &emissions, descriptions, &recorder));
    }
    drafts
}

fn blank(library: &'static libraries::Library, kind: MetricType, name: &str, recorder: &Recorder) -> (MetricType, MetricType, Buckets, &'static str) {
    let (kind, declared, buckets) = match kind {
        MetricType::Histogram => recorder.histogram(name),
        other => (other, other, Buckets::None),
    };
    (kind, declared, buckets, &library.name)
}

fn described_only(library: &'static libraries::Library, description: &Description, recorder: &Recorder) -> Draft {
    let (kind, declared, buckets, library) = blank(library, description.kind, &description.name.text, recorder);
    Draft {
        library,
        name: description.name.text.clone(),
        kind,
        declared,
        unit: description.unit.clone(),
        help: description.help.clone(),
        labels: Vec::new(),
        labels_complete: false,
        buckets,
        location: description.location.clone(),
        name_location: description.name.location.clone(),
        exclusive: false,
        package: Arc::from(""),
        handle: None,
    }
}

fn one(library: &'static libraries::Library, emissions: &[Emission], descriptions: &[Description], recorder: &Recorder) -> Option<Draft> {
    let first = emissions.first()?;
    let name = &first.name.text;
    let (kind, declared, buckets, library) = blank(library, first.kind, name, recorder);
    let description = descriptions.iter().min_by(|a, b| a.location.cmp(&b.location));
    let mut labels: Vec<Label> = Vec::new();
    for label in emissions.iter().flat_map(|e| &e.labels) {
        let bound = label.values.clone().map_or_else(Bound::unknown, Bound::of_values);
        merge_label(&mut labels, Label { name: label.name.text.clone(), bound, location: Some(label.name.location.clone()) });
    }
    Some(Draft {
        library,
        name: name.clone(),
        kind,
        declared,
        unit: description.and_then(|d| d.unit.clone()),
        // A name with a part that is not known may be described under its full name.
        help: description.map_or(if name.contains('*') { Help::Unknown } else { Help::None }, |d| d.help.clone()),
        labels,
        labels_complete: emissions.iter().all(|e| e.labels_complete),
        buckets,
        location: description.map_or(&first.location, |d| &d.location).clone(),
        name_location: description.map_or(&first.name.location, |d| &d.name.location).clone(),
        exclusive: false,
        package: Arc::clone(&first.package),
        handle: None,
    })
}
