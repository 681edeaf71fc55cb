//! The `prometheus` crate: registration macros, constructors with options, uses of vectors.

mod uses;

use super::collect::{self, Collect, Mark};
use super::draft::{Draft, buckets_of, default_buckets, help_of, labels_of, means, name_of, unresolved};
use super::options::Options;
use super::registered::{self, Home, Registered, Site};
use super::repeats;
use super::static_metrics;
use super::ties::Ties;
use super::values::{Evaluator, RegistryValue, Scope, Value};
use super::walk::{Context, Visitor};
use super::world::TypeDef;
use crate::knowledge::libraries::{self, Action, Callable, Library, Role};
use crate::model::{MetricType, Unresolved};
use crate::source::Span;
use crate::syntax::rust::tree::{Expr, ExprKind, MacroCall, Path};

pub(super) use uses::{last_name, sets_labels, takes_away};

/// What one file defines and uses.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) drafts: Vec<Draft>,
    pub(super) unresolved: Vec<Unresolved>,
    pub(super) ties: Ties,
    pub(super) registered: Vec<Registered>,
    /// Whether a registry is made that adds a prefix.
    pub(super) adds_prefix: bool,
    /// Whether a registry is made that adds labels.
    pub(super) adds_labels: bool,
    /// Packages that make such registries, with the prefix.
    pub(super) customs: Vec<registered::Custom>,
}

impl Found {
    pub(super) fn extend(&mut self, other: Found) {
        self.drafts.extend(other.drafts);
        self.unresolved.extend(other.unresolved);
        self.ties.extend(other.ties);
        self.registered.extend(other.registered);
        self.adds_prefix |= other.adds_prefix;
        self.adds_labels |= other.adds_labels;
        self.customs.extend(other.customs);
    }
}

/// Collects from one file.
pub(super) struct Collector<'a, 'w> {
    pub(super) library: &'static Library,
    pub(super) eval: Evaluator<'a, 'w>,
    pub(super) found: Found,
    /// The family that stands in a call which is a use of it: file and place.
    listing: Option<(usize, Span)>,
}

impl<'a, 'w> Collector<'a, 'w> {
    pub(super) fn new(eval: Evaluator<'a, 'w>) -> Option<Self> {
        Some(Collector { library: libraries::get("prometheus")?, eval, found: Found::default(), listing: None })
    }

    fn define(&mut self, callable: &Callable, roles: &[Role], args: &[&'a Expr], span: Span, cx: &Context<'a, '_>) {
        let scope = Scope::of(cx, span);
        let by_role = |role: Role| roles.iter().position(|r| *r == role).and_then(|i| args.get(i).copied());
        let location = cx.location(span);
        let mut options = match by_role(Role::Options) {
            Some(expr) => match self.options(expr, &scope, 0) {
                Ok(options) => options,
                Err(reason) => {
                    self.found.unresolved.push(unresolved(self.library, reason, location));
                    return;
                }
            },
            None => {
                let value = |role| by_role(role).map_or(Value::Absent, |e| self.eval.value(e, &scope));
                Options::new(value(Role::Name), value(Role::Help))
            }
        };
        if let Some(expr) = by_role(Role::Labels) {
            let (labels, complete) = labels_of(&self.eval.value(expr, &scope));
            options.labels_complete &= complete;
            options.labels.extend(labels);
        }
        if let Some(expr) = by_role(Role::Buckets) {
            options.buckets = Some(buckets_of(&self.eval.value(expr, &scope), Some(cx.location(expr.span))));
        }
        if let Some(ExprKind::Path(path)) = by_role(Role::Value).map(|e| &e.kind) {
            static_metrics::bound(&mut options.labels, path.last(), cx.file, cx.world);
        }
        let order = by_role(Role::Labels).map(|e| labels_of(&self.eval.value(e, &scope)));
        for name in options.full_names() {
            match name_of(name) {
                Ok(name) => {
                    let given = by_role(Role::Type).map(|e| match &e.kind {
                        ExprKind::Path(path) => MetricType::parse(&path.last().to_lowercase()),
                        _ => MetricType::Unknown,
                    });
                    let kind = given.unwrap_or(callable.kind());
                    let mut draft = Draft::new(self.library, name, kind, span, cx);
                    draft.uncalled = self.eval.gave_up();
                    draft.help = help_of(&options.help);
                    draft.labels = options.labels.clone();
                    draft.labels_complete = options.labels_complete;
                    draft.label_order = match &order {
                        Some((labels, true)) => labels.iter().map(|l| l.name.clone()).collect(),
                        _ => Vec::new(),
                    };
                    if kind == MetricType::Histogram {
                        draft.buckets = options.buckets.clone().unwrap_or_else(|| default_buckets(self.library));
                    }
                    let default_registry =
                        !roles.contains(&Role::Registry) && roles.len() == args.len() && callable.name.starts_with("register_");
                    draft.exclusive &= default_registry;
                    if draft.exclusive && args.first().is_some_and(|name| matches!(name.kind, ExprKind::Lit(_))) {
                        draft.again = repeats::again(cx);
                    }
                    if !default_registry {
                        draft.home = Home::Open(Site::of(span, cx));
                    }
                    if let Some(registry) = by_role(Role::Registry).and_then(|e| RegistryValue::of(&self.eval.value(e, &scope))) {
                        registered::put_into(&mut draft, &registry);
                    }
                    self.found.drafts.push(draft);
                }
                Err(reason) => self.found.unresolved.push(unresolved(self.library, reason, location.clone()).named(options.pattern())),
            }
        }
    }
}

impl<'a, 'w> Collect<'a, 'w> for Collector<'a, 'w> {
    fn mark(&self) -> Mark {
        let found = &self.found;
        [found.drafts.len(), found.unresolved.len(), found.ties.uses.len(), found.ties.escaped.len(), found.registered.len()]
    }

