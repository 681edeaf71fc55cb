//! Dashboards in every form that they are kept in: the same mistake is found in each, at its place.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use common::{reduse_in, tree};

/// A name that vLLM no longer has.
const GONE: &str = "vllm:gpu_cache_usage_perc";

fn classic(panels: &str) -> String {
    format!("{{\"title\": \"S\", \"schemaVersion\": 39, \"panels\": [\n{panels}\n]}}")
}

fn panel(expr: &str) -> String {
    format!("{{\"id\": 1, \"title\": \"P\", \"type\": \"stat\", \"targets\": [{{\"refId\": \"A\", \"expr\": \"{expr}\"}}]}}")
}

/// `line lint` of what is found in one file.
fn found(path: &str, text: &str) -> Vec<String> {
    let folder = tree(&[(path, text)]);
    let run = reduse_in(folder.path(), &["check", "--format", "concise"]);
    assert!(run.code < 2, "{run:?}");
    let short = |line: &str| {
        let place = line.split(':').nth(1).unwrap();
        format!("{place} {}", line.split(['[', ']']).nth(1).unwrap())
    };
    run.stdout.lines().map(short).collect()
}

fn indented(text: &str, by: usize) -> String {
    text.lines().map(|l| format!("{}{l}\n", " ".repeat(by))).collect()
}

#[test]
fn the_classic_model_wherever_it_is_kept() {
    let plain = classic(&panel(GONE));
    let row = format!("{{\"type\": \"row\", \"title\": \"R\", \"collapsed\": true, \"panels\": [\n{}\n]}}", panel(GONE));
    let old_rows = format!("{{\"title\": \"S\", \"schemaVersion\": 14, \"rows\": [{{\"panels\": [\n{}\n]}}]}}", panel(GONE));
    let map = format!("apiVersion: v1\nkind: ConfigMap\ndata:\n  s.json: |\n{}", indented(&plain, 4));
    let operator =
        format!("apiVersion: grafana.integreatly.org/v1beta1\nkind: GrafanaDashboard\nspec:\n  json: |\n{}", indented(&plain, 4));
    for (path, text, line) in [
        ("plain.json", plain.clone(), 2),
        ("api.json", format!("{{\"meta\": {{}}, \"dashboard\":\n{plain}\n}}"), 3),
        ("row.json", classic(&row), 3),
        ("old.json", old_rows, 2),
        (
            "resource.json",
            format!("{{\"apiVersion\": \"dashboard.grafana.app/v1beta1\", \"kind\": \"Dashboard\", \"spec\":\n{plain}\n}}"),
            3,
        ),
        ("map.yaml", map, 6),
        ("operator.yaml", operator, 6),
    ] {
        assert_eq!(found(path, &text), [format!("{line} unknown-metric")], "{path}");
    }
}

