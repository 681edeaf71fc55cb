//! Paths and types.

use super::Lower;
use crate::source::Span;
use crate::syntax::rust::tree::{Path, Segment, Type, TypeKind};

impl Lower<'_> {
    pub(super) fn path(&mut self, path: &syn::Path) -> Path {
        Path { qself: None, segments: path.segments.iter().map(|s| self.segment(s)).collect() }
    }

    pub(super) fn qpath(&mut self, qself: Option<&syn::QSelf>, path: &syn::Path) -> Path {
        let plain = qself.is_some_and(|q| q.position == 0);
        let qself = qself.map(|q| Box::new(self.ty(&q.ty)));
        let path = self.path(path);
        match qself.map(|q| *q) {
            // `<T>::f` is `T::f`.
            Some(Type { kind: TypeKind::Path(ty), .. }) if plain && ty.qself.is_none() => {
                Path { qself: None, segments: ty.segments.into_iter().chain(path.segments).collect() }
            }
            of => Path { qself: of.map(Box::new), ..path },
        }
    }

    fn segment(&mut self, segment: &syn::PathSegment) -> Segment {
        let generics = match &segment.arguments {
            syn::PathArguments::None => Vec::new(),
            syn::PathArguments::AngleBracketed(args) => self.generics(args),
            syn::PathArguments::Parenthesized(args) => {
                let mut all: Vec<Type> = args.inputs.iter().map(|i| self.ty(&i.ty)).collect();
                all.extend(self.output(&args.output));
                all
            }
        };
        Segment { name: self.ident(&segment.ident), generics }
    }

    pub(super) fn generics(&mut self, args: &syn::AngleBracketedGenericArguments) -> Vec<Type> {
        args.args
            .iter()
            .filter_map(|arg| match arg {
                syn::GenericArgument::Type(ty) => Some(self.ty(ty)),
                syn::GenericArgument::Const(value) => {
                    let value = self.expr(value);
                    Some(Type { span: value.span, kind: TypeKind::Const(Box::new(value)) })
                }
                syn::GenericArgument::AssocType(assoc) => Some(self.ty(&assoc.ty)),
                _ => None,
            })
            .collect()
    }

    pub(super) fn path_span(&self, path: &syn::Path) -> Span {
        let mut span: Option<Span> = None;
        for segment in &path.segments {
            let mut here = self.span(segment.ident.span());
            match &segment.arguments {
                syn::PathArguments::None => {}
                syn::PathArguments::AngleBracketed(args) => here = here.to(self.span(args.gt_token.spans[0])),
                syn::PathArguments::Parenthesized(args) => here = here.to(self.span(args.paren_token.span.close())),
            }
            span = Some(span.map_or(here, |s| s.to(here)));
        }
        span.unwrap_or_default()
    }

    pub(super) fn output(&mut self, output: &syn::ReturnType) -> Option<Type> {
        match output {
            syn::ReturnType::Default => None,
            syn::ReturnType::Type(_, ty) => Some(self.ty(ty)),
        }
    }

    pub(super) fn ty(&mut self, ty: &syn::Type) -> Type {
        let (kind, span) = match ty {
            syn::Type::Path(t) => {
                let mut span = self.path_span(&t.path);
                if let Some(qself) = &t.qself {
                    span = self.span(qself.lt_token.spans[0]).to(span);
                }
                (TypeKind::Path(self.qpath(t.qself.as_ref(), &t.path)), span)
            }
            syn::Type::Reference(t) => {
                let inner = self.ty(&t.elem);
                let span = self.span(t.and_token.spans[0]).to(inner.span);
                (TypeKind::Reference(Box::new(inner)), span)
            }
            syn::Type::Ptr(t) => {
                let inner = self.ty(&t.elem);
                let span = self.span(t.star_token.spans[0]).to(inner.span);
                (TypeKind::Reference(Box::new(inner)), span)
            }
            syn::Type::Slice(t) => (TypeKind::Slice(Box::new(self.ty(&t.elem))), self.span(t.bracket_token.span.join())),
            syn::Type::Array(t) => {
                let (elem, len) = (self.ty(&t.elem), self.expr(&t.len));
                (TypeKind::Array(Box::new(elem), Box::new(len)), self.span(t.bracket_token.span.join()))
            }
            syn::Type::Tuple(t) => (TypeKind::Tuple(t.elems.iter().map(|e| self.ty(e)).collect()), self.span(t.paren_token.span.join())),
            syn::Type::FnPtr(t) => {
                let inputs = t.inputs.iter().map(|i| self.ty(&i.ty)).collect();
                let output = self.output(&t.output).map(Box::new);
                let mut span = self.span(t.fn_token.span).to(self.span(t.paren_token.span.close()));
                if let Some(output) = &output {
                    span = span.to(output.span);
                }
                (TypeKind::Fn(inputs, output), span)
            }
            syn::Type::ImplTrait(t) => self.bounds(&t.bounds),
            syn::Type::TraitObject(t) => self.bounds(&t.bounds),
            syn::Type::Paren(t) => return self.ty(&t.elem),
            syn::Type::Group(t) => return self.ty(&t.elem),
            syn::Type::Infer(t) => (TypeKind::Other, self.span(t.underscore_token.spans[0])),
            syn::Type::Never(t) => (TypeKind::Other, self.span(t.bang_token.spans[0])),
            syn::Type::Macro(t) => (TypeKind::Other, self.path_span(&t.mac.path)),
            _ => (TypeKind::Other, Span::default()),
        };
        Type { kind, span }
    }

    fn bounds(&mut self, bounds: &syn::punctuated::Punctuated<syn::TypeParamBound, syn::Token![+]>) -> (TypeKind, Span) {
        let mut paths = Vec::new();
        let mut span: Option<Span> = None;
        for bound in bounds {
            if let syn::TypeParamBound::Trait(bound) = bound {
                let here = self.path_span(&bound.path);
                span = Some(span.map_or(here, |s| s.to(here)));
                paths.push(self.path(&bound.path));
            }
        }
        (TypeKind::Bounds(paths), span.unwrap_or_default())
    }
}
