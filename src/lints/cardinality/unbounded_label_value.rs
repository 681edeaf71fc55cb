//! `unbounded-label-value`: a label whose value the source shows to have no limit.

use std::collections::HashSet;

use crate::finding::{Confidence, Finding, Severity};
use crate::knowledge::vocab;
use crate::lints::Context;
use crate::lints::cardinality::{stale_series, unbounded_label_name};
use crate::model::{Change, LabelUse, ProvenanceKind, UseSite};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    // One finding per expression, though it may set labels of several metrics.
    let mut seen = HashSet::new();
    let stale = stale_series::labels(context);
    for site in context.inventory.uses.iter().filter(|s| !s.removes) {
        for label in site.labels.iter().filter(|l| l.provenance.kind.is_unbounded()) {
            if context.policies.labels.contains_key(&label.name) || !seen.insert((&label.location, &label.name)) {
                continue;
            }
            let (severity, confidence) = judged(label);
            let severity = tended(context, &site.metric, severity);
            // That its series stay is said where the metric is defined.
            if severity == Severity::Info && stale.get(site.metric.as_str()).is_some_and(|l| l.name == label.name) {
                continue;
            }
            // What the label's name says already is said once, where the metric is defined.
            if unbounded_label_name::promise(&label.name).is_some_and(|(_, named)| named >= severity) {
                continue;
            }
            findings.push(finding(site, label).severity(severity).confidence(confidence));
        }
    }
}

/// Where code takes series of the metric away again, there are only as many as things live: a lesser evil.
pub(crate) fn tended(context: &Context<'_>, metric: &str, severity: Severity) -> Severity {
    let removed = || context.inventory.uses.iter().any(|s| s.removes && s.metric == metric);
    let forgotten = || context.inventory.handled.get(metric).is_some_and(|h| h.updates.iter().any(|u| u.change == Change::Forget));
    match severity {
        Severity::Error if removed() || forgotten() => Severity::Warning,
        Severity::Warning if removed() || forgotten() => Severity::Info,
        other => other,
    }
}

fn finding(site: &UseSite, label: &LabelUse) -> Finding {
    let of = &label.provenance;
    let message = format!("the values of `{}` of `{}` have no limit: {}", label.name, site.metric, of.origin);
    let mut finding = Finding::new(message, label.location.clone()).metric(&site.metric).label(&label.name).caret(of.origin.clone());
    for (at, step) in of.way.iter().enumerate().filter(|(_, s)| s.location != label.location) {
        // Of several steps at one place, such as a variable that is set to what a call gives, the last says most.
        if of.way.get(at + 1).is_none_or(|next| next.location != step.location) {
            finding = finding.related(step.message.clone(), step.location.clone());
        }
    }
    match vocab::instead().get(of.kind.as_str()) {
        Some(instead) => finding.help(instead.clone()),
        None => finding,
    }
}

/// Certain origins that a client chooses are errors; what is told by a name, or comes and goes with something that the program
/// knows, is a hint.
pub(crate) fn judged(label: &LabelUse) -> (Severity, Confidence) {
    let of = &label.provenance;
    let comes_and_goes = matches!(of.kind, ProvenanceKind::Id | ProvenanceKind::Address);
    match (of.certain, of.foreign) {
        // What a client sends there is usually looked up, which is not seen here.
        (true, true) if of.kind == ProvenanceKind::Text && vocab::labels().is_kept(&label.name) => (Severity::Warning, Confidence::Medium),
        (true, true) => (Severity::Error, Confidence::High),
        (true, false) if !comes_and_goes => (Severity::Warning, Confidence::High),
        (false, true) if !comes_and_goes => (Severity::Warning, Confidence::Medium),
        (true, _) => (Severity::Warning, Confidence::Medium),
        _ => (Severity::Info, Confidence::Low),
    }
}
