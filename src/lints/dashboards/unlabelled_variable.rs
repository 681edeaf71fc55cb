//! `unlabelled-variable`: a variable of every dashboard that has a name or a label of its own here.

use crate::finding::Finding;
use crate::lints::{Context, dashboard};
use crate::model::DashboardVariable;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for board in context.dashboards.iter().filter(|b| dashboard::is_grown(b)) {
        let sources = board.variables.iter().filter(|v| v.kind == "datasource").count();
        let breaches = board.variables.iter().filter_map(|v| breach(v, sources == 1));
        let all = |n| format!("{n} variables of `{}` are called otherwise than in other dashboards", board.title);
        dashboard::report(breaches.collect(), all, findings);
    }
}

fn breach(variable: &DashboardVariable, alone: bool) -> Option<Finding> {
    let name = variable.name.text.as_str();
    let finding = |message: String, caret: &str| Finding::new(message, variable.name.location.clone()).caret(caret);
    let label = match (variable.kind.as_str(), name) {
        ("datasource", _) => {
            let of_type = format!("{}_datasource", variable.source_type.as_deref()?.to_lowercase());
            let usual = if alone { "datasource" } else { &of_type };
            if name != of_type && !(alone && name == usual) {
                let help = format!("Call it `{usual}`: a link from another dashboard carries `var-{usual}` along.");
                return Some(finding(format!("the variable of the data source is called `{name}`"), "a name of its own").help(help));
            }
            "Data source"
        }
        ("query" | "custom", "job") => "Job",
        ("query" | "custom", "instance") => "Instance",
        _ => return None,
    };
    let given = variable.label.as_deref();
    // Of several sources the label says which: `Prometheus data source`.
    if given.is_some_and(|given| given.to_lowercase().ends_with(&label.to_lowercase())) {
        return None;
    }
    let message = match given {
        Some(given) => format!("the variable `{name}` is shown as `{given}`"),
        None => format!("the variable `{name}` is shown by its name, without a label"),
    };
    Some(finding(message, "no usual label").help(format!("Give it the label `{label}`, as other dashboards do.")))
}
