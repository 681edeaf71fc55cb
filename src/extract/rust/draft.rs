//! A definition on its way to a `Metric`: what every library's extractor fills in, and how values become names, labels, buckets.

use std::sync::Arc;

use super::frames::Given;
use super::registered::Home;
use super::values::{Text, Value};
use super::walk::{Context, Here, Parent};
use super::world::World;
use super::{prometheus, provenance};
use crate::knowledge::libraries::{self, Callable, Library};
use crate::model::{Bound, BucketSource, Buckets, Definition, Label, Language, Metric, MetricType, Unresolved};
use crate::source::{Location, Span};
use crate::syntax::rust::tree::{Block, Expr, ExprKind, Path, Stmt};

/// Help text as far as it could be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Help {
    /// The code gives none.
    #[default]
    None,
    Known(String),
    /// There may be one.
    Unknown,
}

/// One definition.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) library: &'static str,
    /// Exposed name.
    pub(super) name: String,
    pub(super) kind: MetricType,
    pub(super) declared: MetricType,
    pub(super) unit: Option<String>,
    pub(super) help: Help,
    pub(super) labels: Vec<Label>,
    pub(super) labels_complete: bool,
    pub(super) buckets: Buckets,
    pub(super) location: Location,
    pub(super) name_location: Location,
    pub(super) exclusive: bool,
    /// Whether callers that decide something of it were looked for in vain.
    pub(super) uncalled: bool,
    /// What makes its registration run more than once.
    pub(super) again: Option<String>,
    /// The name without what the exporter of the library's newer versions adds.
    pub(super) plain_name: Option<String>,
    /// Whether no exporter that adds it is in the tree.
    pub(super) named_elsewhere: bool,
    /// The unit that the exporter adds to that.
    pub(super) plain_unit: Option<String>,
    /// The registry of the `prometheus` crate that it goes to.
    pub(super) home: Home,
    pub(super) package: Arc<str>,
    /// The static, variable or field that holds the metric.
    pub(super) handle: Option<String>,
    /// The variable that holds the metric, where nothing else ever does.
    pub(super) variable: Option<String>,
    /// Where a caller decides something of it: what holds it in the function that makes it.
    pub(super) inner: Option<Inner>,
    /// Whether the holder is a variable of a macro's own, in what a call expands to.
    pub(super) hidden: bool,
    /// Whether that holds the library's own object, rather than what a function of the tree makes of it.
    pub(super) direct: bool,
    /// Label names in the order of their values at use sites.
    pub(super) label_order: Vec<String>,
    /// The fields, variables or statics that hold the family, where labels are given as one value, and the struct of such a field.
    pub(super) held: super::prometheus_client::Held,
    /// The registry it goes to, where that adds to the name.
    pub(super) registry: Option<super::prometheus_client::Registry>,
    /// Whether a crate outside of the tree defines it.
    pub(super) provided: bool,
}

/// What holds a metric in the function that makes it for its callers.
#[derive(Clone, Debug)]
pub(super) struct Inner {
    pub(super) package: Arc<str>,
    pub(super) handle: String,
    /// The expression that makes it.
    pub(super) made: Location,
}

impl Inner {
    fn of(span: Span, cx: &Context<'_, '_>) -> Option<Self> {
        Some(Inner { package: package(&cx.here, cx.world), handle: handle(&cx.here)?, made: cx.location(span) })
    }
}

impl Draft {
    /// A definition without labels, at an expression.
    pub(super) fn new(library: &'static Library, name: Text, kind: MetricType, span: Span, cx: &Context<'_, '_>) -> Self {
        let (here, location) = defined_at(&name, span, cx);
        let conditional = here.conditional != 0 || cx.conditional != 0;
        let direct = cx.frames.is_empty();
        let held = holder(here);
        Draft {
            exclusive: !conditional,
            hidden: within_macro(here, cx.world),
            inner: if std::ptr::eq(here, &cx.here) { None } else { Inner::of(span, cx) },
            handle: held.as_ref().map(|held| held.0.clone()),
            variable: held.and_then(|(_, variable)| variable),
            direct,
            ..Draft::bare(library, name, kind, location, package(here, cx.world))
        }
    }

