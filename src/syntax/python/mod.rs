//! Python source to a tree.
//!
//! The parser recovers from errors, so there always is a tree. It is copied into one flat list in the order of the text: nodes are
//! small, can be shared between threads, and everything below a node is the stretch of the list after it.

use std::sync::{Arc, LazyLock};

use crate::source::Span;

/// The grammar; it lives as long as the program, and so do its words.
static LANGUAGE: LazyLock<tree_sitter::Language> = LazyLock::new(|| tree_sitter_python::LANGUAGE.into());

/// The grammar's words for its kinds of nodes and for its fields, by number: asking for each again takes as long as parsing does.
static KINDS: LazyLock<Vec<&'static str>> = LazyLock::new(|| (0..=u16::MAX).map_while(|id| LANGUAGE.node_kind_for_id(id)).collect());
static FIELDS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let count = u16::try_from(LANGUAGE.field_count()).unwrap_or(u16::MAX);
    (0..=count).map(|id| LANGUAGE.field_name_for_id(id).unwrap_or("")).collect()
});

/// A node: its place in the list.
pub type Id = u32;

/// Deeper trees are not read.
const MAX_NESTING: usize = 800;

#[derive(Clone, Copy, Debug)]
struct Node {
    kind: &'static str,
    field: Option<&'static str>,
    span: Span,
    parent: Id,
    /// One past the last node below.
    end: Id,
}

/// A parsed file.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    nodes: Vec<Node>,
    text: Arc<str>,
    /// Where the first thing stands that the grammar does not understand: the innermost of those that hold one another.
    pub error: Option<Span>,
    /// Where it is nested too deeply to be read, so that it holds nothing.
    pub too_deep: Option<Span>,
}

/// Parses a file.
pub fn parse(text: &Arc<str>) -> Tree {
    let mut tree = Tree { nodes: Vec::new(), text: Arc::clone(text), error: None, too_deep: None };
    let mut parser = tree_sitter::Parser::new();
    if parser.set_language(&LANGUAGE).is_err() {
        return tree;
    }
    if let Some(parsed) = parser.parse(text.as_bytes(), None) {
        tree.take(&parsed);
    }
    tree
}

impl Tree {
    /// Copies a tree of the parser, without comments and without words that only hold it together.
    fn take(&mut self, parsed: &tree_sitter::Tree) {
        let (kinds, fields) = (&*KINDS, &*FIELDS);
        let mut cursor = parsed.walk();
        let mut parents: Vec<Id> = Vec::new();
        loop {
            let node = cursor.node();
            let span = Span::new(node.start_byte(), node.end_byte());
            // What cannot be understood is put together with what is around it.
            let inside = |around: Span| around.start <= span.start && span.end <= around.end && span != around;
            if (node.is_error() || node.is_missing()) && self.error.is_none_or(inside) {
                self.error = Some(span);
            }
            let field = cursor.field_id().and_then(|id| fields.get(usize::from(id.get())).copied());
            let kind = kinds.get(usize::from(node.kind_id())).copied().unwrap_or("ERROR");
            let kept = (node.is_named() || field.is_some()) && kind != "comment";
            if kept {
                let parent = parents.last().copied().unwrap_or(0);
                let id = Id::try_from(self.nodes.len()).unwrap_or(Id::MAX);
                self.nodes.push(Node { kind, field, span, parent, end: id });
                if parents.len() > MAX_NESTING {
                    // Nobody writes this, and walking it would take for ever.
                    self.nodes.clear();
                    self.error = Some(span);
                    self.too_deep = Some(span);
                    return;
                }
                if cursor.goto_first_child() {
                    parents.push(id);
                    continue;
                }
                self.close(id);
            }
            loop {
                if cursor.goto_next_sibling() {
                    break;
                }
                if !cursor.goto_parent() {
                    return;
                }
                if let Some(done) = parents.pop() {
                    self.close(done);
                }
            }
        }
    }

    fn close(&mut self, id: Id) {
        let end = Id::try_from(self.nodes.len()).unwrap_or(Id::MAX);
        if let Some(node) = self.nodes.get_mut(id as usize) {
            node.end = end;
        }
    }

