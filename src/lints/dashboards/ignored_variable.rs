//! `ignored-variable`: selectors that leave out a variable for `job`, `instance` and their like, which the others heed.

use crate::finding::Finding;
use crate::knowledge::vocab;
use crate::lints::{Context, dashboard};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for board in context.dashboards.iter().filter(|b| dashboard::is_grown(b)) {
        let words = vocab::grafana();
        let targets = words.targets.iter().take(words.heeded).map(String::as_str);
        let offered: Vec<&str> = targets.filter(|l| board.variables.iter().any(|v| v.name.text == *l)).collect();
        for label in offered {
            let (mut breaches, mut judged) = (Vec::new(), 0);
            for query in context.queries {
                let Some(consumer) =
                    context.consumers.get(query.consumer).filter(|c| c.board.as_ref() == Some(&board.location) && c.is_panel())
                else {
                    continue;
                };
                let mention = format!("${label}");
                judged += 1;
                let text = &consumer.query.scalar.text;
                let heeds = text.contains(&mention) || text.contains(&format!("${{{label}")) || text.contains(&format!("[[{label}"));
                let named = query.selectors.iter().any(|s| s.matchers.iter().any(|m| m.label.name == label));
                if heeds || named || query.selectors.is_empty() || query.selectors.iter().any(|s| s.literal_name().is_none()) {
                    continue;
                }
                let Some(location) = query.selectors.first().and_then(|s| query.locate(context.consumers, s.name_span)) else { continue };
                breaches.push(
                    Finding::new(format!("the panel `{}` does not heed the variable `{label}`", consumer.name), location)
                        .label(label)
                        .caret(format!("shows every `{label}`")),
                );
            }
            // Where most panels leave it out, it is meant for a few.
            if breaches.len() * 2 < judged {
                let all = |n| format!("{n} queries of `{}` do not heed the variable `{label}`, the others do", board.title);
                dashboard::report(breaches, all, findings);
            }
        }
    }
}
