//! Rust text to tokens: kinds and places, groups tied to their ends.
//!
//! Takes only what the language's own lexer takes for certain; at anything odd it gives up, so that a slower reader decides.

use std::cell::Cell;
use std::ops::Range;

use crate::syntax::rust::lexer::{blanks, block_comment, prefixed, quote, string, word};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word that is no keyword, or only one by its place.
    Name,
    /// A keyword, or `_`, `true` and `false`.
    Keyword,
    /// `r#word`
    RawName,
    /// `'a`
    Lifetime,
    /// A string of any kind that is text.
    Str,
    /// A character.
    Char,
    /// A number with neither point nor exponent.
    Int,
    /// A number with one.
    Float,
    /// Any other literal.
    OtherLiteral,
    /// One character of an operator.
    Punct(u8),
    /// `(`, `[` or `{`
    Open(u8),
    /// `)`, `]` or `}`
    Close,
    /// A comment that documents what follows.
    Doc,
    /// A comment that documents what is around it.
    InnerDoc,
    /// After the last token.
    End,
}

/// A token and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Of a character of an operator: whether another one follows at once.
    pub(super) joint: bool,
    pub(super) start: u32,
    pub(super) end: u32,
    /// Of the start of a group: the index of its end.
    pub(super) close: u32,
}

/// Whether a word is no name.
fn is_keyword(word: &[u8]) -> bool {
    macro_rules! any {
        ($($keyword:literal)*) => {
            word.len() <= 8 && {
                let word = key(word);
                $(word == const { key($keyword) })||*
            }
        };
    }
    match word.first() {
        Some(b'_') => word == b"_",
        Some(b'a') => any!(b"abstract" b"as" b"async" b"await"),
        Some(b'b') => any!(b"become" b"box" b"break"),
        Some(b'c') => any!(b"const" b"continue" b"crate"),
        Some(b'd') => any!(b"do" b"dyn"),
        Some(b'e') => any!(b"else" b"enum" b"extern"),
        Some(b'f') => any!(b"false" b"final" b"fn" b"for"),
        Some(b'i') => any!(b"if" b"impl" b"in"),
        Some(b'l') => any!(b"let" b"loop"),
        Some(b'm') => any!(b"macro" b"match" b"mod" b"move" b"mut"),
        Some(b'o') => any!(b"override"),
        Some(b'p') => any!(b"priv" b"pub"),
        Some(b'r') => any!(b"ref" b"return"),
        Some(b's') => any!(b"self" b"static" b"struct" b"super"),
        Some(b'S') => any!(b"Self"),
        Some(b't') => any!(b"trait" b"true" b"try" b"type" b"typeof"),
        Some(b'u') => any!(b"unsafe" b"unsized" b"use"),
        Some(b'v') => any!(b"virtual"),
        Some(b'w') => any!(b"where" b"while"),
        Some(b'y') => any!(b"yield"),
        _ => false,
    }
}

/// A word of up to eight bytes as a number.
const fn key(word: &[u8]) -> u64 {
    let mut key = 0;
    let mut at = word.len();
    while at > 0 {
        at -= 1;
        key = key << 8 | word[at] as u64;
    }
    key
}

fn is_word_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn is_operator(byte: u8) -> bool {
    matches!(
        byte,
        b'~' | b'!'
            | b'@'
            | b'#'
            | b'$'
            | b'%'
            | b'^'
            | b'&'
            | b'*'
            | b'-'
            | b'='
            | b'+'
            | b'|'
            | b';'
            | b':'
            | b','
            | b'<'
            | b'.'
            | b'>'
            | b'/'
            | b'?'
    )
}

/// Works on the tokens of `text` between two offsets without what is cut out; `None` where something is odd. Texts that one thread
/// reads one after the other share the memory.
pub(super) fn with_tokens<T>(text: &str, span: Range<usize>, cuts: &[(usize, usize)], work: impl FnOnce(&[Token]) -> T) -> Option<T> {
    thread_local! {
        static LAST: Cell<Vec<Token>> = const { Cell::new(Vec::new()) };
    }
    let mut all = LAST.take();
    let done = tokens(text, span, cuts, &mut all).map(|()| work(&all));
    LAST.set(all);
    done
}

