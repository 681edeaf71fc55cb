//! The `measured` crate: structs whose fields are metrics or further groups, joined into names from the outermost group on.
//!
//! Works on the whole tree at once: what a group's names begin with is where the group is a field.

mod labels;
mod written;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::attributes;
use super::collect::Ready;
use super::draft::{Draft, Help, buckets_of, unresolved};
use super::items;
use super::provided;
use super::values::{Evaluator, Scope, Text, Value, series};
use super::world::{TypeDef, World};
use crate::knowledge::libraries::{self, Action, Library};
use crate::model::{BucketSource, Buckets, Label, MetricType};
use crate::source::{Location, Span};
use crate::syntax::rust::tree::{Arg, Expr, ExprKind, Field, Item, ItemKind, Type, TypeKind};
use labels::LabelSets;
use written::Written;

pub(super) use super::provenance::{LabelGroup, Setter};

/// Groups in groups that are followed.
const MAX_DEPTH: usize = 20;

/// An item: its file and where its name starts.
type Key = (usize, u32);

/// A struct that derives `MetricGroup`.
#[derive(Debug, Clone, Copy)]
struct Group<'a> {
    file: usize,
    fields: &'a [Field],
}

/// What one field of a group is.
enum Part<'a> {
    Metric(Metric),
    /// Another group, under one more part of the name.
    Group {
        namespace: Option<String>,
        ty: &'a Type,
        location: Location,
    },
}

/// A metric without the beginning of its name.
#[derive(Clone)]
struct Metric {
    name: String,
    kind: MetricType,
    help: Help,
    labels: Vec<Label>,
    complete: bool,
    buckets: Buckets,
    location: Location,
    /// The field that holds it, and what its labels are set with.
    setter: Option<(String, Setter)>,
}

/// Everything that the groups of a tree hold.
pub(super) fn collect(world: &World<'_>, include_tests: bool) -> Ready {
    let Some(library) = libraries::get("measured") else { return Ready::default() };
    let mut collector = Collector {
        library,
        world,
        eval: Evaluator::new(world),
        groups: BTreeMap::new(),
        sets: LabelSets::default(),
        written: Written::default(),
        ready: Ready::default(),
    };
    for (file, parsed) in world.files.iter().enumerate() {
        if parsed.libraries.contains(&library.name.as_str()) {
            items::each(world, file, include_tests, &mut |item| collector.see(item, file));
            collector.written.walk(library, world, file, include_tests);
        }
    }
    collector.roots();
    collector.ready
}

struct Collector<'a, 'w> {
    library: &'static Library,
    world: &'w World<'a>,
    eval: Evaluator<'a, 'w>,
    groups: BTreeMap<Key, Group<'a>>,
    sets: LabelSets<'a>,
    written: Written<'a>,
    ready: Ready,
}

