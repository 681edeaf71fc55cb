//! `useless-suppression`: a comment that suppresses nothing; the engine knows when all others have run.

use crate::finding::Finding;
use crate::lints::{Context, report_problems};
use crate::model::ProblemKind;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    report_problems(context, ProblemKind::UselessSuppression, findings);
}
