//! `duplicate-panel-id`: two panels of a dashboard with one id.

use std::collections::HashMap;

use crate::finding::Finding;
use crate::lints::Context;
use crate::model::DashboardPanel;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for board in context.dashboards {
        let mut seen: HashMap<&str, &DashboardPanel> = HashMap::new();
        for panel in &board.panels {
            let Some(id) = panel.id.as_ref().filter(|id| id.text != "0") else { continue };
            if let Some(first) = seen.get(id.text.as_str()) {
                findings.push(
                    Finding::new(
                        format!("the panels `{}` and `{}` have the same id {}", first.title, panel.title, id.text),
                        id.location.clone(),
                    )
                    .caret("links and alerts open one of them")
                    .related("the other one", first.location.clone()),
                );
            } else {
                seen.insert(&id.text, panel);
            }
        }
    }
}
