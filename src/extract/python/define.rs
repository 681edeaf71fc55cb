//! From the call of a client's constructor to a metric: arguments to parameters, and the client's rules for names.

use std::collections::BTreeMap;

use super::values::{Env, Eval, Frame, Level, Value};
use super::world::Place;
use crate::knowledge::python::{self, Class, Library, Parameter};
use crate::model::{Bound, BucketSource, Buckets, Definition, Label, Language, Metric, MetricType, Unresolved};
use crate::source::Location;

/// One definition as far as it is known.
pub(super) enum Outcome {
    /// With its label names in the order in which values are given. Boxed: most calls are none.
    Metric(Box<Metric>, Vec<String>),
    Unresolved(Unresolved),
}

/// The metrics that a call defines, if it calls a constructor.
pub(super) fn at_call(eval: &Eval<'_, '_>, call: Place, env: &Env) -> Option<Vec<Outcome>> {
    let tree = eval.tree(call.file)?;
    let function = tree.field(call.node, "function")?;
    let callee = eval.value(Place { node: function, ..call }, env);
    // A meter is handed around: the method's name says what it is, where the file speaks of the library.
    let method = tree.field(function, "attribute").and_then(|name| python::method_named(tree.text(name)));
    let speaks =
        |library: &Library| eval.world.source(call.file).is_some_and(|s| library.modules.iter().any(|t| s.text.contains(t.as_str())));
    if let Some((library, class)) =
        method.filter(|(library, _)| speaks(library) && !callee.choices().iter().any(|c| matches!(c, Value::Function(..))))
    {
        let arguments = arguments(eval, library, class, call, env);
        return Some(defined(eval, library, class, call, env, &arguments));
    }
    let told = eval.told_by_arguments(&callee, tree, call);
    let clients: Vec<(&'static Library, &'static Class)> = match told {
        Some(found) => vec![found],
        None => callee.choices().iter().filter_map(|one| client(eval, one, 0)).collect(),
    };
    if let [(library, class), rest @ ..] = &clients[..] {
        let arguments = arguments(eval, library, class, call, env);
        if rest.iter().any(|(_, other)| other.kind() != class.kind()) {
            let (reason, location) = ("which type it has is decided at run time".to_owned(), eval.world.location(call));
            let name = "*".to_owned();
            let one = Unresolved { language: Language::Python, library: &library.name, reason, name, location, declarable: true };
            return Some(vec![Outcome::Unresolved(one)]);
        }
        return Some(defined(eval, library, class, call, env, &arguments));
    }
    None
}

/// That a call which gave several metrics makes more of them than are known.
pub(super) fn more(eval: &Eval<'_, '_>, call: Place, found: &[Outcome]) -> Option<Outcome> {
    let mut metrics = found.iter().filter_map(|one| if let Outcome::Metric(metric, _) = one { Some(metric) } else { None });
    let first = metrics.next()?;
    metrics.find(|other| other.name != first.name)?;
    let (reason, location) = ("a loop around it goes over more than is known here".to_owned(), eval.world.location(call));
    Some(Outcome::Unresolved(Unresolved {
        language: Language::Python,
        library: first.library,
        reason,
        name: "*".to_owned(),
        location,
        declarable: true,
    }))
}

/// The client's class that a value is, or inherits from.
fn client(eval: &Eval<'_, '_>, value: &Value, depth: u32) -> Option<(&'static Library, &'static Class)> {
    match value {
        Value::Client(library, class) => Some((library, class)),
        Value::Class(class) if depth < 6 && eval.method(*class, "__init__", 0).is_none() => {
            let tree = eval.tree(class.file)?;
            let bases = tree.field(class.node, "superclasses")?;
            tree.children(bases).find_map(|node| client(eval, &eval.value(Place { node, ..*class }, &None), depth + 1))
        }
        _ => None,
    }
}

struct Arguments {
    given: BTreeMap<u8, (Parameter, Value, Location)>,
    /// Whether there may be more.
    open: bool,
}

impl Arguments {
    /// What means nothing for a metric is not looked at: nobody has to be asked for it.
    fn add_at(&mut self, eval: &Eval<'_, '_>, parameter: Option<Parameter>, place: Place, env: &Env) {
        if parameter.is_some_and(Parameter::says_something) {
            self.add(parameter, eval.value(place, env), eval.world.location(place));
        }
    }

