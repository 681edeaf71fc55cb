//! The `opentelemetry` crate: instruments that a meter builds.

use super::collect::{self, Collect, Mark};
use super::draft::{
    Draft, Help, buckets_of, default_buckets, handle, help_of, label, literals, name_of, package, sanitized, sanitized_label, unresolved,
};
use super::holders;
use super::otel_names::Exporters;
use super::prometheus::last_name;
use super::provenance::{self, inner};
use super::ties::{Alias, NamedUse, Ties};
use super::tracing_fields;
use super::types;
use super::values::{Evaluator, Scope, Value};
use super::walk::{Context, Origin, Parent, Visitor};
use crate::knowledge::libraries::{self, Callable, Library};
use crate::model::{BucketSource, Buckets, Label, MetricType, Unresolved};
use crate::source::{Location, Span};
use crate::syntax::rust::tree::{Expr, ExprKind, MacroCall, MethodCall, Stmt};

/// What one file defines and uses.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) drafts: Vec<Draft>,
    pub(super) unresolved: Vec<Unresolved>,
    pub(super) ties: Ties,
    /// Whether an instrument is of the versions whose exporter adds nothing to a name.
    before_suffixes: bool,
    /// Whether something is told to look at instruments in its own way, and with buckets of its own perhaps.
    views: bool,
    exporters: Exporters,
    /// What fields of events are where `layer` is there.
    events: Vec<Draft>,
    /// Whether events become metrics.
    layer: bool,
}

impl Found {
    /// Gives the names that the exporter of the tree makes, and takes back what later versions add to names.
    pub(super) fn settle_names(&mut self) {
        let mut drafts = std::mem::take(&mut self.drafts);
        drafts.extend(std::mem::take(&mut self.events).into_iter().filter(|_| self.layer));
        drafts.iter_mut().for_each(|draft| self.settle(draft));
        self.drafts = drafts;
    }

    /// The same of one that may be defined elsewhere.
    pub(super) fn settle(&self, draft: &mut Draft) {
        if self.before_suffixes {
            draft.name = draft.plain_name.take().unwrap_or_default();
            draft.unit = None;
        } else {
            self.exporters.settle(draft);
        }
        if self.views && matches!(draft.buckets, Buckets::Known { source: BucketSource::LibraryDefault, .. }) {
            draft.buckets = Buckets::RunTime { count: None, location: None };
        }
    }

    pub(super) fn extend(&mut self, other: Found) {
        self.drafts.extend(other.drafts);
        self.unresolved.extend(other.unresolved);
        self.ties.extend(other.ties);
        self.before_suffixes |= other.before_suffixes;
        self.views |= other.views;
        self.exporters.extend(other.exporters);
        self.events.extend(other.events);
        self.layer |= other.layer;
    }
}

/// What a builder is told.
#[derive(Default)]
struct Built {
    help: Help,
    unit: Option<Value>,
    buckets: Option<Buckets>,
}

/// Collects from one file.
pub(super) struct Collector<'a, 'w> {
    library: &'static Library,
    pub(super) eval: Evaluator<'a, 'w>,
    pub(super) found: Found,
    /// Whether the package names the library; else another crate of the tree may give it a meter.
    named: bool,
}

impl<'a, 'w> Collector<'a, 'w> {
    /// `None` where the file has nothing of the library.
    pub(super) fn new(eval: Evaluator<'a, 'w>, file: usize) -> Option<Self> {
        let library = libraries::get("opentelemetry")?;
        let named = eval.world.names_crate(file, &library.crates);
        let text = &eval.world.files.get(file)?.source.text;
        let calls = || library.methods.iter().any(|m| m.distinctive && text.contains(&format!(".{}(", m.name)));
        let exports = || library.exporter.as_ref().is_some_and(|exporter| text.contains(&exporter.krate));
        let events = || library.events.as_ref().is_some_and(|events| tracing_fields::may_be_in(events, text));
        // A pair is a label of an instrument, wherever that comes from.
        let labels = || text.contains("KeyValue::new");
        (named || calls() || exports() || events() || labels()).then(|| Collector { library, eval, found: Found::default(), named })
    }

