//! Two programs in one tree: each is judged by itself.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use common::git::{commit, git};
use common::{reduse_in, tree, write};

#[test]
fn what_one_program_does_wrong_is_not_hidden_by_another_that_does_the_same() {
    let code = |label: &str, bounds: &str| {
        format!(
            "use prometheus::*;
fn main() {{
    register_int_counter_vec!(\"http_requests_total\", \"Requests\", &[\"method\", \"{label}\"]).unwrap();
    register_histogram!(\"app_wait_seconds\", \"Waiting\", vec![{bounds}]).unwrap().observe(1.0);
}}
"
        )
    };
    let manifest = |name: &str| format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\n\n[dependencies]\nprometheus = \"0.13\"\n");
    let (bad, good) = (code("user_id", "3.0, 2.0, 1.0"), code("route", "1.0, 2.0, 3.0"));
    let dir = tree(&[
        ("Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]\n"),
        ("a/Cargo.toml", &manifest("a")),
        ("a/src/main.rs", &bad),
        ("b/Cargo.toml", &manifest("b")),
        ("b/src/main.rs", &good),
    ]);
    git(dir.path(), &["init", "-q"]);
    commit(dir.path());
    write(dir.path(), "b/src/main.rs", bad.as_bytes());
    let run = reduse_in(dir.path(), &["check", "--diff", "HEAD", "--format", "concise"]);
    let found = "b/src/main.rs:3:5: error[unbounded-label-name] `user_id` is a label of `http_requests_total`: one series per user
b/src/main.rs:4:5: error[buckets-not-increasing] the bucket bounds of `app_wait_seconds` do not rise: 2 comes after 3
";
    assert_eq!((run.code, run.stdout.as_str()), (1, found), "{run:?}");
}

#[test]
fn a_label_of_one_program_is_not_found_in_another() {
    let code = |labels: &str| {
        format!(
            "use prometheus::*;
fn main() {{
    register_int_counter_vec!(\"http_requests_total\", \"Requests\", &[{labels}]).unwrap();
}}
"
        )
    };
    let manifest = |name: &str| format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\n\n[dependencies]\nprometheus = \"0.13\"\n");
    let dir = tree(&[
        ("Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]\n"),
        ("a/Cargo.toml", &manifest("a")),
        ("a/src/main.rs", &code("\"method\"")),
        ("b/Cargo.toml", &manifest("b")),
        ("b/src/main.rs", &code("\"method\", \"user_id\"")),
    ]);
    let run = reduse_in(dir.path(), &["check", "--select", "unbounded-label-name", "--format", "concise"]);
    assert_eq!(run.stdout.lines().filter(|line| line.contains("error[unbounded-label-name]")).count(), 1, "{run:?}");
    assert!(run.stdout.contains("b/src/main.rs:3:5: error"), "{run:?}");
}

#[test]
fn two_programs_have_two_registries() {
    let code = |help: &str, label: &str| {
        format!(
            "use prometheus::*;
fn main() {{
    register_int_counter!(\"app_starts_total\", \"{help}\").unwrap().inc();
    register_int_counter_vec!(\"app_requests_total\", \"Requests\", &[\"{label}\"]).unwrap().with_label_values(&[\"a\"]).inc();
}}
"
        )
    };
    let manifest = |name: &str| format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\n\n[dependencies]\nprometheus = \"0.13\"\n");
    let check = |main_of_b: &str| {
        let dir = tree(&[
            ("Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]\n"),
            ("a/Cargo.toml", &manifest("a")),
            ("a/src/main.rs", &code("Starts of a", "route")),
            ("b/Cargo.toml", &manifest("b")),
            (main_of_b, &code("Starts of b", "kind")),
        ]);
        reduse_in(dir.path(), &["check", "--select", "inconsistent-definition", "--fail-on", "info"]).stdout
    };
    let apart = check("b/src/main.rs");
    assert!(apart.contains("They are of two programs") && !apart.contains("help texts"), "{apart}");
    // Nothing says that the library is of another program.
    let unknown = check("b/src/lib.rs");
    assert!(unknown.contains("One registry refuses this") && unknown.contains("with different help texts"), "{unknown}");
}
