//! Goes through a file and shows every expression together with what is around it.
//!
//! Keeps the bindings in scope, the enclosing functions and the enclosing expressions; leaves test code out. Knows no library.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::attributes;
use super::frames::{Callable, Level};
use super::world::World;
use crate::source::{Location, Span};
use crate::syntax::rust::tree::{Block, Expr, ExprKind, Function, Ident, Item, ItemKind, Let, MacroCall, Param, Pat, Path, Stmt, Type};

/// A name in scope and what is known of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Binding<'a> {
    pub(super) name: &'a str,
    pub(super) ty: Option<&'a Type>,
    /// The value of a plain `let`; what a `for` goes through.
    pub(super) init: Option<&'a Expr>,
    /// The file of the value: that of a macro's expansion is not that of the call.
    pub(super) file: usize,
    /// The block and the statement after the `let`: what may change the value later.
    pub(super) after: Option<(&'a Block, usize)>,
    pub(super) origin: Origin<'a>,
}

/// Where a binding comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Origin<'a> {
    Let,
    /// A parameter of a function or closure.
    Param(Parameter<'a>),
    /// A name in the pattern of a `for`, which the loop gives one value after the other.
    Each(Callable<'a>, &'a Pat),
    /// A part of a parameter that is taken apart.
    PartOf(Parameter<'a>, &'a Pat),
    /// A part of a matched or destructured value.
    Part(&'a Pat),
}

/// A parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Parameter<'a> {
    pub(super) callable: Callable<'a>,
    /// The function's name; empty for a closure.
    pub(super) function: &'a str,
    /// Its position; a method's receiver is the first.
    pub(super) index: usize,
}

/// What directly holds an expression.
#[derive(Clone, Copy, Debug)]
pub(super) enum Parent<'a> {
    Expr(&'a Expr),
    Let(&'a Let),
    Const(&'a Item),
    /// A field of a struct literal.
    Field(&'a Ident),
    /// An expression statement.
    Statement,
}

/// Where an expression stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Here<'a> {
    pub(super) file: usize,
    pub(super) bindings: Vec<Binding<'a>>,
    /// Enclosing functions, the innermost last.
    pub(super) functions: Vec<(&'a Item, &'a Function)>,
    /// Enclosing functions, closures and loops.
    pub(super) callables: Vec<Callable<'a>>,
    pub(super) self_ty: Option<&'a str>,
    pub(super) parents: Vec<Parent<'a>>,
    /// Enclosing items and statements that depend on the build.
    pub(super) conditional: usize,
}

/// The surroundings of an expression.
#[derive(Clone)]
pub(super) struct Context<'a, 'w> {
    pub(super) world: &'w World<'a>,
    pub(super) here: Here<'a>,
    /// Who gives the enclosing functions their parameters, in this view of them.
    pub(super) frames: Arc<[Level<'a>]>,
}

impl<'a> Deref for Context<'a, '_> {
    type Target = Here<'a>;

    fn deref(&self) -> &Here<'a> {
        &self.here
    }
}

impl<'a> DerefMut for Context<'a, '_> {
    fn deref_mut(&mut self) -> &mut Here<'a> {
        &mut self.here
    }
}

impl<'a> Context<'a, '_> {
    /// The name of the innermost function around.
    pub(super) fn function_name(&self) -> Option<Arc<str>> {
        self.functions.last().map(|(item, _)| item.name.as_str().into())
    }

    pub(super) fn location(&self, span: Span) -> Location {
        self.world.location(self.file, span)
    }

    /// The expressions around the current one, innermost first, up to the statement or item.
    pub(super) fn enclosing(&self) -> impl Iterator<Item = &'a Expr> + '_ {
        self.parents.iter().rev().map_while(|p| match p {
            Parent::Expr(expr) => Some(*expr),
            _ => None,
        })
    }
}

