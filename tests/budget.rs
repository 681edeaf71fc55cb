//! `reduse budget`: what a user sees, the committed file, and that the figures are those of a real Prometheus.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, missing_docs)]

mod common;

use std::path::Path;

use ::prometheus::{Encoder, GaugeVec, HistogramOpts, HistogramVec, IntCounterVec, Opts, Registry, TextEncoder};
use common::{prometheus, reduse, reduse_in, tree, write};
use serde_json::Value;

const SOURCE: &str = r#"use prometheus::{register_histogram, register_int_counter_vec};
pub fn define() {
    let answered = register_int_counter_vec!("app_answers_total", "Answers", &["method", "ok"]).unwrap();
    answered.with_label_values(&["get", "true"]).inc();
    answered.with_label_values(&["put", "false"]).inc();
    answered.with_label_values(&["post", "true"]).inc();
    register_histogram!("app_wait_seconds", "Waiting", vec![0.1, 1.0]).unwrap();
    register_int_counter_vec!("app_tenants_total", "By tenant", &["tenant"]).unwrap();
}
"#;

fn json(run: &common::Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{e}: {run:?}"))
}

#[test]
fn the_figures_are_shown_with_what_they_are_made_of() {
    let dir = tree(&[("src/main.rs", SOURCE)]);
    let run = reduse_in(dir.path(), &["budget"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    insta::assert_snapshot!("budget", run.stdout);
    let document = json(&reduse_in(dir.path(), &["budget", "--format", "json"]));
    assert_eq!(document["summary"], serde_json::json!({"known": 11, "unknown": 1, "max": 1_000_000}));
    let answers = document["metrics"].as_array().unwrap().iter().find(|m| m["name"] == "app_answers_total").unwrap();
    assert_eq!(answers["labels"][0], serde_json::json!({"name": "method", "bound": "values", "count": 3, "series": 4}));
}

#[test]
fn the_configuration_says_how_many_values_there_are() {
    let dir = tree(&[("src/main.rs", SOURCE), ("reduse.toml", "[labels]\ntenant = { max = 40 }\n")]);
    let document = json(&reduse_in(dir.path(), &["budget", "--format", "json"]));
    assert_eq!(document["summary"]["known"], 51);
    assert_eq!(document["summary"]["unknown"], 0);
}

#[test]
fn more_than_the_maximum_fails() {
    let dir = tree(&[("src/main.rs", SOURCE)]);
    assert_eq!(reduse_in(dir.path(), &["budget", "--max", "11"]).code, 0);
    let run = reduse_in(dir.path(), &["budget", "--max", "10"]);
    assert_eq!(run.code, 1);
    assert_eq!(run.stderr, "11 series are more than the budget of 10\n");
}

#[test]
fn the_configuration_holds_the_maximum_and_the_committed_file() {
    let dir = tree(&[("app/src/main.rs", SOURCE), ("app/reduse.toml", "[budget]\nmax_series = 10\n")]);
    let run = reduse_in(dir.path(), &["budget", "app"]);
    assert_eq!((run.code, run.stderr.as_str()), (1, "11 series are more than the budget of 10\n"));
    assert_eq!(reduse_in(dir.path(), &["budget", "app", "--max", "11"]).code, 0, "the option wins");
    assert_eq!(reduse_in(dir.path(), &["budget", "app", "--isolated"]).code, 0);

    write(dir.path(), "app/reduse.toml", b"[budget]\nfile = \"series.toml\"\n");
    assert_eq!(reduse_in(dir.path(), &["budget", "app"]).code, 2, "there is no such file yet");
    assert_eq!(reduse_in(dir.path(), &["budget", "app", "--write-budget", "app/series.toml"]).code, 0);
    assert_eq!(reduse_in(dir.path(), &["budget", "app"]).code, 0, "nothing grew");
    assert_eq!(reduse_in(&dir.path().join("app/src"), &["budget"]).code, 0, "the file is relative to the configuration");
    write(dir.path(), "app/src/main.rs", SOURCE.replace("vec![0.1, 1.0]", "vec![0.1, 1.0, 5.0]").as_bytes());
    let run = reduse_in(dir.path(), &["budget", "app"]);
    assert!(run.code == 1 && run.stderr.starts_with("`app_wait_seconds` grew from 5 to 6 series\n"), "{run:?}");

    // Two configurations, each with a limit: none holds for the sum.
    write(dir.path(), "other/src/main.rs", SOURCE.as_bytes());
    write(dir.path(), "other/reduse.toml", b"[budget]\nmax_series = 20\n");
    let run = reduse_in(dir.path(), &["budget", "app", "other"]);
    assert!(run.code == 2 && run.stderr.contains("both app/reduse.toml and other/reduse.toml have [budget]"), "{run:?}");
    assert_eq!(reduse_in(dir.path(), &["budget", "app", "other", "--write-budget", "both.toml", "--max", "99"]).code, 0);
    assert_eq!(reduse_in(dir.path(), &["budget", "app", "other", "--max", "99", "--budget", "both.toml"]).code, 0);
}

/// Growth of our own fixture fails the suite, the way it is meant to fail a user's CI.
#[test]
fn the_fixture_has_the_series_that_were_agreed_on() {
    let path = common::root().join("fixtures/llm-server/series.toml");
    if std::env::var_os("REDUSE_UPDATE").is_some() {
        assert_eq!(reduse(&["budget", "fixtures/llm-server", "--write-budget", path.to_str().unwrap()]).code, 0);
    }
    let run = reduse(&["budget", "fixtures/llm-server"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "REDUSE_UPDATE=1 writes {}", path.display());
}

#[test]
fn a_committed_budget_fails_on_growth_and_on_nothing_else() {
    let dir = tree(&[("src/main.rs", SOURCE)]);
    let args = ["budget", "--budget", "budget.toml"];
    let run = reduse_in(dir.path(), &args);
    assert!(run.code == 2 && run.stderr.contains("make it with --write-budget"), "{run:?}");
    assert_eq!(reduse_in(dir.path(), &["budget", "--write-budget", "budget.toml"]).code, 0);
    insta::assert_snapshot!("budget_file", std::fs::read_to_string(dir.path().join("budget.toml")).unwrap());
    assert_eq!(reduse_in(dir.path(), &args).code, 0, "nothing grew");

    let smaller = SOURCE.replace(r#"&["post", "true"]"#, r#"&["get", "true"]"#);
    write(dir.path(), "src/main.rs", smaller.as_bytes());
    assert_eq!(reduse_in(dir.path(), &args).code, 0, "less is no growth");

    let more = "    answered.with_label_values(&[\"patch\", \"true\"]).inc();\n    register_histogram!(";
    let larger = SOURCE.replace("    register_histogram!(", more).replace("vec![0.1, 1.0]", "vec![0.1, 1.0, 5.0]");
    write(dir.path(), "src/main.rs", larger.as_bytes());
    let run = reduse_in(dir.path(), &args);
    assert_eq!(run.code, 1);
    insta::assert_snapshot!("budget_growth", run.stderr);

    write(dir.path(), "budget.toml", b"version = 2\n[metrics]\n");
    assert_eq!(reduse_in(dir.path(), &args).code, 2);
    write(dir.path(), "budget.toml", b"version = 1\n[metrics]\nx = \"many\"\n");
    assert_eq!(reduse_in(dir.path(), &args).code, 2);
}

/// The values of a label: what the source shows, else what the configuration vouches for.
fn values(label: &Value) -> Vec<String> {
    let name = label["name"].as_str().unwrap();
    let shown = label["bound"]["values"].as_array().filter(|v| !v.is_empty());
    match shown {
        Some(values) => values.iter().map(|v| v.as_str().unwrap().to_owned()).collect(),
        None => VOUCHED.iter().find(|(l, _)| *l == name).unwrap_or_else(|| panic!("{label}")).1.iter().map(|v| (*v).to_owned()).collect(),
    }
}

const VOUCHED: [(&str, &[&str]); 4] = [
    ("endpoint", &["/v1/chat/completions", "/v1/completions", "/healthz"]),
    ("reason", &["timeout", "overload", "engine"]),
    ("method", &["GET", "POST"]),
    ("status", &["200", "500"]),
];

fn combinations(labels: &[Vec<String>]) -> Vec<Vec<String>> {
    labels.iter().fold(vec![Vec::new()], |all, values| {
        all.iter().flat_map(|done| values.iter().map(move |v| done.iter().cloned().chain([v.clone()]).collect())).collect()
    })
}

/// The exposition text of a program that has these metrics and exercised every value of every label.
fn exercise(inventory: &Value) -> String {
    let registry = Registry::new();
    for metric in inventory["metrics"].as_array().unwrap() {
        let name = metric["name"].as_str().unwrap();
        let labels = metric["labels"].as_array().unwrap();
        let names: Vec<&str> = labels.iter().map(|l| l["name"].as_str().unwrap()).collect();
        let all = combinations(&labels.iter().map(values).collect::<Vec<_>>());
        let each = all.iter().map(|combination| combination.iter().map(String::as_str).collect::<Vec<_>>());
        match metric["type"].as_str().unwrap() {
            "counter" => {
                let vec = IntCounterVec::new(Opts::new(name, "help"), &names).unwrap();
                registry.register(Box::new(vec.clone())).unwrap();
                each.for_each(|values| vec.with_label_values(&values).inc());
            }
            "gauge" => {
                let vec = GaugeVec::new(Opts::new(name, "help"), &names).unwrap();
                registry.register(Box::new(vec.clone())).unwrap();
                each.for_each(|values| vec.with_label_values(&values).set(1.0));
            }
            "histogram" => {
                let bounds = metric["buckets"].as_array().unwrap().iter().map(|b| b.as_f64().unwrap()).collect();
                let vec = HistogramVec::new(HistogramOpts::new(name, "help").buckets(bounds), &names).unwrap();
                registry.register(Box::new(vec.clone())).unwrap();
                each.for_each(|values| vec.with_label_values(&values).observe(0.5));
            }
            other => panic!("{name}: {other}"),
        }
    }
    let mut text = Vec::new();
    TextEncoder::new().encode(&registry.gather(), &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

/// The series of each metric family of job `app` that a real Prometheus holds after a scrape; `None` without Prometheus.
fn scraped(dir: &Path, target: u16, families: &[String]) -> Option<Vec<u64>> {
    let server = prometheus::start(dir, target)?;
    let count = |family: &String| server.one(&format!("count({{job=\"app\",__name__=~\"{family}(_bucket|_sum|_count)?\"}})")).unwrap_or(0);
    Some(families.iter().map(count).collect())
}

#[test]
fn the_budget_of_the_good_sample_is_what_prometheus_counts() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = String::from("[labels]\n");
    for (label, values) in VOUCHED {
        config.push_str(&format!("{label} = {{ values = {values:?} }}\n"));
    }
    write(dir.path(), "reduse.toml", config.as_bytes());
    let config = dir.path().join("reduse.toml");
    let config = config.to_str().unwrap();
    let inventory = json(&reduse(&["inventory", "examples/llm-service", "--config", config, "--format", "json"]));
    let budget = json(&reduse(&["budget", "examples/llm-service", "--config", config, "--format", "json"]));
    let metrics = budget["metrics"].as_array().unwrap();
    let names: Vec<String> = metrics.iter().map(|m| m["name"].as_str().unwrap().to_owned()).collect();
    let said: Vec<u64> = metrics.iter().map(|m| m["series"].as_u64().unwrap_or_else(|| panic!("{m}"))).collect();
    assert!(names.len() >= 14 && said.iter().sum::<u64>() == budget["summary"]["known"].as_u64().unwrap());

    let target = prometheus::serve(exercise(&inventory));
    let Some(counted) = scraped(dir.path(), target, &names) else { return };
    let rows = |figures: &[u64]| names.iter().cloned().zip(figures.iter().copied()).collect::<Vec<_>>();
    assert_eq!(rows(&said), rows(&counted));
}
