//! What a map or list in a field holds: what the methods of its type put in.

use std::sync::Arc;

use super::super::provenance::visit::{self, Node};
use super::super::walk::{Binding, Origin};
use super::super::world::{FunctionAt, Miss};
use super::{Evaluator, Scope, Value, one_of};
use crate::syntax::rust::tree::{Block, Expr, ExprKind, MethodCall};

impl<'a> Evaluator<'a, '_> {
    /// One element of the container that `expr` stands for, where that is a field of the object whose method this is.
    pub(super) fn element(&self, expr: &'a Expr, scope: &Scope<'a, '_>) -> Option<Value> {
        let field = own_field(expr, scope.bindings)?;
        let ty = scope.self_ty?;
        let package = self.world.package(scope.file);
        let key = (package, ty, field);
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
