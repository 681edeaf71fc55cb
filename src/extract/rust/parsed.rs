//! A file that was parsed, or what a macro call expands to, and where its bytes stand in the text that people read.

use std::sync::Arc;

use crate::source::{Location, SourceFile, Span};
use crate::syntax::rust::tree::File;

/// One parsed file.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) source: Arc<SourceFile>,
    /// Names of the libraries whose trigger words it holds.
    pub(super) libraries: Vec<&'static str>,
    pub(super) tree: File,
    /// For what a macro call expands to: where it comes from.
    pub(super) origin: Option<Origin>,
}

/// Where the expansion of a macro call comes from.
#[derive(Debug)]
pub(super) struct Origin {
    /// Index of the file that holds the call.
    pub(super) file: usize,
    /// The whole call.
    pub(super) call: Location,
    /// Parts of the expansion that stand in the call.
    pub(super) pieces: Vec<(Span, Location)>,
    /// Whether it stands among statements, in the one function of the tree, rather than among items.
    pub(super) inline: bool,
    /// Macro calls around it.
    pub(super) depth: usize,
    /// The module of the file that the call stands in, where that is not the file itself.
    pub(super) module: Option<String>,
}

impl Parsed {
    /// The location of some bytes of it.
    pub(super) fn location(&self, span: Span) -> Location {
        let Some(origin) = &self.origin else { return Location::new(&self.source.path, span) };
        let holds = |piece: &Span| piece.start <= span.start && span.end <= piece.end;
        match origin.pieces.iter().find(|(piece, _)| holds(piece)) {
            Some((piece, there)) => {
                let start = there.span.start + (span.start - piece.start);
                Location { path: Arc::clone(&there.path), span: Span { start, end: start + (span.end - span.start) } }
            }
            // Several tokens that the call gives one by one.
            None => {
                let at = |byte: u32| origin.pieces.iter().find(|(piece, _)| piece.start <= byte && byte < piece.end);
                match (at(span.start), at(span.end.saturating_sub(1))) {
                    (Some((first, from)), Some((last, to))) if from.path == to.path && from.span.start <= to.span.start => {
                        let start = from.span.start + (span.start - first.start);
                        let end = to.span.start + (span.end - last.start);
                        Location { path: Arc::clone(&from.path), span: Span { start, end } }
                    }
                    _ => origin.call.clone(),
                }
            }
        }
    }
}
