//! Runs the real binary the way a user does.

#![allow(dead_code, clippy::unwrap_used, clippy::panic, missing_docs, unreachable_pub)]

pub mod git;
pub mod prometheus;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a run printed and how it ended.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// The root of the repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Runs reduse in a folder, with an environment that cannot change its output.
pub fn reduse_in(folder: &Path, args: &[&str]) -> Run {
    reduse_with(folder, args, &[])
}

/// Runs reduse in a folder, with these variables besides.
pub fn reduse_with(folder: &Path, args: &[&str], variables: &[(&str, &str)]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reduse"));
    command.args(args).current_dir(folder).env_remove("NO_COLOR").env_remove("SOURCE_DATE_EPOCH").env("COLUMNS", "120");
    command.envs(variables.iter().copied());
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Runs reduse in a folder, with this on the standard input.
pub fn reduse_given(folder: &Path, args: &[&str], given: &str) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reduse"));
    command.args(args).current_dir(folder).env_remove("NO_COLOR").env_remove("SOURCE_DATE_EPOCH").env("COLUMNS", "120");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Who refuses the arguments does not read.
    let _ = child.stdin.take().unwrap().write_all(given.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Runs reduse at the root of the repository.
pub fn reduse(args: &[&str]) -> Run {
    reduse_in(&root(), args)
}

/// A fresh folder with these files.
pub fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        write(folder.path(), path, text.as_bytes());
    }
    folder
}

/// Writes one file below a folder.
pub fn write(folder: &Path, path: &str, bytes: &[u8]) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

/// A Rust file with one error: a user id as a label.
pub const USER_ID: &str = "use prometheus::{IntCounterVec, register_int_counter_vec};
pub fn requests() -> IntCounterVec {
    register_int_counter_vec!(\"http_requests_total\", \"Requests answered\", &[\"user_id\"]).unwrap()
}
";

/// A rule file without a defect.
pub const GOOD_RULES: &str = "groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        for: 5m
        labels:
          severity: critical
        annotations:
          summary: \"{{ $labels.instance }} is down\"
";
