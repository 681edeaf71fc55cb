//! Options of the `prometheus` crate: name, help, labels and buckets before a metric is made of them.

use std::collections::BTreeSet;

use super::draft::{buckets_of, help_of, label, labels_of, literals};
use super::prometheus::{Collector, second_last};
use super::prometheus_client::labels_of as labels_of_pairs;
use super::values::{self, Scope, Text, Value};
use super::walk::Origin;
use crate::model::{Bound, Buckets, Label};
use crate::syntax::rust::tree::{Block, Expr, ExprKind, MethodCall, Stmt};

/// Name, help and the rest of an options value.
#[derive(Clone)]
pub(super) struct Options {
    pub(super) parts: Vec<Value>,
    pub(super) name: Value,
    pub(super) help: Value,
    pub(super) labels: Vec<Label>,
    pub(super) labels_complete: bool,
    pub(super) buckets: Option<Buckets>,
}

impl<'a> Collector<'a, '_> {
    /// Reads `opts!(..)`, `Opts::new(..).namespace(..)`, a variable that holds one, and so on.
    pub(super) fn options(&self, expr: &'a Expr, scope: &Scope<'a, '_>, depth: usize) -> Result<Options, String> {
        if depth > 50 {
            return Err("the options are put together in too many steps".into());
        }
        let value = |e: &'a Expr| self.eval.value(e, scope);
        match &expr.kind {
            ExprKind::Reference(inner) | ExprKind::Try(inner) => self.options(inner, scope, depth + 1),
            ExprKind::Macro(call) if matches!(call.path.last(), "opts" | "histogram_opts") => {
                let args: Vec<&'a Expr> = call.args.iter().filter(|a| a.key.is_none()).filter_map(|a| a.value.as_ref()).collect();
                let (Some(name), Some(help)) = (args.first(), args.get(1)) else { return Err("the options have no name".into()) };
                let mut options = Options::new(value(name), value(help));
                let mut rest = args.iter().skip(2);
                if call.is("histogram_opts")
                    && let Some(buckets) = rest.next()
                {
                    options.buckets = Some(buckets_of(&value(buckets), Some(self.eval.location(scope.file, buckets.span))));
                }
                for labels in rest {
                    options.const_labels(labels, self, scope);
                }
                Ok(options)
            }
            ExprKind::Call(callee, args) => {
                let ExprKind::Path(path) = &callee.kind else { return Err("the options are the result of a call".into()) };
                let ty = second_last(path).map(|ty| self.eval.world.name_before(scope.file, ty));
                match (ty, path.last(), args.as_slice()) {
                    (Some("Opts" | "HistogramOpts"), "new", [name, help]) => Ok(Options::new(value(name), value(help))),
                    (Some("HistogramOpts" | "Opts"), "from", [inner]) => self.options(inner, scope, depth + 1),
                    _ => self
                        .eval
                        .in_function(path, args, scope, |tail, inner| self.options(tail, inner, depth + 1))
                        .unwrap_or_else(|| Err(format!("the options are the result of `{}(..)`", path.last()))),
                }
            }
            ExprKind::MethodCall(call) => {
                let options = self.options(&call.receiver, scope, depth + 1)?;
                self.configured(options, call, scope)
            }
            ExprKind::Block(block) => {
                let last = values::tail(block).ok_or("the options are put together at run time")?;
                self.options(last, &scope.at_tail(&self.eval.bindings_in(block, scope), last), depth + 1)
            }
            ExprKind::Match(value, arms) => match self.eval.taken(value, arms, scope) {
                Some(arm) => self.options(&arm.body, scope, depth + 1),
                None => self.one_of(arms.iter().map(|a| &a.body), scope, depth),
            },
            ExprKind::If(cond, then, otherwise) => {
                let decided = self.eval.holds(cond, scope);
                if let (Some(false), Some(other)) = (decided, otherwise) {
                    return self.options(other, scope, depth + 1);
                }
                let last = values::tail(then).ok_or("the options are put together at run time")?;
                let bindings = values::bound_by(cond, scope);
                let inner = scope.among(&bindings);
                let first = self.options(last, &inner.at_tail(&self.eval.bindings_in(then, &inner), last), depth + 1)?;
                match otherwise {
                    Some(other) if decided.is_none() => Ok(first.or(self.options(other, scope, depth + 1)?)),
                    _ => Ok(first),
                }
            }
            ExprKind::Struct(made) if made.path.last() == "HistogramOpts" => {
                let field = |name: &str| made.fields.iter().find(|(n, _)| n.as_str() == name).map(|(_, v)| v);
                let common = field("common_opts").ok_or("the options have no name")?;
                let mut options = self.options(common, scope, depth + 1)?;
                if let Some(buckets) = field("buckets") {
                    options.buckets = Some(buckets_of(&value(buckets), Some(self.eval.location(scope.file, buckets.span))));
                }
                Ok(options)
            }
            ExprKind::Path(path) => {
                let name = path.as_ident().unwrap_or_default();
                match scope.binding(name) {
                    Some((binding, inner)) => match (binding.origin, binding.init) {
                        (Origin::Let, Some(init)) => {
                            let mut options = self.options(init, &inner, depth + 1)?;
                            let later = binding.after.into_iter().flat_map(|(block, next)| block.stmts.iter().skip(next));
                            for stmt in later.take_while(|stmt| !stands_in(scope.at(), stmt)) {
                                options = self.changed(options, name, stmt, scope)?;
                            }
                            Ok(options)
                        }
                        (Origin::Param(parameter), _) => match self.eval.argument(parameter, &inner) {
                            Some((argument, outer)) => self.options(argument, &outer, depth + 1),
                            None => Err(format!("the options are the parameter `{name}` of `fn {}`", parameter.function)),
                        },
                        _ => Err(format!("the options are the variable `{name}`")),
                    },
                    None => Err(format!("the options are `{}`", path.last())),
                }
            }
            _ => Err("the options are put together at run time".into()),
        }
    }

    /// Options after a statement that may change the variable that holds them: `options.buckets = ..`, `options = options.buckets(..)`,
    /// also under a condition.
    fn changed(&self, mut options: Options, name: &str, stmt: &'a Stmt, scope: &Scope<'a, '_>) -> Result<Options, String> {
        let Stmt::Expr(expr, _) = stmt else { return Ok(options) };
        let value = |e: &'a Expr| self.eval.value(e, scope);
        match &expr.kind {
            ExprKind::Assign(place, set) if variable(place) == Some(name) => self.reassigned(options, name, set, scope),
            ExprKind::Assign(..) => {
                let Some((field, set)) = assigned(expr, name) else { return Ok(options) };
                match field {
                    "buckets" => {
                        options.buckets = Some(buckets_of(&value(set), Some(self.eval.location(scope.file, set.span))));
                    }
                    "name" => options.name = value(set),
                    "help" => options.help = value(set),
                    "namespace" => options.part(0, value(set)),
                    "subsystem" => options.part(1, value(set)),
                    "const_labels" => options.const_labels(set, self, scope),
                    "variable_labels" => {
                        let (labels, complete) = labels_of(&value(set));
                        options.labels.extend(labels);
                        options.labels_complete &= complete;
                    }
                    _ => {}
                }
                Ok(options)
            }
            ExprKind::If(cond, then, otherwise) if assigns(expr, name) => {
                let within = |options: Options, block: &'a Block| {
                    block.stmts.iter().try_fold(options, |options, stmt| self.changed(options, name, stmt, scope))
                };
                let decided = self.eval.holds(cond, scope);
                let first = if decided == Some(false) { options.clone() } else { within(options.clone(), then)? };
                let other = match otherwise.as_deref().map(|other| &other.kind) {
                    _ if decided == Some(true) => return Ok(first),
                    Some(ExprKind::Block(block)) => within(options, block)?,
                    Some(_) => return Err("the options are put together at run time".into()),
                    None => options,
                };
                Ok(if decided == Some(false) { other } else { first.or(other) })
            }
            _ => Ok(options),
        }
    }

    /// `options = options.namespace("shop")`, or other options in their place.
    fn reassigned(&self, options: Options, name: &str, set: &'a Expr, scope: &Scope<'a, '_>) -> Result<Options, String> {
        let mut calls = Vec::new();
        let mut root = set;
        while let ExprKind::MethodCall(call) = &root.kind {
            calls.push(call);
            root = &call.receiver;
        }
        if variable(root) != Some(name) {
            return self.options(set, scope, 1);
        }
        calls.into_iter().rev().try_fold(options, |options, call| self.configured(options, call, scope))
    }

    /// Options after a call of one of their methods.
    fn configured(&self, mut options: Options, call: &'a MethodCall, scope: &Scope<'a, '_>) -> Result<Options, String> {
        let value = |e: &'a Expr| self.eval.value(e, scope);
        match (call.method.as_str(), call.args.as_slice()) {
            ("namespace", [part]) => options.part(0, value(part)),
            ("subsystem", [part]) => options.part(1, value(part)),
            ("const_label", [name, given]) => match value(name) {
                Value::Text(text) if text.known => {
                    let mut label = label(&text);
                    if let Some(values) = literals(&self.eval.label_value(given, scope)) {
                        label.bound = Bound::of_values(values);
                    }
                    options.labels.push(label);
                }
                _ => options.labels_complete = false,
            },
            ("variable_label", [name]) => match value(name) {
                Value::Text(text) if text.known => options.labels.push(label(&text)),
                _ => options.labels_complete = false,
            },
            ("variable_labels", [names]) => {
                let (labels, complete) = labels_of(&value(names));
                options.labels.extend(labels);
                options.labels_complete &= complete;
            }
            ("const_labels", [labels]) => options.const_labels(labels, self, scope),
            ("buckets", [buckets]) => {
                options.buckets = Some(buckets_of(&value(buckets), Some(self.eval.location(scope.file, buckets.span))));
            }
            ("into" | "clone" | "unwrap", []) | ("expect", [_]) => {}
            (name, _) => return Err(format!("the options pass through `.{name}(..)`")),
        }
        Ok(options)
    }

    /// Options that one of several expressions gives.
    fn one_of(&self, all: impl Iterator<Item = &'a Expr>, scope: &Scope<'a, '_>, depth: usize) -> Result<Options, String> {
        let mut result: Option<Options> = None;
        for expr in all.filter(|e| !values::diverges(e)) {
            let options = self.options(expr, scope, depth + 1)?;
            result = Some(match result {
                Some(first) => first.or(options),
                None => options,
            });
        }
        result.ok_or_else(|| "the options are put together at run time".into())
    }
}

