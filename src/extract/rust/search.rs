//! Looks in texts that are not parsed for what an evaluation asked for: calls, constants, struct literals, mentions of names.

use std::collections::{BTreeSet, HashMap, HashSet};

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::world::Miss;
use crate::source::SourceFile;

/// Names, with the parenthesis, of so many functions that the type before them is looked for, too.
const COMMON_NAMES: [&str; 8] = ["new(", "default(", "from(", "build(", "create(", "init(", "start(", "with("];

/// How a call is written in other files, where the type before a name that is not common can have another name.
pub(super) fn in_other_files(call: &str) -> &str {
    match call.rfind("::").map(|at| call.split_at(at)) {
        Some((_, name)) if !COMMON_NAMES.contains(&name.trim_start_matches(':')) => name,
        _ => call,
    }
}

/// Looks for what was missed in texts.
pub(super) struct Search<'m> {
    calls: Vec<&'m str>,
    /// Hashes of the names that are called.
    names: Vec<u32>,
    /// Whether something else than calls is looked for.
    texts: bool,
    automaton: AhoCorasick,
    /// By package and name.
    constants: HashSet<(&'m str, &'m str)>,
    types: HashSet<&'m str>,
    assigned: Assigned<'m>,
}

impl<'m> Search<'m> {
    /// Looks in files that were not read. `None` where nothing is missed that a text can hold.
    pub(super) fn in_files(misses: &'m BTreeSet<Miss>) -> Option<Self> {
        let pattern = |m: &'m Miss| match m {
            Miss::Calls(text) => Some((text.as_str(), in_other_files(text).to_owned())),
            Miss::Text(text) => Some((text.as_str(), text.clone())),
            _ => None,
        };
        let constants = misses.iter().filter_map(|m| match m {
            Miss::Constant { package, name } => Some((package.as_str(), name.as_str())),
            _ => None,
        });
        let mut search = Search::new(misses.iter().filter_map(pattern).unzip())?;
        search.constants = constants.collect();
        search.assigned = Assigned::new(misses);
        search.texts = misses.iter().any(|m| matches!(m, Miss::Text(_)));
        search.types = misses
            .iter()
            .filter_map(|m| match m {
                Miss::Type(name) => Some(name.as_str()),
                _ => None,
            })
            .collect();
        Some(search)
    }

    /// Looks in bodies of files that were read: there a type can have another name, such as `Self`.
    pub(super) fn in_bodies(misses: &'m BTreeSet<Miss>) -> Option<Self> {
        let patterns = |m: &'m Miss| match m {
            Miss::Calls(text) => match text.rsplit_once("::") {
                Some((_, name)) if COMMON_NAMES.contains(&name) => vec![(text.as_str(), text.clone()), (text, format!("Self::{name}"))],
                Some((_, name)) => vec![(text.as_str(), format!("::{name}"))],
                None => vec![(text.as_str(), text.clone())],
            },
            Miss::Text(text) => vec![(text.as_str(), text.clone())],
            _ => Vec::new(),
        };
        Search::new(misses.iter().flat_map(patterns).unzip())
    }

    fn new((calls, patterns): (Vec<&'m str>, Vec<String>)) -> Option<Self> {
        // The other kinds of automaton take less memory and twice the time.
        let automaton = AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(&patterns).ok()?;
        let name = |text: &String| {
            let end = text.trim_end_matches(['(', '!']);
            hash(end.rsplit(|c: char| !is_word(c)).next().unwrap_or(end).as_bytes())
        };
        let names = patterns.iter().map(name).collect();
        Some(Search {
            calls,
            names,
            texts: false,
            automaton,
            constants: HashSet::new(),
            types: HashSet::new(),
            assigned: Assigned::default(),
        })
    }

    /// Whether a file that was not read holds something.
    pub(super) fn holds_file(&self, file: &SourceFile, called: &Called) -> bool {
        let defines = |name: &str| self.constants.contains(&(&*file.package, name));
        (self.texts || self.names.iter().any(|name| called.has(*name))) && self.holds_call(&file.text)
            || self.assigned.in_text(&file.package, &file.text)
            || !self.constants.is_empty() && constants(&file.text).any(defines)
            || !self.types.is_empty() && ["enum ", "type "].iter().any(|k| names_after(k, &file.text).any(|name| self.types.contains(name)))
    }

    /// Whether a text holds one of the calls.
    pub(super) fn holds_call(&self, text: &str) -> bool {
        !self.calls.is_empty() && self.found(text).next().is_some()
    }

    /// Which of the calls and texts a text holds.
    pub(super) fn held(&self, text: &str) -> BTreeSet<&'m str> {
        if self.calls.is_empty() { BTreeSet::new() } else { self.found(text).collect() }
    }

    fn found<'t>(&'t self, text: &'t str) -> impl Iterator<Item = &'m str> + 't {
        self.automaton.find_overlapping_iter(text).filter_map(move |found| {
            let call = *self.calls.get(found.pattern().as_usize())?;
            let before = text.get(..found.start()).unwrap_or_default();
            if call.ends_with(is_word) && text.get(found.end()..).is_some_and(|after| after.starts_with(is_word)) {
                return None;
            }
            // A method's name and a path's last part follow anything.
            let part = call.starts_with('.') || found.len() < call.len();
            ((part || !before.ends_with(is_word)) && !before.trim_end().ends_with("fn")).then_some(call)
        })
    }
}

