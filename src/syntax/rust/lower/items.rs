//! Items.

use super::Lower;
use crate::source::Span;
use crate::syntax::rust::tree::{Block, Body, Field, Function, Ident, Import, Item, ItemKind, Param, Pat, Path, Variant, is_marker};

impl Lower<'_> {
    pub(super) fn item(&mut self, item: &syn::Item) -> Item {
        use syn::Item as I;
        match item {
            I::Const(i) => self.constant(&i.attrs, &i.ident, &i.ty, Some(&i.expr), false),
            I::Static(i) => self.constant(&i.attrs, &i.ident, &i.ty, Some(&i.expr), true),
            I::Fn(i) => self.function(&i.attrs, &i.sig, Some(&i.block)),
            I::Struct(i) => {
                let fields = self.fields(&i.fields);
                self.named(&i.attrs, &i.ident, ItemKind::Struct(fields))
            }
            I::Union(i) => {
                let fields = i.fields.named.iter().enumerate().map(|(n, f)| self.field(n, f)).collect();
                self.named(&i.attrs, &i.ident, ItemKind::Struct(fields))
            }
            I::Enum(i) => {
                let variants = i
                    .variants
                    .iter()
                    .map(|v| Variant { attrs: self.attrs(&v.attrs), name: self.ident(&v.ident), fields: self.fields(&v.fields) })
                    .collect();
                self.named(&i.attrs, &i.ident, ItemKind::Enum(variants))
            }
            I::Impl(i) => {
                let trait_path = i.trait_.as_ref().map(|(path, _)| self.path(path));
                let self_ty = self.ty(&i.self_ty);
                let generics = self.bounded(&i.generics);
                let items = i.items.iter().map(|m| self.impl_item(m)).collect();
                self.nameless(&i.attrs, ItemKind::Impl { trait_path, self_ty, generics, items })
            }
            I::Trait(i) => {
                let items = i.items.iter().map(|m| self.trait_item(m)).collect();
                self.named(&i.attrs, &i.ident, ItemKind::Trait(items))
            }
            I::Mod(i) => {
                let items = i.content.as_ref().map(|(_, items)| items.iter().map(|m| self.item(m)).collect());
                self.named(&i.attrs, &i.ident, ItemKind::Mod(items))
            }
            I::Use(i) => {
                let mut imports = Vec::new();
                self.imports(&i.tree, &mut Vec::new(), &mut imports);
                self.nameless(&i.attrs, ItemKind::Use(imports))
            }
            I::ExternCrate(i) => {
                let alias = i.rename.as_ref().map(|(_, alias)| self.ident(alias));
                self.named(&i.attrs, &i.ident, ItemKind::ExternCrate(alias))
            }
            I::Type(i) => {
                let ty = self.ty(&i.ty);
                self.named(&i.attrs, &i.ident, ItemKind::TypeAlias(ty))
            }
            I::Macro(i) => match &i.ident {
                Some(name) if i.mac.path.is_ident("macro_rules") => {
                    let body = self.body(&i.mac);
                    self.named(&i.attrs, name, ItemKind::MacroRules(body))
                }
                _ => self.macro_item(&i.attrs, &i.mac),
            },
            // A function without a body, which some attribute macros take.
            I::Verbatim(tokens) => match syn::parse2::<syn::ForeignItemFn>(tokens.clone()) {
                Ok(i) => self.function(&i.attrs, &i.sig, None),
                Err(_) => self.nameless(&[], ItemKind::Other),
            },
            _ => self.nameless(&[], ItemKind::Other),
        }
    }

    fn impl_item(&mut self, item: &syn::ImplItem) -> Item {
        use syn::ImplItem as I;
        match item {
            I::Const(i) => self.constant(&i.attrs, &i.ident, &i.ty, Some(&i.expr), false),
            I::Fn(i) => self.function(&i.attrs, &i.sig, Some(&i.block)),
            I::Type(i) => {
                let ty = self.ty(&i.ty);
                self.named(&i.attrs, &i.ident, ItemKind::TypeAlias(ty))
            }
            I::Macro(i) => self.macro_item(&i.attrs, &i.mac),
            _ => self.nameless(&[], ItemKind::Other),
        }
    }

    fn trait_item(&mut self, item: &syn::TraitItem) -> Item {
        use syn::TraitItem as I;
        match item {
            I::Const(i) => self.constant(&i.attrs, &i.ident, &i.ty, i.default.as_ref().map(|(_, e)| e), false),
            I::Fn(i) => self.function(&i.attrs, &i.sig, i.default.as_ref()),
            I::Macro(i) => self.macro_item(&i.attrs, &i.mac),
            _ => self.nameless(&[], ItemKind::Other),
        }
    }

    fn named(&mut self, attrs: &[syn::Attribute], name: &syn::Ident, kind: ItemKind) -> Item {
        Item { attrs: self.attrs(attrs), name: self.ident(name), kind }
    }

    fn nameless(&mut self, attrs: &[syn::Attribute], kind: ItemKind) -> Item {
        Item { attrs: self.attrs(attrs), name: Ident { name: "".into(), span: Span::default() }, kind }
    }

    fn constant(
        &mut self,
        attrs: &[syn::Attribute],
        name: &syn::Ident,
        ty: &syn::Type,
        value: Option<&syn::Expr>,
        is_static: bool,
    ) -> Item {
        let ty = Some(self.ty(ty));
        let value = value.map(|v| self.expr(v));
        self.named(attrs, name, ItemKind::Const { ty, value, is_static })
    }

    fn function(&mut self, attrs: &[syn::Attribute], sig: &syn::Signature, body: Option<&syn::Block>) -> Item {
        let params = sig
            .inputs
            .iter()
            .map(|input| match input {
                syn::FnArg::Receiver(r) => {
                    Param { pat: Pat::Ident(Ident { name: "self".into(), span: self.span(r.self_token.span) }, None), ty: None }
                }
                syn::FnArg::Typed(t) => Param { pat: self.pat(&t.pat), ty: Some(self.ty(&t.ty)) },
            })
            .collect();
        let generics = self.bounded(&sig.generics);
        let output = self.output(&sig.output);
        let body = body.map(|b| {
            let block = self.block(b);
            let skipped = self.compact.left_out.is_skipped(block.span.start);
            Body::new(block, skipped)
        });
        self.named(attrs, &sig.ident, ItemKind::Fn(Box::new(Function { params, generics, output, body })))
    }

    /// The trait of each type parameter that says what it can do.
    fn bounded(&mut self, generics: &syn::Generics) -> Vec<(Ident, Path)> {
        let parameters = generics.type_params().map(|p| (&p.ident, &p.bounds));
        let conditions = generics.where_clause.iter().flat_map(|w| &w.predicates).filter_map(|p| match p {
            syn::WherePredicate::Type(p) => match &p.bounded_ty {
                syn::Type::Path(ty) => Some((ty.path.get_ident()?, &p.bounds)),
                _ => None,
            },
            _ => None,
        });
        let mut found = Vec::new();
        for (name, bounds) in parameters.chain(conditions) {
            let path = bounds.iter().find_map(|bound| match bound {
                syn::TypeParamBound::Trait(bound) => {
                    bound.path.segments.last().filter(|s| !is_marker(&s.ident.to_string())).map(|_| &bound.path)
                }
                _ => None,
            });
            if let Some(path) = path {
                found.push((self.ident(name), self.path(path)));
            }
        }
        found
    }

    pub(super) fn macro_item(&mut self, attrs: &[syn::Attribute], mac: &syn::Macro) -> Item {
        let call = self.macro_call(mac).0;
        self.nameless(attrs, ItemKind::Macro(Box::new(call)))
    }

    fn fields(&mut self, fields: &syn::Fields) -> Vec<Field> {
        fields.iter().enumerate().map(|(n, f)| self.field(n, f)).collect()
    }

    fn field(&mut self, position: usize, field: &syn::Field) -> Field {
        let ty = self.ty(&field.ty);
        let name = match &field.ident {
            Some(name) => self.ident(name),
            None => Ident { name: position.to_string().into(), span: ty.span },
        };
        Field { attrs: self.attrs(&field.attrs), name, ty }
    }

    fn imports(&mut self, tree: &syn::UseTree, prefix: &mut Vec<Ident>, into: &mut Vec<Import>) {
        match tree {
            syn::UseTree::Path(t) => {
                prefix.push(self.ident(&t.ident));
                self.imports(&t.tree, prefix, into);
                prefix.pop();
            }
            syn::UseTree::Name(t) => {
                let name = self.ident(&t.ident);
                if name.as_str() == "self" {
                    into.push(Import { path: prefix.clone(), name: prefix.last().cloned() });
                } else {
                    let mut path = prefix.clone();
                    path.push(name.clone());
                    into.push(Import { path, name: Some(name) });
                }
            }
            syn::UseTree::Rename(t) => {
                let mut path = prefix.clone();
                if t.ident != "self" {
                    path.push(self.ident(&t.ident));
                }
                into.push(Import { path, name: Some(self.ident(&t.rename)) });
            }
            syn::UseTree::Glob(_) => into.push(Import { path: prefix.clone(), name: None }),
            syn::UseTree::Group(t) => {
                for item in &t.items {
                    self.imports(item, prefix, into);
                }
            }
        }
    }

    pub(super) fn block(&mut self, block: &syn::Block) -> Block {
        let span = self.span(block.brace_token.span.join());
        Block { stmts: block.stmts.iter().map(|s| self.stmt(s)).collect(), span }
    }
}
