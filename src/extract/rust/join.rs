//! What every file of a tree gave, put together: one metric per name and library.

use std::collections::{BTreeMap, HashSet};

use rayon::prelude::*;

use super::draft::Draft;
use super::recorder::{Recorder, Recorders};
use super::select::Selection;
use super::values::Evaluator;
use super::world::World;
use super::wrappers::{self, DefiningMacros};
use super::{exposition, foundations, measured, metrics, opentelemetry, prometheus, prometheus_client, ties, walk};
use crate::extract::{Extraction, Settings};
use crate::model::{Bound, BoundKind, Buckets, Metric, Unresolved, UseSite};

/// What one file gave.
#[derive(Default)]
struct Found {
    prometheus: prometheus::Found,
    client: prometheus_client::Found,
    metrics: metrics::Found,
    otel: opentelemetry::Found,
    text: exposition::Found,
    foundations: Vec<Draft>,
    unresolved: Vec<Unresolved>,
    called: HashSet<String>,
}

/// Everything that the parsed files define and use.
pub(super) fn extraction(world: &World<'_>, selection: &Selection, settings: &Settings) -> Extraction {
    let macros = DefiningMacros::new(world);
    let all: Vec<Found> = (0..world.files.len()).into_par_iter().map(|file| of_file(world, &macros, file, settings)).collect();
    let (mut unfollowed, mut called) = (Vec::new(), HashSet::new());
    let mut prometheus = prometheus::Found::default();
    let mut client = prometheus_client::Found::default();
    let mut metrics = metrics::Found::default();
    let mut otel = opentelemetry::Found::default();
    let mut recorders: Vec<Recorder> = Vec::new();
    let mut text = exposition::Found::default();
    let mut functions: Vec<Draft> = Vec::new();
    for found in all {
        unfollowed.extend(found.unresolved);
        called.extend(found.called);
        prometheus.drafts.extend(found.prometheus.drafts);
        prometheus.unresolved.extend(found.prometheus.unresolved);
        prometheus.ties.extend(found.prometheus.ties);
        prometheus.custom_registry |= found.prometheus.custom_registry;
        client.extend(found.client);
        text.extend(found.text);
        functions.extend(found.foundations);
        recorders.push(found.metrics.recorder.clone());
        metrics.extend(found.metrics);
        otel.drafts.extend(found.otel.drafts);
        otel.unresolved.extend(found.otel.unresolved);
        otel.ties.extend(found.otel.ties);
    }
    let recorders = Recorders::new(recorders);
    let mut uses: Vec<UseSite> = ties::by_position(&mut prometheus.drafts, &prometheus.ties, selection);
    uses.extend(ties::by_name(&mut otel.drafts, &otel.ties));
    let mut unresolved_uses = std::mem::take(&mut metrics.unresolved);
    let (emitted, sites) = metrics::join(metrics, &recorders);
    uses.extend(sites);
    let mut drafts = prometheus.drafts;
    if prometheus.custom_registry {
        // Which registry a metric goes to is not followed: `*` can also stand for nothing.
        for draft in drafts.iter_mut().filter(|d| d.own_registry) {
            draft.name = format!("*{}", draft.name.trim_start_matches('*'));
            draft.labels_complete = false;
        }
    }
    drafts.extend(client.join());
    drafts.extend(emitted);
    drafts.extend(otel.drafts);
    let (written, unknown) = text.join();
    drafts.extend(written);
    drafts.extend(functions);
    let (grouped, by_hand) = measured::collect(world, settings.include_tests);
    drafts.extend(grouped);
    let mut unresolved = prometheus.unresolved;
    unresolved.extend(client.unresolved);
    unresolved.append(&mut unresolved_uses);
    unresolved.extend(otel.unresolved);
    unresolved.extend(unknown);
    unresolved.extend(by_hand);
    unresolved.extend(unfollowed);
    unresolved.extend(macros.uncalled(world, &called));
    Extraction { metrics: merged(drafts), unresolved, uses, ..Extraction::default() }
}

