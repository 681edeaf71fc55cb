//! YAML and JSON: finds out what kind of document a file holds and hands it to the extractor of that kind.
//!
//! Decided by content, never by file name. What holds no kind we know is left alone, broken or not; most files are dismissed by
//! a search for a few words before anything is parsed.

use memchr::memmem;

use super::{Extraction, Skipped, dashboard, dashboard_v2, kubernetes, prometheus_config, rule_file, rule_test};
use crate::model::{Problem, ProblemKind};
use crate::source::{FileKind, Location, Scalar, SourceFile, Span};
use crate::syntax::promql;
use crate::syntax::yaml::{self, Node, Parsed, SyntaxError, Value};

/// Where the extractors of one file put what they find.
pub(super) struct Sink<'a> {
    pub(super) file: &'a SourceFile,
    pub(super) out: Extraction,
}

impl Sink<'_> {
    pub(super) fn location(&self, span: Span) -> Location {
        // The end of a text inside a text may map to one byte past the file: a final break that the file does not hold.
        let end = (span.end as usize).min(self.file.text.len());
        Location::new(&self.file.path, Span::new((span.start as usize).min(end), end))
    }

    pub(super) fn problem(&mut self, kind: ProblemKind, span: Span, message: impl Into<String>, help: Option<String>) {
        let problem = Problem { kind, message: message.into(), location: self.location(span), help, until: None, relative: false };
        self.out.problems.push(problem);
    }

    pub(super) fn skip(&mut self, reason: &'static str) {
        let skipped = Skipped { path: self.file.path.clone(), reason };
        if !self.out.skipped.contains(&skipped) {
            self.out.skipped.push(skipped);
        }
    }
}

/// Extracts one YAML or JSON file.
pub fn extract(file: &SourceFile) -> Extraction {
    let mut sink = Sink { file, out: Extraction::default() };
    if is_template_file(&file.path) {
        // What a tool makes of it is not known; the names that it gives to metrics stand there all the same.
        for document in &yaml::parse_yaml(&file.text).documents {
            if prometheus_config::is_config(document) {
                prometheus_config::renamed_by_jobs(&mut sink, document);
            }
        }
    } else if may_matter(file.text.as_bytes()) {
        read(&mut sink, &file.text, file.kind == FileKind::Json, None);
    }
    // The name of a datasource, mostly, or the plugin's.
    if !sink.out.dashboards.is_empty() && promql::names_victoria(&file.text) {
        sink.out.of_victoria.insert(file.path.clone());
    }
    sink.out
}

/// Whether a name, such as `prometheus.yml.template`, is that of a text that a tool makes a file of.
fn is_template_file(path: &str) -> bool {
    [".template", ".tmpl", ".tpl", ".j2"].iter().any(|ending| path.ends_with(ending))
}

/// Whether the bytes of a YAML or JSON file can hold a document we know.
pub(super) fn may_matter(bytes: &[u8]) -> bool {
    // The largest are dashboards, whose words stand at their beginnings.
    is_drawn(bytes) || Words::of(bytes).candidate()
}

/// Whether a text holds the words of a dashboard.
fn is_drawn(bytes: &[u8]) -> bool {
    let has = |word: &str| memmem::find(bytes, word.as_bytes()).is_some();
    has("panels") && (has("templating") || has("schemaVersion") || has("gridPos") || has("targets"))
        || has("elements") && (has("PanelQuery") || has("vizConfig"))
}

/// Reads a text that may hold something we know: a whole file, or, with `outer`, a value of a ConfigMap.
pub(super) fn read(sink: &mut Sink<'_>, text: &str, json: bool, outer: Option<&Scalar>) {
    let Parsed { mut documents, mut error } = if json { yaml::parse_json(text) } else { yaml::parse_yaml(text) };
    // Prometheus reads all rules as YAML, which takes more than JSON does: a comma before a bracket, or a comment.
    if json && error.is_some() && Words::of(text.as_bytes()).looks_like_rules(text, true) {
        let again = yaml::parse_yaml(text);
        if again.error.is_none() {
            (documents, error) = (again.documents, None);
        }
    }
    if let Some(error) = error {
        broken(sink, text, json, &error, outer);
        // A broken document says nothing about the ones before it, a template does.
        if !sink.out.skipped.is_empty() {
            return;
        }
    }
    // A key of JSON is a string.
    if has_embedded_code(text) || !json && documents.iter().any(is_template) {
        sink.skip(TEMPLATE);
        return;
    }
    for document in &mut documents {
        if let Some(outer) = outer {
            document.rebase(outer);
        }
        document_of_any_kind(sink, document, outer.is_some());
    }
}

