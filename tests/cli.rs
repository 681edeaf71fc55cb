//! What a user sees: exit codes, output and error messages of the real binary.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use common::{GOOD_RULES, USER_ID, reduse, reduse_given, reduse_in, tree};

#[test]
fn check_of_the_bad_sample() {
    let run = reduse(&["check", "examples/bad-service"]);
    assert_eq!(run.code, 1);
    assert_eq!(run.stderr, "");
    insta::assert_snapshot!("bad_service_pretty", run.stdout);
}

#[test]
fn every_planted_mistake_is_found_once_at_its_place() {
    let run = reduse(&["check", "examples/bad-service", "--format", "concise"]);
    assert_eq!(run.code, 1);
    insta::assert_snapshot!("bad_service_concise", run.stdout);
}

#[test]
fn the_good_sample_is_clean() {
    let run = reduse(&["check", "examples/llm-service", "--fail-on", "warning"]);
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn inventory_of_the_bad_sample() {
    let run = reduse(&["inventory", "examples/bad-service"]);
    assert_eq!(run.code, 0);
    insta::assert_snapshot!("bad_service_inventory", run.stdout);
}

#[test]
fn a_lock_file_decides_the_version_of_a_crate() {
    let code = "pub fn report() { tokio_metrics::RuntimeMetricsReporterBuilder::default().describe_and_run() }\n";
    let manifest = "[package]\nname = \"a\"\n[dependencies]\ntokio-metrics = { workspace = true }\n";
    let workspace = "[workspace]\nmembers = [\"a\"]\n[workspace.dependencies]\ntokio-metrics = \"0.4.2\"\n";
    let with = |versions: &[&str]| {
        let locked = |v: &&str| format!("\n[[package]]\nname = \"tokio-metrics\"\nversion = \"{v}\"\n");
        let lock: String = versions.iter().map(locked).collect();
        let folder = tree(&[("Cargo.toml", workspace), ("Cargo.lock", &lock), ("a/Cargo.toml", manifest), ("a/src/lib.rs", code)]);
        let run = reduse_in(folder.path(), &["inventory"]);
        assert!(run.stdout.contains("tokio_workers_count"), "{run:?}");
        run.stdout.contains("tokio_live_tasks_count")
    };
    assert!(!with(&["0.4.5"]));
    assert!(with(&["0.4.9"]));
    assert!(!with(&["0.3.1", "0.4.9"]), "which of the two it is, is not seen");
    assert!(!with(&[]));
}

#[test]
fn json_has_the_documented_shape() {
    let run = reduse(&["check", "examples/bad-service", "--format", "json"]);
    assert_eq!(run.code, 1);
    let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["version"], 1);
    let finding = document["findings"].as_array().unwrap().iter().find(|f| f["label"] == "user_id").unwrap();
    let keys: Vec<&String> = finding.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        ["lint", "severity", "confidence", "message", "metric", "label", "location", "related", "help", "url", "fix"],
        "the keys are a contract"
    );
    assert_eq!(finding["location"]["path"], "examples/bad-service/src/metrics.rs");
    for key in ["line", "column", "end_line", "end_column"] {
        assert!(finding["location"][key].as_u64().unwrap() > 0);
    }
    let summary: Vec<&String> = document["summary"].as_object().unwrap().keys().collect();
    assert_eq!(summary, ["errors", "warnings", "infos", "suppressed", "files", "skipped"]);

    let run = reduse(&["inventory", "examples/bad-service", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let metric = document["metrics"].as_array().unwrap().iter().find(|m| m["name"] == "http_requests_total").unwrap();
    let keys: Vec<&String> = metric.as_object().unwrap().keys().collect();
    let expected = [
        "name",
        "type",
        "unit",
        "help",
        "language",
        "library",
        "labels",
        "labels_complete",
        "buckets",
        "buckets_known",
        "series",
        "location",
    ];
    assert_eq!(keys, expected, "the keys are a contract");
    assert_eq!(metric["library"], "prometheus");
    assert_eq!(metric["labels"].as_array().unwrap().len(), 4);
}

#[test]
fn bounds_that_the_run_decides_are_counted() {
    let code = "pub fn f(most: f64) {
    let bounds: Vec<f64> = (1..=8).map(|part| most / 8.0 * part as f64).collect();
    prometheus::register_histogram!(\"shop_wait_seconds\", \"Wait\", bounds).unwrap();
    prometheus::register_histogram!(\"shop_pack_seconds\", \"Pack\", other::bounds()).unwrap();
}";
    let folder = tree(&[("src/lib.rs", code)]);
    let run = reduse_in(folder.path(), &["inventory", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let [pack, wait] = document["metrics"].as_array().unwrap().as_slice() else { panic!("{document}") };
    assert_eq!((&wait["buckets"], &wait["buckets_known"]), (&serde_json::json!(vec![serde_json::Value::Null; 8]), &false.into()));
    assert_eq!((&pack["buckets"], &pack["buckets_known"]), (&serde_json::Value::Null, &false.into()));
}

#[test]
fn a_label_without_a_limit_is_said_to_have_none() {
    let code = "use once_cell::sync::Lazy;
pub static HITS: Lazy<prometheus::IntCounterVec> =
    Lazy::new(|| prometheus::register_int_counter_vec!(\"hits_total\", \"Hits\", &[\"path\", \"kind\"]).unwrap());
pub fn f(req: &http::Request<()>) { HITS.with_label_values(&[req.uri().path(), \"page\"]).inc(); }
pub fn g(user: &str) { HITS.with_label_values(&[\"/\", user]).inc(); }
";
    let folder = tree(&[("src/lib.rs", code)]);
    let run = reduse_in(folder.path(), &["inventory", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let kind = |at: usize| document["metrics"][0]["labels"][at]["bound"]["kind"].as_str();
    // A caller that is not known may give few values.
    assert_eq!((kind(0), kind(1)), (Some("unknown"), Some("unbounded")), "{document}");
    let table = reduse_in(folder.path(), &["inventory"]).stdout;
    assert!(table.contains("kind, path(∞)") && table.contains("label(∞): its values have no limit"), "{table}");
    assert!(reduse_in(folder.path(), &["budget"]).stdout.contains("path ×∞"));
}

#[test]
fn the_same_input_gives_the_same_output() {
    for args in [&["check", "examples/bad-service", "--format", "json"][..], &["inventory", ".", "--format", "json"]] {
        assert_eq!(reduse(args).stdout, reduse(args).stdout);
    }
}

#[test]
fn colour_only_when_asked_for() {
    let plain = reduse(&["check", "examples/bad-service"]);
    assert!(!plain.stdout.contains('\u{1b}'));
    let colored = reduse(&["check", "examples/bad-service", "--color", "always"]);
    assert!(colored.stdout.contains('\u{1b}'));
}

#[test]
fn fail_on_decides_the_exit_code_and_nothing_else() {
    let folder = tree(&[("src/m.rs", &USER_ID.replace("\"Requests answered\"", "\"\"").replace("user_id", "status"))]);
    let warning = |fail_on: &str| reduse_in(folder.path(), &["check", "--format", "concise", "--fail-on", fail_on]);
    assert!(warning("error").stdout.contains("warning[missing-help]"), "{:?}", warning("error"));
    assert_eq!((warning("error").code, warning("warning").code, warning("info").code), (0, 1, 1));
    assert_eq!(warning("error").stdout, warning("warning").stdout);
}

#[test]
fn select_and_ignore_take_lints_and_families() {
    let lints = |args: &[&str]| {
        let run = reduse(&[&["check", "examples/bad-service", "--format", "json"], args].concat());
        let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let mut names: Vec<String> =
            document["findings"].as_array().unwrap().iter().map(|f| f["lint"].as_str().unwrap().to_owned()).collect();
        names.dedup();
        names
    };
    assert_eq!(lints(&["--select", "default-buckets"]), ["default-buckets"]);
    assert_eq!(lints(&["--select", "buckets", "--ignore", "default-buckets"]), ["buckets-not-increasing"]);
}

#[test]
fn usage_errors_exit_with_2_and_say_what_to_do() {
    let folder = tree(&[("bad.toml", "[lint]\nsummary = \"off\"\n"), ("notes.txt", "")]);
    let cases: &[(&[&str], &str)] = &[
        (&["check", "--no-such-flag"], "unexpected argument '--no-such-flag'"),
        (&["check", "--format", "xml"], "invalid value 'xml'"),
        (&["check", "--select", "missing-helo"], "unknown lint `missing-helo`: did you mean `missing-help`?"),
        (&["check", "--system", "node-exporter"], "unknown system `node-exporter`: did you mean `node_exporter`?"),
        (&["check", "--exclude", "a[b"], "--exclude: bad glob `a[b`"),
        (&["check", "--today", "tomorrow"], "`tomorrow` is no day: write it as 2027-01-31"),
        (&["check", "--config", "bad.toml"], "bad.toml:1:2: unknown key `lint`: did you mean `lints`?"),
        (&["check", "--config", "."], ". is a folder: --config takes a file"),
        (&["check", "--baseline", "notes.txt"], "notes.txt is no baseline: "),
        (&["check", "--baseline", "a.json", "--write-baseline", "b.json"], "cannot be used with"),
        (&["check", "--diff", "HEAD", "--write-baseline", "b.json"], "cannot be used with"),
        (&["check", "--config", "none.toml"], "no such configuration: none.toml"),
        (&["check", "notes.txt"], "reduse reads .rs, .py, .yaml, .yml, .rules, .json and .prom files"),
        (&["explain", "missing-hlep"], "did you mean `missing-help`?"),
        (&["generate", "."], "--out"),
    ];
    for (args, expected) in cases {
        let run = reduse_in(folder.path(), args);
        assert_eq!(run.code, 2, "{args:?}: {run:?}");
        assert!(run.stderr.contains(expected), "{args:?}: {run:?}");
        assert_eq!(run.stdout, "", "{args:?}");
    }
}

#[test]
fn a_mistake_in_the_configuration_is_an_error_with_its_place() {
    let folder = tree(&[("reduse.toml", "[labels]\ntenant_id = { maximum = 40 }\n"), ("src/m.rs", USER_ID)]);
    let run = reduse_in(folder.path(), &["check"]);
    assert_eq!(run.code, 2);
    assert_eq!(run.stderr, "error: reduse.toml:2:15: unknown key `maximum`: did you mean `max`?\n");
    assert_eq!(reduse_in(folder.path(), &["check", "--isolated"]).code, 1);
}

#[test]
fn the_configuration_decides_levels_by_path_and_vouches_for_labels() {
    let folder = tree(&[("src/m.rs", USER_ID)]);
    let code_with = |config: &str| {
        std::fs::write(folder.path().join("reduse.toml"), config).unwrap();
        reduse_in(folder.path(), &["check"]).code
    };
    assert_eq!(code_with(""), 1);
    assert_eq!(code_with("[lints]\nunbounded-label-name = \"warning\"\n"), 0);
    assert_eq!(code_with("[lints]\ncardinality = \"off\"\n"), 0);
    assert_eq!(code_with("[[overrides]]\npaths = [\"src\"]\nlints = { unbounded-label-name = \"off\" }\n"), 0);
    assert_eq!(code_with("[[overrides]]\npaths = [\"lib/**\"]\nlints = { unbounded-label-name = \"off\" }\n"), 1);
    assert_eq!(code_with("[labels]\nuser_id = { max = 40 }\n"), 0);
    assert_eq!(code_with("exclude = [\"src\"]\n"), 0);
}

#[test]
fn the_nearest_configuration_applies_and_the_git_root_ends_the_search() {
    let folder = tree(&[
        ("reduse.toml", "[lints]\nunbounded-label-name = \"off\"\n"),
        ("a/src/m.rs", USER_ID),
        ("b/reduse.toml", ""),
        ("b/src/m.rs", USER_ID),
        ("c/.git/HEAD", "ref: refs/heads/main\n"),
        ("c/src/m.rs", USER_ID),
        ("d/Cargo.toml", "[package]\nname = \"d\"\n[package.metadata.reduse]\nexclude = [\"src\"]\n"),
        ("d/src/m.rs", USER_ID),
    ]);
    let code = |path: &str| reduse_in(folder.path(), &["check", path]).code;
    assert_eq!((code("a"), code("b"), code("c"), code("d"), code("d/src")), (0, 1, 1, 0, 1));
}

#[test]
fn globs_are_relative_to_the_configuration_whatever_the_working_directory() {
    let folder = tree(&[
        ("reduse.toml", "exclude = [\"a/b\"]\n[[overrides]]\npaths = [\"a/c/**\"]\nlints = { cardinality = \"off\" }\n"),
        ("a/b/src/m.rs", USER_ID),
        ("a/c/src/m.rs", USER_ID),
    ]);
    for below in [".", "a", "a/c", "a/c/src"] {
        let cwd = folder.path().join(below);
        let run = reduse_in(&cwd, &["check", folder.path().to_str().unwrap()]);
        assert_eq!(run.code, 0, "{below}: {run:?}");
        assert_eq!(reduse_in(&cwd, &["check"]).code, 0, "{below}");
    }
    // A path that the user names is read.
    assert_eq!(reduse_in(&folder.path().join("a/b"), &["check"]).code, 1);
}

#[test]
fn a_suppression_needs_a_reason_and_ends_when_it_says() {
    let with = |comment: &str| {
        let folder = tree(&[("src/m.rs", &USER_ID.replace("    register", &format!("    // {comment}\n    register")))]);
        reduse_in(folder.path(), &["check", "--format", "concise", "--today", "2027-02-01"])
    };
    let good = with("reduse: allow(unbounded-label-name) twelve users, for ever");
    assert_eq!((good.code, good.stdout.as_str()), (0, ""));
    assert!(good.stderr.contains("1 suppressed"), "{good:?}");
    let bare = with("reduse: allow(unbounded-label-name)");
    assert_eq!(bare.code, 1);
    assert!(bare.stdout.contains("src/m.rs:3:8: warning[invalid-suppression] a suppression without a reason"), "{bare:?}");
    let ended = with("reduse: allow(unbounded-label-name, until = \"2027-01-31\") until the migration");
    assert_eq!(ended.code, 1);
    assert!(ended.stdout.contains("this suppression ended on 2027-01-31"), "{ended:?}");
    assert_eq!(with("reduse: allow(unbounded-label-name, until = \"2027-02-01\") until the migration").code, 0);
}

#[test]
fn test_targets_of_packages_below_the_path_are_left_out() {
    let folder = tree(&[
        ("Cargo.toml", "[package]\nname = \"a\"\n"),
        ("tests/m.rs", USER_ID),
        ("benches/m.rs", USER_ID),
        ("examples/m.rs", USER_ID),
        ("src/lib.rs", &format!("#[cfg(test)]\nmod tests {{\n{USER_ID}}}\n")),
    ]);
    assert_eq!(reduse_in(folder.path(), &["check"]).code, 0);
    assert_eq!(reduse_in(folder.path(), &["check", "--include-tests"]).code, 1);
    // A folder above the path says nothing about what is below.
    assert_eq!(reduse_in(folder.path(), &["check", "tests"]).code, 1);
}

#[test]
fn a_file_that_two_paths_lead_to_counts_once() {
    let folder = tree(&[
        ("Cargo.toml", "[package]\nname = \"a\"\n"),
        ("src/m.rs", USER_ID),
        ("tests/m.rs", &USER_ID.replace("http_", "tested_")),
        ("src/bad.yml", "a: \u{0}"),
    ]);
    let found = |paths: &[&str]| reduse_in(folder.path(), &[&["check", "--format", "concise"], paths].concat());
    for paths in [&["src", "src"][..], &["src", "./src/"], &["src", "src/m.rs"], &["src/../src", "src"]] {
        let run = found(paths);
        assert!(
            run.stdout.ends_with("Found 1 error in 2 files.\n") || run.stderr.ends_with("Found 1 error in 2 files.\n"),
            "{paths:?}: {run:?}"
        );
    }
    // The nearer path decides whether a file is of tests, wherever it stands among the others.
    for paths in [&["tests", "."], &[".", "tests"]] {
        let run = found(paths);
        assert!(run.stdout.contains("tests/m.rs:3:") && format!("{}{}", run.stdout, run.stderr).contains("2 errors in 3 files"), "{run:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_that_cannot_be_written_is_named_as_it_was_asked_for() {
    let folder = tree(&[("src/m.rs", USER_ID)]);
    let run = reduse_in(folder.path(), &["check", "--write-baseline", "none/baseline.json"]);
    assert_eq!((run.code, run.stderr.as_str()), (3, "error: cannot write none/baseline.json: No such file or directory (os error 2)\n"));
}

#[test]
#[cfg(target_os = "linux")]
fn output_that_cannot_be_written_is_an_error() {
    let folder = tree(&[("src/m.rs", USER_ID)]);
    for args in [&["check"][..], &["check", "--format", "json"], &["inventory"], &["rules"], &["schema"]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_reduse"));
        let run = command.args(args).current_dir(folder.path()).stdout(full).output().unwrap();
        assert_eq!(run.status.code(), Some(3), "{args:?}");
        let stderr = String::from_utf8_lossy(&run.stderr).into_owned();
        assert!(stderr.contains("error: cannot write to standard output: No space left on device"), "{stderr}");
    }
}

#[test]
fn test_targets_that_a_manifest_puts_elsewhere_are_left_out() {
    let manifest = "[package]\nname = \"a\"\n[[test]]\nname = \"all\"\npath = \"integrations/mod.rs\"\n\
        [[bench]]\nname = \"speed\"\npath = \"speed.rs\"\n[[example]]\nname = \"b\"\npath = \"src/shown/main.rs\"\n\
        [[example]]\nname = \"c\"\npath = \"src/part.rs\"\n[[bin]]\nname = \"d\"\npath = \"own/main.rs\"\n\
        [[test]]\nname = \"e\"\npath = \"own/mod.rs\"\n";
    let out = ["integrations/a.rs", "integrations/b/c.rs", "speed.rs", "src/shown/main.rs", "src/shown/more.rs", "own/mod.rs"];
    let mut files = vec![("Cargo.toml", manifest)];
    files.extend(out.map(|path| (path, USER_ID)));
    assert_eq!(reduse_in(tree(&files).path(), &["check"]).code, 0);
    assert_eq!(reduse_in(tree(&files).path(), &["check", "--include-tests"]).code, 1);
    // A module of the library may be an example besides, and what stands beside a program is its own.
    for path in ["src/part.rs", "own/main.rs", "own/more.rs", "speeds.rs"] {
        assert_eq!(reduse_in(tree(&[("Cargo.toml", manifest), (path, USER_ID)]).path(), &["check"]).code, 1, "{path}");
    }
}

#[test]
fn a_baseline_keeps_old_findings_quiet_wherever_they_go() {
    let folder = tree(&[("src/m.rs", USER_ID)]);
    let run = |args: &[&str]| reduse_in(folder.path(), args);
    let written = run(&["check", "--write-baseline", "baseline.json"]);
    assert_eq!((written.code, written.stdout.as_str()), (0, "baseline.json: 1 finding\n"));
    let quiet = run(&["check", "--baseline", "baseline.json"]);
    assert_eq!((quiet.code, quiet.stdout.as_str()), (0, "No findings in 2 files (1 in the baseline).\n"));
    // Moved down by 200 lines, in a renamed file.
    std::fs::remove_file(folder.path().join("src/m.rs")).unwrap();
    let moved = format!("{}{USER_ID}", "// a line\n".repeat(200));
    std::fs::write(folder.path().join("src/renamed.rs"), moved).unwrap();
    assert_eq!(run(&["check", "--baseline", "baseline.json"]).code, 0);
    // A new defect is reported alone.
    let new = USER_ID.replace("http_requests_total", "prompts_total").replace("user_id", "prompt_hash");
    std::fs::write(folder.path().join("src/new.rs"), new).unwrap();
    let found = run(&["check", "--baseline", "baseline.json", "--format", "concise"]);
    assert_eq!(found.code, 1);
    assert_eq!(found.stdout.lines().count(), 1, "{found:?}");
    assert!(found.stdout.starts_with("src/new.rs:3:"), "{found:?}");
    // A fixed one is counted.
    std::fs::remove_file(folder.path().join("src/renamed.rs")).unwrap();
    assert!(run(&["check", "--baseline", "baseline.json"]).stdout.contains("1 of the baseline fixed"));
    let missing = run(&["check", "--baseline", "none.json"]);
    assert_eq!(missing.code, 2);
    assert!(missing.stderr.contains("no such baseline: none.json: make it with --write-baseline"), "{missing:?}");
}

#[test]
fn sarif_names_rules_places_and_fingerprints() {
    let run = reduse(&["check", "examples/bad-service", "--format", "sarif"]);
    assert_eq!(run.code, 1);
    let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let sarif = &document["runs"][0];
    let rules = sarif["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), reduse::lints::LINTS.len());
    let results = sarif["results"].as_array().unwrap();
    assert_eq!(results.len(), 11);
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert_eq!(result["partialFingerprints"]["reduse/v1"].as_str().unwrap().len(), 16);
        assert!(result["locations"][0]["physicalLocation"]["region"]["startLine"].as_u64().unwrap() > 0);
    }
}

#[test]
fn github_annotations_come_first_and_the_list_is_folded() {
    let run = reduse(&["check", "examples/bad-service", "--format", "github"]);
    assert_eq!(run.code, 1);
    let first = run.stdout.lines().next().unwrap();
    assert!(first.starts_with("::error file=examples/bad-service/") && first.contains(",title="), "{first}");
    assert_eq!(run.stdout.lines().filter(|l| l.starts_with("::error") || l.starts_with("::warning")).count(), 10);
    assert!(run.stdout.contains("::group::All findings\n") && run.stdout.contains("::endgroup::\n"));
}

#[test]
fn generate_writes_whole_files_and_check_shows_drift() {
    let folder = tree(&[]);
    let out = folder.path().join("monitoring");
    let sample = common::root().join("examples/llm-service");
    let arguments = |extra: &[&str]| {
        let mut all = vec!["generate", sample.to_str().unwrap(), "--system", "node_exporter", "--out", out.to_str().unwrap()];
        all.extend(extra.iter().map(|e| Box::leak((*e).to_owned().into_boxed_str()) as &str));
        reduse_in(folder.path(), &all)
    };
    assert_eq!(arguments(&["--check"]).code, 1, "nothing is there yet");
    let written = arguments(&["--require-alerts"]);
    assert_eq!((written.code, written.stderr.as_str()), (0, ""), "{written:?}");
    assert!(written.stdout.contains("alerts.yml: 3 alerts") && written.stdout.contains("dashboard.json: 18 panels"), "{written:?}");
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 5, "no temporary file is left");
    let read = || {
        ["alerts.yml", "alerts_test.yml", "dashboard.json", "runbook.md", "reduse.lock.json"]
            .map(|f| std::fs::read_to_string(out.join(f)).unwrap())
    };
    let first = read();
    assert_eq!(arguments(&[]).code, 0);
    assert_eq!(read(), first, "twice gives the same bytes");
    assert_eq!(arguments(&["--check"]).code, 0);
    std::fs::write(out.join("alerts.yml"), first[0].replace("> 0.01", "> 0.02")).unwrap();
    let drift = arguments(&["--check"]);
    assert_eq!(drift.code, 1);
    assert!(drift.stdout.contains("-            > 0.02") && drift.stdout.contains("+            > 0.01"), "{drift:?}");
    let refused = arguments(&[]);
    assert_eq!(refused.code, 1, "a person's edit is not overwritten");
    assert!(refused.stderr.contains("alerts.yml was edited after it was generated") && refused.stdout.is_empty(), "{refused:?}");
    let forced = arguments(&["--force"]);
    assert_eq!(forced.code, 0);
    assert!(forced.stderr.contains("replaced: ") && forced.stderr.contains("alerts.yml was edited"), "{forced:?}");
    assert_eq!(read(), first);
    std::fs::remove_file(out.join("reduse.lock.json")).unwrap();
    std::fs::write(out.join("runbook.md"), "ours\n").unwrap();
    assert!(arguments(&[]).stderr.contains("runbook.md was not written by reduse"));
    assert_eq!(arguments(&["--force", "--alerts", "recommended", "--runbook-url", "https://x.example/runbook"]).code, 0);
    assert!(read()[0].contains("runbook_url: 'https://x.example/runbook#enginestalled'"), "{}", read()[0]);
    assert!(read()[3].contains("## EngineStalled") && read()[3].contains("(/d/reduse-llm-service?viewPanel=10)"), "{}", read()[3]);
    let checked = reduse_in(folder.path(), &["check", "monitoring", "--fail-on", "warning"]);
    assert_eq!(checked.code, 0, "{checked:?}");
}

#[test]
fn generate_says_what_it_leaves_out() {
    let folder = tree(&[("src/m.rs", &USER_ID.replace("user_id", "status"))]);
    let run = reduse_in(folder.path(), &["generate", ".", "--out", "out", "--require-alerts"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stdout.contains("alerts.yml: 1 alert"), "{run:?}");
    assert!(run.stderr.contains("left out: SlowTimeToFirstToken, time-to-first-token (red.ttft): "), "{run:?}");
    assert!(run.stderr.contains("left out: CostExplosion"), "{run:?}");
    assert_eq!(reduse_in(folder.path(), &["generate", ".", "--out", "out"]).code, 0);
    let file = reduse_in(folder.path(), &["generate", ".", "--out", "src/m.rs"]);
    assert_eq!((file.code, file.stderr.as_str()), (2, "error: --out src/m.rs: is a file, not a folder\n"));
    std::fs::write(folder.path().join("reduse.toml"), "[signals]\nttft = \"no_such_seconds\"\n").unwrap();
    let run = reduse_in(folder.path(), &["generate", ".", "--out", "out"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("[signals] of the configuration: ") && run.stderr.contains("no_such_seconds"), "{run:?}");
    let nothing = tree(&[]);
    let run = reduse_in(nothing.path(), &["generate", ".", "--out", "out"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(run.stderr, "nothing was written: no metric answers any signal: none was found\n");
    assert!(!nothing.path().join("out").exists());
}

#[test]
fn a_clean_tree_says_so() {
    let folder = tree(&[("alerts.yml", GOOD_RULES)]);
    let run = reduse_in(folder.path(), &["check"]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "No findings in 1 file.\n", ""));
}

#[test]
fn templates_are_counted_and_named_on_request() {
    let helm = "groups:\n  - name: {{ .Release.Name }}\n    rules:\n{{- range .Values.rules }}\n      - alert: X\n{{- end }}\n";
    let folder = tree(&[("templates/rules.yaml", helm)]);
    let run = reduse_in(folder.path(), &["check", "--verbose"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "No findings in 1 file (1 file skipped: --verbose names them).\n"));
    assert!(run.stderr.starts_with("left alone: templates/rules.yaml: "), "{run:?}");
}

#[test]
fn rules_lists_every_lint_and_explain_tells_it() {
    let rules = reduse(&["rules"]);
    assert_eq!(rules.code, 0);
    for lint in reduse::lints::LINTS.iter() {
        assert!(rules.stdout.contains(lint.name), "{}", lint.name);
        assert_eq!(reduse(&["explain", lint.name]).code, 0, "{}", lint.name);
    }
    insta::assert_snapshot!("explain", reduse(&["explain", "unbounded-label-name"]).stdout);
}

#[test]
fn completions_name_the_commands() {
    for shell in ["bash", "zsh", "fish"] {
        let run = reduse(&["completions", shell]);
        assert_eq!(run.code, 0);
        assert!(run.stdout.contains("inventory"), "{shell}");
    }
}

#[test]
fn the_standard_input_stands_for_a_file_and_only_that_is_reported() {
    let folder = tree(&[("src/metrics.rs", "fn f() {}\n"), ("src/other.rs", USER_ID), ("alerts.yml", GOOD_RULES)]);
    let check = |args: &[&str], text: &str| {
        let args: Vec<&str> = ["check", "--format", "concise"].iter().chain(args).copied().collect();
        reduse_given(folder.path(), &args, text)
    };
    let code = USER_ID.replace("http_requests_total", "shop_requests_total").replace("user_id", "session_id");
    for file in ["src/metrics.rs", "./src/metrics.rs", "src/../src/metrics.rs", "src/new.rs"] {
        let run = check(&["--stdin-filename", file], &code);
        let name = file.rsplit('/').next().unwrap();
        assert_eq!(run.code, 1, "{run:?}");
        assert!(run.stdout.starts_with(&format!("src/{name}:3:77: error[unbounded-label-name]")), "{run:?}");
        assert_eq!(run.stdout.lines().count(), 1, "what other files hold is not asked about: {run:?}");
    }
    let run = check(&["--stdin-filename", "src/other.rs"], "fn g() {}\n");
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "the file on the disk is not read: {run:?}");
    let run = check(&["--stdin-filename", "src/metrics.rs", "src/metrics.rs"], &code);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(!run.stderr.contains("is not looked at"), "{run:?}");
    for (args, file) in [(&["--exclude", "src"][..], "src/metrics.rs"), (&[], ".hidden/x.rs")] {
        let run = check(&[args, &["--stdin-filename", file]].concat(), &code);
        assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{run:?}");
        let said = format!("--stdin-filename: {file} is not looked at: it is ignored, hidden, excluded, or a test\n");
        assert!(run.stderr.contains(&said), "{run:?}");
    }
    for (args, said) in [
        (&["--stdin-filename", "../x.rs"][..], "--stdin-filename: ../x.rs: this is not below ."),
        (&["--stdin-filename", "alerts.yml", "src"], "--stdin-filename: alerts.yml: this is not below src"),
        (&["--stdin-filename", "x.go"], "--stdin-filename: x.go: reduse reads .rs, .py,"),
        (&["--stdin-filename", "x.rs", "--exposition", "-"], "--exposition - wants the standard input, too"),
        (&["--stdin-filename", "x.rs", "--fix"], "cannot be used with"),
    ] {
        let run = check(args, "");
        assert_eq!(run.code, 2, "{run:?}");
        assert!(run.stderr.contains(said), "{args:?}: {run:?}");
    }
}

#[test]
fn open_metrics_tells_what_is_known_of_each_family() {
    let code = "use prometheus::{IntCounter, IntGauge, Histogram, register_histogram, register_int_counter, register_int_gauge};
pub fn all(part: &str) -> (IntCounter, IntGauge, Histogram, IntGauge, IntGauge) {
    (
        register_int_counter!(\"jobs_total\", \"Jobs with a \\\"quote\\\"\").unwrap(),
        register_int_gauge!(\"jobs_waiting\", \"Jobs\\nthat wait\").unwrap(),
        register_histogram!(\"wait_seconds\", \"Time\").unwrap(),
        register_int_gauge!(format!(\"{part}_size\"), \"Only the run knows\").unwrap(),
        register_int_gauge!(\"no-name\", \"Not taken\").unwrap(),
    )
}
";
    let folder = tree(&[("src/metrics.rs", code)]);
    let run = reduse_in(folder.path(), &["inventory", "--format", "openmetrics"]);
    let expected = "# TYPE jobs counter
# HELP jobs Jobs with a \\\"quote\\\"
# TYPE jobs_waiting gauge
# HELP jobs_waiting Jobs\\nthat wait
# TYPE wait_seconds histogram
# HELP wait_seconds Time
# EOF
";
    assert_eq!((run.code, run.stdout.as_str()), (0, expected), "{run:?}");
    assert_eq!(run.stderr, "left out: 2 metrics whose name only the run decides, or OpenMetrics does not take\n");
    let run = reduse_in(folder.path(), &["inventory", "--format", "openmetrics", "--uses"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{run:?}");
    // Prometheus reads it: this refuses a unit that is not the end of a name, and what lacks its end.
    let metrics = reduse(&["inventory", "examples/llm-service", "--format", "openmetrics"]).stdout;
    std::fs::write(folder.path().join("metrics.txt"), metrics).unwrap();
    let args = ["tsdb", "create-blocks-from", "openmetrics", "metrics.txt", "blocks"];
    match std::process::Command::new("promtool").args(args).current_dir(folder.path()).output() {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
        Err(_) => assert!(std::env::var_os("CI").is_none(), "promtool is missing: install Debian's package `prometheus`"),
    }
}
