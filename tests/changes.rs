//! `reduse diff` in real repositories: every change of a metric, every reader that it breaks, and nothing else.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use std::path::Path;

use common::git::{commit, git};
use common::{reduse_in, root, tree, write};
use serde_json::Value;

fn replace(folder: &Path, path: &str, from: &str, to: &str) {
    let old = std::fs::read_to_string(folder.join(path)).unwrap();
    assert!(old.contains(from));
    std::fs::write(folder.join(path), old.replace(from, to)).unwrap();
}

/// The good sample with the monitoring that is generated from it, and a dashboard variable.
fn service() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let from = root().join("examples/llm-service");
    for entry in walkdir::WalkDir::new(&from).into_iter().map(Result::unwrap).filter(|e| e.file_type().is_file()) {
        let path = entry.path().strip_prefix(&from).unwrap().to_str().unwrap().to_owned();
        write(folder.path(), &path, &std::fs::read(entry.path()).unwrap());
    }
    assert_eq!(reduse_in(folder.path(), &["generate", ".", "--out", "monitoring"]).code, 0);
    let variable = "{\"title\": \"More\", \"schemaVersion\": 39, \"templating\": {\"list\": [{\"name\": \"job\", \"type\": \"query\", \
                    \"query\": \"label_values(time_to_first_token_seconds_count, job)\"}]}, \"panels\": [{\"id\": 1, \"type\": \"stat\", \
                    \"title\": \"Ours\", \"targets\": [{\"refId\": \"A\", \"expr\": \"sum(llm_kv_cache_slots_used{job=\\\"$job\\\"})\"}]}]}\n";
    write(folder.path(), "monitoring/more.json", variable.as_bytes());
    git(folder.path(), &["init", "-q"]);
    commit(folder.path());
    folder
}

/// The document of `diff --format json`.
fn changes(folder: &Path, args: &[&str]) -> Value {
    let run = reduse_in(folder, &[&["diff", "--format", "json"], args].concat());
    let document: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{e}: {run:?}"));
    let breaks = document["summary"]["breaks"].as_u64().unwrap();
    assert_eq!(run.code, i32::from(breaks > 0), "{run:?}");
    document
}

/// `kind name` of everything that breaks, in the order of the report.
fn broken(change: &Value) -> Vec<String> {
    let word = |b: &Value, key: &str| b[key].as_str().unwrap().to_owned();
    change["breaks"].as_array().unwrap().iter().map(|b| format!("{} {}", word(b, "kind"), word(b, "name"))).collect()
}