/// Sees every expression and item that is not test code.
pub(super) trait Visitor<'a> {
    /// An expression, before its parts.
    fn expr(&mut self, expr: &'a Expr, cx: &Context<'a, '_>);
    /// A macro call, in whatever position, before its parts.
    fn macro_call(&mut self, call: &'a MacroCall, span: Span, cx: &Context<'a, '_>);
}

/// Walks one file.
pub(super) fn walk<'a>(world: &World<'a>, file: usize, include_tests: bool, visitor: &mut dyn Visitor<'a>) {
    let Some(parsed) = world.files.get(file) else { return };
    let cx = Context { world, here: Here { file, ..Here::default() }, frames: Arc::from([]) };
    let mut walker = Walker { cx, visitor, include_tests };
    if include_tests || !attributes::is_test(&parsed.tree.attrs) {
        walker.items(&parsed.tree.items);
    }
}

struct Walker<'a, 'w, 'v> {
    cx: Context<'a, 'w>,
    visitor: &'v mut dyn Visitor<'a>,
    include_tests: bool,
}

impl<'a> Walker<'a, '_, '_> {
    fn items(&mut self, items: &'a [Item]) {
        for item in items {
            self.item(item);
        }
    }

    fn item(&mut self, item: &'a Item) {
        if !self.include_tests && attributes::is_test(&item.attrs) {
            return;
        }
        let conditional = usize::from(attributes::is_conditional(&item.attrs));
        self.cx.conditional += conditional;
        match &item.kind {
            ItemKind::Const { value: Some(value), .. } => self.under(Parent::Const(item), value),
            ItemKind::Fn(function) => self.function(item, function),
            ItemKind::Impl { self_ty, items, .. } => {
                let outer = std::mem::replace(&mut self.cx.self_ty, self_ty.path().map(Path::last));
                self.items(items);
                self.cx.self_ty = outer;
            }
            ItemKind::Trait(items) => {
                let outer = self.cx.self_ty.replace(item.name.as_str());
                self.items(items);
                self.cx.self_ty = outer;
            }
            ItemKind::Mod(Some(items)) => self.items(items),
            ItemKind::Macro(call) => self.macro_call(call, call.body),
            _ => {}
        }
        self.cx.conditional -= conditional;
    }

    fn function(&mut self, item: &'a Item, function: &'a Function) {
        let Some(body) = &function.body else { return };
        let mark = self.cx.bindings.len();
        let parents = std::mem::take(&mut self.cx.parents);
        let callable = Callable::Function { file: self.cx.file, at: item.name.span.start };
        self.cx.functions.push((item, function));
        self.cx.callables.push(callable);
        self.params(&function.params, callable, item.name.as_str(), Some((body, 0)));
        self.block(body);
        self.cx.callables.pop();
        self.cx.functions.pop();
        self.cx.parents = parents;
        self.cx.bindings.truncate(mark);
    }

