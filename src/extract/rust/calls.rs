//! Where functions and closures are called, objects are made and their fields are set, with what is around each place.
//!
//! What was found stays over the rounds: only files that are new, or of which more was read, are walked again.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap as HashMap;

use super::called::Called;
use super::follow::{Pending, is_closure_at};
use super::frames::Callable;
use super::types;
use super::walk::{Context, Here, Visitor, walk};
use super::world::{FunctionAt, Miss, World, is_type};
use crate::knowledge::libraries;
use crate::source::Span;
use crate::syntax::rust::tree::{Expr, ExprKind, MacroCall};

/// A call, a struct literal, or an assignment to a field.
#[derive(Clone, Debug)]
pub(super) struct Call<'a> {
    pub(super) expr: &'a Expr,
    pub(super) here: Arc<Here<'a>>,
    /// Where the function is handed to what is called, instead of being called itself.
    pub(super) handed: Option<u32>,
    /// The file that was walked, which may hold the macro call that it comes from.
    walked: usize,
}

/// The calls of the functions and closures, and the struct literals of the types, that were asked for.
#[derive(Debug, Default)]
pub(super) struct Calls<'a> {
    called: Called<'a>,
    found: HashMap<Callable<'a>, Vec<Call<'a>>>,
    /// What is asked for, by the name that it is found with.
    wanted: HashMap<&'a str, Vec<Wanted<'a>>>,
    /// Types, by the name of a function, that no file read so far defines and that may be other names of the function's.
    misses: HashMap<&'a str, BTreeSet<Miss>>,
}

/// What the calls or literals of a name may belong to.
#[derive(Debug)]
struct Wanted<'a> {
    callable: Callable<'a>,
    /// For a function: it.
    function: Option<FunctionAt<'a>>,
}

impl<'a> Calls<'a> {
    /// Takes in files that are new, and again those of which more was read.
    pub(super) fn look_again(&mut self, world: &World<'a>, more: &BTreeSet<usize>, include_tests: bool) {
        let changed = self.called.look_again(world, more);
        if self.wanted.is_empty() {
            return;
        }
        self.found.values_mut().for_each(|calls| calls.retain(|c| !more.contains(&c.walked)));
        let files: Vec<usize> = self.called.files(&self.wanted).into_iter().filter(|file| changed.contains(file)).collect();
        let wanted = std::mem::take(&mut self.wanted);
        self.walk(world, &wanted, files, include_tests);
        self.wanted = wanted;
    }

    /// Forgets what was found, which may mean other functions now that more is known; it is found again when it is asked for.
    pub(super) fn start_over(&mut self) {
        self.found.clear();
        self.wanted.clear();
        self.misses.clear();
    }

    /// The calls of a callable that was asked for.
    pub(super) fn of(&self, callable: &Callable<'a>) -> &[Call<'a>] {
        self.found.get(callable).map(Vec::as_slice).unwrap_or_default()
    }

