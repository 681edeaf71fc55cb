//! Where the lexical parts of Rust end: words, strings, characters, comments.
//!
//! Each function is given the bytes and an offset and gives the offset after the part; a part that does not end, ends with the text.

use crate::syntax::blocks::{Bytes, end_of_run};

/// The end of a name or number that starts at `at`.
pub(super) fn word(bytes: &[u8], at: usize) -> usize {
    end_of_run(bytes, at, Bytes::of_words)
}

/// The end of the blanks that start at `at`.
pub(super) fn blanks(bytes: &[u8], at: usize) -> usize {
    end_of_run(bytes, at, Bytes::that_are_blank)
}

/// The end of a string whose opening quote is before `at`.
pub(super) fn string(bytes: &[u8], mut at: usize) -> usize {
    while let Some(found) = memchr::memchr2(b'\\', b'"', bytes.get(at..).unwrap_or_default()) {
        at += found;
        if bytes.get(at) == Some(&b'"') {
            return at + 1;
        }
        at += 2;
    }
    bytes.len()
}

/// The end of a character or lifetime that starts at `at`.
pub(super) fn quote(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at + 1) {
        Some(b'\\') => {
            let mut end = at + 3;
            while let Some(&byte) = bytes.get(end) {
                if byte == b'\'' {
                    return end + 1;
                }
                if byte == b'\n' {
                    break;
                }
                end += 1;
            }
            end
        }
        Some(&first) => {
            // One character of up to four bytes and a quote, else a lifetime.
            let width = match first {
                0xF0.. => 4,
                0xE0.. => 3,
                0xC0.. => 2,
                _ => 1,
            };
            if bytes.get(at + 1 + width) == Some(&b'\'') { at + 2 + width } else { word(bytes, at + 1).max(at + 1) }
        }
        None => at + 1,
    }
}

/// The end of a raw, byte or C string or a byte character that starts at `at`.
pub(super) fn prefixed(bytes: &[u8], at: usize) -> Option<usize> {
    let mut end = at;
    if matches!(bytes.get(end), Some(b'b' | b'c')) {
        end += 1;
    }
    let raw = bytes.get(end) == Some(&b'r');
    if raw {
        end += 1;
    }
    if !raw {
        return match bytes.get(end) {
            Some(b'"') => Some(string(bytes, end + 1)),
            Some(b'\'') if bytes.get(at) == Some(&b'b') => Some(quote(bytes, end)),
            _ => None,
        };
    }
    let hashes = bytes.get(end..)?.iter().take_while(|&&b| b == b'#').count();
    end += hashes;
    if bytes.get(end) != Some(&b'"') {
        return None;
    }
    Some(raw_string(bytes, end + 1, hashes))
}

/// The end of a raw string whose opening quote, after `hashes` hashes, is before `at`.
pub(super) fn raw_string(bytes: &[u8], mut at: usize, hashes: usize) -> usize {
    while let Some(found) = memchr::memchr(b'"', bytes.get(at..).unwrap_or_default()) {
        at += found + 1;
        let closing = bytes.get(at..).unwrap_or_default().iter().take(hashes).take_while(|&&b| b == b'#').count();
        if closing == hashes {
            return at + hashes;
        }
    }
    bytes.len()
}

/// The end of the blanks or the comment at `at`, where there are any.
pub(super) fn trivia(bytes: &[u8], at: usize) -> Option<usize> {
    match (bytes.get(at)?, bytes.get(at + 1)) {
        (b' ' | b'\t' | b'\n' | b'\r', _) => Some(blanks(bytes, at + 1)),
        (b'/', Some(b'/')) => Some(memchr::memchr(b'\n', bytes.get(at..)?).map_or(bytes.len(), |n| at + n)),
        (b'/', Some(b'*')) => Some(block_comment(bytes, at)),
        _ => None,
    }
}

/// The end of a block comment that starts at `at`.
pub(super) fn block_comment(bytes: &[u8], at: usize) -> usize {
    let mut depth = 0_usize;
    let mut end = at;
    while let Some(&byte) = bytes.get(end) {
        match (byte, bytes.get(end + 1)) {
            (b'/', Some(b'*')) => {
                depth += 1;
                end += 2;
            }
            (b'*', Some(b'/')) => {
                depth -= 1;
                end += 2;
                if depth == 0 {
                    return end;
                }
            }
            _ => end += 1,
        }
    }
    bytes.len()
}
