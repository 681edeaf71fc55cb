use axum_otel_metrics::HttpMetricsLayerBuilder;
use opentelemetry_system_metrics::init_process_observer;

pub fn axum() -> axum::Router {
    let metrics = HttpMetricsLayerBuilder::new().with_duration_buckets(vec![0.1, 1.0, 10.0]).build();
    axum::Router::new().layer(metrics)
}

pub fn tower(meter: Meter) -> Layer {
    tower_otel_http_metrics::HTTPMetricsLayerBuilder::builder().with_meter(meter).build().unwrap()
}

pub async fn process(meter: Meter) {
    opentelemetry_instrumentation_process::init().unwrap();
    opentelemetry_instrumentation_tokio::observe_current_runtime();
    init_process_observer(meter).await.unwrap();
}
