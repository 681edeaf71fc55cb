//! Words with what each stands for, looked for in one pass.

use std::collections::BTreeSet;

use aho_corasick::packed;

/// Words that stand for something each.
pub(super) struct Triggers {
    words: Vec<(&'static str, &'static str)>,
    /// Looks for those that hold no other one, which are as many as one quick search takes.
    search: Option<(packed::Searcher, Vec<Short>)>,
}

/// A word that holds no other one.
struct Short {
    /// What it stands for.
    of: Vec<&'static str>,
    /// The words that hold it: where it is in them, and what they stand for.
    longer: Vec<(usize, &'static str, &'static str)>,
}

impl Triggers {
    pub(super) fn new(words: Vec<(&'static str, &'static str)>) -> Self {
        let distinct: BTreeSet<&'static str> = words.iter().map(|(word, _)| *word).collect();
        let short = |word: &&&str| !distinct.iter().any(|other| other != *word && word.contains(other));
        let short: Vec<&'static str> = distinct.iter().filter(short).copied().collect();
        let stand_for = |short: &&'static str| {
            let of = words.iter().filter(|(word, _)| word == short).map(|(_, of)| *of).collect();
            let holding = words.iter().filter(|(word, _)| word != short);
            let longer = holding.flat_map(|(word, of)| word.match_indices(short).map(move |(at, _)| (at, *word, *of))).collect();
            Short { of, longer }
        };
        let search = packed::Config::new().builder().extend(&short).build();
        let search = search.map(|search| (search, short.iter().map(stand_for).collect()));
        Triggers { words, search }
    }

    /// What the words in a text stand for, each once and in order.
    pub(super) fn in_text(&self, text: &str) -> Vec<&'static str> {
        let mut found = BTreeSet::new();
        match &self.search {
            Some((search, short)) => {
                let mut at = 0;
                // The next word may begin within this one.
                while let Some(one) = search.find_in(text, (at..text.len()).into()) {
                    if let Some(Short { of, longer }) = short.get(one.pattern().as_usize()) {
                        found.extend(of);
                        let stands = |before: usize, word: &str| {
                            let rest = one.start().checked_sub(before).and_then(|start| text.as_bytes().get(start..));
                            rest.is_some_and(|rest| rest.starts_with(word.as_bytes()))
                        };
                        found.extend(longer.iter().filter(|(before, word, _)| stands(*before, word)).map(|(_, _, of)| *of));
                    }
                    at = one.start() + 1;
                }
            }
            None => found.extend(self.words.iter().filter(|(word, _)| text.contains(word)).map(|(_, of)| *of)),
        }
        found.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_holds_another_is_told_from_it() {
        let triggers = Triggers::new(vec![("prom", "a"), ("axum_prom", "b"), ("promprom", "c"), ("omp", "d"), ("prom", "e")]);
        assert_eq!(triggers.in_text("use prom::X;"), ["a", "e"]);
        assert_eq!(triggers.in_text("axum_prom"), ["a", "b", "e"]);
        assert_eq!(triggers.in_text("axum_promprom"), ["a", "b", "c", "d", "e"]);
        assert_eq!(triggers.in_text("pro"), [""; 0]);
    }
}