#[test]
fn the_second_model_in_both_of_its_versions() {
    let dashboard = |query: &str, visual: &str| {
        format!(
            "{{\"title\": \"S\", \"layout\": {{\"kind\": \"GridLayout\", \"spec\": {{}}}}, \"variables\": [
{{\"kind\": \"QueryVariable\", \"spec\": {{\"name\": \"job\", \"query\": {query} {{\"query\": \"label_values({GONE}, job)\"}}}}}}}}],
\"elements\": {{\"panel-1\": {{\"kind\": \"Panel\", \"spec\": {{\"id\": 1, \"title\": \"P\", \"vizConfig\": {visual}, \"data\": {{\"kind\": \"QueryGroup\", \"spec\": {{\"queries\": [
{{\"kind\": \"PanelQuery\", \"spec\": {{\"refId\": \"A\", \"query\": {query} {{\"expr\": \"{GONE}{{job=\\\"$job\\\"}}\"}}}}}}}}]}}}}}}}}}}}}"
        )
    };
    let alpha = dashboard("{\"kind\": \"prometheus\", \"spec\":", "{\"kind\": \"stat\", \"spec\": {}}");
    let beta = dashboard(
        "{\"kind\": \"DataQuery\", \"group\": \"prometheus\", \"spec\":",
        "{\"kind\": \"VizConfig\", \"group\": \"stat\", \"spec\": {}}",
    );
    let other = dashboard(
        "{\"kind\": \"DataQuery\", \"group\": \"loki\", \"spec\":",
        "{\"kind\": \"VizConfig\", \"group\": \"stat\", \"spec\": {}}",
    );
    let both = ["2 unknown-metric", "4 unknown-metric"];
    assert_eq!(found("alpha.json", &alpha), both);
    assert_eq!(found("beta.json", &beta), both);
    assert_eq!(found("loki.json", &other), [""; 0]);
    let resource = format!("{{\"apiVersion\": \"dashboard.grafana.app/v2beta1\", \"kind\": \"Dashboard\", \"spec\": {beta}}}");
    assert_eq!(found("resource.json", &resource), both);
    let map = format!("apiVersion: v1\nkind: ConfigMap\ndata:\n  s.json: |\n{}", indented(&resource, 4));
    assert_eq!(found("map.yaml", &map), ["6 unknown-metric", "8 unknown-metric"]);
    let slip = alpha.replace("$job", "$jbo").replace(GONE, "up");
    assert_eq!(found("slip.json", &slip), ["2 unused-variable", "4 undefined-variable"]);
}

#[test]
fn annotations_are_read_and_library_panels_said() {
    let source = "\"datasource\": {\"type\": \"prometheus\", \"uid\": \"x\"}";
    let annotated = classic(&panel("up")).replace(
        "\"schemaVersion\"",
        &format!("\"annotations\": {{\"list\": [\n{{\"name\": \"A\", {source}, \"expr\": \"{GONE}\"}}]}}, \"schemaVersion\""),
    );
    assert_eq!(found("a.json", &annotated), ["2 unknown-metric"]);
    assert_eq!(found("a.json", &annotated.replace("\"type\": \"prometheus\"", "\"type\": \"loki\"")), [""; 0]);
    let library = classic("{\"id\": 2, \"title\": \"L\", \"libraryPanel\": {\"uid\": \"l\", \"name\": \"L\"}}");
    let folder = tree(&[("l.json", &library)]);
    let run = reduse_in(folder.path(), &["check", "--verbose"]);
    assert!(run.stderr.contains("l.json: a library panel: its queries are in Grafana, not in the file"), "{run:?}");
    assert_eq!(run.code, 0);
}

#[test]
fn layouts_annotations_and_libraries_of_the_second_model() {
    let query = "{\"kind\": \"DataQuery\", \"group\": \"prometheus\", \"spec\": {\"expr\": \"GONE\"}}";
    let place = |name: &str, x: u32| {
        format!(
            "{{\"kind\": \"GridLayoutItem\", \"spec\": {{\"x\": {x}, \"y\": 0, \"width\": 12, \"height\": 8, \"element\": {{\"kind\": \"ElementReference\", \"name\": \"{name}\"}}}}}}"
        )
    };
    let panel = |id: u32| {
        format!(
            "\"p{id}\": {{\"kind\": \"Panel\", \"spec\": {{\"id\": {id}, \"title\": \"P{id}\", \"vizConfig\": {{\"kind\": \"text\"}}}}}}"
        )
    };
    let dashboard = |layout: &str| {
        format!(
            "{{\"title\": \"S\", \"annotations\": [\n{{\"kind\": \"AnnotationQuery\", \"spec\": {{\"name\": \"A\", \"query\": {}}}}}],\n\"elements\": {{{}, {}, \"l\": {{\"kind\": \"LibraryPanel\", \"spec\": {{}}}}}},\n\"layout\": {layout}}}",
            query.replace("GONE", GONE),
            panel(1),
            panel(2)
        )
    };
    let grid =
        |second: u32| format!("{{\"kind\": \"GridLayout\", \"spec\": {{\"items\": [{},\n{}]}}}}", place("p1", 0), place("p2", second));
    assert_eq!(found("apart.json", &dashboard(&grid(12))), ["2 unknown-metric"]);
    assert_eq!(found("on.json", &dashboard(&grid(6))), ["2 unknown-metric", "5 overlapping-panels"]);
    assert_eq!(found("wide.json", &dashboard(&grid(13))), ["2 unknown-metric", "5 overlapping-panels"]);
    let row = format!(
        "{{\"kind\": \"RowsLayout\", \"spec\": {{\"rows\": [{{\"kind\": \"RowsLayoutRow\", \"spec\": {{\"layout\": {}}}}}]}}}}",
        grid(6)
    );
    assert_eq!(found("row.json", &dashboard(&row)), ["2 unknown-metric", "5 overlapping-panels"]);
    let other = dashboard(&grid(12)).replace("\"group\": \"prometheus\"", "\"group\": \"loki\"");
    let folder = tree(&[("l.json", &other)]);
    let run = reduse_in(folder.path(), &["check", "--verbose"]);
    assert!(run.stderr.contains("l.json: a library panel: its queries are in Grafana, not in the file"), "{run:?}");
    assert_eq!(run.code, 0);
}

#[test]
fn every_version_of_the_classic_model() {
    for version in 16..=42 {
        let text = classic(&panel(GONE)).replace("\"schemaVersion\": 39", &format!("\"schemaVersion\": {version}"));
        assert_eq!(found("v.json", &text), ["2 unknown-metric"], "{version}");
    }
}

#[test]
fn a_name_that_was_right_once_is_said_to_be_wrong_since_when() {
    let folder = tree(&[("a.json", &classic(&panel(GONE)))]);
    let run = reduse_in(folder.path(), &["check", "--format", "concise", "--select", "unknown-metric"]);
    assert!(run.stdout.contains("vLLM has no metric `vllm:gpu_cache_usage_perc` since 0.9: use `vllm:kv_cache_usage_perc`"), "{run:?}");
}
