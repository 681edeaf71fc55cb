//! The meaning of a parsed query: types, label flow, windows, the metrics and labels it needs.
//!
//! Describes queries for lints in spans of the query text; `Consumer::query.locate` turns those into places in the file. Does not
//! know which metrics exist.

mod describe;
mod flow;
mod patterns;
mod reads;
mod units;
mod values;

pub(crate) use crate::syntax::promql::{Aggregate, BinaryOp, Expr, ExprKind, Grouping, MatchOp, Matcher, names_victoria};
pub(crate) use crate::syntax::template::{Read, read as read_template};
pub(crate) use describe::{Comparison, Quantile, Selector, Step, quantile, visit};
pub use flow::Recorded;
pub(crate) use flow::{Lost, Mismatch, labels, lost, mismatches, recorded};
pub(crate) use patterns::full_match;
pub(crate) use reads::{LabelRead, label_reads, legend_labels};
pub(crate) use units::{Unit, unit};
pub(crate) use values::{Range, can_be_empty, range};

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use crate::model::{Consumer, Dialect, Problem, ProblemKind};
use crate::source::{Location, Span};
use crate::syntax::promql::{Outcome, ParseError, parse};

/// The meaning of one consumer's query.
#[derive(Clone, Debug)]
pub struct Query {
    /// Index of the consumer in the list the queries were made from.
    pub consumer: usize,
    /// The tree.
    pub(crate) tree: Expr,
    /// Every vector selector, from left to right.
    pub(crate) selectors: Vec<Selector>,
}

impl Query {
    /// The selectors that stand within a part of the query.
    pub(crate) fn selectors_in(&self, span: Span) -> impl Iterator<Item = &Selector> {
        self.selectors.iter().filter(move |s| span.start <= s.name_span.start && s.name_span.end <= span.end)
    }

    /// Every `histogram_quantile` call.
    pub(crate) fn quantiles(&self) -> Vec<Quantile<'_>> {
        describe::quantiles(&self.tree)
    }

    /// Every comparison of an expression with a literal number.
    pub(crate) fn comparisons(&self) -> Vec<Comparison<'_>> {
        describe::comparisons(&self.tree)
    }

    /// The place in the file of a span of the query text; `consumers` is the list the queries were made from.
    pub(crate) fn locate(&self, consumers: &[Consumer], span: Span) -> Option<Location> {
        consumers.get(self.consumer).map(|c| c.query.locate(span))
    }
}

/// Every vector selector of a query, from left to right; none where it does not parse.
pub(crate) fn selectors_of(query: &str) -> Vec<Selector> {
    match parse(query, false) {
        Outcome::Parsed(tree) => describe::selectors(&tree),
        Outcome::Invalid(_) | Outcome::Unjudged => Vec::new(),
    }
}

/// The seconds of a duration such as `1h30m`.
pub(crate) fn seconds(word: &str) -> Option<f64> {
    crate::syntax::promql::duration_seconds(word)
}

/// Whether a query is about VictoriaMetrics itself: every part of it has the first name, and only its buckets have the second. A file with
/// such a query is for its users, who write MetricsQL.
fn is_of_victoria(query: &str) -> bool {
    ["vm_app_version", "vmrange"].iter().any(|word| memchr::memmem::find(query.as_bytes(), word.as_bytes()).is_some())
}

/// Whether a query reads nothing and calls nothing.
fn is_of_numbers(query: &str) -> bool {
    !query.bytes().any(|b| b.is_ascii_alphabetic() || matches!(b, b'{' | b'_' | b'$'))
}

/// So many queries of one dashboard that only MetricsQL takes are no slips.
const MANY: usize = 3;

/// What the text of a query turned out to be, before it is known whose language it is in.
#[derive(Debug)]
pub struct Reading(Option<Result<(Vec<Selector>, Expr), ParseError>>);

/// Parses the query of a consumer.
pub fn read_query(consumer: &Consumer) -> Reading {
    Reading(match parse(&consumer.query.scalar.text, consumer.query.dialect == Dialect::Grafana) {
        Outcome::Parsed(tree) => Some(Ok((describe::selectors(&tree), tree))),
        Outcome::Invalid(error) => Some(Err(error)),
        Outcome::Unjudged => None,
    })
}

/// The queries of consumers, given what each of them reads as. A query that does not parse is a problem at its place and yields no
/// `Query`; in the files `of_victoria` not where MetricsQL takes it. `elsewhere` is asked then whether other files of the tree speak of
/// VictoriaMetrics.
pub fn queries(
    consumers: &[Consumer],
    readings: Vec<Reading>,
    of_victoria: &BTreeSet<Arc<str>>,
    elsewhere: &dyn Fn() -> bool,
) -> (Vec<Query>, Vec<Problem>) {
    let (mut queries, mut problems) = (Vec::with_capacity(consumers.len()), Vec::new());
    let outcomes: Vec<_> = readings.into_iter().map(|reading| reading.0).collect();
    // Looked at only where something is wrong: most files have no error.
    let suspects = outcomes.iter().any(|o| matches!(o, Some(Err(error)) if error.metricsql));
    let speak = consumers.iter().filter(|c| suspects && is_of_victoria(&c.query.scalar.text)).map(|c| &*c.query.path);
    let of_victoria: HashSet<&str> = speak.chain(of_victoria.iter().map(|path| &**path)).collect();
    // A broken panel is seen. Where several of a dashboard have such a query, its datasource takes it.
    let mut many: HashMap<&str, usize> = HashMap::new();
    for (consumer, outcome) in consumers.iter().zip(&outcomes) {
        let drawn = consumer.query.dialect == Dialect::Grafana;
        if let Some(Err(error)) = outcome.as_ref().filter(|_| drawn)
            && error.metricsql
        {
            *many.entry(&consumer.query.path).or_default() += 1;
        }
    }
    let relatives = suspects && (!of_victoria.is_empty() || elsewhere());
    for (index, (consumer, outcome)) in consumers.iter().zip(outcomes).enumerate() {
        match outcome {
            Some(Ok((selectors, tree))) => queries.push(Query { consumer: index, tree, selectors }),
            Some(Err(error)) if error.limit => problems.push(Problem {
                kind: ProblemKind::PromqlSyntax,
                message: format!("{} `{}` is not judged: it has {}", consumer.kind.noun(), consumer.name, error.message),
                location: consumer.query.locate(error.span),
                help: Some("Prometheus may take it. Split it with recording rules, or nobody else can read it either.".to_owned()),
                until: None,
                relative: true,
            }),
            Some(Err(error)) if error.metricsql && of_victoria.contains(&*consumer.query.path) => {}
            Some(Err(error)) => problems.push(Problem {
                kind: ProblemKind::PromqlSyntax,
                message: format!("{} `{}`: {}", consumer.kind.noun(), consumer.name, error.message),
                location: consumer.query.locate(error.span),
                help: error.help,
                until: None,
                // `1 > 0` is a rule for Loki, too, and nothing in it says whose it is.
                relative: error.metricsql
                    && (relatives
                        || many.get(&*consumer.query.path).is_some_and(|n| *n >= MANY)
                        || is_of_numbers(&consumer.query.scalar.text)),
            }),
            None => {}
        }
    }
    (queries, problems)
}
