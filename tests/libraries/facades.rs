//! Libraries that crates hand on, functions that types have by a trait, and what exporters make of names.

use super::{lines, of_files, of_packages};

/// A crate of the tree hands on the library: what is imported through it is the library's, in the macros of the package, too.
#[test]
fn libraries_through_a_crate_of_the_tree() {
    let shared = "pub extern crate prometheus;\npub extern crate metrics;\n";
    let bakery = "use shared::prometheus::{register_int_gauge_with_registry, register_int_counter_vec_with_registry};
use shared::prometheus::{IntCounterVec, IntGauge, Opts, Registry};
macro_rules! gauge_of {
    ($name:ident, $help:expr, $registry:expr) => {
        let $name: IntGauge = register_int_gauge_with_registry!(Opts::new(stringify!($name), $help), $registry).unwrap();
    };
}
macro_rules! counters_of {
    ($name:ident, $help:expr, $labels:expr, $registry:expr) => {
        let $name: IntCounterVec =
            register_int_counter_vec_with_registry!(Opts::new(stringify!($name), $help), &$labels, $registry).unwrap();
    };
}
pub struct Bakery { ovens: IntGauge, loaves: IntCounterVec }
impl Bakery {
    pub fn new() -> Self {
        let registry = Registry::new_custom(Some(\"bakery\".to_string()), None).unwrap();
        gauge_of!(ovens, \"Ovens that are hot\", registry);
        counters_of!(loaves, \"Loaves baked\", [\"kind\"], registry);
        Bakery { ovens, loaves }
    }
}
";
    let flour = "use shared::metrics::gauge;
mod metrics;
pub fn weigh(kilos: f64) {
    gauge!(\"flour.left\", \"kind\" => \"rye\").set(kilos);
}
";
    let described = "pub fn describe() {
    ::metrics::describe_gauge!(\"flour.left\", \"Flour that is left\");
}
";
    let files = of_packages(&[
        ("shared", "shared/src/lib.rs", shared),
        ("bakery", "bakery/src/lib.rs", bakery),
        ("flour", "flour/src/lib.rs", flour),
        ("flour", "flour/src/metrics.rs", described),
    ]);
    insta::assert_snapshot!(of_files(&files), @r#"
    counter bakery_loaves {kind} "Loaves baked"
    gauge bakery_ovens {} "Ovens that are hot"
    gauge flour_left {kind=rye} "Flour that is left"
    "#);
}

/// A module of metrics that a crate has which is not in the tree: that there are some is said.
#[test]
fn metrics_that_a_crate_elsewhere_defines() {
    let text = "mod own;
pub use oven::metrics::*;
pub use own::metrics::*;
pub use crate::own::metrics::*;
use cellar::metrics::*;
pub fn install() {
    metrics_exporter_prometheus::PrometheusBuilder::new().install().unwrap();
    gauge(\"oven_heat\", 1.0);
}
";
    insta::assert_snapshot!(lines(&[("src/lib.rs", text)]), @"? metrics: what `oven::metrics` holds is handed on here, and its crate is not in the tree");
}

/// A path through a crate that is not in the tree to a library's own name.
#[test]
fn libraries_through_a_crate_elsewhere() {
    let text = "use toolbox::metrics::{self, Gauge, counter};
pub fn knead(turns: u64) {
    counter!(\"dough_turns_total\").increment(turns);
    toolbox::metrics::gauge!(\"dough_kilos\", \"kind\" => \"rye\").set(2.0);
}
mod own {
    pub mod metrics { macro_rules! histogram { ($name:expr) => {}; } }
}
pub fn other() {
    own::metrics::histogram!(\"not_a_metric\");
}
";
    insta::assert_snapshot!(lines(&[("src/a.rs", text)]), @r#"
    gauge dough_kilos {kind=rye} no help
    counter dough_turns_total {} no help
    "#);
}

/// A `use` of several paths of which one begins with colons, since a module has the name of the crate.
#[test]
fn imports_that_begin_with_colons() {
    let text = "use {
    crate::metrics::{self, LOAVES},
    ::metrics::{counter, gauge},
    std::sync::Arc,
};
pub fn bake() {
    counter!(metrics::LOAVES, \"kind\" => \"rye\").increment(1);
    gauge!(metrics::OVENS).set(2.0);
}
";
    let names = "pub const LOAVES: &str = \"loaves_total\";\npub const OVENS: &str = \"ovens_hot\";\n";
    let own = "macro_rules! counter {
    ($recorder:expr, $name:expr) => { ::metrics::with_recorder(|r| r.register_counter(&::metrics::Key::from_name($name), &META)) };
}
";
    let files = of_packages(&[
        ("bakery", "bakery/src/lib.rs", text),
        ("bakery", "bakery/src/metrics.rs", names),
        ("bakery-metrics", "tools/src/lib.rs", own),
    ]);
    insta::assert_snapshot!(of_files(&files), @r#"
    counter loaves_total {kind=rye} no help
    gauge ovens_hot {} no help
    "#);
}

/// `T::made(..)` of a type parameter is what each type that implements the trait gives.
#[test]
fn functions_of_a_type_parameter() {
    let text = "use opentelemetry::metrics::{Counter, Histogram, Meter};
pub trait Counts<T> {
    fn counts(meter: &Meter, name: String, help: String) -> Counter<T>;
}
impl Counts<u64> for u64 {
    fn counts(meter: &Meter, name: String, help: String) -> Counter<u64> { meter.u64_counter(name).with_description(help).build() }
}
impl Counts<f64> for f64 {
    fn counts(meter: &Meter, name: String, help: String) -> Counter<f64> { meter.f64_counter(name).with_description(help).build() }
}
pub fn counted<T: Counts<T>>(meter: &Meter, name: String, help: String) -> Counter<T> {
    T::counts(meter, name, help)
}
pub struct Till { pub sales: Counter<u64>, pub refunds: Counter<f64> }
impl Till {
    pub fn new(meter: &Meter) -> Self {
        let sales = counted(meter, \"sales\".to_string(), \"Sales\".to_string());
        let refunds = counted(meter, \"refunds\".to_string(), \"Refunds\".to_string());
        Till { sales, refunds }
    }
}
";
    // Neither names the library.
    let shop = "pub fn sell(till: &crate::till::Till) { till.sales.add(1, &[]); }\n";
    let back = "pub fn back(till: &crate::till::Till, reason: Reason) { till.refunds.add(1.0, &reason.labels()); }\n";
    insta::assert_snapshot!(lines(&[("src/till.rs", text), ("src/shop.rs", shop), ("src/back.rs", back)]), @r#"
    counter refunds_total {..} "Refunds"
    counter sales_total {} "Sales"
    "#);
}

/// The prefix of a layer that the callers of a function give.
#[test]
fn prefixes_that_callers_give() {
    let recorder = "use metrics_util::layers::{PrefixLayer, Stack};
pub struct Installed;
impl Installed {
    pub fn under(prefix: &str) -> Installed {
        let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
        Stack::new(recorder).push(PrefixLayer::new(prefix)).install().unwrap();
        Installed
    }
}
pub fn work() { metrics::counter!(\"loaves_total\").increment(1); }
";
    let main = "fn main() { crate::recorder::Installed::under(\"bakery\"); }\n";
    let again = "fn start() { crate::recorder::Installed::under(\"bakery\"); }\n";
    let other = "fn start() { crate::recorder::Installed::under(\"mill\"); }\n";
    let of = |second| lines(&[("src/recorder.rs", recorder), ("src/main.rs", main), ("src/second.rs", second)]);
    insta::assert_snapshot!(of(again), @r#"
    counter bakery_loaves_total {} no help
    "#);
    insta::assert_snapshot!(of(other), @r#"
    counter *loaves_total {} no help
    "#);
}

/// A macro that calls a method of a static, with a name that is put together and cleaned.
#[test]
fn names_that_are_cleaned() {
    let house = "use prometheus::{IntCounter, Registry};
macro_rules! named {
    ($name:tt) => { &format!(\"{}_{}\", std::module_path!().split(\"::\").next().unwrap_or(\"x\").to_string(), $name) };
}
#[macro_export]
macro_rules! count {
    ($name:literal) => { $crate::HOUSE.counted($crate::named!($name)); };
}
lazy_static::lazy_static! { pub static ref HOUSE: House = House::default(); }
pub struct House { registry: Registry }
impl House {
    pub fn counted(&self, name: &str) {
        if !self.knows(name) {
            self.registry.register(Box::new(IntCounter::new(cleaned(name), \"Counted\").unwrap()));
        }
    }
    fn knows(&self, name: &str) -> bool { false }
}
fn cleaned(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || c == '_' { out.push(c) } else { out.push('_') }
    }
    out
}
pub fn sweep(registry: &Registry) {
    let name = \"sweeps-per-room\".replace('-', \"_\");
    registry.register(Box::new(IntCounter::new(name, \"Sweeps\").unwrap()));
    let name: String = \"rooms_swept\".chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    registry.register(Box::new(IntCounter::new(name, \"Rooms\").unwrap()));
    let name = strip(\"house_doors\");
    registry.register(Box::new(IntCounter::new(name, \"Doors\").unwrap()));
}
fn strip(name: &str) -> &str { name.strip_prefix(\"house_\").unwrap_or(name) }
";
    let door = "pub fn open() { crate::count!(\"doors_opened\"); }\n";
    let files = of_packages(&[("old-house", "src/lib.rs", house), ("old-house", "src/door.rs", door)]);
    insta::assert_snapshot!(of_files(&files), @r#"
    counter doors {} "Doors"
    counter old_house_doors_opened {} "Counted"
    counter rooms_swept {} "Rooms"
    counter sweeps_per_room {} "Sweeps"
    "#);
}

/// Fields that a pattern takes out of a struct.
#[test]
fn fields_that_are_taken_apart() {
    let text = "use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::{counter::Counter, family::Family, gauge::Gauge};
use prometheus_client::registry::Registry;
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct Kind { kind: String }
#[derive(Default)]
pub struct Bakery { loaves: Family<Kind, Counter>, ovens: Gauge }
impl Bakery {
    pub fn new(registry: &mut Registry) -> Self {
        let bakery = Default::default();
        let Self { loaves, ovens: hot } = &bakery;
        registry.register(\"loaves\", \"Loaves baked\", loaves.clone());
        registry.register(\"ovens\", \"Ovens that are hot\", hot.clone());
        bakery
    }
}
";
    insta::assert_snapshot!(lines(&[("src/a.rs", text)]), @r#"
    counter loaves_total {kind} "Loaves baked"
    gauge ovens {} "Ovens that are hot"
    "#);
}

/// The exporter adds the unit and `_total` to every name, also to one that ends in them.
#[test]
fn names_that_an_exporter_makes() {
    let meter = "pub fn new(meter: &opentelemetry::metrics::Meter) {
    let loaves = meter.u64_counter(\"loaves.total\").with_description(\"Loaves\").build();
    let sold = meter.u64_counter(\"sold\").with_unit(\"1\").with_description(\"Sold\").build();
    let wait = meter.f64_histogram(\"wait_seconds\").with_unit(\"s\").with_boundaries(vec![0.1, 1.0]).with_description(\"Wait\").build();
    let flour = meter.u64_gauge(\"flour\").with_unit(\"By\").with_description(\"Flour\").build();
}
";
    let of = |exporter: &str| {
        let main = format!("fn main() {{ let exporter = {exporter}; }}\n");
        lines(&[("src/meter.rs", meter), ("src/main.rs", &main)])
    };
    insta::assert_snapshot!(of("opentelemetry_otlp::MetricExporter::builder().build()"), @r#"
    gauge flour_bytes {..} in bytes "Flour"
    counter loaves_total {..} "Loaves"
    counter sold_total {..} "Sold"
    histogram wait_seconds {..} [0.1, 1.0] in seconds "Wait"
    "#);
    insta::assert_snapshot!(of("opentelemetry_prometheus::exporter().with_registry(registry).build()"), @r#"
    gauge flour_bytes {..} in bytes "Flour"
    counter loaves_total_total {..} "Loaves"
    counter sold_ratio_total {..} "Sold"
    histogram wait_seconds_seconds {..} [0.1, 1.0] in seconds "Wait"
    "#);
    insta::assert_snapshot!(of("opentelemetry_prometheus::exporter().without_units().without_counter_suffixes().with_namespace(\"shop\").build()"), @r#"
    gauge shop_flour {..} in bytes "Flour"
    counter shop_loaves_total {..} "Loaves"
    counter shop_sold {..} "Sold"
    histogram shop_wait_seconds {..} [0.1, 1.0] in seconds "Wait"
    "#);
    insta::assert_snapshot!(of("opentelemetry_prometheus::exporter().build(); let text = text.replace(\"_total_total\", \"_total\")"), @r#"
    gauge flour_bytes {..} in bytes "Flour"
    counter loaves_total {..} "Loaves"
    counter sold_ratio_total {..} "Sold"
    histogram wait_seconds_seconds {..} [0.1, 1.0] in seconds "Wait"
    "#);
}

/// The type of a metric that an enum writes, and labels that are written after an open brace.
#[test]
fn types_that_an_enum_writes() {
    let text = "use std::fmt::{self, Write};
#[derive(Clone, Copy)]
enum Kind { Counter, Gauge }
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match *self { Kind::Counter => \"counter\", Kind::Gauge => \"gauge\" })
    }
}
struct Level(u8);
enum Other { Rising, Level }
impl fmt::Display for Other {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self { Other::Rising => write!(f, \"counter\"), Other::Level => { write!(f, \"gauge\") } }
    }
}
fn head(out: &mut String, name: &str, kind: Kind) { writeln!(out, \"# HELP mill_{name} Of the mill\\n# TYPE mill_{name} {kind}\"); }
fn one(out: &mut String, name: &str, value: u64) { writeln!(out, \"mill_{name} {value}\"); }
fn many(out: &mut String, name: &str) { write!(out, \"mill_{name}{{\"); }
fn other(out: &mut String, name: &str, kind: Other) { writeln!(out, \"# TYPE mill_{name} {kind}\"); }
pub fn write(out: &mut String) {
    head(out, \"turns\", Kind::Counter);
    one(out, \"turns\", 3);
    head(out, \"sacks\", Kind::Gauge);
    many(out, \"sacks\");
    other(out, \"stones\", Other::Level);
    other(out, \"grains\", Other::Rising);
}
";
    insta::assert_snapshot!(lines(&[("src/a.rs", text)]), @r#"
    counter mill_grains {..} no help
    gauge mill_sacks {..} "Of the mill"
    gauge mill_stones {..} no help
    counter mill_turns {} "Of the mill"
    "#);
}

/// A registry that is there where a condition holds.
#[test]
fn registries_under_a_condition() {
    let text = "use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
pub struct Links { open: Gauge }
impl Links {
    pub fn new(registry: &mut Registry) -> Self {
        let links = registry.sub_registry_with_prefix(\"links\");
        let open = Gauge::default();
        links.register(\"open\", \"Links that are open\", open.clone());
        Links { open }
    }
}
pub struct Net { links: Option<Links> }
impl Net {
    pub fn new(registry: Option<&mut Registry>) -> Self {
        let links = registry.map(|registry| Links::new(registry));
        Net { links }
    }
}
";
    let main = "use prometheus_client::registry::Registry;
fn main() {
    let mut registry = Registry::default();
    let net = Net::new(shown().then_some(&mut registry));
}
";
    let farm = "use prometheus_client::registry::Registry;
fn start() {
    let mut registry = Registry::with_prefix(\"farm\");
    let net = Net::new(Some(&mut registry));
}
";
    insta::assert_snapshot!(lines(&[("src/net.rs", text), ("src/main.rs", main), ("src/farm.rs", farm)]), @r#"
    gauge farm_links_open {} "Links that are open"
    gauge links_open {} "Links that are open"
    "#);
}

/// What only helps tests gives no registry where others do, whatever it is called.
#[test]
fn helpers_of_tests() {
    let text = "use prometheus::{IntGauge, Registry, register_int_gauge_with_registry};
pub struct Doors { open: IntGauge }
impl Doors {
    pub fn new(registry: &Registry) -> Self {
        Doors { open: register_int_gauge_with_registry!(\"doors_open\", \"Doors that are open\", registry).unwrap() }
    }
}
";
    let main = "fn main() {
    let registry = prometheus::Registry::new_custom(Some(\"house\".into()), None).unwrap();
    let doors = Doors::new(&registry);
}
";
    let test = "pub fn doors() -> Doors { Doors::new(&prometheus::Registry::new()) }\n";
    insta::assert_snapshot!(lines(&[("src/doors.rs", text), ("src/main.rs", main), ("src/test.rs", test)]), @r#"
    gauge house_doors_open {} "Doors that are open"
    "#);
}

/// Types of the library under names of the tree, which may be those of other libraries' types.
#[test]
fn types_under_other_names() {
    let text = "use prometheus::core::{AtomicI64, GenericCounter, GenericGauge};
pub type Counter = GenericCounter<AtomicI64>;
pub type Level = GenericGauge<AtomicI64>;
pub type Histogram = prometheus::Histogram;
pub type Gauge = std::collections::HashMap<String, u64>;
pub struct Tally;
impl Tally {
    pub fn counter<T: Into<String>>(name: T, help: T) -> Counter { Counter::new(name, help).unwrap() }
    pub fn times<T: Into<String>>(name: T, help: T) -> Histogram { Histogram::with_opts(prometheus::HistogramOpts::new(name, help)).unwrap() }
}
pub fn not_metrics() { let all = Gauge::new(); }
";
    let barn = "use crate::tally::Tally as t;
pub fn new() {
    let hens = t::counter(\"hens_total\", \"Hens that came in\");
    let feeding = t::times(\"feeding_seconds\", \"Time of feeding\");
}
";
    insta::assert_snapshot!(lines(&[("src/tally.rs", text), ("src/barn.rs", barn)]), @r#"
    histogram feeding_seconds {} [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0] "Time of feeding"
    counter hens_total {} "Hens that came in"
    "#);
}
