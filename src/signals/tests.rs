//! How signals are bound.

use std::sync::Arc;

use super::*;
use crate::knowledge::systems;
use crate::model::{Bound, Definition, Label, LabelUse, Language, Provenance, UseSite};
use crate::source::{Location, Span};

fn metric(name: &str, kind: MetricType, labels: &[&str]) -> Metric {
    let location = Location::new(&Arc::from("src/metrics.rs"), Span::default());
    Metric {
        labels: labels.iter().map(|l| Label { name: (*l).to_owned(), bound: Bound::unknown(), location: None }).collect(),
        ..Metric::new(name, kind, Language::Rust, "prometheus", location)
    }
}

fn bound(metrics: Vec<Metric>) -> Bindings {
    bind(&Inventory::new(metrics, Vec::new(), Vec::new()), &Policies::default(), &[])
}

fn why(bindings: &Bindings, signal: &str) -> String {
    bindings.missing.iter().find(|(id, _)| id == signal).map(|(_, why)| why.clone()).unwrap_or_default()
}

#[test]
fn a_status_that_never_fails_does_not_answer_for_errors() {
    let of = |values: &[&str]| {
        let mut metric = metric("http_requests_total", MetricType::Counter, &["status"]);
        if let Some(label) = metric.labels.first_mut() {
            label.bound = Bound::of_values(values.iter().map(|v| (*v).to_owned()));
        }
        bound(vec![metric])
    };
    let named = of(&["accepted", "success"]);
    assert!(named.get("red.rate").is_some() && named.get("red.errors.status").is_none());
    assert!(why(&named, "red.errors.status").contains("its label `status` is never `5..`: it takes accepted, success"));
    let failure = |values: &[&str]| of(values).get("red.errors.status").and_then(|b| b.failure.clone());
    assert_eq!(failure(&["200", "503"]).as_deref(), Some("5.."));
    assert_eq!(failure(&["2xx", "5xx"]).as_deref(), Some("5.."));
    assert_eq!(failure(&["Error", "success", "timeout"]).as_deref(), Some("Error|timeout"));
}

