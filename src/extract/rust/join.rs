//! What every file of a tree gave, put together: one metric per name and library.

use std::collections::BTreeMap;
use std::hash::BuildHasher;

use rustc_hash::{FxBuildHasher, FxHashMap as HashMap};

use super::collect::Found;
use super::draft::Draft;
use super::provenance::Provenances;
use super::provided::Around;
use super::recorder::Recorders;
use super::select::Selection;
use super::updates::{self, Looked};
use super::{metrics, registered, ties};
use crate::extract::Extraction;
use crate::extract::combine::both;
use crate::knowledge::libraries::{self, Library};
use crate::model::{BoundKind, Buckets, Label, Metric, Unresolved, UseSite};

/// Everything that the parsed files define and use.
pub(super) fn extraction(
    all: Vec<Found>,
    unfollowed: Vec<Unresolved>,
    looked: Looked,
    selection: &Selection,
    origins: &Provenances,
) -> Extraction {
    let mut found = Found::default();
    for one in all {
        found.extend(one);
    }
    let Found { mut prometheus, client, mut metrics, mut otel, text, mut provided, ready } = found;
    metrics.recorders.extend(provided.take_recorders());
    let recorders = Recorders::new(std::mem::take(&mut metrics.recorders), selection.programs());
    // Uses are of metrics by their exposed names.
    let registered = std::mem::take(&mut prometheus.registered);
    prometheus.drafts =
        registered::settled(std::mem::take(&mut prometheus.drafts), &registered, prometheus.adds_prefix, prometheus.adds_labels);
    let miscounts = ties::miscounts(&prometheus.drafts, &prometheus.ties);
    let mut uses: Vec<UseSite> = ties::by_position(&mut prometheus.drafts, &prometheus.ties, selection, origins);
    uses.extend(ties::through_functions(&prometheus.drafts, origins));
    otel.settle_names();
    uses.extend(ties::by_name(&mut otel.drafts, &otel.ties, origins));
    let adds = (prometheus.adds_prefix, prometheus.adds_labels);
    let around = Around { recorders: &recorders, otel: &otel, registered: &registered, adds };
    let (provided, sites, unknown_provided) = provided.settle(&around);
    uses.extend(sites);
    let unnamed = std::mem::take(&mut metrics.unresolved);
    let metrics::Joined { drafts: mut emitted, uses: sites, mut handled, described } =
        metrics::join(metrics, &recorders, selection, origins);
    ties::bound_by_uses(&mut emitted, &sites);
    uses.extend(sites);
    let mut drafts = prometheus.drafts;
    drafts.extend(client.join());
    drafts.extend(otel.drafts);
    let updates = updates::of(&drafts, looked, selection);
    // What was not tied to a use, since no file that names the library holds one.
    let plain = |d: &&mut Draft| d.plain_name.is_some() && d.labels.is_empty() && updates.plain.contains(&d.name);
    drafts.iter_mut().filter(plain).for_each(|d| d.labels_complete = true);
    handled.extend(updates.handled);
    drafts.extend(emitted);
    drafts.extend(provided);
    let (written, unknown) = text.join();
    drafts.extend(written);
    let mut whole = ready.drafts;
    let by_registry = |d: &&mut Draft| d.name.starts_with('*') && libraries::get(d.library).is_some_and(Library::is_in_custom_registries);
    registered::prefixed(whole.iter_mut().filter(by_registry), &prometheus.customs, selection);
    drafts.extend(whole);
    uses.extend(origins.grouped.iter().flat_map(|of| of.sites(origins)));
    let mut unresolved = prometheus.unresolved;
    unresolved.extend(client.unresolved);
    unresolved.extend(unnamed);
    unresolved.extend(unknown_provided);
    unresolved.extend(otel.unresolved);
    unresolved.extend(unknown);
    unresolved.extend(ready.unresolved);
    unresolved.extend(unfollowed);
    // What several callers leave open is one definition.
    unresolved.sort_by(|a, b| (&a.location, &a.reason).cmp(&(&b.location, &b.reason)));
    unresolved.dedup_by(|a, b| a.location == b.location);
    let programs = selection.programs().named();
    Extraction {
        metrics: merged(drafts),
        unresolved,
        uses: distinct(uses),
        handled,
        described,
        miscounts,
        programs,
        ..Extraction::default()
    }
}

/// Each use once: one that several calls lead to is seen for each of them.
fn distinct(uses: Vec<UseSite>) -> Vec<UseSite> {
    let mut kept: Vec<UseSite> = Vec::with_capacity(uses.len());
    // By the hash of metric and place.
    let mut there: HashMap<u64, Vec<usize>> = HashMap::default();
    for site in uses {
        let same = there.entry(FxBuildHasher.hash_one((&site.metric, &site.location))).or_default();
        if !same.iter().any(|at| kept.get(*at) == Some(&site)) {
            same.push(kept.len());
            kept.push(site);
        }
    }
    kept
}

/// One metric per name and library.
fn merged(mut drafts: Vec<Draft>) -> Vec<Metric> {
    // A definition is seen once for each caller that decides something of it, and inside a macro's argument once for each way in which
    // the body can be read. What a function would decide that nobody calls adds nothing to what those decide that are called.
    drafts.sort_by(|a, b| (&a.name, a.library, &a.location, a.uncalled).cmp(&(&b.name, b.library, &b.location, b.uncalled)));
    drafts.dedup_by(|again, first| {
        let same = again.name == first.name && again.location == first.location;
        if same && !again.uncalled {
            // Uses are tied to one of them alone.
            let untied = |l: &Label| l.bound.kind == BoundKind::Unknown && first.labels.iter().any(|own| own.name == l.name);
            again.labels.retain(|l| !untied(l));
            join_labels(&mut first.labels, std::mem::take(&mut again.labels));
            // The labels of an instrument are those of its uses.
            first.labels_complete &= again.labels_complete || again.plain_name.is_some();
        }
        same
    });
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
    into.provided &= other.provided;
    into.appears_late |= other.appears_late;
    into.help = into.help.take().or(other.help);
    into.unit = into.unit.take().or(other.unit);
    into.labels_complete &= other.labels_complete;
    if matches!(into.buckets, Buckets::None) {
        into.buckets = other.buckets;
    }
    join_labels(&mut into.labels, other.labels);
    into.labels.sort_by(|a, b| a.name.cmp(&b.name));
}

fn join_labels(into: &mut Vec<Label>, others: Vec<Label>) {
    for label in others {
        match into.iter_mut().find(|l| l.name == label.name) {
            Some(same) => same.bound = both(&same.bound, &label.bound),
            None => into.push(label),
        }
    }
}
