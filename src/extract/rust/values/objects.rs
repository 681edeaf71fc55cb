//! What callers, loops and struct literals give: parameters, fields, enum variants.

use super::super::bodies::names_value;
use super::super::frames::{Callable, Given, Level, part};
use super::super::provenance::derived;
use super::super::walk::{Origin, Parameter};
use super::super::world::{FunctionAt, Miss, TypeDef};
use super::super::{items, types};
use super::{Evaluator, Scope, Text, Value};
use crate::source::Location;
use crate::syntax::rust::tree::{Expr, ExprKind, ItemKind, Pat, StructLit, Variant};

/// Variants of an enum that are gone through.
const MAX_VARIANTS: usize = 64;

impl<'a> Evaluator<'a, '_> {
    pub(super) fn parameter(&self, name: &str, parameter: Parameter<'a>, scope: &Scope<'a, '_>) -> Value {
        let unknown = || match parameter.function {
            "" => Value::unknown(format!("the parameter `{name}` of a closure")),
            function => Value::unknown(format!("the parameter `{name}` of `fn {function}`")),
        };
        let level = scope.frames.iter().find(|l| l.callable == parameter.callable);
        if let Some(Given::Item(value)) = level.map(|l| &l.given) {
            return value.clone();
        }
        match self.argument(parameter, scope) {
            Some((argument, outer)) => self.value(argument, &outer),
            None => unknown(),
        }
    }

    /// What a caller gives for a parameter. Notes the parameter where no caller is known.
    pub(in crate::extract::rust) fn argument<'c>(
        &self,
        parameter: Parameter<'a>,
        scope: &Scope<'a, 'c>,
    ) -> Option<(&'a Expr, Scope<'a, 'c>)> {
        let Some(at) = scope.frames.iter().position(|l| l.callable == parameter.callable) else {
            self.note(parameter.callable, scope, Vec::new());
            return None;
        };
        let argument = scope.frames.get(at)?.argument(parameter.index)?;
        Some((argument, scope.of_level(at, argument.span)?))
    }

    /// What the literal that makes an object gives a field, and where. Notes the object where no literal is known.
    pub(in crate::extract::rust) fn field_given<'c>(
        &self,
        object: Callable<'a>,
        field: &str,
        scope: &Scope<'a, 'c>,
    ) -> Option<(&'a Expr, Scope<'a, 'c>, &'c Level<'a>)> {
        let Some(at) = scope.frames.iter().position(|l| l.callable == object) else {
            self.note(object, scope, Vec::new());
            return None;
        };
        let level = scope.frames.get(at)?;
        let value = level.field(field)?;
        Some((value, scope.of_level(at, value.span)?, level))
    }

    pub(super) fn each(&self, name: &str, callable: Callable<'a>, pat: &Pat, iter: &'a Expr, scope: &Scope<'a, '_>) -> Value {
        let unknown = || Value::unknown(format!("`{name}`, which a loop gives"));
        if let Some(level) = scope.frames.iter().find(|l| l.callable == callable) {
            return match &level.given {
                Given::Item(value) => part(pat, name, value).unwrap_or_else(unknown),
                _ => unknown(),
            };
        }
        // Where the list depends on a parameter, that is what is noted.
        let items = match self.value(iter, scope) {
            Value::List(items) if !items.is_empty() => items,
            _ if self.is_open() => return unknown(),
            _ => self.put_together(iter, scope),
        };
        if items.iter().all(|i| !matches!(i, Value::Unknown(_) | Value::Number(_))) && !items.is_empty() {
            self.note(callable, scope, items);
        }
        unknown()
    }

    /// The part of a value that a name in a pattern is bound to.
    pub(in crate::extract::rust) fn part(&self, pat: &Pat, name: &str, whole: Value) -> Value {
        let of = |value: &Value| part(pat, name, value).unwrap_or_else(|| Value::unknown(format!("`{name}`, which is bound at run time")));
        // Where there is none, the name is not bound.
        super::one_of(whole.present().iter().map(of).collect())
    }

    pub(super) fn field(&self, base: &'a Expr, name: &'a str, scope: &Scope<'a, '_>) -> Value {
        let unknown = || Value::unknown(format!("the field `{name}`, which is set elsewhere"));
        if is_self(base) && scope.given("self").is_none() {
            return self.own_field(base, name, scope).unwrap_or_else(unknown);
        }
        match self.value(base, scope) {
            Value::Struct(_, fields) => fields.into_iter().find(|(n, _)| **n == *name).map_or_else(unknown, |(_, value)| value),
            Value::Tuple(items) => name.parse::<usize>().ok().and_then(|i| items.into_iter().nth(i)).unwrap_or_else(unknown),
            // Where something else decides the object, that is what is noted.
            Value::Unknown(_) if !self.is_open() => self.held_field(base, name, scope).unwrap_or_else(unknown),
            _ => unknown(),
        }
    }

    /// A text that an element of a list holds, which may be any object of its type: `for metric in metrics { metric.name }`.
    fn held_field(&self, base: &'a Expr, name: &str, scope: &Scope<'a, '_>) -> Option<Value> {
        let variable = match &base.kind {
            ExprKind::Path(path) => path.as_ident()?,
            _ => return None,
        };
        let (binding, before) = scope.binding(variable)?;
        let (Origin::Each(_, pat), Some(list)) = (binding.origin, binding.init) else { return None };
        if !types::is_inner(pat, variable) {
            return None;
        }
        let ty = types::element_among(self.world, list, before.file, before.bindings, before.self_ty)?;
        let found = self.world.type_def(ty.file, &[ty.name])?;
        let TypeDef::Struct(fields) = found.kind else { return None };
        fields.iter().find(|f| f.name.as_str() == name)?;
        let object = Callable::Object { package: self.world.package(found.place.file), ty: found.item.name.as_str() };
        let (value, outer, _) = self.field_given(object, name, scope)?;
        Some(self.value(value, &outer))
    }

    /// A field of the object whose method this is.
    fn own_field(&self, base: &'a Expr, name: &'a str, scope: &Scope<'a, '_>) -> Option<Value> {
        let ty = scope.self_ty?;
        let package = self.world.package(scope.file);
        let object = match self.is_set_later(ty, name, scope) {
            true => Callable::Field { package, ty, field: name },
            false => Callable::Object { package, ty },
        };
        if let Some(at) = scope.frames.iter().position(|l| l.callable == object) {
            let field = scope.frames.get(at)?.field(name)?;
            return Some(self.value(field, &scope.of_level(at, field.span)?));
        }
        let (binding, _) = scope.binding("self")?;
        let Origin::Param(parameter) = binding.origin else { return None };
        if scope.frames.iter().any(|l| l.callable == parameter.callable)
            && let Value::Struct(_, fields) = self.value(base, &Scope { follow: false, ..*scope })
        {
            let found = fields.into_iter().find(|(n, _)| **n == *name).map(|(_, value)| value);
            if matches!(found, Some(Value::Unknown(_))) {
                // It may be a parameter that a caller gives.
                self.value(base, scope);
            }
            return found;
        }
        self.note(object, scope, Vec::new());
        None
    }

    /// Whether something is assigned to a field of this name where the type or its method stands.
    fn is_set_later(&self, ty: &'a str, field: &'a str, scope: &Scope<'a, '_>) -> bool {
        let defined = self.world.type_def(scope.file, &[ty]).map(|found| found.place.file);
        let in_file = |file: usize| {
            let looked = || self.world.files.get(file).is_some_and(|f| f.source.code().contains(&format!(".{field} = ")));
            *self.set_later.borrow_mut().entry((file, field)).or_insert_with(looked)
        };
        in_file(scope.file) || defined.is_some_and(|file| file != scope.file && in_file(file))
    }

    pub(super) fn object(&self, made: &'a StructLit, scope: &Scope<'a, '_>) -> Value {
        let ty = if made.path.last() == "Self" { scope.self_ty.unwrap_or("Self") } else { made.path.last() };
        let mut all: Vec<(Box<str>, Value)> = made.fields.iter().map(|(n, v)| (n.as_str().into(), self.value(v, scope))).collect();
        if let Some(Value::Struct(_, more)) = made.rest.as_ref().map(|r| self.value(r, scope)) {
            for (name, value) in more {
                if !all.iter().any(|(n, _)| *n == name) {
                    all.push((name, value));
                }
            }
        }
        Value::Struct(ty.into(), all)
    }

    /// Takes note of the call or literal that makes an object with the texts that are written there or given to it.
    pub(super) fn made_at(&self, object: Value, given: &[Location], expr: &Expr, scope: &Scope<'a, '_>) -> Value {
        let Value::Struct(ty, mut fields) = object else { return object };
        let place = self.location(scope.file, expr.span);
        for (_, field) in &mut fields {
            self.note_made(field, given, &place, scope.file);
        }
        Value::Struct(ty, fields)
    }

    fn note_made(&self, value: &mut Value, given: &[Location], place: &Location, file: usize) {
        match value {
            // What a constructor hands on to another one is given to the outer one.
            Value::Text(text) if !text.made.as_ref().is_some_and(|(_, written)| *written) => {
                let at = &text.location;
                let inside = at.path == place.path && place.span.start <= at.span.start && at.span.end <= place.span.end;
                if inside || given.contains(at) {
                    text.made = Some((self.world.within_call(file, place.clone(), at), inside));
                }
            }
            Value::Struct(_, fields) => fields.iter_mut().for_each(|(_, field)| self.note_made(field, given, place, file)),
            _ => {}
        }
    }

    /// An object of a struct without names for its fields: `Bounds(values)`.
    pub(super) fn tuple_struct(&self, names: &[&'a str], values: Vec<Value>, scope: &Scope<'a, '_>) -> Value {
        let own = [scope.self_ty.unwrap_or_default()];
        let names = if names == ["Self"] { &own[..] } else { names };
        match self.world.type_def(scope.file, names) {
            Some(found) if matches!(found.kind, TypeDef::Struct(fields) if fields.len() == values.len()) => {
                let fields = values.into_iter().enumerate().map(|(at, value)| (at.to_string().into(), value));
                Value::Struct(found.item.name.as_str().into(), fields.collect())
            }
            _ => Value::unknown(format!("the result of `{}(..)`", names.join("::"))),
        }
    }

    /// The enum's variant that a path names.
    pub(super) fn variant(&self, names: &[&'a str], scope: &Scope<'a, '_>) -> Option<Value> {
        let (variant, ty) = names.split_last()?;
        let own = [scope.self_ty.unwrap_or_default()];
        let ty = if ty == ["Self"] { &own[..] } else { ty };
        let found = self.world.type_def(scope.file, ty)?;
        match found.kind {
            TypeDef::Enum(variants) if variants.iter().any(|v| v.name.as_str() == *variant) => {
                Some(Value::Variant(self.world.package(found.place.file).into(), found.item.name.as_str().into(), (*variant).into()))
            }
            _ => None,
        }
    }

    /// Every variant of the enum of the tree that an expression is one of and that has this method.
    pub(super) fn variants_of(&self, expr: &'a Expr, method: &str, scope: &Scope<'a, '_>) -> Option<Value> {
        let ty = types::type_among(self.world, expr, scope.file, scope.bindings, scope.self_ty)?;
        let found = self.world.type_def(ty.file, &[ty.name])?;
        let TypeDef::Enum(variants) = found.kind else { return None };
        if variants.is_empty() || variants.len() > MAX_VARIANTS || self.world.methods(ty.name, method).len() != 1 {
            return None;
        }
        let package = self.world.package(found.place.file);
        let one = |v: &Variant| Value::Variant(package.into(), found.item.name.as_str().into(), v.name.as_str().into());
        Some(super::one_of(variants.iter().map(one).collect()))
    }

    /// What a derived conversion makes of the variant of an enum: `Metric::Requests.as_ref()`.
    pub(super) fn converted(&self, variant: &Value, conversion: &str) -> Option<Value> {
        let Value::Variant(package, ty, name) = variant else { return None };
        let found = self.world.type_in(package, ty)?;
        let TypeDef::Enum(variants) = found.kind else { return None };
        let at = variants.iter().position(|v| v.name.as_str() == &**name)?;
        let text = derived::texts(self.world, &found, conversion)?.into_iter().nth(at)?;
        let location = self.location(found.place.file, variants.get(at)?.name.span);
        Some(Value::Text(Text { text, known: true, location, left: 0, made: None }))
    }

    /// Every variant of the enums that have a trait, for `self` in a method that the trait has itself.
    pub(super) fn variants_with_trait(&self, expr: &'a Expr, scope: &Scope<'a, '_>) -> Option<Value> {
        let name = scope.self_ty.filter(|name| is_self(expr) && self.world.shared.contains(name) && scope.given("self").is_none())?;
        if self.world.type_def(scope.file, &[name]).is_some() {
            return None;
        }
        self.misses.borrow_mut().insert(Miss::Text(format!("{name} for")));
        let mut all = Vec::new();
        let mut others = false;
        for file in 0..self.world.files.len() {
            items::each(self.world, file, false, &mut |item| {
                let ItemKind::Impl { self_ty, trait_path: Some(of), .. } = &item.kind else { return };
                if of.last() != name {
                    return;
                }
                let found = self_ty.path().and_then(|path| self.world.type_def(file, &path.names().collect::<Vec<_>>()));
                match found.map(|found| (found, found.kind)) {
                    Some((found, TypeDef::Enum(variants))) => {
                        let package = self.world.package(found.place.file);
                        let one = |v: &Variant| Value::Variant(package.into(), found.item.name.as_str().into(), v.name.as_str().into());
                        all.extend(variants.iter().map(one));
                    }
                    _ => others = true,
                }
            });
        }
        (!others && !all.is_empty() && all.len() <= 4 * MAX_VARIANTS).then(|| super::one_of(all))
    }

    /// The only method of this name of the struct of the tree that an expression is declared to be.
    pub(super) fn method_of_type(&self, expr: &'a Expr, name: &str, scope: &Scope<'a, '_>) -> Option<FunctionAt<'a>> {
        let ty = types::type_among(self.world, expr, scope.file, scope.bindings, scope.self_ty)?;
        let found = self.world.type_def(ty.file, &[ty.name]).filter(|t| matches!(t.kind, TypeDef::Struct(_)))?;
        let all = self.world.methods_seen_from(found.place.file, ty.name, name);
        let [only] = all.as_slice() else { return None };
        // Others give what a name or a bound is not made of.
        let output = only.function.output.as_ref().and_then(|ty| self.world.text(only.place.file, ty.span))?;
        names_value(output).then_some(*only)
    }
}

fn is_self(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Path(path) => path.as_ident() == Some("self"),
        ExprKind::Reference(inner) | ExprKind::Unary('*', inner) => is_self(inner),
        _ => false,
    }
}
