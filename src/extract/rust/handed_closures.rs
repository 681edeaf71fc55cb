//! What a function of the tree calls a closure or function with that it is given: `metrics.within("http", |registry| ..)`,
//! `metrics.add(Oven::register)`.

use std::sync::Arc;

use super::follow::given_by;
use super::frames::{Callable, Level};
use super::types::type_of;
use super::values::{Evaluator, Scope, Value};
use super::walk::{Context, Here, Origin, Visitor, walk};
use super::world::{FunctionAt, World};
use crate::source::Span;
use crate::syntax::rust::tree::{Expr, ExprKind, MacroCall};

/// Functions that hand a closure on to one another.
const MAX_HANDS: usize = 4;

/// The values that the called function gives what stands at this place among its arguments, which has one parameter; the call
/// stands `here`, below these levels.
pub(super) fn given<'a>(world: &World<'a>, call: &'a Expr, closure: u32, here: &Here<'a>, frames: &[Level<'a>]) -> Vec<Value> {
    by_hands(world, call, closure, here, frames, MAX_HANDS)
}

fn by_hands<'a>(world: &World<'a>, call: &'a Expr, closure: u32, here: &Here<'a>, frames: &[Level<'a>], hands: usize) -> Vec<Value> {
    let Some((called, argument)) = called(world, call, closure, here).filter(|_| hands > 0) else { return Vec::new() };
    let Some((given, generics)) = given_by(call) else { return Vec::new() };
    let callable = Callable::Function { file: called.place.file, at: called.item.name.span.start };
    // A function that hands on its own closure.
    if here.callables.contains(&callable) {
        return Vec::new();
    }
    let level = Level { callable, given, from: Arc::new(here.clone()), span: call.span, generics };
    let frames: Arc<[Level<'a>]> = std::iter::once(level).chain(frames.iter().cloned()).collect();
    let mut finder = Finder { callable, argument, frames, eval: Evaluator::new(world), hands, values: Vec::new() };
    walk(world, called.place.file, true, &mut finder);
    finder.values
}

/// The function that is called, and which of its parameters the closure is.
fn called<'a>(world: &World<'a>, call: &'a Expr, closure: u32, here: &Here<'a>) -> Option<(FunctionAt<'a>, usize)> {
    let position = |args: &[Expr]| args.iter().position(|a| a.span.start == closure);
    let (found, at) = match &call.kind {
        ExprKind::Call(callee, args) => {
            let ExprKind::Path(path) = &callee.kind else { return None };
            (world.functions(here.file, &path.names().collect::<Vec<_>>(), here.self_ty), position(args)?)
        }
        ExprKind::MethodCall(method) => {
            let at = position(&method.args)? + 1;
            let name = method.method.as_str();
            let found = match type_of(world, &method.receiver, here) {
                Some(ty) => world.methods_seen_from(ty.file, ty.name, name),
                None if world.all_methods(name) == 1 => world.with_name(name).collect(),
                None => return None,
            };
            (found, at)
        }
        _ => return None,
    };
    match found.as_slice() {
        [only] if only.function.body.is_some() => Some((*only, at)),
        _ => None,
    }
}

/// Finds the calls of a parameter of a function.
struct Finder<'a, 'w> {
    callable: Callable<'a>,
    argument: usize,
    frames: Arc<[Level<'a>]>,
    eval: Evaluator<'a, 'w>,
    hands: usize,
    values: Vec<Value>,
}

impl<'a> Finder<'a, '_> {
    /// Whether an expression is the parameter.
    fn is_it(&self, expr: &Expr, here: &Here<'a>) -> bool {
        let ExprKind::Path(path) = &expr.kind else { return false };
        let binding = path.as_ident().and_then(|name| here.bindings.iter().rev().find(|b| b.name == name));
        binding.is_some_and(|b| matches!(b.origin, Origin::Param(p) if p.callable == self.callable && p.index == self.argument))
    }
}

impl<'a> Visitor<'a> for Finder<'a, '_> {
    fn expr(&mut self, expr: &'a Expr, cx: &Context<'a, '_>) {
        if !cx.callables.contains(&self.callable) {
            return;
        }
        let args = match &expr.kind {
            ExprKind::Call(callee, args) => match args.as_slice() {
                [argument] if self.is_it(callee, &cx.here) => {
                    let within = Context { world: cx.world, here: cx.here.clone(), frames: Arc::clone(&self.frames) };
                    self.values.push(self.eval.value(argument, &Scope::quiet(&within, argument.span)));
                    return;
                }
                args => args,
            },
            ExprKind::MethodCall(call) => call.args.as_slice(),
            _ => return,
        };
        // Handed on to another function.
        if let Some(argument) = args.iter().find(|argument| self.is_it(argument, &cx.here)) {
            self.values.extend(by_hands(cx.world, expr, argument.span.start, &cx.here, &self.frames, self.hands - 1));
        }
    }

    fn macro_call(&mut self, _: &'a MacroCall, _: Span, _: &Context<'a, '_>) {}
}
