//! `record-without-level`: a recorded metric whose name is that of a scraped one.

use crate::finding::Finding;
use crate::lints::{Context, convention};
use crate::model::ConsumerKind;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let records = context.consumers.iter().filter(|c| matches!(c.kind, ConsumerKind::Record(_)));
    let (mut breaches, mut judged) = (Vec::new(), 0);
    for consumer in records {
        judged += 1;
        if !consumer.name.contains(':') {
            breaches.push(
                Finding::new(format!("the recorded metric `{}` looks like a scraped one", consumer.name), consumer.location.clone())
                    .metric(&consumer.name)
                    .caret("no `level:metric:operations`")
                    .help("Name it by the labels that are left, the metric, and what was done to it, such as `job:http_requests:rate5m`."),
            );
        }
    }
    convention::report(breaches, judged, "{n} of {of} recorded metrics look like scraped ones", findings);
}
