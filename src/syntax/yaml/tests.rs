//! Trees and byte maps.

use super::*;

fn walk<'a>(node: &'a Node, visit: &mut dyn FnMut(&'a Node)) {
    visit(node);
    for item in node.items().unwrap_or_default() {
        walk(item, visit);
    }
    for entry in node.entries().unwrap_or_default() {
        walk(&entry.key, visit);
        walk(&entry.value, visit);
    }
}

/// Every run of every scalar is equal to the bytes it says it came from; returns how many scalars have runs.
fn assert_maps(text: &str, parsed: &Parsed) -> usize {
    let mut mapped = 0;
    for document in &parsed.documents {
        walk(document, &mut |node| {
            let Value::Scalar(scalar, _) = &node.value else { return };
            assert!(text.get(scalar.raw.start as usize..scalar.raw.end as usize).is_some(), "{scalar:?}");
            mapped += usize::from(!scalar.runs().is_empty());
            for (i, &(decoded, at)) in scalar.runs().iter().enumerate() {
                let next = scalar.runs().get(i + 1).map_or(scalar.text.len(), |r| r.0 as usize);
                let run = scalar.text.get(decoded as usize..next).unwrap();
                // Up to the first character that the file does not hold as such: a folded break, an escape.
                let same = run.bytes().zip(text.bytes().skip(at as usize)).take_while(|(a, b)| a == b).count();
                let rest = run.get(same..).unwrap_or("?");
                assert!(
                    rest.is_empty()
                        || text[at as usize + same..].starts_with(['\\', '\n', '\r', ' ', '\t'])
                        || at as usize + same == text.len(),
                    "run {run:?} is not at {at} of {text:?}"
                );
            }
        });
    }
    mapped
}

fn yaml(text: &str) -> Node {
    let parsed = parse_yaml(text);
    assert_eq!(parsed.error, None, "{text}");
    assert_maps(text, &parsed);
    parsed.documents.into_iter().next().unwrap()
}

/// The bytes of the file that `needle` in the scalar at `key` came from.
fn place<'a>(text: &'a str, node: &Node, key: &str, needle: &str) -> &'a str {
    let scalar = node.get(key).unwrap().scalar().unwrap();
    let at = scalar.text.find(needle).unwrap();
    scalar.span(Span::new(at, at + needle.len())).text(text)
}

#[test]
fn every_scalar_style_maps_back_to_its_bytes() {
    let text = "plain: a b c\nmulti: a b\n  c d\n\n  e\nsingle: 'it''s x'\ndouble: \"q\\\"x\\\" \\u00e9 \\ud83d\\ude00 z\"\nlit: |\n  one\n    two\n\n  three\nfold: >-\n  one\n  two\n    more\n  three\n\n  four\nkeep: |+2\n    x\n\nend: y\n";
    let node = yaml(text);
    assert_eq!(node.get("multi").unwrap().text(), Some("a b c d\ne"));
    assert_eq!(place(text, &node, "multi", "d\ne"), "d\n\n  e");
    assert_eq!(node.get("single").unwrap().text(), Some("it's x"));
    assert_eq!(place(text, &node, "single", "x"), "x");
    assert_eq!(node.get("double").unwrap().text(), Some("q\"x\" é 😀 z"));
    assert_eq!(place(text, &node, "double", "z"), "z");
    assert_eq!(place(text, &node, "double", "\"x\""), "\"x\\\"");
    assert_eq!(node.get("lit").unwrap().text(), Some("one\n  two\n\nthree\n"));
    assert_eq!(place(text, &node, "lit", "three"), "three");
    assert_eq!(place(text, &node, "lit", "two"), "two");
    assert_eq!(node.get("fold").unwrap().text(), Some("one two\n  more\nthree\nfour"));
    assert_eq!(place(text, &node, "fold", "more"), "more");
    assert_eq!(place(text, &node, "fold", "four"), "four");
    assert_eq!(node.get("keep").unwrap().text(), Some("  x\n\n"));
    assert_eq!(place(text, &node, "keep", "x"), "x");
    for key in ["plain", "multi", "single", "double", "lit", "fold", "keep", "end"] {
        assert!(!node.get(key).unwrap().scalar().unwrap().runs().is_empty(), "{key} has no map");
    }
}

