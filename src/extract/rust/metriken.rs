//! The `metriken` crate: a static under `#[metric(name = "..", metadata = { .. })]` is a metric.

use std::collections::BTreeSet;

use super::attributes;
use super::draft::{Draft, Help, name_of};
use super::items;
use super::values::{Evaluator, Scope, Text, Value};
use super::world::{Miss, World};
use crate::knowledge::libraries::{self, Action, Library};
use crate::model::{Bound, Buckets, Label, MetricType, Unresolved};
use crate::source::Span;
use crate::syntax::rust::tree::{Attr, Item, ItemKind, Type};

/// What one file declares.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) drafts: Vec<Draft>,
    pub(super) unresolved: Vec<Unresolved>,
    pub(super) misses: BTreeSet<Miss>,
}

/// Every metric of one file.
pub(super) fn collect(eval: &Evaluator<'_, '_>, file: usize, include_tests: bool) -> Found {
    let mut found = Found::default();
    let Some(library) = libraries::get("metriken") else { return found };
    items::each(eval.world, file, include_tests, &mut |item| {
        let ItemKind::Const { ty: Some(ty), .. } = &item.kind else { return };
        let Some(attr) = item.attrs.iter().find(|a| matches!(&*a.name, "metric" | "metriken::metric")) else { return };
        let Some((kind, family)) = kind(library, ty) else { return };
        let location = eval.world.location(file, item.name.span);
        let named = attributes::keyed(attr.args.iter(), "name").map(|name| eval.value(name, &Scope::of_item(file, None)));
        match name_of(named.unwrap_or_else(|| Value::unknown("that of the module and the static"))) {
            Ok(name) => {
                let mut draft = metric(library, (eval.world, file), item, attr, name, kind);
                draft.labels_complete &= !family;
                found.drafts.push(draft);
            }
            Err(reason) => found.unresolved.push(super::draft::unresolved(library, reason, location)),
        }
    });
    found.drafts = joined(std::mem::take(&mut found.drafts));
    found.misses = eval.take_misses();
    found
}

/// The type of a metric, and whether it has members that get labels when the program runs.
fn kind(library: &Library, ty: &Type) -> Option<(MetricType, bool)> {
    let path = ty.path()?;
    // `Lazy<Counter>`
    let inner = path.segments.last().and_then(|s| s.generics.first()).and_then(Type::path);
    let own = |name: &str| library.type_named(name).filter(|t| t.action == Action::Field);
    let callable = own(path.last()).or_else(|| own(inner?.last()))?;
    Some((callable.kind(), callable.family))
}

fn metric(
    library: &'static Library,
    (world, file): (&World<'_>, usize),
    item: &Item,
    attr: &Attr,
    mut name: Text,
    kind: MetricType,
) -> Draft {
    name.text = name.text.replace(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | ':' | '*'), "_");
    if kind != MetricType::Gauge && !name.text.ends_with('*') {
        name.text.push('*');
        name.known = false;
    }
    let location = world.location(file, item.name.span);
    let package = world.files.get(file).map_or_else(|| "".into(), |f| f.source.package.clone());
    let mut draft = Draft::bare(library, name, kind, location, package);
    let help = attributes::keyed(attr.args.iter(), "description").and_then(|help| help.as_str());
    draft.help = help.map_or(Help::None, |help| Help::Known(help.to_owned()));
    let written = world.text(file, attr.span).unwrap_or_default();
    for (label, value) in metadata(written) {
        let place = Span::new(attr.span.start as usize, attr.span.end as usize);
        let bound = value.map_or_else(Bound::unknown, |value| Bound::of_values([value.to_owned()]));
        draft.labels.push(Label { name: label.to_owned(), bound, location: Some(world.location(file, place)) });
    }
    draft.labels_complete = !written.contains("formatter");
    if kind == MetricType::Histogram {
        draft.buckets = Buckets::RunTime { count: None, location: None };
    }
    draft.exclusive = false;
    draft
}

/// The pairs of `metadata = { op = "read", unit = "bytes" }`, which is no expression.
fn metadata(attr: &str) -> Vec<(&str, Option<&str>)> {
    let Some((_, after)) = attr.split_once("metadata") else { return Vec::new() };
    let Some(inside) = after.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map(|(inside, _)| inside) else {
        return Vec::new();
    };
    inside.split(',').filter_map(pair).collect()
}

fn pair(part: &str) -> Option<(&str, Option<&str>)> {
    let (name, value) = part.split_once('=')?;
    let text = value.trim().strip_prefix('"').and_then(|v| v.strip_suffix('"'));
    Some((name.trim().trim_matches('"'), text))
}

/// Statics of one name are members of one family.
fn joined(drafts: Vec<Draft>) -> Vec<Draft> {
    let mut all: Vec<Draft> = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let Some(first) = all.iter_mut().find(|d| d.name == draft.name && d.kind == draft.kind) else {
            all.push(draft);
            continue;
        };
        first.labels_complete &= draft.labels_complete;
        for label in draft.labels {
            match first.labels.iter_mut().find(|l| l.name == label.name) {
                Some(same) if same.bound.values.is_empty() || label.bound.values.is_empty() => same.bound = Bound::unknown(),
                Some(same) => {
                    same.bound = Bound::of_values(same.bound.values.iter().chain(&label.bound.values).cloned().collect::<Vec<_>>());
                }
                None => first.labels.push(label),
            }
        }
    }
    all
}
