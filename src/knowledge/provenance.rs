//! `rules/provenance/`: which types, methods, functions and names bound a label value, and which do not.

use std::sync::LazyLock;

use serde::Deserialize;

use super::words::{Sayings, WordSet};
use super::{load, rule_files};
use crate::model::{Provenance, ProvenanceKind};

/// What one word says about a value.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Says {
    /// The words: types, methods, functions or names. `*_id` is every name that ends so.
    pub names: Vec<String>,
    /// Types that the receiver of a method must have; any where empty.
    #[serde(default)]
    pub on: Vec<String>,
    /// What the value is made of.
    pub kind: String,
    /// How many values there are in practice.
    #[serde(default)]
    pub count: Option<u64>,
    /// Whether somebody outside of the program chooses the value.
    #[serde(default)]
    pub foreign: bool,
    /// Whether the word alone is enough to be certain.
    #[serde(default)]
    pub certain: bool,
    /// Whether it is said of the program itself alone, not of what else may have something of this name.
    #[serde(default)]
    pub of_program: bool,
    /// The origin in words.
    pub words: String,
}

/// What variables of some names usually hold.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Usual {
    /// The names.
    pub names: Vec<String>,
    /// The type.
    pub hold: String,
}

/// What is known of one language.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProvenanceRules {
    /// Types.
    pub types: Sayings,
    /// Types that are not in the tree.
    pub types_elsewhere: Sayings,
    /// Methods.
    pub methods: Sayings,
    /// Fields of types that no tree defines.
    pub fields: Sayings,
    /// Fields of types that are not in the tree, where nothing else tells.
    pub fields_elsewhere: Sayings,
    /// Types whose fields, where nothing else tells, are what somebody outside sends.
    pub read_from_outside: Sayings,
    /// Types that hold what a client sends.
    pub extractors: WordSet,
    /// How variables are called that hold a value of a type which nothing else tells.
    pub variables: Vec<Usual>,
    /// Functions and associated functions: the last one or two segments of their paths.
    pub functions: Sayings,
    /// Macros.
    pub macros: Sayings,
    /// Names of variables and fields, where nothing else tells.
    pub names: Sayings,
    /// Words that names of the program itself are made of.
    pub program: Vec<String>,
    /// Names of what identifies the process itself.
    pub of_process: Vec<String>,
    /// Functions and methods of the standard library and the like, which no tree is searched for.
    pub foreign: WordSet,
    /// Methods that look something up by their one argument, `find_*` for all that begin so.
    pub lookups: Vec<String>,
    /// Methods that say whether their argument is one of those that are known.
    pub checks: Vec<String>,
    /// Methods that hand on what they are called on.
    pub transparent: WordSet,
    /// Methods that give a part of what they are called on, or something made of it.
    pub parts: WordSet,
    /// Methods that by convention show a value as its name.
    pub shows: Vec<String>,
    /// Methods that name what kind of error one is, rather than telling its text.
    pub error_names: Vec<String>,
    /// Traits whose functions make a value of a type from one of another type.
    pub conversions: Vec<String>,
    /// Functions that hold on to their one argument, and the types whose they are.
    pub wrapping: Vec<String>,
    /// Types whose `wrapping` functions hold on to their argument.
    pub holders: Vec<String>,
    /// Functions that make a value of a type of their one argument.
    pub makers: Vec<String>,
    /// Methods of metrics that are given the label of one value.
    pub given_a_label: Vec<String>,
    /// Functions that call a closure once for each position of a list.
    pub counting: Vec<String>,
    /// Functions that give what the closure or future gives that is their last argument.
    pub running: Vec<String>,
    /// Methods that give the closure that is their argument the error of what they are called on.
    pub given_an_error: Vec<String>,
    /// Functions that hand on their one argument.
    pub transparent_functions: Vec<String>,
    /// Derived traits that name the variants of an enum without what they hold.
    pub variant_names: Vec<String>,
    /// Decorators of functions that answer requests, by the last part of their names.
    pub handlers: Vec<String>,
    /// Classes whose subclasses are read from what a client sends, where a function that answers requests takes one.
    pub models: Vec<String>,
}

impl ProvenanceRules {
    /// Whether a method looks something up by its argument.
    pub fn looks_up(&self, method: &str) -> bool {
        begins_so(&self.lookups, method)
    }

    /// Whether a method says if its argument is one of those that are known.
    pub fn checks(&self, method: &str) -> bool {
        begins_so(&self.checks, method)
    }
}

impl Says {
    /// What it says, of a value.
    pub fn provenance(&self) -> Provenance {
        let of = Provenance::of(ProvenanceKind::parse(&self.kind), self.words.clone());
        Provenance { certain: self.certain, foreign: self.foreign, count: self.count, ..of }
    }

    /// Whether it speaks of a method of this receiver.
    pub fn is_on(&self, receiver: &str) -> bool {
        self.on.iter().any(|name| fits(name, receiver))
    }
}

/// Whether a list holds a word; `find_*` is every word that begins so.
fn begins_so(list: &[String], word: &str) -> bool {
    list.iter().any(|name| name.strip_suffix('*').map_or(name == word, |start| word.starts_with(start)))
}

/// `*_id` is every word that ends so.
fn fits(name: &str, word: &str) -> bool {
    match name.strip_prefix('*') {
        Some(end) => word.ends_with(end),
        None => name == word,
    }
}

fn of_language(stem: &str) -> ProvenanceRules {
    rule_files("provenance").iter().find(|f| f.stem == stem).and_then(|f| load(f).ok()).unwrap_or_default()
}

static RUST: LazyLock<ProvenanceRules> = LazyLock::new(|| of_language("rust"));
static PYTHON: LazyLock<ProvenanceRules> = LazyLock::new(|| of_language("python"));

/// What is known of Rust.
pub fn rust() -> &'static ProvenanceRules {
    &RUST
}

/// What is known of Python.
pub fn python() -> &'static ProvenanceRules {
    &PYTHON
}
