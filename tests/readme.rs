//! The console blocks of README.md and docs/ci.md are what the tool prints, and every command they name can be run.
//!
//! In a block ```` ```console ```` every line that begins with `$ ` is a command and what follows is its output, standard error after
//! standard output. A line `...` stands for any number of lines. `cargo run --release --quiet -- ` means the binary that is being tested.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use common::{reduse, root};

/// What a reader writes into a folder of his own must not land in the repository.
const WRITTEN: [&str; 2] = ["monitoring", "baseline.json"];

fn page(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap()
}

/// Runs the commands of a page and compares what they print; the number of them.
fn console_blocks_are_true(name: &str) -> usize {
    let out = tempfile::tempdir().unwrap();
    let elsewhere = |word: &str| out.path().join(word).display().to_string();
    let mut commands = 0;
    for block in page(name).split("```console\n").skip(1) {
        let block = block.split("\n```").next().unwrap();
        for part in format!("\n{block}").split("\n$ ").skip(1) {
            let (command, expected) = part.split_once('\n').unwrap_or((part, ""));
            let Some(arguments) = command.strip_prefix("reduse ").or_else(|| command.strip_prefix("cargo run --release --quiet -- "))
            else {
                continue;
            };
            let arguments: Vec<String> =
                arguments.split_whitespace().map(|a| if WRITTEN.contains(&a) { elsewhere(a) } else { a.to_owned() }).collect();
            let run = reduse(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
            let printed = WRITTEN.iter().fold(format!("{}{}", run.stdout, run.stderr), |text, word| text.replace(&elsewhere(word), word));
            assert!(matches(expected.trim_end(), printed.trim_end()), "{name}: `{command}` prints\n{printed}\nand not\n{expected}");
            commands += 1;
        }
    }
    commands
}

#[test]
fn the_readme_is_true() {
    assert!(console_blocks_are_true("README.md") >= 3);
}

#[test]
fn the_page_about_ci_is_true_and_shows_every_format() {
    assert!(console_blocks_are_true("docs/ci.md") >= 9);
    let help = reduse(&["check", "--help"]).stdout;
    let formats = help.split("How to print findings").nth(1).unwrap().split("--select").next().unwrap();
    let names: Vec<&str> = formats.lines().filter_map(|l| l.trim().strip_prefix("- ")?.split(':').next()).collect();
    assert_eq!(names.len(), 7, "{formats}");
    for name in names {
        assert!(page("docs/ci.md").contains(&format!("examples/bad-service --format {name}\n")) || name == "pretty", "{name} is not shown");
    }
}

/// The `reduse …` commands of a text, up to where the shell or the prose goes on.
fn commands(text: &str) -> Vec<Vec<String>> {
    let mut commands = Vec::new();
    for line in text.lines() {
        for (at, _) in line.match_indices("reduse check").chain(line.match_indices("reduse generate")) {
            let end = |c: char| matches!(c, '<' | '>' | '|' | '#' | '`' | '\'' | ';' | '&');
            let command = line[at..].split(end).next().unwrap();
            // A variable may hold anything that fits where it stands.
            let word = |w: &str| w.trim_matches('"').replace("$REDUSE_FORMAT", "github").replace("$REDUSE_ARGS", "--verbose");
            commands.push(command.split_whitespace().skip(1).map(word).collect());
        }
    }
    commands
}

#[test]
fn every_command_that_a_page_or_a_hook_names_can_be_run() {
    for (name, least) in [("README.md", 8), ("docs/ci.md", 14), ("docs/editors.md", 1), ("action.yml", 2), (".pre-commit-hooks.yaml", 1)] {
        let found = commands(&page(name));
        assert!(found.len() >= least, "{name}: {found:?}");
        for mut command in found {
            // With --help the arguments before it are read and nothing is done.
            let at = command.iter().position(|a| a == "--").unwrap_or(command.len());
            command.insert(at, "--help".to_owned());
            let run = reduse(&command.iter().map(String::as_str).collect::<Vec<_>>());
            assert_eq!(run.code, 0, "{name}: reduse {}: {}", command.join(" "), run.stderr);
        }
    }
}

#[test]
fn the_action_and_the_hook_are_what_their_hosts_read() {
    let action: serde_yaml::Value = serde_yaml::from_str(&page("action.yml")).unwrap();
    assert_eq!(action["runs"]["using"], "composite");
    let steps = action["runs"]["steps"].as_sequence().unwrap();
    for step in steps {
        assert!(step["uses"].is_string() || step["run"].is_string() && step["shell"] == "bash", "{step:?}");
    }
    let run = page("action.yml");
    for input in action["inputs"].as_mapping().unwrap().keys() {
        let input = input.as_str().unwrap();
        assert!(run.contains(&format!("${{{{ inputs.{input} }}}}")), "nothing reads the input {input}");
    }
    for used in run.split("inputs.").skip(1).map(|r| r.split(' ').next().unwrap()) {
        assert!(action["inputs"][used].is_mapping(), "the input {used} is not declared");
    }
    // What the page passes to the action and to the hook exists.
    for block in page("docs/ci.md").split("```yaml\n").skip(1) {
        let block: serde_yaml::Value = serde_yaml::from_str(block.split("```").next().unwrap()).unwrap();
        for step in block["jobs"]["metrics"]["steps"].as_sequence().into_iter().flatten() {
            if step["uses"].as_str().is_some_and(|u| u.contains("/reduse@")) {
                let with = step["with"].as_mapping().unwrap();
                assert!(with.keys().all(|k| action["inputs"][k].is_mapping()), "{with:?}");
            }
        }
    }
    let hooks: serde_yaml::Value = serde_yaml::from_str(&page(".pre-commit-hooks.yaml")).unwrap();
    for key in ["id", "name", "entry", "language"] {
        assert!(hooks[0][key].is_string(), "pre-commit needs `{key}`");
    }
    assert_eq!((hooks[0]["language"].as_str(), hooks[0]["pass_filenames"].as_bool()), (Some("rust"), Some(false)));
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
