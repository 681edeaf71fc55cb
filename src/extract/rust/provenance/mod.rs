//! Where the values of labels come from: from the expression at a use site back to the literal, enum, request or error that it is.
//!
//! Knows no metrics library: the collectors say which expressions are label values. What types, methods and names mean is data.

mod callers;
mod calls;
mod constants;
mod declared;
pub(super) mod derived;
mod families;
mod groups;
mod index;
mod kept;
mod lists;
mod methods;
mod names;
mod numbers;
mod pairs;
mod patterns;
mod requests;
mod scope;
mod sites;
mod texts;
mod told;
mod trace;
mod typed;
pub(super) mod visit;
mod wrapped;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};

use super::share::largest_first;
use super::ties::VectorUse;
use super::world::{Miss, World};
use crate::extract::combine::label_use;
use crate::knowledge::provenance;
use crate::model::{LabelUse, Provenance, ProvenanceKind};
use crate::source::{Location, Span};
use groups::GroupUse;
use kept::{Asked, Kept};
use scope::Scope;
use trace::Tracer;

pub(super) use families::Family;
pub(super) use groups::{LabelGroup, Setter};
pub(super) use index::Index;
pub(super) use pairs::{Pair, put_together};
pub(super) use sites::{elements, inner, list_at, pairs, pushed, second, written};
pub(super) use visit::{mentions, mentions_beside};
pub(super) use wrapped::Wrappers;

/// The expression that gives a label its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ValueAt {
    pub(super) file: usize,
    pub(super) span: Span,
    /// Which element of the list that the expression is; `None` for the expression itself.
    pub(super) element: Option<usize>,
    /// Which field of the struct that the expression is.
    pub(super) field: Option<FieldAt>,
}

/// A field of a struct, by the file that defines it and the place of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct FieldAt {
    pub(super) file: usize,
    pub(super) span: Span,
}

impl ValueAt {
    pub(super) fn new(file: usize, span: Span) -> Self {
        ValueAt { file, span, element: None, field: None }
    }
}

/// An answer.
#[derive(Debug)]
struct Answer {
    of: Provenance,
    /// What was looked up in vain for it.
    misses: Asked,
}

/// What was found out.
#[derive(Debug, Default)]
pub(super) struct Provenances {
    found: HashMap<ValueAt, Answer>,
    locations: HashMap<ValueAt, Location>,
    /// What was looked up in vain.
    pub(super) misses: BTreeSet<Miss>,
    /// Uses through functions that are given the metric.
    pub(super) wrapped: Vec<VectorUse>,
    /// Uses that set labels with a value of a label group's type.
    pub(super) grouped: Vec<GroupUse>,
}

/// What goes on from step to step.
#[derive(Default)]
pub(super) struct Steps<'a> {
    /// What was looked up in vain before and read since, by step.
    read: Vec<BTreeSet<Miss>>,
    /// Whether nothing more is read.
    pub(super) last: bool,
    wrappers: Wrappers<'a>,
    /// What was found out, by the files that the values stand in, with how many steps had been made.
    kept: HashMap<usize, (usize, Kept<'a>)>,
}

impl Steps<'_> {
    /// Takes note of what was read.
    pub(super) fn read(&mut self, read: BTreeSet<Miss>) {
        self.read.push(read);
    }
}

