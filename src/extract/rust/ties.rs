//! Uses of a metric tied to its definition by the static, variable or field that holds it.
//!
//! A label's values are known only when every mention of the holder sets them: one that is handed on, or that stands in a file that
//! was not read, leaves them unknown.

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};

use super::draft::Draft;
use super::provenance::{Provenances, ValueAt};
use super::select::Selection;
use super::static_metrics::Listed;
use crate::extract::combine::{both, bound_of, label_use};
use crate::model::{Bound, BoundKind, Label, LabelUse, MetricType, Miscount, Provenance, ProvenanceKind, UseSite};
use crate::source::Location;

/// Label values given in the order of the label names.
#[derive(Debug)]
pub(super) struct VectorUse {
    pub(super) package: Arc<str>,
    pub(super) handle: String,
    /// What the variable is set to that holds the metric: the definition stands there.
    pub(super) init: Option<Location>,
    pub(super) values: Vec<Option<Vec<String>>>,
    /// How many there are, where they are written one by one.
    pub(super) given: Option<usize>,
    /// The expressions that give them, where they are written.
    pub(super) at: Vec<ValueAt>,
    /// The list of them, where they are not written there.
    pub(super) list: Option<ValueAt>,
    /// Whether it runs as often as the definition: once in a process.
    pub(super) once: bool,
    pub(super) location: Location,
    /// Whether the call takes a series away.
    pub(super) removes: bool,
    /// The name of the function that it stands in.
    pub(super) within: Option<Arc<str>>,
    /// The labels and values of a struct that has a member of the family for each of them, and the struct's name.
    pub(super) listed: Option<(String, Listed)>,
}

/// Elements of a list that is not written at the use that are looked for: most metrics have fewer labels.
const MAX_ELEMENTS: usize = 9;

impl VectorUse {
    /// The expressions that give the values; of a list, every element that it may have.
    fn places(&self) -> impl Iterator<Item = ValueAt> + '_ {
        let elements = self.list.iter().flat_map(|list| (0..MAX_ELEMENTS).map(|at| ValueAt { element: Some(at), ..*list }));
        self.at.iter().copied().chain(elements)
    }

    /// The expression that gives the value at a position.
    fn place(&self, at: usize) -> Option<ValueAt> {
        self.at.get(at).copied().or_else(|| self.list.filter(|_| at < MAX_ELEMENTS).map(|list| ValueAt { element: Some(at), ..list }))
    }

    /// The values that are known of the label of this name and position.
    fn values_of(&self, at: usize, name: &str) -> Option<&Vec<String>> {
        match &self.listed {
            Some((_, listed)) => listed.iter().find(|(own, _)| own == name)?.1.as_ref(),
            None => self.values.get(at)?.as_ref(),
        }
    }

    /// The label of this name and position.
    fn label(&self, at: usize, name: &str, origins: &Provenances) -> LabelUse {
        let values = self.values_of(at, name);
        let Some((ty, values)) = self.listed.as_ref().map(|(ty, _)| ty).zip(values) else {
            return origins.label(name, values, self.place(at), &self.location);
        };
        let words = format!("the values that `{ty}` lists");
        let of = Provenance { kind: ProvenanceKind::Enum, origin: words.clone(), ..Provenance::literals(values.iter().cloned()) };
        label_use(name, of.through(words, self.location.clone()), self.location.clone())
    }
}

/// Label names and values given together.
#[derive(Debug)]
pub(super) struct NamedUse {
    pub(super) package: Arc<str>,
    pub(super) handle: String,
    /// What the definition stands in, or is around.
    pub(super) beside: Option<Location>,
    pub(super) labels: Vec<(Label, Option<Vec<String>>)>,
    /// The expressions that give them, where they are written.
    pub(super) at: Vec<Option<ValueAt>>,
    pub(super) complete: bool,
    pub(super) location: Location,
}

/// A holder of what a function of the tree gives.
#[derive(Debug)]
pub(super) struct Alias {
    pub(super) package: Arc<str>,
    pub(super) handle: String,
    /// The function's body.
    pub(super) body: Location,
}

