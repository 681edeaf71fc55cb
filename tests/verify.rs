//! `reduse verify`: own lints, promtool, and a real Prometheus.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use std::net::TcpListener;
use std::process::Command;

use common::{GOOD_RULES, prometheus, reduse_in, tree};

const RULES: &str = r#"groups:
  - name: app
    rules:
      - record: job:requests:rate5m
        expr: sum by (job) (rate(http_requests_total[5m]))
      - alert: Errors
        expr: sum by (job) (rate(http_requests_total{status=~"5.."}[5m])) / on (job) job:requests:rate5m > 0.01
        for: 5m
        labels: {severity: critical}
        annotations: {summary: errors}
      - alert: Slow
        expr: histogram_quantile(0.95, sum by (job, le) (rate(wait_seconds_bucket[5m]))) > 1
        for: 5m
        labels: {severity: critical}
        annotations: {summary: slow}
      - alert: Share
        expr: sum by (job) (rate(wait_seconds_bucket{le="2"}[5m])) < 1
        for: 5m
        labels: {severity: critical}
        annotations: {summary: share}
      - alert: Gone
        expr: rate(http_request_total[5m]) > 1 or sum by (job) (rate(http_requests_total{method="GET"}[5m])) > 5 unless on (job) maintenance == 1
        for: 5m
        labels: {severity: critical}
        annotations: {summary: gone}
      - alert: Tenant
        expr: sum by (tenant) (rate(http_requests_total{tenant="a"}[5m])) > 1
        for: 5m
        labels: {severity: critical}
        annotations: {summary: tenant}
"#;

const EXPOSED: &str = r#"# TYPE http_requests_total counter
http_requests_total{method="GET",status="200"} 4
http_requests_total{method="GET",status="404"} 1
# TYPE wait_seconds histogram
wait_seconds_bucket{le="0.5"} 1
wait_seconds_bucket{le="1"} 1
wait_seconds_bucket{le="+Inf"} 1
wait_seconds_sum 0.3
wait_seconds_count 1
"#;

/// What was said about Prometheus.
fn about_prometheus(text: &str) -> String {
    let mut taken = false;
    let mut keep = |line: &&str| {
        taken = line.starts_with("prometheus:") || taken && line.starts_with("  ");
        taken
    };
    text.lines().filter(|l| keep(l)).map(|l| format!("{l}\n")).collect()
}

#[test]
fn a_selector_without_data_is_told_with_the_reason() {
    let dir = tree(&[("rules.yml", RULES)]);
    let data = tempfile::tempdir().unwrap();
    let Some(server) = prometheus::start(data.path(), prometheus::serve(EXPOSED.to_owned())) else { return };
    let run = reduse_in(dir.path(), &["verify", "rules.yml", "--prometheus", &server.address()]);
    assert_eq!(run.code, 1, "{run:?}");
    insta::assert_snapshot!("prometheus_reasons", about_prometheus(&run.stdout));
}

#[test]
fn what_comes_with_the_first_event_is_no_failure() {
    let source = "pub fn define() {\n    prometheus::register_int_counter_vec!(\"lost_total\", \"Lost\", &[\"reason\"]).unwrap();\n    prometheus::register_int_counter!(\"seen_total\", \"Seen\").unwrap();\n}\n";
    let rules = "groups:\n  - name: app\n    rules:\n      - {alert: A, expr: \"rate(lost_total[5m]) > 1\", for: 5m, labels: {severity: page}, annotations: {summary: a}}\n";
    let dir = tree(&[("src/lib.rs", source), ("rules.yml", rules)]);
    let data = tempfile::tempdir().unwrap();
    let Some(server) = prometheus::start(data.path(), prometheus::serve("other_total 1\n".to_owned())) else { return };
    let url = server.address();
    let run = reduse_in(dir.path(), &["verify", "--prometheus", &url]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stdout.contains("no data yet: lost_total: no samples yet: src/lib.rs defines it with labels"), "{run:?}");
    // One without labels is there from the start, or not at all.
    common::write(dir.path(), "rules.yml", rules.replace("lost_total", "seen_total").as_bytes());
    let run = reduse_in(dir.path(), &["verify", "--prometheus", &url]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stdout.contains("empty: seen_total: metric absent: src/lib.rs defines it"), "{run:?}");
}

#[test]
fn a_server_that_does_not_answer_is_no_verdict() {
    let dir = tree(&[("rules.yml", GOOD_RULES)]);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let run = reduse_in(dir.path(), &["verify", "--prometheus", &format!("http://127.0.0.1:{port}")]);
    assert_eq!(run.code, 3, "{run:?}");
    assert!(run.stderr.contains("no answer"), "{run:?}");
    let page = prometheus::serve("<html>\n".to_owned());
    let run = reduse_in(dir.path(), &["verify", "--prometheus", &format!("http://127.0.0.1:{page}")]);
    assert_eq!(run.code, 3, "{run:?}");
    assert!(run.stderr.contains("not Prometheus'"), "{run:?}");
    let run = reduse_in(dir.path(), &["verify", "--prometheus", "prometheus:9090"]);
    assert_eq!(run.code, 2, "{run:?}");
}

