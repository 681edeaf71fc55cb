//! Declared types of expressions, also of what patterns, loops and closures take out of a value.

use super::super::attributes;
use super::super::types::{self, Named};
use super::super::world::{Miss, TypeAt, TypeDef};
use super::index::FnAt;
use super::scope::{From, Scope};
use super::trace::{Tracer, gives_nothing, tail};
use crate::model::{Provenance, ProvenanceKind as Kind};
use crate::syntax::rust::tree::{Expr, ExprKind, Pat, Path, Type, TypeKind};

/// Steps of one question.
const MAX_STEPS: usize = 24;

/// Names of types for types, or wrappers around wrappers.
const MAX_ALIASES: usize = 6;
/// Methods of one name that are compared.
const MAX_ALIKE: usize = 12;

/// A declared type, and where it is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Typed<'a> {
    pub(super) ty: &'a Type,
    pub(super) file: usize,
    pub(super) owner: Option<&'a str>,
}

impl<'a> Tracer<'a, '_> {
    /// The name of an expression's type.
    pub(super) fn type_of(&self, expr: &'a Expr, scope: &Scope<'a>) -> Option<Named<'a>> {
        let found = self.owner_of(expr, scope, MAX_STEPS)?;
        if found.name.len() > 2 && found.name.starts_with(char::is_uppercase) && self.world.type_def(found.file, &[found.name]).is_none() {
            for word in ["struct", "enum", "trait", "type"] {
                self.ask(Miss::Text(format!("{word} {}", found.name)));
            }
        }
        Some(found)
    }

    /// The type of an expression; of a type parameter, the trait that it is bounded by.
    fn owner_of(&self, expr: &'a Expr, scope: &Scope<'a>, steps: usize) -> Option<Named<'a>> {
        let found = scope.type_of(self.world, expr).or_else(|| self.named(expr, scope, steps)).or_else(|| self.made(expr, scope, steps))?;
        match scope.function.and_then(|f| f.bound(found.name)) {
            Some(path) => Some(Named { name: path.last(), file: scope.file }),
            None => Some(self.behind_alias(found)),
        }
    }

    /// The struct or enum that an expression makes a value of.
    fn made(&self, expr: &'a Expr, scope: &Scope<'a>, steps: usize) -> Option<Named<'a>> {
        let steps = steps.checked_sub(1)?;
        match &expr.kind {
            ExprKind::Path(path) => {
                let Some(name) = path.as_ident() else { return self.of_variant_path(path, scope) };
                match scope.binding(name)? {
                    (_, From::Let(statement), before) => self.owner_of(statement.init.as_ref()?, &before, steps),
                    (_, From::Each(_, iter), before) => match first_item(iter) {
                        Some(first) => self.owner_of(first, &before, steps),
                        None => self.listed_by(iter, &before),
                    },
                    (_, From::Closure(_, 0, Some(receiver)), before) => self.listed_by(receiver, &before),
                    _ => None,
                }
            }
            ExprKind::Reference(inner) => self.made(inner, scope, steps),
            ExprKind::Match(_, arms) => {
                arms.iter().filter(|arm| !gives_nothing(&arm.body)).find_map(|arm| self.made(&arm.body, scope, steps))
            }
            ExprKind::If(_, then, otherwise) => {
                let then = tail(then).and_then(|value| self.made(value, scope, steps));
                then.or_else(|| self.made(otherwise.as_ref()?, scope, steps))
            }
            // `Type::from_repr(at).unwrap()`
            ExprKind::MethodCall(call) if matches!(call.method.as_str(), "unwrap" | "expect" | "clone") => {
                self.made(&call.receiver, scope, steps)
            }
            ExprKind::Call(callee, _) => {
                let ExprKind::Path(path) = &callee.kind else { return None };
                if let Some(of) = self.converted(path, scope) {
                    return Some(of);
                }
                let mut names = path.names().rev().take_while(|n| n.starts_with(char::is_uppercase));
                let (last, before) = (names.next()?, names.next());
                let is = |name: &'a str| {
                    let name = if name == "Self" { scope.self_ty? } else { name };
                    let seen = self.world.type_def(scope.file, &[name]).map(|_| Named { name, file: scope.file });
                    seen.or_else(|| Some(Named { name, file: self.world.type_meant(scope.file, name)?.place.file }))
                };
                before.map_or_else(|| is(last), is)
            }
            _ => None,
        }
    }

    /// The enum of the tree that a derived `Enum::from_repr(..)` and the like makes a value of.
    fn converted(&self, path: &'a Path, scope: &Scope<'a>) -> Option<Named<'a>> {
        let names: Vec<&'a str> = path.names().collect();
        let [.., ty, maker] = names.as_slice() else { return None };
        let derived = maker.starts_with("from_") && self.world.functions(scope.file, &names, scope.self_ty).is_empty();
        let name = if *ty == "Self" { scope.self_ty? } else { ty };
        let found = self.world.type_def(scope.file, &[name]).filter(|_| derived)?;
        matches!(found.kind, TypeDef::Enum(_)).then_some(Named { name, file: scope.file })
    }

    /// The enum of the tree whose variants `Enum::iter()` gives.
    fn listed_by(&self, iter: &'a Expr, scope: &Scope<'a>) -> Option<Named<'a>> {
        let ExprKind::Call(callee, args) = &iter.kind else { return None };
        let ExprKind::Path(path) = &callee.kind else { return None };
        let names: Vec<&'a str> = path.names().collect();
        let [.., ty, "iter"] = names.as_slice() else { return None };
        let name = if *ty == "Self" { scope.self_ty? } else { ty };
        let found = self.definition(Named { name, file: scope.file })?;
        let listed = args.is_empty() && attributes::derives(&found.item.attrs, "EnumIter");
        listed.then_some(Named { name, file: scope.file })
    }

    /// The enum of `Enum::Variant`.
    fn of_variant_path(&self, path: &'a Path, scope: &Scope<'a>) -> Option<Named<'a>> {
        let names: Vec<&'a str> = path.names().collect();
        let [.., ty, variant] = names.as_slice() else { return None };
        let name = if *ty == "Self" { scope.self_ty? } else { ty };
        match self.world.type_def(scope.file, &[name])?.kind {
            TypeDef::Enum(variants) if variants.iter().any(|v| v.name.as_str() == *variant) => Some(Named { name, file: scope.file }),
            _ => None,
        }
    }

    /// The type that a name for a type stands for.
    fn behind_alias(&self, ty: Named<'a>) -> Named<'a> {
        let mut found = ty;
        for _ in 0..MAX_ALIASES {
            let Some(TypeAt { place, kind: TypeDef::Alias(to), .. }) = self.world.type_def(found.file, &[found.name]) else { break };
            match types::named(to, place.file, None) {
                Some(to) => found = to,
                None => break,
            }
        }
        found
    }

    /// The type that a declaration names; asks for it where it was not read.
    fn definition(&self, ty: Named<'a>) -> Option<TypeAt<'a>> {
        let found = self.world.type_meant(ty.file, ty.name);
        if found.is_none() && ty.name.len() > 2 {
            for word in ["struct", "enum", "type"] {
                self.ask(Miss::Text(format!("{word} {}", ty.name)));
            }
        }
        found
    }

    /// The type of a name that a pattern, loop or closure binds.
    pub(super) fn taken_type(&self, name: &'a str, scope: &Scope<'a>) -> Option<Typed<'a>> {
        let (_, from, _) = scope.binding(name)?;
        if !matches!(from, From::Part(..) | From::Each(..) | From::Closure(..) | From::ParamPart(..) | From::ClosurePart(..)) {
            return None;
        }
        self.bound(name, scope, MAX_STEPS)
    }

    /// What a declared type says of its values. A text that lives for ever is one that the program holds.
    pub(super) fn by_declared(&self, of: Typed<'a>) -> Option<Provenance> {
        let words = "a text that the program holds";
        let held = || Provenance { certain: false, ..Provenance::of(Kind::Literal, words) };
        name_of(of).and_then(|ty| self.by_type(ty)).or_else(|| self.is_held_text(of.ty, of.file).then(held))
    }

    /// Asks for the definition of a type that something is declared to have.
    pub(super) fn ask_for_type(&self, ty: Option<&'a Type>, file: usize) {
        if let Some(named) = ty.and_then(|ty| types::named(ty, file, None)).filter(|n| n.name.starts_with(char::is_uppercase)) {
            self.definition(named);
        }
    }

    /// What the declared type of an expression says.
    pub(super) fn by_declaration(&self, expr: &'a Expr, scope: &Scope<'a>) -> Option<Provenance> {
        self.declared(expr, scope, MAX_STEPS).and_then(|of| self.by_declared(of)).map(|of| Provenance { certain: false, ..of })
    }

    /// `&'static str`, also in an `Option`.
    fn is_held_text(&self, ty: &Type, file: usize) -> bool {
        match &ty.kind {
            TypeKind::Reference(inner) => {
                let text = self.world.files.get(file).and_then(|f| f.source.text.get(ty.span.start as usize..inner.span.start as usize));
                text.is_some_and(|text| text.contains("'static")) && inner.path().and_then(Path::as_ident) == Some("str")
            }
            TypeKind::Path(path) => path.segments.last().is_some_and(|last| {
                matches!(last.name.as_str(), "Option" | "Result") && last.generics.first().is_some_and(|g| self.is_held_text(g, file))
            }),
            _ => false,
        }
    }

    /// The type that declarations give an expression.
    pub(super) fn declared_type(&self, expr: &'a Expr, scope: &Scope<'a>) -> Option<Typed<'a>> {
        self.declared(expr, scope, MAX_STEPS)
    }

    fn named(&self, expr: &'a Expr, scope: &Scope<'a>, steps: usize) -> Option<Named<'a>> {
        let of = self.declared(expr, scope, steps)?;
        types::named(of.ty, of.file, of.owner)
    }

    /// The type that declarations give an expression.
    fn declared(&self, expr: &'a Expr, scope: &Scope<'a>, steps: usize) -> Option<Typed<'a>> {
        let steps = steps.checked_sub(1)?;
        match &expr.kind {
            ExprKind::Reference(inner) | ExprKind::Await(inner) | ExprKind::Unary('*', inner) => self.declared(inner, scope, steps),
            ExprKind::Try(inner) => self.declared(inner, scope, steps).map(|ty| self.held(ty, 0).unwrap_or(ty)),
            ExprKind::Cast(_, ty) => Some(Typed { ty, file: scope.file, owner: scope.self_ty }),
            ExprKind::Index(inner, _) => self.held(self.declared(inner, scope, steps)?, 0),
            ExprKind::Path(path) => self.bound(path.as_ident()?, scope, steps),
            ExprKind::Field(base, name) => {
                if let (Some(Typed { ty, file, owner }), Ok(at)) = (self.declared(base, scope, steps), name.as_str().parse::<usize>())
                    && let TypeKind::Tuple(types) = &stripped(ty).kind
                {
                    return Some(Typed { ty: types.get(at)?, file, owner });
                }
                let owner = self.owner_of(base, scope, steps)?;
                let Some(found) = self.definition(owner) else {
                    return self.wrapped(self.declared(base, scope, steps)?);
                };
                let TypeDef::Struct(fields) = found.kind else { return None };
                let field = fields.iter().find(|f| f.name.as_str() == name.as_str())?;
                Some(Typed { ty: &field.ty, file: found.place.file, owner: Some(found.item.name.as_str()) })
            }
            ExprKind::Call(callee, args) => {
                let ExprKind::Path(path) = &callee.kind else { return None };
                let names: Vec<&'a str> = path.names().collect();
                match self.world.functions(scope.file, &names, scope.self_ty).as_slice() {
                    [only] => Some(Typed { ty: only.function.output.as_ref()?, file: only.place.file, owner: only.place.owner }),
                    _ => match (names.last().copied(), args.as_slice()) {
                        (Some("Some" | "Ok" | "clone"), [inner]) => self.declared(inner, scope, steps),
                        (Some("new" | "from"), [inner]) if matches!(names.as_slice(), [.., "Arc" | "Box" | "Rc", _]) => {
                            self.declared(inner, scope, steps)
                        }
                        _ => None,
                    },
                }
            }
            ExprKind::MethodCall(call) => self.of_method(call, scope, steps),
            // What it expands to sees what its call sees.
            ExprKind::Macro(call) => {
                let file = self.world.expansion(scope.file, call.body.start)?.ok()?;
                let mut inner = Scope { file, ..scope.clone() };
                let block = self.world.inline(file)?;
                inner.statements(block);
                self.declared(tail(block)?, &inner, steps)
            }
            ExprKind::Match(value, arms) => arms.iter().filter(|arm| !gives_nothing(&arm.body)).find_map(|arm| {
                let mut inner = scope.clone();
                inner.pattern(&arm.pat, From::Part(&arm.pat, value));
                self.declared(&arm.body, &inner, steps)
            }),
            ExprKind::If(cond, then, otherwise) => {
                let mut inner = scope.clone();
                inner.condition(cond);
                let first = tail(then).filter(|value| !gives_nothing(value)).and_then(|value| self.declared(value, &inner, steps));
                first.or_else(|| self.declared(otherwise.as_ref()?, scope, steps))
            }
            ExprKind::Block(block) | ExprKind::Async(block) => {
                let mut inner = scope.clone();
                inner.statements(block);
                self.declared(tail(block)?, &inner, steps)
            }
            _ => None,
        }
    }

    /// The struct of the tree that a type of another crate is made around, which one of its fields holds.
    fn wrapped(&self, of: Typed<'a>) -> Option<Typed<'a>> {
        let [inner] = stripped(of.ty).path()?.segments.last()?.generics.as_slice() else { return None };
        let inner = Typed { ty: inner, ..of };
        let found = self.definition(name_of(inner)?)?;
        matches!(found.kind, TypeDef::Struct(_)).then_some(inner)
    }

    /// The declared type of a variable.
    fn bound(&self, name: &'a str, scope: &Scope<'a>, steps: usize) -> Option<Typed<'a>> {
        let (binding, from, before) = scope.binding(name)?;
        if let Some(ty) = binding.ty {
            return Some(Typed { ty, file: binding.file, owner: scope.self_ty });
        }
        match from {
            From::Let(statement) => self.declared(statement.init.as_ref()?, &before, steps),
            From::Part(pat, value) => self.taken(pat, name, self.declared(value, &before, steps), &before),
            From::Each(pat, iter) => {
                let (pat, iter) = match (pat, &iter.kind) {
                    (Pat::Tuple(pats), ExprKind::MethodCall(call)) if call.method.as_str() == "enumerate" => (pats.get(1)?, &call.receiver),
                    (Pat::Tuple(pats), ExprKind::MethodCall(call)) if call.method.as_str() == "zip" => {
                        let [first, second] = pats.as_slice() else { return None };
                        let one_of = |pat, list| self.one_of(pat, name, self.declared(list, &before, steps)?, &before);
                        return one_of(first, &call.receiver).or_else(|| one_of(second, call.args.first()?));
                    }
                    _ => (pat, iter),
                };
                self.one_of(pat, name, self.declared(iter, &before, steps)?, &before)
            }
            From::ParamPart(pat, function, at) => {
                let param = function.function.params.get(at)?;
                let of = Typed { ty: param.ty.as_ref()?, file: function.file, owner: function.self_ty };
                self.taken(pat, name, Some(of), &before)
            }
            From::ClosurePart(pat, _, 0, Some(receiver)) => self.one_of(pat, name, self.declared(receiver, &before, steps)?, &before),
            From::Closure(closure, 0, Some(receiver)) => {
                let ExprKind::Closure(params, _) = &closure.kind else { return None };
                self.one_of(&params.first()?.pat, name, self.declared(receiver, &before, steps)?, &before)
            }
            _ => None,
        }
    }

    fn of_method(&self, call: &'a crate::syntax::rust::tree::MethodCall, scope: &Scope<'a>, steps: usize) -> Option<Typed<'a>> {
        let receiver = || self.declared(&call.receiver, scope, steps);
        // `.context::<Type>()`
        if let ([generic], true) = (call.generics.as_slice(), call.args.is_empty())
            && generic.path().is_some_and(|path| path.last().starts_with(char::is_uppercase) && !has_generics(path))
        {
            return Some(Typed { ty: generic, file: scope.file, owner: scope.self_ty });
        }
        match call.method.as_str() {
            "unwrap" | "expect" | "unwrap_or_default" | "unwrap_or" | "unwrap_or_else" | "ok_or" | "ok_or_else" => {
                let of = receiver()?;
                Some(self.held(of, 0).unwrap_or(of))
            }
            "clone" | "as_ref" | "as_mut" | "iter" | "iter_mut" | "into_iter" | "to_owned" | "as_deref" | "cloned" | "copied" | "lock"
            | "read" | "write" | "borrow" | "values" | "values_mut" | "into_values" | "rev" | "skip" | "take" | "filter" | "ok"
            | "map_err" | "as_slice" | "drain" | "peekable" | "inspect_err" | "context" | "with_context" => receiver(),
            // What a framework's wrapper holds.
            "into_inner" | "get_ref" | "get_mut" if call.args.is_empty() => {
                let of = receiver()?;
                let path = stripped(of.ty).path()?;
                match path.segments.last()?.generics.as_slice() {
                    [inner] => Some(Typed { ty: inner, ..of }),
                    _ => Some(of),
                }
            }
            "get" | "first" | "last" | "pop" | "next" | "pop_front" | "get_mut" | "recv" | "min" | "max" => {
                let of = receiver()?;
                Some(self.element_of(of).unwrap_or(of))
            }
            name => {
                let arity = call.args.len() + 1;
                let fits = |f: &FnAt<'a>| f.takes_self() && f.function.params.len() == arity;
                let owner = self.owner_of(&call.receiver, scope, steps);
                let fit: Vec<FnAt<'a>> = match owner {
                    Some(owner) => self.index.methods_of(owner.name, name).into_iter().flatten().filter(fits).collect(),
                    None if self.rules.foreign.has(name) => Vec::new(),
                    None => self.index.by_name(name).filter(fits).take(MAX_ALIKE).collect(),
                };
                if let Some(owner) = owner.filter(|_| fit.is_empty()) {
                    self.ask(Miss::Text(format!("fn {name}")));
                    self.definition(owner);
                }
                // Several of one name, such as a trait's and its implementations', give one type.
                let only = fit.first()?;
                let output = only.function.output.as_ref()?;
                if !fit.iter().all(|f| f.function.output.as_ref().is_some_and(|o| alike(o, output))) {
                    return None;
                }
                Some(Typed { ty: only.function.output.as_ref()?, file: only.file, owner: only.self_ty })
            }
        }
    }

    /// The type of the name in a pattern that takes a value of this type apart.
    fn taken(&self, pat: &'a Pat, name: &str, of: Option<Typed<'a>>, scope: &Scope<'a>) -> Option<Typed<'a>> {
        match pat {
            Pat::Ident(own, None) => of.filter(|_| own.as_str() == name),
            Pat::Ident(own, Some(inner)) => {
                if own.as_str() == name {
                    of
                } else {
                    self.taken(inner, name, of, scope)
                }
            }
            Pat::Reference(inner) => self.taken(inner, name, of, scope),
            Pat::Or(pats) => pats.iter().find_map(|p| self.taken(p, name, of, scope)),
            Pat::Tuple(pats) => {
                let Typed { ty, file, owner } = of?;
                let TypeKind::Tuple(types) = &stripped(ty).kind else { return None };
                pats.iter().zip(types).find_map(|(p, ty)| self.taken(p, name, Some(Typed { ty, file, owner }), scope))
            }
            Pat::TupleStruct(path, pats) => match (path.last(), pats.as_slice()) {
                ("Some" | "Ok", [inner]) => self.taken(inner, name, of.map(|of| self.held(of, 0).unwrap_or(of)), scope),
                (outer, [inner]) if of.is_some_and(|of| stripped(of.ty).path().is_some_and(|p| p.last() == outer && has_generics(p))) => {
                    let first = |of: Typed<'a>| Some(Typed { ty: stripped(of.ty).path()?.segments.last()?.generics.first()?, ..of });
                    self.taken(inner, name, of.and_then(first), scope)
                }
                ("Err", [inner]) => self.taken(inner, name, of.and_then(|of| self.held(of, 1)), scope),
                _ => pats.iter().enumerate().find_map(|(at, p)| self.taken(p, name, self.of_field(path, &at.to_string(), scope), scope)),
            },
            Pat::Struct(path, fields) => {
                fields.iter().find_map(|(field, p)| self.taken(p, name, self.of_field(path, field.as_str(), scope), scope))
            }
            _ => None,
        }
    }

    /// The declared type of a field of a struct or variant.
    pub(super) fn of_field(&self, path: &'a Path, field: &str, scope: &Scope<'a>) -> Option<Typed<'a>> {
        let names: Vec<&str> = path.names().collect();
        let (last, ty) = names.split_last()?;
        let own = |name: &'a str| if name == "Self" { scope.self_ty } else { Some(name) };
        let found = match ty {
            [] => self.world.type_def(scope.file, &[own(last)?])?,
            ["Self"] => self.world.type_def(scope.file, &[scope.self_ty?])?,
            ty => self.world.type_def(scope.file, ty)?,
        };
        let fields = match found.kind {
            TypeDef::Struct(fields) => fields,
            TypeDef::Enum(variants) => &variants.iter().find(|v| v.name.as_str() == *last)?.fields,
            _ => return None,
        };
        let field = fields.iter().find(|f| f.name.as_str() == field)?;
        Some(Typed { ty: &field.ty, file: found.place.file, owner: Some(found.item.name.as_str()) })
    }

    /// What an `Option`, `Result` or list holds: its type argument of this position.
    fn held(&self, of: Typed<'a>, at: usize) -> Option<Typed<'a>> {
        self.held_by(of, at, MAX_ALIASES)
    }

    fn held_by(&self, of: Typed<'a>, at: usize, steps: usize) -> Option<Typed<'a>> {
        let steps = steps.checked_sub(1)?;
        let path = match &stripped(of.ty).kind {
            TypeKind::Slice(inner) | TypeKind::Array(inner, _) => return Some(Typed { ty: inner, ..of }),
            TypeKind::Path(path) => path,
            _ => return None,
        };
        let last = path.segments.last()?;
        match last.name.as_str() {
            "Result" if last.generics.len() == 2 => last.generics.get(at).map(|ty| Typed { ty, ..of }),
            "Option" | "Vec" | "VecDeque" | "HashSet" | "BTreeSet" | "SmallVec" | "Receiver" | "UnboundedReceiver" => {
                last.generics.get(at).map(|ty| Typed { ty, ..of })
            }
            "Arc" | "Box" | "Rc" | "Mutex" | "RwLock" => self.held_by(Typed { ty: last.generics.first()?, ..of }, at, steps),
            name => {
                let alias = self.world.type_def(of.file, &[name]).and_then(|found| match found.kind {
                    TypeDef::Alias(to) => Some((found, to)),
                    _ => None,
                });
                let Some((found, to)) = alias else {
                    return last.generics.get(at).filter(|_| name == "Result").map(|ty| Typed { ty, ..of });
                };
                let to = Typed { ty: to, file: found.place.file, owner: None };
                let inner = self.held_by(to, at, steps)?;
                // `type Result<T> = std::result::Result<T, Error>`
                let parameter = inner.ty.path().and_then(Path::as_ident).is_some_and(|p| p.len() == 1);
                if parameter { last.generics.get(at).map(|ty| Typed { ty, ..of }) } else { Some(inner) }
            }
        }
    }

    /// What a loop or closure gets of a value of this type, one by one; of a map, its values.
    fn element_of(&self, of: Typed<'a>) -> Option<Typed<'a>> {
        match self.map_of(of, MAX_ALIASES) {
            Some((_, value)) => Some(value),
            None => self.held(of, 0),
        }
    }

    /// The type of a name in a pattern that takes an element of this type apart: of a map, a key and a value.
    fn one_of(&self, pat: &'a Pat, name: &str, of: Typed<'a>, scope: &Scope<'a>) -> Option<Typed<'a>> {
        if let (Pat::Tuple(pats), Some((key, value))) = (pat, self.map_of(of, MAX_ALIASES))
            && let [first, second] = pats.as_slice()
        {
            return self.taken(first, name, Some(key), scope).or_else(|| self.taken(second, name, Some(value), scope));
        }
        self.taken(pat, name, self.element_of(of), scope)
    }

    /// Key and value of a map, also behind wrappers and names for types.
    fn map_of(&self, of: Typed<'a>, steps: usize) -> Option<(Typed<'a>, Typed<'a>)> {
        let steps = steps.checked_sub(1)?;
        let TypeKind::Path(path) = &stripped(of.ty).kind else { return None };
        let last = path.segments.last()?;
        let name = last.name.as_str();
        if name.ends_with("Map") && last.generics.len() >= 2 {
            return Some((Typed { ty: last.generics.first()?, ..of }, Typed { ty: last.generics.get(1)?, ..of }));
        }
        if matches!(
            name,
            "Arc" | "Box" | "Rc" | "Mutex" | "RwLock" | "RefCell" | "Option" | "MutexGuard" | "RwLockReadGuard" | "RwLockWriteGuard"
        ) {
            return self.map_of(Typed { ty: last.generics.last()?, ..of }, steps);
        }
        let found = self.world.type_def(of.file, &[name])?;
        let TypeDef::Alias(to) = found.kind else { return None };
        self.map_of(Typed { ty: to, file: found.place.file, owner: None }, steps)
    }
}

/// The first of the values that a loop goes through, where they are written there.
fn first_item(iter: &Expr) -> Option<&Expr> {
    match &iter.kind {
        ExprKind::Array(items) => items.first(),
        ExprKind::Reference(inner) => first_item(inner),
        ExprKind::MethodCall(call) if call.args.is_empty() => first_item(&call.receiver),
        _ => None,
    }
}

fn has_generics(path: &Path) -> bool {
    path.segments.last().is_some_and(|s| !s.generics.is_empty())
}

/// Whether two types are written alike.
fn alike(a: &Type, b: &Type) -> bool {
    match (&a.kind, &b.kind) {
        (TypeKind::Path(a), TypeKind::Path(b)) => match (a.segments.last(), b.segments.last()) {
            (Some(a), Some(b)) => {
                let inner = a.generics.len() == b.generics.len() && a.generics.iter().zip(&b.generics).all(|(a, b)| alike(a, b));
                a.name.as_str() == b.name.as_str() && a.name.as_str() != "Self" && inner
            }
            _ => false,
        },
        (TypeKind::Reference(a), TypeKind::Reference(b)) | (TypeKind::Slice(a), TypeKind::Slice(b)) => alike(a, b),
        (TypeKind::Tuple(a), TypeKind::Tuple(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b)),
        (TypeKind::Bounds(a), TypeKind::Bounds(b)) => a.first().map(Path::last) == b.first().map(Path::last),
        _ => false,
    }
}

/// A type behind its references.
fn stripped(ty: &Type) -> &Type {
    match &ty.kind {
        TypeKind::Reference(inner) => stripped(inner),
        _ => ty,
    }
}

/// The name of a declared type.
pub(super) fn name_of<'a>(of: Typed<'a>) -> Option<Named<'a>> {
    types::named(of.ty, of.file, of.owner)
}
