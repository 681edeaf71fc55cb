//! What names, attributes and elements hold.

use super::super::values::{Env, Frame, Value};
use super::super::world::{Binding, Place};
use super::given::Given;
use super::types::Type;
use super::{Question, Tracer};
use crate::extract::combine::{arms, nothing, union};
use crate::knowledge::provenance::Says;
use crate::model::{Provenance, ProvenanceKind as Kind};
use crate::syntax::python::{Id, Tree, unescape};

impl Tracer<'_, '_, '_> {
    /// What a name holds where it stands.
    pub(super) fn name(&self, tree: &Tree, place: Place, env: &Env) -> Provenance {
        let name = tree.text(place.node);
        match self.eval.scope_of(place) {
            Some(scope) => {
                let found = self.in_scope(scope, name, place.node, env);
                let unknown = found.kind == Kind::Unknown && !found.certain;
                // Whose host or version it is a name does not say.
                self.by_name(name, place).filter(|of| unknown && of.kind != Kind::Config).unwrap_or(found)
            }
            None => match self.eval.apart(|| self.eval.value(place, env)).0 {
                Value::External(_) => self.by_name(name, place).unwrap_or_else(|| Provenance::unknown(format!("`{name}`"))),
                value => self.of_value(&value, name),
            },
        }
    }

    /// A value that another module hands on.
    fn of_value(&self, value: &Value, name: &str) -> Provenance {
        let texts =
            value.choices().iter().map(|one| if let Value::Text { text, known: true, .. } = one { Some(text.clone()) } else { None });
        match texts.collect::<Option<Vec<String>>>() {
            Some(texts) => Provenance::literals(texts),
            None => Provenance::unknown(format!("`{name}`")),
        }
    }

    fn in_scope(&self, scope: Place, name: &str, at: Id, env: &Env) -> Provenance {
        let (seen, later) = self.eval.visible(scope, name, at);
        let Some(tree) = self.tree(scope) else { return Provenance::unknown("nothing") };
        // What was caught holds the clause.
        let caught = seen.iter().find(|(_, b)| matches!(b, Binding::Caught(clause) if tree.holds(*clause, at)));
        if let Some((node, binding)) = caught {
            return self.bound(scope, binding, *node, name, env);
        }
        let mut all = Vec::new();
        for (node, binding) in seen.iter().rev() {
            all.push(self.bound(scope, binding, *node, name, env));
            if !matches!(binding, Binding::Change(_)) && !later && self.eval.always(scope, *node, at) {
                break;
            }
        }
        arms(all)
    }

    fn bound(&self, scope: Place, binding: &Binding, node: Id, name: &str, env: &Env) -> Provenance {
        let at = |node: Id| Place { node, ..scope };
        let Some(tree) = self.tree(scope) else { return Provenance::unknown("nothing") };
        let set = |found: Provenance, node: Id| match tree.kind(node) {
            "string" | "integer" | "none" | "true" | "false" => found,
            _ => self.through(found, format!("`{name}` is set here"), at(node)),
        };
        match binding {
            Binding::Value(id) => {
                let typed = tree.parent(*id).and_then(|up| tree.field(up, "type")).and_then(|ty| self.closed_type(at(ty)));
                typed.unwrap_or_else(|| set(self.value(at(*id), env), *id))
            }
            Binding::Part(id, i) => set(self.part(at(*id), *i, env), *id),
            Binding::Loop(id, i) => match tree.field(*id, "right") {
                Some(right) => self.element_of(at(right), *i, env),
                None => Provenance::unknown("a broken loop"),
            },
            Binding::Parameter(function) => self.parameter(at(*function), at(node), name, env),
            Binding::Function(_) | Binding::Class(_) => Provenance::unknown(format!("`{name}`, which is a function or a class")),
            Binding::Import(path, member) => self.imported(scope.file, path, member.as_deref(), at(node)),
            Binding::Change(change) => self.change(tree, at(*change), env),
            Binding::Caught(clause) => {
                self.through(Provenance::of(Kind::Error, "the text of an error"), format!("`{name}` is caught here"), at(*clause))
            }
            Binding::Entered(id) => self.value(at(*id), env),
        }
    }

    fn imported(&self, file: usize, path: &str, member: Option<&str>, place: Place) -> Provenance {
        let name = member.unwrap_or(path);
        if let (Some(member), Some(module)) = (member, self.eval.world.resolve(file, path)) {
            return self.member(module, member);
        }
        self.by_name(name, place).unwrap_or_else(|| Provenance::unknown(format!("`{name}` of `{path}`")))
    }

    /// A name of a module.
    fn member(&self, file: usize, name: &str) -> Provenance {
        let module = self.eval.world.module(file);
        if module.is_some_and(|m| !m.bindings(0, name).is_empty()) {
            return self.in_scope(Place { file, node: 0 }, name, Id::MAX, &None);
        }
        self.of_value(&self.eval.apart(|| self.eval.member(file, name)).0, name)
    }

    /// What a change in place adds to a list, mapping or text.
    fn change(&self, tree: &Tree, place: Place, env: &Env) -> Provenance {
        let at = |node: Id| Place { node, ..place };
        match tree.kind(place.node) {
            "call" => {
                let last = tree.field(place.node, "arguments").and_then(|list| tree.children(list).last());
                last.map_or_else(nothing, |node| self.value(at(node), env))
            }
            _ => tree.field(place.node, "right").map_or_else(nothing, |node| self.value(at(node), env)),
        }
    }

    /// One part of a value that is taken apart.
    fn part(&self, place: Place, i: usize, env: &Env) -> Provenance {
        let Some(tree) = self.tree(place) else { return Provenance::unknown("nothing") };
        match tree.kind(place.node) {
            "tuple" | "list" | "expression_list" => match tree.children(place.node).nth(i) {
                Some(node) => self.value(Place { node, ..place }, env),
                None => Provenance::unknown("an element that is not there"),
            },
            "call" => match self.returned_parts(tree, place, i, env) {
                Some(found) => found,
                None => self.whole(place, env),
            },
            "await" | "parenthesized_expression" => match tree.first(place.node) {
                Some(node) => self.part(Place { node, ..place }, i, env),
                None => Provenance::unknown("a broken expression"),
            },
            _ => self.whole(place, env),
        }
    }

    /// A part of something of which only the whole is known.
    fn whole(&self, place: Place, env: &Env) -> Provenance {
        let found = self.value(place, env);
        if matches!(found.kind, Kind::Time | Kind::Uuid | Kind::Id | Kind::Error) {
            return Provenance::unknown("a part of what is not known");
        }
        Provenance { values: Vec::new(), count: None, certain: found.certain && found.kind.is_unbounded(), ..found }
    }

    /// What a loop goes over.
    fn element_of(&self, right: Place, i: Option<usize>, env: &Env) -> Provenance {
        let Some(tree) = self.tree(right) else { return Provenance::unknown("nothing") };
        let at = |node: Id| Place { node, ..right };
        let function = tree.field(right.node, "function");
        let word = function.map_or("", |f| tree.field(f, "attribute").map_or(tree.text(f), |a| tree.text(a)));
        let arguments = || tree.field(right.node, "arguments").into_iter().flat_map(|list| tree.children(list));
        let object = function.and_then(|f| tree.field(f, "object"));
        if let Some((class, true)) = self.class_at(right, env).map(|class| (class, self.is_enum(class))) {
            return self.enumeration(class, None, right);
        }
        match (tree.kind(right.node), word, i) {
            ("call", "range", _) => Provenance { certain: false, ..Provenance::of(Kind::Index, "a position in a range") },
            ("call", "enumerate", Some(0)) => Provenance { certain: false, ..Provenance::of(Kind::Index, "a position in a list") },
            ("call", "enumerate", Some(_)) => arguments().next().map_or_else(nothing, |node| self.element_of(at(node), None, env)),
            ("call", "zip", Some(i)) => arguments().nth(i).map_or_else(nothing, |node| self.element_of(at(node), None, env)),
            ("call", "items", Some(i)) => match object.and_then(|node| self.dictionary(at(node), env)) {
                Some(pairs) => {
                    arms(pairs.into_iter().map(|(key, value, env)| self.value(if i == 0 { key } else { value }, &env)).collect())
                }
                None => object.map_or_else(nothing, |node| self.whole(at(node), env)),
            },
            ("call", "keys", None) => match object.and_then(|node| self.dictionary(at(node), env)) {
                Some(pairs) => arms(pairs.into_iter().map(|(key, _, env)| self.value(key, &env)).collect()),
                None => object.map_or_else(nothing, |node| self.whole(at(node), env)),
            },
            (_, _, None) => match self.dictionary(right, env) {
                Some(pairs) => arms(pairs.into_iter().map(|(key, _, env)| self.value(key, &env)).collect()),
                None => self.value(right, env),
            },
            ("list" | "tuple", _, Some(i)) => {
                let parts = tree.children(right.node).map(|node| self.part(at(node), i, env)).collect::<Vec<_>>();
                if parts.is_empty() { nothing() } else { arms(parts) }
            }
            _ => self.whole(right, env),
        }
    }

    /// `object[key]`.
    pub(super) fn element(&self, tree: &Tree, place: Place, env: &Env) -> Provenance {
        let (Some(object), Some(key)) = (tree.field(place.node, "value"), tree.field(place.node, "subscript")) else {
            return Provenance::unknown("a broken expression");
        };
        let key = Place { node: key, ..place };
        self.looked_up(tree, Place { node: object, ..place }, Some(key), place, env)
    }

    /// What is found in a mapping or list.
    pub(super) fn looked_up(&self, tree: &Tree, object: Place, key: Option<Place>, place: Place, env: &Env) -> Provenance {
        let word = key.filter(|k| tree.kind(k.node) == "string").map(|k| text_of(tree, k.node));
        if let Some(pairs) = self.dictionary(object, env) {
            let wanted = word.as_deref();
            let is_it = |key: &Place| {
                let tree = self.tree(*key);
                tree.is_some_and(|t| t.kind(key.node) == "string" && wanted == Some(text_of(t, key.node).as_str()))
            };
            let found = pairs.iter().rev().find(|(key, ..)| is_it(key));
            return match found {
                Some((_, value, env)) => self.value(*value, env),
                None => arms(pairs.iter().map(|(_, value, env)| self.value(*value, env)).collect()),
            };
        }
        if let Some(word) = &word
            && let Some(says) = self.rule_of(word, object, env)
        {
            return self.says(says, place);
        }
        if let Some(found) = key.and_then(|k| self.dotted(object)?.ends_with("environ").then_some(k)) {
            return self.through(Provenance::of(Kind::Config, "the environment of the process"), "the environment", found);
        }
        let found = self.whole(object, env);
        match word.and_then(|word| self.by_name(&word, place)) {
            Some(named) if found.kind == Kind::Unknown && named.kind != Kind::Config => named,
            _ => found,
        }
    }

    /// `object.name`.
    pub(super) fn attribute(&self, tree: &Tree, place: Place, env: &Env) -> Provenance {
        let found = self.attribute_as_such(tree, place, env);
        // In the function that answers one path alone, the path of the request is that one.
        match self.own_routes(tree, place).filter(|_| found.kind == Kind::Path && found.foreign) {
            Some(routes) => Provenance::literals(routes),
            None => found,
        }
    }

    /// The paths that the function around answers, where none of them has a part that a client chooses.
    fn own_routes(&self, tree: &Tree, place: Place) -> Option<Vec<String>> {
        let mut at = tree.parent(place.node)?;
        while tree.kind(at) != "function_definition" {
            at = tree.parent(at)?;
        }
        let above = tree.parent(at).filter(|up| tree.kind(*up) == "decorated_definition")?;
        let route = |id: Id| {
            let call = tree.first(id).filter(|c| tree.kind(*c) == "call")?;
            let word = tree.field(tree.field(call, "function")?, "attribute")?;
            let first = tree.first(tree.field(call, "arguments")?).filter(|f| tree.kind(*f) == "string")?;
            let path = text_of(tree, first);
            (self.rules.handlers.iter().any(|h| h == tree.text(word)) && path.starts_with('/')).then_some(path)
        };
        let routes: Vec<String> = tree.children(above).filter(|c| tree.kind(*c) == "decorator").filter_map(route).collect();
        (!routes.is_empty() && routes.iter().all(|r| !r.contains(['{', '<', '*', ':']))).then_some(routes)
    }

    fn attribute_as_such(&self, tree: &Tree, place: Place, env: &Env) -> Provenance {
        let (Some(object), Some(word)) = (tree.field(place.node, "object"), tree.field(place.node, "attribute")) else {
            return Provenance::unknown("a broken expression");
        };
        let object = Place { node: object, ..place };
        let name = tree.text(word);
        let value = self.eval.apart(|| self.eval.value(object, env)).0;
        match &value {
            Value::Module(file) => return self.member(*file, name),
            Value::Class(class) if self.is_enum(*class) && self.is_member(*class, name) => {
                return self.enumeration(*class, Some(name), place);
            }
            _ => {}
        }
        if matches!(name, "value" | "name")
            && let Some(found) = self.enum_text(object, name, env)
        {
            return found;
        }
        if let Some(says) = self.rules.methods.of(name).find(|says| says.on.is_empty()) {
            return self.says(says, place);
        }
        let class = match &value {
            Value::Class(class) | Value::Instance(class, _) => Some(*class),
            _ => match self.type_of(object, env) {
                Some(Type::Class(class)) => Some(class),
                _ => None,
            },
        };
        let told = class.and_then(|class| self.of_class(class, name));
        if let Some(found) = told.as_ref().filter(|f| f.kind != Kind::Unknown || f.certain) {
            return found.clone();
        }
        // A field of what holds the configuration.
        if let Some(found) = class.and_then(|class| self.by_type(&Type::Class(class), place)).filter(|f| f.kind == Kind::Config) {
            return found;
        }
        if let Some(says) = self.rule_of(name, object, env) {
            let named = self.says(says, place);
            if named.certain {
                return named;
            }
            // A part of what is known to be foreign: the path of the URL of a request.
            let whole = self.value(object, env);
            return if whole.certain && whole.kind == named.kind { whole } else { named };
        }
        // A function that is called knows better.
        let of = self.value(object, env);
        match of.kind {
            // What a request, a header or the configuration holds is chosen by the same people.
            Kind::Text | Kind::Path | Kind::Address | Kind::Config => Provenance { count: None, values: Vec::new(), ..of },
            Kind::Error if matches!(name, "args" | "message" | "msg" | "detail" | "strerror" | "description" | "reason") => of,
            _ => self.by_name(name, place).or(told).unwrap_or_else(|| match class {
                Some(_) => Provenance::unknown(format!("the attribute `{name}`, which nobody sets")),
                None => Provenance::unknown(format!("the attribute `{name}` of what is not known")),
            }),
        }
    }

    fn of_class(&self, class: Place, name: &str) -> Option<Provenance> {
        let found = self.answer(Question::Field(class, name.to_owned()), || {
            self.attribute_of(class, name).unwrap_or_else(|| Provenance::unknown("no such attribute"))
        });
        (found.origin != "no such attribute").then_some(found)
    }

    /// What a rule says of an attribute, method or key of a receiver: by its type where that is known, else by its last word.
    pub(super) fn rule_of(&self, name: &str, object: Place, env: &Env) -> Option<&'static Says> {
        let rules = || self.rules.methods.of(name).filter(|says| !says.on.is_empty());
        rules().next()?;
        match self.type_of(object, env) {
            Some(Type::Named(ty)) => rules().find(|says| says.is_on(&ty)),
            Some(Type::Class(class)) => {
                let ty = self.class_word(class);
                rules().find(|says| says.is_on(&ty))
            }
            _ => {
                let word = self.last_word(object)?;
                rules().find(|says| says.is_on(word.trim_start_matches('_')))
            }
        }
    }

    /// The last word of a dotted expression, call or lookup.
    fn last_word(&self, place: Place) -> Option<String> {
        let tree = self.tree(place)?;
        let at = |node: Id| Place { node, ..place };
        match tree.kind(place.node) {
            "identifier" => Some(tree.text(place.node).to_owned()),
            "attribute" => tree.field(place.node, "attribute").map(|a| tree.text(a).to_owned()),
            "subscript" => {
                let key = tree.field(place.node, "subscript").filter(|k| tree.kind(*k) == "string")?;
                Some(text_of(tree, key))
            }
            "call" => {
                let function = tree.field(place.node, "function")?;
                let argument = tree.field(place.node, "arguments").and_then(|list| tree.first(list));
                let attribute = tree.field(function, "attribute").map(|a| tree.text(a));
                match (attribute, argument.filter(|a| tree.kind(*a) == "string")) {
                    (Some("get"), Some(key)) => Some(text_of(tree, key)),
                    _ => self.last_word(at(function)),
                }
            }
            "await" | "parenthesized_expression" => self.last_word(at(tree.first(place.node)?)),
            _ => None,
        }
    }

    /// The dotted path that an expression means outside of the tree.
    pub(super) fn dotted(&self, place: Place) -> Option<String> {
        match self.eval.apart(|| self.eval.value(place, &None)).0 {
            Value::External(path) => Some(path),
            _ => None,
        }
    }

    /// What a caller gives to a parameter.
    fn parameter(&self, function: Place, parameter: Place, name: &str, env: &Env) -> Provenance {
        let Some(tree) = self.tree(function) else { return Provenance::unknown("nothing") };
        let annotation = tree.field(parameter.node, "type").map(|node| Place { node, ..function });
        if let Some(typed) = annotation.and_then(|ty| self.closed_type(ty)) {
            return self.through(typed.clone(), format!("`{name}` is {}", typed.origin), parameter);
        }
        let mut level = env.as_ref();
        while let Some(one) = level {
            match &one.frame {
                Frame::Call { function: found, call, around, bound, .. } if *found == function => {
                    let given = self.given(function, parameter, name, *call, around.as_ref().unwrap_or(env), *bound);
                    return self.of_given(given, name);
                }
                _ => level = one.up.as_ref(),
            }
        }
        if let Some(found) = self.sent_by_client(tree, function, parameter, name) {
            return found;
        }
        let found = self.answer(Question::Parameter(parameter), || self.by_callers(function, parameter, name));
        if found.kind != Kind::Unknown || found.certain {
            return found;
        }
        let typed = annotation.and_then(|ty| self.annotation(ty)).and_then(|ty| self.by_type(&ty, parameter));
        typed.or_else(|| self.by_name(name, parameter)).unwrap_or(found)
    }

    pub(super) fn of_given(&self, given: Given, name: &str) -> Provenance {
        match given {
            Given::At(place, env) => self.through(self.value(place, &env), format!("`{name}` is given here"), place),
            Given::Several(all) => union(all.into_iter().map(|(place, env)| self.value(place, &env)).collect()),
            Given::Missing => Provenance::unknown(format!("`{name}`, which is given in a way that is not followed")),
        }
    }
}

/// The inside of a string literal.
pub(super) fn text_of(tree: &Tree, id: Id) -> String {
    let inside = tree.children(id).filter(|part| tree.kind(*part) == "string_content");
    inside.map(|part| unescape(tree.text(part))).collect()
}