    /// Whether the tree's own type of an object has a method of this name.
    fn is_own(&self, call: &'a MethodCall, cx: &Context<'a, '_>) -> bool {
        let ty = types::type_of(cx.world, &call.receiver, &cx.here);
        ty.is_some_and(|ty| !cx.world.methods(ty.name, call.method.as_str()).is_empty())
    }

    fn define(&mut self, callable: &Callable, call: &'a MethodCall, span: Span, cx: &Context<'a, '_>) {
        let scope = Scope::of(cx, span);
        let Some(name) = call.args.first() else { return };
        let mut given = Built::default();
        let mut whole = span;
        let mut built = false;
        for outer in cx.enclosing() {
            let ExprKind::MethodCall(outer_call) = &outer.kind else { break };
            if outer_call.receiver.span.start != span.start || outer_call.receiver.span.end < span.end {
                break;
            }
            if builds(outer_call) {
                built = true;
            }
            self.told(&mut given, outer_call, &scope);
            whole = outer.span;
            if built {
                break;
            }
        }
        let location = cx.location(whole);
        if !self.named && (!built || self.is_own(call, cx)) {
            return;
        }
        if !built {
            // The builder is handed on, and a unit that is given later becomes part of the name.
            given.help = Help::Unknown;
            if given.unit.is_none() {
                let reason = "the instrument is built elsewhere, so its unit, which ends the name, is not known";
                let known = name_of(self.eval.value(name, &scope)).map_or_else(|_| "*".to_owned(), |n| format!("{}*", sanitized(&n.text)));
                self.found.unresolved.push(unresolved(self.library, reason.into(), location).named(known));
                return;
            }
        }
        self.defined(callable, name, given, whole, &scope, cx);
    }

    /// `builder.build()`, where a variable holds the builder: what its `let` and the statements since tell it.
    fn built(&mut self, call: &'a MethodCall, cx: &Context<'a, '_>) {
        let ExprKind::Path(path) = &call.receiver.kind else { return };
        let Some(name) = path.as_ident() else { return };
        let Some((at, binding)) = cx.bindings.iter().enumerate().rfind(|(_, b)| b.name == name) else { return };
        let (Origin::Let, Some(init), Some((block, next))) = (binding.origin, binding.init, binding.after) else { return };
        let Some((instrument, callable, told)) = self.instrument(init) else { return };
        let scope = Scope::of(cx, call.receiver.span);
        let before = scope.among(cx.bindings.get(..at).unwrap_or_default());
        let mut given = Built::default();
        told.iter().for_each(|call| self.told(&mut given, call, &before));
        self.reassigned(&mut given, name, &block.stmts, next, call.receiver.span.start, &scope);
        let place = cx.location(init.span);
        self.found.unresolved.retain(|u| u.location != place);
        if let Some(name) = instrument.args.first() {
            self.defined(callable, name, given, init.span, &before, cx);
        }
    }

    /// The call that names the instrument at the start of a chain, and the calls after it.
    fn instrument(&self, mut expr: &'a Expr) -> Option<(&'a MethodCall, &'static Callable, Vec<&'a MethodCall>)> {
        let mut after = Vec::new();
        loop {
            let ExprKind::MethodCall(call) = &expr.kind else { return None };
            match self.library.method_named(call.method.as_str()) {
                Some(callable) => return Some((call, callable, after)),
                None if builds(call) => return None,
                None => after.push(call),
            }
            expr = &call.receiver;
        }
    }

    /// `builder = builder.with_unit(..)`, also under a condition.
    fn reassigned(&self, given: &mut Built, name: &str, stmts: &'a [Stmt], next: usize, end: u32, scope: &Scope<'a, '_>) {
        for stmt in stmts.iter().skip(next) {
            let Stmt::Expr(expr, _) = stmt else { continue };
            if expr.span.start >= end {
                break;
            }
            match &expr.kind {
                ExprKind::Assign(place, value) if matches!(&place.kind, ExprKind::Path(p) if p.as_ident() == Some(name)) => {
                    let mut value = &**value;
                    while let ExprKind::MethodCall(call) = &value.kind {
                        self.told(given, call, scope);
                        value = &call.receiver;
                    }
                }
                ExprKind::If(cond, then, None) => match self.eval.holds(cond, scope) {
                    Some(true) => self.reassigned(given, name, &then.stmts, 0, end, scope),
                    Some(false) => {}
                    None => {
                        let mut maybe = Built::default();
                        self.reassigned(&mut maybe, name, &then.stmts, 0, end, scope);
                        if maybe.unit.is_some() {
                            given.unit = Some(Value::unknown("given under a condition"));
                        }
                    }
                },
                _ => {}
            }
        }
    }

