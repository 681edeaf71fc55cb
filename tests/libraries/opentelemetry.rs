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

/// Instruments that functions give.
pub fn packets() -> Counter<u64> {
    global::meter("net").u64_counter("net.packets").with_unit("{packet}").build()
}

pub fn retries() -> Counter<u64> {
    global::meter("net").u64_counter("net.retries").build()
}

struct Socket {
    packets: Counter<u64>,
}

impl Socket {
    fn open() -> Self {
        Socket { packets: packets() }
    }

    fn send(&self) {
        self.packets.add(1, &[KeyValue::new("direction", "out")]);
        retries().add(1, &[KeyValue::new("cause", "timeout")]);
    }
}

pub fn observed() {
    let meter = global::meter("app");
    meter.u64_observable_gauge("app.queue").with_callback(|o| o.observe(depth(), &[KeyValue::new("queue", "mail")])).build();
}
