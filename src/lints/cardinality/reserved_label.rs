//! `reserved-label`: a label name that Prometheus or the scrape gives its own meaning.

use crate::finding::{Finding, Severity};
use crate::lints::Context;
use crate::model::{Language, MetricType};

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for metric in context.inventory.metrics().iter().filter(|m| m.language != Language::Yaml) {
        for label in &metric.labels {
            let (kind, name) = (metric.kind, label.name.as_str());
            let (severity, message, help) = if name == "le" && metric.declared == MetricType::Histogram {
                let help = "Every bucket has a label `le` already: registration fails, or two labels have one name.";
                (Severity::Error, format!("histogram `{}` has a label `le` of its own", metric.name), help)
            } else if name == "le" && kind != MetricType::Unknown {
                let help = "Readers and tools take `le` for a bucket's bound. Make it a histogram, or call the label `bound`.";
                (Severity::Warning, format!("{} `{}` has a label `le`, which histograms have", kind.as_str(), metric.name), help)
            } else if name == "quantile" && !matches!(metric.declared, MetricType::Summary | MetricType::Histogram | MetricType::Unknown) {
                let help = "Readers and tools take `quantile` for a summary's. Quantiles of several instances cannot be put together: use a histogram.";
                (Severity::Info, format!("{} `{}` has a label `quantile`, which summaries have", kind.as_str(), metric.name), help)
            } else if name.starts_with("__") {
                let help = "Names that begin with `__` belong to Prometheus: it drops them after relabelling.";
                (Severity::Error, format!("label `{name}` of `{}` begins with `__`", metric.name), help)
            } else if ["job", "instance"].contains(&name) {
                let help = "The scrape sets this label: yours arrives as `exported_job` or `exported_instance`, unless `honor_labels` is set. Choose another name.";
                (Severity::Info, format!("label `{name}` of `{}` is one that the scrape sets", metric.name), help)
            } else {
                continue;
            };
            let place = label.location.clone().unwrap_or_else(|| metric.location.clone());
            let finding = Finding::new(message, place).metric(&metric.name).label(name).caret("reserved");
            findings.push(finding.severity(severity).help(help));
        }
    }
}
