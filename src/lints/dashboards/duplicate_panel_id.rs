//! `duplicate-panel-id`: two panels of a dashboard with one id.

use std::collections::BTreeMap;

use crate::finding::Finding;
use crate::lints::Context;
use crate::model::{DashboardPanel, Word};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for board in context.dashboards {
        // Panels that are copied are copied more than once: one finding for each id.
        let mut by_id: BTreeMap<&str, Vec<(&DashboardPanel, &Word)>> = BTreeMap::new();
        for panel in &board.panels {
            if let Some(id) = panel.id.as_ref().filter(|id| id.text != "0") {
                by_id.entry(id.text.as_str()).or_default().push((panel, id));
            }
        }
        for (id, panels) in by_id {
            let [(first, _), (second, place), others @ ..] = &panels[..] else { continue };
            let more = match others.len() {
                0 => String::new(),
                1 => ", and so has one more".to_owned(),
                n => format!(", and so have {n} more"),
            };
            let message = format!("the panels `{}` and `{}` have the same id {id}{more}", first.title, second.title);
            let mut finding = Finding::new(message, place.location.clone())
                .caret("links and alerts open one of them")
                .related("the other one", first.location.clone());
            for (other, place) in others.iter().take(SHOWN) {
                finding = finding.related(format!("the panel `{}` has it too", other.title), place.location.clone());
            }
            findings.push(finding);
        }
    }
}

/// How many of more than two are shown.
const SHOWN: usize = 3;
