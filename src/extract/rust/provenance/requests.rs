//! Requests and answers: which requests a function sees, and whose headers are read.

use super::super::types::Named;
use super::super::world::Miss;
use super::index::FnAt;
use super::scope::Scope;
use super::trace::{Tracer, root};
use super::visit::{Node, every};
use crate::model::{Provenance, ProvenanceKind as Kind};
use crate::syntax::rust::tree::{Expr, ExprKind, Lit};

impl<'a> Tracer<'a, '_> {
    /// What a choice gives. The path beside the matched route is what no route matched, which a function that is put behind the routes
    /// alone never sees.
    pub(super) fn beside_route(&self, mut all: Vec<Provenance>, scope: &Scope<'a>) -> Vec<Provenance> {
        let is_raw = |of: &Provenance| of.kind == Kind::Path && of.foreign;
        if all.iter().any(|of| of.kind == Kind::Route) && all.iter().any(is_raw) {
            let behind = scope.function.is_some_and(|function| self.is_behind_routes(function));
            for of in all.iter_mut().filter(|of| is_raw(of)) {
                of.origin = "the path of a request that no route matches".into();
                (of.certain, of.foreign) = (of.certain && !behind, !behind);
            }
        }
        all
    }

    /// What the client sends that a framework's type holds, such as `Path`, which a handler is given.
    pub(super) fn sent(&self, name: &str, extractor: &str, function: FnAt<'a>) -> Option<Provenance> {
        let says = self.rules.read_from_outside.first()?.provenance();
        let of = Provenance { certain: true, origin: format!("what a client sends as `{extractor}`"), ..says };
        let location = self.world.location(function.file, function.item.name.span);
        Some(of.through(format!("`{name}` is what the client sent"), location))
    }

    /// What every part of something is that is configured, or that a client sends.
    pub(super) fn of_whole(&self, whole: &'a Expr, scope: &Scope<'a>) -> Option<Provenance> {
        let of = self.value(whole, scope);
        let handed_on = of.kind == Kind::Config || of.kind == Kind::Text && of.foreign;
        handed_on.then_some(Provenance { certain: false, count: None, values: Vec::new(), ..of })
    }

    /// Whether a router puts this function, or the layer that makes its service, around its routes only.
    fn is_behind_routes(&self, function: FnAt<'a>) -> bool {
        let names = match function.self_ty {
            Some(service) => self.layers_of(service),
            None => vec![function.name()],
        };
        let put = |method: &str| {
            // What stands in too many places may do so.
            if !self.ask(Miss::Calls(format!(".{method}("))) {
                return method == "layer";
            }
            let calls = self.index.calls.get(method).map(Vec::as_slice).unwrap_or_default();
            calls.iter().any(|at| match &at.expr.kind {
                ExprKind::MethodCall(call) => call.args.iter().any(|arg| mentions_one(arg, &names)),
                _ => false,
            })
        };
        let (behind, around) = (put("route_layer"), put("layer"));
        behind && !around
    }

    /// The types whose `layer` makes this service.
    fn layers_of(&self, service: &str) -> Vec<&'a str> {
        let makes = |f: &FnAt<'a>| f.function.output.as_ref().and_then(|ty| ty.path()).is_some_and(|path| path.last() == service);
        let holds = |f: &FnAt<'a>| {
            f.function.body.as_ref().is_some_and(|body| {
                let mut found = false;
                every(Node::Block(body), true, &mut |expr| {
                    found |= match &expr.kind {
                        ExprKind::Struct(made) => made.path.names().any(|name| name == service),
                        ExprKind::Path(path) => path.names().any(|name| name == service),
                        _ => false,
                    };
                });
                found
            })
        };
        let all = self.index.implementing("Layer", "layer").into_iter().flatten();
        all.filter(|f| makes(f) || holds(f)).filter_map(|f| f.self_ty).collect()
    }

    /// What rules call the type of an expression: that of what variables of its name usually hold, where it has no other.
    pub(super) fn usual_type(&self, expr: &'a Expr, ty: Option<Named<'a>>) -> Option<&'a str> {
        let usual = || {
            let name = root(expr)?;
            let mut all = self.rules.variables.iter();
            all.find(|usual| usual.names.iter().any(|known| known == name)).map(|usual| usual.hold.as_str())
        };
        ty.map(|ty| ty.name).or_else(usual)
    }
}

/// Whether one of these functions or types is named, but not called with a text that it is to use.
fn mentions_one(arg: &Expr, names: &[&str]) -> bool {
    let (mut named, mut given) = (0_usize, 0_usize);
    every(Node::Expr(arg), true, &mut |expr| match &expr.kind {
        ExprKind::Path(path) if path.names().any(|name| names.contains(&name)) => named += 1,
        ExprKind::Call(callee, args) => {
            let called = matches!(&callee.kind, ExprKind::Path(path) if names.contains(&path.last()));
            given += usize::from(called && args.iter().any(is_text));
        }
        _ => {}
    });
    named > given
}

/// A text that is written down, also in `Some(..)`.
fn is_text(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Lit(Lit::Str(_)) => true,
        ExprKind::Call(callee, args) => matches!(&callee.kind, ExprKind::Path(path) if path.last() == "Some") && args.iter().any(is_text),
        _ => false,
    }
}
