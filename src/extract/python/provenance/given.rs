//! What callers give to parameters, and the lists and mappings that arguments are handed on in.

use super::super::follow;
use super::super::parts::parameter_name;
use super::super::values::{Env, Frame, Value, with};
use super::super::world::{Binding, Place};
use super::names::text_of;
use super::types::Type;
use super::{MAX_DEPTH, MAX_GIVERS, Tracer};
use crate::extract::combine::union;
use crate::model::{Provenance, ProvenanceKind as Kind};
use crate::syntax::python::{Id, Tree};

/// Mappings within mappings.
const MAX_MAPPINGS: u32 = 6;

/// What a call gives to a parameter.
pub(super) enum Given {
    /// An expression.
    At(Place, Env),
    /// The elements of `*args`, or the values of `**kwargs`.
    Several(Vec<(Place, Env)>),
    /// Something that is not followed.
    Missing,
}

/// The arguments of a call, splats taken apart as far as they are known.
pub(in super::super) struct Arguments {
    pub(in super::super) positional: Vec<(Place, Env)>,
    /// Those behind a splat that is not known: counted from the end.
    pub(in super::super) trailing: Vec<(Place, Env)>,
    pub(in super::super) named: Vec<(String, Place, Env)>,
    /// Whether there may be more.
    pub(in super::super) open: bool,
}

