//! `#[derive(Metrics)]` of the `metrics-derive` crate: a struct whose fields are metrics of the `metrics` crate.
//!
//! Name, type and help are in the struct; labels, and a scope that is `dynamic`, are where it is made. Both become emissions and
//! descriptions, so that the recorder treats them like every other metric of that crate.

use std::sync::Arc;

use super::attributes;
use super::draft::{Help, sanitized, sanitized_label};
use super::given_labels::pairs;
use super::items;
use super::metrics::{Description, Emission, Given};
use super::provenance::{self, ValueAt};
use super::values::{Evaluator, Scope, Text, Value};
use super::walk::Context;
use super::world::World;
use crate::knowledge::libraries::{Action, Library};
use crate::model::MetricType;
use crate::source::{Location, Span};
use crate::syntax::rust::tree::{Arg, Expr, ExprKind, Item, ItemKind, Lit};

/// A struct: its file and where its name starts.
type Key = (usize, u32);

/// A struct that derives its metrics.
#[derive(Debug)]
struct Derived {
    key: Key,
    name: String,
    /// `None` where the code that makes it gives one.
    scope: Option<String>,
    separator: String,
    fields: Vec<FieldMetric>,
    package: Arc<str>,
}

#[derive(Debug)]
struct FieldMetric {
    name: String,
    kind: MetricType,
    help: Help,
    /// What the field itself gives: `labels = [("status", "ok")]`.
    labels: Vec<Given>,
    location: Location,
}

/// A call that makes such a struct with labels or a scope.
#[derive(Debug)]
struct Construction {
    /// The struct, where the path leads to one.
    key: Option<Key>,
    name: String,
    scope: Option<Value>,
    labels: Vec<Given>,
    complete: bool,
    location: Location,
}

/// What one file derives and makes.
#[derive(Debug, Default)]
pub(super) struct Found {
    structs: Vec<Derived>,
    constructions: Vec<Construction>,
}

impl Found {
    /// The structs of a file.
    pub(super) fn structs_of(library: &Library, world: &World<'_>, file: usize, include_tests: bool) -> Self {
        let mut found = Found::default();
        items::each(world, file, include_tests, &mut |item| found.structs.extend(derived(library, item, world, file)));
        found
    }

    pub(super) fn extend(&mut self, other: Found) {
        self.structs.extend(other.structs);
        self.constructions.extend(other.constructions);
    }

    /// How many calls were seen.
    pub(super) fn mark(&self) -> usize {
        self.constructions.len()
    }

    /// Forgets the calls seen since.
    pub(super) fn rewind(&mut self, mark: usize) {
        self.constructions.truncate(mark);
    }

    /// Takes a call into account that may make such a struct.
    pub(super) fn see<'a>(&mut self, library: &Library, expr: &'a Expr, eval: &Evaluator<'a, '_>, cx: &Context<'a, '_>) {
        let ExprKind::Call(callee, args) = &expr.kind else { return };
        let ExprKind::Path(path) = &callee.kind else { return };
        let labelled = match (path.last(), args.len()) {
            ("new_with_labels", 1 | 2) => true,
            ("new", 1) => false,
            _ => return,
        };
        let mut names: Vec<&str> = path.names().collect();
        names.pop();
        if names == ["Self"] {
            names = cx.self_ty.into_iter().collect();
        }
        let Some(&name) = names.last() else { return };
        let item = cx.world.type_def(cx.file, &names);
        let derives = item.is_some_and(|t| is_derived(library, t.item));
        // `new` is everybody's; a labelled one of a type that is not found may be one of ours under another path.
        if !(derives || labelled && item.is_none()) {
            return;
        }
        let scope = Scope::of(cx, expr.span);
        let mut labels = Vec::new();
        let mut complete = true;
        if let (true, Some(list)) = (labelled, args.last()) {
            complete = match eval.label_value(list, &Scope::quiet(cx, expr.span)) {
                Value::List(items) => pairs(&items, &provenance::pairs(list, cx), &mut labels),
                _ => false,
            };
        }
        self.constructions.push(Construction {
            key: item.filter(|_| derives).map(|t| (t.place.file, t.item.name.span.start)),
            name: name.to_owned(),
            scope: args.first().filter(|_| !labelled || args.len() == 2).map(|e| eval.value(e, &scope)),
            labels,
            complete,
            location: cx.location(expr.span),
        });
    }

    /// The expressions that give labels their values.
    pub(super) fn values(&self) -> impl Iterator<Item = ValueAt> + '_ {
        self.constructions.iter().flat_map(|c| &c.labels).filter_map(|g| g.at)
    }

    /// Emissions and descriptions of all fields.
    pub(super) fn into_uses(self) -> (Vec<Emission>, Vec<Description>) {
        let (mut emissions, mut descriptions) = (Vec::new(), Vec::new());
        for made in &self.structs {
            let fits = |c: &&Construction| match c.key {
                Some(key) => key == made.key,
                None => c.name == made.name,
            };
            let of_it: Vec<&Construction> = self.constructions.iter().filter(fits).collect();
            for scope in made.scopes(&of_it) {
                for field in &made.fields {
                    let text = sanitized(&format!("{scope}{}{}", made.separator, field.name));
                    let name = Text { known: !text.contains('*'), text, location: field.location.clone(), left: 0, made: None };
                    let emission = |labels: Vec<Given>, complete: bool, location: &Location| Emission {
                        name: name.clone(),
                        kind: field.kind,
                        labels,
                        complete,
                        location: location.clone(),
                        package: Arc::clone(&made.package),
                        update: None,
                        within: None,
                    };
                    emissions.push(emission(field.labels.clone(), true, &field.location));
                    let labels = |c: &Construction| field.labels.iter().chain(&c.labels).cloned().collect();
                    emissions.extend(of_it.iter().filter(|c| c.gives(&scope)).map(|c| emission(labels(c), c.complete, &c.location)));
                    descriptions.push(Description {
                        name: name.clone(),
                        kind: field.kind,
                        help: field.help.clone(),
                        unit: None,
                        location: field.location.clone(),
                        package: Arc::clone(&made.package),
                        by: Arc::clone(&made.package),
                    });
                }
            }
        }
        (emissions, descriptions)
    }
}

