//! The words of a text that is not parsed: runs of letters, digits and `_`, of which 64 bytes at a time are told apart.

use crate::syntax::blocks::{BLOCK, Bytes, bits};

/// Goes through the words of a text.
#[derive(Debug)]
pub struct Words<'t> {
    bytes: &'t [u8],
    /// Where the current block starts.
    block: usize,
    /// Which of its bytes are of words.
    word: u64,
    /// Which of its words were not given yet, by their first bytes.
    starts: u64,
}

impl<'t> Words<'t> {
    /// The words of a text.
    pub fn new(text: &'t str) -> Self {
        let mut words = Words { bytes: text.as_bytes(), block: 0, word: 0, starts: 0 };
        words.enter(0, false);
        words
    }

    /// Goes on after this place, at which no word stands.
    pub fn skip_to(&mut self, at: usize) {
        if at >= self.block + BLOCK {
            self.enter(at - at % BLOCK, false);
        }
        let passed = at.saturating_sub(self.block);
        self.starts &= u64::MAX.checked_shl(u32::try_from(passed).unwrap_or(u32::MAX)).unwrap_or(0);
    }

    fn enter(&mut self, block: usize, goes_on: bool) {
        self.block = block;
        self.word = bits(self.bytes.get(block..).unwrap_or_default(), Bytes::of_words);
        self.starts = self.word & !(self.word << 1 | u64::from(goes_on));
    }
}

impl Iterator for Words<'_> {
    /// First byte, and the one after the last.
    type Item = (usize, usize);

    #[inline]
    fn next(&mut self) -> Option<(usize, usize)> {
        while self.starts == 0 {
            let next = self.block + BLOCK;
            if next >= self.bytes.len() {
                return None;
            }
            self.enter(next, self.word >> (BLOCK - 1) == 1);
        }
        let first = self.starts.trailing_zeros();
        self.starts &= self.starts - 1;
        let start = self.block + first as usize;
        let mut end = start + (self.word >> first).trailing_ones() as usize;
        if end == self.block + BLOCK {
            end += self.bytes.get(end..).unwrap_or_default().iter().take_while(|b| is_word(**b)).count();
        }
        Some((start, end))
    }
}

/// Whether a byte can be of a word: also those of letters that are not ASCII.
#[inline]
pub fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// A number for the word that stands there, the same for the same word.
#[inline]
pub fn hash(bytes: &[u8], start: usize, end: usize) -> u32 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut hash = end.wrapping_sub(start) as u64;
    let mut at = start;
    while at < end {
        let left = end - at;
        let part = match bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
            Some(eight) if left >= 8 => u64::from_le_bytes(*eight),
            Some(eight) => u64::from_le_bytes(*eight) & (u64::MAX >> (64 - 8 * left)),
            None => bytes.get(at..end).unwrap_or_default().iter().rev().fold(0, |part, byte| part << 8 | u64::from(*byte)),
        };
        hash = (hash.rotate_left(29) ^ part).wrapping_mul(FACTOR);
        at += 8;
    }
    // The upper bits depend on all of the word.
    (hash >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slowly(text: &str) -> Vec<(usize, usize)> {
        let bytes = text.as_bytes();
        let starts = (0..bytes.len()).filter(|at| is_word(bytes[*at]) && (*at == 0 || !is_word(bytes[at - 1])));
        starts.map(|start| (start, start + bytes[start..].iter().take_while(|b| is_word(**b)).count())).collect()
    }

    #[test]
    fn words_are_those_that_a_slow_look_finds() {
        let every: String = (0..=255u8).map(char::from).collect();
        let long = "a".repeat(200);
        for text in ["", "x", " a_b::c1 größe(", &every, &long, &format!("{long} {long}")] {
            for before in 0..70 {
                let text = format!("{}{text}", " ".repeat(before));
                assert_eq!(Words::new(&text).collect::<Vec<_>>(), slowly(&text), "{text:?}");
            }
        }
    }

    #[test]
    fn skipping_leaves_out_what_is_before() {
        let text = format!("one // two three{}\nfour five", " six".repeat(40));
        let line = text.find('\n').unwrap_or_default();
        let mut words = Words::new(&text);
        assert_eq!(words.next(), Some((0, 3)));
        words.skip_to(line);
        let rest: Vec<&str> = words.map(|(start, end)| &text[start..end]).collect();
        assert_eq!(rest, ["four", "five"]);
    }

    #[test]
    fn a_word_has_one_hash_wherever_it_stands() {
        let words = ["a", "ab", "abcdefgh", "abcdefghi", "register_int_counter_vec", "x".repeat(33).leak()];
        for word in words {
            let alone = hash(word.as_bytes(), 0, word.len());
            for text in [format!(" {word}"), format!("{word}(and more of it)"), format!("::{word}::and more of it")] {
                let start = text.find(word).unwrap_or_default();
                assert_eq!(hash(text.as_bytes(), start, start + word.len()), alone, "{text}");
            }
        }
        let all: std::collections::BTreeSet<u32> = words.iter().map(|w| hash(w.as_bytes(), 0, w.len())).collect();
        assert_eq!(all.len(), words.len());
    }
}
