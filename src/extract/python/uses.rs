//! Where label values are set: calls of a metric's methods, tied to the definitions of what they are called on.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Asked;
use super::define::{self, Outcome};
use super::follow::{self, Effort, Look};
use super::provenance::Tracer;
use super::values::{Env, Eval, Need, Value};
use super::world::{Place, World};
use crate::extract::combine::{both, bound_of, label_use, union};
use crate::knowledge::python::{self, Form, Library, Use};
use crate::model::{Bound, BoundKind, Label, Metric, Provenance, UseSite};
use crate::source::Location;

/// A label with the place of its value and where that comes from.
type Given = (String, Location, Provenance);

/// What the chosen files say of label values.
#[derive(Default)]
pub(super) struct Uses {
    sites: Vec<(Location, String, Vec<Given>)>,
    /// Uses of what is not known, by their shape: the number of values by position, the names, whether there may be more.
    untied: Vec<Shape>,
    pub(super) asked: Asked,
}

/// How labels are given.
#[derive(Debug, Default)]
struct Shape {
    positional: usize,
    names: Vec<String>,
    open: bool,
}

impl Uses {
    pub(super) fn extend(&mut self, other: Uses) {
        self.sites.extend(other.sites);
        self.untied.extend(other.untied);
    }
}

/// Whether a text may hold a use of a metric that it does not define.
pub(super) fn may_use(text: &str) -> bool {
    let methods = python::all().iter().flat_map(|l| &l.uses).filter(|u| u.values != Form::Mapping);
    methods.into_iter().any(|u| memchr::memmem::find(text.as_bytes(), format!(".{}(", u.method).as_bytes()).is_some())
}

/// The uses in one file.
pub(super) fn in_file(world: &World<'_>, file: usize) -> Uses {
    let mut out = Uses::default();
    let Some(module) = world.module(file) else { return out };
    let eval = Eval::new(world);
    let tracer = Tracer::new(&eval);
    let made = Made::default();
    let mut calls: Vec<(Place, &'static Library, &'static Use)> = Vec::new();
    for (library, one) in python::all().iter().flat_map(|l| l.uses.iter().map(move |u| (l, u))) {
        // A method with a common name, where the library is spoken of.
        let speaks = || world.source(file).is_some_and(|s| library.modules.iter().any(|m| s.text.contains(m.as_str())));
        if one.values != Form::Mapping || speaks() {
            calls.extend(module.calls_of(&one.method).iter().map(|node| (Place { file, node: *node }, library, one)));
        }
    }
    calls.sort_by_key(|(place, ..)| *place);
    for (call, library, one) in calls {
        at_call(&tracer, &made, call, library, one, &mut out);
    }
    out.asked.extend(tracer.asked.take());
    out
}

/// A metric that a method is called on, in the surroundings that decide which.
struct Tied {
    name: String,
    order: Vec<String>,
    env: Env,
}

/// The metrics that a call makes where nothing around decides anything, with what they lacked: one is used in many places.
#[derive(Default)]
struct Made(RefCell<HashMap<Place, (Names, Vec<Need>)>>);

