//! The method that a call means whose receiver has a type that is not known.

use super::super::types::Named;
use super::super::world::TypeDef;
use super::index::FnAt;
use super::scope::{From, Scope};
use super::trace::{Tracer, is_name};
use super::typed::Typed;
use crate::model::{Provenance, ProvenanceKind as Kind};
use crate::syntax::rust::tree::{Expr, ExprKind, MethodCall, Path, Type, TypeKind};

/// Methods of one name that may be the one that is called.
const MAX_METHODS: usize = 8;

/// Steps from a value back to what it is a part of.
const MAX_STEPS: usize = 12;

impl<'a> Tracer<'a, '_> {
    /// A method of a receiver whose type is not known, where the tree has one of this name only.
    pub(super) fn only_method(&self, call: &'a MethodCall, expr: &'a Expr, scope: &Scope<'a>) -> Provenance {
        let name = call.method.as_str();
        let arity = call.args.len() + 1;
        // A method that calls one of its name on something else hands the call on, and does not call itself.
        let handed_on = |f: &FnAt<'a>| scope.function.is_some_and(|own| own.key() == f.key()) && !is_name(&call.receiver, "self");
        let mut fit = self.index.by_name(name).filter(|f| f.takes_self() && f.function.params.len() == arity && !handed_on(f));
        let foreign = self.rules.foreign.has(name) || self.rules.transparent.has(name);
        let mut fit = fit.by_ref().filter(|f| if foreign { f.file == scope.file } else { self.is_in_reach(f, scope.file) });
        if let (Some(only), None) = (fit.next(), fit.next())
            && only.function.body.is_some()
            && (self.may_be_elsewhere_s(&only) || !self.is_of_another_crate(&call.receiver, scope, MAX_STEPS))
        {
            let found = self.result(only, self.arguments(Some(&call.receiver), &call.args, scope), expr, scope);
            let of = only.self_ty.and_then(|name| self.enum_named(Named { name, file: only.file }));
            return match (of, found.kind) {
                (Some(of), Kind::Match | Kind::Literal) if self.is_shown_by(name) => {
                    Provenance { kind: Kind::Enum, origin: of.origin, ..found }
                }
                _ => found,
            };
        }
        self.ask_for_function(name);
        if let Some(found) = self.whichever(call, expr, scope) {
            return found;
        }
        let told = name.strip_prefix("get_").unwrap_or(name);
        let told = self.by_name_of(&call.receiver, told, expr.span, scope).or_else(|| self.by_declaration(expr, scope));
        let told = told.or_else(|| {
            // By convention another form of the value.
            let converts = call.args.is_empty() && CONVERTING.iter().any(|prefix| name.starts_with(prefix));
            Some(self.made_of(&call.receiver, scope)).filter(|of| converts && of.kind != Kind::Unknown)
        });
        told.unwrap_or_else(|| Provenance::unknown(format!("what `.{name}()` gives")))
    }

    /// Whether a file can be meant to call a method: of its own package, or of a type or trait that it names.
    fn is_in_reach(&self, method: &FnAt<'a>, file: usize) -> bool {
        let names = |word: Option<&'a str>| word.is_some_and(|word| self.is_named_in(word, file));
        self.world.package(method.file) == self.world.package(file) || names(method.self_ty) || names(method.of_trait)
    }

    /// What all methods of a name give, where every one of them gives something bounded.
    fn whichever(&self, call: &'a MethodCall, expr: &'a Expr, scope: &Scope<'a>) -> Option<Provenance> {
        let name = call.method.as_str();
        let arity = call.args.len() + 1;
        let fits = |f: &FnAt<'a>| f.takes_self() && f.function.params.len() == arity && self.is_in_reach(f, scope.file);
        let fit: Vec<FnAt<'a>> = self.index.by_name(name).filter(fits).collect();
        let known = self.rules.foreign.has(name) || self.rules.transparent.has(name);
        if known || fit.len() < 2 || fit.len() > MAX_METHODS || fit.iter().any(|f| f.function.body.is_none() && f.of_trait.is_some()) {
            return None;
        }
        if !fit.iter().any(|f| self.may_be_elsewhere_s(f)) && self.is_of_another_crate(&call.receiver, scope, MAX_STEPS) {
            return None;
        }
        let mut all = Vec::new();
        for function in fit.iter().filter(|f| f.function.body.is_some()) {
            let found = self.result(*function, self.arguments(Some(&call.receiver), &call.args, scope), expr, scope);
            if !found.kind.is_bounded() {
                return None;
            }
            let of = function.self_ty.and_then(|name| self.enum_named(Named { name, file: function.file }));
            all.push(match (of, found.kind) {
                (Some(of), Kind::Match | Kind::Literal) if self.is_shown_by(name) => {
                    Provenance { kind: Kind::Enum, origin: of.origin, ..found }
                }
                _ => found,
            });
        }
        (!all.is_empty()).then(|| Provenance { certain: false, ..crate::extract::combine::arms(all) })
    }

    /// Whether a value is one that a crate elsewhere defines, as far as declarations tell: it, or what it is a part of, has a type that
    /// is not in the tree.
    fn is_of_another_crate(&self, expr: &'a Expr, scope: &Scope<'a>, steps: usize) -> bool {
        let Some(steps) = steps.checked_sub(1) else { return false };
        if let Some(of) = self.declared_type(expr, scope) {
            return self.is_type_elsewhere(of, steps);
        }
        match &expr.kind {
            ExprKind::Reference(inner)
            | ExprKind::Unary('*', inner)
            | ExprKind::Try(inner)
            | ExprKind::Await(inner)
            | ExprKind::Index(inner, _)
            | ExprKind::Field(inner, _) => self.is_of_another_crate(inner, scope, steps),
            ExprKind::Path(path) => match path.as_ident().and_then(|name| scope.binding(name)) {
                Some((_, From::Let(statement), before)) => {
                    statement.init.as_ref().is_some_and(|init| self.is_of_another_crate(init, &before, steps))
                }
                Some((_, From::Part(_, value) | From::Each(_, value), before)) => self.is_of_another_crate(value, &before, steps),
                _ => false,
            },
            // A method that the tree has too may give anything.
            ExprKind::MethodCall(call) => {
                let arity = call.args.len() + 1;
                let fits = |f: FnAt<'a>| f.takes_self() && f.function.params.len() == arity && self.is_in_reach(&f, scope.file);
                call.generics.is_empty()
                    && !call.args.iter().any(|arg| matches!(arg.kind, ExprKind::Closure(..)))
                    && !self.index.by_name(call.method.as_str()).any(fits)
                    && self.is_of_another_crate(&call.receiver, scope, steps)
            }
            // `Type::make(..)`
            ExprKind::Call(callee, _) => match &callee.kind {
                ExprKind::Path(path) => path.names().rev().nth(1).is_some_and(|name| {
                    let plain = path.segments.iter().all(|s| s.generics.is_empty());
                    plain && name.starts_with(char::is_uppercase) && self.is_elsewhere(Named { name, file: scope.file })
                }),
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether a declared type, and every type that it is made of, is one of another crate.
    fn is_type_elsewhere(&self, of: Typed<'a>, steps: usize) -> bool {
        let Some(steps) = steps.checked_sub(1) else { return false };
        let inner = |ty: &'a Type| self.is_type_elsewhere(Typed { ty, ..of }, steps);
        match &of.ty.kind {
            TypeKind::Reference(ty) | TypeKind::Slice(ty) | TypeKind::Array(ty, _) => inner(ty),
            TypeKind::Path(path) => {
                let Some(last) = path.segments.last() else { return false };
                let name = last.name.as_str();
                let holder = matches!(name, "Option" | "Result" | "Vec" | "Box" | "Arc" | "Rc");
                (holder && !last.generics.is_empty() || self.is_path_elsewhere(path, of.file)) && last.generics.iter().all(inner)
            }
            _ => false,
        }
    }

    /// Whether a path of a type leads out of the tree.
    fn is_path_elsewhere(&self, path: &Path, file: usize) -> bool {
        let names: Vec<&str> = path.names().collect();
        let full = self.world.full_path(file, &names);
        let root = full.first().copied().unwrap_or_default();
        full.len() > 1
            && root.starts_with(char::is_lowercase)
            && !matches!(root, "crate" | "self" | "super")
            && self.world.crate_in_tree(root).is_none()
            && self.world.type_def(file, &names).is_none()
    }

    /// Whether a method may be called on a value of another crate: not one of a type that the tree defines.
    fn may_be_elsewhere_s(&self, method: &FnAt<'a>) -> bool {
        let defined = |name| self.world.type_def(method.file, &[name]).map(|found| found.kind);
        !method.self_ty.and_then(defined).is_some_and(|kind| matches!(kind, TypeDef::Struct(_) | TypeDef::Enum(_)))
    }
}

/// How methods that give another form of a value are called.
const CONVERTING: [&str; 3] = ["to_", "as_", "into_"];