const TEMPLATE: &str = "a template (Helm, Jinja or the like), not yet a document";

fn document_of_any_kind(sink: &mut Sink<'_>, root: &Node, nested: bool) {
    if rule_file::is_rule_file(root) {
        rule_file::extract_file(sink, root);
    } else if rule_test::is_rule_test(root) {
        rule_test::extract(sink, root);
    } else if prometheus_config::is_config(root) {
        prometheus_config::extract(sink, root);
    } else if dashboard::is_dashboard(root) {
        dashboard::extract(sink, root);
    } else if let Some(inner) = root.get("dashboard").filter(|d| dashboard::is_dashboard(d)) {
        dashboard::extract(sink, inner);
    } else if dashboard_v2::is_dashboard(root) {
        dashboard_v2::extract(sink, root);
    } else if !nested || root.get("kind").and_then(Node::text) == Some("Dashboard") {
        kubernetes::extract(sink, root);
    }
}

/// Says that a text does not parse, when it is one we would have judged; notes a template as skipped.
fn broken(sink: &mut Sink<'_>, text: &str, json: bool, error: &SyntaxError, outer: Option<&Scalar>) {
    let words = Words::of(text.as_bytes());
    if has_template_lines(text, json, error.span) {
        sink.skip(TEMPLATE);
        return;
    }
    let span = outer.map_or(error.span, |o| o.span(error.span));
    if words.looks_like_rules(text, json) {
        let language = if json { "JSON" } else { "YAML" };
        sink.problem(ProblemKind::YamlSyntax, span, format!("the rule file is no valid {language}: {}", error.message), None);
    } else if words.tests && looks_like_a_test(text) {
        sink.problem(ProblemKind::YamlSyntax, span, format!("the test of rules is no valid YAML: {}", error.message), None);
    } else if words.panels && is_drawn(text.as_bytes()) && (json || text.trim_start().starts_with('{')) {
        sink.problem(ProblemKind::YamlSyntax, span, format!("the dashboard is no valid JSON: {}", error.message), None);
    }
}

/// Whether a text that does not parse holds template directives: lines of their own, or one on the line of the error.
fn has_template_lines(text: &str, json: bool, error: Span) -> bool {
    let directive = |line: &str| {
        let line = line.trim_start().trim_start_matches("- ");
        line.starts_with("{{") && !is_of_prometheus(line) || line.starts_with("{%") || line.starts_with("<%") || line.starts_with("[[")
    };
    let at = (error.start as usize).min(text.len());
    let start = text.get(..at).and_then(|t| t.rfind('\n')).map_or(0, |i| i + 1);
    let line = text.get(start..).and_then(|t| t.lines().next()).unwrap_or("");
    // Inside quotes the braces belong to the text of an annotation, which Prometheus itself expands.
    let near = ["{{", "{%", "<%"].iter().any(|m| {
        let at = line.find(m);
        at.is_some_and(|at| !line.get(..at).unwrap_or("").contains(['"', '\'']) && !is_of_prometheus(line.get(at..).unwrap_or("")))
    });
    // `"{{ include "name" . }}"` is no JSON before Helm has read it: the error is between the braces.
    let inside = |at: usize| {
        let (before, after) = (line.get(..at).unwrap_or(""), line.get(at..).unwrap_or(""));
        let open = before.rfind("{{").filter(|open| before.rfind("}}").is_none_or(|close| close < *open));
        open.is_some_and(|open| after.contains("}}") && !is_of_prometheus(before.get(open..).unwrap_or("")))
    };
    near || (json && inside(at - start.min(at)))
        || (!json && text.lines().any(directive))
        || memmem::find(text.as_bytes(), b"{{ .Values").is_some()
}

