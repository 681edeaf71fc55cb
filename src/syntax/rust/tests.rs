//! Trees of small texts, and deep ones.

#![allow(clippy::panic)]

use super::tree::{ExprKind, ItemKind, Separator, Stmt};
use super::*;
use crate::threads::on_big_stack;

fn only_macro(text: &str) -> tree::MacroCall {
    let file = parse(text).expect("parses");
    let ItemKind::Fn(function) = &file.items[0].kind else { panic!("a function") };
    let Some(Stmt::Expr(expr, _)) = function.body.as_ref().and_then(|b| b.stmts.last()) else { panic!("an expression") };
    let ExprKind::Macro(call) = &expr.kind else { panic!("a macro call, not {expr:?}") };
    call.as_ref().clone()
}

#[test]
fn macro_arguments_keep_keys_and_spans() {
    let text = "fn f() { counter!(target: \"t\", \"é\", \"k\" => v, HashMap::<A, B>::new(), x = 1) }";
    let call = only_macro(text);
    assert!(call.is_list);
    assert_eq!(call.args.len(), 5);
    assert_eq!(call.args[0].key.as_ref().map(|k| k.1), Some(Separator::Colon));
    assert_eq!(call.args[1].value.as_ref().map(|v| v.span.text(text)), Some("\"é\""));
    assert_eq!(call.args[2].key.as_ref().map(|k| (k.0.span.text(text), k.1)), Some(("\"k\"", Separator::FatArrow)));
    assert_eq!(call.args[3].span.text(text), "HashMap::<A, B>::new()");
    assert_eq!(call.args[4].key.as_ref().map(|k| k.1), Some(Separator::Equals));
}

#[test]
fn definitions_inside_lazy_static_are_items() {
    let file = parse(
        "lazy_static! { /// doc\n pub static ref X: IntCounter = register_int_counter!(\"a\", \"b\").unwrap(); static ref Y: u8 = 1; }",
    )
    .expect("parses");
    let ItemKind::Macro(call) = &file.items[0].kind else { panic!("a macro") };
    assert_eq!(call.items.iter().map(|i| i.name.as_str()).collect::<Vec<_>>(), ["X", "Y"]);
}

#[test]
fn expressions_are_found_in_free_form_bodies() {
    let text = "fn f() { select! { _ = rx.recv() => { counter!(\"a\").increment(1); } biased else => gauge!(\"b\") } }";
    let call = only_macro(text);
    let all = format!("{call:?}");
    assert!(all.contains("Str(\"a\")") && all.contains("Str(\"b\")"), "{all}");
}

#[test]
fn a_shebang_and_a_byte_order_mark_do_not_move_spans() {
    let text = "\u{feff}#!/usr/bin/env rust\nconst NAME: &str = \"x\";";
    let file = parse(text).expect("parses");
    let ItemKind::Const { value: Some(value), .. } = &file.items[0].kind else { panic!("a constant") };
    assert_eq!(value.span.text(text), "\"x\"");
}

#[test]
fn what_is_not_rust_is_an_error_with_a_place() {
    let error = parse("fn f() { let x = ; }").expect_err("not Rust");
    assert_eq!(error.span.start, 17);
    assert!(parse("fn f() { \"abc }").is_err());
    assert!(parse("fn f() {").is_err());
}

#[test]
fn deep_texts_below_the_limits_are_parsed_and_dropped() {
    on_big_stack(|| {
        let n = 190;
        let chain = 1_900;
        for text in [
            format!("const X: i32 = {}1{};", "(".repeat(n), ")".repeat(n)),
            format!("const X: bool = {}true;", "!".repeat(5_000)),
            format!("const X: i32 = {}1;", "&".repeat(5_000)),
            format!("type X = {}u8{};", "Vec<".repeat(chain), ">".repeat(chain)),
            format!("fn f() {{ a{}; }}", ".b()".repeat(chain)),
            format!("const X: i32 = 1{};", "+1".repeat(2_900)),
            format!("fn f() {{ if a {{}}{} }}", " else if b {}".repeat(1_100)),
            format!("fn f() {{ {} 1 }}", "return ".repeat(5_000)),
            format!("fn f() {{ {}1 }}", "|x| ".repeat(1_900)),
            format!("m!{{{}1}}", "-".repeat(5_000)),
        ] {
            let tree = parse(&text);
            assert!(tree.is_ok(), "{:?} {:?}", tree.err(), &text[..40]);
        }
    });
}

#[test]
fn deep_macro_bodies_inside_deep_macro_bodies_do_not_overflow() {
    on_big_stack(|| {
        // Each body is as deep as its place allows, and the next one stands at its deepest point.
        let mut text = "1".to_owned();
        for depth in (1..=12).rev() {
            text = format!("m!{{{}{text}}}", "-".repeat((6_000 >> depth) - 20_usize.min((6_000 >> depth) - 1)));
        }
        assert!(parse(&format!("const X: u8 = {}{text};", "!".repeat(5_900))).is_ok());
    });
}

#[test]
fn bodies_read_later_are_what_the_whole_file_gives() {
    let text = "// ß\nfn a(x: u8) -> u8 { /* ä */ let y = x + 1; y }\nimpl T for S {\n    async fn b(&self) { self.c(\"é\").await; }\n}\nmod m { pub(crate) fn d() -> &'static str { const N: u8 = 1; \"text of more than sixteen bytes\" } }\n";
    let whole = parse(text).unwrap();
    let parts = parse_parts(text, &|_| false).unwrap();
    assert_eq!(parts.skipped.len(), 3);
    for span in &parts.skipped {
        let later = parse_body(text, *span).unwrap();
        let body = parts.body_at(span.start).unwrap();
        assert!(body.stmts.is_empty());
        body.fill(later);
        assert_eq!(**body, **whole.body_at(span.start).unwrap());
    }
    assert!(parse_body("fn f() { let = ; } ", Span::new(7, 18)).unwrap_err().span.start >= 7);
    assert!(parse_body("fn f() { 1 }", Span::new(9, 400)).is_err());
}
