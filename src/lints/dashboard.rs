//! What the lints of dashboards share.

use crate::finding::Finding;
use crate::model::Dashboard;
pub(super) use crate::model::variables_of as variables;

/// Below this many panels a dashboard is a sketch: nobody wants to hear how it could be kept better.
const GROWN: usize = 5;

/// From this many on, one finding speaks for all.
const MANY: usize = 4;

/// How many of them it shows.
const SHOWN: usize = 3;

/// Whether a dashboard is more than a sketch.
pub(super) fn is_grown(board: &Dashboard) -> bool {
    board.panels.iter().filter(|p| p.panel_type != "row").count() >= GROWN
}

/// Adds the breaches of a convention by one dashboard: each, or one finding with their number.
pub(super) fn report(mut breaches: Vec<Finding>, summary: impl Fn(usize) -> String, findings: &mut Vec<Finding>) {
    let count = breaches.len();
    if count < MANY {
        findings.append(&mut breaches);
        return;
    }
    breaches.sort_by(|a, b| (&a.location, &a.message).cmp(&(&b.location, &b.message)));
    let mut rest = breaches.into_iter();
    let Some(first) = rest.next() else { return };
    let mut all = Finding { message: summary(count), caret: Some("the first one".into()), fix: None, ..first };
    for other in rest.take(SHOWN) {
        all = all.related(other.message, other.location);
    }
    findings.push(all);
}
