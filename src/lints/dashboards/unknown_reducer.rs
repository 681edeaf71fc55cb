//! `unknown-reducer`: a calculation that Grafana does not have.

use crate::finding::Finding;
use crate::knowledge::vocab;
use crate::lints::{Context, repair};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let known = &vocab::grafana().reducers;
    for calc in context.dashboards.iter().flat_map(|b| &b.panels).flat_map(|p| &p.reducers) {
        let text = calc.text.as_str();
        let percentile = text.strip_prefix('p').is_some_and(|n| n.parse::<f64>().is_ok());
        if known.iter().any(|k| k == text) || percentile || text.is_empty() || text.contains('$') {
            continue;
        }
        let near = known.iter().map(|k| (strsim::damerau_levenshtein(&k.to_lowercase(), &text.to_lowercase()), k)).min();
        let near = near.filter(|(distance, _)| *distance <= 1 + text.len() / 4).map(|(_, near)| near);
        let finding = Finding::new(format!("Grafana has no calculation `{text}`"), calc.location.clone()).caret("shows no value");
        findings.push(match near {
            Some(near) => {
                finding.help(format!("Did you mean `{near}`?")).fixes(format!("use `{near}`"), [repair::word(calc, near.as_str())])
            }
            None => finding,
        });
    }
}
