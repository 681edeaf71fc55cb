//! Which registry a metric goes to: the prefix and labels that sub-registries add, through parameters to the callers.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::Collector;
use crate::extract::rust::draft::{label, literals};
use crate::extract::rust::values::{Scope, Value};
use crate::extract::rust::walk::{Context, Origin};
use crate::model::{Bound, Label};
use crate::source::Span;
use crate::syntax::rust::tree::{Expr, ExprKind, Type, TypeKind};

/// Callers of callers that are followed.
const MAX_CALLERS: usize = 8;

/// A parameter that holds a registry.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::extract::rust) struct Parameter {
    function: String,
    owner: Option<String>,
    index: usize,
}

/// A registry as far as it is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::extract::rust) struct Registry {
    /// The parameter it is made from.
    base: Option<Parameter>,
    /// Parts of the prefix; `*` for one that is not known.
    prefix: Vec<String>,
    labels: Vec<Label>,
}

/// A registry given to a function.
#[derive(Debug)]
pub(super) struct Passed {
    owner: Option<String>,
    function: String,
    index: usize,
    registry: Arc<Registry>,
}

pub(super) fn by_callee(calls: &[Passed]) -> HashMap<(&str, usize), Vec<&Passed>> {
    let mut all: HashMap<(&str, usize), Vec<&Passed>> = HashMap::new();
    for call in calls {
        all.entry((&call.function, call.index)).or_default().push(call);
    }
    all
}

impl Registry {
    /// Every prefix that this registry can have, with its labels.
    pub(super) fn prefixes(&self, passed: &HashMap<(&str, usize), Vec<&Passed>>) -> BTreeMap<String, Vec<Label>> {
        let mut found = BTreeMap::new();
        let mut steps = 1_000;
        self.collect(passed, Vec::new(), Vec::new(), MAX_CALLERS, &mut steps, &mut found);
        found
    }

    fn collect(
        &self,
        passed: &HashMap<(&str, usize), Vec<&Passed>>,
        below: Vec<String>,
        labels: Vec<Label>,
        depth: usize,
        steps: &mut usize,
        found: &mut BTreeMap<String, Vec<Label>>,
    ) {
        let mut parts = self.prefix.clone();
        parts.extend(below);
        let mut labels = labels;
        labels.extend(self.labels.iter().cloned());
        let fits = |call: &&&Passed, base: &Parameter| match (&call.owner, &base.owner) {
            (Some(a), Some(b)) => a == b,
            _ => true,
        };
        let callers: Vec<&&Passed> = match &self.base {
            Some(base) if depth > 0 => {
                passed.get(&(base.function.as_str(), base.index)).into_iter().flatten().filter(|c| fits(c, base)).collect()
            }
            _ => Vec::new(),
        };
        if callers.is_empty() || *steps == 0 {
            found.entry(parts.join("_")).or_insert(labels);
            return;
        }
        for caller in callers {
            *steps = steps.saturating_sub(1);
            caller.registry.collect(passed, parts.clone(), labels.clone(), depth - 1, steps, found);
        }
    }
}

