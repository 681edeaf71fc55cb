//! Metrics that a crate outside of the tree defines, where code makes what exposes them: a layer, a collector, a fairing.
//!
//! What such a call exposes is data (`rules/provides`). Here is what its arguments and the builder's methods make of that.

mod settle;
mod told;

use super::collect::{self, Collect, Mark};
use super::draft::{Draft, Help, default_buckets as buckets_of_library, name_of, sanitized, sanitized_label};
use super::opentelemetry;
use super::recorder::Recorder;
use super::registered::{Home, Site};
use super::values::{Evaluator, Text, Value};
use super::walk::{Context, Parent, Visitor};
use super::world::{TypeAt, TypeDef, World};
use crate::knowledge::libraries::{self, Library};
use crate::knowledge::provides::{self, Entry, Family, Provider, Through};
use crate::model::{Bound, BucketSource, Buckets, Label, Language, MetricType, Provenance, Unresolved};
use crate::source::{Location, Span};
use crate::syntax::rust::tree::{Expr, ExprKind, MacroCall, Path};

use told::Told;

pub(super) use settle::Around;

/// What one file makes.
#[derive(Debug, Default)]
pub(super) struct Found {
    metrics: Vec<Provided>,
    unresolved: Vec<Unresolved>,
    recorders: Vec<Recorder>,
}

/// A metric, and where the values of its labels come from.
#[derive(Clone, Debug)]
pub(super) struct Provided {
    draft: Draft,
    through: Through,
    labels: Vec<(String, Provenance)>,
}

impl Found {
    pub(super) fn extend(&mut self, other: Found) {
        self.metrics.extend(other.metrics);
        self.unresolved.extend(other.unresolved);
        self.recorders.extend(other.recorders);
    }
}

/// Collects from one file.
pub(super) struct Collector<'a, 'w> {
    eval: Evaluator<'a, 'w>,
    found: Found,
}

impl<'a, 'w> Collector<'a, 'w> {
    pub(super) fn new(eval: Evaluator<'a, 'w>) -> Self {
        Collector { eval, found: Found::default() }
    }

    /// A call, or a path to a function that is handed on, as `expr`. Of the forms of one call those of the version that is asked for.
    fn made(&mut self, entries: &[Entry], args: &'a [Expr], expr: &'a Expr, cx: &Context<'a, '_>) {
        let Some((provider, ..)) = entries.first().copied() else { return };
        let location = cx.location(expr.span);
        let asked = cx.world.files.get(cx.file).and_then(|f| f.source.build.dependencies.get(&provider.name));
        let version = asked.and_then(|d| d.version.as_deref());
        let has = |feature: &String| asked.is_some_and(|d| d.features.iter().any(|f| **f == **feature));
        let mut of_version = false;
        for (_, call, _) in entries {
            match provides::is_between(version, call.since.as_deref(), call.before.as_deref()) {
                Some(true) => of_version = true,
                Some(false) => continue,
                None => return self.unknown_version(provider, "*", location),
            }
            let told = Told::new(provider, (call, version), args, expr, &self.eval, cx);
            if told.installs {
                self.found.recorders.push(recorder(provider, &told, cx));
            }
            if told.unnamed {
                let reason = format!("what names `{}` gives its metrics is told where it is not seen", provider.name);
                let all = told.sets.iter().filter_map(|set| provider.sets.get(*set)).flatten();
                let names: Vec<String> = all.map(|family| told.name(&family.name).0).collect();
                self.unresolved(provider, reason, &common(&names), location.clone());
                continue;
            }
            let mut open: Vec<String> = Vec::new();
            for family in told.sets.iter().filter_map(|set| provider.sets.get(*set)).flatten() {
                if !family.feature.iter().all(has) || family.without_feature.iter().any(has) {
                    continue;
                }
                match provides::is_between(version, family.since.as_deref(), family.before.as_deref()) {
                    Some(true) => self.family(provider, family, &told, expr.span, cx),
                    Some(false) => {}
                    None => open.push(told.name(&family.name).0),
                }
            }
            if !open.is_empty() {
                self.unknown_version(provider, &common(&open), location.clone());
            }
            for (reason, set) in &told.open {
                let names: Vec<String> = provider.sets.get(*set).into_iter().flatten().map(|f| told.name(&f.name).0).collect();
                self.unresolved(provider, reason.clone(), &common(&names), location.clone());
            }
            if let Some(open) = &call.open {
                self.unresolved(provider, open.reason.clone(), &open.name, location.clone());
            }
        }
        if !of_version {
            let reason = format!(
                "`{}` exposes metrics that are not known of version {}",
                provider.name,
                version.unwrap_or_default().trim_start_matches('=')
            );
            self.unresolved(provider, reason, "*", location);
        }
    }

    fn unknown_version(&mut self, provider: &'static Provider, name: &str, location: Location) {
        let reason = format!("what `{}` exposes depends on its version, which no manifest that was read decides", provider.name);
        self.unresolved(provider, reason, name, location);
    }

