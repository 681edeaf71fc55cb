//! The type of an expression, by name, as far as declarations tell.
//!
//! Wrappers that give access to what they hold (`Arc`, `Option`, `LazyLock`, `&`) are looked through.

use super::walk::{Binding, Here, Origin};
use super::world::{FunctionAt, TypeDef, World};
use crate::syntax::rust::tree::{Expr, ExprKind, Ident, Pat, Type, TypeKind};

/// Steps of one question.
const MAX_DEPTH: usize = 24;

/// A type and the file that names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named<'a> {
    pub(super) name: &'a str,
    pub(super) file: usize,
}

/// The name of a declared type, looked through wrappers.
pub(super) fn named<'a>(ty: &'a Type, file: usize, self_ty: Option<&'a str>) -> Option<Named<'a>> {
    match &ty.kind {
        TypeKind::Reference(inner) => named(inner, file, self_ty),
        TypeKind::Path(path) => {
            let last = path.segments.last()?;
            match last.name.as_str() {
                "Arc" | "Rc" | "Box" | "Option" | "Result" | "Cow" | "Mutex" | "RwLock" | "RefCell" | "OnceLock" | "OnceCell"
                | "LazyLock" | "Lazy" | "LazyCell" | "ArcSwap" | "Pin" | "ManuallyDrop" | "CachePadded" | "MutexGuard"
                | "RwLockReadGuard" => {
                    let inner = last.generics.iter().find(|g| !matches!(g.kind, TypeKind::Other));
                    inner.and_then(|g| named(g, file, self_ty))
                }
                "Self" => self_ty.map(|name| Named { name, file }),
                name => Some(Named { name, file }),
            }
        }
        TypeKind::Bounds(paths) => paths.first().map(|p| Named { name: p.last(), file }),
        _ => None,
    }
}

/// The type of an expression that stands `here`.
pub(super) fn type_of<'a>(world: &World<'a>, expr: &'a Expr, here: &Here<'a>) -> Option<Named<'a>> {
    of(world, expr, Place { file: here.file, bindings: &here.bindings, self_ty: here.self_ty }, MAX_DEPTH)
}

/// The same for an expression of this file that sees these bindings.
pub(super) fn type_among<'a>(
    world: &World<'a>,
    expr: &'a Expr,
    file: usize,
    bindings: &[Binding<'a>],
    self_ty: Option<&'a str>,
) -> Option<Named<'a>> {
    of(world, expr, Place { file, bindings, self_ty }, MAX_DEPTH)
}

/// The type of what a loop over an expression gives: of the elements of `&[T]`, `Vec<T>` and the like.
pub(super) fn element_among<'a>(
    world: &World<'a>,
    list: &'a Expr,
    file: usize,
    bindings: &[Binding<'a>],
    self_ty: Option<&'a str>,
) -> Option<Named<'a>> {
    let (ty, file, self_ty) = declared(world, list, Place { file, bindings, self_ty }, MAX_DEPTH)?;
    element(ty, file, self_ty)
}

