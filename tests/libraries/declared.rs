//! Wrappers of the user's that no library's collector sees through.
use kit::{gauge, lazy_counter, registry};

pub static HITS: LazyCounter = lazy_counter!(
    name: "hits_total",
    description: "Hits",
    subsystem: "cache",
    labels: ["tier"]
);

pub static MISSES: LazyCounter = lazy_counter!(name: "misses_total", description: "Misses", subsystem: crate::SUBSYSTEM);

pub static STARTS: LazyCounter = lazy_counter!(name: "starts_total", description: "Starts", subsystem: "");

/// Another form of the macro, which makes no metric.
pub fn hits(tier: &str) -> Counter {
    lazy_counter!(parent: HITS, "tier" => tier)
}

pub const SUBSYSTEM: &str = "cache";

pub fn by_function(registry: &Registry) {
    registry::new_histogram("lookup_seconds", "Time of a look-up", &["tier"], vec![0.1, 1.0]);
    registry.gauge_of("entries");
    other::new_histogram("not_ours_seconds", "Another function", &[], vec![]);
    named("evictions");
}

fn named(name: &str) {
    let registry = kit::registry();
    registry.gauge_of(name);
}
