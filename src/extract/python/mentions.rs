//! Words in the text of a file that is not parsed: whether one stands where something is called or handed on.

/// Brackets are looked for so many bytes back.
const MAX_BACK: usize = 4000;

/// Whether a word is called, or is a value that goes somewhere: not where a function is only defined, or a class only imported, asked
/// for or written in an annotation.
pub(super) fn is_used(text: &[u8], start: usize, end: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    // A dotted path is one word.
    let path = before.iter().rposition(|b| !is_word(*b) && *b != b'.').map_or(0, |at| at + 1);
    let before = trimmed(before.get(..path).unwrap_or_default());
    let word = last_word(before);
    let after = text.get(end..).unwrap_or_default();
    if after.first() == Some(&b'(') {
        return !matches!(word, b"def" | b"class");
    }
    // A method of a class may make one.
    if after.starts_with(b" as ") || after.first() == Some(&b'.') {
        return true;
    }
    if !word.is_empty() {
        return matches!(word, b"return" | b"else" | b"or" | b"and" | b"yield");
    }
    match before.last() {
        Some(b'=') => true,
        Some(b'(' | b'{' | b'[' | b',' | b':') => match around(before) {
            Some((b'{', _)) => true,
            // An element of a list, not an argument of a type.
            Some((b'[', outside)) => before.last() != Some(&b':') && !outside.last().is_some_and(|b| is_word(*b) || *b == b']'),
            Some((_, outside)) => {
                before.last() != Some(&b':') && !matches!(last_word(trimmed(outside)), b"import" | b"isinstance" | b"issubclass")
            }
            None => before.last() != Some(&b':') && !is_import(before),
        },
        _ => false,
    }
}

fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_'
}

fn trimmed(text: &[u8]) -> &[u8] {
    text.trim_ascii_end()
}

/// The word that a text ends with.
fn last_word(text: &[u8]) -> &[u8] {
    let start = text.iter().rposition(|b| !is_word(*b)).map_or(0, |at| at + 1);
    text.get(start..).unwrap_or_default()
}

/// The bracket that is open at the end of a text, and what stands before it.
fn around(text: &[u8]) -> Option<(u8, &[u8])> {
    let mut closed = 0;
    for (at, b) in text.iter().enumerate().rev().take(MAX_BACK) {
        match b {
            b')' | b']' | b'}' => closed += 1,
            b'(' | b'[' | b'{' if closed == 0 => return Some((*b, text.get(..at)?)),
            b'(' | b'[' | b'{' => closed -= 1,
            _ => {}
        }
    }
    None
}

/// Whether the line at the end of a text is an import.
fn is_import(text: &[u8]) -> bool {
    let line = text.iter().rposition(|b| *b == b'\n').map_or(text, |at| text.get(at + 1..).unwrap_or_default()).trim_ascii_start();
    line.starts_with(b"from ") || line.starts_with(b"import ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(text: &str) -> bool {
        let at = text.find("Word").unwrap();
        is_used(text.as_bytes(), at, at + 4)
    }

    #[test]
    fn what_is_called_or_handed_on_is_used() {
        let yes = [
            "x = Word(1)",
            "x = a.Word(1)",
            "x = Word",
            "f(kind=a.Word)",
            "f(1, Word)",
            "f(\n    Word,\n)",
            "class Sub(Word):",
            "class Sub(A, Word):",
            "T = {1: Word}",
            "T = [Word, A]",
            "return Word",
            "a or Word",
            "Word.made_by(1)",
            "from a import Word as W",
            "from a import (\n    B,\n    Word as W,\n)",
        ];
        let no = [
            "def Word(x):",
            "class Word(A):",
            "class Word:",
            "x: Word = None",
            "x: a.Word = None",
            "def f(x: Word, y) -> None:",
            "def f() -> Word:",
            "x: Optional[Word]",
            "x: dict[str, Word]",
            "x: A | Word",
            "from a import Word",
            "from a import B, Word",
            "from a import (\n    B,\n    Word,\n)",
            "isinstance(x, Word)",
            "# some Word of it",
            "x: \"Word\"",
        ];
        for text in yes {
            assert!(used(text), "{text}");
        }
        for text in no {
            assert!(!used(text), "{text}");
        }
    }
}
