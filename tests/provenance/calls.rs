//! Which function a call reaches, and which type what it is called on has.

use super::{provenance, values_of};

#[test]
fn a_trait_s_function_that_a_type_parameter_gives_reaches_every_implementation() {
    let body = r#"
trait Reporter { fn new(name: &str) -> Self; }
trait Engine { type Reporter: Reporter; }
struct Rocks { name: String }
impl Reporter for Rocks { fn new(name: &str) -> Self { Rocks { name: name.to_owned() } } }
impl Rocks { fn flush(&self) { counter!("a", "db" => self.name.clone()); } }
fn start<E: Engine>() { let reporter = E::Reporter::new("kv"); run(reporter); }
"#;
    assert_eq!(provenance(body), ["db literal 1"]);
}

#[test]
fn builders_of_another_type_are_no_calls_of_this_one() {
    let body = r#"
struct Source { port: Option<String> }
impl Source { fn new(kind: u8) -> Self { Source { port: None } } fn with_port(mut self, name: &str) -> Self { self.port = Some(name.to_owned()); self }
    fn sent(&self) { counter!("a", "port" => self.port.clone().unwrap()); } }
struct Target { port: Option<String> }
impl Target { fn with_port(mut self, name: &str) -> Self { self.port = Some(name.to_owned()); self } }
fn f(target: elsewhere::Target, asked: String) {
    Source::new(1).with_port("logs").sent();
    elsewhere::Target::new(2).with_port(&asked);
}
"#;
    assert_eq!(provenance(body), ["port literal 1"]);
}

#[test]
fn methods_that_types_elsewhere_have_too_reach_only_what_is_known() {
    let body = r#"
struct Parser;
impl Parser { fn parse(&self, packet: &str) { counter!("a", "packet" => packet.to_owned()); } }
fn f(request: &axum::http::Request<()>, base: &Base) { base.options().parse(request.uri().path()); }
"#;
    assert_eq!(provenance(body), ["packet unknown -"]);
}

