//! What a map or list in a field holds: what the methods of its type put in.

use std::sync::Arc;

use super::super::provenance::visit::{self, Node};
use super::super::types;
use super::super::walk::{Binding, Origin};
use super::super::world::{FunctionAt, Miss};
use super::{Evaluator, Scope, Value, one_of};
use crate::syntax::rust::tree::{Block, Expr, ExprKind, MethodCall};

/// Functions of one name that may give a list.
const MAX_MAKERS: usize = 16;
/// Elements that one of them puts into it.
const MAX_PUT: usize = 64;

impl<'a> Evaluator<'a, '_> {
    /// One element of the container that `expr` stands for, where that is a field of the object whose method this is.
    pub(super) fn element(&self, expr: &'a Expr, scope: &Scope<'a, '_>) -> Option<Value> {
        let field = own_field(expr, scope.bindings)?;
        let ty = scope.self_ty?;
        let package = self.world.package(scope.file);
        let key = (package, ty, field, self.all_count.get());
        if let Some(known) = self.elements.borrow().get(&key) {
            return known.clone();
        }
        // What is put in may itself come out of it.
        self.elements.borrow_mut().insert(key, None);
        let in_type = |f: &FunctionAt<'a>| f.place.owner == Some(ty) && self.world.package(f.place.file) == package;
        let mut values = Vec::new();
        for method in self.world.all_functions().filter(in_type) {
            let Some(body) = &method.function.body else { continue };
            let Some(file) = self.world.files.get(method.place.file) else { continue };
            if memchr::memmem::find(body.span.text(&file.source.text).as_bytes(), field.as_bytes()).is_none() {
                continue;
            }
            if method.function.is_skipped() {
                self.misses.borrow_mut().insert(Miss::Body(Arc::clone(&file.source.path), body.span.start));
            }
            let bindings = lets(body, method.place.file);
            let own = Scope { bindings: &bindings, at: body.span.end, ..Scope::of_item(method.place.file, method.place.owner) };
            visit::every(Node::Block(body), true, &mut |expr| {
                if let ExprKind::MethodCall(call) = &expr.kind
                    && own_field(&call.receiver, &bindings) == Some(field)
                {
                    values.extend(self.put_in(call, &own));
                }
            });
        }
        let element = (!values.is_empty()).then(|| one_of(values));
        self.elements.borrow_mut().insert(key, element.clone());
        element
    }

    /// The elements of the list that a call gives, as far as they are written where its functions put the list together, under
    /// conditions or in closures too. Of a trait's method that its default calls on itself, what every implementation gives.
    pub(super) fn put_together(&self, call: &'a Expr, scope: &Scope<'a, '_>) -> Vec<Value> {
        let functions: Vec<FunctionAt<'a>> = match &call.kind {
            ExprKind::Try(inner) | ExprKind::Await(inner) | ExprKind::Reference(inner) => return self.put_together(inner, scope),
            ExprKind::MethodCall(call) if matches!(call.method.as_str(), "iter" | "into_iter") => {
                return self.put_together(&call.receiver, scope);
            }
            ExprKind::MethodCall(call) => {
                let name = call.method.as_str();
                let Some(of) = types::type_among(self.world, &call.receiver, scope.file, scope.bindings, scope.self_ty) else {
                    return Vec::new();
                };
                if self.world.type_def(of.file, &[of.name]).is_some() {
                    self.world.methods_seen_from(of.file, of.name, name)
                } else {
                    let is_trait = self.world.methods(of.name, name).iter().any(|f| f.place.file == scope.file);
                    if !is_trait {
                        return Vec::new();
                    }
                    self.misses.borrow_mut().insert(Miss::Calls(format!("fn {name}(")));
                    self.world.methods_named(name).collect()
                }
            }
            ExprKind::Call(callee, _) => {
                let ExprKind::Path(path) = &callee.kind else { return Vec::new() };
                self.world.functions(scope.file, &path.names().collect::<Vec<_>>(), scope.self_ty)
            }
            _ => return Vec::new(),
        };
        if functions.len() > MAX_MAKERS {
            return Vec::new();
        }
        functions.iter().flat_map(|function| self.put_together_by(function, scope)).collect()
    }

    fn put_together_by(&self, function: &FunctionAt<'a>, scope: &Scope<'a, '_>) -> Vec<Value> {
        let Some(body) = &function.function.body else { return Vec::new() };
        if function.function.is_skipped() {
            if let Some(file) = self.world.files.get(function.place.file) {
                self.misses.borrow_mut().insert(Miss::Body(Arc::clone(&file.source.path), body.span.start));
            }
            return Vec::new();
        }
        let bindings = lets(body, function.place.file);
        let own = Scope {
            bindings: &bindings,
            at: body.span.end,
            frames: scope.frames,
            ..Scope::of_item(function.place.file, function.place.owner)
        };
        let mut given = super::tail(body);
        while let Some(Expr { kind: ExprKind::Call(_, args), .. }) = given {
            given = args.first().filter(|_| args.len() == 1);
        }
        if let Some(item) = given.and_then(mapped) {
            return vec![self.value(item, &own)];
        }
        let Some(name) = given.and_then(variable) else { return Vec::new() };
        let (mut items, mut whole) = (Vec::<&'a Expr>::new(), true);
        visit::every(Node::Block(body), true, &mut |expr| {
            let ExprKind::MethodCall(call) = &expr.kind else { return };
            match (call.method.as_str(), call.args.as_slice()) {
                _ if variable(&call.receiver) != Some(name) => {}
                ("push" | "push_back", [item]) => items.push(item),
                // What comes from elsewhere is not seen.
                ("extend" | "append" | "insert" | "extend_from_slice", _) => whole = false,
                _ => {}
            }
        });
        if !whole || items.len() > MAX_PUT {
            return Vec::new();
        }
        items.into_iter().map(|item| self.value(item, &own)).collect()
    }

    /// What a call puts into the container that it is made on.
    fn put_in(&self, call: &'a MethodCall, scope: &Scope<'a, '_>) -> Option<Value> {
        let value = match (call.method.as_str(), call.args.as_slice()) {
            ("insert", [_, value]) | ("push" | "push_back" | "or_insert", [value]) => value,
            ("or_insert_with", [made]) => match &made.kind {
                ExprKind::Closure(params, body) if params.is_empty() => body,
                _ => return None,
            },
            _ => return None,
        };
        Some(self.value(value, scope))
    }
}

