//! The `prometheus` crate: registration macros, constructors with options, uses of vectors.

mod uses;

use std::collections::BTreeSet;

use super::collect::{self, Collect, Mark};
use super::draft::{Draft, buckets_of, default_buckets, help_of, label, labels_of, literals, means, name_of, unresolved};
use super::prometheus_client::labels_of as labels_of_pairs;
use super::registered::{self, Home, Registered, Site};
use super::repeats;
use super::static_metrics;
use super::ties::Ties;
use super::values::{self, Evaluator, RegistryValue, Scope, Text, Value};
use super::walk::{Context, Origin, Visitor};
use crate::knowledge::libraries::{self, Action, Callable, Library, Role};
use crate::model::{Bound, Buckets, Label, MetricType, Unresolved};
use crate::source::Span;
use crate::syntax::rust::tree::{Expr, ExprKind, MacroCall, Path, Stmt};

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

/// Name, help and the rest of an options value.
struct Options {
    parts: Vec<Value>,
    name: Value,
    help: Value,
    labels: Vec<Label>,
    labels_complete: bool,
    buckets: Option<Buckets>,
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

    /// Reads `opts!(..)`, `Opts::new(..).namespace(..)`, a variable that holds one, and so on.
    fn options(&self, expr: &'a Expr, scope: &Scope<'a, '_>, depth: usize) -> Result<Options, String> {
        if depth > 50 {
            return Err("the options are put together in too many steps".into());
        }
        let value = |e: &'a Expr| self.eval.value(e, scope);
        match &expr.kind {
            ExprKind::Reference(inner) | ExprKind::Try(inner) => self.options(inner, scope, depth + 1),
            ExprKind::Macro(call) if matches!(call.path.last(), "opts" | "histogram_opts") => {
                let args: Vec<&'a Expr> = call.args.iter().filter(|a| a.key.is_none()).filter_map(|a| a.value.as_ref()).collect();
                let (Some(name), Some(help)) = (args.first(), args.get(1)) else { return Err("the options have no name".into()) };
                let mut options = Options::new(value(name), value(help));
                let mut rest = args.iter().skip(2);
                if call.is("histogram_opts")
                    && let Some(buckets) = rest.next()
                {
                    options.buckets = Some(buckets_of(&value(buckets), Some(self.eval.location(scope.file, buckets.span))));
                }
                for labels in rest {
                    options.const_labels(labels, self, scope);
                }
                Ok(options)
            }
            ExprKind::Call(callee, args) => {
                let ExprKind::Path(path) = &callee.kind else { return Err("the options are the result of a call".into()) };
                match (second_last(path), path.last(), args.as_slice()) {
                    (Some("Opts" | "HistogramOpts"), "new", [name, help]) => Ok(Options::new(value(name), value(help))),
                    (Some("HistogramOpts" | "Opts"), "from", [inner]) => self.options(inner, scope, depth + 1),
                    _ => self
                        .eval
                        .in_function(path, args, scope, |tail, inner| self.options(tail, inner, depth + 1))
                        .unwrap_or_else(|| Err(format!("the options are the result of `{}(..)`", path.last()))),
                }
            }
            ExprKind::MethodCall(call) => {
                let mut options = self.options(&call.receiver, scope, depth + 1)?;
                match (call.method.as_str(), call.args.as_slice()) {
                    ("namespace", [part]) => options.part(0, value(part)),
                    ("subsystem", [part]) => options.part(1, value(part)),
                    ("const_label", [name, given]) => match value(name) {
                        Value::Text(text) if text.known => {
                            let mut label = label(&text);
                            if let Some(values) = literals(&value(given)) {
                                label.bound = Bound::of_values(values);
                            }
                            options.labels.push(label);
                        }
                        _ => options.labels_complete = false,
                    },
                    ("variable_label", [name]) => match value(name) {
                        Value::Text(text) if text.known => options.labels.push(label(&text)),
                        _ => options.labels_complete = false,
                    },
                    ("variable_labels", [names]) => {
                        let (labels, complete) = labels_of(&value(names));
                        options.labels.extend(labels);
                        options.labels_complete &= complete;
                    }
                    ("const_labels", [labels]) => options.const_labels(labels, self, scope),
                    ("buckets", [buckets]) => {
                        options.buckets = Some(buckets_of(&value(buckets), Some(self.eval.location(scope.file, buckets.span))));
                    }
                    ("into" | "clone" | "unwrap", []) | ("expect", [_]) => {}
                    (name, _) => return Err(format!("the options pass through `.{name}(..)`")),
                }
                Ok(options)
            }
            ExprKind::Block(block) => {
                let last = values::tail(block).ok_or("the options are put together at run time")?;
                self.options(last, &scope.at_tail(&self.eval.bindings_in(block, scope), last), depth + 1)
            }
            ExprKind::Match(value, arms) => match self.eval.taken(value, arms, scope) {
                Some(arm) => self.options(&arm.body, scope, depth + 1),
                None => self.one_of(arms.iter().map(|a| &a.body), scope, depth),
            },
            ExprKind::If(cond, then, otherwise) => {
                let decided = self.eval.holds(cond, scope);
                if let (Some(false), Some(other)) = (decided, otherwise) {
                    return self.options(other, scope, depth + 1);
                }
                let last = values::tail(then).ok_or("the options are put together at run time")?;
                let bindings = values::bound_by(cond, scope);
                let inner = scope.among(&bindings);
                let first = self.options(last, &inner.at_tail(&self.eval.bindings_in(then, &inner), last), depth + 1)?;
                match otherwise {
                    Some(other) if decided.is_none() => Ok(first.or(self.options(other, scope, depth + 1)?)),
                    _ => Ok(first),
                }
            }
            ExprKind::Struct(made) if made.path.last() == "HistogramOpts" => {
                let field = |name: &str| made.fields.iter().find(|(n, _)| n.as_str() == name).map(|(_, v)| v);
                let common = field("common_opts").ok_or("the options have no name")?;
                let mut options = self.options(common, scope, depth + 1)?;
                if let Some(buckets) = field("buckets") {
                    options.buckets = Some(buckets_of(&value(buckets), Some(self.eval.location(scope.file, buckets.span))));
                }
                Ok(options)
            }
            ExprKind::Path(path) => {
                let name = path.as_ident().unwrap_or_default();
                match scope.binding(name) {
                    Some((binding, inner)) => match (binding.origin, binding.init) {
                        (Origin::Let, Some(init)) => {
                            let mut options = self.options(init, &inner, depth + 1)?;
                            // `options.buckets = ..`
                            let later = binding.after.into_iter().flat_map(|(block, next)| block.stmts.iter().skip(next));
                            for (field, set) in later.filter_map(|stmt| assigned(stmt, name)) {
                                match field {
                                    "buckets" => {
                                        options.buckets = Some(buckets_of(&value(set), Some(self.eval.location(scope.file, set.span))));
                                    }
                                    "namespace" => options.part(0, value(set)),
                                    "subsystem" => options.part(1, value(set)),
                                    "const_labels" => options.const_labels(set, self, scope),
                                    "variable_labels" => {
                                        let (labels, complete) = labels_of(&value(set));
                                        options.labels.extend(labels);
                                        options.labels_complete &= complete;
                                    }
                                    _ => {}
                                }
                            }
                            Ok(options)
                        }
                        (Origin::Param(parameter), _) => match self.eval.argument(parameter, &inner) {
                            Some((argument, outer)) => self.options(argument, &outer, depth + 1),
                            None => Err(format!("the options are the parameter `{name}` of `fn {}`", parameter.function)),
                        },
                        _ => Err(format!("the options are the variable `{name}`")),
                    },
                    None => Err(format!("the options are `{}`", path.last())),
                }
            }
            _ => Err("the options are put together at run time".into()),
        }
    }

