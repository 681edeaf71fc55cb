//! Rust source to metrics.
//!
//! Reads the files that can matter, in rounds until the constants they name are known, lets each library's collector look at each
//! file, and joins what they found into one metric per name.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use typed_arena::Arena;

use super::{Extraction, Remains, Settings};
use crate::model::{Problem, ProblemKind};
use crate::source::{Location, SourceFile, Span};
use crate::syntax::rust::{SyntaxError, parse_body, parse_parts};
use crate::threads::on_big_stack;

mod attributes;
mod bodies;
mod called;
mod calls;
mod case;
mod collect;
mod declared;
mod defined;
mod draft;
mod expansions;
mod exposition;
mod families;
mod field_metrics;
mod follow;
mod foundations;
mod frames;
mod given_labels;
mod handed_closures;
mod handed_on;
mod holders;
mod homes;
mod identifiers;
mod items;
mod join;
mod measured;
mod measured_value;
mod metrics;
mod metrics_derive;
mod metriken;
mod occurrences;
mod opentelemetry;
mod options;
mod otel_names;
mod outside;
mod parsed;
mod paths;
mod places;
mod programs;
mod prometheus;
mod prometheus_client;
mod provenance;
mod provided;
mod recorder;
mod registered;
mod repeats;
mod search;
mod select;
mod share;
mod spliced;
mod static_metrics;
mod ties;
mod tracing_fields;
mod triggers;
mod types;
mod updates;
mod values;
mod waiting;
mod walk;
mod world;
mod wrappers;
mod written;

use calls::Calls;
use collect::{Found, OfFile};
use follow::{Followed, Pending};
use provenance::{Family, Index, LabelGroup, Provenances, Steps, ValueAt};
use select::Selection;
use share::largest_first;
use updates::{Looked, Sought};
use waiting::Waiting;
use world::{Miss, Parsed, World, holds_items};
use wrappers::DefiningMacros;

/// Rounds of reading further files and bodies of functions, which hold what those read so far ask for.
const MAX_ROUNDS: usize = 16;
/// Rounds of reading what holds the way of a label's value.
const MAX_STEPS: usize = 5;

/// Extracts the metrics that Rust files define and use, across the packages of the tree.
pub fn extract(files: &[&Arc<SourceFile>], settings: &Settings) -> Extraction {
    on_big_stack(|| run(files, settings))
}

fn run(files: &[&Arc<SourceFile>], settings: &Settings) -> Extraction {
    // Trees stay where they are while the world that points to them grows.
    let arena = Arena::new();
    let mut reader = Reader { arena: &arena, selection: Selection::new(files, settings), indices: HashMap::new(), problems: Vec::new() };
    let mut extraction = rounds(&mut reader, files, settings);
    extraction.problems.append(&mut reader.problems);
    drop(reader);
    extraction.remains = Remains::new(arena.into_vec().into_iter().map(|tree| Box::new(tree) as _));
    extraction
}

