use std::sync::Arc;

use super::*;
use crate::knowledge::systems;
use crate::model::{Bound, Buckets, Label, Language};
use crate::source::{Location, Span};

fn metric(name: &str, kind: MetricType, labels: &[&str]) -> Metric {
    let location = Location::new(&Arc::from("src/metrics.rs"), Span::default());
    Metric {
        name: name.to_owned(),
        kind,
        declared: kind,
        unit: None,
        help: None,
        help_unknown: false,
        language: Language::Rust,
        library: "prometheus",
        labels: labels.iter().map(|l| Label { name: (*l).to_owned(), bound: Bound::unknown(), location: None }).collect(),
        labels_complete: true,
        buckets: Buckets::None,
        location: location.clone(),
        name_location: location,
        definitions: Vec::new(),
    }
}

fn bound(metrics: Vec<Metric>) -> Bindings {
    bind(&Inventory::new(metrics, Vec::new(), Vec::new()), &Policies::default(), &[])
}

fn why(bindings: &Bindings, signal: &str) -> String {
    bindings.missing.iter().find(|(id, _)| id == signal).map(|(_, why)| why.clone()).unwrap_or_default()
}

#[test]
fn a_whole_name_comes_before_a_suffix_and_the_other_is_a_candidate() {
    let bindings = bound(vec![
        metric("aaa_http_requests_total", MetricType::Counter, &["status"]),
        metric("http_requests_total", MetricType::Counter, &["handler", "status_code"]),
    ]);
    let binding = bindings.get("red.errors.status").expect("bound");
    assert_eq!(binding.metric.as_deref(), Some("http_requests_total"));
    assert_eq!((binding.sureness, binding.role("status")), (Sureness::Name, Some("status_code")));
    assert_eq!(binding.candidates, ["aaa_http_requests_total"]);
}

#[test]
fn a_suffix_begins_at_a_word() {
    let bindings = bound(vec![metric("app_time_to_first_token_seconds", MetricType::Histogram, &[])]);
    assert_eq!(bindings.get("red.ttft").map(|b| b.sureness), Some(Sureness::Suffix));
    let bindings = bound(vec![metric("xttft_seconds", MetricType::Histogram, &[])]);
    assert!(bindings.get("red.ttft").is_none());
}

#[test]
fn the_wrong_type_never_answers_and_the_reason_says_so() {
    let bindings = bound(vec![metric("time_to_first_token_seconds", MetricType::Summary, &[])]);
    assert!(bindings.get("red.ttft").is_none());
    assert!(why(&bindings, "red.ttft").contains("it is a summary"), "{:?}", why(&bindings, "red.ttft"));
}

#[test]
fn a_counter_without_a_status_does_not_answer_for_errors() {
    let bindings = bound(vec![metric("http_requests_total", MetricType::Counter, &["endpoint"])]);
    assert!(bindings.get("red.rate").is_some());
    assert!(bindings.get("red.errors.status").is_none());
    assert!(why(&bindings, "red.errors.status").contains("no status label"));
}

#[test]
fn labels_that_may_come_at_run_time_are_not_guessed() {
    let mut open = metric("http_requests_total", MetricType::Counter, &[]);
    open.labels_complete = false;
    assert!(why(&bound(vec![open]), "red.errors.status").contains("not all of its labels are known"));
}

#[test]
fn a_counter_of_outgoing_requests_is_not_the_services_own() {
    let bindings = bound(vec![metric("redis_requests_total", MetricType::Counter, &["status"])]);
    assert!(bindings.get("red.errors.status").is_none());
    let bindings = bound(vec![metric("http_client_requests_total", MetricType::Counter, &["status"])]);
    assert!(bindings.get("red.rate").is_none());
}

#[test]
fn the_configuration_decides_first_and_its_mistakes_are_errors() {
    let inventory = Inventory::new(
        vec![
            metric("my_wait_seconds", MetricType::Histogram, &[]),
            metric("time_to_first_token_seconds", MetricType::Histogram, &[]),
            metric("my_gauge", MetricType::Gauge, &[]),
        ],
        Vec::new(),
        Vec::new(),
    );
    let mut policies = Policies::default();
    policies.signals.insert("ttft".into(), "my_wait_seconds".into());
    policies.signals.insert("llm.itl".into(), "nowhere".into());
    policies.signals.insert("red.duration".into(), "my_gauge".into());
    policies.signals.insert("nonsense".into(), "my_gauge".into());
    let bindings = bind(&inventory, &policies, &[]);
    assert_eq!(bindings.get("red.ttft").and_then(|b| b.metric.as_deref()), Some("my_wait_seconds"));
    assert_eq!(bindings.get("red.ttft").map(|b| b.sureness), Some(Sureness::Certain));
    assert_eq!(bindings.errors.len(), 3, "{:?}", bindings.errors);
    assert!(bindings.errors.iter().any(|e| e.contains("`nowhere`, which is not in the inventory")));
    assert!(bindings.errors.iter().any(|e| e.contains("it is a gauge")));
}

#[test]
fn a_system_answers_what_the_code_does_not() {
    let node = systems::get("node_exporter").expect("embedded");
    let bindings = bind(&Inventory::default(), &Policies::default(), &[node]);
    let cpu = bindings.get("use.cpu.utilisation").expect("answered");
    assert_eq!((cpu.metric.as_deref(), cpu.system.as_deref()), (None, Some("node_exporter")));
    assert!(bindings.get("red.rate").is_none());
}

#[test]
fn every_signal_is_either_bound_or_missing_with_a_reason() {
    let bindings = bound(Vec::new());
    assert_eq!(bindings.missing.len(), signals::all().len());
    assert!(bindings.missing.iter().all(|(_, why)| !why.is_empty()));
}

#[test]
fn a_key_that_may_mean_several_signals_is_an_error_that_names_them() {
    let mut policies = Policies::default();
    policies.signals.insert("network.errors".into(), "x".into());
    policies.signals.insert("saturation".into(), "x".into());
    policies.signals.insert("ttft".into(), "x".into());
    policies.signals.insert("red.ttft".into(), "y".into());
    let bindings = bind(&Inventory::default(), &policies, &[]);
    let said = |part: &str| bindings.errors.iter().any(|e| e.contains(part));
    assert!(said("`saturation` may mean use.cpu.saturation or use.disk.saturation"), "{:?}", bindings.errors);
    assert!(said("answers `red.ttft` twice"), "{:?}", bindings.errors);
}

#[test]
fn a_name_that_promql_cannot_write_never_answers() {
    let bindings = bound(vec![metric("2_http_requests_total", MetricType::Counter, &["status"])]);
    assert!(why(&bindings, "red.rate").contains("needs quotes"), "{}", why(&bindings, "red.rate"));
}
