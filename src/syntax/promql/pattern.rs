//! Whether Prometheus takes a regular expression.

use regex_syntax::ast::{ErrorKind, parse::Parser};

/// Why a pattern is no regular expression for Go and Rust alike. Where only one of them refuses it, nothing is said.
pub(super) fn error(pattern: &str) -> Option<&'static str> {
    let error = Parser::new().parse(pattern).err()?;
    let at = error.span().start.offset;
    Some(match error.kind() {
        ErrorKind::GroupUnclosed => "a group is not closed",
        ErrorKind::GroupUnopened => "a group is closed that was not opened",
        // `[[]` is a class for Go.
        ErrorKind::ClassUnclosed if pattern.rfind('[').is_some_and(|open| !pattern.get(open..).unwrap_or("").contains(']')) => {
            "a class is not closed"
        }
        ErrorKind::ClassRangeInvalid => "a range of characters ends before it begins",
        // `{` alone is text for Go.
        ErrorKind::RepetitionMissing if !pattern.get(at..).unwrap_or("").starts_with('{') => "there is nothing to repeat",
        ErrorKind::UnsupportedLookAround => "it cannot look ahead or behind",
        ErrorKind::EscapeUnexpectedEof => "it ends in a backslash",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::error;

    #[test]
    fn only_what_both_refuse_is_an_error() {
        for bad in ["(a", "a)", "[a", "[z-a]", "*a", "a|+", "(?!a)", "a\\"] {
            assert!(error(bad).is_some(), "{bad}");
        }
        for good in ["a.*", "{a}", "[[]", "\\Q(\\E", "a{,5}", "(?i)a|b", "\\d+", "", "[]a]", "(?P<n>a)"] {
            assert!(error(good).is_none(), "{good}");
        }
    }
}
