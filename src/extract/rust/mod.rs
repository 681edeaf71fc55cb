//! Rust source to metrics.
//!
//! Reads the files that can matter, in rounds until the constants they name are known, lets each library's collector look at each
//! file, and joins what they found into one metric per name.

use std::sync::Arc;

use rayon::prelude::*;

use super::{Extraction, Settings};
use crate::model::{Problem, ProblemKind};
use crate::source::{Location, SourceFile};
use crate::syntax::rust::on_big_stack;

mod attributes;
mod bodies;
mod draft;
mod join;
mod metrics;
mod opentelemetry;
mod prometheus;
mod prometheus_client;
mod recorder;
mod select;
mod ties;
mod values;
mod walk;
mod world;
mod wrappers;

use select::Selection;
use world::{Parsed, World};

/// Rounds of looking for the constants that the files read so far do not define.
const MAX_ROUNDS: usize = 4;

/// Extracts the metrics that Rust files define and use, across the packages of the tree.
pub fn extract(files: &[&Arc<SourceFile>], settings: &Settings) -> Extraction {
    on_big_stack(|| run(files, settings))
}

fn run(files: &[&Arc<SourceFile>], settings: &Settings) -> Extraction {
    let mut selection = Selection::new(files, settings);
    let mut problems = Vec::new();
    let mut parsed: Vec<Parsed> = Vec::new();
    read(&selection.first(), &mut selection, &mut parsed, &mut problems);
    let mut extraction = Extraction::default();
    for round in 0..MAX_ROUNDS {
        let world = World::new(&parsed);
        extraction = join::extraction(&world, &selection, settings);
        let misses = world.take_misses();
        let more = if round + 1 < MAX_ROUNDS { selection.defining(&misses) } else { Vec::new() };
        if more.is_empty() {
            break;
        }
        drop(world);
        read(&more, &mut selection, &mut parsed, &mut problems);
    }
    extraction.problems.extend(problems);
    // Freeing the trees takes as long as walking them: every thread frees some.
    parsed.into_par_iter().for_each(drop);
    extraction
}

/// Parses files in parallel, without the bodies that cannot matter; those that do not parse become problems.
fn read(files: &[Arc<SourceFile>], selection: &mut Selection, into: &mut Vec<Parsed>, problems: &mut Vec<Problem>) {
    let one = |file: &Arc<SourceFile>| {
        let libraries = select::libraries_of(&file.text);
        let tree = crate::syntax::rust::parse_parts(&file.text, &|part| selection.body_matters(part, &libraries));
        tree.map(|tree| Parsed { source: Arc::clone(file), libraries, tree })
    };
    let results: Vec<_> = files.par_iter().map(|file| (file, one(file))).collect();
    for (file, result) in results {
        match result {
            Ok(mut parsed) => {
                selection.left_out(file, std::mem::take(&mut parsed.tree.skipped));
                into.push(parsed);
            }
            Err(error) => problems.push(Problem {
                kind: ProblemKind::RustSyntax,
                message: error.message,
                location: Location::new(&file.path, error.span),
                help: None,
            }),
        }
    }
    into.sort_by(|a, b| a.source.path.cmp(&b.source.path));
}
