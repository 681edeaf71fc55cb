//! Prometheus' own configuration: how often it scrapes, and which metrics get another name on the way.

use super::document::Sink;
use super::schema;
use crate::model::{Language, Metric, MetricType, ScrapeInterval};
use crate::syntax::yaml::Node;

/// How often Prometheus scrapes where nothing else is said, in seconds.
const DEFAULT_SECONDS: f64 = 60.0;

/// Whether a document is a configuration of Prometheus.
pub(super) fn is_config(root: &Node) -> bool {
    // Promtail scrapes logs, in the same words.
    if ["clients", "client", "positions", "target_config"].iter().any(|key| root.get(key).is_some()) {
        return false;
    }
    let jobs = root.get("scrape_configs").and_then(Node::items).unwrap_or_default();
    jobs.iter().take(10_000).any(|job| job.get("job_name").is_some())
}

/// Extracts the shortest interval of all jobs, and the names that they give.
pub(super) fn extract(sink: &mut Sink<'_>, root: &Node) {
    renamed_by_jobs(sink, root);
    let interval = |node: &Node| {
        let scalar = node.get("scrape_interval").and_then(Node::scalar)?;
        Some((schema::seconds(&scalar.text)?, scalar.raw))
    };
    let global = root.get("global").and_then(interval);
    let jobs = root.get("scrape_configs").and_then(Node::items).unwrap_or_default();
    let of_job = |job: &Node| interval(job).or(global).unwrap_or((DEFAULT_SECONDS, job.span));
    let Some((seconds, span)) = jobs.iter().map(of_job).min_by(|a, b| a.0.total_cmp(&b.0)) else { return };
    let location = sink.location(span);
    sink.out.scrape_intervals.push(ScrapeInterval { seconds, location });
}

/// The names that the jobs of a configuration give to metrics.
pub(super) fn renamed_by_jobs(sink: &mut Sink<'_>, root: &Node) {
    for job in root.get("scrape_configs").and_then(Node::items).unwrap_or_default() {
        renamed(sink, job, ["metric_relabel_configs", "target_label"]);
    }
}

/// The names that the endpoints of a `ServiceMonitor` and its like give to metrics.
pub(super) fn renamed_by_monitor(sink: &mut Sink<'_>, spec: &Node) {
    let lists = ["endpoints", "podMetricsEndpoints"].iter().filter_map(|key| spec.get(key)).filter_map(Node::items);
    for endpoint in lists.flatten().chain([spec]) {
        renamed(sink, endpoint, ["metricRelabelings", "targetLabel"]);
    }
}

/// A relabelling that writes the name makes a metric of that name: nothing else is known of it.
fn renamed(sink: &mut Sink<'_>, from: &Node, [list, target]: [&str; 2]) {
    for step in from.get(list).and_then(Node::items).unwrap_or_default() {
        if step.get(target).and_then(Node::text) != Some("__name__") {
            continue;
        }
        let Some(replacement) = step.get("replacement").and_then(Node::scalar) else { continue };
        let name = with_stars(&replacement.text);
        // A part that is all of the name says nothing: it would be every metric.
        if name.chars().any(|c| c.is_ascii_alphanumeric()) {
            let location = sink.location(replacement.raw);
            let metric = Metric::new(name, MetricType::Unknown, Language::Yaml, "relabelling", location);
            sink.out.metrics.push(Metric { help_unknown: true, labels_complete: false, ..metric });
        }
    }
}

/// A replacement with `*` for each part that comes from the regular expression: `node_${1}_total` is `node_*_total`.
fn with_stars(replacement: &str) -> String {
    let mut parts = replacement.split('$');
    let mut name = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        name.push('*');
        name.push_str(match part.strip_prefix('{') {
            Some(braced) => braced.split_once('}').map_or("", |(_, rest)| rest),
            None => part.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_'),
        });
    }
    name
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_a_regular_expression_decides_is_open() {
        assert_eq!(super::with_stars("node_${1}_total"), "node_*_total");
        assert_eq!(super::with_stars("shop_orders"), "shop_orders");
        assert_eq!(super::with_stars("$1"), "*");
    }
}
