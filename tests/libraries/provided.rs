//! Metrics that a crate outside of the tree defines, where code makes what exposes them.

use std::fmt::Write;
use std::sync::Arc;

use reduse::extract::{Settings, inventory, rust};
use reduse::source::{Build, Dependency, FileKind, SourceFile};

/// A file of a package that is built on these packages in these versions, with features after a `+`.
fn file(path: &str, text: &str, dependencies: &[(&str, &str)]) -> Arc<SourceFile> {
    let one = |(name, asked): &(&str, &str)| {
        let mut words = asked.split('+');
        let version = words.next().filter(|v| !v.is_empty()).map(Box::from);
        ((*name).to_owned(), Dependency { version, features: words.map(Box::from).collect() })
    };
    let build = Build { dependencies: dependencies.iter().map(one).collect(), ..Build::default() };
    let mut file = SourceFile::new(path, FileKind::Rust, text).built(Arc::new(build));
    file.package = "shop".into();
    Arc::new(file)
}

/// The metrics, where the values of their labels come from, and what is not known.
fn found(files: &[Arc<SourceFile>]) -> String {
    let mut extraction = rust::extract(&files.iter().collect::<Vec<_>>(), &Settings::default());
    assert_eq!(extraction.problems, []);
    let inventory = inventory(&mut extraction);
    let mut out = String::new();
    for metric in inventory.metrics() {
        let whose = if metric.provided { metric.library } else { "own" };
        writeln!(out, "{}: {}", whose, super::line(metric).replace(" no help", "")).unwrap();
    }
    let mut origins: Vec<String> = Vec::new();
    for site in inventory.uses.iter().filter(|u| inventory.get(&u.metric).is_some_and(|m| m.provided)) {
        for label in &site.labels {
            let of = &label.provenance;
            let sure = if of.certain { "" } else { " perhaps" };
            origins.push(format!("{} of {}: {}{sure}", label.name, site.metric.rsplit('_').next().unwrap_or_default(), of.kind.as_str()));
        }
    }
    origins.sort();
    origins.dedup();
    for origin in origins {
        writeln!(out, "{origin}").unwrap();
    }
    for unresolved in &inventory.unresolved {
        writeln!(out, "? {} {}: {}", unresolved.library, unresolved.name, unresolved.reason).unwrap();
    }
    out
}

macro_rules! of_crates {
    ($($name:ident: $dependencies:expr,)*) => {
        $(#[test]
        fn $name() {
            let text = include_str!(concat!("provided/", stringify!($name), ".rs"));
            insta::assert_snapshot!(found(&[file("src/lib.rs", text, &$dependencies)]));
        })*
    };
}

of_crates! {
    axum_prometheus: [("axum-prometheus", "0.9")],
    actix_web_prom: [("actix-web-prom", "0.10")],
    rocket_prometheus: [("rocket_prometheus", "0.10")],
    process: [("metrics-process", "2.4"), ("prometheus", "0.12")],
    measured_process: [("measured-process", "0.0.22")],
    tokio: [("tokio-metrics", "0.4.5"), ("tokio-metrics-collector", "0.2")],
    opentelemetry: [("axum-otel-metrics", "0.13"), ("tower-otel-http-metrics", "0.16"), ("opentelemetry-system-metrics", "0.4.2")],
    actix_web_opentelemetry: [("actix-web-opentelemetry", "0.22"), ("opentelemetry-instrumentation-actix-web", "0.24.0")],
    poem: [("poem", "=3.1.12")],
    storage: [("opendal", "0.54"), ("prometheus-axum-middleware", "0.1.1")],
    kubert: [],
    libp2p: [("libp2p", "0.56")],
    autometrics: [("autometrics", "2.0")],
    renamed: [("axum-prometheus", "0.9"), ("opentelemetry-system-metrics", "0.4.2"), ("prometheus", "0.13")],
    exporter_base: [("prometheus_exporter_base", "1.4")],
}

const CALLS: &str = "
pub fn a() { PrometheusMetricLayer::pair(); }
pub fn b() { ProcessCollector::for_self(); }
pub fn c() { default_runtime_collector(); }
pub fn d() { OpenTelemetryMetrics::new(); }
";

