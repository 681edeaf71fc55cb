//! The samples in Python, with the real binary.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use common::reduse;

const GOOD: &str = "examples/python-llm-service";
const RUST: &str = "examples/llm-service";
const BAD: &str = "examples/bad-python-service";

#[test]
fn the_good_sample_is_clean() {
    let run = reduse(&["check", GOOD, "--fail-on", "warning"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "No findings in 5 files.\n"), "{run:?}");
}

#[test]
fn every_planted_mistake_of_the_bad_sample_is_found_once_at_its_place() {
    let run = reduse(&["check", BAD]);
    assert_eq!(run.code, 1);
    insta::assert_snapshot!("bad_python_service", run.stdout);
    insta::assert_snapshot!("bad_python_service_inventory", reduse(&["inventory", BAD, "--uses"]).stdout);
}

#[test]
fn what_the_sample_exposes_is_what_its_twin_in_rust_exposes() {
    let lines = |folder: &str| -> Vec<String> {
        let run = reduse(&["inventory", folder, "--format", "json"]);
        let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let metrics = document["metrics"].as_array().unwrap();
        let labels = |m: &serde_json::Value| m["labels"].as_array().unwrap().iter().map(|l| l["name"].to_string()).collect::<Vec<_>>();
        metrics.iter().map(|m| format!("{} {} {:?} {}", m["name"], m["type"], labels(m), m["buckets"])).collect()
    };
    assert_eq!(lines(GOOD).len(), 14);
    assert_eq!(lines(GOOD), lines(RUST));
}

#[test]
fn coverage_and_generated_alerts_are_those_of_the_twin_in_rust() {
    let coverage = |folder: &str| reduse(&["coverage", folder, "--system", "node_exporter", "--format", "json"]).stdout;
    assert_eq!(coverage(GOOD), coverage(RUST));
    let generated = |folder: &str| {
        let out = tempfile::tempdir().unwrap();
        let run = reduse(&["generate", folder, "--system", "node_exporter", "--out", out.path().to_str().unwrap()]);
        assert_eq!(run.code, 0, "{run:?}");
        std::fs::read_to_string(out.path().join("alerts.yml")).unwrap()
    };
    assert_eq!(generated(GOOD).replace("python-llm-service", "llm-service"), generated(RUST));
}
