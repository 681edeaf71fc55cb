use opendal::layers::PrometheusLayer;
use prometheus_axum_middleware::PrometheusAxumLayer;

pub fn storage(operator: Operator) -> Operator {
    let layer = PrometheusLayer::builder().duration_seconds_buckets(vec![0.01, 1.0]).register_default().unwrap();
    operator.layer(layer)
}

pub fn router(router: Router) -> Router {
    router.layer(PrometheusAxumLayer)
}
