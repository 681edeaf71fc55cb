use std::sync::LazyLock;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::{counter::Counter, exemplar::CounterWithExemplar, family::Family, gauge::Gauge, histogram::Histogram};
use prometheus_client::registry::Registry;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Kind {
    r#type: &'static str,
}

// The static's type says what the variable is.
pub static REJECTED: LazyLock<Family<Kind, Counter>> = LazyLock::new(|| {
    let metric = Family::default();
    crate::registry().register("rejected", "Rejected blocks", metric.clone());
    metric
});

static SEEN: LazyLock<Family<Kind, Counter>> = LazyLock::new(Default::default);
static HELD: LazyLock<Gauge> = LazyLock::new(Default::default);
static TIME: LazyLock<Histogram> = LazyLock::new(|| Histogram::new([0.1, 0.5, 1.0]));

struct Requests {
    results: Family<Kind, CounterWithExemplar<Kind>>,
}

pub fn register(registry: &mut Registry, requests: &Requests) {
    registry.register("seen", "Blocks seen", SEEN.clone());
    registry.register("held", "Blocks held", HELD.clone());
    registry.register("block_time", "Time for a block", TIME.clone());
    registry.register("results", "Results", requests.results.clone());
    let local = Family::default();
    registry.register("local", "What it is is not said", local.clone());
}

fn counter(registry: &mut Registry) -> Family<Kind, Counter> {
    let made = Family::default();
    registry.register("made", "Made here", made.clone());
    made
}
