//! The dashboard against the types that Grafana publishes, as a JSON schema: `scripts/grafana-schema` makes it.

use jsonschema::Validator;
use reduse::model::Policies;
use serde_json::{Value, json};

use crate::reference;

fn validator() -> Validator {
    let schema: Value = serde_json::from_str(include_str!("../data/grafana-dashboard.schema.json")).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

/// What the schema says against a dashboard.
pub fn mistakes(dashboard: &Value) -> Vec<String> {
    validator().iter_errors(dashboard).map(|e| format!("{}: {e}", e.instance_path)).collect()
}

fn dashboard() -> Value {
    let systems = [reference::system("node_exporter"), reference::system("dcgm_exporter"), reference::system("nccl_inspector")];
    let output = reference::generate_from(reference::metrics(), &Policies::default(), &systems);
    serde_json::from_str(reference::text(&output, "dashboard.json")).unwrap()
}

#[test]
fn the_dashboard_is_what_grafana_takes() {
    assert_eq!(mistakes(&dashboard()), [""; 0]);
}

#[test]
fn the_schema_would_say_what_is_wrong() {
    let good = dashboard();
    let at = |kind: &str| good["panels"].as_array().unwrap().iter().position(|p| p["type"] == kind).unwrap();
    let (series, heat, row) = (at("timeseries"), at("heatmap"), at("row"));
    let panel = |index: usize, rest: &str| format!("/panels/{index}{rest}");
    for (pointer, value) in [
        ("/title".to_owned(), json!(5)),
        ("/schemaVersion".to_owned(), json!("39")),
        ("/graphTooltip".to_owned(), json!(7)),
        ("/templating/list/1/refresh".to_owned(), json!(9)),
        ("/templating/list/1/type".to_owned(), json!("metric")),
        ("/templating/list/1/current".to_owned(), json!({})),
        (panel(series, "/type"), json!("graph")),
        (panel(series, "/datasource"), json!("Prometheus")),
        (panel(series, "/gridPos/w"), json!("8")),
        (panel(series, "/fieldConfig/defaults/unit"), json!(5)),
        (panel(series, "/fieldConfig/defaults/custom/drawStyle"), json!("lines")),
        (panel(series, "/fieldConfig/defaults/custom/fillOpacty"), json!(1)),
        (panel(series, "/fieldConfig/defaults/thresholds/steps/0"), json!({"value": null})),
        (panel(series, "/options/tooltip/mode"), json!("all")),
        (panel(series, "/options/legend/calc"), json!([])),
        (panel(series, "/targets/0/legend"), json!("x")),
        (panel(series, "/targets/0/refId"), json!(1)),
        (panel(heat, "/options/yAxis/units"), json!("s")),
        (panel(heat, "/targets/0/format"), json!("heat")),
        (panel(row, "/collapsed"), json!("no")),
    ] {
        let mut bad = good.clone();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let parent = bad.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer}"));
        match parent {
            Value::Array(list) => list[key.parse::<usize>().unwrap()] = value,
            other => other[key] = value,
        }
        assert_ne!(mistakes(&bad), [""; 0], "{pointer}");
    }
}
