//! Names and bounds that statements make: early returns, texts that grow, elements that are set.

use super::lines;

#[test]
fn what_functions_return_early() {
    let text = r#"
use prometheus::{register_histogram, register_int_counter};
fn bounds(fast: bool) -> Vec<f64> { if fast { return vec![0.1]; } vec![1.0, 2.0] }
fn name(old: bool) -> &'static str { if old { return "orders"; } "orders_total" }
fn suffix() -> &'static str { if cfg!(test) { return "test"; } "baked" }
fn limits() -> Vec<f64> { if let Ok(limits) = std::env::var("LIMITS") { return parse(limits); } vec![4.0, 8.0] }
fn maybe(on: bool) -> &'static str { if is_new() { return "new_loaves"; } "loaves" }
pub fn start() {
    register_histogram!("fast_seconds", "Fast", bounds(true)).unwrap();
    register_histogram!("slow_seconds", "Slow", bounds(false)).unwrap();
    register_int_counter!(name(true), "Orders").unwrap();
    register_int_counter!(format!("loaves_{}_total", suffix()), "Loaves").unwrap();
    register_histogram!("given_seconds", "Given", limits()).unwrap();
    register_int_counter!(maybe(true), "Loaves").unwrap();
}
"#;
    insta::assert_snapshot!(lines(&[("src/lib.rs", text)]), @r#"
    histogram fast_seconds {} [0.1] "Fast"
    histogram given_seconds {} [4.0, 8.0] "Given"
    counter loaves {} "Loaves"
    counter loaves_baked_total {} "Loaves"
    counter new_loaves {} "Loaves"
    counter orders {} "Orders"
    histogram slow_seconds {} [1.0, 2.0] "Slow"
    "#);
}

#[test]
fn texts_and_lists_that_statements_change() {
    let text = r#"
use prometheus::{register_histogram, register_int_counter};
pub fn start() {
    let mut name = "oven".to_string();
    name.push_str("_total");
    register_int_counter!(name, "Ovens").unwrap();
    let mut name = String::from("mill");
    if is_fast() { name += "_fast"; }
    name.push_str("_total");
    register_int_counter!(&name, "Mills").unwrap();
    println!("{}", name.len());
    let mut name = "shop".to_string();
    for part in ["till", "total"] { name.push('_'); name.push_str(part); }
    register_int_counter!(&name, "Shops").unwrap();
    let mut name = "lost".to_string();
    rename(&mut name);
    register_int_counter!(&name, "Lost").unwrap();
    let name = "kept_total".to_string();
    note(name.clone());
    if name.is_empty() { return; }
    register_int_counter!(&name, "Kept").unwrap();
    register_int_counter!(format!("shelf_{:02}_{}", 3, 4), "Shelves").unwrap();
    let mut bounds = vec![1.0, 2.0];
    bounds[0] = 0.5;
    register_histogram!("wait_seconds", "Waits", bounds).unwrap();
    let mut bounds = vec![1.0, 2.0];
    bounds[most()] = 0.5;
    register_histogram!("other_seconds", "Others", bounds).unwrap();
    let mut bounds = vec![];
    'all: for power in 0..3 {
        for step in [1.0, 2.0, 5.0] {
            if step > 2.0 { break 'all; }
            bounds.push(step * 10f64.powi(power));
        }
    }
    register_histogram!("nested_seconds", "Nested", bounds).unwrap();
}
"#;
    insta::assert_snapshot!(lines(&[("src/lib.rs", text)]), @r#"
    counter kept_total {} "Kept"
    counter mill_fast_total {} "Mills"
    counter mill_total {} "Mills"
    histogram nested_seconds {} "Nested"
    histogram other_seconds {} "Others"
    counter oven_total {} "Ovens"
    counter shelf_03_4 {} "Shelves"
    counter shop_till_total {} "Shops"
    histogram wait_seconds {} [0.5, 2.0] "Waits"
    ? prometheus: the name is a text that is changed where it is not followed
    "#);
}

/// Objects are made with one text and given another one before they are used.
#[test]
fn fields_and_variables_that_are_set() {
    let text = r#"
use prometheus::{IntCounter, IntCounterVec, Opts, register_histogram, register_int_counter, register_int_counter_vec};
pub struct Options { prefix: Option<String>, part: String }
impl Options {
    fn new() -> Self {
        let mut options = Options { prefix: None, part: "none".into() };
        options.part = "till".into();
        options
    }
    fn prefix(mut self, prefix: &str) -> Self { self.prefix = Some(prefix.to_string()); self }
    fn part(mut self, deep: bool) -> Self { if is_deep(deep) { self.part = "deep".into(); } self }
    fn picked(mut self, how: u8) -> Self { match how { 1 => self.part = "deep".into(), _ => {} } self }
    fn own(&self) -> IntCounter { register_int_counter!(format!("own_{}_total", self.part), "Own").unwrap() }
}
fn made(options: &Options) -> IntCounter {
    let name = match &options.prefix { Some(prefix) => format!("{prefix}_{}_total", options.part), None => "plain_total".to_string() };
    register_int_counter!(name, "Made").unwrap()
}
pub fn start() {
    made(&Options::new());
    made(&Options::new().prefix("shop"));
    made(&Options::new().prefix("mine").part(true));
    made(&Options::new().prefix("picked").picked(2));
    let mut options = Options::new();
    for part in parts() { options.part = part; }
    options.prefix = Some("gone".into());
    made(&options);
    let mut options = Options::new();
    options.prefix = Some("late".into());
    made(&options);
    let mut given = Opts::new("old", "Given");
    given.name = "given_total".into();
    IntCounter::with_opts(given).unwrap();
    let kinds = register_int_counter_vec!("kinds_total", "Kinds", &["kind"]).unwrap();
    let mut kind = "one";
    if is_deep(true) { kind = "two"; }
    kinds.with_label_values(&[kind]).inc();
    let mut count = 3;
    if is_deep(true) { count = 5; }
    register_histogram!("wait_seconds", "Waits", prometheus::linear_buckets(1.0, 1.0, count).unwrap()).unwrap();
}
"#;
    insta::assert_snapshot!(lines(&[("src/lib.rs", text)]), @r#"
    counter given_total {} "Given"
    counter gone_*_total {} "Made"
    counter kinds_total {kind=one|two} "Kinds"
    counter late_till_total {} "Made"
    counter mine_*_total {} "Made"
    counter own_*_total {} "Own"
    counter own_deep_total {} "Own"
    counter own_till_total {} "Own"
    counter picked_*_total {} "Made"
    counter plain_total {} "Made"
    counter shop_till_total {} "Made"
    histogram wait_seconds {} "Waits"
    "#);
}

/// What is left under a condition, and what others change, is not known.
#[test]
fn texts_and_lists_that_are_changed_out_of_sight() {
    let text = r#"
use std::fmt::Write;
use prometheus::{register_histogram, register_int_counter};
pub fn start(parts: &[&str]) {
    let mut name = "door".to_string();
    for part in ["_one", "_two"] {
        if is_shut() { name.push_str("_end"); break; }
        name.push_str(part);
    }
    register_int_counter!(&name, "Doors").unwrap();
    let mut name = "row".to_string();
    write!(&mut name, "_{}", parts.len()).unwrap();
    register_int_counter!(&name, "Rows").unwrap();
    let mut name = "line".to_string();
    let _ = writeln!(name, "_{}", parts.len());
    register_int_counter!(&name, "Lines").unwrap();
    let mut name = "word".to_string();
    write!(name, "_{}", parts.len());
    register_int_counter!(&name, "Words").unwrap();
    let mut name = "lent".to_string();
    rename(&mut name)?;
    register_int_counter!(&name, "Lent").unwrap();
    let mut name = "each".to_string();
    parts.iter().for_each(|part| name.push_str(part));
    register_int_counter!(&name, "Each").unwrap();
    let mut name = "last".to_string();
    let last = name.pop();
    register_int_counter!(&name, "Last").unwrap();
    let name = "kept_total".to_string();
    let long_name = "long_name = 1".to_string();
    let size = name.len();
    options.name = name.clone();
    note(&name)?;
    write!(out, "{}", name)?;
    register_int_counter!(&name, "Kept").unwrap();
    let mut bounds = vec![];
    for step in [1.0, 2.0] {
        let Some(wait) = waits(step) else { continue };
        bounds.push(step);
    }
    register_histogram!("late_seconds", "Late", bounds).unwrap();
    let mut bounds = vec![];
    for step in [1.0, 2.0] {
        let Some(wait) = waits(step) else { return };
        bounds.push(step);
    }
    register_histogram!("soon_seconds", "Soon", bounds).unwrap();
}
"#;
    insta::assert_snapshot!(lines(&[("src/lib.rs", text)]), @r#"
    counter kept_total {} "Kept"
    histogram late_seconds {} "Late"
    histogram soon_seconds {} [1.0, 2.0] "Soon"
    ? prometheus: the name is a text that is changed under a condition
    ? prometheus: the name is a text that is changed where it is not followed
    ? prometheus: the name is a text that is changed where it is not followed
    ? prometheus: the name is a text that is changed where it is not followed
    ? prometheus: the name is a text that is changed where it is not followed
    ? prometheus: the name is a text that is changed where it is not followed
    ? prometheus: the name is a text that is changed where it is not followed
    "#);
}

/// A list of values that is not complete is none.
#[test]
fn values_of_labels_that_statements_decide() {
    let text = r#"
use metrics::counter;
struct Options { part: String, side: String }
impl Options {
    fn new() -> Self { Options { part: "none".into(), side: "none".into() } }
    fn either(mut self, how: u8) -> Self {
        if how == seen() { self.part = "left".into(); } else if how == wanted() { self.part = "right".into(); } else { self.part = "both".into(); }
        debug!("self.part = {}", self.part);
        self
    }
    fn picked(mut self, how: bool) -> Self {
        match how { true => self.part = given(), _ => {} }
        if how { self.side = "deep".into(); }
        self
    }
}
fn kind(e: &Error) -> &'static str { if e.is_io() { return e.name(); } "other" }
fn known(e: &Error) -> &'static str { if e.is_io() { return "io"; } "other" }
fn nested(e: &Error) -> &'static str { if e.is_io() { if e.is_late() { return e.name(); } note(e); } "other" }
fn matched(e: &Error) -> &'static str { match e { Error::Io => return e.name(), _ => note(e) } "other" }
fn maybe(e: &Error) -> Option<&'static str> { if e.is_io() { return None; } Some("other") }
pub fn count(e: &Error) {
    counter!("kinds", "kind" => kind(e)).increment(1);
    counter!("known", "kind" => known(e)).increment(1);
    counter!("nested", "kind" => nested(e)).increment(1);
    counter!("matched", "kind" => matched(e)).increment(1);
    counter!("maybe", "kind" => maybe(e).unwrap_or("none")).increment(1);
    counter!("listed", &[("kind", kind(e)), ("other", known(e))]).increment(1);
    counter!(kind(e)).increment(1);
    let either = Options::new().either(2);
    let picked = Options::new().picked(true);
    counter!("either", "part" => either.part.clone()).increment(1);
    counter!("picked", "part" => picked.part.clone(), "side" => picked.side.clone()).increment(1);
}
"#;
    insta::assert_snapshot!(lines(&[("src/lib.rs", text)]), @r#"
    counter either {part=both|left|right} no help
    counter kinds {kind} no help
    counter known {kind=io|other} no help
    counter listed {kind, other=io|other} no help
    counter matched {kind} no help
    counter maybe {kind=none|other} no help
    counter nested {kind} no help
    counter other {} no help
    counter picked {part, side=deep|none} no help
    "#);
}