    fn params(&mut self, params: &'a [Param], callable: Callable<'a>, function: &'a str, after: Option<(&'a Block, usize)>) {
        for (index, param) in params.iter().enumerate() {
            match plain(&param.pat) {
                Some(name) => {
                    let origin = Origin::Param(Parameter { callable, function, index });
                    let binding = Binding { name, ty: param.ty.as_ref(), init: None, file: self.cx.file, after, origin };
                    self.cx.bindings.push(binding);
                }
                None => self.bind(&param.pat, Origin::PartOf(Parameter { callable, function, index }, &param.pat), None),
            }
        }
    }

    /// Binds every name of a pattern.
    fn bind(&mut self, pat: &'a Pat, origin: Origin<'a>, init: Option<&'a Expr>) {
        match pat {
            Pat::Ident(name, inner) => {
                let binding = Binding { name: name.as_str(), ty: None, init, file: self.cx.file, after: None, origin };
                self.cx.bindings.push(binding);
                if let Some(inner) = inner {
                    self.bind(inner, origin, init);
                }
            }
            Pat::TupleStruct(_, pats) | Pat::Tuple(pats) => pats.iter().for_each(|p| self.bind(p, origin, init)),
            Pat::Struct(_, fields) => fields.iter().for_each(|(_, p)| self.bind(p, origin, init)),
            Pat::Or(pats) => {
                if let Some(first) = pats.first() {
                    self.bind(first, origin, init);
                }
            }
            Pat::Reference(inner) => self.bind(inner, origin, init),
            Pat::Wild | Pat::Value(_) | Pat::Other => {}
        }
    }

    fn block(&mut self, block: &'a Block) {
        let mark = self.cx.bindings.len();
        for (at, stmt) in block.stmts.iter().enumerate() {
            self.stmt(stmt, Some((block, at + 1)));
        }
        self.cx.bindings.truncate(mark);
    }

    fn stmt(&mut self, stmt: &'a Stmt, after: Option<(&'a Block, usize)>) {
        match stmt {
            Stmt::Let(statement) => {
                if !self.include_tests && attributes::is_test(&statement.attrs) {
                    return;
                }
                let conditional = usize::from(attributes::is_conditional(&statement.attrs));
                self.cx.conditional += conditional;
                for value in statement.init.iter().chain(&statement.otherwise) {
                    self.under(Parent::Let(statement), value);
                }
                self.cx.conditional -= conditional;
                match statement.pat.as_ident() {
                    Some(name) => self.cx.here.bindings.push(Binding {
                        name: name.as_str(),
                        ty: statement.ty.as_ref(),
                        init: statement.init.as_ref(),
                        file: self.cx.here.file,
                        after,
                        origin: Origin::Let,
                    }),
                    None => self.bind(&statement.pat, Origin::Part(&statement.pat), statement.init.as_ref()),
                }
            }
            Stmt::Item(item) => {
                let bindings = std::mem::take(&mut self.cx.bindings);
                self.item(item);
                self.cx.bindings = bindings;
            }
            Stmt::Expr(expr, _) => self.under(Parent::Statement, expr),
        }
    }

    fn under(&mut self, parent: Parent<'a>, expr: &'a Expr) {
        self.cx.parents.push(parent);
        self.expr(expr);
        self.cx.parents.pop();
    }

    fn exprs(&mut self, exprs: impl IntoIterator<Item = &'a Expr>) {
        for expr in exprs {
            self.expr(expr);
        }
    }

    /// Walks with the names of `pat`, which `value` is matched with, in scope.
    fn scoped(&mut self, pat: &'a Pat, value: &'a Expr, walk: impl FnOnce(&mut Self)) {
        let mark = self.cx.bindings.len();
        self.bind(pat, Origin::Part(pat), Some(value));
        walk(self);
        self.cx.bindings.truncate(mark);
    }

    fn expr(&mut self, expr: &'a Expr) {
        self.visitor.expr(expr, &self.cx);
        self.cx.parents.push(Parent::Expr(expr));
        match &expr.kind {
            ExprKind::Lit(_) | ExprKind::Path(_) | ExprKind::Other => {}
            ExprKind::Call(callee, args) => {
                self.expr(callee);
                self.exprs(args);
            }
            ExprKind::MethodCall(call) => {
                self.expr(&call.receiver);
                self.exprs(&call.args);
            }
            ExprKind::Macro(call) => self.macro_call(call, expr.span),
            ExprKind::Array(items) | ExprKind::Tuple(items) => self.exprs(items),
            ExprKind::Struct(made) => {
                for (name, value) in &made.fields {
                    self.under(Parent::Field(name), value);
                }
                self.exprs(&made.rest);
            }
            ExprKind::Closure(params, body) => {
                let mark = self.cx.bindings.len();
                let callable = Callable::Closure { file: self.cx.file, at: expr.span.start };
                self.params(params, callable, "", None);
                self.cx.callables.push(callable);
                self.expr(body);
                self.cx.callables.pop();
                self.cx.bindings.truncate(mark);
            }
            ExprKind::Block(block) | ExprKind::Async(block) | ExprKind::Loop(block) => self.block(block),
            ExprKind::If(cond, then, otherwise) => {
                let mark = self.cx.bindings.len();
                self.condition(cond);
                self.block(then);
                self.cx.bindings.truncate(mark);
                self.exprs(otherwise.as_deref());
            }
            ExprKind::Match(value, arms) => {
                self.expr(value);
                for arm in arms {
                    self.scoped(&arm.pat, value, |this| {
                        this.exprs(&arm.guard);
                        this.expr(&arm.body);
                    });
                }
            }
            ExprKind::Let(pat, value) => {
                self.expr(value);
                self.bind(pat, Origin::Part(pat), Some(value));
            }
            ExprKind::For(pat, iter, body) => {
                self.expr(iter);
                let mark = self.cx.bindings.len();
                let callable = Callable::Loop { file: self.cx.file, at: expr.span.start };
                self.bind(pat, Origin::Each(callable, pat), Some(iter));
                self.cx.callables.push(callable);
                self.block(body);
                self.cx.callables.pop();
                self.cx.bindings.truncate(mark);
            }
            ExprKind::While(cond, body) => {
                let mark = self.cx.bindings.len();
                self.condition(cond);
                self.block(body);
                self.cx.bindings.truncate(mark);
            }
            ExprKind::Repeat(a, b) | ExprKind::Binary(_, a, b) | ExprKind::Assign(a, b) | ExprKind::Index(a, b) => {
                self.expr(a);
                self.expr(b);
            }
            ExprKind::Unary(_, inner)
            | ExprKind::Reference(inner)
            | ExprKind::Cast(inner, _)
            | ExprKind::Field(inner, _)
            | ExprKind::Try(inner)
            | ExprKind::Await(inner) => self.expr(inner),
            ExprKind::Range(start, end, _) => self.exprs(start.as_deref().into_iter().chain(end.as_deref())),
            ExprKind::Return(value) | ExprKind::Break(value) => self.exprs(value.as_deref()),
        }
        self.cx.parents.pop();
    }

    /// A condition: what `let` binds in it is in scope of the block that follows.
    fn condition(&mut self, cond: &'a Expr) {
        self.expr(cond);
    }

    fn macro_call(&mut self, call: &'a MacroCall, span: Span) {
        self.visitor.macro_call(call, span, &self.cx);
        if let Some(Ok(file)) = self.cx.world.expansion(self.cx.file, call.body.start) {
            self.expansion(file);
            return;
        }
        for arg in &call.args {
            self.exprs(arg.key.as_deref().map(|(key, _)| key));
            self.exprs(&arg.value);
        }
        self.items(&call.items);
        let mark = self.cx.bindings.len();
        for stmt in &call.stmts {
            self.stmt(stmt, None);
        }
        self.cx.bindings.truncate(mark);
    }
}

impl<'a> Walker<'a, '_, '_> {
    /// Walks what a macro call expands to, where it stands. Items of an expansion are walked as a file.
    fn expansion(&mut self, file: usize) {
        let Some(block) = self.cx.world.inline(file) else { return };
        let outer = std::mem::replace(&mut self.cx.here.file, file);
        let mark = self.cx.bindings.len();
        let last = block.stmts.len().saturating_sub(1);
        for (at, stmt) in block.stmts.iter().enumerate() {
            match stmt {
                // The value of the call.
                Stmt::Expr(expr, false) if at == last => self.expr(expr),
                _ => self.stmt(stmt, Some((block, at + 1))),
            }
        }
        self.cx.bindings.truncate(mark);
        self.cx.here.file = outer;
    }
}

/// The name of a parameter that is one name, also behind a reference.
fn plain(pat: &Pat) -> Option<&str> {
    match pat {
        Pat::Ident(name, None) => Some(name.as_str()),
        Pat::Reference(inner) => plain(inner),
        _ => None,
    }
}
