//! Who calls a function, and the rounds of a loop: where a definition's name, labels or buckets are decided.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use super::parts::parameter_name;
use super::values::{Caller, Env, Eval, Frame, Level, Need, Value};
use super::world::Place;
use crate::syntax::python::{Id, Tree};

/// Callers of callers that are followed.
const MAX_CALLERS_DEPTH: usize = 6;
/// Calls of one function that are followed.
const MAX_CALLERS: usize = 400;

/// How much is looked at before no more callers or rounds are looked into.
#[derive(Clone, Copy)]
pub(super) struct Effort {
    looks: usize,
    steps: u64,
}

impl Effort {
    /// For a definition: what is not found is missing.
    pub(super) const DEFINITION: Effort = Effort { looks: 3000, steps: 250_000 };
    /// For a use: what is not found is said to be unknown.
    pub(super) const USE: Effort = Effort { looks: 300, steps: 40_000 };
}

/// What a look at a definition gave.
pub(super) struct Look<T> {
    pub(super) result: T,
    pub(super) needs: BTreeSet<Need>,
}

/// Looks at something once for each way in which its surroundings can be known. A call of a function by itself hands on what its first
/// caller gave: it is no way of its own.
/// Also gives what the loops on the way lacked.
pub(super) fn each<T>(eval: &Eval<'_, '_>, effort: Effort, look: &dyn Fn(&Env) -> Look<T>) -> (Vec<T>, BTreeSet<Need>) {
    let (mut out, mut again) = (Vec::new(), Vec::new());
    let lacked = RefCell::new(BTreeSet::new());
    let mut open: Vec<(Env, usize)> = vec![(None, 0)];
    let mut looks = 0;
    let begun = eval.taken();
    while let Some((env, depth)) = open.pop() {
        let Look { result, needs } = look(&env);
        looks += 1;
        let ways = |need: &Need| match need {
            Need::Item(node) if !has_item(&env, *node) => rounds(eval, *node, &env, &lacked),
            Need::Caller(function) if !has_call(&env, *function) => callers(eval, *function, &env),
            _ => Vec::new(),
        };
        let spent = eval.taken() - begun > effort.steps;
        let room = if spent { 0 } else { effort.looks.saturating_sub(looks + open.len()) };
        let known = |envs: &Vec<Env>| !envs.is_empty() && envs.len() <= MAX_CALLERS.min(room);
        match needs.iter().filter(|_| depth < MAX_CALLERS_DEPTH).map(ways).find(known) {
            Some(envs) => open.extend(envs.into_iter().rev().map(|env| (env, depth + 1))),
            None if levels(&env).any(|l| matches!(&l.frame, Frame::Call { call, .. } if eval.is_ruled_out(*call, &env))) => {}
            None if needs.iter().any(|need| matches!(need, Need::Caller(function) if has_call(&env, *function))) => again.push(result),
            None => out.push(result),
        }
    }
    (if out.is_empty() { again } else { out }, lacked.into_inner())
}

fn levels(env: &Env) -> impl Iterator<Item = &Level> {
    std::iter::successors(env.as_deref(), |level| level.up.as_deref())
}

fn has_item(env: &Env, node: Place) -> bool {
    levels(env).any(|l| matches!(&l.frame, Frame::Item { node: found, .. } if *found == node))
}

fn has_call(env: &Env, function: Place) -> bool {
    levels(env).any(|l| matches!(&l.frame, Frame::Call { function: found, .. } if *found == function))
}

/// One environment for each element that a loop goes over.
fn rounds(eval: &Eval<'_, '_>, node: Place, env: &Env, lacked: &RefCell<BTreeSet<Need>>) -> Vec<Env> {
    let source = eval.tree(node.file).and_then(|t| t.field(node.node, "right"));
    let Some(source) = source else { return Vec::new() };
    let (value, needs) = eval.apart(|| eval.value(Place { node: source, ..node }, env));
    let Some((items, all)) = eval.elements(&value) else { return Vec::new() };
    let says = |need: &Need| matches!(need, Need::Subclasses(_)) || *need == Need::More && !all;
    lacked.borrow_mut().extend(needs.into_iter().filter(says));
    items.into_iter().enumerate().map(|(nth, value)| eval.begin(node, nth, env, || Frame::Item { node, value })).collect()
}

