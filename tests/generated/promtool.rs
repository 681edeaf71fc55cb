//! Runs promtool. Without it the tests say that they were skipped, and fail where `CI` is set.

use std::path::Path;
use std::process::Command;

use reduse::generate::Output;

/// Whether promtool is there; says so when it is not.
pub fn available() -> bool {
    let found = Command::new("promtool").arg("--version").output().is_ok_and(|o| o.status.success());
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
    let out = Command::new("promtool").current_dir(dir).args(args).output().unwrap();
    if out.status.success() { Ok(()) } else { Err(format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr))) }
}

pub fn check_rules(dir: &Path, file: &str) -> Result<(), String> {
    run(dir, &["check", "rules", "--lint=all", "--lint-fatal", file])
}

pub fn test_rules(dir: &Path) -> Result<(), String> {
    run(dir, &["test", "rules", "alerts_test.yml"])
}

/// promtool accepts the rules and their tests pass.
pub fn accepts(output: &Output) {
    let dir = of_output(output);
    check_rules(dir.path(), "alerts.yml").unwrap_or_else(|e| panic!("{e}"));
    test_rules(dir.path()).unwrap_or_else(|e| panic!("{e}"));
}
