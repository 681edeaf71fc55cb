//! `unbounded-label-name`: a label whose name alone promises one series per user, request or session.

use crate::finding::{Finding, Severity};
use crate::knowledge::vocab::{self, UnboundedName};
use crate::lints::Context;
use crate::model::{Label, Metric};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for metric in context.inventory.metrics() {
        for label in &metric.labels {
            if label.bound.is_bounded() || is_bounded(context, metric, label) || context.policies.labels.contains_key(&label.name) {
                continue;
            }
            let find = |names: &'static [UnboundedName]| names.iter().find(|n| n.matches(&label.name));
            let vocab = vocab::labels();
            if let Some(word) = find(&vocab.unbounded) {
                findings.push(finding(metric, label, word));
            } else if let Some(word) = find(&vocab.suspicious) {
                findings.push(finding(metric, label, word).severity(Severity::Warning));
            }
        }
    }
}

/// Whether every use that sets the label takes the value from something bounded.
fn is_bounded(context: &Context<'_>, metric: &Metric, label: &Label) -> bool {
    let sites = context.inventory.uses.iter().filter(|u| u.metric == metric.name);
    let mut uses = sites.flat_map(|u| &u.labels).filter(|l| l.name == label.name).peekable();
    uses.peek().is_some() && uses.all(|l| l.provenance.certain && l.provenance.kind.is_bounded())
}

fn finding(metric: &Metric, label: &Label, word: &UnboundedName) -> Finding {
    let location = label.location.clone().unwrap_or_else(|| metric.location.clone());
    let finding = Finding::new(format!("`{}` is a label of `{}`: one series per {}", label.name, metric.name, word.per), location)
        .metric(&metric.name)
        .label(&label.name)
        .caret(format!("one series per {}", word.per));
    match &word.instead {
        Some(instead) => finding.help(instead.clone()),
        None => finding,
    }
}