/// Mentions of holders in one or more files.
#[derive(Debug, Default)]
pub(super) struct Ties {
    pub(super) uses: Vec<VectorUse>,
    pub(super) named: Vec<NamedUse>,
    pub(super) aliases: Vec<Alias>,
    /// Holders that are mentioned in another way than to set label values; of variables, what they are set to.
    pub(super) escaped: Vec<(String, Option<Location>)>,
}

impl Ties {
    /// The expressions that give labels their values.
    pub(super) fn values(&self) -> impl Iterator<Item = ValueAt> + '_ {
        self.uses.iter().flat_map(VectorUse::places).chain(self.named.iter().flat_map(|n| n.at.iter().copied().flatten()))
    }

    pub(super) fn extend(&mut self, other: Ties) {
        self.uses.extend(other.uses);
        self.named.extend(other.named);
        self.aliases.extend(other.aliases);
        self.escaped.extend(other.escaped);
    }
}

type Handles = HashMap<(Arc<str>, String), Vec<usize>>;

fn handles(drafts: &[Draft]) -> Handles {
    let mut by_handle: Handles = HashMap::default();
    for (at, draft) in drafts.iter().enumerate() {
        if let Some(handle) = &draft.handle {
            by_handle.entry((Arc::clone(&draft.package), handle.clone())).or_default().push(at);
        }
    }
    by_handle
}

/// The same of what holds a metric in the function that makes it, where callers decide something of it.
fn inner_handles(drafts: &[Draft]) -> Handles {
    let mut by_handle: Handles = HashMap::default();
    for (at, draft) in drafts.iter().enumerate() {
        if let Some(inner) = &draft.inner {
            by_handle.entry((Arc::clone(&inner.package), inner.handle.clone())).or_default().push(at);
        }
    }
    by_handle
}

/// Of definitions whose holders have one name those that a use in a file means: the only one, or the only one in that file; of what
/// one function makes for its callers, all.
fn meant(drafts: &[Draft], own: &[usize], inner: &[usize], used: &Location) -> Vec<usize> {
    let own_place = |at: &usize| drafts.get(*at).map(|d| (*at, &d.location));
    let inner_place = |at: &usize| drafts.get(*at).and_then(|d| Some((*at, &d.inner.as_ref()?.made)));
    let in_file = |(_, place): &(usize, &Location)| place.path == used.path;
    let here: Vec<_> = own.iter().filter_map(own_place).filter(in_file).collect();
    let made_here: Vec<_> = inner.iter().filter_map(inner_place).filter(in_file).collect();
    let (own, inner) = match (here.as_slice(), made_here.as_slice()) {
        ([], []) => (own.iter().filter_map(own_place).collect(), inner.iter().filter_map(inner_place).collect()),
        _ => (here, made_here),
    };
    match (own.as_slice(), inner.as_slice()) {
        ([(only, _)], []) => vec![*only],
        ([], [(_, first), rest @ ..]) if rest.iter().all(|(_, place)| place == first) => inner.iter().map(|(at, _)| *at).collect(),
        _ => Vec::new(),
    }
}

/// What a use is tied to.
#[derive(Debug, Default)]
struct Chosen {
    tied: Option<Tied>,
    /// The holder is mentioned in a way that may mean something else.
    escapes: bool,
}

/// Definitions that a use may mean, all with the same labels, and the values that it gives these.
#[derive(Debug)]
struct Tied {
    group: Vec<usize>,
    labels: Vec<LabelUse>,
}

