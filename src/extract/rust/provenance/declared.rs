//! What declarations say: types, fields, and how a type shows itself as text.

use super::super::attributes;
use super::super::types::{self, Named};
use super::super::world::{Miss, TypeAt, TypeDef};
use super::index::{At, FnAt};
use super::names::fillers;
use super::numbers;
use super::scope::{Given, Scope};
use super::trace::{MAX_GIVERS, Question, Tracer, tail};
use super::typed::Typed;
use super::visit::{Node, every};
use crate::extract::combine::{arms, product, union};
use crate::model::{Provenance, ProvenanceKind as Kind};
use crate::source::Span;
use crate::syntax::rust::tree::{Attr, Expr, ExprKind, Field, Lit, Pat, Path, Type, TypeKind, Variant};

impl<'a> Tracer<'a, '_> {
    /// The type that a name means, behind names for types.
    pub(super) fn defined(&self, ty: Named<'a>) -> Option<TypeAt<'a>> {
        let mut found = self.world.type_meant(ty.file, ty.name)?;
        for _ in 0..4 {
            let TypeDef::Alias(to) = found.kind else { break };
            let named = types::named(to, found.place.file, None)?;
            found = self.world.type_def(named.file, &[named.name])?;
        }
        Some(found)
    }

    /// What a type alone says of its values.
    pub(super) fn by_type(&self, ty: Named<'a>) -> Option<Provenance> {
        let rule = |name: &str| self.rules.types.find(name).map(|says| says.provenance());
        match self.defined(ty) {
            Some(found) => match found.kind {
                TypeDef::Enum(_) => Some(self.enumeration(&found)),
                // A type of the tree of the same name as another's says nothing for certain.
                _ => rule(ty.name).map(|of| Provenance { certain: false, ..of }),
            },
            None => match self.world.type_def(ty.file, &[ty.name]).map(|t| t.kind) {
                Some(TypeDef::Alias(to)) => rule(types::named(to, ty.file, None)?.name),
                _ => {
                    rule(ty.name).or_else(|| Some(self.rules.types_elsewhere.find(ty.name).filter(|_| self.is_elsewhere(ty))?.provenance()))
                }
            },
        }
    }

    /// The enum of this name.
    pub(super) fn enum_named(&self, ty: Named<'a>) -> Option<Provenance> {
        let found = self.defined(ty)?;
        matches!(found.kind, TypeDef::Enum(_)).then(|| self.enumeration(&found))
    }

    /// The variants of an enum.
    pub(super) fn enumeration(&self, found: &TypeAt<'a>) -> Provenance {
        let TypeDef::Enum(variants) = found.kind else { return Provenance::unknown("an object") };
        let location = self.world.location(found.place.file, found.item.name.span);
        let words = format!("the enum `{}`", found.item.name.as_str());
        let kind = kind_of(variants.iter().map(|v| v.name.as_str()));
        let count = variants.iter().filter(|v| self.index.counts(&v.attrs)).count();
        Provenance::of(kind, words.clone()).count(Some(count as u64)).through(words, location)
    }

    /// A field of a struct or variant that a pattern takes apart: by its type, or by what is put into it.
    pub(super) fn variant_field(&self, path: &'a Path, field: &'a str, scope: &Scope<'a>) -> Option<Provenance> {
        let of = self.of_field(path, field, scope);
        Some(numbers::sized(self.put_into_variant(path, field, of, scope)?, of))
    }

    fn put_into_variant(&self, path: &'a Path, field: &'a str, of: Option<Typed<'a>>, scope: &Scope<'a>) -> Option<Provenance> {
        let typed = of.and_then(|ty| self.by_declared(ty));
        if typed.as_ref().is_some_and(|t| t.certain && t.kind != Kind::Error) {
            return typed;
        }
        let owner = match path.last() {
            "Self" => scope.self_ty?,
            last => last,
        };
        let names: Vec<&str> = path.names().collect();
        let of_enum = names.iter().rev().nth(1).copied().map(|of| if of == "Self" { scope.self_ty.unwrap_or(of) } else { of });
        let found = match of_enum {
            Some(of) if of.starts_with(char::is_uppercase) => {
                let answer = |value: &'a Expr, scope: &Scope<'a>| self.value(value, scope);
                self.answer(Question::Field(owner, field, None), || self.by_variants(of, owner, field, &answer))
            }
            _ => {
                let of = self.world.type_def(scope.file, &[owner]).map(|found| found.place.file);
                self.answer(Question::Field(owner, field, of), || self.by_makers(owner, field, self.world.package(scope.file), of))
            }
        }?;
        if found.kind == Kind::Unknown || found.count == Some(0) { typed.or(Some(found)) } else { Some(found) }
    }

    /// A part of the tuple that a field of a variant is.
    pub(super) fn part_of_variant(&self, path: &'a Path, field: &'a str, pat: &'a Pat, name: &str, scope: &Scope<'a>) -> Provenance {
        let of = path.names().rev().nth(1).map(|of| if of == "Self" { scope.self_ty.unwrap_or(of) } else { of });
        match of.filter(|of| of.starts_with(char::is_uppercase)) {
            Some(of) => self.by_variants(of, path.last(), field, &|value, scope| self.part(pat, name, value, scope, false)),
            None => Provenance::unknown(format!("`{name}`, a part of `{}`", path.last())),
        }
    }

    /// What is put into a field wherever a variant is made.
    fn by_variants(&self, of: &str, variant: &'a str, field: &str, answer: &dyn Fn(&'a Expr, &Scope<'a>) -> Provenance) -> Provenance {
        let at = field.parse::<usize>().ok();
        let text = format!("{of}::{variant}{}", if at.is_some() { "(" } else { " {" });
        if !self.ask(if at.is_some() { Miss::Calls(text) } else { Miss::Text(text) }) {
            return Provenance::unknown(format!("the field `{field}`, set in too many places"));
        }
        let makers = if at.is_some() { self.index.calls.get(variant) } else { self.index.literals.get(variant) };
        let mut all = Vec::new();
        for maker in makers.map(Vec::as_slice).unwrap_or_default() {
            let scope = self.scope_of(maker);
            let (path, value) = match &maker.expr.kind {
                ExprKind::Call(callee, args) => match (&callee.kind, at) {
                    (ExprKind::Path(path), Some(at)) => (path, args.get(at)),
                    _ => continue,
                },
                ExprKind::Struct(made) => (&made.path, made.fields.iter().find(|(n, _)| n.as_str() == field).map(|(_, v)| v)),
                _ => continue,
            };
            let owner = path.names().rev().nth(1);
            let fits = owner == Some(of) || owner == Some("Self") && scope.self_ty == Some(of);
            let Some(value) = value.filter(|_| fits) else { continue };
            let found = answer(value, &scope);
            let words = if at.is_some() { format!("`{variant}` is made here") } else { format!("`{field}` of `{variant}` is set here") };
            all.push(found.through(words, self.location(&scope, value.span)));
            if all.len() > MAX_GIVERS {
                return Provenance::unknown(format!("the field `{field}`, set in too many places"));
            }
        }
        if all.is_empty() {
            Provenance::unknown(format!("the field `{field}` of `{of}::{variant}`, which is made nowhere"))
        } else {
            union(all)
        }
    }

    /// What a field of an object holds, by its type or by everything that is put into it.
    pub(super) fn field_value(&self, base: &'a Expr, name: &'a str, expr: &'a Expr, scope: &Scope<'a>) -> Provenance {
        // A field of a tuple or struct that is written here.
        match &base.kind {
            ExprKind::Tuple(items) => {
                if let Some(item) = name.parse::<usize>().ok().and_then(|at| items.get(at)) {
                    return self.value(item, scope);
                }
            }
            ExprKind::Struct(made) => {
                if let Some((_, value)) = made.fields.iter().find(|(n, _)| n.as_str() == name) {
                    return self.value(value, scope);
                }
            }
            _ => {}
        }
        let Some(ty) = self.type_of(base, scope) else {
            // A part of what a client sends is sent by the client.
            if let Some(of) = self.of_whole(base, scope) {
                return of;
            }
            return Provenance::unknown(format!("the field `{name}` of an object of a type that is not known"));
        };
        if let Some(says) = self.rules.fields.of(name).find(|s| s.on.iter().any(|on| on == ty.name)) {
            return self.says(says, scope, expr.span);
        }
        let Some(found) = self.defined(ty) else {
            let of = self.of_config(ty, name);
            if of.kind != Kind::Unknown {
                return of;
            }
            let elsewhere = || Some(self.says(self.rules.fields_elsewhere.find(name)?, scope, expr.span));
            let told = self.of_outside(ty.name, name, expr.span, scope).or_else(|| self.by_name_of(base, name, expr.span, scope));
            return told.or_else(elsewhere).unwrap_or(of);
        };
        self.field_of(&found, ty, Some(base), name, expr.span, scope)
    }

    /// What a field of a type of the tree holds, of one object or of any.
    pub(super) fn field_of(
        &self,
        found: &TypeAt<'a>,
        ty: Named<'a>,
        base: Option<&'a Expr>,
        name: &'a str,
        span: Span,
        scope: &Scope<'a>,
    ) -> Provenance {
        let TypeDef::Struct(fields) = found.kind else { return Provenance::unknown(format!("the field `{name}`")) };
        let Some(field) = fields.iter().find(|f| f.name.as_str() == name) else {
            return Provenance::unknown(format!("the field `{name}`"));
        };
        let of = Typed { ty: &field.ty, file: found.place.file, owner: Some(ty.name) };
        numbers::sized(self.held_in(found, ty, (base, field, of), name, span, scope), Some(of))
    }

    fn held_in(
        &self,
        found: &TypeAt<'a>,
        ty: Named<'a>,
        (base, field, of): (Option<&'a Expr>, &'a Field, Typed<'a>),
        name: &'a str,
        span: Span,
        scope: &Scope<'a>,
    ) -> Provenance {
        let typed = self.by_declared(of);
        let owner = found.item.name.as_str();
        if let Some(typed) = typed.as_ref().filter(|t| t.certain && !matches!(t.kind, Kind::Error | Kind::Address)) {
            // An identifier that is configured is one of few, unless its name tells otherwise.
            if matches!(typed.kind, Kind::Id | Kind::Uuid)
                && let config @ Provenance { kind: Kind::Config, .. } = self.of_config(Named { name: owner, file: ty.file }, name)
                && !self.by_name(name, span, scope).is_some_and(|told| told.kind.is_unbounded())
            {
                return Provenance { certain: false, ..config };
            }
            let words = format!("`{name}` is {}", typed.origin);
            return self.of_process(name, typed.clone()).through(words, self.location(scope, span));
        }
        // What a lock or cell holds is changed in ways that are not seen.
        if holds_changing(&field.ty) {
            return typed.unwrap_or_else(|| Provenance::unknown(format!("the field `{name}`, which is changed in place")));
        }
        let told = self.by_name(name, span, scope).filter(|n| n.kind.is_unbounded());
        if told.is_none()
            && let config @ Provenance { kind: Kind::Config, .. } = self.of_config(Named { name: owner, file: ty.file }, name)
        {
            return config;
        }
        // What somebody else fills in.
        if attributes::derives(&found.item.attrs, "Deserialize") || attributes::derives(&found.item.attrs, "Message") {
            let outside = || self.of_outside(found.item.name.as_str(), name, span, scope);
            return typed
                .or_else(outside)
                .or_else(|| {
                    self.of_whole(base?, scope).filter(|_| !self.by_name_of_any(name, span, scope).is_some_and(|n| n.kind.is_bounded()))
                })
                .unwrap_or_else(|| Provenance::unknown(format!("the field `{name}`, which is read from outside")));
        }
        let of = Some(found.place.file);
        let answer = self.answer(Question::Field(owner, field.name.as_str(), of), || {
            self.by_makers(owner, name, self.world.package(found.place.file), of)
        });
        let value = answer.unwrap_or_else(crate::extract::combine::nothing);
        match typed {
            // An address that is configured is one of few.
            Some(typed) if typed.kind == Kind::Address && typed.certain && value.kind != Kind::Config => {
                typed.clone().through(format!("`{name}` is {}", typed.origin), self.location(scope, span))
            }
            Some(typed) if value.kind == Kind::Unknown || value.count == Some(0) => typed,
            // An identifier that a client names is an identifier still.
            Some(typed) if typed.kind == Kind::Id && value.kind.is_unbounded() => typed,
            Some(_) => value,
            // A type that is made nowhere in the tree is made of what somebody outside sends; one that the tree makes holds what it puts
            // there, whatever that is.
            None if value.kind == Kind::Unknown && (self.is_made_nowhere(owner) || self.index.extracted.contains(owner)) => {
                self.of_outside(owner, name, span, scope).unwrap_or(value)
            }
            None => value,
        }
    }

    fn is_made_nowhere(&self, owner: &str) -> bool {
        self.index.literals.get(owner).is_none_or(Vec::is_empty)
    }

    /// A field of a type that somebody outside fills in: certainly where a handler is given one, else as its name says.
    fn of_outside(&self, ty: &str, name: &str, span: Span, scope: &Scope<'a>) -> Option<Provenance> {
        let told = self.by_name_of_any(name, span, scope).filter(|n| n.kind.is_bounded());
        let extracted = self.index.extracted.contains(ty);
        let named = self.rules.read_from_outside.find(ty);
        let says = named.or(self.rules.read_from_outside.first().filter(|_| extracted)).filter(|_| told.is_none())?;
        let words = format!("the field `{name}` of a request");
        let of = Provenance { certain: extracted && named.is_some(), origin: words.clone(), ..says.provenance() };
        Some(of.through(words, self.location(scope, span)))
    }

    fn of_config(&self, ty: Named<'a>, name: &str) -> Provenance {
        match self.rules.types.find(ty.name).map(|says| says.provenance()) {
            Some(of) if of.kind == Kind::Config => of,
            _ => Provenance::unknown(format!("the field `{name}` of `{}`", ty.name)),
        }
    }

    /// What is put into a field wherever an object of the type that a file defines is made or changed.
    fn by_makers(&self, owner: &'a str, name: &str, package: &str, file: Option<usize>) -> Provenance {
        self.ask(Miss::Literals(owner.to_owned()));
        self.ask(Miss::Assigned { package: package.to_owned(), field: name.to_owned() });
        if !self.ask(Miss::Text(format!("{owner} {{"))) {
            return Provenance::unknown(format!("the field `{name}`, set in too many places"));
        }
        let makers = self.index.literals.get(owner).map(Vec::as_slice).unwrap_or_default();
        let assigned = self.index.assigned.get(name).map(Vec::as_slice).unwrap_or_default();
        if makers.len() > MAX_GIVERS || assigned.len() > MAX_GIVERS {
            return Provenance::unknown(format!("the field `{name}`, set in too many places"));
        }
        let mut all = match name.parse::<usize>() {
            Ok(at) => self.by_constructors(owner, at),
            Err(_) => Vec::new(),
        };
        let mut grows = None;
        for maker in makers {
            let ExprKind::Struct(made) = &maker.expr.kind else { continue };
            let scope = self.scope_of(maker);
            // Another type of this name.
            let names: Vec<&str> = if made.path.last() == "Self" { vec![owner] } else { made.path.names().collect() };
            let meant = self.world.type_def(maker.file, &names).map(|found| found.place.file);
            if meant.zip(file).is_some_and(|(meant, file)| meant != file) {
                continue;
            }
            // What another object had is put into that one somewhere, too; and there may be another type of this name.
            if let Some((_, value)) = made.fields.iter().find(|(n, _)| n.as_str() == name) {
                let found = self.value(value, &scope);
                all.push(found.through(format!("`{name}` is set here"), self.location(&scope, value.span)));
                grows = grows.or_else(|| fillers(value));
            }
        }
        for at in assigned.iter().filter(|at| self.world.package(at.file) == package) {
            let ExprKind::Assign(place, value) = &at.expr.kind else { continue };
            let ExprKind::Field(base, _) = &place.kind else { continue };
            let scope = self.scope_of(at);
            // Numbered fields are those of any tuple.
            let numbered = name.starts_with(|c: char| c.is_ascii_digit()) && self.type_of(base, &scope).is_none();
            if !numbered && self.may_be(base, owner, &scope) {
                let mut found = self.value(value, &scope);
                // A field of this name of something that may as well be of another type.
                let sure = || self.type_of(base, &scope).is_some_and(|ty| ty.name == owner);
                found.certain &= !found.kind.is_unbounded() || sure();
                all.push(found.through(format!("`{name}` is set here"), self.location(&scope, value.span)));
            }
        }
        if let Some(fillers) = grows {
            all.extend(self.put_into(owner, name, package, fillers));
        }
        if all.is_empty() {
            return Provenance::unknown(format!("the field `{name}` of `{owner}`, which is made nowhere"));
        }
        // What a macro puts there that was not expanded is not seen.
        let expanded = |maker: &At<'a>| self.world.files.get(maker.file).is_some_and(|f| f.origin.is_some());
        let found = union(all);
        if found.kind.is_bounded() && self.by_macros.contains(owner) && !makers.iter().any(expanded) {
            return Provenance { certain: false, count: None, values: Vec::new(), ..found };
        }
        found
    }

    /// Whether an expression may have a type of this name: not where it is known to have another one of the tree.
    fn may_be(&self, expr: &'a Expr, owner: &str, scope: &Scope<'a>) -> bool {
        self.type_of(expr, scope).is_none_or(|ty| {
            let of = self.world.type_def(ty.file, &[ty.name]).map(|found| found.kind);
            ty.name == owner || !matches!(of, Some(TypeDef::Struct(_) | TypeDef::Enum(_)))
        })
    }

    /// What is put into the list, map or text that a field holds, after the object was made.
    fn put_into(&self, owner: &str, name: &str, package: &str, fillers: &[&str]) -> Vec<Provenance> {
        for method in fillers {
            self.ask(Miss::Text(format!("{name}.{method}(")));
        }
        let mut all = Vec::new();
        for at in self.index.filled.get(name).into_iter().flatten().filter(|at| self.world.package(at.file) == package) {
            let ExprKind::MethodCall(call) = &at.expr.kind else { continue };
            let ExprKind::Field(base, _) = &call.receiver.kind else { continue };
            let scope = self.scope_of(at);
            if !self.may_be(base, owner, &scope) {
                continue;
            }
            let found = match (call.method.as_str(), call.args.as_slice()) {
                ("push" | "push_back" | "push_front" | "insert" | "extend" | "append", [value]) | ("insert", [_, value]) => {
                    self.value(value, &scope)
                }
                _ => Provenance::unknown(format!("the field `{name}`, which is put together in place")),
            };
            all.push(found.through(format!("`{name}` is filled here"), self.location(&scope, at.expr.span)));
            if all.len() > MAX_GIVERS {
                return vec![Provenance::unknown(format!("the field `{name}`, set in too many places"))];
            }
        }
        all
    }

    /// What `Owner(..)` puts into a field of a tuple struct, wherever it is called.
    fn by_constructors(&self, owner: &'a str, at: usize) -> Vec<Provenance> {
        if !self.ask(Miss::Calls(format!("{owner}("))) {
            return vec![Provenance::unknown(format!("the field `{at}`, set in too many places"))];
        }
        let named = self.index.calls.get(owner).into_iter().flatten();
        let own = self.index.calls.get("Self").into_iter().flatten();
        let mut all = Vec::new();
        for maker in named.chain(own) {
            let ExprKind::Call(callee, args) = &maker.expr.kind else { continue };
            let (ExprKind::Path(path), Some(value)) = (&callee.kind, args.get(at)) else { continue };
            let scope = self.scope_of(maker);
            // `Other::Owner(..)` is a variant.
            let variant = path.names().rev().nth(1).is_some_and(|of| of.starts_with(char::is_uppercase));
            if variant || path.last() == "Self" && scope.self_ty != Some(owner) {
                continue;
            }
            if all.len() > MAX_GIVERS {
                return vec![Provenance::unknown(format!("the field `{at}`, set in too many places"))];
            }
            let found = self.value(value, &scope);
            all.push(found.through(format!("`{owner}` is made here"), self.location(&scope, value.span)));
        }
        all
    }

    /// The text of a value of this type; `None` where the type says nothing about it.
    pub(super) fn display(&self, ty: Named<'a>, debug: bool, span: Span, scope: &Scope<'a>) -> Option<Provenance> {
        let found = self.defined(ty)?;
        let attrs = &found.item.attrs;
        let name = found.item.name.as_str();
        let error = || {
            let of = Provenance::of(Kind::Error, format!("the text of `{name}`"));
            of.through(format!("the text of `{name}`"), self.location(scope, span))
        };
        let is_error = attributes::derives(attrs, "Error") || name.ends_with("Error");
        if let TypeDef::Enum(variants) = found.kind {
            let unit = variants.iter().all(|v| v.fields.is_empty());
            let of = self.enumeration(&found);
            if debug {
                return Some(match (unit, is_error) {
                    (true, _) => of,
                    (_, true) => error(),
                    _ => Provenance::unknown(format!("the variants of `{name}` with what they hold")),
                });
            }
            if let Some(fmt) = self.index.of_trait(name, "Display", "fmt") {
                let written = self.written(fmt, &of, scope);
                return Some(match written.kind {
                    Kind::Literal | Kind::Match | Kind::Enum => Provenance { kind: Kind::Enum, origin: of.origin, ..written },
                    Kind::Unknown if is_error && !unit => Provenance { certain: false, ..error() },
                    _ => written,
                });
            }
            if attributes::derives(attrs, "Error") || attributes::derives(attrs, "Snafu") {
                let plain = variants.iter().all(says_nothing_more);
                return Some(if plain { of } else { error() });
            }
            if let Some(texts) = self.derived(ty, "to_string") {
                return Some(texts);
            }
            if attributes::derives(attrs, "Display") {
                return Some(if variants.iter().all(|v| !shows_more(&v.attrs)) {
                    of
                } else {
                    Provenance::unknown(format!("the text of `{name}`"))
                });
            }
            return unit.then_some(of);
        }
        if let Some(fmt) = self.index.of_trait(name, "Display", "fmt").filter(|_| !debug) {
            let nothing = Provenance::unknown(format!("the text of `{name}`"));
            let written = self.written(fmt, &nothing, scope);
            // What it holds may be more than what it shows.
            return Some(match written.kind {
                Kind::Unknown => self.by_type(ty).or_else(|| self.told_by_type(ty, span, scope)).unwrap_or(written),
                _ => written,
            });
        }
        is_error.then(|| Provenance { certain: false, ..error() })
    }

    /// What an implementation of `Display` writes.
    fn written(&self, fmt: FnAt<'a>, this: &Provenance, scope: &Scope<'a>) -> Provenance {
        let (Some(body), true) = (&fmt.function.body, !fmt.function.is_skipped()) else {
            self.ask_if(
                fmt.function
                    .body
                    .as_ref()
                    .zip(self.world.files.get(fmt.file))
                    .map(|(b, f)| Miss::Body(f.source.path.clone(), b.span.start)),
            );
            return Provenance::unknown("what `Display` writes");
        };
        if scope.frame_of(fmt.key()).is_some() {
            return crate::extract::combine::nothing();
        }
        if scope.depth() > 6 {
            return Provenance::unknown("calls within calls");
        }
        let given = vec![Given::Value(this.clone()), Given::Value(Provenance::unknown("the formatter"))];
        let frame = std::rc::Rc::new(super::scope::Frame { of: fmt.key(), given, outer: scope.frame.clone() });
        let mut writes: Vec<&'a Expr> = Vec::new();
        let mut for_tests: Vec<Span> = Vec::new();
        every(Node::Block(body), true, &mut |expr| {
            if let ExprKind::Match(_, arms) = &expr.kind {
                for_tests.extend(arms.iter().filter(|arm| !self.index.counts(&arm.attrs)).map(|arm| arm.body.span));
            }
            let writing = match &expr.kind {
                ExprKind::Macro(call) => matches!(call.path.last(), "write" | "writeln"),
                ExprKind::MethodCall(call) => matches!(call.method.as_str(), "write_str" | "pad" | "fmt"),
                ExprKind::Call(callee, _) => matches!(&callee.kind, ExprKind::Path(path) if path.last() == "fmt"),
                _ => false,
            };
            if writing {
                writes.push(expr);
            }
        });
        writes.retain(|write| !for_tests.iter().any(|arm| arm.start <= write.span.start && write.span.end <= arm.end));
        let branches = matches!(tail(body).map(|t| &t.kind), Some(ExprKind::Match(..) | ExprKind::If(..)));
        let one = |write: &'a Expr| {
            let inner = Scope { frame: Some(std::rc::Rc::clone(&frame)), ..Scope::of_body(fmt, write.span) };
            match &write.kind {
                ExprKind::Macro(call) => self.formatted(call, 1, write.span, &inner),
                ExprKind::MethodCall(call) if call.method.as_str() == "fmt" => self.shown(&call.receiver, false, &inner),
                ExprKind::MethodCall(call) => call.args.first().map_or_else(|| Provenance::unknown("nothing"), |a| self.value(a, &inner)),
                ExprKind::Call(_, args) => args.first().map_or_else(|| Provenance::unknown("nothing"), |a| self.shown(a, false, &inner)),
                _ => Provenance::unknown("what `Display` writes"),
            }
        };
        let all: Vec<Provenance> = writes.into_iter().take(64).map(one).collect();
        match (all.len(), branches) {
            (0, _) => Provenance::unknown("what `Display` writes"),
            (_, true) => arms(all),
            _ => product(all),
        }
    }
}

