//! How long `check` takes: over `examples/`, over a made tree of many packages, and its two parsers by themselves.
//!
//! `cargo bench`; `scripts/bench-tree DIR` measures a real tree against ripgrep.

#![allow(missing_docs, clippy::unwrap_used)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use criterion::{Criterion, criterion_group, criterion_main};
use reduse::engine::{self, Options};
use reduse::model::{Consumer, ConsumerKind, Dialect, QueryText};
use reduse::promql;
use reduse::source::{Location, Scalar, Span};
use reduse::syntax::rust;
use reduse::workspace::{self, ConfigChoice, Request};

/// Packages of the made tree; each has a file with metrics and some without.
const PACKAGES: usize = 40;
const PLAIN_FILES: usize = 8;

fn check(folder: &Path) -> usize {
    let paths = [PathBuf::from(".")];
    let request = Request {
        paths: &paths,
        cwd: folder,
        config: &ConfigChoice::Isolated,
        exclude: &[],
        exposition: &[],
        include_tests: false,
        keep: &reduse::extract::may_matter,
        overlay: &workspace::Overlay::default(),
    };
    let workspace = workspace::read(&request).unwrap();
    let options = Options { today: "2026-01-01".to_owned(), ..Options::default() };
    let facts = engine::facts(&workspace, &options);
    engine::lint(&facts, &workspace, &options).findings.len()
}

/// Code without metrics: what most of a real tree is.
fn plain(functions: usize) -> String {
    let mut text = "use std::collections::HashMap;\n".to_owned();
    for n in 0..functions {
        writeln!(
            text,
            "/// Adds up.\npub fn sum_{n}(values: &HashMap<String, Vec<u64>>, limit: usize) -> Option<u64> {{\n    \
             let mut sum = 0_u64;\n    for (key, list) in values.iter().take(limit) {{\n        \
             if key.starts_with(\"a{n}\") {{ sum += list.iter().map(|v| v * 2).filter(|v| v % 3 == 0).sum::<u64>(); }}\n    }}\n    \
             (sum > 0).then_some(sum)\n}}\n"
        )
        .unwrap();
    }
    text
}

fn metrics(package: usize) -> String {
    let mut text = "use prometheus::*;\nlazy_static::lazy_static! {\n".to_owned();
    for n in 0..10 {
        writeln!(
            text,
            "    pub static ref M{n}: IntCounterVec = register_int_counter_vec!(\"p{package}_m{n}_total\", \"Help.\", &[\"kind\"]).unwrap();"
        )
        .unwrap();
    }
    text.push_str("}\n");
    for n in 0..10 {
        writeln!(text, "pub fn use_{n}(ok: bool) {{ M{n}.with_label_values(&[if ok {{ \"ok\" }} else {{ \"failed\" }}]).inc(); }}")
            .unwrap();
    }
    text + &plain(40)
}

fn tree() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: String, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    for package in 0..PACKAGES {
        write(format!("p{package}/Cargo.toml"), &format!("[package]\nname = \"p{package}\"\nversion = \"0.1.0\"\n"));
        write(format!("p{package}/src/metrics.rs"), &metrics(package));
        for file in 0..PLAIN_FILES {
            write(format!("p{package}/src/plain_{file}.rs"), &plain(40));
        }
        let rules = format!(
            "groups:\n- name: p{package}\n  rules:\n  - alert: A{package}\n    expr: rate(p{package}_m0_total[5m]) > 1\n    for: 5m\n"
        );
        write(format!("p{package}/rules.yml"), &rules);
    }
    folder
}

fn query(text: &str) -> Consumer {
    let path = "rules.yml".into();
    Consumer {
        name: "A".to_owned(),
        location: Location::new(&path, Span::default()),
        kind: ConsumerKind::Variable(None),
        query: QueryText { path, scalar: Scalar::verbatim(text, 0), dialect: Dialect::Grafana },
        prose: reduse::model::Prose::default(),
        board: None,
    }
}

fn benches(criterion: &mut Criterion) {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    criterion.bench_function("check examples", |b| b.iter(|| check(black_box(&examples))));
    let made = tree();
    criterion.bench_function("check a made tree", |b| b.iter(|| check(black_box(made.path()))));
    let large = plain(2_000);
    criterion.bench_function("parse a large file", |b| b.iter(|| rust::parse(black_box(&large)).unwrap()));
    criterion.bench_function("parse a large file without bodies", |b| b.iter(|| rust::parse_parts(black_box(&large), &|_| false).unwrap()));
    let queries = [query("histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{job=~\"a|b\"}[5m]))) > 1")];
    criterion.bench_function("parse a query", |b| b.iter(|| black_box(&queries).iter().map(promql::read_query).collect::<Vec<_>>()));
}

criterion_group! {
    name = all;
    config = Criterion::default().sample_size(20);
    targets = benches
}
criterion_main!(all);
