//! Groups and families of the `measured` crate that code implements itself.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::labels::LabelSets;
use super::{MAX_DEPTH, Metric, strip};
use crate::extract::rust::draft::Help;
use crate::extract::rust::walk::{Context, Visitor, walk};
use crate::extract::rust::world::{TypeDef, World};
use crate::knowledge::libraries::{Action, Library};
use crate::model::{Buckets, MetricType};
use crate::source::{Location, Span};
use crate::syntax::rust::tree::{Expr, ExprKind, Item, ItemKind, MacroCall, Type, TypeKind};

/// Constants of a type that hold a metric's name: `const X_NAME: &MetricName = MetricName::from_str("..")`.
#[derive(Debug)]
struct Named<'a> {
    file: usize,
    /// Constant to the name and its bytes.
    names: Vec<(&'a str, &'a str, Span)>,
    /// Constant to its text.
    help: HashMap<&'a str, &'a str>,
    labels: Option<&'a Type>,
}

/// A call that writes the type of a metric: `GaugeState::write_type(NAME, enc)`.
#[derive(Debug)]
struct TypeCall<'a> {
    /// The type whose code it is in.
    owner: &'a str,
    package: Arc<str>,
    name: Option<(&'a str, Location)>,
    kind: MetricType,
}

/// What the files of a tree implement by hand.
#[derive(Debug, Default)]
pub(super) struct Written<'a> {
    /// By the type's name.
    named: HashMap<&'a str, Vec<Named<'a>>>,
    calls: Vec<TypeCall<'a>>,
    /// Packages that put groups under a name in code.
    wrapping: BTreeSet<Arc<str>>,
}

impl<'a> Written<'a> {
    pub(super) fn see(&mut self, item: &'a Item, file: usize) {
        let ItemKind::Impl { trait_path: Some(_), self_ty, items, .. } = &item.kind else { return };
        let Some(owner) = strip(self_ty).path().map(|p| p.last()) else { return };
        let mut named = Named { file, names: Vec::new(), help: HashMap::new(), labels: None };
        for member in items {
            let constant = member.name.as_str();
            match &member.kind {
                ItemKind::Const { value: Some(value), .. } => match (value.as_str(), metric_name(value)) {
                    (Some(text), _) => {
                        named.help.insert(constant, text);
                    }
                    (None, Some((name, span))) => named.names.push((constant, name, span)),
                    _ => {}
                },
                ItemKind::TypeAlias(ty) => named.labels = Some(ty),
                _ => {}
            }
        }
        if !named.names.is_empty() {
            self.named.entry(owner).or_default().push(named);
        }
    }

    /// Looks for the calls in a file.
    pub(super) fn walk(&mut self, library: &'static Library, world: &World<'a>, file: usize, include_tests: bool) {
        let mut visitor = Calls { library, written: self };
        walk(world, file, include_tests, &mut visitor);
    }

    /// Whether a package puts groups under a name where it writes them.
    pub(super) fn adds_namespaces(&self, package: &str) -> bool {
        self.wrapping.contains(package)
    }

    /// The metrics of a group that is written by hand.
    pub(super) fn metrics_of(&self, ty: &'a Type, file: usize, world: &World<'a>, library: &Library, sets: &LabelSets<'a>) -> Vec<Metric> {
        let Some(path) = strip(ty).path() else { return Vec::new() };
        let mut all = Vec::new();
        let package = world.package(file);
        for argument in path.segments.iter().flat_map(|s| &s.generics) {
            let Some(name) = strip(argument).path().map(|p| p.last()) else { continue };
            let Some(named) = self.named.get(name).and_then(|all| all.iter().find(|n| world.package(n.file) == package)) else { continue };
            let kind = self.kind_of(ty, file, world, library, 0);
            let (labels, complete) = named.labels.map_or((Vec::new(), true), |set| sets.labels(set, named.file, world));
            let setter = named.labels.and_then(|set| Some((String::new(), sets.setter(set, named.file, world)?)));
            for (constant, text, span) in &named.names {
                let help = constant.strip_suffix("NAME").and_then(|stem| named.help.get(format!("{stem}HELP").as_str()));
                let location = world.location(named.file, *span);
                all.push(Metric {
                    name: (*text).to_owned(),
                    kind,
                    help: help.map_or(Help::Unknown, |h| Help::Known((*h).to_owned())),
                    labels: labels.clone(),
                    complete,
                    buckets: Buckets::None,
                    location,
                    setter: setter.clone(),
                });
            }
        }
        let owner = path.last();
        for call in self.calls.iter().filter(|c| c.owner == owner && *c.package == *package) {
            if let Some((name, location)) = &call.name {
                all.push(Metric {
                    name: (*name).to_owned(),
                    kind: call.kind,
                    help: Help::Unknown,
                    labels: Vec::new(),
                    complete: false,
                    buckets: Buckets::None,
                    location: location.clone(),
                    setter: None,
                });
            }
        }
        all
    }

