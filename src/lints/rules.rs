//! Alerting rules with their queries, for the lints of alerts.

use std::collections::{HashMap, HashSet};

use crate::lints::Context;
use crate::model::{Alert, Consumer, ConsumerKind};
use crate::promql::{Query, Selector, can_be_empty};
use crate::source::{Location, Scalar, Span};

/// One alert whose query parses.
#[derive(Clone, Copy, Debug)]
pub(super) struct AlertRule<'a> {
    pub(super) consumer: &'a Consumer,
    pub(super) alert: &'a Alert,
    pub(super) query: &'a Query,
}

impl AlertRule<'_> {
    /// The place of a span of one of the alert's strings.
    pub(super) fn place(&self, scalar: &Scalar, span: Span) -> Location {
        Location::new(&self.consumer.query.path, scalar.span(span))
    }
}

/// The alerts, in order.
pub(super) fn alerts<'a>(context: &Context<'a>) -> impl Iterator<Item = AlertRule<'a>> {
    let consumers = context.consumers;
    context.queries.iter().filter_map(move |query| {
        let consumer = consumers.get(query.consumer)?;
        match &consumer.kind {
            ConsumerKind::Alert(alert) => Some(AlertRule { consumer, alert, query }),
            _ => None,
        }
    })
}

/// Recorded metrics that are there only while a condition holds.
pub(super) fn conditional_records<'a>(context: &Context<'a>) -> HashSet<&'a str> {
    let mut recorded: HashMap<&str, Vec<&Query>> = HashMap::new();
    for query in context.queries {
        if let Some(consumer) = context.consumers.get(query.consumer).filter(|c| matches!(c.kind, ConsumerKind::Record(_))) {
            recorded.entry(&consumer.name).or_default().push(query);
        }
    }
    let mut found: HashSet<&str> = HashSet::new();
    // Rules read what other rules recorded: until nothing is added.
    loop {
        let known = |name: &str| name.starts_with("ALERTS") || found.contains(name);
        let more: Vec<&str> = recorded
            .iter()
            .filter(|(name, queries)| !found.contains(*name) && queries.iter().any(|q| can_be_empty(&q.tree, &known)))
            .map(|(name, _)| *name)
            .collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}

/// Every annotation and label of every alert, the query of which need not parse.
pub(super) fn strings<'a>(context: &Context<'a>) -> impl Iterator<Item = (&'a Consumer, &'a str, &'a Scalar)> {
    context.consumers.iter().flat_map(|consumer| {
        let alert = match &consumer.kind {
            ConsumerKind::Alert(alert) => Some(alert),
            _ => None,
        };
        let strings = alert.into_iter().flat_map(|a| a.labels.iter().chain(&a.annotations));
        strings.map(move |(key, text)| (consumer, key.as_str(), text))
    })
}

/// Which file records which metric.
pub(super) struct Written<'a>(HashSet<(&'a str, &'a str)>);

/// The recorded metrics, by file.
pub(super) fn written<'a>(context: &Context<'a>) -> Written<'a> {
    let rules = context.consumers.iter().filter(|c| matches!(c.kind, ConsumerKind::Record(_)));
    Written(rules.map(|c| (&*c.query.path, c.name.as_str())).collect())
}

impl Written<'_> {
    /// Whether what took a label away does so for certain: an operation of the query, or a rule of the same file, which the same
    /// Prometheus evaluates. What another one records comes back with labels of its own.
    pub(super) fn is_lost(&self, by: Option<Span>, query: &Query, context: &Context<'_>) -> bool {
        let Some(consumer) = context.consumers.get(query.consumer) else { return false };
        let here = |s: &Selector| s.name.as_deref().is_some_and(|name| self.0.contains(&(&*consumer.query.path, name)));
        match by.map(|by| query.selectors.iter().find(|s| s.name_span.start == by.start)) {
            Some(None) => true,
            Some(Some(selector)) => here(selector),
            None => query.selectors.iter().any(here),
        }
    }
}
