//! Structs that derive their metrics, with labels and scopes given where they are made, and a recorder behind a layer.
use metrics::{Counter, Gauge, Histogram, counter};
use metrics_derive::Metrics;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};
use metrics_util::layers::{PrefixLayer, Stack};

pub fn install() {
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full("shop_orders_took_seconds".into()), &[0.1, 1.0])
        .unwrap()
        .build_recorder();
    Stack::new(recorder).push(PrefixLayer::new("shop")).install().unwrap();
}

/// Everything about orders.
#[derive(Clone, Metrics)]
#[metrics(scope = "orders")]
pub struct OrderMetrics {
    /// Orders that came in,
    /// of every kind.
    received: Counter,
    #[metric(describe = "Open orders", rename = "open_now")]
    open: Gauge,
    /// How long an order takes.
    took_seconds: metrics::Histogram,
    #[metric(skip)]
    parts: PartMetrics,
}

#[derive(Metrics)]
#[metrics(scope = "orders", separator = "_")]
struct PartMetrics {
    /// Parts.
    parts: Counter,
    /// Sizes of parts.
    size: Histogram,
}

#[derive(metrics_derive::Metrics)]
#[metrics(dynamic = true)]
struct ChannelMetrics {
    /// Messages.
    sent: Counter,
}

#[derive(Metrics)]
#[metrics(dynamic = true)]
struct QueueMetrics {
    /// Depth.
    depth: Gauge,
}

impl PartMetrics {
    fn of(kind: &str) -> Self {
        Self::new_with_labels(&[("kind", kind.to_string())])
    }
}

pub fn make(scope: &'static str) {
    let orders = OrderMetrics::default();
    let gifts = OrderMetrics::new_with_labels(&[("type", "gift")]);
    let returns = OrderMetrics::new_with_labels(vec![("type", "return")]);
    let parts = PartMetrics::of("wheel");
    let mail = ChannelMetrics::new("mail.channel");
    let events = ChannelMetrics::new_with_labels("events", &[("size", "1")]);
    let queue = QueueMetrics::new(scope);
    counter!("other.things").increment(1);
}
