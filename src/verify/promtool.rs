//! Runs promtool.

use std::path::Path;
use std::process::Command;

/// What promtool said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// It accepts the file.
    Fine,
    /// It does not; its words.
    Bad(String),
    /// It is not installed, or cannot be run; the reason.
    Missing(String),
}

/// Whether the text is a file of rule unit tests.
pub fn is_rule_test(text: &str) -> bool {
    let key = |key: &str| text.lines().any(|line| line.starts_with(key));
    key("rule_files:") && key("tests:")
}

/// `promtool check rules`: what Prometheus would refuse. It also calls rules of one name and different queries duplicates, which parts of
/// one recorded metric are not; those that are, our own lint knows.
pub fn check_rules(file: &Path) -> Said {
    run(&["check", "rules"], file)
}

/// `promtool test rules`.
pub fn test_rules(file: &Path) -> Said {
    run(&["test", "rules"], file)
}

fn run(words: &[&str], file: &Path) -> Said {
    match Command::new("promtool").args(words).arg(file).output() {
        Ok(done) if done.status.success() => Said::Fine,
        Ok(done) => {
            let text = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
            Said::Bad(text.trim().to_owned())
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Said::Missing("promtool is not installed".to_owned()),
        Err(error) => Said::Missing(format!("promtool cannot be run: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_test_has_both_keys_at_the_top() {
        assert!(is_rule_test("rule_files:\n  - a.yml\ntests:\n  - interval: 1m\n"));
        assert!(!is_rule_test("rule_files:\n  - a.yml\nscrape_configs: []\n"));
        assert!(!is_rule_test("a:\n  rule_files: x\n  tests: y\n"));
    }
}
