//! The values of labels that the macros of the prometheus-static-metric crate list: structs whose fields are labels' values.
//!
//! ```text
//! make_static_metric! {
//!     pub label_enum Kind { tart, pie : "apple_pie" }
//!     pub struct Cakes: IntCounter { "kind" => Kind, "size" => { small, large } }
//! }
//! ```

use super::world::World;
use crate::model::{Bound, BoundKind, Label};

/// The labels that a struct has, each with the values that it lists, as far as they were read.
pub(super) type Listed = Vec<(String, Option<Vec<String>>)>;

/// Sets the values of labels that a struct of this name lists.
pub(super) fn bound(labels: &mut [Label], ty: &str, file: usize, world: &World<'_>) {
    let Some(listed) = listed(ty, file, world) else { return };
    for label in labels.iter_mut().filter(|l| l.bound.kind == BoundKind::Unknown) {
        if let Some((_, Some(values))) = listed.iter().find(|(name, _)| *name == label.name) {
            label.bound = Bound::of_values(values.iter().cloned());
        }
    }
}

/// What the struct lists that a file means by a name: of its own package, or of the crate of the tree that the name is imported from.
pub(super) fn listed(ty: &str, file: usize, world: &World<'_>) -> Option<Listed> {
    let own = world.package(file);
    let full = world.full_path(file, &[ty]);
    let elsewhere = full.first().filter(|_| full.len() > 1).and_then(|root| world.crate_in_tree(root)).filter(|package| *package != own);
    [Some(own), elsewhere].into_iter().flatten().find_map(|package| {
        let calls: Vec<_> = world.calls_among_items(package, |name| name.ends_with("static_metric")).collect();
        let texts = || calls.iter().filter_map(|(at, call)| world.text(*at, call.body));
        let fields = without_comments(texts().find_map(|text| body_of(text, "struct", ty))?);
        let mut listed = Listed::new();
        let mut rest = fields.as_str();
        while let Some((name, after)) = rest.split_once('"').and_then(|(_, rest)| rest.split_once('"')) {
            let Some(after) = after.trim_start().strip_prefix("=>").map(str::trim_start) else { break };
            let values = match after.strip_prefix('{') {
                Some(list) => {
                    let (list, after) = list.split_once('}')?;
                    rest = after;
                    values_of(list)
                }
                None => {
                    let end = after.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(after.len());
                    let (of, after) = after.split_at(end);
                    rest = after;
                    texts().find_map(|text| body_of(text, "label_enum", of)).and_then(|body| values_of(&without_comments(body)))
                }
            };
            listed.push((name.to_owned(), values));
        }
        (!listed.is_empty()).then_some(listed)
    })
}

/// What stands between the braces after `keyword name`.
fn body_of<'t>(text: &'t str, keyword: &str, name: &str) -> Option<&'t str> {
    let mut rest = text;
    loop {
        let at = memchr::memmem::find(rest.as_bytes(), keyword.as_bytes())?;
        rest = rest.get(at + keyword.len()..)?;
        let Some(after) = rest.trim_start().strip_prefix(name) else { continue };
        if after.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let body = after.get(after.find('{')? + 1..)?;
        let mut depth = 1_usize;
        for (at, c) in body.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return body.get(..at);
            }
        }
        return None;
    }
}

/// The values of a list: names, or the texts after `:` that stand for them.
fn values_of(list: &str) -> Option<Vec<String>> {
    // What an attribute makes of them is not known.
    if list.contains('#') && list.replace("r#", "").contains('#') {
        return None;
    }
    let value = |item: &str| {
        let text = match item.split_once(':') {
            Some((_, text)) => text.trim().trim_matches('"'),
            None => item.trim().trim_start_matches("r#"),
        };
        (!text.is_empty()).then(|| text.to_owned())
    };
    let values: Vec<String> = list.split(',').filter_map(value).collect();
    (!values.is_empty()).then_some(values)
}

fn without_comments(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let text = lines.join("\n");
    let mut parts = text.split("/*");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.filter_map(|part| part.split_once("*/")).fold(first, |kept, (_, after)| kept + after)
}
