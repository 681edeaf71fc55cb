//! The alerts of the reference service and of services whose histograms are less well chosen.

use reduse::generate::Output;
use reduse::model::{Buckets, Metric, MetricType, Policies};

use crate::{promtool, reference};

fn generated(metrics: Vec<Metric>) -> Output {
    reference::generate_from(metrics, &Policies::default(), &[])
}

fn ttft(bounds: &[f64]) -> Metric {
    reference::metric("time_to_first_token_seconds", MetricType::Histogram, &[("model", &["small", "large"])], bounds)
}

#[test]
fn the_reference_service_has_exactly_the_three_alerts() {
    let output = generated(reference::metrics());
    let alerts = reference::text(&output, "alerts.yml");
    assert_eq!(output.alerts, 3);
    let names: Vec<&str> = alerts.lines().filter_map(|l| l.trim().strip_prefix("- alert: ")).collect();
    assert_eq!(names, ["HighErrorRate", "SlowTimeToFirstToken", "CostExplosion"]);
    if promtool::available() {
        promtool::accepts(&output);
    }
}
