//! The `prometheus-client` crate: metrics given to a registry, whose type says what they are.
//!
//! The name is in the call, type and labels are in the metric's Rust type, the prefix is in the registry. `shape` reads types.

mod collectors;
mod held;
mod registry;
mod shape;
mod taken;

use std::collections::{HashMap, HashSet};

use super::collect::{self, Collect, Mark};
use super::draft::{Draft, help_of, name_of, unresolved};
use super::prometheus::last_name;
use super::types::type_of;
use super::values::{Evaluator, Scope, Value};
use super::walk::{Context, Origin, Visitor};
use super::world::FunctionAt;
use crate::knowledge::libraries::{self, Callable, Library, Role};
use crate::model::{Buckets, MetricType, Unresolved};
use crate::source::Span;
use crate::syntax::rust::tree::{Expr, ExprKind, MacroCall, MethodCall, Path};

pub(super) use held::{Held, families};
pub(super) use registry::{Registry, labels_of};

/// Struct literals that take over a local variable: (function, variable) to (type, field).
#[derive(Debug, Default)]
pub(super) struct Literals<'a> {
    fields: HashMap<(u32, &'a str), (&'a str, FieldAt<'a>)>,
}

/// A field of a struct.
#[derive(Clone, Copy, Debug)]
enum FieldAt<'a> {
    Named(&'a str),
    /// Of a tuple struct.
    Numbered(usize),
}

impl<'a> Visitor<'a> for Literals<'a> {
    fn expr(&mut self, expr: &'a Expr, cx: &Context<'a, '_>) {
        let own = |path: &'a Path| if path.last() == "Self" { cx.self_ty.unwrap_or_default() } else { path.last() };
        let mut take = |ty: &'a str, field: FieldAt<'a>, value: &'a Expr| {
            if let Some(name) = super::prometheus::last_name(value) {
                self.fields.entry((function_of(cx), name)).or_insert((ty, field));
            }
        };
        match &expr.kind {
            ExprKind::Struct(made) => {
                made.fields.iter().for_each(|(field, value)| take(own(&made.path), FieldAt::Named(field.as_str()), value));
            }
            ExprKind::Call(callee, args) => {
                if let ExprKind::Path(path) = &callee.kind
                    && path.last().starts_with(char::is_uppercase)
                {
                    args.iter().enumerate().for_each(|(at, value)| take(own(path), FieldAt::Numbered(at), value));
                }
            }
            _ => {}
        }
    }

    fn macro_call(&mut self, _: &'a MacroCall, _: Span, _: &Context<'a, '_>) {}
}

fn function_of(cx: &Context<'_, '_>) -> u32 {
    cx.functions.last().map_or(0, |(item, _)| item.name.span.start)
}

/// What one file registers.
#[derive(Debug, Default)]
pub(super) struct Found {
    drafts: Vec<Draft>,
    pub(super) unresolved: Vec<Unresolved>,
    /// Whether a prefix is added to some registry.
    prefixed: bool,
    /// Whether a registry is made with a prefix.
    made_with_prefix: bool,
    descriptors: Vec<collectors::Descriptor>,
    registered: Vec<collectors::Registered>,
    members: Vec<collectors::Member>,
}

impl Found {
    pub(super) fn extend(&mut self, other: Found) {
        self.drafts.extend(other.drafts);
        self.unresolved.extend(other.unresolved);
        self.prefixed |= other.prefixed;
        self.made_with_prefix |= other.made_with_prefix;
        self.descriptors.extend(other.descriptors);
        self.registered.extend(other.registered);
        self.members.extend(other.members);
    }

    /// What is defined, before it is known what each registry adds.
    pub(super) fn drafts(&self) -> impl Iterator<Item = &Draft> {
        self.drafts.iter()
    }