#[test]
fn words_that_the_code_sets_are_asked_for_and_codes_are_not() {
    let failure = |set: &[Option<&str>]| {
        let location = Location::new(&Arc::from("src/metrics.rs"), Span::default());
        let of = |value: &Option<&str>| UseSite {
            metric: "app_requests_total".to_owned(),
            labels: vec![LabelUse {
                name: "status".to_owned(),
                value: value.map(str::to_owned),
                location: location.clone(),
                provenance: Provenance::unknown("x"),
            }],
            location: location.clone(),
            removes: false,
            rests: false,
            within: None,
        };
        let metrics = vec![metric("app_requests_total", MetricType::Counter, &["status"])];
        let inventory = Inventory::new(metrics, Vec::new(), set.iter().map(of).collect());
        let bindings = bind(&inventory, &Policies::default(), &[]);
        bindings.get("red.errors.status").map(|b| b.failure.clone().unwrap_or_default()).ok_or(why(&bindings, "red.errors.status"))
    };
    assert_eq!(failure(&[Some("success"), Some("failure")]).as_deref(), Ok("failure"));
    assert_eq!(failure(&[Some("200"), Some("error")]).as_deref(), Ok("5..|error"));
    assert_eq!(failure(&[Some("200"), Some("404")]).as_deref(), Ok("5.."));
    assert_eq!(failure(&[Some("200"), Some("500"), Some("error")]).as_deref(), Ok("5.."));
    // What is not known may be codes.
    assert_eq!(failure(&[Some("failure"), None]).as_deref(), Ok("5..|failure"));
    assert_eq!(failure(&[Some("success"), None]).as_deref(), Ok("5.."));
    assert_eq!(failure(&[]).as_deref(), Ok("5.."));
    assert!(failure(&[Some("accepted"), Some("done")]).is_err_and(|why| why.contains("it takes accepted, done")));
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
fn a_histogram_of_requests_counts_them_too() {
    let timed = || metric("http_server_request_duration_seconds", MetricType::Histogram, &["http_route", "http_response_status_code"]);
    let bindings = bound(vec![timed()]);
    for signal in ["red.rate", "red.errors.status"] {
        assert_eq!(bindings.get(signal).and_then(|b| b.metric.as_deref()), Some("http_server_request_duration_seconds_count"));
    }
    assert_eq!(bindings.get("red.errors.status").and_then(|b| b.role("status")), Some("http_response_status_code"));
    let bindings = bound(vec![timed(), metric("http_requests_total", MetricType::Counter, &[])]);
    assert_eq!(bindings.get("red.rate").and_then(|b| b.metric.as_deref()), Some("http_requests_total"));
    let plain = metric("http_request_duration_seconds", MetricType::Histogram, &[]);
    assert!(bound(vec![plain]).get("red.errors.status").is_none(), "it has no status");
    let outgoing = metric("client_http_request_duration_seconds", MetricType::Histogram, &[]);
    assert!(bound(vec![outgoing]).get("red.rate").is_none());
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
    let bindings = bound(vec![metric("app_federationclient_responses_total", MetricType::Counter, &["status"])]);
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
    assert_eq!(bindings.missing.len(), signals::all().iter().filter(|s| s.not_applicable.is_none()).count());
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

#[test]
fn of_two_names_that_end_alike_neither_is_taken() {
    let both = vec![
        metric("a_time_to_first_token_seconds", MetricType::Histogram, &[]),
        metric("b_time_to_first_token_seconds", MetricType::Histogram, &[]),
    ];
    let bindings = bound(both);
    assert!(bindings.get("red.ttft").is_none());
    let why = why(&bindings, "red.ttft");
    assert!(why.contains("`a_time_to_first_token_seconds` and `b_time_to_first_token_seconds` could answer"), "{why}");
}

fn of_package(package: &str, name: &str, kind: MetricType, labels: &[&str]) -> Metric {
    let mut metric = metric(name, kind, labels);
    metric.definitions.push(Definition {
        location: metric.location.clone(),
        package: Arc::from(package),
        kind,
        labels: None,
        help: None,
        bounds: None,
        exclusive: false,
        again: None,
    });
    metric
}

#[test]
fn rate_errors_and_duration_are_asked_of_one_service() {
    let of = |bindings: &Bindings, signal: &str| bindings.get(signal).and_then(|b| b.metric.clone()).unwrap_or_default();
    // The requests say which service is meant: a name that fits better is another one's.
    let bindings = bound(vec![
        of_package("front", "front_requests_total", MetricType::Counter, &["status"]),
        of_package("front", "front_request_latency_seconds", MetricType::Histogram, &[]),
        of_package("index", "request_duration_seconds", MetricType::Histogram, &["endpoint"]),
        of_package("index", "requests_total", MetricType::Counter, &["endpoint"]),
    ]);
    assert_eq!(of(&bindings, "red.errors.status"), "front_requests_total");
    assert_eq!(of(&bindings, "red.rate"), "front_requests_total");
    assert_eq!(of(&bindings, "red.duration"), "front_request_latency_seconds");
    // In one package the prefix tells them apart; of two alike the one that has all is asked.
    let bindings = bound(vec![
        metric("front_requests_total", MetricType::Counter, &["status"]),
        metric("front_request_duration_seconds", MetricType::Histogram, &[]),
        metric("index_requests_total", MetricType::Counter, &["status"]),
        metric("other_request_duration_seconds", MetricType::Histogram, &[]),
    ]);
    assert_eq!(of(&bindings, "red.errors.status"), "front_requests_total");
    assert_eq!(of(&bindings, "red.duration"), "front_request_duration_seconds");
    // Where several have requests by names as good, the duration whose name fits best says of which.
    let of_two = |a: &str, b: &str, of_b: &str| {
        bound(vec![
            metric(&format!("{a}http_requests_total"), MetricType::Counter, &["path"]),
            metric(&format!("{a}http_responses_total"), MetricType::Counter, &["status"]),
            metric(&format!("{a}http_request_duration_seconds"), MetricType::Histogram, &[]),
            metric(&format!("{b}http_requests_total"), MetricType::Counter, &["path"]),
            metric(&format!("{b}http_responses_total"), MetricType::Counter, &["status"]),
            metric(&format!("{b}{of_b}"), MetricType::Histogram, &[]),
        ])
    };
    let bindings = of_two("front_", "a:", "e2e_request_latency_seconds");
    assert_eq!(of(&bindings, "red.errors.status"), "front_http_responses_total");
    assert_eq!(of(&bindings, "red.rate"), "front_http_requests_total");
    assert!(of_two("front_", "a_", "http_request_duration_seconds").get("red.rate").is_none());
    // Where each has all, the configuration decides, and once for all three.
    let both = || {
        ["front", "index"].into_iter().flat_map(|p| {
            let counter = of_package(p, &format!("{p}_requests_total"), MetricType::Counter, &["status"]);
            [counter, of_package(p, &format!("{p}_request_duration_seconds"), MetricType::Histogram, &[])]
        })
    };
    let bindings = bound(both().collect());
    assert!(bindings.get("red.errors.status").is_none() && bindings.get("red.duration").is_none());
    let mut policies = Policies::default();
    policies.signals.insert("red.rate".into(), "index_requests_total".into());
    let bindings = bind(&Inventory::new(both().collect(), Vec::new(), Vec::new()), &policies, &[]);
    assert_eq!(of(&bindings, "red.errors.status"), "index_requests_total");
    assert_eq!(of(&bindings, "red.duration"), "index_request_duration_seconds");
}

#[test]
fn a_name_that_may_mean_any_kind_of_request_needs_a_label() {
    let bindings = bound(vec![metric("beacon_block_processing_requests_total", MetricType::Counter, &["fork"])]);
    assert!(why(&bindings, "red.rate").contains("no label tells more"), "{}", why(&bindings, "red.rate"));
    let bindings = bound(vec![metric("app_requests_total", MetricType::Counter, &["status"])]);
    assert!(bindings.get("red.rate").is_some() && bindings.get("red.errors.status").is_some());
}

#[test]
fn what_only_hints_at_the_answer_is_kept_beside_the_missing_signal() {
    let bindings = bound(vec![metric("app_preemptions_total", MetricType::Counter, &[])]);
    assert!(bindings.get("use.kv.evictions").is_none() && !why(&bindings, "use.kv.evictions").is_empty());
    let proxy = bindings.proxy("use.kv.evictions").expect("a stand-in");
    assert_eq!(proxy.metric.as_deref(), Some("app_preemptions_total"));
    assert!(proxy.proxy.as_deref().is_some_and(|why| why.contains("preempted")));
    let wrong_type = bound(vec![metric("app_preemptions_total", MetricType::Gauge, &[])]);
    assert!(wrong_type.proxy("use.kv.evictions").is_none());
}

#[test]
fn a_system_that_answers_comes_before_one_that_has_a_stand_in() {
    let named = |name: &str| systems::get(name).expect("embedded");
    let both = [named("client_python"), named("node_exporter")];
    let bindings = bind(&Inventory::default(), &Policies::default(), &both);
    assert_eq!(bindings.get("use.cpu.utilisation").and_then(|b| b.system.as_deref()), Some("node_exporter"));
    let alone = bind(&Inventory::default(), &Policies::default(), &both[..1]);
    assert!(alone.get("use.cpu.utilisation").is_none());
    assert_eq!(alone.proxy("use.cpu.utilisation").and_then(|b| b.system.as_deref()), Some("client_python"));
}
