//! Where the values of labels come from: from the expression at a use site back to the literal, enum, request or error that it is.
//!
//! Knows no metrics library: the collectors say which expressions are label values. What types, methods and names mean is data.

mod asked;
mod callers;
mod calls;
mod combine;
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
mod visit;
mod wrapped;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use rayon::prelude::*;

use super::ties::VectorUse;
use super::world::{Miss, World};
use crate::knowledge::provenance;
use crate::model::{LabelUse, Provenance, ProvenanceKind, Step};
use crate::source::{Location, Span};
use groups::GroupUse;
use scope::Scope;
use trace::Tracer;

pub(super) use asked::News;
pub(super) use groups::{LabelGroup, Setter};
pub(super) use index::Index;
pub(super) use sites::{elements, inner, pairs};
pub(super) use visit::mentions;

/// The expression that gives a label its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ValueAt {
    pub(super) file: usize,
    pub(super) span: Span,
}

/// An answer, and the numbers of what was looked up in vain for it.
#[derive(Debug)]
struct Answer {
    location: Location,
    of: Provenance,
    asked: BTreeSet<u32>,
    /// What the numbers mean.
    table: Arc<Vec<Miss>>,
}

/// What was found out.
#[derive(Debug, Default)]
pub(super) struct Provenances {
    found: HashMap<ValueAt, Answer>,
    /// What was looked up in vain.
    pub(super) misses: BTreeSet<Miss>,
    /// Uses through functions that are given the metric.
    pub(super) wrapped: Vec<VectorUse>,
    /// Uses that set labels with a value of a label group's type.
    pub(super) grouped: Vec<GroupUse>,
}

impl Provenances {
    /// Answers for all of these expressions. Those that the news cannot change are the ones from `before`.
    /// What is `everywhere` was not read.
    pub(super) fn of(
        world: &World<'_>,
        index: &Index<'_>,
        wanted: &BTreeSet<ValueAt>,
        groups: &[LabelGroup],
        everywhere: &BTreeSet<String>,
        (mut before, news): (Self, &News<'_>),
    ) -> Self {
        let (wrapped, mut misses) = wrapped::uses(world, index);
        let mut declared = HashMap::new();
        let grouped = groups::uses(world, index, groups, &mut declared, &mut misses);
        let through = wrapped.iter().flat_map(|u| u.at.iter().copied());
        let through = through.chain(grouped.iter().flat_map(|u| u.labels.iter().map(|(_, at)| *at)));
        let wanted: BTreeSet<ValueAt> = wanted.iter().copied().chain(through).collect();
        before.forget(news, everywhere);
        let mut by_file: BTreeMap<usize, Vec<ValueAt>> = BTreeMap::new();
        for at in wanted.into_iter().filter(|at| !before.found.contains_key(at)) {
            by_file.entry(at.file).or_default().push(at);
        }
        let groups: Vec<Vec<ValueAt>> = by_file.into_values().collect();
        let answers = |group: Vec<ValueAt>| {
            let tracer = Tracer::new(world, index, provenance::rust(), everywhere);
            let answer = |at: ValueAt| {
                let found = sites::expr_at(world, index, at).map(|expr| {
                    let scope = Scope::at(world, index, at.file, at.span);
                    tracer.of(expr, &scope, declared.get(&at).copied())
                });
                let of = found.unwrap_or_else(|| Provenance::unknown("an expression that was not found"));
                (at, of, tracer.asked.exchange(BTreeSet::new()))
            };
            let found: Vec<_> = group.into_iter().map(answer).collect();
            (found, Arc::new(tracer.asked.table()))
        };
        let answered: Vec<_> = groups.into_par_iter().map(answers).collect();
        let mut found = before.found;
        for (all, table) in answered {
            for (at, of, asked) in all {
                let location = world.location(at.file, at.span);
                found.insert(at, Answer { location, of, asked, table: Arc::clone(&table) });
            }
        }
        let mut asked: HashMap<*const Vec<Miss>, (&[Miss], BTreeSet<u32>)> = HashMap::new();
        for answer in found.values() {
            let (_, numbers) = asked.entry(Arc::as_ptr(&answer.table)).or_insert_with(|| (&answer.table, BTreeSet::new()));
            numbers.extend(&answer.asked);
        }
        for (table, numbers) in asked.into_values() {
            misses.extend(numbers.into_iter().filter_map(|n| table.get(n as usize)).cloned());
        }
        Provenances { found, misses, wrapped, grouped }
    }

    /// Drops the answers that what was read since may change.
    fn forget(&mut self, news: &News<'_>, everywhere: &BTreeSet<String>) {
        let tables = self.found.values().map(|answer| (Arc::as_ptr(&answer.table), Arc::clone(&answer.table)));
        let tables: HashMap<*const Vec<Miss>, Arc<Vec<Miss>>> = tables.collect();
        let found = news.answer(tables.values().flat_map(|table| table.iter()), everywhere);
        let found: HashMap<*const Vec<Miss>, Vec<bool>> =
            tables.iter().map(|(at, table)| (*at, table.iter().map(|miss| found.contains(miss)).collect())).collect();
        self.found.retain(|_, answer| {
            let found = found.get(&Arc::as_ptr(&answer.table)).map(Vec::as_slice).unwrap_or_default();
            !answer.asked.iter().any(|number| found.get(*number as usize).copied().unwrap_or_default())
        });
    }

    /// A label at a use site, whose values are known where the evaluation of the whole use gave literals.
    pub(super) fn label(&self, name: &str, values: Option<&Vec<String>>, at: Option<ValueAt>, whole: &Location) -> LabelUse {
        let (location, traced) = match at.and_then(|at| self.found.get(&at)) {
            Some(answer) => (answer.location.clone(), answer.of.clone()),
            None => (whole.clone(), Provenance::unknown("a value that is not written at the use")),
        };
        let mut provenance = match values {
            Some(values) if traced.kind == ProvenanceKind::Unknown && !traced.certain => Provenance::literals(values.iter().cloned()),
            _ => traced,
        };
        if provenance.kind == ProvenanceKind::Unknown {
            let message = format!("not followed further: {}", provenance.origin);
            provenance.way.push(Step { message, location: location.clone() });
        }
        let value = match provenance.values.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        };
        LabelUse { name: name.to_owned(), value, location, provenance }
    }
}
