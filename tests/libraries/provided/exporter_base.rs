use prometheus_exporter_base::PrometheusMetric as Exposed;
use prometheus_exporter_base::prelude::*;

const DEPTH: &str = "shop_queue_depth";

pub fn render(orders: u64, verbose: bool) -> String {
    let mut sold = PrometheusMetric::build()
        .with_name("shop_orders_total")
        .with_metric_type(MetricType::Counter)
        .with_help("Orders that were paid for")
        .build();
    sold.render_and_append_instance(&PrometheusInstance::new().with_label("kind", "paid").with_value(orders));
    let depth =
        verbose.then(|| Exposed::build().with_help("Orders that wait").with_metric_type(MetricType::Gauge).with_name(DEPTH).build());
    let old = PrometheusMetric::new("shop_open", MetricType::Gauge, "Whether it is open");
    [sold.render(), depth.unwrap().render(), old.render()].concat()
}
