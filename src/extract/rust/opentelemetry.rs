//! The `opentelemetry` crate: instruments built on a meter, and the mapping of their names to Prometheus.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::draft::{Draft, Help, buckets_of, default_buckets, help_of, label, literals, name_of, package, sanitized, unresolved};
use super::join::merge_label;
use super::values::{Evaluator, Scope, Value};
use super::walk::{Context, Visitor};
use crate::knowledge::libraries::{self, Callable, Library};
use crate::model::{Bound, Label, MetricType, Unresolved};
use crate::source::Span;
use crate::syntax::rust::tree::{Expr, ExprKind, MacroCall, MethodCall};

/// Attributes that are given to an instrument.
#[derive(Clone, Debug)]
pub(super) struct Recorded {
    package: Arc<str>,
    handle: String,
    labels: Vec<Label>,
    complete: bool,
}

/// What one file, or the whole tree, does with the crate.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) drafts: Vec<Draft>,
    pub(super) recorded: Vec<Recorded>,
    pub(super) unresolved: Vec<Unresolved>,
}

impl Found {
    pub(super) fn merge(&mut self, other: Found) {
        self.drafts.extend(other.drafts);
        self.recorded.extend(other.recorded);
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
        Some(Collector { library: libraries::get("opentelemetry")?, eval, found: Found::default() })
    }

    fn define(&mut self, callable: &Callable, name: &'a Expr, expr: &'a Expr, cx: &Context<'a, '_>) {
        let kind = callable.kind();
        // The builder's further calls are the expressions around this one, as far as each has the one before as its receiver.
        let mut chain: Vec<&'a MethodCall> = Vec::new();
        let mut inner = expr;
        let mut whole = expr.span;
        for outer in cx.enclosing() {
            let ExprKind::MethodCall(call) = &outer.kind else { break };
            if !std::ptr::eq(&raw const call.receiver, inner) {
                break;
            }
            chain.push(call);
            whole = outer.span;
            inner = outer;
        }
        let built = chain.iter().any(|c| matches!(c.method.as_str(), "build" | "init" | "try_init" | "start"));
        // `.u64_counter(..)` of something that is no meter builds nothing; a builder that is kept in a variable is built later.
        if !built && !cx.world.mentions(cx.world.package(cx.file), &self.library.crates) {
            return;
        }
        let location = cx.location(Span { start: name.span.start.min(whole.start), end: whole.end });
        let scope = Scope::of(cx, expr.span);
        let text = match name_of(self.eval.value(name, &scope)) {
            Ok(text) => text,
            Err(reason) => {
                self.found.unresolved.push(unresolved(self.library, reason, location));
                return;
            }
        };
        let mut unit = None;
        let mut help = if built { Help::None } else { Help::Unknown };
        let mut buckets = None;
        for call in chain {
            match (call.method.as_str(), call.args.as_slice()) {
                ("with_unit", [given]) => unit = Some(self.unit(given, &scope)),
                ("with_description", [given]) => help = help_of(&self.eval.value(given, &scope)),
                ("with_boundaries", [given]) => buckets = Some(buckets_of(&self.eval.value(given, &scope), Some(cx.location(given.span)))),
                _ => {}
            }
        }
        let (suffix, unit_known) = match &unit {
            None => (None, built),
            Some(Some(unit)) => (self.suffix(unit, kind), true),
            Some(None) => (None, false),
        };
        let mut name = text.clone();
        name.text = exposed(&text.text, suffix.as_deref(), kind);
        if !unit_known {
            self.found.unresolved.push(unresolved(self.library, "the unit, which is part of the exposed name, is not known".into(), location));
            return;
        }
        let mut draft = Draft::new(self.library, name, kind, location, cx);
        draft.unit = suffix;
        draft.help = help;
        draft.labels_complete = false;
        draft.exclusive = false;
        if kind == MetricType::Histogram {
            draft.buckets = buckets.unwrap_or_else(|| default_buckets(self.library));
        }
        self.found.drafts.push(draft);
    }

    /// The unit that an expression names; old versions wrap it in `Unit::new(..)`.
    fn unit(&self, expr: &'a Expr, scope: &Scope<'a, '_>) -> Option<String> {
        let inner = match &expr.kind {
            ExprKind::Call(callee, args) => match (&callee.kind, args.as_slice()) {
                (ExprKind::Path(path), [inner]) if path.names().any(|n| n == "Unit") => inner,
                _ => expr,
            },
            _ => expr,
        };
        match self.eval.value(inner, scope) {
            Value::Text(text) if text.known => Some(text.text),
            _ => None,
        }
    }

