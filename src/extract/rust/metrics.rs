//! The `metrics` crate: emissions, descriptions, and what the Prometheus recorder of the tree does with histograms.

mod recorder;

use super::draft::{Help, help_of, literals, means, name_of, package, sanitized, unresolved};
use super::values::{Evaluator, Scope, Text, Value};
use super::walk::{Context, Parent, Visitor};
use crate::knowledge::libraries::{self, Action, Callable, Library};
use crate::model::{MetricType, Unresolved};
use crate::source::{Location, Span};
use crate::syntax::rust::tree::{Expr, ExprKind, MacroCall, Separator};
use recorder::Setting;

/// One label of an emission.
#[derive(Clone, Debug)]
pub(super) struct EmittedLabel {
    pub(super) name: Text,
    /// Its literal values, where all are known.
    pub(super) values: Option<Vec<String>>,
}

/// One place that emits a metric.
#[derive(Clone, Debug)]
pub(super) struct Emission {
    pub(super) name: Text,
    pub(super) kind: MetricType,
    pub(super) labels: Vec<EmittedLabel>,
    pub(super) labels_complete: bool,
    pub(super) location: Location,
    pub(super) package: std::sync::Arc<str>,
}

/// One place that describes a metric.
#[derive(Clone, Debug)]
pub(super) struct Description {
    pub(super) name: Text,
    pub(super) kind: MetricType,
    pub(super) unit: Option<String>,
    pub(super) help: Help,
    pub(super) location: Location,
}

/// What one file, or the whole tree, does with the crate.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) emissions: Vec<Emission>,
    pub(super) descriptions: Vec<Description>,
    pub(super) settings: Vec<Setting>,
    pub(super) unresolved: Vec<Unresolved>,
    /// Kinds of which something is emitted under a name of which nothing is known.
    pub(super) nameless: Vec<MetricType>,
}

impl Found {
    pub(super) fn merge(&mut self, other: Found) {
        self.emissions.extend(other.emissions);
        self.descriptions.extend(other.descriptions);
        self.settings.extend(other.settings);
        self.unresolved.extend(other.unresolved);
        self.nameless.extend(other.nameless);
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
        Some(Collector { library: libraries::get("metrics")?, eval, found: Found::default() })
    }

    fn emitted(&mut self, callable: &Callable, call: &'a MacroCall, span: Span, cx: &Context<'a, '_>) {
        let scope = Scope::of(cx, span);
        let positional: Vec<&'a Expr> = call.positional().collect();
        let Some(first) = positional.first() else { return };
        let kind = callable.kind();
        let location = cx.location(span);
        let name = match name_of(self.eval.value(first, &scope)) {
            Ok(name) => name,
            Err(reason) => {
                self.found.unresolved.push(unresolved(self.library, reason, location));
                self.found.nameless.push(kind);
                return;
            }
        };
        let mut labels = Vec::new();
        let mut complete = call.is_list;
        for arg in &call.args {
            // `target: "x", level: Level::INFO` says nothing about labels.
            let Some((key, Separator::FatArrow)) = &arg.key else { continue };
            match self.eval.value(key, &scope) {
                Value::Text(text) if text.known => {
                    let values = arg.value.as_ref().and_then(|v| literals(&self.eval.value(v, &scope)));
                    labels.push(EmittedLabel { name: text, values });
                }
                _ => complete = false,
            }
        }
        // The versions before 0.22 took a value after the name; since then a list of labels may stand there.
        let takes_value = matches!(callable.name.as_str(), "absolute_counter" | "increment_gauge" | "decrement_gauge");
        for extra in positional.iter().skip(if takes_value { 2 } else { 1 }) {
            match self.eval.value(extra, &scope) {
                Value::List(items) => complete &= list_labels(items, &mut labels),
                Value::Number(_) => {}
                _ => {
                    let as_handle = matches!(cx.parents.last(), Some(Parent::Expr(_) | Parent::Let(_)));
                    complete &= !as_handle;
                }
            }
        }
        let name = Text { text: sanitized(&name.text), ..name };
        let emission = Emission { name, kind, labels, labels_complete: complete, location, package: package(cx) };
        self.found.emissions.push(emission);
    }

    fn described(&mut self, callable: &Callable, call: &'a MacroCall, span: Span, cx: &Context<'a, '_>) {
        let scope = Scope::of(cx, span);
        let args: Vec<&'a Expr> = call.positional().collect();
        let (name, unit, help) = match args.as_slice() {
            [name, help] => (name, None, help),
            [name, unit, help] => (name, Some(unit), help),
            _ => return,
        };
        let Ok(name) = name_of(self.eval.value(name, &scope)) else { return };
        let unit = unit.and_then(|unit| match &unit.kind {
            ExprKind::Path(path) => self.library.units.get(path.last()).cloned(),
            _ => None,
        });
        let help = help_of(&self.eval.value(help, &scope));
        let name = Text { text: sanitized(&name.text), ..name };
        self.found.descriptions.push(Description { name, kind: callable.kind(), unit, help, location: cx.location(span) });
    }
}

/// Labels of a list such as `[("k", v)]` or `vec![Label::new("k", v)]`; whether all of them are known by name.
fn list_labels(items: Vec<Value>, labels: &mut Vec<EmittedLabel>) -> bool {
    let mut complete = true;
    for item in items {
        let pair = match item {
            Value::Tuple(parts) => <[Value; 2]>::try_from(parts).ok(),
            _ => None,
        };
        match pair {
            Some([Value::Text(name), value]) if name.known => labels.push(EmittedLabel { name, values: literals(&value) }),
            _ => complete = false,
        }
    }
    complete
}

impl<'a> Visitor<'a> for Collector<'a, '_> {
    fn expr(&mut self, expr: &'a Expr, cx: &Context<'a, '_>) {
        if let Some(setting) = recorder::setting(expr, &self.eval, cx) {
            self.found.settings.push(setting);
        }
    }

    fn macro_call(&mut self, call: &'a MacroCall, span: Span, cx: &Context<'a, '_>) {
        let Some(callable) = self.library.macro_named(call.path.last()) else { return };
        if !means(self.library, callable, &call.path, cx, true) {
            return;
        }
        let span = call.path.segments.first().map_or(span, |s| Span { start: s.name.span.start, end: call.body.end.saturating_add(1) });
        match callable.action {
            Action::Define => self.emitted(callable, call, span, cx),
            Action::Describe => self.described(callable, call, span, cx),
        }
    }
}

pub(super) use recorder::drafts;
