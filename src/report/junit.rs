//! JUnit XML, which every build server shows: a finding that fails the run is a failed test, any other one is a skipped test.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use crate::finding::Finding;
use crate::knowledge::lint_docs;
use crate::source::Sources;

/// The findings as one test suite. A run without findings is one test that passed, since some servers refuse an empty report.
pub fn render(findings: &[Finding], fails: &dyn Fn(&Finding) -> bool, sources: &Sources) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    // Writing to memory cannot fail.
    let _ = document(&mut writer, findings, fails, sources);
    let mut text = String::from_utf8(writer.into_inner()).unwrap_or_default();
    text.push('\n');
    text
}

fn document(writer: &mut Writer<Vec<u8>>, findings: &[Finding], fails: &dyn Fn(&Finding) -> bool, sources: &Sources) -> io::Result<()> {
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let tests = findings.len().max(1).to_string();
    let failures = findings.iter().filter(|f| fails(f)).count().to_string();
    let skipped = findings.iter().filter(|f| !fails(f)).count().to_string();
    let totals = [("name", "reduse"), ("tests", &*tests), ("failures", &*failures), ("skipped", &*skipped), ("errors", "0")];
    writer.create_element("testsuites").with_attributes(totals).write_inner_content(|writer| {
        writer.create_element("testsuite").with_attributes(totals).write_inner_content(|writer| {
            if findings.is_empty() {
                writer.create_element("testcase").with_attributes([("classname", "reduse"), ("name", "check")]).write_empty()?;
            }
            findings.iter().try_for_each(|finding| case(writer, finding, fails(finding), sources))
        })?;
        Ok(())
    })?;
    Ok(())
}

fn case(writer: &mut Writer<Vec<u8>>, finding: &Finding, fails: bool, sources: &Sources) -> io::Result<()> {
    let path = printable(&finding.location.path);
    let (line, column) = sources.place(&finding.location).map_or((1, 1), |(start, _)| (start.line, start.column));
    let line_text = line.to_string();
    let name = format!("{} {path}:{line}:{column}", finding.lint);
    let attributes = [("classname", finding.lint), ("name", &*name), ("file", &*path), ("line", &*line_text)];
    writer.create_element("testcase").with_attributes(attributes).write_inner_content(|writer| {
        let message = printable(&finding.message);
        let severity = finding.severity.map_or("warning", |s| s.as_str());
        if !fails {
            writer.create_element("skipped").with_attribute(("message", &*format!("{severity}: {message}"))).write_empty()?;
            return Ok(());
        }
        let help = finding.help.as_deref().or_else(|| lint_docs::get(finding.lint).map(|d| d.instead.as_str())).unwrap_or("");
        let body = format!("{path}:{line}:{column}: {severity}[{}] {message}\n{}", finding.lint, printable(help.trim()));
        let failure = writer.create_element("failure").with_attributes([("type", severity), ("message", &*message)]);
        failure.write_text_content(BytesText::new(&body))?;
        Ok(())
    })?;
    Ok(())
}

/// Text without what XML 1.0 cannot hold even when it is escaped.
fn printable(text: &str) -> String {
    let allowed = |c: char| matches!(c, '\n' | '\t') || !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}');
    text.chars().map(|c| if allowed(c) { c } else { '\u{fffd}' }).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use quick_xml::Reader;

    use super::*;
    use crate::source::{FileKind, Location, SourceFile, Span};

    #[test]
    fn whatever_a_message_holds_the_document_is_read_back() {
        let sources = Sources::new([Arc::new(SourceFile::new("a&b.rs", FileKind::Rust, "x"))]);
        let path = Arc::from("a&b.rs");
        let finding = Finding {
            lint: "summary",
            ..Finding::new("`<\"x\"> & 'y' \u{1b}[0m é ]]>", Location::new(&path, Span::new(0, 1))).help("a < b")
        };
        let text = render(&[finding], &|_| true, &sources);
        let mut reader = Reader::from_str(&text);
        let mut messages = Vec::new();
        loop {
            match reader.read_event().unwrap() {
                Event::Eof => break,
                Event::Start(e) if e.name().as_ref() == b"failure" => {
                    messages.push(e.try_get_attribute("message").unwrap().unwrap().unescape_value().unwrap().into_owned());
                }
                _ => {}
            }
        }
        assert_eq!(messages, ["`<\"x\"> & 'y' \u{fffd}[0m é ]]>"]);
        assert!(!text.contains('\u{1b}'));
    }
}
