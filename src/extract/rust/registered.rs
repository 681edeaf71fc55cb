//! Metrics of the `prometheus` crate that are made first and given to a registry later, which may add a prefix and labels.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashMap as HashMap;

use super::draft::Draft;
use super::frames::Level;
use super::prometheus_client::labels_of;
use super::select::Selection;
use super::values::{Evaluator, RegistryValue, Scope, Value};
use super::walk::{Context, Origin};
use crate::source::{Location, Span};
use crate::syntax::rust::tree::{Expr, ExprKind, MethodCall};

/// The registry that a metric goes to.
#[derive(Clone, Debug, Default)]
pub(super) enum Home {
    /// The library's own, which adds nothing.
    #[default]
    Default,
    /// One whose prefix and labels the metric has.
    Given,
    /// One that the definition does not tell.
    Open(Site),
}

/// An expression, and the calls that it was looked at for.
#[derive(Clone, Debug)]
pub(super) struct Site {
    location: Location,
    callers: Vec<(usize, u32)>,
}

impl Site {
    pub(super) fn of(span: Span, cx: &Context<'_, '_>) -> Self {
        Site { location: cx.location(span), callers: callers(&cx.frames) }
    }
}

fn callers(frames: &[Level<'_>]) -> Vec<(usize, u32)> {
    frames.iter().map(|l| (l.from.file, l.span.start)).collect()
}

/// A call that gives a metric to a registry.
#[derive(Clone, Debug)]
pub(super) struct Registered {
    /// What makes the metric.
    made: Site,
    registry: RegistryValue,
}

impl Registered {
    /// `registry.register(Box::new(metric.clone()))`, where the registry is known.
    pub(super) fn see<'a>(call: &'a MethodCall, span: Span, eval: &Evaluator<'a, '_>, cx: &Context<'a, '_>) -> Option<Self> {
        let ("register", [metric]) = (call.method.as_str(), call.args.as_slice()) else { return None };
        let scope = Scope::of(cx, span);
        let registry = RegistryValue::of(&eval.value(&call.receiver, &scope))?;
        let made = made_at(unboxed(metric), &scope, eval, cx)?;
        Some(Registered { made, registry })
    }

    /// `prometheus::register(Box::new(metric.clone()))`: the registry of the library, which adds nothing.
    pub(super) fn by_default<'a>(metric: &'a Expr, span: Span, eval: &Evaluator<'a, '_>, cx: &Context<'a, '_>) -> Option<Self> {
        let made = made_at(unboxed(metric), &Scope::of(cx, span), eval, cx)?;
        Some(Registered { made, registry: RegistryValue { labels_complete: true, ..RegistryValue::default() } })
    }

    /// Whether it can be this metric: of what was looked at for several callers, the same ones.
    fn is_of(&self, site: &Site) -> bool {
        let (made, place) = (&self.made.location, &site.location);
        made.path == place.path
            && made.span.start <= place.span.start
            && place.span.end <= made.span.end
            && self.made.callers.iter().zip(&site.callers).all(|(a, b)| a == b)
    }
}

