//! Prometheus rule files: alerts and recording rules as consumers, recorded metrics, and what Prometheus would refuse.

use std::collections::HashSet;

use super::document::Sink;
use super::schema::{self, Fields};
use crate::model::{
    Alert, Bound, Consumer, ConsumerKind, Definition, Dialect, Group, Label, Language, Metric, MetricType, ProblemKind, Prose, QueryText,
    Record,
};
use crate::source::{Scalar, Span};
use crate::syntax::promql::{self, ExprKind, Outcome};
use crate::syntax::yaml::Node;

const FILE: Fields = Fields {
    of: "a rule file",
    known: &["groups"],
    // Of the tools that load rule files into Cortex and Mimir.
    foreign: &["namespace"],
};

const GROUP: Fields = Fields {
    of: "a rule group",
    known: &["name", "interval", "query_offset", "limit", "rules", "labels"],
    // Of Thanos, Cortex, Mimir and Loki, which read the same files.
    foreign: &[
        "partial_response_strategy",
        "source_tenants",
        "evaluation_delay",
        "align_evaluation_time_on_interval",
        "remote_write",
        "tenant",
        "type",
        "concurrency",
        "params",
        "headers",
        "notifier_headers",
        "eval_offset",
        "eval_delay",
        "eval_alignment",
        "debug",
    ],
};

const RULE: Fields = Fields {
    of: "a rule",
    known: &["record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations"],
    foreign: &["debug", "update_entries_limit"],
};

/// Whether a document is a rule file: groups with rules that are recognisably Prometheus'.
pub(super) fn is_rule_file(root: &Node) -> bool {
    // `gropus:` is a mistake to be told, too.
    let near = |key: &str| strsim::damerau_levenshtein(key, "groups") <= 2;
    let misspelt = || {
        let named = root.entries().unwrap_or_default().iter().filter(|e| e.key.scalar().is_some_and(|k| near(&k.text)));
        named.filter_map(|e| e.value.items()).next()
    };
    let groups = root.get("groups").and_then(Node::items).or_else(misspelt).unwrap_or_default();
    // One group without its dash.
    if let Some(rules) = root.get("groups").and_then(|g| g.get("rules")).and_then(Node::items) {
        return rules.iter().take(10_000).any(|rule| is_rule(rule, true));
    }
    groups.iter().take(10_000).any(|group| {
        let named = group.get("name").is_some_and(|n| n.scalar().is_some());
        // `ruls:` is a mistake to be told, not another kind of file.
        let misspelt =
            || group.entries().unwrap_or_default().iter().filter_map(|e| e.value.items()).flatten().any(|item| is_rule(item, false));
        match group.get("rules").map(|rules| (rules, rules.items())) {
            Some((_, Some(rules))) => rules.iter().any(|rule| is_rule(rule, named)),
            // One rule without its dash.
            Some((rule, None)) if rule.entries().is_some() => is_rule(rule, named),
            _ => named && misspelt(),
        }
    })
}

/// Whether a mapping is recognisably a rule; in a named group an expression or a name is enough.
fn is_rule(rule: &Node, in_group: bool) -> bool {
    let has = |key: &str| rule.get(key).is_some_and(|v| !v.is_null());
    let scalar = |key: &str| rule.get(key).is_some_and(|v| v.scalar().is_some());
    let details = has("labels") || has("annotations") || has("for");
    (scalar("alert") || scalar("record")) && (scalar("expr") || details || in_group) || scalar("expr") && (details || in_group)
}

/// Extracts a rule file.
pub(super) fn extract_file(sink: &mut Sink<'_>, root: &Node) {
    schema::fields(sink, root, &FILE);
    extract(sink, root, false);
}

/// Extracts what has groups of rules: a rule file, or the `spec` of a `PrometheusRule`, which is an object.
pub(super) fn extract(sink: &mut Sink<'_>, root: &Node, object: bool) {
    let Some(groups) = root.get("groups") else { return };
    let Some(items) = groups.items() else {
        if !groups.is_null() {
            schema::wrong(sink, groups, "`groups`", "a list");
        }
        return;
    };
    let mut names = HashSet::new();
    for group in items {
        if group.entries().is_none() {
            schema::wrong(sink, group, "a rule group", "a mapping");
            continue;
        }
        // Groups of other rule engines: `type: vlogs`, `type: graphite`.
        if group.get("type").and_then(Node::text).is_some_and(|t| t != "prometheus") {
            continue;
        }
        schema::fields(sink, group, &GROUP);
        match group.get("name").and_then(Node::scalar).filter(|n| !n.text.is_empty()) {
            None => schema::problem(sink, head(group), "the rule group has no `name`", None),
            Some(name) if !names.insert(name.text.clone()) => {
                schema::problem(sink, name.raw, format!("rule group `{}` is defined twice in this file", name.text), None);
            }
            Some(_) => {}
        }
        for key in ["interval", "query_offset"] {
            schema::duration(sink, group, key);
        }
        let Some(rules) = group.get("rules").filter(|r| !r.is_null()) else { continue };
        let Some(rules) = rules.items() else {
            schema::wrong(sink, rules, "`rules`", "a list");
            continue;
        };
        let shared = schema::strings(sink, group, "labels");
        let named = group.get("name").and_then(Node::text).unwrap_or_default().to_owned();
        let own = Group { name: named, start: group.span.start, object };
        for item in rules {
            rule(sink, item, &shared, &own);
        }
    }
}

