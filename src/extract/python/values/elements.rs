//! What lists, mappings and enums hold, and what comprehensions make of it.

use super::super::world::Place;
use super::{Env, Eval, Frame, Value, with};
use crate::syntax::python::{Id, Tree};

impl Eval<'_, '_> {
    /// The elements of a list, the keys of a mapping, the members of an enum; and whether they are all.
    pub(in super::super) fn elements(&self, value: &Value) -> Option<(Vec<Value>, bool)> {
        match value {
            Value::List(items, all) => Some((items.clone(), *all)),
            Value::Dict(entries, all) => Some((entries.iter().map(|(k, _)| k.clone()).collect(), *all)),
            Value::Class(class) => self.members(*class).map(|m| (m, true)),
            // What one of several lists holds may be there.
            Value::OneOf(all) => {
                let parts: Vec<Vec<Value>> = all.iter().filter_map(|one| self.elements(one)).map(|(items, _)| items).collect();
                (!parts.is_empty()).then(|| (parts.concat(), false))
            }
            _ => None,
        }
    }

    /// The members of an enum: the values of its plain attributes.
    fn members(&self, class: Place) -> Option<Vec<Value>> {
        let module = self.world.module(class.file)?;
        let (_, bases) = module.classes.iter().find(|(node, _)| *node == class.node)?;
        bases.iter().any(|b| b.ends_with("Enum")).then(|| {
            let names = module.names_of(class.node);
            let plain = names.into_iter().filter(|(_, at)| module.tree.kind(*at) == "assignment");
            plain.map(|(_, node)| self.field(&module.tree, Place { node, ..class }, "right", &None)).collect()
        })
    }

    pub(super) fn comprehension(&self, tree: &Tree, place: Place, env: &Env) -> Value {
        let Some(body) = tree.field(place.node, "body").or_else(|| tree.first(place.node)) else { return Value::Unknown("broken") };
        let clauses: Vec<Id> = tree.children(place.node).filter(|c| tree.kind(*c) == "for_in_clause").collect();
        let filtered = tree.children(place.node).any(|c| tree.kind(c) == "if_clause");
        let [clause] = clauses[..] else { return Value::Unknown("a nested comprehension") };
        let clause = Place { node: clause, ..place };
        let source = self.field(tree, clause, "right", env);
        let Some((elements, all)) = self.elements(&source) else { return Value::Unknown("a comprehension over what is not known") };
        let mut out = Vec::new();
        let mut entries = Vec::new();
        for value in elements.into_iter().take(512) {
            let env = with(Frame::Item { node: clause, value }, env);
            if tree.kind(body) == "pair" {
                let pair = Place { node: body, ..place };
                entries.push((self.field(tree, pair, "key", &env), self.field(tree, pair, "value", &env)));
            } else {
                out.push(self.value(Place { node: body, ..place }, &env));
            }
        }
        // What a filter leaves out by default is not known: all may be there.
        let all = all && !(filtered && out.is_empty());
        if tree.kind(body) == "pair" { Value::Dict(entries, all) } else { Value::List(out, all) }
    }
}
