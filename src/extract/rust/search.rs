//! Looks in texts that are not parsed for what an evaluation asked for: calls, constants, struct literals, mentions of names.

use std::collections::{BTreeSet, HashMap};

use super::bodies::Words;
use super::occurrences::Pattern;
use super::world::Miss;

/// Names, with the parenthesis, of so many functions that the type before them is looked for, too.
const COMMON_NAMES: [&str; 8] = ["new(", "default(", "from(", "build(", "create(", "init(", "start(", "with("];

/// How a call is written in other files, where the type before a name that is not common can have another name.
pub(super) fn in_other_files(call: &str) -> &str {
    match call.rfind("::").map(|at| call.split_at(at)) {
        Some((_, name)) if !COMMON_NAMES.contains(&name.trim_start_matches(':')) => name,
        _ => call,
    }
}

/// How what was asked for may be written in a file that was not read, and what was asked for.
pub(super) fn patterns_in_files(miss: &Miss) -> Option<Pattern> {
    match miss {
        Miss::Calls(text) => Some(Pattern::new(in_other_files(text).to_owned(), text)),
        Miss::Text(text) => Some(Pattern::new(text.clone(), text)),
        _ => None,
    }
}

/// How it may be written in bodies of files that were read: there a type can have another name, such as `Self`.
pub(super) fn patterns_in_bodies(miss: &Miss) -> Vec<Pattern> {
    match miss {
        Miss::Calls(text) => match text.rsplit_once("::") {
            Some((_, name)) if COMMON_NAMES.contains(&name) => {
                vec![Pattern::new(text.clone(), text), Pattern::new(format!("Self::{name}"), text)]
            }
            Some((_, name)) => vec![Pattern::new(format!("::{name}"), text)],
            None => vec![Pattern::new(text.clone(), text)],
        },
        Miss::Text(text) => vec![Pattern::new(text.clone(), text)],
        _ => Vec::new(),
    }
}

/// How the definition of what was asked for may be written, and in which package, where that is known.
pub(super) fn definitions(miss: &Miss) -> (Option<&str>, Vec<Pattern>) {
    let written = |words: &[&str], name: &str| words.iter().map(|word| Pattern::new(format!("{word} {name}"), name)).collect();
    match miss {
        Miss::Constant { package, name } => (Some(package), written(&["const", "static", "static ref"], name)),
        Miss::Type(name) => (None, written(&["enum", "type"], name)),
        _ => (None, Vec::new()),
    }
}

/// Fields that something is assigned to, by package, and how an assignment to one of them is written.
#[derive(Default)]
pub(super) struct Assigned<'m>(HashMap<&'m str, (Vec<&'m str>, Option<Words>)>);

impl<'m> Assigned<'m> {
    pub(super) fn new(misses: &'m BTreeSet<Miss>) -> Self {
        let mut all: HashMap<&'m str, (Vec<&'m str>, Option<Words>)> = HashMap::new();
        for miss in misses {
            if let Miss::Assigned { package, field } = miss {
                all.entry(package).or_default().0.push(field);
            }
        }
        for (fields, written) in all.values_mut() {
            *written = Some(Words::new(fields.iter().map(|field| format!(".{field} = "))));
        }
        Assigned(all)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The fields of all packages.
    pub(super) fn fields(&self) -> impl Iterator<Item = &'m str> + '_ {
        self.0.values().flat_map(|(fields, _)| fields).copied()
    }

    pub(super) fn in_package(&self, package: &str) -> bool {
        self.0.contains_key(package)
    }

    /// Whether a text of a package assigns to one of the fields.
    pub(super) fn in_text(&self, package: &str, text: &str) -> bool {
        self.0.get(package).and_then(|(_, written)| written.as_ref()).is_some_and(|written| written.occur_in(text))
    }
}

/// Bytes of a `use` that are looked through.
const MAX_USE: usize = 4_096;

/// Whether what comes after this text stands in a `use`, which only gives it a name.
pub(super) fn is_imported(before: &str) -> bool {
    let in_use = |c: char| c.is_alphanumeric() || c.is_whitespace() || matches!(c, '_' | ':' | ',' | '{' | '}' | '*');
    let start = before.char_indices().rev().take(MAX_USE).take_while(|(_, c)| in_use(*c)).last().map_or(before.len(), |(at, _)| at);
    let words = before.get(start..).unwrap_or_default().split(|c: char| !c.is_alphanumeric() && c != '_');
    // Of an item that ends with a brace before the `use`, and of what stands after it, nothing counts.
    words.into_iter().filter(|word| !word.is_empty()).any(|word| word == "use")
}

/// Whether a word in a text is a name of its own, and neither a method that is called, nor what a field is taken of, nor in a line's
/// comment.
pub(super) fn is_mention(text: &str, start: usize, end: usize) -> bool {
    let (before, after) = (text.get(..start).unwrap_or_default(), text.get(end..).unwrap_or_default());
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    if before.ends_with(is_word) || after.starts_with(is_word) {
        return false;
    }
    if before.ends_with('.') && after.starts_with('(') {
        return false;
    }
    !before.rsplit('\n').next().unwrap_or_default().contains("//")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_told_from_mentions() {
        for before in ["use ", "fn f() {}\npub use self::{\n    shop::{Shop, till},\n    metrics::", "use a::b as c, "] {
            assert!(is_imported(before), "{before}");
        }
        for before in ["use a::B;\nfn f() { g(", "Shop { ", "let x = ", "use a::B; static X: Y = { ", ""] {
            assert!(!is_imported(before), "{before}");
        }
    }
}
