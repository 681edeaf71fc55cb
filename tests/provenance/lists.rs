//! Lists of label values that are not written where they are used.

use super::{provenance, provenance_of};

const METRIC: &str = r#"
use prometheus::*;
static SENT: LazyLock<IntCounterVec> = LazyLock::new(|| register_int_counter_vec!("sent_total", "h", &["to", "why"]).unwrap());
"#;

#[test]
fn lists_that_functions_give_have_an_element_of_each_of_their_ends() {
    let body = r#"
fn labels<'a>(full: bool, path: &'a Path) -> [&'a str; 2] { if full { ["all", "full"] } else { ["some", "empty"] } }
fn f(full: bool, path: &Path) { let labels = labels(full, path); SENT.with_label_values(&labels).inc(); }
"#;
    assert_eq!(provenance_of(&format!("{METRIC}{body}")), ["to match 2", "why match 2"]);
}

#[test]
fn lists_that_are_given_are_those_of_every_call() {
    let body = r#"
fn count(labels: &[&str]) { SENT.with_label_values(labels).inc(); }
fn f(request: &axum::http::Request<()>) {
    count(&["a", request.uri().path()]);
    let labels = ["b", "c"];
    count(&labels);
}
"#;
    assert_eq!(provenance_of(&format!("{METRIC}{body}")), ["to literal 2", "why path -"]);
}

#[test]
fn lists_are_changed_by_position_or_in_ways_that_are_not_followed() {
    let body = r#"
const SECOND: usize = 1;
struct Labels<'a, const N: usize>([&'a str; N]);
impl<'a, const N: usize> Labels<'a, N> {
    fn of(kind: &Kind) -> Labels<'a, N> { let mut list = [""; N]; list[0] = kind.as_str(); list[SECOND] = "two"; Labels(list) }
}
impl<'a, const N: usize> AsRef<[&'a str]> for Labels<'a, N> { fn as_ref(&self) -> &[&'a str] { &self.0 } }
enum Kind { A, B }
impl Kind { fn as_str(&self) -> &'static str { match self { Kind::A => "a", Kind::B => "b" } } }
fn f(kind: &Kind) { let labels = Labels::<2>::of(kind); SENT.with_label_values(labels.as_ref()).inc(); }
fn g(at: usize, text: &str) { let mut labels = ["x", "y"]; labels[at] = text; SENT.with_label_values(&labels[..]).inc(); }
fn h(ok: bool) { let labels = &mut ["x", "y"]; if ok { labels[1] = ""; } SENT.with_label_values(labels).inc(); }
"#;
    let expected = ["to enum 3", "why match 2", "to unknown -", "why unknown -", "to literal 1", "why match 2"];
    assert_eq!(provenance_of(&format!("{METRIC}{body}")), expected);
}

#[test]
fn a_list_has_what_is_put_into_it_besides_what_it_begins_with() {
    let body = r#"
fn names(known: &[&'static str]) -> Vec<String> {
    let mut names: Vec<String> = ["a", "b"].iter().map(|n| n.to_string()).collect();
    if known.is_empty() { names.push("none".to_owned()); }
    names
}
fn f() { for name in names(&[]) { counter!("a", "name" => name); } }
fn g(input: &str) {
    let mut code = [0; 4];
    for (at, letter) in input.chars().enumerate() { code[at] = letter as u8; }
    counter!("b", "code" => code.to_string());
}
"#;
    assert_eq!(provenance(body), ["name match 3", "code unknown -"]);
}

#[test]
fn both_sides_of_what_is_split_are_parts_of_it_or_what_stands_for_it() {
    let body = r#"
fn f(request: &axum::http::Request<()>) {
    let path = request.uri().path();
    let (first, rest) = path.split_once('/').unwrap_or((path, "none"));
    let (kind, other) = known(path).unwrap_or(("x", "y"));
    counter!("a", "first" => first.to_owned(), "rest" => rest.to_owned(), "kind" => kind, "other" => other);
}
fn known(path: &str) -> Option<(&'static str, &'static str)> { if path.is_empty() { None } else { Some(("a", "b")) } }
"#;
    assert_eq!(provenance(body), ["first path -", "rest path -", "kind literal 2", "other literal 2"]);
}