impl Chosen {
    fn by(
        used: &VectorUse,
        drafts: &[Draft],
        (by_handle, by_inner): (&Handles, &Handles),
        by_word: &HashMap<&str, Vec<usize>>,
        origins: &Provenances,
    ) -> Self {
        let key = (Arc::clone(&used.package), used.handle.clone());
        let own = by_handle.get(&key).map(Vec::as_slice).unwrap_or_default();
        let inner = by_inner.get(&key).map(|inner| meant(drafts, &[], inner, &used.location)).filter(|_| own.is_empty());
        let group = match (own, inner.as_deref()) {
            ([], Some(inner @ [_, ..])) => inner,
            ([], _) => by_word.get(used.handle.as_str()).map(Vec::as_slice).unwrap_or_default(),
            (own, _) => own,
        };
        let nothing = Chosen { tied: None, escapes: true };
        let fits = |d: &&Draft| used.at.is_empty() || used.at.len() == d.label_order.len();
        let inside = |d: &Draft| used.init.as_ref().is_some_and(|init| holds(init, &d.location));
        let nearest = used.init.as_ref().and_then(|_| drafts.iter().position(inside)).or_else(|| nearest(drafts, group, &used.location));
        let near = nearest.as_ref().map_or(group, std::slice::from_ref);
        let first = near.first().and_then(|at| drafts.get(*at)).filter(|d| !own.is_empty() || fits(d));
        let Some(draft) = first else { return nothing };
        let others = || near.iter().filter_map(|at| drafts.get(*at));
        if others().any(|d| d.label_order != draft.label_order) {
            return nothing;
        }
        let mut labels: Vec<LabelUse> = draft.label_order.iter().enumerate().map(|(i, name)| used.label(i, name, origins)).collect();
        if used.once && drafts.iter().any(inside) {
            labels.iter_mut().enumerate().filter(|(i, _)| used.place(*i).is_some()).for_each(|(_, label)| set_once(label));
        }
        // One definition that several callers share, or several whose fields have one name.
        let several = others().any(|d| d.location != draft.location);
        Chosen { tied: Some(Tied { group: near.to_vec(), labels }), escapes: own.is_empty() || several }
    }
}