    /// A definition of which nothing but this is known.
    pub(super) fn bare(library: &'static Library, name: Text, kind: MetricType, location: Location, package: Arc<str>) -> Self {
        Draft {
            library: &library.name,
            name: name.text,
            kind,
            declared: kind,
            unit: None,
            help: Help::None,
            labels: Vec::new(),
            labels_complete: true,
            buckets: Buckets::None,
            location,
            name_location: name.location,
            exclusive: false,
            uncalled: false,
            again: None,
            plain_name: None,
            plain_unit: None,
            named_elsewhere: false,
            home: Home::Default,
            package,
            handle: None,
            variable: None,
            inner: None,
            hidden: false,
            direct: false,
            label_order: Vec::new(),
            held: super::prometheus_client::Held::default(),
            registry: None,
            provided: false,
        }
    }

    pub(super) fn into_metric(mut self) -> Metric {
        self.labels.sort_by(|a, b| a.name.cmp(&b.name));
        self.labels.dedup_by(|a, b| a.name == b.name);
        // An instrument has the labels that each use gives it: definitions of it do not differ in them.
        let defined = self.labels_complete && self.plain_name.is_none();
        let names = defined.then(|| self.labels.iter().map(|l| l.name.clone()).collect());
        let help_unknown = self.help == Help::Unknown;
        let help = match self.help {
            Help::Known(text) => Some(text),
            _ => None,
        };
        let definition = Definition {
            location: self.location.clone(),
            package: self.package,
            kind: self.kind,
            labels: names,
            help: help.clone(),
            bounds: self.buckets.bounds().map(<[f64]>::to_vec),
            exclusive: self.exclusive && !self.name.contains('*'),
            again: self.again,
        };
        Metric {
            appears_late: libraries::get(self.library).is_some_and(|library| library.appears_late),
            declared: self.declared,
            unit: self.unit,
            help,
            help_unknown,
            labels: self.labels,
            labels_complete: self.labels_complete,
            buckets: self.buckets,
            name_location: self.name_location,
            definitions: vec![definition],
            provided: self.provided,
            plain_name: self.plain_name.filter(|_| self.named_elsewhere),
            ..Metric::new(self.name, self.kind, Language::Rust, self.library, self.location)
        }
    }
}

/// Where a metric is defined: at the expression, or at the call that gives a helper function the metric's name; where that is called
/// on an object that holds the name, where the object is made.
pub(super) fn defined_at<'c, 'a>(name: &Text, span: Span, cx: &'c Context<'a, '_>) -> (&'c Here<'a>, Location) {
    let used = cx.frames.len().saturating_sub(name.left);
    let call = used.checked_sub(1).and_then(|at| cx.frames.get(at)).filter(|l| !matches!(l.given, Given::Item(_)));
    match call {
        Some(level) => {
            (&level.from, name.made.as_ref().map_or_else(|| cx.world.location(level.from.file, level.span), |(made, _)| made.clone()))
        }
        None => (&cx.here, cx.world.within_call(cx.file, cx.location(span), &name.location)),
    }
}

/// The package of the file.
pub(super) fn package(here: &Here<'_>, world: &World<'_>) -> Arc<str> {
    world.files.get(here.file).map_or_else(|| "".into(), |f| Arc::clone(&f.source.package))
}

/// The static, variable or field that the current expression ends up in.
///
/// A variable of a block that ends with it is what the block is put into.
pub(super) fn handle(here: &Here<'_>) -> Option<String> {
    holder(here).map(|(name, _)| name)
}

/// The same, and the variable that holds the metric, where what it ends up in is given members of a family only.
fn holder(here: &Here<'_>) -> Option<(String, Option<String>)> {
    let mut variable: Option<&str> = None;
    let mut handed_on = false;
    // The variable that hands on nothing but members.
    let mut own_only: Option<&str> = None;
    let found = |name: &str, held: Option<&str>| Some((name.to_owned(), held.map(str::to_owned)));
    for parent in here.parents.iter().rev() {
        match (parent, variable) {
            (Parent::Let(_), Some(own)) if !handed_on => return found(own, own_only.or(Some(own))),
            (Parent::Let(statement), own) => {
                let Some(name) = statement.pat.as_ident() else { return found(own?, own_only) };
                (variable, handed_on) = (Some(name.as_str()), false);
            }
            (Parent::Const(item), own) if own.is_none() || handed_on => return found(item.name.as_str(), own_only),
            (Parent::Field(name), own) if own.is_none() || handed_on => return found(name.as_str(), own_only),
            (_, None) => {}
            // The value of a block within another one's.
            (Parent::Statement, Some(_)) if handed_on => {}
            (Parent::Expr(Expr { kind: ExprKind::Block(block), .. }), Some(_))
                if handed_on && !matches!(block.stmts.last(), Some(Stmt::Expr(_, false))) =>
            {
                break;
            }
            (Parent::Expr(expr), Some(own)) => {
                if let ExprKind::Block(block) = &expr.kind
                    && !handed_on
                    && let Some(tail) = tail(block).filter(|tail| provenance::mentions(tail, own))
                {
                    handed_on = true;
                    let whole = !is_shadowed(block, own) && provenance::mentions_beside(tail, own, prometheus::sets_labels);
                    own_only = own_only.or((!whole).then_some(own));
                }
                if !handed_on {
                    break;
                }
            }
            _ => break,
        }
    }
    let own = variable?;
    found(own, own_only.or((!handed_on).then_some(own)))
}