    /// Takes in what a call tells a builder.
    fn told(&self, given: &mut Built, call: &'a MethodCall, scope: &Scope<'a, '_>) {
        match (call.method.as_str(), call.args.as_slice()) {
            ("with_description", [text]) => given.help = help_of(&self.eval.value(text, scope)),
            ("with_unit", [text]) => given.unit = Some(self.eval.value(unit_text(text), scope)),
            ("with_boundaries", [bounds]) => {
                given.buckets = Some(buckets_of(&self.eval.value(bounds, scope), Some(self.eval.location(scope.file, bounds.span))));
            }
            _ => {}
        }
    }

    fn defined(&mut self, callable: &Callable, name: &'a Expr, given: Built, whole: Span, scope: &Scope<'a, '_>, cx: &Context<'a, '_>) {
        let location = cx.location(whole);
        match name_of(self.eval.value(name, scope)) {
            Ok(mut name) => {
                let kind = callable.kind();
                let word = match &given.unit {
                    Some(Value::Text(text)) if text.known => unit_word(self.library, &text.text, kind),
                    _ => None,
                };
                let plain = sanitized(&name.text);
                name.text = exposed(&plain, word.as_deref(), kind, self.library);
                self.found.before_suffixes |= callable.before_suffixes;
                if matches!(&given.unit, Some(value) if !value.is_known()) {
                    let one = unresolved(self.library, "the unit, which ends the name, is not known".into(), location);
                    self.found.unresolved.push(one.named(format!("{}*", name.text.trim_end_matches("_total"))));
                    return;
                }
                let mut draft = Draft::new(self.library, name, kind, whole, cx);
                draft.exclusive = false;
                draft.plain_name = Some(plain);
                draft.plain_unit = match &given.unit {
                    Some(Value::Text(text)) if text.text == "1" => Some("ratio".to_owned()),
                    _ => word.clone(),
                };
                draft.help = given.help;
                draft.unit = word;
                if kind == MetricType::Histogram {
                    draft.buckets = given.buckets.unwrap_or_else(|| default_buckets(self.library));
                }
                self.found.drafts.push(draft);
            }
            Err(reason) => self.found.unresolved.push(unresolved(self.library, reason, location)),
        }
    }

