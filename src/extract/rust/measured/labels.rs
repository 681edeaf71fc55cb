//! Label sets of the `measured` crate: derived groups, single enums, and groups that code writes itself.

use std::collections::HashMap;

use super::{MAX_DEPTH, Setter, strip};
use crate::extract::rust::attributes;
use crate::extract::rust::case::renamed;
use crate::extract::rust::world::{TypeAt, TypeDef, World};
use crate::model::{Bound, BoundKind, Label};
use crate::source::Span;
use crate::syntax::rust::tree::{Arg, Expr, Field, Item, ItemKind, Type, TypeKind, Variant};

/// `#[derive(LabelGroup)] #[label(set = Name)]`: its file, its fields, the struct.
type Derived<'a> = (usize, &'a [Field], &'a Item);

/// Label groups by the name of their set, and what code implements by hand by the name of the type.
#[derive(Debug, Default)]
pub(super) struct LabelSets<'a> {
    derived: HashMap<&'a str, Vec<Derived<'a>>>,
    /// (file, bytes of the bodies) of `impl LabelGroup for Type`.
    written: HashMap<&'a str, Vec<(usize, Vec<Span>)>>,
    /// `type Group = ..` of `impl LabelGroupSet for Type`.
    groups: HashMap<&'a str, Vec<(usize, &'a Type)>>,
}

