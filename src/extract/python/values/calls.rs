//! What a call gives: of a function of the tree, of a class, of what Python itself has.

use super::super::world::Place;
use super::builtins;
use super::{Env, Eval, Frame, Need, Value, with};
use crate::knowledge::python;
use crate::syntax::python::{Id, Tree};

impl Eval<'_, '_> {
    /// The value of a call.
    pub(super) fn call(&self, place: Place, env: &Env) -> Value {
        let Some(tree) = self.tree(place.file) else { return Value::Unknown("gone") };
        let Some(function) = tree.field(place.node, "function") else { return Value::Unknown("broken") };
        if let Some(value) = self.method_of_value(tree, place, function, env) {
            return value;
        }
        let callee = self.value(Place { node: function, ..place }, env);
        // A meter is handed around: the method's name says that it makes a metric.
        let makes = |f: Id| tree.field(f, "attribute").is_some_and(|name| python::method_named(tree.text(name)).is_some());
        if !callee.choices().iter().any(|c| matches!(c, Value::Function(..))) && makes(function) {
            return Value::Metric(place, env.clone());
        }
        if self.told_by_arguments(&callee, tree, place).is_some() {
            return Value::Metric(place, env.clone());
        }
        let all = callee.choices().iter().map(|one| self.called_value(one, place, env)).collect();
        Value::one_of(all)
    }

    /// What makes a metric and is taken from an object that is not known, by its own name and those of the arguments.
    pub(in super::super) fn told_by_arguments(
        &self,
        callee: &Value,
        tree: &Tree,
        call: Place,
    ) -> Option<(&'static python::Library, &'static python::Class)> {
        if callee.is_known() {
            return None;
        }
        let name = tree.field(tree.field(call.node, "function")?, "attribute")?;
        let named = tree.children(tree.field(call.node, "arguments")?).filter_map(|a| tree.field(a, "name"));
        python::class_told_by(tree.text(name), &named.map(|n| tree.text(n)).collect::<Vec<_>>())
    }

    fn called_value(&self, callee: &Value, call: Place, env: &Env) -> Value {
        match callee {
            Value::Function(function, closure, receiver) => {
                let frame =
                    Frame::Call { function: *function, call, around: Some(env.clone()), receiver: *receiver, bound: receiver.is_some() };
                self.returned(*function, &with(frame, closure))
            }
            Value::Class(class) => Value::Instance(*class, Some((call, env.clone()))),
            Value::Client(..) => Value::Metric(call, env.clone()),
            Value::Metric(..) => callee.clone(),
            Value::External(path) => self.builtin(path, call, env),
            _ => Value::Unknown("the result of a call"),
        }
    }

    /// What a function gives, inside an environment that holds its call.
    pub(super) fn returned(&self, function: Place, env: &Env) -> Value {
        let Some(tree) = self.tree(function.file) else { return Value::Unknown("gone") };
        if tree.kind(function.node) == "lambda" {
            return tree.field(function.node, "body").map_or(Value::Unknown("broken"), |node| self.value(Place { node, ..function }, env));
        }
        let Some(body) = tree.field(function.node, "body") else { return Value::Unknown("broken") };
        let own = |id: &Id| {
            let nearest = tree.ancestors(*id).find(|up| matches!(tree.kind(*up), "function_definition" | "lambda"));
            tree.kind(*id) == "return_statement" && nearest == Some(function.node)
        };
        let mut all = Vec::new();
        for node in tree.below(body).filter(own).take(16) {
            match self.reached(tree, Place { node, ..function }, env) {
                Some(false) => {}
                certain => {
                    let value = tree.first(node).map_or(Value::None, |node| self.value(Place { node, ..function }, env));
                    all.push(value);
                    if certain == Some(true) {
                        break;
                    }
                }
            }
        }
        // What is looked up in a cache first is made by the last `return`.
        if all.len() > 1 && all.iter().any(Value::is_known) {
            all.retain(|v| v.is_known() && !matches!(v, Value::None));
        }
        Value::one_of(all)
    }

    /// Whether a place inside a function is reached, where its conditions are known.
    pub(super) fn reached(&self, tree: &Tree, place: Place, env: &Env) -> Option<bool> {
        let mut certain = true;
        for up in tree.ancestors(place.node).take_while(|up| tree.kind(*up) != "function_definition") {
            match tree.kind(up) {
                "if_statement" => {
                    for (condition, wanted) in conditions(tree, up, place.node) {
                        match self.apart(|| self.value(Place { node: condition, ..place }, env).truth()).0 {
                            Some(truth) if truth != wanted => return Some(false),
                            Some(_) => {}
                            None => certain = false,
                        }
                    }
                }
                "for_statement" | "while_statement" | "except_clause" | "case_clause" => certain = false,
                _ => {}
            }
        }
        certain.then_some(true)
    }

