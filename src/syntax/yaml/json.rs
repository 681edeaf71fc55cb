//! JSON to the same tree, for dashboards of several megabytes.
//!
//! Strict as `JSON.parse` is, because that is what will read the file in production.

use super::scalar::Runs;
use super::{Entry, MAX_DEPTH, Node, Parsed, Style, SyntaxError, Value};
use crate::source::{Scalar, Span};
use crate::syntax::blocks::{Bytes, end_of_run};

/// Reads one JSON text.
pub(crate) fn parse_json(text: &str) -> Parsed {
    let at = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut reader = Reader { text, at, entries: Vec::new(), items: Vec::new() };
    let result = reader.value(0).and_then(|node| {
        reader.blanks();
        match reader.peek() {
            None => Ok(node),
            Some(_) => Err(reader.error("text after the end of the document")),
        }
    });
    match result {
        Ok(node) => Parsed { documents: vec![node], error: None },
        Err(error) => Parsed { documents: Vec::new(), error: Some(error) },
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// Entries and items of the objects and lists that are open: each gets its own list when it closes, of the right size.
    entries: Vec<Entry>,
    items: Vec<Node>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &[u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn blanks(&mut self) {
        self.at = end_of_run(self.text.as_bytes(), self.at, Bytes::that_are_blank);
    }

    fn error(&self, message: &str) -> SyntaxError {
        let at = self.at.min(self.text.len());
        let width = self.text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        SyntaxError { message: message.to_owned(), span: Span::new(at, at + width) }
    }

    fn value(&mut self, depth: usize) -> Result<Node, SyntaxError> {
        self.blanks();
        match self.peek() {
            Some(b'{' | b'[') if depth >= MAX_DEPTH => Err(self.error(&format!("nested more than {MAX_DEPTH} levels deep"))),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string(),
            Some(_) => self.literal(),
            None => Err(self.error("unexpected end of the file")),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Node, SyntaxError> {
        let start = self.at;
        self.at += 1;
        let outer = self.entries.len();
        self.blanks();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Node { value: Value::Mapping(Vec::new()), span: Span::new(start, self.at) });
        }
        loop {
            self.blanks();
            if self.peek() != Some(b'"') {
                return Err(self.error("expected a key in double quotes"));
            }
            let key = self.string()?;
            self.blanks();
            if self.peek() != Some(b':') {
                return Err(self.error("expected `:` after the key"));
            }
            self.at += 1;
            let value = self.value(depth + 1)?;
            self.entries.push(Entry { key, value });
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return Err(self.error("expected `,` or `}`")),
            }
        }
        self.at += 1;
        let entries = self.entries.split_off(outer);
        Ok(Node { value: Value::Mapping(entries), span: Span::new(start, self.at) })
    }

    fn array(&mut self, depth: usize) -> Result<Node, SyntaxError> {
        let start = self.at;
        self.at += 1;
        let outer = self.items.len();
        self.blanks();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Node { value: Value::Sequence(Vec::new()), span: Span::new(start, self.at) });
        }
        loop {
            let item = self.value(depth + 1)?;
            self.items.push(item);
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return Err(self.error("expected `,` or `]`")),
            }
        }
        self.at += 1;
        let items = self.items.split_off(outer);
        Ok(Node { value: Value::Sequence(items), span: Span::new(start, self.at) })
    }

    /// Numbers, `true`, `false`, `null`.
    fn literal(&mut self) -> Result<Node, SyntaxError> {
        let len = self.rest().iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.')).count();
        let word = self.text.get(self.at..self.at + len).unwrap_or("");
        let number = word.starts_with(|c: char| c.is_ascii_digit() || c == '-') && word.parse::<f64>().is_ok();
        if !number && !matches!(word, "true" | "false" | "null") {
            return Err(self.error("expected a value"));
        }
        let scalar = Scalar::verbatim(word, self.at);
        self.at += len;
        Ok(Node { span: scalar.raw, value: Value::Scalar(scalar, Style::Plain) })
    }

    fn string(&mut self) -> Result<Node, SyntaxError> {
        let start = self.at;
        self.at += 1;
        let mut out = Runs::default();
        loop {
            let len = memchr::memchr2(b'"', b'\\', self.rest()).unwrap_or(self.rest().len());
            let piece = self.text.get(self.at..self.at + len).unwrap_or("");
            // Looked for in all bytes, which is quicker than to stop at the first.
            if piece.bytes().fold(false, |any, b| any | (b < 0x20)) {
                self.at += piece.bytes().position(|b| b < 0x20).unwrap_or_default();
                return Err(self.error("a control character in a string must be escaped"));
            }
            let from = self.at;
            self.at += len;
            // Almost every string stands there in one piece.
            if self.peek() == Some(b'"') && from == start + 1 {
                self.at += 1;
                let raw = Span::new(start, self.at);
                let scalar = Scalar::new(piece.to_owned(), raw, [(0, raw.start + 1)]);
                return Ok(Node { span: raw, value: Value::Scalar(scalar, Style::Quoted) });
            }
            out.copy(piece, from);
            match self.peek() {
                Some(b'"') => break,
                Some(_) => self.escape(&mut out)?,
                None => {
                    self.at = start;
                    return Err(self.error("string without an end"));
                }
            }
        }
        self.at += 1;
        let raw = Span::new(start, self.at);
        let mut runs = out.runs;
        if runs.is_empty() {
            runs.push((0, raw.start + 1));
        }
        Ok(Node { span: raw, value: Value::Scalar(Scalar::new(out.text, raw, runs), Style::Quoted) })
    }

    fn escape(&mut self, out: &mut Runs) -> Result<(), SyntaxError> {
        let at = self.at;
        let decoded = match self.text.as_bytes().get(at + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\x08',
            Some(b'f') => '\x0c',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let unit = |from: usize| self.text.get(from..from + 4).and_then(|s| u32::from_str_radix(s, 16).ok());
                let first = unit(at + 2).ok_or_else(|| self.error("`\\u` needs four hexadecimal digits"))?;
                let second = match self.text.get(at + 6..at + 8) {
                    Some("\\u") if (0xD800..0xDC00).contains(&first) => unit(at + 8).filter(|u| (0xDC00..0xE000).contains(u)),
                    _ => None,
                };
                let (code, len) = match second {
                    Some(second) => (0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00), 12),
                    None => (first, 6),
                };
                // JSON allows half a surrogate pair; text does not.
                let c = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
                out.escape(c, at, self.text.get(at..at + len).unwrap_or(""));
                self.at += len;
                return Ok(());
            }
            _ => return Err(self.error("unknown escape in a string")),
        };
        out.escape(decoded, at, self.text.get(at..at + 2).unwrap_or(""));
        self.at += 2;
        Ok(())
    }
}
