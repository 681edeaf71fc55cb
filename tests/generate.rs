//! `reduse generate` with a part of the files, with templates of one's own, and what the lock is for.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use common::{Run, reduse_in, tree, write};

/// Runs `generate` for the good sample into `out` of a folder.
fn generate(folder: &std::path::Path, more: &[&str]) -> Run {
    let sample = common::root().join("examples/llm-service");
    let mut args = vec!["generate", sample.to_str().unwrap(), "--out", "out"];
    args.extend(more);
    reduse_in(folder, &args)
}

fn names(folder: &std::path::Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder.join("out")).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn only_a_part_is_generated_and_the_rest_stays() {
    let dir = tree(&[]);
    assert_eq!(generate(dir.path(), &["--only", "dashboard"]).code, 0);
    assert_eq!(names(dir.path()), ["dashboard.json", "reduse.lock.json"]);
    let run = generate(dir.path(), &["--only", "HighErrorRate,engine-stalled"]);
    assert!(run.stdout.contains("alerts.yml: 2 alerts"), "{run:?}");
    assert_eq!(names(dir.path()), ["alerts.yml", "alerts_test.yml", "dashboard.json", "reduse.lock.json", "runbook.md"]);
    // The lock still knows the dashboard: an edit of it is seen by the next run.
    write(dir.path(), "out/dashboard.json", b"{}\n");
    let run = generate(dir.path(), &[]);
    assert!(run.code == 1 && run.stderr.contains("dashboard.json was edited after it was generated"), "{run:?}");
    let run = generate(dir.path(), &["--only", "HighErorRate"]);
    assert_eq!(
        (run.code, run.stderr.as_str()),
        (2, "error: --only: no alert and no panel is called `HighErorRate`; did you mean `HighErrorRate`?\n")
    );
}

#[test]
fn a_template_of_ones_own_replaces_the_built_in_one() {
    let template = std::fs::read_to_string(common::root().join("templates/alerts/high-error-rate.yaml")).unwrap();
    let dir = tree(&[("own/alerts/high-error-rate.yaml", &template.replace("severity: ", "team: serving\n  severity: "))]);
    let run = generate(dir.path(), &["--templates", "own"]);
    assert_eq!(run.code, 0, "{run:?}");
    let alerts = std::fs::read_to_string(dir.path().join("out/alerts.yml")).unwrap();
    assert_eq!(alerts.matches("team: serving").count(), 1, "{alerts}");
    let tests = std::fs::read_to_string(dir.path().join("out/alerts_test.yml")).unwrap();
    assert!(tests.contains("team: serving"), "the tests expect the label too");

    write(dir.path(), "own/alerts/high-eror-rate.yaml", b"x\n");
    let run = generate(dir.path(), &["--templates", "own"]);
    assert!(run.code == 2 && run.stderr.contains("did you mean `alerts/high-error-rate.yaml`?"), "{run:?}");
    write(dir.path(), "other/alerts/high-error-rate.yaml", template.replace("<< threshold >>", "<< treshold >>").as_bytes());
    let run = generate(dir.path(), &["--templates", "other"]);
    assert!(run.code == 2 && run.stderr.contains("alerts/high-error-rate.yaml"), "{run:?}");
    assert_eq!(generate(dir.path(), &["--templates", "nowhere"]).code, 2);
}

#[test]
fn check_looks_at_the_lock_too() {
    let dir = tree(&[]);
    assert_eq!(generate(dir.path(), &[]).code, 0);
    assert_eq!(generate(dir.path(), &["--check"]).code, 0);
    let path = dir.path().join("out/reduse.lock.json");
    let lock = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let run = generate(dir.path(), &["--check"]);
    assert!(run.code == 1 && run.stdout.contains("does not hold the checksum of alerts.yml"), "{run:?}");
    std::fs::write(&path, lock.replacen("fnv1a64:", "fnv1a64:0", 1)).unwrap();
    assert_eq!(generate(dir.path(), &["--check"]).code, 1);
    std::fs::write(&path, lock.replacen("\"files\": {", "\"files\": {\n    \"old.yml\": \"fnv1a64:0\",", 1)).unwrap();
    let run = generate(dir.path(), &["--check"]);
    assert!(run.code == 1 && run.stdout.contains("old.yml: is no longer generated"), "{run:?}");
}

