//! Suppression comments: one grammar in every comment syntax.
//!
//! `reduse: allow(some-lint, other-lint, until = "2027-01-31") the reason`, after `//`, `/*` or `#`. A comment after code speaks for
//! its line, one on a line of its own for the next line of code; both also for everything indented deeper beneath, so that one
//! comment covers a whole call, rule or function.

use std::ops::Range;

use super::{FileKind, SourceFile, Span};

/// One well-formed suppression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// The lints it names, each with its place.
    pub lints: Vec<(String, Span)>,
    /// Last day on which it holds, `YYYY-MM-DD`, with its place.
    pub until: Option<(String, Span)>,
    /// From `reduse:` to the end of the reason.
    pub span: Span,
    /// The bytes it speaks for.
    pub covers: Range<u32>,
}

/// A comment that was meant to suppress something and cannot be obeyed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// What is wrong, in words.
    pub message: String,
    /// Where.
    pub span: Span,
}

const MARKER: &str = "reduse:";

/// All suppressions of a file in the order of the text.
pub fn find(file: &SourceFile) -> Vec<Result<Suppression, Malformed>> {
    // JSON has no comments.
    if file.kind == FileKind::Json {
        return Vec::new();
    }
    let text: &str = &file.text;
    memchr::memmem::find_iter(text.as_bytes(), MARKER).filter(|&at| in_comment(file, at)).filter_map(|at| parse(file, at)).collect()
}

/// Whether a comment marker of the file's syntax stands right before `at`, and outside a string that begins on the same line.
fn in_comment(file: &SourceFile, at: usize) -> bool {
    let before = line_before(&file.text, at).trim_end();
    let markers: &[&str] = if file.kind == FileKind::Rust { &["//", "/*", "//!", "///"] } else { &["#"] };
    let Some(code) = markers.iter().find_map(|marker| before.strip_suffix(marker)) else { return false };
    let quotes = code.replace("\\\\", "").replace("\\\"", "").matches('"').count();
    quotes % 2 == 0
}

fn line_before(text: &str, at: usize) -> &str {
    let head = text.get(..at).unwrap_or("");
    head.rsplit('\n').next().unwrap_or("")
}

/// The suppression at a marker; `None` for a comment that only begins with the tool's name.
fn parse(file: &SourceFile, at: usize) -> Option<Result<Suppression, Malformed>> {
    let after = file.text.get(at + MARKER.len()..)?;
    let word: &str = after.trim_start_matches(' ').split(|c: char| !c.is_alphanumeric()).next()?;
    let arguments = after.trim_start_matches(' ').get(word.len()..)?.trim_start_matches(' ').starts_with('(');
    match word {
        "allow" => Some(parse_allow(file, at)),
        _ if arguments || matches!(word, "disable" | "ignore" | "deny" | "suppress" | "noqa" | "off") => {
            let message = format!("`{word}` is no word of reduse: write `reduse: allow(lint-name) the reason`");
            Some(Err(Malformed { message, span: Span::new(at, at + MARKER.len() + after.find(word)? + word.len()) }))
        }
        _ => None,
    }
}

fn parse_allow(file: &SourceFile, at: usize) -> Result<Suppression, Malformed> {
    let rest = file.text.get(at..).unwrap_or("");
    let line = rest.lines().next().unwrap_or("");
    let line = line.split("*/").next().unwrap_or(line).trim_end();
    let span = Span::new(at, at + line.len());
    let fail = |message: String, span: Span| Malformed { message, span };
    let example = "write `reduse: allow(lint-name) the reason`";
    let inside = line.get(MARKER.len()..).and_then(|r| r.trim_start().strip_prefix("allow")).and_then(|r| r.trim_start().strip_prefix('('));
    let Some((list, reason)) = inside.and_then(|r| r.split_once(')')) else {
        return Err(fail(format!("a suppression without its list of lints: {example}"), span));
    };
    let list_start = at + line.len() - reason.len() - 1 - list.len();
    let mut lints = Vec::new();
    let mut until = None;
    let mut offset = list_start;
    for part in list.split(',') {
        let word = part.trim();
        let start = offset + (part.len() - part.trim_start().len());
        let place = Span::new(start, start + word.len());
        offset += part.len() + 1;
        if let Some((key, value)) = word.split_once('=') {
            let date = value.trim().trim_matches('"');
            if key.trim() != "until" || !is_date(date) {
                return Err(fail(format!("`{word}` is no end date: write `until = \"2027-01-31\"`"), place));
            }
            until = Some((date.to_owned(), place));
        } else if word.is_empty() {
            return Err(fail(format!("a suppression that names no lint: {example}"), span));
        } else {
            lints.push((word.to_owned(), place));
        }
    }
    if lints.is_empty() {
        return Err(fail(format!("a suppression that names no lint: {example}"), span));
    }
    if !reason.chars().any(char::is_alphanumeric) {
        return Err(fail("a suppression without a reason: say after the bracket why this is right here".to_owned(), span));
    }
    Ok(Suppression { lints, until, span, covers: covers(file, at) })
}

