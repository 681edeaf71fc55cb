//! Regular expressions of matchers, as Prometheus applies them.

use regex::Regex;

/// Whether a pattern matches any of these values from end to end; `None` where it is not understood.
pub(crate) fn full_match(pattern: &str, values: &[String]) -> Option<bool> {
    let regex = Regex::new(&format!("^(?s:{pattern})$")).ok()?;
    Some(values.iter().any(|v| regex.is_match(v)))
}