#[test]
fn what_is_no_longer_generated_goes_unless_somebody_edited_it() {
    let dir = tree(&[("src/m.rs", common::USER_ID)]);
    write(dir.path(), "src/m.rs", common::USER_ID.replace("user_id", "status").as_bytes());
    let run = |extra: &[&str]| reduse_in(dir.path(), &[&["generate", "src", "--out", "out"], extra].concat());
    assert_eq!(run(&[]).code, 0);
    assert!(names(dir.path()).contains(&"alerts.yml".to_owned()));
    write(dir.path(), "src/m.rs", common::USER_ID.replace("user_id", "endpoint").as_bytes());
    write(dir.path(), "out/alerts_test.yml", b"# ours\n");
    let second = run(&[]);
    assert_eq!(second.code, 0, "{second:?}");
    assert_eq!(names(dir.path()), ["alerts_test.yml", "dashboard.json", "reduse.lock.json"], "{second:?}");
    assert!(second.stderr.contains("removed: out/alerts.yml") && second.stderr.contains("left: out/alerts_test.yml"), "{second:?}");
}

#[test]
fn the_cluster_gets_the_same_rules_and_dashboard() {
    let dir = tree(&[]);
    let run = generate(dir.path(), &["--target", "files,kubernetes", "--recording-rules"]);
    assert_eq!(run.code, 0, "{run:?}");
    let read = |name: &str| std::fs::read_to_string(dir.path().join("out").join(name)).unwrap();
    let yaml = |name: &str| serde_yaml::from_str::<serde_yaml::Value>(&read(name)).unwrap();
    let groups = |value: &serde_yaml::Value| value["groups"].as_sequence().unwrap().clone();
    let rule = yaml("prometheus-rule.yaml");
    assert_eq!(groups(&rule["spec"]), [groups(&yaml("alerts.yml")), groups(&yaml("recording.yml"))].concat());
    let map = yaml("dashboard-configmap.yaml");
    let inside = map["data"].as_mapping().unwrap().values().next().unwrap().as_str().unwrap();
    assert_eq!(inside.trim_end(), read("dashboard.json").trim_end());
    let checked = reduse_in(dir.path(), &["verify", "out"]);
    assert_eq!(checked.code, 0, "{checked:?}");
    assert!(checked.stdout.contains("lints: No findings in "), "the two forms of a rule are one: {checked:?}");
    let other = tree(&[]);
    assert_eq!(generate(other.path(), &["--target", "kubernetes"]).code, 0);
    assert_eq!(
        names(other.path()),
        ["alerts_test.yml", "dashboard-configmap.yaml", "prometheus-rule.yaml", "reduse.lock.json", "runbook.md"]
    );
    let checked = reduse_in(other.path(), &["verify", "out"]);
    assert_eq!(checked.code, 0, "{checked:?}");
    if !checked.stderr.contains("promtool is not installed") {
        for line in ["promtool check rules out/prometheus-rule.yaml: passes\n", "promtool test rules out/alerts_test.yml: passes\n"] {
            assert!(checked.stdout.contains(line), "{checked:?}");
        }
        // The tests are really run: an object that no longer says the same fails them.
        let path = other.path().join("out/prometheus-rule.yaml");
        let rules = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, rules.replacen("> 0.01", "> 0.9", 1)).unwrap();
        let checked = reduse_in(other.path(), &["verify", "out"]);
        assert!(checked.code == 1 && checked.stdout.contains("promtool test rules out/alerts_test.yml: fails"), "{checked:?}");
        assert!(!checked.stdout.contains("test.yml\n  FAILED") && !checked.stdout.contains("/rules-"), "{checked:?}");
    }
}

#[test]
fn counters_give_a_mean_cost_that_is_called_one() {
    let dir = tree(&[]);
    let run = reduse_in(dir.path(), &["generate", ".", "--system", "litellm", "--out", "out"]);
    assert_eq!(run.code, 0, "{run:?}");
    let alerts = std::fs::read_to_string(dir.path().join("out/alerts.yml")).unwrap();
    assert!(alerts.contains("# A mean: litellm_spend_metric_total") && alerts.contains("USD in the mean"), "{alerts}");
    assert_eq!(reduse_in(dir.path(), &["verify", "out"]).code, 0);
    let dashboard = std::fs::read_to_string(dir.path().join("out/dashboard.json")).unwrap();
    assert!(dashboard.contains("A stand-in is drawn: the mean of each request, which hides stalls within it."), "{dashboard}");
}

