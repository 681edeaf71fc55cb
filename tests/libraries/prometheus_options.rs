//! The prometheus crate: labels of the options that a function puts together, names of the build, families filled in by hand.
use std::collections::HashMap;

use prometheus::proto::{Metric, MetricFamily, MetricType};
use prometheus::{IntGaugeVec, Opts, labels, opts, register_int_counter};

fn const_labels() -> HashMap<String, String> {
    let config = settings();
    let mut all = HashMap::new();
    all.insert("cluster".to_string(), config.cluster.clone());
    all.insert("role".to_string(), "reader".to_string());
    all
}

pub fn with_map() -> IntGaugeVec {
    let options = Opts::new("parts", "Parts").namespace(env!("CARGO_PKG_NAME")).const_labels(const_labels());
    IntGaugeVec::new(options, &["kind"]).unwrap()
}

pub fn with_array() {
    let labels = HashMap::from([("zone".to_string(), "a".to_string())]);
    register_int_counter!(opts!("from_array_total", "From an array").const_labels(labels)).unwrap();
    register_int_counter!(opts!("from_macro_total", "From a macro", labels! { "rack" => "r1" })).unwrap();
}

fn family(name: &str, help: &str, kind: MetricType, metrics: Vec<Metric>, prefix: Option<&str>) -> Option<MetricFamily> {
    let mut family = MetricFamily::default();
    let full = prefix.map(|prefix| format!("{prefix}{name}")).unwrap_or_else(|| name.to_string());
    family.set_name(full);
    family.set_help(help.into());
    family.set_field_type(kind);
    family.set_metric(metrics);
    Some(family)
}

pub fn by_hand(metrics: Vec<Metric>, prefix: Option<&str>) -> Vec<Option<MetricFamily>> {
    vec![
        family("quota_exceeded", "Whether the quota is used up", MetricType::GAUGE, metrics.clone(), prefix),
        family("snapshots_total", "Snapshots taken", MetricType::COUNTER, metrics, None),
    ]
}

pub fn relayed(from: &MetricFamily) -> MetricFamily {
    let mut copy = MetricFamily::default();
    copy.set_name(from.get_name().to_string());
    copy
}

pub fn by_block_and_condition(deployment: Option<&str>, wide: bool) {
    let in_block = {
        let bounds = vec![1.0, 2.0];
        prometheus::histogram_opts!("in_block_seconds", "In a block", bounds)
    };
    prometheus::register_histogram!(in_block).unwrap();
    let options = Opts::new("chosen_total", "Chosen");
    let options = match deployment {
        None => options,
        Some(deployment) => options.const_label("deployment", deployment),
    };
    prometheus::CounterVec::new(options, &["kind"]).unwrap();
    let width = if wide { Opts::new("wide", "Wide") } else { Opts::new("narrow", "Narrow") };
    prometheus::Gauge::with_opts(width).unwrap();
}

pub fn by_closure() {
    let name_of = |name: &str| format!("consumer_{}", name);
    register_int_counter!(name_of("reads_total"), "Reads").unwrap();
}

pub fn options_of_a_closure(zone: HashMap<String, String>) {
    let prefix = "cellar";
    let opts = |name: String, help: &'static str| Opts::new(name, help).const_labels(zone.clone());
    let spans = |name: &str| {
        let bounds = vec![1.0, 5.0];
        prometheus::HistogramOpts::new(format!("{prefix}_{name}"), "Spans").buckets(bounds)
    };
    prometheus::IntCounterVec::new(opts(format!("{prefix}_barrels_total"), "Barrels"), &["kind"]).unwrap();
    prometheus::Gauge::with_opts(opts("cellar_heat".to_string(), "Heat").const_label("unit", "celsius")).unwrap();
    prometheus::Histogram::with_opts(spans("ageing_years")).unwrap();
}