/// What variants of these names are: a bool, the methods of HTTP, or those of an enum.
fn kind_of<'n>(names: impl Iterator<Item = &'n str>) -> Kind {
    let names: Vec<String> = names.map(str::to_lowercase).collect();
    let only = |words: &[&str]| names.iter().all(|name| words.contains(&name.as_str()));
    if names.len() == 2 && only(&["true", "false"]) {
        return Kind::Bool;
    }
    let methods = ["get", "post", "put", "delete", "head", "options", "patch", "trace", "connect", "other", "unknown", "nonstandard"];
    if names.len() > 3 && only(&methods) { Kind::Method } else { Kind::Enum }
}

/// Whether a type lets its value be changed through a shared reference.
pub(super) fn holds_changing(ty: &Type) -> bool {
    match &ty.kind {
        TypeKind::Reference(inner) => holds_changing(inner),
        TypeKind::Path(path) => path.segments.iter().any(|s| {
            matches!(
                s.name.as_str(),
                "Mutex" | "RwLock" | "Cell" | "RefCell" | "OnceCell" | "OnceLock" | "ArcSwap" | "ArcSwapOption" | "DashMap"
            ) || s.name.as_str().starts_with("Atomic")
                || s.generics.iter().any(holds_changing)
        }),
        _ => false,
    }
}

/// Whether `#[error("..")]` of a variant shows nothing of what it holds.
fn says_nothing_more(variant: &Variant) -> bool {
    let mut texts = variant.attrs.iter().filter(|a| matches!(&*a.name, "error" | "snafu"));
    texts.all(|attr| !shows(attr)) && variant.attrs.iter().any(|a| &*a.name == "error")
}

fn shows_more(attrs: &[Attr]) -> bool {
    attrs.iter().filter(|a| matches!(&*a.name, "display" | "strum" | "doc")).any(|a| &*a.name != "doc" && shows(a))
}

/// Whether the text of an attribute has a hole, or is another's.
fn shows(attr: &Attr) -> bool {
    attr.args.iter().any(|arg| match arg.value.as_ref().map(|v| &v.kind) {
        Some(ExprKind::Lit(Lit::Str(text))) => text.replace("{{", "").contains('{'),
        Some(ExprKind::Path(path)) => path.last() == "transparent",
        _ => false,
    })
}
