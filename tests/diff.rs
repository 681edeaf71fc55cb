//! `check --diff REV` in real repositories: what a change brings, and nothing else.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use std::path::Path;
use std::process::Command;

use common::git::{commit, git};
use common::{USER_ID, reduse_in, tree, write};

/// A gauge, an alert on it, and an old defect: an alert on a metric that never was. `USER_ID` is another.
const GAUGE: &str = "pub fn depth() -> prometheus::IntGauge {
    prometheus::register_int_gauge!(\"queue_depth\", \"Requests that wait\").unwrap()
}
";
const RULES: &str = "groups:
  - name: app
    rules:
      - alert: QueueFull
        expr: queue_depth > 100
        for: 5m
        labels: {severity: critical}
        annotations: {summary: full}
      - alert: Old
        expr: queue_deptth > 100
        for: 5m
        labels: {severity: critical}
        annotations: {summary: old}
";

/// A repository of one commit with two old findings.
fn repository() -> tempfile::TempDir {
    let folder = tree(&[("src/m.rs", USER_ID), ("src/queue.rs", GAUGE), ("monitoring/alerts.yml", RULES)]);
    git(folder.path(), &["init", "-q"]);
    commit(folder.path());
    folder
}

/// `path:line lint` of what `check --diff` reports.
fn brought(folder: &Path, args: &[&str]) -> Vec<String> {
    let run = reduse_in(folder, &[&["check", "--format", "concise"], args].concat());
    assert!(run.code < 2, "{run:?}");
    let short = |line: &str| {
        let mut parts = line.splitn(4, ':');
        let (path, place) = (parts.next().unwrap(), parts.next().unwrap());
        let lint = line.split('[').nth(1).unwrap().split(']').next().unwrap();
        format!("{path}:{place} {lint}")
    };
    run.stdout.lines().map(short).collect()
}

fn replace(folder: &Path, path: &str, from: &str, to: &str) {
    let old = std::fs::read_to_string(folder.join(path)).unwrap();
    assert!(old.contains(from));
    std::fs::write(folder.join(path), old.replace(from, to)).unwrap();
}

#[test]
fn a_new_defect_and_the_alert_that_a_rename_breaks() {
    let folder = repository();
    assert_eq!(brought(folder.path(), &[]).len(), 2, "the old findings are there");
    assert_eq!(brought(folder.path(), &["--diff", "HEAD"]), [""; 0]);
    replace(folder.path(), "src/queue.rs", "queue_depth", "queue_length");
    let new = USER_ID.replace("http_requests_total", "prompts_total").replace("user_id", "prompt_hash");
    write(folder.path(), "src/new.rs", new.as_bytes());
    let expected = ["monitoring/alerts.yml:5 unknown-metric", "src/new.rs:3 unbounded-label-name"];
    assert_eq!(brought(folder.path(), &["--diff", "HEAD"]), expected, "neither is committed, and one is not tracked");
    commit(folder.path());
    assert_eq!(brought(folder.path(), &["--diff", "HEAD~1"]), expected);
    assert_eq!(brought(folder.path(), &["--diff", "HEAD"]), [""; 0]);
    let run = reduse_in(folder.path(), &["check", "--diff", "HEAD~1"]);
    assert!(run.stdout.contains("the change takes `queue_depth` away: is it `queue_length` now?"), "{run:?}");
    assert_eq!(run.code, 1);
    assert!(run.stdout.ends_with("Found 2 errors in 4 files (1 from before the change).\n"), "{run:?}");
}

#[test]
fn moved_lines_renamed_files_and_white_space_bring_nothing() {
    let folder = repository();
    let indented = USER_ID.replace("    register", "        register");
    write(folder.path(), "src/m.rs", format!("{}{indented}", "// a line\n".repeat(200)).as_bytes());
    replace(folder.path(), "monitoring/alerts.yml", "groups:", "# rules\n\ngroups:");
    assert_eq!(brought(folder.path(), &["--diff", "HEAD"]), [""; 0]);
    git(folder.path(), &["mv", "src/m.rs", "src/renamed.rs"]);
    assert_eq!(brought(folder.path(), &["--diff", "HEAD"]), [""; 0]);
    std::fs::rename(folder.path().join("src/renamed.rs"), folder.path().join("src/again.rs")).unwrap();
    assert_eq!(brought(folder.path(), &["--diff", "HEAD"]), [""; 0], "renamed without telling git");
}

