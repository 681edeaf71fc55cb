//! The pairs of names and values that a list of labels has where the code puts it together: variables that are pushed onto, functions
//! and methods that give such a list, under conditions too.

use super::super::types;
use super::super::walk::{Context, Origin};
use super::super::world::FunctionAt;
use super::sites::inner;
use super::trace::{root, tail};
use super::visit::{Node, every, lets};
use crate::syntax::rust::tree::{Block, Expr, ExprKind, MethodCall};

/// Variables and functions between a use and the pairs.
const MAX_STEPS: usize = 8;
/// Methods that give the list that they are called on.
const SAME: [&str; 14] = [
    "as_slice",
    "as_ref",
    "clone",
    "to_vec",
    "iter",
    "into_iter",
    "cloned",
    "to_owned",
    "into",
    "collect",
    "unwrap_or_default",
    "borrow",
    "deref",
    "as_mut_slice",
];
/// Methods that leave a list as it is.
const LEAVES: [&str; 5] = ["len", "is_empty", "reserve", "with_capacity", "shrink_to_fit"];

/// One pair.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Pair<'a> {
    /// `KeyValue::new("name", value)`, `("name", value)`
    pub(in super::super) expr: &'a Expr,
    /// Where it stands, when that is not the function around the use.
    pub(in super::super) elsewhere: Option<(usize, Option<&'a str>)>,
}

/// The pairs of a list, and whether they are all that it can have.
#[derive(Debug)]
pub(in super::super) struct Pairs<'a> {
    pub(in super::super) all: Vec<Pair<'a>>,
    pub(in super::super) whole: bool,
    /// Functions whose bodies were left out.
    pub(in super::super) unread: Vec<FunctionAt<'a>>,
}

/// The function that an expression stands in.
#[derive(Clone, Copy)]
struct Place<'a> {
    body: Option<&'a Block>,
    file: usize,
    self_ty: Option<&'a str>,
    /// Whether it is the function around the use.
    own: bool,
}

/// The pairs of the list that is given there.
pub(in super::super) fn put_together<'a>(list: &'a Expr, cx: &Context<'a, '_>) -> Pairs<'a> {
    let body = cx.functions.last().and_then(|(_, function)| function.body.as_deref());
    let place = Place { body, file: cx.file, self_ty: cx.self_ty, own: true };
    let mut found = Finder { cx, pairs: Pairs { all: Vec::new(), whole: true, unread: Vec::new() } };
    found.list(list, place, MAX_STEPS);
    found.pairs
}

struct Finder<'a, 'c, 'w> {
    cx: &'c Context<'a, 'w>,
    pairs: Pairs<'a>,
}

