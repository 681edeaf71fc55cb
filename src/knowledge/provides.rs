//! `rules/provides/`: what crates define by themselves, once code makes their middleware, collector or exporter.
//!
//! Which call exposes which metrics, what its arguments and the methods of its builder change, and where the labels' values come from.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::Deserialize;

use super::{load, rule_files};
use crate::model::{MetricType, Provenance, ProvenanceKind};

/// The word for files that hold the words of any of these crates, beside the names of libraries.
pub const PROVIDED: &str = "provided";

/// One crate.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// The name of the package: the file's stem.
    pub name: String,
    /// Crates whose paths hold its names, with underscores.
    pub crates: Vec<String>,
    /// Words without which a file cannot make any of its things.
    pub triggers: Vec<String>,
    /// The library that it defines its metrics with, which adds what it adds to those of the tree.
    pub through: Through,
    /// Whether its metrics are in a registry of its own where no argument gives another.
    #[serde(default)]
    pub own_registry: bool,
    /// Parts of names that arguments give, with what stands there where none does.
    #[serde(default)]
    pub parts: BTreeMap<String, String>,
    /// Groups of metrics by name.
    pub sets: BTreeMap<String, Vec<Family>>,
    /// What exposes them.
    pub calls: Vec<Call>,
    /// Types that a field of the tree's own groups of metrics may have, with the groups that it exposes.
    #[serde(default)]
    pub types: BTreeMap<String, Vec<String>>,
    /// Methods by the name of their table.
    #[serde(default)]
    pub methods: BTreeMap<String, Vec<Method>>,
    /// Where label values come from, by the word that the labels use.
    #[serde(default)]
    pub origins: BTreeMap<String, Origin>,
    /// Constants of the crate that hold a name.
    #[serde(default)]
    pub names: BTreeMap<String, String>,
    /// Constants of the crate that hold bucket bounds.
    #[serde(default)]
    pub bounds: BTreeMap<String, Vec<f64>>,
}

/// A library that adds to what is defined with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Through {
    /// Registries may add a prefix and labels.
    Prometheus,
    /// The same, where the registry is an argument.
    PrometheusClient,
    /// The recorder adds labels and prefixes, and decides how a histogram is exposed.
    Metrics,
    /// The exporter makes names of names, units and types.
    Opentelemetry,
    /// A group of metrics of the `measured` crate, whose names begin with those of the fields that hold it.
    Measured,
}

/// One metric of a crate.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Family {
    /// The name, with parts in braces: `{namespace}_http_requests_total`. A part that is empty takes a `_` after it away.
    pub name: String,
    /// Type word.
    #[serde(rename = "type")]
    pub kind: String,
    /// The unit, where the library makes something of it.
    #[serde(default)]
    pub unit: Option<String>,
    /// Labels, each with the word for where its values come from.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Labels that not every series has.
    #[serde(default)]
    pub more_labels: bool,
    /// The bounds where code gives none; those of the library where there is no such list either.
    #[serde(default)]
    pub buckets: Option<Vec<f64>>,
    /// The first version that has it.
    #[serde(default)]
    pub since: Option<String>,
    /// The first version that does not have it any longer.
    #[serde(default)]
    pub before: Option<String>,
    /// The feature that it needs.
    #[serde(default)]
    pub feature: Option<String>,
    /// The feature that takes it away.
    #[serde(default)]
    pub without_feature: Option<String>,
}

impl Family {
    /// The metric's type.
    pub fn kind(&self) -> MetricType {
        MetricType::parse(&self.kind)
    }

    /// Whether code gives the whole name.
    pub fn is_named_by_code(&self) -> bool {
        self.name.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).is_some_and(|part| !part.contains('{'))
    }
}

