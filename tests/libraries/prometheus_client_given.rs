use parking_lot::{RwLock, RwLockWriteGuard};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::{counter::Counter, gauge::Gauge};
use prometheus_client::registry::Registry;
use std::sync::{Arc, LazyLock};

static REGISTRY: LazyLock<RwLock<Registry>> = LazyLock::new(Default::default);

fn registry<'a>() -> RwLockWriteGuard<'a, Registry> {
    REGISTRY.write()
}

// What is handed on as a trait object is what the callers give.
pub fn collect(collector: Box<dyn Collector>) {
    registry().register_collector(collector)
}

#[derive(Debug)]
struct Tasks(Arc<Vec<u8>>);

impl Collector for Tasks {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        let len: Gauge = Default::default();
        let encoder = encoder.encode_descriptor("tasks_len", "Tasks in the queue", None, len.metric_type())?;
        len.encode(encoder)
    }
}

pub fn register(registry: &mut Registry) {
    let blocks = Counter::default();
    registry.register("blocks", "Blocks seen", blocks.clone());
}

pub fn nobody_calls(registry: &mut Registry) {
    let lost = Counter::default();
    registry.register("lost", "Blocks lost", lost.clone());
}

fn start(tasks: Arc<Vec<u8>>) {
    collect(Box::new(Tasks(tasks)));
    register(&mut registry());
}
