//! Any text as a query, in both dialects.
#![no_main]

use libfuzzer_sys::fuzz_target;
use reduse::model::{Consumer, ConsumerKind, Dialect, Prose, QueryText, Record};
use reduse::promql;
use reduse::source::{Location, Scalar, Span};

fuzz_target!(|text: &str| {
    for dialect in [Dialect::Prometheus, Dialect::Grafana] {
        let query = QueryText { path: "q".into(), scalar: Scalar::verbatim(text, 0), dialect };
        let location = Location::new(&query.path, Span::default());
        let kind = ConsumerKind::Record(Record::default());
        let consumer = Consumer { name: "q".to_owned(), location, kind, query, prose: Prose::default(), board: None };
        promql::read_query(&consumer);
    }
});
