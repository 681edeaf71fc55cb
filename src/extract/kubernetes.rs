//! Kubernetes objects that carry rules or dashboards, or rename metrics: `PrometheusRule`, `ConfigMap`, `ServiceMonitor`, Grafana's own
//! kinds, and lists of them.

use super::document::{self, Sink};
use super::{dashboard, dashboard_v2, prometheus_config, rule_file};
use crate::syntax::yaml::Node;

pub(super) fn extract(sink: &mut Sink<'_>, root: &Node) {
    let Some(kind) = root.get("kind").and_then(Node::text) else { return };
    if root.get("apiVersion").is_none() {
        return;
    }
    if kind == "List" || kind.ends_with("List") && root.get("items").is_some() {
        for item in root.get("items").and_then(Node::items).unwrap_or_default() {
            object(sink, item);
        }
    } else {
        object(sink, root);
    }
}

fn object(sink: &mut Sink<'_>, root: &Node) {
    match root.get("kind").and_then(Node::text) {
        Some("PrometheusRule") => {
            if let Some(spec) = root.get("spec").filter(|s| s.get("groups").is_some()) {
                rule_file::extract(sink, spec, true);
            }
        }
        Some("ConfigMap") => {
            for entry in root.get("data").and_then(Node::entries).unwrap_or_default() {
                nested(sink, entry.key.text().unwrap_or(""), &entry.value);
            }
        }
        Some("GrafanaDashboard") => {
            if let Some(json) = root.get("spec").and_then(|s| s.get("json")) {
                nested(sink, "dashboard.json", json);
            }
        }
        Some("ServiceMonitor" | "PodMonitor" | "ScrapeConfig") => {
            if let Some(spec) = root.get("spec") {
                prometheus_config::renamed_by_monitor(sink, spec);
            }
        }
        Some("Dashboard") => {
            let Some(spec) = root.get("spec") else { return };
            if dashboard::is_dashboard(spec) {
                dashboard::extract(sink, spec);
            } else if dashboard_v2::is_dashboard(spec) {
                dashboard_v2::extract(sink, spec);
            }
        }
        _ => {}
    }
}

/// A text inside a document.
fn nested(sink: &mut Sink<'_>, name: &str, value: &Node) {
    let Some(scalar) = value.scalar() else { return };
    if !document::may_matter(scalar.text.as_bytes()) {
        return;
    }
    let json = name.ends_with(".json") || scalar.text.trim_start().starts_with('{');
    document::read(sink, &scalar.text, json, Some(scalar));
}
