//! Users' YAML and JSON as an owned tree whose every scalar knows the bytes it came from.
//!
//! Mappings keep their order and their duplicates, aliases are expanded up to a fixed weight, nesting is limited. Knows nothing
//! of what a document is about. Our own data is read by serde, not here.

mod events;
mod json;
mod scalar;
#[cfg(test)]
mod tests;

use crate::source::{Scalar, Span};

pub(crate) use events::parse_yaml;
pub(crate) use json::parse_json;

/// Deeper nesting is refused: no rule file or dashboard needs it, and it keeps every walk of the tree off the end of the stack.
pub(crate) const MAX_DEPTH: usize = 128;

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Without quotes: what it means depends on the text.
    Plain,
    /// In quotes: a string.
    Quoted,
    /// A literal or folded block: a string.
    Block,
}

/// One node of a document.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) value: Value,
    /// The whole node in the file.
    pub(crate) span: Span,
}

/// What a node holds.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Scalar(Scalar, Style),
    Mapping(Vec<Entry>),
    Sequence(Vec<Node>),
}

/// One entry of a mapping.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: Node,
    pub(crate) value: Node,
}

/// Why a text does not parse.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SyntaxError {
    pub(crate) message: String,
    pub(crate) span: Span,
}

/// The documents up to the first error.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parsed {
    pub(crate) documents: Vec<Node>,
    pub(crate) error: Option<SyntaxError>,
}

impl Node {
    /// The scalar, unless it is null.
    pub(crate) fn scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar, _) if !self.is_null() => Some(scalar),
            _ => None,
        }
    }

    /// The text of the scalar, unless it is null.
    pub(crate) fn text(&self) -> Option<&str> {
        self.scalar().map(|s| s.text.as_str())
    }

    /// The text of a scalar that is a string in YAML's core schema: quoted, or plain and nothing else.
    pub(crate) fn string(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(scalar, Style::Plain) if is_typed_plain(&scalar.text) => None,
            _ => self.text(),
        }
    }

    /// Whether the node is null.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar(s, Style::Plain) if matches!(s.text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// The entries of a mapping.
    pub(crate) fn entries(&self) -> Option<&[Entry]> {
        match &self.value {
            Value::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    /// The items of a sequence.
    pub(crate) fn items(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The first entry with this key, looking through one level of `<<` merges.
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        let entries = self.entries()?;
        let own = entries.iter().find(|e| e.key.text() == Some(key));
        own.or_else(|| {
            let merged = entries.iter().filter(|e| e.key.text() == Some("<<")).flat_map(|e| match &e.value.value {
                Value::Sequence(items) => items.as_slice(),
                _ => std::slice::from_ref(&e.value),
            });
            merged.filter_map(Node::entries).flatten().find(|e| e.key.text() == Some(key))
        })
    }

    /// The value of the first entry with this key.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|e| &e.value)
    }

    /// What the node is, for messages.
    pub(crate) fn noun(&self) -> &'static str {
        match &self.value {
            Value::Mapping(_) => "a mapping",
            Value::Sequence(_) => "a list",
            Value::Scalar(..) if self.is_null() => "empty",
            Value::Scalar(s, Style::Plain) if s.text.parse::<f64>().is_ok() => "a number",
            Value::Scalar(s, Style::Plain) if is_typed_plain(&s.text) => "a boolean",
            Value::Scalar(..) => "a string",
        }
    }

    /// Moves a tree that was read from the text of `outer` to the places in the file of `outer`.
    pub(crate) fn rebase(&mut self, outer: &Scalar) {
        self.span = outer.span(self.span);
        match &mut self.value {
            Value::Scalar(scalar, _) => *scalar = scalar.within(outer),
            Value::Sequence(items) => items.iter_mut().for_each(|n| n.rebase(outer)),
            Value::Mapping(entries) => {
                for entry in entries {
                    entry.key.rebase(outer);
                    entry.value.rebase(outer);
                }
            }
        }
    }
}

/// Whether a plain scalar is null, a boolean or a number in YAML's core schema.
fn is_typed_plain(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL" | "true" | "True" | "TRUE" | "false" | "False" | "FALSE")
        || text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) && text.parse::<f64>().is_ok()
}
