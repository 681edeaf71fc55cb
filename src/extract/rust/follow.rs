//! Looks again at definitions whose name, labels or buckets a caller decides: once for each call.
//!
//! Knows no library: a collector that met an open parameter is shown the same expression again, with the callers known.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap as HashMap;

use super::called::Called;
use super::collect::{Collectors, Found, Which};
use super::frames::{self, Callable, Given, Level, Open};
use super::types;
use super::values::{Evaluator, Scope, Value};
use super::walk::{Context, Here, Origin, Parent, Visitor, walk};
use super::world::{FunctionAt, Miss, World, is_type};
use crate::extract::Settings;
use crate::source::Span;
use crate::syntax::rust::tree::{Expr, ExprKind, MacroCall};

/// Callers of callers that are followed.
const MAX_LEVELS: usize = 10;
/// Definitions looked at again in one tree.
const MAX_REPLAYS: usize = 60_000;
/// Of the expressions that ask for the same callers those that are followed to find more files.
const EXPLORERS: usize = 2;
/// Calls of one function.
const MAX_CALLS: usize = 4_000;

/// An expression or macro call.
#[derive(Clone, Copy, Debug)]
pub(super) enum Site<'a> {
    Expr(&'a Expr),
    Macro(&'a MacroCall, Span),
}

/// An expression that means another thing for each caller.
#[derive(Clone, Debug)]
pub(super) struct Pending<'a> {
    /// The file in which it was met first.
    pub(super) root: usize,
    pub(super) which: Which,
    pub(super) site: Site<'a>,
    pub(super) here: Arc<Here<'a>>,
    pub(super) frames: Arc<[Level<'a>]>,
    /// Those whose callers were looked for in vain.
    pub(super) closed: Arc<[Callable<'a>]>,
    pub(super) open: Open<'a>,
}

impl<'a> Pending<'a> {
    /// What the ways in which the open parameter is given depend on.
    fn question(&self) -> Question<'a> {
        let frames = self.frames.iter().map(|l| (l.from.file, l.span.start)).collect();
        // Of a loop and of a closure's items the place counts, too.
        let by_calls = matches!(self.open.callable, Callable::Function { .. } | Callable::Object { .. });
        let items = self.frames.iter().any(|l| matches!(l.given, Given::Item(_))) || !self.open.items.is_empty();
        let shared = !items && (by_calls || self.open.left < self.frames.len());
        let (file, at) = if shared { (0, 0) } else { (self.here.file + 1, self.span().start) };
        (self.open.callable, self.open.left, frames, Arc::clone(&self.closed), file, at)
    }

    /// The whole expression.
    fn span(&self) -> Span {
        match self.site {
            Site::Expr(expr) => expr.span,
            Site::Macro(_, span) => span,
        }
    }

    /// Where the open parameter was met.
    fn place(&self) -> &Here<'a> {
        let level = self.frames.len().checked_sub(self.open.left + 1).and_then(|at| self.frames.get(at));
        level.map_or(&self.here, |l| &l.from)
    }
}

/// A parameter that is open, the levels left and those around it, what was given up, and the place where that counts.
type Question<'a> = (Callable<'a>, usize, Vec<(usize, u32)>, Arc<[Callable<'a>]>, usize, u32);

/// What looking again gave.
#[derive(Default)]
pub(super) struct Followed {
    pub(super) found: Vec<Found>,
    /// What was looked up in vain, by the file in which the expression was met first.
    pub(super) misses: BTreeMap<usize, BTreeSet<Miss>>,
}

/// A call or a struct literal.
#[derive(Clone, Debug)]
struct Call<'a> {
    expr: &'a Expr,
    here: Arc<Here<'a>>,
}

/// The calls of each function and closure, the struct literals of each type. What is not in it was not looked for yet.
type Calls<'a> = HashMap<Callable<'a>, Vec<Call<'a>>>;