/// The variables of a function, of its inner blocks, too.
fn lets<'a>(body: &'a Block, file: usize) -> Vec<Binding<'a>> {
    let mut bindings = Vec::new();
    visit::lets(Node::Block(body), &mut |statement| {
        if let Some(name) = statement.pat.as_ident() {
            let (ty, init) = (statement.ty.as_ref(), statement.init.as_ref());
            bindings.push(Binding { name: name.as_str(), ty, init, file, after: None, origin: Origin::Let });
        }
    });
    bindings
}

/// The field of `self` that an expression gives access to, through variables, locks and entries.
fn own_field<'a>(expr: &'a Expr, bindings: &[Binding<'a>]) -> Option<&'a str> {
    match &expr.kind {
        ExprKind::Reference(inner) | ExprKind::Try(inner) | ExprKind::Await(inner) | ExprKind::Unary('*', inner) => {
            own_field(inner, bindings)
        }
        ExprKind::MethodCall(call) => match call.method.as_str() {
            "lock" | "read" | "write" | "borrow" | "borrow_mut" | "unwrap" | "expect" | "as_ref" | "as_mut" | "entry" | "clone" => {
                own_field(&call.receiver, bindings)
            }
            _ => None,
        },
        ExprKind::Field(base, name) => match &base.kind {
            ExprKind::Path(path) if path.as_ident() == Some("self") => Some(name.as_str()),
            _ => None,
        },
        ExprKind::Path(path) => {
            let at = bindings.iter().rposition(|b| Some(b.name) == path.as_ident())?;
            let binding = bindings.get(at).filter(|b| b.origin == Origin::Let)?;
            own_field(binding.init?, bindings.get(..at)?)
        }
        _ => None,
    }
}

fn variable(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Path(path) => path.as_ident(),
        _ => None,
    }
}

/// What `list.map(|x| ..).collect()` makes of each element.
fn mapped(expr: &Expr) -> Option<&Expr> {
    let ExprKind::MethodCall(collect) = &expr.kind else { return None };
    let ExprKind::MethodCall(map) = &collect.receiver.kind else { return None };
    match (collect.method.as_str(), map.method.as_str(), map.args.as_slice()) {
        ("collect", "map", [Expr { kind: ExprKind::Closure(_, body), .. }]) => Some(body),
        _ => None,
    }
}