    /// The definitions under their exposed names.
    pub(super) fn join(&self) -> Vec<Draft> {
        let mut all = Vec::with_capacity(self.drafts.len());
        let collected = collectors::join(&self.descriptors, &self.registered, &self.members);
        let place = |d: &Draft| (d.location.path.clone(), d.location.span.start);
        let given = |d: &&Draft| d.registry.as_ref().is_some_and(|r| !r.unknown);
        // What is given a registry somewhere needs no guess about those who may call it elsewhere.
        let known: HashSet<_> = self.drafts.iter().filter(given).map(place).collect();
        for draft in self.drafts.iter().chain(&collected) {
            let Some(given) = &draft.registry else { continue };
            if given.unknown && known.contains(&place(draft)) {
                continue;
            }
            let mut prefix = given.prefix.clone();
            // Nobody is seen to give this registry, and somebody in the tree adds prefixes: it may have one.
            if given.unknown && if prefix.is_empty() { self.prefixed } else { self.made_with_prefix } {
                prefix.insert(0, "*".to_owned());
            }
            let mut draft = draft.clone();
            let prefix = prefix.join("_");
            if !prefix.is_empty() {
                // `*` can also stand for nothing.
                let between = if prefix == "*" { "" } else { "_" };
                draft.name = format!("{prefix}{between}{}", draft.name);
            }
            draft.labels.extend(given.labels.clone());
            draft.labels_complete &= !given.more_labels;
            all.push(draft);
        }
        all
    }
}

/// Collects from one file.
pub(super) struct Collector<'a, 'w> {
    library: &'static Library,
    pub(super) eval: Evaluator<'a, 'w>,
    pub(super) literals: Literals<'a>,
    pub(super) found: Found,
}

impl<'a, 'w> Collector<'a, 'w> {
    /// `None` where the file's package does not use the library.
    pub(super) fn new(eval: Evaluator<'a, 'w>, file: usize) -> Option<Self> {
        let library = libraries::get("prometheus-client")?;
        let world = eval.world;
        let used = world.mentions(world.package(file), &library.crates) || world.has_words_of(file, &library.name);
        used.then(|| Collector { library, eval, literals: Literals::default(), found: Found::default() })
    }

    fn define(&mut self, roles: &[Role], call: &'a MethodCall, span: Span, cx: &Context<'a, '_>) {
        let MethodCall { receiver, method, args, .. } = call;
        let scope = Scope::of(cx, span);
        let by_role = |role: Role| roles.iter().position(|r| *r == role).and_then(|i| args.get(i));
        let (Some(name), Some(help), Some(metric)) = (by_role(Role::Name), by_role(Role::Help), by_role(Role::Metric)) else { return };
        let location = cx.location(span);
        let name = self.eval.value(name, &scope);
        let help = self.eval.value(help, &scope);
        // Another `register` with as many arguments.
        if !matches!(name, Value::Text(_) | Value::Unknown(_)) || matches!(help, Value::Number(_) | Value::Bool(_) | Value::List(_)) {
            return;
        }
        let (metric, place) = self.given_metric(metric, &scope, cx);
        let at = place.as_ref().unwrap_or(cx);
        let shape = match self.shape_of(metric, &Scope::of(at, metric.span), at, 0) {
            Some(open) if open.kind == MetricType::Unknown => self.taken_as(at).or(Some(open)),
            shape => shape,
        };
        let shape = shape.map(|shape| self.labelled(shape, at));
        let known = matches!(name, Value::Text(_));
        let mut name = match name_of(name) {
            Ok(name) => name,
            Err(reason) => {
                if shape.is_some() {
                    self.found.unresolved.push(unresolved(self.library, reason, location));
                }
                return;
            }
        };
        let unit = by_role(Role::Unit).map(|e| self.unit(e, &scope));
        let Some(shape) = shape.filter(|s| s.kind != MetricType::Unknown) else {
            if known {
                let reason = format!("`{}` is registered, but the type of the metric is not known", name.text);
                self.found.unresolved.push(unresolved(self.library, reason, location).named(format!("*{}*", name.text)));
            }
            return;
        };
        let word = match unit {
            Some(Some(word)) => Some(word),
            Some(None) => {
                let one = unresolved(self.library, "the unit, which ends the name, is not known".into(), location);
                self.found.unresolved.push(one.named(format!("*{}_*", name.text)));
                return;
            }
            None => None,
        };
        if let Some(word) = &word {
            name.text = format!("{}_{word}", name.text);
        }
        if shape.kind == MetricType::Counter {
            name.text.push_str(self.library.naming.counter_suffix.as_deref().unwrap_or_default());
        }
        name.text.push_str(shape.suffix.as_deref().unwrap_or_default());
        let mut draft = Draft::new(self.library, name, shape.kind, span, cx);
        draft.exclusive = false;
        draft.held = self.held(metric, cx);
        draft.handle = last_name(metric).map(str::to_owned).or(draft.handle);
        draft.help = help_of(&help);
        draft.unit = word;
        draft.labels = shape.labels;
        draft.labels_complete = shape.complete;
        if shape.kind == MetricType::Histogram {
            draft.buckets = shape.buckets.unwrap_or(Buckets::RunTime { count: None, location: None });
        }
        draft.registry = Some(if self.is_anybodys(receiver, method.as_str(), cx) {
            // Those who have the trait put before the name, and add as labels, what they like.
            draft.labels_complete = false;
            Registry::any()
        } else {
            self.registry_of(receiver, &scope)
        });
        self.found.drafts.push(draft);
    }

