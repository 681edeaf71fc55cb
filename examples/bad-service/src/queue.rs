//! Metrics of the batcher's queue, with the `metrics` crate.

use std::time::Duration;

use metrics::{describe_histogram, histogram};
use metrics_exporter_prometheus::PrometheusBuilder;

/// Mistake: no buckets for the histogram below, so the recorder exposes a Summary.
pub fn install_recorder() {
    PrometheusBuilder::new().install().expect("one recorder");
    describe_histogram!("batcher_queue_wait_seconds", "Time that a request waits for a slot");
}

/// A request left the queue.
pub fn waited(time: Duration) {
    histogram!("batcher_queue_wait_seconds").record(time.as_secs_f64());
}
