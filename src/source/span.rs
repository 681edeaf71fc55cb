//! Byte spans and locations.

use std::sync::Arc;

/// A half-open range of bytes in one file.
///
/// Files over 4 GiB are never read (see `workspace`), so 32 bits are enough and keep trees small.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span from byte offsets; offsets beyond 4 GiB are clamped.
    pub fn new(start: usize, end: usize) -> Self {
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let start = clamp(start);
        Span { start, end: clamp(end).max(start) }
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Length in bytes.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether the span holds no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The text of the span, or `""` where it does not lie on character bounds of `text`.
    pub fn text(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or("")
    }
}

/// A span in a named file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The file's path as reports show it: relative to the working directory, `/` on every system.
    pub path: Arc<str>,
    /// The bytes meant.
    pub span: Span,
}

impl Location {
    /// A location in `path`.
    pub fn new(path: &Arc<str>, span: Span) -> Self {
        Location { path: Arc::clone(path), span }
    }
}
