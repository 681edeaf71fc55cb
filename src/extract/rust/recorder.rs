//! What the tree tells the recorder of the `metrics` crate: bucket bounds by name, summaries, labels of every metric.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::draft::{buckets_of, label, literals, package, sanitized, sanitized_label};
use super::programs::Programs;
use super::values::{Evaluator, Scope, Text, Value};
use super::walk::Context;
use crate::knowledge::libraries::{Action, Library, Role};
use crate::model::{Bound, Buckets, Label, MetricType};
use crate::source::{Location, Span};
use crate::syntax::rust::tree::{Expr, ExprKind, MethodCall};

/// An expression, and the calls of the functions that it stands in, where they decide something.
type Way = (Location, Vec<(usize, u32)>);

/// Which names bounds are for, in the order in which the recorder tries them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Matcher {
    Full(String),
    Prefix(String),
    Suffix(String),
    /// Not known, or all names.
    Unknown,
}

/// The settings of one package's recorder.
#[derive(Clone, Debug, Default)]
pub(super) struct Recorder {
    pub(super) package: Arc<str>,
    installed: bool,
    quantiles: bool,
    /// Bounds of every histogram.
    all: Option<Buckets>,
    by_name: Vec<(Matcher, Buckets)>,
    /// Labels of every metric.
    labels: Vec<Label>,
    /// Whether a layer adds labels that are not known here.
    more_labels: bool,
    /// Prefixes that layers put before every name, with the expression that they are part of and the calls that decide them:
    /// several in one are added one after the other, those of two are alternatives.
    prefixes: Vec<(Way, String)>,
}

/// Type and bounds that a histogram is exposed with.
#[derive(Clone, Debug)]
pub(super) struct Exposed {
    pub(super) kind: MetricType,
    pub(super) declared: MetricType,
    pub(super) buckets: Buckets,
}

impl Recorder {
    /// One that a crate outside of the tree makes, which knows bounds for these names only.
    pub(super) fn installed_by(own: impl Iterator<Item = (String, Buckets)>, cx: &Context<'_, '_>) -> Self {
        let by_name = own.map(|(name, buckets)| (Matcher::Full(name), buckets)).collect();
        Recorder { package: package(cx, cx.world), installed: true, by_name, ..Recorder::default() }
    }

