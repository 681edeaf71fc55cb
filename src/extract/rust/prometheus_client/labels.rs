//! Label sets: structs that derive `EncodeLabelSet`, and the bounds that the types of their fields give.

use crate::extract::rust::attributes;
use crate::extract::rust::world::{TypeDef, World};
use crate::model::{Bound, BoundKind, Label};
use crate::source::Location;
use crate::syntax::rust::tree::{ExprKind, Field, Type, TypeKind, Variant};

/// Nesting of label sets and aliases that is followed.
const MAX_DEPTH: usize = 8;

/// The labels of a label set and whether they are all.
pub(super) fn of_type(world: &World<'_>, file: usize, ty: &Type, depth: usize) -> (Vec<Label>, bool) {
    if depth > MAX_DEPTH {
        return (Vec::new(), false);
    }
    let path = match &ty.kind {
        TypeKind::Tuple(parts) if parts.is_empty() => return (Vec::new(), true),
        TypeKind::Path(path) => path,
        _ => return (Vec::new(), false),
    };
    let names: Vec<&str> = path.names().collect();
    let Some(found) = world.type_def(file, &names) else { return (Vec::new(), false) };
    match found.kind {
        TypeDef::Alias(ty) => of_type(world, found.place.file, ty, depth + 1),
        TypeDef::Struct(fields) if attributes::derives(&found.item.attrs, "EncodeLabelSet") => {
            let (mut labels, mut complete) = (Vec::new(), true);
            for field in fields {
                if is_flattened(field) {
                    let (inner, all) = of_type(world, found.place.file, &field.ty, depth + 1);
                    labels.extend(inner);
                    complete &= all;
                } else {
                    labels.push(of_field(world, found.place.file, field));
                }
            }
            (labels, complete)
        }
        // Encoded by hand: the names are in its code.
        TypeDef::Struct(_) | TypeDef::Enum(_) => (Vec::new(), false),
    }
}

fn is_flattened(field: &Field) -> bool {
    attributes::args(&field.attrs, "prometheus")
        .any(|a| matches!(a.value.as_ref().map(|v| &v.kind), Some(ExprKind::Path(path)) if path.as_ident() == Some("flatten")))
}

fn of_field(world: &World<'_>, file: usize, field: &Field) -> Label {
    let location = world.files.get(file).map(|f| Location::new(&f.source.path, field.name.span));
    Label { name: field.name.as_str().to_owned(), bound: bound(world, file, &field.ty, 0), location }
}

fn bound(world: &World<'_>, file: usize, ty: &Type, depth: usize) -> Bound {
    let path = match &ty.kind {
        TypeKind::Path(path) => path,
        _ => return Bound::unknown(),
    };
    if path.as_ident() == Some("bool") {
        return Bound::of_values(["false".to_owned(), "true".to_owned()]);
    }
    if let Some(segment) = path.segments.last()
        && segment.name.as_str() == "Option"
        && let [inner] = segment.generics.as_slice()
        && depth < MAX_DEPTH
    {
        // `None` is written as an empty value.
        let mut inner = bound(world, file, inner, depth + 1);
        if inner.is_bounded() {
            inner.values.insert(0, String::new());
            inner.count = inner.count.map(|n| n + 1);
        }
        return inner;
    }
    let names: Vec<&str> = path.names().collect();
    match world.type_def(file, &names).map(|t| (t.kind, t)) {
        Some((TypeDef::Enum(variants), found)) if variants.iter().all(|v| v.fields.is_empty()) => {
            let derived = attributes::derives(&found.item.attrs, "EncodeLabelValue");
            let values = if derived { variants.iter().map(value_of).collect() } else { Vec::new() };
            Bound { kind: BoundKind::Enum, count: Some(variants.len() as u64), values }
        }
        Some((TypeDef::Alias(ty), found)) if depth < MAX_DEPTH => bound(world, found.place.file, ty, depth + 1),
        _ => Bound::unknown(),
    }
}

fn value_of(variant: &Variant) -> String {
    variant.name.as_str().to_owned()
}
