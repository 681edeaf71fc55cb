//! Parts of values that patterns take apart.

use super::names::is_new_list;
use std::rc::Rc;

use super::scope::{Frame, From, Scope};
use super::trace::{Tracer, gives_nothing, root, tail};
use super::visit::{Node, every};
use crate::extract::combine::{arms, union};
use crate::model::{Provenance, ProvenanceKind as Kind};
use crate::syntax::rust::tree::{Arm, Expr, ExprKind, Pat, Path};

impl<'a> Tracer<'a, '_> {
    /// A part of a value that a pattern takes apart.
    pub(super) fn part(&self, pat: &'a Pat, name: &str, value: &'a Expr, scope: &Scope<'a>, each: bool) -> Provenance {
        match pat {
            Pat::Ident(own, _) if own.as_str() == name => self.value(value, scope),
            Pat::Reference(inner) => self.part(inner, name, value, scope, each),
            Pat::Tuple(pats) => {
                let Some(at) = pats.iter().position(|p| binds(p, name)) else { return Provenance::unknown("a part") };
                if each && at == 0 && is_method(value, "enumerate") {
                    return Provenance { certain: false, ..Provenance::of(Kind::Index, "a position in a list") };
                }
                let inner = if each { without(value, "enumerate") } else { value };
                if each
                    && at == 1
                    && is_method(value, "enumerate")
                    && let Some(pat) = pats.get(1)
                {
                    return self.part(pat, name, inner, scope, each);
                }
                let Some(pat) = pats.get(at) else { return Provenance::unknown("a part") };
                self.element(pat, name, at, inner, scope)
            }
            Pat::TupleStruct(path, pats) => match (path.last(), pats.as_slice()) {
                ("Some" | "Ok" | "Break" | "Continue", [inner]) => self.part(inner, name, value, scope, each),
                ("Err", [inner]) => {
                    let failed = self.failed(inner, name, value, scope).filter(|of| of.kind.is_bounded());
                    failed.unwrap_or_else(|| Provenance::unknown(format!("`{name}`, an error")))
                }
                _ => {
                    let tuple = pats.iter().position(|p| matches!(p, Pat::Tuple(_)) && binds(p, name));
                    if let Some((field, pat)) = tuple.and_then(|at| position(at).zip(pats.get(at))) {
                        return self.part_of_variant(path, field, pat, name, scope);
                    }
                    let at = pats.iter().position(|p| matches!(p, Pat::Ident(own, _) if own.as_str() == name));
                    let typed = at.and_then(position).and_then(|at| self.variant_field(path, at, scope));
                    self.typed_or_part(typed, path, name, value, scope)
                }
            },
            Pat::Struct(path, fields) => {
                let field = fields.iter().find(|(_, p)| matches!(p, Pat::Ident(own, _) if own.as_str() == name));
                let typed = field.and_then(|(field, _)| self.variant_field(path, field.as_str(), scope));
                self.typed_or_part(typed, path, name, value, scope)
            }
            _ => Provenance::unknown(format!("`{name}`, a part of a value")),
        }
    }

    /// A part of the error of a call, where its function makes every one of its errors itself.
    fn failed(&self, pat: &'a Pat, name: &str, value: &'a Expr, scope: &Scope<'a>) -> Option<Provenance> {
        let (function, given) = match &value.kind {
            ExprKind::Reference(inner) | ExprKind::Await(inner) => return self.failed(pat, name, inner, scope),
            ExprKind::Call(callee, args) => {
                let ExprKind::Path(path) = &callee.kind else { return None };
                let names: Vec<&'a str> = path.names().collect();
                (self.function(&names, scope)?, self.arguments(None, args, scope))
            }
            ExprKind::MethodCall(call) => {
                let ty = self.type_of(&call.receiver, scope)?;
                let methods = self.index.methods_of(ty.name, call.method.as_str())?;
                let [only] = methods.as_slice() else { return None };
                (*only, self.arguments(Some(&call.receiver), &call.args, scope))
            }
            _ => return None,
        };
        let body = self.body(function).filter(|_| scope.depth() <= 6 && scope.frame_of(function.key()).is_none())?;
        let (mut errors, mut others) = (Vec::new(), false);
        every(Node::Block(body), false, &mut |expr| match &expr.kind {
            ExprKind::Call(callee, args) if matches!(&callee.kind, ExprKind::Path(path) if path.last() == "Err") => {
                errors.extend(args.first());
            }
            ExprKind::MethodCall(call) => match (call.method.as_str(), call.args.as_slice()) {
                ("map_err" | "ok_or_else", [Expr { kind: ExprKind::Closure(_, error), .. }]) => errors.push(error),
                ("ok_or", [error]) => errors.push(error),
                ("map_err" | "ok_or_else", _) => others = true,
                _ => {}
            },
            ExprKind::Return(Some(value)) => others |= !makes_result(value),
            // An error of somebody else.
            ExprKind::Try(inner) => others |= !makes_result(inner),
            _ => {}
        });
        let told = tail(body).is_some_and(makes_result);
        if others || errors.is_empty() || errors.len() > 64 || !told {
            return None;
        }
        let frame = Rc::new(Frame { of: function.key(), given, outer: scope.frame.clone() });
        let one = |error: &'a Expr| {
            let inner = Scope { frame: Some(Rc::clone(&frame)), ..Scope::of_body(function, error.span) };
            self.part(pat, name, error, &inner, false)
        };
        let found = arms(errors.into_iter().map(one).collect());
        Some(Provenance { certain: false, ..found })
    }

    /// What the type of a part tells, or else the whole.
    fn typed_or_part(&self, typed: Option<Provenance>, path: &Path, name: &str, value: &'a Expr, scope: &Scope<'a>) -> Provenance {
        match typed {
            Some(of) if of.kind != Kind::Unknown => of,
            typed => match (self.part_of(path, name, value, scope), typed) {
                (Provenance { kind: Kind::Unknown, .. }, Some(typed)) => typed,
                (part, _) => part,
            },
        }
    }

    /// A part of a value of a type that is not known: of what a client sends, sent by the client.
    fn part_of(&self, path: &Path, name: &str, value: &'a Expr, scope: &Scope<'a>) -> Provenance {
        match self.value(value, scope) {
            of if of.kind.is_unbounded() && of.foreign => Provenance { certain: false, ..of },
            _ => Provenance::unknown(format!("`{name}`, a part of `{}`", path.last())),
        }
    }

    /// One element of a tuple.
    fn element(&self, pat: &'a Pat, name: &str, at: usize, value: &'a Expr, scope: &Scope<'a>) -> Provenance {
        match &value.kind {
            ExprKind::Tuple(items) => match items.get(at) {
                Some(item) => self.part(pat, name, item, scope, false),
                None => Provenance::unknown("a part"),
            },
            ExprKind::Array(items) => union(items.iter().map(|i| self.element(pat, name, at, i, scope)).collect()),
            ExprKind::Reference(inner) | ExprKind::Try(inner) | ExprKind::Await(inner) => self.element(pat, name, at, inner, scope),
            ExprKind::MethodCall(call) if matches!(call.method.as_str(), "iter" | "into_iter") => {
                self.element(pat, name, at, &call.receiver, scope)
            }
            // A slice, of which one element is like the other.
            ExprKind::Index(list, range) if matches!(range.kind, ExprKind::Range(..)) => self.part(pat, name, list, scope, true),
            ExprKind::MethodCall(call) if call.method.as_str() == "as_slice" => self.part(pat, name, &call.receiver, scope, true),
            ExprKind::If(cond, then, Some(otherwise)) => {
                let mut all = Vec::new();
                let mut inner = scope.clone();
                inner.condition(cond);
                for (value, scope) in tail(then).into_iter().map(|t| (t, &inner)).chain([(&**otherwise, scope)]) {
                    if !gives_nothing(value) {
                        all.push(self.element(pat, name, at, value, scope));
                    }
                }
                arms(all)
            }
            ExprKind::Match(value, all) => {
                let value_of = |arm: &'a Arm| {
                    let mut inner = scope.clone();
                    inner.pattern(&arm.pat, From::Part(&arm.pat, value));
                    self.element(pat, name, at, &arm.body, &inner)
                };
                arms(all.iter().filter(|a| !gives_nothing(&a.body)).map(value_of).collect())
            }
            ExprKind::Block(block) => {
                let mut inner = scope.clone();
                inner.statements(block);
                match tail(block) {
                    Some(value) => self.element(pat, name, at, value, &inner),
                    None => Provenance::unknown("a part"),
                }
            }
            ExprKind::Path(path) => match path.as_ident().and_then(|own| scope.binding(own)) {
                Some((binding, From::Let(statement), before)) => match &statement.init {
                    Some(init) if is_new_list(init) => self.element_put(pat, name, at, binding.name, scope),
                    Some(init) => self.element(pat, name, at, init, &before),
                    None => Provenance::unknown("a part"),
                },
                _ => self.of_whole(value, scope).unwrap_or_else(|| Provenance::unknown("a part of a value that is not followed")),
            },
            ExprKind::Field(..) => {
                self.of_whole(value, scope).unwrap_or_else(|| Provenance::unknown("a part of a value that is not followed"))
            }
            ExprKind::Call(callee, args) => {
                let ExprKind::Path(path) = &callee.kind else { return Provenance::unknown("a part of what a call gives") };
                if matches!(path.last(), "Some" | "Ok") && args.len() == 1 {
                    return args.first().map_or_else(crate::extract::combine::nothing, |inner| self.element(pat, name, at, inner, scope));
                }
                let names: Vec<&'a str> = path.names().collect();
                match self.function(&names, scope) {
                    Some(function) => {
                        let given = self.arguments(None, args, scope);
                        self.returned(function, given, scope, &|value, inner| self.element(pat, name, at, value, inner))
                    }
                    None => Provenance::unknown("a part of what a call gives"),
                }
            }
            ExprKind::MethodCall(call) => {
                // Pairs of what two lists hold.
                if let ("zip" | "cartesian_product", [other]) = (call.method.as_str(), call.args.as_slice()) {
                    return self.part(pat, name, if at == 0 { &call.receiver } else { other }, scope, true);
                }
                // One tuple or another.
                match (call.method.as_str(), call.args.as_slice()) {
                    ("unwrap_or" | "or", [other]) => {
                        let all = [&call.receiver, other].map(|value| self.element(pat, name, at, value, scope));
                        return union(all.into());
                    }
                    ("unwrap_or_else" | "or_else", [Expr { kind: ExprKind::Closure(params, other), .. }]) if params.is_empty() => {
                        let all = [&call.receiver, &**other].map(|value| self.element(pat, name, at, value, scope));
                        return union(all.into());
                    }
                    _ => {}
                }
                let own = self.type_of(&call.receiver, scope).and_then(|ty| self.index.methods_of(ty.name, call.method.as_str()));
                match own.as_deref() {
                    Some([only]) => {
                        let given = self.arguments(Some(&call.receiver), &call.args, scope);
                        self.returned(*only, given, scope, &|value, inner| self.element(pat, name, at, value, inner))
                    }
                    _ if matches!(call.method.as_str(), "unwrap" | "expect" | "clone" | "unwrap_or_default") => {
                        self.element(pat, name, at, &call.receiver, scope)
                    }
                    // Both halves of a text are parts of it.
                    _ if self.rules.parts.has(call.method.as_str()) => self.made_of(&call.receiver, scope),
                    _ if self.rules.transparent.has(call.method.as_str()) => self.element(pat, name, at, &call.receiver, scope),
                    _ => Provenance::unknown("a part of a value that is not followed"),
                }
            }
            _ => Provenance::unknown("a part of a value that is not followed"),
        }
    }

    /// One element of the pairs that a function puts into a list or map of this name; of a map, keys and values.
    fn element_put(&self, pat: &'a Pat, name: &str, at: usize, list: &str, scope: &Scope<'a>) -> Provenance {
        let unknown = || Provenance::unknown("a part of a value that is not followed");
        let Some(body) = scope.function.and_then(|f| f.function.body.as_ref()) else { return unknown() };
        let mut puts: Vec<(&'a Expr, bool)> = Vec::new();
        every(Node::Block(body), true, &mut |expr| {
            let ExprKind::MethodCall(call) = &expr.kind else { return };
            let on_entry = match &call.receiver.kind {
                ExprKind::MethodCall(entry) if entry.method.as_str() == "entry" && root(&entry.receiver) == Some(list) => {
                    entry.args.first()
                }
                _ => None,
            };
            match (call.method.as_str(), call.args.as_slice(), at) {
                ("push" | "push_back" | "push_front" | "insert", [value], _) if root(&call.receiver) == Some(list) => {
                    puts.push((value, true));
                }
                ("insert", [value, _], 0) | ("insert", [_, value], 1) if root(&call.receiver) == Some(list) => puts.push((value, false)),
                ("or_insert" | "or_default" | "or_insert_with" | "and_modify", _, 0) => puts.extend(on_entry.map(|key| (key, false))),
                ("or_insert", [value], 1) if on_entry.is_some() => puts.push((value, false)),
                _ => {}
            }
        });
        let one = |(value, pair): (&'a Expr, bool)| {
            let there = Scope { frame: scope.frame.clone(), ..Scope::at(self.world, self.index, scope.file, value.span) };
            if pair { self.element(pat, name, at, value, &there) } else { self.part(pat, name, value, &there, false) }
        };
        if puts.is_empty() { unknown() } else { union(puts.into_iter().take(16).map(one).collect()) }
    }
}