/// Looks again at all of these. What has no callers in the files read so far is given up for good where `thorough`, else left: more
/// files will be read, and it is looked at again.
pub(super) fn follow<'a>(
    world: &World<'a>,
    called: &Called<'a>,
    pending: Vec<Pending<'a>>,
    settings: &Settings,
    thorough: bool,
) -> Followed {
    let mut followed = Followed::default();
    let functions: HashMap<(usize, u32), FunctionAt<'a>> =
        world.all_functions().map(|f| ((f.place.file, f.item.name.span.start), f)).collect();
    let mut calls = Calls::default();
    let mut queue = pending;
    let mut replays = 0;
    // Ends: each step gives a definition one more level, of which there are few, or closes one more of its callables for good.
    while !queue.is_empty() {
        index(world, &queue, &functions, &mut calls, &mut followed.misses, called, settings);
        let ways_of = |p: &Pending<'a>| if p.frames.len() >= MAX_LEVELS { Ways::Levels(Vec::new()) } else { ways(world, p, &calls) };
        // Metrics that are made side by side have the same callers.
        let mut groups: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (at, pending) in queue.iter().enumerate() {
            groups.entry(pending.question()).or_default().push(at);
        }
        // Files are found as well by a few of them.
        let most = if thorough { usize::MAX } else { EXPLORERS };
        groups.values_mut().for_each(|group| group.truncate(most));
        let answers: Vec<(Vec<usize>, Ways<'a>)> = groups
            .into_values()
            .collect::<Vec<_>>()
            .into_par_iter()
            .filter_map(|group| {
                let ways = ways_of(queue.get(*group.first()?)?);
                Some((group, ways))
            })
            .collect();
        let mut by_pending: BTreeMap<usize, Ways<'a>> = BTreeMap::new();
        for (group, ways) in answers {
            by_pending.extend(group.into_iter().map(|at| (at, ways.clone())));
        }
        let expanded = std::mem::take(&mut queue).into_iter().enumerate().filter_map(|(at, p)| Some((p, by_pending.remove(&at)?)));
        let mut next: Vec<Pending<'a>> = Vec::new();
        let mut first: Vec<Pending<'a>> = Vec::new();
        for (pending, ways) in expanded {
            let levels = match ways {
                Ways::Levels(levels) => levels,
                Ways::First(open) => {
                    first.push(Pending { open, ..pending });
                    continue;
                }
                Ways::Never => continue,
            };
            if levels.is_empty() && !thorough {
                continue;
            }
            // What would take too long is not known, and said.
            if levels.is_empty() || replays + levels.len() > MAX_REPLAYS {
                let closed = pending.closed.iter().copied().chain([pending.open.callable]).collect();
                next.push(Pending { closed, ..pending });
                continue;
            }
            replays += levels.len();
            for mut level in levels {
                if matches!(level.given, Given::Item(_)) {
                    level.span = pending.span();
                }
                let frames = frames::insert(&pending.frames, pending.open.left, level);
                next.push(Pending { frames, ..pending.clone() });
            }
        }
        let replay = |chunk: &[Pending<'a>]| {
            let mut collectors = Collectors::new(world, settings);
            chunk.iter().for_each(|pending| collectors.again(pending));
            let roots: BTreeSet<usize> = chunk.iter().map(|p| p.root).collect();
            (roots, collectors.finish())
        };
        let results: Vec<_> = next.par_chunks(32).map(replay).collect();
        queue = first;
        for (roots, (open, found, misses)) in results {
            queue.extend(open);
            followed.found.push(found);
            for root in roots.into_iter().filter(|_| !misses.is_empty()) {
                followed.misses.entry(root).or_default().extend(misses.iter().cloned());
            }
        }
    }
    followed
}

/// Finds the calls of the functions and closures, and the literals of the types, that are asked for the first time.
fn index<'a>(
    world: &World<'a>,
    queue: &[Pending<'a>],
    functions: &HashMap<(usize, u32), FunctionAt<'a>>,
    calls: &mut Calls<'a>,
    misses: &mut BTreeMap<usize, BTreeSet<Miss>>,
    called: &Called<'a>,
    settings: &Settings,
) {
    let mut wanted: HashMap<&'a str, Vec<Wanted<'a>>> = HashMap::default();
    let mut askers: HashMap<&'a str, BTreeSet<usize>> = HashMap::default();
    for pending in queue {
        let callable = pending.open.callable;
        let function = match callable {
            Callable::Function { file, at } => functions.get(&(file, at)).copied(),
            _ => None,
        };
        let name = match callable {
            Callable::Function { .. } => function.map(|f| f.item.name.as_str()),
            Callable::Closure { .. } => closure_name(pending),
            Callable::Object { ty, .. } => Some(ty),
            Callable::Loop { .. } => None,
        };
        let Some(name) = name else { continue };
        askers.entry(name).or_default().insert(pending.root);
        let asked = misses.entry(pending.root).or_default();
        asked.extend(function.as_ref().map(calls_of));
        if let Callable::Object { ty, .. } = callable {
            asked.insert(Miss::Literals(ty.to_owned()));
        }
        if calls.contains_key(&callable) {
            continue;
        }
        calls.insert(callable, Vec::new());
        wanted.entry(name).or_default().push(Wanted { callable, function });
    }
    if wanted.is_empty() {
        return;
    }
    let found: Vec<Finder<'a, '_>> = called
        .files(wanted.keys())
        .into_par_iter()
        .map(|file| {
            let mut finder = Finder { wanted: &wanted, found: Vec::new(), misses: Vec::new() };
            walk(world, file, settings.include_tests, &mut finder);
            finder
        })
        .collect();
    for finder in found {
        for (name, miss) in finder.misses {
            for root in askers.get(name).into_iter().flatten() {
                misses.entry(*root).or_default().insert(miss.clone());
            }
        }
        for (callable, call) in finder.found {
            calls.entry(callable).or_default().push(call);
        }
    }
}

/// What to look for in files that are not read: calls of a function.
fn calls_of(found: &FunctionAt<'_>) -> Miss {
    let name = found.item.name.as_str();
    let is_method = found.function.params.first().is_some_and(|p| p.pat.as_ident().is_some_and(|i| i.as_str() == "self"));
    Miss::Calls(match found.place.owner {
        Some(_) if is_method => format!(".{name}("),
        Some(owner) => format!("{owner}::{name}("),
        None => format!("{name}("),
    })
}

/// What the calls or literals of a name may belong to.
struct Wanted<'a> {
    callable: Callable<'a>,
    /// For a function: it.
    function: Option<FunctionAt<'a>>,
}

