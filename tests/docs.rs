//! docs/rules is what the lints' own words say. `REDUSE_UPDATE=1 cargo test --test docs` writes it.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use std::collections::BTreeMap;

use common::root;
use reduse::knowledge::lint_docs;
use reduse::report::rules;

#[test]
fn the_pages_in_docs_rules_are_up_to_date() {
    let mut pages: BTreeMap<String, String> = lint_docs::all().map(|d| (format!("{}.md", d.name), rules::explain(d))).collect();
    pages.insert("README.md".to_owned(), rules::index(&lint_docs::get));
    let folder = root().join("docs/rules");
    if std::env::var_os("REDUSE_UPDATE").is_some() {
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        for (name, text) in &pages {
            std::fs::write(folder.join(name), text).unwrap();
        }
    }
    let hint = "run `REDUSE_UPDATE=1 cargo test --test docs`";
    let on_disk: Vec<String> = std::fs::read_dir(&folder)
        .unwrap_or_else(|e| panic!("{}: {e}: {hint}", folder.display()))
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    for name in &on_disk {
        assert!(pages.contains_key(name), "docs/rules/{name} is about no lint: {hint}");
    }
    for (name, text) in &pages {
        let written = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(written == *text, "docs/rules/{name} is out of date: {hint}");
    }
}
