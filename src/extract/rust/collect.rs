//! The collectors of all libraries, shown one file or one expression.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::draft::Draft;
use super::follow::{Pending, Site};
use super::frames::Callable;
use super::provenance::{LabelGroup, ValueAt};
use super::values::Evaluator;
use super::walk::{self, Context, Visitor};
use super::world::{Miss, World};
use super::{
    declared, expansions, exposition, field_metrics, foundations, measured, metrics, metrics_derive, metriken, opentelemetry, outside,
    prometheus, prometheus_client, provided,
};
use crate::extract::Settings;
use crate::knowledge::{libraries, provides};
use crate::model::Unresolved;
use crate::source::Span;
use crate::syntax::rust::tree::{Expr, MacroCall};

/// What one or more files gave.
#[derive(Default)]
pub(super) struct Found {
    pub(super) prometheus: prometheus::Found,
    pub(super) client: prometheus_client::Found,
    pub(super) metrics: metrics::Found,
    pub(super) otel: opentelemetry::Found,
    pub(super) text: exposition::Found,
    pub(super) provided: provided::Found,
    pub(super) ready: Ready,
}

/// Definitions that nothing more is joined to.
#[derive(Default)]
pub(super) struct Ready {
    pub(super) drafts: Vec<Draft>,
    pub(super) unresolved: Vec<Unresolved>,
    /// What sets the labels of some of them.
    pub(super) groups: Vec<LabelGroup>,
}

impl Found {
    /// The expressions that give labels their values.
    pub(super) fn values(&self) -> impl Iterator<Item = ValueAt> + '_ {
        self.prometheus.ties.values().chain(self.otel.ties.values()).chain(self.metrics.values())
    }

    /// What holds the metrics whose updates are looked for.
    pub(super) fn handles(&self) -> impl Iterator<Item = &str> {
        let drafts = self.prometheus.drafts.iter().chain(self.client.drafts()).chain(&self.otel.drafts);
        drafts.filter_map(|d| d.handle.as_deref())
    }

    pub(super) fn extend(&mut self, other: Found) {
        self.prometheus.extend(other.prometheus);
        self.client.extend(other.client);
        self.metrics.extend(other.metrics);
        self.otel.extend(other.otel);
        self.text.extend(other.text);
        self.provided.extend(other.provided);
        self.ready.drafts.extend(other.ready.drafts);
        self.ready.unresolved.extend(other.ready.unresolved);
        self.ready.groups.extend(other.ready.groups);
    }
}

/// Which library's collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Which {
    Prometheus,
    Client,
    Metrics,
    Otel,
    Text,
    Provided,
    Declared,
}

/// A collector whose last findings can be taken back.
pub(super) trait Collect<'a, 'w>: Visitor<'a> {
    /// How much was found so far.
    fn mark(&self) -> Mark;
    /// Forgets what was found since.
    fn rewind(&mut self, mark: Mark);
    /// What it evaluates with.
    fn eval(&self) -> &Evaluator<'a, 'w>;
    /// Hands over what was found.
    fn give(&mut self, into: &mut Found);
}

/// Lengths of a collector's lists.
pub(super) type Mark = [usize; 5];

/// Shows expressions to a collector and keeps those that depend on a caller.
struct Deferring<'c, 'a, 'w> {
    which: Which,
    root: usize,
    inner: &'c mut dyn Collect<'a, 'w>,
    pending: &'c mut Vec<Pending<'a>>,
}

impl<'a: 'w, 'w> Deferring<'_, 'a, 'w> {
    fn show(&mut self, site: Site<'a>, closed: &Arc<[Callable<'a>]>, cx: &Context<'a, '_>) {
        let mark = self.inner.mark();
        match site {
            Site::Expr(expr) => self.inner.expr(expr, cx),
            Site::Macro(call, span) => self.inner.macro_call(call, span, cx),
        }
        if let Some(open) = self.inner.eval().take_open() {
            self.inner.rewind(mark);
            let (here, frames, closed) = (Arc::new(cx.here.clone()), Arc::clone(&cx.frames), Arc::clone(closed));
            self.pending.push(Pending { root: self.root, which: self.which, site, here, frames, closed, open });
        }
    }
}

impl<'a: 'w, 'w> Visitor<'a> for Deferring<'_, 'a, 'w> {
    fn expr(&mut self, expr: &'a Expr, cx: &Context<'a, '_>) {
        self.show(Site::Expr(expr), &Arc::from([]), cx);
    }

    fn macro_call(&mut self, call: &'a MacroCall, span: Span, cx: &Context<'a, '_>) {
        self.show(Site::Macro(call, span), &Arc::from([]), cx);
    }
}

/// What one file gave.
pub(super) struct OfFile<'a> {
    pub(super) found: Found,
    pub(super) pending: Vec<Pending<'a>>,
    pub(super) misses: BTreeSet<Miss>,
}

