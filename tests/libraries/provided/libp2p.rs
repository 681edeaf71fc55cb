use libp2p::metrics::{Metrics, Recorder};
use prometheus_client::registry::Registry;

pub fn watch() {
    let mut registry = Registry::default();
    let metrics = Metrics::new(registry.sub_registry_with_prefix("node"));
    metrics.record(&next());
}

pub fn handed_on(all: &Registries) -> Metrics {
    all.with_prefix("edge", Metrics::new)
}
