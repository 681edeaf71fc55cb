//! `selector-policy`: a selector without a matcher that `[policy]` in `reduse.toml` asks for.

use crate::finding::Finding;
use crate::lints::Context;
use crate::model::ConsumerKind;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let asked = &context.policies.house.selector_labels;
    if asked.is_empty() {
        return;
    }
    for query in context.queries {
        let Some(consumer) = context.consumers.get(query.consumer).filter(|c| !matches!(c.kind, ConsumerKind::Test)) else { continue };
        for selector in &query.selectors {
            // What a variable stands for may hold the matcher.
            if selector.name.as_deref().is_some_and(|n| n.contains('*')) || selector.matchers.iter().any(|m| m.label.variable) {
                continue;
            }
            let missing: Vec<String> =
                asked.iter().filter(|l| selector.matchers.iter().all(|m| m.label.name != **l)).map(|l| format!("`{l}`")).collect();
            if missing.is_empty() {
                continue;
            }
            let name = selector.name.as_deref().unwrap_or("the selector");
            let message = format!("`{name}` is read without a matcher for {}, which the policy asks for", missing.join(", "));
            findings.push(Finding::new(message, consumer.query.locate(selector.name_span)).caret("of any"));
        }
    }
}
