//! The prometheus-client crate: types from fields and constructors, label sets, prefixes through parameters.
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::{
    counter::Counter,
    family::Family,
    gauge::Gauge,
    histogram::{Histogram, exponential_buckets},
};
use prometheus_client::registry::{Registry, Unit};

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct Labels {
    method: Method,
    r#type: String,
    cached: bool,
    #[prometheus(flatten)]
    place: Place,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct Place {
    zone: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelValue)]
pub enum Method {
    Get,
    Put,
}

pub struct Metrics {
    requests: Family<Labels, Counter>,
    took: Family<Labels, Histogram>,
    depth: Gauge,
}

impl Metrics {
    pub fn new(registry: &mut Registry) -> Self {
        let registry = registry.sub_registry_with_prefix("web");
        let requests = Family::default();
        registry.register("requests", "Requests", requests.clone());
        let took = Family::<Labels, Histogram>::new_with_constructor(|| Histogram::new(exponential_buckets(0.1, 2.0, 5)));
        registry.register_with_unit("took", "Time", Unit::Seconds, took.clone());
        let metrics = Metrics { requests, took, depth: Gauge::default() };
        registry.register("depth", "Depth", metrics.depth.clone());
        metrics
    }
}

pub fn start() {
    let mut registry = Registry::with_prefix("app");
    Metrics::new(&mut registry);
    registry.register("bytes", "Bytes", Counter::<u64>::default());
}
