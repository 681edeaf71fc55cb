//! A decoded scalar and where each of its bytes came from.

use compact_str::CompactString;
use smallvec::{SmallVec, smallvec};

use super::Span;

/// Runs of bytes that were copied unchanged: (offset in the decoded text, offset in the file), both rising.
pub(crate) type RunList = SmallVec<[(u32, u32); 1]>;

/// The decoded text of a YAML or JSON scalar together with the map back to the file.
///
/// A block scalar loses its indentation, a folded one its line breaks, a quoted one its escapes: the map is what lets a
/// PromQL error be underlined where it stands in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scalar {
    /// The decoded text.
    pub text: CompactString,
    /// The whole scalar in the file, quotes or block indicator included.
    pub raw: Span,
    /// Where the scalar begins whose escapes hold here: before `raw` where this is only a part of it.
    pub start: u32,
    /// Runs of bytes that were copied unchanged: (offset in `text`, offset in the file), both rising.
    runs: RunList,
}

impl Scalar {
    /// A scalar from its decoded text and the runs `(offset in text, offset in file)`; runs must rise in both.
    pub fn new(text: impl Into<CompactString>, raw: Span, runs: impl IntoIterator<Item = (u32, u32)>) -> Self {
        Scalar { text: text.into(), raw, start: raw.start, runs: runs.into_iter().collect() }
    }

    /// A scalar whose text stands in the file byte for byte from `start`.
    pub fn verbatim(text: &str, start: usize) -> Self {
        let raw = Span::new(start, start + text.len());
        Scalar { text: text.into(), raw, start: raw.start, runs: smallvec![(0, raw.start)] }
    }

    /// The bytes of the file that `range` of the decoded text came from; the whole scalar where that is not known.
    pub fn span(&self, range: Span) -> Span {
        if self.runs.is_empty() {
            return self.raw;
        }
        let start = self.offset(range.start);
        // The end is mapped through its last byte: the byte after it may belong to the next run.
        let end = if range.is_empty() { start } else { self.offset(range.end - 1).saturating_add(1) };
        Span { start: start.clamp(self.raw.start, self.raw.end), end: end.clamp(start, self.raw.end.max(start)) }
    }

    /// This scalar, read from the decoded text of `outer`, with its places in the file of `outer`: a dashboard inside a ConfigMap.
    #[must_use]
    pub fn within(&self, outer: &Scalar) -> Scalar {
        if outer.runs.is_empty() {
            return Scalar { text: self.text.clone(), raw: outer.raw, start: outer.start, runs: RunList::new() };
        }
        let mut runs = RunList::with_capacity(self.runs.len());
        for (i, &(decoded, middle)) in self.runs.iter().enumerate() {
            let next = self.runs.get(i + 1).map_or(self.text.len(), |r| r.0 as usize);
            let end = middle.saturating_add(u32::try_from(next).unwrap_or(u32::MAX).saturating_sub(decoded));
            runs.push((decoded, outer.offset(middle)));
            let first = outer.runs.partition_point(|&(d, _)| d <= middle);
            for &(d, file) in outer.runs.iter().skip(first).take_while(|&&(d, _)| d < end) {
                runs.push((decoded + (d - middle), file));
            }
        }
        Scalar { text: self.text.clone(), raw: outer.span(self.raw), start: outer.offset(self.start), runs }
    }

    /// The scalar of a part of the text: a query inside a call of `label_values`.
    #[must_use]
    pub fn slice(&self, range: Span) -> Scalar {
        let text = range.text(&self.text).into();
        let mut runs = RunList::new();
        if !self.runs.is_empty() {
            runs.push((0, self.offset(range.start)));
            let inside = self.runs.iter().filter(|&&(d, _)| d > range.start && d < range.end);
            runs.extend(inside.map(|&(d, file)| (d - range.start, file)));
        }
        Scalar { text, raw: self.span(range), start: self.start, runs }
    }

    /// The runs of bytes that were copied unchanged: (offset in `text`, offset in the file).
    pub fn runs(&self) -> &[(u32, u32)] {
        &self.runs
    }

    fn offset(&self, decoded: u32) -> u32 {
        let at = self.runs.partition_point(|&(d, _)| d <= decoded);
        match at.checked_sub(1).and_then(|i| self.runs.get(i)) {
            Some(&(d, r)) => r.saturating_add(decoded - d),
            None => self.raw.start,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_cross_runs() {
        // "ab\ncd" decoded from a block scalar with two bytes of indentation per line.
        let scalar = Scalar::new("ab\ncd", Span::new(10, 22), vec![(0, 14), (3, 19)]);
        assert_eq!(scalar.span(Span::new(0, 2)), Span::new(14, 16));
        assert_eq!(scalar.span(Span::new(1, 5)), Span::new(15, 21));
    }
}
