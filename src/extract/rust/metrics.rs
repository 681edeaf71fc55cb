//! The `metrics` crate: macros that name a metric where it is used, and descriptions apart from them.
//!
//! One metric per name: every use site of a name adds its labels. What the recorder makes of it is `recorder`'s business.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use super::collect::{self, Collect, Mark};
use super::draft::{Draft, Help, defined_at, handle, help_of, literals, means, name_of, package, sanitized, sanitized_label, unresolved};
use super::given_labels::{add_once, handed_over, pairs};
use super::homes::Homes;
use super::measured_value;
use super::metrics_derive;
use super::provenance::{self, Provenances, ValueAt};
use super::recorder::{Recorder, Recorders};
use super::select::Selection;
use super::updates;
use super::values::{Evaluator, Scope, Text, Value, one_of};
use super::walk::{Context, Origin, Parent, Visitor};
use super::written;
use crate::knowledge::libraries::{self, Action, Callable, Library, Role};
use crate::model::{Bound, Change, Described, Handling, Label, MetricType, Unresolved, Update, UseSite};
use crate::source::{Location, Span};
use crate::syntax::rust::tree::{Expr, ExprKind, MacroCall, MethodCall, Separator};

/// A label at one use site.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) name: Text,
    pub(super) values: Option<Vec<String>>,
    /// The expression that gives them, where it is written.
    pub(super) at: Option<ValueAt>,
}

/// One use of a name.
#[derive(Clone, Debug)]
pub(super) struct Emission {
    pub(super) name: Text,
    pub(super) kind: MetricType,
    pub(super) labels: Vec<Given>,
    pub(super) complete: bool,
    pub(super) location: Location,
    pub(super) package: Arc<str>,
    /// What is done with it there, where that is known.
    pub(super) update: Option<Update>,
    /// The name of the function that it stands in.
    pub(super) within: Option<Arc<str>>,
}

/// One description of a name.
#[derive(Clone, Debug)]
pub(super) struct Description {
    pub(super) name: Text,
    pub(super) kind: MetricType,
    pub(super) help: Help,
    pub(super) unit: Option<String>,
    pub(super) location: Location,
    pub(super) package: Arc<str>,
    /// The package that the describing call itself stands in.
    pub(super) by: Arc<str>,
}

/// What one file uses and describes.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) emissions: Vec<Emission>,
    pub(super) descriptions: Vec<Description>,
    pub(super) unresolved: Vec<Unresolved>,
    pub(super) recorder: Recorder,
    /// Structs whose fields are metrics.
    pub(super) derived: metrics_derive::Found,
    /// Those of other files.
    pub(super) recorders: Vec<Recorder>,
    /// Packages and types of metrics whose whole name is not known.
    dynamic: Vec<(Arc<str>, MetricType)>,
    /// Packages that describe names which could not be read.
    vague: Vec<Arc<str>>,
}

impl Found {
    /// The expressions that give labels their values.
    pub(super) fn values(&self) -> impl Iterator<Item = ValueAt> + '_ {
        self.emissions.iter().flat_map(|e| &e.labels).filter_map(|g| g.at).chain(self.derived.values())
    }

    pub(super) fn extend(&mut self, other: Found) {
        self.emissions.extend(other.emissions);
        self.descriptions.extend(other.descriptions);
        self.unresolved.extend(other.unresolved);
        self.derived.extend(other.derived);
        self.dynamic.extend(other.dynamic);
        self.vague.extend(other.vague);
        self.recorders.extend(other.recorders);
        self.recorders.extend([other.recorder]);
    }
}

/// Collects from one file.
pub(super) struct Collector<'a, 'w> {
    library: &'static Library,
    pub(super) eval: Evaluator<'a, 'w>,
    pub(super) found: Found,
}

impl<'a, 'w> Collector<'a, 'w> {
    pub(super) fn new(eval: Evaluator<'a, 'w>) -> Option<Self> {
        Some(Collector { library: libraries::get("metrics")?, eval, found: Found::default() })
    }

