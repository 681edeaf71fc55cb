//! Families that are given their labels as one value, and values that something was looked up by.

use super::{provenance, provenance_of};

const METRICS: &str = r#"
use prometheus_client::{encoding::{EncodeLabelSet, EncodeLabelValue}, metrics::{counter::Counter, family::Family, histogram::Histogram}};
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelValue)]
enum Heat { Low, High, Full }
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Baked { heat: Heat, shape: String }
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Sold { to: String, paid: bool, #[prometheus(flatten)] what: Baked }
pub struct Metrics { baked: Family<Baked, Counter>, sold: Family<Sold, Counter>, orders: Counter }
impl Metrics {
    pub fn new(registry: &mut Registry) -> Self {
        macro_rules! family { ($name:literal, $help:literal) => {{ let all = Family::default(); registry.register($name, $help, all.clone()); all }}; }
        let baked = family!("baked", "Baked");
        let all_sold = Family::default();
        registry.register("sold", "Sold", all_sold.clone());
        let orders = Counter::default();
        registry.register("orders", "Orders", orders.clone());
        Metrics { baked, sold: all_sold, orders }
    }
}
impl From<&Loaf> for Baked { fn from(loaf: &Loaf) -> Self { Baked { heat: Heat::Low, shape: loaf.shape() } } }
"#;

#[test]
fn the_fields_of_what_a_family_is_given_are_its_labels() {
    let body = r#"
impl Loaf { fn shape(&self) -> String { if self.long { "long".into() } else { "round".into() } } }
impl Metrics {
    fn bake(&self, heat: Heat, loaf: &Loaf) {
        self.orders.inc();
        self.baked.get_or_create(&Baked { heat, shape: "flat".to_owned() }).inc();
        let labels = Baked { heat: Heat::Full, shape: loaf.shape() };
        self.baked.get_or_create(&labels).inc();
        self.baked.get_or_create(&loaf.into()).inc();
    }
    fn sell(&self, request: &axum::http::Request<()>, what: Baked) {
        let mut labels = Sold { to: "nobody".to_owned(), paid: true, what };
        labels.to = request.uri().path().to_owned();
        self.sold.get_or_create(&labels).inc();
        self.sold.remove(&Sold { to: "nobody".to_owned(), ..labels });
    }
}
fn elsewhere(baked: &Family<Baked, Counter>, other: Other) {
    baked.get_or_create(&Baked { heat: Heat::Low, shape: "odd".to_owned() });
    other.baked.get(&1);
}
"#;
    // What is handed in may be any family.
    let expected = [
        "heat enum 3",
        "shape literal 1",
        "heat enum 3",
        "shape match 2",
        "heat enum 3",
        "shape match 4",
        "to path -",
        "paid bool 2",
        "heat enum 3",
        "shape match 4",
        "to literal 1",
        "paid bool 2",
        "heat enum 3",
        "shape match 4",
    ];
    assert_eq!(provenance_of(&format!("{METRICS}{body}")), expected);
}

#[test]
fn texts_of_two_templates_are_not_the_same() {
    let body = r#"
fn f(direct: bool, kept: Kept) {
    let way = if direct { "direct" } else { "indirect" };
    let status = match kept { Kept::Whole => format!("{way}-kept"), Kept::Part(_) => format!("{way}-lost") };
    counter!("a", "status" => status, "way" => format!("{way}!"), "plain" => format!("{way}"));
}
"#;
    assert_eq!(provenance(body), ["status match 4", "way match 2", "plain match 2"]);
}

#[test]
fn methods_that_are_handed_on_do_what_their_bodies_say() {
    let body = r#"
enum Why { Late, Burnt, Code(StatusCode), Other(String) }
impl Why {
    fn as_str(&self) -> &str { match self { Why::Late => "late", Why::Burnt => "burnt", Why::Code(c) => c.as_str(), Why::Other(o) => o.as_ref() } }
}
enum Heat { Low, High }
impl Heat { fn as_str(&self) -> &'static str { match self { Heat::Low => "low", Heat::High => "high" } } }
fn f(why: Option<Why>, heat: Option<Heat>) {
    counter!("a", "why" => why.as_ref().map(Why::as_str).unwrap_or_default(), "heat" => heat.as_ref().map(Heat::as_str).unwrap_or("off"));
}
"#;
    assert_eq!(provenance(body), ["why enum -", "heat enum 3"]);
}

#[test]
fn what_a_map_has_is_one_of_the_maps_keys() {
    let body = r#"
fn sold(Path(name): Path<String>, shelf: &Shelf) -> Result<(), Error> {
    let loaf = shelf.loaves.get(&name).cloned().ok_or(Error::NoSuchLoaf)?;
    counter!("sold", "name" => name.clone()).increment(1);
    Ok(())
}
fn baked(Path(name): Path<String>, shelf: &Shelf) {
    let Some(loaf) = shelf.loaves.get(&name) else { return };
    counter!("baked", "name" => name.clone()).increment(1);
}
fn within(Path(name): Path<String>, shelf: &Shelf) -> Result<(), Error> {
    let guard = { let loaf = shelf.loaves.get(&name).map(|l| l.clone()).ok_or_else(|| Error::NoSuchLoaf)?; loaf.guard.clone() };
    counter!("guarded", "name" => name.clone()).increment(1);
    Ok(())
}
fn asked(Path(name): Path<String>, store: &Store) -> Result<(), Error> {
    let loaf = store.get(&name)?;
    counter!("asked", "name" => name.clone()).increment(1);
    Ok(())
}
fn before(Path(name): Path<String>, shelf: &Shelf) {
    counter!("before", "name" => name.clone()).increment(1);
    let Some(loaf) = shelf.loaves.get(&name) else { return };
}
"#;
    assert_eq!(provenance(body), ["name closed -", "name closed -", "name closed -", "name text -", "name text -"]);
}