    /// The metric that is registered, where it is a parameter of any type: what the caller gives, and where that stands.
    fn given_metric<'p>(&self, metric: &'a Expr, scope: &Scope<'a, '_>, cx: &Context<'a, 'p>) -> (&'a Expr, Option<Context<'a, 'p>>) {
        let (mut metric, mut place) = (metric, None);
        for _ in 0..=cx.frames.len() {
            let at: &Context<'a, 'p> = place.as_ref().unwrap_or(cx);
            let here = Scope::of(at, metric.span);
            // An element of a tuple that the caller gives: `metric.2`.
            let (whole, element) = match &metric.kind {
                ExprKind::Field(whole, index) => (&**whole, index.as_str().parse::<usize>().ok()),
                _ => (metric, None),
            };
            let Some((binding, inner)) = variable(whole).and_then(|name| here.binding(name)) else { break };
            let Origin::Param(parameter) = binding.origin else { break };
            let known = binding.ty.filter(|_| element.is_none()).and_then(|ty| self.of_type(ty, binding.file, 0));
            if known.is_some_and(|shape| shape.kind != MetricType::Unknown) {
                break;
            }
            let Some((given, outer)) = self.eval.argument(parameter, &inner) else { break };
            let Some(level) = scope.frames.iter().find(|l| l.callable == parameter.callable) else { break };
            let next = Context { world: cx.world, here: (*level.from).clone(), frames: outer.frames.into() };
            let given = match (&given.kind, element) {
                (_, None) => given,
                (ExprKind::Tuple(parts), Some(index)) => match parts.get(index) {
                    Some(part) => part,
                    None => break,
                },
                _ => break,
            };
            (metric, place) = (given, Some(next));
        }
        (metric, place)
    }

    fn unit(&self, expr: &'a Expr, scope: &Scope<'a, '_>) -> Option<String> {
        if let Some((binding, inner)) = variable(expr).and_then(|name| scope.binding(name)) {
            return match binding.origin {
                Origin::Param(parameter) => {
                    let (given, outer) = self.eval.argument(parameter, &inner)?;
                    self.unit(given, &outer)
                }
                Origin::Let => self.unit(binding.init?, &inner),
                _ => None,
            };
        }
        match &expr.kind {
            ExprKind::Path(path) => self.library.units.get(path.last()).cloned(),
            ExprKind::Call(callee, args) => match (&callee.kind, args.as_slice()) {
                (ExprKind::Path(path), [text]) if path.last() == "Other" => match self.eval.value(text, scope) {
                    Value::Text(text) if text.known => Some(text.text),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether a method is one of a type of the tree, whose body tells what it does.
    fn is_own(&self, call: &'a MethodCall, cx: &Context<'a, '_>) -> bool {
        let ty = type_of(cx.world, &call.receiver, &cx.here);
        ty.is_some_and(|ty| cx.world.methods(ty.name, call.method.as_str()).iter().any(|f| f.function.body.is_some()))
    }

    /// Whether an object is known by a trait of the tree alone, so that what it does with what is registered is up to whoever has
    /// the trait: a type parameter, `impl Trait`, `self` in the trait.
    fn is_anybodys(&self, receiver: &'a Expr, method: &str, cx: &Context<'a, '_>) -> bool {
        let world = cx.world;
        let is_trait = |file: usize, name: &str| world.full_path(file, &[name]).last().is_some_and(|name| world.shared.contains(name));
        let declared = |f: &FunctionAt<'a>| f.place.owner.is_some_and(|owner| world.shared.contains(owner));
        if !world.with_name(method).any(|f| declared(&f)) {
            return false;
        }
        let Some(ty) = type_of(world, receiver, &cx.here) else { return false };
        let bound = cx.functions.iter().rev().flat_map(|(_, f)| &f.generics).find(|(name, _)| name.as_str() == ty.name);
        match bound {
            Some((_, bound)) => is_trait(cx.file, bound.last()),
            // A parameter of the implementation around.
            None => is_trait(ty.file, ty.name) || ty.name.len() == 1 && world.type_def(ty.file, &[ty.name]).is_none(),
        }
    }

    fn roles(&self, callable: &Callable, count: usize) -> Option<&'static [Role]> {
        self.library.roles(callable, count)
    }
}

impl<'a, 'w> Collect<'a, 'w> for Collector<'a, 'w> {
    fn mark(&self) -> Mark {
        let found = &self.found;
        [found.drafts.len(), found.unresolved.len(), found.descriptors.len(), found.registered.len(), found.members.len()]
    }

    fn rewind(&mut self, [drafts, unresolved, descriptors, registered, members]: Mark) {
        self.found.drafts.truncate(drafts);
        self.found.unresolved.truncate(unresolved);
        self.found.descriptors.truncate(descriptors);
        self.found.registered.truncate(registered);
        self.found.members.truncate(members);
    }

    fn eval(&self) -> &Evaluator<'a, 'w> {
        &self.eval
    }

    fn give(&mut self, into: &mut collect::Found) {
        into.client.extend(std::mem::take(&mut self.found));
    }
}

impl<'a> Visitor<'a> for Collector<'a, '_> {
    fn expr(&mut self, expr: &'a Expr, cx: &Context<'a, '_>) {
        match &expr.kind {
            ExprKind::MethodCall(call) => {
                if let Some(callable) = self.library.method_named(call.method.as_str())
                    && let Some(roles) = self.roles(callable, call.args.len())
                    && !self.is_own(call, cx)
                {
                    self.define(roles, call, expr.span, cx);
                    return;
                }
                self.found.prefixed |= call.method.as_str() == "sub_registry_with_prefix";
                self.collected(call, expr.span, cx);
            }
            ExprKind::Call(callee, _) => {
                if let ExprKind::Path(path) = &callee.kind {
                    let made = matches!(path.last(), "with_prefix" | "with_prefix_and_labels") && path.names().any(|n| n == "Registry");
                    self.found.prefixed |= path.last() == "with_prefix";
                    self.found.made_with_prefix |= made;
                }
            }
            _ => {}
        }
    }

    fn macro_call(&mut self, _: &'a MacroCall, _: Span, _: &Context<'a, '_>) {}
}

/// The variable that an expression is, also a copy of it, a reference to it or a box around it.
fn variable(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Path(path) => path.as_ident(),
        ExprKind::Reference(inner) => variable(inner),
        ExprKind::MethodCall(call) if matches!(call.method.as_str(), "clone" | "into") && call.args.is_empty() => variable(&call.receiver),
        ExprKind::Call(callee, args) => match (&callee.kind, args.as_slice()) {
            (ExprKind::Path(path), [inner]) if path.names().eq(["Box", "new"]) => variable(inner),
            _ => None,
        },
        _ => None,
    }
}
