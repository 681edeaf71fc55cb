//! Uses of families of metrics that are given their labels as one value, whose fields the labels are.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::super::holders;
use super::super::prometheus::last_name;
use super::super::types::{Named, is_inner};
use super::super::world::{Miss, TypeDef, World};
use super::groups::GroupUse;
use super::index::{At, Index};
use super::kept::Asked;
use super::numbers;
use super::scope::{From, Scope};
use super::sites::inner;
use super::trace::{Tracer, is_name};
use super::typed::Typed;
use super::{FieldAt, ValueAt};
use crate::extract::combine::named;
use crate::model::{Provenance, ProvenanceKind as Kind};
use crate::syntax::rust::tree::{Expr, ExprKind, Item, ItemKind};

/// Methods of a family that take the labels of one of its metrics, and whether they take it away.
const METHODS: [(&str, bool); 3] = [("get_or_create", false), ("get_or_create_owned", false), ("remove", true)];
/// Variables between a use and the value that is made there.
const MAX_STEPS: usize = 6;

/// A family.
#[derive(Clone, Debug)]
pub(in super::super) struct Family {
    /// Its metric, once for each registry.
    pub(in super::super) metric: String,
    pub(in super::super) package: Arc<str>,
    /// The fields, variables or statics that hold it.
    pub(in super::super) holders: Vec<String>,
    /// The struct that has such a field: its name and file.
    pub(in super::super) owner: Option<(String, usize)>,
    pub(in super::super) labels: Vec<(String, FieldAt)>,
}

/// The uses of families that are told apart by what holds them.
pub(super) fn uses<'a>(world: &World<'a>, index: &Index<'a>, families: &[Family], asked: &mut BTreeSet<Miss>) -> Vec<GroupUse> {
    let mut found = Vec::new();
    if families.is_empty() {
        return found;
    }
    let mut held: HashMap<&str, Vec<&Family>> = HashMap::new();
    for family in families {
        for holder in &family.holders {
            held.entry(holder).or_default().push(family);
        }
    }
    for (method, removes) in METHODS {
        if !removes {
            asked.insert(Miss::Calls(format!(".{method}(")));
        }
        for at in index.calls.get(method).into_iter().flatten() {
            let ExprKind::MethodCall(call) = &at.expr.kind else { continue };
            let [labels] = call.args.as_slice() else { continue };
            let scope = Scope::at(world, index, at.file, at.expr.span);
            let of = meant(world, &held, &call.receiver, at, &scope);
            let Some(first) = of.first() else { continue };
            // Two of one name: which of them is meant is not known.
            if of.iter().any(|f| f.labels != first.labels || f.owner != first.owner) {
                continue;
            }
            let set = ValueAt::new(at.file, inner(labels).span);
            found.push(GroupUse {
                metrics: of.iter().map(|f| f.metric.clone()).collect(),
                labels: first.labels.iter().map(|(name, field)| (name.clone(), ValueAt { field: Some(*field), ..set })).collect(),
                location: world.location(at.file, at.expr.span),
                removes,
                within: scope.function.map(|f| f.name().into()),
            });
        }
    }
    found
}

/// The families that an expression can be.
fn meant<'f, 'a>(
    world: &World<'a>,
    held: &HashMap<&str, Vec<&'f Family>>,
    receiver: &'a Expr,
    at: &At<'a>,
    scope: &Scope<'a>,
) -> Vec<&'f Family> {
    let mut receiver = inner(receiver);
    let mut steps = MAX_STEPS;
    let mut names = scope.clone();
    while let ExprKind::Path(path) = &receiver.kind
        && let Some(name) = path.as_ident()
        && let Some((_, from, before)) = names.binding(name)
    {
        let set = match from {
            From::Let(statement) => statement.init.as_ref(),
            From::Part(pat, value) if is_inner(pat, name) => Some(value),
            From::Closure(_, 0, Some(on)) => Some(on),
            From::ClosurePart(pat, _, 0, Some(on)) if is_inner(pat, name) => Some(on),
            // What is handed in may be any.
            _ => None,
        };
        let Some(set) = set.map(holders::held).filter(|set| last_name(set).is_some() && steps > 0) else { return Vec::new() };
        (receiver, names, steps) = (set, before, steps - 1);
    }
    let Some(all) = last_name(receiver).and_then(|name| held.get(name)) else { return Vec::new() };
    let package = world.package(at.file);
    let own: Vec<&Family> = all.iter().copied().filter(|f| *f.package == *package).collect();
    let mut all = if own.is_empty() { all.clone() } else { own };
    if let ExprKind::Field(base, _) = &receiver.kind
        && let Some(ty) = scope.type_of(world, base)
        && let Some(found) = world.type_def(ty.file, &[ty.name])
    {
        let (name, file) = (found.item.name.as_str(), found.place.file);
        all.retain(|f| f.owner.as_ref().is_none_or(|(own, of)| own == name && *of == file));
    }
    all
}