/// Ties uses that give values by position. Gives the use sites.
pub(super) fn by_position(drafts: &mut [Draft], ties: &Ties, selection: &Selection, origins: &Provenances) -> Vec<UseSite> {
    let (by_handle, by_inner) = (handles(drafts), inner_handles(drafts));
    let mut by_word: HashMap<&str, Vec<usize>> = HashMap::default();
    for ((_, handle), all) in &by_handle {
        by_word.entry(handle).or_default().extend(all);
    }
    // A holder that another package mentions may be mentioned there in other ways, too.
    let mut escaped: HashSet<&str> = ties.escaped.iter().map(|(name, _)| name.as_str()).collect();
    let mut values: HashMap<usize, Vec<Option<Vec<String>>>> = HashMap::default();
    let mut traced: HashMap<usize, Vec<Bound>> = HashMap::default();
    let mut sites = Vec::new();
    let of = |used| Chosen::by(used, drafts, (&by_handle, &by_inner), &by_word, origins);
    let chosen: Vec<Chosen> = ties.uses.par_iter().map(of).collect();
    for (vector_use, chosen) in ties.uses.iter().zip(chosen) {
        if chosen.escapes {
            escaped.insert(&vector_use.handle);
        }
        let Some(Tied { group, labels }) = chosen.tied else { continue };
        let Some(draft) = group.first().and_then(|at| drafts.get(*at)) else { continue };
        let order = &draft.label_order;
        let bounds: Vec<Bound> = labels.iter().map(bound_of).collect();
        let mut names: Vec<&String> = group.iter().filter_map(|at| drafts.get(*at).map(|d| &d.name)).collect();
        // Of several callers, or of several whose holders have one name, the first stands for all.
        names.truncate(if draft.inner.as_ref().is_some_and(|inner| inner.handle == vector_use.handle) { names.len() } else { 1 });
        sites.extend(names.into_iter().map(|name| UseSite {
            metric: name.clone(),
            labels: labels.clone(),
            location: vector_use.location.clone(),
            removes: vector_use.removes,
            rests: false,
            within: vector_use.within.clone(),
        }));
        // What takes a series away makes none.
        for at in group.iter().filter(|_| !vector_use.removes) {
            match traced.get_mut(at) {
                Some(all) => all.iter_mut().zip(&bounds).for_each(|(all, one)| *all = both(all, one)),
                None => _ = traced.insert(*at, bounds.clone()),
            }
            let all = values.entry(*at).or_insert_with(|| vec![Some(Vec::new()); order.len()]);
            for (i, (slot, name)) in all.iter_mut().zip(order).enumerate() {
                match (slot.as_mut(), vector_use.values_of(i, name)) {
                    (Some(known), Some(more)) => known.extend(more.iter().cloned()),
                    _ => *slot = None,
                }
            }
        }
    }
    let mut moved: HashMap<&str, Vec<&Location>> = HashMap::default();
    for (variable, init) in &ties.escaped {
        moved.entry(variable).or_default().extend(init);
    }
    let escapes = |draft: &Draft| match &draft.variable {
        Some(variable) => moved.get(variable.as_str()).into_iter().flatten().any(|init| holds(init, &draft.location)),
        None => draft.handle.as_deref().is_none_or(|handle| escaped.contains(handle)),
    };
    values.retain(|at, all| {
        let told = traced.get(at).is_some_and(|all| all.iter().any(|bound| bound.kind != BoundKind::Unknown));
        (told || all.iter().any(Option::is_some)) && drafts.get(*at).is_some_and(|draft| !escapes(draft))
    });
    // Nobody else sees a variable.
    let words: BTreeSet<String> = values.keys().filter_map(|at| drafts.get(*at).filter(|d| d.variable.is_none())?.handle.clone()).collect();
    let elsewhere = selection.mentioned_elsewhere(&words);
    for (at, all) in values {
        let Some(draft) = drafts.get_mut(at) else { continue };
        if draft.variable.is_none() && draft.handle.as_ref().is_some_and(|h| elsewhere.contains(h)) {
            continue;
        }
        let mut traced = traced.remove(&at).unwrap_or_default().into_iter();
        for (name, values) in draft.label_order.iter().zip(all) {
            let traced = traced.next().unwrap_or_else(Bound::unknown);
            if let Some(label) = draft.labels.iter_mut().find(|l| l.name == *name)
                && label.bound.kind == BoundKind::Unknown
            {
                label.bound = match values {
                    Some(values) if traced.kind != BoundKind::Unbounded => Bound::of_values(values),
                    _ => traced,
                };
            }
        }
    }
    sites
}

/// A value that is set once in a process is one, whatever it says.
fn set_once(label: &mut LabelUse) {
    if !label.provenance.kind.is_bounded() {
        let words = "a value that is set once, where the metric is defined";
        let of = Provenance::of(ProvenanceKind::Config, words).count(Some(1));
        label.provenance = Provenance { certain: false, ..of }.through(words, label.location.clone());
    }
}

/// Uses that give another number of values than the one metric has labels that can be meant.
pub(super) fn miscounts(drafts: &[Draft], ties: &Ties) -> Vec<Miscount> {
    let mut by_word: HashMap<&str, Vec<&Draft>> = HashMap::default();
    for draft in drafts {
        by_word.entry(draft.handle.as_deref().unwrap_or_default()).or_default().push(draft);
    }
    let judged = |used: &VectorUse| {
        let given = used.given?;
        let all = match &used.init {
            Some(init) => drafts.iter().filter(|d| holds(init, &d.location)).collect(),
            None => by_word.get(used.handle.as_str()).cloned().unwrap_or_default(),
        };
        let draft = all.first()?;
        let alike = all.iter().all(|d| d.label_order == draft.label_order && d.labels_complete && d.direct && d.package == used.package);
        if !alike || draft.label_order.is_empty() || draft.label_order.len() == given {
            return None;
        }
        // A field of this name may be another object's.
        let is_static = used.handle.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        let (metric, labels) = (draft.name.clone(), draft.label_order.clone());
        let (location, definition) = (used.location.clone(), draft.location.clone());
        Some(Miscount { metric, given, labels, location, definition, certain: is_static || used.init.is_some() })
    };
    ties.uses.iter().filter_map(judged).collect()
}

