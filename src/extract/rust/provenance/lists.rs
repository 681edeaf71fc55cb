//! One element of a list of label values that is not written at the use: of what a function gives, or is given.

use super::super::values::{Evaluator, Scope as Place, Value};
use super::super::world::{Constant, is_type};
use super::index::{FILLING, FnAt};
use super::scope::{From, Given, Scope};
use super::trace::{Question, Tracer, gives_nothing, is_name, tail};
use super::visit::{Node, every};
use crate::extract::combine::{arms, nothing, union};
use crate::model::Provenance;
use crate::syntax::rust::tree::{Arm, Expr, ExprKind};

impl<'a> Tracer<'a, '_> {
    /// The element at a position of a list.
    pub(super) fn nth(&self, list: &'a Expr, at: usize, scope: &Scope<'a>) -> Provenance {
        let unknown = || Provenance::unknown("a value that is not written at the use");
        if !self.step() {
            return Provenance::unknown("too many steps");
        }
        match &list.kind {
            ExprKind::Array(items) => items.get(at).map_or_else(unknown, |item| self.value(item, scope)),
            ExprKind::Macro(call) if call.is("vec") => {
                call.args.get(at).and_then(|arg| arg.value.as_ref()).map_or_else(unknown, |item| self.value(item, scope))
            }
            ExprKind::Reference(inner) | ExprKind::Try(inner) | ExprKind::Await(inner) | ExprKind::Unary('*', inner) => {
                self.nth(inner, at, scope)
            }
            ExprKind::Index(inner, range) if matches!(range.kind, ExprKind::Range(None, None, _)) => self.nth(inner, at, scope),
            ExprKind::Block(block) => {
                let mut inner = scope.clone();
                inner.statements(block);
                tail(block).map_or_else(unknown, |value| self.nth(value, at, &inner))
            }
            ExprKind::If(cond, then, Some(otherwise)) => {
                let mut inner = scope.clone();
                inner.condition(cond);
                let then = tail(then).map(|value| (value, &inner));
                let all = then.into_iter().chain([(&**otherwise, scope)]).filter(|(value, _)| !gives_nothing(value));
                arms(all.map(|(value, scope)| self.nth(value, at, scope)).collect())
            }
            ExprKind::Match(value, all) => {
                let of_arm = |arm: &'a Arm| {
                    let mut inner = scope.clone();
                    inner.pattern(&arm.pat, From::Part(&arm.pat, value));
                    self.nth(&arm.body, at, &inner)
                };
                arms(all.iter().filter(|arm| !gives_nothing(&arm.body)).map(of_arm).collect())
            }
            ExprKind::Repeat(value, _) => self.value(value, scope),
            ExprKind::Field(base, name) if name.as_str() == "0" => self.nth(base, at, scope),
            ExprKind::Path(path) => {
                let Some((binding, from, before)) = path.as_ident().and_then(|name| scope.binding(name)) else {
                    return self.nth_of_constant(&path.names().collect::<Vec<_>>(), at, scope).unwrap_or_else(unknown);
                };
                let Some(later) = self.put_at(binding.name, at, scope) else {
                    return Provenance::unknowable(format!("`{}`, which is changed in place", binding.name));
                };
                let first = match from {
                    From::Param(function, param) => self.nth_given(function, param, binding.name, at, scope),
                    From::Let(statement) => statement.init.as_ref().map_or_else(unknown, |init| self.nth(init, at, &before)),
                    _ => unknown(),
                };
                let there = |value: &'a Expr| {
                    let there = Scope { frame: scope.frame.clone(), ..Scope::at(self.world, self.index, scope.file, value.span) };
                    self.value(value, &there).through("set here", self.location(scope, value.span))
                };
                if later.is_empty() { first } else { arms(std::iter::once(first).chain(later.into_iter().map(there)).collect()) }
            }
            ExprKind::Call(callee, args) => {
                let ExprKind::Path(path) = &callee.kind else { return unknown() };
                let names: Vec<&'a str> = path.names().collect();
                match (self.function(&names, scope), args.as_slice()) {
                    (Some(function), _) => {
                        let given = self.arguments(None, args, scope);
                        self.returned(function, given, scope, &|value, inner| self.nth(value, at, inner))
                    }
                    // A struct around a list.
                    (None, [list]) if is_type(path.last()) => self.nth(list, at, scope),
                    _ => {
                        self.ask_for_function(path.last());
                        unknown()
                    }
                }
            }
            ExprKind::MethodCall(call) => {
                let name = call.method.as_str();
                let own = self.type_of(&call.receiver, scope).and_then(|ty| self.index.methods_of(ty.name, name));
                match own.as_deref() {
                    Some([only]) => {
                        let given = self.arguments(Some(&call.receiver), &call.args, scope);
                        self.returned(*only, given, scope, &|value, inner| self.nth(value, at, inner))
                    }
                    None if call.args.is_empty() && matches!(name, "as_slice" | "as_ref" | "to_vec" | "clone" | "iter") => {
                        self.nth(&call.receiver, at, scope)
                    }
                    _ => unknown(),
                }
            }
            _ => unknown(),
        }
    }

    fn nth_of_constant(&self, names: &[&str], at: usize, scope: &Scope<'a>) -> Option<Provenance> {
        let all = self.world.constants(scope.file, names, scope.self_ty);
        let one = |constant: &Constant<'a>| {
            let place = Scope { file: constant.place.file, self_ty: constant.place.owner, ..Scope::default() };
            Some(self.nth(constant.value?, at, &place))
        };
        (!all.is_empty()).then(|| all.iter().map(one).collect::<Option<Vec<_>>>())?.map(union)
    }

    /// The element of the list that a parameter is: given by the call that is being followed, or by every call.
    fn nth_given(&self, function: FnAt<'a>, param: usize, name: &'a str, at: usize, scope: &Scope<'a>) -> Provenance {
        if let Some(frame) = scope.frame_of(function.key()) {
            return match frame.given.get(param) {
                Some(Given::Expr(list, outer)) => self.nth(list, at, outer),
                _ => Provenance::unknown(format!("the parameter `{name}`")),
            };
        }
        let (file, place) = function.key();
        let each = |given: &'a Expr, scope: &Scope<'a>| self.nth(given, at, scope);
        self.answer(Question::Element(file, place, param, at), || self.by_callers(function, param, name, &each)).unwrap_or_else(nothing)
    }

    /// What the function around puts at a position of the list of this name later; `None` where it changes the list in other ways.
    fn put_at(&self, name: &str, at: usize, scope: &Scope<'a>) -> Option<Vec<&'a Expr>> {
        let Some(body) = scope.function.and_then(|f| f.function.body.as_ref()) else { return Some(Vec::new()) };
        let is_list = |expr: &Expr| match &expr.kind {
            ExprKind::Field(base, field) => field.as_str() == "0" && is_name(base, name),
            _ => is_name(expr, name),
        };
        let (mut put, mut known) = (Vec::new(), true);
        every(Node::Block(body), true, &mut |expr| match &expr.kind {
            ExprKind::Assign(place, value) => match &place.kind {
                ExprKind::Index(list, position) if is_list(list) => {
                    let there = Place::of_item(scope.file, scope.self_ty);
                    match Evaluator::new(self.world).value(position, &there) {
                        Value::Number(n) if n == at as f64 => put.push(&**value),
                        Value::Number(_) => {}
                        _ => known = false,
                    }
                }
                _ => known &= !is_list(place),
            },
            ExprKind::MethodCall(call) => known &= !(is_list(&call.receiver) && FILLING.contains(&call.method.as_str())),
            _ => {}
        });
        known.then_some(put)
    }
}
