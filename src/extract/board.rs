//! The parts of a dashboard that are no queries: layout, units, calculations, variables and who mentions them.

use super::document::Sink;
use crate::model::{self, Dashboard, DashboardPanel, DashboardVariable, Grid, Word};
use crate::source::{Location, Scalar, Span};
use crate::syntax::yaml::{Node, Value};

/// Nothing of Grafana's is nested deeper.
const MAX_DEPTH: usize = 60;

/// A dashboard under construction.
pub(super) struct Board {
    board: Dashboard,
    groups: usize,
}

impl Board {
    pub(super) fn new(sink: &Sink<'_>, root: &Node) -> Board {
        let title = root.get("title").and_then(Node::scalar);
        let start = Span::new(root.span.start as usize, root.span.start as usize + 1);
        let mut board = Dashboard {
            title: title.map_or_else(String::new, |t| t.text.to_string()),
            location: sink.location(title.filter(|t| !t.text.is_empty()).map_or(start, |t| t.raw)),
            editable: root.get("editable").and_then(Node::scalar).map(|s| word(sink, s)),
            panels: Vec::new(),
            variables: Vec::new(),
            inputs: Vec::new(),
            mentioned: Vec::new(),
            repeated: Vec::new(),
            open: false,
        };
        for input in root.get("__inputs").and_then(Node::items).unwrap_or_default() {
            board.inputs.extend(input.get("name").and_then(Node::text).map(str::to_owned));
        }
        Board { board, groups: 0 }
    }

    /// The number of a grid of its own.
    pub(super) fn group(&mut self) -> usize {
        self.groups += 1;
        self.groups
    }

    /// One panel or row, with the scalars of its Prometheus queries.
    pub(super) fn panel(&mut self, sink: &Sink<'_>, panel: &Node, row: bool, group: usize, queries: Vec<Span>) {
        if panel.get("libraryPanel").is_some() {
            self.board.open = true;
        }
        let title = panel.get("title").and_then(Node::scalar).filter(|t| !t.text.is_empty());
        let id = panel.get("id").and_then(Node::scalar).filter(|s| !s.text.is_empty() && s.text != "null");
        let start = Span::new(panel.span.start as usize, panel.span.start as usize + 1);
        let targets = panel.get("targets").and_then(Node::items).unwrap_or_default();
        let kind = panel.get("type").and_then(Node::text).unwrap_or("");
        let config = panel.get("fieldConfig");
        let unit = config.and_then(|c| c.get("defaults")).and_then(|d| d.get("unit")).and_then(Node::scalar);
        let filled = |node: Option<&Node>| node.and_then(Node::items).is_some_and(|items| !items.is_empty());
        let changed = filled(panel.get("transformations")) || overrides_unit(config);
        let mut units = Vec::new();
        let mut reducers = Vec::new();
        if let Some(config) = config {
            collect_units(sink, config, 0, &mut units);
        }
        if let Some(options) = panel.get("options") {
            collect_reducers(sink, options, 0, &mut reducers);
        }
        self.board.panels.push(DashboardPanel {
            title: title.map_or_else(|| id.map_or_else(String::new, |i| i.text.to_string()), |t| t.text.to_string()),
            titled: title.is_some_and(|t| !t.text.trim().is_empty()),
            location: sink.location(title.map_or(start, |t| t.raw)),
            panel_type: if row && kind.is_empty() { "row".to_owned() } else { kind.to_owned() },
            id: id.map(|s| word(sink, s)),
            described: panel.get("description").and_then(Node::text).is_some_and(|d| !d.trim().is_empty()),
            grid: panel.get("gridPos").and_then(|g| grid(sink, g, ["w", "h"])),
            group,
            ref_ids: targets.iter().filter_map(|t| t.get("refId").and_then(Node::scalar)).map(|s| word(sink, s)).collect(),
            targets: targets.len(),
            queries,
            unit: unit.filter(|u| !changed && !u.text.is_empty()).map(|u| word(sink, u)),
            units,
            reducers,
            is_library: panel.get("libraryPanel").is_some(),
            fixed_source: panel.get("datasource").and_then(|d| fixed(sink, d)),
        });
    }

    /// A panel of the library, of which the file only has the name.
    pub(super) fn library(&mut self) {
        self.board.open = true;
    }

