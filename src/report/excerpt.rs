//! The few lines around a finding, in the coordinates the diagnostic renderer wants.

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::source::{SourceFile, Span};

/// Longer lines are cut to a window around the finding: a dashboard may be one line of a megabyte.
const MAX_LINE: usize = 160;

/// A line before and after, and the finding's line. All offsets are bytes of the excerpt, not of the file, so that rendering
/// costs nothing for a large file.
pub(super) struct Excerpt {
    name: String,
    text: String,
    first_line: usize,
    column: usize,
    /// The underlined bytes of the excerpt.
    pub(super) underline: (usize, usize),
}

impl Excerpt {
    /// The excerpt for a span. A span of several lines is underlined on its first.
    pub(super) fn new(file: &SourceFile, span: Span) -> Excerpt {
        let at = file.line_column(span.start);
        let first_line = at.line.saturating_sub(1).max(1);
        let (mut text, mut underline) = (String::new(), (0, 0));
        for line in first_line..=at.line + 1 {
            let Some(start) = file.lines().line_start(line).map(|s| s as usize) else { break };
            let content = file.text.get(start..).and_then(|t| t.lines().next()).unwrap_or("");
            if line > at.line && content.is_empty() {
                break;
            }
            let length = content.len();
            let from = (span.start as usize).saturating_sub(start).min(length);
            let to = (span.end as usize).saturating_sub(start).clamp(from, length);
            let (cut, shift) = window(content, if line == at.line { from } else { 0 });
            if line == at.line {
                let place = |offset: usize| text.len() + (offset + shift.1).saturating_sub(shift.0).min(cut.len());
                underline = (place(from), place(to));
            }
            text.push_str(&cut);
            text.push('\n');
        }
        // An empty span still deserves a caret.
        if underline.0 == underline.1 {
            underline.1 = text.get(underline.0..).and_then(|t| t.chars().next()).map_or(underline.0, |c| underline.0 + c.len_utf8());
        }
        Excerpt { name: file.path.to_string(), text, first_line, column: at.column, underline }
    }
}

/// A line, cut around `at` when it is long, and the shift of offsets by the cut: bytes removed at the front, bytes put there instead.
fn window(line: &str, at: usize) -> (String, (usize, usize)) {
    if line.len() <= MAX_LINE {
        return (line.to_owned(), (0, 0));
    }
    let floor = |mut i: usize| {
        while !line.is_char_boundary(i) {
            i -= 1;
        }
        i
    };
    let start = floor(at.saturating_sub(MAX_LINE / 2));
    let end = floor((start + MAX_LINE).min(line.len()));
    let head = if start > 0 { "…" } else { "" };
    let tail = if end < line.len() { "…" } else { "" };
    (format!("{head}{}{tail}", line.get(start..end).unwrap_or("")), (start, head.len()))
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let name = self.name.clone();
        if before == 0 && after == 0 {
            // The renderer asks for the place to print: the one in the file.
            let head = self.text.get(..span.offset()).ok_or(MietteError::OutOfBounds)?;
            let data = self.text.get(span.offset()..span.offset() + span.len()).ok_or(MietteError::OutOfBounds)?;
            let line = self.first_line - 1 + head.matches('\n').count();
            return Ok(Box::new(MietteSpanContents::new_named(name, data.as_bytes(), *span, line, self.column - 1, 1)));
        }
        let whole = SourceSpan::new(0.into(), self.text.len());
        let lines = self.text.lines().count();
        Ok(Box::new(MietteSpanContents::new_named(name, self.text.as_bytes(), whole, self.first_line - 1, 0, lines)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileKind;

    #[test]
    fn a_long_line_is_cut_around_the_finding() {
        let line = format!("{}NEEDLE{}", "é".repeat(500), "x".repeat(500));
        let file = SourceFile::new("f.json", FileKind::Json, &line);
        let excerpt = Excerpt::new(&file, Span::new(1000, 1006));
        assert_eq!(&excerpt.text[excerpt.underline.0..excerpt.underline.1], "NEEDLE");
        assert!(excerpt.text.len() < 200);
    }

    #[test]
    fn a_span_of_several_lines_is_underlined_on_its_first() {
        let file = SourceFile::new("f.rs", FileKind::Rust, "a\nfoo(\n  bar)\nb\n");
        let excerpt = Excerpt::new(&file, Span::new(2, 12));
        assert_eq!(&excerpt.text[excerpt.underline.0..excerpt.underline.1], "foo(");
    }
}
