//! Where the texts of a tree call or name something: one pass over every text answers all that is looked for later.

use std::sync::{Arc, PoisonError, RwLock};

use rayon::prelude::*;
use rustc_hash::FxHashMap as HashMap;

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

/// Files and starts of places.
type Places = Arc<[(usize, u32)]>;

/// Names before `(`, `!`, `{` and ` for`, and after `struct` and `fn`, over all files.
#[derive(Debug)]
pub(super) struct Occurrences {
    all: Vec<Occurrence>,
    /// What was looked for, which is looked for again in every round.
    found: RwLock<HashMap<Pattern, Places>>,
}

impl Occurrences {
    pub(super) fn of(files: &[Arc<SourceFile>]) -> Self {
        let of_file = |(file, source): (usize, &Arc<SourceFile>)| occurrences(&source.text, u32::try_from(file).unwrap_or(u32::MAX));
        let mut all: Vec<Occurrence> = files.par_iter().enumerate().flat_map_iter(of_file).collect();
        all.par_sort_unstable();
        // A struct stands after its word and before its brace.
        all.dedup();
        all.shrink_to_fit();
        Occurrences { all, found: RwLock::default() }
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

/// Every place of one text.
fn occurrences(text: &str, file: u32) -> Vec<Occurrence> {
    let bytes = text.as_bytes();
    let mut all = Vec::new();
    let mut push = |end: usize, name: &[u8]| {
        if let (false, Ok(at)) = (name.is_empty(), u32::try_from(end - name.len())) {
            all.push(Occurrence { name: hash(name), file, at });
        }
    };
    for at in memchr::memchr3_iter(b'(', b'!', b'{', bytes) {
        if bytes.get(at) == Some(&b'{') {
            let end = bytes.get(..at).unwrap_or_default().trim_ascii_end().len();
            let name = name_before(bytes, end);
            // Before other braces stand values and words of the language.
            if name.first().is_some_and(u8::is_ascii_uppercase) {
                push(end, name);
            }
        } else {
            push(at, name_before(bytes, at));
        }
    }
    for at in memchr::memmem::find_iter(bytes, " for") {
        push(at, name_before(bytes, at));
    }
    for (word, before_generics) in [("struct ", false), ("fn ", true)] {
        for at in memchr::memmem::find_iter(bytes, word) {
            let rest = bytes.get(at + word.len()..).unwrap_or_default();
            let len = rest.iter().take_while(|b| is_word_byte(**b)).count();
            // What a parenthesis follows was found with it.
            if !before_generics || rest.get(len) == Some(&b'<') {
                push(at + word.len() + len, rest.get(..len).unwrap_or_default());
            }
        }
    }
    all
}

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
fn hash(name: &[u8]) -> u32 {
    name.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
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