    fn unresolved(&mut self, provider: &'static Provider, reason: String, name: &str, location: Location) {
        let one =
            Unresolved { language: Language::Rust, library: &provider.name, reason, name: name.to_owned(), location, declarable: false };
        self.found.unresolved.push(one);
    }

    fn family(&mut self, provider: &'static Provider, family: &Family, told: &Told<'_>, span: Span, cx: &Context<'a, '_>) {
        let Some(library) = library(provider) else { return };
        let (text, left) = told.name(&family.name);
        let known = !text.contains('*');
        let location = cx.location(span);
        let name = match name_of(Value::Text(Text { text, known, location: location.clone(), left, made: None })) {
            Ok(name) => name,
            Err(reason) => return self.unresolved(provider, reason, "*", location),
        };
        let (kind, plain) = (told.kind.unwrap_or(family.kind()), name.text.clone());
        let (name, unit) = match provider.through {
            Through::Opentelemetry => {
                let (exposed, unit) = opentelemetry::exposed_name(library, &plain, family.unit.as_deref(), kind);
                (Text { text: exposed, ..name }, unit)
            }
            _ => (name, family.unit.clone()),
        };
        let mut labels = told.labels(provider, family);
        labels.iter_mut().for_each(|(name, _)| *name = sanitized_label(name));
        let mut draft = Draft { library: &provider.name, ..Draft::new(library, name, kind, span, cx) };
        // It is not the metric that is held there.
        (draft.handle, draft.variable, draft.exclusive) = (None, None, false);
        (draft.provided, draft.help, draft.unit) = (!family.is_named_by_code(), Help::Unknown, unit);
        draft.uncalled = self.eval.gave_up();
        draft.plain_name = Some(sanitized(&plain));
        let label = |name: &String| Label { name: name.clone(), bound: Bound::unknown(), location: Some(location.clone()) };
        draft.labels = labels.iter().map(|(name, _)| label(name)).chain(told.const_labels.iter().cloned()).collect();
        draft.labels_complete = told.labels_complete && !family.more_labels;
        if kind == MetricType::Histogram {
            draft.buckets = told.buckets(family).unwrap_or_else(|| default_buckets(library, family));
        }
        if provider.through == Through::Prometheus && !provider.own_registry && !goes_to_default(cx) {
            draft.home = Home::Open(Site::of(span, cx));
        }
        self.found.metrics.push(Provided { draft, through: provider.through, labels });
    }
}

/// What names have in common: the text before they differ.
fn common(names: &[String]) -> String {
    let Some((first, rest)) = names.split_first() else { return "*".to_owned() };
    let shared =
        |a: &str, b: &str| a.char_indices().zip(b.chars()).find(|((_, a), b)| a != b).map_or(a.len().min(b.len()), |((at, _), _)| at);
    let length = rest.iter().fold(first.len(), |length, other| length.min(shared(first, other)));
    if rest.is_empty() { first.clone() } else { format!("{}*", first.get(..length).unwrap_or_default()) }
}

/// A recorder that knows nothing but the bounds of the crate's own histograms.
fn recorder(provider: &'static Provider, told: &Told<'_>, cx: &Context<'_, '_>) -> Recorder {
    let all = told.sets.iter().filter_map(|set| provider.sets.get(*set)).flatten();
    let own = all.filter_map(|f| Some((told.name(&f.name).0, known_buckets(f.buckets.as_ref()?))));
    Recorder::installed_by(own, cx)
}

/// The library that a crate defines its metrics with.
fn library(provider: &Provider) -> Option<&'static Library> {
    libraries::get(match provider.through {
        Through::Prometheus => "prometheus",
        Through::PrometheusClient => "prometheus-client",
        Through::Metrics => "metrics",
        Through::Opentelemetry => "opentelemetry",
        Through::Measured => "measured",
    })
}

fn known_buckets(bounds: &[f64]) -> Buckets {
    Buckets::Known { bounds: bounds.to_vec(), source: BucketSource::Explicit, location: None }
}

fn default_buckets(library: &Library, family: &Family) -> Buckets {
    family.buckets.as_deref().map_or_else(|| buckets_of_library(library), known_buckets)
}

impl<'a, 'w> Collect<'a, 'w> for Collector<'a, 'w> {
    fn mark(&self) -> Mark {
        [self.found.metrics.len(), self.found.unresolved.len(), self.found.recorders.len(), 0, 0]
    }

    fn rewind(&mut self, [metrics, unresolved, recorders, ..]: Mark) {
        self.found.metrics.truncate(metrics);
        self.found.unresolved.truncate(unresolved);
        self.found.recorders.truncate(recorders);
    }

    fn eval(&self) -> &Evaluator<'a, 'w> {
        &self.eval
    }

    fn give(&mut self, into: &mut collect::Found) {
        into.provided.extend(std::mem::take(&mut self.found));
    }
}

