//! The tree as the editor has it, and what is found in it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Hover,
    HoverContents, HoverParams, Location, MarkupContent, MarkupKind, NumberOrString, Range, TextDocumentPositionParams, TextEdit, Uri,
    WorkspaceEdit,
};

use super::hover;
use super::places::{Encoding, path_of, uri_of};
use crate::cli::args::{InputArgs, LspArgs};
use crate::cli::check::read_baseline;
use crate::cli::terminal::Terminal;
use crate::cli::{Failure, session};
use crate::engine::{self, Facts};
use crate::finding::{Finding, Fix, Severity};
use crate::knowledge::lint_docs;
use crate::source;
use crate::workspace::{self, Overlay};

/// A document that the editor has open.
pub(super) struct Open {
    pub(super) uri: Uri,
    pub(super) version: i32,
    pub(super) text: String,
}

/// What is judged.
pub(super) struct Tree<'a> {
    /// The folders that the editor has open; without any, what it has open is all that there is.
    folders: Vec<PathBuf>,
    cwd: PathBuf,
    encoding: Encoding,
    args: &'a LspArgs,
    terminal: &'a Terminal,
    /// Documents that the editor has open, by their file.
    open: BTreeMap<PathBuf, Open>,
}

/// What was found.
#[derive(Default)]
pub(super) struct Judged {
    findings: Vec<Finding>,
    /// `None` until something was judged.
    facts: Option<Facts>,
}

impl<'a> Tree<'a> {
    pub(super) fn new(folders: Vec<PathBuf>, encoding: Encoding, args: &'a LspArgs, terminal: &'a Terminal) -> Result<Self, Failure> {
        Ok(Tree { folders, cwd: session::cwd()?, encoding, args, terminal, open: BTreeMap::new() })
    }

    /// Takes the text of a document. One that is no file is nobody's.
    pub(super) fn open(&mut self, document: Open) {
        if let Some(path) = path_of(&document.uri) {
            self.open.insert(path, document);
        }
    }

    pub(super) fn close(&mut self, uri: &Uri) {
        if let Some(path) = path_of(uri) {
            self.open.remove(&path);
        }
    }

    /// The version of a document that is open.
    pub(super) fn version(&self, uri: &Uri) -> Option<i32> {
        self.open.get(&path_of(uri)?).map(|document| document.version)
    }

    /// Judges everything.
    ///
    /// # Errors
    /// A mistake in the configuration, or something that has to be read and cannot be.
    pub(super) fn judge(&self) -> Result<Judged, Failure> {
        let there = |path: &&PathBuf| path.exists();
        let paths: Vec<PathBuf> = match self.folders.is_empty() {
            true => self.open.keys().filter(there).filter(|p| workspace::kind_of(p).is_some()).cloned().collect(),
            false => self.folders.iter().filter(there).cloned().collect(),
        };
        let input = InputArgs { paths, tree: self.args.tree.clone(), exposition: Vec::new() };
        let mut overlay = Overlay::new();
        for (path, document) in &self.open {
            session::lay_over(&mut overlay, &input, &self.cwd, path, document.text.clone().into_bytes());
        }
        let baseline = self.args.baseline.as_deref().map(read_baseline).transpose()?;
        let options = session::options(&input, &self.args.system, None)?;
        let workspace = session::read_with(&input, &overlay, self.terminal)?;
        let facts = session::facts(&workspace, &options, self.terminal);
        session::require_signals(&facts)?;
        let findings = engine::lint(&facts, &workspace, &options).findings;
        let findings = match baseline {
            Some(baseline) => baseline.apply(findings, &facts.sources).new,
            None => findings,
        };
        Ok(Judged { findings, facts: Some(facts) })
    }

    /// The file of a URI, as reports show it.
    fn shown(&self, uri: &Uri) -> Option<String> {
        Some(workspace::display(&self.cwd, &path_of(uri)?))
    }

    /// The URI of a file that reports show so: as the editor wrote it, where it is open.
    fn uri(&self, shown: &str) -> String {
        let path = workspace::normalize(&self.cwd.join(shown));
        self.open.get(&path).map_or_else(|| uri_of(&path), |document| document.uri.as_str().to_owned())
    }
}