/// The calls of a function, found once.
pub(super) fn callers_of(eval: &Eval<'_, '_>, function: Place) -> Rc<[Caller]> {
    let known = eval.callers.borrow().get(&function).cloned();
    known.unwrap_or_else(|| {
        let all: Rc<[Caller]> = calls_of(eval, function).into();
        eval.callers.borrow_mut().insert(function, Rc::clone(&all));
        all
    })
}

/// One environment for each call of a function.
fn callers(eval: &Eval<'_, '_>, function: Place, env: &Env) -> Vec<Env> {
    let all = callers_of(eval, function);
    let frame = |c: &Caller| Frame::Call { function: c.of, call: c.call, around: None, receiver: c.receiver, bound: c.bound };
    let begun = |(nth, c): (usize, &Caller)| {
        let up = c.closure.as_ref().map_or(env, |_| &c.closure);
        match &c.through {
            Some(through) => eval.begin(function, nth, &eval.begin(through.of, nth, up, || frame(through)), || frame(c)),
            None => eval.begin(function, nth, up, || frame(c)),
        }
    };
    all.iter().enumerate().map(begun).collect()
}

/// The calls of a lambda that is an argument: those of the parameter, in the function that is called with it.
fn calls_of_lambda(eval: &Eval<'_, '_>, lambda: Place) -> Option<Vec<Caller>> {
    let tree = eval.tree(lambda.file)?;
    let up = tree.parent(lambda.node)?;
    let (keyword, list) = match tree.kind(up) {
        "keyword_argument" => (Some(tree.text(tree.field(up, "name")?)), tree.parent(up)?),
        _ => (None, up),
    };
    let handed =
        Place { node: tree.parent(list).filter(|call| tree.kind(list) == "argument_list" && tree.kind(*call) == "call")?, ..lambda };
    let callee = eval.apart(|| tree.field(handed.node, "function").map(|node| eval.value(Place { node, ..handed }, &None))).0?;
    let (function, receiver) = match callee {
        Value::Function(function, _, receiver) => (function, receiver),
        Value::Class(class) => (eval.method(class, "__init__", 0)?.0, Some(class)),
        _ => return None,
    };
    let module = eval.world.module(function.file)?;
    let position = tree.children(list).position(|a| a == lambda.node);
    let parameters: Vec<&str> =
        module.tree.children(module.tree.field(function.node, "parameters")?).filter_map(|p| parameter_name(&module.tree, p)).collect();
    let name = match keyword {
        Some(name) => parameters.into_iter().find(|p| *p == name)?,
        None => *parameters.get(position? + usize::from(receiver.is_some()))?,
    };
    let inside = module.calls_of(name).iter().filter(|call| module.tree.holds(function.node, **call) && module.calls_a_parameter(**call));
    let caller = |of, call, receiver: Option<Place>, through| Caller {
        call,
        closure: None,
        receiver,
        bound: receiver.is_some(),
        sure: true,
        through,
        of,
    };
    let through = || Some(Box::new(caller(function, handed, receiver, None)));
    Some(inside.map(|node| caller(lambda, Place { node: *node, ..function }, None, through())).collect())
}

