//! Functions without a body that are metrics.
use foundations::telemetry::metrics::{Counter, Family, Gauge, HistogramBuilder, TimeHistogram, metrics};

#[derive(Clone, Eq, Hash, PartialEq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    WebSite,
    #[serde(rename = "phone-call")]
    Phone,
}

const WAITS: &[f64] = &[0.5, 5.0];

#[metrics]
pub mod shop {
    /// Orders that came in
    pub fn orders(way: Way, #[serde(rename = "customer")] customer_name: &Arc<String>, again: bool) -> Counter;

    /// Orders that wait
    #[optional]
    pub(crate) fn waiting(way: impl Into<Way>) -> Gauge;

    /// Time of an order
    #[ctor = HistogramBuilder { buckets: &[0.1, 1.0] }]
    pub fn took_seconds(host: &'static str) -> TimeHistogram;

    #[ctor = HistogramBuilder { buckets: WAITS }]
    pub fn waited_seconds() -> TimeHistogram;

    pub fn of_labels() -> Family<Labels, Counter>;
}

#[metrics(unprefixed)]
mod library {
    fn calls() -> Counter;
}

mod other {
    extern "C" {
        fn foreign() -> Counter;
    }
}