/// The type of the elements of a list.
fn element<'a>(ty: &'a Type, file: usize, self_ty: Option<&'a str>) -> Option<Named<'a>> {
    match &ty.kind {
        TypeKind::Reference(inner) => element(inner, file, self_ty),
        TypeKind::Slice(inner) | TypeKind::Array(inner, _) => named(inner, file, self_ty),
        TypeKind::Path(path) => {
            let last = path.segments.last()?;
            let inner = last.generics.iter().find(|g| !matches!(g.kind, TypeKind::Other))?;
            match last.name.as_str() {
                "Vec" | "VecDeque" | "SmallVec" | "BTreeSet" | "HashSet" => named(inner, file, self_ty),
                "Option" | "Result" | "Arc" | "Box" | "Cow" => element(inner, file, self_ty),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The declared type of a list, with the file that names it.
fn declared<'a>(world: &World<'a>, expr: &'a Expr, place: Place<'a, '_>, depth: usize) -> Option<(&'a Type, usize, Option<&'a str>)> {
    let depth = depth.checked_sub(1)?;
    match &expr.kind {
        ExprKind::Reference(inner) | ExprKind::Try(inner) | ExprKind::Await(inner) | ExprKind::Unary('*', inner) => {
            declared(world, inner, place, depth)
        }
        ExprKind::Path(path) => {
            let name = path.as_ident()?;
            let at = place.bindings.iter().rposition(|b| b.name == name)?;
            let binding = place.bindings.get(at)?;
            match binding.ty {
                Some(ty) => Some((ty, binding.file, place.self_ty)),
                None if matches!(binding.origin, Origin::Let) => {
                    declared(world, binding.init?, Place { file: binding.file, bindings: place.bindings.get(..at)?, ..place }, depth)
                }
                None => None,
            }
        }
        ExprKind::Field(base, name) => {
            let owner = of(world, base, place, depth)?;
            let (field, found) = world.field_of(owner.file, owner.name, name.as_str())?;
            Some((&field.ty, found.place.file, Some(found.item.name.as_str())))
        }
        ExprKind::Call(callee, _) => {
            let ExprKind::Path(path) = &callee.kind else { return None };
            let names: Vec<&'a str> = path.names().collect();
            let functions = world.functions(place.file, &names, place.self_ty);
            let [function] = functions.as_slice() else { return None };
            Some((function.function.output.as_ref()?, function.place.file, function.place.owner))
        }
        ExprKind::MethodCall(call) => match call.method.as_str() {
            "iter" | "iter_mut" | "into_iter" | "clone" | "as_slice" | "drain" | "unwrap" | "expect" | "unwrap_or_default" | "lock"
            | "read" | "as_ref" | "rev" | "skip" | "take" => declared(world, &call.receiver, place, depth),
            name => {
                let owner = of(world, &call.receiver, place, depth)?;
                let found = world.methods_seen_from(owner.file, owner.name, name);
                let [only] = found.as_slice() else { return None };
                Some((only.function.output.as_ref()?, only.place.file, Some(owner.name)))
            }
        },
        _ => None,
    }
}

#[derive(Clone, Copy)]
struct Place<'a, 'c> {
    file: usize,
    bindings: &'c [Binding<'a>],
    self_ty: Option<&'a str>,
}

fn of<'a>(world: &World<'a>, expr: &'a Expr, place: Place<'a, '_>, depth: usize) -> Option<Named<'a>> {
    let depth = depth.checked_sub(1)?;
    match &expr.kind {
        ExprKind::Reference(inner) | ExprKind::Try(inner) | ExprKind::Await(inner) | ExprKind::Unary('*', inner) => {
            of(world, inner, place, depth)
        }
        ExprKind::Cast(_, ty) => named(ty, place.file, place.self_ty),
        ExprKind::Struct(made) => match made.path.last() {
            "Self" => place.self_ty.map(|name| Named { name, file: place.file }),
            name => Some(Named { name, file: place.file }),
        },
        ExprKind::Path(path) => {
            if let Some(name) = path.as_ident() {
                if name == "self" {
                    return place.self_ty.map(|name| Named { name, file: place.file });
                }
                if let Some(at) = place.bindings.iter().rposition(|b| b.name == name) {
                    let binding = place.bindings.get(at)?;
                    if let Some(ty) = binding.ty.and_then(|ty| named(ty, binding.file, place.self_ty)) {
                        return Some(ty);
                    }
                    let before = Place { file: binding.file, bindings: place.bindings.get(..at)?, ..place };
                    return match binding.origin {
                        Origin::Let => of(world, binding.init?, before, depth),
                        // Options are looked through.
                        Origin::Part(pat) if is_inner(pat, name) => of(world, binding.init?, before, depth),
                        Origin::Part(pat) | Origin::PartOf(_, pat) => {
                            let (owner, field) = field_bound(pat, name, binding.file, place.self_ty)?;
                            let (field, found) = world.field_of(owner.file, owner.name, field)?;
                            named(&field.ty, found.place.file, Some(found.item.name.as_str()))
                        }
                        _ => None,
                    };
                }
            }
            let names: Vec<&'a str> = path.names().collect();
            let found = world.constants(place.file, &names, place.self_ty);
            let constant = found.first()?;
            named(constant.ty?, constant.place.file, constant.place.owner)
        }
        ExprKind::Field(base, name) => {
            let owner = of(world, base, place, depth)?;
            let (field, found) = world.field_of(owner.file, owner.name, name.as_str())?;
            named(&field.ty, found.place.file, Some(found.item.name.as_str()))
        }
        ExprKind::Call(callee, args) => {
            let ExprKind::Path(path) = &callee.kind else { return None };
            let names: Vec<&'a str> = path.names().collect();
            match (names.as_slice(), args.as_slice()) {
                ([.., "Some" | "Ok"], [inner]) | ([.., "Arc" | "Rc" | "Box" | "Mutex" | "RwLock", "new" | "clone"], [inner]) => {
                    return of(world, inner, place, depth);
                }
                _ => {}
            }
            if let [function] = world.functions(place.file, &names, place.self_ty).as_slice() {
                return named(function.function.output.as_ref()?, function.place.file, function.place.owner);
            }
            // A tuple struct.
            if let Some(found) = world.type_def(place.file, &names).filter(|t| matches!(t.kind, TypeDef::Struct(_))) {
                return Some(Named { name: found.item.name.as_str(), file: found.place.file });
            }
            // `T::new(..)` and the like of a type elsewhere.
            match names.as_slice() {
                [.., ty, "new" | "default" | "with_registry" | "create" | "build"] if ty.starts_with(char::is_uppercase) => match *ty {
                    "Self" => place.self_ty.map(|name| Named { name, file: place.file }),
                    name => Some(Named { name, file: place.file }),
                },
                _ => None,
            }
        }
        ExprKind::MethodCall(call) => match call.method.as_str() {
            "clone" | "as_ref" | "as_mut" | "unwrap" | "expect" | "lock" | "read" | "write" | "borrow" | "borrow_mut" | "load" | "get"
            | "deref" | "unwrap_or_default" | "as_deref" | "to_owned"
                if call.args.len() <= 1 =>
            {
                of(world, &call.receiver, place, depth)
            }
            name => {
                let owner = of(world, &call.receiver, place, depth)?;
                let found = world.methods_seen_from(owner.file, owner.name, name);
                let output = |f: &FunctionAt<'a>| named(f.function.output.as_ref()?, f.place.file, Some(owner.name));
                let first = output(found.first()?)?;
                found.iter().all(|f| output(f) == Some(first)).then_some(first)
            }
        },
        ExprKind::Block(block) => match block.stmts.last() {
            Some(crate::syntax::rust::tree::Stmt::Expr(tail, false)) if block.stmts.len() == 1 => of(world, tail, place, depth),
            _ => None,
        },
        _ => None,
    }
}

/// The struct, and the field of it, that a pattern binds a name to: `Metrics { requests, .. }`.
pub(super) fn field_bound<'a>(pat: &'a Pat, name: &str, file: usize, self_ty: Option<&'a str>) -> Option<(Named<'a>, &'a str)> {
    match pat {
        Pat::Struct(path, fields) => {
            let owner = match path.last() {
                "Self" => self_ty?,
                name => name,
            };
            let holds = |(field, pat): &'a (Ident, Pat)| match pat {
                Pat::Ident(own, None) if own.as_str() == name => Some((Named { name: owner, file }, field.as_str())),
                pat => field_bound(pat, name, file, self_ty),
            };
            fields.iter().find_map(holds)
        }
        Pat::Reference(inner) => field_bound(inner, name, file, self_ty),
        Pat::TupleStruct(_, pats) | Pat::Tuple(pats) => pats.iter().find_map(|p| field_bound(p, name, file, self_ty)),
        _ => None,
    }
}

/// Whether a pattern binds a name to the value itself, or to what an option or result holds.
pub(super) fn is_inner(pat: &Pat, name: &str) -> bool {
    match pat {
        Pat::Ident(own, None) => own.as_str() == name,
        Pat::Reference(inner) => is_inner(inner, name),
        Pat::TupleStruct(path, pats) if matches!(path.last(), "Some" | "Ok") => matches!(pats.as_slice(), [inner] if is_inner(inner, name)),
        _ => false,
    }
}
