//! What the arguments of a call, and the methods of the builder that it makes, say of the metrics that it exposes.

use std::collections::BTreeMap;

use super::super::draft::{buckets_of, literals};
use super::super::prometheus_client::labels_of;
use super::super::provenance::visit::{Node, every};
use super::super::values::{Evaluator, RegistryValue, Scope, Value};
use super::super::walk::{Context, Origin, Parent};
use crate::knowledge::provides::{self, Call, Effect, Family, Method, Provider, Through};
use crate::model::{Buckets, Label, MetricType, Provenance};
use crate::source::Span;
use crate::syntax::rust::tree::{Expr, ExprKind, MethodCall};

/// Builders within builders that are looked into.
const MAX_DEPTH: usize = 4;

/// What is told of the metrics of one call.
pub(super) struct Told<'v> {
    /// The groups of metrics.
    pub(super) sets: Vec<&'static str>,
    /// Parts of names, and how many levels of callers were left where each stands.
    parts: BTreeMap<&'static str, (String, usize)>,
    /// The type of all of them.
    pub(super) kind: Option<MetricType>,
    /// Bounds by the name of the metric, as the rules write it.
    bounds: BTreeMap<&'static str, Buckets>,
    pub(super) const_labels: Vec<Label>,
    pub(super) labels_complete: bool,
    /// Where the values of a label come from instead.
    origins: BTreeMap<&'static str, &'static str>,
    /// Other names of labels.
    renamed: BTreeMap<&'static str, String>,
    /// Labels that not all programs have.
    further: Vec<(String, &'static str)>,
    /// The prefix that a registry adds.
    prefix: String,
    pub(super) installs: bool,
    /// Groups of metrics that may be exposed, each with what decides that.
    pub(super) open: Vec<(String, &'static str)>,
    /// Whether the names may be changed where nobody sees it.
    pub(super) unnamed: bool,
    /// The version of the crate, as a manifest asks for it.
    version: Option<&'v str>,
    /// Levels of callers around the call.
    levels: usize,
}

/// A method call on the builder, or what it is given.
type Step<'a> = &'a MethodCall;

impl<'v> Told<'v> {
    pub(super) fn new<'a>(
        provider: &'static Provider,
        (call, version): (&'static Call, Option<&'v str>),
        args: &'a [Expr],
        expr: &'a Expr,
        eval: &Evaluator<'a, '_>,
        cx: &Context<'a, '_>,
    ) -> Self {
        let levels = cx.frames.len();
        let mut told = Told {
            sets: call.sets.iter().map(String::as_str).collect(),
            parts: provider.parts.iter().map(|(part, text)| (part.as_str(), (text.clone(), levels))).collect(),
            kind: None,
            bounds: BTreeMap::new(),
            const_labels: Vec::new(),
            labels_complete: true,
            origins: BTreeMap::new(),
            renamed: BTreeMap::new(),
            further: Vec::new(),
            prefix: String::new(),
            installs: call.installs,
            open: Vec::new(),
            unnamed: false,
            version,
            levels,
        };
        let scope = Scope::of(cx, expr.span);
        for (effect, arg) in call.arguments.iter().zip(args) {
            told.apply(provider, effect, Some(arg), eval, &scope, 0);
        }
        // A function that is handed on instead of being called is given its registry elsewhere.
        if matches!(expr.kind, ExprKind::Path(_)) {
            for effect in call.arguments.iter().skip(args.len()).filter(|effect| effect.registry) {
                told.apply(provider, effect, None, eval, &scope, 0);
            }
        }
        let Some(table) = call.methods.as_deref() else { return told };
        let methods = provider.methods.get(table).map(Vec::as_slice).unwrap_or_default();
        let steps = steps(expr, cx);
        told.follow(provider, methods, &steps, eval, &scope, 0);
        if !call.ends.is_empty() && !steps.iter().any(|s| call.ends.iter().any(|end| s.method.as_str() == end)) {
            told.more_may_follow(provider, methods, 0);
        }
        told
    }

    /// Takes in what a chain of calls tells.
    fn follow<'a>(
        &mut self,
        provider: &'static Provider,
        methods: &'static [Method],
        steps: &[Step<'a>],
        eval: &Evaluator<'a, '_>,
        scope: &Scope<'a, '_>,
        depth: usize,
    ) {
        let is_called = |name: &String| steps.iter().any(|s| s.method.as_str() == name);
        for step in steps {
            let Some(method) = methods.iter().find(|m| m.name == step.method.as_str()) else { continue };
            let needs = provides::is_between(self.version, None, method.only_before.as_deref());
            if !method.only_with.is_empty() && needs != Some(false) && !method.only_with.iter().any(is_called) {
                // Which of the two it is, the version decides.
                let parts = method.arguments.iter().filter_map(|effect| effect.part.as_deref()).filter(|_| needs.is_none());
                self.parts.extend(parts.map(|part| (part, ("*".to_owned(), self.levels))));
                continue;
            }
            self.installs |= method.installs;
            self.apply(provider, &method.does, None, eval, scope, depth);
            for (effect, arg) in method.arguments.iter().zip(&step.args) {
                self.apply(provider, effect, Some(arg), eval, scope, depth);
            }
        }
    }

    fn apply<'a>(
        &mut self,
        provider: &'static Provider,
        effect: &'static Effect,
        arg: Option<&'a Expr>,
        eval: &Evaluator<'a, '_>,
        scope: &Scope<'a, '_>,
        depth: usize,
    ) {
        let value = || arg.map_or(Value::Absent, |arg| eval.value(arg, scope));
        if let Some(part) = &effect.part {
            let text = match value() {
                Value::Text(text) => Some((text.text, text.left)),
                // `None`: what stands there by default.
                Value::Absent => None,
                _ => Some(("*".to_owned(), self.levels)),
            };
            if let Some(text) = text {
                self.parts.insert(part, text);
            }
        }
        if effect.kind {
            let told = arg.and_then(variant_of).map(|variant| MetricType::parse(&variant.to_lowercase()));
            self.kind = Some(told.unwrap_or(MetricType::Unknown));
        }
        for name in &effect.buckets {
            let place = arg.map(|arg| eval.location(scope.file, arg.span));
            self.bounds.insert(name, buckets_of(&value(), place));
        }
        if effect.const_labels {
            match arg.map_or(Value::Absent, |arg| eval.label_value(arg, scope)) {
                Value::List(pairs) => {
                    let known = |p: &Value| matches!(p, Value::Tuple(pair) if pair.first().is_some_and(Value::is_known));
                    self.labels_complete &= pairs.iter().all(known);
                    self.const_labels.extend(labels_of(&pairs));
                }
                Value::Absent => {}
                _ => self.labels_complete = false,
            }
        }
        if let Some(set) = &effect.adds {
            match (arg, value()) {
                (None, _) | (_, Value::Bool(true)) => self.sets.push(set),
                (_, Value::Bool(false)) => {}
                _ => self.open.push((format!("whether `{}` exposes these, too, is decided at run time", provider.name), set)),
            }
        }
        if let Some(label) = &effect.label {
            let variant = arg.and_then(variant_of).and_then(|v| effect.variants.get(v));
            match (variant, &effect.origin) {
                (Some(origin), _) | (None, Some(origin)) => _ = self.origins.insert(label, origin),
                (None, None) => _ = self.origins.insert(label, "unknown"),
            }
        }
        if let Some(label) = &effect.renames {
            self.renamed.insert(label, label_text(&value()));
        }
        if let Some(origin) = &effect.further_label {
            self.further.push((label_text(&value()), origin));
        }
        if effect.registry {
            match RegistryValue::of(&value()) {
                Some(registry) => {
                    self.prefix = registry.prefix.iter().map(|part| format!("{part}_")).collect();
                    self.const_labels.extend(labels_of(&registry.labels));
                    self.labels_complete &= registry.labels_complete;
                }
                // Somebody who is not seen gives it.
                None if (eval.gave_up() || arg.is_none())
                    && (provider.through == Through::PrometheusClient || eval.world.customizes_registries()) =>
                {
                    self.prefix = "*".to_owned();
                }
                None => {}
            }
        }
        self.labels_complete &= !effect.opens_labels;
        if let (Some(table), Some(arg)) = (&effect.nested, arg) {
            let methods = provider.methods.get(table).map(Vec::as_slice).unwrap_or_default();
            match chain_of(arg, scope, 0).filter(|_| depth < MAX_DEPTH) {
                Some(steps) => self.follow(provider, methods, &steps, eval, scope, depth + 1),
                None => self.more_may_follow(provider, methods, depth),
            }
        }
    }

    /// Whatever methods can change may be changed where nobody sees it.
    fn more_may_follow(&mut self, provider: &'static Provider, methods: &'static [Method], depth: usize) {
        for effect in methods.iter().flat_map(|m| m.arguments.iter().chain([&m.does])) {
            if let Some(part) = &effect.part {
                self.parts.insert(part, ("*".to_owned(), self.levels));
                self.unnamed = true;
            }
            for name in &effect.buckets {
                self.bounds.insert(name, Buckets::RunTime { count: None, location: None });
            }
            if let Some(label) = &effect.label {
                self.origins.insert(label, "unknown");
            }
            let labels = effect.const_labels || effect.opens_labels || effect.further_label.is_some() || effect.renames.is_some();
            self.labels_complete &= !labels;
            if let Some(nested) = effect.nested.as_ref().and_then(|table| provider.methods.get(table)).filter(|_| depth < MAX_DEPTH) {
                self.more_may_follow(provider, nested, depth + 1);
            }
        }
    }

    /// A name with its parts put in, and how many levels of callers were left where the innermost part stands.
    pub(super) fn name(&self, pattern: &str) -> (String, usize) {
        let (mut out, mut left) = (self.prefix.clone(), self.levels);
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let Some((part, after)) = after.split_once('}') else { break };
            rest = after;
            match self.parts.get(part) {
                Some((text, at)) if !text.is_empty() => {
                    out.push_str(text);
                    left = left.min(*at);
                }
                _ => rest = rest.strip_prefix('_').unwrap_or(rest),
            }
        }
        out.push_str(rest);
        (out, left)
    }

    /// The labels of a metric, with where their values come from.
    pub(super) fn labels(&self, provider: &'static Provider, family: &Family) -> Vec<(String, Provenance)> {
        let of = |word: &str| provider.origin(word).map_or_else(|| Provenance::unknown("not known"), |o| o.provenance());
        let own = family.labels.iter().map(|(label, origin)| {
            let word = self.origins.get(label.as_str()).copied().unwrap_or(origin);
            (self.renamed.get(label.as_str()).unwrap_or(label).clone(), of(word))
        });
        // Only what has labels gets further ones.
        let further = self.further.iter().filter(|_| !family.labels.is_empty()).map(|(label, origin)| (label.clone(), of(origin)));
        own.chain(further).collect()
    }

    /// The bounds that the code gives.
    pub(super) fn buckets(&self, family: &Family) -> Option<Buckets> {
        self.bounds.get(family.name.as_str()).cloned()
    }
}

