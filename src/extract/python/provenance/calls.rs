//! What calls give: of functions of the tree, of methods, of what Python itself has.

use super::super::values::{Env, Frame, Value, with};
use super::super::world::Place;
use super::names::text_of;
use super::types::Type;
use super::{Tracer, bool};
use crate::extract::combine::{arms, nothing, product, union};
use crate::knowledge::provenance::Says;
use crate::model::{Provenance, ProvenanceKind as Kind};
use crate::syntax::python::{Id, Tree};

/// Calls within calls.
const MAX_CALLS: usize = 6;
/// What one function gives.
const MAX_RETURNS: usize = 32;

impl Tracer<'_, '_, '_> {
    pub(super) fn call(&self, tree: &Tree, place: Place, env: &Env) -> Provenance {
        let Some(function) = tree.field(place.node, "function") else { return Provenance::unknown("a broken call") };
        let function = Place { node: function, ..place };
        let callee = self.eval.apart(|| self.eval.value(function, env)).0;
        match &callee {
            Value::Function(found, closure, receiver) => return self.called(*found, closure, *receiver, place, env),
            Value::OneOf(all) => {
                let known = all.iter().map(|one| match one {
                    Value::Function(found, closure, receiver) => Some(self.called(*found, closure, *receiver, place, env)),
                    _ => None,
                });
                if let Some(all) = known.collect::<Option<Vec<Provenance>>>() {
                    return arms(all);
                }
            }
            Value::Class(class) if self.is_enum(*class) => return self.enumeration(*class, None, place),
            Value::Class(class) => {
                return self.by_type(&Type::Class(*class), place).unwrap_or_else(|| Provenance::unknown("an object"));
            }
            _ => {}
        }
        let word = tree.field(function.node, "attribute").map(|a| tree.text(a));
        let dotted = match &callee {
            Value::External(path) => path.clone(),
            _ => tree.text(function.node).to_owned(),
        };
        if let Some(says) = self.rules.functions.iter().find(|says| is_called(says, &dotted)) {
            return self.says(says, place);
        }
        let first = tree.field(place.node, "arguments").and_then(|list| tree.first(list)).map(|node| Place { node, ..place });
        let last_part = dotted.rsplit('.').next().unwrap_or("");
        if matches!(callee, Value::External(_)) {
            match (last_part, first) {
                ("bool", _) => return bool(),
                ("getattr", Some(object)) => return self.got(tree, place, object, env),
                ("type", Some(_)) => return Provenance::of(Kind::Closed, "the name of a type"),
                (word, Some(first)) if self.rules.transparent_functions.iter().any(|f| f == word) => {
                    let given = if word == "cast" { self.second(tree, place).unwrap_or(first) } else { first };
                    return self.shown(given, env);
                }
                _ => {}
            }
        }
        if let (Some(word), Some(object)) = (word, tree.field(function.node, "object")) {
            return self.method(tree, word, Place { node: object, ..place }, place, env);
        }
        if dotted.ends_with("Error") || dotted.ends_with("Exception") {
            return self.through(Provenance::of(Kind::Error, "the text of an error"), "an error", place);
        }
        self.by_name(last_part, place).unwrap_or_else(|| Provenance::unknown(format!("what `{}` gives", shortened(&dotted))))
    }

    /// The text of a value.
    fn shown(&self, place: Place, env: &Env) -> Provenance {
        match self.type_of(place, env) {
            Some(Type::Class(class)) => match self.eval.method(class, "__str__", 0) {
                Some((function, _)) => self.result_of(function, &None),
                None => self.value(place, env),
            },
            _ => self.value(place, env),
        }
    }

    fn second(&self, tree: &Tree, call: Place) -> Option<Place> {
        let list = tree.field(call.node, "arguments")?;
        tree.children(list).nth(1).map(|node| Place { node, ..call })
    }

    /// `getattr(object, "name", default)`.
    fn got(&self, tree: &Tree, place: Place, object: Place, env: &Env) -> Provenance {
        let Some(list) = tree.field(place.node, "arguments") else { return nothing() };
        let rest: Vec<Id> = tree.children(list).skip(1).collect();
        let Some(name) = rest.first().filter(|n| tree.kind(**n) == "string").map(|n| text_of(tree, *n)) else {
            return Provenance::unknown("an attribute that is not known");
        };
        let found = match self.rules.methods.of(&name).find(|says| says.on.is_empty()) {
            Some(says) => self.says(says, place),
            None => match self.rule_of(&name, object, env) {
                Some(says) => self.says(says, place),
                None => self.by_name(&name, place).unwrap_or_else(|| Provenance::unknown(format!("the attribute `{name}`"))),
            },
        };
        match rest.get(1) {
            Some(default) => union(vec![found, self.value(Place { node: *default, ..place }, env)]),
            None => found,
        }
    }

    /// What a method of something that is not known gives.
    fn method(&self, tree: &Tree, word: &str, object: Place, place: Place, env: &Env) -> Provenance {
        if let Some(Type::Class(class)) = self.type_of(object, env)
            && let Some((function, _)) = self.eval.method(class, word, 0)
        {
            return self.called(function, &None, Some(class), place, env);
        }
        let arguments = || tree.field(place.node, "arguments").into_iter().flat_map(|list| tree.children(list));
        let at = |node: Id| Place { node, ..place };
        let values = || {
            arguments().map(|node| match tree.field(node, "value").filter(|_| tree.kind(node) == "keyword_argument") {
                Some(value) => self.value(at(value), env),
                None => self.value(at(node), env),
            })
        };
        match word {
            "format" if matches!(tree.kind(object.node), "string" | "concatenated_string") => {
                return self.put_together(values().collect(), place);
            }
            "join" => return union(values().collect()),
            "get" | "setdefault" | "getfirst" => {
                let mut given = arguments();
                let key = given.next().map(at);
                let found = self.looked_up(tree, object, key, place, env);
                return match given.next() {
                    Some(default) => arms(vec![found, self.value(at(default), env)]),
                    None => found,
                };
            }
            _ => {}
        }
        if let Some(says) = self.rules.methods.of(word).find(|says| says.on.is_empty()) {
            return self.says(says, place);
        }
        if let Some(says) = self.rule_of(word, object, env) {
            return self.says(says, place);
        }
        let transparent = self.rules.transparent.has(word);
        if transparent || self.rules.parts.has(word) {
            let found = self.value(object, env);
            // Another text for each: as many, or fewer.
            let same = matches!(word, "get" | "copy" | "encode" | "decode" | "strip");
            return if same { found } else { changed(found, word, transparent) };
        }
        // What is made of something unbounded in a way that is not known may be anything.
        self.by_name(word, place).unwrap_or_else(|| Provenance::unknown(format!("what `{word}` gives")))
    }

    /// What a function of the tree gives for a call.
    fn called(&self, function: Place, closure: &Env, receiver: Option<Place>, call: Place, env: &Env) -> Provenance {
        let entered = std::iter::successors(env.as_deref(), |level| level.up.as_deref());
        let depth = entered.filter(|level| matches!(level.frame, Frame::Call { .. })).count();
        let name = self.eval.function_name(function);
        if depth > MAX_CALLS {
            return Provenance::unknown("calls within calls");
        }
        let frame = Frame::Call { function, call, around: Some(env.clone()), receiver, bound: receiver.is_some() };
        let inner = with(frame, closure);
        let found = self.result_of(function, &inner);
        match found.kind {
            Kind::Literal => found,
            _ => self.through(found, format!("`{name}` gives it"), call),
        }
    }

    /// What a function gives.
    pub(super) fn result_of(&self, function: Place, env: &Env) -> Provenance {
        let Some(tree) = self.tree(function) else { return Provenance::unknown("nothing") };
        if tree.kind(function.node) == "lambda" {
            return tree.field(function.node, "body").map_or_else(nothing, |node| self.value(Place { node, ..function }, env));
        }
        if let Some(typed) = tree.field(function.node, "return_type").and_then(|node| self.closed_type(Place { node, ..function })) {
            return typed;
        }
        let all = self.returns(function);
        if all.is_empty() || all.len() > MAX_RETURNS {
            return Provenance::unknown(format!("what `{}` gives", self.eval.function_name(function)));
        }
        let found = arms(all.into_iter().map(|place| self.value(place, env)).collect());
        if found.kind != Kind::Unknown {
            return found;
        }
        let declared = tree.field(function.node, "return_type").and_then(|node| self.annotation(Place { node, ..function }));
        declared.and_then(|ty| self.by_type(&ty, function)).unwrap_or(found)
    }

    /// The expressions that a function gives.
    pub(super) fn returns(&self, function: Place) -> Vec<Place> {
        let Some(tree) = self.tree(function) else { return Vec::new() };
        let Some(body) = tree.field(function.node, "body") else { return Vec::new() };
        let own = |id: &Id| {
            let nearest = tree.ancestors(*id).find(|up| matches!(tree.kind(*up), "function_definition" | "lambda"));
            tree.kind(*id) == "return_statement" && nearest == Some(function.node)
        };
        let given = tree.below(body).filter(own).filter_map(|node| tree.first(node));
        given.filter(|node| tree.kind(*node) != "none").map(|node| Place { node, ..function }).collect()
    }

    /// One part of the tuples that a function of the tree gives.
    pub(super) fn returned_parts(&self, tree: &Tree, call: Place, i: usize, env: &Env) -> Option<Provenance> {
        let function = Place { node: tree.field(call.node, "function")?, ..call };
        let callee = self.eval.apart(|| self.eval.value(function, env)).0;
        let Value::Function(found, closure, receiver) = callee else { return None };
        let frame = Frame::Call { function: found, call, around: Some(env.clone()), receiver, bound: receiver.is_some() };
        let inner = with(frame, &closure);
        let part = |place: Place| {
            let tree = self.tree(place)?;
            matches!(tree.kind(place.node), "tuple" | "expression_list").then(|| tree.children(place.node).nth(i)).flatten()
        };
        let all: Option<Vec<Provenance>> =
            self.returns(found).into_iter().map(|place| part(place).map(|node| self.value(Place { node, ..place }, &inner))).collect();
        all.filter(|all| !all.is_empty()).map(arms)
    }
}

/// A value after a method that changes the text.
fn changed(found: Provenance, word: &str, transparent: bool) -> Provenance {
    let apply = |text: &String| match word {
        "lower" | "casefold" => Some(text.to_lowercase()),
        "upper" => Some(text.to_uppercase()),
        _ => None,
    };
    let values: Option<Vec<String>> = found.values.iter().map(apply).collect();
    match values {
        Some(mut values) if !values.is_empty() => {
            values.sort();
            values.dedup();
            Provenance { count: Some(values.len() as u64), values, ..found }
        }
        _ if transparent => Provenance { values: Vec::new(), ..found },
        _ => product(vec![Provenance { values: Vec::new(), ..found }]),
    }
}

/// Whether a rule speaks of a function: its last one or two parts.
fn is_called(says: &Says, dotted: &str) -> bool {
    says.names
        .iter()
        .any(|name| dotted == name || name.contains('.') && dotted.strip_suffix(name.as_str()).is_some_and(|rest| rest.ends_with('.')))
}

/// The last parts of a dotted path.
fn shortened(dotted: &str) -> &str {
    match dotted.rmatch_indices('.').nth(1) {
        Some((at, _)) => dotted.get(at + 1..).unwrap_or(dotted),
        None => dotted,
    }
}
