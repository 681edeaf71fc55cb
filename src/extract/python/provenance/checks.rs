//! Conditions that close the set of values that reach a place.

use super::super::values::{Env, Value};
use super::super::world::Place;
use super::Tracer;
use crate::extract::combine::union;
use crate::model::{Provenance, ProvenanceKind as Kind};
use crate::syntax::python::{Id, Tree};

impl Tracer<'_, '_, '_> {
    /// What a condition says of an expression, where it has turned out as `wanted`.
    pub(super) fn closed_by(&self, tree: &Tree, condition: Place, of: Place, wanted: bool, env: &Env) -> Option<Provenance> {
        let at = |node: Id| Place { node, ..condition };
        match tree.kind(condition.node) {
            "parenthesized_expression" => self.closed_by(tree, at(tree.first(condition.node)?), of, wanted, env),
            "not_operator" => self.closed_by(tree, at(tree.field(condition.node, "argument")?), of, !wanted, env),
            "boolean_operator" => {
                let and = tree.text(tree.field(condition.node, "operator")?) == "and";
                let sides = [tree.field(condition.node, "left")?, tree.field(condition.node, "right")?];
                (and == wanted).then(|| sides.into_iter().find_map(|side| self.closed_by(tree, at(side), of, wanted, env))).flatten()
            }
            "comparison_operator" => {
                let parts: Vec<Id> = tree.children(condition.node).filter(|c| tree.role(*c) != Some("operators")).collect();
                let [left, right] = parts[..] else { return None };
                let words: Vec<&str> =
                    tree.children(condition.node).filter(|c| tree.role(*c) == Some("operators")).map(|c| tree.text(c)).collect();
                let words: Vec<&str> = words.iter().flat_map(|w| w.split_whitespace()).collect();
                if tree.text(left) != tree.text(of.node) {
                    return None;
                }
                match words[..] {
                    ["in"] if wanted => self.contained(tree, at(right), env),
                    ["not", "in"] if !wanted => self.contained(tree, at(right), env),
                    ["=="] | ["is"] if wanted => self.same(tree, at(right), env),
                    ["!="] | ["is", "not"] if !wanted => self.same(tree, at(right), env),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn same(&self, tree: &Tree, other: Place, env: &Env) -> Option<Provenance> {
        let plain = matches!(tree.kind(other.node), "string" | "integer" | "attribute");
        plain.then(|| self.value(other, env)).filter(|found| found.count == Some(1))
    }

    /// A value that a set contains: for certain where the set is one that the program writes down.
    fn contained(&self, tree: &Tree, set: Place, env: &Env) -> Option<Provenance> {
        let closed = Provenance::of(Kind::Closed, "a value that a closed set contains");
        if matches!(tree.kind(set.node), "list" | "tuple" | "set" | "dictionary") {
            let found = self.value(set, env);
            return Some(if found.values.is_empty() { closed } else { found });
        }
        let value = self.eval.apart(|| self.eval.value(set, env)).0;
        match value {
            Value::List(items, true) => {
                let texts: Option<Vec<String>> = items
                    .into_iter()
                    .map(|item| if let Value::Text { text, known: true, .. } = item { Some(text) } else { None })
                    .collect();
                Some(texts.filter(|t| !t.is_empty()).map_or(closed, Provenance::literals))
            }
            Value::Dict(..) | Value::Class(_) => Some(closed),
            // Part of a text.
            Value::Text { .. } => None,
            _ => Some(Provenance { certain: false, ..closed }),
        }
    }

    /// What the conditions around and before a place say of the expression there.
    pub(super) fn checked(&self, tree: &Tree, place: Place, env: &Env) -> Option<Provenance> {
        let at = |node: Id| Place { node, ..place };
        let mut below = place.node;
        for up in tree.ancestors(place.node) {
            match tree.kind(up) {
                "if_statement" | "elif_clause" => {
                    if let Some(condition) = tree.field(up, "condition").filter(|c| !tree.holds(*c, place.node)) {
                        let then = tree.field(up, "consequence") == Some(below);
                        // An `elif` stands inside the `if` whose condition did not hold.
                        let found = self.closed_by(tree, at(condition), place, then, env);
                        if found.is_some() {
                            return found;
                        }
                    }
                }
                "conditional_expression" => {}
                "block" | "module" => {
                    let earlier = tree.children(up).take_while(|s| *s < below).filter(|s| tree.kind(*s) == "if_statement");
                    for statement in earlier {
                        let (Some(condition), Some(then)) = (tree.field(statement, "condition"), tree.field(statement, "consequence"))
                        else {
                            continue;
                        };
                        if let Some(instead) = replaced(tree, then, tree.text(place.node))
                            && let Some(found) = self.closed_by(tree, at(condition), place, false, env)
                        {
                            return Some(match instead {
                                Some(value) => union(vec![found, self.value(at(value), env)]),
                                None => found,
                            });
                        }
                    }
                }
                "function_definition" | "lambda" | "class_definition" => return None,
                _ => {}
            }
            below = up;
        }
        None
    }
}

/// Whether a block leaves the function or the round, or sets what stands there to something else: then to what.
fn replaced(tree: &Tree, block: Id, expression: &str) -> Option<Option<Id>> {
    let last = tree.children(block).last()?;
    if matches!(tree.kind(last), "return_statement" | "raise_statement" | "continue_statement" | "break_statement") {
        return Some(None);
    }
    let set = tree.first(last).filter(|i| tree.kind(*i) == "assignment")?;
    let (left, right) = (tree.field(set, "left")?, tree.field(set, "right")?);
    let plain = matches!(tree.kind(right), "string" | "attribute" | "none" | "identifier");
    (plain && tree.text(left) == expression).then_some(Some(right))
}

/// Whether a condition may be a check of a value, rather than of whether there is one.
pub(super) fn guards(tree: &Tree, condition: Id) -> bool {
    match tree.kind(condition) {
        "identifier" | "attribute" | "subscript" => false,
        "not_operator" => tree.field(condition, "argument").is_some_and(|inner| guards(tree, inner)),
        "comparison_operator" => !tree.text(condition).ends_with("None"),
        "call" => tree.field(condition, "function").is_none_or(|f| !matches!(tree.text(f), "hasattr" | "isinstance" | "bool" | "len")),
        _ => true,
    }
}
