//! Options that functions and statements make, names that an enum's method gives.

use prometheus::{Counter, CounterVec, Histogram, HistogramOpts, IntGauge, Opts, register_counter_vec, register_int_gauge};

fn options(name: &str, help: &str) -> Opts {
    Opts::new(name, help).namespace("shop")
}

pub fn orders() -> Counter {
    Counter::with_opts(options("orders_total", "Orders")).unwrap()
}

pub fn for_task(task: &Task, name: &str, help: &str, mut labels: HashMap<String, String>) -> Option<IntGauge> {
    let mut options = Opts::new(name, help);
    labels.extend(task.labels());
    options.const_labels = labels;
    options.namespace = "worker".into();
    register_int_gauge!(options).ok()
}

pub struct Task {
    id: u64,
    next: String,
}

impl Task {
    fn labels(&self) -> HashMap<String, String> {
        let mut labels = HashMap::new();
        labels.insert("task".to_string(), self.id.to_string());
        labels
    }
}

pub fn queue(task: &Task) {
    for_task(task, "queue", "Queue", labels! { "next".to_string() => task.next.clone() });
}

pub fn took() -> Histogram {
    let mut options = HistogramOpts::new("took_seconds", "Took");
    options.common_opts.namespace = "shop".into();
    options.buckets = vec![1.0, 2.0];
    Histogram::with_opts(options).unwrap()
}

#[derive(Clone, Copy)]
pub enum Stage {
    Pick,
    Pack(u8),
}

impl Stage {
    fn metric(self) -> &'static str {
        match self {
            Stage::Pick => "picked_total",
            Stage::Pack(_) => "packed_total",
        }
    }
}

pub fn stage(stage: Stage) -> CounterVec {
    register_counter_vec!(stage.metric(), "Stages", &["depot"]).unwrap()
}