#[test]
fn what_a_macro_of_the_tree_gives_has_a_type() {
    let body = r#"
macro_rules! each { ($self:ident.$field:ident) => { match $self { Store::One(s) => &s.$field, Store::Two(s) => &s.$field } } }
struct Conf { name: &'static str }
struct Inner { conf: Conf }
enum Store { One(Inner), Two(Inner) }
impl Store { fn db(&self) -> String { each!(self.conf).name.to_owned() } fn f(&self) { counter!("a", "name" => self.db()); } }
fn one() -> Conf { Conf { name: "one" } }
fn two() -> Conf { Conf { name: "two" } }
"#;
    assert_eq!(provenance(body), ["name literal 2"]);
}

#[test]
fn of_two_functions_that_the_build_chooses_between_the_one_for_tests_counts_nothing() {
    let body = r#"
const POOL: &str = "pool";
#[cfg(test)]
fn pool(n: u64) -> String { format!("test-{n}") }
#[cfg(not(test))]
fn pool(n: u64) -> String { POOL.to_owned() }
#[cfg(any(test, feature = "testing"))]
pub fn record_for_tests(name: String) { record(&name); }
fn record(name: &str) { counter!("b", "name" => name.to_owned()); }
fn f() { counter!("a", "pool" => pool(1)); record("own"); }
"#;
    assert_eq!(provenance(body), ["name literal 1", "pool literal 1"]);
}

#[test]
fn variants_are_known_by_the_names_that_they_are_imported_under() {
    let body = r#"
mod columns { pub enum Column { Block, State } }
use columns::Column;
use columns::Column::Block as FirstColumn;
fn put(column: &'static str) { counter!("a", "column" => column); }
fn f() { put(FirstColumn.into()); put(Column::State.into()); }
"#;
    assert_eq!(provenance(body), ["column enum 2"]);
}

#[test]
fn keys_are_those_of_the_entry_or_of_the_map_that_is_configured() {
    let body = r#"
#[derive(Deserialize)]
struct RouteConfig { routes: HashMap<String, String> }
fn f(config: &RouteConfig, seen: &mut HashMap<&'static str, Handle>) {
    for name in config.routes.keys() { counter!("a", "route" => name.clone()); }
    seen.entry("small").or_insert_with_key(|key| make(key));
}
fn make(key: &str) -> Handle { counter!("b", "key" => key.to_owned()); Handle }
"#;
    assert_eq!(provenance(body), ["route config -", "key literal 1"]);
}

#[test]
fn numbers_that_are_counted_up_have_no_bound() {
    let body = r#"
#[derive(Clone, Copy)]
struct Turn(u64);
impl Turn { fn next(self) -> Turn { Turn(self.0 + 1) } }
fn start() -> Turn { Turn(1) }
fn other(mut pair: (u64, u64)) { pair.0 = 7; }
fn f(turn: Turn) { counter!("a", "turn" => turn.next().0.to_string()); }
"#;
    assert_eq!(provenance(body), ["turn unknown -"]);
}

#[test]
fn a_method_that_hands_a_call_on_does_not_call_itself() {
    let body = r#"
struct Store { inner: elsewhere::Shelf }
impl Store {
    fn place(&self) -> &str { self.inner.place() }
    fn f(&self) { counter!("a", "place" => match self.place() { "" => "none", place => place }.to_owned()); }
}
"#;
    assert_eq!(provenance(body), ["place unknown -"]);
}

#[test]
fn an_enum_of_the_tree_may_be_called_like_what_frameworks_have() {
    let body = r#"
enum StatusCode { Fine, Broken, Lost }
trait Coded { fn status_code(&self) -> StatusCode; }
struct Fault;
impl Coded for Fault { fn status_code(&self) -> StatusCode { StatusCode::Broken } }
fn f(outcome: elsewhere::Outcome) { if let Some(fault) = outcome.fault() { counter!("a", "code" => fault.status_code().as_ref().to_owned()); } }
"#;
    assert_eq!(provenance(body), ["code enum 3"]);
}

#[test]
fn functions_that_all_call_each_other_are_gone_through_once() {
    use std::fmt::Write;
    let mut body = String::from("fn f0(kind: &str) { counter!(\"a\", \"kind\" => kind.to_owned());");
    for from in 0..10 {
        if from > 0 {
            let _ = write!(body, "fn f{from}(kind: &str) {{");
        }
        for to in (0..10).filter(|to| *to != from) {
            let _ = write!(body, " f{to}(kind);");
        }
        body.push_str(" }\n");
    }
    body.push_str("fn main() { f5(\"first\"); f7(\"second\"); }\n");
    assert_eq!(provenance(&body), ["kind literal 2"]);
}

#[test]
fn a_value_of_another_crate_has_no_methods_of_the_tree_s_types() {
    let body = r#"
use planner::Statement;
struct Kitchen;
impl Named for Kitchen { fn name(&self) -> &str { "kitchen" } fn number(&self) -> &str { "one" } }
fn f(order: Statement, mut oven: std::process::Command) {
    counter!("a", "op" => order.verb.name());
    match oven.spawn().unwrap().try_wait() {
        Ok(Some(left)) => counter!("b", "number" => left.number()),
        _ => {}
    }
}
"#;
    assert_eq!(provenance(body), ["op unknown -", "number unknown -"]);
    // A trait of the tree may be implemented for it.
    let body = r#"
use planner::Statement;
trait Verb { fn verb(&self) -> &'static str; }
impl Verb for Statement { fn verb(&self) -> &'static str { match self.kind { 1 => "bake", _ => "fry" } } }
fn f(order: Order, next: Statement) { counter!("a", "one" => order.first.verb(), "two" => next.verb()); }
"#;
    assert_eq!(provenance(body), ["one match 2", "two match 2"]);
}

/// A helper takes name and labels, which a list at the call gives.
#[test]
fn a_list_that_a_call_hands_to_a_helper() {
    let body = r#"
fn count(name: &'static str, labels: &[(&'static str, &'static str)]) { metrics::counter!(name, labels).increment(1); }
fn bake(kind: &'static str, hot: bool) {
    let oven = if hot { "hot" } else { "cold" };
    count("loaves_total", &[("kind", kind), ("oven", oven)]);
}
fn day() { bake("rye", true); bake("oat", false); }
"#;
    assert_eq!(provenance(body), ["kind literal 2", "oven match 2"]);
}

/// What makes an object stands in a body that is read for the call beside it.
#[test]
fn objects_that_are_made_beside_a_call_count() {
    let uses = "pub struct Event { pub kind: &'static str }
pub fn record(event: &Event, extra: &'static str) { metrics::counter!(\"a\", \"kind\" => event.kind, \"extra\" => extra); }
pub fn seeded() { metrics::counter!(\"b\"); record(&Event { kind: \"seed\" }, \"no\"); }
";
    let literal = "impl Event { pub fn note() { let me = Self { kind: \"bee\" }; record(&me, \"yes\"); } }";
    let assigned = "pub fn note(mut event: Event) { event.kind = \"bee\"; record(&event, \"yes\"); }";
    for other in [literal, assigned] {
        let labels = values_of(&[("src/lib.rs", &format!("{uses}{other}"))]);
        assert_eq!(labels, ["kind bee,seed", "extra no,yes"]);
    }
}
