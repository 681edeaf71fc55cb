//! Tests of rules, as `promtool test rules` runs them: the series they feed and the expressions they ask as readers of metrics.
//!
//! Whether a test is right is promtool's to say; here they only count as what a renamed metric breaks.

use super::document::Sink;
use crate::model::{Consumer, ConsumerKind, Dialect, Prose, QueryText};
use crate::source::{Scalar, Span};
use crate::syntax::yaml::Node;

/// Whether a document holds tests of rules.
pub(super) fn is_rule_test(root: &Node) -> bool {
    let tests = root.get("tests").and_then(Node::items).unwrap_or_default();
    let known = |test: &Node| {
        let series = test.get("input_series").and_then(Node::items).unwrap_or_default();
        series.iter().any(|s| s.get("series").is_some()) || test.get("promql_expr_test").is_some() || test.get("alert_rule_test").is_some()
    };
    tests.iter().take(10_000).any(known)
}

/// Extracts the series and expressions of the tests.
pub(super) fn extract(sink: &mut Sink<'_>, root: &Node) {
    for (index, test) in root.get("tests").and_then(Node::items).unwrap_or_default().iter().enumerate() {
        let named = test.get("name").and_then(Node::scalar).filter(|n| !n.text.is_empty());
        // Alerts are what people know a nameless test by.
        let alert = || {
            let asked = test.get("alert_rule_test").and_then(Node::items).unwrap_or_default();
            asked.iter().find_map(|a| a.get("alertname").and_then(Node::text)).map(|a| format!("of {a}"))
        };
        let asked = test.get("alert_rule_test").and_then(Node::items).unwrap_or_default();
        sink.out.tested.extend(asked.iter().filter_map(|a| a.get("alertname").and_then(Node::text)).map(str::to_owned));
        let name = named.map(|n| n.text.to_string()).or_else(alert).unwrap_or_else(|| format!("{}", index + 1));
        let mut prose = Prose::default();
        let expected = asked.iter().filter_map(|a| a.get("exp_alerts").and_then(Node::items)).flatten();
        for alert in expected {
            let entries = |key: &str| alert.get(key).and_then(Node::entries).unwrap_or_default();
            prose.texts.extend(entries("exp_annotations").iter().filter_map(|e| e.value.scalar()).cloned());
            prose.labels.extend(entries("exp_labels").iter().filter_map(|e| e.key.scalar()).cloned());
        }
        for (list, key) in [("input_series", "series"), ("promql_expr_test", "expr")] {
            let items = test.get(list).and_then(Node::items).unwrap_or_default();
            for scalar in items.iter().filter_map(|i| i.get(key).and_then(Node::scalar)) {
                reader(sink, &name, named.map_or(scalar.raw, |n| n.raw), scalar, &prose);
            }
        }
    }
}

fn reader(sink: &mut Sink<'_>, name: &str, at: Span, scalar: &Scalar, prose: &Prose) {
    if scalar.text.trim().is_empty() || scalar.text.contains("{{") {
        return;
    }
    let query = QueryText { path: sink.file.path.clone(), scalar: scalar.clone(), dialect: Dialect::Prometheus };
    let location = sink.location(at);
    sink.out.tests.push(Consumer { name: name.to_owned(), location, kind: ConsumerKind::Test, query, prose: prose.clone(), board: None });
}
