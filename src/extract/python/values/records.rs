//! Objects whose constructor is made from the fields of their class: dataclasses, attrs, named tuples, models.

use super::super::parts::{fields, last_part};
use super::super::world::Place;
use super::{Env, Eval, Frame, Level, Need, Value};
use crate::syntax::python::{Id, Tree};

/// Classes from which such a constructor comes.
const BASES: [&str; 3] = ["NamedTuple", "BaseModel", "BaseSettings"];
/// Classes that are made from a declared one.
const MAX_CLASSES: usize = 16;

impl Eval<'_, '_> {
    /// What the constructor was given for a field of an object, where the class leaves its constructor to its fields. `made` is the
    /// call that made the object; where there is none, any call of the class may have.
    pub(super) fn given_to_field(&self, class: Place, name: &str, made: Option<&(Place, Env)>, env: &Env) -> Option<Value> {
        let module = self.world.module(class.file)?;
        if !module.attribute(class.node, name).is_empty() || self.method(class, "__init__", 0).is_some() {
            return None;
        }
        let all = self.fields_of(class, 0);
        let at = all.iter().position(|(n, _)| n == name)?;
        if let Some((call, around)) = made {
            return self.given(*call, name, at, around).or_else(|| self.default_of(all.get(at)?.1));
        }
        let mut level = env.as_ref();
        while let Some(Level { frame, up }) = level.map(|l| &**l) {
            match frame {
                Frame::Call { function, call, around, receiver, .. } if *function == class => {
                    let given = self.given(*call, name, at, around.as_ref().unwrap_or(env));
                    // A subclass may say what is taken when nothing is given.
                    let own = receiver.map_or_else(|| all.clone(), |of| self.fields_of(of, 0));
                    return given.or_else(|| self.default_of(own.iter().find(|(n, _)| n == name)?.1));
                }
                _ => level = up.as_ref(),
            }
        }
        if !self.is_record(class, 0) {
            return None;
        }
        self.needs.borrow_mut().insert(Need::Caller(class));
        let callers = !self.world.calls(&super::super::follow::called_as(self, class)).is_empty();
        let default = if callers { None } else { self.default_of(all.get(at)?.1) };
        Some(default.unwrap_or(Value::Unknown("decided by a caller")))
    }

    /// The fields of a class with those of its bases first, as the constructor takes them.
    fn fields_of(&self, class: Place, depth: u32) -> Vec<(String, Place)> {
        let Some(tree) = self.tree(class.file) else { return Vec::new() };
        let mut all: Vec<(String, Place)> = Vec::new();
        let bases = if depth < 8 { self.bases(class) } else { Vec::new() };
        let inherited = bases.into_iter().rev().flat_map(|base| self.fields_of(base, depth + 1));
        for (name, place) in inherited.chain(fields(tree, class.node).into_iter().map(|(n, node)| (n.to_owned(), Place { node, ..class })))
        {
            match all.iter_mut().find(|(n, _)| *n == name) {
                Some(known) => known.1 = place,
                None => all.push((name, place)),
            }
        }
        all
    }

    /// Whether a class says that its fields are what its constructor takes.
    pub(in super::super) fn is_record(&self, class: Place, depth: u32) -> bool {
        let Some(tree) = self.tree(class.file) else { return false };
        let above = tree.parent(class.node).filter(|up| tree.kind(*up) == "decorated_definition");
        let mut decorators = above.into_iter().flat_map(|up| tree.children(up)).filter(|c| tree.kind(*c) == "decorator");
        let says = |decorator: Id| {
            let inner = tree.first(decorator)?;
            let inner = if tree.kind(inner) == "call" { tree.field(inner, "function")? } else { inner };
            Some(matches!(last_part(tree, inner)?, "dataclass" | "s" | "attrs" | "define" | "frozen" | "mutable"))
        };
        let listed = tree.field(class.node, "superclasses").into_iter().flat_map(|l| tree.children(l));
        decorators.any(|d| says(d) == Some(true))
            || listed.filter_map(|b| last_part(tree, b)).any(|b| BASES.contains(&b))
            || depth < 8 && self.bases(class).into_iter().any(|base| self.is_record(base, depth + 1))
    }

    /// The argument for a field.
    fn given(&self, call: Place, name: &str, index: usize, around: &Env) -> Option<Value> {
        let tree = self.tree(call.file)?;
        let list = tree.field(call.node, "arguments")?;
        let at = |node| self.value(Place { node, ..call }, around);
        let named = |a: &Id| tree.kind(*a) == "keyword_argument" && tree.field(*a, "name").is_some_and(|n| tree.text(n) == name);
        if let Some(argument) = tree.children(list).find(named) {
            return tree.field(argument, "value").map(at);
        }
        let splat = |a: &Id| matches!(tree.kind(*a), "list_splat" | "dictionary_splat");
        let before: Vec<Id> = tree.children(list).take(index + 1).collect();
        if let Some(argument) = before.get(index).filter(|a| tree.kind(**a) != "keyword_argument" && !before.iter().any(splat)) {
            return Some(at(*argument));
        }
        let open = tree.children(list).find(splat)?;
        match (tree.kind(open), tree.first(open).map(at)) {
            ("dictionary_splat", Some(Value::Dict(entries, all))) => {
                let found = entries.iter().rev().find(|(k, _)| matches!(k, Value::Text { text, .. } if text == name));
                found.map(|(_, v)| v.clone()).or((!all).then_some(Value::Unknown("given in a way that is not followed")))
            }
            _ => Some(Value::Unknown("given in a way that is not followed")),
        }
    }

