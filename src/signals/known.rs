//! Metrics of a tree that are those of a known program: by that name it answers what no name of a service's own does.

use crate::knowledge::signals::{self, Signal};
use crate::knowledge::systems::{self, System};
use crate::model::Inventory;

/// A known program whose answer to the question reads nothing but metrics that the tree has, and one of these.
pub(super) fn program(signal: &Signal, inventory: &Inventory) -> Option<(&'static System, &'static str)> {
    systems::all().iter().find_map(|system| {
        let answer = system.signals.get(&signal.id).filter(|answer| answer.proxy.is_none())?;
        let words = || answer.query.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | ':'))).filter(|w| w.contains('_'));
        let base = |word: &'static str| ["_bucket", "_count", "_sum"].iter().find_map(|suffix| word.strip_suffix(suffix));
        let is_here = |name: &str| inventory.get(name).is_some_and(|m| !m.is_pattern());
        // Most have nothing that the tree has.
        if !words().any(|word| is_here(word) || base(word).is_some_and(is_here)) {
            return None;
        }
        // Names that other programs have too say nothing.
        let named = |name: &&str| system.metrics.iter().any(|m| m.name == **name);
        let read: Vec<&str> = words().filter_map(|word| Some(word).filter(named).or_else(|| base(word).filter(named))).collect();
        let first = read.first()?;
        read.iter().all(|name| is_here(name)).then_some((system, *first))
    })
}

/// How to have it answer.
pub(super) fn to_add(system: &System) -> String {
    format!("{} (--system {})", system.title, system.name)
}

/// The known programs that could answer questions with what the tree has, by name.
pub fn programs(inventory: &Inventory) -> Vec<&'static System> {
    let mut all: Vec<&System> = signals::all().iter().filter_map(|signal| Some(program(signal, inventory)?.0)).collect();
    all.sort_by_key(|system| &system.name);
    all.dedup_by_key(|system| &system.name);
    all
}
