//! Grafana dashboards: every Prometheus query of panels and variables as a consumer, and shapes that Grafana would not show.
//!
//! Dashboards in circulation are of ten years and many tools; only what is certainly wrong is said.

use std::collections::HashMap;

use super::board::Board;
use super::document::Sink;
use super::schema;
use crate::model::{Consumer, ConsumerKind, Dialect, Panel, ProblemKind, Prose, QueryText};
use crate::source::{Scalar, Span};
use crate::syntax::yaml::{Node, Value};

/// Whether a document is a dashboard: panels or rows, and a field that only dashboards have.
pub(super) fn is_dashboard(root: &Node) -> bool {
    let list = |key: &str| root.get(key).and_then(Node::items).is_some_and(|items| !items.is_empty());
    let model = root.get("schemaVersion").is_some() || root.get("templating").is_some_and(|t| t.get("list").is_some());
    let titled = root.get("title").and_then(Node::text).is_some();
    let panels = root.get("panels").and_then(Node::items).unwrap_or_default();
    let grafana = || panels.iter().take(50).any(|p| p.get("gridPos").is_some() || p.get("targets").is_some_and(|t| t.items().is_some()));
    (list("panels") || list("rows") || root.get("panels").is_some() && titled) && model || titled && grafana()
}

pub(super) fn extract(sink: &mut Sink<'_>, root: &Node) {
    let title = root.get("title").and_then(Node::text).unwrap_or("").to_owned();
    let mut walker = Walker { types: source_types(root), title, board: Board::new(sink, root), untyped: Vec::new(), typed: false };
    walker.board.mentions(root);
    let top = walker.board.group();
    let first = sink.out.consumers.len();
    for (parent, key) in [(Some(root), "panels"), (Some(root), "rows"), (root.get("templating"), "list")] {
        let Some(node) = parent.and_then(|p| p.get(key)).filter(|n| !n.is_null()) else { continue };
        let Some(items) = node.items() else {
            let span = schema::first_line(node.span, &sink.file.text);
            sink.problem(ProblemKind::DashboardSchema, span, format!("`{key}` must be a list, not {}", node.noun()), None);
            continue;
        };
        match key {
            "list" => items.iter().for_each(|item| walker.variable(sink, item)),
            _ => walker.panels(sink, items, 0, top),
        }
    }
    for annotation in root.get("annotations").and_then(|a| a.get("list")).and_then(Node::items).unwrap_or_default() {
        walker.annotation(sink, annotation);
    }
    // Where none of several has a type, a tool fills it in before Grafana sees the file.
    if walker.typed || walker.untyped.len() == 1 {
        for span in walker.untyped.drain(..) {
            let help = Some("give it one, such as `\"type\": \"timeseries\"`".to_owned());
            sink.problem(ProblemKind::DashboardSchema, span, "the panel has no `type`: Grafana cannot show it", help);
        }
    }
    finish(sink, walker.board, first);
}

/// Notes which dashboard the consumers from `first` on are part of.
pub(super) fn finish(sink: &mut Sink<'_>, board: Board, first: usize) {
    let board = board.finish();
    for consumer in sink.out.consumers.iter_mut().skip(first) {
        consumer.board = Some(board.location.clone());
    }
    if board.panels.iter().any(|p| p.is_library) {
        sink.skip(LIBRARY);
    }
    sink.out.dashboards.push(board);
}

pub(super) const LIBRARY: &str = "a library panel: its queries are in Grafana, not in the file";

/// The data source type behind each variable or input that stands for a data source.
fn source_types(root: &Node) -> HashMap<String, String> {
    let mut types = HashMap::new();
    let mut add = |name: Option<&str>, kind: Option<&str>| {
        if let (Some(name), Some(kind)) = (name, kind) {
            types.insert(name.to_owned(), kind.to_owned());
        }
    };
    for input in root.get("__inputs").and_then(Node::items).unwrap_or_default() {
        add(input.get("name").and_then(Node::text), input.get("pluginId").and_then(Node::text));
    }
    for variable in root.get("templating").and_then(|t| t.get("list")).and_then(Node::items).unwrap_or_default() {
        if variable.get("type").and_then(Node::text) == Some("datasource") {
            add(variable.get("name").and_then(Node::text), variable.get("query").and_then(Node::text));
        }
    }
    types
}

struct Walker {
    types: HashMap<String, String>,
    title: String,
    board: Board,
    /// Panels that ask something and have no type.
    untyped: Vec<Span>,
    /// Whether another one has.
    typed: bool,
}

/// What is known of the data source of a query.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    Prometheus,
    Other,
    Unknown,
}