/// Whether several variables of a block have this name: what it ends with is made of the last of them.
fn is_shadowed(block: &Block, name: &str) -> bool {
    let same = |stmt: &&Stmt| matches!(stmt, Stmt::Let(own) if own.pat.as_ident().is_some_and(|ident| ident.as_str() == name));
    block.stmts.iter().filter(same).count() > 1
}

/// The value of a block.
fn tail(block: &Block) -> Option<&Expr> {
    match block.stmts.last() {
        Some(Stmt::Expr(tail, false)) => Some(tail),
        _ => None,
    }
}

/// Whether the current expression stands in what a macro call among statements expands to, and its holder is not named in the call.
fn within_macro(here: &Here<'_>, world: &World<'_>) -> bool {
    let (mut file, mut call) = (here.file, None);
    while let Some(origin) = world.files.get(file).and_then(|f| f.origin.as_ref()).filter(|o| o.inline) {
        (file, call) = (origin.file, Some(&origin.call));
    }
    let text = call.zip(world.files.get(file)).map(|(call, file)| call.span.text(&file.source.text));
    text.is_some_and(|text| handle(here).is_some_and(|name| !text.contains(&name)))
}

pub(super) fn unresolved(library: &'static Library, reason: String, location: Location) -> Unresolved {
    Unresolved { language: Language::Rust, library: &library.name, reason, name: "*".to_owned(), location, declarable: true }
}

/// Whether a path means the library's `callable`.
///
/// True for a path into the library's crates, for what a glob or `#[macro_use]` of them brings in, and for a distinctive name that
/// nothing says is another library's (a re-export).
pub(super) fn means(library: &Library, callable: &Callable, path: &Path, cx: &Context<'_, '_>, is_macro: bool) -> bool {
    let names: Vec<&str> = path.names().collect();
    // A method or associated function is the last segment of a type's path.
    let full = cx.world.behind_facades(cx.world.full_path(cx.file, &names));
    let package = cx.world.package(cx.file);
    let root = full.first().copied().unwrap_or_default();
    let depth = if is_macro { 1 } else { 2 };
    if full.len() > depth {
        if library.owns(root) {
            return cx.world.crate_in_tree(root).is_none_or(|p| !cx.world.has_local_macro(p, path.last()));
        }
        // A crate of the tree may have the name of another library.
        let elsewhere = cx.world.crate_in_tree(root).is_none() && other_library(library, root);
        let own = is_macro && cx.world.has_local_macro(package, path.last());
        let handed_on = || hands_on(library, &full, depth, cx) || cx.world.module_hands_on(cx.file, &full, &library.crates);
        return !own && !elsewhere && (callable.distinctive || handed_on());
    }
    if is_macro && cx.world.has_local_macro(package, path.last()) {
        return false;
    }
    let brings = |glob: &Vec<&str>| {
        let through: Vec<&str> = glob.iter().copied().chain([path.last()]).collect();
        glob.first().is_some_and(|r| library.owns(r)) || cx.world.module_hands_on(cx.file, &through, &library.crates)
    };
    let globbed = |w: &World<'_>| w.names(cx.file).is_some_and(|n| n.globs.iter().any(brings));
    // What modules around this one see, whichever way they take it: a macro that the tree does not define is a crate's.
    let around = |glob: &Vec<&str>| glob.first().is_some_and(|root| matches!(*root, "super" | "crate"));
    let from_around = || {
        let takes_all = cx.world.names(cx.file).is_some_and(|n| n.globs.iter().any(around));
        takes_all && cx.world.imports_macro(package, path.last(), library) && !cx.world.macros().any(|m| m.name == path.last())
    };
    callable.distinctive || globbed(cx.world) || (is_macro && (cx.world.takes_macros(package, &library.crates) || from_around()))
}

