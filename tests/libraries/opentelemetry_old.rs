//! The opentelemetry crate before 0.18: recorders and observers, attributes that are bound, names to which nothing is added.
use opentelemetry::{KeyValue, global, metrics::*};

pub struct TableMetrics {
    _size: ValueObserver<u64>,
    reads: BoundCounter<u64>,
    took: ValueRecorder<f64>,
    failures: Counter<u64>,
}

impl TableMetrics {
    pub fn new(table: &'static str) -> Self {
        let meter = global::meter("store");
        TableMetrics {
            _size: meter
                .u64_value_observer("table.size", move |observer| {
                    observer.observe(size_of_table(), &[KeyValue::new("table", "orders")]);
                    if full() {
                        observer.observe(0, &[KeyValue::new("table", "spare")]);
                    }
                })
                .with_description("Rows of a table")
                .init(),
            reads: meter.u64_counter("table.reads").with_description("Reads").init().bind(&[KeyValue::new("table", table)]),
            took: meter.f64_value_recorder("table.took").with_unit("s").init(),
            failures: meter.u64_counter("table.failures").init(),
        }
    }

    pub fn failed(&self) {
        let tags = vec![KeyValue::new("cause", "disk")];
        self.failures.add(1, &tags[..]);
        self.took.record(1.0, &[]);
    }
}