#[test]
fn force_says_what_it_replaces_and_nothing_else() {
    let dir = tree(&[]);
    assert_eq!(generate(dir.path(), &[]).code, 0);
    write(dir.path(), "out/alerts.yml", b"groups: []\n");
    let run = generate(dir.path(), &[]);
    assert_eq!(run.code, 1);
    assert!(
        run.stderr.contains(
            "nothing was written:\n  out/alerts.yml was edited after it was generated\n--check shows the difference, --force replaces it"
        ),
        "{run:?}"
    );
    let run = generate(dir.path(), &["--force"]);
    assert_eq!(run.code, 0, "{run:?}");
    let replaced: Vec<&str> = run.stderr.lines().filter(|l| l.contains("replaced")).collect();
    assert_eq!(replaced, ["replaced: out/alerts.yml was edited after it was generated"]);
    assert!(std::fs::read_to_string(dir.path().join("out/alerts.yml")).unwrap().contains("HighErrorRate"));
    // What somebody else wrote is called that.
    std::fs::remove_file(dir.path().join("out/reduse.lock.json")).unwrap();
    write(dir.path(), "out/runbook.md", b"# Ours\n");
    let run = generate(dir.path(), &["--force"]);
    assert!(run.code == 0 && run.stderr.contains("replaced: out/runbook.md was not written by reduse"), "{run:?}");
}

