//! What the definitions that callers decide still wait for, so that a round looks again only at those for which something came.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use aho_corasick::AhoCorasick;
use rayon::prelude::*;

use super::collect::OfFile;
use super::search::in_other_files;
use super::world::{Miss, World};

/// What was looked up in vain, by the file whose definitions asked for it.
#[derive(Default)]
pub(super) struct Waiting {
    by_root: BTreeMap<usize, BTreeSet<Miss>>,
}

impl Waiting {
    /// Takes over what these files ask for now.
    pub(super) fn set(&mut self, roots: &BTreeSet<usize>, mut misses: BTreeMap<usize, BTreeSet<Miss>>) {
        for root in roots {
            self.by_root.insert(*root, misses.remove(root).unwrap_or_default());
        }
    }

    /// Everything that is asked for.
    pub(super) fn all(&self) -> impl Iterator<Item = &Miss> {
        self.by_root.values().flatten()
    }

    /// The files that ask, themselves or through callers, for something which these files and these bodies of functions (files and
    /// places of braces), read since, may hold.
    pub(super) fn answered<'s>(
        &'s self,
        world: &World<'_>,
        new: &[usize],
        bodies: &BTreeSet<(usize, u32)>,
        own: &'s BTreeMap<usize, OfFile<'_>>,
    ) -> BTreeSet<usize> {
        let own = own.iter().map(|(root, of_file)| (root, &of_file.misses));
        let asking: Vec<(&usize, &'s BTreeSet<Miss>)> = self.by_root.iter().chain(own).filter(|(_, misses)| !misses.is_empty()).collect();
        if asking.is_empty() {
            return BTreeSet::new();
        }
        let words: Vec<&'s str> =
            asking.iter().flat_map(|(_, misses)| *misses).filter_map(word_of).collect::<BTreeSet<_>>().into_iter().collect();
        let Ok(search) = AhoCorasick::new(&words) else { return asking.into_iter().map(|(root, _)| *root).collect() };
        let mut paths: HashSet<&str> = HashSet::new();
        let mut opened: HashSet<(&str, u32)> = HashSet::new();
        let mut texts: Vec<&str> = Vec::new();
        for file in new.iter().filter_map(|file| world.files.get(*file)) {
            texts.push(file.source.code());
            paths.insert(&file.source.path);
        }
        for (file, brace) in bodies {
            let Some(file) = world.files.get(*file) else { continue };
            opened.insert((&file.source.path, *brace));
            texts.extend(file.tree.body_at(*brace).map(|body| body.span.text(&file.source.text)));
        }
        let in_text = |text: &&str| -> HashSet<&str> {
            search.find_overlapping_iter(*text).filter_map(|m| words.get(m.pattern().as_usize()).copied()).collect()
        };
        let held: HashSet<&str> = texts.par_iter().map(in_text).collect::<Vec<_>>().into_iter().flatten().collect();
        let is_there = |miss: &Miss| match miss {
            Miss::Expansion(..) => true,
            Miss::Body(path, at) => paths.contains(&**path) || opened.contains(&(&**path, *at)),
            _ => word_of(miss).is_some_and(|word| held.contains(word)),
        };
        asking.into_iter().filter(|(_, misses)| misses.iter().any(is_there)).map(|(root, _)| *root).collect()
    }
}

/// The word that a text which answers holds.
fn word_of(miss: &Miss) -> Option<&str> {
    match miss {
        Miss::Constant { name, .. } | Miss::Type(name) | Miss::Literals(name) => Some(name),
        Miss::Calls(call) => Some(in_other_files(call)),
        Miss::Text(text) => Some(text),
        Miss::Assigned { field, .. } => Some(field),
        Miss::Body(..) | Miss::Expansion(..) => None,
    }
}