/// Whether an expression is a result that is made there, with an error that is written there.
fn makes_result(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Call(callee, _) => matches!(&callee.kind, ExprKind::Path(path) if matches!(path.last(), "Ok" | "Err")),
        ExprKind::MethodCall(call) => matches!(call.method.as_str(), "map_err" | "ok_or" | "ok_or_else"),
        ExprKind::Match(_, arms) => arms.iter().all(|arm| makes_result(&arm.body) || gives_nothing(&arm.body)),
        ExprKind::If(_, then, Some(otherwise)) => tail(then).is_some_and(makes_result) && makes_result(otherwise),
        ExprKind::Block(block) => tail(block).is_some_and(makes_result),
        _ => false,
    }
}

/// The name of the field at a position.
fn position(at: usize) -> Option<&'static str> {
    ["0", "1", "2", "3", "4", "5", "6", "7"].get(at).copied()
}

fn is_method(expr: &Expr, name: &str) -> bool {
    matches!(&expr.kind, ExprKind::MethodCall(call) if call.method.as_str() == name)
}

fn without<'a>(expr: &'a Expr, name: &str) -> &'a Expr {
    match &expr.kind {
        ExprKind::MethodCall(call) if call.method.as_str() == name => &call.receiver,
        _ => expr,
    }
}

fn binds(pat: &Pat, name: &str) -> bool {
    match pat {
        Pat::Ident(own, inner) => own.as_str() == name || inner.as_ref().is_some_and(|i| binds(i, name)),
        Pat::TupleStruct(_, pats) | Pat::Tuple(pats) | Pat::Or(pats) => pats.iter().any(|p| binds(p, name)),
        Pat::Struct(_, fields) => fields.iter().any(|(_, p)| binds(p, name)),
        Pat::Reference(inner) => binds(inner, name),
        _ => false,
    }
}

pub(super) fn is_err(pat: &Pat, name: &str) -> bool {
    match pat {
        Pat::TupleStruct(path, pats) => {
            (path.last() == "Err" && pats.iter().any(|p| binds(p, name))) || pats.iter().any(|p| is_err(p, name))
        }
        Pat::Tuple(pats) => pats.iter().any(|p| is_err(p, name)),
        _ => false,
    }
}
