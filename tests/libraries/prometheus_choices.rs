//! Options and bounds that conditions decide, with what the caller gives known.

use prometheus::{HistogramOpts, HistogramVec, histogram_opts, register_histogram_vec};

fn timed(name: &str, help: &str, labels: &[&str], buckets: Option<Vec<f64>>) -> HistogramVec {
    let opts = if let Some(bounds) = buckets {
        histogram_opts!(name, help, bounds).namespace("bakery")
    } else {
        histogram_opts!(name, help).namespace("bakery")
    };
    register_histogram_vec!(opts, labels).unwrap()
}

/// Bounds that triple, the last of them the end.
fn tripling(start: f64, end: f64) -> Option<Vec<f64>> {
    let count = (end / start).ln() / 3.0_f64.ln();
    let mut bounds = prometheus::exponential_buckets(start, 3.0, count.round() as usize).unwrap();
    if let Some(last) = bounds.last() {
        if *last < end {
            bounds.push(end);
        }
    }
    Some(bounds)
}

fn doubling(start: f64, end: f64) -> Vec<f64> {
    let mut bounds = Vec::new();
    let mut at = start;
    while at <= end {
        bounds.push(at);
        at *= 2.0;
    }
    bounds
}

pub fn metrics() -> Vec<HistogramVec> {
    vec![
        timed("oven_seconds", "Time in the oven", &["oven"], tripling(1.0, 30.0)),
        timed("rest_seconds", "Time at rest", &[], Some(doubling(60.0, 500.0))),
        timed("sale_seconds", "Time of a sale", &["till"], None),
    ]
}
