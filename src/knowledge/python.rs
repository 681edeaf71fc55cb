//! `rules/python/`: what the constructors of Python's metrics libraries mean.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::libraries::Naming;
use super::{load, rule_files};
use crate::model::MetricType;

/// One metrics library of Python.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Library {
    /// The name: the file's stem.
    pub name: String,
    /// The packages that hold its names.
    pub modules: Vec<String>,
    /// Words without one of which a file cannot name it.
    pub triggers: Vec<String>,
    /// From the name in the code to the exposed name.
    pub naming: Naming,
    /// Bounds of a histogram for which the code names none.
    #[serde(default)]
    pub default_buckets: Vec<f64>,
    /// Parameters by the name of the signature, in their order.
    pub signatures: BTreeMap<String, Vec<Parameter>>,
    /// What its parameters are called, where that is not the word itself.
    #[serde(default)]
    pub keywords: BTreeMap<String, Parameter>,
    /// Keyword arguments that, together and with the name of one of the classes, say that a call makes a metric.
    #[serde(default)]
    pub telling: Vec<String>,
    /// Classes and functions that make a metric.
    #[serde(default)]
    pub classes: Vec<Class>,
    /// Methods that make a metric, whatever object they are called on.
    #[serde(default)]
    pub methods: Vec<Class>,
    /// Methods of a metric that set label values.
    #[serde(default)]
    pub uses: Vec<Use>,
    /// Names that hold the default bounds.
    #[serde(default)]
    pub bounds: Vec<String>,
    /// Unit in the code to the word in the exposed name; where there are none, units are words already.
    #[serde(default)]
    pub units: BTreeMap<String, String>,
    /// The same of gauges alone.
    #[serde(default)]
    pub gauge_units: BTreeMap<String, String>,
}

/// What a parameter of a constructor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parameter {
    /// The name.
    Name,
    /// The help text.
    Help,
    /// Label names.
    Labels,
    /// First part of the name.
    Namespace,
    /// Second part of the name.
    Subsystem,
    /// Unit.
    Unit,
    /// A registry other than the default one.
    Registry,
    /// Values of the labels, for a child.
    LabelValues,
    /// Bucket bounds.
    Buckets,
    /// Anything without meaning here.
    Value,
}

impl Parameter {
    /// Whether it decides anything about the metric.
    pub fn says_something(self) -> bool {
        !matches!(self, Parameter::Value | Parameter::Registry | Parameter::LabelValues)
    }
}

/// A method of a metric that sets label values.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Use {
    /// Its name.
    pub method: String,
    /// How it is given the values.
    pub values: Form,
    /// The position of the argument that holds them, where it is one.
    #[serde(default)]
    pub at: usize,
    /// The name of that argument.
    #[serde(default)]
    pub keyword: String,
}

/// How label values are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Each is an argument, in the order of the label names or by name.
    Arguments,
    /// A list in the order of the label names.
    List,
    /// A mapping from label names.
    Mapping,
}

/// A class, or a method, that makes a metric.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// Type word of the metric.
    #[serde(rename = "type")]
    pub kind: String,
    /// Name of its parameter list.
    pub signature: String,
    /// Appended to the name.
    #[serde(default)]
    pub suffix: Option<String>,
    /// Whether the name alone says which library it is.
    #[serde(default)]
    pub distinctive: bool,
    /// Whether labels are added with each value.
    #[serde(default)]
    pub open: bool,
    /// Whether a label of the metric's own name holds a state.
    #[serde(default)]
    pub own_label: bool,
    /// Whether it hands over values that were collected elsewhere, bounds included.
    #[serde(default)]
    pub collected: bool,
}

impl Class {
    /// The metric's type.
    pub fn kind(&self) -> MetricType {
        MetricType::parse(&self.kind)
    }
}

impl Library {
    /// The parameter that a keyword argument of a constructor is.
    pub fn keyword(&self, word: &str) -> Option<Parameter> {
        if let Some(parameter) = self.keywords.get(word) {
            return Some(*parameter);
        }
        Some(match word {
            "name" => Parameter::Name,
            "help" => Parameter::Help,
            "namespace" => Parameter::Namespace,
            "subsystem" => Parameter::Subsystem,
            "unit" => Parameter::Unit,
            "registry" => Parameter::Registry,
            "buckets" => Parameter::Buckets,
            _ => return None,
        })
    }

    /// The word that a unit puts into the exposed name.
    pub fn unit(&self, unit: &str, kind: MetricType) -> String {
        if self.units.is_empty() {
            return unit.to_owned();
        }
        // What stands in braces is a remark.
        let bare: String =
            unit.split('{').enumerate().map(|(i, p)| if i == 0 { p } else { p.split_once('}').map_or("", |(_, r)| r) }).collect();
        let word = |u: &str| self.units.get(u).cloned().unwrap_or_else(|| u.to_owned());
        if let Some(word) = self.gauge_units.get(&bare).filter(|_| kind == MetricType::Gauge) {
            return word.clone();
        }
        match bare.split_once('/') {
            Some((over, under)) if !under.is_empty() => {
                format!("{}_per_{}", word(over), word(under).trim_end_matches('s')).trim_start_matches('_').to_owned()
            }
            _ if self.gauge_units.contains_key(&bare) => String::new(),
            _ => word(bare.trim_end_matches('/')),
        }
    }

    /// The parameter at a position.
    pub fn positional(&self, class: &Class, at: usize) -> Option<Parameter> {
        self.signatures.get(&class.signature)?.get(at).copied()
    }
}

static LIBRARIES: LazyLock<Vec<Library>> = LazyLock::new(|| rule_files("python").iter().filter_map(|f| load(f).ok()).collect());

/// All libraries, by name.
pub fn all() -> &'static [Library] {
    &LIBRARIES
}

/// The class or function that a dotted path outside the tree means.
pub fn class_at(path: &str) -> Option<(&'static Library, &'static Class)> {
    let (root, name) = (path.split('.').next()?, path.rsplit('.').next()?);
    all().iter().find_map(|library| {
        let class = library.classes.iter().find(|c| c.name == name)?;
        (library.modules.iter().any(|m| m == root) && path.contains('.')).then_some((library, class))
    })
}

/// The method that makes a metric.
pub fn method_named(name: &str) -> Option<(&'static Library, &'static Class)> {
    all().iter().find_map(|library| Some((library, library.methods.iter().find(|m| m.name == name)?)))
}

/// The class of this name whose arguments are called like these.
pub fn class_told_by(name: &str, keywords: &[&str]) -> Option<(&'static Library, &'static Class)> {
    all().iter().filter(|l| !l.telling.is_empty() && l.telling.iter().all(|word| keywords.contains(&word.as_str()))).find_map(|library| {
        let class = library.classes.iter().find(|c| c.name == name)?;
        Some((library, class))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_fits_and_refers_to_its_own_signatures() {
        let files = rule_files("python");
        assert!(!files.is_empty());
        for file in files {
            let library: Library = load(&file).expect("fits the schema");
            assert_eq!(library.name, file.stem);
            for class in library.classes.iter().chain(&library.methods) {
                assert!(library.signatures.contains_key(&class.signature), "{}: no signature {}", class.name, class.signature);
                assert!(["counter", "gauge", "histogram", "summary", "unknown"].contains(&class.kind.as_str()), "{}", class.name);
            }
        }
    }
}
