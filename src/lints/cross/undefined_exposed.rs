//! `undefined-exposed`: a metric that a process exposes and the code, as far as it is known, does not define.

use crate::finding::Finding;
use crate::lints::{Context, convention};
use crate::model::{Language, Metric};

use super::unknown_metric::is_third_party;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let of_code: Vec<&Metric> =
        context.inventory.metrics().iter().filter(|m| m.language != Language::Yaml && m.language != Language::Exposition).collect();
    let is_defined = |name: &str| of_code.iter().any(|m| m.may_be_called(name));
    let exposed = &context.inventory.exposed;
    // Not the process of this code, or the code defines more than is known.
    if !context.inventory.unresolved.is_empty() || !exposed.iter().any(|m| of_code.iter().any(|code| code.name == m.name)) {
        return;
    }
    let own: Vec<&Metric> = exposed.iter().filter(|m| !is_third_party(&m.name)).collect();
    let breaches = own.iter().filter(|m| !is_defined(&m.name)).map(|metric| {
        Finding::new(format!("`{}` is exposed, and the code does not define it", metric.name), metric.name_location.clone())
            .metric(&metric.name)
            .caret("not defined")
            .help("It comes from a library, or from code that is not here. What reads it cannot be checked against the code.")
    });
    convention::report(breaches, own.len(), "{n} of {of} exposed metrics are not defined by the code", findings);
}

#[cfg(test)]
mod tests {
    use super::is_third_party;

    #[test]
    fn what_client_libraries_add_is_of_others() {
        for name in ["process_open_fds", "go_gc_duration_seconds", "python_info", "promhttp_metric_handler_requests_total"] {
            assert!(is_third_party(name), "{name}");
        }
        assert!(!is_third_party("shop_orders_total"));
    }
}
