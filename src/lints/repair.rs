//! Edits that several lints offer.

use super::Context;
use crate::finding::{Edit, Form};
use crate::model::{Consumer, Metric, Word};
use crate::promql::Query;
use crate::source::{Location, Scalar, Span};

/// Puts `text` in the place of a span of a query.
pub(super) fn in_query(context: &Context<'_>, query: &Query, span: Span, text: impl Into<String>) -> Option<Edit> {
    let consumer = context.consumers.get(query.consumer)?;
    Some(in_scalar(&consumer.query.scalar, consumer.query.locate(span), text))
}

/// Puts `text` at a place of a scalar of YAML or JSON.
pub(super) fn in_scalar(scalar: &Scalar, location: Location, text: impl Into<String>) -> Edit {
    Edit { location, replacement: text.into(), form: Form::Scalar(scalar.start) }
}

/// Puts another word in the place of one of a dashboard.
pub(super) fn word(word: &Word, text: impl Into<String>) -> Edit {
    Edit { location: word.location.clone(), replacement: text.into(), form: Form::Scalar(word.raw.start) }
}

/// Gives a metric of the code another name, with everything in the tree that reads it by the old one.
pub(super) fn rename(context: &Context<'_>, metric: &Metric, name: &str) -> Vec<Edit> {
    let calls = metric.definitions.iter().map(|d| &d.location);
    let uses = context.inventory.uses.iter().filter(|u| u.metric == metric.name).map(|u| &u.location);
    let form = Form::Name { old: metric.name.clone(), calls: calls.chain(uses).cloned().collect() };
    let mut edits = vec![Edit { location: metric.name_location.clone(), replacement: name.to_owned(), form }];
    for (consumers, queries) in [(context.consumers, context.queries), (context.tests, context.test_queries)] {
        edits.extend(queries.iter().flat_map(|query| names(consumers, query, &metric.name, name)));
    }
    edits
}

/// Gives each selector of the metric `old` in a query the name `new`.
pub(super) fn names(consumers: &[Consumer], query: &Query, old: &str, new: &str) -> Vec<Edit> {
    let Some(consumer) = consumers.get(query.consumer) else { return Vec::new() };
    let named = query.selectors.iter().filter(|s| s.literal_name() == Some(old));
    let edit = |span: Span| {
        // `{__name__="x"}` and `{"x"}` hold the name in quotes.
        let quote = span.text(&consumer.query.scalar.text).chars().next().filter(|c| matches!(c, '"' | '\'' | '`'));
        let text = quote.map_or_else(|| new.to_owned(), |q| format!("{q}{new}{q}"));
        in_scalar(&consumer.query.scalar, consumer.query.locate(span), text)
    };
    named.map(|s| edit(s.name_span)).collect()
}