fn tokens(text: &str, Range { start: from, end: to }: Range<usize>, cuts: &[(usize, usize)], all: &mut Vec<Token>) -> Option<()> {
    let bytes = text.as_bytes().get(..to)?;
    all.clear();
    let mut open: Vec<(u32, u8)> = Vec::with_capacity(16);
    let mut cuts = cuts.iter().copied().skip_while(|(_, end)| *end <= from);
    let none = (usize::MAX, usize::MAX);
    let mut cut = cuts.next().unwrap_or(none);
    let mut at = from;
    loop {
        while at >= cut.0 {
            at = at.max(cut.1);
            cut = cuts.next().unwrap_or(none);
        }
        let Some(&byte) = bytes.get(at) else { break };
        let start = at;
        let next = bytes.get(at + 1).copied();
        let mut joint = false;
        let kind = match byte {
            b' ' | b'\n' | b'\t' | b'\r' => {
                // Most blanks are single ones or a line's indentation; nothing that is cut out begins within.
                at = if next.is_some_and(|b| b.is_ascii_whitespace()) { blanks(bytes, at + 1) } else { at + 1 };
                continue;
            }
            b'/' if next == Some(b'/') => {
                at = memchr::memchr(b'\n', bytes.get(start..)?).map_or(bytes.len(), |n| start + n);
                let comment = bytes.get(start..at)?;
                let (third, fourth) = (comment.get(2), comment.get(3));
                let kind = match (third, fourth) {
                    (Some(b'!'), _) => Kind::InnerDoc,
                    (Some(b'/'), Some(b'/')) => continue,
                    (Some(b'/'), _) => Kind::Doc,
                    _ => continue,
                };
                // The end of the line is none of it.
                let end = if comment.ends_with(b"\r") { at - 1 } else { at };
                if memchr::memchr(b'\r', bytes.get(start..end)?).is_some() {
                    return None;
                }
                all.push(Token { kind, joint, start: u32::try_from(start).ok()?, end: u32::try_from(end).ok()?, close: 0 });
                continue;
            }
            b'/' if next == Some(b'*') => {
                at = block_comment(bytes, start);
                let comment = bytes.get(start..at)?;
                if !comment.ends_with(b"*/") || comment.len() < 4 {
                    return None;
                }
                let kind = match (comment.get(2), comment.get(3)) {
                    (Some(b'!'), _) => Kind::InnerDoc,
                    (Some(b'*'), Some(b'*' | b'/')) => continue,
                    (Some(b'*'), _) => Kind::Doc,
                    _ => continue,
                };
                if memchr::memchr(b'\r', comment).is_some() {
                    return None;
                }
                all.push(Token { kind, joint, start: u32::try_from(start).ok()?, end: u32::try_from(at).ok()?, close: 0 });
                continue;
            }
            b'(' | b'[' | b'{' => {
                at += 1;
                open.push((u32::try_from(all.len()).ok()?, byte));
                Kind::Open(byte)
            }
            b')' | b']' | b'}' => {
                at += 1;
                let (opened, with) = open.pop()?;
                if !matches!((with, byte), (b'(', b')') | (b'[', b']') | (b'{', b'}')) {
                    return None;
                }
                all.get_mut(opened as usize)?.close = u32::try_from(all.len()).ok()?;
                Kind::Close
            }
            b'"' => {
                at = string(bytes, start + 1);
                closed(bytes, start, at)?;
                no_suffix(bytes, at)?;
                Kind::Str
            }
            b'\'' => {
                at = quote(bytes, start);
                let text = bytes.get(start..at)?;
                if text.len() >= 3 && text.ends_with(b"'") {
                    no_suffix(bytes, at)?;
                    Kind::Char
                } else if text.get(1).is_some_and(|b| is_word_start(*b)) && bytes.get(at) != Some(&b'\'') {
                    Kind::Lifetime
                } else {
                    return None;
                }
            }
            b'r' if next == Some(b'#') && bytes.get(at + 2).is_some_and(|b| is_word_start(*b)) => {
                at = word(bytes, at + 2);
                Kind::RawName
            }
            b'r' | b'b' | b'c' if let Some(end) = prefixed(bytes, start) => {
                at = end;
                no_suffix(bytes, at)?;
                let text = bytes.get(start..at)?;
                match (byte, text.last()) {
                    (b'r', Some(b'"' | b'#')) => Kind::Str,
                    (_, Some(b'"' | b'#' | b'\'')) => Kind::OtherLiteral,
                    _ => return None,
                }
            }
            b'0'..=b'9' => {
                let (end, is_float) = number(bytes, start)?;
                at = end;
                if is_float { Kind::Float } else { Kind::Int }
            }
            _ if is_word_start(byte) => {
                at = word(bytes, start);
                let name = bytes.get(start..at)?;
                // A literal with a prefix that is not known.
                if bytes.get(at) == Some(&b'"') {
                    return None;
                }
                if !name.is_ascii() && !text.get(start..at)?.chars().all(|c| c == '_' || c.is_alphanumeric()) {
                    return None;
                }
                if is_keyword(name) { Kind::Keyword } else { Kind::Name }
            }
            _ if is_operator(byte) => {
                at += 1;
                joint = match bytes.get(at) {
                    Some(b'/') => !matches!(bytes.get(at + 1), Some(b'/' | b'*')),
                    Some(b'\'') => true,
                    Some(other) => is_operator(*other),
                    None => false,
                };
                Kind::Punct(byte)
            }
            _ => return None,
        };
        all.push(Token { kind, joint, start: u32::try_from(start).ok()?, end: u32::try_from(at).ok()?, close: 0 });
    }
    open.is_empty().then_some(())
}

/// Whether a string that starts at `start` ends with its quote.
fn closed(bytes: &[u8], start: usize, end: usize) -> Option<()> {
    (end >= start + 2 && end <= bytes.len() && bytes.get(end - 1) == Some(&b'"')).then_some(())
}

fn no_suffix(bytes: &[u8], at: usize) -> Option<()> {
    (!bytes.get(at).is_some_and(|b| is_word_start(*b))).then_some(())
}

/// The end of a number, and whether it has a point or an exponent.
fn number(bytes: &[u8], start: usize) -> Option<(usize, bool)> {
    let mut at = start;
    if bytes.get(at) == Some(&b'0') && matches!(bytes.get(at + 1), Some(b'x' | b'o' | b'b')) {
        return Some((word(bytes, at), false));
    }
    let digits = |mut at: usize| {
        while bytes.get(at).is_some_and(|b| b.is_ascii_digit() || *b == b'_') {
            at += 1;
        }
        at
    };
    at = digits(at);
    let mut is_float = false;
    if bytes.get(at) == Some(&b'.') && !bytes.get(at + 1).is_some_and(|b| *b == b'.' || is_word_start(*b)) {
        is_float = true;
        at = digits(at + 1);
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let signed = at + 1 + usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let end = digits(signed);
        if bytes.get(signed..end).is_some_and(|d| d.iter().any(u8::is_ascii_digit)) {
            is_float = true;
            at = end;
        }
    }
    // A suffix; `1f32` is written like a whole number.
    Some((word(bytes, at), is_float))
}
