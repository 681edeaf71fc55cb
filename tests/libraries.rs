//! What extraction finds in small files that use each library the way real code does.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "libraries/callers.rs"]
mod callers;
#[path = "libraries/facades.rs"]
mod facades;
#[path = "libraries/forms.rs"]
mod forms;
#[path = "libraries/held.rs"]
mod held;
#[path = "libraries/places.rs"]
mod places;
#[path = "libraries/provided.rs"]
mod provided;
#[path = "libraries/registries.rs"]
mod registries;
#[path = "libraries/statements.rs"]
mod statements;
#[path = "libraries/unusual.rs"]
mod unusual;
#[path = "libraries/wrapped.rs"]
mod wrapped;

use std::fmt::Write;
use std::sync::Arc;

use reduse::config::Config;
use reduse::extract::{Extraction, Settings, inventory, python, rust};
use reduse::model::{Inventory, Metric};
use reduse::source::{FileKind, SourceFile};

fn extraction(files: &[(&str, &str)], settings: &Settings) -> Extraction {
    let files: Vec<Arc<SourceFile>> = files.iter().map(|(path, text)| Arc::new(SourceFile::new(path, FileKind::Rust, text))).collect();
    rust::extract(&files.iter().collect::<Vec<_>>(), settings)
}

/// One line for each metric, then for each definition that is not resolved.
fn lines(files: &[(&str, &str)]) -> String {
    of_files(&files.iter().map(|(path, text)| Arc::new(SourceFile::new(path, FileKind::Rust, text))).collect::<Vec<_>>())
}

fn of_files(files: &[Arc<SourceFile>]) -> String {
    let mut extraction = rust::extract(&files.iter().collect::<Vec<_>>(), &Settings::default());
    assert_eq!(extraction.problems, []);
    shown(&inventory(&mut extraction))
}

fn shown(inventory: &Inventory) -> String {
    let mut out = String::new();
    for metric in inventory.metrics() {
        writeln!(out, "{}", line(metric)).unwrap();
    }
    for unresolved in &inventory.unresolved {
        writeln!(out, "? {}: {}", unresolved.library, unresolved.reason).unwrap();
    }
    out
}

fn line(metric: &Metric) -> String {
    let mut labels: Vec<String> = metric
        .labels
        .iter()
        .map(|l| match (&l.bound.values[..], l.bound.count) {
            ([], None) => l.name.clone(),
            ([], Some(n)) => format!("{}={n}", l.name),
            (values, _) => format!("{}={}", l.name, values.join("|")),
        })
        .collect();
    if !metric.labels_complete {
        labels.push("..".to_owned());
    }
    let mut line = format!("{} {} {{{}}}", metric.kind.as_str(), metric.name, labels.join(", "));
    if let Some(bounds) = metric.buckets.bounds() {
        write!(line, " {bounds:?}").unwrap();
    }
    if let Some(unit) = &metric.unit {
        write!(line, " in {unit}").unwrap();
    }
    match &metric.help {
        Some(help) => write!(line, " {help:?}").unwrap(),
        None => line.push_str(" no help"),
    }
    line
}

#[test]
fn prometheus() {
    insta::assert_snapshot!(lines(&[("src/a.rs", include_str!("libraries/prometheus.rs"))]));
}

#[test]
fn prometheus_options() {
    let files = of_packages(&[("shop", "src/a.rs", include_str!("libraries/prometheus_options.rs"))]);
    insta::assert_snapshot!(of_files(&files));
}

#[test]
fn metrics_key() {
    insta::assert_snapshot!(lines(&[("src/a.rs", include_str!("libraries/metrics_key.rs"))]));
}

#[test]
fn a_crate_may_be_named_in_paths_alone() {
    let text = "fn main() {
    metrics_exporter_prometheus::PrometheusBuilder::new().set_buckets(&[0.1, 1.0]).unwrap().install().unwrap();
    metrics::histogram!(\"work_seconds\").record(1.0);
}";
    insta::assert_snapshot!(lines(&[("src/main.rs", text)]), @"histogram work_seconds {} [0.1, 1.0] no help");
}

#[test]
fn metrics_made() {
    insta::assert_snapshot!(lines(&[("src/a.rs", include_str!("libraries/metrics_made.rs"))]));
}

#[test]
fn prometheus_client() {
    insta::assert_snapshot!(lines(&[("src/a.rs", include_str!("libraries/prometheus_client.rs"))]));
}

