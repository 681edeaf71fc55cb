//! Where the texts of a tree call or name something: one pass over every text answers all that is looked for later.

use std::sync::{Arc, PoisonError, RwLock};

use rayon::prelude::*;
use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};

use crate::source::SourceFile;

/// One name in a text, where it is called, made or defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Occurrence {
    /// Hash of the name.
    name: u32,
    file: u32,
    /// Where the name starts.
    at: u32,
}

/// The places of one file, and the names in it.
type OfFile = (Vec<Occurrence>, Vec<(u32, u32)>);

/// Files and starts of places.
type Places = Arc<[(usize, u32)]>;

/// Names before `(`, `!`, `{` and ` for`, and after `struct` and `fn`, over all files; and which files name what at all.
#[derive(Debug)]
pub(super) struct Occurrences {
    all: Vec<Occurrence>,
    /// Hashes of names and the files that hold them, comments and strings included.
    named: Vec<(u32, u32)>,
    /// What was looked for, which is looked for again in every round.
    found: RwLock<HashMap<Pattern, Places>>,
}

impl Occurrences {
    pub(super) fn of(files: &[Arc<SourceFile>]) -> Self {
        let of_file = |seen: &mut HashSet<u32>, (file, source): (usize, &Arc<SourceFile>)| {
            let file = u32::try_from(file).unwrap_or(u32::MAX);
            let all = occurrences(&source.text, file, seen);
            (all, seen.drain().map(|name| (name, file)).collect::<Vec<_>>())
        };
        let parts: Vec<OfFile> = files.par_iter().enumerate().map_init(HashSet::default, of_file).collect();
        let mut all = Vec::with_capacity(parts.iter().map(|(all, _)| all.len()).sum());
        let mut named = Vec::with_capacity(parts.iter().map(|(_, named)| named.len()).sum());
        for (places, names) in parts {
            all.extend(places);
            named.extend(names);
        }
        rayon::join(|| all.par_sort_unstable(), || named.par_sort_unstable());
        Occurrences { all, named, found: RwLock::default() }
    }

    /// The files that hold a name as a whole word, and few others, in order.
    pub(super) fn files_naming(&self, name: &str) -> impl Iterator<Item = usize> + '_ {
        let hash = hash(name.as_bytes());
        let from = self.named.partition_point(|(name, _)| *name < hash);
        self.named.get(from..).unwrap_or_default().iter().take_while(move |(name, _)| *name == hash).map(|(_, file)| *file as usize)
    }

    /// File and start of every place where a pattern stands.
    pub(super) fn find(&self, files: &[Arc<SourceFile>], pattern: &Pattern) -> Places {
        if let Some(places) = self.found.read().unwrap_or_else(PoisonError::into_inner).get(pattern) {
            return Arc::clone(places);
        }
        let from = self.all.partition_point(|p| p.name < pattern.name);
        let named = self.all.get(from..).unwrap_or_default().iter().take_while(|p| p.name == pattern.name);
        let stands_there = |place: &Occurrence| {
            let file = place.file as usize;
            pattern.stands_in(&files.get(file)?.text, place.at as usize).then_some((file, place.at))
        };
        let places: Places = named.filter_map(stands_there).collect();
        self.found.write().unwrap_or_else(PoisonError::into_inner).insert(pattern.clone(), Arc::clone(&places));
        places
    }
}

/// A text that is looked for by the one name that it is found with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Pattern {
    text: String,
    /// Where the name is in it.
    start: usize,
    name: u32,
    /// Whether a word before it does not make it another one: a method follows anything, and so does a path's last part.
    part: bool,
}

impl Pattern {
    /// `written` as it may stand in a text, of what was `asked` for.
    pub(super) fn new(written: String, asked: &str) -> Self {
        // A macro's definition is found with the word before its name.
        if written.starts_with("macro_rules! ") {
            return Pattern { text: written, start: 0, name: hash(b"macro_rules"), part: false };
        }
        let end = [" for", "(", "!", " {", "<"].iter().find_map(|suffix| written.strip_suffix(suffix)).map_or(written.len(), str::len);
        let start = end - name_before(written.as_bytes(), end).len();
        let name = hash(written.as_bytes().get(start..end).unwrap_or_default());
        let part = written.starts_with('.') || written.len() < asked.len();
        Pattern { text: written, start, name, part }
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

/// Every place of one text, and all names in it.
fn occurrences(text: &str, file: u32, names: &mut HashSet<u32>) -> Vec<Occurrence> {
    let bytes = text.as_bytes();
    let mut all = Vec::new();
    let mut before: &[u8] = &[];
    let mut at = 0;
    while let Some(start) = bytes.get(at..).and_then(|rest| rest.iter().position(|b| is_word_byte(*b))).map(|n| at + n) {
        let rest = bytes.get(start..).unwrap_or_default();
        let mut name = FNV_START;
        let mut len = 0;
        while let Some(byte) = rest.get(len).filter(|b| is_word_byte(**b)) {
            name = fnv(name, *byte);
            len += 1;
        }
        let end = start + len;
        let word = rest.get(..len).unwrap_or_default();
        at = end;
        let first = word.first().copied().unwrap_or_default();
        if first.is_ascii_digit() {
            before = &[];
            continue;
        }
        names.insert(name);
        let after = rest.get(len..).unwrap_or_default();
        let directly = bytes.get(start.wrapping_sub(1)) == Some(&b' ');
        let stands_for_more = match after.first() {
            Some(b'(' | b'!') => true,
            Some(b'{') => first.is_ascii_uppercase(),
            Some(b'<') if directly && before == b"fn" => true,
            // Before other braces stand values and words of the language.
            Some(b' ' | b'\n' | b'\t' | b'\r') => {
                first.is_ascii_uppercase() && after.trim_ascii_start().first() == Some(&b'{') || after.starts_with(b" for")
            }
            _ => false,
        };
        if (stands_for_more || directly && before == b"struct")
            && let Ok(at) = u32::try_from(start)
        {
            all.push(Occurrence { name, file, at });
        }
        before = if after.first() == Some(&b' ') { word } else { &[] };
    }
    all
}

/// The name that ends there.
fn name_before(bytes: &[u8], end: usize) -> &[u8] {
    let before = bytes.get(..end).unwrap_or_default();
    let len = before.iter().rev().take_while(|b| is_word_byte(**b)).count();
    before.get(before.len() - len..).unwrap_or_default()
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// FNV-1a: names are short.
const FNV_START: u32 = 0x811c_9dc5;

fn fnv(hash: u32, byte: u8) -> u32 {
    (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
}

fn hash(name: &[u8]) -> u32 {
    name.iter().fold(FNV_START, |hash, byte| fnv(hash, *byte))
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