/// The name of a label; `*` stands for what is not known.
fn label_text(value: &Value) -> String {
    match literals(value).as_deref() {
        Some([only]) => only.clone(),
        _ => "*".to_owned(),
    }
}

/// The variant that an expression is, or is made with: `Label::Exact`, `Label::WithFallback(f)`.
fn variant_of(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Path(path) => Some(path.last()),
        ExprKind::Call(callee, _) => variant_of(callee),
        _ => None,
    }
}

/// The method calls on what a call makes: those around it, and those on the variable that holds it.
fn steps<'a>(expr: &'a Expr, cx: &Context<'a, '_>) -> Vec<Step<'a>> {
    let mut steps: Vec<Step<'a>> = Vec::new();
    let mut inner = expr.span;
    for parent in cx.parents.iter().rev() {
        let Parent::Expr(outer) = parent else {
            if let Parent::Let(statement) = parent
                && let Some(variable) = statement.pat.as_ident()
            {
                steps.extend(on_variable(variable.as_str(), inner.end, cx));
            }
            return steps;
        };
        match &outer.kind {
            ExprKind::MethodCall(call) if is_within(inner, call.receiver.span) => {
                steps.push(call);
            }
            ExprKind::Try(_) | ExprKind::Await(_) | ExprKind::Reference(_) => {}
            _ => return steps,
        }
        inner = outer.span;
    }
    steps
}

