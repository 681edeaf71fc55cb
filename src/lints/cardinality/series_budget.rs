//! `series-budget`: the code exposes more series than `[budget]` in `reduse.toml` allows.

use crate::finding::Finding;
use crate::lints::Context;
use crate::signals::budget::budget;

/// Metrics that are named beside the most expensive one.
const SHOWN: usize = 2;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(max) = context.policies.max_series else { return };
    let budget = budget(context.inventory, context.policies);
    let known = budget.known();
    if known <= max {
        return;
    }
    let mut costs: Vec<_> = budget.metrics.iter().filter_map(|m| Some((m, m.series?))).collect();
    costs.sort_by_key(|(_, series)| std::cmp::Reverse(*series));
    let place = |name: &str| context.inventory.metrics().iter().find(|m| m.name == name).map(|m| m.location.clone());
    let Some((worst, series)) = costs.first() else { return };
    let Some(location) = place(&worst.name) else { return };
    let mut finding = Finding::new(format!("{known} series are more than the budget of {max}"), location)
        .metric(&worst.name)
        .caret(format!("{series} of them"));
    let label = worst.labels.iter().filter_map(|l| Some((l, l.series?))).max_by_key(|(_, saved)| *saved).filter(|(_, saved)| *saved > 0);
    finding = match label {
        Some((label, saved)) => finding.help(format!("{saved} series would be gone without the label `{}`.", label.name)),
        None => finding,
    };
    for (other, series) in costs.iter().skip(1).take(SHOWN) {
        if let Some(place) = place(&other.name) {
            finding = finding.related(format!("`{}`: {series} series", other.name), place);
        }
    }
    findings.push(finding);
}
