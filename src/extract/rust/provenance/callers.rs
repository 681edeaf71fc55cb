//! What callers give to parameters, and functions to the closures that they are given.

use std::rc::Rc;

use super::super::world::{Miss, TypeAt, TypeDef, is_type};
use super::index::{At, FnAt};
use super::scope::{Frame, Scope};
use super::trace::{MAX_GIVERS, Tracer, is_name};
use super::visit::{Node, every};
use crate::extract::combine::{nothing, union};
use crate::model::{Provenance, ProvenanceKind as Kind};
use crate::syntax::rust::tree::{Block, Expr, ExprKind};

/// Calls of a closure that are followed.
const MAX_CALLS: usize = 8;

impl<'a> Tracer<'a, '_> {
    /// What every call of a function gives one of its parameters.
    pub(super) fn by_callers(
        &self,
        function: FnAt<'a>,
        at: usize,
        name: &'a str,
        answer: &dyn Fn(&'a Expr, &Scope<'a>) -> Provenance,
    ) -> Provenance {
        let own = function.name();
        if !self.ask_for_calls(function) {
            return Provenance::unknown(format!("the parameter `{name}`, given in too many places"));
        }
        let aliases = function.self_ty.filter(|_| !function.takes_self()).and_then(|ty| self.index.aliases.get(ty));
        let aliases = aliases.map(Vec::as_slice).unwrap_or_default();
        for alias in aliases {
            self.ask(Miss::Calls(format!("{alias}::{own}(")));
        }
        // `T::Kind::new(..)`, by the trait that `T`'s type implements.
        if let Some(of) = function.of_trait.filter(|of| !function.takes_self() && !self.rules.conversions.iter().any(|c| c == of)) {
            self.ask(Miss::Calls(format!("{of}::{own}(")));
        }
        let calls = self.index.calls.get(own).map(Vec::as_slice).unwrap_or_default();
        let calls: Vec<&At<'a>> = calls.iter().filter(|call| may_reach(call, &function, aliases)).collect();
        if calls.len() > MAX_GIVERS * 4 {
            return Provenance::unknown(format!("the parameter `{name}`, given in too many places"));
        }
        let mut all = Vec::new();
        for call in calls {
            let scope = self.scope_of(call);
            let reaches = self.reaches(call, &scope, function);
            if matches!(reaches, Reaches::No) {
                continue;
            }
            if scope.function.is_some_and(|f| f.key() == function.key()) {
                continue;
            }
            let given = match &call.expr.kind {
                ExprKind::Call(_, args) => args.get(at),
                ExprKind::MethodCall(method) => match at.checked_sub(1) {
                    Some(at) => method.args.get(at),
                    None => Some(&method.receiver),
                },
                _ => None,
            };
            let Some(given) = given else { continue };
            let value = answer(given, &scope);
            // What may be another function's call says nothing but that it adds no other values.
            if matches!(reaches, Reaches::Maybe) && !value.kind.is_bounded() {
                return Provenance::unknown(format!("the parameter `{name}`, given by calls that may be another function's"));
            }
            all.push(value.through(format!("`{name}` is given here"), self.location(&scope, given.span)));
            if all.len() > MAX_GIVERS {
                return Provenance::unknown(format!("the parameter `{name}`, given in too many places"));
            }
        }
        if !all.is_empty() {
            return union(all);
        }
        // A constructor that the program does not use adds nothing to what others give; a caller outside of the tree may.
        let is_constructor = function.self_ty.is_some() && function.of_trait.is_none() && !function.takes_self();
        let uncalled = format!("the parameter `{name}` of `{own}`, which nobody calls");
        if is_constructor { Provenance { certain: false, origin: uncalled, ..nothing() } } else { Provenance::unknown(uncalled) }
    }

    /// What a closure is called with by the function or method that this call gives it to.
    pub(super) fn called_with(&self, closure: &'a Expr, at: usize, name: &'a str, call: &'a Expr, scope: &Scope<'a>) -> Provenance {
        let unknown = || Provenance::unknown(format!("`{name}`, which a closure is called with"));
        let is_it = |arg: &Expr| std::ptr::eq(arg, closure);
        let (function, given, position) = match &call.kind {
            ExprKind::Call(callee, args) => {
                let ExprKind::Path(path) = &callee.kind else { return unknown() };
                let names: Vec<&'a str> = path.names().collect();
                let found = self.world.functions(scope.file, &names, scope.self_ty);
                let [only] = found.as_slice() else {
                    if self.rules.counting.iter().any(|f| f == path.last()) {
                        return Provenance { certain: false, ..Provenance::of(Kind::Index, "a position in a list") };
                    }
                    self.ask_for_function(path.last());
                    return unknown();
                };
                let function = self.index.by_key((only.place.file, only.item.name.span.start));
                (function, self.arguments(None, args, scope), args.iter().position(is_it))
            }
            // The key of the entry.
            ExprKind::MethodCall(method) if method.method.as_str() == "or_insert_with_key" => {
                return match &method.receiver.kind {
                    ExprKind::MethodCall(entry) if entry.method.as_str() == "entry" => {
                        entry.args.first().map_or_else(unknown, |key| self.value(key, scope))
                    }
                    _ => unknown(),
                };
            }
            ExprKind::MethodCall(method) => {
                let arity = method.args.len() + 1;
                let fits = |f: &FnAt<'a>| f.takes_self() && f.function.params.len() == arity;
                let own = self.type_of(&method.receiver, scope).and_then(|ty| self.index.methods_of(ty.name, method.method.as_str()));
                let mut fit: Vec<FnAt<'a>> = own.into_iter().flatten().filter(fits).collect();
                if fit.is_empty() {
                    fit = self.index.by_name(method.method.as_str()).filter(fits).collect();
                    self.ask_for_function(method.method.as_str());
                }
                let only = match fit.as_slice() {
                    [only] => Some(*only),
                    _ => None,
                };
                let given = self.arguments(Some(&method.receiver), &method.args, scope);
                (only, given, method.args.iter().position(is_it).map(|p| p + 1))
            }
            _ => return unknown(),
        };
        let (Some(function), Some(position)) = (function, position) else { return unknown() };
        let Some(body) = self.body(function).filter(|_| scope.depth() <= 6 && scope.frame_of(function.key()).is_none()) else {
            return unknown();
        };
        let Some(own) = function.function.params.get(position).and_then(|p| p.pat.as_ident()) else { return unknown() };
        let frame = Rc::new(Frame { of: function.key(), given, outer: scope.frame.clone() });
        let mut all = Vec::new();
        every(Node::Block(body), true, &mut |part| {
            if let ExprKind::Call(callee, args) = &part.kind
                && is_name(callee, own.as_str())
                && let Some(arg) = args.get(at)
            {
                all.push(arg);
            }
        });
        let one = |arg: &'a Expr| {
            let inner = Scope { frame: Some(Rc::clone(&frame)), ..Scope::of_body(function, arg.span) };
            self.value(arg, &inner).through(format!("`{name}` is given here"), self.location(&inner, arg.span))
        };
        if all.is_empty() { unknown() } else { union(all.into_iter().take(MAX_CALLS).map(one).collect()) }
    }

    /// The body of a function; asks for it where it was not read.
    pub(super) fn body(&self, function: FnAt<'a>) -> Option<&'a Block> {
        let body = function.function.body.as_ref()?;
        if function.function.is_skipped() {
            let path = self.world.files.get(function.file).map(|f| std::sync::Arc::clone(&f.source.path));
            self.ask_if(path.map(|path| Miss::Body(path, body.span.start)));
            return None;
        }
        Some(body)
    }

    /// Whether an expression begins with a call of a function of another crate, such as `tracing::Span::current()`.
    fn is_made_elsewhere(&self, expr: &'a Expr, scope: &Scope<'a>) -> bool {
        match &expr.kind {
            ExprKind::MethodCall(call) => self.is_made_elsewhere(&call.receiver, scope),
            ExprKind::Call(callee, _) => match &callee.kind {
                ExprKind::Path(path) => {
                    let names: Vec<&'a str> = path.names().collect();
                    let own = |name: &&str| matches!(*name, "crate" | "self" | "super" | "Self");
                    names.len() > 2 && !names.first().is_some_and(own) && self.world.functions(scope.file, &names, scope.self_ty).is_empty()
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether a type's name is another name for one in this file.
    fn may_mean(&self, ty: &str, file: usize) -> bool {
        let renamed = self.world.full_path(file, &[ty]).last().is_some_and(|last| *last != ty);
        renamed || matches!(self.world.type_def(file, &[ty]), Some(TypeAt { kind: TypeDef::Alias(_), .. }))
    }

    fn reaches(&self, call: &At<'a>, scope: &Scope<'a>, function: FnAt<'a>) -> Reaches {
        let params = function.function.params.len();
        match &call.expr.kind {
            ExprKind::Call(callee, args) => {
                let ExprKind::Path(path) = &callee.kind else { return Reaches::No };
                if args.len() != params || path.as_ident().is_some_and(|n| scope.bindings.iter().any(|b| b.name == n)) {
                    return Reaches::No;
                }
                let names: Vec<&str> = path.names().collect();
                // `T::Kind::new(..)` of a trait reaches every implementation.
                if let [_, .., of, _] = names.as_slice()
                    && function.of_trait == Some(of)
                {
                    return Reaches::Yes;
                }
                let found = self.world.functions(call.file, &names, scope.self_ty);
                let is_it = |f: &super::super::world::FunctionAt<'a>| (f.place.file, f.item.name.span.start) == function.key();
                match found.as_slice() {
                    [] => {
                        let all = self.world.all_named(function.name(), function.self_ty).count();
                        let owner = names.iter().rev().nth(1).copied();
                        let fits = match function.self_ty {
                            Some(ty) => owner == Some(ty),
                            None => owner.is_none_or(|o| !o.starts_with(char::is_uppercase)),
                        };
                        match (fits, all) {
                            (true, 1) => Reaches::Yes,
                            (true, _) => Reaches::Maybe,
                            (false, _) => Reaches::No,
                        }
                    }
                    [only] if is_it(only) => Reaches::Yes,
                    [_] => Reaches::No,
                    several if several.iter().any(is_it) => Reaches::Maybe,
                    _ => Reaches::No,
                }
            }
            ExprKind::MethodCall(method) => {
                if !function.takes_self() || method.args.len() + 1 != params {
                    return Reaches::No;
                }
                let Some(owner) = function.self_ty else { return Reaches::No };
                match self.type_of(&method.receiver, scope) {
                    Some(ty) if ty.name == owner || function.of_trait == Some(ty.name) => Reaches::Yes,
                    // A generic parameter or a wrapper can be anything.
                    Some(ty) if self.world.type_def(ty.file, &[ty.name]).is_some() => Reaches::No,
                    // `Other::new(..)` makes another type, wherever that is defined.
                    None if made_type(&method.receiver).is_some_and(|ty| ty != "Self" && !self.may_mean(ty, call.file)) => {
                        if made_type(&method.receiver) == Some(owner) { Reaches::Yes } else { Reaches::No }
                    }
                    None if self.is_made_elsewhere(&method.receiver, scope) => Reaches::Maybe,
                    // Types of other crates have methods of this name, too.
                    None if self.rules.foreign.has(function.name()) => Reaches::Maybe,
                    _ => {
                        let arity = |f: &FnAt<'a>| f.takes_self() && f.function.params.len() == params;
                        // The methods of one trait are called alike.
                        let alike = |f: FnAt<'a>| f.key() == function.key() || f.of_trait.is_some() && f.of_trait == function.of_trait;
                        if self.index.by_name(function.name()).filter(arity).all(alike) { Reaches::Yes } else { Reaches::Maybe }
                    }
                }
            }
            _ => Reaches::No,
        }
    }
}

/// The type whose function `new..` makes an object, also where methods `with_..` then change it.
fn made_type(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::MethodCall(call) if call.method.as_str().starts_with("with_") => made_type(&call.receiver),
        ExprKind::Call(callee, _) => match &callee.kind {
            ExprKind::Path(path) if path.last() == "new" || path.last().starts_with("new_") => {
                path.names().rev().nth(1).filter(|ty| is_type(ty) && ty.len() > 1)
            }
            _ => None,
        },
        _ => None,
    }
}

/// Whether the way a call is written allows it to be a function's.
fn may_reach(call: &At<'_>, function: &FnAt<'_>, aliases: &[&str]) -> bool {
    let params = function.function.params.len();
    match &call.expr.kind {
        ExprKind::Call(callee, args) => {
            let ExprKind::Path(path) = &callee.kind else { return false };
            let owner = path.names().rev().nth(1);
            args.len() == params
                && match function.self_ty {
                    Some(ty) => owner
                        .is_some_and(|o| o == ty || o == "Self" || function.of_trait == Some(o) || o.len() == 1 || aliases.contains(&o)),
                    None => owner.is_none_or(|o| !o.starts_with(char::is_uppercase)),
                }
        }
        ExprKind::MethodCall(method) => function.takes_self() && method.args.len() + 1 == params,
        _ => false,
    }
}

/// Whether a call is a function's.
enum Reaches {
    Yes,
    No,
    Maybe,
}
