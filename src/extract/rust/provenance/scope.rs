//! The names that an expression sees, and where each of them gets its value.

use std::rc::Rc;

use super::super::frames::Callable;
use super::super::types::{self, Named};
use super::super::values::diverges;
use super::super::walk::{Binding, Origin, Parameter};
use super::super::world::World;
use super::index::{FnAt, Index};
use super::trace::root;
use super::visit::{Node, parts};
use crate::knowledge::provenance;
use crate::model::Provenance;
use crate::source::Span;
use crate::syntax::rust::tree::{Block, Expr, ExprKind, Item, ItemKind, Let, Lit, MethodCall, Param, Pat, Path, Stmt, Type};

/// Where a name gets its value.
#[derive(Clone, Copy, Debug)]
pub(super) enum From<'a> {
    Let(&'a Let),
    /// A parameter of the function with this name's place, at this position.
    Param(FnAt<'a>, usize),
    /// A parameter of a closure, and what the method is called on that is given the closure.
    Closure(&'a Expr, usize, Option<&'a Expr>),
    /// A parameter of a closure that this call is given.
    Passed(&'a Expr, usize, &'a Expr),
    /// A part of a parameter of a function.
    ParamPart(&'a Pat, FnAt<'a>, usize),
    /// A part of a parameter of a closure, and what the method is called on that is given the closure.
    ClosurePart(&'a Pat, &'a Expr, usize, Option<&'a Expr>),
    /// A part of each element of what a loop goes through.
    Each(&'a Pat, &'a Expr),
    /// A part of a value that is taken apart.
    Part(&'a Pat, &'a Expr),
    /// A part of a parameter that is taken apart.
    Taken,
}

/// What a call gives the parameters of a function or closure.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    /// File and place of the function's name or of the closure.
    pub(super) of: (usize, u32),
    pub(super) given: Vec<Given<'a>>,
    pub(super) outer: Option<Rc<Frame<'a>>>,
}

/// One argument.
#[derive(Clone, Debug)]
pub(super) enum Given<'a> {
    /// An expression, worked out where it stands.
    Expr(&'a Expr, Rc<Scope<'a>>),
    Value(Provenance),
}

/// What an expression sees.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope<'a> {
    pub(super) file: usize,
    pub(super) self_ty: Option<&'a str>,
    pub(super) function: Option<FnAt<'a>>,
    pub(super) bindings: Vec<Binding<'a>>,
    pub(super) from: Vec<From<'a>>,
    pub(super) frame: Option<Rc<Frame<'a>>>,
    /// Variables that a closed set contains here.
    pub(super) checked: Vec<&'a str>,
    /// Variables by which something was looked up that is there.
    pub(super) looked_up: Vec<&'a str>,
    /// Variables that a function was given to say whether this is reached.
    pub(super) judged: Vec<&'a str>,
}

impl<'a> Scope<'a> {
    /// The scope of some bytes.
    pub(super) fn at(world: &World<'a>, index: &Index<'a>, file: usize, span: Span) -> Self {
        Scope::nested(world, index, file, span, 8)
    }

    fn nested(world: &World<'a>, index: &Index<'a>, file: usize, span: Span, depth: usize) -> Self {
        // The statements of an expansion see what its call sees.
        let parsed = world.files.get(file).copied();
        if let Some((origin, block)) = parsed.and_then(|p| p.origin.as_ref()).zip(world.inline(file))
            && let Some(depth) = depth.checked_sub(1)
        {
            let inside = |f: &FnAt<'a>| f.function.body.as_ref().is_some_and(|b| !std::ptr::eq(&**b, block));
            if !index.around(file, span).as_ref().is_some_and(inside) {
                let mut scope = Scope::nested(world, index, origin.file, origin.call.span, depth);
                scope.file = file;
                scope.block(block, span);
                return scope;
            }
        }
        match index.around(file, span) {
            Some(function) => Scope::of_body(function, span),
            None => {
                let mut scope = Scope { file, ..Scope::default() };
                if let Some(value) = parsed.and_then(|p| constant_around(&p.tree.items, span)) {
                    scope.expr(value, span);
                }
                scope
            }
        }
    }

