//! What finding metrics costs by itself: each library's fixture, label values that are followed to where they come from, rule files and
//! dashboards, and `generate` as a user runs it. `cargo bench --bench extract`; the figures are in docs/benchmarks.md.

#![allow(missing_docs, clippy::unwrap_used)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use reduse::config::Config;
use reduse::engine::{self, Options};
use reduse::source::{FileKind, SourceFile};
use reduse::workspace::Workspace;

/// The facts of a tree of one file; how many metrics and queries it has.
fn facts(name: &str, kind: FileKind, text: &str) -> usize {
    let workspace = Workspace::in_memory(vec![Arc::new(SourceFile::new(name, kind, text))], Config::default());
    let options = Options { today: "2026-01-01".to_owned(), ..Options::default() };
    let facts = engine::facts(&workspace, &options);
    facts.inventory.metrics().len() + facts.consumers.len()
}

fn libraries(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("library");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/libraries");
    let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().map(Result::unwrap);
    for file in files.filter(|f| f.path().extension().is_some_and(|e| e == "rs")) {
        let text = std::fs::read_to_string(file.path()).unwrap();
        let name = file.path().file_stem().unwrap().to_string_lossy().into_owned();
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(name), &text, |b, text| {
            b.iter(|| facts("src/metrics.rs", FileKind::Rust, black_box(text)));
        });
    }
    group.finish();
}

/// Label values that come through functions, constants and enums.
fn uses(count: usize) -> String {
    let mut text = "use prometheus::*;\npub enum Kind { Big, Small }\nimpl Kind {\n    pub fn as_str(&self) -> &'static str {\n        \
                    match self { Kind::Big => \"big\", Kind::Small => \"small\" }\n    }\n}\nconst UP: &str = \"up\";\n\
                    lazy_static::lazy_static! {\n    static ref SEEN: IntCounterVec = register_int_counter_vec!(\"seen_total\", \"Seen.\", \
                    &[\"kind\", \"way\"]).unwrap();\n}\nfn count(kind: &str, way: &str) { SEEN.with_label_values(&[kind, way]).inc(); }\n"
        .to_owned();
    for n in 0..count {
        writeln!(text, "pub fn seen_{n}(kind: Kind, id: u64) {{ count(kind.as_str(), UP); count(\"n{n}\", &id.to_string()); }}").unwrap();
    }
    text
}

fn provenance(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("provenance");
    for count in [10, 100] {
        let text = uses(count);
        group.bench_with_input(BenchmarkId::from_parameter(format!("{count} callers")), &text, |b, text| {
            b.iter(|| facts("src/metrics.rs", FileKind::Rust, black_box(text)));
        });
    }
    group.finish();
}

fn rules(count: usize) -> String {
    let mut text = "groups:\n- name: made\n  rules:\n".to_owned();
    for n in 0..count {
        writeln!(
            text,
            "  - alert: A{n}\n    expr: |\n      sum by (job) (rate(made_{n}_total{{status=~\"5..\"}}[5m]))\n        / sum by (job) \
             (rate(made_{n}_total[5m])) > 0.01\n    for: 5m\n    labels: {{severity: critical}}\n    annotations: {{summary: \"{n}\"}}"
        )
        .unwrap();
    }
    text
}

fn documents(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("documents");
    let rules = rules(200);
    group.throughput(Throughput::Bytes(rules.len() as u64));
    group.bench_function("200 alerting rules", |b| b.iter(|| facts("alerts.yml", FileKind::Yaml, black_box(&rules))));
    let dashboard = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/bad-service/monitoring/dashboard.json");
    let dashboard = std::fs::read_to_string(dashboard).unwrap();
    group.throughput(Throughput::Bytes(dashboard.len() as u64));
    group.bench_function("a dashboard", |b| b.iter(|| facts("dashboard.json", FileKind::Json, black_box(&dashboard))));
    group.finish();
}

/// The whole command, its start included.
fn generate(criterion: &mut Criterion) {
    let out = tempfile::tempdir().unwrap();
    criterion.bench_function("reduse generate", |b| {
        b.iter(|| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_reduse"));
            command.current_dir(env!("CARGO_MANIFEST_DIR")).args(["generate", "fixtures/llm-server", "--system", "node_exporter", "--out"]);
            let output = command.arg(out.path()).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        });
    });
}

criterion_group! {
    name = all;
    config = Criterion::default().sample_size(20);
    targets = libraries, provenance, documents, generate
}
criterion_main!(all);