    /// A call that sets attributes of the instrument that `receiver` is, or that it stands in.
    fn used(&mut self, receiver: &'a Expr, attributes: &'a Expr, method: &str, span: Span, cx: &Context<'a, '_>) {
        let instrument = |p: &Parent<'a>| match p {
            Parent::Expr(e) if self.is_instrument(e) => Some(cx.location(e.span)),
            _ => None,
        };
        let inside = || cx.parents.iter().rev().find_map(instrument);
        let (handle, beside) = match method {
            "bind" => (None, Some(cx.location(receiver.span))),
            _ => match (&receiver.kind, last_name(receiver)) {
                (ExprKind::Call(callee, _), _) => (None, self.given_by(callee, cx)),
                // `observer.observe(..)` in what observes it.
                (_, Some(_)) if method == "observe" && inside().is_some() => (None, inside()),
                _ => (holders::of(receiver, cx).map(|h| h.name), None),
            },
        };
        if handle.is_none() && beside.is_none() {
            return;
        }
        let (mut labels, mut at, mut complete) = (Vec::new(), Vec::new(), true);
        match self.eval.label_value(attributes, &Scope::quiet(cx, span)) {
            Value::List(items) if items.iter().all(|item| matches!(item, Value::Tuple(parts) if parts.len() == 2)) => {
                let written = provenance::pairs(attributes, cx);
                let written = if written.len() == items.len() { written } else { vec![None; items.len()] };
                for (item, place) in items.iter().zip(written) {
                    match item {
                        Value::Tuple(parts) => match parts.as_slice() {
                            [Value::Text(name), value] if name.known => {
                                let mut label = label(name);
                                label.name = sanitized_label(&label.name);
                                labels.push((label, literals(value)));
                                at.push(place);
                            }
                            _ => complete = false,
                        },
                        _ => complete = false,
                    }
                }
            }
            _ => {
                let given = provenance::put_together(attributes, cx);
                complete = given.whole;
                given.unread.iter().for_each(|function| self.eval.ask_for_body(function));
                for pair in given.all {
                    let scope = pair.elsewhere.map_or_else(|| Scope::quiet(cx, span), |(file, owner)| Scope::of_item(file, owner));
                    let file = pair.elsewhere.map_or(cx.file, |(file, _)| file);
                    let parts = match (self.eval.label_value(pair.expr, &scope), &pair.expr.kind) {
                        (Value::Tuple(parts), _) => parts,
                        // `KEY.string(value)`
                        (_, ExprKind::MethodCall(call)) if matches!(call.method.as_str(), "string" | "i64" | "f64" | "bool" | "array") => {
                            [&call.receiver].into_iter().chain(&call.args).map(|part| self.eval.label_value(part, &scope)).collect()
                        }
                        _ => Vec::new(),
                    };
                    let Ok([Value::Text(name), value]) = <[Value; 2]>::try_from(parts) else {
                        complete = false;
                        continue;
                    };
                    let mut label = label(&name);
                    label.name = sanitized_label(&label.name);
                    match labels.iter().position(|(known, _): &(Label, _)| known.name == label.name) {
                        // More values than one place tells.
                        Some(known) => {
                            if let (Some(known), Some(at)) = (labels.get_mut(known), at.get_mut(known)) {
                                (known.1, *at) = (None, None);
                            }
                        }
                        None if name.known => {
                            labels.push((label, literals(&value)));
                            at.push(provenance::second(file, pair.expr));
                        }
                        None => complete = false,
                    }
                }
            }
        }
        self.found.ties.named.push(NamedUse {
            package: package(cx, cx.world),
            handle: handle.unwrap_or_default().to_owned(),
            beside,
            labels,
            at,
            complete,
            location: cx.location(span),
        });
    }

    fn is_instrument(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::MethodCall(call) => self.library.method_named(call.method.as_str()).is_some() || self.is_instrument(&call.receiver),
            _ => false,
        }
    }

    /// The body of the function of the tree that gives an instrument.
    fn given_by(&self, callee: &'a Expr, cx: &Context<'a, '_>) -> Option<Location> {
        let ExprKind::Path(path) = &callee.kind else { return None };
        let found = cx.world.functions(cx.file, &path.names().collect::<Vec<_>>(), cx.self_ty);
        let [only] = found.as_slice() else { return None };
        let output = only.function.output.as_ref()?.path()?.last();
        let body = only.function.body.as_ref()?;
        self.library.type_named(output).is_some().then(|| cx.world.location(only.place.file, body.span))
    }
}

impl<'a, 'w> Collect<'a, 'w> for Collector<'a, 'w> {
    fn mark(&self) -> Mark {
        [self.found.drafts.len(), self.found.unresolved.len(), self.found.ties.named.len(), self.found.ties.aliases.len(), 0]
    }

    fn rewind(&mut self, [drafts, unresolved, named, aliases, _]: Mark) {
        self.found.ties.aliases.truncate(aliases);
        self.found.drafts.truncate(drafts);
        self.found.unresolved.truncate(unresolved);
        self.found.ties.named.truncate(named);
    }

    fn eval(&self) -> &Evaluator<'a, 'w> {
        &self.eval
    }

    fn give(&mut self, into: &mut collect::Found) {
        into.otel.extend(std::mem::take(&mut self.found));
    }
}