fn is_within(inner: Span, outer: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// The method calls that the function around makes on a variable from a place on.
fn on_variable<'a>(variable: &str, from: u32, cx: &Context<'a, '_>) -> Vec<Step<'a>> {
    let mut steps: Vec<Step<'a>> = Vec::new();
    let Some(body) = cx.functions.last().and_then(|(_, function)| function.body.as_ref()) else { return steps };
    every(Node::Block(body), true, &mut |expr| {
        if let ExprKind::MethodCall(call) = &expr.kind
            && call.receiver.span.start >= from
            && root(&call.receiver).is_some_and(|name| name == variable)
        {
            steps.push(call);
        }
    });
    steps
}

/// The variable that a chain of calls begins with.
fn root(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::MethodCall(call) => root(&call.receiver),
        ExprKind::Try(inner) | ExprKind::Reference(inner) => root(inner),
        ExprKind::Path(path) => path.as_ident(),
        _ => None,
    }
}

/// The method calls that make a value out of a call without one of its own: `Configuration::default().name("x")`, behind a variable.
fn chain_of<'a>(expr: &'a Expr, scope: &Scope<'a, '_>, depth: usize) -> Option<Vec<Step<'a>>> {
    match &expr.kind {
        ExprKind::MethodCall(call) => {
            let mut steps = chain_of(&call.receiver, scope, depth + 1)?;
            steps.push(call);
            Some(steps)
        }
        ExprKind::Reference(inner) | ExprKind::Try(inner) => chain_of(inner, scope, depth + 1),
        ExprKind::Call(callee, _) => match &callee.kind {
            ExprKind::Path(path) => matches!(path.last(), "default" | "new").then(Vec::new),
            _ => None,
        },
        ExprKind::Path(path) => {
            let (binding, inner) = scope.binding(path.as_ident()?)?;
            let init = binding.init.filter(|_| depth < MAX_DEPTH && binding.origin == Origin::Let)?;
            chain_of(init, &inner, depth + 1)
        }
        _ => None,
    }
}