    /// The scope of some bytes of a function's body.
    pub(super) fn of_body(function: FnAt<'a>, span: Span) -> Self {
        let mut scope = Scope { file: function.file, self_ty: function.self_ty, function: Some(function), ..Scope::default() };
        let callable = Callable::Function { file: function.file, at: function.item.name.span.start };
        for (at, param) in function.function.params.iter().enumerate() {
            scope.param(param, callable, function.name(), at, From::Param(function, at));
        }
        if let Some(body) = &function.function.body {
            scope.block(body, span);
        }
        scope
    }

    /// The newest binding of a name, and what its value sees.
    pub(super) fn binding(&self, name: &str) -> Option<(Binding<'a>, From<'a>, Scope<'a>)> {
        let at = self.bindings.iter().rposition(|b| b.name == name)?;
        let (binding, from) = (*self.bindings.get(at)?, *self.from.get(at)?);
        let before = Scope {
            file: binding.file,
            self_ty: self.self_ty,
            function: self.function,
            bindings: self.bindings.get(..at)?.to_vec(),
            from: self.from.get(..at)?.to_vec(),
            frame: self.frame.clone(),
            checked: self.checked.clone(),
            looked_up: self.looked_up.clone(),
            judged: self.judged.clone(),
        };
        Some((binding, from, before))
    }

