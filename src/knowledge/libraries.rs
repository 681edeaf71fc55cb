//! `rules/libraries/`: what each constructor of a metrics library means.
//!
//! Which macro, type or method defines what, where its arguments stand, and how the library turns a name into the exposed one.
//! The shapes of code around them are `extract`'s business.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::{load, rule_files};
use crate::model::MetricType;

/// One metrics library.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Library {
    /// The name: the file's stem.
    pub name: String,
    /// Crates whose paths hold its names, with underscores.
    pub crates: Vec<String>,
    /// Words without which a file cannot define or use a metric of it.
    pub triggers: Vec<String>,
    /// Further words for which the body of a function is read, besides the names of macros, types and methods below.
    #[serde(default)]
    pub words: Vec<String>,
    /// Whether its metrics pass through functions that need not name it, since a registry or an instrument is a parameter: every
    /// body of a file that holds a trigger is read.
    #[serde(default)]
    pub whole_files: bool,
    /// Whether a series is there only from the time on when something is first recorded, though it has no labels.
    #[serde(default)]
    pub appears_late: bool,
    /// From the name in the code to the exposed name.
    pub naming: Naming,
    /// Bounds of a histogram for which the code names none.
    #[serde(default)]
    pub default_buckets: Vec<f64>,
    /// Constants of the crate that hold bucket bounds.
    #[serde(default)]
    pub bounds: BTreeMap<String, Vec<f64>>,
    /// Crates whose constants are names, each in capitals: `HTTP_REQUEST_METHOD` for `http.request.method`.
    #[serde(default)]
    pub name_constants: Vec<String>,
    /// Argument lists by name: each form is the roles of the positional arguments.
    #[serde(default)]
    pub signatures: BTreeMap<String, Vec<Vec<Role>>>,
    /// Macros.
    #[serde(default)]
    pub macros: Vec<Callable>,
    /// Types whose constructors define a metric, or that stand for one.
    #[serde(default)]
    pub types: Vec<Callable>,
    /// Methods that define a metric.
    #[serde(default)]
    pub methods: Vec<Callable>,
    /// Words in the names of functions and methods that read a text, where others of the library write it.
    #[serde(default)]
    pub readers: Vec<String>,
    /// Derive macros under which the fields of a struct are metrics.
    #[serde(default)]
    pub derives: Vec<String>,
    /// How such a struct is written, where everything but the values is in it.
    #[serde(default)]
    pub fields: Option<Fields>,
    /// Unit in the code to the word in the exposed name.
    #[serde(default)]
    pub units: BTreeMap<String, String>,
    /// The exporter that makes names of names, units and types, where it can be told not to.
    #[serde(default)]
    pub exporter: Option<Exporter>,
    /// What a layer for events makes of their fields.
    #[serde(default)]
    pub events: Option<Events>,
}

/// Events whose fields are metrics.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Events {
    /// The layer without which fields are no metrics.
    pub layer: String,
    /// The macros that write events.
    pub macros: Vec<String>,
    /// The field that names the unit.
    pub unit: String,
    /// How the fields that are metrics begin.
    pub prefixes: Vec<EventPrefix>,
}

/// The beginning of a field's name that makes it a metric.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventPrefix {
    /// The prefix, with its point.
    pub name: String,
    /// The type of the metric.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether no other field begins so.
    #[serde(default)]
    pub distinctive: bool,
}

/// An exporter of another crate, and what its builder is told.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exporter {
    /// The crate, with underscores.
    #[serde(rename = "crate")]
    pub krate: String,
    /// Functions that begin the builder.
    pub makers: Vec<String>,
    /// The method after which it adds no units.
    pub without_units: String,
    /// The method after which it adds nothing to counters.
    pub without_counter_suffix: String,
    /// The method that puts its argument before every name.
    pub namespace: String,
}

/// How a struct is written whose fields are metrics.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fields {
    /// The attribute of the struct and its fields.
    pub attribute: String,
    /// The argument of it that names what stands before every field's name.
    pub prefix: String,
    /// The argument of a field's attribute that stands in the place of the field's name.
    #[serde(default)]
    pub field_name: Option<String>,
    /// The case of the struct's name, which stands there where the argument is not given.
    #[serde(default)]
    pub default_prefix: Option<String>,
    /// Whether the help is the first line of the doc comment rather than all of it without the point at its end.
    #[serde(default)]
    pub help_is_first_line: bool,
    /// The attribute of label sets and values.
    pub label_attribute: String,
    /// The case of label values where none is named.
    #[serde(default)]
    pub label_case: Option<String>,
    /// Methods with which a registry puts more before the names.
    #[serde(default)]
    pub prefixed_by: Vec<String>,
}

/// How a library makes the exposed name.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Naming {
    /// Appended to counters that do not end so.
    #[serde(default)]
    pub counter_suffix: Option<String>,
    /// Whether the unit becomes part of the name.
    #[serde(default)]
    pub unit_suffix: bool,
    /// Whether characters that Prometheus does not allow become `_`.
    #[serde(default)]
    pub sanitize: bool,
}

