//! Python source to metrics.
//!
//! Files that name a client library are read, and others when a name, a base class or a caller in them is asked for. Each call
//! of a client's constructor is looked at once for every way in which its surroundings can be known.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use rayon::prelude::*;

use super::Extraction;
use crate::knowledge::python;
use crate::model::{Buckets, Language, Metric, MetricType, Problem, ProblemKind, Unresolved};
use crate::source::{Location, SourceFile, Span};

mod define;
mod follow;
mod mentions;
mod module;
mod parts;
mod provenance;
mod uses;
mod values;
mod world;

use define::Outcome;
use follow::{Effort, Look};
use uses::Uses;
use values::{Eval, Need};
use world::{Place, World};

/// Rounds of reading the files that hold the callers that were asked for.
const MAX_ROUNDS: usize = 5;

/// A few long words: each by itself is found faster than all at once, since their letters are common and most files have none.
static TRIGGERS: LazyLock<Vec<memchr::memmem::Finder<'static>>> =
    LazyLock::new(|| python::all().iter().flat_map(|l| &l.triggers).map(|word| memchr::memmem::Finder::new(word.as_bytes())).collect());

fn is_trigger(text: &str) -> bool {
    TRIGGERS.iter().any(|search| search.find(text.as_bytes()).is_some())
}

/// Extracts the metrics that Python files define.
pub fn extract(files: &[&Arc<SourceFile>]) -> Extraction {
    let first: Vec<usize> = (0..files.len()).into_par_iter().filter(|i| files.get(*i).is_some_and(|f| is_trigger(&f.text))).collect();
    if first.is_empty() {
        return Extraction::default();
    }
    crate::threads::on_big_stack(|| run(files, first))
}

fn run(files: &[&Arc<SourceFile>], first: Vec<usize>) -> Extraction {
    let mut world = World::new(files);
    world.choose(first);
    let problems = world.chosen.iter().filter_map(|file| problem(&world, *file)).collect();
    let classes: BTreeSet<String> = python::all().iter().flat_map(|l| l.classes.iter().chain(&l.methods)).map(|c| c.name.clone()).collect();
    let mut searched: BTreeSet<String> = BTreeSet::new();
    let mut of_files: BTreeMap<usize, (Vec<Outcome>, Asked)> = BTreeMap::new();
    let mut before: BTreeSet<String> = BTreeSet::new();
    let mut open: Vec<usize> = world.chosen.clone();
    for round in 0.. {
        let names = world.all_aliases(classes.clone());
        // Files that call what goes by a name which is new have to be looked at again, too.
        let new: Vec<&String> = names.difference(&before).collect();
        let calls_new = |file: usize| world.module(file).is_some_and(|m| new.iter().any(|name| !m.calls_of(name).is_empty()));
        open.extend(world.chosen.iter().filter(|file| calls_new(**file)));
        open.sort_unstable();
        open.dedup();
        of_files.extend(collect(&world, &names, &open));
        let mut asked = Asked::new();
        for (word, owners) in of_files.values().flat_map(|(_, asked)| asked) {
            asked.entry(word.clone()).or_default().extend(owners.iter().cloned());
        }
        // Constructors under names of the code's own.
        asked.extend(names.difference(&classes).filter(|n| n.len() > 6 && n.contains('_')).map(|n| (n.clone(), BTreeSet::new())));
        asked.retain(|word, _| searched.insert(word.clone()));
        let more = if round < MAX_ROUNDS { world.calling(&asked, world::MANY_FILES) } else { Vec::new() };
        if more.is_empty() {
            let mut all = joined(of_files.into_values().flat_map(|(outcomes, _)| outcomes).collect());
            if all.metrics.iter().any(|m| !m.labels.is_empty() || !m.labels_complete) {
                let uses = uses(&mut world);
                all.uses = uses::tied(&mut all.metrics, uses);
            }
            all.problems = problems;
            return all;
        }
        let new: BTreeSet<usize> = more.iter().copied().collect();
        world.choose(more);
        // Again only what asked for something that the new files have.
        let called = |word: &str| world.calls(word).iter().chain(world.subclasses(word)).any(|place| new.contains(&place.file));
        let answered = |word: &String| called(word) || world.aliases(word).any(called);
        let again = of_files.iter().filter(|(_, (_, asked))| asked.keys().any(answered)).map(|(file, _)| *file);
        open = again.chain(new.iter().copied()).collect();
        before = names;
    }
    Extraction::default()
}

