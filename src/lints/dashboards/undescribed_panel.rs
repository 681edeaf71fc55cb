//! `undescribed-panel`: panels without a title or without a word for their readers.

use crate::finding::Finding;
use crate::lints::{Context, dashboard};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for board in context.dashboards.iter().filter(|b| dashboard::is_grown(b)) {
        let breaches = board.panels.iter().filter(|p| !p.queries.is_empty() && !p.described).map(|panel| {
            Finding::new(format!("the panel `{}` has no description", panel.title), panel.location.clone()).caret("what is a good value?")
        });
        dashboard::report(breaches.collect(), |n| format!("{n} panels of `{}` have no description", board.title), findings);
    }
}