#[test]
fn names_of_the_tree_are_its_own() {
    let own = "use crate::own::{PrometheusMetricLayer, ProcessCollector, default_runtime_collector, OpenTelemetryMetrics};";
    let module = "// Like axum_prometheus, tokio_metrics and prometheus.
pub struct PrometheusMetricLayer; impl PrometheusMetricLayer { pub fn pair() {} }
pub struct ProcessCollector; impl ProcessCollector { pub fn for_self() {} }
pub struct OpenTelemetryMetrics; impl OpenTelemetryMetrics { pub fn new() {} }
pub fn default_runtime_collector() {}";
    let files = [file("src/lib.rs", &format!("{own}{CALLS}"), &[]), file("src/own.rs", module, &[])];
    assert_eq!(found(&files), "");
    // Beside them, with a glob of a crate that has the name as well.
    let beside = format!("use axum_prometheus::*;\n{module}{CALLS}");
    assert_eq!(found(&[file("src/lib.rs", &beside, &[])]), "");
    // What is not imported is nobody's.
    assert_eq!(found(&[file("src/lib.rs", &format!("// axum_prometheus, tokio_metrics\n{CALLS}"), &[])]), "");
}

#[test]
fn a_crate_of_the_tree_is_looked_at_itself() {
    let text = format!("use axum_prometheus::PrometheusMetricLayer;{CALLS}");
    let mut of_crate = SourceFile::new("layer/src/lib.rs", FileKind::Rust, "pub use prometheus; pub struct PrometheusMetricLayer;");
    of_crate.package = "axum-prometheus".into();
    assert_eq!(found(&[file("src/lib.rs", &text, &[]), Arc::new(of_crate)]), "");
}

#[test]
fn a_module_may_hand_the_crate_on() {
    let by_module = file("src/web.rs", "use crate::prelude::PrometheusMetricLayer; pub fn f() { PrometheusMetricLayer::pair(); }", &[]);
    let prelude = file("src/prelude.rs", "pub use axum_prometheus::PrometheusMetricLayer;", &[]);
    assert!(found(&[by_module, prelude]).contains("axum_http_requests_total"));
    let by_glob = file("src/web.rs", "use axum_prometheus::*; pub fn f() { PrometheusMetricLayer::pair(); }", &[]);
    assert!(found(&[by_glob]).contains("axum_http_requests_total"));
}

#[test]
fn what_changed_with_a_version_needs_one() {
    let text = "use prometheus::process_collector::ProcessCollector; pub fn f() { ProcessCollector::for_self(); }";
    let threads = |dependencies: &[(&str, &str)]| found(&[file("src/lib.rs", text, dependencies)]);
    assert!(threads(&[("prometheus", "0.14")]).contains("gauge process_threads"));
    assert!(!threads(&[("prometheus", "0.12")]).contains("process_threads"));
    let unknown = threads(&[]);
    assert!(unknown.contains("? prometheus process_threads: what `prometheus` exposes depends on its version"), "{unknown}");
    let old = "use axum_otel_metrics::HttpMetricsLayerBuilder; pub fn f() { HttpMetricsLayerBuilder::new().build(); }";
    let old = found(&[file("src/lib.rs", old, &[("axum-otel-metrics", "0.5")])]);
    let prefix = "pub fn f() { axum_prometheus::PrometheusMetricLayerBuilder::new().with_prefix(\"shop\").build(); }";
    let named = |asked: &str| found(&[file("src/lib.rs", prefix, &[("axum-prometheus", asked)])]);
    assert!(named("0.10").contains("shop_http_requests_total") && named("0.9").contains("axum_http_requests_total"));
    assert_eq!(old, "? axum-otel-metrics *: `axum-otel-metrics` exposes metrics that are not known of version 0.5\n");
}

#[test]
fn a_feature_can_change_a_type() {
    let text = "pub fn f() { metrics_process::Collector::default(); }";
    let of = |asked: &str| found(&[file("src/lib.rs", text, &[("metrics-process", asked)])]);
    assert!(of("2.4").contains("counter process_cpu_seconds_total"));
    assert!(of("2.4+use-gauge-on-cpu-seconds-total").contains("gauge process_cpu_seconds_total"));
    assert!(of("1.2").contains("gauge process_cpu_seconds_total"));
}

#[test]
fn a_recorder_that_the_crate_makes_is_that_of_the_tree() {
    let text = "use axum_prometheus::PrometheusMetricLayer;
pub fn f() { PrometheusMetricLayer::pair(); metrics::histogram!(\"wait_seconds\").record(1.0); }";
    let found = found(&[file("src/lib.rs", text, &[])]);
    assert!(found.contains("own: summary wait_seconds") && found.contains("histogram axum_http_requests_duration_seconds"), "{found}");
}