/// The first key of a mapping: where to point when something is missing.
fn head(node: &Node) -> Span {
    node.entries().and_then(|e| e.first()).map_or(node.span, |e| e.key.span)
}

fn rule(sink: &mut Sink<'_>, node: &Node, shared: &[(String, Scalar)], group: &Group) {
    if node.entries().is_none() {
        schema::wrong(sink, node, "a rule", "a mapping");
        return;
    }
    schema::fields(sink, node, &RULE);
    let filled = |key: &str| node.get(key).and_then(Node::scalar).filter(|s| !s.text.is_empty());
    let (alert, record) = (filled("alert"), filled("record"));
    let name = match (alert, record) {
        (Some(_), Some(record)) => {
            schema::problem(sink, record.raw, "a rule is either an `alert` or a `record`, not both", None);
            return;
        }
        (None, None) => {
            schema::problem(sink, head(node), "the rule has neither `alert` nor `record`", None);
            return;
        }
        (Some(name), None) | (None, Some(name)) => name,
    };
    schema::duration(sink, node, "for");
    schema::duration(sink, node, "keep_firing_for");
    let mut labels = schema::strings(sink, node, "labels");
    // Those of the group, where the rule has none of the name.
    let of_group: Vec<(String, Scalar)> = shared.iter().filter(|(name, _)| labels.iter().all(|(own, _)| own != name)).cloned().collect();
    labels.extend(of_group);
    let annotations = schema::strings(sink, node, "annotations");
    if record.is_some() {
        for key in ["for", "keep_firing_for", "annotations"] {
            if let Some(entry) = node.entry(key) {
                schema::problem(sink, entry.key.span, format!("a recording rule takes no `{key}`"), None);
            }
        }
        if !schema::is_metric_name(&name.text) {
            schema::old_name(sink, name, "metric name", "letters, digits, `_` and `:`");
        }
    }
    let Some(expr) = node.get("expr").filter(|e| !e.is_null()) else {
        schema::problem(sink, name.raw, format!("`{}` has no `expr`", name.text), None);
        return;
    };
    let Some(query) = expr.scalar() else {
        schema::wrong(sink, expr, "`expr`", "a string");
        return;
    };
    // A template inside a string: what the query will be is not known.
    if schema::is_filled_in(&query.text) {
        return;
    }
    if record.is_some() {
        let metric = recorded(sink, name, query, &labels);
        sink.out.metrics.push(metric);
    }
    let group = group.clone();
    let kind = if record.is_some() {
        ConsumerKind::Record(Record { labels, group })
    } else {
        let for_seconds = node.get("for").and_then(Node::text).and_then(schema::seconds);
        ConsumerKind::Alert(Alert { for_seconds, labels, annotations, group })
    };
    let query = QueryText { path: sink.file.path.clone(), scalar: query.clone(), dialect: Dialect::Prometheus };
    sink.out.consumers.push(Consumer {
        name: name.text.to_string(),
        location: sink.location(name.raw),
        kind,
        query,
        prose: Prose::default(),
        board: None,
    });
}

/// The metric that a recording rule writes. Its labels are known only where the outermost operation is an aggregation by labels.
fn recorded(sink: &Sink<'_>, name: &Scalar, query: &Scalar, extra: &[(String, Scalar)]) -> Metric {
    let mut names: Vec<(String, Option<Span>)> = Vec::new();
    let mut complete = false;
    if let Outcome::Parsed(tree) = promql::parse(&query.text, false)
        && let ExprKind::Aggregate(aggregate) = &tree.peeled().kind
        && !matches!(aggregate.op.name.as_str(), "topk" | "bottomk" | "limitk" | "limit_ratio" | "count_values")
    {
        match &aggregate.grouping {
            Some(grouping) if grouping.without => {}
            Some(grouping) => {
                complete = true;
                names.extend(grouping.labels.iter().map(|l| (l.name.clone(), Some(query.span(l.span)))));
            }
            None => complete = true,
        }
    }
    names.extend(extra.iter().map(|(label, value)| (label.clone(), Some(value.raw))));
    names.sort();
    names.dedup_by(|a, b| a.0 == b.0);
    let location = sink.location(name.raw);
    let labels: Vec<Label> = names
        .into_iter()
        .map(|(label, span)| Label { name: label, bound: Bound::unknown(), location: span.map(|s| sink.location(s)) })
        .collect();
    let definition = Definition {
        location: location.clone(),
        package: sink.file.package.clone(),
        kind: MetricType::Unknown,
        labels: complete.then(|| labels.iter().map(|l| l.name.clone()).collect()),
        help: None,
        bounds: None,
        exclusive: false,
        again: None,
    };
    Metric {
        help_unknown: true,
        labels,
        labels_complete: complete,
        definitions: vec![definition],
        ..Metric::new(name.text.as_str(), MetricType::Unknown, Language::Yaml, "recording rule", location)
    }
}

/// The kind every problem here has.
pub(super) const KIND: ProblemKind = ProblemKind::RuleSchema;
