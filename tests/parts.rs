//! What `parse_parts` leaves out changes nothing else.

#![allow(clippy::panic, clippy::expect_used, clippy::print_stderr, missing_docs)]

use std::path::Path;

use reduse::syntax::rust::tree::{File, Function, Item, ItemKind};
use reduse::syntax::rust::{parse, parse_body, parse_parts};
use reduse::threads::on_big_stack;

/// Every function outside of functions, with its name.
fn functions(items: &[Item]) -> Vec<(&str, &Function)> {
    let mut found = Vec::new();
    for item in items {
        match &item.kind {
            ItemKind::Fn(function) => found.push((item.name.as_str(), &**function)),
            ItemKind::Impl { items, .. } | ItemKind::Trait(items) | ItemKind::Mod(Some(items)) => found.extend(functions(items)),
            _ => {}
        }
    }
    found
}

fn without_bodies(mut file: File) -> File {
    fn empty(items: &mut [Item]) {
        for item in items {
            if matches!(item.kind, ItemKind::Fn(_)) {
                item.attrs.retain(|a| &*a.name != "doc");
            }
            match &mut item.kind {
                ItemKind::Fn(function) => {
                    function.body = None;
                }
                ItemKind::Impl { items, .. } | ItemKind::Trait(items) | ItemKind::Mod(Some(items)) => empty(items),
                // A function can stand in a constant's value.
                ItemKind::Const { value, .. } => *value = None,
                ItemKind::Struct(fields) => fields.clear(),
                ItemKind::Enum(variants) => variants.clear(),
                _ => {}
            }
        }
    }
    empty(&mut file.items);
    file.skipped.clear();
    file
}

/// Checks one text; says how it fails.
fn check(text: &str) -> Result<(), String> {
    let Ok(whole) = parse(text) else { return Ok(()) };
    let all = parse_parts(text, &|_| true).map_err(|e| format!("keeping all: {e:?}"))?;
    // NaN does not occur: floats compare.
    if all != whole {
        return Err("keeping all gives another tree".into());
    }
    let none = parse_parts(text, &|part| part.is_module).map_err(|e| format!("keeping none: {e:?}"))?;
    let (kept, left) = (functions(&whole.items), functions(&none.items));
    for ((_, function), (name, other)) in kept.iter().zip(&left) {
        let Some(body) = &other.body else { continue };
        if function.body.as_ref().map(|b| b.span) != Some(body.span) {
            return Err(format!("the body of `{name}` moved"));
        }
        // An attribute of the function stands inside.
        if body.span.text(text).contains("#![") || body.span.text(text).contains("//!") {
            continue;
        }
        let long = body.span.text(text).len() >= 18;
        if long != other.is_skipped() || long && !body.stmts.is_empty() {
            return Err(format!("the body of `{name}` was not left out"));
        }
    }
    for span in &none.skipped {
        let later = parse_body(text, *span).map_err(|e| format!("a body read later: {e:?}"))?;
        if whole.body_at(span.start).is_some_and(|body| **body != later) {
            return Err(format!("a body read later is another one: {}", span.text(text)));
        }
    }
    let (whole, none) = (format!("{:?}", without_bodies(whole)), format!("{:?}", without_bodies(none)));
    if whole == none {
        return Ok(());
    }
    let at = whole.bytes().zip(none.bytes()).position(|(a, b)| a != b).unwrap_or_default();
    let around = |text: &str| text.chars().skip(at.saturating_sub(150)).take(300).collect::<String>();
    Err(format!("leaving out bodies gives another tree:\n{}\ninstead of\n{}", around(&none), around(&whole)))
}

