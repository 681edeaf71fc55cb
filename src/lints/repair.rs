//! Edits that several lints offer.

use super::Context;
use crate::finding::{Edit, Form};
use crate::model::{self, Consumer, ConsumerKind, Metric, Word};
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
        for query in queries {
            edits.extend(names(consumers, query, &metric.name, name));
            edits.extend(prose(consumers, query, &metric.name, name));
        }
    }
    edits
}

/// Gives each selector of the metric `old` in a query the name `new`.
pub(super) fn names(consumers: &[Consumer], query: &Query, old: &str, new: &str) -> Vec<Edit> {
    let Some(consumer) = consumers.get(query.consumer) else { return Vec::new() };
    let named = query.selectors.iter().filter(|s| s.is_named(old));
    let edit = |span: Span| {
        // `{__name__="x"}` and `{"x"}` hold the name in quotes.
        let quote = span.text(&consumer.query.scalar.text).chars().next().filter(|c| matches!(c, '"' | '\'' | '`'));
        let text = quote.map_or_else(|| new.to_owned(), |q| format!("{q}{new}{q}"));
        in_scalar(&consumer.query.scalar, consumer.query.locate(span), text)
    };
    named.map(|s| edit(s.name_span)).collect()
}

/// Gives the metric of a query its new name in what is said beside it: titles, legends, descriptions and annotations.
pub(super) fn prose(consumers: &[Consumer], query: &Query, old: &str, new: &str) -> Vec<Edit> {
    let reads = query.selectors.iter().any(|s| s.is_named(old));
    let Some(consumer) = consumers.get(query.consumer).filter(|_| reads) else { return Vec::new() };
    let annotations = match &consumer.kind {
        ConsumerKind::Alert(alert) => alert.annotations.as_slice(),
        _ => &[],
    };
    let texts = consumer.prose.texts.iter().chain(&consumer.prose.legend).chain(annotations.iter().map(|(_, text)| text));
    let mut edits = Vec::new();
    for scalar in texts {
        for span in words(&scalar.text) {
            if let Some(now) = called(span.text(&scalar.text), old, new) {
                edits.push(in_scalar(scalar, Location::new(&consumer.query.path, scalar.span(span)), now));
            }
        }
    }
    edits
}

/// What a word is now that the series `old` is called `new`: of a histogram, people write the family, and other series of it.
fn called(word: &str, old: &str, new: &str) -> Option<String> {
    let ((family, part), (said, of_word)) = (model::split_series(old), model::split_series(word));
    let tells = |name: &str| name.contains(['_', ':']);
    if word == old && tells(old) {
        return Some(new.to_owned());
    }
    let now = if part.is_empty() { new } else { new.strip_suffix(part)? };
    (said == family && tells(family) && word != old).then(|| format!("{now}{of_word}"))
}

/// The words of a text that may be names; a variable of Grafana or of a template is none.
pub(super) fn words(text: &str) -> Vec<Span> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|rest| rest.find(is_name)).map(|n| n + at) {
        let rest = text.get(start..).unwrap_or_default();
        let end = start + rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        at = end;
        let before = text.get(..start).unwrap_or_default();
        let word = text.get(start..end).unwrap_or_default();
        // A colon at the end belongs to the sentence.
        let length = word.trim_end_matches(':').len();
        if length > 0 && !before.ends_with('$') && !before.ends_with("${") && !before.ends_with("[[") {
            found.push(Span::new(start, start + length));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_from_variables() {
        let found = |text: &'static str| words(text).into_iter().map(|s| s.text(text)).collect::<Vec<_>>();
        assert_eq!(found("p95 of `a_b`: {{x}} ${c_d} $e_f, g:h"), ["p95", "of", "a_b", "x", "g:h"]);
    }

    #[test]
    fn people_write_the_family() {
        let now = |word| called(word, "a_seconds_bucket", "b_seconds_bucket");
        assert_eq!(now("a_seconds").as_deref(), Some("b_seconds"));
        assert_eq!(now("a_seconds_count").as_deref(), Some("b_seconds_count"));
        assert_eq!(now("a_second"), None);
        assert_eq!(called("queue", "queue", "jobs"), None, "a word of the language");
        assert_eq!(called("a_total", "a_total", "b_total").as_deref(), Some("b_total"));
    }
}
