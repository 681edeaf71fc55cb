//! `unbounded-label-name`: a label whose name alone promises one series per user, request or session.

use crate::finding::{Finding, Severity};
use crate::knowledge::vocab::{self, UnboundedName};
use crate::lints::Context;
use crate::lints::cardinality::unbounded_label_value;
use crate::model::{Label, LabelUse, Metric};

/// Bits of a number that takes few values.
const FEW: u32 = 8;
/// Bits of a number that does not grow without end.
const MANY: u32 = 16;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for metric in context.inventory.metrics() {
        for label in &metric.labels {
            let Some((word, severity)) = promise(&label.name) else { continue };
            // What a condition adds is what somebody asked for.
            let severity = if metric.optional.contains(&label.name) { severity.min(Severity::Warning) } else { severity };
            if label.bound.is_bounded() || is_bounded(context, metric, label) || context.policies.labels.contains_key(&label.name) {
                continue;
            }
            let severity = match bits(context, metric, label) {
                // A number is no secret, and one of eight bits takes few values.
                Some(bits) if word.secret || bits <= FEW => continue,
                Some(bits) if bits <= MANY => severity.min(Severity::Warning),
                _ => severity,
            };
            let severity = unbounded_label_value::tended(context, &metric.name, severity);
            let origins = || values(context, metric, label).filter(|l| l.provenance.kind.is_unbounded());
            // What the values show for certain is said where they are set.
            let said = |l: &LabelUse| unbounded_label_value::tended(context, &metric.name, unbounded_label_value::judged(l).0);
            if origins().any(|l| said(l) > severity) {
                continue;
            }
            let mut finding = finding(metric, label, word).severity(severity);
            if let Some(origin) = origins().next() {
                let certain = origin.provenance.certain;
                let words = if certain { format!("the value is {}", origin.provenance.origin) } else { "a value is set here".to_owned() };
                finding = finding.related(words, origin.location.clone());
            }
            findings.push(finding);
        }
    }
}

/// What a label's name promises, and how sure it is.
pub(crate) fn promise(label: &str) -> Option<(&'static UnboundedName, Severity)> {
    let find = |names: &'static [UnboundedName]| names.iter().find(|n| n.matches(label));
    let vocab = vocab::labels();
    let certain = find(&vocab.unbounded).map(|word| (word, Severity::Error));
    certain.or_else(|| find(&vocab.suspicious).map(|word| (word, Severity::Warning)))
}

/// Every use that sets the label.
fn values<'c>(context: &'c Context<'_>, metric: &'c Metric, label: &'c Label) -> impl Iterator<Item = &'c LabelUse> {
    let sites = context.inventory.uses.iter().filter(|u| u.metric == metric.name && !u.removes);
    sites.flat_map(|u| &u.labels).filter(|l| l.name == label.name)
}

/// Whether every use that sets the label takes the value from something bounded.
fn is_bounded(context: &Context<'_>, metric: &Metric, label: &Label) -> bool {
    let mut uses = values(context, metric, label).peekable();
    uses.peek().is_some() && uses.all(|l| l.provenance.certain && l.provenance.kind.is_bounded())
}

/// The bits of the number that the label is at every use, as far as types show that it is one.
fn bits(context: &Context<'_>, metric: &Metric, label: &Label) -> Option<u32> {
    let uses = values(context, metric, label).map(|l| l.provenance.number);
    uses.reduce(|a, b| Some(a?.max(b?))).flatten()
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