fn of_file<'a>(world: &World<'a>, macros: &DefiningMacros<'a>, file: usize, settings: &Settings) -> Found {
    let mut found = Found::default();
    let tests = settings.include_tests;
    let mut collector = wrappers::Collector { macros, unresolved: Vec::new(), called: HashSet::new() };
    walk::walk(world, file, tests, &mut collector);
    found.unresolved = collector.unresolved;
    found.called = collector.called;
    let wanted = |library: &str| world.files.get(file).is_some_and(|f| f.libraries.contains(&library));
    if wanted("prometheus")
        && let Some(mut collector) = prometheus::Collector::new(Evaluator::new(world))
    {
        walk::walk(world, file, tests, &mut collector);
        found.prometheus = collector.found;
    }
    if wanted("metrics")
        && let Some(mut collector) = metrics::Collector::new(Evaluator::new(world), file, tests)
    {
        walk::walk(world, file, tests, &mut collector);
        found.metrics = collector.found;
    }
    if wanted("prometheus-client")
        && let Some(mut collector) = prometheus_client::Collector::new(Evaluator::new(world), file)
    {
        let mut literals = prometheus_client::Literals::default();
        walk::walk(world, file, tests, &mut literals);
        collector.literals = literals;
        walk::walk(world, file, tests, &mut collector);
        found.client = collector.found;
    }
    if wanted("opentelemetry")
        && let Some(mut collector) = opentelemetry::Collector::new(Evaluator::new(world), file)
    {
        walk::walk(world, file, tests, &mut collector);
        found.otel = collector.found;
    }
    if wanted("foundations") {
        found.foundations = foundations::collect(&Evaluator::new(world), file, tests);
    }
    if wanted("text")
        && let Some(mut collector) = exposition::Collector::new(Evaluator::new(world))
    {
        walk::walk(world, file, tests, &mut collector);
        found.text = collector.found;
    }
    found
}

/// One metric per name and library.
fn merged(mut drafts: Vec<Draft>) -> Vec<Metric> {
    drafts.sort_by(|a, b| (&a.name, a.library, &a.location).cmp(&(&b.name, b.library, &b.location)));
    // A definition inside a macro's argument is seen once for each way in which the body can be read.
    drafts.dedup_by(|a, b| a.name == b.name && a.location == b.location);
    let mut by_name: BTreeMap<(String, &'static str), Metric> = BTreeMap::new();
    for draft in drafts {
        let metric = draft.into_metric();
        match by_name.entry((metric.name.clone(), metric.library)) {
            std::collections::btree_map::Entry::Vacant(slot) => {
                slot.insert(metric);
            }
            std::collections::btree_map::Entry::Occupied(mut slot) => merge(slot.get_mut(), metric),
        }
    }
    by_name.into_values().collect()
}

fn merge(into: &mut Metric, other: Metric) {
    into.definitions.extend(other.definitions);
    into.help_unknown |= other.help_unknown;
    into.help = into.help.take().or(other.help);
    into.unit = into.unit.take().or(other.unit);
    into.labels_complete &= other.labels_complete;
    if matches!(into.buckets, Buckets::None) {
        into.buckets = other.buckets;
    }
    for label in other.labels {
        match into.labels.iter_mut().find(|l| l.name == label.name) {
            Some(same) => same.bound = both(&same.bound, &label.bound),
            None => into.labels.push(label),
        }
    }
    into.labels.sort_by(|a, b| a.name.cmp(&b.name));
}

fn both(a: &Bound, b: &Bound) -> Bound {
    match (a.kind, b.kind) {
        (BoundKind::Values, BoundKind::Values) => Bound::of_values(a.values.iter().chain(&b.values).cloned()),
        _ if a == b => a.clone(),
        _ => Bound::unknown(),
    }
}