impl Options {
    pub(super) fn new(name: Value, help: Value) -> Self {
        Options { parts: vec![Value::Absent, Value::Absent], name, help, labels: Vec::new(), labels_complete: true, buckets: None }
    }

    /// These, where others may be given in their place.
    fn or(mut self, other: Options) -> Options {
        let texts = |o: &Options| match o.full_name(&o.name) {
            Value::Text(text) => text.text,
            _ => String::new(),
        };
        if texts(&self) != texts(&other) {
            self.name = values::one_of(vec![self.full_name(&self.name), other.full_name(&other.name)]);
            self.parts = vec![Value::Absent, Value::Absent];
        }
        if help_of(&self.help) != help_of(&other.help) {
            self.help = Value::unknown("one of several");
        }
        let names = |all: &[Label]| all.iter().map(|l| l.name.clone()).collect::<BTreeSet<String>>();
        self.labels_complete &= other.labels_complete && names(&self.labels) == names(&other.labels);
        let own = names(&self.labels);
        self.labels.extend(other.labels.into_iter().filter(|l| !own.contains(&l.name)));
        let bounds = |o: &Option<Buckets>| o.as_ref().and_then(Buckets::bounds).map(<[f64]>::to_vec);
        if bounds(&self.buckets) != bounds(&other.buckets) {
            self.buckets = Some(Buckets::RunTime { count: None, location: None });
        }
        self
    }