    fn emit(&mut self, callable: &Callable, call: &'a MacroCall, span: Span, cx: &Context<'a, '_>) {
        let (scope, quiet) = (Scope::of(cx, span), Scope::quiet(cx, span));
        let mut args = call.args.iter().filter(|a| a.key.is_none()).filter_map(|a| a.value.as_ref());
        let Some(name) = args.next() else { return };
        let mut labels = Vec::new();
        let mut complete = call.is_list;
        for arg in &call.args {
            if let (Some((key, Separator::FatArrow)), Some(value)) = (arg.key.as_deref(), &arg.value) {
                match self.eval.value(key, &scope) {
                    Value::Text(name) if name.known => {
                        let name = Text { text: sanitized_label(&name.text), ..name };
                        let (values, span) = (literals(&self.eval.label_value(value, &quiet)), provenance::inner(value).span);
                        labels.push(Given { name, values, at: Some(ValueAt::new(cx.file, span)) });
                    }
                    _ => complete = false,
                }
            }
        }
        let mut value_allowed = is_value_position(cx) || callable.signature.as_deref() == Some("use_value");
        for arg in args {
            let given = match self.eval.label_value(arg, &quiet) {
                // A list that the object around holds, or that a caller gives.
                Value::Unknown(_) if self.is_handed_in(arg, cx) => self.eval.label_value(arg, &scope),
                given => given,
            };
            match given {
                Value::List(items) if items.iter().all(|item| matches!(item, Value::Tuple(parts) if parts.len() == 2)) => {
                    let written = provenance::pairs(arg, cx);
                    let written = if written.is_empty() { handed_over(arg, &scope, &self.eval) } else { written };
                    complete &= pairs(&items, &written, &mut labels);
                }
                Value::Number(_) => value_allowed = false,
                // A value is given as it is, labels by reference.
                Value::List(_) => self.put_together(arg, &quiet, cx, &mut labels, &mut complete),
                _ if value_allowed && !matches!(arg.kind, ExprKind::Reference(_)) => value_allowed = false,
                _ => self.put_together(arg, &quiet, cx, &mut labels, &mut complete),
            }
        }
        let location = cx.location(span);
        let update = updated(call, cx);
        let value = self.eval.value(name, &scope);
        let value = if value.is_known() || self.eval.is_open() { value } else { self.of_loop(name, cx).unwrap_or(value) };
        for name in exposed_names(value) {
            match name {
                Ok(name) => {
                    let (here, location) = defined_at(&name, span, cx);
                    self.found.emissions.push(Emission {
                        kind: callable.kind(),
                        labels: labels.clone(),
                        complete,
                        location,
                        package: package(here, cx.world),
                        name,
                        update: update.clone(),
                        within: cx.function_name(),
                    });
                }
                Err(reason) => {
                    self.found.dynamic.push((package(cx, cx.world), callable.kind()));
                    self.found.unresolved.push(unresolved(self.library, reason, location.clone()));
                }
            }
        }
    }

