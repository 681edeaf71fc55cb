//! `check --fix` in real folders: what it changes, and that it changes nothing else.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use common::{reduse_in, root, tree, write};
use serde_json::Value;

fn copy_of(sample: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let from = root().join(sample);
    for entry in walkdir::WalkDir::new(&from).into_iter().map(Result::unwrap).filter(|e| e.file_type().is_file()) {
        let path = entry.path().strip_prefix(&from).unwrap().to_str().unwrap().to_owned();
        write(folder.path(), &path, &std::fs::read(entry.path()).unwrap());
    }
    folder
}

/// Every file below a folder with its text.
fn texts(folder: &Path) -> BTreeMap<String, String> {
    let files = walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap).filter(|e| e.file_type().is_file());
    let name = |path: &Path| path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
    files.map(|e| (name(e.path()), std::fs::read_to_string(e.path()).unwrap())).collect()
}

fn read(folder: &Path, path: &str) -> String {
    std::fs::read_to_string(folder.join(path)).unwrap()
}

/// Lines that differ, as `path: - old` and `path: + new`.
fn changes(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<String> {
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>(), "no file comes or goes");
    let mut found = Vec::new();
    for (path, old) in before {
        let new = &after[path];
        assert_eq!(old.lines().count(), new.lines().count(), "{path}");
        for (a, b) in old.lines().zip(new.lines()).filter(|(a, b)| a != b) {
            found.push(format!("{path}: - {}", a.trim()));
            found.push(format!("{path}: + {}", b.trim()));
        }
    }
    found
}

const ALERTS: &str = "groups:
  - name: app
    rules:
      - alert: Slow
        expr: ";

/// A rule file with this scalar as the expression of its alert.
fn rules(scalar: &str) -> String {
    format!("{ALERTS}{scalar}\n        for: 5m\n        labels: {{severity: critical}}\n        annotations: {{summary: slow}}\n")
}

fn expr_of(text: &str) -> String {
    let value: serde_yaml::Value = serde_yaml::from_str(text).unwrap();
    value["groups"][0]["rules"][0]["expr"].as_str().unwrap().trim().to_owned()
}

#[test]
fn of_the_bad_sample_only_what_needs_a_person_remains() {
    let folder = copy_of("examples/bad-service");
    let before = texts(folder.path());
    let run = reduse_in(folder.path(), &["check", "--fix", "--format", "concise"]);
    assert_eq!(run.code, 1, "{run:?}");
    let remaining: Vec<&str> = run.stdout.lines().map(|l| l.split(['[', ']']).nth(1).unwrap()).collect();
    let person = [
        "threshold-above-top-bucket",
        "promql-syntax",
        "unbounded-label-name",
        "unbounded-label-name",
        "unbounded-label-name",
        "default-buckets",
        "summary-by-default",
    ];
    assert_eq!(remaining, person, "{run:?}");
    assert!(run.stderr.starts_with("Fixed 3 findings in 2 files.\n"), "{run:?}");
    let after = texts(folder.path());
    assert_eq!(
        changes(&before, &after),
        [
            "monitoring/alerts.yml: - summary: \"{{ $labels.job }}: {{ $value }} generations fail every second\"",
            "monitoring/alerts.yml: + summary: \"{{ $labels.job }}: {{ $value | humanize }} generations fail every second\"",
            "src/metrics.rs: - register_int_counter_vec!(\"llm_generation_errors\", \"Generations that failed\", &[\"reason\"]).expect(\"registered once\")",
            "src/metrics.rs: + register_int_counter_vec!(\"llm_generation_errors_total\", \"Generations that failed\", &[\"reason\"]).expect(\"registered once\")",
            "src/metrics.rs: - vec![10.0, 50.0, 100.0, 500.0, 2000.0, 1000.0, 4000.0]",
            "src/metrics.rs: + vec![10.0, 50.0, 100.0, 500.0, 1000.0, 2000.0, 4000.0]",
        ]
    );
    syn::parse_file(&after["src/metrics.rs"]).unwrap();
    serde_yaml::from_str::<serde_yaml::Value>(&after["monitoring/alerts.yml"]).unwrap();
    let again = reduse_in(folder.path(), &["check", "--fix", "--format", "concise"]);
    assert!(again.stderr.starts_with("Fixed 0 findings in 0 files.\n"), "{again:?}");
    assert_eq!(again.stdout, run.stdout);
    assert_eq!(texts(folder.path()), after, "a second run changes nothing");
}

