//! `impossible-label-value`: a matcher for a value that the code never gives to the label.

use crate::finding::Finding;
use crate::lints::{Context, lookup};
use crate::model::Language;
use crate::promql::{MatchOp, full_match};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for query in context.queries {
        for selector in &query.selectors {
            let Some(name) = selector.literal_name() else { continue };
            let family = ["_bucket", "_count", "_sum"].iter().find_map(|part| name.strip_suffix(part));
            let metrics =
                lookup::named(context.inventory, name).iter().chain(family.map_or(&[][..], |f| lookup::named(context.inventory, f)));
            let metrics: Vec<_> = metrics.collect();
            let [metric] = metrics[..] else { continue };
            if metric.language == Language::Yaml {
                continue;
            }
            for matcher in selector.matchers.iter().filter(|m| !m.variable && !m.value.is_empty()) {
                let Some(label) = metric.label(&matcher.label.name) else { continue };
                let Some(values) = label.bound.all_values() else { continue };
                let possible = match matcher.op {
                    MatchOp::Equal => values.contains(&matcher.value),
                    // What does not parse is another lint's.
                    MatchOp::Regex => full_match(&matcher.value, values).unwrap_or(true),
                    _ => true,
                };
                if possible {
                    continue;
                }
                let Some(location) = query.locate(context.consumers, matcher.value_span) else { continue };
                let mut shown: Vec<String> = values.iter().take(8).map(|v| format!("`{v}`")).collect();
                if values.len() > shown.len() {
                    shown.push("…".to_owned());
                }
                let mut finding = Finding::new(format!("`{}` of `{}` is never `{}`", label.name, metric.name, matcher.value), location)
                    .metric(&metric.name)
                    .label(&label.name)
                    .caret("nothing is selected")
                    .help(format!("The code gives it {}.", shown.join(", ")));
                if let Some(place) = &label.location {
                    finding = finding.related("the label is defined here", place.clone());
                }
                findings.push(finding);
            }
        }
    }
}
