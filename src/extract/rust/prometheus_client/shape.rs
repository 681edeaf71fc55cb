//! What the Rust type of a metric says: counter, gauge or histogram, its labels, its buckets.

use super::labels;
use crate::extract::rust::draft::buckets_of;
use crate::extract::rust::values::{Evaluator, Scope};
use crate::extract::rust::walk::Context;
use crate::extract::rust::world::TypeDef;
use crate::knowledge::libraries::Library;
use crate::model::{Buckets, Label, MetricType};
use crate::syntax::rust::tree::{Expr, ExprKind, Path, Type, TypeKind};

/// Nesting of types and values that is followed.
const MAX_DEPTH: usize = 16;

/// What is known of a metric apart from its name.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub(super) kind: MetricType,
    pub(super) suffix: Option<String>,
    pub(super) labels: Vec<Label>,
    pub(super) labels_complete: bool,
    pub(super) buckets: Buckets,
}

/// A type, or the value that it is inferred from.
struct Traced<'a> {
    ty: Option<(usize, Type)>,
    value: Option<(&'a Expr, usize)>,
}

/// Finds shapes.
pub(super) struct Shapes<'a, 'w, 'e> {
    pub(super) eval: &'e Evaluator<'a, 'w>,
    pub(super) library: &'static Library,
}

impl<'a> Shapes<'a, '_, '_> {
    /// The shape of the metric that an expression registers.
    pub(super) fn of_expr(&self, expr: &'a Expr, scope: &Scope<'a, '_>, cx: &Context<'a, '_>) -> Result<Shape, String> {
        let traced = self.trace(expr, scope, cx, 0);
        let mut shape = match &traced.ty {
            Some((file, ty)) => self.of_type(*file, ty, 0),
            None => None,
        };
        if shape.is_none()
            && let Some((value, file)) = traced.value
        {
            shape = self.of_constructor(value, file);
        }
        let Some(mut shape) = shape else { return Err("the type of the metric is not known".into()) };
        if shape.kind == MetricType::Histogram {
            shape.buckets = traced.value.and_then(|(value, _)| self.buckets(value, scope, cx)).unwrap_or(Buckets::RunTime { count: None, location: None });
        }
        Ok(shape)
    }