#[test]
fn everything_that_has_braces_is_understood() {
    let body = "{ let left = \"out }\"; }";
    for head in [
        "fn f()",
        "pub(crate) const unsafe extern \"C\" fn f()",
        "async fn f<'a, T: Fn(&'a str) -> Vec<u8>>(x: &'a T) -> impl Fn() -> Box<dyn Fn(u8) -> u8> + 'a where T: Send, [u8; { 3 }]: Sized",
        "fn f() -> [u8; { 3 + 4 }]",
        "fn f() -> Foo<{ N }, { if A { 1 } else { 2 } }>",
        "fn f<const N: usize>(a: [u8; N], g: fn(u8) -> u8, (a, b): (A, B)) -> !",
        "#[doc = \"{\"] #[a(b { c } fn x)] fn f(#[a] x: u8)",
        "/// { doc\n/** { */ fn r#f(x: char)",
        "fn f() -> m! { fn x }",
        "fn f /* { */ ( // {\n) -> Option < Vec<u8> >",
    ] {
        let text = format!("{head} {body}\nfn next() {body}");
        assert_eq!(check(&text), Ok(()), "{text}");
        let whole = parse(&text).expect("parses");
        let none = parse_parts(&text, &|_| false).expect("parses");
        assert_eq!(functions(&none.items).iter().filter(|(_, f)| f.is_skipped()).count(), functions(&whole.items).len(), "{text}");
    }
    for text in [
        "const C: char = '{'; const D: u8 = b'{'; const E: &str = r#\"fn f() { \"# ; fn f<'a>(x: &'a str) { let longer = '\\''; }",
        "const F: fn(u8) -> u8 = { fn inner(x: u8) -> u8 { let y = x; y } inner };",
        "macro_rules! m { ($x:ident) => { fn $x() { let a = 1; let b = 2; } }; } m! { fn f() { let a = 1; let b = 2; } }",
        "trait T { fn a(); fn b() { let default = \"body\"; } const C: usize = { 3 }; } extern \"C\" { fn x(); }",
        "impl<const N: usize> T for A<{ N }> { fn a() { call(a, b, c, d, e); } type B = fn(u8); }",
        "mod m { use super::r#fn; fn a() { /* } */ let x = 1; // }\n } }",
        "struct S { f: fn(u8) -> u8, } enum E { A = { 3 }, B(fn()) } static X: &[fn()] = &[|| { f() }, g];",
        "fn a() { let s = br##\"}\"#\"##; let t = cr\"}\"; let u = \"\\\"}\"; } /* /* { */ */ fn b() { 1..2; 'l: loop { break 'l; } }",
        "#!/bin/rust {\n//! inner {\nfn a() { something_long_enough(); }",
        "\u{feff}// é {\nfn é() { \"ééééééééé\"; } fn b() { \"日本語日本語\"; }",
    ] {
        assert!(parse(text).is_ok(), "{text}");
        assert_eq!(check(text), Ok(()), "{text}");
    }
}

#[test]
fn modules_for_tests_are_offered() {
    let text = "#[cfg(test)] mod tests { use super::*; #[test] fn t() { a_long_enough_body(); } }\n#[cfg(all(test, unix))]\nmod more { fn t() { body_body_body_body(); } }\nmod real { fn r() { body_body_body_body(); } }";
    let file = parse_parts(text, &|part| !part.only_tests).expect("parses");
    let names: Vec<&str> = functions(&file.items).iter().map(|(n, _)| *n).collect();
    assert_eq!(names, ["r"]);
    assert_eq!(file.items.len(), 3);
}

#[test]
fn what_does_not_match_is_left_to_the_parser() {
    for text in ["fn f() { (] }", "fn f() {", "fn f(", "}", "fn f() { \"abc }", "fn f() {} /* x"] {
        assert_eq!(parse_parts(text, &|_| false), parse(text), "{text}");
    }
}

/// And other trees: `REDUSE_TREES=dir:dir cargo test --release --test parts`.
#[test]
fn whole_trees_read_the_same_without_bodies() {
    check_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    for folder in std::env::var("REDUSE_TREES").unwrap_or_default().split(':').filter(|f| !f.is_empty()) {
        check_folder(Path::new(folder));
    }
}

fn check_folder(folder: &Path) {
    use rayon::prelude::*;
    let files: Vec<_> = walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|e| e.file_type().is_file() && e.path().extension().is_some_and(|x| x == "rs"))
        .collect();
    let failed: Vec<String> = on_big_stack(|| {
        let one = |e: &walkdir::DirEntry| {
            let text = std::fs::read_to_string(e.path()).ok()?;
            check(&text).err().map(|m| format!("{}: {m}", e.path().display()))
        };
        files.par_iter().filter_map(one).collect()
    });
    eprintln!("{}: {} files", folder.display(), files.len());
    assert!(failed.is_empty() && !files.is_empty(), "{} of {}:\n{}", failed.len(), files.len(), failed.join("\n"));
}
