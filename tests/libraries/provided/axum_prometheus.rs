use axum::{Router, routing::get};
use axum_prometheus::metrics_exporter_prometheus::{Matcher, PrometheusBuilder};
use axum_prometheus::{AXUM_HTTP_REQUESTS_DURATION_SECONDS, EndpointLabel, PrometheusMetricLayer, PrometheusMetricLayerBuilder, utils};

mod plain {
    use super::*;

    // The default names, with a recorder of the crate's own.
    pub fn router() -> Router {
        let (layer, handle) = PrometheusMetricLayer::pair();
        Router::new().route("/metrics", get(|| async move { handle.render() })).layer(layer)
    }
}

mod shop {
    use super::*;

    // A prefix, bodies counted, and the path as it was asked for.
    pub fn router() -> Router {
        let (layer, _handle) = PrometheusMetricLayerBuilder::new()
            .with_prefix("shop")
            .with_ignore_patterns(&["/metrics"])
            .enable_response_body_size(true)
            .with_endpoint_label_type(EndpointLabel::Exact)
            .with_default_metrics()
            .build_pair();
        Router::new().layer(layer)
    }

    // Without a recorder the prefix is never looked at.
    pub fn only_the_layer() -> Router {
        Router::new().layer(PrometheusMetricLayerBuilder::new().with_prefix("unread").build())
    }
}

mod given {
    use super::*;

    // The prefix is a parameter, and the builder a variable.
    fn layer(name: &'static str) -> PrometheusMetricLayer<'static> {
        let builder = PrometheusMetricLayerBuilder::new().with_prefix(name);
        let builder = builder.with_metrics_from_fn(recorder);
        let (layer, _) = builder.build_pair();
        layer
    }

    pub fn till() -> Router {
        Router::new().layer(layer("till"))
    }

    fn recorder() -> Handle {
        PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Full("till_http_requests_duration_seconds".to_owned()), &[0.1, 1.0, 30.0])
            .unwrap()
            .set_buckets_for_metric(Matcher::Full(AXUM_HTTP_REQUESTS_DURATION_SECONDS.to_string()), utils::SECONDS_DURATION_BUCKETS)
            .unwrap()
            .install_recorder()
            .unwrap()
    }
}

#[cfg(test)]
mod tests {
    fn ours() {
        let _ = axum_prometheus::PrometheusMetricLayerBuilder::new().with_prefix("tested").with_default_metrics().build_pair();
    }
}