    /// Adds the labels of a list that code puts together.
    fn put_together(&self, list: &'a Expr, quiet: &Scope<'a, '_>, cx: &Context<'a, '_>, labels: &mut Vec<Given>, complete: &mut bool) {
        let put = provenance::put_together(list, cx);
        put.unread.iter().for_each(|function| self.eval.ask_for_body(function));
        let file = |pair: &provenance::Pair<'a>| pair.elsewhere.map_or(cx.file, |(file, _)| file);
        let at: Vec<Option<ValueAt>> = put.all.iter().map(|pair| provenance::second(file(pair), pair.expr)).collect();
        let of = |pair: &provenance::Pair<'a>| match pair.elsewhere {
            Some((file, owner)) => self.eval.label_value(pair.expr, &Scope::of_item(file, owner)),
            None => self.eval.label_value(pair.expr, quiet),
        };
        let given: Vec<Value> = put.all.iter().map(of).collect();
        let mut more = Vec::new();
        *complete &= put.whole & pairs(&given, &at, &mut more);
        more.into_iter().for_each(|given| add_once(labels, given));
    }

    /// Whether an expression is a list of labels that a parameter, or a field of the object around, refers to.
    fn is_handed_in(&self, expr: &'a Expr, cx: &Context<'a, '_>) -> bool {
        match &expr.kind {
            ExprKind::Reference(inner) => self.is_handed_in(inner, cx),
            ExprKind::Field(base, _) => matches!(&base.kind, ExprKind::Path(path) if path.as_ident() == Some("self")),
            ExprKind::Path(path) => {
                let binding = path.as_ident().and_then(|name| cx.bindings.iter().rev().find(|b| b.name == name));
                binding.is_some_and(|b| matches!(b.origin, Origin::Param(_)))
            }
            _ => false,
        }
    }

    /// The names that a loop gives over a list which the function around fills somewhere, under conditions or in closures.
    fn of_loop(&self, name: &'a Expr, cx: &Context<'a, '_>) -> Option<Value> {
        let ExprKind::Path(path) = &name.kind else { return None };
        let name = path.as_ident()?;
        let binding = cx.bindings.iter().rev().find(|b| b.name == name)?;
        let (Origin::Each(_, pat), Some(list)) = (binding.origin, binding.init) else { return None };
        let given = provenance::pushed(list, cx).into_iter().map(|item| {
            let whole = self.eval.value(item, &Scope::quiet(cx, item.span));
            self.eval.part(pat, name, whole)
        });
        let known: Vec<Value> = given.filter(|v| matches!(v, Value::Text(_))).collect();
        (!known.is_empty()).then(|| one_of(known))
    }

    /// `recorder.register_counter(&key, &metadata)`, as what is put between the code and the recorder has it.
    fn registered(&mut self, call: &'a MethodCall, span: Span, cx: &Context<'a, '_>) {
        let Some(callable) = self.library.method_named(call.method.as_str()) else { return };
        // A layer hands on what it is given.
        let hands_on = cx.functions.iter().any(|(item, _)| self.library.method_named(item.name.as_str()).is_some());
        if hands_on || !cx.world.names_crate(cx.file, &self.library.crates) {
            return;
        }
        let key = match (callable.action, call.args.as_slice()) {
            (Action::Register, [key, _]) => key,
            (Action::Describe, args) => return self.describe(callable, &args.iter().collect::<Vec<_>>(), span, cx),
            _ => return,
        };
        match self.eval.value(key, &Scope::of(cx, span)) {
            Value::OneOf(keys) => keys.into_iter().for_each(|key| self.register(callable, key, span, cx)),
            key => self.register(callable, key, span, cx),
        }
    }

    fn register(&mut self, callable: &Callable, key: Value, span: Span, cx: &Context<'a, '_>) {
        let (name, labels) = match key {
            // A key of a name and labels.
            Value::Tuple(parts) if parts.len() == 2 => {
                let mut parts = parts.into_iter();
                (parts.next().unwrap_or(Value::Absent), parts.next())
            }
            name => (name, None),
        };
        let mut given = Vec::new();
        let complete = match labels {
            Some(Value::List(items)) => pairs(&items, &[], &mut given),
            None => true,
            Some(_) => false,
        };
        let location = cx.location(span);
        for name in exposed_names(name) {
            match name {
                Ok(name) => {
                    let (here, location) = defined_at(&name, span, cx);
                    let (package, labels) = (package(here, cx.world), given.clone());
                    self.found.emissions.push(Emission {
                        kind: callable.kind(),
                        labels,
                        complete,
                        location,
                        package,
                        name,
                        update: None,
                        within: None,
                    });
                }
                Err(reason) => {
                    self.found.dynamic.push((package(cx, cx.world), callable.kind()));
                    self.found.unresolved.push(unresolved(self.library, reason, location.clone()));
                }
            }
        }
    }

    fn describe(&mut self, callable: &Callable, args: &[&'a Expr], span: Span, cx: &Context<'a, '_>) {
        let scope = Scope::of(cx, span);
        let Some(roles) = self.library.roles(callable, args.len()) else { return };
        let by_role = |role: Role| roles.iter().position(|r| *r == role).and_then(|i| args.get(i).copied());
        let Some(name) = by_role(Role::Name).map(|e| self.eval.value(e, &scope)) else { return };
        let help = by_role(Role::Help).map_or(Help::None, |e| help_of(&self.eval.value(e, &scope)));
        let unit = by_role(Role::Unit).and_then(|e| match &e.kind {
            ExprKind::Path(path) => self.library.units.get(path.last()).cloned(),
            // `Some(Unit::Seconds)`
            ExprKind::Call(_, args) => self
                .library
                .units
                .get(match &args.first()?.kind {
                    ExprKind::Path(path) => path.last(),
                    _ => return None,
                })
                .cloned(),
            _ => None,
        });
        for name in exposed_names(name) {
            match name {
                Ok(name) => {
                    let (here, location) = defined_at(&name, span, cx);
                    self.found.descriptions.push(Description {
                        kind: callable.kind(),
                        help: help.clone(),
                        unit: unit.clone(),
                        location,
                        package: package(here, cx.world),
                        by: package(cx, cx.world),
                        name,
                    });
                }
                Err(_) => self.found.vague.push(package(cx, cx.world)),
            }
        }
    }
}