    /// Whether a test of what something is, or of what a list holds, keeps a place from being reached. A flag says nothing here: it is
    /// somebody's choice, whatever it is by default.
    pub(in super::super) fn is_ruled_out(&self, place: Place, env: &Env) -> bool {
        let Some(tree) = self.tree(place.file) else { return false };
        let ifs = tree.ancestors(place.node).filter(|up| tree.kind(*up) == "if_statement");
        ifs.flat_map(|up| conditions(tree, up, place.node)).any(|(condition, wanted)| {
            let inner = |id: Id| match tree.kind(id) {
                "not_operator" => tree.field(id, "argument").unwrap_or(id),
                _ => id,
            };
            let says = match tree.kind(inner(condition)) {
                "comparison_operator" => tree.text(inner(condition)).split_whitespace().any(|word| word == "in"),
                "call" => super::called(tree, inner(condition)).is_some_and(|name| matches!(name, "isinstance" | "issubclass")),
                _ => false,
            };
            says && self.apart(|| self.value(Place { node: condition, ..place }, env).truth()).0 == Some(!wanted)
        })
    }

    /// Whether what has this class is one of another, where the classes it is made from are known.
    pub(in super::super) fn is_made_from(&self, class: Place, of: &Value, depth: u32) -> Option<bool> {
        if let Value::List(all, true) = of {
            let each: Vec<Option<bool>> = all.iter().map(|one| self.is_made_from(class, one, depth)).collect();
            return if each.contains(&Some(true)) { Some(true) } else { each.iter().all(Option::is_some).then_some(false) };
        }
        let Value::Class(wanted) = of else { return None };
        if class == *wanted {
            return Some(true);
        }
        let tree = self.tree(class.file)?;
        let list = tree.field(class.node, "superclasses");
        let named = list.map_or(0, |l| tree.children(l).filter(|c| tree.kind(*c) != "keyword_argument").count());
        let bases = self.bases(class);
        let each: Vec<Option<bool>> = bases.iter().filter(|_| depth < 8).map(|base| self.is_made_from(*base, of, depth + 1)).collect();
        match each.contains(&Some(true)) {
            true => Some(true),
            // A base outside the tree may be anything but a class of the tree's own.
            false => (depth < 8 && each.iter().all(Option::is_some) && bases.len() <= named).then_some(false),
        }
    }

    /// The positional arguments of a call, splats left out.
    fn positional(&self, tree: &Tree, call: Place, env: &Env) -> Vec<Value> {
        let Some(list) = tree.field(call.node, "arguments") else { return Vec::new() };
        if tree.kind(list) == "generator_expression" {
            return vec![self.value(Place { node: list, ..call }, env)];
        }
        let plain = tree.children(list).filter(|a| !matches!(tree.kind(*a), "keyword_argument" | "list_splat" | "dictionary_splat"));
        plain.map(|node| self.value(Place { node, ..call }, env)).collect()
    }

    /// The named arguments of a call as entries of a mapping.
    fn named(&self, tree: &Tree, call: Place, env: &Env) -> Vec<(Value, Value)> {
        let Some(list) = tree.field(call.node, "arguments") else { return Vec::new() };
        let named = tree.children(list).filter(|a| tree.kind(*a) == "keyword_argument");
        let entry = |argument| {
            let (key, value) = (tree.field(argument, "name")?, tree.field(argument, "value")?);
            let at = self.world.location(Place { node: key, ..call });
            Some((Value::Text { text: tree.text(key).to_owned(), known: true, at }, self.value(Place { node: value, ..call }, env)))
        };
        named.filter_map(entry).collect()
    }