    /// What a unit adds to the name.
    fn suffix(&self, unit: &str, kind: MetricType) -> Option<String> {
        if unit.is_empty() || unit.contains('{') || (unit == "1" && kind != MetricType::Gauge) {
            return None;
        }
        let word = |u: &str| self.library.units.get(u).cloned().unwrap_or_else(|| sanitized(u));
        Some(match unit.split_once('/') {
            Some((a, b)) => format!("{}_per_{}", word(a), word(b).trim_end_matches('s')),
            None => word(unit),
        })
    }

    fn recorded(&mut self, call: &'a MethodCall, attributes: &'a Expr, span: Span, cx: &Context<'a, '_>) {
        let Some(handle) = last_name(&call.receiver) else { return };
        let mut labels = Vec::new();
        let mut complete = false;
        if let Value::List(items) = self.eval.value(attributes, &Scope::of(cx, span)) {
            complete = true;
            for item in items {
                match item {
                    Value::Tuple(parts) => match parts.as_slice() {
                        [Value::Text(name), value] if name.known => {
                            let mut found = label(name);
                            found.name = sanitized(&found.name);
                            if let Some(values) = literals(value) {
                                found.bound = Bound::of_values(values);
                            }
                            labels.push(found);
                        }
                        _ => complete = false,
                    },
                    _ => complete = false,
                }
            }
        }
        self.found.recorded.push(Recorded { package: package(cx), handle: handle.to_owned(), labels, complete });
    }
}

impl<'a> Visitor<'a> for Collector<'a, '_> {
    fn expr(&mut self, expr: &'a Expr, cx: &Context<'a, '_>) {
        let ExprKind::MethodCall(call) = &expr.kind else { return };
        match (call.method.as_str(), call.args.as_slice()) {
            ("add" | "record" | "observe", [_, attributes]) => self.recorded(call, attributes, expr.span, cx),
            (name, [argument]) => {
                if let Some(callable) = self.library.method_named(name) {
                    self.define(callable, argument, expr, cx);
                }
            }
            _ => {}
        }
    }

    fn macro_call(&mut self, _: &'a MacroCall, _: Span, _: &Context<'a, '_>) {}
}

/// Name, unit and `_total`, as the Prometheus exporter joins them.
fn exposed(name: &str, unit: Option<&str>, kind: MetricType) -> String {
    let mut name = sanitized(name);
    let counter = kind == MetricType::Counter;
    if counter && let Some(base) = name.strip_suffix("_total") {
        name = base.to_owned();
    }
    if let Some(unit) = unit
        && !name.ends_with(&format!("_{unit}"))
        && name != unit
    {
        name = format!("{name}_{unit}");
    }
    if counter {
        name.push_str("_total");
    }
    name
}

/// The static, variable or field that an expression names.
fn last_name(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Path(path) => Some(path.last()),
        ExprKind::Field(_, name) => Some(name.as_str()),
        ExprKind::Reference(inner) | ExprKind::Unary(_, inner) => last_name(inner),
        ExprKind::MethodCall(call) if matches!(call.method.as_str(), "clone" | "as_ref" | "deref") => last_name(&call.receiver),
        _ => None,
    }
}

/// The definitions, with the labels of the places that record into them: complete where a handle is one instrument's alone and every
/// place could be read.
pub(super) fn drafts(found: Found) -> Vec<Draft> {
    let mut uses: HashMap<(Arc<str>, String), Vec<Recorded>> = HashMap::new();
    for recorded in found.recorded {
        uses.entry((Arc::clone(&recorded.package), recorded.handle.clone())).or_default().push(recorded);
    }
    let mut owners: BTreeMap<(Arc<str>, String), usize> = BTreeMap::new();
    for draft in &found.drafts {
        *owners.entry((Arc::clone(&draft.package), draft.handle.clone().unwrap_or_default())).or_default() += 1;
    }
    let mut drafts = found.drafts;
    for draft in &mut drafts {
        let Some(handle) = draft.handle.clone() else { continue };
        let key = (Arc::clone(&draft.package), handle);
        let Some(uses) = uses.get(&key).filter(|_| owners.get(&key) == Some(&1)) else { continue };
        for label in uses.iter().flat_map(|u| &u.labels) {
            merge_label(&mut draft.labels, label.clone());
        }
        draft.labels_complete = uses.iter().all(|u| u.complete);
    }
    drafts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_the_exporter_joins_them() {
        assert_eq!(exposed("http.server.duration", Some("seconds"), MetricType::Histogram), "http_server_duration_seconds");
        assert_eq!(exposed("request_seconds", Some("seconds"), MetricType::Histogram), "request_seconds");
        assert_eq!(exposed("sent_total", Some("bytes"), MetricType::Counter), "sent_bytes_total");
        assert_eq!(exposed("requests", None, MetricType::Counter), "requests_total");
    }
}