impl<'a, 'w> Collect<'a, 'w> for Collector<'a, 'w> {
    fn mark(&self) -> Mark {
        let found = &self.found;
        [found.emissions.len(), found.descriptions.len(), found.unresolved.len(), found.vague.len(), found.derived.mark()]
    }

    fn rewind(&mut self, [emissions, descriptions, unresolved, vague, made]: Mark) {
        self.found.emissions.truncate(emissions);
        self.found.descriptions.truncate(descriptions);
        self.found.unresolved.truncate(unresolved);
        self.found.vague.truncate(vague);
        self.found.dynamic.truncate(unresolved);
        self.found.derived.rewind(made);
    }

    fn eval(&self) -> &Evaluator<'a, 'w> {
        &self.eval
    }

    fn give(&mut self, into: &mut collect::Found) {
        into.metrics.extend(std::mem::take(&mut self.found));
    }
}

impl<'a> Visitor<'a> for Collector<'a, '_> {
    fn expr(&mut self, expr: &'a Expr, cx: &Context<'a, '_>) {
        self.found.recorder.see(self.library, expr, &self.eval, cx);
        self.found.derived.see(self.library, expr, &self.eval, cx);
        if let ExprKind::MethodCall(call) = &expr.kind {
            self.registered(call, expr.span, cx);
        }
    }

    fn macro_call(&mut self, call: &'a MacroCall, span: Span, cx: &Context<'a, '_>) {
        let Some(callable) = self.library.macro_named(call.path.last()) else { return };
        if !means(self.library, callable, &call.path, cx, true) {
            return;
        }
        let span = call.path.segments.first().map_or(span, |s| Span { start: s.name.span.start, end: call.body.end.saturating_add(1) });
        match callable.action {
            Action::Describe => self.describe(callable, &call.positional().collect::<Vec<_>>(), span, cx),
            _ => self.emit(callable, call, span, cx),
        }
    }
}

/// What the method that is called on the result of a macro does.
fn updated(call: &MacroCall, cx: &Context<'_, '_>) -> Option<Update> {
    let mut around = cx.enclosing();
    let ExprKind::Macro(own) = &around.next()?.kind else { return None };
    if !std::ptr::eq(&**own, call) {
        return None;
    }
    let Some(expr) = around.next() else {
        // A handle that is thrown away: the series is there, with 0. A value among the arguments is that of an older version.
        let alone = matches!(cx.parents.iter().rev().nth(1), Some(Parent::Statement)) && call.args.iter().skip(1).all(|a| a.key.is_some());
        return alone.then(|| Update { change: Change::Touch, measured: None, constant: false, location: cx.location(call.body) });
    };
    let ExprKind::MethodCall(method) = &expr.kind else { return None };
    let file = &cx.world.files.get(cx.file)?.source;
    let args = method.args.first().map_or(Span::default(), |first| first.span);
    let argument = args.text(&file.text).trim();
    let change = updates::change_of(method.method.as_str(), argument)?;
    let constant = updates::is_constant(argument);
    // What a macro of the tree expands to has another text than what stands at its place.
    let measured = measured_value::of(file, args).filter(|_| cx.location(expr.span).path == file.path);
    Some(Update { change, measured, constant, location: cx.location(expr.span) })
}

/// Whether the value of the macro is thrown away, as in the versions in which it took the metric's value.
fn is_value_position(cx: &Context<'_, '_>) -> bool {
    let mut parents = cx.parents.iter().rev();
    parents.next();
    match parents.next() {
        Some(Parent::Statement) => true,
        Some(Parent::Expr(expr)) => matches!(expr.kind, ExprKind::Match(..) | ExprKind::Closure(..)),
        _ => handle(cx).is_none() && cx.parents.len() < 2,
    }
}

/// One metric per name.
#[derive(Default)]
pub(super) struct Joined {
    pub(super) drafts: Vec<Draft>,
    pub(super) uses: Vec<UseSite>,
    pub(super) handled: BTreeMap<String, Handling>,
    /// What is described, and emitted nowhere.
    pub(super) described: Vec<Described>,
}

