//! The metriken crate: statics under its attribute.
use metriken::{AtomicHistogram, Counter, CounterGroup, Lazy, LazyGauge, metric};

const DEPTH: &str = "queue/depth";

#[metric(name = "kettle_boils", description = "How often the kettle boiled", metadata = { side = "left" })]
pub static BOILS_LEFT: Counter = Counter::new();

#[metric(name = "kettle_boils", description = "How often the kettle boiled", metadata = { side = "right" })]
pub static BOILS_RIGHT: Counter = Counter::new();

#[metric(name = DEPTH)]
pub static QUEUE: LazyGauge = LazyGauge::new(metriken::Gauge::default);

#[metric(name = "cups")]
pub static CUPS: CounterGroup = CounterGroup::new(8);

#[metric(name = "pour_latency", description = "Time to pour")]
static POUR: AtomicHistogram = AtomicHistogram::new(7, 64);

#[metric]
static UNNAMED: Lazy<Counter> = Lazy::new(Counter::default);

#[metric(name = "no_metric")]
static OTHER: u64 = 1;
