//! `rules/snippets/<library>.yaml`: how code of a metrics library defines a metric, for people to copy.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{load, rule_files};
use crate::model::MetricType;

/// The definitions of one library.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snippets {
    /// The library's name, as the inventory has it.
    pub library: String,
    counter: String,
    gauge: String,
    histogram: String,
    labelled: Labelled,
}

/// The same for a metric with labels.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Labelled {
    counter: String,
    gauge: String,
    histogram: String,
}

/// A metric that is to be added.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Exposed name.
    pub name: &'a str,
    /// Type.
    pub kind: MetricType,
    /// Help text.
    pub help: &'a str,
    /// Label names.
    pub labels: &'a [String],
    /// Finite bucket bounds; empty for what is no histogram.
    pub buckets: &'a [f64],
}

static SNIPPETS: LazyLock<Vec<Snippets>> = LazyLock::new(|| rule_files("snippets").iter().filter_map(|f| load(f).ok()).collect());

/// The snippets of every library that has some.
pub fn all() -> &'static [Snippets] {
    &SNIPPETS
}

/// The snippets of a library.
pub fn get(library: &str) -> Option<&'static Snippets> {
    SNIPPETS.iter().find(|s| s.library == library)
}

impl Snippets {
    /// The code that defines the metric.
    pub fn render(&self, wanted: &Wanted<'_>) -> String {
        let plain = wanted.labels.is_empty();
        let text = match wanted.kind {
            MetricType::Counter if plain => &self.counter,
            MetricType::Counter => &self.labelled.counter,
            MetricType::Histogram if plain => &self.histogram,
            MetricType::Histogram => &self.labelled.histogram,
            _ if plain => &self.gauge,
            _ => &self.labelled.gauge,
        };
        let each = |form: &dyn Fn(&String) -> String| wanted.labels.iter().map(form).collect::<Vec<_>>().join(", ");
        let buckets: Vec<String> = wanted.buckets.iter().map(|b| format!("{b:?}")).collect();
        let stem = wanted.name.strip_suffix("_total").unwrap_or(wanted.name);
        let replacements = [
            ("$KEYVALUES", each(&|l| format!("KeyValue::new(\"{l}\", {l})"))),
            ("$LABELS", each(&|l| format!("\"{l}\""))),
            ("$FIELDS", each(&|l| format!("{l}: String"))),
            ("$PAIRS", each(&|l| format!("\"{l}\" => {l}"))),
            ("$BUCKETS", buckets.join(", ")),
            ("$NAME", wanted.name.to_owned()),
            ("$STEM", stem.to_owned()),
            ("$TYPE", camel_case(stem)),
            ("$IDENT", stem.to_owned()),
            ("$HELP", wanted.help.to_owned()),
        ];
        let filled = replacements.iter().fold(text.clone(), |text, (sign, value)| text.replace(sign, value));
        filled.trim_end().to_owned()
    }
}

fn camel_case(name: &str) -> String {
    let capital = |word: &str| {
        let mut chars = word.chars();
        chars.next().map(|c| c.to_uppercase().chain(chars).collect::<String>()).unwrap_or_default()
    };
    name.split('_').map(capital).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_fits_its_schema_and_its_name() {
        for file in rule_files("snippets") {
            let snippets: Snippets = load(&file).expect("the file fits its schema");
            assert_eq!(snippets.library, file.stem);
        }
    }

    #[test]
    fn every_sign_is_replaced() {
        let labels = ["endpoint".to_owned(), "status".to_owned()];
        for snippets in all() {
            for kind in [MetricType::Counter, MetricType::Gauge, MetricType::Histogram] {
                for labels in [&labels[..], &[]] {
                    let wanted = Wanted { name: "http_requests_total", kind, help: "Requests.", labels, buckets: &[0.5, 1.0] };
                    let text = snippets.render(&wanted);
                    assert!(!text.contains('$'), "{text}");
                    assert!(text.contains("http_requests"), "{text}");
                }
            }
        }
    }
}
