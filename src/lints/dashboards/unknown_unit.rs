//! `unknown-unit`: a unit that Grafana prints as it is, where it has one of almost that name.

use crate::finding::Finding;
use crate::knowledge::vocab;
use crate::lints::{Context, repair};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let known = vocab::grafana();
    for unit in context.dashboards.iter().flat_map(|b| &b.panels).flat_map(|p| &p.units) {
        let text = unit.text.as_str();
        if known.units.iter().any(|u| u == text) || text.contains([':', '$', ' ']) {
            continue;
        }
        let meant = known.meant.get(text).or_else(|| known.units.iter().find(|u| u.len() > 2 && u.eq_ignore_ascii_case(text)));
        let Some(meant) = meant else { continue };
        findings.push(
            Finding::new(
                format!("Grafana has no unit `{text}` and prints the word behind every value: `{meant}` is meant"),
                unit.location.clone(),
            )
            .caret("no unit id")
            .help(format!("Use `{meant}`."))
            .fixes(format!("use `{meant}`"), [repair::word(unit, meant.as_str())]),
        );
    }
}
