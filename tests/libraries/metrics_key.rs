use metrics::{Counter, Histogram, Key, Metadata, Recorder as _, Unit};
use metrics_exporter_prometheus::PrometheusRecorder;

const METADATA: Metadata<'static> = Metadata::new("", metrics::Level::INFO, None);

// The recorder itself is asked: a key has the name.
pub struct Builder {
    recorder: PrometheusRecorder,
}

impl Builder {
    pub fn counter(&self, name: &'static str, help: &'static str) -> Counter {
        self.recorder.describe_counter(name.into(), None, help.into());
        self.registered(&Key::from_name(name))
    }

    fn registered(&self, key: &Key) -> Counter {
        self.recorder.register_counter(key, &METADATA)
    }

    fn latency(&self) -> Histogram {
        self.recorder.describe_histogram("job_seconds".into(), Some(Unit::Seconds), "Time of a job".into());
        self.recorder.register_histogram(&Key::from_static_name("job_seconds"), &METADATA)
    }
}

pub fn all(builder: &Builder) {
    builder.counter("jobs", "Jobs done");
    builder.counter("tasks", "Tasks done");
}

// A key with more labels where there are some.
pub fn labelled(recorder: &PrometheusRecorder, more: &[Label]) -> Counter {
    let key = if more.is_empty() { Key::from_static_name("deliveries") } else { Key::from_parts("deliveries", more.to_vec()) };
    recorder.register_counter(&key, &METADATA)
}
