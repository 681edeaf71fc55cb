//! `duplicate-ref-id`: two queries of a panel with one id.

use std::collections::HashSet;

use crate::finding::Finding;
use crate::lints::Context;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for panel in context.dashboards.iter().flat_map(|b| &b.panels) {
        let mut seen = HashSet::new();
        for id in panel.ref_ids.iter().filter(|id| !id.text.is_empty()) {
            if !seen.insert(id.text.as_str()) {
                findings.push(
                    Finding::new(format!("two queries of the panel `{}` have the refId `{}`", panel.title, id.text), id.location.clone())
                        .caret("one answer takes the place of the other"),
                );
            }
        }
    }
}