impl<'a> Tracer<'a, '_> {
    /// Where a field of a value of labels comes from, and what was looked up in vain for it.
    pub(super) fn of_label(&self, set: &'a Expr, label: FieldAt, scope: &Scope<'a>) -> (Provenance, Asked) {
        self.begin();
        let found = named(self.label(set, label, scope).unwrap_or_else(|| Provenance::unknown("a field that was not found")));
        let found = if found.count == Some(0) { Provenance::unknown("a value that is nowhere given") } else { found };
        (found, self.asked())
    }

    fn label(&self, set: &'a Expr, label: FieldAt, scope: &Scope<'a>) -> Option<Provenance> {
        let owner = struct_around(&self.world.files.get(label.file)?.tree.items, label)?;
        let found = self.world.type_def(label.file, &[owner])?;
        let TypeDef::Struct(fields) = found.kind else { return None };
        let field = fields.iter().find(|f| f.name.span == label.span)?;
        let name = field.name.as_str();
        let of = Typed { ty: &field.ty, file: found.place.file, owner: Some(owner) };
        let typed = self.by_declared(of);
        let closed = typed.is_some_and(|t| t.certain && matches!(t.kind, Kind::Enum | Kind::Bool));
        let here = if closed { None } else { self.made_here(set, name, scope, MAX_STEPS) };
        let ty = Named { name: owner, file: found.place.file };
        let value = here.unwrap_or_else(|| self.field_of(&found, ty, None, name, set.span, scope));
        Some(numbers::sized(value, Some(of)))
    }

    /// The field of a struct that is made where it is used, or that a variable is set to there.
    fn made_here(&self, set: &'a Expr, field: &str, scope: &Scope<'a>, steps: usize) -> Option<Provenance> {
        let steps = steps.checked_sub(1)?;
        match &set.kind {
            ExprKind::Reference(inner) => self.made_here(inner, field, scope, steps),
            ExprKind::MethodCall(call) if call.method.as_str() == "clone" => self.made_here(&call.receiver, field, scope, steps),
            ExprKind::Struct(made) => {
                let (_, value) = made.fields.iter().find(|(name, _)| name.as_str() == field)?;
                Some(self.value(value, scope).through(format!("`{field}` is set here"), self.location(scope, value.span)))
            }
            ExprKind::Path(path) => {
                let variable = path.as_ident()?;
                let (_, From::Let(statement), before) = scope.binding(variable)? else { return None };
                let changes = |at: &At<'a>| match &at.expr.kind {
                    ExprKind::Assign(place, _) => {
                        at.file == scope.file && matches!(&place.kind, ExprKind::Field(base, _) if is_name(base, variable))
                    }
                    _ => false,
                };
                if self.index.assigned.get(field).into_iter().flatten().any(changes) {
                    return None;
                }
                self.made_here(statement.init.as_ref()?, field, &before, steps)
            }
            _ => None,
        }
    }
}

/// The struct that has a field.
fn struct_around(items: &[Item], field: FieldAt) -> Option<&str> {
    items.iter().find_map(|item| match &item.kind {
        ItemKind::Struct(fields) => fields.iter().any(|f| f.name.span == field.span).then(|| item.name.as_str()),
        ItemKind::Mod(Some(items)) => struct_around(items, field),
        _ => None,
    })
}
