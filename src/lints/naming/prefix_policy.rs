//! `prefix-policy`: a metric whose name does not begin as `[policy]` in `reduse.toml` asks.

use crate::finding::Finding;
use crate::lints::{Context, convention};
use crate::model::Language;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let asked = &context.policies.house.metric_prefixes;
    if asked.is_empty() {
        return;
    }
    let shown: Vec<String> = asked.iter().map(|p| format!("`{p}`")).collect();
    let shown = shown.join(" or ");
    let (mut breaches, mut judged) = (Vec::new(), 0);
    let code = context.inventory.own().filter(|m| !matches!(m.language, Language::Yaml | Language::Exposition));
    // What a name that is put together begins with is not known.
    for metric in code.filter(|m| !m.name.starts_with('*')) {
        judged += 1;
        if !asked.iter().any(|prefix| metric.name.starts_with(prefix)) {
            breaches.push(
                Finding::new(format!("`{}` does not begin with {shown}", metric.name), metric.name_location.clone())
                    .metric(&metric.name)
                    .caret("another prefix"),
            );
        }
    }
    convention::report(breaches, judged, &format!("{{n}} of {{of}} metrics do not begin with {shown}"), findings);
}