/// Of definitions whose holders have one name but other labels, the last one before a use in the same file: variables of one name.
fn nearest(drafts: &[Draft], group: &[usize], used: &Location) -> Option<usize> {
    let all = || group.iter().filter_map(|at| drafts.get(*at).map(|d| (*at, d)));
    let (_, first) = all().next()?;
    if all().all(|(_, d)| d.label_order == first.label_order) {
        return None;
    }
    let before = |(_, d): &(usize, &Draft)| d.location.path == used.path && d.location.span.end <= used.span.start;
    all().filter(before).max_by_key(|(_, d)| d.location.span.start).map(|(at, _)| at)
}

/// Takes over what all uses of a metric say of its labels.
pub(super) fn bound_by_uses(drafts: &mut [Draft], sites: &[UseSite]) {
    let mut bounds: HashMap<(&str, &str), Bound> = HashMap::default();
    for site in sites {
        for label in &site.labels {
            let bound = bound_of(label);
            bounds.entry((&site.metric, &label.name)).and_modify(|all| *all = both(all, &bound)).or_insert(bound);
        }
    }
    for draft in drafts {
        for label in draft.labels.iter_mut().filter(|l| l.bound.kind == BoundKind::Unknown) {
            if let Some(bound) = bounds.get(&(draft.name.as_str(), label.name.as_str())) {
                label.bound = bound.clone();
            }
        }
    }
}

/// Ties uses through functions that are given the metric. Gives the use sites; their values are not all that a label can have.
pub(super) fn through_functions(drafts: &[Draft], origins: &Provenances) -> Vec<UseSite> {
    let mut by_handle: HashMap<&str, Vec<&Draft>> = HashMap::default();
    for draft in drafts {
        if let Some(handle) = &draft.handle {
            by_handle.entry(handle).or_default().push(draft);
        }
    }
    let mut sites = Vec::new();
    for wrapped in &origins.wrapped {
        let all = by_handle.get(wrapped.handle.as_str()).map(Vec::as_slice).unwrap_or_default();
        let own: Vec<&Draft> = all.iter().filter(|d| d.package == wrapped.package).copied().collect();
        let chosen = if own.is_empty() { all } else { own.as_slice() };
        let Some(draft) = chosen.first() else { continue };
        if draft.label_order.len() != wrapped.at.len() || chosen.iter().any(|d| d.label_order != draft.label_order) {
            continue;
        }
        let one = |(name, at): (&String, &ValueAt)| origins.label(name, None, Some(*at), &wrapped.location);
        let labels = draft.label_order.iter().zip(&wrapped.at).map(one).collect();
        sites.push(UseSite {
            metric: draft.name.clone(),
            labels,
            location: wrapped.location.clone(),
            removes: wrapped.removes,
            rests: false,
            within: None,
        });
    }
    sites
}

