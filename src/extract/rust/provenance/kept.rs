//! What was looked up in vain, and which answers hold until something of it is read.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};

use super::super::world::Miss;
use super::trace::Question;
use crate::model::Provenance;

/// What an answer looked up in vain.
pub(super) type Asked = Arc<[Arc<Miss>]>;

/// What was found out for the values of one file, for the next step: most of it holds, and leads to the same again.
#[derive(Default)]
pub(super) struct Kept<'a> {
    /// Answers to questions on the way.
    pub(super) known: HashMap<Question<'a>, (Provenance, Asked)>,
    /// Everything that was looked up in vain, so that each is there once.
    pub(super) misses: HashSet<Arc<Miss>>,
    /// Whether texts hold words that they were asked for.
    pub(super) named: HashMap<(usize, &'a str), bool>,
}

impl Kept<'_> {
    /// Leaves out what was answered without something that was `read` since, in one step or another.
    pub(super) fn without(mut self, read: &[BTreeSet<Miss>]) -> Self {
        let was_read = |miss: &&Arc<Miss>| read.iter().any(|read| read.contains(&***miss));
        let came: HashSet<*const Miss> = self.misses.iter().filter(was_read).map(Arc::as_ptr).collect();
        if !came.is_empty() {
            self.known.retain(|_, (_, asked)| !asked.iter().any(|m| came.contains(&Arc::as_ptr(m))));
        }
        self
    }
}

/// What was looked up in vain: everything, each once, and in order what is being answered asked for.
#[derive(Default)]
pub(super) struct Misses {
    all: HashSet<Arc<Miss>>,
    asked: Vec<Arc<Miss>>,
}

impl Misses {
    /// With what was looked up in vain before.
    pub(super) fn of(all: HashSet<Arc<Miss>>) -> Self {
        Misses { all, asked: Vec::new() }
    }

    /// Everything.
    pub(super) fn all(self) -> HashSet<Arc<Miss>> {
        self.all
    }

    pub(super) fn insert(&mut self, miss: Miss) {
        let miss = self.shared(miss);
        self.asked.push(miss);
    }

    pub(super) fn shared(&mut self, miss: Miss) -> Arc<Miss> {
        let known = self.all.get(&miss).map(Arc::clone);
        known.unwrap_or_else(|| {
            let new = Arc::new(miss);
            self.all.insert(Arc::clone(&new));
            new
        })
    }

    /// Takes note of what was looked up in vain for an answer that is known.
    pub(super) fn again<'m>(&mut self, asked: impl IntoIterator<Item = &'m Arc<Miss>>) {
        self.asked.extend(asked.into_iter().cloned());
    }

    /// How often something was asked for.
    pub(super) fn len(&self) -> usize {
        self.asked.len()
    }

    /// Begins a question.
    pub(super) fn forget(&mut self) {
        self.asked.clear();
    }

    /// What was asked for since there were so many, each once.
    pub(super) fn since(&mut self, start: usize) -> Asked {
        let mut own = self.asked.split_off(start.min(self.asked.len()));
        own.sort_unstable_by_key(Arc::as_ptr);
        own.dedup_by_key(|m| Arc::as_ptr(m));
        self.asked.extend(own.iter().cloned());
        own.into()
    }
}
