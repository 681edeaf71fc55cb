//! What `[policy]` asks of rules, queries and names.

use regex::Regex;
use toml::Spanned;

use super::Mistake;
use super::shape::PolicyShape;
use crate::model::House;

const DAY: f64 = 86_400.0;

/// The policy, or its first mistake.
pub(super) fn read(raw: &PolicyShape) -> Result<House, Mistake> {
    let number = |value: &Option<Spanned<f64>>, name: &str| match value {
        Some(v) if v.get_ref().is_finite() && *v.get_ref() > 0.0 => Ok(Some(*v.get_ref())),
        Some(v) => Err((v.span().start, format!("`{name}` must be a number above 0, not {}", v.get_ref()))),
        None => Ok(None),
    };
    let pattern = |value: &Option<Spanned<String>>, name: &str| match value {
        Some(v) if Regex::new(v.get_ref()).is_err() => Err((v.span().start, format!("`{name}` is no regular expression"))),
        other => Ok(other.as_ref().map(|v| v.get_ref().clone())),
    };
    let (shortest_for, longest_for) =
        (number(&raw.shortest_for_seconds, "shortest_for_seconds")?, number(&raw.longest_for_seconds, "longest_for_seconds")?);
    if let (Some(shortest), Some(longest), Some(at)) = (shortest_for, longest_for, &raw.longest_for_seconds)
        && shortest > longest
    {
        return Err((at.span().start, format!("no `for` is left between {shortest} and {longest} seconds")));
    }
    Ok(House {
        alert_labels: raw.alert_labels.clone(),
        alert_annotations: raw.alert_annotations.clone(),
        severities: raw.severities.clone(),
        alert_name: pattern(&raw.alert_name, "alert_name")?,
        record_name: pattern(&raw.record_name, "record_name")?,
        shortest_for,
        longest_for,
        selector_labels: raw.selector_labels.clone(),
        kept_labels: raw.kept_labels.clone(),
        metric_prefixes: raw.metric_prefixes.clone(),
        retention: number(&raw.retention_days, "retention_days")?.map(|days| days * DAY),
    })
}
