//! What expressions are worth, and that nothing takes long.

#![allow(clippy::panic)]

use std::sync::Arc;

use super::super::world::{Parsed, World};
use super::{Evaluator, Scope, Value};
use crate::source::{FileKind, SourceFile};
use crate::syntax::rust::parse;
use crate::syntax::rust::tree::ItemKind;

/// The value of the constant `X` of a file.
fn value(text: &str) -> Value {
    let files = [Parsed {
        source: Arc::new(SourceFile::new("src/lib.rs", FileKind::Rust, text)),
        libraries: Vec::new(),
        tree: parse(text).expect("parses"),
        origin: None,
    }];
    let mut world = World::default();
    world.add(&files[0]);
    let item = files[0].tree.items.iter().find(|i| i.name.as_str() == "X").expect("a constant X");
    let ItemKind::Const { value: Some(expr), .. } = &item.kind else { panic!("a constant") };
    Evaluator::new(&world).value(expr, &Scope::of_item(0, None))
}

fn text(source: &str) -> (String, bool) {
    match value(source) {
        Value::Text(text) => (text.text, text.known),
        other => panic!("a text, not {other:?}"),
    }
}

fn numbers(source: &str) -> Vec<f64> {
    match value(source) {
        Value::List(items) => items.iter().map(|i| if let Value::Number(n) = i { *n } else { f64::NAN }).collect(),
        other => panic!("a list, not {other:?}"),
    }
}

#[test]
fn texts_are_put_together() {
    assert_eq!(text("const P: &str = \"app\"; const X: &str = concat!(\"a\", \"_\", 1);"), ("a_1".into(), true));
    assert_eq!(text("const P: &str = \"app\"; static X: L = format!(\"{P}_{}_{{}}\", \"b\".to_string());"), ("app_b_{}".into(), true));
    assert_eq!(text("static X: L = format!(\"{}_total\", run_time());"), ("*_total".into(), false));
    assert_eq!(text("mod names { pub const N: &str = \"in\"; } const N: &str = \"out\"; const X: &str = names::N;"), ("in".into(), true));
    assert_eq!(text("struct S; impl S { const N: &str = \"s\"; } const X: &str = S::N;"), ("s".into(), true));
}

#[test]
fn numbers_are_written_in_the_width_that_is_asked_for() {
    assert_eq!(text("static X: S = format!(\"{:03}_{:03}_{:.1}\", -5, 7, 0.25 + 1.0);"), ("-05_007_1.2".into(), true));
}

#[test]
fn more_choices_than_are_kept_are_said() {
    let of = |n: usize| (0..n).map(|i| format!("{i} => \"v{i}\", ")).collect::<String>();
    let known = |n: usize| match value(&format!("static X: S = match kind() {{ {} }};", of(n))) {
        Value::OneOf(all) => (all.len(), Value::OneOf(all).is_known()),
        other => panic!("one of several, not {other:?}"),
    };
    assert_eq!(known(256), (256, true));
    assert_eq!(known(300), (257, false));
}

#[test]
fn lists_of_numbers_are_followed() {
    assert_eq!(numbers("const B: [f64; 2] = [0.5, 1.0]; static X: L = B.to_vec();"), [0.5, 1.0]);
    assert_eq!(numbers("static X: L = (0..4).map(|x| 2.0_f64.powi(x)).collect();"), [1.0, 2.0, 4.0, 8.0]);
    assert_eq!(numbers("static X: L = prometheus::linear_buckets(1.0, 2.0, 3).unwrap();"), [1.0, 3.0, 5.0]);
    assert_eq!(numbers("static X: L = exponential_buckets(1.0, 10.0, 3)?;"), [1.0, 10.0, 100.0]);
    let durations = "static X: L = [600, 10_000, 1_500_000].into_iter().map(Duration::from_micros).map(|d| d.as_secs_f64()).collect();";
    assert_eq!(numbers(durations), [0.0006, 0.01, 1.5]);
    assert_eq!(
        numbers("static X: L = [Duration::from_millis(7).as_micros() as f64, std::time::Duration::from_secs(2).as_millis() as f64];"),
        [7000.0, 2000.0]
    );
    let filled =
        "static X: L = { let n = 3; let mut v = Vec::with_capacity(n); let mut b = 1.0; for _ in 0..n { b *= 1.5; v.push(b); } v };";
    assert_eq!(numbers(filled), [1.5, 2.25, 3.375]);
    assert_eq!(value("static X: L = (0..100).map(|x| limit() * x).collect();"), Value::Count(100));
    assert!(matches!(value("static X: L = (0..9).filter(|x| *x < limit()).collect();"), Value::Unknown(_)));
}

#[test]
fn a_list_that_is_filled_under_a_condition_is_not_known() {
    let text = "static X: L = { let mut v = vec![1.0]; if more() { v.push(2.0); } v };";
    assert!(matches!(value(text), Value::Unknown(_)), "{:?}", value(text));
}

#[test]
fn constants_that_name_each_other_end() {
    assert!(matches!(value("const A: u8 = X; const X: u8 = A;"), Value::Unknown(_)));
}

#[test]
fn values_that_would_grow_without_limit_are_cut_off() {
    let nested = |call: &str, n: usize| format!("{}\"abcdefgh\"{}", call.repeat(n), ")".repeat(n));
    for source in [
        "const X: &[&[&[f64]]] = [[[0.0; 4096]; 4096]; 4096];".to_owned(),
        format!("fn f(x: S) -> S {{ format!(\"{{x}}{{x}}\") }} static X: S = {};", nested("f(", 30)),
        format!("fn f(x: S) -> S {{ [x, x] }} static X: S = {};", nested("f(", 30)),
        format!("fn f(x: S) -> S {{ (x, x, x, x) }} static X: S = {};", nested("f(", 30)),
        format!("const A: &str = \"{}\"; static X: S = concat!({});", "a".repeat(10_000), "A, ".repeat(5_000)),
        "fn f(l: L) -> L { l.map(|a| l.map(|b| l.map(|c| [a, b, c]))) } static X: L = f((0..4096).collect());".to_owned(),
        "static X: L = { let mut v = vec![]; for a in 0..4096 { for b in 0..4096 { for c in 0..4096 { v.push(1.0); } } } v };".to_owned(),
        "static X: L = { let mut v = vec![]; for a in 0..4096 { for b in 0..4096 { for c in 0..4096 { } } } v };".to_owned(),
        "static X: L = { let mut v = vec![1.0]; loop { loop { loop { loop { v.len(); } } } } };".to_owned(),
        "static X: L = { let mut v = vec![1.0]; loop { loop { loop { loop { v; } } } } v };".to_owned(),
        "static X: L = { let mut v = vec![1.0]; loop { loop { loop { loop { v.len(); } } } } v };".to_owned(),
    ] {
        let value = value(&source);
        assert!(value.weight(usize::MAX) < 1_000_000);
    }
}