    fn part(&mut self, at: usize, value: Value) {
        if let Some(slot) = self.parts.get_mut(at) {
            *slot = value;
        }
    }

    fn const_labels<'a>(&mut self, expr: &'a Expr, collector: &Collector<'a, '_>, scope: &Scope<'a, '_>) {
        let pairs = match collector.eval.label_value(expr, scope) {
            Value::List(pairs) => pairs,
            Value::Absent => return,
            _ => {
                self.labels_complete = false;
                return;
            }
        };
        self.labels_complete &= pairs.iter().all(|p| matches!(p, Value::Tuple(pair) if pair.first().is_some_and(Value::is_known)));
        self.labels.extend(labels_of_pairs(&pairs));
    }

    /// What the name can be, by what is known of namespace and subsystem. A registry may put a prefix before it.
    pub(super) fn pattern(&self) -> String {
        let known = |part: &Value| match part {
            Value::Text(text) if !text.text.is_empty() => Some(format!("{}_", text.text)),
            Value::Absent => None,
            _ => Some("*".to_owned()),
        };
        format!("*{}*", self.parts.iter().filter_map(known).collect::<String>())
    }

    /// Namespace, subsystem and name, joined; for each name where one of several is chosen at run time.
    pub(super) fn full_names(&self) -> Vec<Value> {
        match &self.name {
            Value::OneOf(all) if all.iter().all(|v| matches!(v, Value::Text(_))) => all.iter().map(|name| self.full_name(name)).collect(),
            name => vec![self.full_name(name)],
        }
    }

    fn full_name(&self, name: &Value) -> Value {
        let Value::Text(name) = name else { return name.clone() };
        let mut full =
            Text { text: String::new(), known: name.known, location: name.location.clone(), left: name.left, made: name.made.clone() };
        for part in &self.parts {
            match part {
                Value::Absent => {}
                Value::Text(part) if part.text.is_empty() => {}
                Value::Text(part) => {
                    full.text.push_str(&part.text);
                    full.text.push('_');
                    full.known &= part.known;
                }
                _ => {
                    full.text.push_str("*_");
                    full.known = false;
                }
            }
        }
        full.text.push_str(&name.text);
        Value::Text(full)
    }
}

