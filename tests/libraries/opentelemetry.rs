//! The opentelemetry crate: instruments, units in names, boundaries, attributes at use sites.
use opentelemetry::{KeyValue, global};

pub fn work(route: String) {
    let meter = global::meter("app");
    let requests = meter.u64_counter("app.requests").with_description("Requests").build();
    requests.add(1, &[KeyValue::new("http.method", "GET"), KeyValue::new("route", route)]);
    let took = meter.f64_histogram("app.took").with_unit("s").with_boundaries(vec![0.1, 1.0]).build();
    took.record(0.5, &[]);
    let size = meter.u64_histogram("app.size").with_unit("By").build();
    size.record(1, &[]);
    meter.f64_gauge("app.load").with_unit("1").build();
    meter.i64_up_down_counter("app.open").with_unit("{connection}").build();
}
