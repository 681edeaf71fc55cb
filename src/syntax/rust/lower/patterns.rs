//! Patterns.

use super::Lower;
use crate::source::Span;
use crate::syntax::rust::tree::{Expr, ExprKind, Ident, Pat, Type};

impl Lower<'_> {
    /// A pattern and the type written after it.
    pub(super) fn typed_pat(&mut self, pat: &syn::Pat) -> (Pat, Option<Type>) {
        match pat {
            syn::Pat::Type(typed) => (self.pat(&typed.pat), Some(self.ty(&typed.ty))),
            other => (self.pat(other), None),
        }
    }

    pub(super) fn pat(&mut self, pat: &syn::Pat) -> Pat {
        match pat {
            syn::Pat::Ident(p) => {
                let inner = p.subpat.as_ref().map(|(_, inner)| Box::new(self.pat(inner)));
                Pat::Ident(self.ident(&p.ident), inner)
            }
            syn::Pat::Wild(_) => Pat::Wild,
            syn::Pat::Lit(p) => Pat::Value(Box::new(self.lit(&p.lit))),
            syn::Pat::Path(p) => {
                let span = self.path_span(&p.path);
                Pat::Value(Box::new(Expr { kind: ExprKind::Path(self.qpath(p.qself.as_ref(), &p.path)), span }))
            }
            syn::Pat::Range(p) => {
                let start = p.start.as_ref().map(|e| Box::new(self.expr(e)));
                let end = p.end.as_ref().map(|e| Box::new(self.expr(e)));
                let inclusive = matches!(p.limits, syn::RangeLimits::Closed(_));
                let span = start.iter().chain(end.iter()).map(|e| e.span).reduce(Span::to).unwrap_or_default();
                Pat::Value(Box::new(Expr { kind: ExprKind::Range(start, end, inclusive), span }))
            }
            syn::Pat::TupleStruct(p) => Pat::TupleStruct(self.qpath(p.qself.as_ref(), &p.path), self.pats(&p.elems)),
            syn::Pat::Struct(p) => {
                let path = self.qpath(p.qself.as_ref(), &p.path);
                let fields = p.fields.iter().map(|f| (self.member(&f.member), self.pat(&f.pat))).collect();
                Pat::Struct(path, fields)
            }
            syn::Pat::Tuple(p) => Pat::Tuple(self.pats(&p.elems)),
            syn::Pat::Slice(p) => Pat::Tuple(self.pats(&p.elems)),
            syn::Pat::Or(p) => Pat::Or(p.cases.iter().map(|c| self.pat(c)).collect()),
            syn::Pat::Reference(p) => Pat::Reference(Box::new(self.pat(&p.pat))),
            syn::Pat::Paren(p) => self.pat(&p.pat),
            syn::Pat::Guard(p) => self.pat(&p.pat),
            syn::Pat::Type(p) => self.pat(&p.pat),
            _ => Pat::Other,
        }
    }

    fn pats(&mut self, pats: &syn::punctuated::Punctuated<syn::Pat, syn::Token![,]>) -> Vec<Pat> {
        pats.iter().map(|p| self.pat(p)).collect()
    }

    pub(super) fn member(&mut self, member: &syn::Member) -> Ident {
        match member {
            syn::Member::Named(ident) => self.ident(ident),
            syn::Member::Unnamed(index) => Ident { name: index.index.to_string().into(), span: self.span(index.span) },
        }
    }
}
