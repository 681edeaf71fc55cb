//! Tells bytes of a text apart, 64 at a time: a bit for each.

/// Bytes that are looked at together.
pub(super) const BLOCK: usize = 64;

const HIGH: u64 = each(0x80);

/// Eight bytes in one number. Answers have the highest bit of each byte set for which the answer is yes; the others say nothing.
#[derive(Clone, Copy)]
pub(super) struct Eight {
    all: u64,
    ascii: u64,
}

impl Eight {
    fn of(bytes: [u8; 8]) -> Self {
        let all = u64::from_le_bytes(bytes);
        Eight { all, ascii: all & !HIGH }
    }

    /// Those that are at least `least`, of ASCII: nothing is carried into the next byte.
    fn from(bytes: u64, least: u8) -> u64 {
        bytes + each(0x80 - least)
    }

    /// Those that are this one of ASCII.
    fn are(bytes: u64, byte: u8) -> u64 {
        !((bytes ^ each(byte)) + each(0x7f))
    }

    /// Letters, digits, `_`, and all bytes of what is not ASCII.
    pub(super) fn of_words(self) -> u64 {
        let lower = self.ascii | each(0x20);
        let letters = Self::from(lower, b'a') & !Self::from(lower, b'z' + 1);
        let digits = Self::from(self.ascii, b'0') & !Self::from(self.ascii, b'9' + 1);
        self.all | letters | digits | Self::are(self.ascii, b'_')
    }

    /// Of blanks and ends of lines.
    pub(super) fn that_are_blank(self) -> u64 {
        let ends = Self::are(self.ascii, b'\n') | Self::are(self.ascii, b'\r');
        (Self::are(self.ascii, b' ') | Self::are(self.ascii, b'\t') | ends) & !self.all
    }

    /// Brackets of all kinds, quotes, and slashes.
    pub(super) fn that_delimit(self) -> u64 {
        let lower = self.ascii | each(0x20);
        let brackets = Self::are(self.ascii & !each(1), b'(') | Self::are(lower, b'{') | Self::are(lower, b'}');
        (brackets | Self::are(self.ascii, b'"') | Self::are(self.ascii, b'\'') | Self::are(self.ascii, b'/')) & !self.all
    }
}

/// A bit for each of the first 64 bytes for which the answer is yes. Bytes behind the end are blanks.
#[inline]
pub(super) fn bits(bytes: &[u8], yes: impl Fn(Eight) -> u64) -> u64 {
    let of_block = |block: &[u8; BLOCK]| {
        block.as_chunks::<8>().0.iter().rev().fold(0, |bits, eight| {
            let found = yes(Eight::of(*eight)) & HIGH;
            // Brings the eight bits together.
            bits << 8 | (found >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
        })
    };
    match bytes.first_chunk::<BLOCK>() {
        Some(block) => of_block(block),
        None => {
            let mut block = [b' '; BLOCK];
            block.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
            of_block(&block)
        }
    }
}

#[inline]
const fn each(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// The end of the run of bytes from `at` on that are of a kind.
#[inline]
pub(super) fn end_of_run(bytes: &[u8], mut at: usize, yes: impl Fn(Eight) -> u64) -> usize {
    while let Some(eight) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let others = !yes(Eight::of(*eight)) & HIGH;
        if others != 0 {
            return at + (others.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    let mut eight = [0; 8];
    eight.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    let others = !yes(Eight::of(eight)) & HIGH;
    at + ((others.trailing_zeros() / 8) as usize).min(rest.len())
}

/// Finds the next byte of a kind from any place on, going forward.
pub(super) struct Marks<'t> {
    bytes: &'t [u8],
    block: usize,
    bits: u64,
}

impl<'t> Marks<'t> {
    /// For the delimiters of a text.
    pub(super) fn new(bytes: &'t [u8], at: usize) -> Self {
        let mut marks = Marks { bytes, block: 0, bits: 0 };
        marks.enter(at - at % BLOCK);
        marks
    }

    fn enter(&mut self, block: usize) {
        self.block = block;
        self.bits = bits(self.bytes.get(block..).unwrap_or_default(), Eight::that_delimit);
    }

    /// The first at this place or after it.
    #[inline]
    pub(super) fn from(&mut self, at: usize) -> Option<usize> {
        if at < self.block || at >= self.block + BLOCK {
            self.enter(at - at % BLOCK);
        }
        let mut left = self.bits & u64::MAX << (at - self.block);
        while left == 0 {
            let next = self.block + BLOCK;
            if next >= self.bytes.len() {
                return None;
            }
            self.enter(next);
            left = self.bits;
        }
        Some(self.block + left.trailing_zeros() as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_told_apart() {
        for byte in 0..=255u8 {
            for at in [0, 1, 7, 8, 63] {
                let mut bytes = [b' '; 70];
                bytes[at] = byte;
                let is_word = byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
                assert_eq!(bits(&bytes, Eight::of_words), u64::from(is_word) << at, "{byte}");
                assert_eq!(bits(&bytes[..at + 1], Eight::of_words), u64::from(is_word) << at, "{byte}");
                let delimits = b"()[]{}\"'/".contains(&byte);
                assert_eq!(bits(&bytes, Eight::that_delimit), u64::from(delimits) << at, "{byte}");
                let is_blank = b" \t\r\n".contains(&byte);
                assert_eq!(bits(&bytes, Eight::that_are_blank) >> at & 1 == 1, is_blank, "{byte}");
            }
        }
    }

    #[test]
    fn runs_end_where_they_do() {
        for len in 0..20 {
            for after in ["", "(", " + more of it", "\u{b}"] {
                let text = format!("({}{after}", "aé_9Z".chars().cycle().take(len).collect::<String>());
                let end = text.len() - after.len();
                assert_eq!(end_of_run(text.as_bytes(), 1, Eight::of_words), end, "{text}");
            }
            assert_eq!(end_of_run(" \n\t\r".repeat(len).as_bytes(), 0, Eight::that_are_blank), 4 * len);
        }
        assert_eq!(end_of_run(b"a", 7, Eight::of_words), 7);
    }

    #[test]
    fn marks_are_found_from_any_place() {
        let text = format!("{}({}x{}'", " ".repeat(63), "a".repeat(100), "b".repeat(64));
        let slowly = |at: usize| (at..text.len()).find(|at| b"()[]{}\"'/".contains(&text.as_bytes()[*at]));
        let mut marks = Marks::new(text.as_bytes(), 0);
        for at in (0..text.len()).chain((0..text.len()).rev()) {
            assert_eq!(marks.from(at), slowly(at), "{at}");
        }
    }
}
