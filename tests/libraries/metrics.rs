//! The metrics crate: emissions, descriptions, the recorder's buckets, and a macro of the same name that is none.
use metrics::{Unit, counter, describe_counter, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};

pub fn install() {
    let matcher = Matcher::Suffix(String::from("seconds"));
    let mut bounds = vec![];
    let mut value = 0.5;
    for _ in 0..4 {
        value *= 2.0;
        bounds.push(value);
    }
    PrometheusBuilder::new()
        .set_buckets_for_metric(matcher, &bounds)
        .unwrap()
        .set_buckets_for_metric(Matcher::Full("app.wait_seconds".into()), &[0.1, 0.2])
        .unwrap()
        .install()
        .unwrap();
    describe_counter!("app.requests", Unit::Count, "Requests");
    describe_histogram!("app.took_seconds", Unit::Seconds, "Time");
    describe_histogram!("app.never", "Described and never emitted");
}

pub fn work(model: String, part: &str) {
    counter!("app.requests", "method" => "get").increment(1);
    counter!("app.requests", "method" => "put", "model" => model).increment(1);
    let labels = [("kind", "a")];
    gauge!("app.depth", &labels).set(1.0);
    histogram!("app.took_seconds").record(1.0);
    histogram!("app.wait_seconds").record(1.0);
    histogram!("app.size").record(1.0);
    counter!(format!("app.{part}.parts")).increment(1);
}
