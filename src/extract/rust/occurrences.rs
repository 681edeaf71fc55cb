//! Where the texts of a tree call or name something: one pass over every text answers all that is looked for later.

use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use memchr::memmem::{self, Finder};
use rayon::prelude::*;
use rustc_hash::FxHashMap as HashMap;

use crate::source::SourceFile;
use crate::syntax::rust::words::{self, Words};

/// One name in a text, where it is called, made or defined.
#[derive(Clone, Copy, Debug, Default)]
struct Occurrence {
    /// Hash of the name.
    name: u32,
    /// The file's index and, below it, what stands before and after the name: most places are told from a pattern by that, without a
    /// look at the text.
    file: u32,
    /// Where the name starts.
    at: u32,
}

/// Bits for what stands on both sides of a name.
const SIDES: u32 = 6;

/// What kind of byte stands beside a name. Those that a pattern never has there are one kind.
fn side(byte: Option<u8>) -> u32 {
    match byte {
        Some(b'(') => 1,
        Some(b'!') => 2,
        Some(b'<') => 3,
        Some(b'{') => 4,
        Some(b'.') => 5,
        Some(b':') => 6,
        Some(b' ') => 7,
        _ => 0,
    }
}

impl Occurrence {
    fn file(&self) -> usize {
        (self.file >> SIDES) as usize
    }
}

/// Files and starts of places.
type Places = Arc<[(usize, u32)]>;

/// Names before `(`, `!`, `{` and ` for`, and after `struct` and `fn`, over all files; and which files name what at all.
#[derive(Debug)]
pub(super) struct Occurrences {
    all: ByHash<Occurrence>,
    /// The files that hold names, strings included.
    named: ByHash<Named>,
    /// What was looked for, which is looked for again in every round.
    found: RwLock<HashMap<Pattern, Places>>,
}

/// A name that a file holds.
#[derive(Clone, Copy, Debug, Default)]
struct Named {
    /// Hash of the name.
    name: u32,
    file: u32,
}

impl Named {
    fn file(&self) -> usize {
        self.file as usize
    }
}

impl Occurrences {
    pub(super) fn of(files: &[Arc<SourceFile>]) -> Self {
        let of_file = |seen: &mut Seen, (file, source): (usize, &Arc<SourceFile>)| {
            occurrences(source.code(), u32::try_from(file).unwrap_or(u32::MAX), seen)
        };
        let parts: Vec<OfFile> = files.par_iter().enumerate().map_init(Seen::default, of_file).collect();
        let all = || ByHash::of(parts.iter().map(|p| p.all.as_slice()), |o| o.name);
        let named = || ByHash::of(parts.iter().map(|p| p.named.as_slice()), |n| n.name);
        let (all, named) = rayon::join(all, named);
        parts.into_par_iter().for_each(drop);
        Occurrences { all, named, found: RwLock::default() }
    }

    /// The files that hold a name as a whole word, and few others, in order.
    pub(super) fn files_naming(&self, name: &str) -> impl Iterator<Item = usize> + '_ {
        let hash = hash(name.as_bytes());
        self.named.bucket(hash).iter().filter(move |n| n.name == hash).map(Named::file)
    }

    /// File and start of every place where a pattern stands.
    pub(super) fn find(&self, files: &[Arc<SourceFile>], pattern: &Pattern) -> Places {
        self.find_unless(files, pattern, |_| false).unwrap_or_else(|| [].into())
    }

    /// The same; `None` as soon as one of the places is too many.
    pub(super) fn find_unless(
        &self,
        files: &[Arc<SourceFile>],
        pattern: &Pattern,
        mut is_too_many: impl FnMut((usize, u32)) -> bool,
    ) -> Option<Places> {
        if let Some(places) = self.found.read().unwrap_or_else(PoisonError::into_inner).get(pattern) {
            return (!places.iter().any(|place| is_too_many(*place))).then(|| Arc::clone(places));
        }
        let mut places = Vec::new();
        let (sides, mask) = pattern.sides();
        // Both are in the order of the files, which is quicker to compare than texts.
        let mut beside =
            pattern.beside.map(|name| self.named.bucket(name).iter().filter(move |n| n.name == name).map(Named::file).peekable());
        for occurrence in self.all.bucket(pattern.name).iter().filter(|p| p.name == pattern.name && p.file & mask == sides) {
            let place = (occurrence.file(), occurrence.at);
            if let Some(beside) = &mut beside {
                while beside.next_if(|file| *file < place.0).is_some() {}
                if beside.peek() != Some(&place.0) {
                    continue;
                }
            }
            if !files.get(place.0).is_some_and(|source| pattern.stands_in(&source.text, occurrence.at as usize)) {
                continue;
            }
            if is_too_many(place) {
                return None;
            }
            places.push(place);
        }
        let places: Places = places.into();
        self.found.write().unwrap_or_else(PoisonError::into_inner).insert(pattern.clone(), Arc::clone(&places));
        Some(places)
    }
}