    /// A panel of the second model, with its queries and those of them that are for Prometheus.
    pub(super) fn element(
        &mut self,
        sink: &Sink<'_>,
        spec: &Node,
        kind: &str,
        all: &[&Node],
        place: (Option<&Node>, usize),
        queries: Vec<Span>,
    ) {
        let title = spec.get("title").and_then(Node::scalar).filter(|t| !t.text.is_empty());
        let id = spec.get("id").and_then(Node::scalar);
        let start = Span::new(spec.span.start as usize, spec.span.start as usize + 1);
        let visual = spec.get("vizConfig").and_then(|v| v.get("spec"));
        let config = visual.and_then(|v| v.get("fieldConfig"));
        let unit = config.and_then(|c| c.get("defaults")).and_then(|d| d.get("unit")).and_then(Node::scalar);
        let data = spec.get("data").and_then(|d| d.get("spec"));
        let changed = data.and_then(|d| d.get("transformations")).and_then(Node::items).is_some_and(|t| !t.is_empty());
        let (mut units, mut reducers) = (Vec::new(), Vec::new());
        if let Some(config) = config {
            collect_units(sink, config, 0, &mut units);
        }
        if let Some(options) = visual.and_then(|v| v.get("options")) {
            collect_reducers(sink, options, 0, &mut reducers);
        }
        self.board.panels.push(DashboardPanel {
            title: title.map_or_else(|| id.map_or_else(String::new, |i| i.text.to_string()), |t| t.text.to_string()),
            titled: title.is_some_and(|t| !t.text.trim().is_empty()),
            location: sink.location(title.map_or(start, |t| t.raw)),
            panel_type: kind.to_owned(),
            id: id.map(|s| word(sink, s)),
            described: spec.get("description").and_then(Node::text).is_some_and(|d| !d.trim().is_empty()),
            grid: place.0.and_then(|node| grid(sink, node, ["width", "height"])),
            group: place.1,
            ref_ids: all.iter().filter_map(|q| q.get("refId").and_then(Node::scalar)).map(|s| word(sink, s)).collect(),
            targets: all.len(),
            queries,
            unit: unit.filter(|u| !changed && !overrides_unit(config) && !u.text.is_empty()).map(|u| word(sink, u)),
            units,
            reducers,
            is_library: false,
            fixed_source: all.iter().find_map(|q| source_of(q)).and_then(|d| fixed(sink, d)),
        });
    }

    /// A variable of the second model, such as a `QueryVariable`.
    pub(super) fn variable_of_kind(&mut self, sink: &Sink<'_>, kind: &str, spec: &Node) {
        let before = self.board.variables.len();
        self.variable(sink, spec);
        if let Some(variable) = self.board.variables.get_mut(before) {
            variable.kind = kind.strip_suffix("Variable").unwrap_or(kind).to_lowercase();
            variable.refresh = None;
        }
    }

    /// One variable.
    pub(super) fn variable(&mut self, sink: &Sink<'_>, variable: &Node) {
        let Some(name) = variable.get("name").and_then(Node::scalar).filter(|n| !n.text.is_empty()) else { return };
        let filled = |key: &str| variable.get(key).and_then(Node::text).filter(|t| !matches!(*t, "" | "null")).map(str::to_owned);
        self.board.variables.push(DashboardVariable {
            name: word(sink, name),
            kind: variable.get("type").and_then(Node::text).unwrap_or("").to_owned(),
            label: filled("label"),
            source_type: filled("pluginId").or_else(|| filled("query")),
            fixed_source: source_of(variable).and_then(|d| fixed(sink, d)),
            refresh: variable.get("refresh").and_then(Node::scalar).map(|s| word(sink, s)),
            multi: variable.get("multi").and_then(Node::text) == Some("true"),
            include_all: variable.get("includeAll").and_then(Node::text) == Some("true"),
            all_value: filled("allValue"),
        });
        let mut mentioned = Vec::new();
        // What a variable offered when the file was saved says nothing about who reads it.
        let said = ["query", "definition", "regex", "filters", "datasource", "expr"];
        for value in said.iter().filter_map(|key| variable.get(key)) {
            mentions(value, 0, &mut mentioned, &mut self.board.open);
        }
        self.board.mentioned.extend(mentioned.into_iter().filter(|m| *m != name.text));
    }

    /// Everything besides the variables' own definitions.
    pub(super) fn mentions(&mut self, root: &Node) {
        for entry in root.entries().unwrap_or_default().iter().filter(|e| !matches!(e.key.text(), Some("templating" | "variables"))) {
            if entry.key.text() == Some("links") {
                links(&entry.value, &mut self.board.open);
            }
            mentions(&entry.value, 0, &mut self.board.mentioned, &mut self.board.open);
            repeats(&entry.value, 0, &mut self.board.repeated);
        }
    }

    pub(super) fn finish(mut self) -> Dashboard {
        self.board.mentioned.sort();
        self.board.mentioned.dedup();
        self.board
    }
}

