//! The map from a decoded scalar back to its bytes.
//!
//! granit-parser gives the decoded text; this finds where each run of it stands. What cannot be aligned keeps no runs, and its
//! place is then the whole scalar: a coarse caret, never a wrong one.

use granit_parser::ScalarStyle;

use crate::source::{RunList, Scalar, Span};

/// The scalar with this decoded `value` that stands at `raw` in `file`.
pub(super) fn decode(file: &str, raw: Span, value: &str, style: ScalarStyle) -> Scalar {
    let start = raw.start as usize;
    let source = raw.text(file);
    let (raw, runs) = match style {
        ScalarStyle::Plain if source == value => return Scalar::verbatim(value, start),
        ScalarStyle::Plain => (raw, flow(source, start, style)),
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
            let inner = source.get(1..source.len().saturating_sub(1)).unwrap_or("");
            if inner == value {
                return Scalar::new(value.to_owned(), raw, [(0, offset(start + 1))]);
            }
            (raw, flow(inner, start + 1, style))
        }
        ScalarStyle::Literal => block(file, raw, value, literal),
        ScalarStyle::Folded => block(file, raw, value, folded),
    };
    match runs {
        Some(runs) if runs.text == value => Scalar::new(runs.text, raw, runs.runs),
        _ => Scalar::new(value.to_owned(), raw, []),
    }
}

fn offset(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Decoded text under construction with the runs it came from.
#[derive(Default)]
pub(super) struct Runs {
    pub(super) text: String,
    pub(super) runs: RunList,
}

impl Runs {
    /// Appends `piece`, which stands at `at` in the file.
    pub(super) fn copy(&mut self, piece: &str, at: usize) {
        let (decoded, file) = (offset(self.text.len()), offset(at));
        let continues = self.runs.last().is_some_and(|&(d, f)| file.checked_sub(f) == decoded.checked_sub(d));
        if !continues && !piece.is_empty() {
            self.runs.push((decoded, file));
        }
        self.text.push_str(piece);
    }

    /// Appends a character that the file writes as an escape of `len` bytes at `at`. Where the escape ends in the character
    /// itself, such as `\"`, that byte is its place.
    pub(super) fn escape(&mut self, c: char, at: usize, escape: &str) {
        let mut buffer = [0; 4];
        let piece: &str = c.encode_utf8(&mut buffer);
        let at = if escape.ends_with(piece) { at + escape.len() - piece.len() } else { at };
        self.runs.push((offset(self.text.len()), offset(at)));
        self.text.push_str(piece);
    }
}

/// Plain and quoted scalars: line folding and, by style, escapes.
fn flow(source: &str, base: usize, style: ScalarStyle) -> Option<Runs> {
    let mut out = Runs::default();
    let bytes = source.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {
                let end = at + bytes.get(at..)?.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n')).count();
                let blanks = source.get(at..end)?;
                match blanks.bytes().filter(|&b| b == b'\n').count() {
                    0 => out.copy(blanks, base + at),
                    1 => out.text.push(' '),
                    n => out.text.extend(std::iter::repeat_n('\n', n - 1)),
                }
                at = end;
            }
            b'\'' if style == ScalarStyle::SingleQuoted => {
                out.escape('\'', base + at, source.get(at..at + 2)?);
                at += 2;
            }
            b'\\' if style == ScalarStyle::DoubleQuoted => at += escape(source, at, base, &mut out)?,
            _ => {
                let rest = bytes.get(at..)?;
                let len = rest.iter().take_while(|b| !matches!(b, b' ' | b'\t' | b'\r' | b'\n' | b'\'' | b'\\')).count().max(1);
                out.copy(source.get(at..at + len)?, base + at);
                at += len;
            }
        }
    }
    Some(out)
}

