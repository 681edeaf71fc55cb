//! Grafana's second model of a dashboard: elements by name, each with its queries, and a layout that arranges them.

use super::board::Board;
use super::dashboard::{consumer, finish, variable_query};
use super::document::Sink;
use crate::model::{ConsumerKind, Panel};
use crate::source::Span;
use crate::syntax::yaml::Node;

/// Whether a mapping is such a dashboard, by itself or as the `spec` of a resource.
pub(super) fn is_dashboard(root: &Node) -> bool {
    let elements = root.get("elements").and_then(Node::entries).unwrap_or_default();
    root.get("layout").is_some()
        && elements.iter().any(|e| matches!(e.value.get("kind").and_then(Node::text), Some("Panel" | "LibraryPanel")))
}

pub(super) fn extract(sink: &mut Sink<'_>, root: &Node) {
    let title = root.get("title").and_then(Node::text).unwrap_or("").to_owned();
    let mut board = Board::new(sink, root);
    board.mentions(root);
    let group = board.group();
    let first = sink.out.consumers.len();
    for element in root.get("elements").and_then(Node::entries).unwrap_or_default() {
        match element.value.get("kind").and_then(Node::text) {
            Some("Panel") => {
                if let Some(spec) = element.value.get("spec") {
                    panel(sink, &mut board, spec, &title, group);
                }
            }
            _ => board.library(),
        }
    }
    for variable in root.get("variables").and_then(Node::items).unwrap_or_default() {
        let (Some(kind), Some(spec)) = (variable.get("kind").and_then(Node::text), variable.get("spec")) else { continue };
        board.variable_of_kind(sink, kind, spec);
        let query = spec.get("query");
        if kind != "QueryVariable" || !query.is_some_and(is_prometheus) {
            continue;
        }
        let inner = query.and_then(|q| q.get("spec"));
        let text = ["query", "__legacyStringValue", "expr"].iter().find_map(|key| inner.and_then(|s| s.get(key))).and_then(Node::scalar);
        if let (Some(text), Some(name)) = (text, spec.get("name").and_then(Node::scalar)) {
            variable_query(sink, name, text);
        }
    }
    finish(sink, board, first);
}

fn panel(sink: &mut Sink<'_>, board: &mut Board, spec: &Node, dashboard: &str, group: usize) {
    let title = spec.get("title").and_then(Node::scalar).filter(|t| !t.text.is_empty());
    let visual = spec.get("vizConfig");
    // The earlier versions call the panel's type its kind.
    let kind = visual.and_then(|v| v.get("group").or_else(|| v.get("kind"))).and_then(Node::text).unwrap_or("");
    let unit =
        visual.and_then(|v| v.get("spec")).and_then(|s| s.get("fieldConfig")).and_then(|f| f.get("defaults")).and_then(|d| d.get("unit"));
    let id = spec.get("id").and_then(Node::text).and_then(|t| t.parse().ok());
    let data = spec.get("data").and_then(|d| d.get("spec"));
    let list = data.and_then(|d| d.get("queries")).and_then(Node::items).unwrap_or_default();
    let queries: Vec<&Node> = list.iter().filter_map(|q| q.get("spec")).collect();
    let mut spans: Vec<Span> = Vec::new();
    for query in queries.iter().filter_map(|q| q.get("query")).filter(|q| is_prometheus(q)) {
        let expr = query.get("spec").and_then(|s| s.get("expr")).filter(|e| e.string().is_some()).and_then(Node::scalar);
        let Some(expr) = expr.filter(|e| !e.text.trim().is_empty() && !e.text.contains("{{")) else { continue };
        let name = title.map_or_else(|| id.map_or_else(|| "without a title".to_owned(), |id: u64| format!("{id}")), |t| t.text.clone());
        let unit = unit.and_then(Node::text).map(str::to_owned);
        let about = Panel { panel_type: kind.to_owned(), unit, id, dashboard: dashboard.to_owned() };
        spans.push(expr.raw);
        consumer(sink, name, title.map_or(expr.raw, |t| t.raw), ConsumerKind::Panel(about), expr.clone());
    }
    board.element(sink, spec, kind, &queries, group, spans);
}

/// Whether a query is one for Prometheus: by its kind, or, in later versions, by its group.
fn is_prometheus(query: &Node) -> bool {
    ["kind", "group"].iter().any(|key| query.get(key).and_then(Node::text) == Some("prometheus"))
}