/// The calls of a function in the files that were read.
fn calls_of(eval: &Eval<'_, '_>, function: Place) -> Vec<Caller> {
    let kind = eval.tree(function.file).map_or("", |t| t.kind(function.node));
    if kind == "lambda" {
        return calls_of_lambda(eval, function).unwrap_or_default();
    }
    // A class whose constructor is made from its fields is called itself.
    let record = kind == "class_definition";
    let name = if record { "__init__" } else { eval.function_name(function) };
    let class = if record { Some(function) } else { eval.class_of(function) };
    let mut names: BTreeSet<String> = BTreeSet::new();
    let mut classes: Vec<Place> = class.into_iter().collect();
    if name == "__init__" {
        // Subclasses that have no constructor of their own are this one's callers too.
        let mut at = 0;
        while let Some(class) = classes.get(at).copied().filter(|_| classes.len() < 64) {
            let own = class_name(eval, class);
            names.extend(eval.world.aliases(&own).map(str::to_owned));
            for sub in eval.world.subclasses(&own).iter().copied() {
                if !classes.contains(&sub) {
                    classes.push(sub);
                }
            }
            names.insert(own);
            at += 1;
        }
        if !record {
            names.insert("__init__".to_owned());
        }
    } else {
        names.insert(name.to_owned());
        // A function that another one makes and gives away has other names.
        let makers = eval.tree(function.file).and_then(|t| t.ancestors(function.node).find(|up| t.kind(*up) == "function_definition"));
        if let Some(maker) = makers {
            let maker = eval.function_name(Place { node: maker, ..function });
            names.extend(eval.world.aliases(maker).map(str::to_owned));
        }
    }
    let mut all = Vec::new();
    for call in names.iter().flat_map(|n| eval.world.calls(n)).copied() {
        let Some(tree) = eval.tree(call.file) else { continue };
        // A function that calls itself hands on what it was given.
        if call.file == function.file && tree.holds(function.node, call.node) {
            continue;
        }
        let Some(node) = tree.field(call.node, "function") else { continue };
        let callee = eval.apart(|| eval.value(Place { node, ..call }, &None)).0;
        for one in callee.choices() {
            let (closure, receiver, bound, sure) = match one {
                Value::Function(found, closure, receiver) if *found == function => (closure.clone(), *receiver, receiver.is_some(), true),
                Value::Class(made) if record && eval.is_made_from(*made, &Value::Class(function), 0) == Some(true) => {
                    (None, Some(*made), false, true)
                }
                Value::Class(made) if name == "__init__" && eval.method(*made, name, 0).is_some_and(|(f, _)| f == function) => {
                    (None, Some(*made), true, true)
                }
                // A method of an object that is not known: its name says which.
                Value::Unknown(_)
                    if class.is_some() && tree.kind(node) == "attribute" && name != "__init__" && fits(eval, tree, call, function) =>
                {
                    (None, class, true, false)
                }
                _ => continue,
            };
            all.push(Caller { call, closure, receiver, bound, sure, through: None, of: function });
        }
    }
    all
}

/// Whether the arguments of a call are ones that a method takes.
fn fits(eval: &Eval<'_, '_>, caller: &Tree, call: Place, function: Place) -> bool {
    let (Some(tree), Some(list)) = (eval.tree(function.file), caller.field(call.node, "arguments")) else { return false };
    let parameters: Vec<Id> = tree.field(function.node, "parameters").map(|l| tree.children(l).collect()).unwrap_or_default();
    let open = |id: &Id| {
        let inner = if tree.kind(*id) == "typed_parameter" { tree.first(*id).unwrap_or(*id) } else { *id };
        matches!(tree.kind(inner), "list_splat_pattern" | "dictionary_splat_pattern")
    };
    let mut names: Vec<&str> = parameters.iter().filter(|p| !open(p)).filter_map(|p| parameter_name(tree, *p)).collect();
    names.retain(|n| !matches!(*n, "self" | "cls"));
    let (mut positional, mut splat) = (0, false);
    for argument in caller.children(list) {
        match caller.kind(argument) {
            "keyword_argument" => {
                let name = caller.field(argument, "name").map_or("", |n| caller.text(n));
                if !names.contains(&name) && !parameters.iter().any(open) {
                    return false;
                }
            }
            "list_splat" | "dictionary_splat" => splat = true,
            _ => positional += 1,
        }
    }
    splat || positional <= names.len() || parameters.iter().any(open)
}

pub(super) fn class_name(eval: &Eval<'_, '_>, class: Place) -> String {
    eval.tree(class.file).and_then(|t| Some(t.text(t.field(class.node, "name")?).to_owned())).unwrap_or_default()
}

/// The word before the bracket where a function is called.
pub(super) fn called_as(eval: &Eval<'_, '_>, function: Place) -> String {
    match (eval.function_name(function), eval.class_of(function)) {
        ("__init__", Some(class)) => class_name(eval, class),
        (name, _) => name.to_owned(),
    }
}

/// Words one of which stands in a file that calls a function: its class, its file, the folder that gives it away.
pub(super) fn owners(eval: &Eval<'_, '_>, function: Place) -> Vec<String> {
    let class = eval.class_of(function).map(|class| class_name(eval, class));
    let path = eval.world.source(function.file).map_or("", |s| &s.path);
    let parts = path.trim_end_matches(".py").rsplit('/').filter(|p| *p != "__init__").take(2);
    class.into_iter().chain(parts.map(str::to_owned)).filter(|w| !w.is_empty()).collect()
}
