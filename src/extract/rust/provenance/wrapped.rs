//! Functions that are given a metric and set its labels: their calls are uses of the metrics that they hand over.

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;

use super::super::prometheus::{last_name, sets_labels, takes_away};
use super::super::ties::VectorUse;
use super::super::world::{Miss, World};
use super::ValueAt;
use super::index::{At, FnAt, Index};
use super::scope::{From, Scope};
use super::sites::{inner, listed};
use crate::syntax::rust::tree::{Expr, ExprKind};

/// Functions around functions.
const MAX_LEVELS: usize = 3;
/// Steps from a variable to the parameter that it is.
const MAX_STEPS: usize = 6;
/// Methods of families of metrics, which are given the values of all labels.
const METHODS: [&str; 3] = ["with_label_values", "get_metric_with_label_values", "remove_label_values"];

/// A function that is given a metric.
#[derive(Clone)]
struct Wrapper<'a> {
    function: FnAt<'a>,
    /// Which parameter is the metric.
    metric: usize,
    values: Values,
    /// Whether it takes the series away.
    removes: bool,
}

/// Where the values are.
#[derive(Clone)]
enum Values {
    /// In this parameter.
    Given(usize),
    /// In the function.
    Here(Vec<ValueAt>),
}

/// Functions that set labels of a parameter themselves.
#[derive(Default)]
pub(in super::super) struct Wrappers<'a> {
    found: Vec<Wrapper<'a>>,
    /// How many calls of each of the `METHODS` were looked at.
    seen: [usize; METHODS.len()],
}

impl<'a> Wrappers<'a> {
    /// Takes in calls that are new.
    fn look_again(&mut self, world: &World<'a>, index: &Index<'a>) {
        for (name, seen) in METHODS.into_iter().zip(&mut self.seen).filter(|(name, _)| sets_labels(name)) {
            let calls = index.calls.get(name).map(Vec::as_slice).unwrap_or_default();
            let of_call = |at: &At<'a>| {
                let ExprKind::MethodCall(call) = &at.expr.kind else { return None };
                let [values] = call.args.as_slice() else { return None };
                if !may_be_parameter(&call.receiver) {
                    return None;
                }
                let scope = Scope::at(world, index, at.file, at.expr.span);
                wrapper(&call.receiver, values, &scope, takes_away(name))
            };
            let new: Vec<Wrapper<'a>> = calls.get(*seen..).unwrap_or_default().par_iter().filter_map(of_call).collect();
            self.found.extend(new);
            *seen = calls.len();
        }
    }
}

/// The uses, and what was looked up in vain.
pub(super) fn uses<'a>(world: &World<'a>, index: &Index<'a>, known: &mut Wrappers<'a>) -> (Vec<VectorUse>, BTreeSet<Miss>) {
    let (mut found, mut misses) = (Vec::new(), BTreeSet::new());
    known.look_again(world, index);
    let mut wrappers = known.found.clone();
    for _ in 0..MAX_LEVELS {
        let mut outer = Vec::new();
        for wrapper in &wrappers {
            let name = wrapper.function.name();
            misses.insert(wrapper.function.calls());
            for at in index.calls.get(name).map(Vec::as_slice).unwrap_or_default() {
                let Some((metric, values)) = arguments(world, wrapper, at) else { continue };
                let scope = Scope::at(world, index, at.file, at.expr.span);
                if parameter(metric, &scope, MAX_STEPS).is_some() {
                    outer.extend(values.and_then(|values| self::wrapper(metric, values, &scope, wrapper.removes)));
                    continue;
                }
                let Some(handle) = last_name(metric) else { continue };
                let places = match (&wrapper.values, values) {
                    (Values::Here(places), _) => places.clone(),
                    (_, Some(values)) => {
                        listed(values, &scope).into_iter().map(|(file, item)| ValueAt::new(file, inner(item).span)).collect()
                    }
                    _ => continue,
                };
                let handle = world.full_path(at.file, &[handle]).last().copied().unwrap_or(handle).to_owned();
                let package = world.files.get(at.file).map_or_else(|| "".into(), |f| Arc::clone(&f.source.package));
                let location = world.location(at.file, at.expr.span);
                found.push(VectorUse {
                    package,
                    handle,
                    init: None,
                    given: None,
                    values: Vec::new(),
                    at: places,
                    list: None,
                    once: false,
                    location,
                    removes: wrapper.removes,
                    within: None,
                    listed: None,
                });
            }
        }
        if outer.is_empty() {
            break;
        }
        wrappers = outer;
    }
    (found, misses)
}

