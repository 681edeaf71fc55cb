//! The module table of docs/ARCHITECTURE.md, the size of files, and who may touch files, the clock and the environment.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::path::PathBuf;

/// The table of docs/ARCHITECTURE.md: module and what it may use besides itself.
fn table() -> Vec<(String, Vec<String>)> {
    let text = std::fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/ARCHITECTURE.md")).unwrap();
    let section = text.split("## What each module may use").nth(1).unwrap().split("\n## ").next().unwrap();
    let cells = |row: &str| row.trim_matches('|').split('|').map(|c| c.trim().to_owned()).collect::<Vec<_>>();
    let rows: Vec<_> = section.lines().filter(|l| l.starts_with('|')).skip(2).map(cells).collect();
    assert!(rows.len() > 10, "the table is gone");
    rows.into_iter().map(|r| (r[0].clone(), r[2].split(',').map(|u| u.trim().to_owned()).collect())).collect()
}

/// More lines than this are two files.
const MAX_LINES: usize = 600;

struct Module {
    path: String,
    top: String,
    /// The text without its unit tests.
    text: String,
    lines: usize,
}

fn modules() -> Vec<Module> {
    let src = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src");
    walkdir::WalkDir::new(&src)
        .sort_by_file_name()
        .into_iter()
        .map(Result::unwrap)
        .filter(|e| e.path().extension().is_some_and(|x| x == "rs"))
        .map(|e| {
            let path = e.path().strip_prefix(&src).unwrap().to_string_lossy().replace('\\', "/");
            let top = path.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
            let text = std::fs::read_to_string(e.path()).unwrap();
            let lines = text.lines().count();
            // Tests may use what they like, in a file of their own too.
            let code = if path.ends_with("tests.rs") { text.lines().next() } else { text.split("#[cfg(test)]\nmod tests").next() };
            let text = code.unwrap_or_default().to_owned();
            Module { path, top, text, lines }
        })
        .collect()
}

fn code_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|l| !l.trim_start().starts_with("//"))
}

#[test]
fn modules_use_only_what_the_table_allows() {
    let table = table();
    for module in modules() {
        let (_, allowed) = table.iter().find(|(m, _)| *m == module.top).unwrap_or_else(|| panic!("{}: not in the table", module.path));
        if allowed.iter().any(|a| a == "everything") {
            continue;
        }
        for line in code_lines(&module.text) {
            for part in line.split("crate::").skip(1) {
                let group = part.strip_prefix('{').map_or_else(|| vec![part], |inner| inner.split(',').collect());
                for used in group {
                    let used: String = used.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                    let fine = used.is_empty() || used == module.top || allowed.contains(&used);
                    // A name of the crate's root that is no module is a macro or the like.
                    let is_module = table.iter().any(|(m, _)| *m == used);
                    assert!(fine || !is_module, "src/{} uses `{used}`, which the table does not allow", module.path);
                }
            }
        }
    }
}

#[test]
fn files_stay_short() {
    for module in modules() {
        assert!(module.lines <= MAX_LINES, "src/{} has {} lines: more than {MAX_LINES} is two files", module.path, module.lines);
    }
}

#[test]
fn every_module_says_what_it_owns() {
    for module in modules() {
        assert!(module.text.starts_with("//!"), "src/{} has no `//!` text", module.path);
    }
}

#[test]
fn only_workspace_reads_and_only_cli_writes() {
    for module in modules() {
        for line in code_lines(&module.text) {
            let file = ["std::fs", "File::open", "File::create", "tempfile::", "std::net", "TcpStream"].iter().any(|w| line.contains(w));
            let around = ["std::env", "SystemTime", "Instant::now", "std::process"].iter().any(|w| line.contains(w));
            let printing = ["println!", "eprintln!", "print!(", "stdout()", "stderr()"].iter().any(|w| line.contains(w));
            let who = module.top.as_str();
            assert!(!file || matches!(who, "workspace" | "cli"), "src/{} touches files or the network: {line}", module.path);
            // git and promtool are asked through their programs, and Prometheus through its API.
            let program = matches!(who, "vcs" | "verify") && line.contains("std::process");
            assert!(!line.contains("ureq") || who == "verify", "src/{} touches the network: {line}", module.path);
            assert!(
                !around || program || matches!(who, "cli" | "main"),
                "src/{} looks at the environment or the clock: {line}",
                module.path
            );
            assert!(!printing || who == "cli", "src/{} prints: {line}", module.path);
            assert!(
                !line.contains("lsp_") || module.path.starts_with("cli/lsp/"),
                "src/{} speaks to editors outside cli/lsp/: {line}",
                module.path
            );
            assert!(!line.contains("miette") || who == "report", "src/{} uses miette outside report/: {line}", module.path);
        }
    }
}

#[test]
fn lints_do_not_see_syntax_trees() {
    for module in modules().into_iter().filter(|m| m.top == "lints") {
        for line in code_lines(&module.text) {
            assert!(!line.contains("syntax::"), "src/{} looks at a syntax tree: {line}", module.path);
        }
    }
}

#[test]
fn systems_never_feed_extraction() {
    for module in modules().into_iter().filter(|m| m.top == "extract" || m.top == "syntax") {
        assert!(
            !module.text.contains("systems"),
            "src/{} knows of systems: what is said to be in the code was found in the code",
            module.path
        );
    }
}
