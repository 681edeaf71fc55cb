//! Crates with a derive under which the fields of a struct are metrics: `vise`, `iroh-metrics`, `prometheus-metric-storage`.
//!
//! Everything but the values is in the struct: the prefix, names, help, units and bounds in attributes, types and labels in types.
//! How they are written is data.

use std::cell::LazyCell;
use std::sync::Arc;

use super::attributes;
use super::case::{by_capitals, renamed};
use super::draft::{Draft, Help, buckets_of, default_buckets, labels_of};
use super::items;
use super::values::{Evaluator, Scope, Text, Value};
use super::world::{TypeAt, TypeDef, World};
use crate::knowledge::libraries::{Action, Fields, Library};
use crate::model::{Bound, BoundKind, BucketSource, Buckets, Label, MetricType, Unresolved};
use crate::source::{Location, Span};
use crate::syntax::rust::tree::{Arg, Attr, Expr, ExprKind, Field, ItemKind, Path, Type, TypeKind, Variant};

/// Aliases and type parameters that are followed.
const MAX_DEPTH: usize = 8;
/// Bounds of one histogram.
const MAX_BOUNDS: usize = 4_096;

/// Every metric of the structs of one file, and what could not be read.
pub(super) fn collect(
    library: &'static Library,
    written: &'static Fields,
    eval: &Evaluator<'_, '_>,
    file: usize,
    include_tests: bool,
) -> (Vec<Draft>, Vec<Unresolved>) {
    let (mut drafts, mut unresolved) = (Vec::new(), Vec::new());
    let mentioned = eval.world.mentions(eval.world.package(file), &library.crates);
    let prefixes = |text: &str| written.prefixed_by.iter().any(|method| text.contains(method.as_str()));
    let before = LazyCell::new(|| if eval.world.files.iter().any(|f| prefixes(&f.source.text)) { "*" } else { "" });
    items::each(eval.world, file, include_tests, &mut |item| {
        let ItemKind::Struct(fields) = &item.kind else { return };
        let ours = |name: &String| match mentioned {
            true => attributes::derives(&item.attrs, name),
            false => attributes::derives_by_path(&item.attrs, name, &library.crates),
        };
        if !library.derives.iter().any(ours) {
            return;
        }
        let args: Vec<&Arg> = attributes::args(&item.attrs, &written.attribute).collect();
        // The same derive of another crate.
        if attributes::keyed(args.iter().copied(), "scope").or(attributes::keyed(args.iter().copied(), "dynamic")).is_some() {
            return;
        }
        let given = attributes::keyed(args, &written.prefix).and_then(Expr::as_str).filter(|p| !p.is_empty()).map(str::to_owned);
        let prefix = given.or_else(|| renamed(item.name.as_str(), written.default_prefix.as_deref()?));
        let collector = Collector { library, written, eval, file };
        for field in fields {
            match collector.metric(*before, prefix.as_deref(), field) {
                Ok(draft) => drafts.push(draft),
                Err(reason) => unresolved.push(super::draft::unresolved(library, reason, collector.location(field.name.span))),
            }
        }
    });
    (drafts, unresolved)
}

struct Collector<'a, 'w, 'e> {
    library: &'static Library,
    written: &'static Fields,
    eval: &'e Evaluator<'a, 'w>,
    file: usize,
}

/// A type as it stands in a file.
#[derive(Clone, Copy)]
struct In<'a> {
    path: &'a Path,
    file: usize,
}

