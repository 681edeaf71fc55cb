//! Metrics that events of the `tracing` crate carry as fields: `info!(monotonic_counter.requests = 1, method = %method)`.
//!
//! The metrics layer of `tracing-opentelemetry` makes an instrument of each field with such a prefix, and attributes of all other
//! fields of the event, the message too.

use super::draft::{Draft, Help, default_buckets, literals, package, sanitized_label};
use super::opentelemetry::exposed_name;
use super::provenance::ValueAt;
use super::ties::NamedUse;
use super::values::{Evaluator, Scope, Text};
use super::walk::Context;
use crate::knowledge::libraries::{Events, Library};
use crate::model::{Bound, Label, MetricType};
use crate::source::Span;
use crate::syntax::rust::tree::{Expr, ExprKind, MacroCall};

/// Whether a text holds an event whose fields are metrics, or the layer that makes them so.
pub(super) fn may_be_in(events: &Events, text: &str) -> bool {
    text.contains(&events.layer) || events.prefixes.iter().any(|prefix| prefix.distinctive && text.contains(&prefix.name))
}

/// A field of an event, as it is written.
#[derive(Debug)]
struct Field<'t> {
    /// Its name; the message has none.
    name: &'t str,
    /// What it is set to, without the sign that says how it is shown; `None` for the name alone.
    value: Option<&'t str>,
    shown: bool,
    /// The bytes of the name and of the value, in the body.
    at: (usize, usize),
}

impl<'t> Field<'t> {
    /// The name and type of the metric that a number under this name is.
    fn metric(&self, events: &Events) -> Option<(&'t str, MetricType)> {
        events.prefixes.iter().find_map(|prefix| Some((self.name.strip_prefix(prefix.name.as_str())?, MetricType::parse(&prefix.kind))))
    }
}

/// The metrics of an event, and the labels that it gives each of them.
pub(super) fn metrics<'a>(
    library: &'static Library,
    call: &'a MacroCall,
    eval: &Evaluator<'a, '_>,
    cx: &Context<'a, '_>,
) -> Vec<(Draft, NamedUse)> {
    let Some(events) = &library.events else { return Vec::new() };
    let body = cx.world.text(cx.file, call.body).unwrap_or_default();
    if !events.macros.iter().any(|name| name == call.path.last()) || !events.prefixes.iter().any(|prefix| body.contains(&prefix.name)) {
        return Vec::new();
    }
    let fields = fields(body);
    let is_metric = |field: &Field<'_>| field.value.is_some() && !field.shown && field.metric(events).is_some();
    if !fields.iter().any(is_metric) {
        return Vec::new();
    }
    let start = call.body.start as usize;
    let place = |at: usize, text: &str| cx.location(Span::new(start + at, start + at + text.len()));
    let scope = Scope::quiet(cx, call.body);
    let (mut labels, mut at) = (Vec::new(), Vec::new());
    let mut unit = None;
    for field in fields.iter().filter(|f| !is_metric(f)) {
        let value = expression(call, u32::try_from(start + field.at.1).unwrap_or_default());
        if field.name == events.unit {
            unit = field.value.map(|text| text.trim_matches('"').to_owned());
            continue;
        }
        let name = sanitized_label(if field.name.is_empty() { "message" } else { field.name });
        let values = value.filter(|_| !field.shown).and_then(|value| literals(&eval.label_value(value, &scope)));
        // A message with values in it is as many texts as there are values.
        let written = !field.name.is_empty() || field.value.is_some_and(|text| !text.contains('{'));
        let location = place(field.at.0, field.value.filter(|_| field.name.is_empty()).unwrap_or(field.name));
        labels.push((Label { name, bound: Bound::unknown(), location: Some(location) }, values.filter(|_| written)));
        at.push(value.filter(|_| written).map(|value| ValueAt::new(cx.file, value.span)));
    }
    let package = package(cx, cx.world);
    let metric = |field: &Field<'_>| {
        let (name, kind) = field.metric(events)?;
        let location = place(field.at.0, field.name);
        let (exposed, word) = exposed_name(library, name, unit.as_deref(), kind);
        let text = Text { text: exposed, known: true, location: location.clone(), left: 0, made: None };
        let mut draft = Draft::bare(library, text, kind, location.clone(), package.clone());
        draft.plain_name = Some(super::draft::sanitized(name));
        // No event can tell it.
        draft.help = Help::Unknown;
        draft.plain_unit.clone_from(&word);
        draft.unit = word;
        if kind == MetricType::Histogram {
            draft.buckets = default_buckets(library);
        }
        let used = NamedUse {
            package: package.clone(),
            handle: String::new(),
            beside: None,
            labels: labels.clone(),
            at: at.clone(),
            complete: true,
            location,
        };
        Some((draft, used))
    };
    fields.iter().filter(|f| is_metric(f)).filter_map(metric).collect()
}

