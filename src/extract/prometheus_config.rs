//! Prometheus' own configuration: how often it scrapes.

use super::document::Sink;
use super::schema;
use crate::model::ScrapeInterval;
use crate::syntax::yaml::Node;

/// How often Prometheus scrapes where nothing else is said, in seconds.
const DEFAULT_SECONDS: f64 = 60.0;

/// Whether a document is a configuration of Prometheus.
pub(super) fn is_config(root: &Node) -> bool {
    let jobs = root.get("scrape_configs").and_then(Node::items).unwrap_or_default();
    // Collectors of logs name their jobs the same way.
    let logs = root.get("positions").is_some() || root.get("clients").is_some();
    !logs && jobs.iter().take(10_000).any(|job| job.get("job_name").is_some())
}

/// Extracts the shortest interval of all jobs.
pub(super) fn extract(sink: &mut Sink<'_>, root: &Node) {
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
