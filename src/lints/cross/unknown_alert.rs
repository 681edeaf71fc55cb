//! `unknown-alert`: a query of `ALERTS` for an alert that no rule of the tree has.

use std::collections::BTreeSet;

use crate::finding::Finding;
use crate::lints::Context;
use crate::model::ConsumerKind;
use crate::promql::MatchOp;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let alerts: BTreeSet<&str> =
        context.consumers.iter().filter(|c| matches!(c.kind, ConsumerKind::Alert(_))).map(|c| c.name.as_str()).collect();
    // Without any, the rules are elsewhere.
    if alerts.is_empty() || alerts.iter().any(|name| name.contains("{{")) {
        return;
    }
    for query in context.queries {
        let asked = query.selectors.iter().filter(|s| matches!(s.literal_name(), Some("ALERTS" | "ALERTS_FOR_STATE")));
        for matcher in asked.flat_map(|s| &s.matchers).filter(|m| m.label.name == "alertname" && m.op == MatchOp::Equal) {
            let name = matcher.value.as_str();
            if name.is_empty() || name.contains(['$', '[', '{']) || alerts.contains(name) {
                continue;
            }
            let Some(location) = query.locate(context.consumers, matcher.value_span) else { continue };
            let near = alerts.iter().map(|a| (strsim::damerau_levenshtein(a, name), a)).min().filter(|(d, _)| *d <= 1 + name.len() / 4);
            let mut finding = Finding::new(format!("no rule of the tree has the alert `{name}`"), location).caret("no such alert");
            if let Some((_, near)) = near {
                finding = finding.help(format!("Did you mean `{near}`?"));
            }
            findings.push(finding);
        }
    }
}