    /// The type of an expression.
    pub(super) fn type_of(&self, world: &World<'a>, expr: &'a Expr) -> Option<Named<'a>> {
        types::type_among(world, expr, self.file, &self.bindings, self.self_ty)
    }

    /// What a call gives the parameters of a function or closure.
    pub(super) fn frame_of(&self, of: (usize, u32)) -> Option<&Rc<Frame<'a>>> {
        std::iter::successors(self.frame.as_ref(), |f| f.outer.as_ref()).find(|f| f.of == of)
    }

    /// How many calls deep it is.
    pub(super) fn depth(&self) -> usize {
        std::iter::successors(self.frame.as_ref(), |f| f.outer.as_ref()).count()
    }

    fn push(&mut self, name: &'a str, ty: Option<&'a Type>, init: Option<&'a Expr>, origin: Origin<'a>, from: From<'a>) {
        self.bindings.push(Binding { name, ty, init, file: self.file, after: None, origin });
        self.from.push(from);
    }

    fn param(&mut self, param: &'a Param, callable: Callable<'a>, function: &'a str, index: usize, from: From<'a>) {
        match plain(&param.pat) {
            Some(name) => self.push(name, param.ty.as_ref(), None, Origin::Param(Parameter { callable, function, index }), from),
            None => {
                let part = match from {
                    From::Param(function, at) => From::ParamPart(&param.pat, function, at),
                    From::Closure(closure, at, of) => From::ClosurePart(&param.pat, closure, at, of),
                    _ => From::Taken,
                };
                self.pattern(&param.pat, part);
            }
        }
    }

    /// Binds the parameters of a closure.
    pub(super) fn closure(&mut self, closure: &'a Expr, of: Option<&'a Expr>) {
        self.closure_from(closure, |at| From::Closure(closure, at, of));
    }

    fn closure_from(&mut self, closure: &'a Expr, from: impl Fn(usize) -> From<'a>) {
        let ExprKind::Closure(params, _) = &closure.kind else { return };
        let callable = Callable::Closure { file: self.file, at: closure.span.start };
        for (at, param) in params.iter().enumerate() {
            self.param(param, callable, "", at, from(at));
        }
    }

    /// Binds every name of a pattern.
    pub(super) fn pattern(&mut self, pat: &'a Pat, from: From<'a>) {
        match pat {
            Pat::Ident(name, inner) => {
                self.push(name.as_str(), None, None, Origin::Part(pat), from);
                inner.iter().for_each(|inner| self.pattern(inner, from));
            }
            Pat::TupleStruct(_, pats) | Pat::Tuple(pats) => pats.iter().for_each(|p| self.pattern(p, from)),
            Pat::Struct(_, fields) => fields.iter().for_each(|(_, p)| self.pattern(p, from)),
            Pat::Or(pats) => pats.iter().take(1).for_each(|p| self.pattern(p, from)),
            Pat::Reference(inner) => self.pattern(inner, from),
            Pat::Wild | Pat::Value(_) | Pat::Other => {}
        }
    }

    /// Binds what a `let` binds.
    pub(super) fn let_(&mut self, statement: &'a Let) {
        match (&statement.pat, &statement.init) {
            (Pat::Ident(name, None), init) => {
                self.push(name.as_str(), statement.ty.as_ref(), init.as_ref(), Origin::Let, From::Let(statement));
            }
            (pat, Some(init)) => self.pattern(pat, From::Part(pat, init)),
            (pat, None) => self.pattern(pat, From::Taken),
        }
    }

    /// Binds what the statements of a block bind.
    pub(super) fn statements(&mut self, block: &'a Block) {
        for stmt in &block.stmts {
            if let Stmt::Let(statement) = stmt {
                self.let_(statement);
            }
        }
    }

    /// Binds what the `let`s of a condition bind.
    pub(super) fn condition(&mut self, cond: &'a Expr) {
        match &cond.kind {
            ExprKind::Let(pat, value) => self.pattern(pat, From::Part(pat, value)),
            ExprKind::Binary("&&", left, right) => {
                self.condition(left);
                self.condition(right);
            }
            _ => {}
        }
    }

    /// Notes the variables of which a condition says that a set contains them.
    fn check(&mut self, cond: &'a Expr) {
        match &cond.kind {
            ExprKind::MethodCall(call) if matches!(call.method.as_str(), "contains" | "contains_key") => {
                let list = match &call.receiver.kind {
                    // A text that contains another.
                    ExprKind::Lit(_) => None,
                    _ => call.args.first().filter(|_| call.args.len() == 1),
                };
                self.checked.extend(list.and_then(root));
            }
            // What only a key that is there makes true.
            ExprKind::MethodCall(call) if is_answered(call) => self.there(&call.receiver),
            ExprKind::MethodCall(call) => self.judge(call),
            // The answer of a call, kept in a variable.
            ExprKind::Path(path) => {
                if let Some(init) = self.kept(path).filter(|init| matches!(init.kind, ExprKind::MethodCall(_))) {
                    self.check(init);
                }
            }
            ExprKind::Let(pat, value) if matches!(&**pat, Pat::TupleStruct(path, _) if path.last() == "Some") => self.there(value),
            ExprKind::Binary("&&", left, right) => {
                self.check(left);
                self.check(right);
            }
            _ => {}
        }
    }

    /// The value of a variable.
    fn kept(&self, path: &Path) -> Option<&'a Expr> {
        let name = path.as_ident()?;
        self.bindings.iter().rfind(|b| b.name == name)?.init
    }

    /// Notes what a statement before says of variables: where its condition holds, the function does not go on.
    fn passed(&mut self, statement: &'a Expr, depth: usize) {
        match &statement.kind {
            ExprKind::If(cond, then, None) if leaves(then) => self.refuted(cond),
            // What is said of `x` in `if let Some(x) = y { .. }` is said of `y`.
            ExprKind::If(cond, then, None) if depth > 0 => {
                let ExprKind::Let(pat, value) = &cond.kind else { return };
                let (Pat::TupleStruct(path, inner), Some(of)) = (&**pat, root(value)) else { return };
                let ([Pat::Ident(name, None)], "Some") = (inner.as_slice(), path.last()) else { return };
                let before = [self.checked.len(), self.looked_up.len(), self.judged.len()];
                self.passed_block(then, depth);
                for (all, before) in [&mut self.checked, &mut self.looked_up, &mut self.judged].into_iter().zip(before) {
                    if all.iter().skip(before).any(|n| *n == name.as_str()) {
                        all.push(of);
                    }
                }
            }
            ExprKind::Block(block) if depth > 0 => self.passed_block(block, depth),
            _ => {}
        }
    }

    fn passed_block(&mut self, block: &'a Block, depth: usize) {
        let (bindings, from) = (self.bindings.len(), self.from.len());
        for stmt in &block.stmts {
            match stmt {
                Stmt::Let(inner) => {
                    self.let_(inner);
                    self.found(inner, 0);
                }
                Stmt::Expr(inner, _) => self.passed(inner, depth - 1),
                Stmt::Item(_) => {}
            }
        }
        self.bindings.truncate(bindings);
        self.from.truncate(from);
    }

    /// Notes the variables of which the contrary of a condition says that a set contains them.
    fn refuted(&mut self, cond: &'a Expr) {
        match &cond.kind {
            ExprKind::Unary('!', inner) => self.check(inner),
            ExprKind::Binary("||", left, right) => {
                self.refuted(left);
                self.refuted(right);
            }
            ExprKind::MethodCall(call) if call.method.as_str() == "is_none" => match &call.receiver.kind {
                // A method of the tree's own may look it up: `config.desk(name).is_none()`.
                ExprKind::MethodCall(by) if key(&call.receiver).is_none() => self.judged.extend(by.args.iter().filter_map(root)),
                _ => self.there(&call.receiver),
            },
            ExprKind::Path(path) => {
                let missing = |init: &&Expr| matches!(&init.kind, ExprKind::MethodCall(call) if call.method.as_str() == "is_none");
                if let Some(init) = self.kept(path).filter(|init| missing(init) || matches!(init.kind, ExprKind::Unary('!', _))) {
                    self.refuted(init);
                }
            }
            _ => {}
        }
    }

    fn judge(&mut self, call: &'a MethodCall) {
        if provenance::rust().checks(call.method.as_str()) {
            self.judged.extend(call.args.iter().filter_map(root));
        }
    }

    /// Notes the variables that were looked up before: the function goes on only where something has such a key.
    fn found(&mut self, statement: &'a Let, depth: usize) {
        let Some(init) = &statement.init else { return };
        let is_some = matches!(&statement.pat, Pat::TupleStruct(path, _) if path.last() == "Some");
        if statement.otherwise.is_some() && is_some {
            self.there(init);
        }
        self.found_by(init, depth);
    }

    /// Notes the variable by which something was looked up that is there.
    fn there(&mut self, value: &'a Expr) {
        match key(value) {
            Some((name, true)) => self.checked.push(name),
            Some((name, false)) => self.looked_up.push(name),
            None => {}
        }
    }

    fn found_by(&mut self, expr: &'a Expr, depth: usize) {
        match &expr.kind {
            ExprKind::Try(inner) => match &inner.kind {
                ExprKind::MethodCall(call) if matches!(call.method.as_str(), "ok_or" | "ok_or_else") => {
                    self.there(&call.receiver);
                }
                _ => self.found_by(inner, depth),
            },
            ExprKind::Await(inner) => self.found_by(inner, depth),
            ExprKind::MethodCall(call) => self.found_by(&call.receiver, depth),
            ExprKind::Block(block) if depth > 0 => {
                for stmt in &block.stmts {
                    match stmt {
                        Stmt::Let(statement) => self.found(statement, depth - 1),
                        Stmt::Expr(expr, _) => self.found_by(expr, depth - 1),
                        Stmt::Item(_) => {}
                    }
                }
            }
            _ => {}
        }
    }

    /// Goes down to the bytes, through a block.
    pub(super) fn block(&mut self, block: &'a Block, span: Span) {
        for stmt in &block.stmts {
            match stmt {
                Stmt::Let(statement) => {
                    if let Some(inner) = statement.init.iter().chain(&statement.otherwise).find(|e| holds(e.span, span)) {
                        return self.expr(inner, span);
                    }
                    self.let_(statement);
                    self.found(statement, 1);
                }
                Stmt::Expr(expr, _) if holds(expr.span, span) => return self.expr(expr, span),
                Stmt::Expr(expr, _) => {
                    self.found_by(expr, 0);
                    self.passed(expr, 2);
                }
                Stmt::Item(_) => {}
            }
        }
    }

    fn expr(&mut self, expr: &'a Expr, span: Span) {
        if expr.span == span {
            return;
        }
        match &expr.kind {
            ExprKind::If(cond, then, _) if holds(then.span, span) => {
                self.condition(cond);
                self.check(cond);
                return self.block(then, span);
            }
            ExprKind::If(cond, ..) | ExprKind::While(cond, _) if holds(cond.span, span) => self.condition(cond),
            ExprKind::While(cond, body) => {
                self.condition(cond);
                return self.block(body, span);
            }
            ExprKind::Match(value, arms) => {
                let inside = |e: &Expr| holds(e.span, span);
                if let Some(arm) = arms.iter().find(|a| inside(&a.body) || a.guard.as_ref().is_some_and(inside)) {
                    self.pattern(&arm.pat, From::Part(&arm.pat, value));
                }
            }
            ExprKind::For(pat, iter, body) if holds(body.span, span) => {
                self.pattern(pat, From::Each(pat, iter));
                return self.block(body, span);
            }
            ExprKind::MethodCall(call) => {
                let closure = call.args.iter().find(|a| matches!(a.kind, ExprKind::Closure(..)) && holds(a.span, span));
                if let Some(closure) = closure
                    && let ExprKind::Closure(_, body) = &closure.kind
                {
                    if hands_on(call.method.as_str()) {
                        self.closure(closure, Some(&call.receiver));
                    } else {
                        self.closure_from(closure, |at| From::Passed(closure, at, expr));
                    }
                    return self.expr(body, span);
                }
            }
            ExprKind::Call(_, args) => {
                let closure = args.iter().find(|a| matches!(a.kind, ExprKind::Closure(..)) && holds(a.span, span));
                if let Some(closure) = closure
                    && let ExprKind::Closure(_, body) = &closure.kind
                {
                    self.closure_from(closure, |at| From::Passed(closure, at, expr));
                    return self.expr(body, span);
                }
            }
            ExprKind::Closure(..) => self.closure(expr, None),
            _ => {}
        }
        let mut next = None;
        parts(expr, &mut |node| {
            let inside = match node {
                Node::Expr(e) => holds(e.span, span),
                Node::Block(b) => holds(b.span, span),
                // The statements of a macro's body.
                Node::Stmt(Stmt::Expr(e, _)) => holds(e.span, span),
                Node::Stmt(_) | Node::Item(_) => false,
            };
            if inside && next.is_none() {
                next = Some(node);
            }
        });
        match next {
            Some(Node::Expr(e) | Node::Stmt(Stmt::Expr(e, _))) => self.expr(e, span),
            Some(Node::Block(b)) => self.block(b, span),
            _ => {}
        }
    }
}

