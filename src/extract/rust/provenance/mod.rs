//! Where the values of labels come from: from the expression at a use site back to the literal, enum, request or error that it is.
//!
//! Knows no metrics library: the collectors say which expressions are label values. What types, methods and names mean is data.

mod callers;
mod calls;
mod constants;
mod declared;
mod groups;
mod index;
mod names;
mod patterns;
mod scope;
mod sites;
mod texts;
mod trace;
mod typed;
pub(super) mod visit;
mod wrapped;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rayon::prelude::*;

use super::ties::VectorUse;
use super::world::{Miss, World};
use crate::extract::combine::label_use;
use crate::knowledge::provenance;
use crate::model::{LabelUse, Provenance, ProvenanceKind};
use crate::source::{Location, Span};
use groups::GroupUse;
use scope::Scope;
use trace::Tracer;

pub(super) use groups::{LabelGroup, Setter};
pub(super) use index::Index;
pub(super) use sites::{elements, inner, pairs, pushed, second, written};
pub(super) use visit::mentions;

/// The expression that gives a label its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ValueAt {
    pub(super) file: usize,
    pub(super) span: Span,
}

/// The answers for one file, and what was looked up in vain.
type Answers = (Vec<(ValueAt, Provenance)>, BTreeSet<Miss>);

/// What was found out.
#[derive(Debug, Default)]
pub(super) struct Provenances {
    found: HashMap<ValueAt, (Location, Provenance)>,
    /// What was looked up in vain.
    pub(super) misses: BTreeSet<Miss>,
    /// Uses through functions that are given the metric.
    pub(super) wrapped: Vec<VectorUse>,
    /// Uses that set labels with a value of a label group's type.
    pub(super) grouped: Vec<GroupUse>,
}

impl Provenances {
    /// Answers for all of these expressions.
    /// What is `everywhere` was not read.
    pub(super) fn of(
        world: &World<'_>,
        index: &Index<'_>,
        wanted: &BTreeSet<ValueAt>,
        groups: &[LabelGroup],
        everywhere: &BTreeSet<String>,
    ) -> Self {
        let (wrapped, mut asked) = wrapped::uses(world, index);
        let mut declared = HashMap::new();
        let grouped = groups::uses(world, index, groups, &mut declared, &mut asked);
        let through = wrapped.iter().flat_map(|u| u.at.iter().copied());
        let through = through.chain(grouped.iter().flat_map(|u| u.labels.iter().map(|(_, at)| *at)));
        let wanted: BTreeSet<ValueAt> = wanted.iter().copied().chain(through).collect();
        let mut by_file: BTreeMap<usize, Vec<ValueAt>> = BTreeMap::new();
        for at in wanted {
            by_file.entry(at.file).or_default().push(at);
        }
        let groups: Vec<Vec<ValueAt>> = by_file.into_values().collect();
        let answered: Vec<Answers> = groups
            .into_par_iter()
            .map(|group| {
                let tracer = Tracer::new(world, index, provenance::rust(), everywhere);
                let answer = |at: ValueAt| {
                    let found = sites::expr_at(world, index, at).map(|expr| {
                        let scope = Scope::at(world, index, at.file, at.span);
                        tracer.of(expr, &scope, declared.get(&at).copied())
                    });
                    (at, found.unwrap_or_else(|| Provenance::unknown("an expression that was not found")))
                };
                let found = group.into_iter().map(answer).collect();
                (found, tracer.misses.take())
            })
            .collect();
        let mut all = Provenances { wrapped, grouped, misses: asked, ..Provenances::default() };
        for (found, misses) in answered {
            let located = |(at, of): (ValueAt, Provenance)| (at, (world.location(at.file, at.span), of));
            all.found.extend(found.into_iter().map(located));
            all.misses.extend(misses);
        }
        all
    }

    /// A label at a use site, whose values are known where the evaluation of the whole use gave literals.
    pub(super) fn label(&self, name: &str, values: Option<&Vec<String>>, at: Option<ValueAt>, whole: &Location) -> LabelUse {
        let (location, traced) = match at.and_then(|at| self.found.get(&at)) {
            Some((location, of)) => (location.clone(), of.clone()),
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
