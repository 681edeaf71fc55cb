//! `python-syntax`: the problems of that kind, as the readers met them.

use crate::finding::Finding;
use crate::lints::{Context, report_problems};
use crate::model::ProblemKind;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    report_problems(context, ProblemKind::PythonSyntax, findings);
}