    fn add(&mut self, parameter: Option<Parameter>, value: Value, at: Location) {
        if let Some(parameter) = parameter.filter(|p| p.says_something()) {
            self.given.entry(parameter as u8).or_insert((parameter, value, at));
        }
    }

    fn get(&self, parameter: Parameter) -> Option<&(Parameter, Value, Location)> {
        self.given.get(&(parameter as u8)).filter(|(_, value, _)| !matches!(value, Value::None))
    }
}

fn arguments(eval: &Eval<'_, '_>, library: &'static Library, class: &'static Class, call: Place, env: &Env) -> Arguments {
    let mut out = Arguments { given: BTreeMap::new(), open: false };
    let Some(tree) = eval.tree(call.file) else { return out };
    let Some(list) = tree.field(call.node, "arguments") else { return out };
    let mut at = 0;
    for argument in tree.children(list) {
        let inner = tree.first(argument).map(|node| Place { node, ..call });
        match (tree.kind(argument), inner) {
            ("keyword_argument", _) => {
                if let (Some(name), Some(node)) = (tree.field(argument, "name"), tree.field(argument, "value")) {
                    let place = Place { node, ..call };
                    out.add_at(eval, library.keyword(tree.text(name)), place, env);
                }
            }
            ("dictionary_splat", Some(inner)) => match eval.value(inner, env) {
                Value::Dict(entries, all) => {
                    out.open |= !all;
                    for (key, value) in entries {
                        if let Value::Text { text, .. } = key {
                            let place = location_of(&value).unwrap_or_else(|| eval.world.location(inner));
                            out.add(library.keyword(&text), value, place);
                        }
                    }
                }
                _ => out.open = true,
            },
            ("list_splat", Some(inner)) => match eval.value(inner, env) {
                Value::List(items, all) => {
                    out.open |= !all;
                    for value in items {
                        let place = location_of(&value).unwrap_or_else(|| eval.world.location(inner));
                        out.add(library.positional(class, at), value, place);
                        at += 1;
                    }
                }
                _ => out.open = true,
            },
            _ => {
                let place = Place { node: argument, ..call };
                out.add_at(eval, library.positional(class, at), place, env);
                at += 1;
            }
        }
    }
    out
}

fn location_of(value: &Value) -> Option<Location> {
    if let Value::Text { at, .. } = value { Some(at.clone()) } else { None }
}

fn defined(
    eval: &Eval<'_, '_>,
    library: &'static Library,
    class: &'static Class,
    call: Place,
    env: &Env,
    arguments: &Arguments,
) -> Vec<Outcome> {
    let location = defining_call(eval, call, env, arguments);
    let unresolved = |reason: &str| {
        let reason = reason.to_owned();
        let name = "*".to_owned();
        Outcome::Unresolved(Unresolved {
            language: Language::Python,
            library: &library.name,
            reason,
            name,
            location: location.clone(),
            declarable: true,
        })
    };
    let Some((_, names, _)) = arguments.get(Parameter::Name) else {
        return if arguments.open { vec![unresolved("the name is given with arguments that are not known")] } else { Vec::new() };
    };
    let mut out = Vec::new();
    for name in names.choices() {
        match name {
            Value::Text { text, at, .. } if text.chars().any(|c| c != '*' && c != '_' && c != ':') => {
                let (metric, order) = metric(eval, library, class, call, arguments, text, at, &location);
                out.push(Outcome::Metric(Box::new(metric), order));
            }
            Value::Text { .. } => out.push(unresolved("the name is put together at run time")),
            Value::Unknown(reason) if names.choices().len() == 1 => out.push(unresolved(&format!("the name is {reason}"))),
            _ => {}
        }
    }
    if out.is_empty() {
        out.push(unresolved("the name is not a text that is known"));
    }
    out
}

