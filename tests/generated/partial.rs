//! Services that have only a part of the reference naming, or name it in their own way.

use reduse::generate::Output;
use reduse::model::{Metric, MetricType, Policies};
use serde_json::Value;

use crate::{promtool, reference};

fn generated(metrics: Vec<Metric>) -> Output {
    let output = reference::generate_from(metrics, &Policies::default(), &[]);
    if promtool::available() && output.alerts > 0 {
        promtool::accepts(&output);
    }
    output
}

fn requests(name: &str, labels: &[reference::LabelSpec<'_>]) -> Metric {
    reference::metric(name, MetricType::Counter, labels, &[])
}

/// Titles of the panels and all of their queries.
fn drawn(output: &Output) -> (Vec<String>, String) {
    let dashboard: Value = serde_json::from_str(reference::text(output, "dashboard.json")).unwrap();
    let panels: Vec<&Value> = dashboard["panels"].as_array().unwrap().iter().filter(|p| p["type"] != "row").collect();
    let titles = panels.iter().map(|p| p["title"].as_str().unwrap().to_owned()).collect();
    let queries = panels.iter().flat_map(|p| p["targets"].as_array().unwrap()).map(|t| t["expr"].as_str().unwrap().to_owned() + "\n");
    (titles, queries.collect())
}

#[test]
fn only_a_request_counter_gives_one_alert_and_three_panels() {
    let output = generated(vec![requests("http_requests_total", &[("endpoint", &[]), ("method", &[]), ("status", &[])])]);
    assert_eq!(output.alerts, 1);
    assert_eq!(drawn(&output).0, ["Requests by endpoint", "Requests by status", "Error ratio"]);
}

#[test]
fn a_counter_without_a_status_gives_no_alert_and_says_why() {
    let output = generated(vec![requests("http_requests_total", &[("endpoint", &[])])]);
    assert_eq!((output.alerts, output.panels), (0, 1));
    let open = output.unanswered.iter().find(|u| u.signal == "red.errors.status").unwrap();
    assert!(open.reason.contains("`http_requests_total` does not answer: it has no status label"), "{}", open.reason);
}

#[test]
fn a_prefix_and_other_label_names_are_understood() {
    let output = generated(vec![requests("myapp_http_requests_total", &[("code", &["200", "502"]), ("path", &[])])]);
    assert!(reference::text(&output, "alerts.yml").contains(r#"myapp_http_requests_total{code=~"5.."}"#));
    let (titles, queries) = drawn(&output);
    assert_eq!(titles.len(), 3);
    assert!(queries.contains("sum by (path)") && queries.contains("sum by (code)"), "{queries}");
}

#[test]
fn names_with_colons_and_a_model_label_are_kept() {
    let output = generated(vec![requests("app:http_requests_total", &[("model", &["small"]), ("status", &[])])]);
    let alerts = reference::text(&output, "alerts.yml");
    assert!(alerts.contains(r#"sum by (job, model) (rate(app:http_requests_total{status=~"5.."}[5m]))"#), "{alerts}");
    assert!(drawn(&output).1.contains(r#"model=~"$model""#));
}

#[test]
fn labels_that_the_scrape_also_sets_do_not_confuse_the_tests() {
    let output = generated(vec![requests("http_requests_total", &[("instance", &["a"]), ("job", &["b"]), ("status", &[])])]);
    let tests = reference::text(&output, "alerts_test.yml");
    assert!(tests.contains(r#"exported_instance="a",exported_job="b""#), "{tests}");
}

#[test]
fn the_configuration_answers_by_id_or_by_the_last_part() {
    for key in ["red.ttft", "ttft"] {
        let mut policies = Policies::default();
        policies.signals.insert(key.into(), "my_wait".into());
        let wait = reference::metric("my_wait", MetricType::Histogram, &[], &reference::LATENCY);
        let output = reference::generate_from(vec![wait], &policies, &[]);
        assert!(reference::text(&output, "alerts.yml").contains("my_wait_bucket"), "{key}");
    }
    let mut policies = Policies::default();
    policies.signals.insert("ttft".into(), "nowhere_seconds".into());
    let output = reference::generate_from(reference::metrics(), &policies, &[]);
    let open = output.unanswered.iter().find(|u| u.signal == "red.ttft").unwrap();
    assert!(open.reason.contains("`nowhere_seconds`, which is not in the inventory"), "{}", open.reason);
}

#[test]
fn of_two_metrics_with_one_name_the_one_that_answers_is_used() {
    let output = generated(vec![
        reference::metric("http_requests_total", MetricType::Gauge, &[], &[]),
        requests("http_requests_total", &[("endpoint", &[])]),
        requests("http_requests_total", &[("endpoint", &[]), ("status", &["200", "500"])]),
    ]);
    assert_eq!(output.alerts, 1, "{:?}", output.unanswered);
}

#[test]
fn labels_that_promtool_cannot_read_or_would_see_twice_are_left_out_of_the_tests() {
    let labels: [reference::LabelSpec<'_>; 4] = [("exported_job", &["a"]), ("http.method", &["b"]), ("job", &["c"]), ("status", &[])];
    let output = generated(vec![requests("http_requests_total", &labels)]);
    assert_eq!(output.alerts, 1);
}

#[test]
fn the_job_variable_offers_hosts_whatever_they_expose() {
    let output = reference::generate_from(reference::metrics(), &Policies::default(), &reference::node_exporter());
    let dashboard: Value = serde_json::from_str(reference::text(&output, "dashboard.json")).unwrap();
    let query = dashboard["templating"]["list"][1]["query"]["query"].as_str().unwrap();
    for name in ["node_cpu_seconds_total", "node_memory_MemTotal_bytes", "node_disk_io_time_seconds_total"] {
        assert!(query.contains(name), "{query}");
    }
}

#[test]
fn stand_ins_are_drawn_and_called_that() {
    let tpot = reference::metric("engine_tpot_seconds", MetricType::Histogram, &[], &reference::LATENCY);
    let output = generated(vec![tpot, requests("sched_preemptions_total", &[])]);
    assert_eq!(output.alerts, 0, "no stand-in drives an alert");
    let (titles, queries) = drawn(&output);
    assert_eq!(titles, ["KV cache", "Inter-token latency"]);
    assert!(queries.contains("rate(engine_tpot_seconds_bucket{") && queries.contains("rate(sched_preemptions_total{"), "{queries}");
    let dashboard: Value = serde_json::from_str(reference::text(&output, "dashboard.json")).unwrap();
    let described = |title: &str| {
        let panels = dashboard["panels"].as_array().unwrap();
        panels.iter().find(|p| p["title"] == title).unwrap()["description"].as_str().unwrap().to_owned()
    };
    assert!(described("KV cache").starts_with("Evictions per second."), "{}", described("KV cache"));
    assert!(described("KV cache").contains("A stand-in is drawn: preempted requests"), "{}", described("KV cache"));
    assert!(described("Inter-token latency").ends_with("A stand-in is drawn: the mean of each request, which hides stalls within it."));
}

#[test]
fn milliseconds_are_shown_as_such_with_the_threshold_in_them() {
    let wait = reference::metric("ttft_ms", MetricType::Histogram, &[], &[500.0, 2000.0, 5000.0]);
    let output = generated(vec![wait]);
    let dashboard: Value = serde_json::from_str(reference::text(&output, "dashboard.json")).unwrap();
    let panel = dashboard["panels"].as_array().unwrap().iter().find(|p| p["type"] == "timeseries").unwrap();
    let defaults = &panel["fieldConfig"]["defaults"];
    assert_eq!((&defaults["unit"], defaults["thresholds"]["steps"][1]["value"].as_f64()), (&"ms".into(), Some(2000.0)));
    assert!(!panel["description"].as_str().unwrap().contains("SlowTimeToFirstToken"), "there is no such alert");
}
