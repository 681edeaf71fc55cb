#[derive(measured::MetricGroup)]
#[metric(new())]
pub struct Everything {
    /// Requests that were answered.
    answers: measured::Counter,
    #[metric(namespace = "process")]
    #[metric(init = measured_process::ProcessCollector::for_self())]
    process: measured_process::ProcessCollector,
}
