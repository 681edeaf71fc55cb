//! Uses of the families of the `prometheus` crate, and other mentions of what holds them.

use super::super::draft::{literals, package};
use super::super::ties::VectorUse;
use super::super::values::{Scope, Value};
use super::super::walk::{Context, Origin};
use super::super::{frames, holders, provenance, repeats, static_metrics};
use super::Collector;
use crate::source::{Location, Span};
use crate::syntax::rust::tree::{Expr, ExprKind, MethodCall};

impl<'a> Collector<'a, '_> {
    pub(super) fn used(&mut self, call: &'a MethodCall, span: Span, cx: &Context<'a, '_>) {
        let receiver = &call.receiver;
        let (Some((handle, init)), [given]) = (self.held(receiver, cx), call.args.as_slice()) else { return };
        let value = self.eval.value(given, &Scope::quiet(cx, span));
        let values = match value {
            Value::List(items) => items.iter().map(literals).collect(),
            _ => Vec::new(),
        };
        let at = provenance::elements(given, cx);
        let bound = |name: &str| cx.bindings.iter().rev().find(|b| b.name == name).is_some_and(|b| b.origin != Origin::Let);
        // A metric that is handed in is used where it is handed in.
        let handed_in = matches!(&receiver.kind, ExprKind::Path(path) if path.as_ident().is_some_and(|name| name == handle && bound(name)));
        // Where the metric is defined in the same function, its labels are set as often as it is: once.
        let in_function = matches!(cx.callables.last(), Some(frames::Callable::Function { .. }));
        let once = init.is_some() && in_function && repeats::again(cx).is_none();
        let list = (at.is_empty() && !handed_in).then(|| provenance::list_at(given, cx));
        self.found.ties.uses.push(VectorUse {
            package: package(cx, cx.world),
            handle: handle.to_owned(),
            init,
            given: provenance::written(given, cx),
            values,
            at,
            list,
            once,
            location: cx.location(span),
            removes: takes_away(call.method.as_str()),
            within: cx.function_name(),
            listed: None,
        });
    }

    /// `Struct::from(&FAMILY)` and the like, where the struct lists the values of labels.
    pub(super) fn lists(&mut self, family: &'a Expr, ty: &str, span: Span, cx: &Context<'a, '_>) {
        let Some((handle, init)) = self.held(family, cx) else { return };
        let Some(listed) = static_metrics::listed(ty, cx.file, cx.world) else { return };
        self.listing = Some((cx.file, family.span));
        self.found.ties.uses.push(VectorUse {
            package: package(cx, cx.world),
            handle: handle.to_owned(),
            init,
            given: None,
            values: Vec::new(),
            at: Vec::new(),
            list: None,
            once: false,
            location: cx.location(span),
            removes: false,
            within: cx.function_name(),
            listed: Some((ty.to_owned(), listed)),
        });
    }

    /// The static, variable or field that an expression names; of a variable that is set to a metric that is defined there, where
    /// that is.
    fn held(&self, expr: &'a Expr, cx: &Context<'a, '_>) -> Option<(&'a str, Option<Location>)> {
        let found = holders::of(expr, cx)?;
        // A variable that is another name for a metric, or holds one that is defined where it is set.
        let (handle, init) = (found.name, found.init.map(|set| cx.location(set.span)));
        Some((self.real_name(handle, cx), init))
    }

    pub(super) fn mentioned(&mut self, name: &str, expr: &'a Expr, cx: &Context<'a, '_>) {
        let as_receiver = cx.enclosing().next().is_some_and(|e| match &e.kind {
            ExprKind::MethodCall(call) => sets_labels(call.method.as_str()),
            // `a` of `a.b` is not the metric.
            ExprKind::Field(..) => true,
            // What is made of it stands in what the call expands to.
            ExprKind::Macro(call) => call.is("stringify") || matches!(cx.world.expansion(cx.file, call.body.start), Some(Ok(_))),
            _ => false,
        });
        let listing =
            self.listing.is_some_and(|(file, span)| file == cx.file && span.start <= expr.span.start && expr.span.end <= span.end);
        if as_receiver || listing {
            return;
        }
        self.found.ties.escaped.push((name.to_owned(), variable(expr, cx).map(|set| cx.location(set.span))));
    }
}

/// What the variable that an expression names is set to.
fn variable<'a>(expr: &'a Expr, cx: &Context<'a, '_>) -> Option<&'a Expr> {
    let expr = match &expr.kind {
        ExprKind::Reference(inner) => inner,
        _ => expr,
    };
    let ExprKind::Path(path) = &expr.kind else { return None };
    let name = path.as_ident()?;
    let binding = cx.bindings.iter().rev().find(|b| b.name == name)?;
    binding.init.filter(|_| binding.origin == Origin::Let && binding.file == cx.file)
}

pub(in super::super) fn sets_labels(method: &str) -> bool {
    matches!(method, "with_label_values" | "get_metric_with_label_values") || takes_away(method)
}

/// Whether a method of a family takes the series with the values that it is given away.
pub(in super::super) fn takes_away(method: &str) -> bool {
    method == "remove_label_values"
}

/// The static, variable or field that an expression names.
pub(in super::super) fn last_name(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Path(path) => Some(path.last()),
        ExprKind::Field(_, name) => Some(name.as_str()),
        ExprKind::Reference(inner) | ExprKind::Unary(_, inner) => last_name(inner),
        ExprKind::MethodCall(call) if matches!(call.method.as_str(), "clone" | "as_ref" | "deref") => last_name(&call.receiver),
        _ => None,
    }
}