impl<'a> Collector<'a, '_, '_> {
    fn world(&self) -> &World<'a> {
        self.eval.world
    }

    fn location(&self, span: Span) -> Location {
        self.world().location(self.file, span)
    }

    fn metric(&self, before: &str, prefix: Option<&str>, field: &'a Field) -> Result<Draft, String> {
        let attrs: Vec<&'a Arg> = attributes::args(&field.attrs, &self.written.attribute).collect();
        let attr = |name: &str| attributes::keyed(attrs.iter().copied(), name);
        let name = field.name.as_str();
        let unknown = || format!("`{name}` is of a type that is not known to be a metric");
        let ty = self.aliased(In { path: field.ty.path().ok_or_else(unknown)?, file: self.file }, 0);
        let kind = self.kind(ty, 0).ok_or_else(unknown)?;
        let unit = match attr("unit") {
            Some(unit) => Some(self.unit(unit).ok_or("the unit, which ends the name, is not known")?),
            None => None,
        };
        let name = self.written.field_name.as_deref().and_then(attr).and_then(Expr::as_str).unwrap_or(name);
        let words = [prefix, Some(name), unit.as_deref()];
        let mut text = format!("{before}{}", words.into_iter().flatten().collect::<Vec<_>>().join("_"));
        if let Some(suffix) = self.library.naming.counter_suffix.as_deref().filter(|s| kind == MetricType::Counter && !text.ends_with(s)) {
            text.push_str(suffix);
        }
        let location = self.location(field.name.span);
        let package = self.world().files.get(self.file).map_or_else(|| "".into(), |f| Arc::clone(&f.source.package));
        let name = Text { known: !text.contains('*'), text, location: location.clone(), left: 0, made: None };
        let mut draft = Draft::bare(self.library, name, kind, location, package);
        draft.help = match (attr("help").and_then(Expr::as_str), self.help(field)) {
            (Some(help), _) => Help::Known(help.to_owned()),
            (None, help) if help.is_empty() => Help::None,
            (None, help) => Help::Known(help),
        };
        draft.unit = unit;
        let listed = |name: &str| attributes::listed(attrs.iter().copied(), name);
        (draft.labels, draft.labels_complete) = match listed("labels") {
            Some(names) => labels_of(&self.list(names)),
            None => self.labels(ty, attr("labels")),
        };
        if kind == MetricType::Histogram {
            draft.buckets = match (attr("buckets"), listed("buckets")) {
                (Some(buckets), _) => self.buckets(buckets, self.file, 0),
                (None, Some(bounds)) => {
                    let ends = bounds.first().zip(bounds.last());
                    buckets_of(&self.list(bounds), ends.map(|(a, b)| self.location(Span { start: a.span.start, end: b.span.end })))
                }
                (None, None) if !self.library.default_buckets.is_empty() => default_buckets(self.library),
                (None, None) => Buckets::RunTime { count: None, location: None },
            };
        }
        Ok(draft)
    }

    fn list(&self, items: &'a [Expr]) -> Value {
        Value::List(items.iter().map(|item| self.eval.value(item, &Scope::of_item(self.file, None))).collect())
    }

    fn help(&self, field: &Field) -> String {
        let docs = attributes::docs(&field.attrs);
        if self.written.help_is_first_line {
            return docs.first().copied().unwrap_or_default().to_owned();
        }
        let docs = docs.into_iter().filter(|l| !l.is_empty()).collect::<Vec<_>>().join(" ");
        // The registry ends the sentence itself.
        docs.strip_suffix(['.', '!', '?']).map(str::to_owned).unwrap_or(docs)
    }

    /// A type of the library behind the tree's own names for it.
    fn aliased(&self, ty: In<'a>, depth: usize) -> In<'a> {
        match self.defined(ty) {
            Some(TypeAt { kind: TypeDef::Alias(to), place, .. }) if depth < MAX_DEPTH => match to.path() {
                Some(path) => self.aliased(In { path, file: place.file }, depth + 1),
                None => ty,
            },
            _ => ty,
        }
    }

    fn defined(&self, ty: In<'a>) -> Option<TypeAt<'a>> {
        self.world().type_def(ty.file, &ty.path.names().collect::<Vec<_>>())
    }

    fn kind(&self, ty: In<'a>, depth: usize) -> Option<MetricType> {
        if depth > MAX_DEPTH || self.defined(ty).is_some() {
            return None;
        }
        let callable = self.library.type_named(ty.path.last()).filter(|t| t.action == Action::Field)?;
        match callable.kind() {
            MetricType::Unknown => self.kind(self.parameter(ty, 1)?, depth + 1),
            kind => Some(kind),
        }
    }

    /// A type parameter.
    fn parameter(&self, ty: In<'a>, at: usize) -> Option<In<'a>> {
        let path = stripped(ty.path.segments.last()?.generics.get(at)?).path()?;
        Some(self.aliased(In { path, file: ty.file }, 0))
    }

    fn unit(&self, expr: &'a Expr) -> Option<String> {
        match &expr.kind {
            ExprKind::Path(path) => self.library.units.get(path.last()).cloned(),
            ExprKind::Call(_, args) => match self.eval.value(args.first()?, &Scope::of_item(self.file, None)) {
                Value::Text(text) if text.known => Some(text.text),
                _ => None,
            },
            _ => None,
        }
    }

    fn labels(&self, ty: In<'a>, names: Option<&'a Expr>) -> (Vec<Label>, bool) {
        let family = self.library.type_named(ty.path.last()).is_some_and(|t| t.family);
        let set = ty.path.segments.last().and_then(|s| s.generics.first());
        let (true, Some(set)) = (family, set) else { return (Vec::new(), true) };
        let set = stripped(set);
        // Of a family of infos the labels of both.
        let (inner, all) = self.parameter(ty, 1).map_or((Vec::new(), true), |inner| self.labels(inner, None));
        let (mut labels, complete) = self.own_labels(set, ty.file, names);
        labels.extend(inner);
        (labels, complete && all)
    }

    fn own_labels(&self, set: &'a Type, file: usize, names: Option<&'a Expr>) -> (Vec<Label>, bool) {
        if let Some(names) = names {
            let (mut labels, complete) = labels_of(&self.eval.value(names, &Scope::of_item(self.file, None)));
            let types: Vec<&Type> = match &set.kind {
                TypeKind::Tuple(types) => types.iter().collect(),
                _ => vec![set],
            };
            if labels.len() == types.len() {
                labels.iter_mut().zip(types).for_each(|(label, ty)| label.bound = self.bound(ty, self.file, 0));
            }
            return (labels, complete);
        }
        match &set.kind {
            TypeKind::Tuple(none) if none.is_empty() => (Vec::new(), true),
            TypeKind::Path(path) => self.label_set(In { path, file }).unwrap_or_default(),
            _ => (Vec::new(), false),
        }
    }

    /// The labels of a type that derives `EncodeLabelSet`: one of a value, or one for each field.
    fn label_set(&self, set: In<'a>) -> Option<(Vec<Label>, bool)> {
        let set = self.aliased(set, 0);
        let found = self.defined(set)?;
        let file = found.place.file;
        let location = |span: Span| Some(self.world().location(file, span));
        if let Some(name) = self.label_arg(&found.item.attrs, "label") {
            let label = Label { name: name.to_owned(), bound: self.bound_of(&found), location: location(found.item.name.span) };
            return Some((vec![label], true));
        }
        match found.kind {
            TypeDef::Struct(fields) if attributes::derives(&found.item.attrs, "EncodeLabelSet") => {
                let one = |field: &'a Field| Label {
                    name: self.label_arg(&field.attrs, "name").unwrap_or(field.name.as_str()).to_owned(),
                    bound: self.bound(&field.ty, file, 0),
                    location: location(field.name.span),
                };
                Some((fields.iter().map(one).collect(), true))
            }
            _ => None,
        }
    }

    /// How many values a label of this type takes.
    fn bound(&self, ty: &'a Type, file: usize, depth: usize) -> Bound {
        let Some(path) = stripped(ty).path().filter(|_| depth < MAX_DEPTH) else { return Bound::unknown() };
        match (path.last(), path.segments.last().and_then(|s| s.generics.first())) {
            ("bool", _) => Bound::of_values(["false".to_owned(), "true".to_owned()]),
            ("Option", Some(inner)) => {
                let mut bound = self.bound(inner, file, depth + 1);
                bound.count = bound.count.map(|n| n.saturating_add(1));
                if !bound.values.is_empty() {
                    bound.values.insert(0, String::new());
                }
                bound
            }
            _ => self.defined(self.aliased(In { path, file }, 0)).map_or_else(Bound::unknown, |found| self.bound_of(&found)),
        }
    }

    /// The same for an enum without data. What it writes is known where a case is named; else it is what `Display` does.
    fn bound_of(&self, found: &TypeAt<'a>) -> Bound {
        let TypeDef::Enum(variants) = found.kind else { return Bound::unknown() };
        if variants.iter().any(|v| !v.fields.is_empty()) {
            return Bound::unknown();
        }
        let case = self.label_arg(&found.item.attrs, "rename_all").or(self.written.label_case.as_deref());
        let mut values = case.and_then(|case| self.values(variants, case)).unwrap_or_default();
        values.sort();
        Bound { kind: BoundKind::Enum, count: Some(variants.len() as u64), values }
    }

    /// What the variants are written as in a case.
    fn values(&self, variants: &[Variant], case: &str) -> Option<Vec<String>> {
        let one = |v: &Variant| {
            let own = self.label_arg(&v.attrs, "name").map(str::to_owned);
            own.or_else(|| by_capitals(v.name.as_str(), case))
        };
        variants.iter().map(one).collect()
    }

    fn label_arg<'t>(&self, attrs: &'t [Attr], name: &str) -> Option<&'t str> {
        attrs
            .iter()
            .filter(|a| *a.name == *self.written.label_attribute)
            .find_map(|a| attributes::keyed(&a.args, name).and_then(Expr::as_str))
    }

    /// `Buckets::LATENCIES`, `Buckets::values(&[..])`, `Buckets::linear(0.0..=10.0, 1.0)`, a list, a constant that is one of these.
    fn buckets(&self, expr: &'a Expr, file: usize, depth: usize) -> Buckets {
        let location = Some(self.world().location(file, expr.span));
        let value = |expr: &'a Expr| self.eval.value(expr, &Scope::of_item(file, None));
        let unknown = Buckets::RunTime { count: None, location: location.clone() };
        let known = |bounds: Vec<f64>| Buckets::Known { bounds, source: BucketSource::Explicit, location: location.clone() };
        match &expr.kind {
            ExprKind::Path(path) if depth < MAX_DEPTH => {
                let names: Vec<&str> = path.names().collect();
                let last = names.get(names.len().saturating_sub(2)..).unwrap_or_default().join("::");
                if let Some(bounds) = self.library.bounds.get(&last) {
                    return known(bounds.clone());
                }
                match self.world().constants(file, &names, None).as_slice() {
                    [only] => only.value.map_or(unknown, |value| self.buckets(value, only.place.file, depth + 1)),
                    _ => buckets_of(&value(expr), location.clone()),
                }
            }
            ExprKind::Call(callee, args) => {
                let ExprKind::Path(path) = &callee.kind else { return unknown };
                match (path.last(), args.as_slice()) {
                    ("values" | "from", [list]) => buckets_of(&value(list), location.clone()),
                    (form @ ("linear" | "exponential"), [range, step]) => {
                        let ExprKind::Range(Some(start), Some(end), _) = &range.kind else { return unknown };
                        match (value(start), value(end), value(step)) {
                            (Value::Number(start), Value::Number(end), Value::Number(step)) => {
                                series(start, end, step, form == "exponential").map_or(unknown, known)
                            }
                            _ => unknown,
                        }
                    }
                    _ => unknown,
                }
            }
            _ => buckets_of(&value(expr), location.clone()),
        }
    }
}

/// From the first bound on, each the step above the one before, up to the end.
fn series(start: f64, end: f64, step: f64, geometric: bool) -> Option<Vec<f64>> {
    let grows = if geometric { start > 0.0 && step > 1.0 } else { step > 0.0 };
    let next = |last: &f64| Some(if geometric { last * step } else { last + step }).filter(|n| *n <= end);
    let bounds: Vec<f64> = std::iter::successors(Some(start).filter(|_| grows), next).take(MAX_BOUNDS).collect();
    (!bounds.is_empty()).then_some(bounds)
}

fn stripped(ty: &Type) -> &Type {
    match &ty.kind {
        TypeKind::Reference(inner) => stripped(inner),
        _ => ty,
    }
}
