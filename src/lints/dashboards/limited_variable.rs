//! `limited-variable`: a variable for `job` or `instance` that cannot hold what its queries would take.

use crate::finding::Finding;
use crate::lints::{Context, dashboard};
use crate::model::{Dashboard, DashboardVariable};
use crate::promql::MatchOp;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for board in context.dashboards.iter().filter(|b| dashboard::is_grown(b)) {
        let targets = board.variables.iter().filter(|v| matches!(v.name.text.as_str(), "job" | "instance") && is_chosen(v));
        for variable in targets {
            let name = &variable.name.text;
            let place = variable.name.location.clone();
            if variable.include_all && variable.all_value.is_none() {
                findings.push(
                    Finding::new(format!("`All` of the variable `{name}` is sent as a list of every value"), place)
                        .caret("no `allValue`")
                        .help("Set `allValue` to `.+`: the query stays short, however many there are."),
                );
            } else if !variable.takes_several() && is_matched(context, board, name) {
                findings.push(
                    Finding::new(format!("the variable `{name}` holds one value, though the queries take several"), place)
                        .caret("two cannot be compared")
                        .help("Set `multi` and `includeAll` to true, and `allValue` to `.+`."),
                );
            }
        }
    }
}

/// Whether it offers values to choose from.
fn is_chosen(variable: &DashboardVariable) -> bool {
    matches!(variable.kind.as_str(), "query" | "custom")
}

/// Whether the dashboard's queries compare the label of this name by a regular expression with the variable. By `=`, one at a time is meant.
fn is_matched(context: &Context<'_>, board: &Dashboard, name: &str) -> bool {
    let of_board = |at: usize| context.consumers.get(at).is_some_and(|c| c.board.as_ref() == Some(&board.location) && c.is_panel());
    let matchers = || context.queries.iter().filter(|q| of_board(q.consumer)).flat_map(|q| &q.selectors).flat_map(|s| &s.matchers);
    let mut of_label = matchers().filter(|m| m.label.name == name && m.variable).peekable();
    of_label.peek().is_some() && of_label.all(|m| m.op == MatchOp::Regex)
}