impl<'a> Finder<'a, '_, '_> {
    fn pair(&mut self, expr: &'a Expr, place: Place<'a>, steps: usize) {
        // A function of the tree that gives one pair.
        let functions = match &expr.kind {
            ExprKind::MethodCall(call) if call.args.is_empty() && steps > 0 => self.methods(call, place),
            ExprKind::Call(callee, args) if args.len() != 2 && steps > 0 => match &callee.kind {
                ExprKind::Path(path) => self.cx.world.functions(place.file, &path.names().collect::<Vec<_>>(), place.self_ty),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        if let [only] = functions.as_slice() {
            if only.function.is_skipped() {
                self.pairs.unread.push(*only);
            }
            match only.function.body.as_deref().filter(|_| !only.function.is_skipped()).and_then(tail) {
                Some(last) => {
                    let inside = Place { body: None, file: only.place.file, self_ty: only.place.owner, own: false };
                    self.pair(last, inside, steps - 1);
                }
                None => self.pairs.whole = false,
            }
            return;
        }
        let is_pair = match &expr.kind {
            ExprKind::Tuple(parts) => parts.len() == 2,
            ExprKind::Call(_, args) => args.len() == 2,
            ExprKind::MethodCall(call) => call.args.len() == 1,
            _ => false,
        };
        match is_pair {
            true => self.pairs.all.push(Pair { expr, elsewhere: (!place.own).then_some((place.file, place.self_ty)) }),
            false => self.pairs.whole = false,
        }
    }

    fn list(&mut self, expr: &'a Expr, place: Place<'a>, steps: usize) {
        let Some(steps) = steps.checked_sub(1) else {
            self.pairs.whole = false;
            return;
        };
        let expr = inner(expr);
        match &expr.kind {
            ExprKind::Array(items) => items.iter().for_each(|item| self.pair(inner(item), place, steps)),
            ExprKind::Macro(call) if call.is("vec") || call.is("smallvec") => {
                self.pairs.whole &= call.is_list;
                call.args.iter().filter_map(|a| a.value.as_ref()).for_each(|item| self.pair(inner(item), place, steps));
            }
            ExprKind::Try(inner) | ExprKind::Await(inner) => self.list(inner, place, steps),
            ExprKind::Block(block) => match tail(block) {
                Some(last) => self.list(last, place, steps),
                None => self.pairs.whole = false,
            },
            ExprKind::If(_, then, otherwise) => {
                tail(then).into_iter().chain(otherwise.as_deref()).for_each(|branch| self.list(branch, place, steps));
            }
            ExprKind::Match(_, arms) => arms.iter().for_each(|arm| self.list(&arm.body, place, steps)),
            ExprKind::MethodCall(call) if SAME.contains(&call.method.as_str()) && call.args.is_empty() => {
                self.list(&call.receiver, place, steps);
            }
            ExprKind::MethodCall(call) => {
                let found = self.methods(call, place);
                self.given_by(&found, steps);
            }
            ExprKind::Call(callee, args) => {
                let ExprKind::Path(path) = &callee.kind else {
                    self.pairs.whole = false;
                    return;
                };
                let names: Vec<&str> = path.names().collect();
                match (names.as_slice(), args.as_slice()) {
                    ([.., "Vec" | "SmallVec", "new" | "with_capacity" | "default"], _) => {}
                    ([.., "Vec" | "SmallVec", "from" | "from_iter"] | ["Some" | "Ok"], [inner]) => self.list(inner, place, steps),
                    _ => self.given_by(&self.cx.world.functions(place.file, &names, place.self_ty), steps),
                }
            }
            ExprKind::Path(path) => match path.as_ident() {
                Some(name) => self.variable(name, place, steps),
                None => self.pairs.whole = false,
            },
            _ => self.pairs.whole = false,
        }
    }

    /// The methods of the tree that a call can mean.
    fn methods(&self, call: &'a MethodCall, place: Place<'a>) -> Vec<FunctionAt<'a>> {
        let (name, receiver) = (call.method.as_str(), inner(&call.receiver));
        let ty = match (&receiver.kind, place.own) {
            (ExprKind::Path(path), _) if path.as_ident() == Some("self") => {
                place.self_ty.map(|name| types::Named { name, file: place.file })
            }
            (_, true) => types::type_of(self.cx.world, receiver, &self.cx.here),
            _ => None,
        };
        match ty {
            Some(ty) => self.cx.world.methods_seen_from(ty.file, ty.name, name),
            None if self.cx.world.all_methods(name) == 1 => self.cx.world.with_name(name).collect(),
            None => Vec::new(),
        }
    }

    /// What the one function gives that is called.
    fn given_by(&mut self, functions: &[FunctionAt<'a>], steps: usize) {
        let [only] = functions else {
            self.pairs.whole = false;
            return;
        };
        if only.function.is_skipped() {
            self.pairs.unread.push(*only);
        }
        let (Some(body), false) = (only.function.body.as_deref(), only.function.is_skipped()) else {
            self.pairs.whole = false;
            return;
        };
        let place = Place { body: Some(body), file: only.place.file, self_ty: only.place.owner, own: false };
        match tail(body) {
            Some(last) => self.list(last, place, steps),
            None => self.pairs.whole = false,
        }
        // What is given early is another list.
        every(Node::Block(body), false, &mut |expr| {
            if let ExprKind::Return(Some(value)) = &expr.kind {
                self.list(value, place, steps);
            }
        });
    }

    /// What a variable is set to, and what the function around puts into it.
    fn variable(&mut self, name: &'a str, place: Place<'a>, steps: usize) {
        let init = if place.own {
            let binding = self.cx.bindings.iter().rev().find(|b| b.name == name);
            binding.filter(|b| b.origin == Origin::Let && b.file == place.file).and_then(|b| b.init)
        } else {
            let mut init = None;
            if let Some(body) = place.body {
                lets(Node::Block(body), &mut |statement| {
                    if statement.pat.as_ident().is_some_and(|own| own.as_str() == name) {
                        init = statement.init.as_ref();
                    }
                });
            }
            init
        };
        match init {
            Some(init) => self.list(init, place, steps),
            None => self.pairs.whole = false,
        }
        let Some(body) = place.body else { return };
        let (mut put, mut more) = (Vec::new(), Vec::new());
        every(Node::Block(body), true, &mut |expr| match &expr.kind {
            ExprKind::MethodCall(call) if is_named(&call.receiver, name) => match (call.method.as_str(), call.args.as_slice()) {
                ("push", [item]) | ("insert", [_, item]) => put.push(item),
                ("extend" | "extend_from_slice" | "append", [items]) => more.push(items),
                (method, _) if SAME.contains(&method) || LEAVES.contains(&method) => {}
                _ => self.pairs.whole = false,
            },
            // What else is given it may put something in.
            ExprKind::Call(_, args) if args.iter().any(|arg| is_lent(arg, name, place.file, self.cx)) => self.pairs.whole = false,
            ExprKind::MethodCall(call) if call.args.iter().any(|arg| is_lent(arg, name, place.file, self.cx)) => self.pairs.whole = false,
            ExprKind::Assign(set, _)
                if root(set) == Some(name) || matches!(&set.kind, ExprKind::Index(list, _) if root(list) == Some(name)) =>
            {
                self.pairs.whole = false;
            }
            _ => {}
        });
        put.into_iter().for_each(|item| self.pair(inner(item), place, steps));
        for items in more {
            match mapped(items) {
                Some(item) => self.pair(inner(item), place, steps),
                None => self.list(items, place, steps),
            }
        }
    }
}

fn is_named(expr: &Expr, name: &str) -> bool {
    matches!(&expr.kind, ExprKind::Path(path) if path.as_ident() == Some(name))
}

/// Whether an argument is `&mut name`.
fn is_lent(arg: &Expr, name: &str, file: usize, cx: &Context<'_, '_>) -> bool {
    let ExprKind::Reference(inner) = &arg.kind else { return false };
    is_named(inner, name) && cx.world.text(file, arg.span).is_some_and(|text| text.trim_start_matches('&').trim_start().starts_with("mut"))
}

/// What `option.map(|value| pair)` gives.
fn mapped(expr: &Expr) -> Option<&Expr> {
    let ExprKind::MethodCall(call) = &expr.kind else { return None };
    match (call.method.as_str(), call.args.as_slice()) {
        ("map", [Expr { kind: ExprKind::Closure(_, body), .. }]) => match &body.kind {
            ExprKind::Block(block) => tail(block),
            _ => Some(body),
        },
        _ => None,
    }
}
