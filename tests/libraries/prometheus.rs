//! The prometheus crate: registration macros, constructors, options, label values, buckets.
use std::sync::LazyLock;

use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry, exponential_buckets, histogram_opts, opts,
    register_histogram, register_histogram_vec, register_int_counter, register_int_counter_vec, register_int_gauge_with_registry,
};

const NAMESPACE: &str = "app";
const LABELS: &[&str] = &["table", "kind"];
const BOUNDS: [f64; 3] = [0.1, 1.0, 10.0];

lazy_static::lazy_static! {
    /// In a macro's body.
    pub static ref STARTS: IntCounter = register_int_counter!("app_starts_total", "Starts").unwrap();
}

pub static ANSWERS: LazyLock<IntCounterVec> =
    LazyLock::new(|| register_int_counter_vec!(opts!("app_answers_total", concat!("Ans", "wers")), &["status"]).unwrap());
pub static ROWS: LazyLock<HistogramVec> =
    LazyLock::new(|| register_histogram_vec!("app_rows", "Rows", LABELS, exponential_buckets(1.0, 10.0, 3).unwrap()).unwrap());
pub static WAIT: LazyLock<Histogram> = LazyLock::new(|| register_histogram!("app_wait_seconds", "Wait").unwrap());
pub static HANDED_ON: LazyLock<IntCounterVec> =
    LazyLock::new(|| register_int_counter_vec!("app_handed_on_total", "Handed on", &["who"]).unwrap());

pub fn answered(ok: bool) {
    ANSWERS.with_label_values(&[if ok { "ok" } else { "failed" }]).inc();
    HANDED_ON.with_label_values(&["me"]).inc();
    others(&HANDED_ON);
}

pub fn in_registry(registry: &Registry) -> Histogram {
    let _depth: IntGauge = register_int_gauge_with_registry!(format!("{NAMESPACE}_queue_depth"), "Depth", registry).unwrap();
    let options = Opts::new("sessions", "Sessions").namespace(NAMESPACE).subsystem("web").const_label("zone", "a");
    let _sessions = prometheus::Gauge::with_opts(options).unwrap();
    let opts = HistogramOpts::new("size_bytes", "Size").namespace(NAMESPACE).buckets(BOUNDS.to_vec());
    let _other = histogram_opts!("app_other", "Other", vec![1.0, 2.0]);
    Histogram::with_opts(opts).unwrap()
}

lazy_static! {
    pub static ref WAITERS: WaiterGauges = register_static_int_gauge_vec!(WaiterGauges, "app_waiters", "Waiters", &["kind"]).unwrap();
    pub static ref LOCKS: LockTimes =
        register_static_histogram_vec!(LockTimes, "app_lock_seconds", "Lock times", &["kind"], exponential_buckets(0.01, 2.0, 4).unwrap())
            .unwrap();
}

pub fn by_caller(name: &str) -> IntCounter {
    register_int_counter!(name, "Chosen by the caller").unwrap()
}

#[cfg(test)]
mod tests {
    fn in_tests() {
        prometheus::register_int_counter!("app_test_only_total", "Test").unwrap();
    }
}

/// Bounds of a function whose loops depend on its parameters.
fn decimal_bounds(low: i32, high: i32) -> Result<Vec<f64>, String> {
    if high < low {
        return Err("no bounds".to_owned());
    }
    let mut bounds = Vec::with_capacity(3);
    for power in low..=high {
        for digit in &[1f64, 2f64, 5f64] {
            bounds.push(digit * 10f64.powi(power));
        }
    }
    Ok(bounds)
}

pub fn decimal() {
    register_histogram!("decimal_seconds", "Decimal", decimal_bounds(-1, 0).unwrap()).unwrap();
}

/// A set of metrics that a macro writes down, with docs in its call and options that are changed in place.
macro_rules! metric_set {
    ($(#[$outer:meta])* struct $set:ident { $(#[help = $help:literal] $field:ident: $kind:ty = $labels:tt),* $(,)? }) => {
        $(#[$outer])*
        struct $set { $(#[doc = $help] $field: $kind,)* }
        impl $set {
            fn new(registry: &Registry) -> Self {
                $set { $($field: {
                    let mut options: HistogramOpts = HistogramOpts::new(stringify!($field), $help);
                    options.buckets = vec![1.0, 2.0, 4.0];
                    let metric = <$kind>::new(options, &$labels).unwrap();
                    registry.get_or_register(metric).unwrap()
                },)* }
            }
        }
    };
}

metric_set! {
    /// Times of steps.
    #[derive(Debug)]
    struct StepTimes {
        #[help = "Time of a step"]
        set_step_seconds: HistogramVec = ["step"],
    }
}
