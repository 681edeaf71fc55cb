//! Which of many places that use a metric's name is where the metric is at home.

use std::collections::{BTreeMap, BTreeSet};

use super::metrics::Emission;
use super::select::Selection;
use crate::source::Build;

/// What decides between places.
pub(super) struct Homes<'s> {
    selection: &'s Selection,
    builds: BTreeMap<&'s str, &'s Build>,
    /// Uses of any name in a package.
    uses: BTreeMap<String, usize>,
}

impl<'s> Homes<'s> {
    pub(super) fn new(selection: &'s Selection, emissions: &[Emission]) -> Self {
        let mut uses: BTreeMap<String, usize> = BTreeMap::new();
        for emission in emissions {
            match uses.get_mut(&*emission.package) {
                Some(count) => *count += 1,
                None => _ = uses.insert(emission.package.to_string(), 1),
            }
        }
        Homes { selection, builds: selection.builds(), uses }
    }

    /// The place of a metric that nothing describes. What is built without being asked for comes before what is not, and a package
    /// before those that are built on it. Of packages that do not know each other, as two backends of one program, the one that uses
    /// the name more counts, or else the one that uses more names; in a package the first place.
    pub(super) fn of<'e>(&self, emissions: &[&'e Emission]) -> Option<&'e Emission> {
        let is_optional = |e: &Emission| self.selection.is_optional(&e.location.path);
        let always = emissions.iter().any(|e| !is_optional(e));
        let places: Vec<&'e Emission> = emissions.iter().filter(|e| !always || !is_optional(e)).copied().collect();
        let mut own: BTreeMap<&str, usize> = BTreeMap::new();
        for place in &places {
            *own.entry(&place.package).or_default() += 1;
        }
        let lowest: BTreeSet<&str> = match own.len() {
            1 => own.keys().copied().collect(),
            _ => own.keys().copied().filter(|package| !own.keys().any(|other| self.is_built_on(package, other))).collect(),
        };
        let weight = |e: &Emission| (own.get(&*e.package).copied(), self.uses.get(&*e.package).copied());
        let candidates = || places.iter().filter(|e| lowest.is_empty() || lowest.contains(&*e.package));
        let most = candidates().map(|e| weight(e)).max()?;
        candidates().find(|e| weight(e) == most).copied()
    }

    fn is_built_on(&self, package: &str, other: &str) -> bool {
        let mut seen = BTreeSet::new();
        let mut next = vec![package];
        while let Some(package) = next.pop() {
            let dependencies = self.builds.get(package).into_iter().flat_map(|b| b.dependencies.keys()).map(String::as_str);
            // Others are not of the tree.
            for dependency in dependencies.filter(|d| self.builds.contains_key(d)) {
                if dependency == other && dependency != package {
                    return true;
                }
                if seen.insert(dependency) {
                    next.push(dependency);
                }
            }
        }
        false
    }
}
