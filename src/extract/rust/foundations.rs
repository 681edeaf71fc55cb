//! The `foundations` crate: a module under `#[metrics]` whose functions are metrics and whose parameters are labels.

use std::sync::Arc;

use super::attributes;
use super::case::by_capitals;
use super::draft::{Draft, Help, buckets_of};
use super::items;
use super::values::{Evaluator, Scope, Text};
use super::world::{TypeAt, TypeDef, World};
use crate::knowledge::libraries::{self, Action, Library};
use crate::model::{Bound, BoundKind, Buckets, Label, MetricType};
use crate::source::Span;
use crate::syntax::rust::tree::{Arg, Attr, ExprKind, Function, Item, ItemKind, Path, Type, TypeKind, Variant};

/// Every metric of the modules of one file.
pub(super) fn collect(eval: &Evaluator<'_, '_>, file: usize, include_tests: bool) -> Vec<Draft> {
    let Some(library) = libraries::get("foundations") else { return Vec::new() };
    let mut drafts = Vec::new();
    let used = eval.world.mentions(eval.world.package(file), &library.crates);
    items::each(eval.world, file, include_tests, &mut |item| {
        let ItemKind::Mod(Some(functions)) = &item.kind else { return };
        let Some(attr) = item.attrs.iter().find(|a| &*a.name == "metrics" && used || a.name.starts_with("foundations::")) else { return };
        let prefix = if attributes::flag(&attr.args, "unprefixed") { "" } else { "*_" };
        for function in functions {
            if let ItemKind::Fn(signature) = &function.kind
                && signature.body.is_none()
                && (include_tests || !attributes::is_test(&function.attrs))
            {
                let collector = Collector { library, eval, file };
                drafts.extend(collector.metric(&format!("{prefix}{}_", item.name.as_str()), function, signature));
            }
        }
    });
    drafts
}

struct Collector<'a, 'w, 'e> {
    library: &'static Library,
    eval: &'e Evaluator<'a, 'w>,
    file: usize,
}

impl<'a> Collector<'a, '_, '_> {
    fn world(&self) -> &World<'a> {
        self.eval.world
    }

    fn metric(&self, prefix: &str, item: &'a Item, function: &'a Function) -> Option<Draft> {
        let location = self.world().location(self.file, item.name.span);
        let ty = function.output.as_ref()?.path()?;
        let kind = self.kind(ty, 0);
        let package = self.world().files.get(self.file).map_or_else(|| "".into(), |f| Arc::clone(&f.source.package));
        let text = format!("{prefix}{}", item.name.as_str());
        let name = Text { known: !text.contains('*'), text, location: location.clone(), left: 0, made: None };
        let mut draft = Draft::bare(self.library, name, kind, location, package);
        let docs = attributes::docs(&item.attrs).join(" ").trim().to_owned();
        draft.help = if docs.is_empty() { Help::None } else { Help::Known(docs) };
        let mut from = item.name.span.end;
        for param in &function.params {
            let (Some(name), Some(ty)) = (param.pat.as_ident(), param.ty.as_ref()) else { continue };
            // The attributes of a parameter, which the tree leaves out.
            let before = self.world().text(self.file, Span { start: from, end: name.span.start }).unwrap_or_default();
            from = ty.span.end;
            if before.contains("flatten") {
                draft.labels_complete = false;
                continue;
            }
            let rename = before.split_once("rename").and_then(|(_, rest)| rest.split('"').nth(1));
            draft.labels.push(Label {
                name: rename.unwrap_or(name.as_str()).to_owned(),
                bound: if before.contains("serde_as") { Bound::unknown() } else { self.bound(ty, 0) },
                location: Some(self.world().location(self.file, name.span)),
            });
        }
        // A family with a label set of its own.
        draft.labels_complete &= ty.last() != "Family";
        if kind == MetricType::Histogram {
            draft.buckets = self.buckets(&item.attrs);
        }
        Some(draft)
    }

    fn kind(&self, ty: &Path, depth: usize) -> MetricType {
        let generics = ty.segments.last().map(|s| s.generics.as_slice()).unwrap_or_default();
        let inner = match ty.last() {
            "WithExemplar" => generics.first(),
            "Family" => generics.get(1),
            _ => None,
        };
        if let Some(inner) = inner.and_then(|t| t.path()).filter(|_| depth < 4) {
            return self.kind(inner, depth + 1);
        }
        let own = self.world().type_def(self.file, &ty.names().collect::<Vec<_>>()).is_some();
        let known = self.library.type_named(ty.last()).filter(|t| t.action == Action::Field && !own);
        known.map_or(MetricType::Unknown, |t| t.kind())
    }

    /// The bounds in `#[ctor = HistogramBuilder { buckets: &[..] }]`.
    fn buckets(&self, attrs: &'a [Attr]) -> Buckets {
        let constructors = attributes::args(attrs, "ctor").filter_map(|a| a.value.as_ref());
        let bounds = constructors.filter_map(|value| match &value.kind {
            ExprKind::Struct(made) => made.fields.iter().find(|(name, _)| name.as_str() == "buckets").map(|(_, bounds)| bounds),
            _ => None,
        });
        match bounds.last() {
            Some(bounds) => {
                let location = self.world().location(self.file, bounds.span);
                buckets_of(&self.eval.value(bounds, &Scope::of_item(self.file, None)), Some(location))
            }
            None => Buckets::RunTime { count: None, location: None },
        }
    }

    /// How many values a label of this type takes: what serde writes for an enum without data.
    fn bound(&self, ty: &Type, depth: usize) -> Bound {
        let path = match &ty.kind {
            TypeKind::Reference(inner) => return self.bound(inner, depth),
            TypeKind::Path(path) => path,
            // `impl Into<T>`
            TypeKind::Bounds(all) => match all.iter().find(|p| p.last() == "Into").and_then(|p| p.segments.last()?.generics.first()) {
                Some(inner) if depth < 4 => return self.bound(inner, depth + 1),
                _ => return Bound::unknown(),
            },
            _ => return Bound::unknown(),
        };
        if path.as_ident() == Some("bool") {
            return Bound::of_values(["false".to_owned(), "true".to_owned()]);
        }
        match self.world().type_def(self.file, &path.names().collect::<Vec<_>>()) {
            Some(TypeAt { item, kind: TypeDef::Enum(variants), .. }) if variants.iter().all(|v| v.fields.is_empty()) => {
                let derived = attributes::derives(&item.attrs, "Serialize");
                let mut values = if derived { serialized(item, variants).unwrap_or_default() } else { Vec::new() };
                values.sort();
                Bound { kind: BoundKind::Enum, count: Some(variants.len() as u64), values }
            }
            _ => Bound::unknown(),
        }
    }
}

/// What serde writes for each variant.
fn serialized(item: &Item, variants: &[Variant]) -> Option<Vec<String>> {
    let args: Vec<&Arg> = attributes::args(&item.attrs, "serde").collect();
    let case = attributes::keyed(args.iter().copied(), "rename_all");
    let value = |variant: &Variant| {
        let own: Vec<&Arg> = attributes::args(&variant.attrs, "serde").collect();
        match (attributes::keyed(own, "rename"), case) {
            (Some(name), _) => name.as_str().map(str::to_owned),
            (None, Some(case)) => by_capitals(variant.name.as_str(), case.as_str()?),
            (None, None) => Some(variant.name.as_str().to_owned()),
        }
    };
    variants.iter().map(value).collect()
}
