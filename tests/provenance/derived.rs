//! Texts that derive macros make of enums, and lists of them.

use super::{labels_of, provenance};

/// Each label's values.
fn values(body: &str) -> Vec<String> {
    labels_of(&format!("use metrics::counter;\n{body}")).iter().map(|l| format!("{} {}", l.name, l.provenance.values.join("|"))).collect()
}

#[test]
fn texts_that_strum_makes_are_known() {
    let body = r#"
#[derive(strum_macros::IntoStaticStr, strum_macros::EnumIter)]
#[strum(serialize_all = "kebab-case")]
enum Loaf { DarkRye, #[strum(to_string = "white")] Wheat, #[strum(serialize = "s", serialize = "spelt")] Spelt }
#[derive(strum::AsRefStr, strum::VariantNames)]
enum Oven { Left, Right(String) }
#[derive(strum::Display)]
enum Shelf { Top, #[strum(default)] Other(String) }
#[derive(strum::Display)]
enum Tray { #[strum(to_string = "tray {0}")] Numbered(u8), Plain }
fn f(loaf: Loaf, oven: &Oven, shelf: Shelf, tray: Tray) {
    counter!("a", "loaf" => { let text: &'static str = loaf.into(); text }, "oven" => oven.as_ref().to_owned());
    counter!("b", "shelf" => shelf.to_string(), "tray" => tray.to_string());
    for name in Oven::VARIANTS { counter!("c", "oven" => *name); }
    for name in elsewhere::Mill::NAMES { counter!("d", "mill" => *name); }
}
"#;
    assert_eq!(values(body), ["loaf dark-rye|spelt|white", "oven Left|Right", "shelf ", "tray ", "oven Left|Right", "mill "]);
    assert_eq!(provenance(body).last().map(String::as_str), Some("mill literal -"));
}

#[test]
fn what_an_enum_lists_or_is_made_of_has_its_methods() {
    let body = r#"
#[derive(strum::EnumIter, enum_map::Enum)]
enum Mode { Read, Write }
impl Mode { fn as_str(&self) -> &'static str { match self { Mode::Read => "read-only", Mode::Write => "read-write" } } }
fn f(all: &IntCounterVec) {
    for mode in Mode::iter() { counter!("a", "mode" => mode.as_str()); }
    Mode::iter().for_each(|mode| counter!("b", "mode" => mode.as_str()));
    let of: [Counter; 2] = std::array::from_fn(|at| { let mode = Mode::from_usize(at); counter!("c", "mode" => mode.as_str()) });
}
"#;
    assert_eq!(values(body), ["mode read-only|read-write"; 3]);
}

#[test]
fn what_arms_choose_of_an_enum_has_its_texts() {
    let body = r#"
#[derive(strum::IntoStaticStr)]
#[strum(serialize_all = "kebab_case")]
enum Level { TopShelf, Floor }
fn f(high: bool) {
    let level = match high { true => Level::TopShelf, false => Level::Floor };
    let text: &'static str = level.into();
    counter!("a", "level" => text);
}
"#;
    assert_eq!(values(body), ["level floor|top-shelf"]);
}

/// Objects that a macro makes are made of more than is seen.
#[test]
fn what_a_macro_makes_may_be_more() {
    let body = r#"
struct Code { text: &'static str }
const UNKNOWN: Code = Code { text: "unknown" };
macro_rules! codes { ($($name:ident => $text:literal),*) => { $(pub const $name: Code = Code { text: $text };)* } }
mod oven { codes!(BURNT => "burnt", RAW => "raw"); }
fn f(code: &Code) { counter!("a", "code" => code.text); }
"#;
    assert_eq!(provenance(body), ["code literal -"]);
}

#[test]
fn a_use_that_several_calls_lead_to_is_one() {
    let body = r#"
enum Kind { Tart, Pie }
fn record(kind: Kind, shelf: String) {
    let name = match kind { Kind::Tart => "a", Kind::Pie => "b" };
    counter!(name, "shelf" => shelf);
}
fn one(config: &Config) { record(Kind::Tart, config.shelf.clone()); }
fn two(config: &Config) { record(Kind::Pie, config.shelf.clone()); }
"#;
    // One of each of the two metrics.
    assert_eq!(provenance(body), ["shelf config -", "shelf config -"]);
}

/// What only tests compile is a value of no process.
#[test]
fn variants_and_arms_for_tests() {
    let body = r#"
enum Source { Mill, Bakery, #[cfg(any(test, feature = "test-utils"))] Test }
impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Mill => f.write_str("mill"),
            Self::Bakery => f.write_str("bakery"),
            #[cfg(any(test, feature = "test-utils"))]
            Self::Test => f.write_str("test"),
        }
    }
}
#[derive(strum::AsRefStr)]
enum Oven { Left, #[cfg(test)] Fake, #[cfg(feature = "gas")] Right }
#[derive(Debug)]
enum Loaf { Long, Round, #[cfg(test)] Square }
fn f(source: Source, oven: Oven, loaf: Loaf) {
    counter!("a", "s" => source.to_string(), "o" => oven.as_ref(), "l" => format!("{loaf:?}"));
}
"#;
    assert_eq!(provenance(body), ["s enum 2", "o enum 2", "l enum 2"]);
}
