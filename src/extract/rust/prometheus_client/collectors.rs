//! Collectors that write their metrics themselves: `encoder.encode_descriptor(name, help, unit, type)`.
//!
//! The prefix is that of the registry which the collector's type is registered with.

use std::sync::Arc;

use super::Collector;
use super::registry::Registry;
use crate::extract::rust::draft::{Draft, help_of, label, literals, name_of, package, unresolved};
use crate::extract::rust::types::{Named, type_among, type_of};
use crate::extract::rust::values::{Scope, Value};
use crate::extract::rust::walk::{Context, Origin};
use crate::model::{Bound, Buckets, Label, MetricType};
use crate::source::{Location, Span};
use crate::syntax::rust::tree::{Expr, ExprKind, MethodCall};

/// A family that a collector writes.
#[derive(Debug)]
pub(super) struct Descriptor {
    /// The collector's type.
    owner: String,
    draft: Draft,
    location: Location,
}

/// A collector given to a registry.
#[derive(Debug)]
pub(super) struct Registered {
    owner: String,
    package: Arc<str>,
    registry: Registry,
}

/// Labels of one member of a family, by the value that the family's encoder comes from.
#[derive(Debug)]
pub(super) struct Member {
    encoder: Location,
    labels: Vec<Label>,
    complete: bool,
}

/// The families, once for each registry that their collector is registered with.
pub(super) fn join(descriptors: &[Descriptor], registered: &[Registered], members: &[Member]) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for descriptor in descriptors {
        let mut draft = descriptor.draft.clone();
        let (place, whole) = (&descriptor.location, |m: &&Member| m.encoder.span);
        let own: Vec<&Member> = members
            .iter()
            .filter(|m| m.encoder.path == place.path && whole(m).start <= place.span.start && place.span.end <= whole(m).end)
            .collect();
        draft.labels_complete = !own.is_empty() && own.iter().all(|m| m.complete);
        for label in own.iter().flat_map(|m| &m.labels) {
            match draft.labels.iter_mut().find(|l| l.name == label.name) {
                Some(same) if same.bound != label.bound => same.bound = Bound::unknown(),
                Some(_) => {}
                None => draft.labels.push(label.clone()),
            }
        }
        let registries: Vec<&Registry> =
            registered.iter().filter(|r| r.owner == descriptor.owner && r.package == draft.package).map(|r| &r.registry).collect();
        if registries.is_empty() {
            drafts.push(Draft { registry: Some(Registry::unknown()), ..draft });
            continue;
        }
        drafts.extend(registries.into_iter().map(|registry| Draft { registry: Some(registry.clone()), ..draft.clone() }));
    }
    drafts
}