/// Fields that something is assigned to, by package.
#[derive(Default)]
pub(super) struct Assigned<'m>(HashMap<&'m str, Vec<String>>);

impl<'m> Assigned<'m> {
    pub(super) fn new(misses: &'m BTreeSet<Miss>) -> Self {
        let mut all: HashMap<&'m str, Vec<String>> = HashMap::new();
        for miss in misses {
            if let Miss::Assigned { package, field } = miss {
                all.entry(package).or_default().push(format!(".{field} = "));
            }
        }
        Assigned(all)
    }

    /// Whether a text of a package assigns to one of the fields.
    pub(super) fn in_text(&self, package: &str, text: &str) -> bool {
        self.0.get(package).is_some_and(|fields| fields.iter().any(|f| memchr::memmem::find(text.as_bytes(), f.as_bytes()).is_some()))
    }
}

/// The names that a text calls, as functions, methods or macros.
pub(super) struct Called(Vec<u32>);

impl Called {
    pub(super) fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut all: Vec<u32> = memchr::memchr2_iter(b'(', b'!', bytes)
            .filter_map(|at| {
                let before = bytes.get(..at)?;
                let len = before.iter().rev().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_' || **b >= 0x80).count();
                (len > 0).then(|| hash(before.get(at - len..).unwrap_or_default()))
            })
            .collect();
        all.sort_unstable();
        all.dedup();
        all.shrink_to_fit();
        Called(all)
    }

    fn has(&self, name: u32) -> bool {
        self.0.binary_search(&name).is_ok()
    }
}

/// FNV-1a: names are short.
fn hash(name: &[u8]) -> u32 {
    name.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The names after `const`, `static` and `static ref`.
fn constants(text: &str) -> impl Iterator<Item = &str> {
    names_after("const", text).chain(names_after("static", text))
}

/// The names after a word, and after the word and `ref`.
fn names_after<'t>(word: &'static str, text: &'t str) -> impl Iterator<Item = &'t str> {
    memchr::memmem::find_iter(text.as_bytes(), word).filter_map(move |at| {
        let rest = text.get(at + word.len()..)?.trim_start();
        let name = rest.strip_prefix("ref").filter(|n| n.starts_with(char::is_whitespace)).map_or(rest, str::trim_start);
        let end = name.find(|c: char| !is_word(c)).unwrap_or(name.len());
        name.get(..end).filter(|n| !n.is_empty())
    })
}

/// Whether a body of a file that names one of the types holds a struct literal of it, which can be written with `Self`.
pub(super) fn holds_literal(body: &str, types: &AhoCorasick) -> bool {
    let opens = |end: usize| body.get(end..).is_some_and(|rest| rest.trim_start().starts_with('{'));
    memchr::memmem::find_iter(body.as_bytes(), "Self").any(|at| opens(at + "Self".len())) || types.find_iter(body).any(|m| opens(m.end()))
}

/// Whether a word in a text is a name of its own, and neither a method that is called, nor what a field is taken of, nor in a line's
/// comment.
pub(super) fn is_mention(text: &str, start: usize, end: usize) -> bool {
    let (before, after) = (text.get(..start).unwrap_or_default(), text.get(end..).unwrap_or_default());
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    if before.ends_with(is_word) || after.starts_with(is_word) {
        return false;
    }
    if before.ends_with('.') && after.starts_with('(') {
        return false;
    }
    !before.rsplit('\n').next().unwrap_or_default().contains("//")
}
