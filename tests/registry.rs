//! Forgetting is impossible: every lint is registered, documented, exampled and unique, and all rule data fits its schema.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use reduse::knowledge::lint_docs::{self, LintDoc};
use reduse::knowledge::systems::System;
use reduse::knowledge::words::Sayings;
use reduse::knowledge::{load, rule_files};
use reduse::lints::LINTS;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// (family, stem with dashes) of all files with an extension two folders below.
fn stems(folder: &Path, extension: &str) -> BTreeSet<(String, String)> {
    walkdir::WalkDir::new(folder)
        .min_depth(2)
        .into_iter()
        .map(Result::unwrap)
        .filter(|e| e.path().extension().is_some_and(|x| x == extension))
        .map(|e| {
            let family = e.path().parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
            (family, e.path().file_stem().unwrap().to_string_lossy().replace('_', "-"))
        })
        .collect()
}

#[test]
fn code_words_and_registration_name_the_same_lints() {
    let registered: BTreeSet<(String, String)> = LINTS.iter().map(|l| (l.family.to_owned(), l.name.to_owned())).collect();
    assert_eq!(registered.len(), LINTS.len(), "a lint is registered twice");
    assert_eq!(stems(&root().join("src/lints"), "rs"), registered, "files in src/lints and registered lints differ");
    assert_eq!(stems(&root().join("rules/lints"), "yaml"), registered, "files in rules/lints and registered lints differ");
}

#[test]
fn every_lint_is_documented_and_exampled() {
    for file in rule_files("lints") {
        let doc: LintDoc = load(&file).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(doc.name, file.stem, "{}", file.path);
        assert!(["error", "warning", "info"].contains(&doc.severity.as_str()), "{}: severity", file.path);
        assert!(["high", "medium", "low"].contains(&doc.confidence.as_str()), "{}: confidence", file.path);
        for (field, text) in [("summary", &doc.summary), ("why", &doc.why), ("instead", &doc.instead)] {
            assert!(text.trim().len() > 20 && text.trim().ends_with('.'), "{}: {field} is no sentence", file.path);
        }
        // Two lints are about files that no text can show; tests/bad_input.rs shows them.
        if !["oversized-file", "unreadable-file"].contains(&doc.name.as_str()) {
            assert!(!doc.examples.bad.is_empty(), "{}: no bad example", file.path);
            assert!(!doc.examples.good.is_empty(), "{}: no good example", file.path);
        }
    }
}

#[test]
fn lint_names_are_unique_across_families() {
    let names: BTreeSet<&str> = lint_docs::all().map(|d| d.name.as_str()).collect();
    assert_eq!(names.len(), rule_files("lints").len());
}

#[test]
fn every_system_fits_its_schema() {
    for file in rule_files("systems") {
        let system: System = load(&file).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(system.name, file.stem, "{}", file.path);
        let names: BTreeSet<&str> = system.metrics.iter().map(|m| m.name.as_str()).collect();
        assert_eq!(names.len(), system.metrics.len(), "{}: a metric stands twice", file.path);
        for renamed in &system.renamed {
            assert!(!names.contains(renamed.from.as_str()), "{}: {} is said to be gone and there", file.path, renamed.from);
        }
    }
}

#[test]
fn the_vocabulary_is_not_empty() {
    use reduse::knowledge::vocab;
    for file in rule_files("vocab") {
        assert!(
            ["buckets", "grafana", "histograms", "instead", "labels", "promql", "third_party", "units", "updates", "words"]
                .contains(&file.stem),
            "{}: nobody reads it",
            file.path
        );
    }
    assert!(!vocab::labels().unbounded.is_empty() && !vocab::labels().suspicious.is_empty());
    assert!(vocab::buckets().too_many > 0 && !vocab::buckets().client_default.is_empty());
    assert!(vocab::grafana().units.len() > 200 && !vocab::grafana().of.is_empty() && !vocab::grafana().reducers.is_empty());
    assert!(!vocab::histograms().slow.is_empty() && !vocab::units().units.is_empty() && vocab::words().len() > 100);
}

#[test]
fn what_is_said_about_label_values_names_known_kinds() {
    use reduse::knowledge::provenance::{ProvenanceRules, python, rust};
    use reduse::knowledge::vocab;
    use reduse::model::ProvenanceKind;
    for file in rule_files("provenance") {
        let rules: ProvenanceRules = load(&file).unwrap_or_else(|e| panic!("{e}"));
        let all = [&rules.types, &rules.methods, &rules.functions, &rules.macros, &rules.names];
        for says in all.into_iter().flat_map(Sayings::iter) {
            assert_ne!(ProvenanceKind::parse(&says.kind), ProvenanceKind::Unknown, "{}: {:?}", file.path, says.names);
        }
    }
    for kind in ProvenanceKind::ALL.into_iter().filter(|k| k.is_unbounded()) {
        assert!(vocab::instead().contains_key(kind.as_str()), "nothing to do instead of {}", kind.as_str());
    }
    assert!(rust().types.first().is_some() && python().methods.first().is_some());
}
