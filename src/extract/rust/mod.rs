//! Rust source to metrics.
//!
//! Parses the files that can matter, indexes what they define, and lets one collector per library look at every expression. A
//! constant that a name comes from and that stands in a file without a metric is found in a further round.

mod attributes;
mod draft;
mod join;
mod metrics;
mod opentelemetry;
mod prometheus;
mod test_modules;
mod values;
mod walk;
mod world;

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use aho_corasick::AhoCorasick;
use rayon::prelude::*;

use super::{Extraction, Settings};
use crate::knowledge::libraries;
use crate::model::{Problem, ProblemKind, Unresolved};
use crate::source::{Location, SourceFile};
use crate::syntax::rust::{on_big_stack, parse};
use draft::Draft;
use values::Evaluator;
use world::{Parsed, World};

/// Rounds of parsing further files for constants: each can uncover constants that come from constants elsewhere.
const ROUNDS: usize = 4;

/// Extracts the metrics that Rust files define and use, across the packages of the tree.
pub fn extract(files: &[&Arc<SourceFile>], settings: &Settings) -> Extraction {
    if files.is_empty() {
        return Extraction::default();
    }
    on_big_stack(|| run(files, settings))
}

static TRIGGERS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let words: BTreeSet<&str> = libraries::all().iter().flat_map(|l| &l.triggers).map(String::as_str).collect();
    AhoCorasick::new(words).ok()
});

fn run(files: &[&Arc<SourceFile>], settings: &Settings) -> Extraction {
    let tests = if settings.include_tests { test_modules::TestModules::default() } else { test_modules::find(files) };
    let matters = |file: &&&Arc<SourceFile>| TRIGGERS.as_ref().is_none_or(|t| t.is_match(file.text.as_bytes()));
    let product: Vec<&Arc<SourceFile>> = files.iter().filter(|f| !tests.contains(&f.path)).copied().collect();
    let wanted: BTreeSet<&str> = product.par_iter().filter(matters).map(|f| &*f.path).collect();
    let (first, mut rest): (Vec<&Arc<SourceFile>>, Vec<&Arc<SourceFile>>) = product.into_iter().partition(|f| wanted.contains(&*f.path));

    let mut parsed = Vec::new();
    let mut problems = Vec::new();
    parse_all(&first, &mut parsed, &mut problems);
    for round in 1..=ROUNDS {
        let world = World::new(&parsed);
        let collected = collect(&world, settings);
        let misses = world.take_misses();
        let further = if round < ROUNDS { defining(&misses, &mut rest) } else { Vec::new() };
        if further.is_empty() {
            return join::join(collected, problems);
        }
        drop(world);
        parse_all(&further, &mut parsed, &mut problems);
    }
    Extraction { problems, ..Extraction::default() }
}

fn parse_all(files: &[&Arc<SourceFile>], parsed: &mut Vec<Parsed>, problems: &mut Vec<Problem>) {
    let results: Vec<Result<Parsed, Problem>> = files
        .par_iter()
        .map(|file| match parse(&file.text) {
            Ok(tree) => Ok(Parsed { source: Arc::clone(file), tree }),
            Err(error) => Err(Problem {
                kind: ProblemKind::RustSyntax,
                message: error.message,
                location: Location::new(&file.path, error.span),
                help: None,
            }),
        })
        .collect();
    for result in results {
        match result {
            Ok(file) => parsed.push(file),
            Err(problem) => problems.push(problem),
        }
    }
}

/// Takes the files out of `rest` that define one of the constants.
fn defining<'f>(misses: &BTreeSet<(String, String)>, rest: &mut Vec<&'f Arc<SourceFile>>) -> Vec<&'f Arc<SourceFile>> {
    if misses.is_empty() || rest.is_empty() {
        return Vec::new();
    }
    let packages: BTreeSet<&str> = misses.iter().map(|(p, _)| p.as_str()).collect();
    let patterns: Vec<String> = misses.iter().flat_map(|(_, name)| [format!("const {name}:"), format!("static {name}:")]).collect();
    let Ok(searcher) = AhoCorasick::new(&patterns) else { return Vec::new() };
    let defines = |f: &&Arc<SourceFile>| packages.contains(&*f.package) && searcher.is_match(f.text.as_bytes());
    let found: BTreeSet<Arc<str>> = rest.par_iter().filter(|f| defines(f)).map(|f| Arc::clone(&f.path)).collect();
    let (further, left): (Vec<_>, Vec<_>) = std::mem::take(rest).into_iter().partition(|f| found.contains(&f.path));
    *rest = left;
    further
}

/// What the collectors found in all files.
#[derive(Debug, Default)]
struct Collected {
    drafts: Vec<Draft>,
    unresolved: Vec<Unresolved>,
    metrics: metrics::Found,
    opentelemetry: opentelemetry::Found,
}

impl Collected {
    fn merge(mut self, other: Collected) -> Collected {
        self.drafts.extend(other.drafts);
        self.unresolved.extend(other.unresolved);
        self.metrics.merge(other.metrics);
        self.opentelemetry.merge(other.opentelemetry);
        self
    }
}

fn collect(world: &World<'_>, settings: &Settings) -> Collected {
    let one = |file: usize| {
        let mut collected = Collected::default();
        if let Some(mut collector) = prometheus::Collector::new(Evaluator::new(world)) {
            walk::walk(world, file, settings.include_tests, &mut collector);
            collected.drafts.extend(collector.found.drafts);
            collected.unresolved.extend(collector.found.unresolved);
        }
        if let Some(mut collector) = metrics::Collector::new(Evaluator::new(world)) {
            walk::walk(world, file, settings.include_tests, &mut collector);
            collected.metrics = collector.found;
        }
        if let Some(mut collector) = opentelemetry::Collector::new(Evaluator::new(world)) {
            walk::walk(world, file, settings.include_tests, &mut collector);
            collected.opentelemetry = collector.found;
        }
        collected
    };
    // Collected in file order, so that the result does not depend on the threads.
    let parts: Vec<Collected> = (0..world.files.len()).into_par_iter().map(one).collect();
    parts.into_iter().fold(Collected::default(), Collected::merge)
}