fn word(sink: &Sink<'_>, scalar: &Scalar) -> Word {
    Word::of(scalar, |span| sink.location(span))
}

fn grid(sink: &Sink<'_>, node: &Node, [width, height]: [&str; 2]) -> Option<Grid> {
    let number = |key: &str| node.get(key).and_then(Node::text).and_then(|t| t.parse::<f64>().ok()).map(|n| n as i64);
    let location = sink.location(super::schema::first_line(node.span, &sink.file.text));
    Some(Grid { x: number("x")?, y: number("y")?, w: number(width)?, h: number(height)?, location })
}

/// What a query of the second model says of its data source: beside the query, or, in later versions, in it.
fn source_of(query: &Node) -> Option<&Node> {
    query.get("datasource").or_else(|| query.get("query").and_then(|q| q.get("datasource"))).filter(|d| !d.is_null())
}

/// The place of a data source that is named by an id of one Grafana.
fn fixed(sink: &Sink<'_>, node: &Node) -> Option<Location> {
    let uid = node.get("uid").or_else(|| node.get("name")).or(Some(node)).and_then(Node::scalar)?;
    let text = uid.text.as_str();
    let own = text.is_empty()
        || text.starts_with(['$', '-', '['])
        || matches!(text, "grafana" | "null" | "default" | "prometheus" | "Prometheus");
    (!own).then(|| sink.location(uid.raw))
}

/// Whether an override gives some values another unit.
fn overrides_unit(config: Option<&Node>) -> bool {
    let overrides = config.and_then(|c| c.get("overrides")).and_then(Node::items).unwrap_or_default();
    let properties = overrides.iter().filter_map(|o| o.get("properties").and_then(Node::items)).flatten();
    properties.into_iter().any(|p| p.get("id").and_then(Node::text) == Some("unit"))
}

fn collect_units(sink: &Sink<'_>, node: &Node, depth: usize, found: &mut Vec<Word>) {
    let unit = node.get("unit").and_then(Node::scalar);
    // `{"id": "unit", "value": "s"}` of an override.
    let overridden = node.get("value").and_then(Node::scalar).filter(|_| node.get("id").and_then(Node::text) == Some("unit"));
    found.extend(unit.into_iter().chain(overridden).filter(|s| !s.text.is_empty()).map(|s| word(sink, s)));
    each_child(node, depth, &mut |child, depth| collect_units(sink, child, depth, found));
}

fn collect_reducers(sink: &Sink<'_>, node: &Node, depth: usize, found: &mut Vec<Word>) {
    for list in node.entries().unwrap_or_default().iter().filter(|e| e.key.text() == Some("calcs")) {
        found.extend(list.value.items().unwrap_or_default().iter().filter_map(Node::scalar).map(|s| word(sink, s)));
    }
    each_child(node, depth, &mut |child, depth| collect_reducers(sink, child, depth, found));
}

fn each_child(node: &Node, depth: usize, look: &mut dyn FnMut(&Node, usize)) {
    if depth >= MAX_DEPTH {
        return;
    }
    match &node.value {
        Value::Mapping(entries) => entries.iter().for_each(|e| look(&e.value, depth + 1)),
        Value::Sequence(items) => items.iter().for_each(|i| look(i, depth + 1)),
        Value::Scalar(..) => {}
    }
}

/// Links that carry all variables along.
fn links(node: &Node, open: &mut bool) {
    for link in node.items().unwrap_or_default() {
        *open |= link.get("includeVars").and_then(Node::text) == Some("true");
    }
}

/// `"repeat": "job"` of the first model, `"repeat": {"value": "job"}` of the second.
fn repeats(node: &Node, depth: usize, found: &mut Vec<String>) {
    let repeat = node.get("repeat").and_then(|r| r.text().or_else(|| r.get("value").and_then(Node::text)));
    found.extend(repeat.filter(|name| !name.is_empty()).map(str::to_owned));
    each_child(node, depth, &mut |child, depth| repeats(child, depth, found));
}

fn mentions(node: &Node, depth: usize, found: &mut Vec<String>, open: &mut bool) {
    if let Some(scalar) = node.scalar() {
        found.extend(model::variables_of(&scalar.text).into_iter().map(|(name, _)| name));
        // All of them at once.
        *open |= scalar.text.contains("__all_variables");
    }
    for entry in node.entries().unwrap_or_default() {
        if matches!(entry.key.text(), Some("repeat" | "variable")) {
            found.extend(entry.value.text().map(str::to_owned));
        }
    }
    each_child(node, depth, &mut |child, depth| mentions(child, depth, found, open));
}
