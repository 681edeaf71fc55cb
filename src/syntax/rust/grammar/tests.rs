//! Both readers give the same trees.

#![allow(clippy::panic)]

use super::super::parts::LeftOut;
use super::super::tree::File;
use super::super::{on_big_stack, parse_with_syn, preamble};

fn direct(text: &str) -> Option<File> {
    super::file(text, preamble(text), &LeftOut::nothing(preamble(text)))
}

/// What stands where the direct reader gave up.
fn place(text: &str) -> String {
    let Some(tokens) = super::tokens(text, preamble(text), text.len(), &[]) else { return "an odd token".into() };
    let left_out = LeftOut::nothing(preamble(text));
    let mut grammar = super::Grammar::new(text, &tokens, &left_out);
    let stop = grammar.inner_attrs(&mut Vec::new()).and_then(|()| grammar.items(false));
    let around = tokens.get(grammar.at.saturating_sub(8)..(grammar.at + 6).min(tokens.len())).unwrap_or_default();
    let words: Vec<&str> = around.iter().filter_map(|t| text.get(t.start as usize..t.end as usize)).collect();
    format!("{:?} at {}", stop.err(), words.join(" "))
}

/// Where two trees differ, as text.
fn difference(one: &File, other: &File) -> String {
    let (one, other) = (format!("{one:#?}"), format!("{other:#?}"));
    let lines: Vec<_> = one.lines().zip(other.lines()).enumerate().filter(|(_, (a, b))| a != b).take(3).collect();
    let first = lines.first().map_or(0, |(n, _)| *n);
    let around: Vec<&str> = one.lines().skip(first.saturating_sub(25)).take(27).collect();
    format!("{lines:?}\n{}", around.join("\n"))
}

/// Every file of a folder: how many there are, how many the direct reader gave up on, and those read differently.
fn compare(folder: &str) -> (usize, Vec<String>, Vec<String>) {
    let (mut count, mut given_up, mut different) = (0, Vec::new(), Vec::new());
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok) {
        let is_rust = entry.path().extension().is_some_and(|e| e == "rs") && entry.file_type().is_file();
        let Some(text) = is_rust.then(|| std::fs::read_to_string(entry.path()).ok()).flatten() else { continue };
        count += 1;
        let path = entry.path().display().to_string();
        match direct(&text) {
            None => given_up.push(format!("{path}: {}", place(&text))),
            Some(tree) => match parse_with_syn(&text, LeftOut::nothing(preamble(&text))) {
                Ok(other) if other == tree => {}
                Ok(other) => different.push(format!("{path}\n{}", difference(&tree, &other))),
                Err(error) => different.push(format!("{path}: only read by the direct reader: {error:?}")),
            },
        }
    }
    (count, given_up, different)
}

#[test]
fn both_readers_agree_on_this_repository() {
    // A folder of other code can be named, to look at more.
    let folder = std::env::var("REDUSE_RUST_TREE").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned() + "/src");
    let (count, given_up, different) = on_big_stack(|| compare(&folder));
    for text in given_up.iter().take(40) {
        println!("given up: {text}");
    }
    println!("{count} files, {} given up, {} different", given_up.len(), different.len());
    assert!(different.is_empty(), "{}", different.iter().take(6).cloned().collect::<Vec<_>>().join("\n\n"));
    assert!(count > 0);
}
