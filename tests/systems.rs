//! Every query of every known system reads what its catalogue holds, and means what it says to promtool.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "systems/canon.rs"]
mod canon;
#[path = "systems/roles.rs"]
mod roles;

use std::collections::BTreeSet;
use std::process::Command;

use promql_parser::label::Matchers;
use promql_parser::parser::{self, Expr, LabelModifier, VectorMatchCardinality, VectorSelector};
use reduse::knowledge::systems::{self, System, SystemMetric};
use reduse::model::MetricType;

/// Labels that the scrape adds.
const SCRAPE: [&str; 2] = ["job", "instance"];

/// What a query reads and what it groups by.
#[derive(Default)]
struct Reads {
    /// Series names, each with the labels that its matchers ask for.
    series: Vec<(String, Vec<String>)>,
    /// Labels that it groups, joins or leaves by.
    grouping: BTreeSet<String>,
    /// Labels that `label_replace` makes.
    made: BTreeSet<String>,
}

impl Reads {
    fn of(query: &str) -> Self {
        let tree = parser::parse(query).unwrap_or_else(|e| panic!("{e}: {query}"));
        let mut reads = Reads::default();
        reads.walk(&tree);
        reads
    }

    fn modifier(&mut self, modifier: &LabelModifier) {
        let (LabelModifier::Include(labels) | LabelModifier::Exclude(labels)) = modifier;
        self.grouping.extend(labels.labels.iter().cloned());
    }

    fn selector(&mut self, selector: &VectorSelector) {
        let Matchers { matchers, or_matchers } = &selector.matchers;
        assert!(or_matchers.is_empty());
        let name = selector.name.clone().expect("every selector names its metric");
        self.series.push((name, matchers.iter().map(|m| m.name.clone()).collect()));
    }

    fn walk(&mut self, expr: &Expr) {
        match expr {
            Expr::Aggregate(aggregate) => {
                aggregate.modifier.iter().for_each(|m| self.modifier(m));
                self.walk(&aggregate.expr);
            }
            Expr::Binary(binary) => {
                if let Some(modifier) = &binary.modifier {
                    modifier.matching.iter().for_each(|m| self.modifier(m));
                    assert!(matches!(modifier.card, VectorMatchCardinality::OneToOne | VectorMatchCardinality::ManyToMany));
                }
                self.walk(&binary.lhs);
                self.walk(&binary.rhs);
            }
            Expr::Call(call) => {
                let made = (call.func.name == "label_replace").then(|| call.args.args.get(1)).flatten();
                if let Some(Expr::StringLiteral(label)) = made.map(AsRef::as_ref) {
                    self.made.insert(label.val.clone());
                }
                call.args.args.iter().for_each(|arg| self.walk(arg));
            }
            Expr::Paren(inner) => self.walk(&inner.expr),
            Expr::Unary(inner) => self.walk(&inner.expr),
            Expr::Subquery(inner) => self.walk(&inner.expr),
            Expr::VectorSelector(selector) => self.selector(selector),
            Expr::MatrixSelector(matrix) => self.selector(&matrix.vs),
            Expr::NumberLiteral(_) | Expr::StringLiteral(_) => {}
            Expr::Extension(_) => panic!("an extension"),
        }
    }
}

/// The metric that has series of this name, and whether they are its buckets.
fn family<'a>(system: &'a System, series: &str) -> (&'a SystemMetric, bool) {
    if let Some(metric) = system.metric(series) {
        assert!(!matches!(metric.kind(), MetricType::Histogram | MetricType::Summary), "{}: {series} has no series", system.name);
        return (metric, false);
    }
    let stem = ["_bucket", "_sum", "_count"].iter().find_map(|part| series.strip_suffix(part));
    let metric = stem.and_then(|stem| system.metric(stem)).unwrap_or_else(|| panic!("{}: no metric {series}", system.name));
    assert_eq!(metric.kind(), MetricType::Histogram, "{}: {series}", system.name);
    (metric, series.ends_with("_bucket"))
}

