//! Forms that few code bases have: libraries that the root of a crate hands on, macros that are given documentation, text that is
//! indented.

use super::{lines, of_files, of_packages};

/// The modules of a crate take the library through its root, also types whose names anybody may have.
#[test]
fn a_library_through_the_root_of_the_crate() {
    let root = "pub use prometheus;\npub mod tables;\n";
    let tables = "use crate::prometheus::{Gauge, Opts, Registry};
pub struct Tables { registry: Registry }
impl Tables {
    pub fn gauge(&self, name: &str, help: &str) -> Gauge {
        let gauge = Gauge::with_opts(Opts::new(name, help)).unwrap();
        self.registry.register(Box::new(gauge.clone())).unwrap();
        gauge
    }
    pub fn laid(&self) -> Gauge { self.gauge(\"tables_laid\", \"Tables that are laid\") }
}
";
    // A module of the crate, named like a library.
    let own = "use crate::metrics::Gauge;\npub fn own() -> Gauge { Gauge::new(\"chairs\", \"no metric\") }\n";
    let files = of_packages(&[("inn", "src/lib.rs", root), ("inn", "src/tables.rs", tables), ("inn", "src/own.rs", own)]);
    insta::assert_snapshot!(of_files(&files), @r#"
    gauge tables_laid {} "Tables that are laid"
    "#);
}

/// What a module takes from a library, those below it see through `super::super::*`.
#[test]
fn macros_that_modules_above_take() {
    let above = "use metrics::{counter, gauge};\nmod kitchen;\n";
    let between = "use super::*;\nmod stove;\n";
    let below = "use super::super::*;\npub fn cook(dish: Dish) { counter!(\"dishes_cooked\").increment(1); }\n";
    let beside = "use super::*;\npub fn heat() { gauge!(\"plates_hot\").set(1.0); }\n";
    let files = of_packages(&[
        ("inn", "src/house/mod.rs", above),
        ("inn", "src/house/kitchen/mod.rs", between),
        ("inn", "src/house/kitchen/stove.rs", below),
        ("inn", "src/house/kitchen/plates.rs", beside),
    ]);
    insta::assert_snapshot!(of_files(&files), @"
    counter dishes_cooked {} no help
    gauge plates_hot {} no help
    ");
}

/// Comments on the fields are the help, and a trait makes each field of its type, for types that a macro is given.
#[test]
fn a_macro_that_is_given_documentation() {
    let text = "use prometheus::{HistogramOpts, HistogramVec, Opts};
pub trait Made: Sized { fn made(opts: Opts) -> prometheus::Result<Self>; }
macro_rules! ledger {
    ($vis:vis struct $of:ident { $(#[doc = $help:expr] $field:ident: $ty:ty $([$($label:expr),*])?),* $(,)? } prefix: $prefix:expr) => {
        $vis struct $of { $($field: $ty),* }
        impl $of {
            $vis fn new() -> prometheus::Result<Self> {
                $( let $field = <$ty>::made(Opts::new(stringify!($field), $help).namespace($prefix)$(.variable_labels(vec![$($label.into()),*]))?)?; )*
                Ok(Self { $($field),* })
            }
        }
    };
}
macro_rules! made {
    ($ty:ident) => {
        use prometheus::$ty;
        impl Made for $ty { fn made(opts: Opts) -> prometheus::Result<Self> { $ty::with_opts(opts.into()) } }
    };
}
made!(IntGauge);
made!(IntCounter);
impl Made for HistogramVec {
    fn made(opts: Opts) -> prometheus::Result<Self> {
        let labels = opts.variable_labels.iter().map(|l| l.as_str()).collect::<Vec<_>>();
        HistogramVec::new(HistogramOpts { common_opts: opts.clone(), buckets: vec![1.0, 5.0] }, labels.as_slice())
    }
}
ledger! {
    pub struct Ledger {
        /// Guests who paid
        paid: IntCounter,
        /// Guests who stay
        staying: IntGauge,
        /// Time at the desk
        desk_seconds: HistogramVec[\"way\"],
    }
    prefix: \"inn\"
}
";
    insta::assert_snapshot!(lines(&[("src/lib.rs", text)]), @r#"
    histogram inn_desk_seconds {way, ..} [1.0, 5.0] " Time at the desk"
    counter inn_paid {} " Guests who paid"
    gauge inn_staying {} " Guests who stay"
    "#);
}

/// Nothing but the constructor says that a metric is given, and its name is imported.
#[test]
fn a_macro_that_is_given_constructors() {
    let text = "use prometheus::Gauge;
macro_rules! service {
    (struct $of:ident { $($field:ident: $ty:ty = $made:expr),* }) => {
        struct $of { $($field: $ty),* }
        impl $of { fn new() -> Self { let all = || -> prometheus::Result<Self> { Ok(Self { $($field: $made?),* }) }; all().expect(\"made\") } }
    };
}
service! { struct Cellar { barrels: Gauge = Gauge::new(\"cellar_barrels\", \"Barrels in the cellar\") } }
";
    insta::assert_snapshot!(lines(&[("src/lib.rs", text)]), @r#"
    gauge cellar_barrels {} "Barrels in the cellar"
    "#);
}

/// The macros of `indoc` take the indentation away.
#[test]
fn indented_text() {
    let text = "use indoc::{formatdoc, indoc, writedoc};
pub fn show(prefix: &str, rooms: usize, out: &mut String) -> String {
    writedoc!(out, \"
        # HELP inn_beds Beds that are made.
        # TYPE inn_beds gauge
        inn_beds {rooms}
    \").unwrap();
    out.push_str(indoc! {\"
        # TYPE inn_up gauge
        inn_up{state=\\\"open\\\"} 1
    \"});
    formatdoc! {\"
        # HELP {prefix}rooms Rooms in all.
        # TYPE {prefix}rooms gauge
        {prefix}rooms {rooms}
    \"}
}
";
    insta::assert_snapshot!(lines(&[("src/lib.rs", text)]), @r#"
    gauge *rooms {} "Rooms in all."
    gauge inn_beds {} "Beds that are made."
    gauge inn_up {state=open} no help
    "#);
}

/// Text that functions give, add or hand on as it stands; what is kept, parsed or compared is no exposition.
#[test]
fn text_that_stands_alone() {
    let text = "use std::fmt::Write;
const IDLE: &str = \"# TYPE inn_idle gauge\\ninn_idle {}\\n\";
const SAMPLE: &str = \"# TYPE inn_sample gauge\\n\";
pub fn a() -> String { \"# TYPE inn_a gauge\\ninn_a{way=\\\"in\\\"} 1\\n\".to_string() }
pub fn b(out: &mut String) { *out += \"# TYPE inn_b counter\\ninn_b 1\\n\"; }
pub fn c() -> Response { Response::new(Body::from(\"# TYPE inn_c gauge\\ninn_c 1\\n\")) }
pub fn d(out: &mut Vec<u8>) { out.write_all(b\"# TYPE inn_d gauge\\ninn_d 1\\n\").unwrap(); }
pub fn e() -> String { [\"# TYPE inn_e gauge\", \"inn_e 1\"].join(\"\\n\") }
pub fn f(out: &mut String) { write!(out, concat!(\"# TYPE inn_f gauge\\n\", \"inn_f {}\\n\"), 1).unwrap(); }
pub fn g(idle: u64) -> String { IDLE.replace(\"{}\", &idle.to_string()) }
pub fn h(out: &mut String) {
    macro_rules! header { ($line:expr) => { let _ = writeln!(out, $line); }; }
    macro_rules! sample { ($format:expr, $($given:tt)*) => { let _ = writeln!(out, $format, $($given)*); }; }
    header!(\"# TYPE inn_h gauge\");
    sample!(\"inn_h{{door=\\\"front\\\"}} {value}\", value = 1);
}
pub fn i() -> Response { Response::text(\"# TYPE inn_i gauge\\ninn_i 1\\n\").expect(\"a response\") }
pub fn l(out: &mut Vec<u8>) { out.write_all(b\"# TYPE inn_l gauge\\ninn_l 1\\n\").expect(\"room\"); }
pub fn j() -> &'static str { concat!(\"# TYPE inn_j gauge\\n\", \"inn_j 1\\n\") }
pub fn k(out: &mut String) { let text = indoc! {\"# TYPE inn_k gauge\"}; out.push_str(text); }
const MADE: &str = concat!(\"# TYPE inn_made gauge\\n\", \"inn_made 1\\n\");
pub fn no_macros() -> bool {
    decode(concat!(\"# TYPE inn_decoded gauge\\n\", \"inn_decoded 1\\n\")).is_ok() && Parsed::parse(indoc! {\"# TYPE inn_indoc gauge\"}).is_ok()
}
pub fn no(text: &str) -> bool {
    let line = \"# TYPE inn_kept gauge\";
    let parsed = Parsed::parse(\"# TYPE inn_parsed gauge\\n\".to_string());
    parsed.ok() && text.lines().any(|l| l == line || l == \"# TYPE inn_equal gauge\")
}
";
    insta::assert_snapshot!(lines(&[("src/lib.rs", text)]), @"
    gauge inn_a {way=in} no help
    counter inn_b {} no help
    gauge inn_c {} no help
    gauge inn_d {} no help
    gauge inn_e {..} no help
    gauge inn_f {} no help
    gauge inn_h {door=front} no help
    gauge inn_i {} no help
    gauge inn_idle {} no help
    gauge inn_j {} no help
    gauge inn_k {..} no help
    gauge inn_l {} no help
    ");
}

/// What is written comes from the objects of a list, which are made elsewhere.
#[test]
fn text_of_objects_in_a_list() {
    let text = "use std::fmt;
pub enum Kind { Counter, Gauge }
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(match self { Kind::Counter => \"counter\", Kind::Gauge => \"gauge\" }) }
}
pub struct Entry { pub name: String, pub help: String, pub kind: Kind, pub samples: Vec<f64> }
impl Entry {
    pub fn new(name: impl Into<String>, help: impl Into<String>, kind: Kind) -> Self {
        Self { name: name.into(), help: help.into(), kind, samples: Vec::new() }
    }
}
pub fn encode(entries: &[Entry]) -> String {
    let mut out = String::new();
    for e in entries {
        writeln!(out, \"# HELP {} {}\", e.name, e.help).unwrap();
        writeln!(out, \"# TYPE {} {}\", e.name, e.kind).unwrap();
    }
    out
}
pub fn kitchen() -> Vec<Entry> {
    let make = |name: &str, help: &str| Entry::new(name, help, Kind::Gauge);
    vec![make(\"inn_pots\", \"Pots in use\"), make(\"inn_pans\", \"Pans in use\")]
}
pub fn bar() -> Vec<Entry> { vec![Entry::new(\"inn_pints_total\", \"Pints drawn\", Kind::Counter)] }
pub fn scrape(inn: &Inn) -> String { encode(&inn.collect()) }
";
    insta::assert_snapshot!(lines(&[("src/lib.rs", text)]), @r#"
    gauge inn_pans {..} "Pans in use"
    counter inn_pints_total {..} "Pints drawn"
    gauge inn_pots {..} "Pots in use"
    "#);
}

/// Samples that nothing declares; a query and a message look alike, and are none.
#[test]
fn samples_without_a_type() {
    let text = "pub fn show(out: &mut String, rooms: &[Room]) {
    for room in rooms {
        writeln!(out, \"inn_guests{{room=\\\"{}\\\",floor=\\\"1\\\"}} {}\", room.name, room.guests).unwrap();
    }
    for bound in [0.5, 1.0] {
        out.push_str(&format!(\"inn_wait_seconds_bucket{{way=\\\"in\\\",le=\\\"{bound}\\\"}} {}\\n\", 1));
    }
    out.push_str(\"inn_wait_seconds_sum{way=\\\"in\\\"} 1\\n\");
    let query = format!(\"inn_asked{{room=\\\"{}\\\"}}\", rooms[0].name);
    println!(\"asking for {query}\");
    let compared = format!(\"inn_open{{room=\\\"{}\\\"}} {}\", rooms[0].name, operator);
    println!(\"{}\", format!(\"inn_shown{{room=\\\"{}\\\"}} {}\", rooms[0].name, 1));
    lines.push(format!(\"inn_pushed{{room=\\\"{}\\\"}} {}\", rooms[0].name, 1));
    println!(\"room_opened by {} guests\", rooms[0].guests);
    assert_eq!(query, format!(\"inn_checked{{room=\\\"{}\\\"}} {}\", 1, 2));
}
";
    insta::assert_snapshot!(lines(&[("src/lib.rs", text)]), @"
    unknown inn_guests {floor=1, room} no help
    unknown inn_pushed {room} no help
    unknown inn_shown {room} no help
    histogram inn_wait_seconds {way=in} [0.5, 1.0] no help
    ");
}
