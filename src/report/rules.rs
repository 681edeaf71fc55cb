//! The lints in words: the list and one lint in full.

use std::fmt::Write;

use super::table;
use crate::knowledge::lint_docs::{Example, LintDoc};
use crate::lints::{LINTS, Lint};

/// The list of all lints by family.
pub fn list(docs: &dyn Fn(&str) -> Option<&'static LintDoc>) -> String {
    let row = |lint: &Lint| {
        let doc = docs(lint.name);
        let severity = doc.map_or("", |d| d.severity.as_str());
        let summary = doc.map_or("", |d| d.summary.as_str());
        vec![lint.name.to_owned(), lint.family.to_owned(), severity.to_owned(), summary.to_owned()]
    };
    let rows: Vec<Vec<String>> = LINTS.iter().map(row).collect();
    table::plain(&["lint", "family", "severity", "what it finds"], &rows)
}

/// One lint: what it means, why, examples, how to fix and how to silence it.
pub fn explain(doc: &LintDoc) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{} ({}, {}, confidence {})\n", doc.name, doc.family, doc.severity, doc.confidence);
    paragraph(&mut out, &doc.summary);
    section(&mut out, "Why", &doc.why);
    section(&mut out, "Instead", &doc.instead);
    examples(&mut out, "Bad", &doc.examples.bad);
    examples(&mut out, "Good", &doc.examples.good);
    let silence = format!(
        "In the file, above the line or behind it:\n\n    // reduse: allow({0}) the reason\n\nIn reduse.toml:\n\n    [lints]\n    {0} = \"off\"",
        doc.name
    );
    let _ = writeln!(out, "## To silence it\n\n{silence}");
    out
}

fn section(out: &mut String, title: &str, text: &str) {
    let _ = writeln!(out, "## {title}\n");
    paragraph(out, text);
}

fn paragraph(out: &mut String, text: &str) {
    let _ = writeln!(out, "{}\n", wrap(text.trim(), 100));
}

fn examples(out: &mut String, title: &str, examples: &[Example]) {
    for example in examples {
        let _ = writeln!(out, "## {title}: {}\n", example.note);
        for (path, text) in &example.files {
            let _ = writeln!(out, "    {path}");
            for line in text.lines() {
                let _ = writeln!(out, "    {}", if line.is_empty() { String::new() } else { format!("| {line}") });
            }
            out.push('\n');
        }
    }
}

fn wrap(text: &str, width: usize) -> String {
    let mut out = String::new();
    for (i, paragraph) in text.split("\n\n").enumerate() {
        if i > 0 {
            out.push_str("\n\n");
        }
        let mut column = 0;
        for word in paragraph.split_whitespace() {
            let length = word.chars().count();
            if column > 0 && column + 1 + length > width {
                out.push('\n');
                column = 0;
            } else if column > 0 {
                out.push(' ');
                column += 1;
            }
            out.push_str(word);
            column += length;
        }
    }
    out
}