    /// Finds the calls that these ask for, and tells what they miss by the files in which they were met first.
    pub(super) fn find(
        &mut self,
        world: &World<'a>,
        queue: &[Pending<'a>],
        functions: &HashMap<(usize, u32), FunctionAt<'a>>,
        misses: &mut BTreeMap<usize, BTreeSet<Miss>>,
        include_tests: bool,
    ) {
        let mut new: HashMap<&'a str, Vec<Wanted<'a>>> = HashMap::default();
        let mut askers: HashMap<&'a str, BTreeSet<usize>> = HashMap::default();
        for pending in queue {
            let callable = pending.open.callable;
            let function = match callable {
                Callable::Function { file, at } => functions.get(&(file, at)).copied(),
                _ => None,
            };
            let name = match callable {
                Callable::Function { .. } => function.map(|f| f.item.name.as_str()),
                Callable::Closure { .. } => pending.closure_name(),
                Callable::Object { ty, .. } | Callable::Field { ty, .. } => Some(ty),
                Callable::Loop { .. } => None,
            };
            let Some(name) = name else { continue };
            let field = if let Callable::Field { field, .. } = callable { Some(field) } else { None };
            askers.entry(name).or_default().insert(pending.root);
            let asked = misses.entry(pending.root).or_default();
            asked.extend(function.as_ref().map(calls_of));
            asked.extend(function.as_ref().and_then(handed_as));
            if let Callable::Object { ty, .. } | Callable::Field { ty, .. } = callable {
                asked.insert(Miss::Literals(ty.to_owned()));
            }
            if let Callable::Field { package, field, .. } = callable {
                asked.insert(Miss::Assigned { package: package.to_owned(), field: field.to_owned() });
            }
            if let Entry::Vacant(slot) = self.found.entry(callable) {
                slot.insert(Vec::new());
                for name in [name].into_iter().chain(field) {
                    new.entry(name).or_default().push(Wanted { callable, function });
                }
            }
        }
        if !new.is_empty() {
            let files = self.called.files(&new);
            self.walk(world, &new, files, include_tests);
            for (name, wanted) in new {
                self.wanted.entry(name).or_default().extend(wanted);
            }
        }
        for (name, roots) in askers {
            let Some(missed) = self.misses.get(name) else { continue };
            for root in roots {
                misses.entry(root).or_default().extend(missed.iter().cloned());
            }
        }
    }

    fn walk(&mut self, world: &World<'a>, wanted: &HashMap<&'a str, Vec<Wanted<'a>>>, files: Vec<usize>, include_tests: bool) {
        let found: Vec<Finder<'a, '_>> = files
            .into_par_iter()
            .map(|file| {
                let mut finder = Finder { walked: file, wanted, found: Vec::new(), misses: Vec::new() };
                walk(world, file, include_tests, &mut finder);
                finder
            })
            .collect();
        for finder in found {
            for (name, miss) in finder.misses {
                self.misses.entry(name).or_default().insert(miss);
            }
            for (callable, call) in finder.found {
                self.found.entry(callable).or_default().push(call);
            }
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

/// How a function of a type is handed to another one, which gives it its only argument.
fn handed_as(found: &FunctionAt<'_>) -> Option<Miss> {
    let owner = found.place.owner.filter(|_| found.function.params.len() == 1)?;
    Some(Miss::Calls(format!("{owner}::{})", found.item.name.as_str())))
}

struct Finder<'a, 'n> {
    walked: usize,
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
                (Callable::Object { package, .. }, _) => matches!(expr.kind, ExprKind::Struct(_)) && cx.world.package(cx.file) == package,
                (Callable::Field { package, ty, field }, _) => cx.world.package(cx.file) == package && gives(expr, name, ty, field, cx),
                _ => false,
            };
            if belongs {
                let here = here.get_or_insert_with(|| Arc::new(cx.here.clone()));
                self.found.push((wanted.callable, Call { expr, here: Arc::clone(here), handed: None, walked: self.walked }));
            }
        }
    }

    /// Keeps a call that is handed functions which are looked for.
    fn keep_handed(&mut self, expr: &'a Expr, args: &'a [Expr], cx: &Context<'a, '_>) {
        for argument in args {
            let ExprKind::Path(path) = &argument.kind else { continue };
            let Some(wanted) = self.wanted.get(path.last()).filter(|_| path.segments.len() > 1) else { continue };
            let found = cx.world.functions(cx.file, &path.names().collect::<Vec<_>>(), cx.self_ty);
            let [only] = found.as_slice() else { continue };
            for wanted in wanted.iter().filter(|w| w.function.is_some_and(|f| f.item.name.span == only.item.name.span)) {
                if wanted.function.is_some_and(|f| f.place.file == only.place.file && f.function.params.len() == 1) {
                    let here = Arc::new(cx.here.clone());
                    self.found.push((wanted.callable, Call { expr, here, handed: Some(argument.span.start), walked: self.walked }));
                }
            }
        }
    }
}

impl<'a> Visitor<'a> for Finder<'a, '_> {
    fn expr(&mut self, expr: &'a Expr, cx: &Context<'a, '_>) {
        if let ExprKind::Call(_, args) = &expr.kind {
            self.keep_handed(expr, args, cx);
        } else if let ExprKind::MethodCall(call) = &expr.kind {
            self.keep_handed(expr, &call.args, cx);
        }
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
            ExprKind::MethodCall(call) => {
                let name = call.method.as_str();
                self.keep(name, expr, cx);
                // A constant that is not known yet may be of the type whose method is looked for.
                if let (Some((name, _)), ExprKind::Path(path)) = (self.wanted.get_key_value(name), &call.receiver.kind) {
                    let names: Vec<&str> = path.names().collect();
                    let miss = cx.world.miss(cx.file, &names).filter(|_| cx.world.constants(cx.file, &names, cx.self_ty).is_empty());
                    self.misses.extend(miss.map(|miss| (*name, miss)));
                }
            }
            ExprKind::Assign(place, _) => {
                if let ExprKind::Field(_, name) = &place.kind {
                    self.keep(name.as_str(), expr, cx);
                }
            }
            ExprKind::Struct(made) => {
                let name = made.path.last();
                self.keep(if name == "Self" { cx.self_ty.unwrap_or_default() } else { name }, expr, cx);
            }
            _ => {}
        }
    }