/// Things by the hash of a name, in as many buckets as are searched through quickly.
#[derive(Debug)]
struct ByHash<T> {
    all: Vec<T>,
    /// Where each bucket ends; it starts where the one before it ends.
    ends: Vec<u32>,
}

impl<T: Copy + Default> ByHash<T> {
    /// Sorts into buckets, in the order of the parts within each.
    fn of<'p>(parts: impl Iterator<Item = &'p [T]> + Clone, name: impl Fn(&T) -> u32) -> Self
    where
        T: 'p,
    {
        let mut ends = vec![0u32; BUCKETS];
        for thing in parts.clone().flatten() {
            if let Some(end) = ends.get_mut(bucket(name(thing))) {
                *end += 1;
            }
        }
        let mut total = 0;
        for end in &mut ends {
            (*end, total) = (total, total + *end);
        }
        let mut all = vec![T::default(); total as usize];
        for thing in parts.flatten() {
            let Some(end) = ends.get_mut(bucket(name(thing))) else { continue };
            if let Some(slot) = all.get_mut(*end as usize) {
                *slot = *thing;
            }
            *end += 1;
        }
        ByHash { all, ends }
    }

    fn bucket(&self, hash: u32) -> &[T] {
        let at = bucket(hash);
        let end = |at: usize| self.ends.get(at).map_or(0, |end| *end as usize);
        self.all.get(at.checked_sub(1).map_or(0, end)..end(at)).unwrap_or_default()
    }
}

const BUCKETS: usize = 1 << 12;

fn bucket(hash: u32) -> usize {
    (hash >> 20) as usize
}

/// A text that is looked for by the one name that it is found with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Pattern {
    text: String,
    /// Where the name is in it.
    start: usize,
    name: u32,
    /// Another name of it that a file has to hold: the owner in a path.
    beside: Option<u32>,
    /// Whether a word before it does not make it another one: a method follows anything, and so does a path's last part.
    part: bool,
}

impl Pattern {
    /// `written` as it may stand in a text, of what was `asked` for.
    pub(super) fn new(written: String, asked: &str) -> Self {
        // A macro's definition is found with the word before its name.
        if written.starts_with("macro_rules! ") {
            let beside = written.split_once(' ').map(|(_, name)| hash(name.as_bytes()));
            return Pattern { text: written, start: 0, name: hash(b"macro_rules"), beside, part: false };
        }
        let end = [" for", "(", "!", " {", "<"].iter().find_map(|suffix| written.strip_suffix(suffix)).map_or(written.len(), str::len);
        let start = end - name_before(written.as_bytes(), end).len();
        let name = hash(written.as_bytes().get(start..end).unwrap_or_default());
        let part = written.starts_with('.') || written.len() < asked.len();
        let owner =
            written.get(..start).and_then(|before| before.strip_suffix("::")).map_or("", |path| path.rsplit("::").next().unwrap_or(""));
        let beside = (!owner.is_empty() && owner.chars().all(is_word)).then(|| hash(owner.as_bytes()));
        Pattern { text: written, start, name, beside, part }
    }

    /// What has to stand on both sides of the name, and the bits of those of which that is known.
    fn sides(&self) -> (u32, u32) {
        let bytes = self.text.as_bytes();
        let before = self.start.checked_sub(1).and_then(|at| bytes.get(at)).copied();
        let len = bytes.get(self.start..).unwrap_or_default().iter().take_while(|b| words::is_word(**b)).count();
        let after = bytes.get(self.start + len).copied();
        let known = |byte: Option<u8>| if byte.is_some() { 0b111 } else { 0 };
        (side(before) << 3 | side(after), known(before) << 3 | known(after))
    }

    fn stands_in(&self, text: &str, name_at: usize) -> bool {
        let Some(start) = name_at.checked_sub(self.start) else { return false };
        let Some(after) = text.get(start..).and_then(|rest| rest.strip_prefix(self.text.as_str())) else { return false };
        let before = text.get(..start).unwrap_or_default();
        let goes_on = self.text.ends_with(is_word) && after.starts_with(is_word);
        let begins_earlier = !self.part && before.ends_with(is_word);
        let defines = before.trim_end().ends_with("fn");
        !(goes_on || begins_earlier || defines)
    }
}

/// What one file holds.
struct OfFile {
    all: Vec<Occurrence>,
    named: Vec<Named>,
}

/// Names of one text that were met, of which a few may be forgotten: most names come again soon.
struct Seen(Vec<u32>);

impl Default for Seen {
    fn default() -> Self {
        Seen(vec![0; 1 << 12])
    }
}

impl Seen {
    /// Whether a name is new.
    fn is_new(&mut self, name: u32) -> bool {
        let at = (name >> 16 ^ name) as usize & (self.0.len() - 1);
        self.0.get_mut(at).is_some_and(|slot| std::mem::replace(slot, name) != name)
    }
}