/// The expression that makes a metric, behind the variable or static that holds it and, where that is a parameter, as a caller gives it.
fn made_at<'a>(metric: &'a Expr, scope: &Scope<'a, '_>, eval: &Evaluator<'a, '_>, cx: &Context<'a, '_>) -> Option<Site> {
    let site = |file: usize, span: Span, frames: &[Level<'_>]| Site { location: cx.world.location(file, span), callers: callers(frames) };
    let ExprKind::Path(path) = &metric.kind else { return Some(site(scope.file, metric.span, scope.frames)) };
    let Some((binding, inner)) = path.as_ident().and_then(|name| scope.binding(name)) else {
        let names: Vec<&'a str> = path.names().collect();
        let found = cx.world.constants(scope.file, &names, scope.self_ty);
        if found.is_empty() {
            eval.ask_for_constant(scope.file, &names);
        }
        return match found.as_slice() {
            [only] => Some(site(only.place.file, only.value?.span, &[])),
            _ => Some(site(scope.file, metric.span, scope.frames)),
        };
    };
    match (binding.origin, binding.init) {
        (Origin::Param(parameter), _) => {
            let (given, outer) = eval.argument(parameter, &inner)?;
            made_at(unboxed(given), &outer, eval, cx)
        }
        (_, Some(init)) => Some(site(binding.file, init.span, scope.frames)),
        (_, None) => Some(site(scope.file, metric.span, scope.frames)),
    }
}

fn unboxed(expr: &Expr) -> &Expr {
    match &expr.kind {
        ExprKind::Reference(inner) => unboxed(inner),
        ExprKind::MethodCall(call) if call.method.as_str() == "clone" => unboxed(&call.receiver),
        ExprKind::Call(callee, args) => match (&callee.kind, args.as_slice()) {
            (ExprKind::Path(path), [inner]) if matches!(path.last(), "new" | "from") && path.names().any(|n| n == "Box") => unboxed(inner),
            _ => expr,
        },
        _ => expr,
    }
}

/// A registry that is made with a prefix or labels.
#[derive(Clone, Debug)]
pub(super) struct Custom {
    /// Of those who decide about it.
    package: Arc<str>,
    /// `None` for one that is not known.
    prefix: Option<String>,
}

impl Custom {
    /// `Registry::new_custom(prefix, labels)`, for those who give the prefix.
    pub(super) fn see<'a>(args: &'a [Expr], span: Span, eval: &Evaluator<'a, '_>, cx: &Context<'a, '_>) -> Option<Self> {
        let prefix = match eval.value(args.first()?, &Scope::of(cx, span)) {
            Value::Text(text) if text.known => Some(text.text),
            Value::Absent => Some(String::new()),
            // Those who call are asked.
            _ if eval.is_open() => return None,
            _ => None,
        };
        let file = cx.frames.last().map_or(cx.file, |level| level.from.file);
        Some(Custom { package: cx.world.files.get(file).map(|f| Arc::clone(&f.source.package))?, prefix })
    }
}

/// Gives metrics of which only the registry's prefix is not known that of the one registry that is made in each program they are in.
pub(super) fn prefixed<'d>(drafts: impl Iterator<Item = &'d mut Draft>, customs: &[Custom], selection: &Selection) {
    let makers: BTreeSet<&str> = customs.iter().map(|c| &*c.package).collect();
    if makers.is_empty() {
        return;
    }
    let programs = selection.programs();
    for draft in drafts {
        let near =
            if makers.contains(&*draft.package) { BTreeSet::from([&*draft.package]) } else { programs.beside(&draft.package, &makers) };
        let prefixes: BTreeSet<Option<&str>> = customs.iter().filter(|c| near.contains(&*c.package)).map(|c| c.prefix.as_deref()).collect();
        let (Some(Some(prefix)), 1) = (prefixes.first(), prefixes.len()) else { continue };
        let name = draft.name.trim_start_matches('*');
        draft.name = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}_{name}") };
    }
}

/// Adds what a registry adds.
pub(super) fn put_into(draft: &mut Draft, registry: &RegistryValue) {
    let prefix: String = registry.prefix.iter().map(|part| format!("{part}_")).collect();
    draft.name.insert_str(0, &prefix);
    draft.labels.extend(labels_of(&registry.labels));
    draft.labels_complete &= registry.labels_complete;
    draft.home = Home::Given;
}

/// The definitions with what their registries add, as far as that is known.
pub(super) fn settled(drafts: Vec<Draft>, registered: &[Registered], adds_prefix: bool, adds_labels: bool) -> Vec<Draft> {
    let mut all = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let Home::Open(site) = &draft.home else {
            all.push(draft);
            continue;
        };
        let mut registries: Vec<&RegistryValue> = Vec::new();
        for one in registered.iter().filter(|r| r.is_of(site)) {
            if !registries.contains(&&one.registry) {
                registries.push(&one.registry);
            }
        }
        if registries.is_empty() {
            all.push(draft);
            continue;
        }
        all.extend(registries.into_iter().map(|registry| {
            let mut draft = draft.clone();
            put_into(&mut draft, registry);
            draft
        }));
    }
    // What is given a registry somewhere needs no guess about those who may call it elsewhere.
    let mut given: HashMap<Location, Vec<String>> = HashMap::default();
    for draft in all.iter().filter(|d| matches!(d.home, Home::Given)) {
        given.entry(draft.location.clone()).or_default().push(draft.name.clone());
    }
    let is_given = |d: &Draft| given.get(&d.location).is_some_and(|names| names.iter().any(|name| name.ends_with(&d.name)));
    all.retain(|d| !matches!(d.home, Home::Open(_)) || !is_given(d));
    for draft in all.iter_mut().filter(|d| matches!(d.home, Home::Open(_))) {
        // `*` can also stand for nothing.
        if adds_prefix {
            draft.name = format!("*{}", draft.name.trim_start_matches('*'));
        }
        draft.labels_complete &= !adds_labels;
    }
    all
}
