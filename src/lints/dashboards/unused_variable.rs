//! `unused-variable`: a variable that nothing in the dashboard mentions.

use crate::finding::Finding;
use crate::lints::Context;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for board in context.dashboards.iter().filter(|b| !b.open) {
        for variable in &board.variables {
            let name = &variable.name;
            // Ad hoc filters are added to every query; other kinds that are not known may do what they like.
            let known = matches!(variable.kind.as_str(), "query" | "custom" | "constant" | "interval" | "textbox" | "datasource");
            if known && !name.text.starts_with("__") && board.mentioned.binary_search(&name.text).is_err() {
                findings.push(
                    Finding::new(format!("the variable `{}` is used nowhere in the dashboard", name.text), name.location.clone())
                        .caret("choosing a value changes nothing"),
                );
            }
        }
    }
}