/// A call that exposes metrics.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// How it is written, with the type where it is a function of one: `Layer::new`.
    pub names: Vec<String>,
    /// The groups of metrics.
    pub sets: Vec<String>,
    /// What its arguments mean, in order.
    #[serde(default)]
    pub arguments: Vec<Effect>,
    /// The table of the methods that tell what it makes more.
    #[serde(default)]
    pub methods: Option<String>,
    /// The methods after which nothing more is told; without one of them what was told may not be all.
    #[serde(default)]
    pub ends: Vec<String>,
    /// The first version whose metrics these are.
    #[serde(default)]
    pub since: Option<String>,
    /// The first version in which it is another matter.
    #[serde(default)]
    pub before: Option<String>,
    /// What it exposes besides, which nobody sees in code.
    #[serde(default)]
    pub open: Option<Open>,
    /// Whether it makes what exposes metrics of the library, with bounds for its own histograms only.
    #[serde(default)]
    pub installs: bool,
}

/// Metrics that depend on more than code.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    /// What their names can be.
    pub name: String,
    /// What they depend on, in words.
    pub reason: String,
}

/// A method that tells a builder something.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Method {
    /// Its name.
    pub name: String,
    /// What its arguments mean, in order.
    #[serde(default)]
    pub arguments: Vec<Effect>,
    /// What the call itself means, whatever it is given.
    #[serde(default)]
    pub does: Effect,
    /// Methods without one of which it has no effect.
    #[serde(default)]
    pub only_with: Vec<String>,
    /// The first version in which it needs none of them any longer.
    #[serde(default)]
    pub only_before: Option<String>,
    /// Whether it makes what exposes metrics of the library.
    #[serde(default)]
    pub installs: bool,
}

/// What an argument or a call changes. All of it applies.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Effect {
    /// The argument is this part of the names.
    #[serde(default)]
    pub part: Option<String>,
    /// The argument is the type of the metrics: a variant that is called like it.
    #[serde(default)]
    pub kind: bool,
    /// The argument gives these metrics their bounds, by name as in the list of metrics.
    #[serde(default)]
    pub buckets: Vec<String>,
    /// The argument is labels with fixed values.
    #[serde(default)]
    pub const_labels: bool,
    /// These groups are exposed, too; with an argument, where that is `true`.
    #[serde(default)]
    pub adds: Option<String>,
    /// The label whose values come from elsewhere.
    #[serde(default)]
    pub label: Option<String>,
    /// Where that label's values come from now.
    #[serde(default)]
    pub origin: Option<String>,
    /// The same by the variant of an enum that the argument is, or is made with.
    #[serde(default)]
    pub variants: BTreeMap<String, String>,
    /// The argument is the name of this label.
    #[serde(default)]
    pub renames: Option<String>,
    /// The argument is the name of a further label, with values from here.
    #[serde(default)]
    pub further_label: Option<String>,
    /// The argument is told things by methods of this table.
    #[serde(default)]
    pub nested: Option<String>,
    /// The argument is the registry that the metrics go to.
    #[serde(default)]
    pub registry: bool,
    /// There may be further labels.
    #[serde(default)]
    pub opens_labels: bool,
}

/// Where a label's values come from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// What the values are made of.
    pub kind: String,
    /// Whether that is certain for every program that uses the crate.
    #[serde(default)]
    pub certain: bool,
    /// Whether somebody outside of the program chooses the value.
    #[serde(default)]
    pub foreign: bool,
    /// In words, such as `the request path`.
    pub words: String,
    /// The values, where these are all.
    #[serde(default)]
    pub values: Vec<String>,
}

impl Origin {
    /// The same as the model has it.
    pub fn provenance(&self) -> Provenance {
        let kind = ProvenanceKind::parse(&self.kind);
        let base = match self.values.is_empty() {
            true => Provenance::of(kind, &self.words),
            false => Provenance { kind, origin: self.words.clone(), ..Provenance::literals(self.values.iter().cloned()) },
        };
        Provenance { certain: self.certain, foreign: self.foreign, ..base }
    }
}

impl Provider {
    /// Whether a path that begins with `root` is in one of the crates.
    pub fn owns(&self, root: &str) -> bool {
        self.crates.iter().any(|c| c == root)
    }

