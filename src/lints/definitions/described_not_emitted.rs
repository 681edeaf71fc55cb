//! `described-not-emitted`: a description of a metric that no code emits.

use crate::finding::Finding;
use crate::lints::Context;
use crate::model::Metric;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for described in &context.inventory.described {
        if context.inventory.may_have(&described.name) {
            continue;
        }
        let mut finding = Finding::new(format!("`{}` is described, and nothing emits it", described.name), described.name_location.clone())
            .metric(&described.name)
            .caret("nobody emits this");
        // One that has no description, of the same type, is probably the one that is meant.
        let bare = context.inventory.metrics().iter().filter(|m| m.help.is_none() && !m.help_unknown && m.declared == described.kind);
        let near = bare
            .filter(|m| is_near(m, &described.name))
            .max_by(|a, b| similarity(a, &described.name).total_cmp(&similarity(b, &described.name)));
        finding = match near {
            Some(metric) => finding
                .help(format!("Is `{}` meant? It is emitted without a help text.", metric.name))
                .related(format!("`{}` is emitted here", metric.name), metric.location.clone()),
            None => finding.help("Emit it, or take the description out. A renamed metric needs its description renamed, too."),
        };
        findings.push(finding);
    }
}

fn similarity(metric: &Metric, name: &str) -> f64 {
    strsim::normalized_damerau_levenshtein(&metric.name, name)
}

fn is_near(metric: &Metric, name: &str) -> bool {
    similarity(metric, name) > 0.7
}
