//! `reduse coverage`: what a user sees, and that what it says to add answers the question once it is added.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use std::collections::BTreeMap;

use common::{reduse, reduse_in, tree};
use reduse::knowledge::{signals, snippets, vocab};
use reduse::model::MetricType;
use serde_json::Value;

fn rows(run: &common::Run) -> Vec<Value> {
    let document: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{e}: {run:?}"));
    assert_eq!(document["version"], 1);
    document["signals"].as_array().unwrap().clone()
}

fn state<'a>(rows: &'a [Value], id: &str) -> &'a str {
    rows.iter().find(|r| r["signal"] == id).unwrap_or_else(|| panic!("no row for {id}"))["state"].as_str().unwrap()
}

#[test]
fn the_good_sample_with_its_host_answers_everything_but_the_gpu() {
    let run = reduse(&["coverage", "examples/llm-service", "--system", "node_exporter", "--format", "json"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    for row in rows(&run) {
        let id = row["signal"].as_str().unwrap();
        let gpu = id.starts_with("use.gpu.") || id.starts_with("use.nccl.");
        match row["state"].as_str().unwrap() {
            "found" | "system" => assert!(!gpu && row["query"].is_string() && row["add"].is_null(), "{row}"),
            "missing" => assert!(gpu && row["add"].is_object(), "{row}"),
            state => assert_eq!(state, "not_applicable", "{row}"),
        }
    }
}

#[test]
fn without_the_host_its_rows_are_missing() {
    let with = rows(&reduse(&["coverage", "examples/llm-service", "--system", "node_exporter", "--format", "json"]));
    let without = rows(&reduse(&["coverage", "examples/llm-service", "--format", "json"]));
    for (with, without) in with.iter().zip(&without) {
        if with["state"] == "system" {
            assert_eq!(without["state"], "missing", "{without}");
        } else {
            assert_eq!(with, without);
        }
    }
}

#[test]
fn the_table_of_the_good_sample() {
    let run = reduse(&["coverage", "examples/llm-service", "--system", "node_exporter"]);
    insta::assert_snapshot!("coverage", run.stdout);
}

#[test]
fn what_is_missing_is_shown_as_code_of_the_library_in_use() {
    let source = "pub fn define() {
    metrics::counter!(\"http_requests_total\", \"route\" => \"/v1\", \"status\" => \"200\").increment(1);
    metrics::counter!(\"a_http_requests_failed_total\").increment(1);
    metrics::counter!(\"sched_preemptions_total\").increment(1);
}
";
    let dir = tree(&[("src/main.rs", source)]);
    let run = reduse_in(dir.path(), &["coverage", "--format", "markdown"]);
    assert_eq!(run.code, 0, "{run:?}");
    for line in [
        "| ✓ | How many requests arrive, and where? | http_requests_total | `sum by (route) (rate(http_requests_total[5m]))` |",
        "| ~ | How often does the KV cache throw work away? | sched_preemptions_total: preempted requests, which is work that the cache had no room for, not blocks that it gave up | `sum(rate(sched_preemptions_total[5m]))` |",
        "- `llm.tokens`: no counter is called tokens_total, or alike; add a counter tokens_total with a label kind (prompt, completion)",
        "  counter!(\"tokens_total\", \"kind\" => kind).increment(1);",
    ] {
        assert!(run.stdout.lines().any(|l| l == line), "{line}\nis not in\n{}", run.stdout);
    }
}

#[test]
fn the_keys_are_a_contract() {
    let rows = rows(&reduse(&["coverage", "examples/llm-service", "--format", "json"]));
    let keys: Vec<&String> = rows[0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["signal", "state", "metric", "query", "system", "note", "candidates", "add"]);
}

#[test]
fn less_than_the_share_that_is_asked_for_fails() {
    let run = reduse(&["coverage", "examples/llm-service", "--fail-under", "40", "--format", "json"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let run = reduse(&["coverage", "examples/llm-service", "--fail-under", "90", "--format", "json"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("questions are answered, which is less than 90%"), "{}", run.stderr);
    assert_eq!(reduse(&["coverage", "examples/llm-service", "--fail-under", "101"]).code, 2);
    assert_eq!(reduse(&["coverage", "examples/llm-service", "--system", "nothing"]).code, 2);
    assert_eq!(reduse(&["coverage", "no-such-folder"]).code, 2);
    let empty = tree(&[]);
    assert_eq!(reduse_in(empty.path(), &["coverage"]).code, 0);
}

#[test]
fn a_unit_that_was_not_asked_for_is_a_stand_in() {
    let source = "pub fn f() { prometheus::register_histogram!(\"ttft_ms\", \"To the first token\", vec![500.0, 2000.0]).unwrap(); }\n";
    let dir = tree(&[("src/main.rs", source)]);
    let rows = rows(&reduse_in(dir.path(), &["coverage", "--format", "json"]));
    assert_eq!(state(&rows, "red.ttft"), "proxy");
}

/// A file with this text in a function, for libraries that the tool reads.
fn file_of(library: &str, snippet: &str) -> Option<String> {
    let (head, body) = match library {
        "prometheus" => ("use prometheus::*;\n", format!("    {snippet};\n")),
        "prometheus-client" => (
            "use prometheus_client::{encoding::EncodeLabelSet, metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram}, registry::Registry};\n",
            snippet.to_owned(),
        ),
        "metrics" => (
            "use metrics::*;\nuse metrics_exporter_prometheus::{Matcher, PrometheusBuilder};\n",
            format!("let builder = PrometheusBuilder::new();\n{snippet}\nbuilder.install()?;\n"),
        ),
        "opentelemetry" => ("use opentelemetry::{KeyValue, metrics::Meter};\n", snippet.to_owned()),
        // Other languages: extraction tests of their own.
        _ => return None,
    };
    let body = if library == "metrics" && !snippet.contains("builder") { format!("{snippet}\n") } else { body };
    Some(format!(
        "{head}pub fn define(registry: &mut Registry, meter: &Meter, endpoint: String, status: String, value: f64) -> Result<(), Error> {{\n{body}\n    Ok(())\n}}\n"
    ))
}

#[test]
fn what_is_to_be_added_answers_the_question_once_it_is_there() {
    let mut tried = 0;
    for library in snippets::all() {
        let mut files: BTreeMap<&str, String> = BTreeMap::new();
        for signal in signals::all() {
            let Some(name) = signal.name_to_add() else { continue };
            let kind = MetricType::parse(&signal.types[0]);
            let buckets = signal.buckets.as_deref().and_then(|layout| vocab::buckets().layout(layout)).unwrap_or_default();
            let help = signal.add_help.as_deref().unwrap();
            let wanted = snippets::Wanted { name, kind, help, labels: &signal.add_labels, buckets };
            files.extend(file_of(&library.library, &library.render(&wanted)).map(|file| (name, file)));
        }
        let paths: Vec<(String, &str)> = files.iter().map(|(name, text)| (format!("src/{name}.rs"), text.as_str())).collect();
        let dir = tree(&paths.iter().map(|(path, text)| (path.as_str(), *text)).collect::<Vec<_>>());
        let run = reduse_in(dir.path(), &["inventory", "--format", "json"]);
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        let rows = rows(&reduse_in(dir.path(), &["coverage", "--format", "json"]));
        for signal in signals::all() {
            let Some((name, file)) = signal.name_to_add().and_then(|name| files.get_key_value(name)) else { continue };
            let metric = document["metrics"].as_array().unwrap().iter().find(|m| m["name"] == *name);
            let metric = metric.unwrap_or_else(|| panic!("{}: {name} was not found in\n{file}\n{}", library.library, run.stdout));
            let labels: Vec<&str> = metric["labels"].as_array().unwrap().iter().map(|l| l["name"].as_str().unwrap()).collect();
            let mut asked: Vec<&str> = signal.add_labels.iter().map(String::as_str).collect();
            asked.sort_unstable();
            assert_eq!(
                (metric["type"].as_str().unwrap(), labels),
                (signal.types[0].as_str(), asked),
                "{}: {name} in\n{file}",
                library.library
            );
            if let Some(layout) = &signal.buckets {
                let bounds: Vec<f64> =
                    metric["buckets"].as_array().unwrap_or_else(|| panic!("{file}")).iter().map(|b| b.as_f64().unwrap()).collect();
                assert_eq!(Some(bounds.as_slice()), vocab::buckets().layout(layout), "{}: {name}", library.library);
            }
            assert_eq!(state(&rows, &signal.id), "found", "{}: {name} in\n{file}", library.library);
            tried += 1;
        }
    }
    assert!(tried >= 55, "{tried}");
}

/// The names of text-generation-inference, in code of our own.
const TGI: &str = r#"pub fn record(err: &'static str) {
    metrics::counter!("tgi_request_count").increment(1);
    metrics::counter!("tgi_request_failure", "err" => "overloaded").increment(1);
    metrics::histogram!("tgi_request_duration").record(1.0);
    metrics::histogram!("tgi_request_queue_duration").record(1.0);
    metrics::histogram!("tgi_batch_inference_duration", "method" => "prefill").record(1.0);
    metrics::histogram!("tgi_request_mean_time_per_token_duration").record(0.1);
    metrics::histogram!("tgi_request_generated_tokens").record(7.0);
    metrics::gauge!("tgi_batch_current_size").set(1.0);
}
"#;

#[test]
fn a_server_without_a_time_to_first_token_is_told_what_to_add() {
    let dir = tree(&[("src/main.rs", TGI)]);
    let of = |args: &[&str]| rows(&reduse_in(dir.path(), &[&["coverage", "--format", "json"], args].concat()));
    let ttft = |rows: &[Value]| rows.iter().find(|r| r["signal"] == "red.ttft").unwrap().clone();
    // From the source alone it is missing, and two durations whose sum comes near to it are not taken for it.
    let own = of(&[]);
    let row = ttft(&own);
    assert_eq!((&row["state"], &row["metric"], &row["query"]), (&"missing".into(), &Value::Null, &Value::Null), "{row}");
    let add = &row["add"];
    assert_eq!(
        (&add["name"], &add["type"], &add["labels"]),
        (&"time_to_first_token_seconds".into(), &"histogram".into(), &serde_json::json!(["model"]))
    );
    assert!(add["buckets"].as_array().unwrap().iter().any(|b| b.as_f64() == Some(2.0)), "the threshold is a bound: {add}");
    assert!(add["snippet"].as_str().unwrap().contains("histogram!(\"time_to_first_token_seconds\""), "{add}");
    // The system is known to have means: a stand-in that says so, and it is still said what to add.
    let row = ttft(&of(&["--system", "tgi"]));
    assert_eq!(row["state"], "proxy");
    assert_eq!(row["note"], "the mean time in the queue and the mean prefill, not a distribution");
    assert_eq!(row["add"]["name"], "time_to_first_token_seconds");
    // Neither source nor server says anything of the host.
    for rows in [own, of(&["--system", "tgi"])] {
        let host: Vec<&Value> = rows
            .iter()
            .filter(|r| {
                ["use.cpu.", "use.memory.", "use.disk.", "use.network."].iter().any(|p| r["signal"].as_str().unwrap().starts_with(p))
            })
            .collect();
        assert!(
            host.len() == 12
                && host.iter().all(|r| r["state"] == "missing" && r["add"]["text"].as_str().unwrap().contains("node_exporter")),
            "{host:?}"
        );
    }
}

#[test]
fn the_markdown_of_a_tree_that_answers_a_part() {
    let dir = tree(&[("src/main.rs", TGI)]);
    let run = reduse_in(dir.path(), &["coverage", "--format", "markdown"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    insta::assert_snapshot!("coverage_markdown", run.stdout);
}

#[test]
fn a_metric_of_a_known_program_is_told_with_what_makes_it_answer() {
    let code = "from prometheus_client import Counter, Gauge
running = Gauge('sglang:num_running_reqs', 'Running')
made = Counter('sglang:generation_tokens_total', 'Made')
";
    let folder = tree(&[("engine.py", code)]);
    let run = reduse_in(folder.path(), &["coverage"]);
    let told = "    no gauge is called llm_batcher_active_slots, or alike, but `sglang:num_running_reqs` is a metric of SGLang
    add SGLang (--system sglang)
";
    assert!(run.stdout.contains(told), "{run:?}");
    let generate = |more: &[&str]| reduse_in(folder.path(), &[&["generate", "--out", "out", "--only", "EngineStalled"], more].concat());
    let run = generate(&[]);
    let told = "nothing was written: no metric answers any signal by its name; those of SGLang with --system sglang do\n";
    assert_eq!(run.stderr, told);
    assert!(generate(&["--system", "sglang"]).stdout.contains("alerts.yml: 1 alert"));
}