impl<'a> LabelSets<'a> {
    pub(super) fn see(&mut self, item: &'a Item, file: usize) {
        match &item.kind {
            ItemKind::Struct(fields) if attributes::derives(&item.attrs, "LabelGroup") => {
                let args: Vec<&'a Arg> = attributes::args(&item.attrs, "label").collect();
                if let Some(set) = attributes::keyed(args, "set").and_then(path_name) {
                    self.derived.entry(set).or_default().push((file, fields, item));
                }
            }
            ItemKind::Impl { trait_path: Some(path), self_ty, items, .. } => {
                let Some(owner) = strip(self_ty).path().map(|p| p.last()) else { return };
                match path.last() {
                    "LabelGroup" => {
                        let body = |i: &Item| match &i.kind {
                            ItemKind::Fn(function) => function.body.as_ref().map(|b| b.span),
                            _ => None,
                        };
                        self.written.entry(owner).or_default().push((file, items.iter().filter_map(body).collect()));
                    }
                    "LabelGroupSet" => {
                        for item in items {
                            if let (ItemKind::TypeAlias(ty), "Group") = (&item.kind, item.name.as_str()) {
                                self.groups.entry(owner).or_default().push((file, ty));
                            }
                        }
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// The labels of a set or group, and whether they are all.
    pub(super) fn labels(&self, ty: &'a Type, file: usize, world: &World<'a>) -> (Vec<Label>, bool) {
        self.of(ty, file, world, 0).unwrap_or_default()
    }

    /// What code sets the labels of this set with.
    pub(super) fn setter(&self, ty: &'a Type, file: usize, world: &World<'a>) -> Option<Setter> {
        let path = strip(ty).path()?;
        let names: Vec<&str> = path.names().collect();
        let name = world.full_path(file, &names).last().copied()?;
        if let Some((at, fields, item)) = nearest(self.derived.get(name), file, world, |d| d.0) {
            let labels = fields.iter().map(|f| (f.name.as_str().to_owned(), label_name(f).to_owned())).collect();
            return Some(Setter::Struct { file: *at, name: item.name.as_str().to_owned(), labels });
        }
        let (labels, _) = self.labels(ty, file, world);
        match labels.as_slice() {
            [only] if path.last() == "StaticLabelSet" => Some(Setter::Value(only.name.clone())),
            _ => None,
        }
    }

    fn of(&self, ty: &'a Type, file: usize, world: &World<'a>, depth: usize) -> Option<(Vec<Label>, bool)> {
        if depth > MAX_DEPTH {
            return None;
        }
        let path = strip(ty).path()?;
        if path.last() == "NoLabels" {
            return Some((Vec::new(), true));
        }
        if path.last() == "StaticLabelSet" {
            return self.of(path.segments.last()?.generics.first()?, file, world, depth + 1);
        }
        let names: Vec<&str> = path.names().collect();
        let name = world.full_path(file, &names).last().copied()?.to_owned();
        if let Some((at, fields, _)) = nearest(self.derived.get(name.as_str()), file, world, |d| d.0) {
            return Some((fields.iter().map(|f| label(f, *at, world)).collect(), true));
        }
        if let Some((at, group)) = nearest(self.groups.get(name.as_str()), file, world, |g| g.0) {
            return self.of(group, *at, world, depth + 1);
        }
        let found = world.type_def(file, &names);
        if let Some(TypeAt { place, item, kind: TypeDef::Enum(variants) }) = found
            && attributes::derives(&item.attrs, "FixedCardinalityLabel")
        {
            let args: Vec<&Arg> = attributes::args(&item.attrs, "label").collect();
            if let Some(single) = attributes::keyed(args, "singleton").and_then(Expr::as_str) {
                let location = Some(world.location(place.file, item.name.span));
                return Some((vec![Label { name: single.to_owned(), bound: of_enum(item, variants, place.file, world), location }], true));
            }
        }
        let (at, bodies) = nearest(self.written.get(name.as_str()), file, world, |w| w.0)?;
        let mut labels = Vec::new();
        for body in bodies {
            let text = world.text(*at, *body).unwrap_or_default();
            for (offset, marker) in text.match_indices("LabelName::from_str(\"") {
                let start = offset + marker.len();
                let Some(name) = text.get(start..).and_then(|rest| rest.split('"').next()) else { continue };
                let begin = body.start as usize + start;
                let location = Some(world.location(*at, Span::new(begin, begin + name.len())));
                labels.push(Label { name: name.to_owned(), bound: Bound::unknown(), location });
            }
        }
        let complete = !labels.is_empty();
        Some((labels, complete))
    }
}

/// The one of several that stands in the same file, else in the same package, else the only one.
fn nearest<'s, 'a, T>(all: Option<&'s Vec<T>>, file: usize, world: &World<'a>, place: impl Fn(&T) -> usize) -> Option<&'s T> {
    let all = all?;
    let package = world.package(file);
    let mut same = all.iter().filter(|t| world.package(place(t)) == package);
    all.iter().find(|t| place(t) == file).or_else(|| same.next()).or_else(|| all.first().filter(|_| all.len() == 1))
}

fn path_name(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        crate::syntax::rust::tree::ExprKind::Path(path) => path.as_ident(),
        _ => None,
    }
}

/// The label that a field of a group is.
fn label_name(field: &Field) -> &str {
    attributes::keyed(attributes::args(&field.attrs, "label"), "rename").and_then(Expr::as_str).unwrap_or(field.name.as_str())
}

fn label(field: &Field, file: usize, world: &World<'_>) -> Label {
    let args: Vec<&Arg> = attributes::args(&field.attrs, "label").collect();
    let keyed = |name: &str| attributes::keyed(args.iter().copied(), name);
    let name = label_name(field);
    let open = keyed("dynamic_with").is_some() || keyed("fixed_with").is_some();
    let bound = if open { Bound::unknown() } else { bound_of(&field.ty, file, world) };
    Label { name: name.to_owned(), bound, location: Some(world.location(file, field.name.span)) }
}

fn bound_of(ty: &Type, file: usize, world: &World<'_>) -> Bound {
    let TypeKind::Path(path) = &strip(ty).kind else { return Bound::unknown() };
    match world.type_def(file, &path.names().collect::<Vec<_>>()) {
        Some(TypeAt { place, item, kind: TypeDef::Enum(variants) }) if attributes::derives(&item.attrs, "FixedCardinalityLabel") => {
            of_enum(item, variants, place.file, world)
        }
        _ => Bound::unknown(),
    }
}

/// The values that the derive writes for the variants.
fn of_enum(item: &Item, variants: &[Variant], file: usize, world: &World<'_>) -> Bound {
    let args: Vec<&Arg> = attributes::args(&item.attrs, "label").collect();
    let case = attributes::keyed(args, "rename_all").and_then(Expr::as_str).unwrap_or("snake_case");
    let value = |variant: &Variant| {
        let args: Vec<&Arg> = attributes::args(&variant.attrs, "label").collect();
        if let Some(name) = attributes::keyed(args, "rename").and_then(Expr::as_str) {
            return Some(name.to_owned());
        }
        let end = variant.name.span.end;
        let after = world.text(file, Span { start: end, end: end.saturating_add(32) }).unwrap_or_default().trim_start();
        match after.strip_prefix('=') {
            Some(number) => {
                let digits: String = number.trim_start().chars().take_while(char::is_ascii_digit).collect();
                Some(digits).filter(|d| !d.is_empty())
            }
            None => renamed(variant.name.as_str(), case),
        }
    };
    let mut values: Vec<String> = variants.iter().map(value).collect::<Option<_>>().unwrap_or_default();
    values.sort();
    Bound { kind: BoundKind::Enum, count: Some(variants.len() as u64), values }
}