/// Reads and collects until nothing more is asked for.
fn rounds<'a>(reader: &mut Reader<'a>, files: &'a [&Arc<SourceFile>], settings: &Settings) -> Extraction {
    let arena = reader.arena;
    let mut world = World::default();
    world.know_packages(files);
    let mut new = reader.read(&reader.selection.first(), &mut world);
    let mut opened: BTreeSet<(usize, u32)> = BTreeSet::new();
    let mut by_file: BTreeMap<usize, OfFile<'_>> = BTreeMap::new();
    let mut followed = Followed::default();
    let mut calls = Calls::default();
    let mut misses: BTreeSet<Miss> = BTreeSet::new();
    let mut known: BTreeSet<String> = BTreeSet::new();
    let mut macros = DefiningMacros::new(&world, &misses, settings);
    let mut handed_on = false;
    let mut waiting = Waiting::default();
    let mut settled = false;
    for round in 0..MAX_ROUNDS {
        let names: BTreeSet<String> = macros.names().map(str::to_owned).collect();
        // A macro that is new may be called in any file, and a crate that is new may hand it on.
        let looked_into: BTreeSet<usize> = new.iter().copied().chain(opened.iter().map(|(file, _)| *file)).collect();
        let all: Vec<usize> =
            if names == known && !handed_on { looked_into.iter().copied().collect() } else { (0..world.files.len()).collect() };
        known = names;
        let (changed, standalone, undefined) = expansions::expand_all(&mut world, arena, &macros, &all, &misses, settings);
        // Only what looked something up in vain, or now reads differently, can come to another result; and until nothing more is to
        // be read, only that for which something came.
        let whole = settled || round + 1 == MAX_ROUNDS;
        let answered: BTreeSet<usize> = match whole {
            true => by_file.iter().filter(|(_, f)| !f.misses.is_empty()).map(|(file, _)| *file).collect(),
            false => {
                let new: Vec<usize> = new.iter().chain(&standalone).copied().collect();
                waiting.answered(&world, &new, &opened, &by_file)
            }
        };
        let reread: BTreeSet<usize> = changed.iter().copied().chain(opened.iter().map(|(file, _)| *file)).collect();
        // What leads through a crate that hands on a library reads differently once that crate is known.
        let through: Vec<usize> = if handed_on { world.through_facades(&new) } else { Vec::new() };
        let dirty: BTreeSet<usize> = changed.into_iter().chain(standalone).chain(looked_into).chain(answered).chain(through).collect();
        let dirty: Vec<usize> = dirty.into_iter().collect();
        let size = |file: &usize| world.files.get(*file).map_or(0, |f| f.source.code().len());
        let results: Vec<OfFile<'_>> = largest_first(dirty.iter().copied(), size, |file| collect::of_file(&world, file, settings));
        by_file.extend(dirty.iter().copied().zip(results));
        let roots: BTreeSet<usize> = if whole { by_file.keys().copied().collect() } else { dirty.into_iter().collect() };
        let pending: Vec<Pending<'_>> = roots.iter().filter_map(|r| by_file.get(r)).flat_map(|f| &f.pending).cloned().collect();
        if whole {
            calls.start_over();
        }
        calls.look_again(&world, &reread, settings.include_tests);
        followed = follow::follow(&world, &mut calls, pending, settings, whole);
        waiting.set(&roots, std::mem::take(&mut followed.misses));
        misses = by_file.values().flat_map(|f| &f.misses).chain(waiting.all()).cloned().collect();
        misses.extend(undefined);
        misses.extend(known.iter().map(|name| Miss::Calls(format!("{name}!"))));
        if round + 1 == MAX_ROUNDS {
            break;
        }
        let mut more = reader.selection.facades(|package| world.names_unread_root(package));
        handed_on = !more.is_empty();
        more.extend(reader.selection.asked_for(&misses));
        let open = reader.selection.open_bodies(&misses);
        let unexpanded = |m: &Miss| matches!(m, Miss::Expansion(file, at) if world.expansion(*file, *at).is_none());
        settled = more.is_empty() && open.is_empty() && !misses.iter().any(unexpanded);
        if settled && whole {
            break;
        }
        new = reader.read(&more, &mut world);
        opened = reader.open(&open, &mut world);
        macros = DefiningMacros::new(&world, &misses, settings);
    }
    let unfollowed = wrappers::unfollowed(&world, &macros, settings);
    let whole = collect::of_tree(&world, settings);
    let groups = whole.ready.groups.clone();
    let mut found: Vec<Found> = by_file.into_values().map(|f| f.found).chain(followed.found).chain([whole]).collect();
    let families = prometheus_client::families(&mut found, &world);
    let wanted: BTreeSet<ValueAt> = found.iter().flat_map(Found::values).collect();
    reader.selection.settle();
    let sought = Sought::new(found.iter().flat_map(Found::handles), &reader.selection);
    let mut looked = Looked::default();
    // Neither needs the other, and the first has steps in which one thread alone has something to do.
    let (origins, index) = rayon::in_place_scope(|scope| {
        scope.spawn(|_| looked = sought.look());
        origins(reader, &mut world, &wanted, (&groups, &families), settings)
    });
    // Nobody looks anything up any more.
    let join = || join::extraction(found, unfollowed, looked, &reader.selection, &origins);
    drop(macros);
    rayon::join(join, move || drop((world, index, calls))).0
}