#[test]
fn crlf_bom_and_tabs_are_read() {
    let text = "\u{feff}a: |\r\n  x\r\n  y\r\nb: \"p\r\n  q\"\r\nc:\tz\r\n";
    let node = yaml(text);
    assert_eq!(place(text, &node, "a", "y"), "y");
    assert_eq!(place(text, &node, "b", "q"), "q");
    assert_eq!(place(text, &node, "c", "z"), "z");
}

#[test]
fn json_escapes_map_back() {
    let text = "{\"a\": \"x{l=\\\"v\\\"}\\n\\u00e9\\ud83d\\ude00/\", \"n\": [1, -2.5e3, true, null], \"o\": {}}";
    let parsed = parse_json(text);
    assert_eq!(parsed.error, None);
    assert_maps(text, &parsed);
    let node = &parsed.documents[0];
    assert_eq!(node.get("a").unwrap().text(), Some("x{l=\"v\"}\né😀/"));
    assert_eq!(place(text, node, "a", "l="), "l=");
    assert_eq!(place(text, node, "a", "}"), "}");
    assert_eq!(place(text, node, "a", "/"), "/");
    assert_eq!(parse_json("{\"a\": 1,}").error.unwrap().message, "expected a key in double quotes");
    assert_eq!(parse_json("{\"a\": 1} x").error.unwrap().span, Span::new(9, 10));
}

#[test]
fn documents_before_an_error_are_kept() {
    let parsed = parse_yaml("a: 1\n---\nb: [1,\nc: }\n");
    assert_eq!(parsed.documents.len(), 1);
    assert!(parsed.error.is_some());
}

#[test]
fn aliases_expand_within_a_bound() {
    let node = yaml("a: &x {k: v}\nb: *x\nc:\n  <<: *x\n");
    assert_eq!(node.get("b").unwrap().get("k").unwrap().text(), Some("v"));
    assert_eq!(node.get("c").unwrap().get("k").unwrap().text(), Some("v"));
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for i in 1..30 {
        let below = vec![format!("*a{}", i - 1); 9].join(", ");
        bomb.push_str(&format!("a{i}: &a{i} [{below}]\n"));
    }
    let error = parse_yaml(&bomb).error.unwrap();
    assert!(error.message.contains("aliases expand"), "{}", error.message);
    assert!(parse_yaml("a: &a [*a]").error.is_some());
}

#[test]
fn deep_nesting_is_refused() {
    for text in ["[".repeat(10 << 20), "{\"a\":".repeat(1 << 20), "- ".repeat(1 << 20)] {
        assert!(parse_yaml(&text).error.is_some());
        assert!(parse_json(&text).error.is_some());
    }
    let mut indented = String::new();
    for i in 0..2000 {
        indented.push_str(&format!("{}a:\n", " ".repeat(i)));
    }
    assert!(parse_yaml(&indented).error.is_some());
}

#[test]
fn places_inside_a_nested_document_are_those_of_the_outer_file() {
    let text = "data:\n  d.json: |\n    {\"expr\": \"up{a=\\\"b\\\"}\",\n     \"x\": 1}\n";
    let outer = yaml(text);
    let scalar = outer.get("data").unwrap().get("d.json").unwrap().scalar().unwrap();
    let mut inner = parse_json(&scalar.text).documents.remove(0);
    inner.rebase(scalar);
    assert_eq!(place(text, &inner, "expr", "up"), "up");
    assert_eq!(place(text, &inner, "expr", "}"), "}");
    assert_eq!(inner.get("x").unwrap().span.text(text), "1");
}
