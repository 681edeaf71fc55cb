//! Texts that macros put together and that values show themselves as.

use super::super::types::{self, Named};
use super::patterns::is_err;
use super::scope::{From, Scope};
use super::trace::{Tracer, bool, is_name, root};
use crate::extract::combine::{product, union};
use crate::knowledge::provenance;
use crate::model::{Provenance, ProvenanceKind as Kind};
use crate::source::Span;
use crate::syntax::rust::tree::{Expr, ExprKind, Lit, MacroCall};

impl<'a> Tracer<'a, '_> {
    pub(super) fn macro_call(&self, call: &'a MacroCall, expr: &'a Expr, scope: &Scope<'a>) -> Provenance {
        let name = call.path.last();
        if let Some(says) = self.rules.macros.find(name) {
            return self.says(says, scope, expr.span);
        }
        match name {
            "format" | "concat" | "format_args" | "format_smolstr" => self.formatted(call, 0, expr.span, scope),
            "vec" if call.args.is_empty() => crate::extract::combine::nothing(),
            "vec" | "arc_str" | "array" => union(call.args.iter().filter_map(|a| a.value.as_ref()).map(|v| self.value(v, scope)).collect()),
            "matches" => bool(),
            _ => match self.world.expansion(scope.file, call.body.start) {
                Some(Ok(file)) => match self.world.inline(file) {
                    Some(block) => self.block(block, &Scope { file, ..scope.clone() }),
                    None => Provenance::unknown(format!("what `{name}!` expands to")),
                },
                _ => Provenance::unknown(format!("what `{name}!` expands to")),
            },
        }
    }

    /// A text of literal parts and arguments.
    pub(super) fn formatted(&self, call: &'a MacroCall, skip: usize, span: Span, scope: &Scope<'a>) -> Provenance {
        let mut args = call.args.iter().skip(skip);
        let Some(first) = args.next().and_then(|a| a.value.as_ref()) else { return Provenance::unknown("a text put together") };
        let ExprKind::Lit(Lit::Str(template)) = &first.kind else {
            if call.is("concat") {
                return product(call.args.iter().filter_map(|a| a.value.as_ref()).map(|v| self.value(v, scope)).collect());
            }
            return Provenance::unknown("a text put together");
        };
        let mut parts = Vec::new();
        for (name, debug) in holes(template) {
            // `{name}` is the variable of this name where no argument has it.
            let keyed = call.args.iter().skip(skip).find(|a| a.key.as_deref().is_some_and(|(k, _)| is_name(k, &name)));
            let positional = || match name.parse::<usize>() {
                Ok(at) => call.args.iter().skip(skip + 1 + at).find(|a| a.key.is_none()),
                Err(_) => None,
            };
            match keyed.or_else(positional).and_then(|a| a.value.as_ref()) {
                Some(value) => parts.push(self.shown(value, debug, scope)),
                None => match scope.bindings.iter().rev().find(|b| b.name == name).map(|b| b.name) {
                    Some(own) => {
                        let declared = scope.binding(own).and_then(|(b, ..)| Some((b.ty?, b.file)));
                        let ty = declared.and_then(|(ty, file)| types::named(ty, file, scope.self_ty));
                        let shown = ty.and_then(|ty| self.display(ty, debug, span, scope));
                        if let (None, Some((ty, file))) = (&shown, declared) {
                            self.ask_for_type(Some(ty), file);
                        }
                        let value = || self.name(own, span, scope).unwrap_or_else(|| Provenance::unknown("a variable"));
                        parts.push(shown.unwrap_or_else(value));
                    }
                    None => parts.push(self.constant(&[name.as_str()], span, scope)),
                },
            }
        }
        if parts.is_empty() {
            return Provenance::literals([template.to_string()]);
        }
        let mut found = product(parts);
        // What another template makes of the same parts are other texts.
        if found.kind.is_bounded() && found.count.is_some() && found.values.is_empty() {
            found.origin = format!("the texts of `{template}`");
        }
        if found.kind == Kind::Unknown { found } else { found.through("put together here", self.location(scope, span)) }
    }

    /// Text of a value, by `Display` or `Debug`.
    pub(super) fn shown(&self, value: &'a Expr, debug: bool, scope: &Scope<'a>) -> Provenance {
        let ty: Option<Named<'a>> = self.type_of(value, scope);
        match ty.and_then(|ty| self.display(ty, debug, value.span, scope)) {
            // What a type shows that is not followed may be told by the variable's name.
            Some(shown) if shown.kind == Kind::Unknown => {
                let told = root(value).and_then(|name| {
                    let (_, from, before) = scope.binding(name)?;
                    self.by_name_in(name, from, &shown, value.span, &before)
                });
                told.unwrap_or(shown)
            }
            Some(shown) => shown,
            None => match self.value(value, scope) {
                found if found.kind == Kind::Unknown && self.is_error(value, scope) => {
                    Provenance { certain: false, ..Provenance::of(Kind::Error, "the text of an error") }
                        .through("the text of an error", self.location(scope, value.span))
                }
                found => found,
            },
        }
    }

    /// Whether a name is bound by `Err(..)` or by the closure of `map_err` and the like.
    pub(super) fn is_error(&self, value: &'a Expr, scope: &Scope<'a>) -> bool {
        let Some(name) = root(value) else { return false };
        let Some((_, from, _)) = scope.binding(name) else { return false };
        match from {
            From::Part(pat, _) => is_err(pat, name),
            From::Passed(closure, 0, call) => is_given_an_error(call, closure),
            From::Closure(_, 0, Some(receiver)) => matches!(&receiver.kind, ExprKind::MethodCall(call) if call.method.as_str() == "err"),
            _ => false,
        }
    }
}

/// Whether a call gives a closure the error of what it is a method of.
fn is_given_an_error(call: &Expr, closure: &Expr) -> bool {
    let ExprKind::MethodCall(call) = &call.kind else { return false };
    let known = provenance::rust().given_an_error.iter().any(|name| name == call.method.as_str());
    known && call.args.first().is_some_and(|arg| std::ptr::eq(arg, closure))
}

/// The holes of a template: the name or position, and whether `Debug` shows it.
fn holes(template: &str) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    let mut next = 0;
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        let after = rest.get(at + 1..).unwrap_or_default();
        let brace = rest.get(at..=at).unwrap_or_default();
        if after.starts_with(brace) || brace == "}" {
            rest = after.get(1..).unwrap_or_default();
            continue;
        }
        let Some(end) = after.find('}') else { break };
        let inside = after.get(..end).unwrap_or_default();
        let (name, how) = inside.split_once(':').unwrap_or((inside, ""));
        let name = if name.trim().is_empty() {
            next += 1;
            (next - 1).to_string()
        } else {
            name.trim().to_owned()
        };
        found.push((name, how.contains('?')));
        rest = after.get(end + 1..).unwrap_or_default();
    }
    found
}
