//! Registries: the prefix and the labels that they add, followed through local variables and through calls.

use super::RegistryLabels;
use crate::extract::rust::draft::{label, literals};
use crate::extract::rust::values::{Evaluator, Scope, Value};
use crate::extract::rust::walk::{Context, Origin};
use crate::model::Bound;
use crate::syntax::rust::tree::{Expr, ExprKind};

/// How far a registry is followed through calls.
const MAX_CALLS: usize = 5;
/// Different registries that one parameter may stand for.
const MAX_REGISTRIES: usize = 16;

/// Where a registry begins.
#[derive(Clone, Debug, PartialEq)]
enum Start {
    /// A new one, or one about which nothing says that it has a prefix.
    Root,
    /// A parameter of a function: package, the type that owns it, its name, position.
    Param { package: String, owner: Option<String>, function: String, index: usize },
}

/// What is known of a registry.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Registry {
    start: Start,
    added: Added,
}

/// What a registry adds to its metrics.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Added {
    /// Prefixes, the outermost first; `*` for one that is not known.
    pub(crate) prefixes: Vec<String>,
    /// Labels.
    pub(crate) labels: RegistryLabels,
    /// Whether those are all.
    pub(crate) labels_complete: bool,
}

impl Registry {
    fn root() -> Registry {
        Registry { start: Start::Root, added: Added { labels_complete: true, ..Added::default() } }
    }
}

/// A registry that is passed to a function.
#[derive(Clone, Debug)]
pub(crate) struct Passed {
    owner: Option<String>,
    function: String,
    index: usize,
    registry: Registry,
}

/// The registry that an expression stands for.
pub(super) fn of_expr<'a>(expr: &'a Expr, eval: &Evaluator<'a, '_>, scope: &Scope<'a, '_>, cx: &Context<'a, '_>, depth: usize) -> Registry {
    if depth > 24 {
        return Registry::root();
    }
    match &expr.kind {
        ExprKind::Reference(inner) | ExprKind::Unary(_, inner) | ExprKind::Try(inner) | ExprKind::Await(inner) => {
            of_expr(inner, eval, scope, cx, depth + 1)
        }
        ExprKind::Path(path) => {
            let Some((binding, inner)) = path.as_ident().and_then(|name| scope.binding(name)) else { return Registry::root() };
            match (binding.origin, binding.init) {
                (Origin::Let, Some(init)) => of_expr(init, eval, &inner, cx, depth + 1),
                (Origin::Param(function), _) => parameter(binding.name, function, cx),
                _ => Registry::root(),
            }
        }
        ExprKind::MethodCall(call) => {
            let mut registry = of_expr(&call.receiver, eval, scope, cx, depth + 1);
            match (call.method.as_str(), call.args.as_slice()) {
                ("sub_registry_with_prefix", [prefix]) => registry.added.prefixes.push(prefix_text(&eval.value(prefix, scope))),
                ("sub_registry_with_label", [pair]) => add_labels(&mut registry.added, &[eval.value(pair, scope)]),
                ("sub_registry_with_labels", [pairs]) => add_list(&mut registry.added, &eval.value(pairs, scope)),
                _ => {}
            }
            registry
        }
        ExprKind::Call(callee, args) => {
            let ExprKind::Path(path) = &callee.kind else { return Registry::root() };
            let mut registry = Registry::root();
            match (path.last(), args.as_slice()) {
                ("with_prefix", [prefix]) => registry.added.prefixes.push(prefix_text(&eval.value(prefix, scope))),
                ("with_prefix_and_labels", [prefix, labels]) => {
                    registry.added.prefixes.push(prefix_text(&eval.value(prefix, scope)));
                    add_list(&mut registry.added, &eval.value(labels, scope));
                }
                ("with_labels", [labels]) => add_list(&mut registry.added, &eval.value(labels, scope)),
                ("new", [inner]) => return of_expr(inner, eval, scope, cx, depth + 1),
                _ => {}
            }
            registry
        }
        _ => Registry::root(),
    }
}

fn parameter(name: &str, function: &str, cx: &Context<'_, '_>) -> Registry {
    let enclosing = cx.functions.iter().rev().find(|(item, _)| item.name.as_str() == function);
    let index = enclosing.and_then(|(_, f)| f.params.iter().position(|p| p.pat.as_ident().is_some_and(|i| i.as_str() == name)));
    let Some(index) = index else { return Registry::root() };
    let start = Start::Param {
        package: cx.world.package(cx.file).to_owned(),
        owner: cx.self_ty.map(str::to_owned),
        function: function.to_owned(),
        index,
    };
    Registry { start, ..Registry::root() }
}

