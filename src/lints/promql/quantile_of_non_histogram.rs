//! `quantile-of-non-histogram`: `histogram_quantile` over series that are no buckets.

use crate::finding::Finding;
use crate::lints::lookup::Known;
use crate::lints::{Context, lookup};
use crate::model::MetricType;
use crate::promql::Step;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for query in context.queries {
        for selector in &query.selectors {
            let Some(name) = selector.literal_name().filter(|n| !n.ends_with("_bucket")) else { continue };
            // What joins or filters the buckets need not be one.
            let plain = |s: &&Step| matches!(s, Step::Range | Step::Offset | Step::Aggregate(_) | Step::Call { .. });
            let above: Vec<&Step> = selector.around.iter().take_while(plain).collect();
            if !above.iter().any(|s| matches!(s, Step::Call { name, .. } if name == "histogram_quantile")) {
                continue;
            }
            let mut help =
                "It works on the `_bucket` series of a histogram, or on a native histogram, and gives nothing for anything else."
                    .to_owned();
            let what = match lookup::metric(context, name) {
                Some(known) => match known.kind() {
                    MetricType::Counter | MetricType::Gauge | MetricType::Summary => {
                        if known.kind() == MetricType::Summary {
                            let own = if let Known::Tree(metric) = known { Some(metric) } else { None };
                            help = lookup::instead_of_buckets(name, own);
                        }
                        format!("a {}{}", known.kind().as_str(), known.origin())
                    }
                    _ => continue,
                },
                None => {
                    let family = ["_sum", "_count"].iter().find_map(|part| name.strip_suffix(part));
                    let histogram = family.and_then(|f| lookup::metric(context, f)).filter(|k| k.kind() == MetricType::Histogram);
                    if histogram.is_none() {
                        continue;
                    }
                    "one of the sums of a histogram".to_owned()
                }
            };
            let Some(location) = query.locate(context.consumers, selector.name_span) else { continue };
            let message = format!("`histogram_quantile` of `{name}`, which is {what}");
            findings.push(Finding::new(message, location).metric(name).caret("no buckets").help(help));
        }
    }
}
