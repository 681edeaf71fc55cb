//! What the nodes of a tree are, as far as names go.

use crate::syntax::python::{Id, Tree};

/// Whether a node begins a scope of names.
pub(super) fn is_scope(kind: &str) -> bool {
    matches!(kind, "module" | "function_definition" | "lambda" | "class_definition")
        || matches!(kind, "list_comprehension" | "set_comprehension" | "dictionary_comprehension" | "generator_expression")
}

/// The last part of a dotted expression.
pub(super) fn last_part(tree: &Tree, id: Id) -> Option<&str> {
    match tree.kind(id) {
        "identifier" => Some(tree.text(id)),
        "attribute" => tree.field(id, "attribute").map(|a| tree.text(a)),
        "subscript" => last_part(tree, tree.field(id, "value")?),
        _ => None,
    }
}

/// The last part of a dotted expression; for the class at hand, that one's name.
pub(super) fn named(tree: &Tree, id: Id) -> Option<&str> {
    match last_part(tree, id)? {
        "cls" | "__class__" => {
            let class = tree.ancestors(id).find(|up| tree.kind(*up) == "class_definition")?;
            tree.field(class, "name").map(|n| tree.text(n))
        }
        other => Some(other),
    }
}

/// The plain names among the positional arguments of a call, with their positions.
pub(super) fn arguments(tree: &Tree, call: Id) -> impl Iterator<Item = (&str, usize)> {
    let list = tree.field(call, "arguments").into_iter().flat_map(|list| tree.children(list));
    list.enumerate().filter_map(|(at, argument)| Some((named(tree, argument)?, at)))
}

/// The name of a parameter.
pub(super) fn parameter_name(tree: &Tree, parameter: Id) -> Option<&str> {
    match tree.kind(parameter) {
        "identifier" => Some(tree.text(parameter)),
        "default_parameter" | "typed_default_parameter" => tree.field(parameter, "name").map(|n| tree.text(n)),
        "typed_parameter" | "list_splat_pattern" | "dictionary_splat_pattern" => parameter_name(tree, tree.first(parameter)?),
        _ => None,
    }
}

/// The annotated fields in the body of a class, in their order, and those that a call of `attr.ib` makes.
pub(super) fn fields(tree: &Tree, class: Id) -> Vec<(&str, Id)> {
    let body = tree.field(class, "body").into_iter().flat_map(|body| tree.children(body));
    let assignment = |id: Id| tree.first(id).filter(|inner| tree.kind(id) == "expression_statement" && tree.kind(*inner) == "assignment");
    let made = |id: Id| {
        let called = tree.field(id, "right").filter(|right| tree.kind(*right) == "call").and_then(|right| tree.field(right, "function"));
        called.is_some_and(|f| matches!(last_part(tree, f), Some("ib" | "attrib")))
    };
    let field = |id: Id| (tree.field(id, "type").is_some() || made(id)).then_some((tree.text(tree.field(id, "left")?), id));
    body.filter_map(assignment).filter_map(field).collect()
}
