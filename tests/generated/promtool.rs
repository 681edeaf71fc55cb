//! Runs promtool. Without it the tests say that they were skipped, and fail where `CI` is set.

use std::path::Path;
use std::process::Command;

use reduse::generate::Output;
use serde_yaml::Value;

/// The promtool on the PATH, or another one: `REDUSE_PROMTOOL=/path/to/promtool cargo test --test generated`.
fn program() -> std::ffi::OsString {
    std::env::var_os("REDUSE_PROMTOOL").unwrap_or_else(|| "promtool".into())
}

/// Whether promtool is there; says so when it is not.
pub fn available() -> bool {
    let found = Command::new(program()).arg("--version").output().is_ok_and(|o| o.status.success());
    if !found {
        assert!(std::env::var_os("CI").is_none(), "promtool is missing: install Debian's package `prometheus`");
        eprintln!("skipped: promtool is not installed (Debian's package `prometheus`)");
    }
    found
}

/// Writes files into a folder of their own.
pub fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

pub fn of_output(output: &Output) -> tempfile::TempDir {
    folder(&output.files.iter().map(|f| (f.name, f.text.as_str())).collect::<Vec<_>>())
}

fn run(dir: &Path, args: &[&str]) -> Result<(), String> {
    let out = Command::new(program()).current_dir(dir).args(args).output().unwrap();
    if out.status.success() {
        Ok(())
    } else {
        Err(format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr)))
    }
}

pub fn check_rules(dir: &Path, file: &str) -> Result<(), String> {
    run(dir, &["check", "rules", "--lint=all", "--lint-fatal", file])
}

pub fn test_rules(dir: &Path) -> Result<(), String> {
    run(dir, &["test", "rules", "alerts_test.yml"])
}

/// promtool accepts the rules, and each alert passes its tests by itself: in their one group all alerts would be evaluated in the hours
/// that the tests of a few take.
pub fn accepts_one_by_one(output: &Output, left_out: &[&str]) {
    let dir = of_output(output);
    check_rules(dir.path(), "alerts.yml").unwrap_or_else(|e| panic!("{e}"));
    let read = |name: &str| serde_yaml::from_str::<Value>(crate::reference::text(output, name)).unwrap();
    let (rules, tests) = (read("alerts.yml"), read("alerts_test.yml"));
    let mut args = vec!["test".to_owned(), "rules".to_owned()];
    for rule in rules["groups"][0]["rules"].as_sequence().unwrap() {
        let name = rule["alert"].as_str().unwrap();
        if left_out.contains(&name) {
            continue;
        }
        let own = tests["tests"].as_sequence().unwrap().iter().filter(|t| t["alert_rule_test"][0]["alertname"] == name);
        let (mut file, mut group) = (tests.clone(), rules.clone());
        group["groups"][0]["rules"] = vec![rule.clone()].into();
        file["tests"] = own.cloned().collect::<Vec<_>>().into();
        if name == "ErrorBudgetBurnSlow" {
            // Its checks are whole minutes, of fifteen hours.
            file["evaluation_interval"] = "1m".into();
        }
        file["rule_files"] = vec![format!("{name}.yml")].into();
        for (path, value) in [(format!("{name}.yml"), &group), (format!("{name}_test.yml"), &file)] {
            std::fs::write(dir.path().join(path), serde_yaml::to_string(value).unwrap()).unwrap();
        }
        args.push(format!("{name}_test.yml"));
    }
    run(dir.path(), &args.iter().map(String::as_str).collect::<Vec<_>>()).unwrap_or_else(|e| panic!("{e}"));
}

/// promtool accepts the rules and their tests pass.
pub fn accepts(output: &Output) {
    let dir = of_output(output);
    check_rules(dir.path(), "alerts.yml").unwrap_or_else(|e| panic!("{e}"));
    test_rules(dir.path()).unwrap_or_else(|e| panic!("{e}"));
}