#[test]
fn whoever_changes_a_line_owns_its_findings() {
    let folder = repository();
    replace(folder.path(), "src/m.rs", "Requests answered", "Requests that were answered");
    assert_eq!(brought(folder.path(), &["--diff", "HEAD"]), ["src/m.rs:3 unbounded-label-name"]);
}

#[test]
fn a_copy_is_new_and_a_removed_definition_breaks_what_reads_it() {
    let folder = repository();
    write(folder.path(), "lib/copy.rs", USER_ID.replace("http_requests", "other_requests").as_bytes());
    std::fs::remove_file(folder.path().join("src/queue.rs")).unwrap();
    let expected = ["lib/copy.rs:3 unbounded-label-name", "monitoring/alerts.yml:5 unknown-metric"];
    assert_eq!(brought(folder.path(), &["--diff", "HEAD"]), expected);
    // A file that git is told to ignore is not read, and one that was excluded before it was removed does not count.
    write(folder.path(), ".gitignore", b"lib\n");
    assert_eq!(brought(folder.path(), &["--diff", "HEAD"]), expected[1..]);
}

#[test]
fn a_name_that_only_the_run_knows_from_now_on_is_not_called_gone() {
    let folder = repository();
    replace(folder.path(), "src/queue.rs", "\"queue_depth\", \"", "&std::env::var(\"NAME\").unwrap(), \"");
    assert_eq!(brought(folder.path(), &["--diff", "HEAD"]), [""; 0]);
    // Deleted for good, and nothing takes its place.
    write(folder.path(), "src/queue.rs", b"");
    let run = reduse_in(folder.path(), &["check", "--diff", "HEAD"]);
    assert!(run.stdout.contains("the change takes `queue_depth` away, and this still reads it"), "{run:?}");
    assert!(run.stdout.contains("It was defined in src/queue.rs: restore it"), "{run:?}");
}

#[test]
fn changes_count_from_where_the_branches_parted() {
    let folder = repository();
    git(folder.path(), &["checkout", "-q", "-b", "feature"]);
    write(folder.path(), "src/new.rs", USER_ID.replace("http_requests_total", "jobs_total").as_bytes());
    commit(folder.path());
    // Meanwhile main fixes the old finding: undoing that is not what the branch does.
    git(folder.path(), &["checkout", "-q", "main"]);
    replace(folder.path(), "src/m.rs", "user_id", "status");
    commit(folder.path());
    git(folder.path(), &["checkout", "-q", "feature"]);
    assert_eq!(brought(folder.path(), &["--diff", "main"]), ["src/new.rs:3 unbounded-label-name"]);
}

#[test]
fn only_what_is_under_the_paths_and_wherever_one_stands() {
    let folder = repository();
    write(folder.path(), "src/new.rs", USER_ID.replace("http_requests_total", "jobs_total").as_bytes());
    replace(folder.path(), "monitoring/alerts.yml", "queue_deptth", "queue_dept");
    assert_eq!(brought(folder.path(), &["monitoring", "src/queue.rs", "--diff", "HEAD"]), ["monitoring/alerts.yml:10 unknown-metric"]);
    let below = folder.path().join("src");
    assert_eq!(brought(&below, &["--diff", "HEAD"]), ["new.rs:3 unbounded-label-name"]);
    assert_eq!(brought(&below, &["../src", "--diff", "HEAD"]), ["new.rs:3 unbounded-label-name"]);
    let elsewhere = tempfile::tempdir().unwrap();
    let run = reduse_in(elsewhere.path(), &["check", folder.path().join("src").to_str().unwrap(), "--diff", "HEAD", "--format", "json"]);
    assert_eq!(run.stdout.matches("\"lint\"").count(), 1, "{run:?}");
}

#[cfg(unix)]
#[test]
fn through_a_link_and_inside_a_hook() {
    let folder = repository();
    write(folder.path(), "src/new.rs", USER_ID.replace("http_requests_total", "jobs_total").as_bytes());
    let elsewhere = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(folder.path().join("src"), elsewhere.path().join("link")).unwrap();
    assert_eq!(brought(elsewhere.path(), &["link", "--diff", "HEAD"]), ["link/new.rs:3 unbounded-label-name"]);
    let output = Command::new(env!("CARGO_BIN_EXE_reduse"))
        .args(["check", "src", "--diff", "HEAD", "--format", "concise"])
        .current_dir(folder.path())
        .envs([("GIT_DIR", "nowhere"), ("GIT_INDEX_FILE", "nowhere/index")])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 1, "{output:?}");
}