fn prefix_text(value: &Value) -> String {
    match value {
        Value::Text(text) => text.text.clone(),
        _ => "*".to_owned(),
    }
}

fn add_list(added: &mut Added, value: &Value) {
    match value {
        Value::List(items) => add_labels(added, items),
        _ => added.labels_complete = false,
    }
}

fn add_labels(added: &mut Added, pairs: &[Value]) {
    for pair in pairs {
        match pair {
            Value::Tuple(parts) => match parts.as_slice() {
                [Value::Text(name), value] if name.known => {
                    let mut label = label(name);
                    // One value per process: configuration, not traffic.
                    label.bound = Bound::of_values(literals(value).unwrap_or_default());
                    if label.bound.values.is_empty() {
                        label.bound = Bound::unknown();
                    }
                    added.labels.push(label);
                }
                _ => added.labels_complete = false,
            },
            _ => added.labels_complete = false,
        }
    }
}

/// Remembers the registries among the arguments of a call. Of a method call the receiver is argument 0.
#[expect(clippy::too_many_arguments, reason = "the surroundings of one expression")]
pub(super) fn passed<'a>(
    function: &str,
    owner: Option<&str>,
    offset: usize,
    args: &'a [Expr],
    eval: &Evaluator<'a, '_>,
    scope: &Scope<'a, '_>,
    cx: &Context<'a, '_>,
    into: &mut Vec<Passed>,
) {
    // A registry is borrowed, a sub-registry is called for, or it is a parameter that is handed on: all of them name it.
    for (index, arg) in args.iter().enumerate() {
        if !looks_like_registry(arg, 0) {
            continue;
        }
        let registry = of_expr(arg, eval, scope, cx, 0);
        into.push(Passed { owner: owner.map(str::to_owned), function: function.to_owned(), index: index + offset, registry });
    }
}

fn looks_like_registry(expr: &Expr, depth: usize) -> bool {
    if depth > 24 {
        return false;
    }
    let named = |name: &str| name.to_ascii_lowercase().contains("registry") || name == "reg";
    match &expr.kind {
        ExprKind::Reference(inner) | ExprKind::Unary(_, inner) => looks_like_registry(inner, depth + 1),
        ExprKind::Path(path) => named(path.last()),
        ExprKind::Field(_, name) => named(name.as_str()),
        ExprKind::MethodCall(call) => named(call.method.as_str()) || looks_like_registry(&call.receiver, depth + 1),
        ExprKind::Call(callee, _) => matches!(&callee.kind, ExprKind::Path(path) if path.names().any(named)),
        _ => false,
    }
}

/// Everything that a registry can add, over all calls that lead to it.
pub(super) fn resolve(registry: &Registry, passed: &[Passed]) -> Vec<Added> {
    let mut out = Vec::new();
    follow(registry, passed, &Added { labels_complete: true, ..Added::default() }, 0, &mut out);
    out
}

fn follow(registry: &Registry, passed: &[Passed], inner: &Added, depth: usize, out: &mut Vec<Added>) {
    let added = Added {
        prefixes: registry.added.prefixes.iter().chain(&inner.prefixes).cloned().collect(),
        labels: registry.added.labels.iter().chain(&inner.labels).cloned().collect(),
        labels_complete: registry.added.labels_complete && inner.labels_complete,
    };
    if let Start::Param { owner, function, index, .. } = &registry.start
        && depth < MAX_CALLS
    {
        let mut called = false;
        for call in passed.iter().filter(|p| p.function == *function && p.index == *index) {
            // A method call does not say the type; a path does.
            if call.owner.is_some() && owner.is_some() && call.owner != *owner {
                continue;
            }
            // A recursive function passes its own parameter on.
            if call.registry.start == registry.start {
                continue;
            }
            called = true;
            follow(&call.registry, passed, &added, depth + 1, out);
        }
        if called {
            return;
        }
    }
    if out.len() < MAX_REGISTRIES && !out.iter().any(|known| known.prefixes == added.prefixes) {
        out.push(added);
    }
}