#[test]
fn a_dry_run_writes_nothing_and_its_diff_applies() {
    let folder = copy_of("examples/bad-service");
    let before = texts(folder.path());
    let run = reduse_in(folder.path(), &["check", "--fix", "--dry-run"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.starts_with("Would fix 3 findings in 2 files.\n"), "{run:?}");
    assert_eq!(texts(folder.path()), before);
    let other = copy_of("examples/bad-service");
    reduse_in(other.path(), &["check", "--fix"]);
    write(folder.path(), "fix.patch", run.stdout.as_bytes());
    let applied = Command::new("git").args(["apply", "fix.patch"]).current_dir(folder.path()).status().unwrap();
    assert!(applied.success());
    std::fs::remove_file(folder.path().join("fix.patch")).unwrap();
    assert_eq!(texts(folder.path()), texts(other.path()));
    let clean = tree(&[("a.yml", common::GOOD_RULES)]);
    let run = reduse_in(clean.path(), &["check", "--fix", "--dry-run"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""));
    assert_eq!(reduse_in(clean.path(), &["check", "--dry-run"]).code, 2, "without --fix it means nothing");
}

#[test]
fn json_and_sarif_carry_the_edits_that_fix_makes() {
    let folder = copy_of("examples/bad-service");
    let json: Value = serde_json::from_str(&reduse_in(folder.path(), &["check", "--format", "json"]).stdout).unwrap();
    let sarif: Value = serde_json::from_str(&reduse_in(folder.path(), &["check", "--format", "sarif"]).stdout).unwrap();
    let fixes: Vec<&Value> = json["findings"].as_array().unwrap().iter().map(|f| &f["fix"]).filter(|f| !f.is_null()).collect();
    let changed: Vec<&Value> = sarif["runs"][0]["results"].as_array().unwrap().iter().filter_map(|r| r.get("fixes")).collect();
    assert_eq!(fixes.len(), changed.len());
    assert!(fixes.len() >= 3);
    for (fix, sarif) in fixes.iter().zip(changed) {
        let (edit, change) = (&fix["edits"][0], &sarif[0]["artifactChanges"][0]);
        assert_eq!(sarif[0]["description"]["text"], fix["message"]);
        assert_eq!(change["artifactLocation"]["uri"], edit["location"]["path"]);
        assert_eq!(change["replacements"][0]["insertedContent"]["text"], edit["replacement"]);
        for (theirs, ours) in [("startLine", "line"), ("startColumn", "column"), ("endLine", "end_line"), ("endColumn", "end_column")] {
            assert_eq!(change["replacements"][0]["deletedRegion"][theirs], edit["location"][ours]);
        }
    }
    // Whoever applies an edit by line and column gets what --fix writes.
    let sorted = fixes.iter().find(|f| f["message"].as_str().unwrap().starts_with("sort")).unwrap();
    let place = &sorted["edits"][0]["location"];
    let at = |key: &str| usize::try_from(place[key].as_u64().unwrap()).unwrap() - 1;
    let mut lines: Vec<String> = read(folder.path(), place["path"].as_str().unwrap()).lines().map(str::to_owned).collect();
    assert_eq!(at("line"), at("end_line"));
    lines[at("line")].replace_range(at("column")..at("end_column"), sorted["edits"][0]["replacement"].as_str().unwrap());
    reduse_in(folder.path(), &["check", "--fix"]);
    assert_eq!(lines[at("line")], read(folder.path(), "src/metrics.rs").lines().nth(at("line")).unwrap());
}

#[test]
fn a_repair_is_written_as_the_scalar_around_it_asks() {
    let right = "sum(rate(x_seconds_bucket{le=~\"2(\\\\.0)?\", job=\"a\"}[5m])) > 1";
    for scalar in [
        "sum(rate(x_seconds_bucket{le=\"2\", job=\"a\"}[5m])) > 1",
        "'sum(rate(x_seconds_bucket{le=\"2\", job=\"a\"}[5m])) > 1'",
        "\"sum(rate(x_seconds_bucket{le=\\\"2\\\", job=\\\"a\\\"}[5m])) > 1\"",
        "\"sum(rate(x_seconds_bucket{le='2', job=\\\"a\\\"}[5m])) > 1\" # a comment",
        "|\n          sum(rate(x_seconds_bucket{le=\"2\", job=\"a\"}[5m])) > 1",
        ">-\n          sum(rate(x_seconds_bucket{le=\"2\", job=\"a\"}[5m]))\n          > 1",
    ] {
        let folder = tree(&[("a.yml", &rules(scalar))]);
        let run = reduse_in(folder.path(), &["check", "--fix"]);
        assert_eq!(run.code, 0, "{run:?}");
        assert!(run.stdout.starts_with("No findings"), "{run:?}");
        assert_eq!(expr_of(&read(folder.path(), "a.yml")), right);
    }
}

#[test]
fn dashboards_are_mended_in_place_also_inside_other_files() {
    let panel = |expr: &str| {
        format!(
            "{{\"title\": \"S\",\t\"schemaVersion\": 39, \"panels\": [{{\"id\": 1, \"title\": \"P\", \"type\": \"stat\", \"targets\": [{{\"refId\": \"A\", \"expr\": {expr}}}]}}]}}"
        )
    };
    let wrong = panel("\"sum(rate(x_bucket{le=\\\"5\\\"}[5m]))\"");
    let right = panel("\"sum(rate(x_bucket{le=~\\\"5(\\\\\\\\.0)?\\\"}[5m]))\"");
    let map = |value: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata:\n  s.json: {value}\n");
    let quoted = |text: &str| serde_json::to_string(text).unwrap();
    for (path, old, new) in [
        ("s.json", wrong.clone(), right.clone()),
        ("crlf.json", wrong.replace(", \"panels\"", ",\r\n\"panels\""), right.replace(", \"panels\"", ",\r\n\"panels\"")),
        ("block.yaml", map(&format!("|\n    {wrong}")), map(&format!("|\n    {right}"))),
        ("quoted.yaml", map(&quoted(&wrong)), map(&quoted(&right))),
        ("single.yaml", map(&format!("'{wrong}'")), map(&format!("'{right}'"))),
    ] {
        let folder = tree(&[(path, &old)]);
        let run = reduse_in(folder.path(), &["check", "--fix", "--select", "le-in-one-form"]);
        assert_eq!(read(folder.path(), path), new, "{path}: {run:?}");
    }
    let marked = tree(&[("s.json", &format!("\u{feff}{wrong}"))]);
    reduse_in(marked.path(), &["check", "--fix", "--select", "le-in-one-form"]);
    assert_eq!(read(marked.path(), "s.json"), format!("\u{feff}{right}"), "the byte order mark stays");
}

/// What a cluster's monitoring is delivered as: a list of ConfigMaps with dashboards in block scalars, and rules as objects.
#[test]
fn monitoring_of_a_cluster_is_mended_and_stays_so() {
    let panel = |id: u32, unit: &str, calc: &str, expr: &str| {
        format!(
            "        {{\"id\": {id}, \"title\": \"P{id}\", \"type\": \"stat\", \"description\": \"d\", \"options\": {{\"reduceOptions\": {{\"calcs\": [\"{calc}\"]}}}}, \"fieldConfig\": {{\"defaults\": {{\"unit\": \"{unit}\"}}}}, \"targets\": [{{\"refId\": \"A\", \"expr\": \"{expr}\"}}]}}"
        )
    };
    let panels = [
        panel(1, "ops", "lastNotNull", r#"sum(rate(apiserver_request_total{verb=~\"LIST\"}[5m]))"#),
        panel(2, "percentunit", "lastNotNul", r#"sum(rate(apiserver_request_duration_seconds_bucket{le=\"1\"}[5m]))"#),
        panel(3, "s", "lastNotNull", "node_memory_MemFree_bytes"),
        panel(4, "short", "lastNotNull", r#"node_memory_SwapUsed_bytes{instance=~\"^$instance$\"}"#),
        panel(5, "short", "lastNotNull", "holt_winters(apiserver_storage_objects[1h], 0.5, 0.5)"),
    ]
    .join(",\n");
    let boards = format!(
        "apiVersion: v1\nkind: ConfigMapList\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {{name: grafana-dashboard-x}}\n  data:\n    x.json: |\n      {{\"title\": \"X\", \"schemaVersion\": 39, \"editable\": true, \"templating\": {{\"list\": [\n        {{\"name\": \"instance\", \"type\": \"query\", \"query\": \"label_values(up, instance)\", \"refresh\": 0}}\n      ]}}, \"panels\": [\n{panels}\n      ]}}\n"
    );
    let rules = "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: x}\nspec:\n  groups:\n  - name: x\n    rules:\n    - alert: SlowApi\n      annotations:\n        description: '{{ $value }} of the requests of {{ $labels.job }} were slow.'\n        summary: Slow.\n      expr: |\n        1 - sum by (job) (rate(apiserver_request_duration_seconds_bucket{job=~\"apiserver\",le=\"1\"}[5m]))\n          / sum by (job) (rate(apiserver_request_duration_seconds_count{job=~\"apiserver\"}[5m])) > 0.05\n      for: 5m\n      labels: {severity: warning}\n";
    let folder = tree(&[("dashboards.yaml", &boards), ("rules.yaml", rules)]);
    let before = texts(folder.path());
    let check = ["check", "--fix", "--system", "node_exporter", "--format", "concise"];
    let run = reduse_in(folder.path(), &check);
    let after = texts(folder.path());
    insta::assert_snapshot!("monitoring_of_a_cluster", changes(&before, &after).join("\n"));
    let board: serde_yaml::Value = serde_yaml::from_str(&after["dashboards.yaml"]).unwrap();
    serde_json::from_str::<serde_json::Value>(board["items"][0]["data"]["x.json"].as_str().unwrap()).unwrap();
    serde_yaml::from_str::<serde_yaml::Value>(&after["rules.yaml"]).unwrap();
    let again = reduse_in(folder.path(), &check);
    assert!(again.stderr.contains("Fixed 0 findings in 0 files.\n"), "{again:?}");
    assert_eq!(texts(folder.path()), after, "a second run changes nothing");
    assert_eq!(again.stdout, run.stdout, "and says the same");
}

#[test]
fn a_renamed_counter_takes_its_readers_with_it() {
    let code = "pub fn f() { prometheus::register_int_counter!(\"shop_orders\", \"Orders\").unwrap(); }\n";
    let alerts = rules("rate(shop_orders[5m]) / on () rate(shop_orders[1h]) > 1");
    let folder = tree(&[("src/m.rs", code), ("a.yml", &alerts)]);
    let run = reduse_in(folder.path(), &["check", "--fix"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(read(folder.path(), "src/m.rs"), code.replace("shop_orders", "shop_orders_total"));
    assert_eq!(expr_of(&read(folder.path(), "a.yml")), "rate(shop_orders_total[5m]) / on () rate(shop_orders_total[1h]) > 1");
    // A name that stands in two places, one of which may be something else, is for a person.
    let twice = format!("{code}pub const PATH: &str = \"shop_orders\";\n");
    let folder = tree(&[("src/m.rs", &twice)]);
    reduse_in(folder.path(), &["check", "--fix"]);
    assert_eq!(read(folder.path(), "src/m.rs"), twice);
}

#[test]
fn what_is_not_reported_is_not_repaired() {
    let wrong = "sum(rate(x_bucket{le=\"2\"}[5m])) > 1";
    let text = rules(wrong).replace("        expr:", "        # reduse: allow(le-in-one-form) Prometheus 2 here\n        expr:");
    let folder = tree(&[("a.yml", &text)]);
    assert_eq!(reduse_in(folder.path(), &["check", "--fix"]).code, 0);
    assert_eq!(read(folder.path(), "a.yml"), text, "suppressed");
    let folder = tree(&[("a.yml", &rules(wrong))]);
    reduse_in(folder.path(), &["check", "--fix", "--ignore", "le-in-one-form"]);
    assert_eq!(read(folder.path(), "a.yml"), rules(wrong), "not asked for");
    reduse_in(folder.path(), &["check", "--write-baseline", "base.json"]);
    reduse_in(folder.path(), &["check", "--fix", "--baseline", "base.json"]);
    assert_eq!(read(folder.path(), "a.yml"), rules(wrong), "in the baseline");
}

#[cfg(unix)]
#[test]
fn modes_and_links_stay_and_what_cannot_be_written_is_said() {
    use std::os::unix::fs::PermissionsExt;
    let text = rules("sum(rate(x_bucket{le=\"2\"}[5m])) > 1");
    let folder = tree(&[("real/a.yml", &text)]);
    let path = folder.path().join("real/a.yml");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("real/a.yml", folder.path().join("link.yml")).unwrap();
    assert_eq!(reduse_in(folder.path(), &["check", "--fix", "link.yml"]).code, 0);
    assert!(folder.path().join("link.yml").is_symlink());
    assert!(read(folder.path(), "real/a.yml").contains("le=~"));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    std::fs::write(&path, &text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o440)).unwrap();
    let run = reduse_in(folder.path(), &["check", "--fix"]);
    assert_eq!(run.code, 3, "{run:?}");
    assert!(run.stderr.contains("read-only"), "{run:?}");
    assert_eq!(read(folder.path(), "real/a.yml"), text);
    let (bytes, sub) = (std::fs::read(&path).unwrap(), folder.path().join("real"));
    let run = reduse_in(&sub, &["check", "--fix", "--dry-run", "../real"]);
    assert!(run.stdout.starts_with("--- a/a.yml\n"), "paths that name the same file another way: {run:?}");
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
}

#[test]
fn a_metric_keeps_its_name_while_a_file_that_is_not_judged_reads_it() {
    let code = "use prometheus::{IntCounter, register_int_counter};
pub fn all() {
    register_int_counter!(\"shop_orders\", \"Orders taken\").unwrap().inc();
    register_int_counter!(\"shop_baskets_total\", \"Baskets\").unwrap().inc();
    register_int_counter!(\"shop_visits_total\", \"Visits\").unwrap().inc();
    register_int_counter!(\"shop_returns_total\", \"Returns\").unwrap().inc();
}
";
    let template = "groups:\n  - name: {{ .Release.Name }}\n    rules:\n{{- range .Values.rules }}\n      - alert: {{ .name }}\n        expr: rate(shop_orders[5m]) == 0\n{{- end }}\n";
    let plain = rules("rate(shop_orders[5m]) == 0");
    let folder = tree(&[("src/m.rs", code), ("alerts.yml", &plain)]);
    let args = ["check", "--fix", "--select", "counter-without-total"];
    assert_eq!(reduse_in(folder.path(), &args).code, 0);
    assert!(
        read(folder.path(), "src/m.rs").contains("shop_orders_total") && read(folder.path(), "alerts.yml").contains("shop_orders_total[")
    );
    let folder = tree(&[("src/m.rs", code), ("alerts.yml", &plain), ("templates/rules.yaml", template)]);
    let before = texts(folder.path());
    let run = reduse_in(folder.path(), &args);
    assert_eq!(changes(&before, &texts(folder.path())), Vec::<String>::new(), "{run:?}");
    assert!(run.stdout.contains("templates/rules.yaml:6:20: not renamed, since this reads it too: a template"), "{run:?}");
}

#[test]
fn what_is_wrong_alike_with_the_alerts_of_a_file_is_one_finding_and_one_repair() {
    let alert = |n: usize| {
        format!(
            "      - alert: Failing{n}\n        expr: sum by (job) (rate(shop_failures_total[5m])) > {n}\n        for: 5m\n        labels: {{severity: page}}\n        annotations: {{summary: \"{{{{ $labels.instance }}}}\", description: \"{{{{ $value }}}} fail\"}}\n"
        )
    };
    let text = |n: usize| format!("groups:\n  - name: app\n    rules:\n{}", (1..=n).map(alert).collect::<String>());
    let folder = tree(&[("few.yml", &text(3)), ("many.yml", &text(5).replace("shop", "many"))]);
    let args = ["check", "--format", "concise", "--select", "unformatted-value,template-label"];
    let run = reduse_in(folder.path(), &args);
    let of = |file: &str| run.stdout.lines().filter(|l| l.starts_with(file)).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(of("few.yml").len(), 6, "{run:?}");
    let many = [
        "many.yml:8:36: warning[template-label] 5 alerts of this file read the label `instance`, which their queries cannot have",
        "many.yml:8:75: info[unformatted-value] 5 annotations of this file print their value with all of its digits",
    ];
    assert_eq!(of("many.yml"), many);
    reduse_in(folder.path(), &[&args[..], &["--fix"]].concat());
    assert_eq!(read(folder.path(), "many.yml").matches("{{ $value | humanize }}").count(), 5);
    assert_eq!(read(folder.path(), "few.yml").matches("{{ $value | humanize }}").count(), 3);
}

#[test]
fn a_value_with_its_unit_gets_no_prefix_between_them() {
    let alert = |name: &str, summary: &str| {
        format!(
            "      - alert: {name}\n        expr: sum by (job) (rate(shop_failures_total[5m])) > 1\n        for: 5m\n        labels: {{severity: page}}\n        annotations: {{summary: '{summary}'}}\n"
        )
    };
    let text = format!("groups:\n  - name: app\n    rules:\n{}{}", alert("Slow", "{{ $value }}ms"), alert("Many", "{{ $value -}} % fail"));
    let folder = tree(&[("a.yml", &text)]);
    let run = reduse_in(folder.path(), &["check", "--select", "unformatted-value", "--fix"]);
    let after = read(folder.path(), "a.yml");
    assert!(after.contains("'{{ $value | printf \"%.2f\" }}ms'"), "{run:?}\n{after}");
    assert!(after.contains("'{{ $value | printf \"%.2f\" -}} % fail'"), "{run:?}\n{after}");
}