struct Finder<'a, 'n> {
    wanted: &'n HashMap<&'a str, Vec<Wanted<'a>>>,
    found: Vec<(Callable<'a>, Call<'a>)>,
    /// What is to be read, by the name that was looked for.
    misses: Vec<(&'a str, Miss)>,
}

impl<'a> Finder<'a, '_> {
    /// Keeps an expression for each of those of this name that it belongs to.
    fn keep(&mut self, name: &str, expr: &'a Expr, cx: &Context<'a, '_>) {
        let mut here: Option<Arc<Here<'a>>> = None;
        for wanted in self.wanted.get(name).into_iter().flatten() {
            let belongs = match (wanted.callable, &wanted.function) {
                (Callable::Function { .. }, Some(function)) => reaches(cx.world, expr, &cx.here, function),
                (Callable::Closure { file, at }, _) => cx.file == file && names_closure(expr, &cx.here, name, at),
                (Callable::Object { package, .. }, _) => {
                    matches!(expr.kind, ExprKind::Struct { .. }) && cx.world.package(cx.file) == package
                }
                _ => false,
            };
            if belongs {
                let here = here.get_or_insert_with(|| Arc::new(cx.here.clone()));
                self.found.push((wanted.callable, Call { expr, here: Arc::clone(here) }));
            }
        }
    }
}

impl<'a> Visitor<'a> for Finder<'a, '_> {
    fn expr(&mut self, expr: &'a Expr, cx: &Context<'a, '_>) {
        match &expr.kind {
            ExprKind::Call(callee, _) => {
                if let ExprKind::Path(path) = &callee.kind {
                    let name = cx.world.last_name(cx.file, path);
                    if !self.wanted.contains_key(name) {
                        return;
                    }
                    self.keep(name, expr, cx);
                    // A type that no file read so far defines may be another name of the one that is looked for.
                    if let (Some(_), [.., ty, _]) = (self.wanted.get(name), path.names().collect::<Vec<_>>().as_slice())
                        && is_type(ty)
                        && *ty != "Self"
                        && cx.world.type_def(cx.file, &[ty]).is_none()
                    {
                        self.misses.push((name, Miss::Type((*ty).to_owned())));
                    }
                }
            }
            ExprKind::MethodCall(call) => self.keep(call.method.as_str(), expr, cx),
            ExprKind::Struct { path, .. } => {
                self.keep(if path.last() == "Self" { cx.self_ty.unwrap_or_default() } else { path.last() }, expr, cx);
            }
            _ => {}
        }
    }