    fn macro_call(&mut self, _: &'a MacroCall, _: Span, _: &Context<'a, '_>) {}
}

/// Whether an expression, found by this name, makes an object of a type, or sets this field of one.
fn gives<'a>(expr: &'a Expr, name: &str, ty: &str, field: &str, cx: &Context<'a, '_>) -> bool {
    match &expr.kind {
        ExprKind::Struct(_) => name == ty,
        ExprKind::Assign(place, _) => match &place.kind {
            ExprKind::Field(base, own) => own.as_str() == field && types::type_of(cx.world, base, &cx.here).is_some_and(|of| of.name == ty),
            _ => false,
        },
        _ => false,
    }
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
                [] if by_type_parameter(world, here.file, &names, function) => true,
                [] => {
                    // Through a crate that exports what others define.
                    let full = world.full_path(here.file, &names);
                    let owner_fits = match function.place.owner {
                        Some(owner) => full.iter().rev().nth(1) == Some(&owner),
                        None => full.len() == 1 || full.iter().rev().nth(1).is_some_and(|q| !q.starts_with(char::is_uppercase)),
                    };
                    owner_fits && through_facade(world, &full, function)
                }
                // `Trait::name(object, ..)`
                [only] if only.function.body.is_none() && only.place.owner.is_some() && only.place.owner == function.place.implements => {
                    by_trait(world, function, only.place.owner)
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
                Some(ty) if ty.name == owner => {
                    let all = world.methods_seen_from(ty.file, owner, method.method.as_str());
                    // Several in one file: one for each way of building it.
                    all.iter().any(is_it) && all.iter().all(|f| f.place.file == function.place.file)
                }
                // A type has what a trait gives to all that implement it, unless it has a method of this name itself.
                Some(ty) => {
                    let name = method.method.as_str();
                    let open = world.methods(ty.name, name).iter().all(|f| f.function.body.is_none());
                    open && (world.shared_method(name).is_some_and(|shared| is_it(&shared)) || by_trait(world, function, Some(ty.name)))
                }
                None => world.all_methods(method.method.as_str()) == 1 || by_trait(world, function, None),
            }
        }
        _ => false,
    }
}

/// Whether `T::name(..)` of a type parameter reaches a function, which a type has by a trait of the tree.
fn by_type_parameter(world: &World<'_>, file: usize, path: &[&str], function: &FunctionAt<'_>) -> bool {
    let &[parameter, _] = path else { return false };
    let known = || world.names(file).is_some_and(|n| n.imports.contains_key(parameter)) || world.type_def(file, &[parameter]).is_some();
    // Of a library's own types each gives a metric of another type: which is meant the call of the function around says.
    let decides = |owner: &str| libraries::all().iter().any(|l| l.type_named(owner).is_some());
    is_type(parameter)
        && parameter != "Self"
        && !known()
        && function.place.owner.is_some_and(|owner| !decides(owner))
        && by_trait(world, function, None)
}

/// Whether a call on an object that is known by a trait alone, if at all, reaches a method: of several traits with such a method of
/// the tree it is not known which is meant.
fn by_trait(world: &World<'_>, function: &FunctionAt<'_>, known_as: Option<&str>) -> bool {
    let Some(of) = function.place.implements.filter(|of| world.shared.contains(of)) else { return false };
    let mut declared = false;
    for other in world.methods_named(function.item.name.as_str()) {
        // A type elsewhere may have the name of the trait.
        let own =
            other.place.owner == Some(of) && world.type_def(other.place.file, &[of]).is_none_or(|ty| ty.place.file != other.place.file);
        declared |= own;
        let of_it = own || other.place.implements == Some(of);
        if of_it && changes_what_it_hands_on(world, &other) || !of_it && known_as != Some(of) {
            return false;
        }
    }
    declared
}

/// Whether a method does more than calling the one of its name of another object, as that of a type which puts a prefix before names.
fn changes_what_it_hands_on(world: &World<'_>, method: &FunctionAt<'_>) -> bool {
    let Some(body) = method.function.body.as_ref().and_then(|body| world.text(method.place.file, body.span)) else { return false };
    let Some((object, arguments)) = body.split_once(&format!(".{}(", method.item.name.as_str())) else { return false };
    let plain = |text: &str| text.chars().all(|c| c.is_alphanumeric() || c.is_whitespace() || "_.,;&*{}()".contains(c));
    !plain(object) || !plain(arguments)
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

/// Whether the called name is the variable that holds the closure.
fn names_closure(call: &Expr, here: &Here<'_>, name: &str, at: u32) -> bool {
    let ExprKind::Call(callee, _) = &call.kind else { return false };
    let ExprKind::Path(path) = &callee.kind else { return false };
    let binding = here.bindings.iter().rev().find(|b| b.name == name);
    path.as_ident() == Some(name) && binding.and_then(|b| b.init).is_some_and(|init| is_closure_at(init, at))
}