/// The field of a variable, or of a field of it, that an assignment sets, and to what.
fn assigned<'a>(expr: &'a Expr, variable: &str) -> Option<(&'a str, &'a Expr)> {
    let ExprKind::Assign(place, value) = &expr.kind else { return None };
    let ExprKind::Field(base, field) = &place.kind else { return None };
    let whole = match &base.kind {
        ExprKind::Field(outer, _) => outer,
        _ => base,
    };
    matches!(&whole.kind, ExprKind::Path(path) if path.as_ident() == Some(variable)).then_some((field.as_str(), &**value))
}

/// The variable that an expression is.
fn variable(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Path(path) => path.as_ident(),
        _ => None,
    }
}

/// Whether a branch assigns to a variable or to a field of it.
fn assigns(branch: &Expr, name: &str) -> bool {
    let ExprKind::If(_, then, otherwise) = &branch.kind else { return false };
    let in_block = |block: &Block| {
        block.stmts.iter().any(|stmt| match stmt {
            Stmt::Expr(expr, _) => match &expr.kind {
                ExprKind::Assign(place, _) => variable(place) == Some(name) || assigned(expr, name).is_some(),
                _ => assigns(expr, name),
            },
            _ => false,
        })
    };
    in_block(then)
        || otherwise.as_ref().is_some_and(|other| match &other.kind {
            ExprKind::Block(block) => in_block(block),
            _ => assigns(other, name),
        })
}

/// Whether a place is in a statement.
fn stands_in(at: u32, stmt: &Stmt) -> bool {
    let span = match stmt {
        Stmt::Expr(expr, _) => expr.span,
        Stmt::Let(statement) => match &statement.init {
            Some(init) => init.span,
            None => return false,
        },
        Stmt::Item(_) => return false,
    };
    span.start <= at && at < span.end
}
