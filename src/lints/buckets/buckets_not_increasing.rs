//! `buckets-not-increasing`: bounds that do not rise.

use crate::finding::{Edit, Finding, Form};
use crate::lints::Context;
use crate::lints::layouts::layouts;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for layout in layouts(context.inventory) {
        let bounds = layout.buckets().and_then(|b| b.bounds()).unwrap_or_default();
        let fall = bounds.iter().zip(bounds.iter().skip(1)).find(|(a, b)| b.partial_cmp(a) != Some(std::cmp::Ordering::Greater));
        if let Some((a, b)) = fall {
            let what = if a == b { format!("{a} stands twice") } else { format!("{b} comes after {a}") };
            let message = format!("the bucket bounds of {} do not rise: {what}", layout.names());
            let sorted = Edit { location: layout.location.clone(), replacement: String::new(), form: Form::Rising };
            let finding = Finding::new(message, layout.location.clone()).metric(layout.first()).caret(what);
            findings.push(finding.fixes("sort the bounds, each once", [sorted]));
        }
    }
}
