//! Findings as a person reads them: the line, a caret, why it matters, what to do.

use std::collections::HashSet;
use std::fmt;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, Severity as MietteSeverity, SourceCode};
use rayon::prelude::*;

use super::excerpt::Excerpt;
use crate::finding::{Finding, Severity};
use crate::knowledge::lint_docs;
use crate::source::Sources;

/// How to draw.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Whether to use colour.
    pub color: bool,
    /// Columns of the terminal.
    pub width: usize,
}

/// All findings. Why a lint matters, and its general advice, are said once.
pub fn render(findings: &[Finding], sources: &Sources, style: Style) -> String {
    let (mut explained, mut advised) = (HashSet::new(), HashSet::new());
    let said = |finding| {
        let Finding { lint, help, .. }: &Finding = finding;
        (finding, explained.insert(*lint), help.is_none() && advised.insert(*lint))
    };
    let all: Vec<(&Finding, bool, bool)> = findings.iter().map(said).collect();
    let handler = || {
        let theme = if style.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        GraphicalReportHandler::new_themed(theme).with_width(style.width).with_context_lines(1).with_links(false)
    };
    let one = |handler: &mut GraphicalReportHandler, (finding, explain, advise): (&Finding, bool, bool)| {
        let mut out = String::new();
        let diagnostic = Rendered::new(finding, sources, explain, advise);
        if handler.render_report(&mut out, &diagnostic).is_err() {
            // The renderer refused: the bare line is better than nothing.
            out.push_str(&super::concise::render(std::slice::from_ref(finding), sources));
        }
        out.push('\n');
        out
    };
    all.into_par_iter().map_init(handler, one).collect::<Vec<String>>().concat()
}

#[derive(Debug)]
struct Rendered {
    message: String,
    code: String,
    severity: MietteSeverity,
    help: Option<String>,
    excerpt: Option<Excerpt>,
    caret: Option<String>,
}

impl Rendered {
    fn new(finding: &Finding, sources: &Sources, explain: bool, advise: bool) -> Rendered {
        let severity = finding.severity.unwrap_or(Severity::Warning);
        let excerpt = sources.get(&finding.location.path).filter(|f| !f.text.is_empty()).map(|f| Excerpt::new(f, finding.location.span));
        let message = match excerpt {
            Some(_) => finding.message.clone(),
            None => format!("{}: {}", finding.location.path, finding.message),
        };
        let mut lines: Vec<String> = Vec::new();
        for related in &finding.related {
            let place = sources.place(&related.location).map_or_else(String::new, |(s, _)| format!(":{}:{}", s.line, s.column));
            lines.push(format!("{}{place}: {}", related.location.path, related.message));
        }
        let doc = lint_docs::get(finding.lint);
        if explain && let Some(doc) = doc {
            lines.push(first_sentence(&doc.why).to_owned());
        }
        match &finding.help {
            Some(help) => lines.push(help.trim().to_owned()),
            None => lines.extend(doc.filter(|_| advise).map(|d| d.instead.trim().to_owned())),
        }
        Rendered {
            message,
            code: format!("{}[{}]", severity.as_str(), finding.lint),
            severity: match severity {
                Severity::Error => MietteSeverity::Error,
                Severity::Warning => MietteSeverity::Warning,
                Severity::Info => MietteSeverity::Advice,
            },
            help: if lines.is_empty() { None } else { Some(lines.join("\n")) },
            excerpt,
            caret: finding.caret.clone(),
        }
    }
}

/// The first sentence of a paragraph: up to a full stop that is followed by a capital.
fn first_sentence(text: &str) -> &str {
    let text = text.trim();
    let end = text.match_indices(". ").find(|(i, _)| text.get(i + 2..).and_then(|r| r.chars().next()).is_some_and(char::is_uppercase));
    end.and_then(|(i, _)| text.get(..=i)).unwrap_or(text)
}

impl fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Excerpt")
    }
}

impl fmt::Display for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Rendered {}

impl Diagnostic for Rendered {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.code))
    }

    fn severity(&self) -> Option<MietteSeverity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|h| Box::new(h) as Box<dyn fmt::Display + 'a>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.excerpt.as_ref().map(|e| e as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let excerpt = self.excerpt.as_ref()?;
        let (start, end) = excerpt.underline;
        let label = LabeledSpan::new_primary_with_span(self.caret.clone(), (start, end - start));
        Some(Box::new(std::iter::once(label)))
    }
}