    /// Options that one of several expressions gives.
    fn one_of(&self, all: impl Iterator<Item = &'a Expr>, scope: &Scope<'a, '_>, depth: usize) -> Result<Options, String> {
        let mut result: Option<Options> = None;
        for expr in all.filter(|e| !values::diverges(e)) {
            let options = self.options(expr, scope, depth + 1)?;
            result = Some(match result {
                Some(first) => first.or(options),
                None => options,
            });
        }
        result.ok_or_else(|| "the options are put together at run time".into())
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
                if !matches!(constructor, "new" | "with_opts") {
                    return;
                }
                let Some(callable) = second_last(path).and_then(|ty| self.library.type_named(self.real_name(ty, cx))) else { return };
                if !means(self.library, callable, path, cx, false) {
                    return;
                }
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
    /// The name that a type had before a `use .. as ..`.
    fn real_name<'n>(&self, ty: &'n str, cx: &Context<'a, '_>) -> &'n str
    where
        'a: 'n,
    {
        cx.world.full_path(cx.file, &[ty]).last().copied().unwrap_or(ty)
    }
}

impl Options {
    fn new(name: Value, help: Value) -> Self {
        Options { parts: vec![Value::Absent, Value::Absent], name, help, labels: Vec::new(), labels_complete: true, buckets: None }
    }

