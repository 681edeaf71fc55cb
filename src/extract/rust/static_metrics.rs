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

/// Sets the values of labels that a struct of this name lists.
pub(super) fn bound(labels: &mut [Label], ty: &str, file: usize, world: &World<'_>) {
    let package = world.package(file);
    let texts = || {
        let named = world.item_macros.iter().filter(|(_, call)| call.path.last().ends_with("static_metric"));
        named.filter(|(at, _)| world.package(*at) == package).filter_map(|(at, call)| world.text(*at, call.body))
    };
    let Some(fields) = texts().find_map(|text| body_of(text, "struct", ty)) else { return };
    for label in labels.iter_mut().filter(|l| l.bound.kind == BoundKind::Unknown) {
        let Some((_, after)) = fields.split_once(&format!("\"{}\"", label.name)) else { continue };
        let Some(after) = after.trim_start().strip_prefix("=>").map(str::trim_start) else { continue };
        let values = match after.strip_prefix('{') {
            Some(list) => values_of(list.split('}').next().unwrap_or_default()),
            None => {
                let name: String = after.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                match texts().find_map(|text| body_of(text, "label_enum", &name)) {
                    Some(body) => values_of(body),
                    None => continue,
                }
            }
        };
        if !values.is_empty() {
            label.bound = Bound::of_values(values);
        }
    }
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
fn values_of(list: &str) -> Vec<String> {
    let lines: Vec<&str> = list.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let plain = lines.join("\n");
    let value = |item: &str| {
        let text = match item.split_once(':') {
            Some((_, text)) => text.trim().trim_matches('"'),
            None => item.trim().trim_start_matches("r#"),
        };
        (!text.is_empty()).then(|| text.to_owned())
    };
    plain.split(',').filter_map(value).collect()
}
