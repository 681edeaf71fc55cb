//! The `prometheus-client` crate: registrations, whose name depends on the registry and whose type on the metric's Rust type.

mod labels;
mod registry;
mod shape;

use super::draft::{Draft, help_of, means_crate, name_of, unresolved};
use super::values::{Evaluator, Scope, Text, Value};
use super::walk::{Context, Visitor};
use crate::knowledge::libraries::{self, Library, Role};
use crate::model::{Label, MetricType, Unresolved};
use crate::source::Span;
use crate::syntax::rust::tree::{Expr, ExprKind, MacroCall, MethodCall};
use registry::Registry;
pub(super) use registry::Passed;
use shape::Shapes;

/// A registration whose registry is still to be resolved.
#[derive(Debug)]
pub(super) struct Registered {
    draft: Draft,
    /// Name without the registry's prefix.
    name: Text,
    registry: Registry,
}

/// What one file, or the whole tree, does with the crate.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) registered: Vec<Registered>,
    pub(super) passed: Vec<Passed>,
    pub(super) unresolved: Vec<Unresolved>,
}

impl Found {
    pub(super) fn merge(&mut self, other: Found) {
        self.registered.extend(other.registered);
        self.passed.extend(other.passed);
        self.unresolved.extend(other.unresolved);
    }
}

/// Collects from one file.
pub(super) struct Collector<'a, 'w> {
    library: &'static Library,
    eval: Evaluator<'a, 'w>,
    pub(super) found: Found,
}

impl<'a, 'w> Collector<'a, 'w> {
    pub(super) fn new(eval: Evaluator<'a, 'w>) -> Option<Self> {
        Some(Collector { library: libraries::get("prometheus-client")?, eval, found: Found::default() })
    }

    fn register(&mut self, call: &'a MethodCall, span: Span, cx: &Context<'a, '_>) {
        let Some(callable) = self.library.method_named(call.method.as_str()) else { return };
        let Some(roles) = self.library.roles(callable, call.args.len()) else { return };
        // `register` is a common name: the file, or at least the package, has to know the crate.
        if !means_crate(self.library, cx) {
            return;
        }
        let scope = Scope::of(cx, span);
        let arg = |role: Role| roles.iter().position(|r| *r == role).and_then(|i| call.args.get(i));
        let (Some(name), Some(help), Some(metric)) = (arg(Role::Name), arg(Role::Help), arg(Role::Metric)) else { return };
        let help = self.eval.value(help, &scope);
        // Other things are registered under a name too; without a help text it is not one of ours.
        if !matches!(help, Value::Text(_)) && name.as_str().is_none() {
            return;
        }
        let location = cx.location(Span { start: name.span.start.min(call.method.span.start), end: span.end });
        let text = match name_of(self.eval.value(name, &scope)) {
            Ok(text) => text,
            Err(reason) => {
                self.found.unresolved.push(unresolved(self.library, reason, location));
                return;
            }
        };
        let shapes = Shapes { eval: &self.eval, library: self.library };
        let shape = match shapes.of_expr(metric, &scope, cx) {
            Ok(shape) => shape,
            Err(reason) => {
                self.found.unresolved.push(unresolved(self.library, format!("`{}`: {reason}", text.text), location));
                return;
            }
        };
        let mut name = text.clone();
        let unit = match arg(Role::Unit).map(|e| self.unit(e, &scope)) {
            None => None,
            Some(Some(unit)) => Some(unit),
            Some(None) => {
                let reason = format!("`{}`: the unit, which is part of the exposed name, is not known", text.text);
                self.found.unresolved.push(unresolved(self.library, reason, location));
                return;
            }
        };
        for suffix in unit.iter().chain(&shape.suffix) {
            name.text = format!("{}_{}", name.text, suffix.trim_start_matches('_'));
        }
        if shape.kind == MetricType::Counter {
            name.text.push_str(self.library.naming.counter_suffix.as_deref().unwrap_or_default());
        }
        let mut draft = Draft::new(self.library, text, shape.kind, location, cx);
        draft.unit = unit;
        draft.help = help_of(&help);
        draft.labels = shape.labels;
        draft.labels_complete = shape.labels_complete;
        draft.exclusive = false;
        draft.buckets = shape.buckets;
        let registry = registry::of_expr(&call.receiver, &self.eval, &scope, cx, 0);
        self.found.registered.push(Registered { draft, name, registry });
    }

    fn unit(&self, expr: &'a Expr, scope: &Scope<'a, '_>) -> Option<String> {
        match &expr.kind {
            ExprKind::Path(path) => self.library.units.get(path.last()).cloned(),
            ExprKind::Call(callee, args) => match (&callee.kind, args.as_slice()) {
                (ExprKind::Path(path), [inner]) if path.last() == "Other" => match self.eval.value(inner, scope) {
                    Value::Text(text) if text.known => Some(text.text),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        }
    }
}

impl<'a> Visitor<'a> for Collector<'a, '_> {
    fn expr(&mut self, expr: &'a Expr, cx: &Context<'a, '_>) {
        match &expr.kind {
            ExprKind::MethodCall(call) => {
                self.register(call, expr.span, cx);
                let scope = Scope::of(cx, expr.span);
                registry::passed(call.method.as_str(), None, 1, &call.args, &self.eval, &scope, cx, &mut self.found.passed);
            }
            ExprKind::Call(callee, args) => {
                let ExprKind::Path(path) = &callee.kind else { return };
                let owner = path.names().rev().nth(1).map(|o| if o == "Self" { cx.self_ty.unwrap_or(o) } else { o });
                let scope = Scope::of(cx, expr.span);
                registry::passed(path.last(), owner, 0, args, &self.eval, &scope, cx, &mut self.found.passed);
            }
            _ => {}
        }
    }

    fn macro_call(&mut self, _: &'a MacroCall, _: Span, _: &Context<'a, '_>) {}
}

/// The definitions, one for each prefix that a registration can have.
pub(super) fn drafts(found: Found) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for registered in found.registered {
        for known in registry::resolve(&registered.registry, &found.passed) {
            let mut draft = registered.draft.clone();
            draft.name = known.prefixes.iter().map(|p| format!("{p}_")).collect::<String>() + &registered.name.text;
            draft.labels.extend(known.labels.iter().cloned());
            draft.labels_complete &= known.labels_complete;
            drafts.push(draft);
        }
    }
    drafts
}

/// Labels that a registry adds.
type RegistryLabels = Vec<Label>;
