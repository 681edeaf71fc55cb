//! The collectors of all libraries, shown one file or one expression.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::draft::Draft;
use super::follow::{Pending, Site};
use super::frames::Callable;
use super::values::Evaluator;
use super::walk::{self, Context, Visitor};
use super::world::{Miss, World};
use super::{expansions, exposition, foundations, measured, metrics, metrics_derive, opentelemetry, prometheus, prometheus_client};
use crate::extract::Settings;
use crate::knowledge::libraries;
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
    pub(super) ready: Ready,
}

/// Definitions that nothing more is joined to.
#[derive(Default)]
pub(super) struct Ready {
    pub(super) drafts: Vec<Draft>,
    pub(super) unresolved: Vec<Unresolved>,
}

impl Found {
    pub(super) fn extend(&mut self, other: Found) {
        self.prometheus.extend(other.prometheus);
        self.client.extend(other.client);
        self.metrics.extend(other.metrics);
        self.otel.extend(other.otel);
        self.text.extend(other.text);
        self.ready.drafts.extend(other.ready.drafts);
        self.ready.unresolved.extend(other.ready.unresolved);
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
}

/// A collector whose last findings can be taken back.
pub(super) trait Collect<'a, 'w>: Visitor<'a> {
    /// How much was found so far.
    fn mark(&self) -> Mark;
    /// Forgets what was found since.
    fn rewind(&mut self, mark: Mark);
    /// What it evaluates with.
    fn eval(&self) -> &Evaluator<'a, 'w>;
}

/// Lengths of a collector's lists.
pub(super) type Mark = [usize; 5];

/// Shows expressions to a collector and keeps those that depend on a caller.
struct Deferring<'c, 'a, 'w> {
    which: Which,
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
            self.pending.push(Pending { which: self.which, site, here, frames, closed, open });
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
    for which in [Which::Prometheus, Which::Metrics, Which::Client, Which::Otel, Which::Text] {
        let library = which.library();
        if world.has_words_of(file, library) {
            let Some(mut one) = One::new(world, which, file, settings) else { continue };
            let mut deferring = Deferring { which, inner: one.as_collect(), pending: &mut pending };
            walk::walk(world, file, settings.include_tests, &mut deferring);
            misses.extend(one.finish(&mut found));
        }
    }
    // What items alone tell.
    if let Some(library) = libraries::get("metrics").filter(|l| world.has_words_of(file, &l.name)) {
        found.metrics.derived.extend(metrics_derive::Found::structs_of(library, world, file, settings.include_tests));
    }
    if world.has_words_of(file, "foundations") {
        found.ready.drafts.extend(foundations::collect(&Evaluator::new(world), file, settings.include_tests));
    }
    OfFile { found, pending, misses }
}

/// What only the whole tree tells.
pub(super) fn of_tree(world: &World<'_>, settings: &Settings) -> Found {
    let (drafts, unresolved) = measured::collect(world, settings.include_tests);
    Found { ready: Ready { drafts, unresolved }, ..Found::default() }
}

impl Which {
    fn library(self) -> &'static str {
        match self {
            Which::Prometheus => "prometheus",
            Which::Client => "prometheus-client",
            Which::Metrics => "metrics",
            Which::Otel => "opentelemetry",
            Which::Text => "text",
        }
    }
}

/// One collector.
enum One<'a, 'w> {
    Prometheus(prometheus::Collector<'a, 'w>),
    Client(prometheus_client::Collector<'a, 'w>),
    Metrics(metrics::Collector<'a, 'w>),
    Otel(opentelemetry::Collector<'a, 'w>),
    Text(exposition::Collector<'a, 'w>),
}

impl<'a, 'w> One<'a, 'w> {
    fn new(world: &'w World<'a>, which: Which, file: usize, settings: &Settings) -> Option<Self> {
        let eval = Evaluator::new(world);
        Some(match which {
            Which::Prometheus => One::Prometheus(prometheus::Collector::new(eval)?),
            Which::Metrics => One::Metrics(metrics::Collector::new(eval)?),
            Which::Client => {
                let mut collector = prometheus_client::Collector::new(eval, file)?;
                // The struct that takes a variable over stands around a macro's call, not in its expansion.
                walk::walk(world, expansions::outermost(world, file), settings.include_tests, &mut collector.literals);
                One::Client(collector)
            }
            Which::Otel => One::Otel(opentelemetry::Collector::new(eval, file)?),
            Which::Text => One::Text(exposition::Collector::new(eval)?),
        })
    }

    fn as_collect(&mut self) -> &mut dyn Collect<'a, 'w> {
        match self {
            One::Prometheus(c) => c,
            One::Client(c) => c,
            One::Metrics(c) => c,
            One::Otel(c) => c,
            One::Text(c) => c,
        }
    }

    fn finish(self, found: &mut Found) -> BTreeSet<Miss> {
        match self {
            One::Prometheus(c) => {
                found.prometheus.extend(c.found);
                c.eval.take_misses()
            }
            One::Client(c) => {
                found.client.extend(c.found);
                c.eval.take_misses()
            }
            One::Metrics(c) => {
                found.metrics.extend(c.found);
                c.eval.take_misses()
            }
            One::Otel(c) => {
                found.otel.extend(c.found);
                c.eval.take_misses()
            }
            One::Text(c) => {
                found.text.extend(c.found);
                c.eval.take_misses()
            }
        }
    }
}

/// Collectors for expressions of any file, made when they are needed.
pub(super) struct Collectors<'a, 'w, 's> {
    world: &'w World<'a>,
    settings: &'s Settings,
    made: HashMap<(Which, usize), One<'a, 'w>>,
    pending: Vec<Pending<'a>>,
    found: Found,
    misses: BTreeSet<Miss>,
}

impl<'a, 'w, 's> Collectors<'a, 'w, 's> {
    pub(super) fn new(world: &'w World<'a>, settings: &'s Settings) -> Self {
        let (pending, found, misses) = (Vec::new(), Found::default(), BTreeSet::new());
        Collectors { world, settings, made: HashMap::new(), pending, found, misses }
    }

    /// Shows an expression again.
    pub(super) fn again(&mut self, pending: &Pending<'a>) {
        let key = (pending.which, pending.here.file);
        if !self.made.contains_key(&key) {
            let Some(one) = One::new(self.world, pending.which, pending.here.file, self.settings) else { return };
            self.made.insert(key, one);
        }
        let Some(one) = self.made.get_mut(&key) else { return };
        let cx = Context { world: self.world, here: (*pending.here).clone(), frames: Arc::clone(&pending.frames) };
        let inner = one.as_collect();
        inner.eval().close(&pending.closed);
        Deferring { which: pending.which, inner, pending: &mut self.pending }.show(pending.site, &pending.closed, &cx);
    }

    /// What is still open, what was found, what was looked up in vain.
    pub(super) fn finish(mut self) -> (Vec<Pending<'a>>, Found, BTreeSet<Miss>) {
        for one in std::mem::take(&mut self.made).into_values() {
            self.misses.extend(one.finish(&mut self.found));
        }
        (self.pending, self.found, self.misses)
    }
}
