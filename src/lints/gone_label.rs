//! Labels that a change takes away from a metric, and what still asks for them.

use std::collections::BTreeMap;

use super::{Context, repair};
use crate::finding::{Edit, Finding};
use crate::model::{self, Consumer, ConsumerKind, Inventory, Language};
use crate::promql::{self, MatchOp, Query, Read};
use crate::source::{Location, Scalar, Span};

/// Of each metric the labels that it had, and what one is called now, where one is gone and one is new.
pub(super) struct Gone<'a> {
    labels: BTreeMap<&'a str, Vec<&'a str>>,
    now: BTreeMap<&'a str, &'a str>,
}

impl<'a> Gone<'a> {
    pub(super) fn of(before: &'a Inventory, now: &'a Inventory) -> Self {
        let mut gone = Gone { labels: BTreeMap::new(), now: BTreeMap::new() };
        for metric in now.metrics().iter().filter(|m| m.language != Language::Yaml && m.labels_complete) {
            let Some(old) = before.get(&metric.name).filter(|old| old.labels_complete) else { continue };
            let lost: Vec<&str> = old.labels.iter().map(|l| l.name.as_str()).filter(|l| metric.label(l).is_none()).collect();
            let mut new = metric.labels.iter().map(|l| l.name.as_str()).filter(|l| old.label(l).is_none());
            if lost.is_empty() {
                continue;
            }
            if let (1, Some(only), None) = (lost.len(), new.next(), new.next()) {
                gone.now.insert(&metric.name, only);
            }
            gone.labels.insert(&metric.name, lost);
        }
        gone
    }

    /// One finding for each reader of such a label.
    pub(super) fn report(&self, context: &Context<'_>, findings: &mut Vec<Finding>) {
        if self.labels.is_empty() {
            return;
        }
        let mut found: BTreeMap<(&Location, &str, &str), Asked> = BTreeMap::new();
        for (consumers, queries) in [(context.consumers, context.queries), (context.tests, context.test_queries)] {
            for query in queries {
                let Some(consumer) = consumers.get(query.consumer) else { continue };
                for (metric, label) in self.of_query(query) {
                    let asked = asked(consumers, query, consumer, metric, label, self.now.get(metric).copied());
                    let place = found.entry((&consumer.location, metric, label)).or_default();
                    place.at.extend(asked.at);
                    place.edits.extend(asked.edits.into_iter().filter(|e| !place.edits.contains(e)).collect::<Vec<_>>());
                    place.shared |= asked.shared;
                }
            }
        }
        for ((_, metric, label), asked) in found {
            let Some(location) = asked.at.first() else { continue };
            let now = self.now.get(metric).filter(|_| !asked.shared);
            let message = match self.now.get(metric) {
                Some(now) => format!("the change takes the label `{label}` of `{metric}` away: is it `{now}` now?"),
                None => format!("the change takes the label `{label}` of `{metric}` away, and this still asks for it"),
            };
            let finding = Finding::new(message, location.clone()).metric(metric).label(label).caret("no such label");
            let finding = match context.inventory.get(metric) {
                Some(metric) => finding.related("defined here", metric.location.clone()),
                None => finding,
            };
            findings.push(match now {
                Some(now) => finding.fixes(format!("use `{now}`"), asked.edits),
                None => finding,
            });
        }
    }

    /// Whether the change took this label of this metric away.
    pub(super) fn has(&self, metric: &str, label: &str) -> bool {
        self.labels.get(metric).is_some_and(|lost| lost.contains(&label))
    }

