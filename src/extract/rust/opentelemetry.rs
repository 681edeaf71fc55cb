//! The `opentelemetry` crate: instruments that a meter builds.

use super::collect::{self, Collect, Mark};
use super::draft::{Draft, Help, buckets_of, default_buckets, help_of, label, literals, name_of, package, sanitized, unresolved};
use super::prometheus::last_name;
use super::provenance;
use super::ties::{NamedUse, Ties};
use super::values::{Evaluator, Scope, Value};
use super::walk::{Context, Visitor};
use crate::knowledge::libraries::{self, Callable, Library};
use crate::model::{MetricType, Unresolved};
use crate::source::Span;
use crate::syntax::rust::tree::{Expr, ExprKind, MacroCall, MethodCall};

/// What one file defines and uses.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) drafts: Vec<Draft>,
    pub(super) unresolved: Vec<Unresolved>,
    pub(super) ties: Ties,
}

impl Found {
    pub(super) fn extend(&mut self, other: Found) {
        self.drafts.extend(other.drafts);
        self.unresolved.extend(other.unresolved);
        self.ties.extend(other.ties);
    }
}

/// Collects from one file.
pub(super) struct Collector<'a, 'w> {
    library: &'static Library,
    pub(super) eval: Evaluator<'a, 'w>,
    pub(super) found: Found,
}

impl<'a, 'w> Collector<'a, 'w> {
    /// `None` where the file's package does not use the library.
    pub(super) fn new(eval: Evaluator<'a, 'w>, file: usize) -> Option<Self> {
        let library = libraries::get("opentelemetry")?;
        let used = eval.world.mentions(eval.world.package(file), &library.crates);
        used.then(|| Collector { library, eval, found: Found::default() })
    }

    fn define(&mut self, callable: &Callable, call: &'a MethodCall, span: Span, cx: &Context<'a, '_>) {
        let scope = Scope::of(cx, span);
        let Some(name) = call.args.first() else { return };
        let (mut help, mut unit, mut buckets) = (Help::None, None, None);
        let mut whole = span;
        let mut built = false;
        for outer in cx.enclosing() {
            let ExprKind::MethodCall(outer_call) = &outer.kind else { break };
            if outer_call.receiver.span.start != span.start || outer_call.receiver.span.end < span.end {
                break;
            }
            match (outer_call.method.as_str(), outer_call.args.as_slice()) {
                ("with_description", [text]) => help = help_of(&self.eval.value(text, &scope)),
                ("with_unit", [text]) => unit = Some(self.eval.value(unit_text(text), &scope)),
                ("with_boundaries", [bounds]) => {
                    buckets = Some(buckets_of(&self.eval.value(bounds, &scope), Some(cx.location(bounds.span))));
                }
                ("build" | "init" | "try_init" | "start", _) => built = true,
                _ if built => break,
                _ => {}
            }
            whole = outer.span;
            if built {
                break;
            }
        }
        let location = cx.location(whole);
        if !built {
            // The builder is handed on, and a unit that is given later becomes part of the name.
            help = Help::Unknown;
            if unit.is_none() {
                let reason = "the instrument is built elsewhere, so its unit, which ends the name, is not known";
                let known = name_of(self.eval.value(name, &scope)).map_or_else(|_| "*".to_owned(), |n| format!("{}*", sanitized(&n.text)));
                self.found.unresolved.push(unresolved(self.library, reason.into(), location).named(known));
                return;
            }
        }
        match name_of(self.eval.value(name, &scope)) {
            Ok(mut name) => {
                let kind = callable.kind();
                let word = match &unit {
                    Some(Value::Text(text)) if text.known => self.unit_word(&text.text, kind),
                    _ => None,
                };
                name.text = exposed(&sanitized(&name.text), word.as_deref(), kind, self.library);
                if matches!(&unit, Some(value) if !value.is_known()) {
                    let one = unresolved(self.library, "the unit, which ends the name, is not known".into(), location);
                    self.found.unresolved.push(one.named(format!("{}*", name.text.trim_end_matches("_total"))));
                    return;
                }
                let mut draft = Draft::new(self.library, name, kind, whole, cx);
                draft.exclusive = false;
                draft.help = help;
                draft.unit = word;
                if kind == MetricType::Histogram {
                    draft.buckets = buckets.unwrap_or_else(|| default_buckets(self.library));
                }
                self.found.drafts.push(draft);
            }
            Err(reason) => self.found.unresolved.push(unresolved(self.library, reason, location)),
        }
    }

    /// The word of a unit in the exposed name.
    fn unit_word(&self, unit: &str, kind: MetricType) -> Option<String> {
        if unit == "1" {
            return (kind == MetricType::Gauge).then(|| "ratio".to_owned());
        }
        if let Some(word) = self.library.units.get(unit) {
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
        match self.library.units.get(first) {
            Some(word) => Some(format!("{word}_per_{per}")),
            None => Some(format!("per_{per}")),
        }
    }

    fn used(&mut self, call: &'a MethodCall, span: Span, cx: &Context<'a, '_>) {
        let (Some(handle), [_, attributes]) = (last_name(&call.receiver), call.args.as_slice()) else { return };
        let Value::List(items) = self.eval.value(attributes, &Scope::quiet(cx, span)) else {
            let named = NamedUse {
                package: package(cx, cx.world),
                handle: handle.to_owned(),
                labels: Vec::new(),
                at: Vec::new(),
                complete: false,
                location: cx.location(span),
            };
            self.found.ties.named.push(named);
            return;
        };
        let mut complete = true;
        let (mut labels, mut at) = (Vec::new(), Vec::new());
        let written = provenance::pairs(attributes, cx);
        let written = if written.len() == items.len() { written } else { vec![None; items.len()] };
        for (item, place) in items.iter().zip(written) {
            match item {
                Value::Tuple(parts) => match parts.as_slice() {
                    [Value::Text(name), value] if name.known => {
                        let mut label = label(name);
                        label.name = sanitized(&label.name);
                        labels.push((label, literals(value)));
                        at.push(place);
                    }
                    _ => complete = false,
                },
                _ => complete = false,
            }
        }
        self.found.ties.named.push(NamedUse {
            package: package(cx, cx.world),
            handle: handle.to_owned(),
            labels,
            at,
            complete,
            location: cx.location(span),
        });
    }
}

impl<'a, 'w> Collect<'a, 'w> for Collector<'a, 'w> {
    fn mark(&self) -> Mark {
        [self.found.drafts.len(), self.found.unresolved.len(), self.found.ties.named.len(), 0, 0]
    }

    fn rewind(&mut self, [drafts, unresolved, named, ..]: Mark) {
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
        let ExprKind::MethodCall(call) = &expr.kind else { return };
        match self.library.method_named(call.method.as_str()) {
            Some(callable) if call.args.len() == 1 => self.define(callable, call, expr.span, cx),
            _ if matches!(call.method.as_str(), "add" | "record" | "observe") => self.used(call, expr.span, cx),
            _ => {}
        }
    }

    fn macro_call(&mut self, _: &'a MacroCall, _: Span, _: &Context<'a, '_>) {}
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
