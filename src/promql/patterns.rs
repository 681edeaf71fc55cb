//! Regular expressions of matchers, as Prometheus applies them.

use regex::Regex;

/// Whether a pattern matches any of these values from end to end; `None` where it is not understood.
pub(crate) fn full_match(pattern: &str, values: &[String]) -> Option<bool> {
    // Most are lists of words, which need no automaton.
    if pattern.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'|')) {
        return Some(values.iter().any(|v| pattern.split('|').any(|word| word == v)));
    }
    let regex = Regex::new(&format!("^(?s:{pattern})$")).ok()?;
    Some(values.iter().any(|v| regex.is_match(v)))
}
