//! What a Rust type says about a metric: its kind, and the labels of a `Family`.

use super::{Collector, FieldAt, function_of};
use crate::extract::rust::attributes;
use crate::extract::rust::draft::{buckets_of, handle};
use crate::extract::rust::frames::Callable as Made;
use crate::extract::rust::types::{Named, field_bound, type_among};
use crate::extract::rust::values::{Scope, Value};
use crate::extract::rust::walk::{Context, Origin, Parent};
use crate::extract::rust::world::{FunctionAt, TypeAt, TypeDef};
use crate::knowledge::libraries::Callable;
use crate::model::{Bound, BoundKind, Buckets, Label, MetricType};
use crate::source::Location;
use crate::syntax::rust::tree::{Block, Expr, ExprKind, Field, Item, ItemKind, Path, Stmt, Type, TypeKind};

const MAX_DEPTH: usize = 20;

/// Kind, labels and buckets as far as they are known.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub(super) kind: MetricType,
    pub(super) suffix: Option<String>,
    pub(super) labels: Vec<Label>,
    pub(super) complete: bool,
    pub(super) buckets: Option<Buckets>,
    /// Whether the type parameters of a family were left to inference.
    pub(super) inferred: bool,
}

impl<'a> Collector<'a, '_> {
    /// What an expression that makes or names a metric is.
    pub(super) fn shape_of(&self, expr: &'a Expr, scope: &Scope<'a, '_>, cx: &Context<'a, '_>, depth: usize) -> Option<Shape> {
        if depth > MAX_DEPTH {
            return None;
        }
        match &expr.kind {
            ExprKind::Reference(inner) | ExprKind::Try(inner) => self.shape_of(inner, scope, cx, depth + 1),
            ExprKind::MethodCall(call) if matches!(call.method.as_str(), "clone" | "unwrap" | "into" | "expect" | "as_ref") => {
                self.shape_of(&call.receiver, scope, cx, depth + 1)
            }
            ExprKind::Block(block) => match block.stmts.last() {
                Some(Stmt::Expr(tail, false)) => {
                    let bindings = self.eval.bindings_in(block, scope);
                    self.shape_of(tail, &scope.at_tail(&bindings, tail), cx, depth + 1)
                }
                _ => None,
            },
            // What makes metrics of one type: `creator.create(name)`.
            ExprKind::MethodCall(call) => {
                let receiver = self.eval.value(&call.receiver, scope);
                let read = |called: &FunctionAt<'a>, tail, inner: &Scope<'a, '_>| self.returned(called, tail, inner, cx, depth + 1);
                self.eval.in_method_of(receiver, call.method.as_str(), &call.args, scope, read)?
            }
            ExprKind::Closure(_, body) => self.shape_of(body, scope, cx, depth + 1),
            ExprKind::Call(callee, args) => {
                let ExprKind::Path(path) = &callee.kind else { return None };
                self.made(path, args, scope, cx, depth)
            }
            ExprKind::Path(path) => {
                let name = path.as_ident().filter(|name| scope.binding(name).is_some());
                let Some(name) = name.or_else(|| path.as_ident().filter(|n| !n.starts_with(|c: char| c.is_ascii_uppercase()))) else {
                    return self.constant(path, scope, cx, depth + 1);
                };
                let held = handle(cx);
                let bound = scope.binding(name).and_then(|(binding, inner)| {
                    let by_type = binding.ty.and_then(|ty| self.of_type(ty, binding.file, depth + 1));
                    let by_value = binding.init.and_then(|init| self.shape_of(init, &inner, cx, depth + 1));
                    let by_field = match binding.origin {
                        Origin::Part(pat) | Origin::PartOf(_, pat) => field_bound(pat, name, binding.file, inner.self_ty),
                        _ => None,
                    };
                    let by_field = by_field.and_then(|(ty, field)| self.field_of(ty, field, &inner, cx, depth + 1));
                    joined(by_field.or(by_type), by_value)
                });
                if bound.as_ref().is_some_and(|s| !s.inferred && (s.complete || !s.labels.is_empty())) {
                    return bound;
                }
                let of = |name| self.literals.fields.get(&(function_of(cx), name));
                // What a block gives has the name of the variable that takes it.
                match of(name).or_else(|| of(held.as_deref()?)) {
                    Some((ty, field)) => joined(self.field(ty, *field, cx.file, depth + 1), bound),
                    None => {
                        let given = given_as(name, cx).and_then(|ty| self.of_type(ty, cx.file, depth + 1));
                        joined(given.or_else(|| self.of_block(name, cx)), bound)
                    }
                }
            }
            ExprKind::Field(base, field) => {
                let ty = type_among(self.eval.world, base, scope.file, scope.bindings, scope.self_ty)?;
                self.field_of(ty, field.as_str(), scope, cx, depth + 1)
            }
            ExprKind::Match(_, arms) => arms.iter().find_map(|arm| self.shape_of(&arm.body, scope, cx, depth + 1)),
            ExprKind::If(_, then, _) => match then.stmts.last() {
                Some(Stmt::Expr(tail, false)) => self.shape_of(tail, scope, cx, depth + 1),
                _ => None,
            },
            _ => None,
        }
    }

    /// `Family::<L, M>::default()`, `Histogram::new(bounds)`, a function of the tree.
    fn made(&self, path: &'a Path, args: &'a [Expr], scope: &Scope<'a, '_>, cx: &Context<'a, '_>, depth: usize) -> Option<Shape> {
        let names: Vec<&'a str> = path.names().collect();
        let owner = path.segments.iter().rev().nth(1);
        match (owner.map(|o| o.name.as_str()), path.last(), args) {
            (Some("Box" | "Arc" | "Rc" | "LazyLock" | "Lazy"), "new", [inner]) => return self.shape_of(inner, scope, cx, depth + 1),
            (Some("Family"), constructor, args) => {
                let inner = match (constructor, args) {
                    ("new_with_constructor", [f]) => self.constructor(f, scope, cx, depth),
                    _ => None,
                };
                let generics = owner.map(|o| o.generics.as_slice()).unwrap_or_default();
                return joined(self.family(generics, scope.file, depth + 1), inner.map(|s| Shape { complete: false, inferred: true, ..s }))
                    .or(Some(Shape {
                        kind: MetricType::Unknown,
                        suffix: None,
                        labels: Vec::new(),
                        complete: false,
                        buckets: None,
                        inferred: true,
                    }));
            }
            (Some(owner), "default" | "new", args) => {
                if let Some(callable) = self.library_type(owner, scope.file) {
                    let buckets = match (callable.kind(), args) {
                        (MetricType::Histogram, [bounds]) => {
                            Some(buckets_of(&self.eval.value(bounds, scope), Some(self.eval.location(scope.file, bounds.span))))
                        }
                        _ => None,
                    };
                    let mut shape = plain(callable.kind(), callable.suffix.clone(), buckets);
                    // The labels of an info are the pairs that it is made with.
                    if let (Some(_), [pairs]) = (&callable.suffix, args)
                        && let Value::List(pairs) = self.eval.label_value(pairs, scope)
                    {
                        shape.labels = super::registry::labels_of(&pairs);
                        shape.complete = shape.labels.len() == pairs.len();
                    }
                    return Some(shape);
                }
                if let Some(alias) = self.named(&[owner], scope.file, depth + 1) {
                    return Some(self.with_bounds(alias, args, scope));
                }
            }
            (Some(owner), "create" | "with_buckets" | "with_bounds", args) => {
                if let Some(alias) = self.named(&[owner], scope.file, depth + 1) {
                    return Some(self.with_bounds(alias, args, scope));
                }
            }
            _ => {}
        }
        match self.eval.world.functions(scope.file, &names, scope.self_ty).as_slice() {
            [only] => {
                let by_type = self.of_type(only.function.output.as_ref()?, only.place.file, depth + 1);
                let by_value = self.eval.in_function(path, args, scope, |tail, inner| self.shape_of(tail, inner, cx, depth + 1));
                joined(by_type, by_value.flatten())
            }
            _ => None,
        }
    }

    /// A histogram of the tree's own: bounds are the list of numbers that it, or what makes those of a family, is made with.
    fn with_bounds(&self, own: Shape, args: &'a [Expr], scope: &Scope<'a, '_>) -> Shape {
        if own.kind != MetricType::Histogram || own.buckets.is_some() {
            return own;
        }
        let numbers = |v: &Value| matches!(v, Value::List(all) if !all.is_empty() && all.iter().all(|n| matches!(n, Value::Number(_))));
        let bounds = args.iter().find_map(|arg| {
            let value = match self.eval.value(arg, scope) {
                Value::Struct(_, fields) => fields.into_iter().map(|(_, value)| value).find(numbers)?,
                value => Some(value).filter(numbers)?,
            };
            Some(buckets_of(&value, Some(self.eval.location(scope.file, arg.span))))
        });
        Shape { buckets: bounds, ..own }
    }

    fn constructor(&self, f: &'a Expr, scope: &Scope<'a, '_>, cx: &Context<'a, '_>, depth: usize) -> Option<Shape> {
        let is_variable = |path: &Path| path.as_ident().is_some_and(|name| scope.binding(name).is_some());
        match &f.kind {
            ExprKind::Path(path) if !is_variable(path) => self.made(path, &[], scope, cx, depth + 1),
            ExprKind::Cast(inner, _) => self.constructor(inner, scope, cx, depth + 1),
            ExprKind::Closure(..) => self.shape_of(f, scope, cx, depth + 1),
            // An object whose method makes the metrics of a family.
            _ => {
                let made = self.eval.in_method_of(self.eval.value(f, scope), "new_metric", &[], scope, |called, tail, inner| {
                    self.returned(called, tail, inner, cx, depth + 1)
                });
                made.unwrap_or_else(|| self.shape_of(f, scope, cx, depth + 1))
            }
        }
    }

    /// What a function of the tree gives.
    fn returned(
        &self,
        called: &FunctionAt<'a>,
        tail: &'a Expr,
        scope: &Scope<'a, '_>,
        cx: &Context<'a, '_>,
        depth: usize,
    ) -> Option<Shape> {
        let by_type = called.function.output.as_ref().and_then(|ty| self.of_type(ty, called.place.file, depth + 1));
        joined(by_type, self.shape_of(tail, scope, cx, depth + 1))
    }

    /// What a constant or static is: by its type, and by its value.
    fn constant(&self, path: &'a Path, scope: &Scope<'a, '_>, cx: &Context<'a, '_>, depth: usize) -> Option<Shape> {
        let names: Vec<&str> = path.names().collect();
        let found = self.eval.world.constants(scope.file, &names, scope.self_ty);
        // A macro may make it, or it stands in a file that was not read.
        if found.is_empty() {
            self.eval.ask_for_constant(scope.file, &names);
        }
        let [constant] = found.as_slice() else { return None };
        let inner = Scope::of_item(constant.place.file, constant.place.owner);
        let by_type = constant.ty.and_then(|ty| self.of_type(ty, constant.place.file, depth + 1));
        joined(by_type, constant.value.and_then(|value| self.shape_of(value, &inner, cx, depth + 1)))
    }

    pub(super) fn field(&self, ty: &str, field: FieldAt<'_>, file: usize, depth: usize) -> Option<Shape> {
        let (field, found) = match field {
            FieldAt::Named(name) => self.eval.world.field_of(file, ty, name)?,
            FieldAt::Numbered(at) => {
                let found = self.eval.world.type_def(file, &[ty])?;
                let TypeDef::Struct(fields) = found.kind else { return None };
                (fields.get(at)?, found)
            }
        };
        self.of_type(&field.ty, found.place.file, depth + 1)
    }

    /// A field by its type and, for the bounds of a histogram, by what it is made of.
    fn field_of(&self, ty: Named<'a>, field: &str, scope: &Scope<'a, '_>, cx: &Context<'a, '_>, depth: usize) -> Option<Shape> {
        let by_type = self.field(ty.name, FieldAt::Named(field), ty.file, depth)?;
        if by_type.kind != MetricType::Histogram || by_type.buckets.is_some() {
            return Some(by_type);
        }
        joined(Some(by_type), self.made_field(ty, field, scope, cx, depth))
    }

    /// What the literal gives that makes the object which has the field; asks for the literals.
    fn made_field(&self, ty: Named<'a>, field: &str, scope: &Scope<'a, '_>, cx: &Context<'a, '_>, depth: usize) -> Option<Shape> {
        let world = self.eval.world;
        let (_, found) = world.field_of(ty.file, ty.name, field)?;
        let object = Made::Object { package: world.package(found.place.file), ty: found.item.name.as_str() };
        let (value, outer, level) = self.eval.field_given(object, field, scope)?;
        let place = Context { world: cx.world, here: (*level.from).clone(), frames: outer.frames.into() };
        self.shape_of(value, &Scope::of(&place, value.span), &place, depth + 1)
    }

    /// What a type is.
    pub(super) fn of_type(&self, ty: &'a Type, file: usize, depth: usize) -> Option<Shape> {
        if depth > MAX_DEPTH {
            return None;
        }
        let path = strip(ty).path()?;
        let last = path.segments.last()?;
        if let Some(shape) = self.qualified(path, file, depth) {
            return Some(shape);
        }
        match last.name.as_str() {
            "Arc" | "Box" | "Rc" | "Option" | "LazyLock" | "Lazy" | "OnceCell" | "OnceLock" | "Mutex" | "RwLock" => {
                self.of_type(last.generics.first()?, file, depth + 1)
            }
            "Family" => self.family(&last.generics, file, depth + 1),
            _ if last.generics.len() > 1 && self.eval.world.type_def(file, &[last.name.as_str()]).is_some() => {
                self.own_family(&last.generics, file, depth)
            }
            name if self.library_type(name, file).is_some() => {
                let callable = self.library_type(name, file)?;
                Some(plain(callable.kind(), callable.suffix.clone(), None))
            }
            _ => {
                let names: Vec<&str> = path.names().collect();
                // A type of the tree's own that holds a metric: `Registered<Counter>`.
                let held = || match (last.generics.as_slice(), self.eval.world.type_def(file, &names)?.kind) {
                    ([inner], TypeDef::Struct(_)) => self.of_type(inner, file, depth + 1),
                    _ => None,
                };
                if last.generics.is_empty() {
                    return self.named(&names, file, depth + 1);
                }
                // A type of the tree's own has the labels that it is given, if any.
                let is_alias = self.eval.world.type_def(file, &names).is_some_and(|t| matches!(t.kind, TypeDef::Alias(_)));
                let named = self.named(&names, file, depth + 1).map(|own| Shape { complete: own.complete && is_alias, ..own });
                named.map(|named| self.with_labels_of(named, &last.generics, file)).or_else(held)
            }
        }
    }

    /// A shape whose labels a type parameter gives: those of the label set among what is given for the parameters.
    pub(super) fn with_labels_of(&self, shape: Shape, given: &'a [Type], file: usize) -> Shape {
        if shape.complete || !shape.labels.is_empty() {
            return shape;
        }
        let known = given.iter().map(|ty| self.labels(ty, file, 0)).find(|(labels, complete)| *complete || !labels.is_empty());
        match known {
            Some((labels, complete)) => Shape { labels, complete, ..shape },
            None => shape,
        }
    }

    /// A path to a name of the library's: `status::Counter` may be an alias of the tree, `raw::Counter` what a module hands on.
    fn qualified(&self, path: &'a Path, file: usize, depth: usize) -> Option<Shape> {
        let names: Vec<&str> = path.names().collect();
        let [.., module, name] = names.as_slice() else { return None };
        let callable = self.library.type_named(name)?;
        match self.eval.world.type_def(file, &names).filter(|found| found.place.module == *module) {
            Some(TypeAt { kind: TypeDef::Alias(ty), place, .. }) => self.of_type(ty, place.file, depth + 1),
            Some(_) => None,
            None => Some(plain(callable.kind(), callable.suffix.clone(), None)),
        }
    }

    fn named(&self, names: &[&str], file: usize, depth: usize) -> Option<Shape> {
        let world = self.eval.world;
        let Some(found) = world.type_def(file, names) else { return self.own_type(world.full_path(file, names).last()?, file) };
        match found.kind {
            TypeDef::Alias(ty) => self.of_type(ty, found.place.file, depth + 1),
            TypeDef::Struct(_) => self.own_type(found.item.name.as_str(), found.place.file),
            TypeDef::Enum(_) => None,
        }
    }

    /// A type of the tree that is a metric, since it says of which type: `const TYPE: MetricType = MetricType::Counter`.
    fn own_type(&self, name: &str, file: usize) -> Option<Shape> {
        let constants = self.eval.world.constants(file, &[name, "TYPE"], None);
        let [constant] = constants.as_slice() else { return None };
        let ty = constant.ty.and_then(Type::path).map(Path::last);
        let (kind, suffix) = self.type_word(constant.value.filter(|_| ty == Some("MetricType"))?)?;
        Some(plain(kind, Some(suffix.to_owned()).filter(|_| kind == MetricType::Gauge && !suffix.is_empty()), None))
    }

    /// A family of the tree's own: the last of its parameters is the metric, and what it has for labels is not known.
    fn own_family(&self, generics: &'a [Type], file: usize, depth: usize) -> Option<Shape> {
        let metric = self.of_type(generics.last().filter(|_| generics.len() > 1)?, file, depth + 1)?;
        let labels = generics.first().map(|ty| self.labels(ty, file, depth + 1));
        let (labels, complete) = labels.unwrap_or_default();
        Some(Shape { labels, complete, ..metric })
    }

    /// The library's type that a file means by a name.
    fn library_type(&self, name: &str, file: usize) -> Option<&'static Callable> {
        let world = self.eval.world;
        let full = world.behind_facades(world.full_path(file, &[name]));
        let owned = full.first().is_some_and(|root| self.library.owns(root));
        let callable = self.library.type_named(full.last().copied().unwrap_or(name))?;
        (owned || world.type_def(file, &[name]).is_none()).then_some(callable)
    }

    fn family(&self, generics: &'a [Type], file: usize, depth: usize) -> Option<Shape> {
        let [labels, metric, ..] = generics else { return None };
        // Where a type and an alias of it share a name, it is the type that says so itself.
        let of_name = || self.own_type(self.eval.world.full_path(file, &[strip(metric).path()?.last()]).last()?, file);
        let inner = self.of_type(metric, file, depth + 1).filter(|i| i.kind != MetricType::Unknown).or_else(of_name);
        let (labels, complete) = self.labels(labels, file, depth + 1);
        let (kind, suffix) = inner.map_or((MetricType::Unknown, None), |i| (i.kind, i.suffix));
        Some(Shape { kind, suffix, labels, complete, buckets: None, inferred: kind == MetricType::Unknown })
    }

    /// The label names of a label set's type, and whether they are all.
    fn labels(&self, ty: &'a Type, file: usize, depth: usize) -> (Vec<Label>, bool) {
        let unknown = (Vec::new(), false);
        if depth > MAX_DEPTH {
            return unknown;
        }
        match &strip(ty).kind {
            TypeKind::Tuple(parts) if parts.is_empty() => (Vec::new(), true),
            TypeKind::Path(path) => {
                let Some(found) = self.eval.world.type_def(file, &path.names().collect::<Vec<_>>()) else { return unknown };
                match found.kind {
                    TypeDef::Alias(ty) => self.labels(ty, found.place.file, depth + 1),
                    TypeDef::Struct(fields) if attributes::derives(&found.item.attrs, "EncodeLabelSet") => {
                        self.fields(fields, found.place.file, depth + 1)
                    }
                    // What only wraps a label set encodes it, and maybe more.
                    _ => match path.segments.last().map(|s| s.generics.as_slice()) {
                        Some([inner]) => (self.labels(inner, file, depth + 1).0, false),
                        _ => unknown,
                    },
                }
            }
            _ => unknown,
        }
    }

    /// The label names of a label set's type that a file means by a name.
    pub(super) fn labels_of_type(&self, ty: Named<'a>) -> Option<(Vec<Label>, bool)> {
        let found = self.eval.world.type_def(ty.file, &[ty.name])?;
        match found.kind {
            TypeDef::Struct(fields) if attributes::derives(&found.item.attrs, "EncodeLabelSet") => {
                Some(self.fields(fields, found.place.file, 0))
            }
            _ => None,
        }
    }

    fn fields(&self, fields: &'a [Field], file: usize, depth: usize) -> (Vec<Label>, bool) {
        let mut labels = Vec::new();
        let mut complete = true;
        for field in fields {
            let flatten = attributes::args(&field.attrs, "prometheus")
                .any(|a| matches!(a.value.as_ref().map(|v| &v.kind), Some(ExprKind::Path(p)) if p.last() == "flatten"));
            if flatten {
                let (more, all) = self.labels(&field.ty, file, depth + 1);
                labels.extend(more);
                complete &= all;
                continue;
            }
            let path = self.eval.world.files.get(file).map_or_else(|| "".into(), |f| std::sync::Arc::clone(&f.source.path));
            labels.push(Label {
                name: field.name.as_str().to_owned(),
                bound: self.bound(&field.ty, file, depth + 1),
                location: Some(Location { path, span: field.name.span }),
            });
        }
        (labels, complete)
    }

    /// How many values a label of this type can take.
    fn bound(&self, ty: &'a Type, file: usize, depth: usize) -> Bound {
        let Some(path) = strip(ty).path().filter(|_| depth <= MAX_DEPTH) else { return Bound::unknown() };
        match path.last() {
            "bool" => Bound::of_values(["false".to_owned(), "true".to_owned()]),
            "Option" => {
                let inner =
                    path.segments.last().and_then(|s| s.generics.first()).map_or_else(Bound::unknown, |t| self.bound(t, file, depth + 1));
                let mut values = inner.values;
                if !values.is_empty() {
                    values.insert(0, String::new());
                }
                Bound { count: inner.count.map(|n| n.saturating_add(1)), values, kind: inner.kind }
            }
            _ => match self.eval.world.type_def(file, &path.names().collect::<Vec<_>>()) {
                Some(found) => match found.kind {
                    TypeDef::Enum(variants) if variants.iter().all(|v| v.fields.is_empty()) => {
                        // What an implementation by hand writes is not known; how many there are is.
                        let derived = attributes::derives(&found.item.attrs, "EncodeLabelValue");
                        let mut values: Vec<String> = Vec::new();
                        if derived {
                            values.extend(variants.iter().map(|v| v.name.as_str().to_owned()));
                            values.sort();
                        }
                        Bound { kind: BoundKind::Enum, count: Some(variants.len() as u64), values }
                    }
                    TypeDef::Alias(ty) => self.bound(ty, found.place.file, depth + 1),
                    _ => Bound::unknown(),
                },
                None => Bound::unknown(),
            },
        }
    }
}