#[test]
fn a_renamed_metric_is_named_with_all_that_it_breaks_and_mended() {
    let folder = service();
    replace(folder.path(), "src/metrics.rs", "\"time_to_first_token_seconds\"", "\"ttft_seconds\"");
    let document = changes(folder.path(), &["HEAD"]);
    let [change] = &document["changes"].as_array().unwrap()[..] else { panic!("{document}") };
    assert_eq!((change["change"].as_str(), change["was"].as_str()), (Some("renamed"), Some("time_to_first_token_seconds")));
    assert_eq!(change["metric"], "ttft_seconds");
    assert_eq!(change["evidence"], serde_json::json!(["type", "help", "labels", "buckets", "file"]));
    let text = std::fs::read_to_string(folder.path().join("monitoring/alerts_test.yml")).unwrap();
    let tests: Vec<&str> = text
        .lines()
        .filter_map(|l| l.trim_start().trim_start_matches("- ").strip_prefix("name: "))
        .map(|n| n.trim_matches(&['"', '\''][..]))
        .collect();
    let mut expected = vec!["alert SlowTimeToFirstToken".to_owned(), "panel Time to first token".to_owned()];
    expected.extend(tests.iter().filter(|n| n.starts_with("SlowTimeToFirstToken")).map(|n| format!("rule test {n}")));
    expected.push("variable job".to_owned());
    assert!(expected.len() > 6, "{expected:?}");
    assert_eq!(broken(change), expected);
    // `check --diff` says the same, with the place of each name, and mends it.
    let run = reduse_in(folder.path(), &["check", "--diff", "HEAD", "--ignore", "unmonitored-metric", "--format", "json"]);
    let found: Value = serde_json::from_str(&run.stdout).unwrap();
    let findings = found["findings"].as_array().unwrap();
    assert!(findings.iter().all(|f| f["lint"] == "unknown-metric" && !f["fix"].is_null()), "{run:?}");
    let run = reduse_in(folder.path(), &["check", "--diff", "HEAD", "--fix"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(changes(folder.path(), &["HEAD"])["summary"]["breaks"], 0);
    for path in ["monitoring/alerts.yml", "monitoring/alerts_test.yml", "monitoring/dashboard.json", "monitoring/more.json"] {
        let before = git(folder.path(), &["show", &format!("HEAD:{path}")]);
        let after = std::fs::read_to_string(folder.path().join(path)).unwrap();
        // One of several names in a pattern breaks nothing, and is mended with the others.
        let rename = |line: &str| {
            ["bucket", "count"].iter().fold(line.to_owned(), |text, part| {
                text.replace(&format!("time_to_first_token_seconds_{part}"), &format!("ttft_seconds_{part}"))
            })
        };
        let same = before.lines().map(rename).eq(after.lines().map(str::to_owned));
        assert!(same, "{path} differs in more than the name");
    }
    assert_eq!(git(folder.path(), &["diff", "--name-only", "--cached"]), "", "the index is nobody's business");
}

#[test]
fn a_near_name_is_found_without_git() {
    let folder = service();
    replace(folder.path(), "src/metrics.rs", "\"llm_kv_cache_slots_used\"", "\"llm_kv_cache_slot_used\"");
    let run = reduse_in(folder.path(), &["check", "--format", "concise"]);
    assert!(run.stdout.lines().all(|l| l.contains("error[unknown-metric]") && l.contains("did you mean `llm_kv_cache_slot_used`?")));
    let files: Vec<&str> = run.stdout.lines().map(|l| l.split(':').next().unwrap()).collect();
    assert_eq!(files, ["monitoring/dashboard.json", "monitoring/more.json"]);
    assert_eq!(reduse_in(folder.path(), &["check", "--fix"]).code, 0);
}

#[test]
fn what_a_changed_metric_breaks_depends_on_how_it_is_read() {
    let code = |kind: &str, rest: &str| {
        format!("pub fn f() {{ prometheus::register_{kind}!(\"shop_orders_total\", \"Orders\"{rest}).unwrap(); }}\n")
    };
    let rules = "groups:
  - name: app
    rules:
      - alert: BySelector
        expr: sum(rate(shop_orders_total{region=\"eu\"}[5m])) < 1
      - alert: ByGroup
        expr: sum by (region) (rate(shop_orders_total[5m])) < 1
      - alert: Neither
        expr: sum(rate(shop_orders_total{region!=\"eu\"}[5m])) < 1
      - alert: Printed
        expr: rate(shop_orders_total[5m]) < 1
        annotations: {summary: \"{{ $labels.region }}\"}
      - record: shop:orders:sum
        expr: sum(shop_orders_total)
";
    let folder = tree(&[("src/m.rs", &code("int_counter_vec", ", &[\"shop\", \"region\"]")), ("a.yml", rules)]);
    git(folder.path(), &["init", "-q"]);
    let first = commit(folder.path());
    write(folder.path(), "src/m.rs", code("int_counter_vec", ", &[\"shop\"]").as_bytes());
    let document = changes(folder.path(), &["HEAD"]);
    let change = &document["changes"][0];
    assert_eq!(change["differences"], serde_json::json!([{"what": "labels", "before": "region, shop", "after": "shop"}]));
    assert_eq!(broken(change), ["alert BySelector", "alert ByGroup", "alert Printed"]);
    let second = commit(folder.path());
    write(folder.path(), "src/m.rs", code("int_gauge_vec", ", &[\"shop\"]").as_bytes());
    let third = commit(folder.path());
    let document = changes(folder.path(), &[&second, &third]);
    assert_eq!(broken(&document["changes"][0]), ["alert BySelector", "alert ByGroup", "alert Neither", "alert Printed"]);
    assert_eq!(document["to"], Value::String(third.clone()));
    // Backwards, and where nothing differs.
    assert_eq!(changes(folder.path(), &[&third, &second])["changes"][0]["differences"][0]["before"], "gauge");
    assert_eq!(changes(folder.path(), &[&first, &first])["changes"], serde_json::json!([]));
    assert_eq!(reduse_in(folder.path(), &["diff", &third]).stdout, format!("No metric differs from {third} to the work tree.\n"));
    assert_eq!(git(folder.path(), &["status", "--porcelain"]), "", "the work tree is not touched");
}

#[test]
fn removed_added_and_a_query_that_spans_both_names() {
    let code = |name: &str| format!("pub fn f() {{ prometheus::register_int_gauge!(\"{name}\", \"{name}\").unwrap(); }}\n");
    let rules = "groups:
  - name: app
    rules:
      - alert: Old
        expr: queue_depth > 1
      - alert: Both
        expr: (waiting_people or queue_depth) > 1
";
    let folder = tree(&[("src/m.rs", &code("queue_depth")), ("a.yml", rules)]);
    git(folder.path(), &["init", "-q"]);
    commit(folder.path());
    write(folder.path(), "src/m.rs", code("waiting_people").as_bytes());
    let run = reduse_in(folder.path(), &["diff", "HEAD"]);
    assert_eq!(run.code, 1);
    assert_eq!(
        run.stdout,
        "removed  queue_depth
    was at src/m.rs:1:14
    breaks alert `Old` (a.yml:4:16): reads `queue_depth`
added    waiting_people
    at src/m.rs:1:14

1 removed, 1 added from HEAD to the work tree; broken: 1 alert.
"
    );
    let run = reduse_in(folder.path(), &["diff", "HEAD", "--format", "markdown"]);
    assert_eq!(
        run.stdout,
        "### Metrics: 1 removed, 1 added

**Broken: 1 alert.**

| | metric | what differs | breaks |
| --- | --- | --- | --- |
| removed | `queue_depth` |  | alert **Old**: reads `queue_depth` (`a.yml:4:16`) |
| added | `waiting_people` |  |  |
"
    );
}

#[test]
fn what_git_cannot_answer_is_a_usage_error_with_a_way_out() {
    let folder = tree(&[("a.yml", common::GOOD_RULES)]);
    let fails = |folder: &Path, args: &[&str], words: &str| {
        let run = reduse_in(folder, args);
        assert_eq!(run.code, 2, "{run:?}");
        assert!(run.stderr.contains(words), "{run:?}");
    };
    fails(folder.path(), &["diff", "HEAD"], "is in no git repository");
    fails(folder.path(), &["diff"], "<REV>");
    git(folder.path(), &["init", "-q"]);
    commit(folder.path());
    commit(folder.path());
    fails(folder.path(), &["diff", "nope"], "unknown revision `nope`");
    fails(folder.path(), &["diff", "HEAD", "nope"], "unknown revision `nope`");
    fails(folder.path(), &["diff", "--help-me"], "unexpected argument");
    let clone = tempfile::tempdir().unwrap();
    git(clone.path(), &["clone", "-q", "--depth", "1", &format!("file://{}", folder.path().display()), "."]);
    fails(clone.path(), &["diff", "HEAD~1"], "shallow clone");
}

/// `{__name__=~"a|b"}` reads both, and breaks when neither is left.
#[test]
fn a_selector_that_names_several_metrics_breaks_with_the_last_of_them() {
    let folder = service();
    let rules = "groups:\n- name: g\n  rules:\n  - {record: all:both, expr: 'sum({__name__=~\"llm_kv_cache_slots_used|llm_batcher_active_slots\"})'}\n  \
                 - {record: all:one, expr: 'sum({__name__=~\"llm_kv_cache_slots_used\"})'}\n";
    write(folder.path(), "monitoring/both.yml", rules.as_bytes());
    commit(folder.path());
    replace(folder.path(), "src/metrics.rs", "\"llm_kv_cache_slots_used\"", "\"kv_slots\"");
    let breaks = |document: &Value| document["changes"].as_array().unwrap().iter().flat_map(broken).collect::<Vec<_>>();
    let first = breaks(&changes(folder.path(), &["HEAD"]));
    assert!(first.contains(&"recording rule all:one".to_owned()) && !first.contains(&"recording rule all:both".to_owned()), "{first:?}");
    replace(folder.path(), "src/metrics.rs", "\"llm_batcher_active_slots\"", "\"active_slots\"");
    let second = breaks(&changes(folder.path(), &["HEAD"]));
    assert!(second.contains(&"recording rule all:both".to_owned()), "{second:?}");
}

#[test]
fn a_renamed_label_takes_what_asks_for_it_along() {
    let folder = service();
    let variable =
        read(folder.path(), "monitoring/more.json").replace("time_to_first_token_seconds_count, job", "http_requests_total, status");
    write(folder.path(), "monitoring/more.json", variable.as_bytes());
    commit(folder.path());
    replace(folder.path(), "src/metrics.rs", "\"method\", \"status\"]", "\"method\", \"code\"]");
    let document = changes(folder.path(), &["HEAD"]);
    let breaks = document["changes"][0]["breaks"].as_array().unwrap().clone();
    let of = |kind: &str| breaks.iter().filter(|b| b["kind"] == kind).count();
    assert_eq!([of("alert"), of("panel"), of("variable")], [1, 2, 1], "{document}");
    let tests = of("rule test");
    let found = reduse_in(folder.path(), &["check", "--diff", "HEAD", "--format", "concise"]);
    assert_eq!(found.stdout.lines().count(), 4 + tests, "{found:?}");
    assert!(found.stdout.lines().all(|l| l.contains("is it `code` now?")), "{found:?}");
    let fixed = reduse_in(folder.path(), &["check", "--diff", "HEAD", "--fix"]);
    assert_eq!(fixed.code, 0, "{fixed:?}");
    assert!(read(folder.path(), "monitoring/more.json").contains("label_values(http_requests_total, code)"));
    assert!(read(folder.path(), "monitoring/alerts.yml").contains("code=~\"5..\""));
    assert!(!read(folder.path(), "monitoring/dashboard.json").contains("by (status)"));
    assert!(!read(folder.path(), "monitoring/alerts_test.yml").contains("status=\"500\""));
}

/// A panel, a variable, an alert and its test that name the metric and its label in words, too.
const BESIDE: [(&str, &str); 3] = [
    (
        "monitoring/more.json",
        r#"{"title": "More", "schemaVersion": 39, "templating": {"list": [
  {"name": "kind", "type": "query", "definition": "label_values(tokens_total, kind)", "query": {"query": "label_values(tokens_total, kind)"}}
]}, "panels": [
  {"id": 1, "type": "timeseries", "title": "tokens_total, or tokens", "description": "Of `tokens_total`: $tokens_total",
   "targets": [{"refId": "A", "expr": "sum by (kind) (rate(tokens_total{kind=~\"$kind\"}[5m]))", "legendFormat": "{{ kind }} of tokens_total"}]},
  {"id": 2, "type": "timeseries", "title": "As they are", "targets": [{"refId": "A", "expr": "rate(tokens_total[5m])", "legendFormat": "{{kind}}"}]}
]}
"#,
    ),
    (
        "monitoring/kind.yml",
        "groups:\n  - name: kind\n    rules:\n      - alert: NoTokens\n        expr: sum by (kind) (rate(tokens_total[5m])) < 1\n        \
         annotations: {summary: \"few {{ $labels.kind }} tokens in tokens_total\"}\n",
    ),
    (
        "monitoring/kind_test.yml",
        "rule_files: [kind.yml]\ntests:\n  - name: few\n    input_series: [{series: 'tokens_total{kind=\"prompt\"}', values: '0+1x9'}]\n    \
         alert_rule_test:\n      - eval_time: 9m\n        alertname: NoTokens\n        exp_alerts:\n          - exp_labels: {kind: prompt}\n            \
         exp_annotations: {summary: \"few prompt tokens in tokens_total\"}\n",
    ),
];

#[test]
fn what_is_said_beside_a_query_follows_a_rename() {
    let mended = |from: &str, to: &str| {
        let folder = service();
        for (path, text) in BESIDE {
            write(folder.path(), path, text.as_bytes());
        }
        commit(folder.path());
        replace(folder.path(), "src/metrics.rs", from, to);
        assert_eq!(reduse_in(folder.path(), &["check", "--diff", "HEAD", "--fix", "--fail-on", "warning"]).code, 0);
        BESIDE.map(|(path, _)| read(folder.path(), path))
    };
    let [board, rules, tests] = mended("\"tokens_total\"", "\"llm_tokens_total\"");
    let old = |text: &str| text.replace("llm_tokens_total", "").matches("tokens_total").count();
    assert_eq!((old(&board), old(&rules), old(&tests)), (1, 0, 0), "only the variable keeps its name: {board}{rules}{tests}");
    assert!(board.contains("\"llm_tokens_total, or tokens\"") && board.contains("$tokens_total"), "{board}");
    let [board, rules, tests] = mended("&[\"kind\"]", "&[\"token_kind\"]");
    for now in ["{{ token_kind }} of tokens_total", "\"{{token_kind}}\"", "by (token_kind)", "token_kind=~\\\"$kind\\\""] {
        assert!(board.contains(now), "{now}: {board}");
    }
    assert_eq!(board.matches("label_values(tokens_total, token_kind)").count(), 2, "{board}");
    assert!(rules.contains("few {{ $labels.token_kind }} tokens"), "{rules}");
    assert!(tests.contains("exp_labels: {token_kind: prompt}") && tests.contains("{token_kind=\"prompt\"}"), "{tests}");
}

#[test]
fn a_name_among_alternatives_is_mended_and_breaks_nothing() {
    let folder = service();
    replace(folder.path(), "src/metrics.rs", "\"llm_batcher_queue_depth\"", "\"llm_batcher_waiting_requests\"");
    assert_eq!(reduse_in(folder.path(), &["check", "--diff", "HEAD", "--fix"]).code, 0);
    let now = read(folder.path(), "monitoring/dashboard.json");
    assert!(!now.contains("llm_batcher_queue_depth"), "{now}");
    // The two variables that know all names, too.
    assert_eq!(now.matches("|llm_batcher_waiting_requests|").count(), 2);
}

fn read(folder: &Path, path: &str) -> String {
    std::fs::read_to_string(folder.join(path)).unwrap()
}