    /// The method of a table.
    pub fn method(&self, table: &str, name: &str) -> Option<&Method> {
        self.methods.get(table)?.iter().find(|m| m.name == name)
    }

    /// Where the values of a label come from that says this word of them.
    pub fn origin(&self, word: &str) -> Option<&Origin> {
        self.origins.get(word).or_else(|| COMMON.get(word))
    }
}

/// How a path or call of a provider is written.
pub type Entry = (&'static Provider, &'static Call, &'static str);

static PROVIDERS: LazyLock<Vec<Provider>> =
    LazyLock::new(|| rule_files("provides").iter().filter(|f| f.stem != "origins").filter_map(|f| load(f).ok()).collect());

static COMMON: LazyLock<BTreeMap<String, Origin>> = LazyLock::new(|| {
    let file = rule_files("provides").into_iter().find(|f| f.stem == "origins");
    file.and_then(|f| load(&f).ok()).unwrap_or_default()
});

static BY_NAME: LazyLock<HashMap<&'static str, Vec<Entry>>> = LazyLock::new(|| {
    let mut all: HashMap<&'static str, Vec<Entry>> = HashMap::new();
    for provider in PROVIDERS.iter() {
        for call in &provider.calls {
            for name in &call.names {
                all.entry(name.rsplit("::").next().unwrap_or(name)).or_default().push((provider, call, name.as_str()));
            }
        }
    }
    all
});

/// All crates, by name.
pub fn all() -> &'static [Provider] {
    &PROVIDERS
}

/// The calls whose last word this is.
pub fn calls_named(last: &str) -> &'static [Entry] {
    BY_NAME.get(last).map(Vec::as_slice).unwrap_or_default()
}

/// The bounds that a constant of one of the crates holds.
pub fn bounds(krate: &str, constant: &str) -> Option<&'static [f64]> {
    all().iter().filter(|p| p.owns(krate)).find_map(|p| p.bounds.get(constant)).map(Vec::as_slice)
}

/// The name that a constant of one of the crates holds.
pub fn name_constant(krate: &str, constant: &str) -> Option<&'static str> {
    all().iter().filter(|p| p.owns(krate)).find_map(|p| p.names.get(constant)).map(String::as_str)
}

/// The numbers of a version, as far as they are written.
fn numbers(version: &str) -> Option<Vec<u64>> {
    let first = version.split([',', '-', '+', ' ']).next()?;
    let all: Option<Vec<u64>> = first.split('.').filter(|p| *p != "*").map(|p| p.parse().ok()).collect();
    all.filter(|n| !n.is_empty())
}

/// The first version that fits what a manifest asks for, and the first that is too new.
fn range(asked: &str) -> Option<(Vec<u64>, Vec<u64>)> {
    let plain = asked.trim_start_matches(['^', '=', '~', ' ']);
    let low = numbers(plain)?;
    let counts = match asked.trim_start().chars().next() {
        Some('=') => low.len() - 1,
        Some('~') => low.len().min(2) - 1,
        // What may not change is the first number that is not 0.
        _ => low.iter().position(|n| *n != 0).unwrap_or(low.len() - 1),
    };
    let high = low.iter().take(counts + 1).enumerate().map(|(at, n)| n + u64::from(at == counts)).collect();
    Some((low, high))
}