#[test]
fn prometheus_client_statics() {
    insta::assert_snapshot!(lines(&[("src/a.rs", include_str!("libraries/prometheus_client_statics.rs"))]));
}

#[test]
fn prometheus_client_given() {
    insta::assert_snapshot!(lines(&[("src/a.rs", include_str!("libraries/prometheus_client_given.rs"))]));
}

#[test]
fn prometheus_client_options() {
    insta::assert_snapshot!(lines(&[("src/a.rs", include_str!("libraries/prometheus_client_options.rs"))]));
}

#[test]
fn prometheus_client_collectors() {
    insta::assert_snapshot!(lines(&[("src/a.rs", include_str!("libraries/prometheus_client_collectors.rs"))]));
}

#[test]
fn metrics() {
    insta::assert_snapshot!(lines(&[("src/a.rs", include_str!("libraries/metrics.rs"))]));
}

#[test]
fn metrics_derive() {
    insta::assert_snapshot!(lines(&[("src/a.rs", include_str!("libraries/metrics_derive.rs"))]));
}

#[test]
fn text() {
    insta::assert_snapshot!(lines(&[("src/a.rs", include_str!("libraries/text.rs"))]));
}

#[test]
fn metriken() {
    insta::assert_snapshot!(lines(&[("src/a.rs", include_str!("libraries/metriken.rs"))]));
}

#[test]
fn foundations() {
    insta::assert_snapshot!(lines(&[("src/a.rs", include_str!("libraries/foundations.rs"))]));
}

#[test]
fn measured() {
    insta::assert_snapshot!(lines(&[("src/a.rs", include_str!("libraries/measured.rs"))]));
}

#[test]
fn vise() {
    insta::assert_snapshot!(lines(&[("src/a.rs", include_str!("libraries/vise.rs"))]));
}

#[test]
fn iroh_metrics() {
    insta::assert_snapshot!(lines(&[("src/a.rs", include_str!("libraries/iroh_metrics.rs"))]));
}

#[test]
fn opentelemetry_old() {
    insta::assert_snapshot!(lines(&[("src/a.rs", include_str!("libraries/opentelemetry_old.rs"))]));
}

#[test]
fn prometheus_client_objects() {
    insta::assert_snapshot!(lines(&[("src/a.rs", include_str!("libraries/prometheus_client_objects.rs"))]));
}

#[test]
fn prometheus_forms() {
    insta::assert_snapshot!(lines(&[("src/a.rs", include_str!("libraries/prometheus_forms.rs"))]));
}