/// The function around a use, where the metric is one of its parameters.
fn wrapper<'a>(metric: &'a Expr, values: &'a Expr, scope: &Scope<'a>, removes: bool) -> Option<Wrapper<'a>> {
    let (function, metric) = parameter(metric, scope, MAX_STEPS)?;
    let values = match parameter(values, scope, MAX_STEPS) {
        Some((_, at)) => Values::Given(at),
        None => {
            let items = listed(values, scope);
            if items.is_empty() {
                return None;
            }
            Values::Here(items.into_iter().map(|(file, item)| ValueAt::new(file, inner(item).span)).collect())
        }
    };
    Some(Wrapper { function, metric, values, removes })
}

/// Whether an expression is what `parameter` follows, as far as it tells alone: a static is the most frequent of what it does not.
fn may_be_parameter(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Reference(value) | ExprKind::Try(value) | ExprKind::Unary('*', value) => may_be_parameter(value),
        ExprKind::MethodCall(call) => call.args.is_empty() && may_be_parameter(&call.receiver),
        ExprKind::Path(path) => path.as_ident().is_some_and(|name| name != "self" && name.contains(|c: char| c.is_lowercase())),
        _ => false,
    }
}

/// The parameter that an expression is, whatever it is wrapped in.
fn parameter<'a>(expr: &'a Expr, scope: &Scope<'a>, steps: usize) -> Option<(FnAt<'a>, usize)> {
    let steps = steps.checked_sub(1)?;
    match &expr.kind {
        ExprKind::Reference(value) | ExprKind::Try(value) | ExprKind::Unary('*', value) => parameter(value, scope, steps),
        ExprKind::MethodCall(call) if call.args.is_empty() => parameter(&call.receiver, scope, steps),
        ExprKind::Path(path) => {
            let name = path.as_ident().filter(|name| *name != "self")?;
            let (_, from, before) = scope.binding(name)?;
            match from {
                From::Param(function, at) => Some((function, at)),
                From::Part(_, value) => parameter(value, &before, steps),
                From::Let(statement) => parameter(statement.init.as_ref()?, &before, steps),
                From::Closure(_, 0, Some(receiver)) => parameter(receiver, &before, steps),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The metric and the values that a call gives a wrapper.
fn arguments<'a>(world: &World<'a>, wrapper: &Wrapper<'a>, at: &At<'a>) -> Option<(&'a Expr, Option<&'a Expr>)> {
    let function = wrapper.function;
    let params = function.function.params.len();
    let all: Vec<&'a Expr> = match &at.expr.kind {
        ExprKind::Call(callee, args) => {
            let ExprKind::Path(path) = &callee.kind else { return None };
            if args.len() != params {
                return None;
            }
            let names: Vec<&str> = path.names().collect();
            let found = world.functions(at.file, &names, None);
            let is_it = |f: &super::super::world::FunctionAt<'a>| (f.place.file, f.item.name.span.start) == function.key();
            if !found.is_empty() && !found.iter().any(is_it) {
                return None;
            }
            args.iter().collect()
        }
        ExprKind::MethodCall(call) if function.takes_self() && call.args.len() + 1 == params => {
            std::iter::once(&call.receiver).chain(&call.args).collect()
        }
        _ => return None,
    };
    let values = match wrapper.values {
        Values::Given(at) => Some(*all.get(at)?),
        Values::Here(_) => None,
    };
    Some((all.get(wrapper.metric).copied()?, values))
}