    /// Methods of lists, mappings and texts.
    fn method_of_value(&self, tree: &Tree, place: Place, function: Id, env: &Env) -> Option<Value> {
        let name = tree.text(tree.field(function, "attribute")?);
        if name == "__init__"
            || !matches!(
                name,
                "keys"
                    | "values"
                    | "items"
                    | "copy"
                    | "format"
                    | "lower"
                    | "upper"
                    | "strip"
                    | "replace"
                    | "join"
                    | "get"
                    | "removesuffix"
                    | "removeprefix"
            )
        {
            return None;
        }
        let object = self.value(Place { node: tree.field(function, "object")?, ..place }, env);
        let arguments = || self.positional(tree, place, env);
        Some(match (object, name) {
            (Value::Dict(entries, all), "keys") => Value::List(entries.into_iter().map(|(k, _)| k).collect(), all),
            (Value::Dict(entries, all), "values") => Value::List(entries.into_iter().map(|(_, v)| v).collect(), all),
            (Value::Dict(entries, all), "items") => {
                Value::List(entries.into_iter().map(|(k, v)| Value::List(vec![k, v], true)).collect(), all)
            }
            (Value::Dict(entries, all), "get") => {
                let mut arguments = arguments().into_iter();
                let key = arguments.next()?;
                let found = entries.iter().rev().find(|(k, _)| *k == key).map(|(_, v)| v.clone());
                match (found, arguments.next()) {
                    (Some(found), _) => found,
                    (None, Some(other)) if all && key.is_known() => other,
                    (None, other) => Value::one_of(entries.into_iter().map(|(_, v)| v).chain(other).collect()),
                }
            }
            // A table that is not known: what is taken in its stead is.
            (Value::Unknown(_), "get") => arguments().into_iter().nth(1).unwrap_or(Value::Unknown("an entry that is not known")),
            (value @ (Value::Dict(..) | Value::List(..)), "copy") => value,
            (Value::Text { text, known, at }, _) => {
                let texts: Vec<Option<String>> = match (name, arguments().into_iter().next()) {
                    ("join", Some(Value::List(items, true))) => items.iter().map(super::as_text).collect(),
                    // What a condition adds is there or not: a part that is decided at run time.
                    ("join", Some(Value::List(items, false))) if items.iter().any(|item| item.choices().contains(&Value::None)) => {
                        items.iter().map(super::as_text).collect()
                    }
                    (_, Some(_)) => arguments().iter().map(super::as_text).collect(),
                    _ => Vec::new(),
                };
                let named = self.named(tree, place, env);
                builtins::text_method(&text, name, &texts, &named).map_or(Value::Unknown("a text that is put together"), |text| {
                    let open = text.contains('*');
                    Value::Text { text, known: known && !open, at }
                })
            }
            (Value::OneOf(_) | Value::Unknown(_) | Value::List(..) | Value::Dict(..), _) => Value::Unknown("the result of a method"),
            _ => return None,
        })
    }

