//! Which metric of a tree is one of an earlier tree under another name.

use std::collections::BTreeSet;

use super::{Inventory, Metric};

/// One metric under two names: a guess, with what it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Rename<'a> {
    /// The metric as it was.
    pub old: &'a Metric,
    /// The metric as it is.
    pub new: &'a Metric,
    /// What both have in common, in words.
    pub evidence: Vec<&'static str>,
}

/// What a pair has to have in common at the least, see `likeness`.
const ENOUGH: u32 = 4;

/// The renames between two trees. Each metric is in one of them at most; where two candidates are as good as each other, in none.
pub fn renames<'a>(before: &'a Inventory, now: &'a Inventory) -> Vec<Rename<'a>> {
    let gone = only_in(before, now);
    let fresh = only_in(now, before);
    let mut pairs: Vec<(u32, Rename<'a>)> = Vec::new();
    for &old in &gone {
        for &new in &fresh {
            let (score, evidence) = likeness(old, new);
            if score >= ENOUGH {
                pairs.push((score, Rename { old, new, evidence }));
            }
        }
    }
    pairs.sort_by(|a, b| (b.0, &a.1.old.name, &a.1.new.name).cmp(&(a.0, &b.1.old.name, &b.1.new.name)));
    let mut found: Vec<Rename<'a>> = Vec::new();
    let mut settled: BTreeSet<(bool, &str)> = BTreeSet::new();
    for (score, pair) in &pairs {
        let (old, new) = ((false, pair.old.name.as_str()), (true, pair.new.name.as_str()));
        if settled.contains(&old) || settled.contains(&new) {
            continue;
        }
        let rival = |other: &(u32, Rename<'_>)| {
            let free = !settled.contains(&(false, &*other.1.old.name)) && !settled.contains(&(true, &*other.1.new.name));
            let shares = (other.1.old.name == pair.old.name) != (other.1.new.name == pair.new.name);
            other.0 == *score && free && shares
        };
        if !pairs.iter().any(rival) {
            found.push(pair.clone());
        }
        settled.extend([old, new]);
    }
    found.sort_by(|a, b| a.old.name.cmp(&b.old.name));
    found
}

/// Metrics of one tree that the other neither has nor may have, one for each name.
fn only_in<'a>(tree: &'a Inventory, other: &Inventory) -> Vec<&'a Metric> {
    let there = |name: &str| other.get(name).is_some() || other.patterns().any(|p| p.may_be(name));
    let mut found: Vec<&Metric> = tree.metrics().iter().filter(|m| !m.is_pattern() && !there(&m.name)).collect();
    found.dedup_by(|a, b| a.name == b.name);
    found
}

/// How much two metrics have in common, and what.
fn likeness(old: &Metric, new: &Metric) -> (u32, Vec<&'static str>) {
    if old.kind != new.kind || old.language != new.language {
        return (0, Vec::new());
    }
    let (mut score, mut evidence) = (0, vec!["type"]);
    let mut count = |points: u32, word: &'static str| {
        score += points;
        evidence.push(word);
    };
    match (&old.help, &new.help) {
        (Some(a), Some(b)) if a == b && !a.is_empty() => count(3, "help"),
        _ => {}
    }
    let names = |m: &Metric| m.labels.iter().map(|l| l.name.clone()).collect::<Vec<_>>();
    if names(old) == names(new) && old.labels_complete == new.labels_complete {
        count(if old.labels.is_empty() { 1 } else { 2 }, "labels");
    }
    if old.buckets.bounds().is_some() && old.buckets.bounds() == new.buckets.bounds() {
        count(1, "buckets");
    }
    if old.location.path == new.location.path {
        count(1, "file");
    }
    let near = strsim::normalized_damerau_levenshtein(&old.name, &new.name);
    if near >= 0.5 {
        count(if near >= 0.75 { 2 } else { 1 }, "most of the name");
    }
    (score, evidence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Bound, Label, Language, MetricType};
    use crate::source::{Location, Span};

    fn metric(name: &str, help: &str, labels: &[&str]) -> Metric {
        let location = Location::new(&"src/m.rs".into(), Span::default());
        let label = |l: &&str| Label { name: (*l).to_owned(), bound: Bound::unknown(), location: None };
        Metric {
            help: Some(help.to_owned()),
            labels: labels.iter().map(label).collect(),
            ..Metric::new(name, MetricType::Counter, Language::Rust, "prometheus", location)
        }
    }

    fn found(before: Vec<Metric>, now: Vec<Metric>) -> Vec<(String, String)> {
        let inventory = |metrics| Inventory::new(metrics, Vec::new(), Vec::new());
        let (before, now) = (inventory(before), inventory(now));
        renames(&before, &now).into_iter().map(|r| (r.old.name.clone(), r.new.name.clone())).collect()
    }

    #[test]
    fn a_metric_is_known_by_more_than_its_name() {
        let was = || metric("orders_total", "Orders taken", &["shop"]);
        let pair = |new: &str| vec![("orders_total".to_owned(), new.to_owned())];
        assert_eq!(found(vec![was()], vec![metric("sales_total", "Orders taken", &["shop"])]), pair("sales_total"));
        assert_eq!(found(vec![was()], vec![metric("shop_orders_total", "Orders", &["shop"])]), pair("shop_orders_total"));
        assert_eq!(found(vec![was()], vec![metric("logins_total", "People who log in", &[])]), []);
        assert_eq!(found(vec![was()], vec![was(), metric("sales_total", "Orders taken", &["shop"])]), []);
    }

    #[test]
    fn of_two_that_are_alike_none_is_guessed() {
        let was = || metric("orders_total", "Orders taken", &["shop"]);
        let twins = vec![metric("sales_a_total", "Orders taken", &["shop"]), metric("sales_b_total", "Orders taken", &["shop"])];
        assert_eq!(found(vec![was()], twins), []);
        let closer = vec![metric("orders_all_total", "Orders taken", &["shop"]), metric("sales_b_total", "Orders taken", &["shop"])];
        assert_eq!(found(vec![was()], closer), [("orders_total".to_owned(), "orders_all_total".to_owned())]);
    }
}