/// What an argument is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The name.
    Name,
    /// The help text.
    Help,
    /// An options value that holds name and help.
    Options,
    /// Label names.
    Labels,
    /// Bucket bounds.
    Buckets,
    /// A registry; the metric then is not in the default one.
    Registry,
    /// The unit.
    Unit,
    /// Labels with fixed values.
    ConstLabels,
    /// The metric's value type.
    Metric,
    /// Which names a setting is for.
    Matcher,
    /// Exposition text.
    Text,
    /// The metric's type, as the variant of an enum.
    Type,
    /// A value or anything else without meaning here.
    Value,
}

/// What a call does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Defines a metric.
    #[default]
    Define,
    /// Gives help and unit to a metric that is defined elsewhere.
    Describe,
    /// Makes what exposes the metrics.
    Recorder,
    /// Gives that bucket bounds.
    Buckets,
    /// Asks that for summaries.
    Quantiles,
    /// Adds a label to every metric.
    Label,
    /// Adds labels to every metric that the code around decides.
    Labels,
    /// Puts a prefix before every name.
    Prefix,
    /// Defines a metric whose name is in a key that is put together before.
    Register,
    /// Is the type of a struct's field that is a metric.
    Field,
    /// Is the type that holds the values of such a metric.
    State,
    /// Makes a member of a family for every value that a struct lists.
    Listed,
}

/// A macro, type or method with a meaning.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Callable {
    /// Its last path segment.
    pub name: String,
    /// Type word of the metric.
    #[serde(rename = "type")]
    pub kind: String,
    /// Name of its argument lists.
    #[serde(default)]
    pub signature: Option<String>,
    /// What it does.
    #[serde(default)]
    pub action: Action,
    /// Whether the name alone says which library it is, wherever it was imported from.
    #[serde(default)]
    pub distinctive: bool,
    /// Whether it makes a family with labels.
    #[serde(default)]
    pub family: bool,
    /// Whether it is of the versions of the library that add nothing to a name.
    #[serde(default)]
    pub before_suffixes: bool,
    /// Appended to the name, whatever the type.
    #[serde(default)]
    pub suffix: Option<String>,
}

impl Callable {
    /// The metric's type.
    pub fn kind(&self) -> MetricType {
        MetricType::parse(&self.kind)
    }
}

impl Library {
    /// Whether a registry of the `prometheus` crate may put a prefix before the names that structs give.
    pub fn is_in_custom_registries(&self) -> bool {
        self.fields.as_ref().is_some_and(|f| f.prefixed_by.iter().any(|by| by.starts_with("Registry::new_custom")))
    }

    /// The macro with this name.
    pub fn macro_named(&self, name: &str) -> Option<&Callable> {
        self.macros.iter().find(|m| m.name == name)
    }

    /// The type with this name.
    pub fn type_named(&self, name: &str) -> Option<&Callable> {
        self.types.iter().find(|t| t.name == name)
    }

    /// The method with this name.
    pub fn method_named(&self, name: &str) -> Option<&Callable> {
        self.methods.iter().find(|m| m.name == name)
    }

    /// The roles of `count` positional arguments of a call.
    pub fn roles(&self, call: &Callable, count: usize) -> Option<&[Role]> {
        self.signatures.get(call.signature.as_deref()?)?.iter().find(|form| form.len() == count).map(Vec::as_slice)
    }

    /// Whether a path that begins with `root` is in one of the library's crates.
    pub fn owns(&self, root: &str) -> bool {
        self.crates.iter().any(|c| c == root)
    }
}

static LIBRARIES: LazyLock<Vec<Library>> = LazyLock::new(|| rule_files("libraries").iter().filter_map(|f| load(f).ok()).collect());

/// All libraries, by name.
pub fn all() -> &'static [Library] {
    &LIBRARIES
}

/// The bounds that a constant of this name holds, where a library has one.
pub fn bounds(constant: &str) -> Option<&'static [f64]> {
    all().iter().find_map(|l| l.bounds.get(constant)).map(Vec::as_slice)
}

/// The name that a constant of this crate is, as Prometheus shows it, where its crate has nothing but names.
pub fn name_constant(krate: &str, constant: &str) -> Option<String> {
    let capitals = constant.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    let known = || all().iter().any(|l| l.name_constants.iter().any(|c| c == krate));
    (capitals && known()).then(|| constant.to_ascii_lowercase())
}

/// The library with this name.
pub fn get(name: &str) -> Option<&'static Library> {
    LIBRARIES.iter().find(|l| l.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_fits_and_refers_to_its_own_signatures() {
        let files = rule_files("libraries");
        assert!(!files.is_empty());
        for file in files {
            let library: Library = load(&file).expect("fits the schema");
            assert_eq!(library.name, file.stem);
            for call in library.macros.iter().chain(&library.types).chain(&library.methods) {
                assert!(matches!(call.kind.as_str(), "counter" | "gauge" | "histogram" | "unknown"), "{}: {}", call.name, call.kind);
                if let Some(signature) = &call.signature {
                    assert!(library.signatures.contains_key(signature), "{}: {signature}", call.name);
                }
            }
        }
    }
}