/// What a file holds that is not understood as Python.
fn problem(world: &World<'_>, file: usize) -> Option<Problem> {
    let (tree, source) = (&world.module(file)?.tree, world.source(file)?);
    let error = tree.error.filter(|_| tree.too_deep.is_none())?;
    // A template is not yet Python.
    if ["{%", "{{"].iter().any(|directive| source.text.lines().any(|line| line.trim_start().starts_with(directive))) {
        return None;
    }
    // No more is one whose marks stand inside of lines, and the commands of a notebook are its own.
    let start = error.start as usize;
    let line_start = source.text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
    let end = (error.end as usize).max(start + 1);
    let lines = source.text.get(line_start..)?.split_inclusive('\n').scan(line_start, |at, line| {
        let begins = *at;
        *at += line.len();
        (begins < end).then_some(line)
    });
    let is_template = lines.clone().take(1).any(|line| ["{%", "{{"].iter().any(|mark| line.contains(mark)));
    if is_template || lines.into_iter().any(|line| line.trim_start().starts_with(['%', '!'])) {
        return None;
    }
    // The first line of it; where something is missing, what stands there instead.
    let rest = source.text.get(error.start as usize..)?;
    let line = rest.lines().next().map_or(0, str::len).min((error.end - error.start) as usize);
    let length = line.max(rest.chars().next().map_or(0, char::len_utf8));
    Some(Problem {
        kind: ProblemKind::PythonSyntax,
        message: "this is not understood as Python, or a bracket or quote before it is not closed".to_owned(),
        location: Location::new(&source.path, Span::new(start, start + length)),
        help: None,
        until: None,
        relative: false,
    })
}

/// All uses, of files that define nothing too, in rounds: what gives a label its value may be decided by callers that were not read.
fn uses(world: &mut World<'_>) -> Uses {
    let using = world.files_with(uses::may_use);
    world.choose(using);
    let mut searched: BTreeSet<String> = BTreeSet::new();
    let mut of_files: BTreeMap<usize, Uses> = BTreeMap::new();
    let mut open: Vec<usize> = world.chosen.clone();
    for round in 0.. {
        let parts: Vec<(usize, Uses)> = open.par_iter().map(|file| (*file, uses::in_file(world, *file))).collect();
        of_files.extend(parts);
        let mut asked = Asked::new();
        for (word, owners) in of_files.values().flat_map(|uses| &uses.asked).filter(|(word, _)| !searched.contains(*word)) {
            asked.entry(word.clone()).or_default().extend(owners.iter().cloned());
        }
        searched.extend(asked.keys().cloned());
        let more = if round < MAX_ROUNDS { world.calling(&asked, world::SOME_FILES) } else { Vec::new() };
        if more.is_empty() {
            break;
        }
        let new: BTreeSet<usize> = more.iter().copied().collect();
        world.choose(more);
        // Again only what asked for something that the new files have.
        let answered = |word: &String| world.calls(word).iter().any(|call| new.contains(&call.file));
        let again = of_files.iter().filter(|(_, uses)| uses.asked.keys().any(answered)).map(|(file, _)| *file);
        open = again.chain(new.iter().copied()).collect();
    }
    let mut all = Uses::default();
    for (_, uses) in of_files {
        all.extend(uses);
    }
    all
}

/// What is asked for: the word before the bracket where something is called, and the words one of which stands near.
type Asked = BTreeMap<String, BTreeSet<String>>;

/// All definitions of these files, and the functions and classes whose callers decide something.
fn collect(world: &World<'_>, names: &BTreeSet<String>, files: &[usize]) -> Vec<(usize, (Vec<Outcome>, Asked))> {
    files.par_iter().map(|file| (*file, collect_file(world, names, *file))).collect()
}

