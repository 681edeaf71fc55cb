//! Code around the libraries: own registries, helpers that take any metric, objects known by a trait, stand-ins for other builds.

use super::lines;

/// A stand-in for what a feature turns off has the same name.
#[test]
fn methods_of_either_build() {
    let metrics = "#[cfg(feature = \"metrics\")]
mod real {
    pub struct Tally { registry: prometheus::Registry }
    impl Tally {
        pub fn gauge(&self, name: &str, help: &str, label: &str) -> Gauge {
            let name = String::from(\"mill_\") + name;
            let gauge = prometheus::GaugeVec::new(prometheus::Opts::new(name, help), &[label]).unwrap();
            self.registry.register(Box::new(gauge.clone())).unwrap();
            Gauge { gauge }
        }
    }
    pub struct Gauge { gauge: prometheus::GaugeVec }
}
#[cfg(feature = \"metrics\")]
pub use real::{Gauge, Tally};
#[cfg(not(feature = \"metrics\"))]
mod nothing {
    pub struct Tally;
    impl Tally {
        pub fn gauge(&self, _name: &str, _help: &str, _label: &str) -> Gauge { Gauge }
    }
    pub struct Gauge;
}
#[cfg(not(feature = \"metrics\"))]
pub use nothing::{Gauge, Tally};
";
    let stones = "use crate::metrics::{Gauge, Tally};
pub struct Stones { turning: Gauge }
impl Stones {
    pub fn new(tally: &Tally) -> Self { Stones { turning: tally.gauge(\"stones_turning\", \"Stones that turn\", \"side\") } }
}
";
    insta::assert_snapshot!(lines(&[("src/metrics.rs", metrics), ("src/stones.rs", stones)]), @r#"
    gauge mill_stones_turning {side} "Stones that turn"
    "#);
}

/// A macro that calls a function of the tree, by its path or as its caller names it.
#[test]
fn macros_that_call_functions() {
    let text = "use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::{counter::Counter, family::Family, gauge::Gauge};
use prometheus_client::registry::Registry;
pub type Counts<L> = Arc<RwLock<Family<L, Counter>>>;
static REGISTRY: LazyLock<Mutex<Registry>> = LazyLock::new(|| Mutex::new(Registry::default()));
pub fn counts<L: EncodeLabelSet>(name: &str, help: &str) -> Arc<RwLock<Family<L, Counter>>> {
    let family = Family::<L, Counter>::default();
    REGISTRY.lock().unwrap().register(name, help, family.clone());
    Arc::new(RwLock::new(family))
}
pub fn level(name: &str, help: &str) -> Gauge {
    let gauge = Gauge::default();
    REGISTRY.lock().unwrap().register(name, help, gauge.clone());
    gauge
}
macro_rules! counts {
    ($of:ident, $name:expr, $help:expr, $labels:ty) => {
        static $of: LazyLock<$crate::tally::Counts<$labels>> = LazyLock::new(|| { $crate::tally::counts($name, $help) });
    };
}
macro_rules! made {
    ($how:ident, $($given:expr),*) => {{
        let metric = $how($($given),*);
        metric
    }};
}
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct Sack { grain: String }
counts!(SACKS, \"sacks\", \"Sacks filled\", Sack);
pub fn start() {
    let water = made!(level, \"water\", \"Water in the pond\");
    let lost = counts::<Sack>(\"lost\", \"Sacks lost\");
}
";
    insta::assert_snapshot!(lines(&[("src/tally.rs", text)]), @r#"
    counter lost_total {grain} "Sacks lost"
    counter sacks_total {grain} "Sacks filled"
    gauge water {} "Water in the pond"
    "#);
}

/// A registry of the tree's own, which takes any metric and gives it on; what a metric is made with stands in a literal.
#[test]
fn registries_of_the_tree() {
    let text = "use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::{counter::Counter, family::{Family, MetricConstructor}, histogram::Histogram};
use prometheus_client::registry::{Metric, Registry, Unit};
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct Gate { side: String }
type Spread<L> = Family<L, Histogram, Bounds>;
#[derive(Clone, Copy)]
pub struct Bounds { kept: bool, bounds: &'static [f64] }
impl MetricConstructor<Histogram> for Bounds {
    fn new_metric(&self) -> Histogram {
        match self.kept {
            true => Histogram::new(self.bounds.iter().copied()),
            false => Histogram::new([1.0]),
        }
    }
}
const SHORT: [f64; 2] = [0.1, 0.5];
pub struct Mill { opened: Family<Gate, Counter>, shut: Family<Gate, Counter>, waited: Spread<Gate> }
struct Picked<'a> { registry: &'a mut Registry, left_out: Vec<String> }
impl Picked<'_> {
    fn register(&mut self, name: impl Into<String>, help: impl Into<String>, metric: impl Metric) {
        let name = name.into();
        if self.left_out.contains(&name) { return; }
        self.registry.register(name, help, metric);
    }
    fn register_with_unit(&mut self, name: impl Into<String>, help: impl Into<String>, unit: Unit, metric: impl Metric) {
        self.registry.register_with_unit(name.into(), help, unit, metric);
    }
}
fn spread<L: Clone>(kept: bool, bounds: &'static [f64]) -> Spread<L> {
    Family::new_with_constructor(Bounds { kept, bounds })
}
fn count<L: EncodeLabelSet>(registry: &mut Picked<'_>, name: &str, help: &str) -> Family<L, Counter> {
    let made = Family::<L, _>::default();
    registry.register(name, help, made.clone());
    made
}
impl Mill {
    pub fn new(registry: &mut Registry, left_out: Vec<String>) -> Self {
        let mut registry = Picked { registry, left_out };
        Mill {
            opened: count(&mut registry, \"opened\", \"Gates opened\"),
            shut: {
                let made = Family::<Gate, _>::default();
                registry.register(\"shut\", \"Gates shut\", made.clone());
                made
            },
            waited: {
                let made = spread(true, &SHORT);
                registry.register_with_unit(\"waited\", \"How long gates wait\", Unit::Seconds, made.clone());
                made
            },
        }
    }
}
pub fn start() {
    let mut registry = Registry::default();
    Mill::new(registry.sub_registry_with_prefix(\"mill\"), Vec::new());
}
";
    insta::assert_snapshot!(lines(&[("src/a.rs", text)]), @r#"
    counter mill_opened_total {side} "Gates opened"
    counter mill_shut_total {side} "Gates shut"
    histogram mill_waited_seconds {side} [0.1, 0.5] in seconds "How long gates wait"
    "#);
}

/// A closure that is given a registry; metrics behind `Deref`.
#[test]
fn closures_that_are_given_a_registry() {
    let shared = "use prometheus_client::registry::Registry;
pub struct Shared { name: Option<String>, registry: Arc<RwLock<Registry>> }
impl Shared {
    pub fn within<A>(&self, prefix: impl AsRef<str>, f: impl FnOnce(&mut Registry) -> A) -> A {
        if let Some(name) = &self.name {
            self.write(|registry| f(registry.sub_registry_with_prefix(prefix).sub_registry_with_label((\"name\".into(), name.into()))))
        } else {
            self.write(|registry| f(registry.sub_registry_with_prefix(prefix)))
        }
    }
    fn write<A>(&self, f: impl FnOnce(&mut Registry) -> A) -> A { f(&mut self.registry.write().unwrap()) }
}
";
    let wheel = "use crate::shared::Shared;
use prometheus_client::metrics::{counter::Counter, histogram::{linear_buckets, Histogram}};
pub struct Wheel(Arc<Inner>);
impl Deref for Wheel { type Target = Inner; fn deref(&self) -> &Inner { &self.0 } }
pub struct Inner { turns: Counter, speed: Histogram }
impl Wheel {
    pub fn new() -> Self {
        Self(Arc::new(Inner { turns: Counter::default(), speed: Histogram::new(linear_buckets(0.0, 0.5, 3)) }))
    }
    pub fn register(shared: &Shared) -> Self {
        let wheel = Self::new();
        shared.within(\"wheel\", |registry| {
            registry.register(\"turns\", \"Turns of the wheel\", wheel.turns.clone());
            registry.register(\"speed\", \"Speed of the wheel\", wheel.speed.clone());
        });
        wheel
    }
}
";
    let axle = "use crate::shared::Shared;
use prometheus_client::metrics::gauge::Gauge;
pub fn register(shared: &Shared) {
    let heat = Gauge::default();
    shared.within(\"axle\", |registry| registry.register(\"heat\", \"Heat of the axle\", heat.clone()));
}
";
    insta::assert_snapshot!(lines(&[("src/shared.rs", shared), ("src/wheel.rs", wheel), ("src/axle.rs", axle)]), @r#"
    gauge axle_heat {..} "Heat of the axle"
    histogram wheel_speed {..} [0.0, 0.5, 1.0] "Speed of the wheel"
    counter wheel_turns_total {..} "Turns of the wheel"
    "#);
}

/// Options that are set again: in place, under a condition, by the value before.
#[test]
fn options_that_are_set_again() {
    let text = "use prometheus::{Histogram, HistogramOpts, IntCounter, Opts};
fn sold(server: &str) -> IntCounter {
    let mut options = Opts::new(\"sold_total\", \"Flour sold\");
    options = options.namespace(\"mill\").const_label(\"server\", server);
    IntCounter::with_opts(options).unwrap()
}
fn waited(server: &str, name: &str, bounds: &[f64]) -> Histogram {
    let mut options = HistogramOpts::new(name, \"How long grain waits\");
    if !server.is_empty() {
        options = options.const_label(\"server\", server);
    }
    options = options.buckets(bounds.into());
    let made = Histogram::with_opts(options.clone()).unwrap();
    options.namespace = \"later\".to_owned();
    made
}
fn start(server: &str) { waited(server, \"waited_seconds\", &[1.0, 60.0]); }
";
    insta::assert_snapshot!(lines(&[("src/a.rs", text)]), @r#"
    counter mill_sold_total {server} "Flour sold"
    histogram waited_seconds {server, ..} [1.0, 60.0] "How long grain waits"
    "#);
}

/// A name in the closure that makes a static: each has its own.
#[test]
fn names_inside_statics() {
    let text = "use metrics::{describe_gauge, register_gauge, Gauge};
pub static SACKS: LazyLock<Gauge> = LazyLock::new(|| {
    const NAME: &str = \"mill_sacks\";
    describe_gauge!(NAME, \"Sacks in the mill\");
    register_gauge!(NAME)
});
pub static STONES: LazyLock<Gauge> = LazyLock::new(|| {
    const NAME: &str = \"mill_stones\";
    describe_gauge!(NAME, \"Stones that turn\");
    register_gauge!(NAME)
});
";
    insta::assert_snapshot!(lines(&[("src/a.rs", text)]), @r#"
    gauge mill_sacks {} "Sacks in the mill"
    gauge mill_stones {} "Stones that turn"
    "#);
}

/// A function that is handed a registry, by a function that hands it on.
#[test]
fn functions_that_are_handed_a_registry() {
    let core = "use prometheus_client::registry::Registry;
pub struct Core { registry: Mutex<Registry> }
static CORE: LazyLock<Core> = LazyLock::new(|| Core { registry: Mutex::new(Registry::with_prefix(\"mill\")) });
impl Core {
    pub fn add<T, F: FnOnce(&mut Registry) -> T>(&self, f: F) -> T { f(&mut self.registry.lock().unwrap()) }
}
pub struct Handle;
impl Handle {
    pub fn add<T, F: FnOnce(&mut Registry) -> T>(f: F) -> T { CORE.add(f) }
}
";
    let sails = "use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;
pub struct Sails { turns: Counter }
impl Sails {
    pub fn register(registry: &mut Registry) -> Self {
        let registry = registry.sub_registry_with_prefix(\"sails\");
        let turns = Counter::default();
        registry.register(\"turns\", \"Turns of the sails\", turns.clone());
        Self { turns }
    }
}
pub fn start() -> Sails { crate::core::Handle::add(Sails::register) }
";
    insta::assert_snapshot!(lines(&[("src/core.rs", core), ("src/sails.rs", sails)]), @r#"
    counter mill_sails_turns_total {} "Turns of the sails"
    "#);
}

/// A macro that encodes what a collector tells.
#[test]
fn macros_that_encode() {
    let text = "use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::gauge::ConstGauge;
macro_rules! tell {
    ($pond:expr, $encoder:expr, $kind:ident, $name:tt, $help:expr) => {{
        let metric = $kind::new($pond.$name() as i64);
        let encoder = $encoder.encode_descriptor(concat!(\"pond_\", stringify!($name)), $help, None, metric.metric_type())?;
        metric.encode(encoder)?;
    }};
}
#[derive(Debug)]
pub struct Pond;
impl Collector for Pond {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        tell!(self, &mut encoder, ConstGauge, depth, \"How deep it is\");
        tell!(self, &mut encoder, ConstGauge, frogs, \"Frogs in it\");
        Ok(())
    }
}
pub fn start(registry: &mut prometheus_client::registry::Registry) { registry.register_collector(Box::new(Pond)); }
";
    insta::assert_snapshot!(lines(&[("src/a.rs", text)]), @r#"
    gauge pond_depth {} "How deep it is"
    gauge pond_frogs {} "Frogs in it"
    "#);
}

const WRITER: &str = "pub trait Form { fn describe(&mut self, name: &str, help: &str, kind: &str); }
pub struct Plain { out: String }
impl Form for Plain {
    fn describe(&mut self, name: &str, help: &str, kind: &str) {
        writeln!(self.out, \"# HELP {} {help}\\n# TYPE {} {kind}\", Escaped(name), Escaped(name)).unwrap();
    }
}
struct Escaped<'a>(&'a str);
impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() { f.write_char(if c == '-' { '_' } else { c })?; }
        Ok(())
    }
}
pub struct Writer<F> { form: F }
impl<F: Form> Writer<F> {
    pub fn gauge(&mut self, name: &str, help: &str) { self.form.describe(name, help, \"gauge\"); }
}
pub fn write<F: Form>(writer: &mut Writer<F>) { writer.gauge(\"mill_water_litres\", \"Water in the pond\"); }
";

/// A call of a method of a trait reaches those that implement it, unless one of them changes what it hands on.
#[test]
fn calls_by_a_trait() {
    insta::assert_snapshot!(lines(&[("src/a.rs", WRITER)]), @r#"
    gauge mill_water_litres {..} "Water in the pond"
    "#);
    let prefixed = "use crate::a::Form;
pub struct Prefixed<F> { inner: F, prefix: String }
impl<F: Form> Form for Prefixed<F> {
    fn describe(&mut self, name: &str, help: &str, kind: &str) {
        self.inner.describe(&format!(\"{}{name}\", self.prefix), help, kind);
    }
}
";
    insta::assert_snapshot!(lines(&[("src/a.rs", WRITER), ("src/prefixed.rs", prefixed)]), @r#"
    ? text: exposition text whose metric's name is given at run time
    "#);
}

/// A macro is told by another one which function it is to call, and its own file does not name that function.
#[test]
fn a_macro_that_hands_the_name_of_a_function_to_another() {
    let counter = "use metrics::{Counter, Key};
pub fn counter_of(build: impl FnOnce() -> (u64, Key)) -> Counter {
    let (_, key) = build();
    metrics::with_recorder(|recorder| recorder.register_counter(&key, &METADATA))
}
#[macro_export]
macro_rules! counted {
    ($name:literal) => { $crate::declared!(by: $crate::counter::counter_of, name: $name) };
}
";
    let declared = "pub use metrics::Counter;
#[macro_export]
macro_rules! declared {
    (by: $function:path, name: $name:literal) => { $function(|| (1, $crate::key_of($name))) };
}
";
    let lib = "mod counter;
mod declared;
pub use metrics::Key;
pub fn key_of(name: &'static str) -> metrics::Key { metrics::Key::from_static_name(name) }
pub fn all() { counted!(\"parcels\"); counted!(\"letters\"); }
";
    let files = [("src/counter.rs", counter), ("src/declared.rs", declared), ("src/lib.rs", lib)];
    insta::assert_snapshot!(lines(&files), @r#"
    counter letters {} no help
    counter parcels {} no help
    "#);
}