/// Every place of one text, and all names in it. Lines of comments are passed over.
fn occurrences(text: &str, file: u32, seen: &mut Seen) -> OfFile {
    seen.0.fill(0);
    let bytes = text.as_bytes();
    let mut found = OfFile { all: Vec::with_capacity(bytes.len() / 64), named: Vec::with_capacity(bytes.len() / 32) };
    let mut before: (usize, usize) = (0, 0);
    let mut comments = Comments::of(text);
    let mut comment = comments.next();
    let mut words = Words::new(text);
    while let Some((start, end)) = words.next() {
        while let Some((_, end)) = comment
            && end <= start
        {
            comment = comments.next();
        }
        if let Some((from, end)) = comment
            && from < start
        {
            words.skip_to(end);
            before = (end, end);
            continue;
        }
        let last = std::mem::replace(&mut before, (start, end));
        let first = bytes.get(start).copied().unwrap_or_default();
        if first.is_ascii_digit() {
            continue;
        }
        let name = words::hash(bytes, start, end);
        if seen.is_new(name) {
            found.named.push(Named { name, file });
        }
        let after = bytes.get(end..).unwrap_or_default();
        // Only a blank is between them.
        let word_before = || if last.1 + 1 == start && bytes.get(last.1) == Some(&b' ') { bytes.get(last.0..last.1) } else { None };
        let stands_for_more = match after.first() {
            Some(b'(' | b'!') => true,
            Some(b'{') => first.is_ascii_uppercase(),
            Some(b'<') if word_before() == Some(b"fn") => true,
            // Before other braces stand values and words of the language.
            Some(b' ' | b'\n' | b'\t' | b'\r') => {
                first.is_ascii_uppercase() && after.trim_ascii_start().first() == Some(&b'{') || after.starts_with(b" for")
            }
            _ => false,
        };
        let is_defined = || matches!(word_before(), Some(b"struct" | b"enum" | b"type" | b"const" | b"static" | b"ref"));
        if (stands_for_more || is_defined())
            && let Ok(at) = u32::try_from(start)
        {
            let before = start.checked_sub(1).and_then(|at| bytes.get(at)).copied();
            let sides = side(before) << 3 | side(after.first().copied());
            found.all.push(Occurrence { name, file: file << SIDES | sides, at });
        }
    }
    found
}

/// Lines of a text on which only a comment stands: from its slashes to the end of the line.
struct Comments<'t> {
    bytes: &'t [u8],
    slashes: memmem::FindIter<'t, 'static>,
    end: usize,
}

impl<'t> Comments<'t> {
    fn of(text: &'t str) -> Self {
        static SLASHES: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("//"));
        Comments { bytes: text.as_bytes(), slashes: SLASHES.find_iter(text.as_bytes()), end: 0 }
    }
}

impl Iterator for Comments<'_> {
    type Item = (usize, usize);

    fn next(&mut self) -> Option<(usize, usize)> {
        loop {
            let start = self.slashes.next()?;
            let before = self.bytes.get(self.end..start);
            // Another comment holds them, or something stands before them.
            let alone = before.and_then(|b| b.iter().rev().find(|b| !matches!(b, b' ' | b'\t' | b'\r')).or(Some(&b'\n'))) == Some(&b'\n');
            if alone {
                let rest = self.bytes.get(start..).unwrap_or_default();
                self.end = memchr::memchr(b'\n', rest).map_or(self.bytes.len(), |end| start + end);
                return Some((start, self.end));
            }
        }
    }
}

/// The name that ends there.
fn name_before(bytes: &[u8], end: usize) -> &[u8] {
    let before = bytes.get(..end).unwrap_or_default();
    let len = before.iter().rev().take_while(|b| words::is_word(**b)).count();
    before.get(before.len() - len..).unwrap_or_default()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn hash(name: &[u8]) -> u32 {
    words::hash(name, 0, name.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileKind;

    #[test]
    fn every_way_of_writing_is_found_where_it_stands() {
        let text = "struct Own<T> { a: T }\nimpl Shows for Own<u8> {}\nfn make<T>(x: T) { Own::new(1); other_new(2); x.send (3); x.send(4); own!(5); Kind::Some {  }; Kind::Some{} }";
        let files = [Arc::new(SourceFile::new("a.rs", FileKind::Rust, text))];
        let occurrences = Occurrences::of(&files);
        let count = |written: &str, asked: &str| occurrences.find(&files, &Pattern::new(written.to_owned(), asked)).len();
        let same = |pattern: &str| count(pattern, pattern);
        for pattern in ["struct Own", "Shows for", "fn make<", "Own::new(", "other_new(", ".send(", "own!", "Kind::Some {", "Own"] {
            assert_eq!(same(pattern), 1, "{pattern}");
        }
        // The beginning of another name, the end of another name, a definition, another type's.
        for pattern in ["struct Ow", "make(", "Other::new(", "send!"] {
            assert_eq!(same(pattern), 0, "{pattern}");
        }
        assert_eq!(count("::new(", "Self::new("), 1);
    }
}
