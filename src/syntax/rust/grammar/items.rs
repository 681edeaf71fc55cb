//! Items.

use super::tokens::Kind;
use super::{Grammar, Read, Stop};
use crate::source::Span;
use crate::syntax::rust::tree::{Attr, Body, Field, Function, Ident, Import, Item, ItemKind, Param, Pat, Path, TypeKind, Variant};

fn nameless() -> Ident {
    Ident { name: "".into(), span: Span::default() }
}

/// An item of which nothing is kept.
fn ignored() -> Item {
    Item { attrs: Vec::new(), name: nameless(), kind: ItemKind::Other }
}

impl Grammar<'_> {
    /// Items up to the end of the group. With `refs` a static may be written `static ref`.
    pub(super) fn items(&mut self, refs: bool) -> Read<Vec<Item>> {
        let mut all = Vec::new();
        while !self.is_empty() {
            let attrs = self.outer_attrs()?;
            all.push(self.item_after(attrs, refs)?);
        }
        all.shrink_to_fit();
        Ok(all)
    }

    /// `pub`, `pub(crate)`, `pub(in a::b)`, where it is there.
    fn visibility(&mut self) -> Read<bool> {
        if !self.eat_keyword("pub") {
            return Ok(false);
        }
        if self.is_open(b'(') {
            let close = self.token(0).map_or(0, |t| t.close as usize);
            let one = ["crate", "self", "super"].iter().any(|word| self.keyword_at(1, word)) && close == self.at + 2;
            if one || self.keyword_at(1, "in") {
                self.at = close + 1;
            }
        }
        Ok(true)
    }

    /// How many tokens ahead the `fn` of a function stands, that begins here.
    fn function_ahead(&self) -> bool {
        let mut ahead = 0;
        for word in ["const", "async", "unsafe"] {
            ahead += usize::from(self.keyword_at(ahead, word));
        }
        if self.keyword_at(ahead, "extern") {
            ahead += 1;
            ahead += usize::from(self.kind(ahead) == Kind::Str);
        }
        self.keyword_at(ahead, "fn")
    }

    /// An item after its attributes.
    pub(super) fn item_after(&mut self, attrs: Vec<Attr>, refs: bool) -> Read<Item> {
        self.deeper(|this| this.item_here(attrs, refs))
    }

    fn item_here(&mut self, mut attrs: Vec<Attr>, refs: bool) -> Read<Item> {
        let is_public = self.visibility()?;
        if self.function_ahead() {
            return self.function(attrs, false);
        }
        let word = match self.token(0) {
            Some(token) if matches!(token.kind, Kind::Keyword | Kind::Name) => self.text_of(token),
            _ => "",
        };
        match word {
            "extern" => self.external(attrs),
            "use" => {
                self.at += 1;
                self.eat(b"::");
                let mut imports = Vec::new();
                self.use_tree(&mut Vec::new(), &mut imports)?;
                self.expect(b";")?;
                Ok(Item { attrs, name: nameless(), kind: ItemKind::Use(imports) })
            }
            "static" => {
                self.at += 1;
                if refs {
                    self.eat_keyword("ref");
                }
                self.eat_keyword("mut");
                let name = self.name()?;
                if self.punct(b"=") {
                    return Err(Stop::Unsure);
                }
                self.expect(b":")?;
                let ty = self.ty()?;
                if self.eat(b";") {
                    return Ok(ignored());
                }
                self.expect(b"=")?;
                let value = self.expr()?;
                self.expect(b";")?;
                Ok(Item { attrs, name, kind: ItemKind::Const { ty: Some(ty), value: Some(value), is_static: true } })
            }
            "const" => self.constant(attrs, false),
            "mod" => {
                self.at += 1;
                let name = self.name()?;
                if self.eat(b";") {
                    return Ok(Item { attrs, name, kind: ItemKind::Mod(None) });
                }
                let (items, _) = self.group(b'{', |this| {
                    this.inner_attrs(&mut attrs)?;
                    this.items(false)
                })?;
                Ok(Item { attrs, name, kind: ItemKind::Mod(Some(items)) })
            }
            "type" => self.alias(attrs, false),
            "struct" => {
                self.at += 1;
                let name = self.name()?;
                self.type_params()?;
                let fields = self.struct_fields()?;
                Ok(Item { attrs, name, kind: ItemKind::Struct(fields) })
            }
            "enum" => {
                self.at += 1;
                let name = self.name()?;
                let mut conditions = self.type_params()?;
                self.conditions(&mut conditions)?;
                let (variants, _) = self.group(b'{', |this| this.list(Self::variant))?;
                Ok(Item { attrs, name, kind: ItemKind::Enum(variants) })
            }
            "union" if self.is_name_at(1) => {
                self.at += 1;
                let name = self.name()?;
                let mut conditions = self.type_params()?;
                self.conditions(&mut conditions)?;
                let (fields, _) = self.group(b'{', |this| this.list(Self::named_field))?;
                Ok(Item { attrs, name, kind: ItemKind::Struct(fields) })
            }
            "trait" => self.trait_item(attrs),
            "unsafe" if self.keyword_at(1, "trait") => {
                self.at += 1;
                self.trait_item(attrs)
            }
            "unsafe" if self.keyword_at(1, "impl") && !is_public => {
                self.at += 1;
                self.implementation(attrs)
            }
            "unsafe" if self.keyword_at(1, "extern") => {
                self.at += 1;
                self.external(attrs)
            }
            "impl" if !is_public && !self.is_open_at(1, b'(') => self.implementation(attrs),
            // `impl (A, B) { .. }`, `impl(crate) trait`, rare modifiers.
            "impl" | "unsafe" | "macro" => Err(Stop::Unsure),
            "auto" if self.keyword_at(1, "trait") => Err(Stop::Unsure),
            "default" if !self.punct_at(1, b"!") => Err(Stop::Unsure),
            _ if !is_public => self.macro_item(attrs),
            _ => Err(Stop::Syntax),
        }
    }

    /// `extern crate`, or a block of what is defined elsewhere.
    fn external(&mut self, attrs: Vec<Attr>) -> Read<Item> {
        self.expect_keyword("extern")?;
        if self.eat_keyword("crate") {
            let name = if self.keyword("self") { self.any_word()? } else { self.name()? };
            let alias = match self.eat_keyword("as") {
                true if self.keyword("_") => Some(self.any_word()?),
                true => Some(self.name()?),
                false => None,
            };
            self.expect(b";")?;
            return Ok(Item { attrs, name, kind: ItemKind::ExternCrate(alias) });
        }
        if self.kind(0) == Kind::Str {
            self.at += 1;
        }
        if !self.is_open(b'{') {
            return Err(Stop::Syntax);
        }
        self.skip_tree();
        Ok(ignored())
    }

    /// A constant, also of an impl or a trait, which need not have a value there.
    fn constant(&mut self, attrs: Vec<Attr>, in_trait: bool) -> Read<Item> {
        self.expect_keyword("const")?;
        let name = if self.keyword("_") { self.any_word()? } else { self.name()? };
        if self.punct(b"<") {
            return Err(Stop::Unsure);
        }
        self.expect(b":")?;
        let ty = self.ty()?;
        let value = if self.eat(b"=") { Some(self.expr()?) } else { None };
        if self.keyword("where") || value.is_none() && !in_trait {
            return Err(Stop::Unsure);
        }
        self.expect(b";")?;
        Ok(Item { attrs, name, kind: ItemKind::Const { ty: Some(ty), value, is_static: false } })
    }

    /// A type by another name, also of an impl.
    fn alias(&mut self, attrs: Vec<Attr>, in_impl: bool) -> Read<Item> {
        self.expect_keyword("type")?;
        let name = self.name()?;
        let mut conditions = self.type_params()?;
        if self.punct(b":") {
            return Err(Stop::Unsure);
        }
        if !in_impl {
            self.conditions(&mut conditions)?;
        }
        if !self.eat(b"=") {
            return Err(Stop::Unsure);
        }
        let ty = self.ty()?;
        self.conditions(&mut conditions)?;
        self.expect(b";")?;
        Ok(Item { attrs, name, kind: ItemKind::TypeAlias(ty) })
    }

    fn struct_fields(&mut self) -> Read<Vec<Field>> {
        let mut conditions = Vec::new();
        self.conditions(&mut conditions)?;
        if self.is_open(b'(') {
            let fields = self.tuple_fields()?;
            self.conditions(&mut conditions)?;
            self.expect(b";")?;
            return Ok(fields);
        }
        if self.eat(b";") {
            return Ok(Vec::new());
        }
        self.group(b'{', |this| this.list(Self::named_field)).map(|(fields, _)| fields)
    }

    fn tuple_fields(&mut self) -> Read<Vec<Field>> {
        let mut position = 0_usize;
        let (fields, _) = self.group(b'(', |this| {
            this.list(|this| {
                let attrs = this.outer_attrs()?;
                this.visibility()?;
                let ty = this.ty()?;
                let name = Ident { name: compact_str::ToCompactString::to_compact_string(&position), span: ty.span };
                position += 1;
                Ok(Field { attrs, name, ty })
            })
        })?;
        Ok(fields)
    }

    fn named_field(&mut self) -> Read<Field> {
        let attrs = self.outer_attrs()?;
        self.visibility()?;
        if self.keyword("_") {
            return Err(Stop::Unsure);
        }
        let name = self.name()?;
        self.expect(b":")?;
        let ty = self.ty()?;
        if self.eat(b"=") {
            self.expr()?;
        }
        Ok(Field { attrs, name, ty })
    }

    fn variant(&mut self) -> Read<Variant> {
        let attrs = self.outer_attrs()?;
        self.visibility()?;
        let name = self.name()?;
        let fields = match self.kind(0) {
            Kind::Open(b'{') => self.group(b'{', |this| this.list(Self::named_field))?.0,
            Kind::Open(b'(') => self.tuple_fields()?,
            _ => Vec::new(),
        };
        if self.eat(b"=") {
            self.expr()?;
        }
        Ok(Variant { attrs, name, fields })
    }

    fn use_tree(&mut self, prefix: &mut Vec<Ident>, into: &mut Vec<Import>) -> Read<()> {
        if self.eat(b"*") {
            into.push(Import { path: prefix.clone(), name: None });
            return Ok(());
        }
        if self.is_open(b'{') {
            return self.deeper(|this| {
                let (_, _) = this.group(b'{', |this| {
                    this.list(|this| {
                        // `use {::metrics::counter, crate::metrics}`, of which syn makes nothing.
                        if this.eat(b"::") && !prefix.is_empty() {
                            return Err(Stop::Unsure);
                        }
                        this.use_tree(prefix, into)
                    })
                })?;
                Ok(())
            });
        }
        let allowed = ["self", "super", "crate", "try"].iter().any(|word| self.keyword(word));
        let name = if allowed { self.any_word()? } else { self.name()? };
        if self.eat(b"::") {
            prefix.push(name);
            let result = self.deeper(|this| this.use_tree(prefix, into));
            prefix.pop();
            return result;
        }
        let is_self = name.as_str() == "self";
        if self.eat_keyword("as") {
            let alias = if self.keyword("_") { self.any_word()? } else { self.name()? };
            let mut path = prefix.clone();
            if !is_self {
                path.push(name);
            }
            into.push(Import { path, name: Some(alias) });
        } else if is_self {
            into.push(Import { path: prefix.clone(), name: prefix.last().cloned() });
        } else {
            let mut path = prefix.clone();
            path.push(name.clone());
            into.push(Import { path, name: Some(name) });
        }
        Ok(())
    }

    /// A function; where it need not have a body it may end in a semicolon.
    fn function(&mut self, mut attrs: Vec<Attr>, in_trait: bool) -> Read<Item> {
        self.eat_keyword("const");
        self.eat_keyword("async");
        self.eat_keyword("unsafe");
        self.abi();
        self.expect_keyword("fn")?;
        let name = self.name()?;
        let mut generics = self.type_params()?;
        let mut count = 0_usize;
        let (params, _) = self.group(b'(', |this| {
            this.list(|this| {
                let param = this.param(count == 0)?;
                count += 1;
                Ok(param)
            })
        })?;
        let output = self.output(true)?;
        self.conditions(&mut generics)?;
        let body = if self.punct(b";") {
            // Elsewhere such a function is read as something else.
            if !in_trait {
                return Err(Stop::Unsure);
            }
            self.at += 1;
            None
        } else {
            let block = self.block_with_attrs(&mut attrs)?;
            let skipped = self.left_out.is_skipped(block.span.start);
            Some(Body::new(block, skipped))
        };
        Ok(Item { attrs, name, kind: ItemKind::Fn(Box::new(Function { params, generics, output, body })) })
    }

    fn param(&mut self, is_first: bool) -> Read<Param> {
        self.outer_attrs()?;
        if self.punct(b"...") {
            return Err(Stop::Unsure);
        }
        // `&'a mut self`
        let mut ahead = 0;
        if self.punct(b"&") {
            ahead += 1;
            ahead += usize::from(self.kind(ahead) == Kind::Lifetime);
        }
        let reference = ahead > 0;
        ahead += usize::from(self.keyword_at(ahead, "mut"));
        if self.keyword_at(ahead, "self") && !self.punct_at(ahead + 1, b"::") {
            if !is_first {
                return Err(Stop::Syntax);
            }
            self.at += ahead;
            let receiver = self.any_word()?;
            if !reference && self.eat(b":") {
                self.ty()?;
            }
            return Ok(Param { pat: Pat::Ident(receiver, None), ty: None });
        }
        if self.is_name() && self.punct_at(1, b"<") {
            return Err(Stop::Unsure);
        }
        let pat = self.single_pat()?;
        self.expect(b":")?;
        if self.punct(b"...") {
            return Err(Stop::Unsure);
        }
        Ok(Param { pat, ty: Some(self.ty()?) })
    }

    fn implementation(&mut self, mut attrs: Vec<Attr>) -> Read<Item> {
        self.expect_keyword("impl")?;
        let mut generics = if self.at_type_params() { self.type_params()? } else { Vec::new() };
        let negative = self.punct(b"!") && !self.is_open_at(1, b'{');
        self.at += usize::from(negative);
        let qualified = self.punct(b"<");
        let first = self.ty()?;
        let (trait_path, self_ty) = if self.eat_keyword("for") {
            if qualified {
                return Err(Stop::Unsure);
            }
            let TypeKind::Path(of @ Path { qself: None, .. }) = first.kind else { return Err(Stop::Unsure) };
            (Some(of), self.ty()?)
        } else if negative {
            return Err(Stop::Syntax);
        } else {
            (None, first)
        };
        self.conditions(&mut generics)?;
        let items = self.members(&mut attrs, false)?;
        Ok(Item { attrs, name: nameless(), kind: ItemKind::Impl { trait_path, self_ty, generics, items } })
    }

    fn trait_item(&mut self, mut attrs: Vec<Attr>) -> Read<Item> {
        self.expect_keyword("trait")?;
        let name = self.name()?;
        let mut conditions = self.type_params()?;
        if self.punct(b"=") {
            return Err(Stop::Unsure);
        }
        if self.eat(b":") {
            self.item_bounds(|this| this.keyword("where") || this.is_open(b'{') || this.is_empty())?;
        }
        self.conditions(&mut conditions)?;
        let items = self.members(&mut attrs, true)?;
        Ok(Item { attrs, name, kind: ItemKind::Trait(items) })
    }

    /// The members of an impl or a trait, after attributes of what is around.
    fn members(&mut self, attrs: &mut Vec<Attr>, in_trait: bool) -> Read<Vec<Item>> {
        let (items, _) = self.group(b'{', |this| {
            this.inner_attrs(attrs)?;
            let mut items = Vec::new();
            while !this.is_empty() {
                items.push(this.member_item(in_trait)?);
            }
            items.shrink_to_fit();
            Ok(items)
        })?;
        Ok(items)
    }

    /// A member of an impl or a trait.
    fn member_item(&mut self, in_trait: bool) -> Read<Item> {
        let attrs = self.outer_attrs()?;
        let is_public = self.visibility()?;
        if self.name_at(0, "default") && !self.punct_at(1, b"!") {
            if in_trait {
                return Err(Stop::Unsure);
            }
            self.at += 1;
        }
        if is_public && in_trait {
            return Err(Stop::Unsure);
        }
        if self.function_ahead() {
            return self.deeper(|this| this.function(attrs, in_trait));
        }
        if self.keyword("const") {
            return self.constant(attrs, in_trait);
        }
        if self.keyword("type") {
            if !in_trait {
                return self.alias(attrs, true);
            }
            self.at += 1;
            self.name()?;
            let mut conditions = self.type_params()?;
            if self.eat(b":") {
                self.item_bounds(|this| this.keyword("where") || this.punct(b"=") || this.punct(b";") || this.is_empty())?;
            }
            if self.eat(b"=") {
                self.ty()?;
            }
            self.conditions(&mut conditions)?;
            self.expect(b";")?;
            return Ok(ignored());
        }
        if is_public {
            return Err(Stop::Syntax);
        }
        let path = self.plain_path()?;
        self.expect(b"!")?;
        self.item_call(attrs, path)
    }

    /// `name! { .. }`, `name!(..);`, `macro_rules! name { .. }`
    fn macro_item(&mut self, attrs: Vec<Attr>) -> Read<Item> {
        let path = self.plain_path()?;
        self.expect(b"!")?;
        if self.is_name() || self.keyword("try") {
            let name = self.any_word()?;
            if !path.is_rooted && path.path.as_ident() == Some("macro_rules") {
                let braced = self.is_open(b'{');
                let body = self.delimited()?;
                if !braced {
                    self.expect(b";")?;
                }
                return Ok(Item { attrs, name, kind: ItemKind::MacroRules(body) });
            }
        }
        self.item_call(attrs, path)
    }

    fn item_call(&mut self, attrs: Vec<Attr>, path: super::types::PathRead) -> Read<Item> {
        let is_braced = self.is_open(b'{');
        let (call, _) = self.macro_call(path)?;
        if !is_braced {
            self.expect(b";")?;
        }
        Ok(Item { attrs, name: nameless(), kind: ItemKind::Macro(Box::new(call)) })
    }
}
