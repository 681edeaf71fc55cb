//! Every query of a system against what is known of how that system answers the question: `tests/data/role-queries.tsv`.
//!
//! A row holds the short form of the query; where ours is another one the row says why, and docs/queries.md lists it.
//! `REDUSE_UPDATE=1 cargo test --test systems` writes that page.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use reduse::knowledge::systems;

use super::canon;

const ROWS: &str = include_str!("../data/role-queries.tsv");

/// Signals that the rows do not speak of, by what their systems have beyond them.
const BEYOND: [(&str, &[&str]); 4] = [
    ("litellm", &["llm.cost.request"]),
    ("node_exporter", &["use.network.errors", "use.network.saturation", "use.network.utilisation"]),
    ("dcgm_exporter", &["use.nccl.utilisation"]),
    ("triton_trtllm", &["use.gpu.hbm_capacity.utilisation", "use.gpu.sm.utilisation"]),
];

struct Row<'a> {
    system: &'a str,
    signal: &'a str,
    variant: &'a str,
    form: &'a str,
    why: &'a str,
}

fn rows() -> Vec<Row<'static>> {
    let row = |line: &'static str| match line.split('\t').collect::<Vec<_>>().as_slice() {
        [system, signal, variant, form, why] => Row { system, signal, variant, form, why },
        _ => panic!("five columns: {line}"),
    };
    ROWS.lines().skip(1).map(row).collect()
}

/// The short form of our query, or `none`.
fn ours(system: &str, signal: &str) -> String {
    let system = systems::get(system).unwrap_or_else(|| panic!("no system {system}"));
    let query = system.signals.get(signal).map(|s| s.query(r#"job="a",instance="b""#, "5m"));
    query.map_or_else(|| "none".to_owned(), |query| canon::of(&query))
}

#[test]
fn every_query_asks_what_is_known_to_answer_or_the_row_says_why_not() {
    let rows = rows();
    let mut wrong = Vec::new();
    for Row { system, signal, form, why, .. } in &rows {
        let ours = ours(system, signal);
        if (ours == *form) != why.is_empty() {
            wrong.push(format!("{system} {signal} ({why})\n  known {form}\n  ours  {ours}"));
        }
    }
    assert!(rows.len() > 220 && wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_goes_beyond_the_rows_is_listed() {
    let mut known: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in rows() {
        known.entry(row.system).or_default().insert(row.signal);
    }
    for system in systems::all() {
        let Some(known) = known.get(system.name.as_str()) else { continue };
        let more: Vec<&str> = system.signals.keys().map(String::as_str).filter(|s| !known.contains(s)).collect();
        let listed = BEYOND.iter().find(|(name, _)| *name == system.name).map_or(&[][..], |(_, signals)| signals);
        assert_eq!(more, listed, "{}", system.name);
    }
}

#[test]
fn two_queries_have_one_form_only_if_they_ask_the_same() {
    let same = [
        (
            r#"sum(rate(a{x="1"}[5m])) or vector(0)"#,
            r#"sum by (job, instance) (rate(a{job="j",x="1"}[1m])) or 0 * sum by (job) (rate(b[5m]))"#,
        ),
        ("histogram_quantile(0.95, sum by (le) (rate(a_bucket[5m])))", "histogram_quantile(0.95, sum by (job, le) (rate(a_bucket[9m])))"),
    ];
    assert!(same.iter().all(|(a, b)| canon::of(a) == canon::of(b)));
    for (a, b) in [
        ("sum(a)", "max(a)"),
        ("sum(a)", "sum by (x) (a)"),
        ("rate(a[5m])", "increase(a[5m])"),
        (r#"a{x="1"}"#, r#"a{x!="1"}"#),
        (r#"a{x=~"1"}"#, r#"a{x="1"}"#),
        ("a / b", "b / a"),
        ("(a + b) / c", "a + b / c"),
        ("a / (b > 0)", "a / b"),
        ("histogram_quantile(0.95, sum by (le) (rate(a_bucket[5m])))", "histogram_quantile(0.9, sum by (le) (rate(a_bucket[5m])))"),
        ("a / 1000", "a"),
    ] {
        assert_ne!(canon::of(a), canon::of(b));
    }
}

#[test]
fn the_page_of_the_rows_that_differ_is_up_to_date() {
    let rows = rows();
    let differ: Vec<&Row<'_>> = rows.iter().filter(|r| !r.why.is_empty()).collect();
    let mut page = format!(
        "# Queries that differ from the reference\n\n\
        `tests/data/role-queries.tsv` holds, for {} pairs of a system and a question, the query that is known to answer it. Ours means the same in {}\n\
        of them: apart from `job` and `instance`, by which every one of ours is split so that a dashboard can choose them, the same series, functions\n\
        and labels. These are the others. The test that compares them writes this page: `REDUSE_UPDATE=1 cargo test --test systems`.\n\n\
        The forms are short: `q0.95` is the quantile of a histogram, `[x]` what a sum is split by, `|0` what is 0 where nothing was counted yet,\n\
        `!0` a divisor that must not be 0.\n\n\
        | system | question | known | ours | why |\n|---|---|---|---|---|\n",
        rows.len(),
        rows.len() - differ.len()
    );
    let code = |form: &str| format!("`{}`", form.replace('|', "\\|"));
    for row in differ {
        let variant = if row.variant.is_empty() { String::new() } else { format!(" ({})", row.variant) };
        page.push_str(&format!(
            "| {} | {}{variant} | {} | {} | {} |\n",
            row.system,
            row.signal,
            code(row.form),
            code(&ours(row.system, row.signal)),
            row.why
        ));
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/queries.md");
    if std::env::var_os("REDUSE_UPDATE").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let on_disk = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(on_disk == page, "docs/queries.md is out of date: run `REDUSE_UPDATE=1 cargo test --test systems`");
}