impl Walker {
    /// Panels of a dashboard, of a row, or rows.
    fn panels(&mut self, sink: &mut Sink<'_>, items: &[Node], depth: usize, group: usize) {
        for panel in items {
            if panel.entries().is_none() {
                if !panel.is_null() {
                    let span = schema::first_line(panel.span, &sink.file.text);
                    sink.problem(ProblemKind::DashboardSchema, span, format!("a panel must be a mapping, not {}", panel.noun()), None);
                }
                continue;
            }
            let nested = panel.get("panels").and_then(Node::items);
            // Rows hold panels; panels of panels of panels do not exist.
            if let Some(nested) = nested
                && depth < 3
            {
                let inner = self.board.group();
                self.panels(sink, nested, depth + 1, inner);
            }
            let queries = self.panel(sink, panel, nested.is_some());
            self.board.panel(sink, panel, nested.is_some(), group, queries);
        }
    }

    /// The queries of a panel, as consumers; their scalars.
    fn panel(&mut self, sink: &mut Sink<'_>, panel: &Node, row: bool) -> Vec<Span> {
        let mut queries = Vec::new();
        let title = panel.get("title").and_then(Node::scalar).filter(|t| !t.text.is_empty());
        let targets = panel.get("targets").and_then(Node::items).unwrap_or_default();
        let panel_type = panel.get("type").and_then(Node::text).unwrap_or("");
        if panel_type.is_empty() && !row && !targets.is_empty() && panel.get("libraryPanel").is_none() {
            let span = title.map_or_else(|| Span::new(panel.span.start as usize, panel.span.start as usize + 1), |t| t.raw);
            self.untyped.push(span);
        } else if !panel_type.is_empty() && !targets.is_empty() {
            self.typed = true;
        }
        let id = panel.get("id").and_then(Node::text).and_then(|t| t.parse().ok());
        let origin = self.origin(panel.get("datasource"));
        for target in targets {
            let Some(expr) = target.get("expr").filter(|e| !e.is_null()) else { continue };
            let own = self.origin(target.get("datasource"));
            if own == Origin::Other || own == Origin::Unknown && origin == Origin::Other {
                continue;
            }
            let Some(query) = expr.scalar().filter(|_| expr.string().is_some()) else {
                if own == Origin::Prometheus {
                    let span = schema::first_line(expr.span, &sink.file.text);
                    sink.problem(ProblemKind::DashboardSchema, span, format!("`expr` must be a string, not {}", expr.noun()), None);
                }
                continue;
            };
            // An app that shows itself as a panel asks nothing, and has to have a target.
            let nothing = query.text.trim() == "{}" && panel_type.ends_with("-panel");
            if query.text.trim().is_empty() || nothing || query.text.contains("{{") {
                continue;
            }
            let name =
                title.map_or_else(|| id.map_or_else(|| "without a title".to_owned(), |id: u64| format!("{id}")), |t| t.text.to_string());
            let kind =
                ConsumerKind::Panel(Panel { panel_type: panel_type.to_owned(), unit: unit(panel), id, dashboard: self.title.clone() });
            queries.push(query.raw);
            let prose = prose(&[panel.get("title"), panel.get("description")], target.get("legendFormat"));
            consumer(sink, name, title.map_or(query.raw, |t| t.raw), kind, query.clone(), prose);
        }
        queries
    }

    /// A query whose results are marked in all panels.
    fn annotation(&mut self, sink: &mut Sink<'_>, annotation: &Node) {
        let expr = annotation.get("expr").or_else(|| annotation.get("target").and_then(|t| t.get("expr")));
        let Some(query) = expr.filter(|e| e.string().is_some()).and_then(Node::scalar).filter(|q| !q.text.trim().is_empty()) else {
            return;
        };
        // Loki's queries have the same key.
        if self.origin(annotation.get("datasource")) == Origin::Prometheus {
            let name = annotation.get("name").and_then(Node::scalar);
            consumer(
                sink,
                name.map_or_else(String::new, |n| n.text.to_string()),
                name.map_or(query.raw, |n| n.raw),
                ConsumerKind::Annotation,
                query.clone(),
                Prose::default(),
            );
        }
    }

    /// A variable whose values come from metrics.
    fn variable(&mut self, sink: &mut Sink<'_>, variable: &Node) {
        self.board.variable(sink, variable);
        if variable.get("type").and_then(Node::text) != Some("query") || self.origin(variable.get("datasource")) == Origin::Other {
            return;
        }
        let Some(name) = variable.get("name").and_then(Node::scalar) else { return };
        let query = match variable.get("query") {
            Some(node) if node.entries().is_some() => node.get("query"),
            other => other,
        };
        let Some(text) = query.and_then(Node::scalar) else { return };
        variable_query(sink, name, text, variable.get("definition"));
    }

    fn origin(&self, datasource: Option<&Node>) -> Origin {
        let Some(node) = datasource else { return Origin::Unknown };
        let of_type = |kind: &str| if kind == "prometheus" { Origin::Prometheus } else { Origin::Other };
        let named = |name: &str| {
            let variable = name.trim_start_matches(['$', '{', '[']).trim_end_matches(['}', ']']);
            let variable = variable.split([':', '.']).next().unwrap_or(variable);
            match self.types.get(variable) {
                Some(kind) if name.starts_with(['$', '[']) => of_type(kind),
                _ if OTHER_SOURCES.iter().any(|o| name.to_ascii_lowercase().contains(o)) => Origin::Other,
                _ => Origin::Unknown,
            }
        };
        match &node.value {
            Value::Mapping(_) => match node.get("type").and_then(Node::text) {
                // Grafana's own: mixed panels, queries on other panels.
                Some("datasource" | "mixed" | "") | None => node.get("uid").and_then(Node::text).map_or(Origin::Unknown, named),
                Some(kind) if kind.starts_with('$') => Origin::Unknown,
                Some(kind) => of_type(kind),
            },
            _ => node.text().map_or(Origin::Unknown, named),
        }
    }
}

