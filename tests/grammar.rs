//! The two readers of Rust give the same trees.

#![allow(clippy::panic, clippy::expect_used, clippy::print_stdout, missing_docs)]

use reduse::syntax::rust::tree::File;
use reduse::syntax::rust::{parse_by_syn, parse_directly};
use reduse::threads::on_big_stack;

/// Where two trees differ, as text.
fn difference(one: &File, other: &File) -> String {
    let (one, other) = (format!("{one:#?}"), format!("{other:#?}"));
    let lines: Vec<_> = one.lines().zip(other.lines()).enumerate().filter(|(_, (a, b))| a != b).take(3).collect();
    format!("{lines:?}")
}

/// Every file of a folder: how many there are, those that the direct reader gave up on, and those read differently.
fn compare(folder: &str) -> (usize, Vec<String>, Vec<String>) {
    let (mut count, mut given_up, mut different) = (0, Vec::new(), Vec::new());
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok) {
        let is_rust = entry.path().extension().is_some_and(|e| e == "rs") && entry.file_type().is_file();
        let Some(text) = is_rust.then(|| std::fs::read_to_string(entry.path()).ok()).flatten() else { continue };
        count += 1;
        let path = entry.path().display().to_string();
        match (parse_directly(&text), parse_by_syn(&text)) {
            (None, _) => given_up.push(path),
            (Some(tree), Ok(other)) if other == tree => {}
            (Some(tree), Ok(other)) => different.push(format!("{path}\n{}", difference(&tree, &other))),
            (Some(_), Err(error)) => different.push(format!("{path}: only read by the direct reader: {error:?}")),
        }
    }
    (count, given_up, different)
}

#[test]
fn both_readers_agree_on_this_repository() {
    // Another folder can be named, to look at more.
    let folder = std::env::var("REDUSE_RUST_TREE").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned() + "/src");
    let (count, given_up, different) = on_big_stack(|| compare(&folder));
    println!("{count} files, given up: {given_up:#?}");
    assert!(different.is_empty(), "{} of {count}: {}", different.len(), different.join("\n\n"));
    assert!(count > 0 && given_up.len() * 20 < count, "{} of {count} files given up", given_up.len());
}

#[test]
fn both_readers_agree_on_odd_forms() {
    for text in [
        "fn f() { x.0.1; x.0 .1; t.0.0.a(); 1.max(2); 1..2; 1.0..=2.; -1f32; 0xff_u8; 1e-3; }",
        "fn f() { if let Some(S { a, ref b, .. }) | None = x && y {} else if z { 1 } else { 2 }; }",
        "fn f() { match x { | A | B if c => {} -1..=5 | 'a'..='z' => 1, [a, .., b @ 3] => { 2 } box y => return, _ => break 'l x } }",
        "fn f() { let Some(x) = y else { return }; let a: [u8; 3] = [0; 3]; for (i, &x) in a.iter().enumerate() {} 'l: loop { continue 'l } }",
        "fn f() { async move { x.await? }; |a: &str, (b, c)| -> u8 { 1 }; move || {}; unsafe { y }; a = b = c; a += 1 << 2; (a as u8) < b; }",
        "fn f() { <T as Tr<A>>::f::<B>(x); <[T]>::len(y); Vec::<u8>::new(); a::<B>; S { x, y: 1, ..z }; &mut *p; &raw const q; !-x; }",
        "fn f<'a, T: ?Sized + for<'b> Fn(&'b u8) -> T + 'a, const N: usize>(&'a mut self, mut x: impl Into<T> + Send) -> Box<dyn Fn() + 'a> where T: Tr<Item = u8>, {}",
        "impl<T> !Send for X<T> {} impl<T: Tr> Tr for &'static [T] where T: B { type A = u8; const C: u8 = 1; default fn g() {} m!(x); }",
        "pub(in a::b) struct S<T>(pub(crate) T, u8) where T: X; #[derive(A, B(c))] enum E { A = 1, B { x: u8 }, C(u8) } union U { a: u8 }",
        "use a::{self as b, c::*, d as _, e::{f, self}}; extern crate x as y; static mut Z: &str = r#\"a\"b\"#; const _: () = {};",
        "lazy_static! { /// doc\n pub static ref A: B = m!(\"x\\n\\u{e9}\\\n   y\", k => v; x = 1); } macro_rules! m { ($x:tt) => { } }",
        "fn f() { select! { _ = a.b() => { c!(d) } 'x else => e } m!{ a: b, [c], { d } } vec![1; 2]; m![a b c, d e]; }",
        "//! inner\n#![allow(x)]\n/** block */ fn f() { //! of f\n #[a = \"b\"] let x = 1; #[c] { y } }",
        "trait T: A + 'static where Self: Sized { fn f(self: Box<Self>); type X: B = C; const D: u8; fn g() {} } type F = extern \"C\" fn(a: u8, _: u8) -> !;",
    ] {
        let other = parse_by_syn(text).unwrap_or_else(|e| panic!("{text}: {e:?}"));
        let direct = parse_directly(text).unwrap_or_else(|| panic!("given up: {text}"));
        assert!(direct == other, "{text}\n{}", difference(&direct, &other));
    }
}

#[test]
fn broken_and_deep_text_is_given_up() {
    let n = 50_000;
    for text in [
        "fn f( {".to_owned(),
        "fn f() { let }".to_owned(),
        "\"".to_owned(),
        "const X: u8 = '".to_owned(),
        format!("const X: i32 = {}1{};", "(".repeat(n), ")".repeat(n)),
        format!("const X: i32 = {}1;", "- ".repeat(n)),
        format!("type X = {}u8{};", "Vec<".repeat(n), ">".repeat(n)),
        format!("fn f() {{ a{}; }}", ".b()".repeat(n)),
        format!("const X: i32 = 1{};", "+1".repeat(n)),
        format!("fn f() {{ if a {{}}{} }}", " else if b {}".repeat(n)),
    ] {
        assert!(on_big_stack(|| parse_directly(&text)).is_none(), "{}", text.get(..60).unwrap_or(&text));
    }
}
