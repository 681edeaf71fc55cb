//! Lists of words that are asked for one word at a time, often: looked up by the word.

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;

use super::provenance::Says;

/// Words of which it is asked whether one is among them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Vec<String>")]
pub struct WordSet(FxHashSet<String>);

impl WordSet {
    /// Whether a word is one of them.
    pub fn has(&self, word: &str) -> bool {
        self.0.contains(word)
    }

    /// All of them, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl From<Vec<String>> for WordSet {
    fn from(words: Vec<String>) -> Self {
        WordSet(words.into_iter().collect())
    }
}

/// What words say, in the order of the rules: of two that speak of a word the first counts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Vec<Says>")]
pub struct Sayings {
    all: Vec<Says>,
    /// Positions by the words themselves.
    whole: FxHashMap<String, Vec<usize>>,
    /// The ends of `*_id` and the like with their positions, by the last byte: most words are told from them by that.
    ends: FxHashMap<u8, Vec<(String, usize)>>,
}

impl Sayings {
    /// The first that speaks of a word.
    pub fn find(&self, word: &str) -> Option<&Says> {
        self.of(word).next()
    }

    /// All that speak of a word.
    pub fn of(&self, word: &str) -> impl Iterator<Item = &Says> {
        let ends = word.as_bytes().last().and_then(|last| self.ends.get(last));
        let ends = ends.into_iter().flatten().filter(|(end, _)| word.ends_with(end.as_str())).map(|(_, at)| *at);
        let mut found: Vec<usize> = self.whole.get(word).into_iter().flatten().copied().chain(ends).collect();
        found.sort_unstable();
        found.dedup();
        found.into_iter().filter_map(|at| self.all.get(at))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Says> {
        self.all.iter()
    }

    /// The first.
    pub fn first(&self) -> Option<&Says> {
        self.all.first()
    }
}

impl From<Vec<Says>> for Sayings {
    fn from(all: Vec<Says>) -> Self {
        let mut sayings = Sayings::default();
        for (at, says) in all.iter().enumerate() {
            for name in &says.names {
                match name.strip_prefix('*') {
                    Some(end) => {
                        let last = end.as_bytes().last().copied().unwrap_or_default();
                        sayings.ends.entry(last).or_default().push((end.to_owned(), at));
                    }
                    None => sayings.whole.entry(name.clone()).or_default().push(at),
                }
            }
        }
        Sayings { all, ..sayings }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(names: &[&str], words: &str) -> Says {
        let list = |all: &[&str]| all.iter().map(|n| (*n).to_owned()).collect();
        Says {
            names: list(names),
            on: Vec::new(),
            kind: "id".into(),
            count: None,
            foreign: false,
            certain: false,
            of_program: false,
            words: words.into(),
        }
    }

    #[test]
    fn the_first_that_speaks_of_a_word_counts() {
        let sayings = Sayings::from(vec![says(&["region_id"], "few"), says(&["*_id", "id"], "many"), says(&["user_id"], "late")]);
        let words = |word: &str| sayings.of(word).map(|s| s.words.as_str()).collect::<Vec<_>>();
        assert_eq!(words("region_id"), ["few", "many"]);
        assert_eq!(words("user_id"), ["many", "late"]);
        assert_eq!(words("id"), ["many"]);
        assert!(words("identity").is_empty() && words("").is_empty());
        assert_eq!(sayings.find("region_id").map(|s| s.words.as_str()), Some("few"));
    }
}
