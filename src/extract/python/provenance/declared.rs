//! What the classes of the tree say: members of enums, attributes, and the fields that constructors are given.

use super::super::parts::{fields, last_part};
use super::super::values::{Env, Value};
use super::super::world::{Binding, Place};
use super::types::Type;
use super::{MAX_GIVERS, Tracer};
use crate::extract::combine::union;
use crate::model::{Provenance, ProvenanceKind as Kind};
use crate::syntax::python::Id;

/// Classes that are made from one.
const MAX_CLASSES: usize = 24;

impl Tracer<'_, '_, '_> {
    /// The members of an enum: their names and the expressions that they are.
    fn members(&self, class: Place) -> Vec<(String, Id)> {
        let Some(module) = self.eval.world.module(class.file) else { return Vec::new() };
        let names = module.names_of(class.node);
        let value = |(name, node): (&str, Id)| {
            let plain = module.tree.kind(node) == "assignment" && !name.starts_with('_');
            plain.then(|| module.tree.field(node, "right")).flatten().map(|right| (name.to_owned(), right))
        };
        names.into_iter().filter_map(value).collect()
    }

    pub(super) fn is_member(&self, class: Place, name: &str) -> bool {
        self.members(class).iter().any(|(member, _)| member == name)
    }

    /// Any member of an enum, or one.
    pub(super) fn enumeration(&self, class: Place, member: Option<&str>, place: Place) -> Provenance {
        let words = format!("the enum `{}`", self.class_word(class));
        let count = if member.is_some() { 1 } else { self.members(class).len() as u64 };
        let found = Provenance::of(if member.is_some() { Kind::Literal } else { Kind::Enum }, words.clone()).count(Some(count));
        // Other enums are shown with the name of their class.
        let values = if self.is_text_enum(class) { self.member_texts(class, "value", member) } else { None };
        self.through(Provenance { values: values.unwrap_or_default(), ..found }, words, place)
    }

    fn member_texts(&self, class: Place, what: &str, member: Option<&str>) -> Option<Vec<String>> {
        let members = self.members(class).into_iter().filter(|(name, _)| member.is_none_or(|m| m == name));
        let text = |(name, node): (String, Id)| match what {
            "name" => Some(name),
            _ => match self.eval.apart(|| self.eval.value(Place { node, ..class }, &None)).0 {
                Value::Text { text, known: true, .. } => Some(text),
                Value::Number(n) => Some(n.to_string()),
                Value::External(path) if path.ends_with("auto") => None,
                _ => None,
            },
        };
        let mut all: Vec<String> = members.map(text).collect::<Option<Vec<String>>>()?;
        all.sort();
        all.dedup();
        Some(all)
    }

    /// `.value` or `.name` of a member.
    pub(super) fn enum_text(&self, object: Place, what: &str, env: &Env) -> Option<Provenance> {
        let tree = self.tree(object)?;
        let (class, member) = match self.type_of(object, env) {
            Some(Type::Class(class)) => (class, None),
            _ => {
                // `Color.RED`, or a variable that holds only that.
                let holder = tree.field(object.node, "object").filter(|_| tree.kind(object.node) == "attribute");
                match holder.and_then(|node| self.class_at(Place { node, ..object }, env)) {
                    Some(class) => (class, tree.field(object.node, "attribute").map(|a| tree.text(a).to_owned())),
                    None => {
                        let of = self.value(object, env);
                        return (matches!(of.kind, Kind::Enum) || of.origin.starts_with("the enum "))
                            .then_some(Provenance { values: Vec::new(), ..of });
                    }
                }
            }
        };
        if !self.is_enum(class) {
            return None;
        }
        let found = self.enumeration(class, member.as_deref(), object);
        let values = self.member_texts(class, what, member.as_deref()).unwrap_or_default();
        let count = if values.is_empty() { found.count } else { Some(values.len() as u64) };
        Some(Provenance { values, count, ..found })
    }

    /// The classes that an object of this class may have: itself, those it is made from, and those made from it.
    fn related(&self, class: Place) -> Vec<Place> {
        let mut all = self.lineage(class);
        let mut open = vec![class];
        while let Some(class) = open.pop() {
            for sub in self.eval.world.subclasses(&self.class_word(class)) {
                if !all.contains(sub) && all.len() < MAX_CLASSES && self.eval.bases(*sub).contains(&class) {
                    all.push(*sub);
                    open.push(*sub);
                }
            }
        }
        all
    }

    /// What an attribute of the objects of a class holds.
    pub(super) fn attribute_of(&self, class: Place, name: &str) -> Option<Provenance> {
        let (mut all, mut defaults) = (Vec::new(), Vec::new());
        let related = self.related(class);
        for one in &related {
            if let Some(typed) = self.declared_field(*one, name).and_then(|ty| self.closed_type(ty)) {
                return Some(typed);
            }
        }
        for one in &related {
            let Some(module) = self.eval.world.module(one.file) else { continue };
            let at = |node: Id| Place { node, ..*one };
            for node in module.attribute(one.node, name) {
                let declared = module.tree.parent(*node).and_then(|up| module.tree.field(up, "type"));
                if let Some(typed) = declared.and_then(|ty| self.closed_type(at(ty))) {
                    return Some(typed);
                }
                let value = self.value(at(*node), &None);
                all.push(match module.tree.kind(*node) {
                    "none" | "string" => value,
                    _ => self.through(value, format!("`{name}` is set here"), at(*node)),
                });
            }
            let record = self.eval.is_record(*one, 0) && self.declared_field(*one, name).is_some();
            for (_, binding) in module.bindings(one.node, name) {
                match binding {
                    Binding::Value(node) if record => defaults.extend(self.default_of(at(*node))),
                    Binding::Value(node) => all.push(self.value(at(*node), &None)),
                    Binding::Function(node) if self.is_property(at(*node)) => all.push(self.result_of(at(*node), &None)),
                    _ => {}
                }
            }
        }
        let mut made = false;
        for one in &related {
            let (called, given) = self.made_with(*one, name);
            made |= called;
            all.extend(given);
        }
        all.extend(self.set_on_others(&related, name));
        // What a field holds by default is no answer where nobody is seen to make one.
        if made || !all.is_empty() {
            all.extend(defaults);
        }
        if all.is_empty() {
            // Nobody in the tree makes one: it is read from what comes in.
            let word = self.class_word(class);
            let field = self.declared_field(class, name)?;
            let outside = self.rules.read_from_outside.find(&word);
            let typed = self.annotation(field).and_then(|ty| self.by_type(&ty, field));
            return typed.or_else(|| outside.map(|says| self.says(says, field)));
        }
        Some(union(all))
    }

    /// What is assigned to an attribute of objects that others hold. Where it is not known whose object it is, a file that names one of
    /// the classes, or the module that has it, may mean it.
    fn set_on_others(&self, classes: &[Place], name: &str) -> Vec<Provenance> {
        let mut all = Vec::new();
        let mut words: Option<Vec<String>> = None;
        for place in self.eval.world.set_on_others(name).iter().take(MAX_GIVERS) {
            let Some(tree) = self.tree(*place) else { continue };
            let object = tree.parent(place.node).and_then(|up| tree.field(tree.field(up, "left")?, "object"));
            let Some(object) = object.map(|node| Place { node, ..*place }) else { continue };
            match self.class_at(object, &None).map(Type::Class).or_else(|| self.type_of(object, &None)) {
                Some(Type::Class(of)) if classes.contains(&of) => {
                    all.push(self.through(self.value(*place, &None), format!("`{name}` is set here"), *place));
                }
                Some(_) => {}
                None => {
                    let words = words.get_or_insert_with(|| self.names_of(classes));
                    let text = self.eval.world.source(place.file).map_or("", |s| &s.text);
                    if classes.iter().any(|class| class.file == place.file) || words.iter().any(|word| text.contains(word.as_str())) {
                        let found = self.value(*place, &None);
                        let unsure = || Provenance::unknown(format!("`{name}`, which is set on objects that may be of another class"));
                        all.push(if found.kind.is_bounded() { found } else { unsure() });
                    }
                }
            }
        }
        all
    }

    /// What a field holds when the constructor is given nothing for it, if it may be given nothing.
    fn default_of(&self, right: Place) -> Option<Provenance> {
        let tree = self.tree(right)?;
        let describes = |f: Id| matches!(last_part(tree, f), Some("field" | "Field" | "ib" | "attrib"));
        if !tree.field(right.node, "function").is_some_and(describes) {
            return Some(self.value(right, &None));
        }
        let mut given = tree.children(tree.field(right.node, "arguments")?);
        let word = |a: Id| tree.field(a, "name").map_or("", |n| tree.text(n));
        let default = given.find(|a| tree.kind(*a) == "keyword_argument" && word(*a).starts_with("default") || word(*a) == "factory")?;
        match word(default) {
            "default" => tree.field(default, "value").map(|node| self.value(Place { node, ..right }, &None)),
            _ => Some(Provenance::unknown("what a field is made with")),
        }
    }

    /// The names of classes, and the ends of the paths of their modules.
    fn names_of(&self, classes: &[Place]) -> Vec<String> {
        let module = |class: &Place| {
            let path = &self.eval.world.source(class.file)?.path;
            let mut parts = path.trim_end_matches(".py").trim_end_matches("/__init__").rsplit('/');
            let (last, before) = (parts.next()?, parts.next()?);
            Some(format!("{before}.{last}"))
        };
        classes.iter().map(|class| self.class_word(*class)).chain(classes.iter().filter_map(module)).collect()
    }

    /// What the constructor calls of a class without an `__init__` of its own give to a field, and whether there are any.
    fn made_with(&self, class: Place, name: &str) -> (bool, Vec<Provenance>) {
        let mut all = Vec::new();
        let Some(tree) = self.tree(class) else { return (false, all) };
        let Some(at) = fields(tree, class.node).iter().position(|(n, _)| *n == name) else { return (false, all) };
        if self.eval.method(class, "__init__", 0).is_some() {
            return (false, all);
        }
        let word = self.class_word(class);
        // Whatever the configuration is given, it is configuration: nobody has to be read for it.
        let config = self.by_type(&Type::Class(class), class).is_some_and(|of| of.kind == Kind::Config);
        if !config {
            self.ask(word.clone(), Vec::new());
        }
        let mut called = false;
        for call in self.eval.world.calls(&word).iter().take(MAX_GIVERS) {
            let Some(function) = self.tree(*call).and_then(|t| t.field(call.node, "function")) else { continue };
            if self.class_at(Place { node: function, ..*call }, &None) != Some(class) {
                continue;
            }
            called = true;
            let given = self.arguments(*call, &None);
            // Classes of attrs leave out the underscore of a private field.
            let is_it = |n: &str| n == name || n == name.trim_start_matches('_');
            let named = given.named.iter().find(|(n, ..)| is_it(n)).map(|(_, place, env)| (*place, env.clone()));
            match named.or_else(|| given.positional.get(at).cloned()) {
                Some((place, env)) => all.push(self.through(self.value(place, &env), format!("`{name}` is set here"), place)),
                None if given.open => all.push(Provenance::unknown(format!("`{name}`, which is given in a way that is not followed"))),
                None => {}
            }
        }
        (called, all)
    }

    fn is_property(&self, function: Place) -> bool {
        let Some(tree) = self.tree(function) else { return false };
        let above = tree.parent(function.node).filter(|up| tree.kind(*up) == "decorated_definition");
        above.is_some_and(|up| tree.children(up).any(|c| tree.kind(c) == "decorator" && tree.text(c).ends_with("property")))
    }
}