/// Ties uses that name the labels. A definition without a use that could be tied may have any labels.
pub(super) fn by_name(drafts: &mut [Draft], ties: &Ties, origins: &Provenances) -> Vec<UseSite> {
    let again = told_again(drafts);
    let (mut by_handle, mut by_inner) = (handles(drafts), inner_handles(drafts));
    by_handle.values_mut().chain(by_inner.values_mut()).for_each(|all| all.retain(|at| !again.contains_key(at)));
    let mut aliases: HashMap<(&str, &str), Vec<&Location>> = HashMap::default();
    for alias in &ties.aliases {
        aliases.entry((&alias.package, &alias.handle)).or_default().push(&alias.body);
    }
    let places: Vec<Location> = drafts.iter().map(|d| d.location.clone()).collect();
    // What one macro call defines and uses stands at the call.
    let mut at_place: HashMap<&Location, Vec<usize>> = HashMap::default();
    for (at, place) in places.iter().enumerate() {
        at_place.entry(place).or_default().push(at);
    }
    let alike: HashMap<Location, usize> = at_place
        .into_iter()
        .filter_map(|(place, all)| {
            let name = |at: &usize| drafts.get(*at).map(|d| &d.name);
            let first = *all.first()?;
            all.iter().all(|at| name(at) == name(&first)).then(|| (place.clone(), first))
        })
        .collect();
    let beside = |place: &Location| places.iter().position(|p| holds(place, p) || holds(p, place));
    let mut sites = Vec::new();
    let mut seen: HashMap<usize, HashMap<String, Option<Vec<String>>>> = HashMap::default();
    for named in &ties.named {
        let key = (Arc::clone(&named.package), named.handle.clone());
        let of = |handles: &Handles| handles.get(&key).cloned().unwrap_or_default();
        let all: Vec<usize> = match &named.beside {
            None if alike.contains_key(&named.location) => alike.get(&named.location).copied().into_iter().collect(),
            Some(place) => beside(place).into_iter().collect(),
            None => match (of(&by_handle), of(&by_inner)) {
                // Holders of one name may hold what several functions give.
                (own, inner) if own.is_empty() && inner.is_empty() => {
                    match aliases.get(&(&*named.package, &*named.handle)).map(Vec::as_slice) {
                        Some([first, rest @ ..]) if rest.iter().all(|body| body == first) => beside(first).into_iter().collect(),
                        _ => Vec::new(),
                    }
                }
                (own, inner) => meant(drafts, &own, &inner, &named.location),
            },
        };
        let written = |i: usize| named.at.get(i).copied().flatten();
        let one = |(i, (l, v)): (usize, &(Label, Option<Vec<String>>))| origins.label(&l.name, v.as_ref(), written(i), &named.location);
        let labels: Vec<LabelUse> = if all.is_empty() { Vec::new() } else { named.labels.iter().enumerate().map(one).collect() };
        for at in all {
            let Some(draft) = drafts.get_mut(at) else { continue };
            sites.push(UseSite {
                metric: draft.name.clone(),
                labels: labels.clone(),
                location: named.location.clone(),
                removes: false,
                rests: false,
                within: None,
            });
            let values = seen.entry(at).or_default();
            for (label, given) in &named.labels {
                let entry = values.entry(label.name.clone()).or_insert_with(|| Some(Vec::new()));
                match (entry.as_mut(), given) {
                    (Some(known), Some(more)) => known.extend(more.iter().cloned()),
                    _ => *entry = None,
                }
                if !draft.labels.iter().any(|l| l.name == label.name) {
                    draft.labels.push(label.clone());
                }
            }
            draft.labels_complete &= named.complete;
        }
    }
    for (at, draft) in drafts.iter_mut().enumerate() {
        match seen.get(&at) {
            Some(values) => {
                for label in &mut draft.labels {
                    if let Some(Some(values)) = values.get(&label.name) {
                        label.bound = Bound::of_values(values.iter().cloned());
                    }
                }
            }
            None => draft.labels_complete = false,
        }
    }
    for (at, first) in again {
        let Some((labels, complete)) = drafts.get(first).map(|d| (d.labels.clone(), d.labels_complete)) else { continue };
        if let Some(draft) = drafts.get_mut(at) {
            (draft.labels, draft.labels_complete) = (labels, complete);
        }
    }
    sites
}

/// Definitions that say the same of the same place as one before them, as where several types give what a trait promises: with that
/// one.
fn told_again(drafts: &[Draft]) -> HashMap<usize, usize> {
    let mut first: HashMap<(&Location, &str, MetricType), usize> = HashMap::default();
    let mut again = HashMap::default();
    for (at, draft) in drafts.iter().enumerate() {
        let known = *first.entry((&draft.location, draft.name.as_str(), draft.kind)).or_insert(at);
        if known != at {
            again.insert(at, known);
        }
    }
    again
}

fn holds(outer: &Location, inner: &Location) -> bool {
    outer.path == inner.path && outer.span.start <= inner.span.start && inner.span.end <= outer.span.end
}
