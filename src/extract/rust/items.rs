//! Every item of a file that is not test code, wherever it stands: in modules, functions and macro bodies.

use super::attributes;
use super::world::World;
use crate::syntax::rust::tree::{Item, ItemKind, Stmt};

/// Shows every item of a file, outer ones before what they hold.
pub(super) fn each<'a>(world: &World<'a>, file: usize, include_tests: bool, see: &mut dyn FnMut(&'a Item)) {
    let Some(parsed) = world.files.get(file) else { return };
    let tree: &'a crate::syntax::rust::tree::File = &parsed.tree;
    if include_tests || !attributes::is_test(&tree.attrs) {
        items(&tree.items, include_tests, see);
    }
}

fn items<'a>(all: &'a [Item], include_tests: bool, see: &mut dyn FnMut(&'a Item)) {
    for item in all {
        one(item, include_tests, see);
    }
}

fn one<'a>(item: &'a Item, include_tests: bool, see: &mut dyn FnMut(&'a Item)) {
    if !include_tests && attributes::is_test(&item.attrs) {
        return;
    }
    see(item);
    match &item.kind {
        ItemKind::Mod(Some(inner)) => items(inner, include_tests, see),
        ItemKind::Impl { items: inner, .. } | ItemKind::Trait(inner) => items(inner, include_tests, see),
        ItemKind::Macro(call) => items(&call.items, include_tests, see),
        ItemKind::Fn(function) => {
            for stmt in function.body.iter().flat_map(|b| &b.stmts) {
                if let Stmt::Item(inner) = stmt {
                    one(inner, include_tests, see);
                }
            }
        }
        _ => {}
    }
}

/// Whether a file holds what helps tests by its name, without an attribute that says so: `test_utils.rs`.
pub(super) fn helps_tests(path: &str) -> bool {
    let names =
        ["test_utils", "test_util", "testutils", "testutil", "test_helpers", "test_support", "test", "tests", "testing", "mock", "mocks"];
    path.split('/').any(|part| names.contains(&part.trim_end_matches(".rs")))
}
