//! granit-parser's events to the tree.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle};

use super::{Entry, MAX_DEPTH, Node, Parsed, Style, SyntaxError, Value, scalar};
use crate::source::Span;

/// How much aliases may add in all, in nodes and bytes of scalars: an alias bomb ends here.
const MAX_ALIAS_WEIGHT: usize = 4 << 20;

/// A collection whose end has not come yet.
struct Open {
    anchor: usize,
    start: usize,
    end: usize,
    /// Nodes below, keys and values in turn for a mapping.
    nodes: Vec<Node>,
    mapping: bool,
    size: Size,
}

/// What a node costs to copy and how deep it is.
#[derive(Clone, Copy, Default)]
struct Size {
    weight: usize,
    height: usize,
}

#[derive(Default)]
struct Builder {
    stack: Vec<Open>,
    anchors: HashMap<usize, (Node, Size)>,
    alias_weight: usize,
    documents: Vec<Node>,
}

/// Reads all documents of a YAML text up to the first error.
pub(crate) fn parse_yaml(text: &str) -> Parsed {
    let mut options = granit_parser::options! {};
    options.emit_comments = false;
    // Real files hold long keys on one line: dashboards and labels inside flow mappings.
    options.simple_key_max_lookahead = text.len().clamp(1024, 1 << 16);
    let mut builder = Builder::default();
    for event in Parser::new_from_str_with_options(text, options) {
        let result = match event {
            Ok((event, span)) => {
                let range = span.byte_range().unwrap_or(0..0);
                builder.event(text, event, Span::new(range.start, range.end.max(range.start)))
            }
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
                let width = text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
                Err(SyntaxError { message: error.kind().to_string(), span: Span::new(at, at + width) })
            }
        };
        if let Err(error) = result {
            return Parsed { documents: builder.documents, error: Some(error) };
        }
    }
    Parsed { documents: builder.documents, error: None }
}

impl Builder {
    fn event(&mut self, text: &str, event: Event<'_>, span: Span) -> Result<(), SyntaxError> {
        match event {
            Event::Scalar(value, style, anchor, _tag) => {
                let kind = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
                    ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
                };
                let scalar = scalar::decode(text, span, &value, style);
                let size = Size { weight: 1 + scalar.text.len(), height: 1 };
                let node = Node { span: scalar.raw, value: Value::Scalar(scalar, kind) };
                self.done(node, size, anchor);
            }
            Event::SequenceStart(style, anchor, _) => self.open(false, style, anchor, span)?,
            Event::MappingStart(style, anchor, _) => self.open(true, style, anchor, span)?,
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(id) => self.alias(id, span)?,
            _ => {}
        }
        Ok(())
    }

    fn open(&mut self, mapping: bool, style: StructureStyle, anchor: usize, span: Span) -> Result<(), SyntaxError> {
        if self.stack.len() >= MAX_DEPTH {
            return Err(too_deep(span));
        }
        // A block collection's start event can stand before the blanks of its first node; its end is that of its last node.
        let _ = style;
        let start = span.start as usize;
        self.stack.push(Open { anchor, start, end: span.end as usize, nodes: Vec::new(), mapping, size: Size::default() });
        Ok(())
    }

    fn close(&mut self, span: Span) {
        let Some(open) = self.stack.pop() else { return };
        // Only a flow collection's end event has bytes of its own: the closing bracket.
        let end = if span.is_empty() { open.end } else { span.end as usize };
        let value = if open.mapping { Value::Mapping(pairs(open.nodes)) } else { Value::Sequence(open.nodes) };
        let node = Node { value, span: Span::new(open.start, end.max(open.start)) };
        let size = Size { weight: open.size.weight + 1, height: open.size.height + 1 };
        self.done(node, size, open.anchor);
    }

    fn alias(&mut self, id: usize, span: Span) -> Result<(), SyntaxError> {
        // An alias inside its own anchor has no node yet.
        let Some((node, size)) = self.anchors.get(&id) else {
            return Err(SyntaxError { message: "alias of a node that contains it".into(), span });
        };
        self.alias_weight = self.alias_weight.saturating_add(size.weight);
        if self.alias_weight > MAX_ALIAS_WEIGHT {
            return Err(SyntaxError { message: "aliases expand to more than 4 million nodes and bytes".into(), span });
        }
        if self.stack.len() + size.height > MAX_DEPTH {
            return Err(too_deep(span));
        }
        let (node, size) = (node.clone(), *size);
        self.done(node, size, 0);
        Ok(())
    }

    fn done(&mut self, node: Node, size: Size, anchor: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), size));
        }
        match self.stack.last_mut() {
            Some(open) => {
                open.end = open.end.max(node.span.end as usize);
                open.size.weight = open.size.weight.saturating_add(size.weight);
                open.size.height = open.size.height.max(size.height);
                open.nodes.push(node);
            }
            None => self.documents.push(node),
        }
    }
}

fn too_deep(span: Span) -> SyntaxError {
    SyntaxError { message: format!("nested more than {MAX_DEPTH} levels deep"), span }
}

fn pairs(nodes: Vec<Node>) -> Vec<Entry> {
    let mut entries = Vec::with_capacity(nodes.len() / 2);
    let mut nodes = nodes.into_iter();
    while let (Some(key), Some(value)) = (nodes.next(), nodes.next()) {
        entries.push(Entry { key, value });
    }
    entries
}
