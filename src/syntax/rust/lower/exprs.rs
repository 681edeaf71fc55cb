//! Expressions and statements.

use super::Lower;
use crate::source::Span;
use crate::syntax::rust::tree::{Arm, Block, Expr, ExprKind, Let, Lit, MethodCall, Param, Pat, Stmt, StructLit};

impl Lower<'_> {
    pub(super) fn stmt(&mut self, stmt: &syn::Stmt) -> Stmt {
        match stmt {
            syn::Stmt::Local(local) => {
                let (pat, ty) = self.typed_pat(&local.pat);
                let init = local.init.as_ref().map(|i| self.expr(&i.expr));
                let otherwise = local.init.as_ref().and_then(|i| i.diverge.as_ref()).map(|(_, e)| self.expr(e));
                Stmt::Let(Box::new(Let { attrs: self.attrs(&local.attrs), pat, ty, init, otherwise }))
            }
            syn::Stmt::Item(item) => Stmt::Item(Box::new(self.item(item))),
            syn::Stmt::Expr(expr, semi) => Stmt::Expr(self.expr(expr), semi.is_some()),
            syn::Stmt::Macro(m) => {
                let (call, span) = self.macro_call(&m.mac);
                Stmt::Expr(Expr { kind: ExprKind::Macro(Box::new(call)), span }, m.semi_token.is_some())
            }
        }
    }

    fn boxed(&mut self, expr: &syn::Expr) -> Box<Expr> {
        Box::new(self.expr(expr))
    }

    fn list(&mut self, exprs: &syn::punctuated::Punctuated<syn::Expr, syn::Token![,]>) -> Vec<Expr> {
        exprs.iter().map(|e| self.expr(e)).collect()
    }

    /// A block expression that starts with a keyword.
    fn keyword_block(&mut self, keyword: proc_macro2::Span, block: &syn::Block) -> (Block, Span) {
        let block = self.block(block);
        let span = self.span(keyword).to(block.span);
        (block, span)
    }

    pub(super) fn expr(&mut self, expr: &syn::Expr) -> Expr {
        use syn::Expr as E;
        let (kind, span) = match expr {
            E::Paren(e) => return self.expr(&e.expr),
            E::Group(e) => return self.expr(&e.expr),
            E::Lit(e) => return self.lit(&e.lit),
            E::Path(e) => {
                let mut span = self.path_span(&e.path);
                if let Some(qself) = &e.qself {
                    span = self.span(qself.lt_token.spans[0]).to(span);
                }
                (ExprKind::Path(self.qpath(e.qself.as_ref(), &e.path)), span)
            }
            E::Call(e) => {
                let callee = self.boxed(&e.func);
                let span = callee.span.to(self.span(e.paren_token.span.close()));
                (ExprKind::Call(callee, self.list(&e.args)), span)
            }
            E::MethodCall(e) => {
                let receiver = self.expr(&e.receiver);
                let span = receiver.span.to(self.span(e.paren_token.span.close()));
                let generics = e.turbofish.as_ref().map(|t| self.generics(t)).unwrap_or_default();
                let call = MethodCall { receiver, method: self.ident(&e.method), generics, args: self.list(&e.args) };
                (ExprKind::MethodCall(Box::new(call)), span)
            }
            E::Macro(e) => {
                let (call, span) = self.macro_call(&e.mac);
                (ExprKind::Macro(Box::new(call)), span)
            }
            E::Array(e) => (ExprKind::Array(self.list(&e.elems)), self.span(e.bracket_token.span.join())),
            E::Repeat(e) => (ExprKind::Repeat(self.boxed(&e.expr), self.boxed(&e.len)), self.span(e.bracket_token.span.join())),
            E::Tuple(e) => (ExprKind::Tuple(self.list(&e.elems)), self.span(e.paren_token.span.join())),
            E::Struct(e) => {
                let span = self.path_span(&e.path).to(self.span(e.brace_token.span.close()));
                let path = self.qpath(e.qself.as_ref(), &e.path);
                let fields = e.fields.iter().map(|f| (self.member(&f.member), self.expr(&f.expr))).collect();
                let rest = e.rest.as_ref().map(|r| self.expr(r));
                (ExprKind::Struct(Box::new(StructLit { path, fields, rest })), span)
            }
            E::Closure(e) => {
                let params = e.inputs.iter().map(|p| self.typed_pat(p)).map(|(pat, ty)| Param { pat, ty }).collect();
                let body = self.boxed(&e.body);
                let span = self.span(e.inputs_begin.spans[0]).to(body.span);
                (ExprKind::Closure(params, body), span)
            }
            E::Block(e) => {
                let block = self.block(&e.block);
                let span = block.span;
                (ExprKind::Block(block), span)
            }
            E::Unsafe(e) => {
                let (block, span) = self.keyword_block(e.unsafe_token.span, &e.block);
                (ExprKind::Block(block), span)
            }
            E::Const(e) => {
                let (block, span) = self.keyword_block(e.const_token.span, &e.block);
                (ExprKind::Block(block), span)
            }
            E::TryBlock(e) => {
                let (block, span) = self.keyword_block(e.try_token.span, &e.block);
                (ExprKind::Block(block), span)
            }
            E::Async(e) => {
                let (block, span) = self.keyword_block(e.async_token.span, &e.block);
                (ExprKind::Async(block), span)
            }
            E::If(e) => {
                let cond = self.boxed(&e.cond);
                let (then, mut span) = self.keyword_block(e.if_token.span, &e.then_branch);
                let otherwise = e.else_branch.as_ref().map(|(_, e)| self.boxed(e));
                if let Some(otherwise) = &otherwise {
                    span = span.to(otherwise.span);
                }
                (ExprKind::If(cond, then, otherwise), span)
            }
            E::Match(e) => {
                let span = self.span(e.match_token.span).to(self.span(e.brace_token.span.close()));
                let value = self.boxed(&e.expr);
                let arms = e.arms.iter().map(|a| self.arm(a)).collect();
                (ExprKind::Match(value, arms), span)
            }
            E::Let(e) => {
                let value = self.boxed(&e.expr);
                let span = self.span(e.let_token.span).to(value.span);
                (ExprKind::Let(Box::new(self.pat(&e.pat)), value), span)
            }
            E::Unary(e) => {
                let (op, at) = match &e.op {
                    syn::UnOp::Deref(t) => ('*', t.spans[0]),
                    syn::UnOp::Not(t) => ('!', t.spans[0]),
                    syn::UnOp::Neg(t) => ('-', t.spans[0]),
                    _ => return Expr { span: self.expr(&e.expr).span, kind: ExprKind::Other },
                };
                let inner = self.boxed(&e.expr);
                let span = self.span(at).to(inner.span);
                (ExprKind::Unary(op, inner), span)
            }
            E::Reference(e) => {
                let inner = self.boxed(&e.expr);
                let span = self.span(e.and_token.spans[0]).to(inner.span);
                (ExprKind::Reference(inner), span)
            }
            E::RawAddr(e) => {
                let inner = self.boxed(&e.expr);
                let span = self.span(e.and_token.spans[0]).to(inner.span);
                (ExprKind::Reference(inner), span)
            }
            E::Binary(e) => {
                let (left, right) = (self.boxed(&e.left), self.boxed(&e.right));
                let span = left.span.to(right.span);
                (ExprKind::Binary(operator(&e.op), left, right), span)
            }
            E::Assign(e) => {
                let (left, right) = (self.boxed(&e.left), self.boxed(&e.right));
                let span = left.span.to(right.span);
                (ExprKind::Assign(left, right), span)
            }
            E::Cast(e) => {
                let (inner, ty) = (self.boxed(&e.expr), self.ty(&e.ty));
                let span = inner.span.to(ty.span.to(inner.span));
                (ExprKind::Cast(inner, Box::new(ty)), span)
            }
            E::Index(e) => {
                let base = self.boxed(&e.expr);
                let span = base.span.to(self.span(e.bracket_token.span.close()));
                (ExprKind::Index(base, self.boxed(&e.index)), span)
            }
            E::Field(e) => {
                let (base, member) = (self.boxed(&e.base), self.member(&e.member));
                let span = base.span.to(member.span);
                (ExprKind::Field(base, member), span)
            }
            E::Range(e) => {
                let start = e.start.as_ref().map(|s| self.boxed(s));
                let end = e.end.as_ref().map(|s| self.boxed(s));
                let (dots, inclusive) = match &e.limits {
                    syn::RangeLimits::HalfOpen(t) => (self.span(t.spans[0]).to(self.span(t.spans[1])), false),
                    syn::RangeLimits::Closed(t) => (self.span(t.spans[0]).to(self.span(t.spans[2])), true),
                };
                let span = start.iter().chain(end.iter()).fold(dots, |span, e| span.to(e.span));
                (ExprKind::Range(start, end, inclusive), span)
            }
            E::ForLoop(e) => {
                let iter = self.boxed(&e.expr);
                let (body, span) = self.keyword_block(e.for_token.span, &e.body);
                (ExprKind::For(Box::new(self.pat(&e.pat)), iter, body), span)
            }
            E::While(e) => {
                let cond = self.boxed(&e.cond);
                let (body, span) = self.keyword_block(e.while_token.span, &e.body);
                (ExprKind::While(cond, body), span)
            }
            E::Loop(e) => {
                let (body, span) = self.keyword_block(e.loop_token.span, &e.body);
                (ExprKind::Loop(body), span)
            }
            E::Return(e) => {
                let value = e.expr.as_ref().map(|v| self.boxed(v));
                let span = value.iter().fold(self.span(e.return_token.span), |span, v| span.to(v.span));
                (ExprKind::Return(value), span)
            }
            E::Break(e) => {
                let value = e.expr.as_ref().map(|v| self.boxed(v));
                let span = value.iter().fold(self.span(e.break_token.span), |span, v| span.to(v.span));
                (ExprKind::Break(value), span)
            }
            E::Yield(e) => {
                let value = e.expr.as_ref().map(|v| self.boxed(v));
                let span = value.iter().fold(self.span(e.yield_token.span), |span, v| span.to(v.span));
                (ExprKind::Return(value), span)
            }
            E::Try(e) => {
                let inner = self.boxed(&e.expr);
                let span = inner.span.to(self.span(e.question_token.spans[0]));
                (ExprKind::Try(inner), span)
            }
            E::Await(e) => {
                let inner = self.boxed(&e.base);
                let span = inner.span.to(self.span(e.await_token.span));
                (ExprKind::Await(inner), span)
            }
            E::Continue(e) => (ExprKind::Other, self.span(e.continue_token.span)),
            E::Infer(e) => (ExprKind::Other, self.span(e.underscore_token.spans[0])),
            _ => (ExprKind::Other, Span::default()),
        };
        Expr { kind, span }
    }

    fn arm(&mut self, arm: &syn::Arm) -> Arm {
        let (pat, guard): (Pat, Option<Expr>) = match &arm.pat {
            syn::Pat::Guard(p) => (self.pat(&p.pat), Some(self.expr(&p.guard))),
            other => (self.pat(other), None),
        };
        Arm { attrs: self.attrs(&arm.attrs), pat, guard, body: self.expr(&arm.body) }
    }

    pub(super) fn lit(&mut self, lit: &syn::Lit) -> Expr {
        let value = match lit {
            syn::Lit::Str(s) => Lit::Str(s.value().into()),
            syn::Lit::Int(n) => Lit::Int(n.base10_digits().parse().ok()),
            syn::Lit::Float(n) => n.base10_digits().parse().map_or(Lit::Other, Lit::Float),
            syn::Lit::Bool(b) => Lit::Bool(b.value),
            syn::Lit::Char(c) => Lit::Char(c.value()),
            _ => Lit::Other,
        };
        Expr { kind: ExprKind::Lit(value), span: self.span(lit.span()) }
    }
}

fn operator(op: &syn::BinOp) -> &'static str {
    use syn::BinOp as B;
    match op {
        B::Add(_) => "+",
        B::Sub(_) => "-",
        B::Mul(_) => "*",
        B::Div(_) => "/",
        B::Rem(_) => "%",
        B::And(_) => "&&",
        B::Or(_) => "||",
        B::BitXor(_) => "^",
        B::BitAnd(_) => "&",
        B::BitOr(_) => "|",
        B::Shl(_) => "<<",
        B::Shr(_) => ">>",
        B::Eq(_) => "==",
        B::Lt(_) => "<",
        B::Le(_) => "<=",
        B::Ne(_) => "!=",
        B::Ge(_) => ">=",
        B::Gt(_) => ">",
        B::AddAssign(_) => "+=",
        B::SubAssign(_) => "-=",
        B::MulAssign(_) => "*=",
        B::DivAssign(_) => "/=",
        B::RemAssign(_) => "%=",
        _ => "?=",
    }
}
