//! `template-syntax`: an annotation or a label of an alert that Prometheus cannot load.

use crate::finding::{Finding, Severity};
use crate::lints::Context;
use crate::lints::rules::strings;
use crate::promql::read_template;
use crate::source::Location;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for (consumer, key, text) in strings(context) {
        let Some(error) = read_template(&text.text).error else { continue };
        let location = Location::new(&consumer.query.path, text.span(error.span));
        let mut finding = Finding::new(format!("the template `{key}` of `{}`: {}", consumer.name, error.message), location);
        finding.help = error.help;
        if error.relative {
            finding = finding.severity(Severity::Warning);
        }
        findings.push(finding);
    }
}