impl Judged {
    /// All findings by file.
    pub(super) fn diagnostics(&self, tree: &Tree<'_>) -> BTreeMap<String, Vec<Diagnostic>> {
        let mut all: BTreeMap<String, Vec<Diagnostic>> = BTreeMap::new();
        for finding in &self.findings {
            all.entry(tree.uri(&finding.location.path)).or_default().push(self.diagnostic(finding, tree));
        }
        all
    }

    fn diagnostic(&self, finding: &Finding, tree: &Tree<'_>) -> Diagnostic {
        let related = finding.related.iter().filter_map(|r| {
            let uri = tree.uri(&r.location.path).parse().ok()?;
            Some(DiagnosticRelatedInformation {
                location: Location { uri, range: self.range(&r.location, tree) },
                message: r.message.clone(),
            })
        });
        let related: Vec<DiagnosticRelatedInformation> = related.collect();
        let advice = finding.help.as_deref().or_else(|| lint_docs::get(finding.lint).map(|doc| doc.instead.as_str()));
        Diagnostic {
            range: self.range(&finding.location, tree),
            severity: Some(match finding.severity.unwrap_or(Severity::Warning) {
                Severity::Error => DiagnosticSeverity::ERROR,
                Severity::Warning => DiagnosticSeverity::WARNING,
                Severity::Info => DiagnosticSeverity::INFORMATION,
            }),
            code: Some(NumberOrString::String(finding.lint.to_owned())),
            source: Some("reduse".to_owned()),
            message: advice.map_or_else(|| finding.message.clone(), |advice| format!("{}\n{}", finding.message, advice.trim())),
            related_information: (!related.is_empty()).then_some(related),
            ..Diagnostic::default()
        }
    }

    fn range(&self, location: &source::Location, tree: &Tree<'_>) -> Range {
        let file = self.facts.as_ref().and_then(|facts| facts.sources.get(&location.path));
        file.map_or_else(Range::default, |file| tree.encoding.range(file, location.span))
    }

    /// What is known of the metric at a place of a document.
    pub(super) fn hover(&self, tree: &Tree<'_>, params: &HoverParams) -> Option<Hover> {
        let TextDocumentPositionParams { text_document, position } = &params.text_document_position_params;
        let facts = self.facts.as_ref()?;
        let file = facts.sources.get(&tree.shown(&text_document.uri)?)?;
        let (span, value) = hover::at(facts, &file.path, tree.encoding.offset(file, *position))?;
        let contents = HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value });
        Some(Hover { contents, range: Some(tree.encoding.range(file, span)) })
    }

    /// The repairs of what is found in a range of a document.
    pub(super) fn repairs(&self, tree: &Tree<'_>, params: &CodeActionParams) -> Vec<CodeActionOrCommand> {
        let Some(asked) = tree.shown(&params.text_document.uri) else { return Vec::new() };
        let wanted = |kind: &CodeActionKind| kind.as_str().is_empty() || *kind == CodeActionKind::QUICKFIX;
        if params.context.only.as_ref().is_some_and(|kinds| !kinds.iter().any(wanted)) {
            return Vec::new();
        }
        let here = self.findings.iter().filter(|f| *f.location.path == *asked);
        let repaired = here.filter_map(|finding| {
            let fix = finding.fix.as_ref()?;
            let diagnostic = self.diagnostic(finding, tree);
            let (range, at) = (params.range, diagnostic.range);
            (at.start <= range.end && range.start <= at.end).then(|| {
                CodeActionOrCommand::CodeAction(CodeAction {
                    title: fix.message.clone(),
                    kind: Some(CodeActionKind::QUICKFIX),
                    diagnostics: Some(vec![diagnostic]),
                    edit: Some(self.edits(fix, tree)),
                    is_preferred: Some(true),
                    ..CodeAction::default()
                })
            })
        });
        repaired.collect()
    }

    #[allow(clippy::mutable_key_type)]
    fn edits(&self, fix: &Fix, tree: &Tree<'_>) -> WorkspaceEdit {
        let mut changes: std::collections::HashMap<Uri, Vec<TextEdit>> = std::collections::HashMap::new();
        for edit in &fix.edits {
            if let Ok(uri) = tree.uri(&edit.location.path).parse() {
                let range = self.range(&edit.location, tree);
                changes.entry(uri).or_default().push(TextEdit { range, new_text: edit.replacement.clone() });
            }
        }
        WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }
    }
}
