//! The alerts of the reference service and of services whose histograms are less well chosen.

use reduse::generate::Output;
use reduse::knowledge::plan;
use reduse::model::{Buckets, Metric, MetricType, Policies};

use crate::{mutation, promtool, reference};

fn generated(metrics: Vec<Metric>) -> Output {
    reference::generate_from(metrics, &Policies::default(), &[])
}

fn ttft(bounds: &[f64]) -> Metric {
    reference::metric("time_to_first_token_seconds", MetricType::Histogram, &[("model", &["small", "large"])], bounds)
}

#[test]
fn the_reference_service_has_exactly_the_three_alerts() {
    let output = generated(reference::metrics());
    let alerts = reference::text(&output, "alerts.yml");
    assert_eq!(output.alerts, 3);
    let names: Vec<&str> = alerts.lines().filter_map(|l| l.trim().strip_prefix("- alert: ")).collect();
    assert_eq!(names, ["HighErrorRate", "SlowTimeToFirstToken", "CostExplosion"]);
    if promtool::available() {
        promtool::accepts(&output);
    }
}

#[test]
fn every_mutant_of_the_reference_alerts_is_noticed() {
    if promtool::available() {
        mutation::every_mutant_is_noticed(&generated(reference::metrics()));
    }
}

fn alert<'a>(output: &'a Output, name: &str) -> &'a str {
    let alerts = reference::text(output, "alerts.yml");
    alerts.split("- alert: ").find(|a| a.starts_with(name)).unwrap_or_else(|| panic!("no {name}"))
}

fn reason<'a>(output: &'a Output, what: &str) -> &'a str {
    output.unanswered.iter().find(|u| u.what == what).map(|u| u.reason.as_str()).unwrap_or_else(|| panic!("{what} is not unanswered"))
}

/// promtool accepts the files, and every mutant is noticed.
fn proved(output: &Output) {
    if promtool::available() {
        promtool::accepts(output);
        mutation::every_mutant_is_noticed(output);
    }
}