/// Uses at one place with the same labels, of which each caller gives other values, as one.
fn once_for_callers(emissions: Vec<Emission>) -> Vec<Emission> {
    let mut all: BTreeMap<(Location, String, MetricType, Vec<String>), Emission> = BTreeMap::new();
    for emission in emissions {
        let labels = emission.labels.iter().map(|l| l.name.text.clone()).collect();
        match all.entry((emission.location.clone(), emission.name.text.clone(), emission.kind, labels)) {
            Entry::Vacant(slot) => _ = slot.insert(emission),
            Entry::Occupied(mut slot) => {
                let first = slot.get_mut();
                first.complete &= emission.complete;
                for (label, other) in first.labels.iter_mut().zip(emission.labels) {
                    label.at = label.at.filter(|at| Some(*at) == other.at);
                    label.values = label.values.take().zip(other.values).map(|(mut values, more)| {
                        values.extend(more);
                        values
                    });
                }
            }
        }
    }
    all.into_values().collect()
}

/// One metric per name, and every use site.
pub(super) fn join(mut found: Found, recorders: &Recorders<'_>, selection: &Selection, origins: &Provenances) -> Joined {
    let Some(library) = libraries::get("metrics") else { return Joined::default() };
    let (emissions, described_fields) = std::mem::take(&mut found.derived).into_uses();
    found.emissions.extend(emissions);
    found.descriptions.extend(described_fields);
    let mut descriptions: BTreeMap<&str, &Description> = BTreeMap::new();
    for description in &found.descriptions {
        let first = descriptions.entry(&description.name.text).or_insert(description);
        if description.location < first.location {
            *first = description;
        }
    }
    found.emissions = once_for_callers(std::mem::take(&mut found.emissions));
    let mut by_name: BTreeMap<&str, Vec<&Emission>> = BTreeMap::new();
    for emission in &found.emissions {
        by_name.entry(&emission.name.text).or_default().push(emission);
    }
    let homes = Homes::new(selection, &found.emissions);
    let Joined { mut drafts, mut uses, mut handled, described: mut unemitted } = Joined::default();
    for (name, mut emissions) in by_name {
        emissions.sort_by(|a, b| a.location.cmp(&b.location));
        let description = descriptions.remove(name);
        let Some(first) = emissions.first().copied() else { continue };
        let exposed = recorders.exposed(name, &first.package);
        for emission in &emissions {
            let one = |g: &Given| origins.label(&g.name.text, g.values.as_ref(), g.at, &emission.location);
            uses.push(UseSite {
                metric: exposed.clone(),
                labels: emission.labels.iter().map(one).collect(),
                location: emission.location.clone(),
                removes: false,
                rests: emission.update.as_ref().is_some_and(|u| u.constant && u.change == Change::Set),
                within: emission.within.clone(),
            });
        }
        let updates: Vec<Update> = emissions.iter().filter_map(|e| e.update.clone()).collect();
        let known = updates.iter().all(|u| u.change != Change::Add);
        let complete = known && updates.len() == emissions.len() && found.dynamic.iter().all(|(_, kind)| *kind != first.kind);
        handled.insert(exposed.clone(), Handling { updates, complete });
        let mut draft = match description {
            Some(d) => described(library, d),
            None => {
                let home = homes.of(&emissions).unwrap_or(first);
                Draft::bare(library, home.name.clone(), home.kind, home.location.clone(), Arc::clone(&home.package))
            }
        };
        draft.kind = first.kind;
        draft.declared = first.kind;
        if description.is_none() && found.vague.contains(&first.package) {
            draft.help = Help::Unknown;
        }
        draft.labels = labels_of(&emissions);
        draft.labels_complete = emissions.iter().all(|e| e.complete);
        // The recorder keeps one metric for each type that the name is used with.
        let others: BTreeMap<MetricType, &Emission> =
            emissions.iter().rev().filter(|e| e.kind != first.kind).map(|e| (e.kind, *e)).collect();
        for emission in others.into_values() {
            let package = Arc::clone(&emission.package);
            let mut other = Draft::bare(library, emission.name.clone(), emission.kind, emission.location.clone(), package);
            other.labels = labels_of(&emissions);
            other.labels_complete = draft.labels_complete;
            other.help = draft.help.clone();
            finish(other, &emission.package, recorders, &mut drafts);
        }
        finish(draft, &first.package, recorders, &mut drafts);
    }
    // What is described and used nowhere is no metric, unless a name that is put together at run time can be it.
    let dynamic: BTreeSet<MetricType> = found.dynamic.iter().map(|(_, kind)| *kind).collect();
    let open: Vec<&Location> = descriptions.values().filter(|d| dynamic.contains(&d.kind)).map(|d| &d.name.location).collect();
    let again = if open.is_empty() { HashSet::new() } else { written::elsewhere(&open, selection) };
    for (name, description) in descriptions {
        let near = |package: &Arc<str>| *package == description.package || *package == description.by;
        let whole = found.dynamic.iter().any(|(package, kind)| near(package) && *kind == description.kind);
        let part = found.emissions.iter().any(|e| e.kind == description.kind && e.name.text.contains('*') && covers(&e.name.text, name));
        // What emits it is given the name, and somebody else has it written down.
        let given = again.contains(&description.name.location);
        if whole || part || given {
            let mut draft = described(library, description);
            draft.labels_complete = false;
            finish(draft, &description.package, recorders, &mut drafts);
            continue;
        }
        // A name that is put together anywhere may be this one, and who may emit it may be anywhere.
        let possible =
            dynamic.contains(&description.kind) || found.emissions.iter().any(|e| e.name.text.contains('*') && covers(&e.name.text, name));
        if !possible {
            unemitted.push(Described {
                name: recorders.exposed(name, &description.package),
                kind: description.kind,
                location: description.location.clone(),
                name_location: description.name.location.clone(),
            });
        }
    }
    Joined { drafts, uses, handled, described: unemitted }
}