    fn macro_call(&mut self, _: &'a MacroCall, _: Span, _: &Context<'a, '_>) {}
}

/// In which ways an open parameter is given.
#[derive(Clone)]
enum Ways<'a> {
    /// In these; none is known if there are none.
    Levels(Vec<Level<'a>>),
    /// That depends on this other parameter, which is to be followed first.
    First(Open<'a>),
    /// In none: the closure of `None.map(..)` is not called.
    Never,
}

fn ways<'a>(world: &World<'a>, pending: &Pending<'a>, calls: &Calls<'a>) -> Ways<'a> {
    let callable = pending.open.callable;
    let found = calls.get(&callable).map(Vec::as_slice).unwrap_or_default();
    Ways::Levels(match callable {
        Callable::Function { .. } => {
            let recursive = |c: &Call<'a>| c.here.callables.contains(&callable) || pending.frames.iter().any(|l| l.span == c.expr.span);
            let to_it: Vec<&Call<'a>> = found.iter().filter(|c| !recursive(c)).collect();
            // Several objects and a method that is called on some of them: which of them is not known.
            let by_object = by_method(pending) && pending.frames.iter().any(|l| matches!(l.callable, Callable::Object { .. }));
            if to_it.len() > MAX_CALLS || (by_object && to_it.len() > 1) {
                return Ways::Levels(Vec::new());
            }
            to_it.into_iter().filter_map(|c| level_of(callable, c)).collect()
        }
        Callable::Closure { at, .. } => match closure_name(pending) {
            Some(_) => found.iter().filter_map(|c| level_of(callable, c)).collect(),
            None => return items_of_closure(world, pending, at),
        },
        Callable::Loop { .. } => pending.open.items.iter().map(|item| item_level(pending, item.clone())).collect(),
        Callable::Object { .. } if by_method(pending) && found.len() > 1 => Vec::new(),
        Callable::Object { .. } => found.iter().filter_map(|c| level_of(callable, c)).collect(),
    })
}

/// Whether a method is called on an object.
fn by_method(pending: &Pending<'_>) -> bool {
    pending.frames.iter().any(|l| matches!(l.given, Given::Call { receiver: Some(_), .. }))
}

fn item_level<'a>(pending: &Pending<'a>, item: Value) -> Level<'a> {
    let from = pending.place();
    let callables = from.callables.iter().take_while(|c| **c != pending.open.callable).copied().collect();
    let from = Here { callables, ..from.clone() };
    Level { callable: pending.open.callable, given: Given::Item(item), from: Arc::new(from), span: pending.span() }
}

fn level_of<'a>(callable: Callable<'a>, call: &Call<'a>) -> Option<Level<'a>> {
    let given = match &call.expr.kind {
        ExprKind::Call(_, args) => Given::Call { receiver: None, args },
        ExprKind::MethodCall(method) => Given::Call { receiver: Some(&method.receiver), args: &method.args },
        ExprKind::Struct { fields, .. } => Given::Fields(fields),
        _ => return None,
    };
    Some(Level { callable, given, from: Arc::clone(&call.here), span: call.expr.span })
}

/// Whether an expression that stands `here` is a call of this function.
fn reaches<'a>(world: &World<'a>, call: &'a Expr, here: &Here<'a>, function: &FunctionAt<'a>) -> bool {
    let params = function.function.params.len();
    let is_it = |f: &FunctionAt<'a>| f.place.file == function.place.file && f.item.name.span == function.item.name.span;
    match &call.kind {
        ExprKind::Call(callee, args) => {
            let ExprKind::Path(path) = &callee.kind else { return false };
            if args.len() != params || path.as_ident().is_some_and(|n| here.bindings.iter().any(|b| b.name == n)) {
                return false;
            }
            let names: Vec<&str> = path.names().collect();
            let found = world.functions(here.file, &names, here.self_ty);
            match found.as_slice() {
                [] => {
                    // Through a crate that exports what others define.
                    let full = world.full_path(here.file, &names);
                    let owner_fits = match function.place.owner {
                        Some(owner) => full.iter().rev().nth(1) == Some(&owner),
                        None => full.len() == 1 || full.iter().rev().nth(1).is_some_and(|q| !q.starts_with(char::is_uppercase)),
                    };
                    owner_fits && through_facade(world, &full, function)
                }
                [only] => is_it(only),
                _ => false,
            }
        }
        ExprKind::MethodCall(method) => {
            let Some(owner) = function.place.owner else { return false };
            let takes_self = function.function.params.first().is_some_and(|p| p.pat.as_ident().is_some_and(|i| i.as_str() == "self"));
            if !takes_self || method.args.len() + 1 != params {
                return false;
            }
            match types::type_of(world, &method.receiver, here) {
                Some(ty) => ty.name == owner && world.methods(owner, method.method.as_str()).len() == 1,
                None => world.all_methods(method.method.as_str()) == 1,
            }
        }
        _ => false,
    }
}