    /// Takes a call into account that makes or tells a recorder.
    pub(super) fn see<'a>(&mut self, library: &Library, expr: &'a Expr, eval: &Evaluator<'a, '_>, cx: &Context<'a, '_>) {
        match &expr.kind {
            ExprKind::Call(callee, args) => {
                let ExprKind::Path(path) = &callee.kind else { return };
                let made = path.names().rev().nth(1).and_then(|ty| library.type_named(ty)).map(|t| t.action);
                match (made, path.last(), args.as_slice()) {
                    (Some(Action::Recorder), "new" | "default", _) => self.installed = true,
                    (Some(Action::Labels), _, _) => self.more_labels = true,
                    (Some(Action::Prefix), "new", [prefix]) => {
                        let text = match eval.value(prefix, &Scope::of(cx, expr.span)) {
                            // It is looked at again for each caller that decides it.
                            _ if eval.is_open() => return,
                            Value::Text(text) => sanitized(&text.text),
                            _ => "*".to_owned(),
                        };
                        let expression = cx.location(cx.enclosing().last().unwrap_or(expr).span);
                        let callers = cx.frames.iter().map(|level| (level.from.file, level.span.start)).collect();
                        self.prefixes.push(((expression, callers), text));
                    }
                    _ => return,
                }
                self.package = package(cx, cx.world);
            }
            ExprKind::MethodCall(call) => self.told(library, call, expr.span, eval, cx),
            _ => {}
        }
    }

    fn told<'a>(&mut self, library: &Library, call: &'a MethodCall, span: Span, eval: &Evaluator<'a, '_>, cx: &Context<'a, '_>) {
        let Some(callable) = library.method_named(call.method.as_str()) else { return };
        let Some(roles) = library.roles(callable, call.args.len()) else { return };
        if !cx.world.names_crate(cx.file, &library.crates) {
            return;
        }
        let by_role = |role: Role| roles.iter().position(|r| *r == role).and_then(|i| call.args.get(i));
        let scope = Scope::quiet(cx, span);
        self.package = package(cx, cx.world);
        match callable.action {
            Action::Buckets => {
                let Some(expr) = by_role(Role::Buckets) else { return };
                let buckets = buckets_of(&eval.value(expr, &scope), Some(cx.location(expr.span)));
                match by_role(Role::Matcher) {
                    Some(matcher) => self.by_name.push((matcher_of(matcher, eval, &scope, 0), buckets)),
                    None => self.all = Some(buckets),
                }
            }
            Action::Quantiles => self.quantiles = true,
            Action::Label => {
                let name = by_role(Role::Labels).map(|e| eval.value(e, &scope));
                let value = by_role(Role::Value).map(|e| eval.value(e, &scope));
                if let Some(Value::Text(text)) = name.filter(Value::is_known) {
                    let mut label = label(&Text { text: sanitized_label(&text.text), ..text });
                    if let Some(values) = value.as_ref().and_then(literals) {
                        label.bound = Bound::of_values(values);
                    }
                    self.labels.push(label);
                }
            }
            _ => {}
        }
    }

    fn is_used(&self) -> bool {
        self.exposes() || self.more_labels || self.all.is_some() || !self.by_name.is_empty()
    }

    /// Whether it is a recorder, not only settings for one that is made elsewhere.
    fn exposes(&self) -> bool {
        self.installed || !self.prefixes.is_empty()
    }

    /// Whether it is what exposes histograms, or is told how.
    fn decides(&self) -> bool {
        self.installed || self.quantiles || self.all.is_some() || !self.by_name.is_empty()
    }

    /// What its layers put before every name; `*` where they are several.
    fn prefix(&self) -> String {
        let mut chains: BTreeMap<&Way, String> = BTreeMap::new();
        for (expression, part) in &self.prefixes {
            let chain = chains.entry(expression).or_default();
            chain.push_str(part);
            chain.push('_');
        }
        one_or_any(chains.into_values())
    }
}

/// All recorders of a tree.
#[derive(Debug, Default)]
pub(super) struct Recorders<'s> {
    all: Vec<Recorder>,
    programs: Programs<'s>,
}

impl<'s> Recorders<'s> {
    pub(super) fn new(seen: impl IntoIterator<Item = Recorder>, programs: Programs<'s>) -> Self {
        let mut all: Vec<Recorder> = Vec::new();
        for one in seen {
            match all.iter_mut().find(|r| r.package == one.package) {
                Some(same) => {
                    same.installed |= one.installed;
                    same.quantiles |= one.quantiles;
                    same.more_labels |= one.more_labels;
                    same.all = same.all.take().or(one.all);
                    same.by_name.extend(one.by_name);
                    same.labels.extend(one.labels);
                    same.prefixes.extend(one.prefixes);
                }
                None => all.push(one),
            }
        }
        all.retain(Recorder::is_used);
        for recorder in &mut all {
            recorder.by_name.sort_by(|a, b| a.0.cmp(&b.0));
        }
        Recorders { all, programs }
    }

