//! The reference service of the design, as an inventory built by hand.

use std::collections::BTreeMap;
use std::sync::Arc;

use reduse::generate::{Output, Request, generate};
use reduse::knowledge::plan::AlertSet;
use reduse::knowledge::systems::{self, System};
use reduse::model::{Bound, BucketSource, Buckets, Inventory, Label, Language, Metric, MetricType, Policies};
use reduse::signals;
use reduse::source::{Location, Span};

pub const LATENCY: [f64; 13] = [0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 90.0, 120.0];
pub const COST: [f64; 13] = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0];

/// A label and the values that the source shows; none for a label whose values are not known.
pub type LabelSpec<'a> = (&'a str, &'a [&'a str]);

pub fn metric(name: &str, kind: MetricType, labels: &[LabelSpec<'_>], bounds: &[f64]) -> Metric {
    let location = Location::new(&Arc::from("src/metrics.rs"), Span::default());
    let label = |(name, values): &LabelSpec<'_>| Label {
        name: (*name).to_owned(),
        bound: if values.is_empty() { Bound::unknown() } else { Bound::of_values(values.iter().map(|v| (*v).to_owned())) },
        location: None,
    };
    Metric {
        help: Some("Help".to_owned()),
        labels: labels.iter().map(label).collect(),
        buckets: if kind == MetricType::Histogram {
            Buckets::Known { bounds: bounds.to_vec(), source: BucketSource::Explicit, location: None }
        } else {
            Buckets::None
        },
        ..Metric::new(name, kind, Language::Rust, "prometheus", location)
    }
}

/// The whole reference naming.
pub fn metrics() -> Vec<Metric> {
    use MetricType::{Counter, Gauge, Histogram};
    vec![
        metric(
            "http_requests_total",
            Counter,
            &[
                ("endpoint", &["/v1/chat/completions", "/v1/completions"]),
                ("method", &["GET", "POST"]),
                ("status", &["200", "400", "429", "500", "503"]),
            ],
            &[],
        ),
        metric("llm_generation_errors_total", Counter, &[("reason", &["cancelled", "out_of_memory", "timeout"])], &[]),
        metric("request_duration_seconds", Histogram, &[("endpoint", &["/v1/chat/completions", "/v1/completions"])], &LATENCY),
        metric("time_to_first_token_seconds", Histogram, &[], &LATENCY),
        metric("inter_token_latency_seconds", Histogram, &[], &[0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0]),
        metric("generation_length_tokens", Histogram, &[], &[1.0, 4.0, 16.0, 64.0, 256.0, 1024.0, 4096.0]),
        metric("tokens_total", Counter, &[("kind", &["completion", "prompt"])], &[]),
        metric("cost_per_request_usd", Histogram, &[], &COST),
        metric("cost_per_1k_completion_tokens_usd", Histogram, &[], &COST),
        metric("llm_batcher_active_slots", Gauge, &[], &[]),
        metric("llm_batcher_queue_depth", Gauge, &[], &[]),
        metric("llm_batcher_admission_errors_total", Counter, &[], &[]),
        metric("llm_kv_cache_slots_used", Gauge, &[], &[]),
        metric("llm_kv_cache_evictions_total", Counter, &[], &[]),
    ]
}

/// The reference metrics with some replaced, by name.
pub fn with(replacements: Vec<Metric>) -> Vec<Metric> {
    let mut all = metrics();
    for replacement in replacements {
        all.retain(|m| m.name != replacement.name);
        all.push(replacement);
    }
    all
}

/// A known system.
pub fn system(name: &str) -> &'static System {
    systems::get(name).unwrap_or_else(|| panic!("no system {name}"))
}

pub fn node_exporter() -> Vec<&'static System> {
    vec![system("node_exporter")]
}

pub fn generate_from(metrics: Vec<Metric>, policies: &Policies, systems: &[&System]) -> Output {
    generate_set(AlertSet::DayOne, metrics, policies, systems)
}

/// With all alerts that the metrics can answer.
pub fn recommended(metrics: Vec<Metric>, policies: &Policies, systems: &[&System]) -> Output {
    generate_set(AlertSet::Recommended, metrics, policies, systems)
}

fn generate_set(alerts: AlertSet, metrics: Vec<Metric>, policies: &Policies, systems: &[&System]) -> Output {
    let inventory = Inventory::new(metrics, Vec::new(), Vec::new());
    let bindings = signals::bind(&inventory, policies, systems);
    let templates = BTreeMap::new();
    generate(&Request {
        inventory: &inventory,
        bindings: &bindings,
        policies,
        systems,
        service: "llm-service",
        alerts,
        runbook_url: None,
        only: &[],
        recording_rules: false,
        targets: &[],
        templates: &templates,
    })
    .expect("the built-in templates render")
}

pub fn text<'a>(output: &'a Output, name: &str) -> &'a str {
    output.files.iter().find(|f| f.name == name).map(|f| f.text.as_str()).unwrap_or_else(|| panic!("no {name}"))
}
