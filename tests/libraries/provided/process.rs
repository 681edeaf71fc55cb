use metrics_process::Collector;
use prometheus::Registry;
use prometheus::process_collector::ProcessCollector;

mod with_metrics {
    pub const PREFIX: &str = "node_";

    pub fn collect() {
        let collector = super::Collector::new(PREFIX);
        collector.describe();
        collector.collect();
    }

    pub fn collect_plainly() {
        super::Collector::default().collect();
    }
}

// The prefix of a registry stands before the namespace.
pub fn own_registry() -> Registry {
    let registry = Registry::new_custom(Some("till".to_owned()), None).unwrap();
    registry.register(Box::new(ProcessCollector::for_self())).unwrap();
    registry
}

pub fn of_another(pid: i32) {
    prometheus::register(Box::new(ProcessCollector::new(pid, "worker"))).unwrap();
}
