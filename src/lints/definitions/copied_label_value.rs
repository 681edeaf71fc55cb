//! `copied-label-value`: a label that says the name of the function beside, where everything else in the function says its own.

use std::collections::BTreeMap;

use crate::finding::Finding;
use crate::lints::Context;
use crate::model::UseSite;

/// So many others in the function say its name.
const OTHERS: usize = 2;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut functions: BTreeMap<(&str, &str), Vec<&UseSite>> = BTreeMap::new();
    for site in &context.inventory.uses {
        if let Some(within) = &site.within {
            functions.entry((&site.location.path, within)).or_default().push(site);
        }
    }
    for ((path, function), sites) in &functions {
        for site in sites {
            for label in &site.labels {
                let Some(value) = label.value.as_deref().filter(|v| v != function) else { continue };
                let says =
                    |other: &UseSite, value: &str| other.labels.iter().any(|l| l.name == label.name && l.value.as_deref() == Some(value));
                let others = sites.iter().filter(|s| s.metric != site.metric && says(s, function)).count();
                let home = functions.get(&(*path, value)).and_then(|all| all.iter().find(|s| s.metric == site.metric && says(s, value)));
                let Some(home) = home.filter(|_| others >= OTHERS) else { continue };
                findings.push(
                    Finding::new(
                        format!("`{}` is given `{value}` in `{function}`: copied from the function beside?", label.name),
                        label.location.clone(),
                    )
                    .metric(&site.metric)
                    .label(&label.name)
                    .caret(format!("{others} others here say `{function}`"))
                    .related(format!("`{value}` gives the same here"), home.location.clone())
                    .help(format!("Write `{function}`: what happens here is counted as `{value}` now, and never as `{function}`.")),
                );
            }
        }
    }
}
