//! Which programs a tree has, and which metrics one process can expose together.

use std::collections::BTreeSet;

use super::{BucketSource, Buckets, Definition, Inventory, Label, Language, Metric};

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
        let are_packages_apart = |a: &Definition| other.definitions.iter().all(|b| self.are_packages_apart(&a.package, &b.package));
        !one.definitions.is_empty() && !other.definitions.is_empty() && one.definitions.iter().all(are_packages_apart)
    }

    /// Whether no program has both packages, and each is in one.
    pub fn are_packages_apart(&self, one: &str, other: &str) -> bool {
        let mut with_one = self.all.iter().filter(|program| program.contains(one)).peekable();
        let with_other = self.all.iter().any(|program| program.contains(other));
        with_one.peek().is_some() && with_other && !with_one.any(|program| program.contains(other))
    }

    /// Whether two programs define it.
    fn define_apart(&self, metric: &Metric) -> bool {
        let Some((first, rest)) = metric.definitions.split_first() else { return false };
        rest.iter().any(|d| d.package != first.package && self.are_packages_apart(&first.package, &d.package))
    }

    /// The metric as each program defines it: one for those that share a package that defines it.
    fn each(&self, metric: &Metric) -> Vec<Metric> {
        let mut groups: Vec<Vec<&Definition>> = Vec::new();
        for definition in &metric.definitions {
            let of_one = |group: &&mut Vec<&Definition>| group.iter().any(|d| !self.are_packages_apart(&d.package, &definition.package));
            match groups.iter_mut().find(of_one) {
                Some(group) => group.push(definition),
                None => groups.push(vec![definition]),
            }
        }
        let mut groups = groups.into_iter();
        // Labels that no definition is known to have are told of once.
        let first = groups.next().map(|group| with(&group, metric.clone(), true));
        let others = groups.filter_map(|group| Some(with(&group, as_defined(metric, group.first()?), false)));
        first.into_iter().chain(others).collect()
    }
}

/// The metric with these of its definitions alone, and the labels that they have; where that is not known for all of them, perhaps with
/// the others, too.
fn with(definitions: &[&Definition], mut metric: Metric, perhaps: bool) -> Metric {
    let known: BTreeSet<&String> = definitions.iter().filter_map(|d| d.labels.as_ref()).flatten().collect();
    let keeps_all = perhaps && definitions.iter().any(|d| d.labels.is_none());
    metric.labels.retain(|label| keeps_all || known.contains(&label.name));
    metric.definitions = definitions.iter().map(|d| (*d).clone()).collect();
    metric
}

/// A metric as one of its definitions has it.
fn as_defined(metric: &Metric, by: &Definition) -> Metric {
    let labels = metric.labels.iter().map(|label| Label { location: None, ..label.clone() }).collect();
    let buckets = match &by.bounds {
        _ if metric.buckets == Buckets::None => Buckets::None,
        // Perhaps one list for both, unless it stands in what only one program has.
        Some(bounds)
            if metric.buckets.bounds() == Some(bounds) && metric.buckets.location().is_some_and(|l| l.path != metric.location.path) =>
        {
            metric.buckets.clone()
        }
        Some(bounds) => Buckets::Known { bounds: bounds.clone(), source: BucketSource::Explicit, location: None },
        None => Buckets::RunTime { count: None, location: None },
    };
    let (location, name_location) = (by.location.clone(), by.location.clone());
    Metric { location, name_location, labels, labels_complete: by.labels.is_some(), buckets, ..metric.clone() }
}

impl Inventory {
    /// The same with each metric as each program defines it; nothing where no two programs define one of the same name.
    pub fn by_program(&self) -> Option<Inventory> {
        let is_split = |m: &Metric| m.language != Language::Exposition && self.programs.define_apart(m);
        self.metrics().iter().any(is_split).then(|| {
            let own = self.metrics().iter().filter(|m| m.language != Language::Exposition);
            let metrics = own.flat_map(|m| if is_split(m) { self.programs.each(m) } else { vec![m.clone()] });
            let mut all = Inventory::new(metrics.chain(self.exposed.clone()).collect(), self.unresolved.clone(), self.uses.clone());
            all.handled.clone_from(&self.handled);
            all.described.clone_from(&self.described);
            all.miscounts.clone_from(&self.miscounts);
            all.programs.clone_from(&self.programs);
            all
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::MetricType;
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
