//! The README's console blocks are what the tool prints.
//!
//! In a block ```` ```console ```` every line that begins with `$ ` is a command and what follows is its output, standard error after
//! standard output. A line `...` stands for any number of lines. `cargo run --release --quiet -- ` means the binary that is being tested.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use common::{reduse, root};

#[test]
fn console_blocks_are_true() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let out = tempfile::tempdir().unwrap();
    let mut commands = 0;
    for block in readme.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap();
        for part in format!("\n{block}").split("\n$ ").skip(1) {
            let (command, expected) = part.split_once('\n').unwrap_or((part, ""));
            let Some(arguments) = command.strip_prefix("reduse ").or_else(|| command.strip_prefix("cargo run --release --quiet -- "))
            else {
                continue;
            };
            // What a reader writes into a folder of his own must not land in the repository.
            let folder = out.path().join("monitoring").display().to_string();
            let arguments: Vec<String> =
                arguments.split_whitespace().map(|a| if a == "monitoring" { folder.clone() } else { a.to_owned() }).collect();
            let run = reduse(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
            let printed = format!("{}{}", run.stdout, run.stderr).replace(&folder, "monitoring");
            assert!(matches(expected.trim_end(), printed.trim_end()), "README: `{command}` prints\n{printed}\nand not\n{expected}");
            commands += 1;
        }
    }
    assert!(commands >= 3, "the README shows {commands} commands");
}

fn matches(expected: &str, printed: &str) -> bool {
    let mut rest = format!("{printed}\n");
    for (i, part) in format!("{expected}\n").split("...\n").enumerate() {
        match rest.find(part) {
            Some(at) if i > 0 || at == 0 => rest = rest[at + part.len()..].to_owned(),
            _ => return false,
        }
    }
    rest.is_empty() || expected.ends_with("...")
}

#[test]
fn the_two_commands_are_in_the_readme() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    assert!(readme.contains("cargo run --release --quiet -- check examples/bad-service"));
    assert!(readme.contains("scripts/test"));
    assert!(root().join("scripts/test").exists());
}