/// A folder with a promtool of our own making: says which calls there were, and fails where a file is called `bad`.
#[cfg(unix)]
fn with_promtool(folder: &std::path::Path, args: &[&str], script: Option<&str>) -> common::Run {
    use std::os::unix::fs::PermissionsExt;
    let bin = tempfile::tempdir().unwrap();
    if let Some(script) = script {
        let path = bin.path().join("promtool");
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    common::reduse_with(folder, args, &[("PATH", bin.path().to_str().unwrap())])
}

const TESTS: &str = "rule_files: [rules.yml]\nevaluation_interval: 1m\ntests: []\n";

#[test]
#[cfg(unix)]
fn promtool_is_asked_about_rules_and_tests() {
    let dir = tree(&[("rules.yml", GOOD_RULES), ("rules_test.yml", TESTS)]);
    let run = with_promtool(dir.path(), &["verify"], Some("exit 0"));
    assert_eq!(run.code, 0, "{run:?}");
    insta::assert_snapshot!("promtool", run.stdout);
    let run = with_promtool(dir.path(), &["verify"], Some("[ \"$1\" = check ] || { echo '  FAILED: exp [], got [Down]'; exit 1; }"));
    assert_eq!(run.code, 1, "{run:?}");
    insta::assert_snapshot!("promtool_fails", run.stdout);
    let run = with_promtool(dir.path(), &["verify"], None);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains("promtool: not asked: promtool is not installed"), "{run:?}");
}

#[test]
fn rules_of_objects_are_proved_like_plain_ones() {
    let part = |code: &str| {
        format!("    - record: code:shop_orders:rate5m\n      expr: sum by (code) (rate(shop_orders_total{{code=~\"{code}\"}}[5m]))\n")
    };
    let rule = format!(
        "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {{name: shop}}\nspec:\n  groups:\n  - name: shop\n    rules:\n{}{}",
        part("2.."),
        part("5..")
    );
    let broken = rule.replace("[5m]))", "[5m])").replace("shop}", "bad}");
    let dir = tree(&[("a.yaml", &rule), ("b.yaml", &format!("{rule}---\n{broken}"))]);
    let run = reduse_in(dir.path(), &["verify"]);
    if run.stderr.contains("promtool is not installed") {
        return;
    }
    assert!(run.stdout.contains("promtool check rules a.yaml: passes\n"), "parts of one recorded metric: {run:?}");
    assert!(!run.stdout.contains(dir.path().to_str().unwrap()), "{run:?}");
    assert!(run.code == 1 && run.stdout.contains("promtool check rules b.yaml: fails\n") && !run.stdout.contains("/rules-"), "{run:?}");
}

#[test]
fn own_lints_decide_too() {
    let dir = tree(&[("rules.yml", &GOOD_RULES.replace("up == 0", "rate(up)"))]);
    let run = reduse_in(dir.path(), &["verify"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stdout.starts_with("rules.yml:5:"), "{run:?}");
    assert_eq!(reduse_in(dir.path(), &["verify", "nowhere"]).code, 2);
}

#[test]
fn tests_whose_rules_are_not_there_are_said_not_to_run() {
    if !Command::new("promtool").arg("--version").output().is_ok_and(|o| o.status.success()) {
        assert!(std::env::var_os("CI").is_none(), "promtool is missing: install Debian's package `prometheus`");
        return;
    }
    let test = "rule_files: [built/alerts.yaml]\nevaluation_interval: 1m\ntests:\n  - interval: 1m\n    input_series:\n      - {series: up, values: '0x9'}\n    alert_rule_test:\n      - {eval_time: 5m, alertname: Down, exp_alerts: [{}]}\n";
    let dir = tree(&[("alerts_test.yml", test)]);
    let run = reduse_in(dir.path(), &["verify", "."]);
    assert_eq!(run.code, 1, "{run:?}");
    let said = "promtool test rules alerts_test.yml: fails\n  not run: none of its rule_files is there: built/alerts.yaml\n";
    assert!(run.stdout.contains(said), "{run:?}");
}

#[test]
fn where_there_is_nothing_to_prove_it_says_so() {
    let folder = tree(&[("src/lib.rs", "pub fn f() {}\n")]);
    let run = reduse_in(folder.path(), &["verify", "src"]);
    assert!(run.code == 0 && run.stderr.contains("nothing to prove: no rule, test of rules or dashboard was found in src\n"), "{run:?}");
    let folder = tree(&[("rules.yml", GOOD_RULES)]);
    assert!(!reduse_in(folder.path(), &["verify"]).stderr.contains("nothing to prove"));
}
