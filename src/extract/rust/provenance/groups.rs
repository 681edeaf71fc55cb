//! Uses that set labels with a struct whose fields are the labels, or with one value of a closed type.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashMap as HashMap;

use super::super::prometheus::last_name;
use super::super::types::{self, Named};
use super::super::world::{Miss, TypeDef, World};
use super::index::{At, Index};
use super::scope::{From, Scope};
use super::sites::inner;
use super::visit::{Node, every};
use super::{Provenances, ValueAt};
use crate::knowledge::provenance;
use crate::model::UseSite;
use crate::source::{Location, Span};
use crate::syntax::rust::tree::{Expr, ExprKind, MethodCall};

/// What the labels of some metrics are set with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) enum Setter {
    /// A struct that this file defines: fields and their labels.
    Struct { file: usize, name: String, labels: Vec<(String, String)> },
    /// A value that is this label's.
    Value(String),
}

/// Metrics whose labels are set alike.
#[derive(Clone, Debug)]
pub(in super::super) struct LabelGroup {
    pub(in super::super) setter: Setter,
    pub(in super::super) package: Arc<str>,
    /// The field that holds a metric, and its name.
    pub(in super::super) metrics: Vec<(String, String)>,
}

/// Labels of one or more metrics that are set at one place.
#[derive(Debug)]
pub(in super::super) struct GroupUse {
    pub(super) metrics: Vec<String>,
    pub(super) labels: Vec<(String, ValueAt)>,
    pub(super) location: Location,
    /// Whether it takes the metrics with these labels away.
    pub(super) removes: bool,
    /// The name of the function that it stands in.
    pub(super) within: Option<Arc<str>>,
}

impl GroupUse {
    pub(in super::super) fn sites(&self, origins: &Provenances) -> impl Iterator<Item = UseSite> {
        let labels: Vec<_> = self.labels.iter().map(|(name, at)| origins.label(name, None, Some(*at), &self.location)).collect();
        let site = move |metric: &String| UseSite {
            metric: metric.clone(),
            labels: labels.clone(),
            location: self.location.clone(),
            removes: self.removes,
            rests: false,
            within: self.within.clone(),
        };
        self.metrics.iter().map(site)
    }
}

/// The uses. `declared` gets the types that the fields have, `asked` what is to be read.
pub(super) fn uses<'a>(
    world: &World<'a>,
    index: &Index<'a>,
    groups: &[LabelGroup],
    declared: &mut HashMap<ValueAt, Named<'a>>,
    asked: &mut BTreeSet<Miss>,
) -> Vec<GroupUse> {
    let mut found = Vec::new();
    for group in groups {
        match &group.setter {
            Setter::Struct { file, name, labels } => {
                asked.insert(Miss::Literals(name.clone()));
                asked.insert(Miss::Text(format!("{name} {{")));
                for at in index.literals.get(name.as_str()).into_iter().flatten() {
                    let Some(of) = world.type_def(at.file, &[name]).filter(|t| t.place.file == *file) else { continue };
                    let (ExprKind::Struct(made), TypeDef::Struct(types)) = (&at.expr.kind, of.kind) else { continue };
                    let mut set = Vec::new();
                    for (field, value) in &made.fields {
                        let Some((_, label)) = labels.iter().find(|(f, _)| f == field.as_str()) else { continue };
                        let place = ValueAt::new(at.file, inner(value).span);
                        let ty = types.iter().find(|t| t.name.as_str() == field.as_str());
                        declared.extend(ty.and_then(|t| types::named(&t.ty, of.place.file, None)).map(|ty| (place, ty)));
                        set.push((label.clone(), place));
                    }
                    let metrics = given_to(world, index, group, at);
                    let location = world.location(at.file, at.expr.span);
                    found.push(GroupUse { metrics, labels: set, location, removes: false, within: None });
                }
            }
            Setter::Value(label) => {
                for at in provenance::rust().given_a_label.iter().flat_map(|name| index.calls.get(name.as_str()).into_iter().flatten()) {
                    let ExprKind::MethodCall(call) = &at.expr.kind else { continue };
                    if *world.package(at.file) != *group.package {
                        continue;
                    }
                    let (Some(value), metrics) = (call.args.first(), receivers(world, index, group, at, call)) else { continue };
                    if !metrics.is_empty() {
                        let labels = vec![(label.clone(), ValueAt::new(at.file, inner(value).span))];
                        let location = world.location(at.file, at.expr.span);
                        found.push(GroupUse { metrics, labels, location, removes: false, within: None });
                    }
                }
            }
        }
    }
    found
}

/// The metrics of a group that a struct literal is given to: those whose method takes it, or all where no call is seen.
fn given_to<'a>(world: &World<'a>, index: &Index<'a>, group: &LabelGroup, at: &At<'a>) -> Vec<String> {
    let all = || group.metrics.iter().map(|(_, name)| name.clone()).collect::<Vec<_>>();
    let Some(body) = index.around(at.file, at.expr.span).and_then(|f| f.function.body.as_ref()).filter(|_| group.metrics.len() > 1) else {
        return all();
    };
    let variable = variable_of(body, at.expr.span);
    let mut metrics = BTreeSet::new();
    every(Node::Block(body), true, &mut |expr| {
        if let ExprKind::MethodCall(call) = &expr.kind
            && call.args.iter().any(|arg| is_given(arg, at.expr.span, variable))
        {
            metrics.extend(receivers(world, index, group, &At { expr, file: at.file }, call));
        }
    });
    if metrics.is_empty() { all() } else { metrics.into_iter().collect() }
}

/// The variable that is set to the expression of these bytes.
fn variable_of(body: &crate::syntax::rust::tree::Block, span: Span) -> Option<&str> {
    let mut found = None;
    super::visit::lets(Node::Block(body), &mut |statement| {
        if statement.init.as_ref().is_some_and(|init| inner(init).span == span) {
            found = statement.pat.as_ident().map(|name| name.as_str());
        }
    });
    found
}

fn is_given(arg: &Expr, span: Span, variable: Option<&str>) -> bool {
    let arg = inner(arg);
    match &arg.kind {
        ExprKind::Path(path) => path.as_ident().is_some_and(|name| variable == Some(name)),
        ExprKind::MethodCall(call) if call.method.as_str() == "clone" => is_given(&call.receiver, span, variable),
        _ => arg.span == span,
    }
}

/// The metrics of a group that a method is called on, also through a variable.
fn receivers<'a>(world: &World<'a>, index: &Index<'a>, group: &LabelGroup, at: &At<'a>, call: &'a MethodCall) -> Vec<String> {
    let named = |name: &str| group.metrics.iter().filter(|(field, _)| field == name).map(|(_, metric)| metric.clone()).collect::<Vec<_>>();
    let Some(name) = last_name(&call.receiver) else { return Vec::new() };
    let direct = named(name);
    if !direct.is_empty() || !matches!(&inner(&call.receiver).kind, ExprKind::Path(_)) {
        return direct;
    }
    let scope = Scope::at(world, index, at.file, at.expr.span);
    match scope.binding(name) {
        Some((_, From::Let(statement), _)) => statement.init.as_ref().and_then(last_name).map(named).unwrap_or_default(),
        _ => Vec::new(),
    }
}
