//! `equal-to-several`: a label compared with `=` to a variable that can stand for several values.

use crate::finding::Finding;
use crate::lints::{Context, dashboard};
use crate::promql::MatchOp;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for board in context.dashboards {
        // A panel that is repeated for each value sees one at a time.
        let several = board.variables.iter().filter(|v| v.takes_several() && !board.repeated.contains(&v.name.text));
        for variable in several {
            let mut breaches = Vec::new();
            for query in context.queries {
                let of_board = |at: usize| context.consumers.get(at).filter(|c| c.board.as_ref() == Some(&board.location));
                let Some(consumer) = of_board(query.consumer) else { continue };
                for matcher in query.selectors.iter().flat_map(|s| &s.matchers) {
                    let (stands, operator) = match matcher.op {
                        MatchOp::Equal => ("=", "=~"),
                        MatchOp::NotEqual => ("!=", "!~"),
                        _ => continue,
                    };
                    if !is_all_of(&matcher.value, &variable.name.text) {
                        continue;
                    }
                    let Some(location) = query.locate(context.consumers, matcher.value_span) else { continue };
                    let (label, name) = (&matcher.label.name, &variable.name.text);
                    breaches.push(
                        Finding::new(
                            format!(
                                "`{}` compares `{label}` by `{stands}` with the variable `{name}`, which can hold several",
                                consumer.name
                            ),
                            location,
                        )
                        .label(label)
                        .caret("`(a|b)` when two are chosen: no value is that text")
                        .help(format!("Write `{label}{operator}\"${name}\"`, or let the variable hold one value only."))
                        .related("several can be chosen here", variable.name.location.clone()),
                    );
                }
            }
            let name = &variable.name.text;
            let all = |n| format!("{n} selectors of `{}` compare by `=` with the variable `{name}`, which can hold several", board.title);
            dashboard::report(breaches, all, findings);
        }
    }
}

/// Whether a value is the variable and nothing else. A format after a colon is chosen for what stands around it.
fn is_all_of(value: &str, name: &str) -> bool {
    let inner = value.strip_prefix("${").and_then(|v| v.strip_suffix('}'));
    let inner = inner.or_else(|| value.strip_prefix("[[").and_then(|v| v.strip_suffix("]]"))).or_else(|| value.strip_prefix('$'));
    inner == Some(name)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_variable_and_nothing_else() {
        for value in ["$job", "${job}", "[[job]]"] {
            assert!(super::is_all_of(value, "job"), "{value}");
        }
        for value in ["$jobs", "${job:raw}", "x-$job", "job", ""] {
            assert!(!super::is_all_of(value, "job"), "{value}");
        }
    }
}
