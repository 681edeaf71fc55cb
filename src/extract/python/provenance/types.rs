//! What types say: annotations, constructors, exceptions.

use super::super::parts::fields;
use super::super::values::{Env, Value};
use super::super::world::{Binding, Place};
use super::Tracer;
use super::names::text_of;
use crate::model::{Provenance, ProvenanceKind as Kind};
use crate::syntax::python::{Id, Tree};

/// Types within types, and expressions on the way to one.
const MAX_STEPS: u32 = 12;

/// A type, of a value or of the elements of what holds several.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Type {
    /// A class of the tree.
    Class(Place),
    /// The last part of the name of one that is not in the tree.
    Named(String),
    /// `Literal["a", "b"]`.
    Literals(Vec<String>),
}

impl Tracer<'_, '_, '_> {
    /// The type of an expression, where it is declared or made.
    pub(super) fn type_of(&self, place: Place, env: &Env) -> Option<Type> {
        self.type_in(place, env, MAX_STEPS)
    }

    fn type_in(&self, place: Place, env: &Env, steps: u32) -> Option<Type> {
        let steps = steps.checked_sub(1)?;
        let tree = self.tree(place)?;
        let at = |node: Id| Place { node, ..place };
        let inner = |node: Option<Id>| node.and_then(|node| self.type_in(at(node), env, steps));
        match tree.kind(place.node) {
            "await" | "parenthesized_expression" => inner(tree.first(place.node)),
            "named_expression" => inner(tree.field(place.node, "value")),
            "subscript" => inner(tree.field(place.node, "value")),
            "boolean_operator" => inner(tree.field(place.node, "left")).or_else(|| inner(tree.field(place.node, "right"))),
            "conditional_expression" => inner(tree.first(place.node)).or_else(|| inner(tree.children(place.node).nth(2))),
            "identifier" => self.type_of_name(tree, place, env, steps),
            "attribute" => {
                let object = at(tree.field(place.node, "object")?);
                let name = tree.text(tree.field(place.node, "attribute")?);
                match self.type_in(object, env, steps)? {
                    Type::Class(class) => self.type_of_field(class, name, steps),
                    _ => None,
                }
            }
            "call" => {
                let function = at(tree.field(place.node, "function")?);
                match self.eval.apart(|| self.eval.value(function, env)).0 {
                    Value::Class(class) => return Some(Type::Class(class)),
                    Value::Function(found, ..) => return self.type_of_result(found),
                    Value::External(path) => {
                        let last = path.rsplit('.').next()?;
                        return last.starts_with(|c: char| c.is_ascii_uppercase()).then(|| Type::Named(last.to_owned()));
                    }
                    _ => {}
                }
                let word = tree.text(tree.field(function.node, "attribute")?);
                match self.type_in(at(tree.field(function.node, "object")?), env, steps)? {
                    Type::Class(class) => self.type_of_result(self.eval.method(class, word, 0)?.0),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn type_of_name(&self, tree: &Tree, place: Place, env: &Env, steps: u32) -> Option<Type> {
        let name = tree.text(place.node);
        let scope = self.eval.scope_of(place)?;
        let at = |node: Id| Place { node, ..scope };
        let (seen, _) = self.eval.visible(scope, name, place.node);
        let around = seen.iter().find(|(_, b)| matches!(b, Binding::Caught(clause) if tree.holds(*clause, place.node)));
        match around.or_else(|| seen.last()) {
            Some((_, Binding::Value(id))) => {
                let declared = tree.parent(*id).and_then(|up| tree.field(up, "type")).and_then(|ty| self.annotation(at(ty)));
                declared.or_else(|| self.type_in(at(*id), env, steps))
            }
            Some((node, Binding::Parameter(function))) => {
                if name == "self" {
                    return self.eval.class_of(at(*function)).map(Type::Class);
                }
                self.annotation(at(tree.field(*node, "type")?))
            }
            Some((_, Binding::Caught(clause))) => {
                let pattern = tree.first(*clause)?;
                self.annotation(at(tree.first(pattern)?))
            }
            Some((_, Binding::Entered(id))) => self.type_entered(at(*id), env, steps).or_else(|| self.type_in(at(*id), env, steps)),
            Some((_, Binding::Loop(id, None))) => {
                let right = at(tree.field(*id, "right")?);
                // The members of an enum.
                let class = self.class_at(right, env).filter(|class| self.is_enum(*class));
                class.map(Type::Class).or_else(|| self.type_in(right, env, steps))
            }
            _ => None,
        }
    }

    /// The type of what a function yields that a `with` statement enters.
    fn type_entered(&self, call: Place, env: &Env, steps: u32) -> Option<Type> {
        let function = self.tree(call)?.field(call.node, "function")?;
        let Value::Function(found, ..) = self.eval.apart(|| self.eval.value(Place { node: function, ..call }, env)).0 else { return None };
        let tree = self.tree(found)?;
        let body = tree.field(found.node, "body")?;
        let yielded = tree.below(body).find(|id| tree.kind(*id) == "yield").and_then(|id| tree.first(id))?;
        self.type_in(Place { node: yielded, ..found }, &None, steps)
    }

    fn type_of_result(&self, function: Place) -> Option<Type> {
        let tree = self.tree(function)?;
        self.annotation(Place { node: tree.field(function.node, "return_type")?, ..function })
    }

    fn type_of_field(&self, class: Place, name: &str, steps: u32) -> Option<Type> {
        for class in self.lineage(class) {
            let Some(module) = self.eval.world.module(class.file) else { continue };
            if let Some(found) = self.declared_field(class, name).and_then(|ty| self.annotation(ty)) {
                return Some(found);
            }
            for node in module.attribute(class.node, name) {
                let declared = module.tree.parent(*node).and_then(|up| module.tree.field(up, "type"));
                let found = declared.and_then(|ty| self.annotation(Place { node: ty, ..class }));
                if let Some(found) = found.or_else(|| self.type_in(Place { node: *node, ..class }, &None, steps)) {
                    return Some(found);
                }
            }
            for (_, binding) in module.bindings(class.node, name) {
                if let Binding::Function(node) = binding {
                    return self.type_of_result(Place { node: *node, ..class });
                }
            }
        }
        None
    }

    /// A class and those it is made from.
    pub(super) fn lineage(&self, class: Place) -> Vec<Place> {
        let mut all = vec![class];
        let mut at = 0;
        while let Some(class) = all.get(at).copied().filter(|_| all.len() < 16) {
            for base in self.eval.bases(class) {
                if !all.contains(&base) {
                    all.push(base);
                }
            }
            at += 1;
        }
        all
    }

    /// The annotation of a field in the body of a class.
    pub(super) fn declared_field(&self, class: Place, name: &str) -> Option<Place> {
        let tree = self.tree(class)?;
        let (_, node) = fields(tree, class.node).into_iter().find(|(n, _)| *n == name)?;
        tree.field(node, "type").map(|node| Place { node, ..class })
    }

    /// The last parts of the names of what a class is made from, outside of the tree too.
    fn base_words(&self, class: Place) -> Vec<String> {
        let mut words = Vec::new();
        for class in self.lineage(class) {
            if let Some(module) = self.eval.world.module(class.file)
                && let Some((_, bases)) = module.classes.iter().find(|(node, _)| *node == class.node)
            {
                words.extend(bases.iter().cloned());
            }
        }
        words
    }

    pub(super) fn is_enum(&self, class: Place) -> bool {
        self.base_words(class).iter().any(|b| b.ends_with("Enum"))
    }

    pub(super) fn is_text_enum(&self, class: Place) -> bool {
        self.base_words(class).iter().any(|b| b == "StrEnum")
    }

    pub(super) fn is_model(&self, class: Place) -> bool {
        self.base_words(class).iter().any(|b| self.rules.models.contains(b))
    }

    fn is_error(&self, class: Place) -> bool {
        self.base_words(class).iter().any(|b| b.ends_with("Exception") || b.ends_with("Error"))
    }

    pub(super) fn class_word(&self, class: Place) -> String {
        super::super::follow::class_name(self.eval, class)
    }

    /// The class that an expression names.
    pub(super) fn class_at(&self, place: Place, env: &Env) -> Option<Place> {
        match self.eval.apart(|| self.eval.value(place, env)).0 {
            Value::Class(class) => Some(class),
            _ => None,
        }
    }

    /// What an annotation means.
    pub(super) fn annotation(&self, place: Place) -> Option<Type> {
        self.annotation_in(place, MAX_STEPS)
    }

    fn annotation_in(&self, place: Place, steps: u32) -> Option<Type> {
        let steps = steps.checked_sub(1)?;
        let tree = self.tree(place)?;
        let at = |node: Id| Place { node, ..place };
        let inner = |node: Id| self.annotation_in(at(node), steps);
        match tree.kind(place.node) {
            "type" | "parenthesized_expression" => inner(tree.first(place.node)?),
            "identifier" | "attribute" => match self.eval.apart(|| self.eval.value(place, &None)).0 {
                Value::Class(class) => Some(Type::Class(class)),
                Value::External(path) => Some(Type::Named(path.rsplit('.').next()?.to_owned())),
                _ => self.annotation_in(self.alias_of(place)?, steps),
            },
            "string" => {
                // A name that comes later in the file.
                let word = text_of(tree, place.node);
                let module = self.eval.world.module(place.file)?;
                match module.bindings(0, &word) {
                    [(_, Binding::Class(node))] => Some(Type::Class(at(*node))),
                    _ => word.chars().all(|c| c.is_alphanumeric() || c == '_').then_some(Type::Named(word)),
                }
            }
            "binary_operator" | "union_type" => {
                let mut all = tree.children(place.node).filter(|c| tree.role(*c) != Some("operator")).filter_map(inner);
                let first = all.next();
                // Either of two says nothing.
                if all.next().is_some() { None } else { first }
            }
            "generic_type" | "subscript" => {
                let word = tree.text(tree.first(place.node)?).rsplit('.').next()?;
                let list = tree.children(place.node).nth(1)?;
                let parts: Vec<Id> = if tree.kind(list) == "type_parameter" {
                    tree.children(list).collect()
                } else {
                    tree.children(place.node).skip(1).collect()
                };
                match word {
                    "Literal" => {
                        let text = |id: &Id| {
                            let inner = if tree.kind(*id) == "type" { tree.first(*id)? } else { *id };
                            (tree.kind(inner) == "string").then(|| text_of(tree, inner))
                        };
                        parts.iter().map(text).collect::<Option<Vec<String>>>().map(Type::Literals)
                    }
                    "Union" => {
                        let mut all = parts.into_iter().filter_map(inner);
                        let first = all.next();
                        if all.next().is_some() { None } else { first }
                    }
                    "type" | "Type" | "Callable" => None,
                    "dict" | "Dict" | "Mapping" | "defaultdict" | "OrderedDict" | "MutableMapping" => inner(*parts.last()?),
                    "tuple" | "Tuple" if parts.len() > 1 => None,
                    _ => inner(*parts.first()?),
                }
            }
            _ => None,
        }
    }

    /// The expression that a name of a module stands for.
    fn alias_of(&self, place: Place) -> Option<Place> {
        let tree = self.tree(place)?;
        let name = tree.text(place.node);
        let scope = self.eval.scope_of(place).filter(|_| tree.kind(place.node) == "identifier")?;
        let module = self.eval.world.module(scope.file)?;
        let [(_, binding)] = module.bindings(scope.node, name) else { return None };
        match binding {
            Binding::Value(id) => Some(Place { node: *id, ..scope }),
            Binding::Import(path, Some(member)) => {
                let file = self.eval.world.resolve(scope.file, path).filter(|file| *file != scope.file)?;
                match self.eval.world.module(file)?.bindings(0, member) {
                    [(_, Binding::Value(id))] => Some(Place { file, node: *id }),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// What a type alone says of the values.
    pub(super) fn by_type(&self, ty: &Type, place: Place) -> Option<Provenance> {
        match ty {
            Type::Class(class) if self.is_enum(*class) => Some(self.enumeration(*class, None, place)),
            Type::Class(class) if self.is_error(*class) => {
                Some(self.through(Provenance::of(Kind::Error, "the text of an error"), "an error", place))
            }
            Type::Class(class) => {
                let word = self.class_word(*class);
                let rules = [&self.rules.types, &self.rules.read_from_outside];
                // Only by the ends of names: what is in the tree is not what has this name elsewhere.
                let found = rules.into_iter().flat_map(|rules| rules.of(&word)).find(|s| s.names.iter().any(|n| n.starts_with('*')));
                found.map(|says| self.says(says, place))
            }
            Type::Named(word) => self.rules.types.find(word).map(|says| self.says(says, place)),
            Type::Literals(all) => Some(Provenance::literals(all.iter().cloned())),
        }
    }

    /// What an annotation says, where it closes the set of values.
    pub(super) fn closed_type(&self, annotation: Place) -> Option<Provenance> {
        let found = self.by_type(&self.annotation(annotation)?, annotation)?;
        (found.certain && found.kind.is_bounded()).then_some(found)
    }
}
