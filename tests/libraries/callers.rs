//! What callers decide: labels that one adds and another does not, methods of types that share a name.

use super::{lines, of_files, of_packages};

#[test]
fn labels_that_one_caller_adds_are_the_metrics() {
    let text = "use std::collections::HashMap;
use prometheus::{IntCounterVec, Opts, Registry};
macro_rules! oven {
    ($name:ident, $field:ident, $help:literal) => {
        pub struct $name { $field: IntCounterVec }
        impl $name {
            pub fn new(registry: &Registry) -> Self { Self::inner(registry, Default::default()) }
            pub fn of(registry: &Registry, id: String) -> Self { Self::with(registry, [(\"oven\".to_owned(), id)]) }
            pub fn with<I: IntoIterator<Item = (String, String)>>(registry: &Registry, labels: I) -> Self {
                Self::inner(registry, labels.into_iter().collect())
            }
            fn inner(registry: &Registry, labels: HashMap<String, String>) -> Self {
                let options = Opts::new(stringify!($field), $help).const_labels(labels.clone());
                let $field = IntCounterVec::new(options, &[\"loaf\"]).unwrap();
                registry.register(Box::new($field.clone())).unwrap();
                Self { $field }
            }
        }
    };
}
oven!(Baked, baked_total, \"Baked\");
oven!(Burnt, burnt_total, \"Burnt\");
oven!(Lost, lost_total, \"Lost\");
pub fn start(registry: &Registry) {
    Baked::new(registry);
    Burnt::of(registry, \"left\".to_owned());
    Burnt::of(registry, \"right\".to_owned());
    Lost::new(registry);
    Lost::of(registry, \"left\".to_owned());
}
";
    insta::assert_snapshot!(lines(&[("src/a.rs", text)]), @r#"
    counter baked_total {loaf} "Baked"
    counter burnt_total {loaf, oven=left|right} "Burnt"
    counter lost_total {loaf, oven=left} "Lost"
    "#);
}

#[test]
fn methods_are_of_the_type_that_is_meant_among_those_of_one_name() {
    let root = "pub mod dough;\npub mod oven;\npub mod yard;\n";
    let part = |name: &str| {
        format!(
            "use prometheus::{{IntGauge, Registry, register_int_gauge_with_registry}};
pub struct Builder {{ heat: u8, size: Option<IntGauge> }}
impl Builder {{
    pub fn new() -> Self {{ Self {{ heat: 1, size: None }} }}
    pub fn heat(mut self, heat: u8) -> Self {{ self.heat = heat; self }}
    pub fn with_metrics(mut self, registry: &Registry) -> Self {{
        self.size = register_int_gauge_with_registry!(\"{name}_size\", \"Size\", registry).ok();
        self
    }}
}}
"
        )
    };
    let program = "use bakery::{dough, oven, yard};
use prometheus::Registry;
fn build(registry: &Registry) {
    dough::Builder::new().heat(3).with_metrics(registry);
    oven::Builder::new().with_metrics(&Registry::new_custom(Some(\"hot\".to_owned()), None).unwrap());
    yard::Builder::new().heat(0);
}
fn main() { build(&Registry::new()); }
";
    let [dough, oven, yard] = ["dough", "oven", "yard"].map(part);
    let files = of_packages(&[
        ("bakery", "bakery/src/lib.rs", root),
        ("bakery", "bakery/src/dough.rs", &dough),
        ("bakery", "bakery/src/oven.rs", &oven),
        ("bakery", "bakery/src/yard.rs", &yard),
        ("shop", "shop/src/main.rs", program),
    ]);
    insta::assert_snapshot!(of_files(&files), @r#"
    gauge *yard_size {} "Size"
    gauge dough_size {} "Size"
    gauge hot_oven_size {} "Size"
    "#);
}

#[test]
fn lists_of_labels_are_those_that_callers_give_or_that_the_object_holds() {
    let text = "use metrics::{counter, gauge};
struct Baking { labels: [(&'static str, String); 2] }
impl Drop for Baking {
    fn drop(&mut self) { gauge!(\"baking\", &self.labels).decrement(1.0); }
}
fn count(labels: &[(&'static str, String)]) { counter!(\"counted\", labels).increment(1); }
fn bake(shape: String, weighed: Option<u64>) -> Option<Baking> {
    let labels = [(\"shape\", shape), (\"oven\", \"left\".to_owned())];
    if let Some(weight) = weighed {
        counter!(\"weighed\", &labels).increment(weight);
        count(&labels);
    }
    count(&[(\"shape\", \"round\".to_owned()), (\"oven\", \"right\".to_owned())]);
    Some(Baking { labels })
}
fn rows(rows: &Vec<(&'static str, String)>) { counter!(\"rows\", rows).increment(1); }
fn grown(long: bool) {
    let mut all = vec![(\"first\", \"1\".to_owned())];
    if long {
        all.push((\"second\", \"2\".to_owned()));
    }
    rows(&all);
}
";
    insta::assert_snapshot!(lines(&[("src/a.rs", text)]), @r#"
    gauge baking {oven=left, shape} no help
    counter counted {oven=left|right, shape} no help
    counter rows {..} no help
    counter weighed {oven=left, shape} no help
    "#);
}

#[test]
fn what_a_macro_is_given_is_used_as_what_it_expands_to_uses_it() {
    let text = "use prometheus::{IntCounterVec, Opts, Registry};
macro_rules! with_label { ($metric:expr, $label:expr) => { $metric.with_label_values(&[AsRef::<str>::as_ref(&$label)]) }; }
macro_rules! hand_on { ($metric:expr) => { crate::other::take(&$metric) }; }
macro_rules! shelf {
    ($name:ident { $($field:ident: $help:literal $labels:tt),* $(,)? }) => {
        pub struct $name { $(pub $field: IntCounterVec),* }
        impl $name {
            pub fn new(registry: &Registry) -> Self {
                Self { $($field: {
                    let made = IntCounterVec::new(Opts::new(stringify!($field), $help), &$labels).unwrap();
                    registry.register(Box::new(made.clone())).unwrap();
                    made
                }),* }
            }
        }
    };
}
shelf!(Shelf { baked: \"Baked\" [\"loaf\"], burnt: \"Burnt\" [\"loaf\"], sold: \"Sold\" [\"loaf\"] });
const ROUND: &str = \"round\";
pub fn count(shelf: &Shelf) {
    shelf.baked.with_label_values(&[\"long\"]).inc();
    with_label!(shelf.baked, ROUND).inc();
    with_label!(shelf.burnt, \"long\").inc();
    with_label!(shelf.sold, \"long\").inc();
    hand_on!(shelf.sold);
    println!(\"{}\", stringify!(burnt));
}
";
    insta::assert_snapshot!(lines(&[("src/a.rs", text)]), @r#"
    counter baked {loaf=long|round} "Baked"
    counter burnt {loaf=long} "Burnt"
    counter sold {loaf} "Sold"
    "#);
}

/// What one of several callers gives may add labels that are not known.
#[test]
fn labels_that_one_caller_may_add() {
    let text = r#"
use std::collections::HashMap;
use prometheus::{IntCounter, Opts};
pub struct Settings { prefix: String, labels: HashMap<String, String> }
impl Settings {
    pub fn plain() -> Self { Settings { prefix: "mill".to_string(), labels: HashMap::new() } }
    pub fn read() -> Self { Settings { labels: from_environment(), ..Self::plain() } }
}
fn turns(settings: Settings) -> IntCounter {
    let prefix = &settings.prefix;
    IntCounter::with_opts(Opts::new(format!("{prefix}_turns_total"), "Turns").const_labels(settings.labels.clone())).unwrap()
}
pub fn for_tests() -> IntCounter { turns(Settings::plain()) }
pub fn start() -> IntCounter { turns(Settings::read()) }
"#;
    assert_eq!(lines(&[("src/lib.rs", text)]), "counter mill_turns_total {..} \"Turns\"\n");
}

/// A builder's method sets what the literal gave first: names are those of all who call it, and the first one.
#[test]
fn fields_that_methods_set_later() {
    let text = r#"
use prometheus::{Histogram, HistogramOpts, IntCounter, Registry};
pub struct Pool { name: String, size: usize }
impl Default for Pool {
    fn default() -> Self { Self { name: "any".to_string(), size: 4 } }
}
impl Pool {
    pub fn name(mut self, name: impl Into<String>) -> Self { self.name = name.into(); self }
    pub fn size(mut self, size: usize) -> Self { self.size = size; self }
    pub fn build(self) -> IntCounter { jobs(self.name.clone()) }
}
fn jobs(pool: String) -> IntCounter {
    prometheus::register_int_counter!(format!("{}_jobs_total", pool.replace("-", "_")), "Jobs").unwrap()
}
fn started(name: &str) -> IntCounter { Pool::default().name(name).size(2).build() }
pub fn start() {
    Pool::default().build();
    started("fast");
    started("very-slow");
}
// Nothing is set of this one, though a field of the other has its name.
pub struct Line { name: &'static str }
impl Line {
    pub fn new() -> Self { Line { name: "line" } }
    pub fn waits(&self) -> Histogram {
        Histogram::with_opts(HistogramOpts::new(format!("{}_wait_seconds", self.name), "Waits").buckets(vec![1.0])).unwrap()
    }
}
"#;
    insta::assert_snapshot!(lines(&[("src/lib.rs", text)]), @r#"
    counter any_jobs_total {} "Jobs"
    counter fast_jobs_total {} "Jobs"
    histogram line_wait_seconds {} [1.0] "Waits"
    counter very_slow_jobs_total {} "Jobs"
    "#);
}

/// What is set from outside, and by those whom nobody sees.
#[test]
fn fields_that_others_set_later() {
    let text = r#"
use prometheus::IntCounter;
#[derive(Default)]
pub struct Shop { pub prefix: String }
impl Shop {
    pub fn sold(&self) -> IntCounter { prometheus::register_int_counter!(format!("{}_sold_total", self.prefix), "Sold").unwrap() }
}
pub fn open() {
    let mut shop = Shop::default();
    shop.prefix = "corner".to_owned();
    shop.sold();
}
// What is set of one says nothing of another that is made beside it, nor does what is set before.
#[derive(Default)]
pub struct Mill { pub prefix: String }
impl Mill {
    pub fn ground(&self) -> IntCounter { prometheus::register_int_counter!(format!("{}_ground_total", self.prefix), "Ground").unwrap() }
}
pub fn mills() {
    let mut old = Mill::default();
    old.prefix = "old".to_owned();
    old.ground();
    let new = Mill { prefix: "new".to_owned() };
    new.ground();
}
#[derive(Default)]
pub struct Barn { pub prefix: String }
impl Barn {
    pub fn filled(&self) -> IntCounter { prometheus::register_int_counter!(format!("{}_filled_total", self.prefix), "Filled").unwrap() }
}
pub fn barns() {
    let mut barn = Barn::default();
    barn.prefix = "first".to_owned();
    barn.filled();
    let barn = Barn { prefix: "second".to_owned() };
    barn.filled();
}
pub struct Silo { pub prefix: String }
impl Silo {
    pub fn emptied(&self) -> IntCounter { prometheus::register_int_counter!(format!("{}_emptied_total", self.prefix), "Emptied").unwrap() }
}
pub fn silos() {
    let mut silo = Silo { prefix: "never".to_owned() };
    silo.prefix = "always".to_owned();
    silo.emptied();
}
pub struct Stall { prefix: String }
impl Stall {
    pub fn new() -> Self { Stall { prefix: "stall".to_owned() } }
    pub fn set_prefix(&mut self, prefix: &str) { self.prefix = prefix.to_owned(); }
    pub fn sales(&self) -> IntCounter { prometheus::register_int_counter!(format!("{}_sales_total", self.prefix), "Sales").unwrap() }
}
"#;
    insta::assert_snapshot!(lines(&[("src/lib.rs", text)]), @r#"
    counter *_sales_total {} "Sales"
    counter always_emptied_total {} "Emptied"
    counter corner_sold_total {} "Sold"
    counter first_filled_total {} "Filled"
    counter new_ground_total {} "Ground"
    counter old_ground_total {} "Ground"
    counter second_filled_total {} "Filled"
    counter stall_sales_total {} "Sales"
    "#);
}