/// Whether a block does not go on behind itself.
fn leaves(block: &Block) -> bool {
    matches!(block.stmts.last(), Some(Stmt::Expr(last, _)) if diverges(last))
}

/// Whether the answer is true only where what the call is made on is there.
fn is_answered(call: &MethodCall) -> bool {
    let is_false = |e: &Expr| matches!(e.kind, ExprKind::Lit(Lit::Bool(false)));
    match (call.method.as_str(), call.args.as_slice()) {
        ("is_some", []) | ("is_some_and", [_]) | ("unwrap_or_default", []) => true,
        ("unwrap_or", [other]) | ("map_or", [other, _]) => is_false(other),
        _ => false,
    }
}

/// The variable that something is looked up by, and whether a map holds it: `map.get(key).cloned()`, `table.find(key).await?`.
fn key(expr: &Expr) -> Option<(&str, bool)> {
    let call = match &expr.kind {
        ExprKind::Try(inner) | ExprKind::Await(inner) => return key(inner).map(|(name, _)| (name, false)),
        ExprKind::MethodCall(call) => call,
        _ => return None,
    };
    match (call.method.as_str(), call.args.as_slice()) {
        ("get" | "get_mut" | "get_key_value", [key]) => root(key).map(|name| (name, true)),
        ("map" | "and_then" | "filter", [_]) | ("cloned" | "copied" | "clone" | "as_ref" | "as_mut" | "as_deref", []) => {
            key(&call.receiver)
        }
        // An error that is none of the key's.
        ("unwrap", []) | ("expect" | "map_err" | "context", [_]) => key(&call.receiver).map(|(name, _)| (name, false)),
        (method, [key]) if provenance::rust().looks_up(method) => root(key).map(|name| (name, false)),
        _ => None,
    }
}

/// The value of the constant that these bytes are of.
fn constant_around(items: &[Item], span: Span) -> Option<&Expr> {
    items.iter().find_map(|item| match &item.kind {
        ItemKind::Const { value: Some(value), .. } if holds(value.span, span) => Some(value),
        ItemKind::Mod(Some(items)) | ItemKind::Impl { items, .. } => constant_around(items, span),
        _ => None,
    })
}

/// Whether a method gives a closure what it is called on, or a part of it.
fn hands_on(method: &str) -> bool {
    matches!(
        method,
        "map"
            | "for_each"
            | "and_then"
            | "filter_map"
            | "flat_map"
            | "inspect"
            | "map_or"
            | "map_or_else"
            | "is_some_and"
            | "try_for_each"
            | "find_map"
            | "filter"
            | "find"
            | "retain"
            | "any"
            | "all"
            | "map_while"
            | "take_while"
            | "skip_while"
    )
}

fn holds(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// The name of a parameter that is one name, also behind a reference.
fn plain(pat: &Pat) -> Option<&str> {
    match pat {
        Pat::Ident(name, None) => Some(name.as_str()),
        Pat::Reference(inner) => plain(inner),
        _ => None,
    }
}