    /// The type of a family of the code's own: what its values are held in, or what it writes.
    pub(super) fn kind_of(&self, ty: &'a Type, file: usize, world: &World<'a>, library: &Library, depth: usize) -> MetricType {
        let mut kinds = BTreeSet::new();
        self.kinds(ty, file, world, library, depth, &mut kinds);
        match kinds.pop_first() {
            Some(only) if kinds.is_empty() => only,
            _ => MetricType::Unknown,
        }
    }

    fn kinds(&self, ty: &'a Type, file: usize, world: &World<'a>, library: &Library, depth: usize, into: &mut BTreeSet<MetricType>) {
        let TypeKind::Path(path) = &strip(ty).kind else { return };
        if depth > MAX_DEPTH {
            return;
        }
        if let Some(state) = library.type_named(path.last()).filter(|t| t.action == Action::State) {
            into.insert(state.kind());
            return;
        }
        let found = world.type_def(file, &path.names().collect::<Vec<_>>());
        // Type arguments of the library's own generics (`MetricVec<State, Labels>`).
        if found.is_none() {
            for argument in path.segments.iter().flat_map(|s| &s.generics) {
                self.kinds(argument, file, world, library, depth + 1, into);
            }
        }
        let Some(found) = found else { return };
        let package = world.package(found.place.file);
        into.extend(self.calls.iter().filter(|c| c.owner == path.last() && *c.package == *package).map(|c| c.kind));
        match found.kind {
            TypeDef::Struct(fields) => fields.iter().for_each(|f| self.kinds(&f.ty, found.place.file, world, library, depth + 1, into)),
            TypeDef::Alias(ty) => self.kinds(ty, found.place.file, world, library, depth + 1, into),
            TypeDef::Enum(_) => {}
        }
    }
}

/// The text of `MetricName::from_str("..")`.
fn metric_name(expr: &Expr) -> Option<(&str, Span)> {
    let ExprKind::Call(callee, args) = &expr.kind else { return None };
    match (&callee.kind, args.as_slice()) {
        (ExprKind::Path(path), [text]) if path.names().rev().nth(1) == Some("MetricName") => Some((text.as_str()?, text.span)),
        _ => None,
    }
}

struct Calls<'a, 's> {
    library: &'static Library,
    written: &'s mut Written<'a>,
}

impl<'a> Visitor<'a> for Calls<'a, '_> {
    fn expr(&mut self, expr: &'a Expr, cx: &Context<'a, '_>) {
        let ExprKind::Call(callee, _) = &expr.kind else {
            self.told(expr, cx);
            return;
        };
        let ExprKind::Path(path) = &callee.kind else { return };
        let owner = path.names().rev().nth(1).unwrap_or_default();
        let package = || crate::extract::rust::draft::package(cx, cx.world);
        if owner == "WithNamespace" && path.last() == "new" {
            self.written.wrapping.insert(package());
        }
        self.told(expr, cx);
    }

    fn macro_call(&mut self, _: &'a MacroCall, _: Span, _: &Context<'a, '_>) {}
}

impl<'a> Calls<'a, '_> {
    /// `GaugeState::write_type(NAME, enc)`, `enc.write_type(&name, MetricType::Gauge)`.
    fn told(&mut self, expr: &'a Expr, cx: &Context<'a, '_>) {
        let Some(owner) = cx.self_ty else { return };
        let package = crate::extract::rust::draft::package(cx, cx.world);
        let (kind, name) = match &expr.kind {
            ExprKind::Call(callee, args) => {
                let ExprKind::Path(path) = &callee.kind else { return };
                let state = path.names().rev().nth(1).and_then(|n| self.library.type_named(n)).filter(|t| t.action == Action::State);
                match (state, path.last()) {
                    (Some(state), "write_type") => (state.kind(), args.first()),
                    _ => return,
                }
            }
            ExprKind::MethodCall(call) if call.method.as_str() == "write_type" => {
                let Some(ExprKind::Path(path)) = call.args.get(1).map(|e| &e.kind) else { return };
                (MetricType::parse(&path.last().to_lowercase()), call.args.first())
            }
            _ => return,
        };
        let name = name.and_then(|expr| match &expr.kind {
            ExprKind::Path(path) => {
                let names: Vec<&str> = path.names().collect();
                // A constant inside a method belongs to the method's type.
                let own = cx.world.constants(cx.file, &["Self", path.last()], cx.self_ty);
                let constant = own.into_iter().chain(cx.world.constants(cx.file, &names, cx.self_ty)).next()?;
                let (name, span) = metric_name(constant.value?)?;
                Some((name, cx.world.location(constant.place.file, span)))
            }
            _ => None,
        });
        self.written.calls.push(TypeCall { owner, package, name, kind });
    }
}