/// The expression of a macro's body that begins there.
fn expression(call: &MacroCall, start: u32) -> Option<&Expr> {
    let begins = |e: &&Expr| e.span.start == start;
    let inside = |e: &'_ Expr| match &e.kind {
        ExprKind::Assign(_, value) => Some(value.span.start),
        _ => None,
    };
    call.args.iter().filter_map(|a| a.value.as_ref()).find_map(|value| match &value.kind {
        ExprKind::Assign(_, set) if inside(value) == Some(start) => Some(&**set),
        _ => Some(value).filter(begins),
    })
}

/// The fields of an event's body; what comes after the message are its values.
fn fields(body: &str) -> Vec<Field<'_>> {
    let mut all = Vec::new();
    for (from, part) in parts(body) {
        let start = after_comments(part);
        let (from, part) = (from + start, part.get(start..).unwrap_or_default().trim_end());
        if part.is_empty() {
            continue;
        }
        if is_text(part) {
            all.push(Field { name: "", value: Some(part), shown: false, at: (from, from) });
            break;
        }
        let (name, set) = match equals(part) {
            Some(at) => (part.get(..at).unwrap_or_default().trim(), part.get(at + 1..)),
            None => (part.trim_start_matches(['%', '?']), None),
        };
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
        let name = name.trim_matches('"');
        // `target: "x"`, `Level::INFO`, and what is no field.
        if !name.chars().all(is_name) || name.is_empty() {
            continue;
        }
        match set {
            Some(set) => {
                let blank = set.len() - set.trim_start().len();
                let at = from + part.len() - set.len() + blank;
                let set = set.trim_start();
                let value = set.trim_start_matches(['%', '?']);
                let sign = set.len() - value.len();
                all.push(Field { name, value: Some(value), shown: sign > 0, at: (from, at + sign) });
            }
            None => {
                let sign = part.len() - name.len();
                all.push(Field { name, value: None, shown: sign > 0, at: (from, from + sign) });
            }
        }
    }
    all
}

/// Where a part begins, after blanks and comments.
fn after_comments(part: &str) -> usize {
    let mut at = 0;
    loop {
        let rest = part.get(at..).unwrap_or_default();
        let blank = rest.len() - rest.trim_start().len();
        match rest.trim_start().strip_prefix("//") {
            Some(comment) => at += blank + 2 + comment.find('\n').unwrap_or(comment.len()),
            None => return at + blank,
        }
    }
}

/// Whether a part is one string.
fn is_text(part: &str) -> bool {
    if part.starts_with("r\"") || part.starts_with("r#") {
        return true;
    }
    let Some(inner) = part.strip_prefix('"') else { return false };
    let mut escaped = false;
    let end = inner.find(|c: char| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    end.is_some_and(|end| end + 1 == inner.len())
}

/// Where a `=` stands that sets a field.
fn equals(part: &str) -> Option<usize> {
    let at = part.find('=')?;
    let before = part.get(..at)?.trim();
    let is_name = before.trim_matches('"').chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'));
    (is_name && !part.get(at + 1..)?.starts_with('=')).then_some(at)
}

/// What stands between the commas of a body, with where it begins.
fn parts(body: &str) -> Vec<(usize, &str)> {
    let (mut all, mut from, mut depth, mut at) = (Vec::new(), 0, 0_usize, 0);
    let bytes = body.as_bytes();
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at += 1;
                while let Some(inner) = bytes.get(at).filter(|b| **b != b'"') {
                    at += if *inner == b'\\' { 2 } else { 1 };
                }
            }
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at += body.get(at..).and_then(|rest| rest.find('\n')).unwrap_or(body.len());
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                all.push((from, body.get(from..at).unwrap_or_default()));
                from = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    all.push((from, body.get(from..).unwrap_or_default()));
    all
}