/// Where the values of all labels come from. Reads what holds the functions, callers and makers on the way, in which no metric is.
fn origins<'a>(
    reader: &mut Reader<'a>,
    world: &mut World<'a>,
    wanted: &BTreeSet<ValueAt>,
    groups: (&[LabelGroup], &[Family]),
    settings: &Settings,
) -> (Provenances, Index<'a>) {
    let mut index = Index::new(world, settings.include_tests);
    let mut origins = Provenances::default();
    let mut steps = Steps::default();
    reader.selection.take_found();
    for step in 0..=MAX_STEPS {
        steps.last |= step == MAX_STEPS;
        origins.answer((world, &index), &mut steps, wanted, groups, &reader.selection.everywhere);
        if steps.last {
            break;
        }
        let misses = reader.selection.narrow(&origins.misses);
        let more = reader.selection.asked_for(&misses);
        reader.read(&more, world);
        let open = reader.selection.open_bodies(&misses);
        let bodies = reader.open(&open, world);
        index.add(world, &bodies);
        steps.read(reader.selection.take_found());
        steps.last = more.is_empty() && open.is_empty();
    }
    (origins, index)
}

/// Parses files, and again where further bodies are asked for.
struct Reader<'a> {
    arena: &'a Arena<Parsed>,
    selection: Selection,
    /// The files' indices in the world, by path.
    indices: HashMap<Arc<str>, usize>,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    /// Parses files in parallel, without the bodies that cannot matter, and takes them into the world; those that do not parse become
    /// problems. Gives their indices.
    fn read(&mut self, files: &[Arc<SourceFile>], world: &mut World<'a>) -> Vec<usize> {
        let one = |file: &Arc<SourceFile>| {
            let interest = self.selection.interest_in(file);
            let tree = parse_parts(file.code(), &|part| interest.in_part(part));
            tree.map(|tree| Parsed { source: Arc::clone(file), libraries: interest.libraries, tree, origin: None })
        };
        let results = largest_first(files, |file| file.code().len(), one);
        let first = world.files.len();
        let mut read = Vec::with_capacity(results.len());
        for (file, result) in files.iter().zip(results) {
            match result {
                Ok(mut parsed) => {
                    self.selection.left_out(file, std::mem::take(&mut parsed.tree.skipped));
                    self.indices.insert(Arc::clone(&file.path), first + read.len());
                    read.push(&*self.arena.alloc(parsed));
                }
                Err(error) => self.not_read(file, error),
            }
        }
        world.add_all(read);
        (first..world.files.len()).collect()
    }

    /// Parses bodies of functions that were left out of files that were read, in parallel. Gives the files' indices and the
    /// places of the braces.
    fn open(&mut self, bodies: &[(Arc<SourceFile>, Span)], world: &mut World<'a>) -> BTreeSet<(usize, u32)> {
        let results = largest_first(bodies, |(_, body)| body.len(), |(file, body)| parse_body(&file.text, *body));
        let mut changed = BTreeSet::new();
        let mut with_items = BTreeSet::new();
        for ((file, body), result) in bodies.iter().zip(results) {
            let Some(index) = self.indices.get(&file.path).copied() else { continue };
            match result {
                Ok(block) => {
                    if let Some(body) = world.files.get(index).and_then(|f| f.tree.body_at(body.start)) {
                        if holds_items(&block) {
                            with_items.insert((index, body.span.start));
                        }
                        body.fill(block);
                        changed.insert((index, body.span.start));
                    }
                }
                Err(error) => self.not_read(file, error),
            }
        }
        world.add_bodies(&with_items);
        changed
    }

    fn not_read(&mut self, file: &SourceFile, error: SyntaxError) {
        self.problems.push(Problem {
            kind: ProblemKind::RustSyntax,
            message: error.message,
            location: Location::new(&file.path, error.span),
            help: None,
            until: None,
            relative: false,
        });
    }
}