/// Names of metrics, with their libraries and the order of their labels.
type Names = Vec<(String, &'static str, Vec<String>)>;

impl Made {
    fn by(&self, eval: &Eval<'_, '_>, made: Place, around: &Env) -> Names {
        let defined = || {
            let outcomes = define::at_call(eval, made, around).into_iter().flatten();
            let metric = |o: Outcome| if let Outcome::Metric(m, order) = o { Some((m.name, m.library, order)) } else { None };
            outcomes.filter_map(metric).collect::<Names>()
        };
        if around.is_some() {
            return defined();
        }
        let (names, needs) = self
            .0
            .borrow_mut()
            .entry(made)
            .or_insert_with(|| {
                let (names, needs) = eval.apart(defined);
                (names, needs.into_iter().collect())
            })
            .clone();
        eval.needs.borrow_mut().extend(needs);
        names
    }
}

fn at_call(tracer: &Tracer<'_, '_, '_>, made: &Made, call: Place, library: &'static Library, one: &'static Use, out: &mut Uses) {
    let eval = tracer.eval;
    let Some(tree) = eval.tree(call.file) else { return };
    let object = tree.field(call.node, "function").and_then(|f| tree.field(f, "object"));
    let Some(object) = object.map(|node| Place { node, ..call }) else { return };
    if one.values == Form::Mapping && mapping_of(tracer, call, one).is_none() {
        return;
    }
    let wanted = RefCell::new(BTreeSet::new());
    let look = |env: &Env| {
        eval.restart();
        let mut result = Vec::new();
        for choice in eval.value(object, env).choices() {
            let (place, around) = match choice {
                Value::Metric(place, around) => (*place, around),
                Value::Instance(_, Some((place, around))) => (*place, around),
                _ => continue,
            };
            let names = made.by(eval, place, around).into_iter().filter(|(_, of, _)| *of == library.name);
            result.extend(names.map(|(name, _, order)| Tied { name, order, env: env.clone() }));
        }
        let mut needs = eval.needs.take();
        if !result.is_empty() {
            needs.extend(tracer.taken_apart(call).into_iter().map(Need::Caller));
        }
        wanted.borrow_mut().extend(needs.iter().copied());
        Look { result, needs }
    };
    let tied: Vec<Tied> = follow::each(eval, Effort::USE, &look).0.into_iter().flatten().collect();
    for need in wanted.into_inner() {
        if let Need::Caller(function) = need {
            out.asked.entry(follow::called_as(eval, function)).or_default().extend(follow::owners(eval, function));
        }
    }
    let whole = eval.world.location(call);
    if tied.is_empty() && one.values == Form::Arguments {
        let given = tracer.arguments(call, &None);
        let names = given.named.into_iter().map(|(name, ..)| name).collect();
        out.untied.push(Shape { positional: given.positional.len() + given.trailing.len(), names, open: given.open });
    }
    for Tied { name, order, env } in tied {
        let labels = labels_at(tracer, call, library, one, &order, &env, &whole);
        out.sites.push((whole.clone(), name, labels));
    }
}

/// The argument that holds the labels, where it is one.
fn mapping_of(tracer: &Tracer<'_, '_, '_>, call: Place, one: &Use) -> Option<(Place, Env)> {
    let given = tracer.arguments(call, &None);
    let named = given.named.iter().find(|(name, ..)| *name == one.keyword).map(|(_, place, env)| (*place, env.clone()));
    named.or_else(|| given.positional.get(one.at).cloned())
}

fn labels_at(
    tracer: &Tracer<'_, '_, '_>,
    call: Place,
    library: &Library,
    one: &Use,
    order: &[String],
    env: &Env,
    whole: &Location,
) -> Vec<Given> {
    let world = tracer.eval.world;
    let value = |name: &str, place: Place, env: &Env| (name.to_owned(), world.location(place), tracer.of(place, env));
    let mut out: Vec<Given> = Vec::new();
    match one.values {
        Form::Arguments => {
            let given = tracer.arguments(call, env);
            for (name, (place, env)) in order.iter().zip(&given.positional) {
                out.push(value(name, *place, env));
            }
            let names = order.iter().rev().filter(|n| given.named.iter().all(|(named, ..)| named != *n));
            for (name, (place, env)) in names.zip(given.trailing.iter().rev()) {
                out.push(value(name, *place, env));
            }
            for (name, place, env) in &given.named {
                out.push(value(name, *place, env));
            }
        }
        Form::List => {
            let list = mapping_of(tracer, call, one).and_then(|(place, env)| tracer.sequence(place, &env));
            for (name, (place, env)) in order.iter().zip(list.unwrap_or_default()) {
                out.push(value(name, place, &env));
            }
        }
        Form::Mapping => {
            let Some((place, _)) = mapping_of(tracer, call, one) else { return out };
            for (name, place, env) in tracer.mapping(place, env).unwrap_or_default() {
                let name = if library.naming.sanitize { name.replace(|c: char| !c.is_ascii_alphanumeric() && c != '_', "_") } else { name };
                out.push(value(&name, place, &env));
            }
        }
    }
    for name in order {
        if !out.iter().any(|(n, ..)| n == name) {
            out.push((name.clone(), whole.clone(), Provenance::unknown("a value that is not written at the use")));
        }
    }
    out
}

/// Labels of one site by name: the place of the value, and where it comes from in each way that leads there.
type Labels = BTreeMap<String, (Location, Vec<Provenance>)>;

/// Ties the uses to the metrics: the use sites, and what they say of the number of values.
pub(super) fn tied(metrics: &mut [Metric], uses: Uses) -> Vec<UseSite> {
    // One site for each call and metric, however many ways lead there.
    let mut sites: BTreeMap<(Location, String), Labels> = BTreeMap::new();
    for (location, metric, labels) in uses.sites {
        let site = sites.entry((location, metric)).or_default();
        for (name, at, of) in labels {
            let (_, all) = site.entry(name).or_insert_with(|| (at, Vec::new()));
            if !all.contains(&of) {
                all.push(of);
            }
        }
    }
    let mut out = Vec::new();
    let mut bounds: BTreeMap<(String, String), Bound> = BTreeMap::new();
    for ((location, metric), labels) in sites {
        if !metrics.iter().any(|m| m.name == metric) {
            continue;
        }
        let labels: Vec<_> = labels.into_iter().map(|(name, (at, all))| label_use(&name, union(all), at)).collect();
        for label in &labels {
            let bound = bound_of(label);
            let known = bounds.entry((metric.clone(), label.name.clone())).or_insert_with(|| bound.clone());
            *known = both(known, &bound);
        }
        out.push(UseSite { metric, labels, location, removes: false, rests: false, within: None });
    }
    for metric in metrics.iter_mut() {
        let open = !metric.labels_complete;
        for ((_, name), _) in bounds.range((metric.name.clone(), String::new())..).take_while(|((m, _), _)| *m == metric.name) {
            if open && !metric.labels.iter().any(|l| l.name == *name) {
                metric.labels.push(Label { name: name.clone(), bound: Bound::unknown(), location: None });
            }
        }
        metric.labels.sort_by(|a, b| a.name.cmp(&b.name));
        // A use of something that is not known may be one of this metric.
        let may_be_it = |shape: &Shape| {
            let fits = shape.names.iter().all(|n| metric.labels.iter().any(|l| l.name == *n));
            fits && (shape.open || shape.positional + shape.names.len() == metric.labels.len())
        };
        if open || metric.is_pattern() || uses.untied.iter().any(may_be_it) {
            continue;
        }
        for label in metric.labels.iter_mut().filter(|l| l.bound.kind == BoundKind::Unknown) {
            if let Some(bound) = bounds.get(&(metric.name.clone(), label.name.clone())) {
                label.bound = bound.clone();
            }
        }
    }
    out
}
