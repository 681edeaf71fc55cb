//! `invalid-suppression`: a comment that was meant to suppress a finding and cannot be obeyed.

use crate::finding::Finding;
use crate::lints::{Context, report_problems};
use crate::model::ProblemKind;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    report_problems(context, ProblemKind::InvalidSuppression, findings);
}
