//! The lints in words: the list and one lint in full.

use std::collections::BTreeSet;
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

/// One lint in full, as Markdown: the page in docs/rules and what `explain` prints.
pub fn explain(doc: &LintDoc) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "# {}\n", doc.name);
    paragraph(&mut out, &doc.summary);
    let _ = writeln!(out, "Family {}, severity {}, confidence {}.\n", doc.family, doc.severity, doc.confidence);
    section(&mut out, "Why", &doc.why);
    section(&mut out, "Instead", &doc.instead);
    examples(&mut out, "Bad", &doc.examples.bad);
    examples(&mut out, "Good", &doc.examples.good);
    let name = &doc.name;
    let _ = writeln!(out, "## To silence it\n");
    let comments: Vec<String> = comment_markers(doc).map(|marker| format!("{marker} reduse: allow({name}) the reason\n")).collect();
    if !comments.is_empty() {
        let _ = writeln!(out, "In the file, above the line or behind it:\n\n```text\n{}```\n", comments.concat());
    }
    let _ = writeln!(out, "For whole paths, in `reduse.toml`:\n");
    let _ = writeln!(
        out,
        "```toml\n[[overrides]]\npaths = [\"legacy/**\"]\nlints = {{ {name} = \"off\" }}\nreason = \"replaced in spring\"\n```"
    );
    out
}

/// What begins a comment in the files where the examples have findings: JSON has no comments.
fn comment_markers(doc: &LintDoc) -> impl Iterator<Item = &'static str> {
    let is_caret = |line: &str| {
        let carets = line.trim_start().trim_start_matches(['/', '#']);
        carets.contains('^') && carets.chars().all(|c| matches!(c, '^' | ' '))
    };
    let files = doc.examples.bad.iter().flat_map(|example| &example.files).filter(|(_, text)| text.lines().any(is_caret));
    let languages: BTreeSet<&str> = files.map(|(path, _)| language(path)).filter(|language| *language != "json").collect();
    let (rust, other) = (languages.contains("rust"), languages.iter().any(|language| *language != "rust"));
    [("//", rust), ("#", other)].into_iter().filter_map(|(marker, has)| has.then_some(marker))
}

/// The index of docs/rules, as Markdown.
pub fn index(docs: &dyn Fn(&str) -> Option<&'static LintDoc>) -> String {
    let row = |lint: &Lint| {
        let doc = docs(lint.name);
        let severity = doc.map_or("", |d| d.severity.as_str());
        let summary = doc.map_or("", |d| d.summary.as_str());
        vec![format!("[{0}]({0}.md)", lint.name), lint.family.to_owned(), severity.to_owned(), summary.to_owned()]
    };
    let rows: Vec<Vec<String>> = LINTS.iter().map(row).collect();
    format!("# Lints\n\n{}", table::markdown(&["lint", "family", "severity", "what it finds"], &rows))
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
            let _ = writeln!(out, "`{path}`:\n\n```{}\n{}\n```\n", language(path), text.trim_end());
        }
        if let Some(config) = &example.config {
            let _ = writeln!(out, "`reduse.toml`:\n\n```toml\n{}\n```\n", config.trim_end());
        }
    }
}

fn language(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("rs") => "rust",
        Some("json") => "json",
        Some("py") => "python",
        Some("prom") => "text",
        _ => "yaml",
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