impl Tracer<'_, '_, '_> {
    /// The arguments of a call.
    pub(in super::super) fn arguments(&self, call: Place, env: &Env) -> Arguments {
        let mut out = Arguments { positional: Vec::new(), trailing: Vec::new(), named: Vec::new(), open: false };
        let Some(tree) = self.tree(call) else { return out };
        let Some(list) = tree.field(call.node, "arguments") else { return out };
        // Functions that hand on their arguments to each other.
        let depth = self.depth.get();
        if depth >= MAX_DEPTH {
            out.open = true;
            return out;
        }
        self.depth.set(depth + 1);
        let at = |node: Id| Place { node, ..call };
        let mut lost = false;
        for argument in tree.children(list) {
            match tree.kind(argument) {
                "keyword_argument" => {
                    if let (Some(key), Some(value)) = (tree.field(argument, "name"), tree.field(argument, "value")) {
                        out.named.push((tree.text(key).to_owned(), at(value), env.clone()));
                    }
                }
                "list_splat" => match tree.first(argument).and_then(|node| self.sequence(at(node), env)) {
                    Some(more) if lost => out.trailing.extend(more),
                    Some(more) => out.positional.extend(more),
                    None => {
                        (out.open, lost) = (true, true);
                        out.trailing = tree.first(argument).map(|node| self.tail(at(node), env, MAX_MAPPINGS)).unwrap_or_default();
                    }
                },
                "dictionary_splat" => match tree.first(argument).and_then(|node| self.mapping(at(node), env)) {
                    Some(more) => out.named.extend(more),
                    None => out.open = true,
                },
                _ if lost => out.trailing.push((at(argument), env.clone())),
                _ => out.positional.push((at(argument), env.clone())),
            }
        }
        self.depth.set(depth);
        out
    }

    /// The functions around a call whose parameters are taken apart in its arguments: their callers say which labels there are.
    pub(in super::super) fn taken_apart(&self, call: Place) -> Vec<Place> {
        let owner = |tree: &Tree, argument: Id| {
            let inner = tree.first(argument).filter(|_| matches!(tree.kind(argument), "list_splat" | "dictionary_splat"))?;
            let name = Place { node: inner, ..call };
            let scope = self.eval.scope_of(name).filter(|_| tree.kind(inner) == "identifier")?;
            match self.eval.world.module(call.file)?.bindings(scope.node, tree.text(inner)) {
                [(_, Binding::Parameter(function))] => Some(Place { node: *function, ..call }),
                _ => None,
            }
        };
        let Some(tree) = self.tree(call) else { return Vec::new() };
        let list = tree.field(call.node, "arguments").into_iter().flat_map(|list| tree.children(list));
        list.filter_map(|argument| owner(tree, argument)).collect()
    }

    /// What a call gives to a parameter of the function that it calls.
    pub(super) fn given(&self, function: Place, parameter: Place, name: &str, call: Place, around: &Env, bound: bool) -> Given {
        let Some(tree) = self.tree(function) else { return Given::Missing };
        let parameters: Vec<Id> = tree.field(function.node, "parameters").map(|l| tree.children(l).collect()).unwrap_or_default();
        let index = parameters.iter().position(|p| *p == parameter.node).unwrap_or(0);
        // The object that a method is called on is none of its arguments.
        let Some(at) = index.checked_sub(usize::from(bound)) else { return Given::Missing };
        let given = self.arguments(call, around);
        let kind = match tree.kind(parameter.node) {
            "typed_parameter" => tree.first(parameter.node).map_or("", |p| tree.kind(p)),
            kind => kind,
        };
        match kind {
            "list_splat_pattern" if !given.open => return Given::Several(given.positional.into_iter().skip(at).collect()),
            "dictionary_splat_pattern" if !given.open => {
                let names: Vec<&str> = parameters.iter().filter_map(|p| parameter_name(tree, *p)).collect();
                let rest = given.named.into_iter().filter(|(k, ..)| !names.contains(&k.as_str()));
                return Given::Several(rest.map(|(_, place, env)| (place, env)).collect());
            }
            "list_splat_pattern" | "dictionary_splat_pattern" => return Given::Missing,
            _ => {}
        }
        if let Some((_, place, env)) = given.named.iter().find(|(k, ..)| k == name) {
            return Given::At(*place, env.clone());
        }
        let after_star = parameters.iter().take(index).any(|p| matches!(tree.kind(*p), "list_splat_pattern" | "keyword_separator"));
        match given.positional.get(at).filter(|_| !after_star) {
            Some((place, env)) => Given::At(*place, env.clone()),
            None if given.open => Given::Missing,
            None => match tree.field(parameter.node, "value") {
                Some(node) => Given::At(Place { node, ..function }, None),
                None => Given::Missing,
            },
        }
    }

    /// What every call of a function gives to one of its parameters.
    pub(super) fn by_callers(&self, function: Place, parameter: Place, name: &str) -> Provenance {
        let eval = self.eval;
        let own = eval.function_name(function).to_owned();
        let mut functions = vec![function];
        // What calls the method of a base may call this one.
        if let Some(class) = eval.class_of(function).filter(|_| own != "__init__") {
            functions.extend(eval.bases(class).into_iter().filter_map(|base| eval.method(base, &own, 0)).map(|(f, _)| f));
        }
        let mut all = Vec::new();
        for function in functions {
            let word = follow::called_as(eval, function);
            self.ask(word, follow::owners(eval, function));
            let callers = follow::callers_of(eval, function);
            if callers.len() + all.len() > MAX_GIVERS {
                return Provenance::unknown(format!("the parameter `{name}`, given in too many places"));
            }
            for caller in callers.iter() {
                let own_parameter = self.same_parameter(function, parameter, name);
                let given = self.given(function, own_parameter, name, caller.call, &None, caller.bound);
                let found = self.of_given(given, name);
                // What may be another function's call says nothing but that it adds no other values.
                if !caller.sure && !found.kind.is_bounded() {
                    return Provenance::unknown(format!("the parameter `{name}`, given by calls that may be another function's"));
                }
                all.push(found);
            }
        }
        if all.is_empty() {
            return Provenance::unknown(format!("the parameter `{name}` of `{own}`, which nobody calls"));
        }
        let found = union(all);
        // Whoever is handed the function calls it too.
        if found.kind.is_bounded() && eval.world.is_handed_on(&own) {
            return Provenance::unknown(format!("the parameter `{name}` of `{own}`, which is handed on"));
        }
        found
    }

    /// The parameter of this name in a function, for a method that stands in for another.
    fn same_parameter(&self, function: Place, parameter: Place, name: &str) -> Place {
        let Some(tree) = self.tree(function) else { return parameter };
        let list = tree.field(function.node, "parameters");
        let found = list.and_then(|l| tree.children(l).find(|p| parameter_name(tree, *p) == Some(name)));
        found.map_or(parameter, |node| Place { node, ..function })
    }

    /// A parameter of a function that answers requests.
    pub(super) fn sent_by_client(&self, tree: &Tree, function: Place, parameter: Place, name: &str) -> Option<Provenance> {
        let above = tree.parent(function.node).filter(|up| tree.kind(*up) == "decorated_definition")?;
        let answers = |id: Id| {
            let call = tree.first(id).filter(|c| tree.kind(*c) == "call")?;
            let word = tree.field(tree.field(call, "function")?, "attribute")?;
            let first = tree.first(tree.field(call, "arguments")?)?;
            let handles = self.rules.handlers.iter().any(|h| h == tree.text(word));
            (handles && tree.kind(first) == "string" && text_of(tree, first).starts_with('/')).then_some(())
        };
        tree.children(above).filter(|c| tree.kind(*c) == "decorator").find_map(answers)?;
        if matches!(name, "self" | "cls") {
            return None;
        }
        let default = tree.field(parameter.node, "value").filter(|v| tree.kind(*v) == "call");
        let marked = default.and_then(|v| tree.field(v, "function")).map(|f| tree.text(f).rsplit('.').next().unwrap_or(""));
        let annotation = tree.field(parameter.node, "type");
        let declared = annotation.map_or("", |a| tree.text(a));
        let is_marker = |word: &str| self.rules.extractors.has(word);
        let by_default = marked.is_some_and(is_marker);
        let annotated = self.rules.extractors.iter().any(|e| declared.contains(&format!("{e}(")));
        let of = |certain: bool, words: String| {
            let found = Provenance { certain, foreign: true, ..Provenance::of(Kind::Text, words) };
            Some(self.through(found, format!("`{name}` is what the client sent"), parameter))
        };
        if by_default || annotated {
            return of(true, "what the client sent".into());
        }
        if marked.is_some() || declared.contains("Depends(") {
            return None;
        }
        match annotation.map(|node| self.annotation(Place { node, ..function })) {
            // A part of the path, or of the query.
            None if annotation.is_none() => of(true, "what the client sent".into()),
            Some(Some(Type::Named(ty))) if matches!(ty.as_str(), "str" | "int" | "float") => of(true, "what the client sent".into()),
            // Whatever is checked somewhere else is not seen here.
            Some(Some(Type::Class(class))) if self.is_model(class) => of(false, "a field of a request".into()),
            _ => None,
        }
    }

    /// The keys and values of a mapping, where each is written down. The keys are expressions.
    pub(super) fn dictionary(&self, place: Place, env: &Env) -> Option<Vec<(Place, Place, Env)>> {
        let tree = self.tree(place)?;
        let at = |node: Id| Place { node, ..place };
        match tree.kind(place.node) {
            "dictionary" => {
                let pair = |node: Id| Some((at(tree.field(node, "key")?), at(tree.field(node, "value")?), env.clone()));
                tree.children(place.node).map(pair).collect()
            }
            "identifier" | "attribute" => {
                let (place, env) = self.only_value(place, env)?;
                let tree = self.tree(place)?;
                (tree.kind(place.node) == "dictionary").then(|| self.dictionary(place, &env)).flatten()
            }
            _ => None,
        }
    }

    /// The one expression that gives a name or an attribute of the object at hand its value.
    fn only_value(&self, place: Place, env: &Env) -> Option<(Place, Env)> {
        let tree = self.tree(place)?;
        if tree.kind(place.node) == "attribute" {
            let name = tree.text(tree.field(place.node, "attribute")?);
            let object = Place { node: tree.field(place.node, "object")?, ..place };
            return match self.eval.apart(|| self.eval.value(object, env)).0 {
                Value::Instance(class, _) | Value::Class(class) => {
                    let module = self.eval.world.module(class.file)?;
                    let of_class = module.bindings(class.node, name).iter();
                    let of_class = of_class.filter_map(|(_, b)| if let Binding::Value(id) = b { Some(*id) } else { None });
                    let all: Vec<Id> = module.attribute(class.node, name).iter().copied().chain(of_class).collect();
                    let [only] = all[..] else { return None };
                    Some((Place { node: only, ..class }, None))
                }
                Value::Module(file) => self.only_binding(Place { file, node: 0 }, name, Id::MAX, &None),
                _ => None,
            };
        }
        let scope = self.eval.scope_of(place)?;
        self.only_binding(scope, tree.text(place.node), place.node, env)
    }

    fn only_binding(&self, scope: Place, name: &str, at: Id, env: &Env) -> Option<(Place, Env)> {
        let module = self.eval.world.module(scope.file)?;
        match module.bindings(scope.node, name) {
            [(_, Binding::Value(id))] => Some((Place { node: *id, ..scope }, env.clone())),
            [(node, Binding::Parameter(function))] => self.handed(Place { node: *function, ..scope }, *node, name, env),
            [(_, Binding::Import(path, Some(member)))] => {
                let file = self.eval.world.resolve(scope.file, path).filter(|f| *f != scope.file)?;
                self.only_binding(Place { file, node: 0 }, member, Id::MAX, &None)
            }
            // The last one before the place, where it always runs.
            several => {
                let before = several.iter().rev().find(|(node, _)| *node < at && self.eval.always(scope, *node, at))?;
                match before {
                    (_, Binding::Value(id)) if at != Id::MAX => Some((Place { node: *id, ..scope }, env.clone())),
                    _ => None,
                }
            }
        }
    }

    /// What a known caller gives to a parameter.
    fn handed(&self, function: Place, parameter: Id, name: &str, env: &Env) -> Option<(Place, Env)> {
        let mut level = env.as_ref();
        while let Some(one) = level {
            match &one.frame {
                Frame::Call { function: found, call, around, bound, .. } if *found == function => {
                    let parameter = Place { node: parameter, ..function };
                    return match self.given(function, parameter, name, *call, around.as_ref().unwrap_or(env), *bound) {
                        Given::At(place, env) => Some((place, env)),
                        _ => None,
                    };
                }
                _ => level = one.up.as_ref(),
            }
        }
        None
    }

    /// A mapping with known keys.
    pub(in super::super) fn mapping(&self, place: Place, env: &Env) -> Option<Vec<(String, Place, Env)>> {
        self.mapping_in(place, env, MAX_MAPPINGS)
    }

    fn mapping_in(&self, place: Place, env: &Env, depth: u32) -> Option<Vec<(String, Place, Env)>> {
        let depth = depth.checked_sub(1)?;
        let tree = self.tree(place)?;
        let at = |node: Id| Place { node, ..place };
        match tree.kind(place.node) {
            "dictionary" => {
                let mut out = Vec::new();
                for node in tree.children(place.node) {
                    if tree.kind(node) == "dictionary_splat" {
                        out.extend(self.mapping_in(at(tree.first(node)?), env, depth)?);
                        continue;
                    }
                    let key = self.eval.apart(|| self.eval.value(at(tree.field(node, "key").unwrap_or(node)), env)).0;
                    let Value::Text { text, known: true, .. } = key else { return None };
                    out.push((text, at(tree.field(node, "value")?), env.clone()));
                }
                Some(out)
            }
            "binary_operator" if tree.field(place.node, "operator").is_some_and(|o| tree.text(o) == "|") => {
                let mut out = self.mapping_in(at(tree.field(place.node, "left")?), env, depth)?;
                out.extend(self.mapping_in(at(tree.field(place.node, "right")?), env, depth)?);
                Some(out)
            }
            "call" if tree.field(place.node, "function").is_some_and(|f| tree.text(f) == "dict") => {
                let given = self.arguments(place, env);
                (!given.open && given.positional.is_empty()).then_some(given.named)
            }
            "call" => {
                let function = at(tree.field(place.node, "function")?);
                let callee = self.eval.apart(|| self.eval.value(function, env)).0;
                let Value::Function(found, closure, receiver) = callee else { return None };
                let around = Some(env.clone());
                let frame = Frame::Call { function: found, call: place, around, receiver, bound: receiver.is_some() };
                let inner = with(frame, &closure);
                let [only] = self.returns(found)[..] else { return None };
                self.mapping_in(only, &inner, depth)
            }
            "identifier" | "attribute" => {
                if let Some(rest) = self.rest_of(tree, place, env) {
                    return rest;
                }
                let (found, inner) = self.only_value(place, env)?;
                self.mapping_in(found, &inner, depth)
            }
            _ => None,
        }
    }

    /// The named arguments that `**kwargs` holds, where the caller is known.
    #[allow(clippy::option_option)]
    fn rest_of(&self, tree: &Tree, place: Place, env: &Env) -> Option<Option<Vec<(String, Place, Env)>>> {
        let name = tree.text(place.node);
        let scope = self.eval.scope_of(place)?;
        let [(parameter, Binding::Parameter(function))] = self.eval.world.module(place.file)?.bindings(scope.node, name) else {
            return None;
        };
        let inner = if tree.kind(*parameter) == "typed_parameter" { tree.first(*parameter)? } else { *parameter };
        if tree.kind(inner) != "dictionary_splat_pattern" {
            return None;
        }
        let names: Vec<&str> = tree
            .field(*function, "parameters")
            .map(|l| tree.children(l).filter_map(|p| parameter_name(tree, p)).collect())
            .unwrap_or_default();
        let function = Place { node: *function, ..place };
        let mut level = env.as_ref();
        while let Some(one) = level {
            match &one.frame {
                Frame::Call { function: found, call, around, .. } if *found == function => {
                    let given = self.arguments(*call, around.as_ref().unwrap_or(env));
                    let rest = given.named.into_iter().filter(|(k, ..)| !names.contains(&k.as_str())).collect();
                    return Some((!given.open).then_some(rest));
                }
                _ => level = one.up.as_ref(),
            }
        }
        Some(None)
    }

    /// The elements of a list.
    pub(in super::super) fn sequence(&self, place: Place, env: &Env) -> Option<Vec<(Place, Env)>> {
        self.sequence_in(place, env, MAX_MAPPINGS)
    }

    fn sequence_in(&self, place: Place, env: &Env, depth: u32) -> Option<Vec<(Place, Env)>> {
        let depth = depth.checked_sub(1)?;
        let tree = self.tree(place)?;
        let at = |node: Id| Place { node, ..place };
        match tree.kind(place.node) {
            "list" | "tuple" => {
                let mut out = Vec::new();
                for node in tree.children(place.node) {
                    match tree.kind(node) {
                        "list_splat" => out.extend(self.sequence_in(at(tree.first(node)?), env, depth)?),
                        _ => out.push((at(node), env.clone())),
                    }
                }
                Some(out)
            }
            "binary_operator" if tree.field(place.node, "operator").is_some_and(|o| tree.text(o) == "+") => {
                let mut out = self.sequence_in(at(tree.field(place.node, "left")?), env, depth)?;
                out.extend(self.sequence_in(at(tree.field(place.node, "right")?), env, depth)?);
                Some(out)
            }
            "call" => {
                let list = tree.field(place.node, "arguments")?;
                let word = tree.field(place.node, "function").map_or("", |f| tree.text(f));
                let only = tree.first(list).filter(|_| matches!(word, "list" | "tuple") && tree.children(list).count() == 1)?;
                self.sequence_in(at(only), env, depth)
            }
            "parenthesized_expression" => self.sequence_in(at(tree.first(place.node)?), env, depth),
            "subscript" => {
                let (inner, env) = self.any_element(at(tree.field(place.node, "value")?), env)?;
                self.sequence_in(inner, &env, depth)
            }
            "identifier" | "attribute" => {
                if let Some((inner, env)) = self.round_of(tree, place, env) {
                    return self.sequence_in(inner, &env, depth);
                }
                // `*args` of a known caller.
                let scope = (tree.kind(place.node) == "identifier").then(|| self.eval.scope_of(place)).flatten();
                let module = self.eval.world.module(place.file)?;
                let bound = scope.map(|s| module.bindings(s.node, tree.text(place.node)));
                if let Some([(parameter, Binding::Parameter(function))]) = bound
                    && tree.text(*parameter).starts_with('*')
                {
                    let function = Place { node: *function, ..place };
                    return self.rest_of_list(function, *parameter, env);
                }
                let (found, inner) = self.only_value(place, env)?;
                self.sequence_in(found, &inner, depth)
            }
            _ => None,
        }
    }

    /// The last elements of a list of which the first are not known.
    fn tail(&self, place: Place, env: &Env, depth: u32) -> Vec<(Place, Env)> {
        let (Some(tree), Some(depth)) = (self.tree(place), depth.checked_sub(1)) else { return Vec::new() };
        let at = |node: Id| Place { node, ..place };
        let inner = |node: Option<Id>| node.map(|node| self.tail(at(node), env, depth)).unwrap_or_default();
        match tree.kind(place.node) {
            "binary_operator" if tree.field(place.node, "operator").is_some_and(|o| tree.text(o) == "+") => {
                let right = tree.field(place.node, "right");
                match right.and_then(|node| self.sequence_in(at(node), env, depth)) {
                    Some(known) => inner(tree.field(place.node, "left")).into_iter().chain(known).collect(),
                    None => inner(right),
                }
            }
            "list" | "tuple" => {
                let mut out = Vec::new();
                for node in tree.children(place.node) {
                    let splat = tree.first(node).filter(|_| tree.kind(node) == "list_splat");
                    match splat.map(|inside| (inside, self.sequence_in(at(inside), env, depth))) {
                        None => out.push((at(node), env.clone())),
                        Some((_, Some(more))) => out.extend(more),
                        Some((inside, None)) => out = self.tail(at(inside), env, depth),
                    }
                }
                out
            }
            "parenthesized_expression" => inner(tree.first(place.node)),
            "identifier" | "attribute" => match self.only_value(place, env) {
                Some((found, env)) => self.tail(found, &env, depth),
                None => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// What each round of a loop gives to its variable, where one expression makes every element.
    fn round_of(&self, tree: &Tree, place: Place, env: &Env) -> Option<(Place, Env)> {
        let scope = self.eval.scope_of(place)?;
        let module = self.eval.world.module(place.file)?;
        let [(_, Binding::Loop(clause, part))] = module.bindings(scope.node, tree.text(place.node)) else { return None };
        let right = tree.field(*clause, "right")?;
        let function = tree.field(right, "function")?;
        let word = tree.text(tree.field(function, "attribute")?);
        let object = Place { node: tree.field(function, "object")?, ..place };
        matches!((word, part), ("items", Some(1)) | ("values", None)).then(|| self.any_element(object, env)).flatten()
    }

    /// The one expression that makes every element of a list or mapping.
    fn any_element(&self, place: Place, env: &Env) -> Option<(Place, Env)> {
        let (mut place, mut env) = (place, env.clone());
        for _ in 0..MAX_MAPPINGS {
            let tree = self.tree(place)?;
            match tree.kind(place.node) {
                "identifier" | "attribute" => (place, env) = self.only_value(place, &env)?,
                "dictionary_comprehension" => {
                    let body = tree.field(place.node, "body").or_else(|| tree.first(place.node))?;
                    return tree.field(body, "value").map(|node| (Place { node, ..place }, env));
                }
                "list_comprehension" => return tree.field(place.node, "body").map(|node| (Place { node, ..place }, env)),
                _ => return None,
            }
        }
        None
    }

    fn rest_of_list(&self, function: Place, parameter: Id, env: &Env) -> Option<Vec<(Place, Env)>> {
        let mut level = env.as_ref();
        while let Some(one) = level {
            match &one.frame {
                Frame::Call { function: found, call, around, bound, .. } if *found == function => {
                    let parameter = Place { node: parameter, ..function };
                    return match self.given(function, parameter, "", *call, around.as_ref().unwrap_or(env), *bound) {
                        Given::Several(all) => Some(all),
                        _ => None,
                    };
                }
                _ => level = one.up.as_ref(),
            }
        }
        None
    }
}
