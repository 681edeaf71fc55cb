//! Looks for many names at once in texts that are not parsed.

use rustc_hash::FxHashSet as HashSet;

use crate::syntax::rust::words::Words;

/// Names that are looked for as whole identifiers. Most of a text's identifiers are told apart by their length and three of their
/// bytes, so that a text costs one pass however many names there are.
#[derive(Debug)]
pub(super) struct Identifiers<'w> {
    words: HashSet<&'w str>,
    /// Bits of the `slot`s of all words.
    slots: Vec<u64>,
}

/// Slots that words fall into.
const SLOTS: usize = 1 << 16;

impl<'w> Identifiers<'w> {
    /// For names of identifier characters; others are in no text.
    pub(super) fn new(words: impl IntoIterator<Item = &'w str>) -> Self {
        let words: HashSet<&'w str> = words.into_iter().collect();
        let mut slots = vec![0; SLOTS / 64];
        for word in &words {
            let slot = slot(word.as_bytes());
            if let Some(bits) = slots.get_mut(slot / 64) {
                *bits |= 1 << (slot % 64);
            }
        }
        Identifiers { words, slots }
    }

    /// Every place of a name in a text: its start, and the name.
    pub(super) fn find_in<'t>(&'t self, text: &'t str) -> impl Iterator<Item = (usize, &'w str)> + 't {
        let bytes = text.as_bytes();
        Words::new(text).filter_map(move |(start, end)| {
            let slot = slot(bytes.get(start..end)?);
            let may_be = self.slots.get(slot / 64).is_some_and(|bits| bits >> (slot % 64) & 1 == 1);
            may_be.then(|| Some((start, *self.words.get(text.get(start..end)?)?)))?
        })
    }
}

fn slot(word: &[u8]) -> usize {
    let byte = |at: usize| word.get(at).map_or(0, |b| usize::from(*b));
    let last = word.len().saturating_sub(1);
    (word.len().wrapping_mul(0x9e3)
        ^ byte(0).wrapping_mul(0x101)
        ^ byte(last).wrapping_mul(0x53)
        ^ byte(word.len() / 2).wrapping_mul(0x1f3))
        % SLOTS
}

#[cfg(test)]
mod tests {

    use super::*;

    #[test]
    fn whole_identifiers_are_found_where_they_stand() {
        let names = Identifiers::new(["ABC", "total", "größe"]);
        let found = |text: &'static str| names.find_in(text).collect::<Vec<_>>();
        assert_eq!(found("ABC.inc(); x.total = größe"), [(0, "ABC"), (13, "total"), (21, "größe")]);
        assert!(found("ABCD XABC A_BC totals Total").is_empty() && found("").is_empty());
        assert!(found("(total)").len() == 1 && found("subtotal").is_empty());
    }
}
