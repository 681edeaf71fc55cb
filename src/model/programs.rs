//! Which programs a tree has, and which metrics one process can expose together.

use std::collections::BTreeSet;

use super::Metric;

/// The programs of a tree: for each the packages that it is built of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Programs {
    all: Vec<BTreeSet<String>>,
}

impl Programs {
    /// Those that are built of these packages.
    pub fn new(all: Vec<BTreeSet<String>>) -> Self {
        Programs { all }
    }

    /// Takes over those of another part of the tree.
    pub fn merge(&mut self, other: Programs) {
        self.all.extend(other.all);
    }

    /// Whether no program has both metrics. Of a metric that no program is known to have, nothing is known.
    pub fn are_apart(&self, one: &Metric, other: &Metric) -> bool {
        let has = |program: &&BTreeSet<String>, metric: &Metric| metric.definitions.iter().any(|d| program.contains(&*d.package));
        let mut with_one = self.all.iter().filter(|program| has(program, one)).peekable();
        let with_other = self.all.iter().any(|program| has(&program, other));
        with_one.peek().is_some() && with_other && !with_one.any(|program| has(&program, other))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{Definition, Language, MetricType};
    use crate::source::{Location, Span};

    fn of(package: &str) -> Metric {
        let location = Location::new(&Arc::from("a.rs"), Span::default());
        let definition = Definition {
            location: location.clone(),
            package: package.into(),
            kind: MetricType::Counter,
            labels: None,
            help: None,
            bounds: None,
            exclusive: true,
            again: None,
        };
        Metric { definitions: vec![definition], ..Metric::new("m", MetricType::Counter, Language::Rust, "", location) }
    }

    #[test]
    fn metrics_are_apart_where_each_has_a_program_and_none_has_both() {
        let set = |all: &[&str]| all.iter().map(|p| (*p).to_owned()).collect();
        let programs = Programs::new(vec![set(&["gateway", "shared"]), set(&["engine", "shared"])]);
        assert!(programs.are_apart(&of("gateway"), &of("engine")));
        assert!(!programs.are_apart(&of("gateway"), &of("shared")));
        assert!(!programs.are_apart(&of("gateway"), &of("gateway")));
        assert!(!programs.are_apart(&of("gateway"), &of("in-no-program")));
        assert!(!programs.are_apart(&of("in-no-program"), &of("engine")));
    }
}
