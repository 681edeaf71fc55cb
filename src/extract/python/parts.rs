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
