//! `missing-le`: a quantile over buckets whose `le` an aggregation took away.

use crate::finding::Finding;
use crate::lints::Context;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for query in context.queries {
        for quantile in query.quantiles() {
            let Some(aggregate) = quantile.dropped_le() else { continue };
            let op = &aggregate.op.name;
            let span = aggregate.grouping.as_ref().map_or(aggregate.op.span, |g| g.span);
            let Some(location) = query.locate(context.consumers, span) else { continue };
            let labels = |without_le: bool| -> Vec<&str> {
                let labels = aggregate.grouping.iter().flat_map(|g| &g.labels).map(|l| l.name.as_str());
                labels.filter(|l| !(without_le && *l == "le")).collect()
            };
            let (instead, replacement) = match &aggregate.grouping {
                Some(g) if g.without => {
                    let list = format!("without ({})", labels(true).join(", "));
                    (list.clone(), list)
                }
                Some(_) => {
                    let mut labels = labels(false);
                    labels.push("le");
                    let list = format!("by ({})", labels.join(", "));
                    (list.clone(), list)
                }
                None => ("by (le)".to_owned(), format!("{op} by (le)")),
            };
            findings.push(
                Finding::new(format!("`{op}` takes away `le`, so `histogram_quantile` has no buckets and gives nothing"), location.clone())
                    .caret("`le` is lost here")
                    .help(format!("Keep it: `{op} {instead} (…)`."))
                    .fix("keep `le`", location, replacement),
            );
        }
    }
}