/// Whether a text begins with a directive that Prometheus expands in annotations.
fn is_of_prometheus(text: &str) -> bool {
    let inner = text.trim_start_matches('{').trim_start_matches('-').trim_start();
    ["$labels", "$value", "$external", "printf \"%", "humanize"].iter().any(|w| inner.starts_with(w))
}

/// Whether code of a template language stands between `<%` and `%>`: in a string it parses, and says nothing yet. What a text panel shows is no code.
fn has_embedded_code(text: &str) -> bool {
    let Some(first) = memmem::find(text.as_bytes(), b"<%") else { return false };
    let start = text.get(..first).and_then(|before| before.rfind('\n')).map_or(0, |i| i + 1);
    let code = |line: &str| line.find("<%").is_some_and(|at| line.get(at..).is_some_and(|rest| rest.contains("%>")));
    text.get(start..).is_some_and(|rest| rest.lines().any(|line| code(line) && !line.contains("\"content\"")))
}

/// Whether a document that parses is a template all the same: an unquoted `{{ x }}` reads as a mapping whose key is a mapping.
fn is_template(root: &Node) -> bool {
    match &root.value {
        Value::Scalar(..) => false,
        Value::Sequence(items) => items.iter().any(is_template),
        Value::Mapping(entries) => entries.iter().any(|e| e.key.entries().is_some() || is_template(&e.value)),
    }
}

/// Words that decide whether a text is worth parsing.
#[derive(Clone, Copy)]
struct Words {
    groups: bool,
    rules: bool,
    expr: bool,
    /// Rules whose `groups` or `rules` may be misspelt.
    misspelt: bool,
    prometheus_rule: bool,
    panels: bool,
    tests: bool,
    config_map: bool,
    scrapes: bool,
}

impl Words {
    fn of(bytes: &[u8]) -> Self {
        let has = |word: &str| memmem::find(bytes, word.as_bytes()).is_some();
        let groups = has("groups");
        let panels = has("panels");
        let rules = groups && has("rules");
        let named = has("alert:") || has("record:");
        let prometheus_rule = groups && has("PrometheusRule");
        let tests = has("input_series") || has("promql_expr_test");
        let config_map = (rules || panels) && has("ConfigMap");
        Words {
            groups,
            rules,
            expr: rules && (has("expr") || has("alert") || has("record")),
            misspelt: (groups || has("rules:")) && named && has("expr:"),
            prometheus_rule,
            panels,
            tests,
            config_map,
            scrapes: has("scrape_configs") && has("job_name") || has("metricRelabelings") && has("__name__"),
        }
    }

    fn candidate(self) -> bool {
        self.groups && self.expr || self.misspelt || self.prometheus_rule || self.tests || self.config_map || self.scrapes
    }

    fn looks_like_rules(self, text: &str, json: bool) -> bool {
        let keys: [&[&str]; 4] = [&["groups"], &["rules"], &["alert", "record"], &["expr"]];
        let has = |keys: &&&[&str]| keys.iter().any(|key| if json { has_json_key(text, key) } else { has_yaml_key(text, key) });
        // One of the words may be what is broken.
        (self.rules && self.expr || self.misspelt) && keys.iter().filter(has).count() >= 3
    }
}

/// Whether a text is one of those that promtool runs.
fn looks_like_a_test(text: &str) -> bool {
    let keys = ["rule_files", "tests", "input_series", "alert_rule_test"];
    keys.iter().filter(|key| has_yaml_key(text, key)).count() >= 3
}

/// Whether a line begins with this key.
fn has_yaml_key(text: &str, key: &str) -> bool {
    let starts = |line: &str| line.trim_start().trim_start_matches("- ").strip_prefix(key).is_some_and(|rest| rest.starts_with(':'));
    text.lines().any(starts)
}

/// Whether this key stands anywhere, in quotes.
fn has_json_key(text: &str, key: &str) -> bool {
    let quoted = format!("\"{key}\"");
    memmem::find_iter(text.as_bytes(), quoted.as_bytes())
        .any(|at| text.get(at + quoted.len()..).is_some_and(|rest| rest.trim_start().starts_with(':')))
}

#[cfg(test)]
#[path = "document_tests.rs"]
mod tests;