/// One escape of a double-quoted scalar; returns its length.
fn escape(source: &str, at: usize, base: usize, out: &mut Runs) -> Option<usize> {
    let rest = source.get(at + 1..)?;
    let c = rest.chars().next()?;
    let plain = |c: char, out: &mut Runs, text: &str| {
        out.escape(c, base + at, text);
        Some(text.len())
    };
    let whole = source.get(at..at + 1 + c.len_utf8())?;
    let decoded = match c {
        '0' => '\0',
        'a' => '\x07',
        'b' => '\x08',
        't' | '\t' => '\t',
        'n' => '\n',
        'v' => '\x0b',
        'f' => '\x0c',
        'r' => '\r',
        'e' => '\x1b',
        ' ' | '"' | '/' | '\\' => c,
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        '\n' | '\r' => {
            // A continuation: the break and the indentation of the next line vanish, empty lines between them do not.
            let blanks = rest.bytes().take_while(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n')).count();
            let breaks = rest.get(..blanks)?.bytes().filter(|&b| b == b'\n').count();
            out.text.extend(std::iter::repeat_n('\n', breaks.saturating_sub(1)));
            return Some(1 + blanks);
        }
        'x' => return hex(source, at, base, 2, out),
        'u' => return hex(source, at, base, 4, out),
        'U' => return hex(source, at, base, 8, out),
        _ => return None,
    };
    plain(decoded, out, whole)
}

/// `\xHH`, `\uHHHH` (surrogate pairs too) and `\UHHHHHHHH`.
fn hex(source: &str, at: usize, base: usize, digits: usize, out: &mut Runs) -> Option<usize> {
    let unit = |from: usize| u32::from_str_radix(source.get(from..from + digits)?, 16).ok();
    let first = unit(at + 2)?;
    let mut len = 2 + digits;
    let code = if (0xD800..0xDC00).contains(&first) && source.get(at + len..at + len + 2) == Some("\\u") {
        let second = unit(at + len + 2)?;
        len += 2 + digits;
        0x10000 + ((first - 0xD800) << 10) + second.checked_sub(0xDC00)?
    } else {
        first
    };
    out.escape(char::from_u32(code)?, base + at, source.get(at..at + len)?);
    Some(len)
}

type Lines<'a> = Vec<(usize, &'a str)>;

/// A block scalar: finds its lines and hands them to the aligner of its style. The span ends
/// with the last line that holds text.
fn block(file: &str, raw: Span, value: &str, align: fn(&Lines<'_>, &str) -> Option<Runs>) -> (Span, Option<Runs>) {
    // granit's span begins with the first text: the lines begin after the header, which the last bytes before the text end.
    let before = file.get(..raw.start as usize).unwrap_or("").trim_end();
    let header = before.len();
    let start = file.get(header..).and_then(|rest| rest.find('\n')).map_or(file.len(), |i| header + i + 1);
    let mut lines: Lines<'_> = Vec::new();
    let mut at = start;
    for line in file.get(start..(raw.end as usize).max(start)).unwrap_or("").split_inclusive('\n') {
        lines.push((at, line.trim_end_matches(['\n', '\r'])));
        at += line.len();
    }
    let end = lines.iter().rev().find(|(_, l)| !l.trim().is_empty()).map_or(raw.start as usize, |(at, l)| at + l.len());
    (Span::new(raw.start as usize, end), align(&lines, value))
}

/// A literal block keeps its lines: each decoded line is the end of the line it came from.
fn literal(lines: &Lines<'_>, value: &str) -> Option<Runs> {
    let mut out = Runs::default();
    let mut lines = lines.iter();
    for decoded in value.split_inclusive('\n') {
        let content = decoded.trim_end_matches(['\n', '\r']);
        if let Some((at, line)) = lines.next() {
            let indent = line.strip_suffix(content)?.len();
            out.copy(content, at + indent);
        } else if !content.is_empty() {
            return None;
        }
        out.text.push_str(decoded.get(content.len()..)?);
    }
    Some(out)
}

/// A folded block: every line's text appears in the decoded text in order, with breaks or one space between.
fn folded(lines: &Lines<'_>, value: &str) -> Option<Runs> {
    let indent = lines.iter().filter(|(_, l)| !l.trim().is_empty()).map(|(_, l)| l.len() - l.trim_start_matches(' ').len()).min()?;
    let mut out = Runs::default();
    for (at, line) in lines.iter().filter(|(_, l)| !l.trim().is_empty()) {
        let content = line.get(indent..)?;
        loop {
            let rest = value.get(out.text.len()..)?;
            if rest.starts_with(content) {
                break;
            }
            match rest.chars().next()? {
                c @ (' ' | '\n') => out.text.push(c),
                _ => return None,
            }
        }
        out.copy(content, at + indent);
    }
    out.text.push_str(value.get(out.text.len()..)?);
    Some(out)
}
