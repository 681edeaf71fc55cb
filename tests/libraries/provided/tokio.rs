use tokio_metrics::{RuntimeMetricsReporterBuilder, RuntimeMonitor};
use tokio_metrics_collector::{RuntimeCollector, TaskCollector, default_task_collector};

pub fn register(handle: &tokio::runtime::Handle) {
    prometheus::register(Box::new(tokio_metrics_collector::default_runtime_collector())).unwrap();
    prometheus::register(Box::new(RuntimeCollector::new(RuntimeMonitor::new(handle), "workers"))).unwrap();
    prometheus::register(Box::new(default_task_collector())).unwrap();
    TaskCollector::new("batch").add("load", tokio_metrics::TaskMonitor::new()).unwrap();
}

pub async fn report() {
    RuntimeMetricsReporterBuilder::default().describe_and_run().await;
}