    fn builtin(&self, path: &str, call: Place, env: &Env) -> Value {
        let Some(tree) = self.tree(call.file) else { return Value::Unknown("gone") };
        let arguments = self.positional(tree, call, env);
        let first = arguments.first();
        match path.rsplit('.').next().unwrap_or("") {
            "dict" => {
                let (mut entries, mut all) = match first {
                    Some(Value::Dict(entries, all)) => (entries.clone(), *all),
                    Some(_) => (Vec::new(), false),
                    None => (Vec::new(), true),
                };
                entries.extend(self.named(tree, call, env));
                all &= tree.field(call.node, "arguments").is_none_or(|l| !tree.children(l).any(|a| tree.kind(a) == "dictionary_splat"));
                Value::Dict(entries, all)
            }
            "list" | "tuple" | "set" | "frozenset" | "sorted" if first.is_none() => Value::List(Vec::new(), true),
            word @ ("list" | "tuple" | "set" | "frozenset" | "sorted" | "reversed" | "deepcopy" | "copy" | "MappingProxyType") => {
                let all = first.map_or(&[][..], Value::choices).iter().map(|one| match self.elements(one) {
                    Some(_) if matches!(word, "MappingProxyType" | "deepcopy" | "copy") => one.clone(),
                    Some((items, all)) => builtins::ordered(word, items, all),
                    None => Value::Unknown("a list that is not known"),
                });
                Value::one_of(all.collect())
            }
            "range" => builtins::range(&arguments),
            "len" => match first.and_then(|v| self.elements(v)) {
                Some((items, true)) => Value::Number(items.len() as f64),
                _ => Value::Unknown("a length"),
            },
            "enumerate" => match first.and_then(|v| self.elements(v)) {
                Some((items, all)) => Value::List(
                    items.into_iter().enumerate().map(|(i, v)| Value::List(vec![Value::Number(i as f64), v], true)).collect(),
                    all,
                ),
                None => Value::Unknown("a list that is not known"),
            },
            "zip" => builtins::zip(&arguments.iter().map(|v| self.elements(v)).collect::<Vec<_>>()),
            "float" | "int" | "round" => match first {
                Some(Value::Number(n)) if tree.text(call.node).starts_with("int") => Value::Number(n.trunc()),
                Some(Value::Number(n)) => Value::Number(*n),
                Some(Value::Text { text, known: true, .. }) => match text.as_str() {
                    "inf" | "Inf" | "+Inf" | "+inf" => Value::Number(f64::INFINITY),
                    _ => text.parse().map_or(Value::Unknown("a number"), Value::Number),
                },
                _ => Value::Unknown("a number"),
            },
            "str" => match first {
                Some(value @ Value::Text { .. }) => value.clone(),
                Some(value) => super::as_text(value).map_or(Value::Unknown("a text"), |text| Value::Text {
                    text,
                    known: true,
                    at: self.world.location(call),
                }),
                None => Value::Unknown("a text"),
            },
            "cast" => arguments.into_iter().nth(1).unwrap_or(Value::Unknown("a cast")),
            "getattr" => match (&arguments[..], arguments.get(1)) {
                ([object, ..], Some(Value::Text { text, known: true, .. })) => {
                    let found = self.attribute(object, text, env);
                    if found.is_known() { found } else { arguments.get(2).cloned().unwrap_or(found) }
                }
                _ => Value::Unknown("an attribute that is not known"),
            },
            "super" => {
                let class = tree.ancestors(call.node).find(|up| tree.kind(*up) == "class_definition");
                let base = class.and_then(|node| self.bases(Place { node, ..call }).into_iter().next());
                base.map_or(Value::Unknown("a base outside the tree"), |class| Value::Instance(class, None))
            }
            "isinstance" | "issubclass" => match (first, arguments.get(1)) {
                (Some(Value::Instance(class, _) | Value::Class(class)), Some(of)) => {
                    self.is_made_from(*class, of, 0).map_or(Value::Unknown("a condition"), Value::Bool)
                }
                _ => Value::Unknown("a condition"),
            },
            "partial" => first.cloned().unwrap_or(Value::Unknown("a function")),
            _ => Value::Unknown("the result of a call"),
        }
    }

    /// A list or mapping after a change in place.
    pub(super) fn changed(&self, scope: Place, value: Value, change: Id, at: Id, env: &Env) -> Value {
        if let Value::OneOf(all) = value {
            return Value::one_of(all.into_iter().map(|v| self.changed(scope, v, change, at, env)).collect());
        }
        let Some(tree) = self.tree(scope.file) else { return value };
        let place = |node| Place { node, ..scope };
        // The loops and conditions that hold the change and not the place.
        let around: Vec<Id> =
            tree.ancestors(change).take_while(|up| *up != scope.node).filter(|up| at == Id::MAX || !tree.holds(*up, at)).collect();
        let mut conditional = false;
        let ifs = around.iter().filter(|up| tree.kind(**up) == "if_statement");
        for (condition, wanted) in ifs.flat_map(|up| conditions(tree, *up, change)) {
            match self.apart(|| self.value(place(condition), env).truth()).0 {
                Some(truth) if truth != wanted => return value,
                Some(_) => {}
                None => conditional = true,
            }
        }
        let loops: Vec<Id> = around.iter().copied().filter(|up| tree.kind(*up) == "for_statement").rev().collect();
        if around.iter().any(|up| tree.kind(*up) == "while_statement") {
            return unsure(value);
        }
        let Some(envs) = self.rounds(scope, &loops, env) else {
            self.needs.borrow_mut().insert(Need::More);
            return unsure(value);
        };
        let before = if let Value::List(items, _) = &value { items.len() } else { 0 };
        let mut value = value;
        let carried = envs.len() > 1 && carries(tree, &loops, change);
        for env in envs {
            value = self.once_changed(tree, scope, value, change, &env);
        }
        match value {
            // What a round gives depends on the rounds before it.
            Value::List(mut items, all) if carried => {
                items.iter_mut().skip(before).for_each(|item| *item = Value::Unknown("a value that each round of a loop changes"));
                Value::List(items, all && !conditional)
            }
            // What a condition adds is there or not.
            Value::List(mut items, _) if conditional => {
                for item in items.iter_mut().skip(before) {
                    *item = Value::one_of(vec![item.clone(), Value::None]);
                }
                Value::List(items, false)
            }
            value if conditional => unsure(value),
            value => value,
        }
    }

