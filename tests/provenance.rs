//! Where label values come from, in small files that set labels the way real code does.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::sync::Arc;

use reduse::extract::{Settings, inventory, rust};
use reduse::source::{FileKind, SourceFile};

/// `label kind count` for each label of each use site, in the order of the text.
fn provenance(body: &str) -> Vec<String> {
    let text = format!("use metrics::counter;\n{body}");
    let file = Arc::new(SourceFile::new("src/lib.rs", FileKind::Rust, text.as_str()));
    let mut extraction = rust::extract(&[&file], &Settings::default());
    assert_eq!(extraction.problems, []);
    let uses = inventory(&mut extraction).uses;
    let labels = uses.iter().flat_map(|u| &u.labels);
    let count = |n: Option<u64>| n.map_or_else(|| "-".to_owned(), |n| n.to_string());
    labels.map(|l| format!("{} {} {}", l.name, l.provenance.kind.as_str(), count(l.provenance.count))).collect()
}

#[test]
fn values_that_are_written_down_are_bounded() {
    let body = r#"
enum Kind { A, B(String) }
impl Kind { fn as_str(&self) -> &'static str { match self { Kind::A => "a", Kind::B(_) => "b" } } }
#[derive(Debug, strum::AsRefStr)]
enum Reason { Full, Closed(String), Gone }
const NAME: &str = "name";
fn f(kind: &Kind, reason: &Reason, ok: bool, code: StatusCode, n: u64) {
    counter!("a", "l" => "x", "c" => NAME, "k" => kind.as_str(), "r" => reason.as_ref(), "b" => ok.to_string());
    counter!("b", "m" => if ok { "x" } else { "y" }, "s" => code.as_u16().to_string(), "i" => (n % 8).to_string());
    counter!("c", "f" => format!("{}_{}", kind.as_str(), if ok { "x" } else { "y" }));
}
"#;
    let expected = ["l literal 1", "c literal 1", "k enum 2", "r enum 3", "b bool 2", "m match 2", "s status 60", "i index 8", "f enum 4"];
    assert_eq!(provenance(body), expected);
}

#[test]
fn what_a_client_or_an_error_says_is_unbounded() {
    let body = r#"
#[derive(Debug, thiserror::Error)]
enum LoadError { #[error("cannot read {0}")] Read(String) }
fn f(request: &axum::http::Request<()>, error: &LoadError, peer: SocketAddr) {
    counter!("a", "p" => request.uri().path().to_owned(), "e" => error.to_string(), "a" => peer.to_string());
    counter!("b", "u" => Uuid::new_v4().to_string(), "t" => format!("at {}", request.uri()));
}
"#;
    assert_eq!(provenance(body), ["p path -", "e error -", "a address -", "u uuid -", "t path -"]);
}

#[test]
fn callers_fields_and_results_are_followed() {
    let body = r#"
struct Job { stage: &'static str }
impl Job { fn new(stage: &'static str) -> Self { Job { stage } }
    fn done(&self) { counter!("a", "stage" => self.stage); } }
fn start() { Job::new("load").done(); Job::new("run").done(); }
fn record(reason: &str) { counter!("b", "reason" => reason.to_owned()); }
fn one() { record("full"); }
fn two(code: u16) { record(name_of(code)); }
fn name_of(code: u16) -> &'static str { match code { 1 => "one", 2 => "two", _ => "many" } }
fn unknown(asked: String) { counter!("c", "asked" => asked); }
"#;
    assert_eq!(provenance(body), ["stage literal 2", "reason match 4", "asked unknown -"]);
}

#[test]
fn what_may_change_unseen_is_unknown() {
    let body = r#"
#[derive(Deserialize)]
struct Query { db: String }
impl Default for Query { fn default() -> Self { Query { db: "public".into() } } }
struct Shared { zone: Mutex<String> }
fn new() -> Shared { Shared { zone: Mutex::new("a".into()) } }
fn f(query: &Query, shared: &Shared, list: &[&str]) {
    let mut text = String::from("a");
    for item in list { text.push_str(item); }
    counter!("a", "db" => query.db.clone(), "zone" => shared.zone.lock().clone(), "text" => text);
}
"#;
    assert_eq!(provenance(body), ["db unknown -", "zone unknown -", "text unknown -"]);
}

#[test]
fn a_closed_set_bounds_what_a_client_says() {
    let body = r#"
const KNOWN: [&str; 2] = ["a", "b"];
fn f(request: &axum::http::Request<()>) {
    let path = request.uri().path();
    let checked = if KNOWN.contains(&path) { path } else { "other" };
    let named = match path { "/a" | "/b" => path, _ => "other" };
    counter!("a", "checked" => checked, "named" => named);
}
"#;
    assert_eq!(provenance(body), ["checked closed -", "named match 3"]);
}
