//! Which registry a metric goes to: the prefix and labels that it adds.

use super::Collector;
use crate::extract::rust::draft::{label, literals};
use crate::extract::rust::values::{RegistryValue, Scope, Value};
use crate::extract::rust::walk::Origin;
use crate::model::{Bound, Label};
use crate::syntax::rust::tree::{Expr, ExprKind};

/// A registry as far as it is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::extract::rust) struct Registry {
    /// Parts of the prefix; `*` for one that is not known.
    pub(super) prefix: Vec<String>,
    pub(super) labels: Vec<Label>,
    /// Whether it may add more labels.
    pub(super) more_labels: bool,
    /// Whether it is a parameter that nobody is seen to give.
    pub(super) unknown: bool,
}

impl Registry {
    /// One that may add any prefix.
    pub(super) fn any() -> Self {
        Registry { prefix: vec!["*".to_owned()], ..Registry::default() }
    }

    /// One that nobody is seen to give.
    pub(super) fn unknown() -> Self {
        Registry { unknown: true, ..Registry::default() }
    }
}

impl<'a> Collector<'a, '_> {
    /// The registry that an expression is.
    pub(super) fn registry_of(&self, expr: &'a Expr, scope: &Scope<'a, '_>) -> Registry {
        match RegistryValue::of(&self.eval.value(expr, scope)) {
            Some(value) => Registry {
                prefix: value.prefix,
                labels: labels_of(&value.labels),
                more_labels: !value.labels_complete,
                unknown: self.is_below_parameter(expr, scope),
            },
            // Anything but what somebody is given is taken for one that adds nothing.
            None => Registry { unknown: self.is_parameter(expr, scope), ..Registry::default() },
        }
    }

    /// Whether a registry is one below a parameter that no caller is seen to give: `registry.sub_registry_with_prefix("http")`.
    fn is_below_parameter(&self, expr: &'a Expr, scope: &Scope<'a, '_>) -> bool {
        match &expr.kind {
            ExprKind::MethodCall(call) if call.method.as_str().starts_with("sub_registry") => {
                RegistryValue::of(&self.eval.value(&call.receiver, scope)).is_none() && self.is_parameter(&call.receiver, scope)
                    || self.is_below_parameter(&call.receiver, scope)
            }
            ExprKind::Reference(inner) | ExprKind::Unary(_, inner) | ExprKind::Try(inner) => self.is_below_parameter(inner, scope),
            ExprKind::Path(path) => {
                let binding = path.as_ident().and_then(|name| scope.binding(name));
                match binding.map(|(binding, inner)| (binding.origin, binding.init, inner)) {
                    Some((Origin::Let, Some(init), inner)) => self.is_below_parameter(init, &inner),
                    _ => false,
                }
            }
            _ => false,
        }
    }

    /// Whether an expression is, or is taken of, a parameter that no caller is seen to give.
    fn is_parameter(&self, expr: &'a Expr, scope: &Scope<'a, '_>) -> bool {
        match &expr.kind {
            ExprKind::Path(path) => {
                let binding = path.as_ident().and_then(|name| scope.binding(name));
                match binding.map(|(binding, _)| binding.origin) {
                    Some(Origin::Param(parameter)) => match self.eval.argument(parameter, scope) {
                        Some((given, outer)) => self.is_parameter(given, &outer),
                        None => true,
                    },
                    Some(Origin::PartOf(..)) => true,
                    _ => false,
                }
            }
            ExprKind::Reference(inner) | ExprKind::Unary(_, inner) | ExprKind::Try(inner) => self.is_parameter(inner, scope),
            ExprKind::MethodCall(call) => self.is_parameter(&call.receiver, scope),
            _ => false,
        }
    }
}

/// The labels of pairs of name and value.
pub(in crate::extract::rust) fn labels_of(pairs: &[Value]) -> Vec<Label> {
    let one = |pair: &Value| match pair {
        Value::Tuple(parts) => match parts.as_slice() {
            [Value::Text(name), value] if name.known => {
                let mut label = label(name);
                if let Some(values) = literals(value) {
                    label.bound = Bound::of_values(values);
                }
                Some(label)
            }
            _ => None,
        },
        _ => None,
    };
    pairs.iter().filter_map(one).collect()
}