/// Whether a path that leads to no function of its crate can lead to this one through what that crate exports: `app::metrics::new`
/// is `new` of the package `app-metrics`.
fn through_facade<'a>(world: &World<'a>, full: &[&str], function: &FunctionAt<'a>) -> bool {
    let all: Vec<FunctionAt<'a>> = world.all_named(function.item.name.as_str(), function.place.owner).collect();
    if all.len() == 1 {
        return true;
    }
    let [facade, module, ..] = full else { return false };
    let fits = |f: &FunctionAt<'a>| world.package(f.place.file).replace('-', "_") == format!("{facade}_{module}");
    fits(function) && all.iter().filter(|f| fits(f)).count() == 1
}

/// The variable that holds the closure whose parameter is open.
fn closure_name<'a>(pending: &Pending<'a>) -> Option<&'a str> {
    let Callable::Closure { at, .. } = pending.open.callable else { return None };
    pending.place().parents.iter().find_map(|parent| match parent {
        Parent::Let(statement) => {
            let init = statement.init.as_ref()?;
            (is_closure_at(init, at)).then(|| statement.pat.as_ident().map(|i| i.as_str()))?
        }
        _ => None,
    })
}

fn is_closure_at(expr: &Expr, at: u32) -> bool {
    match &expr.kind {
        ExprKind::Closure(..) => expr.span.start == at,
        ExprKind::Reference(inner) => is_closure_at(inner, at),
        _ => false,
    }
}

/// Whether the called name is the variable that holds the closure.
fn names_closure(call: &Expr, here: &Here<'_>, name: &str, at: u32) -> bool {
    let ExprKind::Call(callee, _) = &call.kind else { return false };
    let ExprKind::Path(path) = &callee.kind else { return false };
    let binding = here.bindings.iter().rev().find(|b| b.name == name);
    path.as_ident() == Some(name) && binding.and_then(|b| b.init).is_some_and(|init| is_closure_at(init, at))
}

/// What a closure is called with by `list.map(|x| ..)`, `option.map(|x| ..)` and the like.
fn items_of_closure<'a>(world: &World<'a>, pending: &Pending<'a>, at: u32) -> Ways<'a> {
    let none = Ways::Levels(Vec::new());
    let place = pending.place();
    let mut parents = place.parents.iter().rev();
    let outer = parents.find(|p| matches!(p, Parent::Expr(e) if is_closure_at(e, at))).and_then(|_| parents.next());
    let Some(Parent::Expr(outer)) = outer else { return none };
    let ExprKind::MethodCall(call) = &outer.kind else { return none };
    if !matches!(call.method.as_str(), "map" | "for_each" | "try_for_each" | "flat_map" | "filter_map" | "and_then" | "inspect") {
        return none;
    }
    let own = |origin: &Origin<'a>| matches!(origin, Origin::Param(p) | Origin::PartOf(p, _) if p.callable == pending.open.callable);
    let bindings = place.bindings.iter().take_while(|b| !own(&b.origin)).copied().collect();
    let here = Here { bindings, ..place.clone() };
    let left = pending.frames.get(pending.frames.len().saturating_sub(pending.open.left)..).unwrap_or_default();
    let cx = Context { world, here, frames: left.into() };
    let eval = Evaluator::new(world);
    eval.close(&pending.closed);
    let value = eval.value(&call.receiver, &Scope::of(&cx, call.receiver.span));
    if let Some(open) = eval.take_open() {
        return Ways::First(open);
    }
    let ways = |items: Vec<Value>| Ways::Levels(items.into_iter().map(|item| item_level(pending, item)).collect());
    match value {
        Value::List(items) if items.len() <= MAX_CALLS && items.iter().all(|i| !matches!(i, Value::Unknown(_) | Value::Number(_))) => {
            ways(items)
        }
        Value::Absent => Ways::Never,
        // What an option holds.
        value => ways(
            value
                .present()
                .into_iter()
                .filter(|v| matches!(v, Value::Struct(..) | Value::Tuple(_) | Value::Text(_) | Value::Variant(..)))
                .collect(),
        ),
    }
}
