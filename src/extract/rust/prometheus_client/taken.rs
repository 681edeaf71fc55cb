//! What a metric is by the place that takes it, where a function of the tree makes metrics of any type:
//! `requests: registry.family("requests", "..")` of a field `requests: Family<Labels, Counter>`.

use super::shape::Shape;
use super::{Collector, FieldAt};
use crate::extract::rust::walk::{Context, Here, Parent};
use crate::model::MetricType;
use crate::syntax::rust::tree::{Block, Expr, ExprKind, Item, ItemKind, Let, Stmt};

impl<'a> Collector<'a, '_> {
    /// The shape that the registration, or the first of the calls around, tells by what takes its result.
    pub(super) fn taken_as(&self, cx: &Context<'a, '_>) -> Option<Shape> {
        let places = std::iter::once(&cx.here).chain(cx.frames.iter().map(|level| &*level.from));
        places.filter_map(|here| self.of_result(here)).find(|shape| shape.kind != MetricType::Unknown)
    }

    fn of_result(&self, here: &Here<'a>) -> Option<Shape> {
        self.of_parents(&here.parents, here)
    }

    /// What takes the block around whose value is a variable.
    pub(super) fn of_block(&self, name: &str, here: &Here<'a>) -> Option<Shape> {
        let is_tail = |block: &Block| matches!(block.stmts.last(), Some(Stmt::Expr(Expr { kind: ExprKind::Path(path), .. }, false)) if path.as_ident() == Some(name));
        let block = |p: &Parent<'a>| matches!(p, Parent::Expr(Expr { kind: ExprKind::Block(block), .. }) if is_tail(block));
        let at = here.parents.iter().rposition(block)?;
        self.of_parents(here.parents.get(..at)?, here)
    }

    fn of_parents(&self, parents: &[Parent<'a>], here: &Here<'a>) -> Option<Shape> {
        let mut parents = parents.iter().rev();
        loop {
            match parents.next()? {
                Parent::Field(name) => {
                    let Some(Parent::Expr(made)) = parents.next() else { return None };
                    return self.field(made_type(made, here)?, FieldAt::Named(name.as_str()), here.file, 0);
                }
                Parent::Let(statement) => return self.of_variable(statement, here),
                Parent::Const(Item { kind: ItemKind::Const { ty: Some(ty), .. }, .. }) => return self.of_type(ty, here.file, 0),
                // An expression with nothing but this one in it.
                Parent::Statement => {}
                Parent::Expr(expr) => match &expr.kind {
                    ExprKind::Try(_) | ExprKind::Reference(_) => {}
                    // `LazyLock::new(|| ..)`
                    ExprKind::Closure(params, _) if params.is_empty() => {}
                    ExprKind::Block(block) if matches!(block.stmts.as_slice(), [Stmt::Expr(_, false)]) => {}
                    ExprKind::Call(callee, args) if args.len() == 1 && makes_a_wrapper(callee) => {}
                    ExprKind::MethodCall(call) if matches!(call.method.as_str(), "unwrap" | "expect" | "clone" | "into") => {}
                    _ => return None,
                },
                _ => return None,
            }
        }
    }

    /// The shape with the labels that what takes the registration, or the calls around it, tell: `register::<Labels>(..)`,
    /// `static REQUESTS: Metric<Labels> = register(..)`.
    pub(super) fn labelled(&self, shape: Shape, cx: &Context<'a, '_>) -> Shape {
        if shape.complete || !shape.labels.is_empty() {
            return shape;
        }
        for level in cx.frames.iter() {
            let given = self.with_labels_of(shape.clone(), level.generics, level.from.file);
            if given.complete || !given.labels.is_empty() {
                return given;
            }
        }
        match self.taken_as(cx) {
            Some(taken) if taken.kind == shape.kind => Shape { labels: taken.labels, complete: taken.complete, ..shape },
            _ => shape,
        }
    }

    /// By the declared type of a variable, or by the field that the function's result has it in.
    fn of_variable(&self, statement: &'a Let, here: &Here<'a>) -> Option<Shape> {
        if let Some(ty) = &statement.ty {
            return self.of_type(ty, here.file, 0);
        }
        let name = statement.pat.as_ident()?.as_str();
        let (_, function) = here.functions.last()?;
        let made = match function.body.as_ref()?.stmts.last()? {
            Stmt::Expr(tail, false) => struct_in(tail)?,
            _ => return None,
        };
        let ExprKind::Struct(literal) = &made.kind else { return None };
        let is_it = |value: &Expr| matches!(&value.kind, ExprKind::Path(path) if path.as_ident() == Some(name));
        let (field, _) = literal.fields.iter().find(|(_, value)| is_it(value))?;
        self.field(made_type(made, here)?, FieldAt::Named(field.as_str()), here.file, 0)
    }
}

/// The struct literal that an expression is, or wraps: `Ok(Self { .. })`.
fn struct_in(expr: &Expr) -> Option<&Expr> {
    match &expr.kind {
        ExprKind::Struct(_) => Some(expr),
        ExprKind::Call(_, args) => match args.as_slice() {
            [inner] => struct_in(inner),
            _ => None,
        },
        _ => None,
    }
}

fn made_type<'a>(made: &'a Expr, here: &Here<'a>) -> Option<&'a str> {
    let ExprKind::Struct(literal) = &made.kind else { return None };
    if literal.path.last() == "Self" { here.self_ty } else { Some(literal.path.last()) }
}

/// Whether a function is what makes a box, a lock or the like of what it is given.
fn makes_a_wrapper(callee: &Expr) -> bool {
    let ExprKind::Path(path) = &callee.kind else { return false };
    let owner = path.segments.iter().rev().nth(1).map(|s| s.name.as_str());
    let wrapper = matches!(owner, Some("Box" | "Arc" | "Rc" | "LazyLock" | "Lazy" | "OnceLock" | "OnceCell" | "Mutex" | "RwLock"));
    wrapper && matches!(path.last(), "new" | "from")
}
