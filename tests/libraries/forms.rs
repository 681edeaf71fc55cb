//! Forms of definitions, found by what callers, macros, traits and conditions give.

use super::{lines, of_files};
use reduse::source::{Build, Dependency, FileKind, SourceFile};
use std::sync::Arc;

#[test]
fn metric_storage() {
    insta::assert_snapshot!(lines(&[("src/a.rs", include_str!("metric_storage.rs"))]), @r#"
    histogram kitchen_cooking_seconds {cook, dish} [1.0, 5.0, 10.0, 30.0] "Time at the stove"
    counter kitchen_dishes {} "Dishes that left the kitchen"
    gauge kitchen_orders_open {} "Orders that wait"
    histogram kitchen_pass_seconds {} [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0] "Time at the pass"
    "#);
}

#[test]
fn prometheus_client_traits() {
    insta::assert_snapshot!(lines(&[("src/a.rs", include_str!("prometheus_client_traits.rs"))]), @r#"
    gauge *kept {aisle=2, ..} "Books that stay"
    counter *lent_total {..} "Books that were lent"
    counter *sold_total {aisle=2, ..} "Books that were sold"
    counter *torn_total {aisle=2, ..} "Books that are torn"
    gauge doors {} "Doors that are open"
    "#);
}

#[test]
fn prometheus_choices() {
    insta::assert_snapshot!(lines(&[("src/a.rs", include_str!("prometheus_choices.rs"))]), @r#"
    histogram bakery_oven_seconds {oven} [1.0, 3.0, 9.0, 30.0] "Time in the oven"
    histogram bakery_rest_seconds {} [60.0, 120.0, 240.0, 480.0] "Time at rest"
    histogram bakery_sale_seconds {till} [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0] "Time of a sale"
    "#);
}

#[test]
fn opentelemetry_macros() {
    insta::assert_snapshot!(lines(&[("src/a.rs", include_str!("opentelemetry_macros.rs"))]), @r#"
    counter post_letters_total {..} "Letters delivered"
    histogram post_tour_seconds {..} [0.0, 5.0, 10.0, 25.0, 50.0, 75.0, 100.0, 250.0, 500.0, 750.0, 1000.0, 2500.0, 5000.0, 7500.0, 10000.0] in seconds "Time of a tour"
    histogram post_weight {country, parcel_kind=letter} [0.0, 5.0, 10.0, 25.0, 50.0, 75.0, 100.0, 250.0, 500.0, 750.0, 1000.0, 2500.0, 5000.0, 7500.0, 10000.0] "Weight of a parcel"
    "#);
}

/// A macro makes the constants that hold the names, and a crate of the tree goes by a shorter name. What registers is told a key.
#[test]
fn names_that_a_macro_of_another_crate_makes() {
    let macros = "#[macro_export]
macro_rules! metric_names {
    ($($name:ident),*) => { $( pub const $name: &str = $crate::__concatcp!(::core::env!(\"CARGO_CRATE_NAME\"), \"_\", $crate::__map_ascii_case!($crate::Case::Lower, ::core::stringify!($name))); )* };
}
";
    let register = "use metrics::{Key, Recorder};
pub struct Factory { name: &'static str, recorder: Boxed }
impl Factory {
    fn register(&self) -> Counter { self.of_key(&Key::from_parts(self.name, NONE)) }
    fn of_key(&self, key: &Key) -> Counter { self.recorder.register_counter(key, &META) }
}
pub struct Builder { recorder: Boxed }
impl Builder {
    pub fn counter_factory(&mut self, name: &'static str, about: &'static str) -> Factory {
        self.recorder.describe_counter(name.into(), None, about.into());
        make(name, &self.recorder)
    }
}
";
    let user = "use telemetry::{metric_names, Builder};
pub fn register(builder: &mut Builder) { builder.counter_factory(LOAVES_SOLD, \"Loaves that were sold\").register(); }
metric_names!(LOAVES_SOLD, LOAVES_LEFT);
";
    let file = |path: &str, package: &str, text: &str| {
        let mut file = SourceFile::new(path, FileKind::Rust, text);
        file.package = Arc::from(package);
        Arc::new(file)
    };
    let files = [
        file("telemetry/src/macros.rs", "bakery-telemetry", macros),
        file("telemetry/src/lib.rs", "bakery-telemetry", register),
        file("shop/src/lib.rs", "bakery-shop", user),
    ];
    insta::assert_snapshot!(of_files(&files), @r#"
    counter bakery_shop_loaves_sold {..} "Loaves that were sold"
    ? metrics: the name is the field `name`, which is set elsewhere
    "#);
}

/// A constant of a type whose methods emit; the name is what a trait's method gives, for every type that has the details.
#[test]
fn metrics_in_constants_of_a_type() {
    let types = "use metrics::{counter, describe_counter, gauge};
struct Details { name: &'static str, about: &'static str }
impl Details { pub const fn new(name: &'static str, about: &'static str) -> Self { Self { name, about } } }
pub trait Named { fn name(&self) -> &'static str; }
trait HasDetails { fn details(&self) -> &Details; }
impl<T> Named for T where T: HasDetails { fn name(&self) -> &'static str { self.details().name } }
pub struct Count { details: Details }
impl Count {
    pub const fn new(name: &'static str, about: &'static str) -> Self { Self { details: Details::new(name, about) } }
    pub fn raise(&self, by: u64) { counter!(self.name()).increment(by); }
}
impl HasDetails for Count { fn details(&self) -> &Details { &self.details } }
pub struct Level { details: Details }
impl Level {
    pub const fn new(name: &'static str, about: &'static str) -> Self { Self { details: Details::new(name, about) } }
    pub fn raise(&self, by: u64) { gauge!(self.name()).increment(by as f64); }
}
impl HasDetails for Level { fn details(&self) -> &Details { &self.details } }
#[macro_export]
macro_rules! define { ($($ty:ident $name:ident = $text:expr, $about:expr;)*) => { $( pub const $name: $crate::types::$ty = $crate::types::$ty::new($text, $about); )* }; }
";
    let user = "use crate::define;
define! { Count PARCELS = \"parcels\", \"Parcels\"; Level SHELVES = \"shelves\", \"Shelves\"; }
pub fn arrive() { PARCELS.raise(1); SHELVES.raise(1); }
";
    insta::assert_snapshot!(lines(&[("src/types.rs", types), ("src/user.rs", user)]), @r#"
    counter parcels {} no help
    gauge shelves {} no help
    "#);
}

/// `use super::*` of a module that hands the library on.
#[test]
fn a_library_of_the_module_above() {
    let above = "pub use metrics::*;\npub mod worker;\npub fn up() { gauge!(\"up\").set(1.0); }";
    let worker = "use super::*;\npub fn run() { counter!(\"worker_runs\").increment(1); }";
    assert_eq!(
        lines(&[("src/metrics.rs", above), ("src/metrics/worker.rs", worker)]),
        "gauge up {} no help\ncounter worker_runs {} no help\n"
    );
}

/// What a function asks a closure for that it is given.
#[test]
fn closures_that_are_given() {
    let text = "use metrics::{Key, with_recorder};
fn made(build: impl FnOnce() -> (Key, Level)) { let (key, level) = build(); with_recorder(|r| r.register_gauge(&key, &META)); }
pub fn start() { made(|| (Key::from_name(\"doors_open\"), Level::Info)); }
";
    assert_eq!(lines(&[("src/a.rs", text)]), "gauge doors_open {} no help\n");
}

#[test]
fn text_of_buckets_in_rounds() {
    insta::assert_snapshot!(lines(&[("src/a.rs", include_str!("text_rounds.rs"))]), @r#"
    histogram shop_size {} [1.0, 10.0] no help
    histogram shop_wait_seconds {} [0.5, 1.0, 2.5] no help
    "#);
}

/// The values of labels that a struct of the prometheus-static-metric crate has as its fields.
#[test]
fn static_metrics_list_the_values_of_their_labels() {
    let text = "use prometheus::*;
use prometheus_static_metric::{make_static_metric, register_static_int_counter_vec};
make_static_metric! {
    pub label_enum Kind {
        tart, // sweet
        pie : \"apple_pie\",
    }
    pub struct CakesMore: IntCounter { \"kind\" => { none } }
    pub struct Cakes: IntCounter {
        \"kind\" => Kind,
        \"size\" => { small, large },
    }
}
lazy_static! {
    pub static ref CAKES: Cakes =
        register_static_int_counter_vec!(Cakes, \"bakery_cakes_total\", \"Cakes\", &[\"kind\", \"size\", \"shop\"]).unwrap();
}
";
    assert_eq!(lines(&[("src/a.rs", text)]), "counter bakery_cakes_total {kind=apple_pie|tart, shop, size=large|small} \"Cakes\"\n");
}

/// A family whose members such a struct has: its labels have the values that the struct lists.
#[test]
fn families_behind_static_metrics() {
    let text = "use prometheus::*;
use prometheus_static_metric::{auto_flush_from, make_auto_flush_static_metric, make_static_metric};
make_auto_flush_static_metric! {
    pub label_enum Kind { tart, pie : \"apple_pie\" }
    pub struct Cakes: LocalIntCounter { \"kind\" => Kind, \"size\" => { small, large } }
}
make_static_metric! { pub struct Loaves: Histogram { \"grain\" => { rye, /* dark */ wheat } } }
lazy_static! {
    pub static ref CAKES_VEC: IntCounterVec = register_int_counter_vec!(\"bakery_cakes_total\", \"Cakes\", &[\"size\", \"kind\"]).unwrap();
    pub static ref CAKES: Cakes = auto_flush_from!(CAKES_VEC, Cakes);
    pub static ref LOAF_WEIGHT: HistogramVec =
        register_histogram_vec!(\"bakery_loaf_weight\", \"Loaves\", &[\"grain\"], vec![0.5, 1.0]).unwrap();
    pub static ref ROLLS_VEC: IntCounterVec = register_int_counter_vec!(\"bakery_rolls_total\", \"Rolls\", &[\"grain\"]).unwrap();
    pub static ref ROLLS: Rolls = auto_flush_from!(ROLLS_VEC, Rolls);
}
fn weighed() -> Loaves { LOAF_WEIGHT.with_label_values(&[\"spelt\"]).observe(0.7); Loaves::from(&LOAF_WEIGHT) }
";
    insta::assert_snapshot!(lines(&[("src/a.rs", text)]), @r#"
    counter bakery_cakes_total {kind=apple_pie|tart, size=large|small} "Cakes"
    histogram bakery_loaf_weight {grain=rye|spelt|wheat} [0.5, 1.0] "Loaves"
    counter bakery_rolls_total {grain} "Rolls"
    "#);
}

/// Names and labels in a list that the functions a loop can mean put together.
#[test]
fn lists_that_functions_put_together() {
    let text = "use metrics::{counter, gauge, Label};
pub trait Report {
    fn report(&self) {
        for (name, value, labels) in self.gauges() {
            gauge!(name, labels).set(value);
        }
    }
    fn gauges(&self) -> Vec<(&'static str, f64, Vec<Label>)> { vec![] }
}
impl Report for Oven {
    fn gauges(&self) -> Vec<(&'static str, f64, Vec<Label>)> {
        let mut all = Vec::new();
        self.each_shelf(|shelf| {
            all.push((\"oven.heat\", shelf.heat, vec![Label::new(\"shelf\", shelf.name.clone())]));
        });
        if self.open {
            all.push((\"oven.open\", 1.0, vec![]));
        }
        all
    }
}
fn baked(ovens: &[Oven]) -> Vec<(&'static str, u64)> { ovens.iter().map(|oven| (\"oven.baked\", oven.baked)).collect() }
fn counted() -> Result<Vec<(&'static str, u64)>, Error> {
    let mut all = Vec::with_capacity(1);
    all.push((\"oven.loaves\", 3));
    Ok(all)
}
fn more(other: Vec<(&'static str, u64)>) -> Vec<(&'static str, u64)> {
    let mut all = vec![];
    all.push((\"oven.rolls\", 3));
    all.extend(other);
    all
}
pub fn count() -> Result<(), Error> {
    for (name, value) in counted()? { counter!(name).absolute(value); }
    for (name, value) in baked(&[]) { counter!(name).absolute(value); }
    for (name, value) in more(others()) { counter!(name).absolute(value); }
    Ok(())
}
";
    insta::assert_snapshot!(lines(&[("src/a.rs", text)]), @r#"
    counter oven_baked {} no help
    gauge oven_heat {shelf} no help
    counter oven_loaves {} no help
    gauge oven_open {} no help
    ? metrics: the name is `name`, which a loop gives
    "#);
}

/// Of a family that is a variable's, only what is called on the variable sets labels.
#[test]
fn families_in_variables() {
    let text = "use prometheus::*;
pub struct Ovens { open: [IntGauge; 2], hot: EnumMap<Oven, IntGauge>, all: IntGaugeVec }
pub static OVENS: LazyLock<Ovens> = LazyLock::new(|| {
    let open = register_int_gauge_vec!(\"bakery_ovens_open\", \"Open\", &[\"oven\"]).unwrap();
    let hot = register_int_gauge_vec!(\"bakery_ovens_hot\", \"Hot\", &[\"oven\"]).unwrap();
    let hot = EnumMap::from_fn(|_| hot.with_label_values(&[\"left\"]));
    let all = register_int_gauge_vec!(\"bakery_ovens\", \"All\", &[\"oven\"]).unwrap();
    all.with_label_values(&[\"left\"]).set(1);
    open.remove_label_values(&[\"gone\"]);
    Ovens { open: [open.with_label_values(&[\"left\"]), open.with_label_values(&[\"right\"])], hot, all }
});
pub fn opened() { OVENS.open[0].inc(); OVENS.hot[Oven::Left].inc(); fill(&OVENS.all); }
";
    insta::assert_snapshot!(lines(&[("src/a.rs", text)]), @r#"
    gauge bakery_ovens {oven} "All"
    gauge bakery_ovens_hot {oven=left} "Hot"
    gauge bakery_ovens_open {oven=left|right} "Open"
    "#);
}

/// A metric whose value a closure gives.
#[test]
fn closure_metrics_are_told_their_type() {
    let text = "use prometheus_closure_metric::{ClosureMetric, ValueType};
pub fn opened(shop: &str, since: Instant) -> Box<dyn prometheus::core::Collector> {
    let opts = prometheus::opts!(\"bakery_open\", \"Seconds since the shop opened\").variable_label(\"shop\");
    Box::new(ClosureMetric::new(opts, ValueType::Counter, move || since.elapsed().as_secs(), &[shop]).unwrap())
}
";
    assert_eq!(lines(&[("src/a.rs", text)]), "counter bakery_open {shop} \"Seconds since the shop opened\"\n");
}

/// Labels that are pushed onto a list, some of them under a condition.
#[test]
fn labels_that_a_list_is_filled_with() {
    let text = "use metrics::{counter, Label};
use opentelemetry::KeyValue;
pub fn sold(kind: &str, extra: Option<String>, more: &[(&'static str, String)]) {
    let mut labels = vec![Label::new(\"kind\", kind.to_owned())];
    for (key, value) in more {
        labels.push(Label::new(*key, value.clone()));
    }
    labels.push(Label::new(\"way\", \"shop\"));
    counter!(\"bakery_sold\", labels).increment(1);
    let counter = meter.u64_counter(\"bakery.left\").build();
    let mut attributes = vec![KeyValue::new(\"kind\", kind.to_owned())];
    if let Some(extra) = extra {
        attributes.push(KeyValue::new(\"extra\", extra));
    }
    counter.add(1, &attributes);
}
";
    let found = lines(&[("src/a.rs", text)]);
    assert_eq!(found, "counter bakery_left_total {extra, kind} no help\ncounter bakery_sold {kind, way=shop, ..} no help\n");
}

/// A module that hands on the crate and defines nothing itself.
#[test]
fn a_module_that_hands_on_the_metrics_crate() {
    let facade = "mod timer;\npub use metrics::*;\npub fn register() { timer::register(); }\n";
    let timer = "use {\n    super::*,\n    std::time::Duration,\n};
pub const DRIFT: &str = \"bakery_drift_us\";
pub fn register() { describe_counter!(DRIFT, Unit::Microseconds, \"Drift of the timer\"); }
pub fn run() { counter!(DRIFT).increment(1); }
";
    let found = lines(&[("src/metrics.rs", facade), ("src/metrics/timer.rs", timer)]);
    assert_eq!(found, "counter bakery_drift_us {} in microseconds \"Drift of the timer\"\n");
}

/// Which macro of the library is called is what the caller of another macro names.
#[test]
fn macros_whose_kind_the_caller_names() {
    let macros = "#[macro_export]
macro_rules! note {
    ($kind:ident, $name:path, $key:expr, $value:expr, $amount:expr) => { metrics::$kind!($name, $key => $value).record($amount); };
    ($kind:ident, $name:path, $amount:expr) => { metrics::$kind!($name).record($amount); };
}
";
    let user = "pub struct Names;
impl Names {
    pub const DOUGH: &str = \"bakery_dough_seconds\";
    pub const OVEN: &str = \"bakery_oven_seconds\";
}
pub fn bake(start: Instant) {
    notes::note!(histogram, crate::Names::DOUGH, start.elapsed().as_secs_f64());
    notes::note!(histogram, Names::OVEN, \"oven\", \"left\", start.elapsed().as_secs_f64());
}
";
    let files = [file("notes/src/lib.rs", "notes", macros), file("shop/src/lib.rs", "shop", user)];
    insta::assert_snapshot!(of_files(&files), @r#"
    histogram bakery_dough_seconds {} no help
    histogram bakery_oven_seconds {oven=left} no help
    "#);
}

/// The names come out of a list that another crate makes; a third one describes them.
#[test]
fn names_that_are_described_and_given_at_run_time() {
    let report = "use metrics::{gauge, Label};
pub trait Reports {
    fn report(&self) {
        for (name, value, labels) in self.gauges() {
            gauge!(name, labels).set(value);
        }
    }
    fn gauges(&self) -> Vec<(&'static str, f64, Vec<Label>)> { vec![] }
}
";
    let cellar = "use metrics::Label;
impl Reports for Cellar {
    fn gauges(&self) -> Vec<(&'static str, f64, Vec<Label>)> {
        let mut all = self.others();
        self.visit(|barrel| all.push((\"cellar.barrel_litres\", barrel.litres(), vec![Label::new(\"barrel\", barrel.name())])));
        sorted(all, by_name)
    }
}
";
    let server = "pub fn describe() {
    metrics::describe_gauge!(\"cellar.barrel_litres\", \"What is left in a barrel\");
    metrics::describe_gauge!(\"cellar.never\", \"Nobody gives it\");
}
";
    let files = [
        file("report/src/lib.rs", "report", report),
        file("cellar/src/lib.rs", "cellar", cellar),
        file("server/src/lib.rs", "server", server),
    ];
    insta::assert_snapshot!(of_files(&files), @r#"
    gauge cellar_barrel_litres {..} "What is left in a barrel"
    ? metrics: the name is `name`, which a loop gives
    "#);
}

#[test]
fn constants_of_a_crate_of_names() {
    let text = "use opentelemetry::KeyValue;
use opentelemetry_semantic_conventions::{attribute, metric::HTTP_SERVER_REQUEST_DURATION};
pub fn serve(meter: &opentelemetry::metrics::Meter, method: &'static str) {
    let duration = meter.f64_histogram(HTTP_SERVER_REQUEST_DURATION).with_unit(\"s\").build();
    duration.record(1.0, &[KeyValue::new(attribute::HTTP_ROUTE, \"/loaf\")]);
}
";
    insta::assert_snapshot!(lines(&[("src/a.rs", text)]), @r#"
    histogram http_server_request_duration_seconds {http_route=/loaf} [0.0, 5.0, 10.0, 25.0, 50.0, 75.0, 100.0, 250.0, 500.0, 750.0, 1000.0, 2500.0, 5000.0, 7500.0, 10000.0] in seconds no help
    "#);
}

/// A helper gives what it is given to a registry that adds a prefix.
#[test]
fn metrics_that_a_helper_registers() {
    let text = "use once_cell::sync::Lazy;
use prometheus::{core::Collector, IntCounter, Opts, Registry};
pub fn registry() -> &'static Registry {
    static REGISTRY: Lazy<Registry> = Lazy::new(|| Registry::new_custom(Some(\"shop\".into()), None).unwrap());
    &REGISTRY
}
pub fn keep<T: Collector + Clone + 'static>(collector: T) -> T {
    let kept = collector.clone();
    self::registry().register(Box::from(collector)).map(|_| kept).unwrap()
}
pub fn total() -> &'static IntCounter {
    static TOTAL: Lazy<IntCounter> =
        Lazy::new(|| keep(IntCounter::with_opts(Opts::new(\"sold\", \"Loaves sold\").subsystem(\"till\")).unwrap()));
    &TOTAL
}
";
    insta::assert_snapshot!(lines(&[("src/a.rs", text)]), @r#"
    counter shop_till_sold {} "Loaves sold"
    "#);
}

/// The prefix is that of the one program that a package is in. What two of them share has none that is known.
#[test]
fn prefixes_of_the_programs_that_hold_a_package() {
    let watch = "use prometheus::Registry;
pub fn set_up(prefix: Option<String>) { let _ = Registry::new_custom(prefix, None); }
";
    let storage = |field: &str| {
        format!(
            "#[derive(prometheus_metric_storage::MetricStorage)]
#[metric(subsystem = \"{field}\")]
struct Metrics {{
    /// How many
    count: prometheus::IntCounter,
}}
"
        )
    };
    let main = |prefix: &str, field: &str| format!("fn main() {{ watch::set_up({prefix}); }}\n{}", storage(field));
    let built = |path: &str, package: &str, on: &[&str], text: &str| {
        let mut file = SourceFile::new(path, FileKind::Rust, text);
        (file.package, file.package_root) = (Arc::from(package), Arc::from(package));
        file.build =
            Arc::new(Build { dependencies: on.iter().map(|d| ((*d).to_owned(), Dependency::default())).collect(), features: None });
        Arc::new(file)
    };
    let files = [
        built("watch/src/lib.rs", "watch", &[], watch),
        built("oven/src/lib.rs", "oven", &[], &storage("oven")),
        built("till/src/lib.rs", "till", &[], &storage("till")),
        built("bake/src/main.rs", "bake", &["watch", "oven", "till"], &main("Some(\"bakery\".into())", "dough")),
        built("sell/src/main.rs", "sell", &["watch", "till"], &main("None", "shelf")),
    ];
    insta::assert_snapshot!(of_files(&files), @r#"
    counter *till_count {} "How many"
    counter bakery_dough_count {} "How many"
    counter bakery_oven_count {} "How many"
    counter shelf_count {} "How many"
    "#);
}

/// A macro calls a type of the tree, whose function defines what it is told.
#[test]
fn macros_that_call_a_wrapper() {
    let text = "use prometheus::{register_int_counter_vec, IntCounterVec};
pub struct Tally { inner: IntCounterVec }
impl Tally {
    fn new(name: &str, help: &str, labels: &[&str]) -> Self {
        Tally { inner: register_int_counter_vec!(name, help, labels).unwrap() }
    }
}
macro_rules! tally {
    ($name:ident, $exposed:literal, $help:literal, $labels:tt) => {
        lazy_static::lazy_static! { pub static ref $name: Tally = Tally::new($exposed, $help, &$labels); }
    };
}
macro_rules! tally_of_one {
    ($name:ident, $exposed:literal, $help:literal) => { tally!($name, $exposed, $help, [\"shop\"]); };
}
tally!(SOLD, \"bakery_sold\", \"Loaves sold\", [\"shop\", \"loaf\"]);
tally_of_one!(LEFT, \"bakery_left\", \"Loaves left\");
";
    insta::assert_snapshot!(lines(&[("src/a.rs", text)]), @r#"
    counter bakery_left {shop} "Loaves left"
    counter bakery_sold {loaf, shop} "Loaves sold"
    "#);
}

/// The crate that gives the meter is another one of the tree.
#[test]
fn meters_of_a_crate_that_does_not_name_the_library() {
    let telemetry = "pub fn meter() -> opentelemetry::metrics::Meter { opentelemetry::global::meter(\"shop\") }
";
    let shop = "use telemetry::meter;
pub struct Own;
impl Own { pub fn u64_counter(&self, name: &str) -> Own { Own } pub fn build(&self) {} }
pub fn open(own: &Own) {
    let wait = meter().f64_histogram(\"till.wait\").with_unit(\"s\").build();
    own.u64_counter(\"not.one\").build();
}
";
    let files = [file("telemetry/src/lib.rs", "telemetry", telemetry), file("shop/src/lib.rs", "shop", shop)];
    insta::assert_snapshot!(of_files(&files), @r#"
    histogram till_wait_seconds {..} [0.0, 5.0, 10.0, 25.0, 50.0, 75.0, 100.0, 250.0, 500.0, 750.0, 1000.0, 2500.0, 5000.0, 7500.0, 10000.0] in seconds no help
    "#);
}

#[test]
fn the_prometheus_crate_that_substrate_hands_on() {
    let text = "use substrate_prometheus_endpoint::{register, Counter, PrometheusError, Registry, U64};
pub struct Blocks { imported: Counter<U64> }
impl Blocks {
    pub fn new(registry: &Registry) -> Result<Self, PrometheusError> {
        Ok(Self { imported: register(Counter::new(\"node_blocks_imported\", \"Blocks imported\")?, registry)? })
    }
}
";
    insta::assert_snapshot!(lines(&[("src/a.rs", text)]), @r#"
    counter node_blocks_imported {} "Blocks imported"
    "#);
}

/// A loop goes over a list that is filled somewhere above it.
#[test]
fn names_of_a_list_that_a_closure_fills() {
    let text = "use metrics::{gauge, Label};
pub fn report(cellar: &Cellar) {
    let mut all = Vec::new();
    cellar.visit(|barrel| {
        all.push((\"cellar.barrel_litres\", barrel.litres(), vec![Label::new(\"barrel\", barrel.name())]));
        if barrel.is_open() {
            all.push((\"cellar.barrel_open\", 1.0, vec![]));
        }
    });
    for (name, value, labels) in all {
        gauge!(name, labels).set(value);
    }
}
";
    insta::assert_snapshot!(lines(&[("src/a.rs", text)]), @r#"
    gauge cellar_barrel_litres {..} no help
    gauge cellar_barrel_open {..} no help
    "#);
}

#[test]
fn bounds_that_statements_change() {
    let text = "use prometheus::{exponential_buckets, register_histogram, Histogram};
static DEPTH: LazyLock<Histogram> = LazyLock::new(|| {
    let mut bounds = exponential_buckets(1.0, 2.0, 4).unwrap();
    bounds.insert(0, 0.0);
    bounds.insert(bounds.len() - 1, 7.0);
    register_histogram!(\"queue_depth\", \"What waits\", bounds).unwrap()
});
static WAIT: LazyLock<Histogram> = LazyLock::new(|| {
    let mut bounds = vec![];
    let mut bound = 0.5;
    while bound < 10.0 {
        bounds.push(bound);
        bound *= 2.0;
    }
    bounds.truncate(4);
    register_histogram!(\"queue_wait_seconds\", \"How long it waits\", bounds).unwrap()
});
const MOST: usize = 20;
static BATCH: LazyLock<Histogram> = LazyLock::new(|| {
    let mut bounds = Vec::new();
    for i in 0.. {
        let bound = 1 << i;
        if bound > u32::try_from(MOST).unwrap() {
            break;
        }
        bounds.push(bound.into());
    }
    register_histogram!(\"batch_size\", \"How many at once\", bounds).unwrap()
});
static AGE: LazyLock<Histogram> = LazyLock::new(|| {
    let mut bounds = vec![];
    for i in 0..9 {
        if i % 2 == 1 { continue; }
        bounds.push(i as f64);
    }
    let mut bound = 10.0;
    loop {
        bounds.push(bound);
        bound *= 3.0;
        if bound >= 100.0 { break; }
    }
    register_histogram!(\"queue_age_seconds\", \"How old it is\", bounds).unwrap()
});
// Where it ends is not known.
static SPAN: LazyLock<Histogram> = LazyLock::new(|| {
    let mut bounds = vec![];
    for i in 0..9 {
        if is_enough(i) { break; }
        bounds.push(i as f64);
    }
    register_histogram!(\"queue_span\", \"How wide it is\", bounds).unwrap()
});
";
    insta::assert_snapshot!(lines(&[("src/a.rs", text)]), @r#"
    histogram batch_size {} [1.0, 2.0, 4.0, 8.0, 16.0] "How many at once"
    histogram queue_age_seconds {} [0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 30.0, 90.0] "How old it is"
    histogram queue_depth {} [0.0, 1.0, 2.0, 4.0, 7.0, 8.0] "What waits"
    histogram queue_span {} "How wide it is"
    histogram queue_wait_seconds {} [0.5, 1.0, 2.0, 4.0] "How long it waits"
    "#);
}

/// A layer makes labels of the fields of the spans around; which those are is not known.
#[test]
fn labels_that_a_layer_adds() {
    let text = "use metrics::{counter, histogram};
use metrics_tracing_context::TracingContextLayer;
pub fn install(recorder: Recorder) { metrics::set_global_recorder(TracingContextLayer::all().layer(recorder)).unwrap(); }
pub fn sell() {
    counter!(\"bakery_sold_total\", \"loaf\" => \"rye\").increment(1);
    histogram!(\"bakery_wait_seconds\").record(2.0);
}
";
    // The recorder is none that makes summaries, as far as is known.
    insta::assert_snapshot!(lines(&[("src/a.rs", text)]), @r#"
    counter bakery_sold_total {loaf=rye, ..} no help
    histogram bakery_wait_seconds {..} no help
    "#);
}

/// What helps tests gives another registry.
#[test]
fn callers_that_help_tests() {
    let metrics = "use prometheus::{register_int_counter_with_registry, IntCounter, Registry};
pub struct Shop { sold: IntCounter }
impl Shop {
    pub fn new(registry: &Registry) -> Self {
        Self { sold: register_int_counter_with_registry!(\"sold\", \"Loaves sold\", registry).unwrap() }
    }
}
pub fn start() { Shop::new(&Registry::new_custom(Some(\"bakery\".to_string()), None).unwrap()); }
";
    let helpers = "use crate::metrics::Shop;
pub fn shop() -> Shop {
    let registry = prometheus::Registry::default();
    Shop::new(&registry)
}
";
    insta::assert_snapshot!(lines(&[("src/metrics.rs", metrics), ("src/test_utils.rs", helpers)]), @r#"
    counter bakery_sold {} "Loaves sold"
    "#);
}

fn file(path: &str, package: &str, text: &str) -> Arc<SourceFile> {
    let mut file = SourceFile::new(path, FileKind::Rust, text);
    file.package = Arc::from(package);
    Arc::new(file)
}

/// The strum crate's derives make texts of an enum's variants, also of `self` in a method that a trait has itself.
#[test]
fn names_that_derives_make_of_variants() {
    let by_trait = r#"
use metrics::{describe_gauge, gauge};
use strum::IntoEnumIterator;
pub trait Dial: Sized + IntoEnumIterator + ToString {
    fn describe(&self) { describe_gauge!(self.to_string(), "A dial"); }
    fn turn(&self, to: f64) { gauge!(self.to_string()).set(to); }
    fn all() { Self::iter().for_each(|dial| dial.describe()); }
}
"#;
    let dials = r#"
use crate::dial::Dial;
use strum::{Display, EnumIter};
#[derive(Clone, Copy, Display, EnumIter)]
pub enum Oven {
    #[strum(serialize = "oven_heat")]
    Heat,
    #[strum(serialize = "oven_fan")]
    Fan,
}
impl Dial for Oven {}
#[derive(Display, EnumIter)]
#[strum(serialize_all = "snake_case")]
pub enum Mixer { MixerSpeed }
impl Dial for Mixer {}
"#;
    let counters = r#"
use strum::{AsRefStr, IntoStaticStr};
#[derive(AsRefStr, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Bell { DoorBell, #[strum(to_string = "bell_of_table")] TableBell, Gong }
pub fn rings() {
    metrics::counter!(Bell::DoorBell.as_ref()).increment(1);
    let name: &'static str = Bell::TableBell.into();
    metrics::counter!(name).increment(1);
}
"#;
    let root = "mod dial; mod dials; mod counters;";
    let files = [("src/dial.rs", by_trait), ("src/dials.rs", dials), ("src/counters.rs", counters), ("src/lib.rs", root)];
    insta::assert_snapshot!(lines(&files), @r#"
    counter bell_of_table {} no help
    counter door_bell {} no help
    gauge mixer_speed {} "A dial"
    gauge oven_fan {} "A dial"
    gauge oven_heat {} "A dial"
    "#);
}