/// The type that a variable is given on as, by the function or static whose value it is.
fn given_as<'a>(name: &str, cx: &Context<'a, '_>) -> Option<&'a Type> {
    let gives = |block: &Block| matches!(block.stmts.last(), Some(Stmt::Expr(tail, false)) if is_variable(tail, name));
    let mut parents = cx.parents.iter().rev();
    let in_closure = parents.by_ref().any(|p| {
        matches!(p, Parent::Expr(Expr { kind: ExprKind::Closure(_, body), .. })
        if matches!(&body.kind, ExprKind::Block(block) if gives(block)))
    });
    if in_closure {
        return parents.find_map(|p| match p {
            Parent::Const(Item { kind: ItemKind::Const { ty, .. }, .. }) => ty.as_ref(),
            _ => None,
        });
    }
    let (_, function) = cx.functions.last()?;
    function.output.as_ref().filter(|_| function.body.as_deref().is_some_and(gives))
}

fn is_variable(expr: &Expr, name: &str) -> bool {
    matches!(&expr.kind, ExprKind::Path(path) if path.as_ident() == Some(name))
}

fn plain(kind: MetricType, suffix: Option<String>, buckets: Option<Buckets>) -> Shape {
    let complete = suffix.is_none();
    Shape { kind, suffix, labels: Vec::new(), complete, buckets, inferred: false }
}

fn strip(ty: &Type) -> &Type {
    match &ty.kind {
        TypeKind::Reference(inner) => strip(inner),
        _ => ty,
    }
}

/// The first, completed by the second.
fn joined(first: Option<Shape>, second: Option<Shape>) -> Option<Shape> {
    match (first, second) {
        (Some(mut first), Some(second)) => {
            if first.kind == MetricType::Unknown {
                first.kind = second.kind;
                first.suffix = second.suffix.clone();
            }
            first.buckets = first.buckets.or(second.buckets);
            if first.labels.is_empty() && first.suffix.is_some() && first.suffix == second.suffix {
                first.labels = second.labels;
                first.complete = second.complete;
            }
            Some(first)
        }
        (first, second) => first.or(second),
    }
}