#[test]
fn what_was_not_read_before_was_not_there() {
    let folder = repository();
    write(folder.path(), "vendor/old.rs", GAUGE.replace("queue_depth", "vendored_depth").as_bytes());
    write(folder.path(), ".hidden/old.rs", GAUGE.replace("queue_depth", "hidden_depth").as_bytes());
    let rules = RULES.replace("queue_depth", "vendored_depth").replace("queue_deptth", "hidden_depth").replace("app", "more");
    write(folder.path(), "monitoring/more.yml", rules.as_bytes());
    write(folder.path(), "reduse.toml", b"exclude = [\"vendor\"]\n");
    commit(folder.path());
    for gone in ["vendor", ".hidden"] {
        std::fs::remove_dir_all(folder.path().join(gone)).unwrap();
    }
    assert_eq!(brought(folder.path(), &["--diff", "HEAD"]), [""; 0]);
    assert_eq!(brought(folder.path(), &["--diff", "HEAD", "--isolated"]), ["monitoring/more.yml:5 unknown-metric"]);
}

#[test]
fn test_targets_are_those_of_the_manifest_of_the_time() {
    let folder = tree(&[("tests/m.rs", USER_ID), ("Cargo.toml", "[package]\nname = \"a\"\n")]);
    git(folder.path(), &["init", "-q"]);
    commit(folder.path());
    // No longer a package: what stands in `tests` is read from now on.
    std::fs::remove_file(folder.path().join("Cargo.toml")).unwrap();
    assert_eq!(brought(folder.path(), &["--diff", "HEAD"]), ["tests/m.rs:3 unbounded-label-name"]);
}

#[test]
fn a_baseline_comes_first() {
    let folder = repository();
    assert_eq!(reduse_in(folder.path(), &["check", "--write-baseline", "b.json"]).code, 0);
    commit(folder.path());
    write(folder.path(), "monitoring/more.yml", RULES.replace("name: app", "name: more").as_bytes());
    let found = brought(folder.path(), &["--diff", "HEAD", "--baseline", "b.json"]);
    // The file is a copy, which is found at its first rule.
    let new = ["monitoring/more.yml:4 duplicate-rule", "monitoring/more.yml:10 unknown-metric"];
    assert_eq!(found, new, "one more of what both know is new");
}

#[test]
fn what_git_cannot_answer_is_said() {
    let folder = repository();
    let fails = |folder: &Path, revision: &str| {
        let run = reduse_in(folder, &["check", "--diff", revision]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{run:?}");
        run.stderr
    };
    let unknown = fails(folder.path(), "no-such");
    assert!(unknown.contains("--diff no-such: unknown revision `no-such`: name a branch, a tag or a commit"), "{unknown}");
    let option = reduse_in(folder.path(), &["check", "--diff=--output=x"]);
    assert!(option.code == 2 && option.stderr.contains("unknown revision `--output=x`"), "{option:?}");
    let outside = tree(&[("src/m.rs", USER_ID)]);
    assert!(fails(outside.path(), "HEAD").contains("is in no git repository"));
    let run = reduse_in(folder.path(), &["check", ".", outside.path().to_str().unwrap(), "--diff", "HEAD"]);
    assert!(run.code == 2 && run.stderr.contains(" is not in "), "{run:?}");

    let first = git(folder.path(), &["rev-parse", "HEAD"]);
    commit(folder.path());
    let clones = tempfile::tempdir().unwrap();
    let origin = format!("file://{}", folder.path().display());
    git(clones.path(), &["clone", "-q", "--depth", "1", &origin, "shallow"]);
    let shallow = fails(&clones.path().join("shallow"), &first);
    assert!(shallow.contains("this is a shallow clone") && shallow.contains("fetch-depth: 0"), "{shallow}");
    git(clones.path(), &["clone", "-q", &origin, "full"]);
    git(&clones.path().join("full"), &["checkout", "-q", "-b", "topic"]);
    git(&clones.path().join("full"), &["branch", "-q", "-D", "main"]);
    assert!(fails(&clones.path().join("full"), "main").contains("did you mean `origin/main`?"));
}

#[cfg(unix)]
#[test]
fn without_git() {
    let folder = repository();
    let output = Command::new(env!("CARGO_BIN_EXE_reduse"))
        .args(["check", "--diff", "HEAD"])
        .current_dir(folder.path())
        .env("PATH", folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("git is not installed"));
}