/// Words in names of data sources whose queries are no PromQL.
const OTHER_SOURCES: [&str; 12] = [
    "loki",
    "influx",
    "tempo",
    "cloudwatch",
    "elastic",
    "graphite",
    "postgres",
    "mysql",
    "jaeger",
    "opensearch",
    "clickhouse",
    "victorialogs",
];

/// What a variable asks a metric for.
pub(super) fn variable_query(sink: &mut Sink<'_>, name: &Scalar, text: &Scalar, copy: Option<&Node>) {
    if let Some(part) = queried_part(&text.text) {
        let kind = ConsumerKind::Variable(queried_label(&text.text).map(|l| text.slice(l)));
        consumer(sink, name.text.to_string(), name.raw, kind, text.slice(part), prose(&[copy], None));
    }
}

pub(super) fn consumer(sink: &mut Sink<'_>, name: String, span: Span, kind: ConsumerKind, scalar: Scalar, prose: Prose) {
    let query = QueryText { path: sink.file.path.clone(), scalar, dialect: Dialect::Grafana };
    let location = sink.location(span);
    sink.out.consumers.push(Consumer { name, location, kind, query, prose, board: None });
}

/// What is said beside a query: texts that may name a metric, and a legend.
pub(super) fn prose(texts: &[Option<&Node>], legend: Option<&Node>) -> Prose {
    let scalar = |node: &Node| node.string().and_then(|_| node.scalar()).cloned();
    // No name of a metric that is told from a word is without one of these.
    let texts = texts.iter().filter_map(|node| scalar((*node)?)).filter(|s| s.text.contains(['_', ':']));
    Prose { texts: texts.collect(), legend: legend.and_then(scalar).filter(|s| s.text.contains(['_', ':', '{'])), labels: Vec::new() }
}

fn unit(panel: &Node) -> Option<String> {
    let defaults = panel.get("fieldConfig").and_then(|f| f.get("defaults")).and_then(|d| d.get("unit"));
    let axis = || panel.get("yaxes").and_then(Node::items).and_then(|axes| axes.first()).and_then(|a| a.get("format"));
    defaults.or_else(axis).or_else(|| panel.get("format")).and_then(Node::text).map(str::to_owned)
}

/// The bytes of a variable's query that are PromQL: `metric{…}` of `label_values(metric{…}, label)`, all of `query_result(…)`.
fn queried_part(text: &str) -> Option<Span> {
    let trimmed = text.trim_end();
    let open = trimmed.find('(')?;
    let inner_end = trimmed.len().checked_sub(1).filter(|_| trimmed.ends_with(')'))?;
    let inner = trimmed.get(open + 1..inner_end)?;
    let end = match trimmed.get(..open)?.trim() {
        // The last comma outside of braces parts the label from the selector.
        "label_values" => inner.rfind(',').filter(|&at| inner.get(at..).is_some_and(|rest| !rest.contains(['}', '"', ')'])))?,
        "query_result" => inner.len(),
        _ => return None,
    };
    let part = inner.get(..end)?;
    let start = open + 1 + (part.len() - part.trim_start().len());
    (!part.trim().is_empty()).then(|| Span::new(start, start + part.trim().len()))
}

/// The bytes of a variable's query that name a label: `label` of `label_values(metric{…}, label)`.
fn queried_label(text: &str) -> Option<Span> {
    let metric = queried_part(text).filter(|_| text.trim_start().starts_with("label_values"))?;
    let rest = text.get(metric.end as usize..)?;
    let start = metric.end as usize + rest.find(|c: char| c != ',' && !c.is_whitespace())?;
    let length = text.get(start..)?.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
    (length > 0).then(|| Span::new(start, start + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_queries_in_part() {
        let part = |text: &'static str| queried_part(text).map(|s| s.text(text));
        assert_eq!(part("label_values(up{a=\"b,c\"}, job)"), Some("up{a=\"b,c\"}"));
        assert_eq!(part("label_values( up , job ) "), Some("up"));
        assert_eq!(part("query_result(topk(1, up))"), Some("topk(1, up)"));
        assert_eq!(part("label_values(job)"), None);
        assert_eq!(part("metrics(foo.*)"), None);
        assert_eq!(part("label_values(up{a=\"b,c\"})"), None);
        let label = |text: &'static str| queried_label(text).map(|s| s.text(text));
        assert_eq!(label("label_values(up{a=\"b,c\"},  job )"), Some("job"));
        assert_eq!(label("label_values(up, $x)"), None);
        assert_eq!(label("query_result(up)"), None);
    }
}