    fn node(&self, id: Id) -> Option<&Node> {
        self.nodes.get(id as usize)
    }

    /// The whole file.
    pub fn root(&self) -> Id {
        0
    }

    /// All nodes, in the order of the text.
    pub fn all(&self) -> std::ops::Range<Id> {
        0..Id::try_from(self.nodes.len()).unwrap_or(Id::MAX)
    }

    /// The grammar's word for a node.
    pub fn kind(&self, id: Id) -> &'static str {
        self.node(id).map_or("", |n| n.kind)
    }

    /// The bytes of a node.
    pub fn span(&self, id: Id) -> Span {
        self.node(id).map_or_else(Span::default, |n| n.span)
    }

    /// The text of a node.
    pub fn text(&self, id: Id) -> &str {
        self.span(id).text(&self.text)
    }

    /// The node above; the root has none.
    pub fn parent(&self, id: Id) -> Option<Id> {
        (id != 0).then(|| self.node(id).map(|n| n.parent)).flatten()
    }

    /// The nodes above, nearest first.
    pub fn ancestors(&self, id: Id) -> impl Iterator<Item = Id> + '_ {
        std::iter::successors(self.parent(id), |up| self.parent(*up))
    }

    /// Whether `inner` is `outer` or below it.
    pub fn holds(&self, outer: Id, inner: Id) -> bool {
        self.node(outer).is_some_and(|n| outer <= inner && inner < n.end)
    }

    /// All nodes below, in the order of the text.
    pub fn below(&self, id: Id) -> std::ops::Range<Id> {
        id + 1..self.node(id).map_or(id + 1, |n| n.end)
    }

    /// The nodes directly below.
    pub fn children(&self, id: Id) -> impl Iterator<Item = Id> + '_ {
        let range = self.below(id);
        let mut next = range.start;
        std::iter::from_fn(move || {
            let this = next;
            (this < range.end).then(|| {
                next = self.node(this).map_or(range.end, |n| n.end.max(this + 1));
                this
            })
        })
    }

    /// The child with this role.
    pub fn field(&self, id: Id, name: &str) -> Option<Id> {
        self.children(id).find(|c| self.node(*c).is_some_and(|n| n.field == Some(name)))
    }

    /// The first child.
    pub fn first(&self, id: Id) -> Option<Id> {
        self.children(id).next()
    }

    /// The role of a node in the one above.
    pub fn role(&self, id: Id) -> Option<&'static str> {
        self.node(id)?.field
    }
}

/// The text that the inside of a plain string literal stands for.
pub fn unescape(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            // A line that goes on.
            Some('\n') => {}
            Some(c @ ('\\' | '\'' | '"')) => out.push(c),
            Some(c) => out.extend(['\\', c]),
            None => out.push('\\'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<&'static str> {
        let tree = parse(&Arc::from(text));
        tree.all().map(|id| tree.kind(id)).collect()
    }

    #[test]
    fn nodes_stand_in_the_order_of_the_text() {
        let tree = parse(&Arc::from("x = f(a, b=1)  # why\n"));
        let call = tree.all().find(|id| tree.kind(*id) == "call").unwrap();
        let arguments = tree.field(call, "arguments").unwrap();
        let texts: Vec<&str> = tree.children(arguments).map(|id| tree.text(id)).collect();
        assert_eq!(texts, ["a", "b=1"]);
        assert_eq!(tree.text(tree.field(call, "function").unwrap()), "f");
        assert!(tree.ancestors(call).any(|id| tree.kind(id) == "assignment"));
        assert!(tree.holds(tree.root(), call) && tree.error.is_none());
    }

    #[test]
    fn what_is_broken_leaves_the_rest() {
        let tree = parse(&Arc::from("def f(:\n    pass\nx = g(1)\n"));
        assert!(tree.error.is_some());
        assert!(tree.all().any(|id| tree.kind(id) == "call"));
        assert!(kinds("").len() <= 1 && kinds("(((((").iter().all(|k| !k.is_empty()));
    }

    #[test]
    fn escapes_are_read() {
        assert_eq!(unescape(r#"a\nb\\c\"d\q"#), "a\nb\\c\"d\\q");
    }
}