#[test]
fn queries_use_only_metrics_and_labels_of_the_catalogue() {
    for system in systems::all() {
        for (id, signal) in &system.signals {
            let reads = Reads::of(&signal.query(r#"job="a",instance="b""#, "5m"));
            assert!(!reads.series.is_empty(), "{}: {id} reads nothing", system.name);
            let mut grouped: BTreeSet<&str> = SCRAPE.into_iter().collect();
            for (series, asked) in &reads.series {
                let (metric, buckets) = family(system, series);
                let mut known: BTreeSet<&str> = metric.labels.iter().map(String::as_str).chain(SCRAPE).collect();
                known.extend(buckets.then_some("le"));
                for label in asked {
                    assert!(known.contains(label.as_str()), "{}: {id}: {series} has no label {label}", system.name);
                }
                // The selector that a dashboard needs is in each of them.
                assert!(SCRAPE.iter().all(|s| asked.iter().any(|a| a == s)), "{}: {id}: {series} without $SELECTOR", system.name);
                grouped.extend(known);
            }
            for label in reads.grouping.difference(&reads.made) {
                assert!(grouped.contains(label.as_str()), "{}: {id} groups by {label}, which nothing has", system.name);
            }
        }
    }
}

#[test]
fn rates_are_of_counters_and_quantiles_of_buckets() {
    for system in systems::all() {
        for (id, signal) in &system.signals {
            let query = signal.query("", "5m");
            for (at, _) in query.match_indices("rate(") {
                let inside = query.get(at + 5..).unwrap();
                let name: String = inside.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':')).collect();
                let (metric, _) = family(system, &name);
                let counts = matches!(metric.kind(), MetricType::Counter | MetricType::Histogram | MetricType::Unknown);
                assert!(counts, "{}: {id}: rate of the {} {name}", system.name, metric.kind);
            }
            assert_eq!(query.contains("histogram_quantile("), query.contains("_bucket"), "{}: {id}", system.name);
        }
    }
}

#[test]
fn the_metric_that_answers_alone_is_the_one_that_the_query_reads() {
    for system in systems::all() {
        for (id, signal) in &system.signals {
            let Some(name) = &signal.metric else { continue };
            let metric = system.metric(name).unwrap_or_else(|| panic!("{}: {id}: no metric {name}", system.name));
            let query = signal.query("", "5m");
            for (series, _) in &Reads::of(&query).series {
                assert_eq!(family(system, series).0.name, *name, "{}: {id}", system.name);
            }
            for (role, label) in &signal.roles {
                let known = metric.open || metric.labels.contains(label);
                assert!(known, "{}: {id}: {name} has no label {label} for {role}", system.name);
            }
            if let Some(matchers) = &signal.matchers {
                assert!(signal.query.contains(&format!("{{{matchers},")), "{}: {id}: {matchers} is not in the query", system.name);
            }
        }
    }
}

#[test]
fn names_to_use_instead_exist() {
    for system in systems::all() {
        for renamed in &system.renamed {
            for (series, _) in Reads::of(&renamed.to).series {
                let parts = ["_bucket", "_sum", "_count"].iter().find_map(|part| series.strip_suffix(part));
                let exists = system.metric(&series).is_some() || parts.is_some_and(|stem| system.metric(stem).is_some());
                assert!(exists, "{}: {} is to become {series}, which does not exist", system.name, renamed.from);
            }
        }
    }
}

#[test]
fn promtool_takes_every_query() {
    if !Command::new("promtool").arg("--version").output().is_ok_and(|o| o.status.success()) {
        assert!(std::env::var_os("CI").is_none(), "promtool is missing: install Debian's package `prometheus`");
        eprintln!("skipped: promtool is not installed (Debian's package `prometheus`)");
        return;
    }
    let mut rules = String::from("groups:\n  - name: systems\n    rules:\n");
    let mut count = 0;
    for system in systems::all() {
        for (id, signal) in &system.signals {
            for selector in ["", r#"job=~".+",instance=~".+""#] {
                let record = format!("{}:{}:{count}", system.name, id.replace('.', "_"));
                let query = signal.query(selector, "5m").replace('\'', "''");
                rules.push_str(&format!("      - record: {record}\n        expr: '{query}'\n"));
                count += 1;
            }
        }
    }
    assert!(count > 300, "{count}");
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("rules.yml"), rules).unwrap();
    let out = Command::new("promtool").current_dir(dir.path()).args(["check", "rules", "rules.yml"]).output().unwrap();
    assert!(out.status.success(), "{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
}