impl<'a> Visitor<'a> for Collector<'a, '_> {
    fn expr(&mut self, expr: &'a Expr, cx: &Context<'a, '_>) {
        self.found.exporters.see(self.library, expr, &self.eval, cx);
        if let ExprKind::Path(path) = &expr.kind {
            self.found.layer |= self.library.events.as_ref().is_some_and(|events| path.names().any(|name| name == events.layer));
        }
        if let ExprKind::Call(callee, _) = &expr.kind {
            if let (Some(body), Some(handle)) = (self.given_by(callee, cx), handle(cx)) {
                self.found.ties.aliases.push(Alias { package: package(cx, cx.world), handle, body });
            }
            return;
        }
        let ExprKind::MethodCall(call) = &expr.kind else { return };
        match self.library.method_named(call.method.as_str()) {
            Some(callable) if matches!(call.args.len(), 1 | 2) => self.define(callable, call, expr.span, cx),
            _ => match (call.method.as_str(), call.args.as_slice()) {
                (method @ ("add" | "record" | "observe"), [_, attributes]) => self.used(&call.receiver, attributes, method, expr.span, cx),
                // What a callback of several instruments tells one of them.
                ("observe_u64" | "observe_i64" | "observe_f64", [instrument, _, attributes]) => {
                    self.used(inner(instrument), attributes, "add", expr.span, cx);
                }
                ("with_view", [_, ..]) => self.found.views = true,
                _ if builds(call) => self.built(call, cx),
                ("bind", [attributes]) if self.is_instrument(&call.receiver) => {
                    self.used(&call.receiver, attributes, "bind", expr.span, cx);
                }
                _ => {}
            },
        }
    }

    fn macro_call(&mut self, call: &'a MacroCall, _: Span, cx: &Context<'a, '_>) {
        // An event has nothing that a caller decides.
        if !cx.frames.is_empty() {
            return;
        }
        for (draft, used) in tracing_fields::metrics(self.library, call, &self.eval, cx) {
            self.found.events.push(draft);
            self.found.ties.named.push(used);
        }
    }
}

/// Whether a call makes the instrument of its builder.
fn builds(call: &MethodCall) -> bool {
    matches!(call.method.as_str(), "build" | "init" | "try_init" | "start")
}

/// `Unit::new("s")` of older versions is its text.
fn unit_text(expr: &Expr) -> &Expr {
    match &expr.kind {
        ExprKind::Call(callee, args) => match (&callee.kind, args.as_slice()) {
            (ExprKind::Path(path), [text]) if path.last() == "new" => text,
            _ => expr,
        },
        _ => expr,
    }
}

fn exposed(name: &str, unit: Option<&str>, kind: MetricType, library: &Library) -> String {
    let counter = library.naming.counter_suffix.as_deref().filter(|_| kind == MetricType::Counter);
    let mut out = counter.and_then(|suffix| name.strip_suffix(suffix)).unwrap_or(name).to_owned();
    if let Some(unit) = unit.filter(|u| library.naming.unit_suffix && !out.ends_with(&format!("_{u}"))) {
        out.push('_');
        out.push_str(unit);
    }
    out.push_str(counter.unwrap_or_default());
    out
}

/// The word of a unit in the exposed name.
fn unit_word(library: &Library, unit: &str, kind: MetricType) -> Option<String> {
    if unit == "1" {
        return (kind == MetricType::Gauge).then(|| "ratio".to_owned());
    }
    if let Some(word) = library.units.get(unit) {
        return Some(word.clone());
    }
    let (first, second) = unit.split_once('/')?;
    let per = match second {
        "s" => "second",
        "m" => "minute",
        "h" => "hour",
        "d" => "day",
        "w" => "week",
        "mo" => "month",
        "y" => "year",
        _ => return None,
    };
    match library.units.get(first) {
        Some(word) => Some(format!("{word}_per_{per}")),
        None => Some(format!("per_{per}")),
    }
}

/// The name under which the exporter shows an instrument, and the word of its unit in it.
pub(super) fn exposed_name(library: &Library, name: &str, unit: Option<&str>, kind: MetricType) -> (String, Option<String>) {
    let word = unit.and_then(|unit| unit_word(library, unit, kind));
    (exposed(&sanitized(name), word.as_deref(), kind, library), word)
}