/// Where a metric is defined: at the constructor, or at the outermost call that gives it its name.
fn defining_call(eval: &Eval<'_, '_>, call: Place, env: &Env, arguments: &Arguments) -> Location {
    let own = eval.world.location(call);
    let Some((_, Value::Text { at, .. }, _)) = arguments.get(Parameter::Name) else { return own };
    if at.path == own.path && own.span.start <= at.span.start && at.span.end <= own.span.end {
        return own;
    }
    let mut level = env.as_ref();
    while let Some(Level { frame, up }) = level.map(|l| &**l) {
        if let Frame::Call { call, .. } = frame {
            let place = eval.world.location(*call);
            if place.path == at.path && place.span.start <= at.span.start && at.span.end <= place.span.end {
                return place;
            }
        }
        level = up.as_ref();
    }
    own
}

#[allow(clippy::too_many_arguments)]
fn metric(
    eval: &Eval<'_, '_>,
    library: &'static Library,
    class: &'static Class,
    call: Place,
    arguments: &Arguments,
    name: &str,
    name_location: &Location,
    location: &Location,
) -> (Metric, Vec<String>) {
    let text = |parameter| arguments.get(parameter).map(|(_, value, _)| value.clone());
    let unit = match text(Parameter::Unit) {
        Some(Value::Text { text, .. }) if !text.is_empty() => Some(text),
        _ => None,
    };
    let parts: Vec<String> = [Parameter::Namespace, Parameter::Subsystem]
        .into_iter()
        .filter_map(|part| match text(part)? {
            Value::Text { text, .. } => (!text.is_empty()).then_some(text),
            _ => Some("*".to_owned()),
        })
        .chain([name.to_owned()])
        .collect();
    let kind = class.kind();
    let name = exposed(library, class, &parts.join("_"), unit.as_deref());
    let Labels { mut labels, mut complete, optional } = labels(arguments);
    let order = if complete { labels.iter().map(|l| l.name.clone()).collect() } else { Vec::new() };
    complete &= !arguments.open && !class.open;
    if class.own_label && !labels.iter().any(|l| l.name == name) && !name.contains('*') {
        labels.push(Label { name: name.clone(), bound: Bound::unknown(), location: None });
    }
    labels.sort_by(|a, b| a.name.cmp(&b.name));
    labels.dedup_by(|a, b| a.name == b.name);
    let help = text(Parameter::Help);
    let package = eval.world.source(call.file).map(|s| s.package.clone()).unwrap_or_default();
    let definition = Definition {
        location: location.clone(),
        package,
        kind,
        labels: complete.then(|| labels.iter().map(|l| l.name.clone()).collect()),
        // A registry, a branch or a second process may keep two apart; nothing here can tell.
        help: None,
        bounds: None,
        exclusive: false,
        again: again(eval, call),
    };
    let metric = Metric {
        unit,
        help_unknown: !matches!(help, Some(Value::Text { .. })) && (help.is_some() || arguments.open),
        help: match help {
            Some(Value::Text { text, .. }) if !text.trim().is_empty() => Some(text),
            _ => None,
        },
        labels,
        labels_complete: complete,
        optional,
        buckets: if kind == MetricType::Histogram { buckets(library, class, arguments) } else { Buckets::None },
        name_location: name_location.clone(),
        definitions: vec![definition],
        ..Metric::new(name, kind, Language::Python, &library.name, location.clone())
    };
    (metric, order)
}

/// What makes the code around run more than once: a function that a web framework calls for each request, and no condition in between.
fn again(eval: &Eval<'_, '_>, call: Place) -> Option<String> {
    const ROUTES: [&str; 8] = ["route", "get", "post", "put", "patch", "delete", "head", "websocket"];
    let tree = eval.tree(call.file)?;
    // A registry of its own may be made for each of them.
    if tree.text(call.node).contains("registry") {
        return None;
    }
    let mut at = tree.parent(call.node)?;
    while tree.kind(at) != "function_definition" {
        if matches!(
            tree.kind(at),
            "if_statement" | "try_statement" | "with_statement" | "lambda" | "conditional_expression" | "class_definition"
        ) {
            return None;
        }
        at = tree.parent(at)?;
    }
    let above = tree.parent(at).filter(|up| tree.kind(*up) == "decorated_definition")?;
    let routes =
        |text: &str| text.split_once('(').and_then(|(path, _)| path.rsplit_once('.')).is_some_and(|(_, last)| ROUTES.contains(&last));
    let answers = tree.children(above).any(|c| tree.kind(c) == "decorator" && routes(tree.text(c)));
    let name = tree.text(tree.field(at, "name")?);
    answers.then(|| format!("`{name}`, which answers requests"))
}