#[test]
fn a_threshold_between_two_bounds_becomes_the_share_above_the_next_bound() {
    let output = generated(vec![ttft(&[0.25, 0.5, 1.0, 2.5, 5.0, 10.0])]);
    let rule = alert(&output, "SlowTimeToFirstToken");
    assert!(rule.contains(r#"time_to_first_token_seconds_bucket{le=~"2\\.5"}"#), "{rule}");
    assert!(rule.contains("> 0.05\n") && rule.contains("sum by (job, model)"), "{rule}");
    let comment = reference::text(&output, "alerts.yml").lines().find(|l| l.contains("# 2 is no bound")).unwrap();
    assert!(comment.contains("interpolated from 1 to 2.5"), "{comment}");
    proved(&output);
}

#[test]
fn a_threshold_on_the_largest_bound_becomes_a_share_too() {
    let output = generated(vec![ttft(&[0.5, 1.0, 2.0])]);
    let rule = alert(&output, "SlowTimeToFirstToken");
    assert!(rule.contains(r#"le=~"2(\\.0)?""#), "{rule}");
    proved(&output);
}

#[test]
fn an_alert_that_could_never_fire_is_not_generated() {
    let output = generated(vec![ttft(&[0.1, 0.5, 1.0])]);
    assert!(output.files.iter().all(|f| f.name != "alerts.yml"));
    assert!(
        reason(&output, "SlowTimeToFirstToken").contains("no finite bound of `time_to_first_token_seconds` reaches 2 (the largest is 1)")
    );
}

#[test]
fn bounds_that_are_decided_at_run_time_give_the_quantile_and_a_comment() {
    let mut metric = ttft(&[]);
    metric.buckets = Buckets::RunTime { count: None, location: None };
    let output = generated(vec![metric]);
    assert!(alert(&output, "SlowTimeToFirstToken").contains("histogram_quantile"));
    assert!(reference::text(&output, "alerts.yml").contains("# The bounds of time_to_first_token_seconds are decided at run time."));
    if promtool::available() {
        promtool::accepts(&output);
    }
}

#[test]
fn a_histogram_in_milliseconds_is_not_compared_with_seconds() {
    let output = generated(vec![reference::metric("ttft_ms", MetricType::Histogram, &[], &[500.0, 2000.0, 5000.0])]);
    assert!(reason(&output, "SlowTimeToFirstToken").contains("is in ms, and the threshold is in seconds"));
}

#[test]
fn a_status_label_without_server_errors_gives_no_alert_and_no_panel() {
    let requests = reference::metric("http_requests_total", MetricType::Counter, &[("status", &["ok", "refused"])], &[]);
    let output = generated(vec![requests]);
    assert!(reason(&output, "HighErrorRate").contains("its label `status` is never `5..`: it takes ok, refused"));
    assert!(!reference::text(&output, "dashboard.json").contains("5.."));
}

#[test]
fn a_status_in_words_is_asked_for_the_words_that_mean_a_failure() {
    let of = |values: &[&str]| {
        let requests = reference::metric("http_requests_total", MetricType::Counter, &[("status", values)], &[]);
        let output = generated(vec![requests]);
        proved(&output);
        assert!(alert(&output, "HighErrorRate").contains("of the requests over 5m failed, for 5m"));
        output
    };
    let one = of(&["ok", "error"]);
    assert!(alert(&one, "HighErrorRate").contains(r#"rate(http_requests_total{status="error"}[5m])"#));
    assert!(!reference::text(&one, "dashboard.json").contains("5.."));
    let two = of(&["failure", "success", "timeout", "refused"]);
    assert!(alert(&two, "HighErrorRate").contains(r#"rate(http_requests_total{status=~"failure|timeout"}[5m])"#));
}

#[test]
fn tests_feed_no_reason_that_the_code_never_gives() {
    let of = |reasons: &[&str]| {
        let errors = reference::metric("llm_generation_errors_total", MetricType::Counter, &[("reason", reasons)], &[]);
        let requests = reference::metric("http_requests_total", MetricType::Counter, &[], &[]);
        reference::recommended(vec![errors, requests], &Policies::default(), &[])
    };
    let closed = of(&["oom", "timeout"]);
    assert!(alert(&closed, "GenerationErrors").contains("rate(llm_generation_errors_total["));
    assert!(!reference::text(&closed, "alerts_test.yml").contains("cancelled"));
    let with_clients = of(&["client_disconnected", "oom"]);
    assert!(alert(&with_clients, "GenerationErrors").contains("reason!~"));
    let tests = reference::text(&with_clients, "alerts_test.yml");
    assert!(tests.contains(r#"reason="client_disconnected""#) && !tests.contains(r#"reason="cancelled""#));
    if promtool::available() {
        promtool::accepts(&closed);
        promtool::accepts(&with_clients);
    }
}

#[test]
fn grouped_statuses_and_unknown_values_are_tested_with_what_can_occur() {
    let grouped = reference::metric("http_requests_total", MetricType::Counter, &[("status", &["2xx", "4xx", "5xx"]), ("model", &[])], &[]);
    let output = generated(vec![grouped]);
    assert!(reference::text(&output, "alerts_test.yml").contains(r#"status="5xx""#));
    assert!(!reference::text(&output, "alerts_test.yml").contains(r#"status="500""#));
    if promtool::available() {
        promtool::accepts(&output);
    }
}

#[test]
fn grpc_codes_that_blame_the_server_count_as_failures() {
    let handled = reference::metric("grpc_server_handled_total", MetricType::Counter, &[("grpc_code", &[]), ("grpc_method", &[])], &[]);
    let output = generated(vec![handled]);
    assert!(alert(&output, "HighErrorRate").contains(r#"grpc_code=~"Unknown|"#));
    proved(&output);
}

#[test]
fn thresholds_of_the_configuration_are_written_without_noise_and_proved() {
    for (ratio, ttft, cost) in [(0.03, 5.0, 0.1), (0.001, 0.3, 0.02), (0.1 + 0.2, 90.0, 0.7), (0.9, 119.0, 1.999)] {
        let mut policies = Policies::default();
        policies.thresholds.error_ratio = ratio;
        policies.thresholds.ttft_seconds = ttft;
        policies.thresholds.cost_per_1k_usd = cost;
        let output = reference::generate_from(reference::metrics(), &policies, &[]);
        assert_eq!(output.alerts, 3, "{:?}", output.unanswered);
        assert!(!reference::text(&output, "alerts.yml").contains("00000"), "{}", reference::text(&output, "alerts.yml"));
        if promtool::available() {
            promtool::accepts(&output);
        }
    }
}

/// Where a value is shown with a digit that its last bits decide, the tests of the rules would fail by chance: another value is taken.
#[test]
fn thresholds_on_the_edge_of_a_digit_are_proved_with_values_beside_it() {
    let mut policies = Policies::default();
    for step in (1..=400).step_by(4) {
        policies.thresholds.error_ratio = f64::from(step) * 0.001;
        policies.thresholds.ttft_seconds = f64::from(step) * 0.025;
        policies.thresholds.cost_per_1k_usd = f64::from(step) * 0.0005;
        policies.thresholds.kv_cache_ratio = 1.0 - f64::from(step) * 0.0005;
        policies.thresholds.disk_free_ratio = f64::from(step) * 0.0005;
        let litellm = reference::recommended(Vec::new(), &policies, &[reference::system("litellm")]);
        assert!(reference::text(&litellm, "alerts.yml").contains("- alert: CostExplosion"), "{step}");
        let output = reference::recommended(reference::metrics(), &policies, &["node_exporter", "vllm"].map(reference::system));
        assert!(output.alerts >= 10, "{step}: {:?}", output.unanswered);
        // A few of them by promtool too.
        if step == 381 && promtool::available() {
            promtool::accepts_one_by_one(&output, &[]);
            promtool::accepts_one_by_one(&litellm, &[]);
        }
    }
    policies.thresholds.kv_cache_ratio = 1.0;
    policies.thresholds.error_ratio = 1.0;
    let output = reference::recommended(reference::metrics(), &policies, &[reference::system("vllm")]);
    for name in ["KvCacheThrashing", "GenerationErrors", "HighErrorRate"] {
        assert!(reason(&output, name).contains("can never be exceeded"), "{name}");
    }
}

#[test]
fn odd_label_values_survive_the_way_into_the_tests() {
    let requests = reference::metric(
        "http_requests_total",
        MetricType::Counter,
        &[("endpoint", &["/a\"b\\c'd: {x} # y"]), ("job", &["inner"]), ("status", &["200", "500"])],
        &[],
    );
    let output = generated(vec![requests]);
    assert!(reference::text(&output, "alerts_test.yml").contains("exported_job=\"inner\""));
    if promtool::available() {
        promtool::accepts(&output);
    }
}

/// The reference service with what makes all recommended alerts possible.
fn all() -> Output {
    let mut policies = Policies::default();
    policies.thresholds.availability_slo = Some(0.999);
    reference::recommended(reference::metrics(), &policies, &reference::node_exporter())
}

#[test]
fn the_recommended_alerts_of_the_reference_service_are_proved() {
    let output = all();
    let alerts = reference::text(&output, "alerts.yml");
    let names: Vec<&str> = alerts.lines().filter_map(|l| l.trim().strip_prefix("- alert: ")).collect();
    assert_eq!(
        names,
        [
            "HighErrorRate",
            "SlowTimeToFirstToken",
            "CostExplosion",
            "EngineStalled",
            "TargetDown",
            "MetricsAbsent",
            "GenerationErrors",
            "QueueNeverEmpty",
            "AdmissionRejections",
            "HostOomKill",
            "HostDiskFull",
            "ErrorBudgetBurnFast",
            "ErrorBudgetBurnSlow",
        ]
    );
    if promtool::available() {
        promtool::accepts_one_by_one(&output, &[]);
    }
}

/// With what the other alerts need: an engine that says how full its cache is, and GPUs.
fn all_there_are() -> Output {
    let mut policies = Policies::default();
    policies.thresholds.availability_slo = Some(0.999);
    let systems = ["node_exporter", "vllm", "dcgm_exporter"].map(reference::system);
    reference::recommended(reference::metrics(), &policies, &systems)
}

/// Takes minutes, most of them in promtool: in CI, or `REDUSE_MUTANTS=1`, and one alert with `REDUSE_ALERT=EngineStalled`.
#[test]
fn every_mutant_of_the_recommended_alerts_is_noticed() {
    let output = all_there_are();
    assert_eq!(output.alerts, plan::alerts().len(), "an alert is missing here");
    let asked = ["CI", "REDUSE_MUTANTS", "REDUSE_ALERT"].iter().any(|name| std::env::var_os(name).is_some());
    if asked && promtool::available() {
        mutation::every_mutant_is_noticed(&output);
    }
}

#[test]
fn nothing_to_answer_gives_no_file_and_names_every_alert_and_panel() {
    let output = generated(Vec::new());
    assert!(output.files.is_empty());
    assert_eq!((output.alerts, output.panels), (0, 0));
    let mut whats: Vec<&str> = output.unanswered.iter().map(|u| u.what.as_str()).collect();
    whats.dedup();
    assert_eq!(whats.len(), 20);
}
