//! Files and places as editors name them.

use std::path::{Path, PathBuf};

use lsp_types::{Position, PositionEncodingKind, Range, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::source::{SourceFile, Span};

/// In what columns are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Bytes.
    Utf8,
    /// Units of two bytes: what every editor knows.
    Utf16,
}

impl Encoding {
    pub(super) fn kind(self) -> PositionEncodingKind {
        match self {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
        }
    }

    /// A span of a file's text; of what is not there, its end.
    pub(super) fn range(self, file: &SourceFile, span: Span) -> Range {
        Range { start: self.position(file, span.start), end: self.position(file, span.end) }
    }

    /// The byte of a file's text at a place; what is beyond a line's end is that end.
    pub(super) fn offset(self, file: &SourceFile, place: Position) -> u32 {
        let mut lines = file.text.split_inclusive('\n');
        let before: usize = lines.by_ref().take(place.line as usize).map(str::len).sum();
        let line = lines.next().unwrap_or_default().trim_end_matches(['\r', '\n']);
        let mut left = place.character as usize;
        let units = |c: char| if self == Encoding::Utf8 { c.len_utf8() } else { c.len_utf16() };
        let within: usize =
            line.chars().take_while(|c| left.checked_sub(units(*c)).map(|rest| left = rest).is_some()).map(char::len_utf8).sum();
        u32::try_from(before + within).unwrap_or(u32::MAX)
    }

    fn position(self, file: &SourceFile, offset: u32) -> Position {
        let text = &*file.text;
        let offset = text.floor_char_boundary((offset as usize).min(text.len()));
        let before = text.get(..offset).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        let character = match self {
            Encoding::Utf8 => line.len(),
            Encoding::Utf16 => line.chars().map(char::len_utf16).sum(),
        };
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        // Lines count from 1 everywhere else.
        let line = file.line_column(number(offset)).line.saturating_sub(1);
        Position { line: number(line), character: number(character) }
    }
}

/// What stands for itself in the path of a URI.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The URI of a file.
pub(super) fn uri_of(path: &Path) -> String {
    let path = path.to_string_lossy().replace('\\', "/");
    // `C:/x` has no slash before it.
    let slash = if path.starts_with('/') { "" } else { "/" };
    format!("file://{slash}{}", utf8_percent_encode(&path, PLAIN))
}

/// The file of a URI; `None` where it is no file of this machine.
pub(super) fn path_of(uri: &Uri) -> Option<PathBuf> {
    let path = uri.as_str().strip_prefix("file://")?;
    let path = path.strip_prefix("localhost").unwrap_or(path);
    let path = percent_decode_str(path).decode_utf8().ok()?;
    if !path.starts_with('/') {
        return None;
    }
    let is_drive = path.as_bytes().get(2) == Some(&b':') && path.as_bytes().get(1).is_some_and(u8::is_ascii_alphabetic);
    Some(PathBuf::from(if cfg!(windows) && is_drive { path.get(1..)? } else { &path }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileKind;

    #[test]
    fn columns_count_what_the_editor_counts() {
        let file = SourceFile::new("a.rs", FileKind::Rust, "é\n\u{1F600}x");
        let at = |encoding: Encoding, offset: u32| {
            let Position { line, character } = encoding.position(&file, offset);
            (line, character)
        };
        assert_eq!([at(Encoding::Utf8, 2), at(Encoding::Utf16, 2)], [(0, 2), (0, 1)]);
        assert_eq!([at(Encoding::Utf8, 7), at(Encoding::Utf16, 7)], [(1, 4), (1, 2)]);
        for encoding in [Encoding::Utf8, Encoding::Utf16] {
            for offset in [0, 2, 3, 7, 8] {
                assert_eq!(encoding.offset(&file, encoding.position(&file, offset)), offset, "{encoding:?}");
            }
            assert_eq!(encoding.offset(&file, Position { line: 0, character: 9 }), 2);
            assert_eq!(encoding.offset(&file, Position { line: 9, character: 9 }), 8);
        }
        // Inside of a character, and beyond the end.
        assert_eq!([at(Encoding::Utf16, 5), at(Encoding::Utf16, 99)], [(1, 0), (1, 3)]);
    }

    #[test]
    fn files_have_uris_and_others_have_no_path() {
        let path = Path::new("/a b/ü#1/x.rs");
        let uri = uri_of(path);
        assert_eq!(uri, "file:///a%20b/%C3%BC%231/x.rs");
        assert_eq!(uri.parse().ok().and_then(|uri: Uri| path_of(&uri)), Some(path.to_path_buf()));
        for other in ["untitled:Untitled-1", "file://elsewhere/x.rs", "vscode-remote://a/x.rs"] {
            assert_eq!(other.parse().ok().and_then(|uri: Uri| path_of(&uri)), None, "{other}");
        }
    }
}
