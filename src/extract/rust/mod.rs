//! Rust source to metrics.
//!
//! Reads the files that can matter, in rounds until the constants they name are known, lets each library's collector look at each
//! file, and joins what they found into one metric per name.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use rayon::prelude::*;
use typed_arena::Arena;

use super::{Extraction, Settings};
use crate::model::{Problem, ProblemKind};
use crate::source::{Location, SourceFile};
use crate::syntax::rust::{on_big_stack, parse_parts};

mod attributes;
mod bodies;
mod collect;
mod draft;
mod expansions;
mod follow;
mod frames;
mod join;
mod metrics;
mod opentelemetry;
mod prometheus;
mod prometheus_client;
mod recorder;
mod select;
mod ties;
mod types;
mod values;
mod walk;
mod world;
mod wrappers;

use collect::OfFile;
use follow::{Followed, Pending};
use select::Selection;
use world::{Miss, Parsed, World};
use wrappers::DefiningMacros;

/// Rounds of reading further files, which hold constants and calls that the files read so far ask for.
const MAX_ROUNDS: usize = 6;
/// Passes over all files; from the second on, bodies that the one before asked for are read, too.
const MAX_PASSES: usize = 3;

/// Extracts the metrics that Rust files define and use, across the packages of the tree.
pub fn extract(files: &[&Arc<SourceFile>], settings: &Settings) -> Extraction {
    on_big_stack(|| run(files, settings))
}

fn run(files: &[&Arc<SourceFile>], settings: &Settings) -> Extraction {
    // Trees stay where they are while the world that points to them grows.
    let arena = Arena::new();
    let mut reader = Reader { arena: &arena, selection: Selection::new(files, settings), parsed: HashMap::new(), problems: Vec::new() };
    let mut passes = 0;
    let mut extraction = loop {
        let (extraction, misses) = pass(&mut reader, settings);
        passes += 1;
        let open = reader.selection.open_bodies(&misses);
        if open.is_empty() || passes == MAX_PASSES {
            break extraction;
        }
        reader.parsed.retain(|path, _| !open.contains(path));
    };
    extraction.problems.append(&mut reader.problems);
    drop(reader);
    // Freeing the trees takes as long as walking them: every thread frees some.
    arena.into_vec().into_par_iter().for_each(drop);
    extraction
}

/// Everything that the files say with the bodies that are read so far, and what was missed.
fn pass<'a>(reader: &mut Reader<'a>, settings: &Settings) -> (Extraction, BTreeSet<Miss>) {
    let arena = reader.arena;
    let mut world = World::default();
    let mut new = reader.read(&reader.selection.first(), &mut world);
    let mut by_file: BTreeMap<usize, OfFile<'_>> = BTreeMap::new();
    let mut followed = Followed::default();
    let mut misses: BTreeSet<Miss> = BTreeSet::new();
    let mut known: BTreeSet<String> = BTreeSet::new();
    let mut macros = DefiningMacros::new(&world);
    for round in 0..MAX_ROUNDS {
        let names: BTreeSet<String> = macros.names().map(str::to_owned).collect();
        // A macro that is new may be called in any file.
        let all: Vec<usize> = if names == known { new.clone() } else { (0..world.files.len()).collect() };
        known = names;
        let (changed, standalone) = expansions::expand_all(&mut world, arena, &macros, &all, &misses, settings);
        // Only what looked something up in vain, or now reads differently, can come to another result.
        let mut dirty: BTreeSet<usize> = by_file.iter().filter(|(_, f)| !f.misses.is_empty()).map(|(file, _)| *file).collect();
        dirty.extend(changed.into_iter().chain(standalone).chain(new));
        let dirty: Vec<usize> = dirty.into_iter().collect();
        let results: Vec<OfFile<'_>> = dirty.par_iter().map(|file| collect::of_file(&world, *file, settings)).collect();
        by_file.extend(dirty.into_iter().zip(results));
        let pending: Vec<Pending<'_>> = by_file.values().flat_map(|f| &f.pending).cloned().collect();
        followed = follow::follow(&world, pending, settings);
        misses = by_file.values().flat_map(|f| &f.misses).chain(&followed.misses).cloned().collect();
        misses.extend(known.iter().map(|name| Miss::Calls(format!("{name}!"))));
        let more = if round + 1 < MAX_ROUNDS { reader.selection.asked_for(&misses) } else { Vec::new() };
        let unexpanded = |m: &Miss| matches!(m, Miss::Expansion(file, at) if world.expansion(*file, *at).is_none());
        if more.is_empty() && !(round + 1 < MAX_ROUNDS && misses.iter().any(unexpanded)) {
            break;
        }
        new = reader.read(&more, &mut world);
        macros = DefiningMacros::new(&world);
    }
    let unfollowed = wrappers::unfollowed(&world, &macros, settings);
    let found = by_file.into_values().map(|f| f.found).chain(followed.found).collect();
    (join::extraction(found, unfollowed, &reader.selection), misses)
}

/// Parses files, each once for as long as no further body of it is asked for.
struct Reader<'a> {
    arena: &'a Arena<Parsed>,
    selection: Selection,
    parsed: HashMap<Arc<str>, &'a Parsed>,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    /// Parses files in parallel, without the bodies that cannot matter, and takes them into the world; those that do not parse become
    /// problems. Gives their indices.
    fn read(&mut self, files: &[Arc<SourceFile>], world: &mut World<'a>) -> Vec<usize> {
        let new: Vec<&Arc<SourceFile>> = files.iter().filter(|f| !self.parsed.contains_key(&f.path)).collect();
        let one = |file: &Arc<SourceFile>| {
            let libraries = select::libraries_of(&file.text);
            let tree = parse_parts(&file.text, &|part| self.selection.body_matters(file, part, &libraries));
            tree.map(|tree| Parsed { source: Arc::clone(file), libraries, tree, origin: None })
        };
        let results: Vec<_> = new.par_iter().map(|file| (*file, one(file))).collect();
        for (file, result) in results {
            match result {
                Ok(mut parsed) => {
                    self.selection.left_out(file, std::mem::take(&mut parsed.tree.skipped));
                    self.parsed.insert(Arc::clone(&file.path), self.arena.alloc(parsed));
                }
                Err(error) => {
                    let location = Location::new(&file.path, error.span);
                    let problem = Problem { kind: ProblemKind::RustSyntax, message: error.message, location, help: None };
                    if !self.problems.contains(&problem) {
                        self.problems.push(problem);
                    }
                }
            }
        }
        files.iter().filter_map(|f| self.parsed.get(&f.path)).map(|parsed| world.add(parsed)).collect()
    }
}
