//! One element of a list of label values that is not written at the use: of what a function gives, or is given.

use super::super::world::Constant;
use super::index::FILLING;
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
            ExprKind::Path(path) => match path.as_ident().and_then(|name| scope.binding(name)) {
                Some((binding, From::Param(function, param), _)) => {
                    let name = binding.name;
                    if let Some(frame) = scope.frame_of(function.key()) {
                        return match frame.given.get(param) {
                            Some(Given::Expr(list, outer)) => self.nth(list, at, outer),
                            _ => unknown(),
                        };
                    }
                    let (file, place) = function.key();
                    let each = |given: &'a Expr, scope: &Scope<'a>| self.nth(given, at, scope);
                    let question = Question::Element(file, place, param, at);
                    self.answer(question, || self.by_callers(function, param, name, &each)).unwrap_or_else(nothing)
                }
                Some((binding, From::Let(statement), before)) if !self.is_changed(binding.name, scope) => {
                    statement.init.as_ref().map_or_else(unknown, |init| self.nth(init, at, &before))
                }
                Some(_) => unknown(),
                None => self.nth_of_constant(&path.names().collect::<Vec<_>>(), at, scope).unwrap_or_else(unknown),
            },
            ExprKind::Call(callee, args) => {
                let ExprKind::Path(path) = &callee.kind else { return unknown() };
                let names: Vec<&'a str> = path.names().collect();
                match self.world.functions(scope.file, &names, scope.self_ty).as_slice() {
                    [only] => match self.index.by_key((only.place.file, only.item.name.span.start)) {
                        Some(function) => {
                            let given = self.arguments(None, args, scope);
                            self.returned(function, given, scope, &|value, inner| self.nth(value, at, inner))
                        }
                        None => unknown(),
                    },
                    _ => {
                        self.ask_for_function(path.last());
                        unknown()
                    }
                }
            }
            ExprKind::MethodCall(call) => {
                let name = call.method.as_str();
                let own = self.type_of(&call.receiver, scope).and_then(|ty| self.index.methods.get(&(ty.name, name)));
                match own.map(Vec::as_slice) {
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

    /// Whether the function around changes a list of this name after it was made.
    fn is_changed(&self, name: &str, scope: &Scope<'a>) -> bool {
        let Some(body) = scope.function.and_then(|f| f.function.body.as_ref()) else { return false };
        let mut changed = false;
        every(Node::Block(body), true, &mut |expr| {
            changed |= match &expr.kind {
                ExprKind::Assign(place, _) => match &place.kind {
                    ExprKind::Index(list, _) => is_name(list, name),
                    _ => is_name(place, name),
                },
                ExprKind::MethodCall(call) => is_name(&call.receiver, name) && FILLING.contains(&call.method.as_str()),
                _ => false,
            };
        });
        changed
    }
}