impl Provenances {
    /// Answers for all of these expressions. An answer holds until something was read that was looked up in vain for it. In the last
    /// step those that are not known are worked out from the beginning, too: what was read for another value can tell of them.
    /// What is `everywhere` was not read.
    pub(super) fn answer<'a>(
        &mut self,
        (world, index): (&World<'a>, &Index<'a>),
        steps: &mut Steps<'a>,
        wanted: &BTreeSet<ValueAt>,
        (groups, families): (&[LabelGroup], &[Family]),
        everywhere: &BTreeSet<String>,
    ) {
        let (wrapped, mut asked) = wrapped::uses(world, index, &mut steps.wrappers);
        let mut declared = HashMap::default();
        let mut grouped = groups::uses(world, index, groups, &mut declared, &mut asked);
        grouped.extend(families::uses(world, index, families, &mut asked));
        let through = wrapped.iter().flat_map(|u| u.at.iter().copied());
        let through = through.chain(grouped.iter().flat_map(|u| u.labels.iter().map(|(_, at)| *at)));
        let mut wanted: Vec<ValueAt> = wanted.iter().copied().chain(through).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut by_file: BTreeMap<usize, Vec<ValueAt>> = BTreeMap::new();
        // The answers of one file share what they miss.
        let mut was_read: HashMap<*const Miss, bool> = HashMap::default();
        let (read, none) = (steps.read.last(), BTreeSet::new());
        let read = read.unwrap_or(&none);
        for at in wanted {
            let holds = self.found.get(&at).is_some_and(|answer| {
                let unknown = steps.last && answer.of.kind == ProvenanceKind::Unknown;
                !unknown && !answer.misses.iter().any(|m| *was_read.entry(Arc::as_ptr(m)).or_insert_with(|| read.contains(&**m)))
            });
            if !holds {
                by_file.entry(at.file).or_default().push(at);
            }
        }
        // At last everything is worked out from the beginning, and the memory is wanted.
        if steps.last {
            steps.kept.clear();
        }
        let mut kept = |file: usize| steps.kept.remove(&file).unwrap_or_default();
        let groups: Vec<(usize, Vec<ValueAt>, (usize, Kept<'a>))> =
            by_file.into_iter().map(|(file, all)| (file, all, kept(file))).collect();
        let by_macros = visit::made_by_macros(world);
        let of_group = |(file, group, (step, kept)): (usize, Vec<ValueAt>, (usize, Kept<'a>))| {
            let kept = kept.without(steps.read.get(step..).unwrap_or_default());
            let tracer = Tracer::new(world, index, provenance::rust(), everywhere, &by_macros, kept);
            let answer = |at: ValueAt| {
                let Some(expr) = sites::expr_at(world, index, at) else {
                    let of = Provenance::unknown("an expression that was not found");
                    return (at, at.span, Answer { of, misses: Asked::default() });
                };
                let scope = Scope::at(world, index, at.file, at.span);
                let ((of, misses), span) = match at.element {
                    None if let Some(field) = at.field => (tracer.of_label(expr, field, &scope), at.span),
                    // It stands where the list is set, if that is in the same file.
                    Some(element) => {
                        let written =
                            sites::listed(expr, &scope).get(element).filter(|(file, _)| *file == at.file).map(|(_, item)| item.span);
                        (tracer.of_element(expr, element, &scope), written.unwrap_or(at.span))
                    }
                    None => (tracer.of(expr, &scope, declared.get(&at).copied()), at.span),
                };
                (at, span, Answer { of, misses })
            };
            let answers: Vec<(ValueAt, Span, Answer)> = group.into_iter().map(answer).collect();
            (file, answers, (!steps.last).then(|| tracer.kept()))
        };
        for (file, answers, kept) in largest_first(groups, |(_, group, _)| group.len(), of_group) {
            if let Some(kept) = kept {
                steps.kept.insert(file, (steps.read.len(), kept));
            }
            for (at, span, answer) in answers {
                self.locations.entry(at).or_insert_with(|| world.location(at.file, span));
                self.found.insert(at, answer);
            }
        }
        (self.wrapped, self.grouped) = (wrapped, grouped);
        // Nobody asks any more what was looked up in vain.
        if steps.last {
            self.misses.clear();
            self.found.values_mut().for_each(|answer| answer.misses = Asked::default());
            return;
        }
        let mut seen: HashSet<*const Miss> = HashSet::default();
        let shared = self.found.values().flat_map(|a| a.misses.iter()).filter(|m| seen.insert(Arc::as_ptr(m)));
        let misses: HashSet<&Miss> = shared.map(|m| &**m).collect();
        self.misses = misses.into_iter().cloned().chain(asked).collect();
    }

    /// A label at a use site, whose values are known where the evaluation of the whole use gave literals.
    pub(super) fn label(&self, name: &str, values: Option<&Vec<String>>, at: Option<ValueAt>, whole: &Location) -> LabelUse {
        let (location, traced) = match at.and_then(|at| self.locations.get(&at).zip(self.found.get(&at))) {
            Some((location, answer)) => (location.clone(), answer.of.clone()),
            None => (whole.clone(), Provenance::unknown("a value that is not written at the use")),
        };
        let provenance = match values {
            Some(values) if traced.kind == ProvenanceKind::Unknown && !traced.certain => {
                crate::extract::combine::arms(values.iter().map(|value| Provenance::literals([value.clone()])).collect())
            }
            _ => traced,
        };
        label_use(name, provenance, location)
    }
}
