//! Who calls a function, and the rounds of a loop: where a definition's name, labels or buckets are decided.

use std::collections::BTreeSet;

use super::values::{Env, Eval, Frame, Need, Value, with};
use super::world::Place;

/// Callers of callers that are followed.
const MAX_CALLERS_DEPTH: usize = 6;
/// Calls of one function that are followed.
const MAX_CALLERS: usize = 400;

/// What a look at a definition gave.
pub(super) struct Look<T> {
    pub(super) result: T,
    pub(super) needs: BTreeSet<Need>,
}

/// Looks at something once for each way in which its surroundings can be known.
pub(super) fn each<T>(eval: &Eval<'_, '_>, env: &Env, depth: usize, look: &dyn Fn(&Env) -> Look<T>, out: &mut Vec<T>) {
    let Look { result, needs } = look(env);
    if depth < MAX_CALLERS_DEPTH && out.len() < 2000 {
        for need in needs {
            let envs = match need {
                Need::Item(node) => rounds(eval, node, env),
                Need::Caller(function) => callers(eval, function, env),
            };
            if envs.is_empty() || envs.len() > MAX_CALLERS {
                continue;
            }
            for env in envs {
                each(eval, &env, depth + 1, look, out);
            }
            return;
        }
    }
    out.push(result);
}

/// One environment for each element that a loop goes over.
fn rounds(eval: &Eval<'_, '_>, node: Place, env: &Env) -> Vec<Env> {
    let source = eval.tree(node.file).and_then(|t| t.field(node.node, "right"));
    let Some(source) = source else { return Vec::new() };
    let value = eval.apart(|| eval.value(Place { node: source, ..node }, env)).0;
    let Some((items, _)) = eval.elements(&value) else { return Vec::new() };
    items.into_iter().map(|value| with(Frame::Item { node, value }, env)).collect()
}

/// One environment for each call of a function.
fn callers(eval: &Eval<'_, '_>, function: Place, env: &Env) -> Vec<Env> {
    let name = eval.function_name(function);
    let class = eval.class_of(function);
    let mut names: BTreeSet<String> = BTreeSet::new();
    let mut classes: Vec<Place> = class.into_iter().collect();
    if name == "__init__" {
        // Subclasses that have no constructor of their own are this one's callers too.
        let mut at = 0;
        while let Some(class) = classes.get(at).copied().filter(|_| classes.len() < 64) {
            let own = class_name(eval, class);
            names.extend(eval.world.aliases(&own).into_iter().map(str::to_owned));
            for sub in eval.world.subclasses(&own) {
                if !classes.contains(&sub) {
                    classes.push(sub);
                }
            }
            names.insert(own);
            at += 1;
        }
        names.insert("__init__".to_owned());
    } else {
        names.insert(name.to_owned());
        // A function that another one makes and gives away has other names.
        let makers = eval.tree(function.file).and_then(|t| t.ancestors(function.node).find(|up| t.kind(*up) == "function_definition"));
        if let Some(maker) = makers {
            let maker = eval.function_name(Place { node: maker, ..function });
            names.extend(eval.world.aliases(maker).into_iter().map(str::to_owned));
        }
    }
    let mut envs = Vec::new();
    for call in names.iter().flat_map(|n| eval.world.calls(n)) {
        let Some(tree) = eval.tree(call.file) else { continue };
        let Some(node) = tree.field(call.node, "function") else { continue };
        let callee = eval.apart(|| eval.value(Place { node, ..call }, &None)).0;
        for one in callee.choices() {
            let (closure, receiver, bound) = match one {
                Value::Function(found, closure, receiver) if *found == function => (closure.clone(), *receiver, receiver.is_some()),
                Value::Class(made) if name == "__init__" && eval.method(*made, name, 0).is_some_and(|(f, _)| f == function) => {
                    (None, Some(*made), true)
                }
                // A method of an object that is not known: its name says which.
                Value::Unknown(_) if class.is_some() && tree.kind(node) == "attribute" && name != "__init__" => (None, class, true),
                _ => continue,
            };
            let around = None;
            let up = closure.or_else(|| env.clone());
            envs.push(with(Frame::Call { function, call, around, receiver, bound }, &up));
        }
    }
    envs
}

fn class_name(eval: &Eval<'_, '_>, class: Place) -> String {
    eval.tree(class.file).and_then(|t| Some(t.text(t.field(class.node, "name")?).to_owned())).unwrap_or_default()
}

/// The word before the bracket where a function is called.
pub(super) fn called_as(eval: &Eval<'_, '_>, function: Place) -> String {
    match (eval.function_name(function), eval.class_of(function)) {
        ("__init__", Some(class)) => class_name(eval, class),
        (name, _) => name.to_owned(),
    }
}
