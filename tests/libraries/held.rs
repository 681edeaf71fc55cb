//! Metrics behind names that stand for what holds them, holders of one name, and what macros of macros make.

use super::{lines, of_files, of_packages};

/// An instrument that may be off stands behind an option, and its uses behind a pattern or a closure.
#[test]
fn instruments_in_options() {
    let mill = "use opentelemetry::{KeyValue, metrics::{Counter, Histogram, Meter}};
pub struct Mill { turns: Option<Counter<u64>>, took: Option<Histogram<f64>>, sacks: Option<Counter<u64>>, grain: Option<Counter<u64>> }
impl Mill {
    pub fn new(meter: Option<&Meter>) -> Self {
        let turns = meter.map(|meter| meter.u64_counter(\"mill.turns\").build());
        let took = meter.map(|meter| meter.f64_histogram(\"mill.took\").with_unit(\"s\").with_boundaries(vec![1.0, 5.0]).build());
        let sacks = meter.map(|meter| meter.u64_counter(\"mill.sacks\").build());
        let grain = meter.map(|meter| meter.u64_counter(\"mill.grain\").build());
        Mill { turns, took, sacks, grain }
    }
    pub fn turn(&self, seconds: f64) {
        if let Some(counter) = &self.turns {
            let attributes = [KeyValue::new(\"side\", \"left\")];
            counter.add(1, &attributes);
        }
        let Some(histogram) = self.took.as_ref() else { return };
        histogram.record(seconds, &[KeyValue::new(\"stone\", \"upper\")]);
        self.sacks.as_ref().map(|sacks| sacks.add(1, &[KeyValue::new(\"size\", \"big\")]));
        let Self { grain, .. } = self;
        grain.as_ref().unwrap().add(1, &[KeyValue::new(\"kind\", \"rye\")]);
    }
}
";
    insta::assert_snapshot!(lines(&[("src/mill.rs", mill)]), @r"
    counter mill_grain_total {kind=rye} no help
    counter mill_sacks_total {size=big} no help
    histogram mill_took_seconds {stone=upper} [1.0, 5.0] in seconds no help
    counter mill_turns_total {side=left} no help
    ");
}

/// Two structs have a field of one name: a file means its own.
#[test]
fn fields_of_one_name() {
    let of = |name: &str, label: &str| {
        format!(
            "use opentelemetry::{{KeyValue, metrics::{{Counter, Meter}}}};
struct Instruments {{ requests: Counter<u64> }}
impl Instruments {{
    fn new(meter: &Meter) -> Self {{ Instruments {{ requests: meter.u64_counter(\"{name}\").build() }} }}
    fn seen(&self) {{ self.requests.add(1, &[KeyValue::new(\"{label}\", \"x\")]); }}
}}
"
        )
    };
    let (inward, outward) = (of("inward.requests", "door"), of("outward.requests", "window"));
    insta::assert_snapshot!(lines(&[("src/inward.rs", &inward), ("src/outward.rs", &outward)]), @r"
    counter inward_requests_total {door=x} no help
    counter outward_requests_total {window=x} no help
    ");
}

/// A function makes the same set for several callers: a use of what it makes is of all of them.
#[test]
fn one_set_for_several() {
    let instruments = "use opentelemetry::{KeyValue, metrics::{Counter, Meter}};
pub struct Cellars { left: Cellar, right: Cellar }
impl Cellars {
    pub fn new(meter: &Meter) -> Self { Cellars { left: Cellar::new(meter, \"left.casks\"), right: Cellar::new(meter, \"right.casks\") } }
}
pub struct Cellar { casks: Counter<u64> }
impl Cellar {
    fn new(meter: &Meter, name: &'static str) -> Self {
        let casks = meter.u64_counter(name).build();
        Cellar { casks }
    }
    pub fn put(&self) { self.casks.add(1, &[KeyValue::new(\"wine\", \"red\")]); }
}
";
    let vectors = "use prometheus::{IntCounterVec, register_int_counter_vec};
pub struct Barns { north: Barn, south: Barn }
impl Barns {
    pub fn new() -> Self { Barns { north: Barn::new(\"north\"), south: Barn::new(\"south\") } }
}
pub struct Barn { bales: IntCounterVec }
impl Barn {
    fn new(side: &str) -> Self {
        let bales = register_int_counter_vec!(format!(\"{side}_bales_total\"), \"Bales.\", &[\"crop\"]).unwrap();
        Barn { bales }
    }
    pub fn put(&self) { self.bales.with_label_values(&[\"hay\"]).inc(); }
}
";
    insta::assert_snapshot!(lines(&[("src/cellars.rs", instruments), ("src/barns.rs", vectors)]), @r#"
    counter left_casks_total {wine=red} no help
    counter north_bales_total {crop} "Bales."
    counter right_casks_total {wine=red} no help
    counter south_bales_total {crop} "Bales."
    "#);
}

/// A macro that lists metrics hands each to another one, which makes the static; another crate gives the registry.
#[test]
fn statics_of_macros_of_macros() {
    let metrics = "macro_rules! held {
    ($id:ident: $type:path{$new:expr} as $name:literal ($help:literal)) => {
        lazy_static::lazy_static! { pub static ref $id: $type = Family::new_with_constructor(|| Histogram::new($new)); }
    };
    ($id:ident: $type:ty as $name:literal ($help:literal)) => {
        lazy_static::lazy_static! { pub static ref $id: $type = Default::default(); }
    };
}
macro_rules! metrics {
    { $($id:ident: $type:ty$({$new:expr})? as $name:literal ($help:literal)),*$(,)? } => {
        use prometheus_client::metrics::{counter::Counter, gauge::Gauge, family::Family, histogram::Histogram};
        use prometheus_client::registry::Registry;
        use super::*;
        $(held!($id: $type$({$new})? as $name ($help));)*
        pub fn register(metrics: &mut Registry) { $(metrics.register($name, $help, $id.clone());)* }
    };
}
#[derive(Clone, Debug, PartialEq, Eq, Hash, prometheus_client::encoding::EncodeLabelSet)]
pub struct Crop { crop: Kind }
#[derive(Clone, Debug, PartialEq, Eq, Hash, prometheus_client::encoding::EncodeLabelValue)]
pub enum Kind { Hay, Straw }
pub mod barn {
    metrics! {
        BALES: Family<Crop, Counter> as \"bales\" (\"Bales.\"),
        FULL: Gauge as \"barn_full\" (\"Whether it is full.\"),
    }
}
pub mod mill {
    metrics! { TURNS: Family<Crop, Histogram>{[0.5, 1.0]} as \"turn_seconds\" (\"Turns.\") }
}
";
    let main = "use farm::metrics;
fn main() {
    let mut registry = prometheus_client::registry::Registry::with_prefix(\"farm\");
    metrics::barn::register(&mut registry);
    metrics::mill::register(&mut registry);
}
";
    let files =
        of_packages(&[("farm", "src/lib.rs", "pub mod metrics;"), ("farm", "src/metrics.rs", metrics), ("farm", "src/main.rs", main)]);
    insta::assert_snapshot!(of_files(&files), @r#"
    counter farm_bales_total {crop=Hay|Straw} "Bales."
    gauge farm_barn_full {} "Whether it is full."
    histogram farm_turn_seconds {crop=Hay|Straw} [0.5, 1.0] "Turns."
    "#);
}

/// Fields of events are metrics where the layer that makes them such is there, and all other fields their labels.
#[test]
fn fields_of_events() {
    let barn = "use tracing::{debug, info};
pub fn store(bales: &[Bale], crop: Crop, took: f64) {
    info!(monotonic_counter.bales_stored = bales.len() as u64, crop = %crop.name(), door = \"front\", \"stored\");
    debug!(
        // How long it took, in seconds.
        histogram.store = took,
        otel.unit = \"s\",
        size = bales.len(),
        ?crop,
        \"stored {} bales\", bales.len(),
    );
    info!(counter.bales = 1);
    info!(gauge.barn.level = 0.5, \"barn.door\" = \"back\");
    info!(bales = 1, counter = 2, \"histogram.x = 1\");
}
";
    let layer = "use tracing_opentelemetry::MetricsLayer;
pub fn start(provider: SdkMeterProvider) { tracing_subscriber::registry().with(MetricsLayer::new(provider)).init(); }
";
    insta::assert_snapshot!(lines(&[("src/barn.rs", barn), ("src/start.rs", layer)]), @r"
    gauge bales {} no help
    counter bales_stored_total {crop, door=front, message=stored} no help
    gauge barn_level {barn_door=back} no help
    histogram store_seconds {crop, message, size} [0.0, 5.0, 10.0, 25.0, 50.0, 75.0, 100.0, 250.0, 500.0, 750.0, 1000.0, 2500.0, 5000.0, 7500.0, 10000.0] in seconds no help
    ");
    assert_eq!(lines(&[("src/barn.rs", barn)]), "");
}

/// Attributes that methods and functions put together, some of them under conditions. A free function `new` is no type's.
#[test]
fn labels_that_functions_give() {
    let track = "use opentelemetry::KeyValue;
pub struct Track { way: String, gauge: Option<String> }
impl Track {
    fn common(&self) -> Vec<KeyValue> {
        let mut all = vec![KeyValue::new(\"way\", self.way.clone())];
        if let Some(gauge) = &self.gauge {
            all.push(KeyValue::new(\"gauge\", gauge.clone()));
        }
        all
    }
    pub fn attributes(&self, full: bool) -> Vec<KeyValue> {
        let mut all = self.common();
        all.extend([KeyValue::new(\"full\", full)]);
        all
    }
    pub fn open(&self, more: &[KeyValue]) -> Vec<KeyValue> {
        let mut all = self.common();
        all.extend_from_slice(more);
        all
    }
}
";
    let trains = "use std::sync::LazyLock;
use crate::track::Track;
static METER: LazyLock<Meter> = LazyLock::new(|| opentelemetry::global::meter(\"trains\"));
static RUN: LazyLock<Counter<u64>> = LazyLock::new(|| METER.u64_counter(\"trains.run\").build());
static HELD: LazyLock<Counter<u64>> = LazyLock::new(|| METER.u64_counter(\"trains.held\").build());
fn run(track: &Track) { RUN.add(1, &track.attributes(true)); }
fn hold(track: &Track, more: &[KeyValue]) { HELD.add(1, &track.open(more)); }
";
    let other = "pub fn new(name: &str, size: usize) -> Other { Other { name, size } }\n";
    let stops = "use metrics::{counter, Label};
fn labels(stop: &Stop) -> Vec<Label> {
    let mut all = vec![Label::new(\"stop\", stop.name())];
    if stop.late { all.push(Label::new(\"late\", \"true\")); }
    all
}
pub fn stopped(stop: &Stop) { counter!(\"stops_total\", labels(stop)).increment(1); }
";
    let files = [("src/track.rs", track), ("src/trains.rs", trains), ("src/other.rs", other), ("src/stops.rs", stops)];
    insta::assert_snapshot!(lines(&files), @r"
    counter stops_total {late=true, stop} no help
    counter trains_held_total {gauge, way, ..} no help
    counter trains_run_total {full, gauge, way} no help
    ");
}

/// A macro that puts what its callers define into a struct of theirs.
#[test]
fn fields_that_a_call_gives_a_macro() {
    let shared = "macro_rules! define_metrics {
    ($component:expr, $($field:ident : $ty:ty = $init:expr),*) => {
        pub(crate) struct Metrics { $(pub(crate) $field: $ty),*, }
        impl Metrics { fn new() -> Self { Self { $($field: $init),* } } }
        static METRICS: std::sync::OnceLock<Metrics> = std::sync::OnceLock::new();
        pub(crate) fn get() -> &'static Metrics { METRICS.get_or_init(|| Metrics::new()) }
        fn meter() -> opentelemetry::metrics::Meter { opentelemetry::global::meter($component) }
    };
}
";
    let metrics = "use opentelemetry::metrics::Counter;
define_metrics! {
    \"post\",
    letters_total: Counter<u64> = meter().u64_counter(\"post.letters\").with_description(\"Letters.\").init(),
    lost_total: Counter<u64> = meter().u64_counter(\"post.lost\").init()
}
";
    let post = "use opentelemetry::KeyValue;
fn sent() { crate::metrics::get().letters_total.add(1, &[KeyValue::new(\"way\", \"out\")]); }
fn lost() { crate::metrics::get().lost_total.add(1, &[]); }
";
    insta::assert_snapshot!(lines(&[("src/shared.rs", shared), ("src/metrics.rs", metrics), ("src/post.rs", post)]), @r#"
    counter post_letters_total {way=out} "Letters."
    counter post_lost_total {} no help
    "#);
}

/// Pairs that methods give, a callback of several instruments, and labels that a field of a derived struct has by itself.
#[test]
fn pairs_of_other_forms() {
    let mail = "use opentelemetry::{Key, KeyValue};
const STATE: Key = Key::from_static_str(\"state\");
pub struct Kind(String);
impl Kind {
    fn pair(&self) -> KeyValue { KeyValue::new(\"kind\", self.0.clone()) }
}
pub struct Post { kind: Kind, sorted: Counter<u64> }
impl Post {
    pub fn new(meter: &Meter) -> Self {
        let waiting = meter.u64_observable_gauge(\"mail.waiting\").init();
        let _ = meter.register_callback(&[waiting.as_any()], move |observer| {
            for (state, count) in states() {
                let labels = vec![STATE.string(state.to_string())];
                observer.observe_u64(&waiting, count, &labels);
            }
        });
        Post { kind: Kind(String::new()), sorted: meter.u64_counter(\"mail.sorted\").init() }
    }
    pub fn sort(&self, ok: bool) { self.sorted.add(1, &[self.kind.pair(), KeyValue::new(\"ok\", ok)]); }
}
";
    let calls = "use metrics::Counter;
#[derive(Clone, metrics_derive::Metrics)]
#[metrics(scope = \"rpc\")]
pub struct Calls {
    #[metric(rename = \"finished_total\", labels = [(\"status\", \"ok\")], describe = \"Finished.\")]
    pub finished: Counter,
    #[metric(rename = \"finished_total\", labels = [(\"status\", \"error\")], describe = \"Finished.\")]
    pub failed: Counter,
}
pub fn calls(method: &'static str) -> Calls { Calls::new_with_labels(&[(\"method\", method)]) }
";
    insta::assert_snapshot!(lines(&[("src/mail.rs", mail), ("src/calls.rs", calls)]), @r#"
    counter mail_sorted_total {kind, ok} no help
    gauge mail_waiting {state} no help
    counter rpc_finished_total {method, status=error|ok} "Finished."
    "#);
}

/// A function encodes for several collectors, and label sets are structs.
#[test]
fn collectors_that_share_a_function() {
    let text = "use prometheus_client::{collector::Collector, encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric}};
use prometheus_client::{metrics::{MetricType, counter::ConstCounter, gauge::ConstGauge}, registry::Registry};
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Stall { number: usize }
#[derive(Debug)]
struct Stable { horses: Vec<Horse> }
impl Stable {
    pub fn register(registry: &mut Registry) {
        registry.sub_registry_with_prefix(\"stable\").register_collector(Box::new(Self::new()));
    }
}
fn encode_gauge(encoder: &mut DescriptorEncoder, name: &str, help: &str, value: i64) -> Result<(), std::fmt::Error> {
    let metric = ConstGauge::new(value);
    let encoder = encoder.encode_descriptor(name, help, None, metric.metric_type())?;
    metric.encode(encoder)
}
impl Collector for Stable {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        encode_gauge(&mut encoder, \"horses\", \"Horses.\", self.horses.len() as i64)?;
        let mut family = encoder.encode_descriptor(\"rides\", \"Rides.\", None, MetricType::Counter)?;
        for number in 0..self.horses.len() {
            let labels = Stall { number };
            ConstCounter::new(1).encode(family.encode_family(&labels)?)?;
        }
        Ok(())
    }
}
fn start() { let mut registry = Registry::default(); Stable::register(&mut registry); }
";
    insta::assert_snapshot!(lines(&[("src/stable.rs", text)]), @r#"
    gauge stable_horses {} "Horses."
    counter stable_rides_total {number} "Rides."
    "#);
}

/// What another package's function makes is used there.
#[test]
fn a_set_that_another_package_makes() {
    let http = "use opentelemetry::{KeyValue, metrics::{Counter, Meter}};
pub struct HttpMetrics { responses: Counter<u64> }
impl HttpMetrics {
    pub fn new(meter: &Meter, name: &'static str) -> Self { HttpMetrics { responses: meter.u64_counter(name).build() } }
    pub fn answered(&self, route: &str) { self.responses.add(1, &[KeyValue::new(\"route\", route.to_owned())]); }
}
";
    let shop = "pub fn start(meter: &Meter) { serve(shared_http::HttpMetrics::new(meter, \"shop.responses\")); }\n";
    let files = of_packages(&[("shared-http", "http/src/lib.rs", http), ("shop", "shop/src/lib.rs", shop)]);
    insta::assert_snapshot!(of_files(&files), @"counter shop_responses_total {route} no help");
}

/// A type of another name, which a helper makes.
#[test]
fn an_alias_of_a_generic_metric() {
    let text = "use prometheus::{core::{AtomicU64, GenericGauge}, Registry};
type Level = GenericGauge<AtomicU64>;
type Depth = u64;
pub struct Pond { pub water: Level, pub reeds: Level }
impl Pond {
    fn level(registry: &Registry, name: &str, help: &str) -> Level {
        let level = Level::new(name, help).unwrap();
        registry.register(Box::new(level.clone())).unwrap();
        level
    }
    pub fn new() -> Self {
        let registry = Registry::new();
        let depth = Depth::new(\"pond_depth\", \"No metric.\");
        Pond { water: Pond::level(&registry, \"pond_water\", \"Water.\"), reeds: Pond::level(&registry, \"pond_reeds\", \"Reeds.\") }
    }
}
";
    insta::assert_snapshot!(lines(&[("src/pond.rs", text)]), @r#"
    gauge pond_reeds {} "Reeds."
    gauge pond_water {} "Water."
    "#);
}
