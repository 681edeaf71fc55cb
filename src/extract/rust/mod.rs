//! Rust source to metrics.
//!
//! Reads the files that can matter, in rounds until the constants they name are known, lets each library's collector look at each
//! file, and joins what they found into one metric per name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;
use typed_arena::Arena;

use super::{Extraction, Settings};
use crate::model::{Problem, ProblemKind};
use crate::source::{Location, SourceFile};
use crate::syntax::rust::on_big_stack;

mod attributes;
mod case;
mod collect;
mod draft;
mod expansions;
mod exposition;
mod follow;
mod foundations;
mod frames;
mod items;
mod join;
mod measured;
mod metrics;
mod metrics_derive;
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

/// Extracts the metrics that Rust files define and use, across the packages of the tree.
pub fn extract(files: &[&Arc<SourceFile>], settings: &Settings) -> Extraction {
    on_big_stack(|| run(files, settings))
}

fn run(files: &[&Arc<SourceFile>], settings: &Settings) -> Extraction {
    // Trees stay where they are while the world that points to them grows.
    let arena = Arena::new();
    let mut selection = Selection::new(files, settings);
    let mut problems = Vec::new();
    let mut world = World::default();
    let mut new = read(&selection.first(), &arena, &mut world, &mut problems);
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
        let (changed, standalone) = expansions::expand_all(&mut world, &arena, &macros, &all, &misses, settings);
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
        let more = if round + 1 < MAX_ROUNDS { selection.asked_for(&misses) } else { Vec::new() };
        let unexpanded = |m: &Miss| matches!(m, Miss::Expansion(file, at) if world.expansion(*file, *at).is_none());
        if more.is_empty() && !(round + 1 < MAX_ROUNDS && misses.iter().any(unexpanded)) {
            break;
        }
        new = read(&more, &arena, &mut world, &mut problems);
        macros = DefiningMacros::new(&world);
    }
    let unfollowed = wrappers::unfollowed(&world, &macros, settings);
    let whole = collect::of_tree(&world, settings);
    let found = by_file.into_values().map(|f| f.found).chain(followed.found).chain([whole]).collect();
    let mut extraction = join::extraction(found, unfollowed, &selection);
    extraction.problems.extend(problems);
    drop(world);
    // Freeing the trees takes as long as walking them: every thread frees some.
    arena.into_vec().into_par_iter().for_each(drop);
    extraction
}

/// Parses files in parallel and takes them into the world; those that do not parse become problems. Gives their indices.
fn read<'a>(files: &[Arc<SourceFile>], arena: &'a Arena<Parsed>, world: &mut World<'a>, problems: &mut Vec<Problem>) -> Vec<usize> {
    let results: Vec<_> = files.par_iter().map(|file| (file, crate::syntax::rust::parse(&file.text))).collect();
    let mut read = Vec::with_capacity(results.len());
    for (file, result) in results {
        match result {
            Ok(tree) => {
                let parsed = Parsed { source: Arc::clone(file), libraries: select::libraries_of(&file.text), tree, origin: None };
                read.push(world.add(arena.alloc(parsed)));
            }
            Err(error) => problems.push(Problem {
                kind: ProblemKind::RustSyntax,
                message: error.message,
                location: Location::new(&file.path, error.span),
                help: None,
            }),
        }
    }
    read
}
