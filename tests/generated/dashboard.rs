//! The dashboard: its panels, grafana's dashboard-linter rules, and that every query parses.

use std::collections::BTreeSet;

use reduse::generate::Output;
use reduse::model::{MetricType, Policies};
use serde_json::Value;

use crate::{linter, promtool, reference};

const PANELS: [&str; 18] = [
    "Requests by endpoint",
    "Requests by status",
    "Error ratio",
    "Generation errors by reason",
    "Request duration",
    "Request duration, all requests",
    "CPU",
    "Memory",
    "Disk",
    "Batcher",
    "Admission errors",
    "KV cache",
    "Tokens by kind",
    "Time to first token",
    "Inter-token latency",
    "Generation length",
    "Cost",
    "Network",
];

fn reference_output() -> Output {
    reference::generate_from(reference::metrics(), &Policies::default(), &reference::node_exporter())
}

fn dashboard(output: &Output) -> Value {
    serde_json::from_str(reference::text(output, "dashboard.json")).unwrap()
}

fn panels(dashboard: &Value) -> Vec<&Value> {
    dashboard["panels"].as_array().unwrap().iter().filter(|p| p["type"] != "row").collect()
}

fn expressions(dashboard: &Value) -> Vec<String> {
    let targets = panels(dashboard).into_iter().flat_map(|p| p["targets"].as_array().unwrap());
    targets.map(|t| t["expr"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn seventeen_panels_in_three_rows_and_the_network_of_the_host() {
    let output = reference_output();
    let dashboard = dashboard(&output);
    let titles: Vec<&str> = panels(&dashboard).iter().map(|p| p["title"].as_str().unwrap()).collect();
    assert_eq!(titles, PANELS);
    assert_eq!((output.panels, output.unanswered.len()), (18, 0), "{:?}", output.unanswered);
    let queries: BTreeSet<String> =
        panels(&dashboard).iter().map(|p| p["targets"].as_array().unwrap().iter().map(|t| t["expr"].to_string()).collect()).collect();
    assert_eq!(queries.len(), 18);
    let rows: Vec<&str> =
        dashboard["panels"].as_array().unwrap().iter().filter(|p| p["type"] == "row").map(|p| p["title"].as_str().unwrap()).collect();
    assert_eq!(rows, ["RED", "USE", "LLM", "Network"]);
    let mut ids: Vec<u64> = dashboard["panels"].as_array().unwrap().iter().map(|p| p["id"].as_u64().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 22);
}

#[test]
fn the_rules_of_dashboard_linter_hold() {
    let with_model = reference::metric("time_to_first_token_seconds", MetricType::Histogram, &[("model", &[])], &reference::LATENCY);
    let output = reference::generate_from(reference::with(vec![with_model]), &Policies::default(), &reference::node_exporter());
    let dashboard = dashboard(&output);
    assert_eq!(linter::mistakes(&dashboard), [""; 0]);
    let labels: Vec<&str> = dashboard["templating"]["list"].as_array().unwrap().iter().map(|v| v["label"].as_str().unwrap()).collect();
    assert_eq!(labels, ["Data source", "Job", "Instance", "Model"]);
    for expr in expressions(&dashboard) {
        assert!(!expr.contains("time_to_first_token") || expr.contains(r#"model=~"$model""#), "{expr}");
    }
}

#[test]
fn thresholds_are_drawn() {
    let output = reference_output();
    let dashboard = dashboard(&output);
    for (title, value) in [("Error ratio", 0.01), ("Time to first token", 2.0), ("Cost", 0.05)] {
        let panel = panels(&dashboard).into_iter().find(|p| p["title"] == title).unwrap();
        assert_eq!(panel["fieldConfig"]["defaults"]["thresholds"]["steps"][1]["value"].as_f64(), Some(value));
        assert_eq!(panel["fieldConfig"]["defaults"]["custom"]["thresholdsStyle"]["mode"], "dashed");
    }
}

#[test]
fn panels_that_nothing_answers_are_left_out_and_the_grid_closes() {
    let mut metrics = reference::metrics();
    metrics.retain(|m| m.name != "http_requests_total" && !m.name.starts_with("llm_"));
    let output = reference::generate_from(metrics, &Policies::default(), &[]);
    let dashboard = dashboard(&output);
    let rows: Vec<&Value> = dashboard["panels"].as_array().unwrap().iter().filter(|p| p["type"] == "row").collect();
    assert_eq!(rows.iter().map(|r| r["title"].as_str().unwrap()).collect::<Vec<_>>(), ["RED", "LLM"]);
    assert_eq!(output.panels, 8, "what is timed is counted");
    let cells: Vec<(u64, u64, u64)> = dashboard["panels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (p["gridPos"]["y"].as_u64().unwrap(), p["gridPos"]["x"].as_u64().unwrap(), p["gridPos"]["w"].as_u64().unwrap()))
        .collect();
    assert_eq!(
        cells,
        [(0, 0, 24), (1, 0, 8), (1, 8, 8), (1, 16, 8), (9, 0, 24), (10, 0, 8), (10, 8, 8), (10, 16, 8), (18, 0, 12), (18, 12, 12)]
    );
    for panel in ["error-ratio", "cpu", "kv-cache"] {
        assert!(output.unanswered.iter().any(|u| u.what == panel), "{panel}");
    }
}

#[test]
fn a_panel_of_which_a_part_is_answered_is_drawn_and_the_rest_is_named() {
    let mut metrics = reference::metrics();
    metrics.retain(|m| m.name != "llm_kv_cache_evictions_total");
    let output = reference::generate_from(metrics, &Policies::default(), &reference::node_exporter());
    assert_eq!(output.panels, 18);
    let open: Vec<(&str, &str)> = output.unanswered.iter().map(|u| (u.what.as_str(), u.signal.as_str())).collect();
    assert_eq!(open, [("kv-cache", "use.kv.evictions")]);
}

#[test]
fn promtool_takes_every_query() {
    if !promtool::available() {
        return;
    }
    let output = reference_output();
    let mut rules = String::from("groups:\n- name: panels\n  rules:\n");
    for (i, expr) in expressions(&dashboard(&output)).iter().enumerate() {
        rules.push_str(&format!("  - record: panel:q{i}\n    expr: {}\n", serde_json::to_string(&linter::sent(expr)).unwrap()));
    }
    let dir = promtool::folder(&[("panels.yml", &rules)]);
    promtool::check_rules(dir.path(), "panels.yml").unwrap_or_else(|e| panic!("{e}"));
}