    /// The recorders that a package's metrics go to: its own, else those of the programs that hold it, else every one of the tree.
    fn of<'r>(&'r self, package: &'r str) -> impl Iterator<Item = &'r Recorder> + 'r {
        let packages: BTreeSet<&str> = self.all.iter().map(|r| &*r.package).collect();
        let near = if packages.contains(package) { BTreeSet::from([package]) } else { self.programs.beside(package, &packages) };
        self.all.iter().filter(move |r| near.contains(&*r.package))
    }

    /// Whether a recorder adds labels that are not known to the metrics of a package.
    pub(super) fn adds_more_labels(&self, package: &str) -> bool {
        self.of(package).any(|r| r.more_labels)
    }

    /// Labels that the recorder adds to the metrics of a package.
    pub(super) fn labels(&self, package: &str) -> Vec<Label> {
        self.of(package).flat_map(|r| r.labels.iter().cloned()).collect()
    }

    /// The name under which the recorders expose a name of a package.
    pub(super) fn exposed(&self, name: &str, package: &str) -> String {
        let prefix = one_or_any(self.of(package).filter(|r| r.exposes()).map(Recorder::prefix));
        if prefix == "*" { format!("*{}", name.trim_start_matches('*')) } else { format!("{prefix}{name}") }
    }

    /// How a histogram is exposed.
    pub(super) fn histogram(&self, name: &str, package: &str) -> Exposed {
        let histogram = |buckets: Buckets| Exposed { kind: MetricType::Histogram, declared: MetricType::Histogram, buckets };
        let unknown = || histogram(Buckets::RunTime { count: None, location: None });
        let mut any = false;
        let mut unsure = name.contains('*');
        let mut summary = false;
        // What only adds labels or a prefix says nothing of who exposes the metrics.
        for recorder in self.of(package).filter(|r| r.decides()) {
            any = true;
            let fitting = recorder.by_name.iter().find(|(matcher, _)| fits(matcher, name));
            if let Some((_, buckets)) = fitting {
                return histogram(buckets.clone());
            }
            if let Some(buckets) = &recorder.all {
                return histogram(buckets.clone());
            }
            unsure |= recorder.by_name.iter().any(|(matcher, _)| *matcher == Matcher::Unknown);
            summary |= recorder.quantiles;
        }
        if !any || unsure {
            return unknown();
        }
        let declared = if summary { MetricType::Summary } else { MetricType::Histogram };
        Exposed { kind: MetricType::Summary, declared, buckets: Buckets::None }
    }
}

/// The one text that all are; `*` where they differ.
fn one_or_any(mut all: impl Iterator<Item = String>) -> String {
    let first = all.next().unwrap_or_default();
    if all.all(|other| other == first) { first } else { "*".to_owned() }
}

fn fits(matcher: &Matcher, name: &str) -> bool {
    match matcher {
        Matcher::Full(text) => name == text,
        Matcher::Prefix(text) => name.starts_with(text.as_str()),
        Matcher::Suffix(text) => name.ends_with(text.as_str()),
        Matcher::Unknown => false,
    }
}

fn matcher_of<'a>(expr: &'a Expr, eval: &Evaluator<'a, '_>, scope: &Scope<'a, '_>, depth: usize) -> Matcher {
    match &expr.kind {
        ExprKind::Call(callee, args) => {
            let (ExprKind::Path(path), [text]) = (&callee.kind, args.as_slice()) else { return Matcher::Unknown };
            let Value::Text(text) = eval.value(text, scope) else { return Matcher::Unknown };
            if !text.known {
                return Matcher::Unknown;
            }
            let text = sanitized(&text.text);
            match path.last() {
                "Full" => Matcher::Full(text),
                "Prefix" => Matcher::Prefix(text),
                "Suffix" => Matcher::Suffix(text),
                _ => Matcher::Unknown,
            }
        }
        ExprKind::MethodCall(call) if call.method.as_str() == "clone" && depth < 16 => matcher_of(&call.receiver, eval, scope, depth + 1),
        ExprKind::Path(path) if depth < 16 => match path.as_ident().and_then(|name| scope.binding(name)) {
            Some((binding, inner)) => binding.init.map_or(Matcher::Unknown, |init| matcher_of(init, eval, &inner, depth + 1)),
            None => Matcher::Unknown,
        },
        _ => Matcher::Unknown,
    }
}