/// Collects from one file.
pub(super) fn of_file<'a>(world: &World<'a>, file: usize, settings: &Settings) -> OfFile<'a> {
    let mut found = Found::default();
    let mut pending = Vec::new();
    let mut misses = BTreeSet::new();
    for which in [Which::Prometheus, Which::Metrics, Which::Client, Which::Otel, Which::Text, Which::Provided, Which::Declared] {
        if which.can_be_in(world, file, settings) {
            let Some(mut collector) = which.collector(world, file, settings) else { continue };
            let mut deferring = Deferring { which, root: file, inner: &mut *collector, pending: &mut pending };
            walk::walk(world, file, settings.include_tests, &mut deferring);
            collector.give(&mut found);
            misses.extend(collector.eval().take_misses());
        }
    }
    // What items alone tell.
    if let Some(library) = libraries::get("metrics").filter(|l| world.has_words_of(file, &l.name)) {
        found.metrics.derived.extend(metrics_derive::Found::structs_of(library, world, file, settings.include_tests));
    }
    if world.has_words_of(file, "foundations") {
        found.ready.drafts.extend(foundations::collect(&Evaluator::new(world), file, settings.include_tests));
    }
    if world.has_words_of(file, "metriken") {
        let declared = metriken::collect(&Evaluator::new(world), file, settings.include_tests);
        found.ready.drafts.extend(declared.drafts);
        found.ready.unresolved.extend(declared.unresolved);
        misses.extend(declared.misses);
    }
    for library in libraries::all() {
        let Some(fields) = library.fields.as_ref().filter(|_| world.has_words_of(file, &library.name)) else { continue };
        let eval = Evaluator::new(world);
        let (drafts, unresolved) = field_metrics::collect(library, fields, &eval, file, settings.include_tests);
        found.ready.drafts.extend(drafts);
        found.ready.unresolved.extend(unresolved);
        misses.extend(eval.take_misses());
    }
    OfFile { found, pending, misses }
}

/// What only the whole tree tells.
pub(super) fn of_tree(world: &World<'_>, settings: &Settings) -> Found {
    let mut ready = measured::collect(world, settings.include_tests);
    ready.unresolved.extend(libraries::get("metrics").into_iter().flat_map(|library| outside::unresolved(world, library)));
    Found { ready, ..Found::default() }
}

impl Which {
    fn can_be_in(self, world: &World<'_>, file: usize, settings: &Settings) -> bool {
        match self.library() {
            Some(library) => world.has_words_of(file, library),
            None => {
                let holds = |word: &str| world.files.get(file).is_some_and(|f| f.source.text.contains(word));
                settings.wrappers.iter().any(|w| holds(&w.called.word()))
            }
        }
    }

    fn library(self) -> Option<&'static str> {
        Some(match self {
            Which::Prometheus => "prometheus",
            Which::Client => "prometheus-client",
            Which::Metrics => "metrics",
            Which::Otel => "opentelemetry",
            Which::Text => "text",
            Which::Provided => provides::PROVIDED,
            Which::Declared => return None,
        })
    }

    /// A collector for one file; `None` where it has nothing to look for.
    fn collector<'a: 'w, 'w>(self, world: &'w World<'a>, file: usize, settings: &Settings) -> Option<Box<dyn Collect<'a, 'w> + 'w>> {
        let eval = Evaluator::new(world);
        Some(match self {
            Which::Prometheus => Box::new(prometheus::Collector::new(eval)?),
            Which::Metrics => Box::new(metrics::Collector::new(eval)?),
            Which::Client => {
                let mut collector = prometheus_client::Collector::new(eval, file)?;
                // The struct that takes a variable over stands around a macro's call, not in its expansion.
                walk::walk(world, expansions::outermost(world, file), settings.include_tests, &mut collector.literals);
                Box::new(collector)
            }
            Which::Otel => Box::new(opentelemetry::Collector::new(eval, file)?),
            Which::Text => Box::new(exposition::Collector::new(eval)?),
            Which::Provided => Box::new(provided::Collector::new(eval)),
            Which::Declared => Box::new(declared::Collector::new(eval, &settings.wrappers)?),
        })
    }
}

/// Collectors for expressions of any file, made when they are needed.
pub(super) struct Collectors<'a, 'w, 's> {
    world: &'w World<'a>,
    settings: &'s Settings,
    made: HashMap<(Which, usize), Box<dyn Collect<'a, 'w> + 'w>>,
    pending: Vec<Pending<'a>>,
    found: Found,
    misses: BTreeSet<Miss>,
}

impl<'a: 'w, 'w, 's> Collectors<'a, 'w, 's> {
    pub(super) fn new(world: &'w World<'a>, settings: &'s Settings) -> Self {
        let (pending, found, misses) = (Vec::new(), Found::default(), BTreeSet::new());
        Collectors { world, settings, made: HashMap::new(), pending, found, misses }
    }

    /// Shows an expression again.
    pub(super) fn again(&mut self, pending: &Pending<'a>) {
        let key = (pending.which, pending.here.file);
        if !self.made.contains_key(&key) {
            let Some(collector) = pending.which.collector(self.world, pending.here.file, self.settings) else { return };
            self.made.insert(key, collector);
        }
        let Some(collector) = self.made.get_mut(&key) else { return };
        let cx = Context { world: self.world, here: (*pending.here).clone(), frames: Arc::clone(&pending.frames) };
        let inner = &mut **collector;
        inner.eval().close(&pending.closed);
        Deferring { which: pending.which, root: pending.root, inner, pending: &mut self.pending }.show(pending.site, &pending.closed, &cx);
    }

    /// What is still open, what was found, what was looked up in vain.
    pub(super) fn finish(mut self) -> (Vec<Pending<'a>>, Found, BTreeSet<Miss>) {
        for mut collector in std::mem::take(&mut self.made).into_values() {
            collector.give(&mut self.found);
            self.misses.extend(collector.eval().take_misses());
        }
        (self.pending, self.found, self.misses)
    }
}
