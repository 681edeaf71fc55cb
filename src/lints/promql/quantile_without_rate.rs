//! `quantile-without-rate`: a quantile over everything since the process started.

use crate::finding::Finding;
use crate::lints::Context;
use crate::promql::Step;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for query in context.queries {
        for selector in &query.selectors {
            let Some(name) = selector.literal_name().filter(|n| n.ends_with("_bucket") && !n.contains(':')) else { continue };
            let mut over_time = false;
            for step in &selector.around {
                match step {
                    // A range, or a difference of two moments.
                    Step::Range | Step::Binary { .. } => over_time = true,
                    Step::Call { name: function, .. } if function == "histogram_quantile" => {
                        if over_time {
                            break;
                        }
                        let Some(location) = query.locate(context.consumers, selector.name_span) else { break };
                        findings.push(
                            Finding::new(format!("the quantile of `{name}` covers everything since the process started"), location)
                                .metric(name)
                                .caret("no `rate`")
                                .help(format!("After a while nothing moves it any more. Take `rate({name}[5m])` first.")),
                        );
                        break;
                    }
                    _ => {}
                }
            }
        }
    }
}
