//! Docs are tests: every bad example of a lint fires exactly that lint under its carets, every good one fires nothing.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use reduse::config::Config;
use reduse::engine::{self, Options};
use reduse::finding::{Finding, Fix};
use reduse::fix;
use reduse::knowledge::lint_docs::{self, Example};
use reduse::knowledge::systems;
use reduse::source::{SourceFile, Sources};
use reduse::workspace::{Workspace, kind_of};

/// (lint, path, line, first column, column after the last)
type Place = (String, String, usize, usize, usize);

#[test]
fn every_bad_example_fires_exactly_its_lint_under_its_carets() {
    let mut failures = String::new();
    for doc in lint_docs::all() {
        for example in &doc.examples.bad {
            let (files, carets) = read(example);
            let expected: BTreeSet<Place> = carets.into_iter().map(|(p, l, a, b)| (doc.name.clone(), p, l, a, b)).collect();
            assert!(!expected.is_empty(), "{}: bad example without a caret: {}", doc.name, example.note);
            let found = run(example, files);
            if found != expected {
                let _ = writeln!(failures, "{}: {}\n  expected {expected:?}\n  found    {found:?}", doc.name, example.note);
            }
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
}

#[test]
fn no_good_example_fires_any_lint() {
    let mut failures = String::new();
    for doc in lint_docs::all() {
        for example in &doc.examples.good {
            let (files, carets) = read(example);
            assert!(carets.is_empty(), "{}: good example with a caret: {}", doc.name, example.note);
            let found = run(example, files);
            if !found.is_empty() {
                let _ = writeln!(failures, "{}: {}\n  found {found:?}", doc.name, example.note);
            }
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
}

#[test]
fn a_suppression_above_the_line_silences_every_lint_that_has_a_comment_syntax() {
    for doc in lint_docs::all() {
        for example in &doc.examples.bad {
            let (files, carets) = read(example);
            let places: Vec<(String, usize)> = carets.iter().map(|c| (c.0.clone(), c.1)).collect();
            let mut silenced = with_suppressions(files, &places, &doc.name);
            // What does not parse has no comments to speak of, and JSON has none at all; a block scalar's lines are text.
            let testable =
                !doc.family.eq("syntax") && silenced.iter().all(|(p, t)| !p.ends_with(".json") && !t.contains(": |") && !t.contains(": >"));
            if testable {
                // A finding that speaks for many then speaks for one less, and those that are left are few.
                for _ in 0..ALIKE {
                    let places: Vec<(String, usize)> =
                        run(example, silenced.clone()).iter().filter(|f| f.0 == doc.name).map(|f| (f.1.clone(), f.2)).collect();
                    if places.is_empty() {
                        break;
                    }
                    silenced = with_suppressions(silenced, &places, &doc.name);
                }
                let found = run(example, silenced);
                assert!(found.iter().all(|f| f.0 != doc.name), "{}: {}: {found:?}", doc.name, example.note);
            }
        }
    }
}

/// As many as an example has that one finding speaks for.
const ALIKE: usize = 6;

/// The files with a suppression above each of these lines.
fn with_suppressions(files: Vec<(String, String)>, places: &[(String, usize)], lint: &str) -> Vec<(String, String)> {
    let silenced = |(path, text): (String, String)| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let mut at: Vec<usize> = places.iter().filter(|p| p.0 == path).map(|p| p.1).collect();
        at.sort_unstable();
        at.dedup();
        for line in at.into_iter().rev() {
            let marker = if path.ends_with(".rs") { "//" } else { "#" };
            let indent: String = lines[line - 1].chars().take_while(|c| *c == ' ').collect();
            lines.insert(line - 1, format!("{indent}{marker} reduse: allow({lint}) it is meant so"));
        }
        (path, lines.join("\n") + "\n")
    };
    files.into_iter().map(silenced).collect()
}

#[test]
fn a_repair_of_an_example_takes_its_finding_away_and_converges() {
    let mut repaired = 0;
    for example in lint_docs::all().flat_map(|d| &d.examples.bad) {
        let (mut files, _) = read(example);
        for round in 0.. {
            assert!(round < 5, "{}: repairs call for repairs: {files:?}", example.note);
            let (findings, sources) = lint(example, files.clone());
            let fixes: Vec<&Fix> = findings.iter().filter_map(|f| f.fix.as_ref()).collect();
            let chosen = fix::choose(&fixes, &sources);
            if chosen.is_empty() {
                break;
            }
            repaired += 1;
            let texts = fix::apply(chosen.iter().map(|i| fixes[*i]), &sources);
            for (path, text) in &mut files {
                text.clone_from(texts.get(path.as_str()).unwrap_or(&text.clone()));
            }
            let (after, _) = lint(example, files.clone());
            assert!(after.len() < findings.len(), "{}: {after:?}", example.note);
        }
    }
    assert!(repaired > 8, "only {repaired} examples carry a repair");
}

/// (path, text)
type Files = Vec<(String, String)>;

/// (path, line, first column, column after the last)
type Carets = Vec<(String, usize, usize, usize)>;

/// The files of an example without the caret lines, and the places of the carets.
fn read(example: &Example) -> (Files, Carets) {
    let mut files = Vec::new();
    let mut carets = Vec::new();
    for (path, text) in &example.files {
        let marker = if [".yml", ".yaml", ".prom", ".py"].iter().any(|end| path.ends_with(end)) { "#" } else { "//" };
        let mut kept: Vec<&str> = Vec::new();
        for line in text.lines() {
            let body = line.trim_start().strip_prefix(marker).filter(|b| b.contains('^') && b.chars().all(|c| c == '^' || c == ' '));
            if body.is_none() {
                kept.push(line);
                continue;
            }
            let mut column = 1;
            for run in line.split_inclusive(' ') {
                let width = run.chars().filter(|c| *c == '^').count();
                if width > 0 {
                    carets.push((path.clone(), kept.len(), column, column + width));
                }
                column += run.chars().count();
            }
        }
        files.push((path.clone(), kept.join("\n") + "\n"));
    }
    (files, carets)
}

fn run(example: &Example, files: Files) -> BTreeSet<Place> {
    let (findings, sources) = lint(example, files);
    let place = |f: &Finding| {
        let (start, end) = sources.place(&f.location).unwrap();
        // A finding of several lines is underlined on its first.
        let end_column = if end.line == start.line {
            end.column
        } else {
            let text = &sources.get(&f.location.path).unwrap().text;
            text.lines().nth(start.line - 1).unwrap_or("").chars().count() + 1
        };
        (f.lint.to_owned(), f.location.path.to_string(), start.line, start.column, end_column)
    };
    findings.iter().map(place).collect()
}

fn lint(example: &Example, files: Files) -> (Vec<Finding>, Sources) {
    let files = files.into_iter().map(|(path, text)| {
        let kind = kind_of(Path::new(&path)).unwrap_or_else(|| panic!("{path}: not a kind of file that is read"));
        Arc::new(SourceFile::in_package(path.into(), kind, text.into(), "example".into(), "".into()))
    });
    let config = example.config.as_deref().map_or_else(Config::default, |c| Config::parse(c, "reduse.toml", "").unwrap());
    let workspace = Workspace::in_memory(files.collect(), config);
    let systems = example.systems.iter().map(|s| systems::get(s).unwrap_or_else(|| panic!("no system {s}"))).collect();
    let options = Options { systems, today: "2026-11-24".to_owned(), ..Options::default() };
    let facts = engine::facts(&workspace, &options);
    let verdict = engine::lint(&facts, &workspace, &options);
    (verdict.findings, facts.sources)
}
