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
    package: String,
    file: usize,
    module: String,
    owner: Option<String>,
    function: String,
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
    /// The package that the callee's path leads to, and the file of the call.
    package: String,
    file: usize,
    /// The callee's full path; only the name for a method.
    path: Vec<String>,
    is_method: bool,
    index: usize,
    registry: Arc<Registry>,
}

impl Passed {
    /// Whether the path can lead to the function through a crate that exports others: `app::metrics::Metrics::new` is `new` of
    /// the package `app-metrics`.
    fn through_facade(&self, to: &Parameter) -> bool {
        let mut above = self.path.iter().rev().skip(1).map(String::as_str);
        if to.owner.is_some() && above.next() != to.owner.as_deref() {
            return false;
        }
        let (Some(module), Some(facade)) = (above.next(), above.next()) else { return false };
        at_root(&to.module) && to.package.replace('-', "_") == format!("{facade}_{module}")
    }

    /// Whether the callee is the function of this parameter.
    fn reaches(&self, to: &Parameter) -> bool {
        if self.registry.base.as_ref() == Some(to) {
            return false;
        }
        if self.package != to.package {
            return self.through_facade(to);
        }
        if self.is_method {
            return to.owner.is_some();
        }
        let mut above = self.path.iter().rev().skip(1).map(String::as_str).peekable();
        if let Some(owner) = &to.owner
            && above.next() != Some(owner)
        {
            return false;
        }
        match above.next() {
            None | Some("self") => self.file == to.file,
            Some("crate") => at_root(&to.module),
            Some("super") => true,
            Some(module) if above.peek().is_none() && module.replace('-', "_") == to.package.replace('-', "_") => at_root(&to.module),
            Some(module) => module == to.module,
        }
    }
}

/// Who gives which registries to whom, in a whole tree.
pub(super) struct Callers<'p> {
    passed: HashMap<(&'p str, usize), Vec<&'p Passed>>,
    /// Whether a prefix is added to some registry.
    prefixed: bool,
}

/// Steps of the search for one registry's prefixes.
const MAX_STEPS: usize = 1_000;

impl<'p> Callers<'p> {
    pub(super) fn new(calls: &'p [Passed], prefixed: bool) -> Self {
        let mut passed: HashMap<(&str, usize), Vec<&Passed>> = HashMap::new();
        for call in calls {
            if let Some(function) = call.path.last() {
                passed.entry((function, call.index)).or_default().push(call);
            }
        }
        Callers { passed, prefixed }
    }

    /// Every prefix that a registry can have, with its labels.
    pub(super) fn prefixes(&self, registry: &Registry) -> BTreeMap<String, Vec<Label>> {
        let mut found = BTreeMap::new();
        let mut open = vec![(registry.clone(), MAX_CALLERS)];
        let mut steps = MAX_STEPS;
        while let Some((registry, depth)) = open.pop() {
            steps = steps.saturating_sub(1);
            let callers = registry.base.iter().filter(|_| depth > 0 && steps > 0).flat_map(|base| self.of(base));
            let mut any = false;
            for caller in callers {
                any = true;
                let mut outer = caller.registry.as_ref().clone();
                outer.prefix.extend(registry.prefix.iter().cloned());
                outer.labels.extend(registry.labels.iter().cloned());
                open.push((outer, depth - 1));
            }
            if !any {
                let mut prefix = registry.prefix;
                // Nobody is seen to give this registry, and somebody in the tree adds prefixes: it may have one.
                if registry.base.is_some() && self.prefixed {
                    prefix.insert(0, "*".to_owned());
                }
                found.entry(prefix.join("_")).or_insert(registry.labels);
            }
        }
        found
    }

    fn of<'c>(&'c self, base: &'c Parameter) -> impl Iterator<Item = &'p Passed> + 'c {
        self.passed.get(&(base.function.as_str(), base.index)).into_iter().flatten().copied().filter(|c| c.reaches(base))
    }
}

impl<'a> Collector<'a, '_> {
    /// Notes the registries among the arguments of a call.
    pub(super) fn pass(&mut self, path: &[&str], is_method: bool, args: &'a [Expr], span: Span, cx: &Context<'a, '_>) {
        for (at, arg) in args.iter().enumerate() {
            let scope = Scope::quiet(cx, span);
            if let Some(registry) = self.registry_of(arg, &scope, cx, 0) {
                let full = cx.world.full_path(cx.file, path);
                self.found.calls.push(Passed {
                    package: cx.world.package_of(cx.file, &full).to_owned(),
                    file: cx.file,
                    path: full.into_iter().map(|s| if s == "Self" { cx.self_ty.unwrap_or(s) } else { s }.to_owned()).collect(),
                    is_method,
                    // The receiver is the first parameter.
                    index: at + usize::from(is_method),
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
                    (Origin::Param(super::super::walk::Parameter { function, .. }), _) if binding.ty.is_some_and(is_registry_type) => {
                        let index = cx
                            .functions
                            .last()?
                            .1
                            .params
                            .iter()
                            .position(|p| p.pat.as_ident().is_some_and(|i| i.as_str() == binding.name))?;
                        let base = Parameter {
                            package: cx.world.package(cx.file).to_owned(),
                            file: cx.file,
                            module: cx.world.module(cx.file).to_owned(),
                            owner: cx.self_ty.map(str::to_owned),
                            function: function.to_owned(),
                            index,
                        };
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

/// What a crate's root exports from its modules is not followed.
fn at_root(module: &str) -> bool {
    matches!(module, "lib" | "main")
}
