//! Which bodies of functions are worth parsing.
//!
//! Looks at texts only: the names that a library's definitions and uses are written with, macros of the tree that may expand to one,
//! constants inside of functions, and short functions whose value a name or a bound may be made of.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use aho_corasick::{AhoCorasick, packed};
use memchr::memmem::Finder;
use rayon::prelude::*;

use crate::knowledge::libraries::{self, Library};
use crate::knowledge::{provides, vocab};
use crate::source::SourceFile;
use crate::syntax::rust::Part;

/// Functions longer than this are not asked for a value: their result is decided at run time.
const MAX_VALUE_BYTES: usize = 4_000;

/// More words than that are not compared with each other.
const MANY_WORDS: usize = 256;

static CONST: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("const "));
static AWAIT: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(".await"));
static STATIC: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("static "));

/// Words that are looked for together.
pub(super) enum Words {
    /// Several times as fast as an automaton, for as many words as one takes.
    Packed(Vec<packed::Searcher>),
    Automaton(AhoCorasick),
    /// Nothing could be built to look for them.
    Blind,
}

/// As many words as a packed search is quick for.
const PACKED_WORDS: usize = 64;

impl Words {
    pub(super) fn new(words: impl IntoIterator<Item = String>) -> Self {
        let mut words: Vec<String> = words.into_iter().collect();
        words.sort_by_key(String::len);
        let mut short: Vec<String> = Vec::new();
        let are_few = words.len() <= MANY_WORDS;
        for word in words {
            // What holds another word is found with it.
            if !(are_few && short.iter().any(|s| word.contains(s.as_str()))) {
                short.push(word);
            }
        }
        let packed = || short.chunks(PACKED_WORDS).map(packed::Searcher::new).collect::<Option<Vec<_>>>();
        match are_few.then(packed).flatten() {
            Some(all) => Words::Packed(all),
            None => AhoCorasick::new(&short).map_or(Words::Blind, Words::Automaton),
        }
    }

    /// Whether any of the words is in the text; also where nothing could be built to look for them.
    pub(super) fn occur_in(&self, text: &str) -> bool {
        match self {
            Words::Packed(all) => all.iter().any(|search| search.find(text).is_some()),
            Words::Automaton(search) => search.is_match(text),
            Words::Blind => true,
        }
    }
}

/// The words for which a body is parsed.
pub(super) struct Bodies {
    words: Words,
}

impl Bodies {
    /// For the files of a tree that can matter at all.
    pub(super) fn new(files: &[Arc<SourceFile>]) -> Self {
        let mut all: BTreeSet<String> = libraries::all().iter().flat_map(of_library).collect();
        // A type of a provider with what is called of it, or the function alone.
        all.extend(provides::all().iter().flat_map(|p| p.calls.iter().flat_map(|c| c.names.iter().cloned())));
        all.extend(files.par_iter().flat_map_iter(|f| constructors(f.code())).collect::<Vec<_>>());
        // A macro that calls a macro that defines something: each round finds at least one more or ends.
        loop {
            let words = Words::new(all.iter().cloned());
            let before = all.len();
            all.extend(files.par_iter().flat_map_iter(|f| macros_with(f.code(), &words)).collect::<Vec<_>>());
            if all.len() == before {
                return Bodies { words };
            }
        }
    }

    /// Whether a function or module of a file of these libraries has to be parsed.
    pub(super) fn matter(&self, part: &Part<'_>, libraries: &[&str], include_tests: bool) -> bool {
        tells(part, include_tests)
            || (include_tests || !part.only_tests)
                && (libraries::all().iter().any(|l| l.whole_files && libraries.contains(&l.name.as_str()))
                    || self.words.occur_in(part.body))
    }
}

/// Whether a function or module may tell a value that others name.
pub(super) fn tells(part: &Part<'_>, include_tests: bool) -> bool {
    (include_tests || !part.only_tests) && (part.is_module || gives_value(part) || defines_constant(part.body))
}

/// The words with which a library's definitions and uses are written.
fn of_library(library: &Library) -> impl Iterator<Item = String> + '_ {
    // Of the others every body is read, where their triggers are.
    let macros = library.macros.iter().filter(|_| !library.whole_files).map(|m| format!("{}!", m.name));
    let types = library.types.iter().map(|t| format!("{}::", t.name));
    let methods = library.methods.iter().filter(|_| !library.whole_files).map(|m| format!(".{}", m.name));
    let imports = library.crates.iter().map(|c| format!("use {c}"));
    // A bare name of a crate or type is in every path and comment.
    let triggers = library.triggers.iter().filter(|t| t.contains(['!', '(', ':']) || t.ends_with('_')).cloned();
    macros.chain(types).chain(methods).chain(imports).chain(triggers).chain(library.words.iter().cloned())
}