/// Whether the version that a manifest asks for lies between two; `None` where that cannot be told.
pub fn is_between(asked: Option<&str>, since: Option<&str>, before: Option<&str>) -> Option<bool> {
    if since.is_none() && before.is_none() {
        return Some(true);
    }
    let (low, high) = range(asked?)?;
    let reaches = |bound: &str| {
        let bound = numbers(bound)?;
        match (low >= bound, high <= bound) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            // What `0.4` asks for is the newest of them.
            _ => (low.len() < bound.len() && bound.starts_with(&low)).then_some(true),
        }
    };
    let from = since.map_or(Some(true), reaches);
    let past = before.map_or(Some(false), reaches);
    match (from, past) {
        (Some(false), _) | (_, Some(true)) => Some(false),
        (Some(true), Some(false)) => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_told_apart() {
        let between = |version| is_between(Some(version), Some("0.9"), Some("0.12.1"));
        assert_eq!(between("0.9.3"), Some(true));
        assert_eq!(between("^0.12"), Some(false));
        assert_eq!(between("0.8"), Some(false));
        assert_eq!(between("0.8.7"), Some(false));
        assert_eq!(between("=0.12.0"), Some(true));
        assert_eq!(between("0.12.0"), None);
        assert_eq!(between("main"), None);
        assert_eq!(is_between(Some("2.3"), Some("2.0"), None), Some(true));
        assert_eq!(is_between(Some("1.2"), Some("2.0"), None), Some(false));
        assert_eq!(is_between(Some("0.13"), Some("0.13"), None), Some(true));
        assert_eq!(is_between(None, None, None), Some(true));
        assert_eq!(is_between(None, Some("1"), None), None);
    }

    #[test]
    fn words_are_as_few_as_one_quick_search_takes() {
        let libraries = crate::knowledge::libraries::all().iter().flat_map(|l| &l.triggers);
        let words: std::collections::BTreeSet<&String> = libraries.chain(all().iter().flat_map(|p| &p.triggers)).collect();
        let short = words.iter().filter(|word| !words.iter().any(|other| other != *word && word.contains(other.as_str()))).count();
        assert!(short <= 64, "{short} words that hold no other: merge some that begin alike");
    }

    #[test]
    fn every_file_fits_and_refers_to_its_own_parts() {
        for file in rule_files("provides") {
            if file.stem == "origins" {
                let common: BTreeMap<String, Origin> = load(&file).expect("fits the schema");
                assert!(!common.is_empty());
                continue;
            }
            let provider: Provider = load(&file).expect("fits the schema");
            let name = &provider.name;
            assert_eq!(*name, file.stem);
            let families: Vec<&Family> = provider.sets.values().flatten().collect();
            for family in &families {
                assert!(
                    matches!(family.kind.as_str(), "counter" | "gauge" | "histogram" | "summary" | "unknown"),
                    "{name}: {}",
                    family.name
                );
                for origin in family.labels.values() {
                    assert!(provider.origin(origin).is_some(), "{name}: {origin}");
                }
                for part in family.name.split('{').skip(1).filter_map(|p| p.split_once('}')) {
                    assert!(provider.parts.contains_key(part.0), "{name}: {}", part.0);
                }
            }
            for origin in provider.origins.values() {
                assert_eq!(ProvenanceKind::parse(&origin.kind).as_str(), origin.kind, "{name}");
            }
            assert!(provider.types.values().flatten().all(|s| provider.sets.contains_key(s)), "{name}");
            for call in &provider.calls {
                assert!(call.sets.iter().all(|s| provider.sets.contains_key(s)), "{name}: {:?}", call.names);
                assert!(call.methods.iter().all(|m| provider.methods.contains_key(m)), "{name}: {:?}", call.names);
            }
            let of_methods = provider.methods.values().flatten().flat_map(|m| m.arguments.iter().chain([&m.does]));
            for effect in provider.calls.iter().flat_map(|c| &c.arguments).chain(of_methods) {
                assert!(effect.part.iter().all(|p| provider.parts.contains_key(p)), "{name}: {effect:?}");
                assert!(effect.adds.iter().all(|s| provider.sets.contains_key(s)), "{name}: {effect:?}");
                assert!(effect.nested.iter().all(|t| provider.methods.contains_key(t)), "{name}: {effect:?}");
                assert!(effect.buckets.iter().all(|b| families.iter().any(|f| f.name == *b)), "{name}: {effect:?}");
                let origins = effect.origin.iter().chain(effect.variants.values()).chain(&effect.further_label);
                assert!(origins.into_iter().all(|o| provider.origin(o).is_some()), "{name}: {effect:?}");
            }
        }
    }
}
