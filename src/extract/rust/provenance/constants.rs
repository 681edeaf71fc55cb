//! What constants and statics hold.

use super::super::types;
use super::super::values::{Evaluator, Scope as Place, Value};
use super::super::world::Miss;
use super::declared::holds_changing;
use super::names::{is_list_maker, is_new_list};
use super::scope::Scope;
use super::trace::Tracer;
use super::visit::{Node, every};
use crate::extract::combine::union;
use crate::model::{Provenance, ProvenanceKind as Kind};
use crate::source::Span;
use crate::syntax::rust::tree::{Expr, ExprKind};

impl<'a> Tracer<'a, '_> {
    /// What the constant or static of this path holds.
    pub(super) fn constant(&self, names: &[&str], span: Span, scope: &Scope<'a>) -> Provenance {
        let last = names.last().copied().unwrap_or_default();
        if let Some((&"VARIANTS", ty)) = names.split_last() {
            let ty = if ty == ["Self"] { scope.self_ty.map(|own| vec![own]) } else { Some(ty.to_vec()) };
            let of = ty.as_ref().and_then(|ty| self.world.type_def(scope.file, ty));
            if let (None, Some(name)) = (&of, ty.as_ref().and_then(|ty| ty.last())) {
                self.ask(Miss::Type((*name).to_owned()));
            }
            if let Some(texts) = of.and_then(|of| self.derived_of(&of, last)) {
                return texts;
            }
        }
        let constants = self.world.constants(scope.file, names, scope.self_ty);
        if self.world.strays(scope.file, names, &constants) {
            self.ask_if(self.world.miss(scope.file, names));
        }
        let mut all = Vec::new();
        if let Some(filled) = constants.first().filter(|_| constants.len() == 1).and_then(|c| self.filled(last, c.value?, scope)) {
            return filled;
        }
        for constant in &constants {
            let place = Scope { file: constant.place.file, self_ty: constant.place.owner, ..Scope::default() };
            let known =
                constant.value.map(|value| match Evaluator::new(self.world).value(value, &Place::of_item(place.file, place.self_ty)) {
                    Value::Text(text) if text.known => Provenance::literals([text.text]),
                    Value::Number(n) => Provenance::literals([n.to_string()]),
                    _ => self.value(value, &place),
                });
            let typed = || self.by_type(types::named(constant.ty?, constant.place.file, constant.place.owner)?);
            let found = known.filter(|k| k.kind != Kind::Unknown).or_else(typed);
            let table = || match constant.ty {
                // What is put into it later is not seen.
                Some(ty) if holds_changing(ty) => Provenance::unknown(format!("`{}`, which is changed in place", last)),
                _ => Provenance { certain: false, ..Provenance::of(Kind::Closed, "a constant of the program") },
            };
            all.push(found.unwrap_or_else(table));
        }
        if all.is_empty() {
            self.ask_if(self.world.miss(scope.file, names));
            if let Some(told) = self.by_name(&last.to_lowercase(), span, scope).filter(|told| told.kind == Kind::Config) {
                return told;
            }
            if last.len() > 1 && last.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_') {
                return Provenance { certain: false, count: Some(1), ..Provenance::of(Kind::Literal, "a constant") };
            }
            // A variant or constant of a type that is not in the tree.
            if let [.., of, _] = names
                && of.starts_with(char::is_uppercase)
                && last.starts_with(char::is_uppercase)
            {
                return Provenance { certain: false, count: Some(1), ..Provenance::of(Kind::Literal, format!("a constant of `{of}`")) };
            }
            return Provenance::unknown(format!("`{last}`"));
        }
        let found = union(all);
        match constants.first().and_then(|c| c.value.map(|v| (c.place.file, v.span))) {
            Some((file, span)) => found.through("a constant", self.world.location(file, span)),
            None => found,
        }
    }

    /// What a function puts into a map of the program that begins without anything, such as one that keeps every text once.
    fn filled(&self, name: &str, init: &'a Expr, scope: &Scope<'a>) -> Option<Provenance> {
        let mut empty = false;
        every(Node::Expr(init), true, &mut |expr| empty |= is_new_list(expr) || is_list_maker(expr));
        let body = scope.function.filter(|_| empty)?.function.body.as_ref()?;
        let mut all: Vec<&'a Expr> = Vec::new();
        every(Node::Block(body), true, &mut |expr| {
            let ExprKind::MethodCall(call) = &expr.kind else { return };
            match (call.method.as_str(), &call.receiver.kind, call.args.as_slice()) {
                ("insert", ExprKind::Path(path), [_, value]) if path.last() == name => all.push(value),
                ("or_insert_with" | "or_insert", ExprKind::MethodCall(entry), [value]) if matches!(&entry.receiver.kind, ExprKind::Path(path) if path.last() == name) =>
                {
                    all.push(match &value.kind {
                        ExprKind::Closure(_, body) => body,
                        _ => value,
                    });
                }
                _ => {}
            }
        });
        if all.is_empty() { None } else { Some(union(all.into_iter().map(|value| self.value(value, scope)).collect())) }
    }
}
