//! The one place that turns a text into a YAML scalar.

/// A YAML scalar that reads back as exactly this text.
pub(crate) fn scalar(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    if text.chars().all(is_printable) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    double_quoted(text)
}

/// A literal block scalar whose lines are indented by `indent`; a quoted scalar where a block cannot hold the text.
pub(crate) fn block(text: &str, indent: usize) -> String {
    let body = text.trim_end_matches('\n');
    let holds = !body.is_empty()
        && !body.starts_with([' ', '\n'])
        && body.split('\n').all(|line| line.chars().all(is_printable) && !line.ends_with(' '));
    if !holds {
        return scalar(text);
    }
    let pad = " ".repeat(indent);
    let mut out = String::from("|-");
    for line in body.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            out.push_str(&pad);
            out.push_str(line);
        }
    }
    out
}

/// Whether every parser takes the bare text for the string that it is.
fn is_plain(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic())
        && chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'))
        && !matches!(text.to_ascii_lowercase().as_str(), "y" | "n" | "yes" | "no" | "true" | "false" | "on" | "off" | "null")
        // `1e3` begins with a digit and never comes here; `.inf` begins with a dot.
        || is_duration(text)
}

fn is_duration(text: &str) -> bool {
    text.len() > 1
        && text.starts_with(|c: char| c.is_ascii_digit())
        && text.ends_with(['s', 'm', 'h', 'd'])
        && text.chars().all(|c| c.is_ascii_digit() || matches!(c, 's' | 'm' | 'h' | 'd'))
}

fn is_printable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

fn double_quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_printable(c) => out.push(c),
            c => out.push_str(&format!("\\u{:04x}", u32::from(c))),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scalar_reads_back() {
        for text in [
            "",
            "5m",
            "yes",
            "No",
            "null",
            "~",
            "1.0",
            "0x1f",
            "1e3",
            "a: b",
            "# x",
            "it's",
            "tab\there",
            "line\nbreak",
            " lead",
            "trail ",
            "- x",
            "{{ $value }}",
            "\u{7f}\u{85}\u{2028}",
            "\u{0}",
            "é",
            "5..",
            "=",
            "<<",
            "&a",
            "*a",
            "!t",
            "%x",
            "@x",
            "`x",
            "2026-11-24",
            "12:30:45",
            "1_000",
        ] {
            let value: String = serde_yaml::from_str(&scalar(text)).expect("a scalar parses");
            assert_eq!(value, text);
            let document = format!("a:\n  b: {}\n", block(text, 4));
            let value: serde_yaml::Value = serde_yaml::from_str(&document).expect("a block parses");
            assert_eq!(value["a"]["b"].as_str(), Some(text.trim_end_matches('\n')));
        }
    }

    #[test]
    fn a_block_keeps_its_lines() {
        assert_eq!(block("a\n  b\n", 4), "|-\n    a\n      b");
    }
}