impl Derived {
    /// Every scope that its names can begin with; `*` for one that is not known.
    fn scopes(&self, constructions: &[&Construction]) -> Vec<String> {
        if let Some(scope) = &self.scope {
            return vec![scope.clone()];
        }
        let mut all: Vec<String> = constructions.iter().filter_map(|c| c.scope.as_ref()).flat_map(texts).collect();
        if all.is_empty() {
            all.push("*".to_owned());
        }
        all.sort();
        all.dedup();
        all
    }
}

impl Construction {
    fn gives(&self, scope: &str) -> bool {
        self.scope.as_ref().is_none_or(|value| texts(value).iter().any(|t| t == scope))
    }
}

/// The pairs of literals that an attribute lists.
fn written(list: &Expr, location: &impl Fn(Span) -> Location) -> Vec<Given> {
    let items = match &list.kind {
        ExprKind::Array(items) => items.as_slice(),
        _ => &[],
    };
    let pair = |item: &Expr| {
        let ExprKind::Tuple(parts) = &item.kind else { return None };
        let [name, value] = parts.as_slice() else { return None };
        let text = Text { text: sanitized_label(name.as_str()?), known: true, location: location(name.span), left: 0, made: None };
        Some(Given { name: text, values: value.as_str().map(|value| vec![value.to_owned()]), at: None })
    };
    items.iter().filter_map(pair).collect()
}

/// The scopes that a value can be.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Text(text) => vec![text.text.clone()],
        Value::OneOf(all) => all.iter().flat_map(texts).collect(),
        _ => vec!["*".to_owned()],
    }
}

fn is_derived(library: &Library, item: &Item) -> bool {
    library.derives.iter().any(|name| attributes::derives(&item.attrs, name))
}

fn derived(library: &Library, item: &Item, world: &World<'_>, file: usize) -> Option<Derived> {
    let ItemKind::Struct(fields) = &item.kind else { return None };
    if !is_derived(library, item) {
        return None;
    }
    let args: Vec<&Arg> = attributes::args(&item.attrs, "metrics").collect();
    let text = |name: &str| attributes::keyed(args.iter().copied(), name).and_then(Expr::as_str);
    let dynamic = attributes::keyed(args.iter().copied(), "dynamic").is_some_and(|v| matches!(v.kind, ExprKind::Lit(Lit::Bool(true))));
    let scope = text("scope").map(str::to_owned);
    if scope.is_none() && !dynamic {
        return None;
    }
    let location = |span: Span| world.location(file, span);
    let mut metrics = Vec::new();
    for field in fields {
        let own: Vec<&Arg> = attributes::args(&field.attrs, "metric").collect();
        if attributes::flag(own.iter().copied(), "skip") {
            continue;
        }
        let ty = field.ty.path().map_or("", |p| p.last());
        let Some(callable) = library.type_named(ty).filter(|t| t.action == Action::Field) else { continue };
        let text = |name: &str| attributes::keyed(own.iter().copied(), name).and_then(Expr::as_str);
        let docs = attributes::docs(&field.attrs).join(" ");
        let help = text("describe").unwrap_or(docs.as_str()).trim();
        metrics.push(FieldMetric {
            name: text("rename").unwrap_or(field.name.as_str()).to_owned(),
            kind: callable.kind(),
            help: if help.is_empty() { Help::None } else { Help::Known(help.to_owned()) },
            labels: attributes::keyed(own.iter().copied(), "labels").map(|list| written(list, &location)).unwrap_or_default(),
            location: location(field.name.span),
        });
    }
    Some(Derived {
        key: (file, item.name.span.start),
        name: item.name.as_str().to_owned(),
        scope,
        separator: text("separator").unwrap_or(".").to_owned(),
        fields: metrics,
        package: world.files.get(file).map_or_else(|| "".into(), |f| Arc::clone(&f.source.package)),
    })
}
