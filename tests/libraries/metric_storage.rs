//! Structs that derive their metrics with `prometheus-metric-storage`; the crate is named in the derive only.

use prometheus::core::{AtomicU64, GenericGauge};

#[derive(prometheus_metric_storage::MetricStorage)]
#[metric(subsystem = "kitchen")]
struct KitchenMetrics {
    /// Dishes that left the kitchen.
    dishes: prometheus::IntCounter,

    /// Time at the stove.
    #[metric(labels("cook", "dish"), buckets(1, 5, 10, 30))]
    cooking_seconds: prometheus::HistogramVec,

    #[metric(name = "orders_open", help = "Orders that wait")]
    open: GenericGauge<AtomicU64>,

    /// Time at the pass.
    pass_seconds: prometheus::Histogram,
}

#[derive(Debug)]
struct NoMetrics {
    dishes: prometheus::IntCounter,
}