/// The client's rules: the unit and `_total` are put where they are missing.
fn exposed(library: &Library, class: &Class, name: &str, unit: Option<&str>) -> String {
    let mut name = name.to_owned();
    let suffix = library.naming.counter_suffix.as_deref().filter(|_| class.kind() == MetricType::Counter);
    if let Some(base) = suffix.and_then(|s| name.strip_suffix(s)) {
        name = base.to_owned();
    }
    let unit = unit.map(|u| library.unit(u, class.kind())).filter(|u| library.naming.unit_suffix && !u.is_empty());
    if let Some(unit) = unit.filter(|u| !name.ends_with(&format!("_{u}"))) {
        name = format!("{name}_{unit}");
    }
    if library.naming.sanitize {
        name = name.replace(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | ':' | '*'), "_");
    }
    for end in [suffix, class.suffix.as_deref()].into_iter().flatten() {
        if !name.ends_with(end) {
            name.push_str(end);
        }
    }
    name
}

/// Label names, whether they are all, and those that only some ways lead to.
struct Labels {
    labels: Vec<Label>,
    complete: bool,
    optional: Vec<String>,
}

fn labels(arguments: &Arguments) -> Labels {
    let Some((_, value, _)) = arguments.get(Parameter::Labels) else {
        return Labels { labels: Vec::new(), complete: true, optional: Vec::new() };
    };
    let mut optional: Vec<String> = Vec::new();
    let mut complete = true;
    let mut labels: Vec<Label> = Vec::new();
    let mut lists: Vec<Vec<String>> = Vec::new();
    for one in value.choices() {
        let (items, all): (Vec<&Value>, bool) = match one {
            Value::List(items, all) => (items.iter().collect(), *all),
            Value::Dict(entries, all) => (entries.iter().map(|(k, _)| k).collect(), *all),
            Value::None => (Vec::new(), true),
            _ => (Vec::new(), false),
        };
        complete &= all;
        let mut names = Vec::new();
        for item in items {
            // It is there or not, or another one is.
            let maybe = item.choices().len() > 1;
            for item in item.choices() {
                match item {
                    Value::Text { text, known: true, at } => {
                        if maybe {
                            optional.push(text.clone());
                        }
                        names.push(text.clone());
                        if !labels.iter().any(|l| l.name == *text) {
                            labels.push(Label { name: text.clone(), bound: Bound::unknown(), location: Some(at.clone()) });
                        }
                    }
                    _ => complete = false,
                }
            }
        }
        names.sort();
        lists.push(names);
    }
    // What a list that is open lacks may be in it all the same.
    if complete {
        let everywhere = |label: &Label| lists.iter().all(|names| names.contains(&label.name));
        optional.extend(labels.iter().filter(|l| !everywhere(l)).map(|l| l.name.clone()));
    }
    lists.dedup();
    Labels { labels, complete: complete && lists.len() == 1, optional }
}

fn buckets(library: &Library, class: &Class, arguments: &Arguments) -> Buckets {
    let Some((_, value, location)) = arguments.get(Parameter::Buckets) else {
        if arguments.open || class.collected || library.default_buckets.is_empty() {
            return Buckets::RunTime { count: None, location: None };
        }
        return Buckets::Known { bounds: library.default_buckets.clone(), source: BucketSource::LibraryDefault, location: None };
    };
    let location = Some(location.clone());
    let Value::List(items, true) = value else { return Buckets::RunTime { count: None, location } };
    let finite = items.iter().filter(|i| !matches!(i, Value::Number(n) if n.is_infinite()));
    let bounds: Vec<Option<f64>> = finite.map(|i| if let Value::Number(n) = i { Some(*n) } else { None }).collect();
    match bounds.iter().copied().collect::<Option<Vec<f64>>>() {
        Some(bounds) => Buckets::Known { bounds, source: BucketSource::Explicit, location },
        None => Buckets::RunTime { count: Some(bounds.len()), location },
    }
}
