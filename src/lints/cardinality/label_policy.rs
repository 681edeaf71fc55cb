//! `label-policy`: a label that takes a value which `[labels]` in `reduse.toml` does not allow, or more of them than it allows.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::Finding;
use crate::lints::Context;
use crate::model::{LabelUse, ProvenanceKind};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let policies = &context.policies.labels;
    if policies.is_empty() {
        return;
    }
    let mut written: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut first: BTreeMap<&str, &LabelUse> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for site in &context.inventory.uses {
        for label in &site.labels {
            let Some(policy) = policies.get(&label.name).filter(|_| label.provenance.kind == ProvenanceKind::Literal) else { continue };
            first.entry(&label.name).or_insert(label);
            written.entry(&label.name).or_default().extend(label.provenance.values.iter().map(String::as_str));
            let other = label.provenance.values.iter().find(|v| !policy.values.is_empty() && !policy.values.contains(*v));
            let Some(other) = other.filter(|_| seen.insert((&label.location, &label.name))) else { continue };
            let allowed: Vec<String> = policy.values.iter().map(|v| format!("`{v}`")).collect();
            findings.push(
                Finding::new(
                    format!("`{}` of `{}` is `{other}`, which the policy does not know", label.name, site.metric),
                    label.location.clone(),
                )
                .metric(&site.metric)
                .label(&label.name)
                .caret("another value")
                .help(format!("The policy allows {}: use one of them, or add this one.", allowed.join(", "))),
            );
        }
    }
    for (name, values) in written {
        let max = policies.get(name).and_then(|p| p.max).and_then(|max| usize::try_from(max).ok());
        let (Some(max), Some(label)) = (max.filter(|max| values.len() > *max), first.get(name)) else { continue };
        findings.push(
            Finding::new(format!("the code gives `{name}` {} values, and the policy allows {max}", values.len()), label.location.clone())
                .label(name)
                .caret("the first of them")
                .help("Give fewer, or raise the limit: the budget is calculated with it."),
        );
    }
}
