//! Looks again at definitions whose name, labels or buckets a caller decides: once for each call.
//!
//! Knows no library: a collector that met an open parameter is shown the same expression again, with the callers known.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap as HashMap;

use super::calls::{Call, Calls};
use super::collect::{Collectors, Found, Which};
use super::frames::{self, Callable, Given, Level, Open};
use super::handed_closures;
use super::items;
use super::values::{Evaluator, Scope, Value};
use super::walk::{Context, Here, Origin, Parent};
use super::world::{FunctionAt, Miss, World};
use crate::extract::Settings;
use crate::source::Span;
use crate::syntax::rust::tree::{Expr, ExprKind, MacroCall, Type};

/// Callers of callers that are followed.
const MAX_LEVELS: usize = 10;
/// Definitions looked at again in one tree.
const MAX_REPLAYS: usize = 60_000;
/// Of the expressions that ask for the same callers those that are followed to find more files.
const EXPLORERS: usize = 2;
/// Objects of one type that are made one of another.
const MAX_COPIES: usize = 2;
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
        let by_calls = matches!(self.open.callable, Callable::Function { .. } | Callable::Object { .. } | Callable::Field { .. });
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

    /// The variable that holds the closure whose parameter is open.
    pub(super) fn closure_name(&self) -> Option<&'a str> {
        let Callable::Closure { at, .. } = self.open.callable else { return None };
        self.place().parents.iter().find_map(|parent| match parent {
            Parent::Let(statement) => {
                let init = statement.init.as_ref()?;
                (is_closure_at(init, at)).then(|| statement.pat.as_ident().map(|i| i.as_str()))?
            }
            _ => None,
        })
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

/// Looks again at all of these. What has no callers in the files read so far is given up for good where `thorough`, else left: more
/// files will be read, and it is looked at again.
pub(super) fn follow<'a>(
    world: &World<'a>,
    calls: &mut Calls<'a>,
    pending: Vec<Pending<'a>>,
    settings: &Settings,
    thorough: bool,
) -> Followed {
    let mut followed = Followed::default();
    let functions: HashMap<(usize, u32), FunctionAt<'a>> =
        world.all_functions().map(|f| ((f.place.file, f.item.name.span.start), f)).collect();
    let mut queue = pending;
    let mut replays = 0;
    // Ends: each step gives a definition one more level, of which there are few, or closes one more of its callables for good.
    while !queue.is_empty() {
        calls.find(world, &queue, &functions, &mut followed.misses, settings.include_tests);
        let calls = &*calls;
        let ways_of = |p: &Pending<'a>| if p.frames.len() >= MAX_LEVELS { Ways::Levels(Vec::new()) } else { ways(world, p, calls) };
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
    let found = calls.of(&callable);
    Ways::Levels(match callable {
        Callable::Function { .. } => {
            let recursive = |c: &Call<'a>| c.here.callables.contains(&callable) || pending.frames.iter().any(|l| l.span == c.expr.span);
            let mut to_it: Vec<&Call<'a>> = found.iter().filter(|c| !recursive(c)).collect();
            // What only helps tests counts where nobody else calls.
            let helps = |c: &&Call<'a>| world.files.get(c.here.file).is_some_and(|f| items::helps_tests(&f.source.path));
            if !to_it.iter().all(helps) {
                to_it.retain(|c| !helps(c));
            }
            // Several objects and a method that is called on some of them: which of them is not known.
            let by_object = by_method(pending) && pending.frames.iter().any(|l| matches!(l.callable, Callable::Object { .. }));
            if to_it.len() > MAX_CALLS || (by_object && to_it.len() > 1) {
                return Ways::Levels(Vec::new());
            }
            let handed = |c: &Call<'a>, at: u32| {
                let one = super::values::one_of(handed_closures::given(world, c.expr, at, &c.here, &[]));
                let given = Some(Given::Item(one)).filter(|given| !matches!(given, Given::Item(Value::Unknown(_))))?;
                Some(Level { callable, given, from: Arc::clone(&c.here), span: c.expr.span, generics: &[] })
            };
            to_it.into_iter().filter_map(|c| c.handed.map_or_else(|| level_of(callable, c), |at| handed(c, at))).collect()
        }
        Callable::Closure { at, .. } => match pending.closure_name() {
            Some(_) => found.iter().filter_map(|c| level_of(callable, c)).collect(),
            None => return items_of_closure(world, pending, at),
        },
        Callable::Loop { .. } => pending.open.items.iter().map(|item| item_level(pending, item.clone())).collect(),
        Callable::Object { .. } if by_method(pending) && found.len() > 1 => Vec::new(),
        // An object that is made of another of its type, which is made of another, and so on.
        Callable::Object { .. } if pending.frames.iter().filter(|l| l.callable == callable).count() >= MAX_COPIES => Vec::new(),
        // Of several objects it is not known which one the method is called on; all of them may be given what is set later.
        Callable::Field { .. } if by_method(pending) && found.iter().filter(|c| is_literal(c)).count() > 1 => Vec::new(),
        Callable::Field { .. } => {
            let replaced: BTreeMap<(usize, u32), &Call<'a>> = found.iter().filter_map(|c| Some((replaced(c)?, c))).collect();
            // What a closure sets is set when it is called, if at all.
            let by = |c: &Call<'a>| replaced.get(&(c.here.file, c.expr.span.start)).filter(|by| by.here.callables == c.here.callables);
            let stays = |c: &&Call<'a>| !is_literal(c) || by(c).is_none();
            found.iter().filter(stays).filter_map(|c| level_of(callable, c)).collect()
        }
        Callable::Object { .. } => found.iter().filter_map(|c| level_of(callable, c)).collect(),
    })
}