impl<'a> Collector<'a, '_> {
    /// Notes the registries among the arguments of a call.
    pub(super) fn pass(&mut self, function: &str, owner: Option<&str>, first: usize, args: &'a [Expr], span: Span, cx: &Context<'a, '_>) {
        for (at, arg) in args.iter().enumerate() {
            let scope = Scope::of(cx, span);
            if let Some(registry) = self.registry_of(arg, &scope, cx, 0) {
                self.found.calls.push(Passed {
                    owner: owner.filter(|o| o.starts_with(char::is_uppercase)).map(str::to_owned),
                    function: function.to_owned(),
                    index: at + first,
                    registry: Arc::new(registry),
                });
            }
        }
    }

    /// The registry that an expression is, where it looks like one.
    pub(super) fn registry_of(&self, expr: &'a Expr, scope: &Scope<'a, '_>, cx: &Context<'a, '_>, depth: usize) -> Option<Registry> {
        if depth > 20 {
            return None;
        }
        match &expr.kind {
            ExprKind::Reference(inner) | ExprKind::Unary(_, inner) | ExprKind::Try(inner) => self.registry_of(inner, scope, cx, depth + 1),
            ExprKind::MethodCall(call) => {
                let mut registry = self.registry_of(&call.receiver, scope, cx, depth + 1);
                match (call.method.as_str(), call.args.as_slice()) {
                    ("sub_registry_with_prefix", [prefix]) => {
                        let mut registry = registry.unwrap_or_default();
                        registry.prefix.push(self.prefix(prefix, scope));
                        Some(registry)
                    }
                    ("sub_registry_with_label", [pair]) => {
                        let mut registry = registry.unwrap_or_default();
                        self.add_labels(&mut registry, &[self.eval.value(pair, scope)]);
                        Some(registry)
                    }
                    ("sub_registry_with_labels", [pairs]) => {
                        let mut registry = registry.unwrap_or_default();
                        if let Value::List(pairs) = self.eval.value(pairs, scope) {
                            self.add_labels(&mut registry, &pairs);
                        }
                        Some(registry)
                    }
                    ("lock" | "unwrap" | "write" | "borrow_mut" | "as_mut" | "expect" | "get_mut" | "deref_mut", _) => registry.take(),
                    _ => None,
                }
            }
            ExprKind::Call(callee, args) => {
                let ExprKind::Path(path) = &callee.kind else { return None };
                let is_registry = path.names().rev().nth(1).is_some_and(|ty| ty.ends_with("Registry"))
                    || path.qself.as_ref().and_then(|t| t.path()).is_some_and(|p| p.last() == "Registry");
                match (path.last(), args.as_slice()) {
                    ("default", []) if is_registry => Some(Registry::default()),
                    ("with_prefix" | "with_prefix_and_labels", [prefix, ..]) if is_registry => {
                        Some(Registry { prefix: vec![self.prefix(prefix, scope)], ..Registry::default() })
                    }
                    ("with_labels", [_]) if is_registry => Some(Registry::default()),
                    _ => None,
                }
            }
            ExprKind::Path(path) => {
                let (binding, inner) = scope.binding(path.as_ident()?)?;
                match (binding.origin, binding.init) {
                    (Origin::Let, Some(init)) => self.registry_of(init, &inner, cx, depth + 1),
                    (Origin::Param(function), _) if binding.ty.is_some_and(is_registry_type) => {
                        let index = cx.functions.last()?.1.params.iter().position(|p| p.pat.as_ident().is_some_and(|i| i.as_str() == binding.name))?;
                        let base = Parameter { function: function.to_owned(), owner: cx.self_ty.map(str::to_owned), index };
                        Some(Registry { base: Some(base), ..Registry::default() })
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn prefix(&self, expr: &'a Expr, scope: &Scope<'a, '_>) -> String {
        match self.eval.value(expr, scope) {
            Value::Text(text) => text.text,
            _ => "*".to_owned(),
        }
    }

    fn add_labels(&self, registry: &mut Registry, pairs: &[Value]) {
        for pair in pairs {
            if let Value::Tuple(parts) = pair
                && let [Value::Text(name), value] = parts.as_slice()
            {
                let mut label = label(name);
                if let Some(values) = literals(value) {
                    label.bound = Bound::of_values(values);
                }
                registry.labels.push(label);
            }
        }
    }
}

fn is_registry_type(ty: &Type) -> bool {
    match &ty.kind {
        TypeKind::Reference(inner) => is_registry_type(inner),
        TypeKind::Path(path) => {
            path.last() == "Registry" || path.segments.last().is_some_and(|s| s.generics.first().is_some_and(is_registry_type))
        }
        _ => false,
    }
}
