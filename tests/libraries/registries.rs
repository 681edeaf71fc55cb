//! Registries of the `prometheus` crate with a prefix, and metrics that are given to one far from where they are made.

use super::lines;

#[test]
fn statics_are_registered_elsewhere() {
    let metrics = r#"
use std::sync::LazyLock;
use prometheus::{Gauge, IntCounter, IntCounterVec, Opts, Registry};
pub static ROOMS: LazyLock<Gauge> = LazyLock::new(|| Gauge::new("rooms", "Open rooms").unwrap());
pub static GUESTS: LazyLock<IntCounterVec> =
    LazyLock::new(|| IntCounterVec::new(Opts::new("guests_total", "Guests"), &["floor"]).unwrap());
pub static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::new_custom(Some("hotel".to_string()), None).unwrap());
pub static PLAIN: LazyLock<Registry> = LazyLock::new(Registry::new);
pub fn bells() -> IntCounter {
    let bells = IntCounter::new("bells_total", "Bells").unwrap();
    prometheus::register(Box::new(bells.clone())).unwrap();
    bells
}
pub fn keys() -> IntCounter {
    let keys = IntCounter::new("keys_total", "Keys").unwrap();
    prometheus::default_registry().register(Box::new(keys.clone())).unwrap();
    keys
}
pub fn towels() -> IntCounter {
    let towels = IntCounter::new("towels_total", "Towels").unwrap();
    PLAIN.register(Box::new(towels.clone())).unwrap();
    towels
}
"#;
    let main = r#"
mod metrics;
fn main() {
    metrics::REGISTRY
        .register(Box::new(metrics::ROOMS.clone()))
        .unwrap();
    metrics::REGISTRY
        .register(Box::new(metrics::GUESTS.clone()))
        .unwrap();
}
"#;
    insta::assert_snapshot!(lines(&[("src/metrics.rs", metrics), ("src/main.rs", main)]), @r#"
    counter bells_total {} "Bells"
    counter hotel_guests_total {floor} "Guests"
    gauge hotel_rooms {} "Open rooms"
    counter keys_total {} "Keys"
    counter towels_total {} "Towels"
    "#);
}

#[test]
fn options_under_a_name_that_a_module_hands_on() {
    let metrics = r#"
use prometheus::{self, IntGauge};
pub use prometheus::Opts as GaugeOptions;
pub struct Metrics { registry: prometheus::Registry }
impl Metrics {
    pub fn gauge(&self, opts: prometheus::Opts) -> IntGauge {
        let gauge = IntGauge::with_opts(opts).unwrap();
        self.registry.register(Box::new(gauge.clone())).unwrap();
        gauge
    }
}
pub fn own(metrics: &Metrics) {
    metrics.gauge(GaugeOptions::new("files_open", "Open files"));
}
"#;
    let user = r#"
use crate::metrics::{GaugeOptions, Metrics};
pub fn start(metrics: &Metrics) {
    metrics.gauge(GaugeOptions::new("peers", "Peers"));
}
"#;
    let files = [("src/metrics.rs", metrics), ("src/user.rs", user), ("src/lib.rs", "mod metrics; mod user;")];
    insta::assert_snapshot!(lines(&files), @r#"
    gauge files_open {} "Open files"
    gauge peers {} "Peers"
    "#);
}

/// A trait's method that is called by the trait's name, and what a metric is registered with as one tuple.
#[test]
fn tuples_given_to_a_trait() {
    let shelf = r#"
use prometheus_client::registry::{Metric, Registry};
use tokio::sync::RwLock;
pub struct Shelf { registry: RwLock<Registry> }
pub trait Metrics {
    async fn register(&self, metric: (&str, &str, impl Metric));
}
impl<T> Metrics for T where for<'a> &'a T: Into<&'a Shelf>, T: Sync {
    async fn register(&self, metric: (&str, &str, impl Metric)) {
        self.into().registry.write().await.register(metric.0, metric.1, metric.2);
    }
}
"#;
    let user = r#"
use prometheus_client::metrics::{counter::Counter, family::Family, gauge::Gauge};
use crate::shelf::Metrics;
pub async fn start(state: &State) {
    let taken = Counter::<u64>::default();
    let out: Gauge = Gauge::default();
    Metrics::register(state, ("books_taken", "Books taken", taken.clone())).await;
    Metrics::register(state, ("books_out", "Books that are out", out.clone())).await;
}
"#;
    let other = "pub struct Metrics;\nimpl Metrics { pub fn register(&self, registry: &prometheus_client::registry::Registry) { self.all(registry) } }\n";
    let files =
        [("src/shelf.rs", shelf), ("src/user.rs", user), ("src/other.rs", other), ("src/lib.rs", "mod shelf; mod user; mod other;")];
    insta::assert_snapshot!(lines(&files), @r#"
    gauge books_out {} "Books that are out"
    counter books_taken_total {} "Books taken"
    "#);
}

/// A crate's collector that one call registers and another one only asks for.
#[test]
fn a_collector_that_is_asked_for_again() {
    let text = r#"
use std::sync::LazyLock;
use prometheus::Registry;
static OWN: LazyLock<Registry> = LazyLock::new(|| Registry::new_custom(Some("mill".into()), None).unwrap());
pub fn start() { OWN.register(Box::new(tokio_metrics_collector::default_task_collector())).unwrap(); }
pub fn watch(monitor: Monitor) { tokio_metrics_collector::default_task_collector().add("wheel", monitor).unwrap(); }
"#;
    let found = lines(&[("src/lib.rs", text)]);
    assert!(found.contains("mill_tokio_task_instrumented_count") && !found.contains('*'), "{found}");
}