    /// These, where others may be given in their place.
    fn or(mut self, other: Options) -> Options {
        let texts = |o: &Options| match o.full_name(&o.name) {
            Value::Text(text) => text.text,
            _ => String::new(),
        };
        if texts(&self) != texts(&other) {
            self.name = values::one_of(vec![self.full_name(&self.name), other.full_name(&other.name)]);
            self.parts = vec![Value::Absent, Value::Absent];
        }
        if help_of(&self.help) != help_of(&other.help) {
            self.help = Value::unknown("one of several");
        }
        let names = |all: &[Label]| all.iter().map(|l| l.name.clone()).collect::<BTreeSet<String>>();
        self.labels_complete &= other.labels_complete && names(&self.labels) == names(&other.labels);
        let own = names(&self.labels);
        self.labels.extend(other.labels.into_iter().filter(|l| !own.contains(&l.name)));
        let bounds = |o: &Option<Buckets>| o.as_ref().and_then(Buckets::bounds).map(<[f64]>::to_vec);
        if bounds(&self.buckets) != bounds(&other.buckets) {
            self.buckets = Some(Buckets::RunTime { count: None, location: None });
        }
        self
    }

    fn part(&mut self, at: usize, value: Value) {
        if let Some(slot) = self.parts.get_mut(at) {
            *slot = value;
        }
    }

    fn const_labels<'a>(&mut self, expr: &'a Expr, collector: &Collector<'a, '_>, scope: &Scope<'a, '_>) {
        let pairs = match collector.eval.value(expr, scope) {
            Value::List(pairs) => pairs,
            Value::Absent => return,
            _ => {
                self.labels_complete = false;
                return;
            }
        };
        self.labels_complete &= pairs.iter().all(|p| matches!(p, Value::Tuple(pair) if pair.first().is_some_and(Value::is_known)));
        self.labels.extend(labels_of_pairs(&pairs));
    }

    /// What the name can be, by what is known of namespace and subsystem. A registry may put a prefix before it.
    fn pattern(&self) -> String {
        let known = |part: &Value| match part {
            Value::Text(text) if !text.text.is_empty() => Some(format!("{}_", text.text)),
            Value::Absent => None,
            _ => Some("*".to_owned()),
        };
        format!("*{}*", self.parts.iter().filter_map(known).collect::<String>())
    }

    /// Namespace, subsystem and name, joined; for each name where one of several is chosen at run time.
    fn full_names(&self) -> Vec<Value> {
        match &self.name {
            Value::OneOf(all) if all.iter().all(|v| matches!(v, Value::Text(_))) => all.iter().map(|name| self.full_name(name)).collect(),
            name => vec![self.full_name(name)],
        }
    }

    fn full_name(&self, name: &Value) -> Value {
        let Value::Text(name) = name else { return name.clone() };
        let mut full =
            Text { text: String::new(), known: name.known, location: name.location.clone(), left: name.left, made: name.made.clone() };
        for part in &self.parts {
            match part {
                Value::Absent => {}
                Value::Text(part) if part.text.is_empty() => {}
                Value::Text(part) => {
                    full.text.push_str(&part.text);
                    full.text.push('_');
                    full.known &= part.known;
                }
                _ => {
                    full.text.push_str("*_");
                    full.known = false;
                }
            }
        }
        full.text.push_str(&name.text);
        Value::Text(full)
    }
}

/// The field of a variable, or of a field of it, that a statement sets, and to what.
fn assigned<'a>(stmt: &'a Stmt, variable: &str) -> Option<(&'a str, &'a Expr)> {
    let Stmt::Expr(Expr { kind: ExprKind::Assign(place, value), .. }, _) = stmt else { return None };
    let ExprKind::Field(base, field) = &place.kind else { return None };
    let whole = match &base.kind {
        ExprKind::Field(outer, _) => outer,
        _ => base,
    };
    matches!(&whole.kind, ExprKind::Path(path) if path.as_ident() == Some(variable)).then_some((field.as_str(), &**value))
}

/// The segment before the last.
fn second_last(path: &Path) -> Option<&str> {
    path.names().rev().nth(1)
}