/// Whether an object is made here.
fn is_literal(call: &Call<'_>) -> bool {
    matches!(call.expr.kind, ExprKind::Struct(_))
}

/// Where the object is made that a variable holds, if an assignment replaces what it gives a field, whatever happens.
fn replaced(call: &Call<'_>) -> Option<(usize, u32)> {
    let chosen = |parent: &Parent<'_>| {
        let Parent::Expr(outer) = parent else { return false };
        matches!(outer.kind, ExprKind::If(..) | ExprKind::Match(..) | ExprKind::For(..) | ExprKind::While(..) | ExprKind::Loop(_))
    };
    let ExprKind::Assign(place, _) = &call.expr.kind else { return None };
    let ExprKind::Field(base, _) = &place.kind else { return None };
    let ExprKind::Path(path) = &base.kind else { return None };
    let name = path.as_ident().filter(|_| !call.here.parents.iter().any(chosen))?;
    let binding = call.here.bindings.iter().rev().find(|b| b.name == name)?;
    let made = binding.init.filter(|init| matches!((binding.origin, &init.kind), (Origin::Let, ExprKind::Struct(_))))?;
    Some((binding.file, made.span.start))
}

/// Whether a method is called on an object.
fn by_method(pending: &Pending<'_>) -> bool {
    pending.frames.iter().any(|l| matches!(l.given, Given::Call { receiver: Some(_), .. }))
}

fn item_level<'a>(pending: &Pending<'a>, item: Value) -> Level<'a> {
    let from = pending.place();
    let callables = from.callables.iter().take_while(|c| **c != pending.open.callable).copied().collect();
    let from = Here { callables, ..from.clone() };
    Level { callable: pending.open.callable, given: Given::Item(item), from: Arc::new(from), span: pending.span(), generics: &[] }
}

fn level_of<'a>(callable: Callable<'a>, call: &Call<'a>) -> Option<Level<'a>> {
    let (given, generics) = given_by(call.expr)?;
    Some(Level { callable, given, from: Arc::clone(&call.here), span: call.expr.span, generics })
}

/// What a call or literal gives, and its type arguments.
pub(super) fn given_by<'a>(expr: &'a Expr) -> Option<(Given<'a>, &'a [Type])> {
    Some(match &expr.kind {
        ExprKind::Call(callee, args) => {
            let path = if let ExprKind::Path(path) = &callee.kind { Some(path) } else { None };
            let generics = path.and_then(|p| p.segments.iter().rev().map(|s| s.generics.as_slice()).find(|g| !g.is_empty()));
            (Given::Call { receiver: None, args }, generics.unwrap_or_default())
        }
        ExprKind::MethodCall(method) => (Given::Call { receiver: Some(&method.receiver), args: &method.args }, &method.generics),
        ExprKind::Struct(made) => (Given::Fields(&made.fields), &[]),
        ExprKind::Assign(_, value) => (Given::Set(value), &[]),
        _ => return None,
    })
}

/// Whether an expression is the closure that stands there.
pub(super) fn is_closure_at(expr: &Expr, at: u32) -> bool {
    match &expr.kind {
        ExprKind::Closure(..) => expr.span.start == at,
        ExprKind::Reference(inner) => is_closure_at(inner, at),
        _ => false,
    }
}

/// What a closure is called with by `list.map(|x| ..)`, `option.map(|x| ..)` and the like.
fn items_of_closure<'a>(world: &World<'a>, pending: &Pending<'a>, at: u32) -> Ways<'a> {
    let none = Ways::Levels(Vec::new());
    let place = pending.place();
    let mut parents = place.parents.iter().rev();
    let outer = parents.find(|p| matches!(p, Parent::Expr(e) if is_closure_at(e, at))).and_then(|_| parents.next());
    let Some(Parent::Expr(outer)) = outer else { return none };
    let items = match &outer.kind {
        ExprKind::MethodCall(call) => Some(call).filter(|call| {
            matches!(call.method.as_str(), "map" | "for_each" | "try_for_each" | "flat_map" | "filter_map" | "and_then" | "inspect")
        }),
        _ => None,
    };
    let own = |origin: &Origin<'a>| matches!(origin, Origin::Param(p) | Origin::PartOf(p, _) if p.callable == pending.open.callable);
    let bindings = place.bindings.iter().take_while(|b| !own(&b.origin)).copied().collect();
    let here = Here { bindings, ..place.clone() };
    let left = pending.frames.get(pending.frames.len().saturating_sub(pending.open.left)..).unwrap_or_default();
    let Some(call) = items else {
        let one = super::values::one_of(handed_closures::given(world, outer, at, &here, left));
        return if matches!(one, Value::Unknown(_)) { none } else { Ways::Levels(vec![item_level(pending, one)]) };
    };
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