#[test]
fn names_are_found_where_they_are_defined() {
    let user = "use types::{READ, WRITTEN};
pub fn f() { prometheus::register_int_counter!(READ, \"Read\").unwrap(); prometheus::register_int_counter!(WRITTEN, \"Written\").unwrap(); }
pub const DEPTH: &str = \"depth\";
pub fn g() { prometheus::register_int_gauge!(DEPTH, \"Depth\").unwrap(); }
mod inner {
    pub const DEPTH: &str = \"inner_depth\";
    pub fn g() { prometheus::register_int_gauge!(DEPTH, \"Inner depth\").unwrap(); }
}
";
    // No other file of this package has anything to do with metrics.
    let types = "pub const READ: &str = \"read_total\";\npub const WRITTEN: &str = \"written_total\";";
    let files = of_packages(&[("app", "app/src/lib.rs", user), ("types", "types/src/lib.rs", types)]);
    insta::assert_snapshot!(of_files(&files), @r#"
    gauge depth {} "Depth"
    gauge inner_depth {} "Inner depth"
    counter read_total {} "Read"
    counter written_total {} "Written"
    "#);
}

#[test]
fn a_module_can_hand_a_library_on() {
    let module = "pub use metrics::*;\npub const SALES: &str = \"sales_total\";\npub const DRIFT: &str = \"drift\";
pub fn describe() { describe_counter!(SALES, \"Sales\"); }";
    let by_path = "use crate::metrics;\npub fn f() { metrics::counter!(metrics::SALES, \"till\" => \"1\").increment(1); }";
    let by_glob = "use crate::metrics::*;\npub fn f(n: f64) { gauge!(DRIFT).set(n); }";
    let files = [("src/metrics.rs", module), ("src/sales.rs", by_path), ("src/drift.rs", by_glob)];
    insta::assert_snapshot!(lines(&files), @r#"
    gauge drift {} no help
    counter sales_total {till=1} "Sales"
    "#);
}

#[test]
fn a_label_has_the_values_of_all_uses() {
    let text = "pub fn stop(why: Why) {
    metrics::counter!(\"stops_total\", \"reason\" => \"error\", \"http.route\" => \"/\").increment(1);
    metrics::counter!(\"stops_total\", \"reason\" => why.name()).increment(1);
    metrics::counter!(\"other_total\", \"reason\" => \"error\").increment(1);
    metrics::counter!(\"other_total\", \"reason\" => read()).increment(1);
    match why { Why::Full => metrics::counter!(\"tags_total\", &TAGS.get()).increment(1), _ => {} }
}
pub enum Why { Full, Late }
impl Why { fn name(&self) -> &'static str { match self { Why::Full => \"full\", Why::Late => \"late\" } } }
";
    insta::assert_snapshot!(lines(&[("src/lib.rs", text)]), @"
    counter other_total {reason} no help
    counter stops_total {http_route=/, reason=error|full|late} no help
    counter tags_total {..} no help
    ");
}

#[test]
fn macros_that_paste_names_of_items() {
    let text = "pub use paste::paste;
macro_rules! name_of { ($name:expr) => {{ const NAME: Name = Name::new($name); NAME }}; }
macro_rules! counter_of { ($NAME:ident, $HELP:literal) => {{
    $crate::paste! { let name = $crate::name_of!(stringify!([<$NAME:lower>])); }
    prometheus::register_int_counter!(&*name, $HELP).unwrap()
}}; }
macro_rules! counters { ($($NAME:ident, $HELP:literal;)*) => { $(static $NAME: LazyLock<IntCounter> = LazyLock::new(|| counter_of!($NAME, $HELP));)* } }
pub struct Name(&'static str);
impl Name { const fn new(name: &'static str) -> Self { check(name); Self(name) } }
counters! {
    ORDERS_TOTAL, \"Orders\";
    RETURNS_TOTAL, \"Returns\";
}
";
    insta::assert_snapshot!(lines(&[("src/lib.rs", text)]), @r#"
    counter orders_total {} "Orders"
    counter returns_total {} "Returns"
    "#);
    let found = extraction(&[("src/lib.rs", text)], &Settings::default());
    let starts: Vec<&str> =
        found.metrics.iter().map(|m| text.get(m.location.span.start as usize..).unwrap().split(',').next().unwrap()).collect();
    assert_eq!(starts, ["ORDERS_TOTAL", "RETURNS_TOTAL"]);
}

#[test]
fn a_macro_of_the_same_name_is_no_metric() {
    assert_eq!(lines(&[("src/a.rs", include_str!("libraries/metrics_local.rs"))]), "");
}

#[test]
fn opentelemetry() {
    insta::assert_snapshot!(lines(&[("src/a.rs", include_str!("libraries/opentelemetry.rs"))]));
}

#[test]
fn constants_of_files_without_a_metric_are_found() {
    let names = "pub const STARTS: &str = concat!(\"app\", \"_starts_total\");";
    let user = "use crate::names::STARTS;\npub fn f() { prometheus::register_int_counter!(STARTS, \"Starts\").unwrap(); }";
    assert_eq!(lines(&[("src/names.rs", names), ("src/user.rs", user)]), "counter app_starts_total {} \"Starts\"\n");
}

#[test]
fn test_code_counts_only_when_asked_for() {
    let files = [
        ("src/lib.rs", "#[cfg(test)]\nmod checks;\n"),
        ("src/checks.rs", "fn f() { prometheus::register_int_counter!(\"a_total\", \"A\").unwrap(); }"),
        ("src/other.rs", "#[cfg(test)] mod tests { fn f() { prometheus::register_int_counter!(\"b_total\", \"B\").unwrap(); } }"),
    ];
    assert_eq!(lines(&files), "");
    assert_eq!(extraction(&files, &Settings { include_tests: true, ..Settings::default() }).metrics.len(), 2);
}

#[test]
fn a_file_that_is_not_rust_is_a_problem_and_the_others_are_read() {
    let deep = format!("const X: i32 = {}1{}; // prometheus", "(".repeat(100_000), ")".repeat(100_000));
    let good = "fn f() { prometheus::register_int_counter!(\"a_total\", \"A\").unwrap(); }";
    let found = extraction(&[("src/a.rs", "fn f( { prometheus }"), ("src/b.rs", &deep), ("src/c.rs", good)], &Settings::default());
    assert_eq!(found.problems.len(), 2);
    assert_eq!(found.metrics.len(), 1);
}

#[test]
fn macros_of_the_code_base_are_expanded_or_said() {
    let text = "use prometheus::register_int_counter;
macro_rules! counter_of { ($name:expr) => { register_int_counter!($name, \"Help\").unwrap() } }
macro_rules! twice { ($name:expr) => { counter_of!($name) } }
macro_rules! unrelated { ($x:expr) => { println!(\"{}\", $x) } }
macro_rules! strange { (@ $name:ident) => { register_int_counter!(stringify!($name), \"Help\").unwrap() } }
macro_rules! all_of { ($($field:ident: $help:literal,)*) => {
    struct Metrics { $($field: prometheus::IntCounter),* }
    impl Metrics { fn new() -> Self { Metrics { $($field: register_int_counter!(concat!(\"shop_\", stringify!($field)), $help).unwrap()),* } } }
} }
all_of! { baskets: \"Baskets\", visits: \"Visits\", }
pub fn all() {
    counter_of!(\"shop_orders_total\");
    twice!(\"shop_returns_total\");
    unrelated!(1);
    strange!(other);
    let mut family = prometheus::proto::MetricFamily::default();
    family.set_name(\"shop_stock\".to_owned());
}
";
    insta::assert_snapshot!(lines(&[("src/lib.rs", text)]));
}

#[test]
fn what_callers_give_is_followed() {
    let metrics = "use prometheus::{HistogramOpts, HistogramVec, IntCounter, Opts, Registry, register, register_int_gauge_with_registry};
pub fn counter(name: &str, help: &str) -> IntCounter {
    let counter = IntCounter::with_opts(Opts::new(name, help)).unwrap();
    register(Box::new(counter.clone())).unwrap();
    counter
}
pub fn latency(name: &str, labels: &[&str]) -> HistogramVec { timed(name, \"Latency\", labels, vec![0.1, 1.0]) }
pub fn timed(name: &str, help: &str, labels: &[&str], buckets: Vec<f64>) -> HistogramVec {
    HistogramVec::new(HistogramOpts::new(name, help).buckets(buckets), labels).unwrap()
}
pub struct Queue { name: String }
impl Queue {
    pub fn new(name: &str) -> Self { Queue { name: name.to_owned() } }
    pub fn depth(&self, registry: &Registry) {
        register_int_gauge_with_registry!(format!(\"{}_queue_depth\", self.name), \"Depth\", registry).unwrap();
    }
}
";
    let users = "use crate::metrics::{Queue, counter};
const ORDERS: &str = \"shop_orders_total\";
static A: LazyLock<IntCounter> = LazyLock::new(|| counter(ORDERS, \"Orders\"));
static B: LazyLock<IntCounter> = LazyLock::new(|| counter(\"shop_returns_total\", \"Returns\"));
static C: LazyLock<HistogramVec> = LazyLock::new(|| crate::metrics::latency(\"shop_latency_seconds\", &[\"route\"]));
fn all() {
    let registry = Registry::new();
    Queue::new(\"mail\").depth(&registry);
    for (name, help) in [(\"shop_a_total\", \"A\"), (\"shop_b_total\", \"B\")] {
        counter(name, help);
    }
    let gauge = |name: &str| prometheus::register_int_gauge!(name, \"Gauge\").unwrap();
    gauge(\"shop_open\");
    let unknown = counter(&std::env::var(\"NAME\").unwrap(), \"From the environment\");
}
";
    insta::assert_snapshot!(lines(&[("src/metrics.rs", metrics), ("src/users.rs", users), ("src/lib.rs", "mod metrics; mod users;")]));
}

#[test]
fn a_registry_with_a_prefix_makes_names_patterns_or_prefixed() {
    let own = "use prometheus::{IntCounter, Registry};
pub fn all() {
    let registry = Registry::new_custom(Some(\"svc\".into()), None).unwrap();
    let orders = IntCounter::new(\"orders_total\", \"Orders\").unwrap();
    registry.register(Box::new(orders)).unwrap();
}
";
    assert_eq!(lines(&[("src/lib.rs", own)]), "counter svc_orders_total {} \"Orders\"\n");
    // What registers it is not seen.
    let away = own.replace("registry.register(Box::new(orders)).unwrap();", "keep(orders);");
    assert_eq!(lines(&[("src/lib.rs", &away)]), "counter *orders_total {} \"Orders\"\n");
    // A helper is given the registry; one of its callers is not seen to have one.
    let helper = "use prometheus::{IntCounter, Registry, register_int_gauge_with_registry};
pub struct Metrics { made: IntCounter }
impl Metrics {
    pub fn new(registry: &Registry) -> Self {
        let made = IntCounter::new(\"made_total\", \"Made\").unwrap();
        registry.register(Box::new(made.clone())).unwrap();
        register_int_gauge_with_registry!(\"open\", \"Open\", registry).unwrap();
        Metrics { made }
    }
}
pub fn all(service: Option<Service>) {
    Metrics::new(&Registry::new_custom(Some(\"shop\".into()), None).unwrap());
    Metrics::new(service.registry());
}
";
    assert_eq!(lines(&[("src/lib.rs", helper)]), "counter shop_made_total {} \"Made\"\ngauge shop_open {} \"Open\"\n");
    let client = "use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;
#[derive(Default)]
pub struct Metrics { requests: Counter }
impl Metrics {
    pub fn register(&self, registry: &mut Registry) {
        registry.register(\"requests\", \"Requests\", self.requests.clone());
    }
}
pub fn all() {
    let mut registry = Registry::with_prefix(\"svc\");
    let metrics = Metrics::default();
    metrics.register(&mut registry);
}
";
    assert_eq!(lines(&[("src/lib.rs", client)]), "counter svc_requests_total {} \"Requests\"\n");
}

/// Files with the package that each belongs to.
fn of_packages(sources: &[(&str, &str, &str)]) -> Vec<Arc<SourceFile>> {
    let file = |(package, path, text): &(&str, &str, &str)| {
        let mut file = SourceFile::new(path, FileKind::Rust, text);
        file.package = (*package).into();
        Arc::new(file)
    };
    sources.iter().map(file).collect()
}

#[test]
fn a_macro_that_a_facade_hands_on_defines_what_an_enum_names() {
    let common = "pub mod names;
#[macro_export]
macro_rules! counter {
    ($name:expr) => {{ let _name: $crate::names::CounterName = $name; metrics::counter!(_name.as_str()) }};
    ($name:expr, $($rest:tt)*) => {{
        let _name: $crate::names::CounterName = $name;
        #[allow(clippy::disallowed_macros)]
        { metrics::counter!(_name.as_str(), $($rest)*) }
    }};
}
";
    let names = "pub enum CounterName { Events, Bytes }
impl CounterName {
    pub const fn as_str(self) -> &'static str { match self { Self::Events => \"events_total\", Self::Bytes => \"bytes_total\" } }
}
";
    let facade = "pub use own_common::{counter, names};\npub mod config;\n";
    let user = "use own_lib::{counter, names::CounterName};
pub fn f(kind: &'static str) { counter!(CounterName::Events, \"kind\" => kind, \"way\" => \"in\",).increment(1); }
";
    let near = "use own_common::{counter, names::CounterName};\npub fn g() { counter!(CounterName::Bytes).increment(1); }\n";
    // A macro of the same name that only this module sees.
    let other = "macro_rules! counter { ($value:expr) => { Value::Counter($value as f64) }; }\nfn h() { counter!(1); }\n";
    // Handed on by a module of the same crate.
    let inner = "#[macro_export]\nmacro_rules! level { ($name:expr) => { metrics::gauge!($name) }; }\npub use level;\n";
    let by_module = "use own_more::level;\npub fn k() { level!(\"depth\").set(1.0); }\n";
    let files = of_packages(&[
        ("own-more", "more/src/lib.rs", "mod inner;\npub use inner::level;\n"),
        ("own-more", "more/src/inner.rs", inner),
        ("app", "app/src/by_module.rs", by_module),
        ("own-common", "common/src/lib.rs", common),
        ("own-common", "common/src/names.rs", names),
        ("own-lib", "lib/src/lib.rs", facade),
        ("app", "app/src/main.rs", user),
        ("app", "app/src/near.rs", near),
        ("app", "app/src/other.rs", other),
    ]);
    let found = rust::extract(&files.iter().collect::<Vec<_>>(), &Settings::default());
    let of = |m: &reduse::model::Metric| (m.name.to_string(), m.labels.iter().map(|l| l.name.clone()).collect::<Vec<_>>());
    let mut metrics: Vec<_> = found.metrics.iter().map(of).collect();
    metrics.sort_unstable();
    let depth = metrics.iter().position(|(name, _)| name == "depth").map(|at| metrics.remove(at));
    assert_eq!(depth, Some(("depth".to_owned(), vec![])));
    assert_eq!(metrics, [("bytes_total".to_owned(), vec![]), ("events_total".to_owned(), vec!["kind".to_owned(), "way".to_owned()])]);
    assert!(found.unresolved.is_empty(), "{:?}", found.unresolved);
}

#[test]
fn a_crate_of_the_tree_that_is_called_like_a_library_hands_on_anothers() {
    let facade = "pub use prometheus::{IntGauge, register_histogram, register_int_counter};";
    let user = "use metrics::{IntGauge, register_histogram, register_int_counter};
pub fn all() {
    register_int_counter!(\"starts_total\", \"Starts\").unwrap();
    register_histogram!(\"took_seconds\", \"Time\", vec![1.0]).unwrap();
    IntGauge::new(\"open\", \"Open\").unwrap();
}
";
    let sources = [("metrics", "libs/metrics/src/lib.rs", facade), ("app", "app/src/main.rs", user)];
    let files = of_packages(&sources);
    let found = rust::extract(&files.iter().collect::<Vec<_>>(), &Settings::default());
    let mut names: Vec<(&str, &str)> = found.metrics.iter().map(|m| (&*m.name, m.library)).collect();
    names.sort_unstable();
    assert_eq!(names, [("open", "prometheus"), ("starts_total", "prometheus"), ("took_seconds", "prometheus")]);
}

#[test]
fn a_family_that_a_local_macro_registers_has_the_type_of_the_field_that_takes_it() {
    let text = "use prometheus_client::metrics::{family::Family, gauge::Gauge};
use prometheus_client::registry::Registry;
pub struct Metrics { depth: Family<Labels, Gauge>, max: usize }
#[derive(EncodeLabelSet)]
struct Labels { way: String }
impl Metrics {
    pub fn new(registry: &mut Registry) -> Self {
        macro_rules! register_family {
            ($name:expr, $help:expr) => {{
                let fam = Family::default();
                registry.register($name, $help, fam.clone());
                fam
            }};
        }
        let depth = register_family!(\"topic_depth\", \"Depth\");
        Self { max: 1, depth }
    }
}
";
    assert_eq!(lines(&[("src/lib.rs", text)]), "gauge topic_depth {way} \"Depth\"\n");
}

#[test]
fn a_library_that_a_crate_hands_on_under_another_name_is_the_library() {
    let files = of_packages(&[
        (
            "kit",
            "kit/src/lib.rs",
            "mod counter;\npub use self::counter::Counter;\npub mod prom {\n    pub use prometheus_client::{metrics::{counter::Counter, family::Family}, registry::Registry};\n}\n",
        ),
        ("kit", "kit/src/counter.rs", "pub struct Counter(u64);"),
        (
            "app",
            "app/src/lib.rs",
            "use kit::prom::{self, Counter, Family};\npub struct Requests<L>(Family<L, Counter>);\nimpl<L> Requests<L> {\n    pub fn register(registry: &mut prom::Registry) -> Self {\n        let requests = Family::default();\n        registry.register(\"requests\", \"Requests\", requests.clone());\n        Self(requests)\n    }\n}\npub fn all() {\n    let mut registry = prom::Registry::default();\n    Requests::<Labels>::register(&mut registry);\n}\n",
        ),
    ]);
    insta::assert_snapshot!(of_files(&files), @r#"counter requests_total {..} "Requests""#);
}

fn python_lines(files: &[(&str, &str)]) -> String {
    let files: Vec<Arc<SourceFile>> = files.iter().map(|(path, text)| Arc::new(SourceFile::new(path, FileKind::Python, text))).collect();
    let mut extraction = python::extract(&files.iter().collect::<Vec<_>>());
    shown(&inventory(&mut extraction))
}

#[test]
fn python_prometheus_client() {
    let files = [
        ("app/metrics.py", include_str!("libraries/python/prometheus_client.py")),
        ("app/names.py", include_str!("libraries/python/names.py")),
    ];
    insta::assert_snapshot!(python_lines(&files));
}

#[test]
fn python_classes_and_labels_that_are_handed_on() {
    let files = [
        ("app/handed_on.py", include_str!("libraries/python/handed_on.py")),
        ("app/start.py", include_str!("libraries/python/handed_on_to.py")),
    ];
    insta::assert_snapshot!(python_lines(&files));
}

#[test]
fn python_types_and_definitions_that_something_else_decides() {
    insta::assert_snapshot!(python_lines(&[("app/decided.py", include_str!("libraries/python/decided.py"))]));
}

#[test]
fn python_objects_made_from_fields_and_clients_that_are_handed_around() {
    insta::assert_snapshot!(python_lines(&[("app/records.py", include_str!("libraries/python/records.py"))]));
}

#[test]
fn python_what_is_decided_elsewhere_as_far_as_it_is_known() {
    let files = [("app/late.py", include_str!("libraries/python/settled_late.py"))];
    insta::assert_snapshot!(python_lines(&files), @r#"
    gauge *_queue_depth {} "Depth"
    counter *_queue_taken_total {by} "Taken"
    gauge *_up {} "Up"
    unknown call_seconds {path} [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0] "Calls"
    gauge config_facts {engine, ..} "Facts"
    counter disk_reads_total {} "Reads"
    counter plugin_faults_total {} "Of plugins"
    counter plugin_loads_total {} "Of plugins"
    counter store_errors_total {} "Errors"
    counter tier_moves_total {} "Moves"
    ? prometheus_client: a loop around it goes over more than is known here
    "#);
}

#[test]
fn python_opentelemetry() {
    insta::assert_snapshot!(python_lines(&[("app/otel.py", include_str!("libraries/python/opentelemetry.py"))]));
}

#[test]
fn a_python_class_of_the_same_name_is_no_metric() {
    assert_eq!(python_lines(&[("a.py", include_str!("libraries/python/no_metric.py"))]), "");
}

#[test]
fn wrappers_that_the_configuration_declares() {
    let config = r#"
        [[wrappers]]
        macro = "lazy_counter"
        type = "counter"
        name = "app_{subsystem}_{name}"
        help = "{description}"
        labels = "{labels}"

        [[wrappers]]
        function = "registry::new_histogram"
        type = "histogram"
        name = "app_{0}"
        help = "{1}"
        labels = "{2}"
        buckets = "{3}"

        [[wrappers]]
        method = "gauge_of"
        type = "gauge"
        name = "app_{0}"
        labels = ["node"]
    "#;
    let wrappers = Config::parse(config, "reduse.toml", "").unwrap().wrappers.into();
    let settings = Settings { wrappers, ..Settings::default() };
    let mut extraction = extraction(&[("src/a.rs", include_str!("libraries/declared.rs"))], &settings);
    insta::assert_snapshot!(shown(&inventory(&mut extraction)), @r#"
    counter app_cache_hits_total {tier} "Hits"
    counter app_cache_misses_total {} "Misses"
    gauge app_entries {node} no help
    gauge app_evictions {node} no help
    histogram app_lookup_seconds {tier} [0.1, 1.0] "Time of a look-up"
    counter app_starts_total {} "Starts"
    "#);
}

/// `crate::data::NAME` is not the `NAME` of another module because that one was read first.
#[test]
fn a_constant_of_a_module_that_is_not_read_yet_is_not_another_modules() {
    let metrics = "lazy_static::lazy_static! { static ref UP: prometheus::IntGaugeVec = register_int_gauge_vec!(\"up_since\", \"Up\", &[\"app\"]).unwrap(); }
pub fn report(app: &str) { UP.with_label_values(&[app]).inc(); }";
    let front = "use crate::report;\npub const NAME: &str = \"front\";\npub fn start() { report(NAME); }";
    let builder = "use crate::{data::NAME, report};\npub fn build() { report(NAME); }";
    let data = "pub mod builder;\npub const NAME: &str = \"data\";";
    let files = [("src/lib.rs", metrics), ("src/front.rs", front), ("src/data/builder.rs", builder), ("src/data.rs", data)];
    assert_eq!(lines(&files), "gauge up_since {app=data|front} \"Up\"\n");
}