    /// What a field holds when the constructor is given nothing for it.
    fn default_of(&self, field: Place) -> Option<Value> {
        let tree = self.tree(field.file)?;
        let right = tree.field(field.node, "right")?;
        let at = |node| self.value(Place { node, ..field }, &None);
        let describes = |f: Id| matches!(last_part(tree, f), Some("field" | "Field" | "ib" | "attrib"));
        if tree.kind(right) != "call" || !tree.field(right, "function").is_some_and(describes) {
            return Some(at(right));
        }
        let list = tree.field(right, "arguments")?;
        let keyword = |words: &[&str]| {
            let is = |a: &Id| tree.field(*a, "name").is_some_and(|n| words.contains(&tree.text(n)));
            tree.children(list).filter(|a| tree.kind(*a) == "keyword_argument").find(is).and_then(|a| tree.field(a, "value"))
        };
        if let Some(node) = keyword(&["default"]) {
            return Some(at(node));
        }
        let unknown = Some(Value::Unknown("a default that is not followed"));
        let Some(factory) = keyword(&["default_factory", "factory"]) else {
            let first = tree.first(list).filter(|a| tree.kind(*a) != "keyword_argument");
            return first.map(at).or(unknown);
        };
        match at(factory) {
            Value::External(path) if matches!(path.as_str(), "list" | "tuple" | "set") => Some(Value::List(Vec::new(), true)),
            Value::External(path) if path == "dict" => Some(Value::Dict(Vec::new(), true)),
            Value::Function(function, closure, _) => Some(self.returned(function, &closure)),
            _ => unknown,
        }
    }

    /// An object of the class that a parameter is declared to be: it says more than `otherwise`, which is not known. Of one that only
    /// holds what its constructor was given nothing is known this way.
    pub(super) fn by_annotation(&self, tree: &Tree, parameter: Place, otherwise: Value) -> Value {
        let ty = tree.field(parameter.node, "type").map(|node| Place { node, ..parameter });
        if let Some(classes) = ty.and_then(|ty| self.declared_classes(tree, ty)) {
            return classes;
        }
        let class = ty.and_then(|ty| self.declared_class(tree, ty, 4));
        class.filter(|class| !self.is_record(*class, 0)).map_or(otherwise, |class| Value::Instance(class, None))
    }

    /// `type[X]`: that class, or one that is made from it.
    pub(super) fn declared_classes(&self, tree: &Tree, ty: Place) -> Option<Value> {
        let node = if tree.kind(ty.node) == "type" { tree.first(ty.node)? } else { ty.node };
        let word = tree.first(node).filter(|_| matches!(tree.kind(node), "generic_type" | "subscript"))?;
        if !matches!(tree.text(word), "type" | "Type" | "typing.Type") {
            return None;
        }
        let list = tree.children(node).nth(1)?;
        let inner = if tree.kind(list) == "type_parameter" { tree.first(list)? } else { list };
        let class = self.declared_class(tree, Place { node: inner, ..ty }, 4)?;
        self.needs.borrow_mut().insert(Need::Subclasses(class));
        let mut all = vec![class];
        let mut at = 0;
        while let Some(of) = all.get(at).copied().filter(|_| all.len() < MAX_CLASSES) {
            let name = super::super::follow::class_name(self, of);
            for sub in self.world.subclasses(&name) {
                if !all.contains(sub) && self.bases(*sub).contains(&of) {
                    all.push(*sub);
                }
            }
            at += 1;
        }
        Some(Value::one_of(all.into_iter().map(Value::Class).collect()))
    }

    fn declared_class(&self, tree: &Tree, ty: Place, steps: u32) -> Option<Place> {
        let steps = steps.checked_sub(1)?;
        let inner = |node: Id| self.declared_class(tree, Place { node, ..ty }, steps);
        let value = match tree.kind(ty.node) {
            "type" => return inner(tree.first(ty.node)?),
            "generic_type" if tree.first(ty.node).is_some_and(|f| tree.text(f) == "Optional") => {
                return tree.children(ty.node).nth(1).and_then(|list| tree.first(list)).and_then(inner);
            }
            "binary_operator" | "union_type" => {
                let mut all = tree.children(ty.node).filter(|c| tree.role(*c) != Some("operator")).filter_map(inner);
                return all.next().filter(|_| all.next().is_none());
            }
            "identifier" | "attribute" => self.apart(|| self.value(ty, &None)).0,
            // A name that comes later in the file.
            "string" => self.apart(|| self.member(ty.file, tree.text(ty.node).trim_matches(['"', '\'']))).0,
            _ => return None,
        };
        if let Value::Class(class) = value { Some(class) } else { None }
    }
}