    /// One environment for each round of nested loops.
    fn rounds(&self, scope: Place, loops: &[Id], env: &Env) -> Option<Vec<Env>> {
        let tree = self.tree(scope.file)?;
        let mut envs = vec![env.clone()];
        for node in loops {
            let mut next = Vec::new();
            for env in &envs {
                let source = self.value(Place { node: tree.field(*node, "right")?, ..scope }, env);
                let (items, true) = self.elements(&source)? else { return None };
                if items.len() + next.len() > 1024 {
                    return None;
                }
                next.extend(items.into_iter().map(|value| with(Frame::Item { node: Place { node: *node, ..scope }, value }, env)));
            }
            envs = next;
        }
        Some(envs)
    }

    fn once_changed(&self, tree: &Tree, scope: Place, value: Value, change: Id, env: &Env) -> Value {
        let at = |node| self.value(Place { node, ..scope }, env);
        match tree.kind(change) {
            "call" => {
                let method = super::called(tree, change).unwrap_or("");
                let arguments = self.positional(tree, Place { node: change, ..scope }, env);
                match (method, value, arguments.into_iter().last()) {
                    ("append" | "insert" | "add", Value::List(mut items, all), Some(item)) => {
                        items.push(item);
                        Value::List(items, all)
                    }
                    ("extend" | "update", Value::List(mut items, all), Some(more)) => match self.elements(&more) {
                        Some((more, complete)) => {
                            items.extend(more);
                            Value::List(items, all && complete)
                        }
                        None => {
                            self.needs.borrow_mut().insert(Need::More);
                            Value::List(items, false)
                        }
                    },
                    ("update", Value::Dict(mut entries, all), Some(Value::Dict(more, complete))) => {
                        entries.extend(more);
                        Value::Dict(entries, all && complete)
                    }
                    ("update", Value::Dict(mut entries, _), None) => {
                        entries.extend(self.named(tree, Place { node: change, ..scope }, env));
                        Value::Dict(entries, true)
                    }
                    (_, value, _) => unsure(value),
                }
            }
            "augmented_assignment" => {
                let right = tree.field(change, "right").map_or(Value::None, at);
                let operator = tree.field(change, "operator").map_or("", |o| tree.text(o).trim_end_matches('='));
                self.operation(operator, value, right, Place { node: change, ..scope })
            }
            _ => {
                let key = tree.field(change, "left").and_then(|l| tree.field(l, "subscript"));
                match (value, key, tree.field(change, "right")) {
                    (Value::Dict(mut entries, all), Some(key), Some(right)) => {
                        entries.push((at(key), at(right)));
                        Value::Dict(entries, all)
                    }
                    // What has a text for a key is a mapping, whatever else is in it.
                    (Value::Unknown(_), Some(key), Some(right)) if tree.kind(key) == "string" => {
                        Value::Dict(vec![(at(key), at(right))], false)
                    }
                    (value, ..) => value,
                }
            }
        }
    }
}

/// Whether a change in a loop is made with a variable that every round changes: `value *= 1.5`.
fn carries(tree: &Tree, loops: &[Id], change: Id) -> bool {
    let named: Vec<&str> = tree.below(change).filter(|id| tree.kind(*id) == "identifier").map(|id| tree.text(id)).collect();
    loops.iter().any(|outer| {
        tree.below(*outer).filter(|id| *id != change && tree.kind(*id) == "augmented_assignment").any(|id| {
            let own = tree.field(id, "left");
            own.is_some_and(|left| tree.kind(left) == "identifier" && named.contains(&tree.text(left)))
        })
    })
}

/// The conditions of an `if` that decide whether a node in it is reached, with the answer that it takes.
fn conditions(tree: &Tree, statement: Id, node: Id) -> Vec<(Id, bool)> {
    let mut out = Vec::new();
    for branch in std::iter::once(statement).chain(tree.children(statement).filter(|c| tree.kind(*c) == "elif_clause")) {
        let Some(condition) = tree.field(branch, "condition") else { continue };
        if tree.holds(condition, node) {
            return out;
        }
        let then = tree.field(branch, "consequence").is_some_and(|block| tree.holds(block, node));
        out.push((condition, then));
        if then {
            return out;
        }
    }
    out
}

/// A value of which it is not known whether there is more.
pub(super) fn unsure(value: Value) -> Value {
    match value {
        Value::List(items, _) => Value::List(items, false),
        Value::Dict(entries, _) => Value::Dict(entries, false),
        other => other,
    }
}
