//! `misspelt-name`: a word of a name that is a common one but for a slip.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::finding::Finding;
use crate::knowledge::vocab;
use crate::lints::Context;
use crate::model::Language;

/// A word that so many metrics have is no slip, or one that the tree has settled for.
const SETTLED: usize = 5;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let is_code = |language: Language| matches!(language, Language::Rust | Language::Python);
    let code = || context.inventory.own().filter(|m| is_code(m.language));
    if code().next().is_none() {
        return;
    }
    let right = vocab::words();
    let mut by_letters: HashMap<Vec<u8>, Vec<&str>> = HashMap::new();
    for word in right {
        by_letters.entry(letters(word)).or_default().push(word);
    }
    let known: HashSet<&str> = right.iter().map(String::as_str).collect();
    let mut slips: BTreeMap<String, Vec<Finding>> = BTreeMap::new();
    for metric in code() {
        let labels = metric.labels.iter().map(|l| (l.name.as_str(), l.location.as_ref().unwrap_or(&metric.name_location)));
        for (name, place) in std::iter::once((metric.name.as_str(), &metric.name_location)).chain(labels) {
            for word in name.split(['_', '*', ':']).filter(|w| w.len() >= 6 && !known.contains(w)) {
                let near = by_letters.get(&letters(word)).into_iter().flatten().find(|right| is_slip(word, right));
                let Some(near) = near else { continue };
                let right = name.replacen(word, near, 1);
                let mut finding = Finding::new(format!("`{word}` in `{name}` is misspelt"), place.clone())
                    .metric(&metric.name)
                    .caret(format!("`{near}`?"))
                    .help(format!("Call it `{right}`: whoever writes a query by heart writes it so."));
                if name != metric.name {
                    finding = finding.label(name);
                }
                let all = slips.entry(word.to_owned()).or_default();
                if all.iter().all(|f| f.location != finding.location) {
                    all.push(finding);
                }
            }
        }
    }
    findings.extend(slips.into_values().filter(|all| all.len() < SETTLED).flatten());
}

/// The letters of a word in order, each once however often it is repeated: words that differ in the order of letters, or in a letter
/// that is doubled, have the same.
fn letters(word: &str) -> Vec<u8> {
    let mut all: Vec<u8> = word.bytes().collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Whether a word is another one in which two neighbours changed places, or one letter is doubled or not.
fn is_slip(word: &str, right: &str) -> bool {
    let (a, b) = (word.as_bytes(), right.as_bytes());
    if a.first() != b.first() {
        return false;
    }
    if a.len() == b.len() {
        let differ: Vec<usize> = (0..a.len()).filter(|i| a.get(*i) != b.get(*i)).collect();
        return matches!(differ.as_slice(), [i, j] if *j == i + 1 && a.get(*i) == b.get(*j) && a.get(*j) == b.get(*i));
    }
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    if long.len() != short.len() + 1 {
        return false;
    }
    let at = (0..short.len()).find(|i| short.get(*i) != long.get(*i)).unwrap_or(short.len());
    at > 0 && long.get(at) == long.get(at - 1) && short.get(at..) == long.get(at + 1..)
}

#[cfg(test)]
mod tests {
    use super::is_slip;

    #[test]
    fn slips_are_told_from_other_words() {
        for (word, right) in [("unknwon", "unknown"), ("recieved", "received"), ("commited", "committed"), ("succcess", "success")] {
            assert!(is_slip(word, right), "{word}");
        }
        for (word, other) in [("restated", "restarted"), ("processes", "processed"), ("nuknown", "unknown"), ("request", "requests")] {
            assert!(!is_slip(word, other), "{word}");
        }
    }
}
