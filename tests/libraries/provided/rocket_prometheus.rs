use rocket_prometheus::{
    PrometheusMetrics,
    prometheus::{IntCounter, opts},
};

#[rocket::launch]
fn launch() -> _ {
    let metrics = PrometheusMetrics::new();
    let pushes = IntCounter::with_opts(opts!("pushes_total", "Messages that were pushed")).unwrap();
    metrics.registry().register(Box::new(pushes.clone())).unwrap();
    rocket::build().attach(metrics.clone()).mount("/metrics", metrics)
}
