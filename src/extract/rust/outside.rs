//! Metrics that the tree has from a crate which is not in it: `pub use other::metrics::*` beside code of the `metrics` crate.
//!
//! Nothing of them is seen but that there are some.

use super::world::World;
use crate::knowledge::libraries::{self, Library};
use crate::knowledge::provides;
use crate::model::{Language, Unresolved};
use crate::source::Span;
use crate::syntax::rust::tree::{Import, Item, ItemKind};

/// What is not seen, where a file hands it on.
pub(super) fn unresolved(world: &World<'_>, library: &'static Library) -> Vec<Unresolved> {
    let mut found = Vec::new();
    for (file, parsed) in world.files.iter().enumerate().filter(|(file, _)| world.has_words_of(*file, &library.name)) {
        for import in globs(&parsed.tree.items) {
            let path: Vec<&str> = import.path.iter().map(|name| name.as_str()).collect();
            let (Some(first), Some(last), [root, .., module]) = (import.path.first(), import.path.last(), path.as_slice()) else {
                continue;
            };
            let own = matches!(*root, "crate" | "self" | "super" | "std")
                || world.crate_in_tree(root).is_some()
                || has_module(&parsed.tree.items, root);
            let known = libraries::all().iter().any(|l| l.owns(root)) || provides::all().iter().any(|p| p.owns(root));
            let before = parsed.source.text.get(..first.span.start as usize).map(str::trim_end).unwrap_or_default();
            if own || known || *module != library.name || !before.ends_with("pub use") {
                continue;
            }
            found.push(Unresolved {
                language: Language::Rust,
                library: &library.name,
                reason: format!("what `{}` holds is handed on here, and its crate is not in the tree", path.join("::")),
                name: "*".to_owned(),
                location: world.location(file, Span { start: first.span.start, end: last.span.end }),
                declarable: false,
            });
        }
    }
    found
}

/// Whether a module of this name is declared there, which a path may begin with.
fn has_module(items: &[Item], name: &str) -> bool {
    items.iter().any(|item| matches!(item.kind, ItemKind::Mod(_)) && item.name.as_str() == name)
}

/// Everything that is imported with a `*`.
fn globs(items: &[Item]) -> impl Iterator<Item = &Import> {
    let imports = items.iter().flat_map(|item| match &item.kind {
        ItemKind::Use(imports) => imports.as_slice(),
        _ => &[],
    });
    imports.filter(|import| import.name.is_none())
}