/// Whether a path leads to the library through a crate that is not in the tree: `facade::metrics::counter!`.
fn hands_on(library: &Library, full: &[&str], depth: usize, cx: &Context<'_, '_>) -> bool {
    let [root, between @ ..] = full.get(..full.len().saturating_sub(depth)).unwrap_or_default() else { return false };
    let is_here = matches!(*root, "crate" | "self" | "super") || cx.world.names(cx.file).is_some_and(|n| n.modules.contains(root));
    !is_here && cx.world.crate_in_tree(root).is_none() && between.last().is_some_and(|krate| library.owns(krate))
}

fn other_library(library: &Library, root: &str) -> bool {
    crate::knowledge::libraries::all().iter().any(|l| l.name != library.name && l.owns(root))
}

/// The name that a value gives.
///
/// # Errors
/// Why it is not known, when no literal part of it is.
pub(super) fn name_of(value: Value) -> Result<Text, String> {
    match value {
        Value::Text(text) if text.text.chars().any(|c| c != '*' && c != '_') => Ok(text),
        Value::Text(_) => Err("the name is put together at run time".into()),
        Value::OneOf(_) => Err("the name is one of several, chosen at run time".into()),
        Value::Unknown(reason) => Err(format!("the name is {reason}")),
        _ => Err("the name is not a string".into()),
    }
}

pub(super) fn help_of(value: &Value) -> Help {
    match value {
        Value::Text(text) if text.known && text.text.trim().is_empty() => Help::None,
        Value::Text(text) => Help::Known(text.text.clone()),
        _ => Help::Unknown,
    }
}

pub(super) fn label(text: &Text) -> Label {
    Label { name: text.text.clone(), bound: Bound::unknown(), location: Some(text.location.clone()) }
}

/// Label names and whether they are all.
pub(super) fn labels_of(value: &Value) -> (Vec<Label>, bool) {
    let items = match value {
        Value::List(items) | Value::Tuple(items) => items,
        Value::Absent => return (Vec::new(), true),
        _ => return (Vec::new(), false),
    };
    let mut complete = true;
    let mut labels = Vec::with_capacity(items.len());
    for item in items {
        match item {
            Value::Text(text) if text.known => labels.push(label(text)),
            _ => complete = false,
        }
    }
    (labels, complete)
}

/// Bucket bounds; an infinite last bound is the one that is always there.
pub(super) fn buckets_of(value: &Value, location: Option<Location>) -> Buckets {
    match value {
        Value::List(items) => {
            let finite = items.iter().filter(|i| !matches!(i, Value::Number(n) if n.is_infinite()));
            let bounds: Vec<Option<f64>> = finite
                .map(|i| match i {
                    Value::Number(n) => Some(*n),
                    _ => None,
                })
                .collect();
            match bounds.iter().copied().collect::<Option<Vec<f64>>>() {
                Some(bounds) => Buckets::Known { bounds, source: BucketSource::Explicit, location },
                None => Buckets::RunTime { count: Some(bounds.len()), location },
            }
        }
        Value::Count(n) => Buckets::RunTime { count: Some(*n), location },
        _ => Buckets::RunTime { count: None, location },
    }
}

/// The library's default bounds.
pub(super) fn default_buckets(library: &Library) -> Buckets {
    if library.default_buckets.is_empty() {
        return Buckets::RunTime { count: None, location: None };
    }
    Buckets::Known { bounds: library.default_buckets.clone(), source: BucketSource::LibraryDefault, location: None }
}

/// The literal values that a value can take, where all are known.
pub(super) fn literals(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Text(text) if text.known => Some(vec![text.text.clone()]),
        Value::Number(n) => Some(vec![n.to_string()]),
        Value::Bool(b) => Some(vec![b.to_string()]),
        Value::OneOf(values) => {
            let all: Option<Vec<Vec<String>>> = values.iter().map(literals).collect();
            all.map(|all| all.into_iter().flatten().collect())
        }
        _ => None,
    }
}

/// The name of a label with every character that Prometheus does not allow replaced.
pub(super) fn sanitized_label(name: &str) -> String {
    sanitized(name).replace(':', "_")
}

/// A name with every character that Prometheus does not allow replaced.
pub(super) fn sanitized(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for (i, c) in name.chars().enumerate() {
        let allowed = c.is_ascii_alphabetic() || c == '_' || c == ':' || c == '*' || (i > 0 && c.is_ascii_digit());
        out.push(if allowed { c } else { '_' });
    }
    out
}