/// Adds what the recorders of a package make of a metric.
pub(super) fn finish(mut draft: Draft, package: &str, recorders: &Recorders<'_>, drafts: &mut Vec<Draft>) {
    draft.name = recorders.exposed(&draft.name, package);
    draft.labels.extend(recorders.labels(package));
    draft.labels_complete &= !recorders.adds_more_labels(package);
    if draft.kind == MetricType::Histogram {
        let exposed = recorders.histogram(&draft.name, package);
        draft.kind = exposed.kind;
        draft.declared = exposed.declared;
        draft.buckets = exposed.buckets;
    }
    drafts.push(draft);
}

/// The exposed names that a value gives, each or the reason why it is not known.
fn exposed_names(value: Value) -> impl Iterator<Item = Result<Text, String>> {
    let all = match value {
        Value::OneOf(all) => all,
        one => vec![one],
    };
    all.into_iter().map(|value| name_of(value).map(|name| Text { text: sanitized(&name.text), ..name }))
}

fn described(library: &'static Library, description: &Description) -> Draft {
    let mut draft =
        Draft::bare(library, description.name.clone(), description.kind, description.location.clone(), Arc::clone(&description.package));
    draft.help = description.help.clone();
    draft.unit = description.unit.clone();
    draft
}

/// The union of the labels of all uses, with their values where every use that sets the label gives them.
fn labels_of(emissions: &[&Emission]) -> Vec<Label> {
    let mut all: BTreeMap<&str, (&Text, Option<Vec<String>>)> = BTreeMap::new();
    for given in emissions.iter().flat_map(|e| &e.labels) {
        let entry = all.entry(&given.name.text).or_insert_with(|| (&given.name, Some(Vec::new())));
        match (&mut entry.1, &given.values) {
            (Some(known), Some(more)) => known.extend(more.iter().cloned()),
            (known, _) => *known = None,
        }
    }
    let bound = |values: Option<Vec<String>>| values.map_or_else(Bound::unknown, Bound::of_values);
    all.into_values()
        .map(|(text, values)| Label { name: text.text.clone(), bound: bound(values), location: Some(text.location.clone()) })
        .collect()
}

/// Whether a name with `*` can be `name`.
fn covers(pattern: &str, name: &str) -> bool {
    let parts: Vec<&str> = pattern.split('*').collect();
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return false };
    let Some(mut rest) = name.strip_prefix(first).and_then(|r| r.strip_suffix(last)) else { return false };
    for part in parts.iter().take(parts.len().saturating_sub(1)).skip(1) {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    true
}