impl<'a> Visitor<'a> for Collector<'a, '_> {
    fn expr(&mut self, expr: &'a Expr, cx: &Context<'a, '_>) {
        let (path, args) = match &expr.kind {
            ExprKind::Call(callee, args) => match &callee.kind {
                ExprKind::Path(path) => (path, args.as_slice()),
                _ => return,
            },
            // What is called is seen with its call.
            ExprKind::Path(path) if !is_called(expr, cx) => (path, &[][..]),
            _ => return,
        };
        let entries = provides::calls_named(imported_as(path, cx));
        if entries.is_empty() {
            return;
        }
        let full = full_path(path, cx);
        let meant: Vec<Entry> = entries.iter().filter(|e| means(**e, &full, cx)).copied().collect();
        self.made(&meant, args, expr, cx);
    }

    fn macro_call(&mut self, _: &'a MacroCall, _: Span, _: &Context<'a, '_>) {}
}

/// Whether the value is given to the `prometheus` crate's own registry: `prometheus::register(Box::new(collector))`.
fn goes_to_default(cx: &Context<'_, '_>) -> bool {
    cx.enclosing().take(3).any(|outer| match &outer.kind {
        ExprKind::Call(callee, _) => match &callee.kind {
            ExprKind::Path(path) => {
                let full = cx.world.full_path(cx.file, &path.names().collect::<Vec<_>>());
                full.ends_with(&["register"]) && full.first().is_some_and(|root| libraries::get("prometheus").is_some_and(|l| l.owns(root)))
            }
            _ => false,
        },
        _ => false,
    })
}

fn is_called(expr: &Expr, cx: &Context<'_, '_>) -> bool {
    let called = |outer: &Expr| matches!(&outer.kind, ExprKind::Call(callee, _) if std::ptr::eq(&**callee, expr));
    matches!(cx.parents.last(), Some(Parent::Expr(outer)) if called(outer))
}

/// The last word of a path; of a function that is imported under another name, the one that its crate gives it.
fn imported_as<'a>(path: &'a Path, cx: &Context<'a, '_>) -> &'a str {
    let last = path.last();
    let import = || cx.world.names(cx.file)?.imports.get(last)?.last().copied();
    path.as_ident().and_then(|_| import()).unwrap_or(last)
}

/// A whole path, behind imports and behind a name that the tree gives the type.
fn full_path<'a>(path: &'a Path, cx: &Context<'a, '_>) -> Vec<&'a str> {
    let names: Vec<&'a str> = path.names().collect();
    if let [ty, method] = names.as_slice()
        && let Some(TypeAt { place, kind: TypeDef::Alias(to), .. }) = cx.world.type_def(cx.file, &[ty])
        && let Some(to) = to.path()
    {
        let to: Vec<&'a str> = to.names().collect();
        let full = cx.world.full_path(place.file, &to).into_iter().chain([*method]).collect();
        return cx.world.behind_facades(full);
    }
    cx.world.behind_facades(cx.world.full_path(cx.file, &names))
}

/// Whether a path is that of a call of the crate, and of no crate of the tree.
fn means((provider, _, name): Entry, full: &[&str], cx: &Context<'_, '_>) -> bool {
    let own: Vec<&str> = name.split("::").collect();
    if !full.ends_with(&own) || provider.crates.iter().any(|c| cx.world.crate_in_tree(c).is_some()) {
        return false;
    }
    let Some(root) = full.first() else { return false };
    if full.len() == own.len() && provider.owns(root) {
        return true;
    }
    if full.len() > own.len() {
        let head = full.get(..=full.len() - own.len()).unwrap_or_default();
        return provider.owns(root) || cx.world.module_hands_on(cx.file, head, &provider.crates);
    }
    // What a glob brings.
    let brings = |glob: &Vec<&str>| {
        let through: Vec<&str> = glob.iter().copied().chain(own.first().copied()).collect();
        glob.first().is_some_and(|r| provider.owns(r)) || cx.world.module_hands_on(cx.file, &through, &provider.crates)
    };
    let is_own = own.first().is_some_and(|ty| cx.world.type_def(cx.file, &[ty]).is_some());
    !is_own && cx.world.names(cx.file).is_some_and(|n| n.globs.iter().any(brings))
}

/// The metrics that a type of another crate exposes, where a field of a group of the tree's own has it.
pub(super) fn of_type(world: &World<'_>, file: usize, ty: &Path) -> Option<(&'static Provider, Vec<&'static Family>)> {
    let full = world.behind_facades(world.full_path(file, &ty.names().collect::<Vec<_>>()));
    let (root, last) = (full.first()?, full.last()?);
    let provider = provides::all().iter().find(|p| p.owns(root) && world.crate_in_tree(root).is_none())?;
    let asked = world.files.get(file)?.source.build.dependencies.get(&provider.name);
    let version = asked.and_then(|d| d.version.as_deref());
    let families = provider.types.get(*last)?.iter().filter_map(|set| provider.sets.get(set)).flatten();
    let of_version = |f: &&Family| provides::is_between(version, f.since.as_deref(), f.before.as_deref()) == Some(true);
    let known: Vec<&Family> = families.filter(of_version).collect();
    (!known.is_empty()).then_some((provider, known))
}
