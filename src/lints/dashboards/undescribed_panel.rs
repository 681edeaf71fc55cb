//! `undescribed-panel`: panels without a title or without a word for their readers.

use crate::finding::Finding;
use crate::lints::{Context, dashboard};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for board in context.dashboards.iter().filter(|b| dashboard::is_grown(b)) {
        // What is shown without a title says too little of itself to be found; what is also undescribed is one finding.
        let asking = || board.panels.iter().filter(|p| !p.queries.is_empty());
        let nameless = asking().filter(|p| !p.titled).map(|panel| {
            let missing = if panel.described { "a panel has no title" } else { "a panel has neither title nor description" };
            Finding::new(missing, panel.location.clone()).caret("what does it show?")
        });
        dashboard::report(nameless.collect(), |n| format!("{n} panels of `{}` have no title", board.title), findings);
        let breaches = asking().filter(|p| !p.described && p.titled).map(|panel| {
            Finding::new(format!("the panel `{}` has no description", panel.title), panel.location.clone()).caret("what is a good value?")
        });
        dashboard::report(breaches.collect(), |n| format!("{n} panels of `{}` have no description", board.title), findings);
    }
}