impl<'a> Collector<'a, '_> {
    fn see(&mut self, item: &'a Item, file: usize) {
        if let ItemKind::Struct(fields) = &item.kind
            && attributes::derives(&item.attrs, "MetricGroup")
            && !fields.iter().all(|f| self.is_state(&f.ty))
        {
            self.groups.insert((file, item.name.span.start), Group { file, fields });
        }
        self.sets.see(item, file);
        self.written.see(item, file);
    }

    /// Whether a type holds the values of a metric: a struct of such types is no group that is exposed.
    fn is_state(&self, ty: &Type) -> bool {
        strip(ty).path().and_then(|p| self.library.type_named(p.last())).is_some_and(|t| t.action == Action::State)
    }

    /// Starts from the groups that no other group holds.
    fn roots(&mut self) {
        let mut held: BTreeSet<Key> = BTreeSet::new();
        for group in self.groups.values() {
            for field in group.fields {
                let args: Vec<&Arg> = attributes::args(&field.attrs, "metric").collect();
                if attributes::flag(args.iter().copied(), "flatten") || attributes::keyed(args.iter().copied(), "namespace").is_some() {
                    self.groups_in(&field.ty, group.file, 0, &mut held);
                }
            }
        }
        let roots: Vec<(Key, Group<'a>)> = self.groups.iter().filter(|(key, _)| !held.contains(*key)).map(|(k, g)| (*k, *g)).collect();
        for (key, group) in roots {
            // A group that the code puts under a name at run time.
            let wrapped = self.world.files.get(group.file).is_some_and(|f| self.written.adds_namespaces(&f.source.package));
            let prefix = if wrapped { "*" } else { "" };
            self.group(key, group, prefix, 0);
        }
    }

    /// The groups that a type is, or hands on to: through references and wrappers, and through a struct with one field of them.
    fn groups_in(&self, ty: &'a Type, file: usize, depth: usize, into: &mut BTreeSet<Key>) {
        if depth > MAX_DEPTH {
            return;
        }
        let path = match &ty.kind {
            TypeKind::Reference(inner) => return self.groups_in(inner, file, depth + 1, into),
            TypeKind::Path(path) => path,
            _ => return,
        };
        let found = self.world.type_def(file, &path.names().collect::<Vec<_>>());
        let key = found.map(|t| (t.place.file, t.item.name.span.start));
        if let Some(key) = key.filter(|k| self.groups.contains_key(k)) {
            into.insert(key);
            return;
        }
        for inner in path.segments.iter().flat_map(|s| &s.generics) {
            self.groups_in(inner, file, depth + 1, into);
        }
        match found.map(|t| (t.kind, t.place.file)) {
            Some((TypeDef::Struct(fields), file)) => {
                let mut below = BTreeSet::new();
                fields.iter().for_each(|f| self.groups_in(&f.ty, file, depth + 1, &mut below));
                if below.len() == 1 {
                    into.extend(below);
                }
            }
            Some((TypeDef::Alias(ty), file)) => self.groups_in(ty, file, depth + 1, into),
            _ => {}
        }
    }

    fn group(&mut self, key: Key, group: Group<'a>, prefix: &str, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        for field in group.fields {
            match self.part(field, group.file) {
                Some(Part::Metric(metric)) => self.define(metric, prefix, key.0),
                Some(Part::Group { namespace, ty, location }) => {
                    let prefix = namespace.map_or_else(|| prefix.to_owned(), |ns| format!("{prefix}{ns}_"));
                    let mut below = BTreeSet::new();
                    self.groups_in(ty, group.file, 0, &mut below);
                    if below.is_empty() {
                        self.by_hand(field.name.as_str(), ty, &prefix, group.file, location);
                    }
                    for inner in below {
                        if let Some(group) = self.groups.get(&inner).copied() {
                            self.group(inner, group, &prefix, depth + 1);
                        }
                    }
                }
                None => {}
            }
        }
    }

    /// A group that the code writes itself: names given by constants of its type argument, or written one by one.
    fn by_hand(&mut self, field: &str, ty: &'a Type, prefix: &str, file: usize, location: Location) {
        if let Some((provider, families)) = strip(ty).path().and_then(|path| provided::of_type(self.world, file, path)) {
            let package: Arc<str> = self.world.files.get(file).map_or_else(|| "".into(), |f| Arc::clone(&f.source.package));
            for family in families {
                let text = format!("{prefix}{}", family.name);
                let name = Text { known: !text.contains('*'), text, location: location.clone(), left: 0, made: None };
                let mut draft = Draft::bare(self.library, name, family.kind(), location.clone(), Arc::clone(&package));
                (draft.library, draft.help, draft.provided) = (&provider.name, Help::Unknown, true);
                self.ready.drafts.push(draft);
            }
            return;
        }
        let metrics = self.written.metrics_of(ty, file, self.world, self.library, &self.sets);
        if metrics.is_empty() {
            let name = strip(ty).path().map_or("?", |p| p.last());
            let under = if prefix.is_empty() { String::new() } else { format!(", under `{prefix}`") };
            let reason = format!("`{name}` writes metrics of its own{under}, which are not followed");
            let under = if prefix.is_empty() { "*".to_owned() } else { format!("{}*", prefix.trim_end_matches('_')) };
            self.ready.unresolved.push(unresolved(self.library, reason, location).named(under));
        }
        for mut metric in metrics {
            if let Some((of, _)) = &mut metric.setter {
                field.clone_into(of);
            }
            self.define(metric, prefix, file);
        }
    }

    fn define(&mut self, metric: Metric, prefix: &str, file: usize) {
        let package: Arc<str> = self.world.files.get(file).map_or_else(|| "".into(), |f| Arc::clone(&f.source.package));
        let text = format!("{prefix}{}", metric.name);
        let name = Text { known: !text.contains('*'), text, location: metric.location.clone(), left: 0, made: None };
        let mut draft = Draft::bare(self.library, name, metric.kind, metric.location, package);
        draft.help = metric.help;
        draft.labels = metric.labels;
        draft.labels_complete = metric.complete;
        draft.buckets = metric.buckets;
        if let Some((field, setter)) = metric.setter {
            let metric = (field, draft.name.clone());
            match self.ready.groups.iter_mut().find(|g| g.setter == setter && *g.package == *draft.package) {
                Some(group) => group.metrics.push(metric),
                None => self.ready.groups.push(LabelGroup { setter, package: Arc::clone(&draft.package), metrics: vec![metric] }),
            }
        }
        self.ready.drafts.push(draft);
    }

    fn part(&self, field: &'a Field, file: usize) -> Option<Part<'a>> {
        let args: Vec<&'a Arg> = attributes::args(&field.attrs, "metric").collect();
        let keyed = |name: &str| attributes::keyed(args.iter().copied(), name);
        let location = self.world.location(file, field.name.span);
        let namespace = keyed("namespace");
        if namespace.is_some() || attributes::flag(args.iter().copied(), "flatten") {
            let namespace = namespace.map(|e| e.as_str().unwrap_or("*").to_owned());
            return Some(Part::Group { namespace, ty: &field.ty, location });
        }
        let name = keyed("rename").and_then(Expr::as_str).unwrap_or(field.name.as_str()).to_owned();
        let docs = attributes::docs(&field.attrs).join(" ").trim().to_owned();
        let help = if docs.is_empty() { Help::None } else { Help::Known(docs) };
        let ty = strip(&field.ty);
        let path = ty.path()?;
        let callable =
            self.library.type_named(path.last()).filter(|_| self.world.type_def(file, &path.names().collect::<Vec<_>>()).is_none());
        let generics = path.segments.last().map(|s| s.generics.as_slice()).unwrap_or_default();
        match callable {
            // The values of a metric, not a metric.
            Some(callable) if callable.action == Action::State => None,
            Some(callable) => {
                let (labels, complete) = match generics.first() {
                    Some(set) if callable.family => self.sets.labels(set, file, self.world),
                    _ => (Vec::new(), true),
                };
                let kind = callable.kind();
                let buckets = match kind {
                    MetricType::Histogram => {
                        let count = if callable.family { generics.get(1) } else { generics.first() };
                        let count = count.and_then(|n| self.length(n, file));
                        self.thresholds([keyed("metadata"), keyed("init")].into_iter().flatten(), count, file)
                    }
                    _ => Buckets::None,
                };
                let set = generics.first().filter(|_| callable.family);
                let setter = set.and_then(|set| Some((field.name.as_str().to_owned(), self.sets.setter(set, file, self.world)?)));
                Some(Part::Metric(Metric { name, kind, help, labels, complete, buckets, location, setter }))
            }
            None => {
                // A family of the code's own may add labels and write help itself.
                let kind = self.written.kind_of(ty, file, self.world, self.library, 0);
                let labels = generics.iter().map(|g| self.sets.labels(g, file, self.world)).find(|(labels, _)| !labels.is_empty());
                let help = if help == Help::None { Help::Unknown } else { help };
                let buckets = match kind {
                    MetricType::Histogram => Buckets::RunTime { count: None, location: None },
                    _ => Buckets::None,
                };
                let setter =
                    generics.iter().find_map(|set| Some((field.name.as_str().to_owned(), self.sets.setter(set, file, self.world)?)));
                let (labels, complete) = (labels.unwrap_or_default().0, false);
                Some(Part::Metric(Metric { name, kind, help, labels, complete, buckets, location, setter }))
            }
        }
    }

    /// A number given as a type argument.
    fn length(&self, ty: &'a Type, file: usize) -> Option<usize> {
        let value = match &ty.kind {
            TypeKind::Const(expr) => self.eval.value(expr, &Scope::of_item(file, None)),
            // A constant's name reads as a type.
            TypeKind::Path(path) => {
                let found = self.world.constants(file, &path.names().collect::<Vec<_>>(), None);
                let constant = found.first()?;
                self.eval.value(constant.value?, &Scope::of_item(constant.place.file, constant.place.owner))
            }
            _ => return None,
        };
        match value {
            Value::Number(n) if n >= 0.0 => Some(n as usize),
            _ => None,
        }
    }

    /// The bounds that `Thresholds::..(..)`, alone or inside another call, gives.
    fn thresholds(&self, exprs: impl Iterator<Item = &'a Expr>, count: Option<usize>, file: usize) -> Buckets {
        let unknown = Buckets::RunTime { count, location: None };
        let Some((name, args, span)) = exprs.into_iter().find_map(|e| thresholds_call(e, 0)) else { return unknown };
        let value = |i: usize| args.get(i).map(|a| self.eval.value(a, &Scope::of_item(file, None)));
        let location = Some(self.world.location(file, span));
        let list = match (name, value(0), value(1), count) {
            ("with_buckets", Some(list), None, _) => list,
            ("exponential_buckets", Some(Value::Number(start)), Some(Value::Number(factor)), Some(n)) => geometric(start, factor, n),
            ("linear_buckets", Some(Value::Number(start)), Some(Value::Number(width)), Some(n)) => series(start, width, n as f64, false),
            _ => return unknown,
        };
        match buckets_of(&list, location) {
            Buckets::RunTime { location, .. } => Buckets::RunTime { count, location },
            Buckets::Known { bounds, location, .. } => Buckets::Known { bounds, source: BucketSource::Explicit, location },
            Buckets::None => Buckets::None,
        }
    }
}

/// The crate raises the factor to a power, which is not what repeated multiplication gives.
fn geometric(start: f64, factor: f64, count: usize) -> Value {
    match i32::try_from(count) {
        Ok(count) if count <= 1_000 => Value::List((0..count).map(|i| Value::Number(start * factor.powi(i))).collect()),
        _ => Value::Count(count),
    }
}

fn thresholds_call(expr: &Expr, depth: usize) -> Option<(&str, &[Expr], Span)> {
    let ExprKind::Call(callee, args) = &expr.kind else { return None };
    let ExprKind::Path(path) = &callee.kind else { return None };
    if path.names().rev().nth(1) == Some("Thresholds") {
        return Some((path.last(), args, expr.span));
    }
    args.iter().filter(|_| depth < 4).find_map(|a| thresholds_call(a, depth + 1))
}

fn strip(ty: &Type) -> &Type {
    match &ty.kind {
        TypeKind::Reference(inner) => strip(inner),
        _ => ty,
    }
}
