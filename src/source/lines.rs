//! Byte offsets to lines and columns: for reports only.

/// A place as people write it: both count from 1, columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: usize,
    /// Character in the line, from 1.
    pub column: usize,
}

/// The starts of the lines of one text.
#[derive(Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Indexes `text` in one pass.
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|i| u32::try_from(i + 1).unwrap_or(u32::MAX)));
        LineIndex { starts }
    }

    /// The line and column of byte `offset` of the indexed `text`; an offset past the end means the end.
    pub fn line_column(&self, text: &str, offset: u32) -> LineColumn {
        let offset = (offset as usize).min(text.len());
        let line = self.starts.partition_point(|&s| s as usize <= offset).max(1);
        let start = self.starts.get(line - 1).map_or(0, |&s| s as usize).min(offset);
        let bytes = text.as_bytes().get(start..offset).unwrap_or_default();
        // A character starts at every byte that is not a UTF-8 continuation byte.
        let column = 1 + bytes.iter().filter(|&&b| b & 0xC0 != 0x80).count();
        LineColumn { line, column }
    }

    /// Byte offset at which `line` (from 1) starts.
    pub fn line_start(&self, line: usize) -> Option<u32> {
        self.starts.get(line.checked_sub(1)?).copied()
    }

    /// Number of lines; a text that ends in a newline has an empty last line.
    pub fn count(&self) -> usize {
        self.starts.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let text = "ab\nçé x\n";
        let index = LineIndex::new(text);
        assert_eq!(index.line_column(text, 0), LineColumn { line: 1, column: 1 });
        assert_eq!(index.line_column(text, 8), LineColumn { line: 2, column: 4 });
        assert_eq!(index.line_column(text, 99), LineColumn { line: 3, column: 1 });
    }
}
