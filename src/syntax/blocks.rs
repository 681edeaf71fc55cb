//! Tells bytes of a text apart, 16 at a time, and gives a bit for each of 64.

use wide::u8x16;

/// Bytes that are looked at together.
pub(super) const BLOCK: usize = 64;

/// Bytes that the processor compares at once.
const WIDTH: usize = 16;

/// Sixteen bytes of a text. Answers have the highest bit of each byte set for which the answer is yes; the others say nothing.
#[derive(Clone, Copy)]
pub(super) struct Bytes(u8x16);

/// An answer for each of sixteen bytes.
pub(super) struct Answers(u8x16);

impl Bytes {
    fn are(self, byte: u8) -> u8x16 {
        self.0.simd_eq(u8x16::splat(byte))
    }

    fn are_between(self, first: u8, last: u8) -> u8x16 {
        self.0.max(u8x16::splat(first)).min(u8x16::splat(last)).simd_eq(self.0)
    }

    /// Small letters for large ones, among others.
    fn lower(self) -> Self {
        Bytes(self.0 | u8x16::splat(0x20))
    }

    /// Letters, digits, `_`, and all bytes of what is not ASCII.
    #[inline]
    pub(super) fn of_words(self) -> Answers {
        Answers(self.0 | self.lower().are_between(b'a', b'z') | self.are_between(b'0', b'9') | self.are(b'_'))
    }

    /// Blanks and ends of lines.
    #[inline]
    pub(super) fn that_are_blank(self) -> Answers {
        Answers(self.are(b' ') | self.are(b'\t') | self.are(b'\n') | self.are(b'\r'))
    }

    /// Brackets of all kinds, quotes, and slashes.
    #[inline]
    pub(super) fn that_delimit(self) -> Answers {
        let brackets = self.are_between(b'(', b')') | self.lower().are(b'{') | self.lower().are(b'}');
        Answers(brackets | self.are(b'"') | self.are(b'\'') | self.are(b'/'))
    }
}

impl Answers {
    /// A bit for each byte, the first one's the lowest.
    fn bits(&self) -> u64 {
        u64::from(self.0.to_bitmask())
    }
}

/// A bit for each of the first 64 bytes for which the answer is yes. Bytes behind the end are blanks.
#[inline]
pub(super) fn bits(bytes: &[u8], yes: impl Fn(Bytes) -> Answers) -> u64 {
    let of_block = |block: &[u8; BLOCK]| {
        let parts = block.as_chunks::<WIDTH>().0.iter().rev();
        parts.fold(0, |bits, part| bits << WIDTH | yes(Bytes(u8x16::new(*part))).bits())
    };
    match bytes.first_chunk::<BLOCK>() {
        Some(block) => of_block(block),
        None => of_block(&padded(bytes)),
    }
}

/// The bytes, with blanks behind them.
fn padded<const SIZE: usize>(bytes: &[u8]) -> [u8; SIZE] {
    let mut all = [b' '; SIZE];
    all.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    all
}

/// The end of the run of bytes from `at` on that are of a kind.
#[inline]
pub(super) fn end_of_run(bytes: &[u8], mut at: usize, yes: impl Fn(Bytes) -> Answers) -> usize {
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let part = rest.first_chunk::<WIDTH>().copied().unwrap_or_else(|| padded(rest));
        let run = yes(Bytes(u8x16::new(part))).bits().trailing_ones() as usize;
        if run < WIDTH || rest.len() <= WIDTH {
            return at + run.min(rest.len());
        }
        at += WIDTH;
    }
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
        self.bits = bits(self.bytes.get(block..).unwrap_or_default(), Bytes::that_delimit);
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
                assert_eq!(bits(&bytes, Bytes::of_words), u64::from(is_word) << at, "{byte}");
                assert_eq!(bits(&bytes[..at + 1], Bytes::of_words), u64::from(is_word) << at, "{byte}");
                let delimits = b"()[]{}\"'/".contains(&byte);
                assert_eq!(bits(&bytes, Bytes::that_delimit), u64::from(delimits) << at, "{byte}");
                let is_blank = b" \t\r\n".contains(&byte);
                assert_eq!(bits(&bytes, Bytes::that_are_blank) >> at & 1 == 1, is_blank, "{byte}");
            }
        }
    }

    #[test]
    fn runs_end_where_they_do() {
        for len in 0..20 {
            for after in ["", "(", " + more of it", "\u{b}"] {
                let text = format!("({}{after}", "aé_9Z".chars().cycle().take(len).collect::<String>());
                let end = text.len() - after.len();
                assert_eq!(end_of_run(text.as_bytes(), 1, Bytes::of_words), end, "{text}");
            }
            assert_eq!(end_of_run(" \n\t\r".repeat(len).as_bytes(), 0, Bytes::that_are_blank), 4 * len);
        }
        assert_eq!(end_of_run(b"a", 7, Bytes::of_words), 7);
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
