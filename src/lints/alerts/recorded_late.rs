//! `recorded-late`: a rule that reads what is recorded after it, so that it sees the value of the evaluation before.

use std::collections::{BTreeSet, HashMap};

use crate::finding::{Finding, Severity};
use crate::lints::Context;
use crate::model::{Consumer, ConsumerKind, Group};
use crate::promql::Step;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut recorded: HashMap<(&str, &str), Vec<&Consumer>> = HashMap::new();
    for consumer in context.consumers.iter().filter(|c| matches!(c.kind, ConsumerKind::Record(_))) {
        recorded.entry((&consumer.query.path, &consumer.name)).or_default().push(consumer);
    }
    // One hint for each pair of groups.
    let mut between: BTreeSet<(&str, u32, u32)> = BTreeSet::new();
    for query in context.queries {
        let Some(reader) = context.consumers.get(query.consumer) else { continue };
        let Some(own) = group(reader) else { continue };
        for selector in &query.selectors {
            // Over a range the last value matters little, and an offset looks back on purpose.
            if selector.around.iter().any(|s| matches!(s, Step::Range | Step::Offset)) {
                continue;
            }
            // A name without a colon may be scraped, too.
            let Some(name) = selector.literal_name().filter(|n| n.contains(':')) else { continue };
            let Some(writers) = recorded.get(&(&*reader.query.path, name)) else { continue };
            // A rule that reads what it writes itself looks back on purpose.
            if writers.iter().any(|w| w.name == reader.name && matches!(reader.kind, ConsumerKind::Record(_))) {
                continue;
            }
            let after = |w: &&&Consumer| group(w) == Some(own) && w.location.span.start > reader.location.span.start;
            let place = reader.query.locate(selector.name_span);
            if let Some(late) = writers.iter().find(after).filter(|_| writers.iter().all(|w| after(&w))) {
                findings.push(
                    Finding::new(format!("`{name}` is recorded after `{}` reads it: the value is one evaluation old", reader.name), place)
                        .metric(name)
                        .caret("from the evaluation before")
                        .related("recorded here", late.location.clone())
                        .help("Rules of a group are evaluated from top to bottom: put the recording rule before those that read it."),
                );
                continue;
            }
            let [writer] = writers.as_slice() else { continue };
            let Some(other) = group(writer).filter(|other| *other != own) else { continue };
            if between.insert((&reader.query.path, own.start, other.start)) {
                findings.push(
                    Finding::new(format!("`{name}` is recorded in the group `{}`: its value is up to one interval old", other.name), place)
                        .metric(name)
                        .severity(Severity::Info)
                        .caret("recorded in another group")
                        .related("recorded here", writer.location.clone())
                        .help(
                            "Groups are evaluated side by side. Where it matters, put both rules into one group, what is recorded first.",
                        ),
                );
            }
        }
    }
}

fn group(consumer: &Consumer) -> Option<&Group> {
    match &consumer.kind {
        ConsumerKind::Alert(alert) => Some(&alert.group),
        ConsumerKind::Record(record) => Some(&record.group),
        _ => None,
    }
}