#[test]
fn one_set_of_alerts_reads_one_service_and_says_of_which_package_it_is() {
    let front = "use prometheus::{register_histogram, register_int_counter_vec};
pub fn all() {
    register_int_counter_vec!(\"front_requests_total\", \"Requests\", &[\"status\"]).unwrap();
    register_histogram!(\"front_request_latency_seconds\", \"Time\", vec![0.1, 1.0]).unwrap();
}
";
    let index = "use prometheus::{register_histogram, register_int_counter};
pub fn all() {
    register_histogram!(\"http_request_duration_seconds\", \"Time\", vec![0.1, 1.0]).unwrap();
    register_int_counter!(\"http_requests_total\", \"Requests\").unwrap();
}
";
    let manifest = |name: &str| format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\n\n[dependencies]\nprometheus = \"0.13\"\n");
    let dir = tree(&[
        ("Cargo.toml", "[workspace]\nmembers = [\"front\", \"index\"]\n"),
        ("front/Cargo.toml", &manifest("front")),
        ("front/src/lib.rs", front),
        ("index/Cargo.toml", &manifest("index")),
        ("index/src/lib.rs", index),
    ]);
    let run = reduse_in(dir.path(), &["generate", ".", "--out", "out"]);
    assert_eq!(run.code, 0, "{run:?}");
    let board = std::fs::read_to_string(dir.path().join("out/dashboard.json")).unwrap();
    assert!(board.contains("front_request_latency_seconds") && !board.contains("http_requests_total"), "{board}");
    let said = "metrics of front: front_request_latency_seconds, front_requests_total\nnot read: like metrics of index\n";
    assert!(run.stderr.contains(said), "{run:?}");
    // A tree in which only one package can be meant says nothing of it.
    let run = reduse_in(dir.path(), &["generate", "index", "--out", "out2"]);
    assert!(!run.stderr.contains("metrics of index"), "{run:?}");
}

#[test]
fn one_expression_reads_metrics_of_one_process() {
    let engine = "from prometheus_client import Gauge, Counter
running = Gauge('llm_batcher_active_slots', 'Slots that generate')
made = Counter('sglang:generation_tokens_total', 'Tokens')
";
    let gateway = "use prometheus::{IntCounterVec, register_int_counter_vec};
pub fn tokens() -> IntCounterVec { register_int_counter_vec!(\"tokens_total\", \"Tokens\", &[\"kind\"]).unwrap() }
";
    let dir = tree(&[("engine/metrics.py", engine), ("gateway/src/lib.rs", gateway)]);
    let args = ["generate", ".", "--out", "out", "--only", "EngineStalled"];
    let run = reduse_in(dir.path(), &args);
    let reason = "left out: EngineStalled (llm.tokens): `tokens_total` is of another service than `llm_batcher_active_slots`";
    assert!(run.stderr.contains(reason), "{run:?}");
    // What the system is known for stands beside it.
    let run = reduse_in(dir.path(), &[&args[..], &["--system", "sglang"]].concat());
    assert_eq!(run.code, 0, "{run:?}");
    let alerts = std::fs::read_to_string(dir.path().join("out/alerts.yml")).unwrap();
    let (one, other) = ("min_over_time(llm_batcher_active_slots[5m])", "rate(sglang:generation_tokens_total[5m])");
    assert!(alerts.contains(one) && alerts.contains(other) && !alerts.contains("(tokens_total"), "{alerts}");
}

#[test]
fn what_is_not_there_from_the_start_is_no_sign_that_a_service_is_gone() {
    let code = |register: &str| format!("pub fn f() {{ {register} }}\n");
    let late = code("metrics::gauge!(\"llm_batcher_queue_depth\").set(1.0);");
    let early = code("prometheus::register_int_gauge!(\"llm_batcher_queue_depth\", \"Waiting\").unwrap().set(1);");
    for (code, code_is_early) in [(late, false), (early, true)] {
        let dir = tree(&[("src/lib.rs", &code)]);
        let run = reduse_in(dir.path(), &["generate", ".", "--out", "out", "--only", "MetricsAbsent"]);
        let said =
            run.stderr.contains("MetricsAbsent (use.batcher.active): ") && run.stderr.contains("is not there before it is first set");
        assert_eq!((run.code, run.stdout.contains("alerts.yml: 1 alert"), said), (0, code_is_early, !code_is_early), "{run:?}");
    }
}

#[test]
fn two_programs_of_one_workspace_are_two_processes() {
    let manifest = |name: &str, on: &str| {
        let on = if on.is_empty() { String::new() } else { format!("{on} = {{ path = \"../{on}\" }}\n") };
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\n\n[dependencies]\nprometheus = \"0.13\"\n{on}")
    };
    let engine = "pub fn f() { prometheus::register_int_gauge!(\"llm_batcher_active_slots\", \"Slots that generate\").unwrap(); }\n";
    let tokens = "pub fn g() { prometheus::register_int_counter_vec!(\"gateway_tokens_total\", \"Tokens\", &[\"kind\"]).unwrap(); }
pub fn h() { prometheus::register_int_counter_vec!(\"gateway_requests_total\", \"Requests\", &[\"status\"]).unwrap(); }
";
    let files = [
        ("Cargo.toml", "[workspace]\nmembers = [\"engine\", \"gateway\", \"meters\"]\n"),
        ("engine/Cargo.toml", &manifest("engine", "")),
        ("engine/src/main.rs", engine),
        ("gateway/Cargo.toml", &manifest("gateway", "meters")),
        ("gateway/src/main.rs", "fn main() { meters::g(); meters::h(); }\n"),
        ("meters/Cargo.toml", &manifest("meters", "")),
        ("meters/src/lib.rs", tokens),
    ];
    let dir = tree(&files);
    let args = ["generate", ".", "--out", "out", "--only", "EngineStalled,TargetDown"];
    let run = reduse_in(dir.path(), &args);
    let reason = "left out: EngineStalled (llm.tokens): `gateway_tokens_total` is of another service than `llm_batcher_active_slots`";
    assert!(run.code == 0 && run.stderr.contains(reason), "{run:?}");
    // Either of them can be down.
    let alerts = std::fs::read_to_string(dir.path().join("out/alerts.yml")).unwrap();
    let both = "          up == 0
          and on (job)
          (
              count by (job) (present_over_time(llm_batcher_active_slots[6h]))
            or
              count by (job) (present_over_time(gateway_requests_total[6h]))
          )
";
    assert!(alerts.contains(both), "{alerts}");
    let tests = std::fs::read_to_string(dir.path().join("out/alerts_test.yml")).unwrap();
    assert!(tests.contains("'TargetDown fires for a target of the second program'"), "{tests}");
    let run = reduse_in(dir.path(), &["verify", "out"]);
    assert_eq!(run.code, 0, "promtool, where it is installed: {run:?}");

    // One program that has both packages is one process.
    let dir = tree(&files);
    write(dir.path(), "engine/Cargo.toml", manifest("engine", "meters").as_bytes());
    let run = reduse_in(dir.path(), &args);
    assert!(run.stdout.contains("alerts.yml: 2 alerts"), "{run:?}");
    let alerts = std::fs::read_to_string(dir.path().join("out/alerts.yml")).unwrap();
    assert!(!alerts.contains("gateway_requests_total"), "{alerts}");
}

#[test]
fn a_target_is_known_by_a_series_that_every_process_has() {
    let code = "pub fn f() {
    metrics::gauge!(\"app_scheduler_queue_depth\").set(1.0);
    metrics::counter!(\"app_http_requests_total\", \"method\" => \"GET\").increment(1);
    metrics::histogram!(\"app_http_request_duration_seconds\").record(1.0);
}
";
    let dir = tree(&[("src/lib.rs", code)]);
    let run = reduse_in(dir.path(), &["generate", ".", "--out", "out", "--only", "TargetDown"]);
    let alerts = std::fs::read_to_string(dir.path().join("out/alerts.yml")).unwrap();
    assert!(alerts.contains("present_over_time(app_http_requests_total[6h])"), "{run:?} {alerts}");
}
