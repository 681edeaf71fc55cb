//! Grafana's second model of a dashboard: elements by name, each with its queries, and a layout that arranges them.

use std::collections::HashMap;

use super::board::Board;
use super::dashboard::{LIBRARY, consumer, finish, prose, variable_query};
use super::document::Sink;
use crate::model::{ConsumerKind, Panel, Prose};
use crate::source::Span;
use crate::syntax::yaml::Node;

/// Layouts inside layouts, at the most.
const MAX_LAYOUTS: usize = 16;

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
    let mut places = HashMap::new();
    if let Some(layout) = root.get("layout") {
        placed(&mut board, layout, 0, &mut places);
    }
    let elsewhere = board.group();
    let first = sink.out.consumers.len();
    for element in root.get("elements").and_then(Node::entries).unwrap_or_default() {
        match element.value.get("kind").and_then(Node::text) {
            Some("Panel") => {
                if let Some(spec) = element.value.get("spec") {
                    let place = element.key.text().and_then(|name| places.get(name)).copied();
                    panel(sink, &mut board, spec, &title, place.map_or((None, elsewhere), |(node, group)| (Some(node), group)));
                }
            }
            _ => {
                board.library();
                sink.skip(LIBRARY);
            }
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
            variable_query(sink, name, text, spec.get("definition"));
        }
    }
    for annotation in root.get("annotations").and_then(Node::items).unwrap_or_default().iter().filter_map(|a| a.get("spec")) {
        let Some(query) = annotation.get("query").filter(|q| is_prometheus(q)) else { continue };
        let expr = query.get("spec").and_then(|s| s.get("expr")).filter(|e| e.string().is_some()).and_then(Node::scalar);
        let Some(expr) = expr.filter(|e| !e.text.trim().is_empty()) else { continue };
        let name = annotation.get("name").and_then(Node::scalar);
        let (title, place) = name.map_or((String::new(), expr.raw), |n| (n.text.to_string(), n.raw));
        consumer(sink, title, place, ConsumerKind::Annotation, expr.clone(), Prose::default());
    }
    finish(sink, board, first);
}

/// Where the elements of a layout stand, by name, and on which grid. Rows and tabs have layouts of their own; an automatic grid has no places.
fn placed<'a>(board: &mut Board, layout: &'a Node, depth: usize, places: &mut HashMap<&'a str, (&'a Node, usize)>) {
    let Some(spec) = layout.get("spec").filter(|_| depth < MAX_LAYOUTS) else { return };
    let list = |node: &'a Node, key: &str| node.get(key).and_then(Node::items).unwrap_or_default();
    for part in list(spec, "rows").iter().chain(list(spec, "tabs")) {
        if let Some(inner) = part.get("spec").and_then(|s| s.get("layout")) {
            placed(board, inner, depth + 1, places);
        }
    }
    if layout.get("kind").and_then(Node::text) != Some("GridLayout") {
        return;
    }
    let group = board.group();
    for item in list(spec, "items").iter().filter_map(|item| item.get("spec")) {
        let inside = list(item, "elements");
        let within = if inside.is_empty() { group } else { board.group() };
        for one in inside.iter().filter_map(|i| i.get("spec")).chain(inside.is_empty().then_some(item)) {
            if let Some(name) = one.get("element").and_then(|e| e.get("name")).and_then(Node::text) {
                places.entry(name).or_insert((one, within));
            }
        }
    }
}

fn panel(sink: &mut Sink<'_>, board: &mut Board, spec: &Node, dashboard: &str, place: (Option<&Node>, usize)) {
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
        let name = title.map_or_else(|| id.map_or_else(|| "without a title".to_owned(), |id: u64| format!("{id}")), |t| t.text.to_string());
        let unit = unit.and_then(Node::text).map(str::to_owned);
        let about = Panel { panel_type: kind.to_owned(), unit, id, dashboard: dashboard.to_owned() };
        spans.push(expr.raw);
        let said = prose(&[spec.get("title"), spec.get("description")], query.get("spec").and_then(|s| s.get("legendFormat")));
        consumer(sink, name, title.map_or(expr.raw, |t| t.raw), ConsumerKind::Panel(about), expr.clone(), said);
    }
    board.element(sink, spec, kind, &queries, place, spans);
}

/// Whether a query is one for Prometheus: by its kind, or, in later versions, by its group.
fn is_prometheus(query: &Node) -> bool {
    ["kind", "group"].iter().any(|key| query.get(key).and_then(Node::text) == Some("prometheus"))
}