    fn rewind(&mut self, [drafts, unresolved, uses, escaped, registered]: Mark) {
        self.found.registered.truncate(registered);
        self.found.drafts.truncate(drafts);
        self.found.unresolved.truncate(unresolved);
        self.found.ties.uses.truncate(uses);
        self.found.ties.escaped.truncate(escaped);
    }

    fn eval(&self) -> &Evaluator<'a, 'w> {
        &self.eval
    }

    fn give(&mut self, into: &mut collect::Found) {
        into.prometheus.extend(std::mem::take(&mut self.found));
    }
}

impl<'a> Visitor<'a> for Collector<'a, '_> {
    fn expr(&mut self, expr: &'a Expr, cx: &Context<'a, '_>) {
        match &expr.kind {
            ExprKind::Call(callee, args) => {
                let ExprKind::Path(path) = &callee.kind else { return };
                self.family_made(path, expr.span, cx);
                let constructor = path.last();
                // `Struct::from(&FAMILY)`
                if let ("from", Some(ty), [family @ Expr { kind: ExprKind::Reference(_), .. }]) =
                    (constructor, second_last(path), args.as_slice())
                {
                    self.lists(family, ty, expr.span, cx);
                }
                if constructor == "new_custom" && second_last(path) == Some("Registry") {
                    let adds = |arg: &Expr| !matches!(&arg.kind, ExprKind::Path(path) if path.as_ident() == Some("None"));
                    self.found.adds_prefix |= args.first().is_some_and(adds);
                    self.found.adds_labels |= args.iter().skip(1).any(adds);
                    self.found.customs.extend(registered::Custom::see(args, expr.span, &self.eval, cx));
                }
                if let ("register", [metric]) = (constructor, args.as_slice())
                    && cx.world.customizes_registries()
                    && cx.world.full_path(cx.file, &path.names().collect::<Vec<_>>()).first().is_some_and(|root| self.library.owns(root))
                {
                    self.found.registered.extend(Registered::by_default(metric, expr.span, &self.eval, cx));
                }
                if !matches!(constructor, "new" | "with_opts") {
                    return;
                }
                let named = second_last(path).and_then(|ty| self.library.type_named(self.real_name(ty, cx)));
                let named = named.filter(|callable| means(self.library, callable, path, cx, false));
                let Some(callable) = named.or_else(|| self.aliased(second_last(path)?, cx)) else { return };
                let args: Vec<&'a Expr> = args.iter().collect();
                let roles = match (constructor, args.len()) {
                    ("with_opts", 1) => &[Role::Options][..],
                    ("new", count) => match self.library.roles(callable, count) {
                        Some(roles) => roles,
                        None => return,
                    },
                    _ => return,
                };
                self.define(callable, roles, &args, expr.span, cx);
            }
            ExprKind::MethodCall(call) if call.method.as_str() == "register" && cx.world.customizes_registries() => {
                self.found.registered.extend(Registered::see(call, expr.span, &self.eval, cx));
            }
            ExprKind::MethodCall(call) if call.method.as_str() == "set_name" => self.family_named(call, expr.span, cx),
            ExprKind::MethodCall(call) if sets_labels(call.method.as_str()) => self.used(call, expr.span, cx),
            ExprKind::Path(path) => self.mentioned(self.real_name(path.last(), cx), expr, cx),
            ExprKind::Field(_, name) => self.mentioned(name.as_str(), expr, cx),
            _ => {}
        }
    }

    fn macro_call(&mut self, call: &'a MacroCall, span: Span, cx: &Context<'a, '_>) {
        let Some(callable) = self.library.macro_named(call.path.last()) else { return };
        if !means(self.library, callable, &call.path, cx, true) {
            return;
        }
        let args: Vec<&'a Expr> = call.args.iter().filter(|a| a.key.is_none()).filter_map(|a| a.value.as_ref()).collect();
        if callable.action == Action::Listed {
            if let [family, Expr { kind: ExprKind::Path(ty), .. }] = args.as_slice() {
                self.lists(family, ty.last(), span, cx);
            }
            return;
        }
        let span = call.path.segments.first().map_or(span, |s| Span { start: s.name.span.start, end: call.body.end.saturating_add(1) });
        match self.library.roles(callable, args.len()) {
            Some(roles) if call.is_list => self.define(callable, roles, &args, span, cx),
            _ => {
                let reason = format!("`{}!` has arguments of a form that is not known", callable.name);
                self.found.unresolved.push(unresolved(self.library, reason, cx.location(span)));
            }
        }
    }
}

impl<'a> Collector<'a, '_> {
    /// The library's type that an alias of the tree stands for: `type Counter = GenericCounter<AtomicU64>`.
    fn aliased(&self, ty: &str, cx: &Context<'a, '_>) -> Option<&'static Callable> {
        let found = cx.world.type_def(cx.file, &[ty])?;
        let TypeDef::Alias(aliased) = found.kind else { return None };
        let path = aliased.path()?;
        let full = cx.world.full_path(found.place.file, &path.names().collect::<Vec<_>>());
        let callable = self.library.type_named(full.last()?)?;
        (callable.distinctive || self.library.owns(full.first()?)).then_some(callable)
    }

    /// The name that a type had before a `use .. as ..`.
    fn real_name<'n>(&self, ty: &'n str, cx: &Context<'a, '_>) -> &'n str
    where
        'a: 'n,
    {
        cx.world.full_path(cx.file, &[ty]).last().copied().unwrap_or(ty)
    }
}

/// The segment before the last.
pub(super) fn second_last(path: &Path) -> Option<&str> {
    path.names().rev().nth(1)
}