    /// Follows clones, variables and fields to a type and to the constructor.
    fn trace(&self, expr: &'a Expr, scope: &Scope<'a, '_>, cx: &Context<'a, '_>, depth: usize) -> Traced<'a> {
        let nothing = Traced { ty: None, value: None };
        if depth > MAX_DEPTH {
            return nothing;
        }
        match &expr.kind {
            ExprKind::Reference(inner) | ExprKind::Unary(_, inner) => self.trace(inner, scope, cx, depth + 1),
            ExprKind::MethodCall(call) if call.method.as_str() == "clone" => self.trace(&call.receiver, scope, cx, depth + 1),
            ExprKind::Call(callee, args) => match (&callee.kind, args.as_slice()) {
                (ExprKind::Path(path), [inner]) if matches!(path.names().rev().nth(1), Some("Box" | "Arc" | "Rc")) || path.last() == "clone" => {
                    self.trace(inner, scope, cx, depth + 1)
                }
                _ => Traced { ty: None, value: Some((expr, scope.file)) },
            },
            ExprKind::Path(path) => {
                let Some(name) = path.as_ident() else { return nothing };
                let Some((binding, inner)) = scope.binding(name) else { return nothing };
                let mut traced = match binding.init {
                    Some(init) => self.trace(init, &inner, cx, depth + 1),
                    None => nothing,
                };
                if let Some(ty) = binding.ty {
                    traced.ty = Some((scope.file, ty.clone()));
                }
                let vague = traced.ty.is_none() && traced.value.is_none_or(|(value, file)| self.of_constructor(value, file).is_none());
                if vague && let Some(ty) = cx.self_ty.and_then(|owner| self.field_type(scope.file, owner, name)) {
                    traced.ty = Some(ty);
                }
                traced
            }
            ExprKind::Field(base, name) => self.field(base, name.as_str(), scope, cx, depth),
            _ => nothing,
        }
    }

    fn field(&self, base: &'a Expr, name: &str, scope: &Scope<'a, '_>, cx: &Context<'a, '_>, depth: usize) -> Traced<'a> {
        let mut traced = Traced { ty: None, value: None };
        let ExprKind::Path(path) = &base.kind else { return traced };
        let Some(variable) = path.as_ident() else { return traced };
        if variable == "self" {
            traced.ty = cx.self_ty.and_then(|owner| self.field_type(scope.file, owner, name));
            return traced;
        }
        let Some((binding, inner)) = scope.binding(variable) else { return traced };
        let mut owner = binding.ty.and_then(Type::path).map(|p| p.last().to_owned());
        match binding.init.map(|init| &init.kind) {
            Some(ExprKind::Struct { path, fields, .. }) => {
                owner = owner.or_else(|| Some(path.last().to_owned()));
                if let Some((_, value)) = fields.iter().find(|(n, _)| n.as_str() == name) {
                    traced = self.trace(value, &inner, cx, depth + 1);
                }
            }
            Some(ExprKind::Call(callee, _)) => {
                if let ExprKind::Path(path) = &callee.kind {
                    owner = owner.or_else(|| path.names().rev().nth(1).map(str::to_owned));
                }
            }
            _ => {}
        }
        let owner = owner.map(|o| if o == "Self" { cx.self_ty.unwrap_or_default().to_owned() } else { o });
        if let Some(ty) = owner.and_then(|owner| self.field_type(scope.file, &owner, name)) {
            traced.ty = Some(ty);
        }
        traced
    }

    fn field_type(&self, file: usize, owner: &str, field: &str) -> Option<(usize, Type)> {
        let found = self.eval.world.type_def(file, &[owner])?;
        match found.kind {
            TypeDef::Struct(fields) => {
                let field = fields.iter().find(|f| f.name.as_str() == field)?;
                Some((found.place.file, field.ty.clone()))
            }
            TypeDef::Alias(_) | TypeDef::Enum(_) => None,
        }
    }

    fn of_type(&self, file: usize, ty: &Type, depth: usize) -> Option<Shape> {
        if depth > MAX_DEPTH {
            return None;
        }
        let path = match &ty.kind {
            TypeKind::Path(path) => path,
            TypeKind::Reference(inner) => return self.of_type(file, inner, depth + 1),
            _ => return None,
        };
        self.of_path(file, path, path.segments.last().map(|s| s.generics.as_slice()).unwrap_or_default(), depth)
    }

    fn of_path(&self, file: usize, path: &Path, generics: &[Type], depth: usize) -> Option<Shape> {
        let names: Vec<&str> = path.names().collect();
        let full = self.eval.world.full_path(file, &names);
        let name = full.last().copied()?;
        match (name, generics) {
            ("Arc" | "Box" | "Rc" | "Mutex" | "RwLock" | "OnceLock" | "LazyLock", [inner]) => return self.of_type(file, inner, depth + 1),
            ("Family", [set, metric, ..]) => {
                let mut shape = self.of_type(file, metric, depth + 1)?;
                let (labels, complete) = labels::of_type(self.eval.world, file, set, 0);
                shape.labels = labels;
                shape.labels_complete = complete;
                return Some(shape);
            }
            ("Family", _) => return None,
            _ => {}
        }
        // A type of the tree with a metric's name is an alias or something else altogether.
        if let Some(found) = self.eval.world.type_def(file, &names) {
            return match found.kind {
                TypeDef::Alias(ty) if depth <= MAX_DEPTH => self.of_type(found.place.file, ty, depth + 1),
                _ => None,
            };
        }
        let known = self.library.type_named(name)?;
        Some(Shape { kind: known.kind(), suffix: known.suffix.clone(), labels: Vec::new(), labels_complete: true, buckets: Buckets::None })
    }

    /// `Family::<L, M>::default()`, `Counter::default()`, `Gauge::<f64, AtomicU64>::default()`.
    fn of_constructor(&self, value: &Expr, file: usize) -> Option<Shape> {
        let ExprKind::Call(callee, _) = &value.kind else { return None };
        let ExprKind::Path(path) = &callee.kind else { return None };
        let ty = path.segments.iter().rev().nth(1)?;
        let owner = Path { qself: None, segments: path.segments.iter().take(path.segments.len().saturating_sub(1)).cloned().collect() };
        self.of_path(file, &owner, &ty.generics, 0)
    }

    /// The bounds of a histogram, from `Histogram::new(..)` or from a family's constructor.
    fn buckets(&self, value: &'a Expr, scope: &Scope<'a, '_>, cx: &Context<'a, '_>) -> Option<Buckets> {
        let ExprKind::Call(callee, args) = &value.kind else { return None };
        let ExprKind::Path(path) = &callee.kind else { return None };
        let ([bounds], "new") = (args.as_slice(), path.last()) else {
            let [constructor] = args.as_slice() else { return None };
            return match &constructor.kind {
                ExprKind::Closure(_, body) => self.buckets(tail(body), scope, cx),
                _ => None,
            };
        };
        Some(buckets_of(&self.eval.value(bounds, scope), Some(cx.location(bounds.span))))
    }
}

/// The last expression of a block.
fn tail(expr: &Expr) -> &Expr {
    use crate::syntax::rust::tree::Stmt;
    match &expr.kind {
        ExprKind::Block(block) => match block.stmts.last() {
            Some(Stmt::Expr(last, false)) => last,
            _ => expr,
        },
        _ => expr,
    }
}