/// `Name::new` of every struct of a text that derives metrics: its scope or its labels may be where it is made.
fn constructors(text: &str) -> Vec<String> {
    memchr::memmem::find_iter(text.as_bytes(), "derive(")
        .filter_map(|at| {
            let (derived, rest) = text.get(at..)?.split_once(")]")?;
            if !derived.split(|c: char| !c.is_alphanumeric()).any(|word| word == "Metrics") {
                return None;
            }
            let name = rest.split_once("struct ")?.1;
            let end = name.find(|c: char| !c.is_alphanumeric() && c != '_')?;
            Some(format!("{}::new", name.get(..end)?))
        })
        .collect()
}

/// `name!` of every `macro_rules!` of a text that holds one of the words.
fn macros_with(text: &str, words: &Words) -> Vec<String> {
    const RULES: &str = "macro_rules!";
    let mut found = Vec::new();
    for at in memchr::memmem::find_iter(text.as_bytes(), RULES) {
        let rest = text.get(at + RULES.len()..).unwrap_or_default().trim_start();
        let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        // The body ends with the brace that is indented as the macro is; where it is formatted otherwise, too much is looked at.
        let indent = text.get(..at).unwrap_or_default().rsplit('\n').next().unwrap_or_default();
        let close = format!("\n{}}}", indent.get(..indent.len() - indent.trim_start().len()).unwrap_or_default());
        let body = rest.get(..rest.find(&close).unwrap_or(rest.len())).unwrap_or_default();
        if !name.is_empty() && words.occur_in(body) {
            found.push(format!("{name}!"));
        }
    }
    found
}

/// Whether a body holds a `const NAME` or `static NAME`, which other code may mean.
fn defines_constant(body: &str) -> bool {
    let bytes = body.as_bytes();
    let blank = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'{' | b'}' | b';' | b')');
    let follows = |word: &Finder<'_>| {
        word.find_iter(bytes).any(|at| {
            let free = at.checked_sub(1).and_then(|i| bytes.get(i)).is_none_or(blank);
            let rest = bytes.get(at + word.needle().len()..).unwrap_or_default();
            free && rest.strip_prefix(b"ref ").unwrap_or(rest).first().is_some_and(u8::is_ascii_uppercase)
        })
    };
    follows(&CONST) || follows(&STATIC)
}

/// Whether a function may give a text, a number or options that a definition is made of.
fn gives_value(part: &Part<'_>) -> bool {
    if part.body.len() > MAX_VALUE_BYTES {
        return false;
    }
    // Of bytes: a search for a text of two is made anew each time, for every function of the tree.
    let head = part.head.as_bytes();
    let arrow = memchr::memrchr_iter(b'>', head).find(|at| at.checked_sub(1).and_then(|dash| head.get(dash)) == Some(&b'-'));
    let output = arrow.and_then(|at| part.head.get(at + 1..)).unwrap_or_default();
    names_value(output) && AWAIT.find(part.body.as_bytes()).is_none()
}

/// Whether a type is written with one of those that names, bounds and options are made of.
pub(super) fn names_value(ty: &str) -> bool {
    let types = &vocab::updates().value_types;
    ty.split(|c: char| !c.is_alphanumeric()).any(|word| types.iter().any(|t| t == word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileKind;

    fn part<'t>(head: &'t str, body: &'t str) -> Part<'t> {
        Part { name: "f", head, body, brace: 0, only_tests: false, is_module: false }
    }

    #[test]
    fn bodies_that_define_use_or_compute_matter() {
        let text = "macro_rules! own {\n    () => { register_counter!(\"a\", \"b\") };\n}\nmacro_rules! outer {\n    () => { own!() };\n}\nmacro_rules! other {\n    () => { 1 };\n}\n";
        let bodies = Bodies::new(&[Arc::new(SourceFile::new("a.rs", FileKind::Rust, text))]);
        let matters = |head, body| bodies.matter(&part(head, body), &["prometheus"], false);
        for body in
            ["X.with_label_values(&[a]).inc()", "counter!(\"a\")", "prom::IntCounter::new(a, b)", "outer!()", "const NAME: &str = 1;"]
        {
            assert!(matters("fn f()", body), "{body}");
        }
        assert!(matters("fn f() -> &'static str ", "match self { A => \"a\" }"));
        assert!(matters("fn f() -> Vec<f64> ", "vec![1.0]"));
        for body in ["// prometheus\nx.inc()", "other!()", "x as *const T", "static_assert(A)", "f::<&'static Foo>()"] {
            assert!(!matters("fn f() -> u8 ", body), "{body}");
        }
        let test = Part { only_tests: true, ..part("#[test] fn f()", "counter!(\"a\")") };
        assert!(!bodies.matter(&test, &["metrics"], false) && bodies.matter(&test, &["metrics"], true));
        assert!(bodies.matter(&part("fn f(r: &mut Registry)", "g(r)"), &["prometheus-client"], false));
    }
}
