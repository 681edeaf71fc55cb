//! What answers looked up in vain, and which of them further reading can change.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};

use aho_corasick::AhoCorasick;
use rayon::prelude::*;

use super::super::waiting::word_of;
use super::super::world::Miss;

/// What one thread looks up in vain, by number.
#[derive(Debug, Default)]
pub(super) struct Asked {
    numbers: RefCell<HashMap<Miss, u32>>,
    /// Since it was last taken.
    now: RefCell<BTreeSet<u32>>,
}

impl Asked {
    pub(super) fn note(&self, miss: Miss) {
        let mut numbers = self.numbers.borrow_mut();
        let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        let number = *numbers.entry(miss).or_insert(next);
        self.now.borrow_mut().insert(number);
    }

    /// What was noted since; these are what is noted instead.
    pub(super) fn exchange(&self, others: BTreeSet<u32>) -> BTreeSet<u32> {
        self.now.replace(others)
    }

    /// Notes these, too.
    pub(super) fn also(&self, numbers: &BTreeSet<u32>) {
        self.now.borrow_mut().extend(numbers);
    }

    /// By number.
    pub(super) fn table(self) -> Vec<Miss> {
        let mut all: Vec<(Miss, u32)> = self.numbers.into_inner().into_iter().collect();
        all.sort_unstable_by_key(|(_, number)| *number);
        all.into_iter().map(|(miss, _)| miss).collect()
    }
}

/// What was read since the last answers.
#[derive(Debug, Default)]
pub(in super::super) struct News<'t> {
    /// Texts of files and of bodies of functions.
    pub(in super::super) texts: Vec<&'t str>,
    /// Paths of files and places of braces of bodies.
    pub(in super::super) bodies: HashSet<(&'t str, u32)>,
    /// What turned out to be in too many places.
    pub(in super::super) everywhere: BTreeSet<String>,
}

impl News<'_> {
    /// Which of these may be found now.
    pub(super) fn answer<'m>(&self, misses: impl Iterator<Item = &'m Miss>, everywhere: &BTreeSet<String>) -> HashSet<&'m Miss> {
        let misses: HashSet<&Miss> = misses.collect();
        let words: BTreeSet<&str> = misses.iter().filter_map(|m| word_of(m)).collect();
        let words: Vec<&str> = words.into_iter().collect();
        let Ok(search) = AhoCorasick::new(&words) else { return misses };
        let held = |text: &&str| -> HashSet<&str> {
            search.find_overlapping_iter(*text).filter_map(|m| words.get(m.pattern().as_usize()).copied()).collect()
        };
        let held: HashSet<&str> = self.texts.par_iter().map(held).reduce(HashSet::new, |mut all, more| {
            all.extend(more);
            all
        });
        let is_found = |miss: &&Miss| match miss {
            Miss::Body(path, at) => self.bodies.contains(&(&**path, *at)),
            Miss::Calls(text) | Miss::Text(text) if everywhere.contains(text) => self.everywhere.contains(text),
            miss => word_of(miss).is_none_or(|word| held.contains(word)),
        };
        misses.into_iter().filter(is_found).collect()
    }
}
