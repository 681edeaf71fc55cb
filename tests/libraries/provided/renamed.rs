use axum_prometheus::PrometheusMetricLayer as Layer;
use opentelemetry_system_metrics::init_process_observer as observe_process;

type ProcessMetrics = prometheus::process_collector::ProcessCollector;

pub fn serve(meter: opentelemetry::metrics::Meter) {
    let (layer, handle) = Layer::pair();
    observe_process(meter);
    prometheus::register(Box::new(ProcessMetrics::for_self())).unwrap();
    app(layer, handle);
}