    /// The metrics of a query that lost labels, with each of those.
    fn of_query(&self, query: &Query) -> Vec<(&'a str, &'a str)> {
        let mut found = Vec::new();
        for name in query.selectors.iter().filter_map(|s| s.literal_name()) {
            let entry = self.labels.get_key_value(name).or_else(|| self.labels.get_key_value(model::split_series(name).0));
            if let Some((metric, lost)) = entry {
                found.extend(lost.iter().map(|label| (*metric, *label)));
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// Where a reader asks for a label, and how it would ask for another.
#[derive(Default)]
struct Asked {
    at: Vec<Location>,
    edits: Vec<Edit>,
    /// Whether something else that is asked in the same place may still have the label.
    shared: bool,
}

fn asked(consumers: &[Consumer], query: &Query, consumer: &Consumer, metric: &str, label: &str, now: Option<&str>) -> Asked {
    let mut asked = Asked::default();
    let is_it = |series: &str| series == metric || model::split_series(series).0 == metric;
    let edit = |span: Span, now: &str| repair::in_scalar(&consumer.query.scalar, consumer.query.locate(span), now);
    for selector in query.selectors.iter().filter(|s| s.literal_name().is_some_and(is_it)) {
        for matcher in selector.matchers.iter().filter(|m| m.label.name == label && !m.label.variable) {
            let wants = match matcher.op {
                MatchOp::Equal => !matcher.value.is_empty(),
                MatchOp::Regex => !matcher.variable && promql::full_match(&matcher.value, &[String::new()]) == Some(false),
                _ => false,
            };
            asked.at.extend(query.locate(consumers, matcher.label.span).filter(|_| wants));
            asked.edits.extend(now.map(|now| edit(matcher.label.span, now)));
        }
    }
    let reads = promql::label_reads(&query.tree);
    for read in reads.iter().filter(|r| r.label == label) {
        if is_it(&read.series) {
            match read.span {
                Some(span) => {
                    asked.at.extend(query.locate(consumers, span));
                    asked.edits.extend(now.map(|now| edit(span, now)));
                }
                None => asked.shared = true,
            }
        } else if reads.iter().any(|r| r.span == read.span && is_it(&r.series)) {
            asked.shared = true;
        }
    }
    if let ConsumerKind::Variable(Some(offered)) = &consumer.kind
        && offered.text == label
    {
        let location = Location::new(&consumer.query.path, offered.span(Span::new(0, offered.text.len())));
        asked.at.push(location.clone());
        asked.edits.extend(now.map(|now| repair::in_scalar(offered, location, now)));
    }
    let others = query.selectors.iter().any(|s| !s.literal_name().is_some_and(is_it));
    // Where the query names the label once more, as a label of its own, the result has it.
    let text = &consumer.query.scalar.text;
    let named = repair::words(text).into_iter().filter(|span| span.text(text) == label).count();
    let queried = asked.edits.iter().filter(|e| within(consumer, &e.location)).count();
    if !others && (now.is_none() || named == queried) {
        beside(consumer, label, now, &mut asked);
    }
    asked
}

fn within(consumer: &Consumer, location: &Location) -> bool {
    let query = consumer.query.scalar.raw;
    location.path == consumer.query.path && query.start <= location.span.start && location.span.end <= query.end
}

/// What is filled in from the label beside a query that reads nothing else.
fn beside(consumer: &Consumer, label: &str, now: Option<&str>, asked: &mut Asked) {
    let path = &consumer.query.path;
    let mut change = |scalar: &Scalar, span: Span, asks: bool| {
        let location = Location::new(path, scalar.span(span));
        if asks {
            asked.at.push(location.clone());
        }
        asked.edits.extend(now.map(|now| repair::in_scalar(scalar, location, now)));
    };
    if let Some(legend) = &consumer.prose.legend {
        promql::legend_labels(&legend.text)
            .into_iter()
            .filter(|span| span.text(&legend.text) == label)
            .for_each(|span| change(legend, span, true));
    }
    if let ConsumerKind::Alert(alert) = &consumer.kind {
        for (_, text) in alert.labels.iter().chain(&alert.annotations) {
            let reads = promql::read_template(&text.text).reads;
            let spans = reads.iter().filter(|(read, _)| matches!(read, Read::Label(l) if l == label)).filter_map(|(_, span)| {
                // The word in `$labels.word`, `.Labels.word` or `index $labels "word"`.
                let at = span.text(&text.text).rfind(label)?;
                Some(Span::new(span.start as usize + at, span.start as usize + at + label.len()))
            });
            spans.for_each(|span| change(text, span, true));
        }
    }
    for key in consumer.prose.labels.iter().filter(|key| key.text == label) {
        change(key, Span::new(0, label.len()), false);
    }
    // The copy of a variable's query.
    if matches!(consumer.kind, ConsumerKind::Variable(_)) {
        for copy in &consumer.prose.texts {
            repair::words(&copy.text).into_iter().filter(|span| span.text(&copy.text) == label).for_each(|span| change(copy, span, false));
        }
    }
}
