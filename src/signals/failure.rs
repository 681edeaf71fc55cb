//! Which values of a status mean a failure: codes, or the words that the code sets in their place.

use super::SHOWN;
use crate::knowledge::signals::{RoleLabel, is_failure};
use crate::model::{Inventory, Metric};

/// The pattern of the values of `label` that mean a failure; `None` for labels that hold no status, and why there is none where the
/// values show that it never fails.
pub(super) fn pattern(family: &RoleLabel, metric: &Metric, label: &str, inventory: &Inventory) -> Result<Option<String>, String> {
    let Some(codes) = family.failure.as_deref() else { return Ok(None) };
    let bound = metric.label(label).map(|l| &l.bound);
    let all = bound.and_then(|bound| bound.all_values());
    let (values, mut open) = match all {
        Some(values) => (values.iter().map(String::as_str).collect(), false),
        None => inventory.seen_values(metric, label),
    };
    // Where some are codes, a place that was not seen may set another.
    open |= all.is_none() && values.iter().any(|v| v.starts_with(|c: char| c.is_ascii_digit()));
    let failing: Vec<&str> = values.iter().copied().filter(|v| is_plain(v) && family.words.contains(&v.to_ascii_lowercase())).collect();
    // Codes, or nothing at all that says otherwise.
    if values.is_empty() || values.iter().any(|v| is_failure(codes, v)) || open && failing.is_empty() {
        return Ok(Some(codes.to_owned()));
    }
    if failing.is_empty() {
        let shown: Vec<&str> = values.iter().copied().take(SHOWN).collect();
        let more = if values.len() > shown.len() { ", .." } else { "" };
        return Err(format!("its label `{label}` is never `{codes}`: it takes {}{more}", shown.join(", ")));
    }
    // What is not known may be codes, too.
    let codes = if open { Some(codes) } else { None };
    Ok(Some(codes.into_iter().chain(failing).collect::<Vec<_>>().join("|")))
}

/// Whether a value stands for itself in a regular expression.
fn is_plain(value: &str) -> bool {
    value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ' '))
}
