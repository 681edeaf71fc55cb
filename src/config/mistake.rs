//! What serde and the TOML reader say about a mistake, in the words of whoever wrote the file.

use std::ops::Range;

use super::suggest;

/// Puts a message of serde's about the bytes `span` of `text` into words that name no type of Rust.
pub(super) fn explain(text: &str, span: Option<Range<usize>>, message: &str) -> String {
    let message = message.trim_end();
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    // What the reader says of a value that must be a word of a list.
    if message == "wanted string or table" {
        let found = span.clone().and_then(|s| text.get(s)).unwrap_or("this");
        let key = span.and_then(|s| key_before(text, s.start)).unwrap_or("this");
        return format!("`{key}` must be {}, not {found}", expected_words("enum "));
    }
    if let Some(rest) = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: ")) {
        let (found, expected) = rest.split_once(", expected ").unwrap_or((rest, ""));
        let key = span.and_then(|s| key_before(text, s.start)).map_or_else(|| "this".to_owned(), |k| format!("`{k}`"));
        return format!("{key} must be {}, not {}", expected_words(expected), found_words(found));
    }
    if let Some(key) = message.strip_prefix("missing field ").and(quoted.first()) {
        return format!("the key `{key}` is missing here");
    }
    if message.starts_with("duplicate field") || message.starts_with("duplicate key") {
        return quoted.first().map_or_else(|| "this key is given twice".to_owned(), |key| format!("`{key}` is given twice"));
    }
    if message.starts_with("data did not match any variant") {
        let key = span.and_then(|s| key_before(text, s.start)).unwrap_or("this");
        return format!("`{key}` must be a list in square brackets, or one argument of the call in quotes, such as \"{{2}}\"");
    }
    let what = match message {
        m if m.starts_with("unknown field") => "key",
        m if m.starts_with("unknown variant") => "value",
        m => return m.to_owned(),
    };
    let Some((word, known)) = quoted.split_first() else { return message.to_owned() };
    let list = || format!("expected one of {}", known.iter().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", "));
    let hint = suggest(word, known.iter().copied()).map_or_else(list, |s| format!("did you mean `{s}`?"));
    format!("unknown {what} `{word}`: {hint}")
}

/// The key whose value begins at `at`; `None` inside a list, where the key may be far away.
fn key_before(text: &str, at: usize) -> Option<&str> {
    let before = text.get(..at)?.trim_end().strip_suffix('=')?.trim_end();
    let start = before.rfind(|c: char| !(c.is_alphanumeric() || "_-.\"'".contains(c))).map_or(0, |i| i + 1);
    before.get(start..).map(|k| k.trim_matches(['"', '\''])).filter(|k| !k.is_empty())
}

fn expected_words(expected: &str) -> String {
    let words = match expected {
        "u64" | "u32" | "usize" | "i64" => "a whole number that is not negative",
        "f64" => "a number",
        "a string" | "string" | "str" => "text in quotes",
        "a sequence" => "a list in square brackets",
        "a map" => "a table",
        e if e.starts_with("struct ") => "a table",
        e if e.starts_with("enum ") => "one of the words for a level in quotes, such as \"warning\"",
        other => other,
    };
    words.to_owned()
}

fn found_words(found: &str) -> String {
    let (kind, value) = found.split_once(' ').unwrap_or((found, ""));
    let value = value.trim_matches('`');
    match kind {
        "string" => format!("the text {value}"),
        "integer" | "floating" => format!("the number {}", value.trim_start_matches("point `")),
        "boolean" => value.to_owned(),
        "sequence" => "a list".to_owned(),
        "map" => "a table".to_owned(),
        _ => found.to_owned(),
    }
}