impl<'a> Collector<'a, '_> {
    /// A call of a collector or of what a collector is given to.
    pub(super) fn collected(&mut self, call: &'a MethodCall, span: Span, cx: &Context<'a, '_>) {
        match (call.method.as_str(), call.args.as_slice()) {
            ("encode_descriptor", [name, help, unit, kind]) => self.descriptor([name, help, unit, kind], span, cx),
            ("register_collector", [collector]) => {
                let Some(ty) = self.given_type(collector, span, cx).or_else(|| type_of(cx.world, collector, &cx.here)) else { return };
                let registry = self.registry_of(&call.receiver, &Scope::of(cx, span));
                self.found.registered.push(Registered { owner: ty.name.to_owned(), package: package(cx, cx.world), registry });
            }
            ("encode_family", [labels]) => self.member(&call.receiver, Some(labels), span, cx),
            // One that is no family: `metric.encode(encoder)`.
            ("encode", [encoder]) => self.member(encoder, None, span, cx),
            _ => {}
        }
    }

    /// The type of what a caller gives a function that hands it on as a trait object.
    fn given_type(&self, collector: &'a Expr, span: Span, cx: &Context<'a, '_>) -> Option<Named<'a>> {
        let ExprKind::Path(path) = &collector.kind else { return None };
        let binding = cx.bindings.iter().rev().find(|b| path.as_ident() == Some(b.name))?;
        let Origin::Param(parameter) = binding.origin else { return None };
        let (given, outer) = self.eval.argument(parameter, &Scope::of(cx, span))?;
        type_among(cx.world, given, outer.file, outer.bindings, outer.self_ty)
    }

    fn descriptor(&mut self, [name, help, unit, kind]: [&'a Expr; 4], span: Span, cx: &Context<'a, '_>) {
        let scope = Scope::quiet(cx, span);
        let location = cx.location(span);
        // The names of several may stand in a list.
        let name = name_of(self.eval.value(name, &Scope::of(cx, span)));
        let reason = match (self.kind_of(kind, &scope, cx), self.unit_word(unit, &scope), name) {
            (Some((kind, suffix)), Some(word), Ok(mut name)) => {
                if let Some(word) = &word {
                    name.text = format!("{}_{word}", name.text);
                }
                name.text.push_str(suffix);
                let mut draft = Draft::new(self.library, name, kind, span, cx);
                draft.exclusive = false;
                draft.help = help_of(&self.eval.value(help, &Scope::of(cx, span)));
                draft.unit = word;
                if kind == MetricType::Histogram {
                    draft.buckets = Buckets::RunTime { count: None, location: None };
                }
                // A function that several collectors call is that of each.
                let owner = cx.self_ty.or_else(|| cx.frames.iter().find_map(|level| level.from.self_ty));
                let owner = owner.unwrap_or_default().to_owned();
                self.found.descriptors.push(Descriptor { owner, draft, location });
                return;
            }
            (_, _, Err(reason)) => format!("a descriptor that a collector encodes by hand: {reason}"),
            _ => "a descriptor that a collector encodes by hand, whose type or unit is not known".to_owned(),
        };
        self.found.unresolved.push(unresolved(self.library, reason, location));
    }

    /// The type of `MetricType::Gauge` or `metric.metric_type()`, and what the text encoder puts after the name.
    fn kind_of(&self, expr: &'a Expr, scope: &Scope<'a, '_>, cx: &Context<'a, '_>) -> Option<(MetricType, &'static str)> {
        let ExprKind::MethodCall(call) = &expr.kind else { return self.type_word(expr) };
        if call.method.as_str() != "metric_type" {
            return None;
        }
        match self.shape_of(&call.receiver, scope, cx, 0)?.kind {
            MetricType::Unknown => None,
            MetricType::Counter => Some((MetricType::Counter, self.library.naming.counter_suffix.as_deref().unwrap_or_default())),
            kind => Some((kind, "")),
        }
    }

    /// The type of `MetricType::Gauge`, and what the text encoder puts after the name.
    pub(super) fn type_word(&self, expr: &Expr) -> Option<(MetricType, &'static str)> {
        let ExprKind::Path(path) = &expr.kind else { return None };
        let counter = self.library.naming.counter_suffix.as_deref().unwrap_or_default();
        Some(match path.last() {
            "Counter" => (MetricType::Counter, counter),
            "Gauge" => (MetricType::Gauge, ""),
            "Histogram" => (MetricType::Histogram, ""),
            "Info" => (MetricType::Gauge, "_info"),
            _ => return None,
        })
    }

    /// The word of `Some(&Unit::Seconds)`, if there is one; `None` for what is not known.
    fn unit_word(&self, expr: &'a Expr, scope: &Scope<'a, '_>) -> Option<Option<String>> {
        match &expr.kind {
            ExprKind::Path(path) if path.last() == "None" => Some(None),
            ExprKind::Call(callee, args) => match (&callee.kind, args.as_slice()) {
                (ExprKind::Path(path), [unit]) if path.last() == "Some" => {
                    let unit = if let ExprKind::Reference(inner) = &unit.kind { inner } else { unit };
                    self.unit(unit, scope).map(Some)
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// `family_encoder.encode_family(&[("name", value)])`, where there are labels.
    fn member(&mut self, encoder: &'a Expr, labels: Option<&'a Expr>, span: Span, cx: &Context<'a, '_>) {
        let scope = Scope::quiet(cx, span);
        let encoder = match &encoder.kind {
            ExprKind::Path(path) => path.as_ident().and_then(|name| scope.binding(name)).and_then(|(b, _)| b.init),
            _ => Some(encoder),
        };
        let Some(encoder) = encoder else { return };
        let (mut found, mut complete) = (Vec::new(), true);
        let of_type = |labels: &'a Expr| self.labels_of_type(type_of(cx.world, labels, &cx.here)?);
        match labels.map(|labels| (self.eval.label_value(labels, &scope), of_type(labels))) {
            None => {}
            Some((_, Some((of_type, all)))) => (found, complete) = (of_type, all),
            Some((Value::List(items), None)) => {
                for item in items {
                    match item {
                        Value::Tuple(pair) => match pair.as_slice() {
                            [Value::Text(name), value] if name.known => {
                                let bound = literals(value).map_or_else(Bound::unknown, Bound::of_values);
                                found.push(Label { bound, ..label(name) });
                            }
                            _ => complete = false,
                        },
                        _ => complete = false,
                    }
                }
            }
            Some(_) => complete = false,
        }
        self.found.members.push(Member { encoder: cx.location(encoder.span), labels: found, complete });
    }
}
