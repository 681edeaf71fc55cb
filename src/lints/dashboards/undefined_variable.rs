//! `undefined-variable`: a query with a variable that the dashboard does not have.

use std::collections::HashSet;

use crate::finding::Finding;
use crate::lints::Context;
use crate::lints::dashboard;
use crate::model::{ConsumerKind, Dialect};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    // A file without any variables may be a piece of a dashboard.
    for board in context.dashboards.iter().filter(|b| !b.variables.is_empty()) {
        let known: HashSet<&str> =
            board.variables.iter().map(|v| v.name.text.as_str()).chain(board.inputs.iter().map(String::as_str)).collect();
        let mut said = HashSet::new();
        for consumer in
            context.consumers.iter().filter(|c| c.board.as_ref() == Some(&board.location) && c.query.dialect == Dialect::Grafana)
        {
            let text = &consumer.query.scalar.text;
            for (name, span) in dashboard::variables(text) {
                // A `$` that a regular expression takes for itself.
                if text.get(..span.start as usize).is_some_and(|before| before.ends_with('\\')) {
                    continue;
                }
                // Grafana's own begin with two underscores; what a panel is repeated by is a variable of the dashboard.
                // After a backslash it is the dollar of a regular expression.
                let text = consumer.query.scalar.text.as_bytes();
                let escaped = (span.start as usize).checked_sub(1).is_some_and(|at| text.get(at) == Some(&b'\\'));
                if escaped || name.starts_with("__") || known.contains(name.as_str()) || !said.insert(name.clone()) {
                    continue;
                }
                let near = board
                    .variables
                    .iter()
                    .map(|v| (strsim::damerau_levenshtein(&v.name.text, &name), &v.name))
                    .filter(|(distance, _)| *distance <= (name.len() / 4).max(1))
                    .min_by_key(|(distance, _)| *distance);
                let noun = if matches!(consumer.kind, ConsumerKind::Variable(_)) { "the variable" } else { "the panel" };
                let finding = Finding::new(
                    format!("{noun} `{}` asks for `${name}`, a variable that the dashboard does not have", consumer.name),
                    consumer.query.locate(span),
                )
                .caret("stays in the query as it is");
                findings.push(match near {
                    Some((_, near)) => finding
                        .related(format!("did you mean `${}`?", near.text), near.location.clone())
                        .help(format!("Write `${}`.", near.text)),
                    None => finding,
                });
            }
        }
    }
}