fn collect_file(world: &World<'_>, names: &BTreeSet<String>, file: usize) -> (Vec<Outcome>, Asked) {
    let (mut outcomes, mut asked) = (Vec::new(), Asked::new());
    let eval = Eval::new(world);
    let Some(module) = world.module(file) else { return (outcomes, asked) };
    if let Some((span, source)) = module.tree.too_deep.zip(world.source(file)) {
        let library = python::all().iter().find(|l| l.modules.iter().any(|m| source.text.contains(m.as_str())));
        outcomes.extend(library.map(|library| {
            let reason = "the file is nested too deeply to be read".to_owned();
            let location = Location::new(&source.path, span);
            Outcome::Unresolved(Unresolved {
                language: Language::Python,
                library: &library.name,
                reason,
                name: "*".to_owned(),
                location,
                declarable: false,
            })
        }));
        return (outcomes, asked);
    }
    let named = module.all_calls().filter(|(name, _)| names.contains(*name));
    let mut calls: Vec<Place> = named.map(|(_, node)| Place { file, node }).collect();
    calls.sort_unstable();
    for call in calls {
        let wanted = RefCell::new(BTreeSet::new());
        let look = |env: &values::Env| {
            eval.restart();
            let result = define::at_call(&eval, call, env);
            let needs = eval.needs.take();
            match result {
                Some(result) => {
                    wanted.borrow_mut().extend(needs.iter().copied());
                    Look { result, needs }
                }
                // What is no constructor needs nothing, unless a caller says what it is: one that names it is in a file that was read.
                None => Look { result: Vec::new(), needs: if module.calls_a_parameter(call.node) { needs } else { BTreeSet::new() } },
            }
        };
        let (results, lacked) = follow::each(&eval, Effort::DEFINITION, &look);
        let mut results: Vec<Outcome> = results.into_iter().flatten().collect();
        // One way that is known says more than another that is not.
        if results.iter().any(|r| matches!(r, Outcome::Metric(..))) {
            results.retain(|r| matches!(r, Outcome::Metric(..)));
            results.extend(define::more(&eval, call, &results).filter(|_| lacked.contains(&Need::More)));
        }
        outcomes.extend(results);
        for need in wanted.into_inner().into_iter().chain(lacked) {
            match need {
                Need::Caller(function) => {
                    asked.entry(follow::called_as(&eval, function)).or_default().extend(follow::owners(&eval, function));
                }
                Need::Subclasses(class) => _ = asked.entry(follow::class_name(&eval, class)).or_default(),
                _ => {}
            }
        }
    }
    (outcomes, asked)
}

/// One metric per name and library.
fn joined(outcomes: Vec<Outcome>) -> Extraction {
    let mut metrics: Vec<Metric> = Vec::new();
    let mut unresolved: Vec<Unresolved> = Vec::new();
    for outcome in outcomes {
        match outcome {
            Outcome::Metric(metric, _) => metrics.push(*metric),
            Outcome::Unresolved(one) => unresolved.push(one),
        }
    }
    metrics.sort_by(|a, b| (&a.name, &a.location).cmp(&(&b.name, &b.location)));
    let mut by_name: BTreeMap<(String, &'static str), Metric> = BTreeMap::new();
    for metric in metrics {
        match by_name.entry((metric.name.clone(), metric.library)) {
            std::collections::btree_map::Entry::Vacant(slot) => {
                slot.insert(metric);
            }
            std::collections::btree_map::Entry::Occupied(mut slot) => merge(slot.get_mut(), metric),
        }
    }
    unresolved.sort_by(|a, b| (&a.location, &a.reason).cmp(&(&b.location, &b.reason)));
    unresolved.dedup_by(|a, b| a.location == b.location);
    Extraction { metrics: by_name.into_values().collect(), unresolved, ..Extraction::default() }
}

fn merge(into: &mut Metric, other: Metric) {
    // A setting or the program decides which of them it is.
    if into.kind != other.kind {
        (into.kind, into.declared) = (MetricType::Unknown, MetricType::Unknown);
    }
    let names = |m: &Metric| m.labels.iter().map(|l| l.name.clone()).collect::<Vec<_>>();
    into.labels_complete &= other.labels_complete && names(into) == names(&other);
    // What one definition always has, another may lack: that is what the open list says.
    into.optional.retain(|name| other.optional.contains(name) || other.labels.iter().all(|l| l.name != *name));
    into.help_unknown |= other.help_unknown;
    into.help = into.help.take().or(other.help);
    into.unit = into.unit.take().or(other.unit);
    if matches!(into.buckets, Buckets::None | Buckets::RunTime { .. }) {
        into.buckets = other.buckets;
    }
    for label in other.labels {
        if !into.labels.iter().any(|l| l.name == label.name) {
            into.labels.push(label);
        }
    }
    into.labels.sort_by(|a, b| a.name.cmp(&b.name));
    for definition in other.definitions {
        if into.definitions.iter().all(|d| d.location != definition.location) {
            into.definitions.push(definition);
        }
    }
}