fn is_date(text: &str) -> bool {
    let parts: Vec<Option<u32>> = text.split('-').map(|p| p.parse().ok()).collect();
    text.len() == 10 && matches!(parts[..], [Some(_), Some(month), Some(day)] if (1..=12).contains(&month) && (1..=31).contains(&day))
}

/// The line the comment speaks for and everything indented deeper beneath it.
fn covers(file: &SourceFile, at: usize) -> Range<u32> {
    let text: &str = &file.text;
    let before = line_before(text, at);
    let line_start = at - before.len();
    let is_comment = |line: &str| {
        let line = line.trim_start();
        // What an exposition says of a family looks like a comment.
        let says = file.kind == FileKind::Exposition && ["# TYPE ", "# HELP ", "# UNIT "].iter().any(|word| line.starts_with(word));
        !says && (line.is_empty() || line.starts_with("//") || line.starts_with("/*") || line.starts_with('#'))
    };
    let mut lines = text.get(line_start..).unwrap_or("").split_inclusive('\n').scan(line_start, |offset, line| {
        let start = *offset;
        *offset += line.len();
        Some((start, line))
    });
    // In Rust `#` begins an attribute, which belongs to what follows as a comment does.
    let Some((start, base)) = lines.by_ref().find(|(_, line)| !is_comment(line)) else {
        let end = Span::new(line_start, text.len());
        return end.start..end.end;
    };
    let indent = |line: &str| line.len() - line.trim_start().len();
    let base_indent = indent(base);
    let mut end = start + base.len();
    for (line_start, line) in lines {
        if line.trim().is_empty() {
            continue;
        }
        if indent(line) <= base_indent {
            break;
        }
        end = line_start + line.len();
    }
    let span = Span::new(start, end);
    span.start..span.end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(kind: FileKind, text: &str) -> Result<Suppression, Malformed> {
        find(&SourceFile::new("f", kind, text)).pop().unwrap()
    }

    #[test]
    fn a_comment_above_a_call_covers_the_whole_call() {
        let text =
            "fn f() {\n    // reduse: allow(summary, until = \"2027-01-31\") old clients\n    g(\n        \"x\",\n    );\n    h();\n}\n";
        let found = one(FileKind::Rust, text).unwrap();
        assert_eq!(found.lints[0].0, "summary");
        assert_eq!(found.lints[0].1.text(text), "summary");
        assert_eq!(found.until.unwrap().0, "2027-01-31");
        assert_eq!(&text[found.covers.start as usize..found.covers.end as usize], "    g(\n        \"x\",\n");
    }

    #[test]
    fn a_comment_above_a_rule_covers_the_rule() {
        let text = "rules:\n# reduse: allow(missing-le) native\n- alert: A\n  expr: x\n- alert: B\n";
        let found = one(FileKind::Yaml, text).unwrap();
        assert_eq!(&text[found.covers.start as usize..found.covers.end as usize], "- alert: A\n  expr: x\n");
    }

    #[test]
    fn a_comment_after_code_covers_its_line() {
        let text = "a();\nb(); // reduse: allow(summary) reason\nc();\n";
        let found = one(FileKind::Rust, text).unwrap();
        assert_eq!(&text[found.covers.start as usize..found.covers.end as usize], "b(); // reduse: allow(summary) reason\n");
    }

    #[test]
    fn a_reason_is_required() {
        for text in ["// reduse: allow(summary)\nx", "// reduse: allow(summary) --\nx", "/* reduse: allow(summary) */ x"] {
            assert!(one(FileKind::Rust, text).unwrap_err().message.contains("without a reason"), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        for text in ["# reduse: allow summary", "# reduse: allow() why", "# reduse: allow(a, until = \"soon\") why", "# reduse: allow("] {
            assert!(one(FileKind::Yaml, text).is_err(), "{text}");
        }
        assert!(one(FileKind::Rust, "// reduse: disable(a) why").unwrap_err().message.contains("`disable` is no word of reduse"));
        assert!(one(FileKind::Rust, "// reduse:allow(a) why\nx").is_ok());
        assert!(find(&SourceFile::new("f", FileKind::Yaml, "# reduse: static analysis")).is_empty());
        for text in ["let s = \"reduse: allow(x) y\";", "let s = \"// reduse: allow(x) y\";", "let s = \"\\\"// reduse: allow(x) y\";"] {
            assert!(find(&SourceFile::new("f", FileKind::Rust, text)).is_empty(), "{text}");
        }
    }
}
