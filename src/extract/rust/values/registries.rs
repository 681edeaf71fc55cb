//! Registries as values: the prefix and the labels that they give to what is registered with them.

use super::{Evaluator, Scope, Value};
use crate::syntax::rust::tree::{Expr, ExprKind, Path};

/// The type of a registry's value.
const TYPE: &str = "Registry";

/// What a registry adds.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::extract::rust) struct RegistryValue {
    /// Parts of the prefix; `*` for one that is not known.
    pub(in crate::extract::rust) prefix: Vec<String>,
    /// Pairs of name and value.
    pub(in crate::extract::rust) labels: Vec<Value>,
    /// Whether every label could be read.
    pub(in crate::extract::rust) labels_complete: bool,
}

impl RegistryValue {
    /// The registry that a value is, if there is one.
    pub(in crate::extract::rust) fn of(value: &Value) -> Option<RegistryValue> {
        if let Value::OneOf(values) = value {
            let all: Option<Vec<RegistryValue>> = values.iter().filter(|v| !matches!(v, Value::Absent)).map(RegistryValue::of).collect();
            let mut all = all?.into_iter();
            let mut first = all.next()?;
            for other in all {
                // What only some of them add may be there or not.
                first.labels_complete &= other.labels_complete && first.labels == other.labels;
                first.labels.retain(|label| other.labels.contains(label));
                if first.prefix != other.prefix {
                    return None;
                }
            }
            return Some(first);
        }
        let Value::Struct(ty, fields) = value else { return None };
        let [(_, Value::Tuple(prefix)), (_, Value::List(labels)), (_, Value::Bool(labels_complete))] = fields.as_slice() else {
            return None;
        };
        let text = |v: &Value| if let Value::Text(text) = v { text.text.clone() } else { "*".to_owned() };
        let registry =
            || RegistryValue { prefix: prefix.iter().map(text).collect(), labels: labels.clone(), labels_complete: *labels_complete };
        (**ty == *TYPE).then(registry)
    }
}

fn registry(prefix: Vec<Value>, labels: Vec<Value>, complete: bool) -> Value {
    let fields =
        vec![("prefix".into(), Value::Tuple(prefix)), ("labels".into(), Value::List(labels)), ("complete".into(), Value::Bool(complete))];
    Value::Struct(TYPE.into(), fields)
}

impl<'a> Evaluator<'a, '_> {
    /// A registry that a call makes.
    pub(super) fn new_registry(&self, path: &Path, args: &'a [Expr], scope: &Scope<'a, '_>) -> Option<Value> {
        if let ("default_registry", []) = (path.last(), args) {
            return Some(registry(Vec::new(), Vec::new(), true));
        }
        let own = path.qself.as_ref().and_then(|t| t.path()).map(Path::last);
        if own.or_else(|| path.names().rev().nth(1)) != Some(TYPE) {
            return None;
        }
        let absent = |v: &Value| matches!(v, Value::Absent);
        match (path.last(), args) {
            ("new" | "default", []) => Some(registry(Vec::new(), Vec::new(), true)),
            ("with_prefix", [prefix]) => Some(registry(vec![self.value(prefix, scope)], Vec::new(), true)),
            ("with_labels", [labels]) => {
                let (labels, complete) = self.pairs(labels, scope);
                Some(registry(Vec::new(), labels, complete))
            }
            ("with_prefix_and_labels", [prefix, labels]) => {
                let (labels, complete) = self.pairs(labels, scope);
                Some(registry(vec![self.value(prefix, scope)], labels, complete))
            }
            ("new_custom", [prefix, labels]) => {
                let prefix = Some(self.value(prefix, scope)).filter(|p| !absent(p));
                let (labels, complete) = if is_none(labels) { (Vec::new(), true) } else { self.pairs(labels, scope) };
                Some(registry(prefix.into_iter().collect(), labels, complete))
            }
            _ => None,
        }
    }

    fn pairs(&self, labels: &'a Expr, scope: &Scope<'a, '_>) -> (Vec<Value>, bool) {
        match self.label_value(labels, scope) {
            Value::List(items) => {
                let complete = items.iter().all(|i| matches!(i, Value::Tuple(pair) if pair.first().is_some_and(Value::is_known)));
                (items, complete)
            }
            Value::Absent => (Vec::new(), true),
            _ => (Vec::new(), false),
        }
    }

    /// The registry below another: `registry.sub_registry_with_prefix("http")`.
    pub(super) fn sub_registry(&self, method: &str, outer: &Value, args: &'a [Expr], scope: &Scope<'a, '_>) -> Option<Value> {
        let present = outer.clone().present();
        let outer = if let [only] = present.as_slice() { only } else { outer };
        let base = RegistryValue::of(outer);
        let [arg] = args else { return None };
        let (mut prefix, mut labels, mut complete) = match outer {
            Value::Struct(_, fields) if base.is_some() => match fields.as_slice() {
                [(_, Value::Tuple(prefix)), (_, Value::List(labels)), (_, Value::Bool(complete))] => {
                    (prefix.clone(), labels.clone(), *complete)
                }
                _ => return None,
            },
            _ => (Vec::new(), Vec::new(), true),
        };
        match method {
            "sub_registry_with_prefix" => prefix.push(self.value(arg, scope)),
            "sub_registry_with_label" => labels.push(self.label_value(arg, scope)),
            "sub_registry_with_labels" => {
                let (more, all) = self.pairs(arg, scope);
                labels.extend(more);
                complete &= all;
            }
            _ => return None,
        }
        Some(registry(prefix, labels, complete))
    }
}

fn is_none(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Path(path) if path.last() == "None")
}
