use std::collections::HashMap;

use actix_web_prom::{ActixMetricsConfiguration, LabelsConfiguration, PrometheusMetrics, PrometheusMetricsBuilder};
use prometheus::Registry;

pub fn public(registry: &Registry) -> PrometheusMetrics {
    let labels = HashMap::from([("zone".to_string(), "eu".to_string())]);
    PrometheusMetricsBuilder::new("public_api")
        .endpoint("/metrics")
        .registry(registry.clone())
        .const_labels(labels)
        .buckets(&[0.01, 0.1, 1.0, 10.0])
        .mask_unmatched_patterns("other")
        .build()
        .unwrap()
}

// Another name for one metric and for a label, and a further label.
pub fn renamed() -> PrometheusMetrics {
    let names = LabelsConfiguration::default().endpoint("route").version("http_version");
    PrometheusMetricsBuilder::new("renamed")
        .metrics_configuration(ActixMetricsConfiguration::default().http_requests_duration_seconds_name("took_seconds").labels(names))
        .build()
        .unwrap()
}

// No namespace, no underscore.
pub fn bare() -> PrometheusMetrics {
    PrometheusMetricsBuilder::new("").build().unwrap()
}

// Whoever goes on with it can say anything.
pub fn unfinished() -> PrometheusMetricsBuilder {
    PrometheusMetricsBuilder::new("unfinished").endpoint("/metrics")
}

pub fn from_the_environment() -> PrometheusMetrics {
    PrometheusMetricsBuilder::new(&std::env::var("SERVICE").unwrap()).build().unwrap()
}
