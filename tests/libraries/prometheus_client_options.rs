//! The prometheus-client crate: a registry in an option, beside a limit, mapped by a closure, under another name of the type.
use prometheus_client::metrics::{counter::Counter, gauge::Gauge};
use prometheus_client::registry::Registry;

pub struct Metrics {
    seen: Counter,
}

impl Metrics {
    pub fn new(registry: &mut Registry, _limit: usize) -> Self {
        let seen = Counter::default();
        registry.register("seen", "Seen", seen.clone());
        Self { seen }
    }
}

pub struct Behaviour<T> {
    metrics: Option<Metrics>,
    filter: T,
}

pub type Node = Behaviour<u8>;

impl<T: Default> Behaviour<T> {
    pub fn new(metrics: Option<(&mut Registry, usize)>) -> Self {
        Behaviour { metrics: metrics.map(|(registry, limit)| Metrics::new(registry, limit)), filter: T::default() }
    }

    pub fn without() -> Self {
        Self::new(None)
    }

    /// Nobody calls it.
    pub fn with(registry: &mut Registry) -> Self {
        Self::new(Some((registry, 4)))
    }
}

pub fn depth(registry: Option<&mut Registry>) {
    if let Some(registry) = registry {
        registry.register("depth", "Depth", Gauge::<i64>::default());
    }
}

pub fn start(enabled: bool) {
    let mut registry = if enabled { Some(Registry::default()) } else { None };
    let metrics = registry.as_mut().map(|registry| (registry.sub_registry_with_prefix("node"), Default::default()));
    Node::new(metrics);
    depth(registry.as_mut().map(|registry| registry.sub_registry_with_prefix("queue")));
}
