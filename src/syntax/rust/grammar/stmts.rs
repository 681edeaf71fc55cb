//! Statements, and the attributes before and in them.

use super::exprs::Form;
use super::tokens::Kind;
use super::{Grammar, Read, Stop};
use crate::source::Span;
use crate::syntax::rust::tree::{Arg, Attr, Block, Expr, ExprKind, Let, Lit, Stmt};

impl Grammar<'_> {
    /// Statements in braces, after attributes of what is around.
    pub(super) fn block_with_attrs(&mut self, attrs: &mut Vec<Attr>) -> Read<Block> {
        let (stmts, span) = self.deeper(|this| {
            this.group(b'{', |this| {
                this.inner_attrs(attrs)?;
                this.stmts()
            })
        })?;
        Ok(Block { stmts, span })
    }

    /// Statements up to the end of the group.
    pub(super) fn stmts(&mut self) -> Read<Vec<Stmt>> {
        let mut all = Vec::with_capacity(self.parts(b';'));
        loop {
            while self.eat(b";") {
                all.push(Stmt::Expr(Expr { kind: ExprKind::Other, span: Span::default() }, true));
            }
            if self.is_empty() {
                all.shrink_to_fit();
                return Ok(all);
            }
            let (stmt, needs_semicolon) = self.stmt()?;
            all.push(stmt);
            if !self.is_empty() && needs_semicolon {
                return Err(Stop::Syntax);
            }
        }
    }

    /// A statement, and whether only the last of a block may be like it.
    fn stmt(&mut self) -> Read<(Stmt, bool)> {
        let attrs = self.outer_attrs()?;
        let mut is_item = false;
        if let Some(bang) = self.macro_bang() {
            if self.is_name_at(bang + 1) || self.keyword_at(bang + 1, "try") {
                is_item = true;
            } else if self.is_open_at(bang + 1, b'{') {
                let close = self.token(bang + 1).map_or(0, |t| t.close as usize);
                let after = close + 1 - self.at;
                if !(self.punct_at(after, b".") && !self.punct_at(after, b"..") || self.punct_at(after, b"?")) {
                    let path = self.plain_path()?;
                    self.expect(b"!")?;
                    let (call, span) = self.macro_call(path)?;
                    let semicolon = self.eat(b";");
                    return Ok((Stmt::Expr(Expr { kind: ExprKind::Macro(Box::new(call)), span }, semicolon), false));
                }
            }
        }
        if self.keyword("let") {
            return Ok((Stmt::Let(Box::new(self.local(attrs)?)), false));
        }
        if is_item || self.at_item() {
            return Ok((Stmt::Item(Box::new(self.item_after(attrs, false)?)), false));
        }
        let read = self.early_expr()?;
        let semicolon = self.eat(b";");
        let needs = !semicolon && !matches!(read.form, Form::Block | Form::BraceMacro);
        Ok((Stmt::Expr(read.expr, semicolon), needs))
    }

    /// How many tokens ahead the `!` of a macro call stands, whose path begins here.
    fn macro_bang(&self) -> Option<usize> {
        let mut ahead = if self.punct(b"::") { 2 } else { 0 };
        loop {
            let segment = self.is_name_at(ahead) || ["self", "Self", "super", "crate"].iter().any(|word| self.keyword_at(ahead, word));
            if !segment {
                return None;
            }
            ahead += 1;
            if !self.punct_at(ahead, b"::") {
                return self.punct_at(ahead, b"!").then_some(ahead);
            }
            ahead += 2;
        }
    }

    /// Whether an item starts here, among statements.
    fn at_item(&self) -> bool {
        let next = |word: &str| self.keyword_at(1, word);
        match self.kind(0) {
            Kind::Keyword => match self.token(0).map_or("", |t| self.text_of(t)) {
                "pub" | "extern" | "use" | "fn" | "mod" | "type" | "struct" | "enum" | "trait" | "impl" | "macro" => true,
                "crate" => !self.punct_at(1, b"::"),
                "static" => next("mut") || self.is_name_at(1),
                "const" => {
                    let asynchronous = next("async") && !["unsafe", "extern", "fn"].iter().any(|word| self.keyword_at(2, word));
                    !(self.is_open_at(1, b'{') || next("static") || asynchronous || next("move") || self.punct_at(1, b"|"))
                }
                "unsafe" => !self.is_open_at(1, b'{'),
                "async" => next("unsafe") || next("extern") || next("fn"),
                _ => false,
            },
            Kind::Name => match self.token(0).map_or("", |t| self.text_of(t)) {
                "union" => self.is_name_at(1),
                "auto" => next("trait"),
                "default" => next("unsafe") || next("impl"),
                _ => false,
            },
            _ => false,
        }
    }

    fn local(&mut self, attrs: Vec<Attr>) -> Read<Let> {
        self.expect_keyword("let")?;
        let pat = self.single_pat()?;
        let ty = if self.eat(b":") { Some(self.ty()?) } else { None };
        let (mut init, mut otherwise) = (None, None);
        if self.eat(b"=") {
            let read = self.expr_read()?;
            if !read.ends_in_brace && self.eat_keyword("else") {
                otherwise = Some(self.block_expr()?);
            }
            init = Some(read.expr);
        }
        self.expect(b";")?;
        Ok(Let { attrs, pat, ty, init, otherwise })
    }

    /// Attributes and doc comments before something.
    pub(super) fn outer_attrs(&mut self) -> Read<Vec<Attr>> {
        let mut all = Vec::new();
        loop {
            match self.kind(0) {
                Kind::Doc => all.push(self.doc()?),
                Kind::Punct(b'#') => all.push(self.attr()?),
                _ => {
                    all.shrink_to_fit();
                    return Ok(all);
                }
            }
        }
    }

    /// Attributes and doc comments of what is around.
    pub(super) fn inner_attrs(&mut self, into: &mut Vec<Attr>) -> Read<()> {
        loop {
            match self.kind(0) {
                Kind::InnerDoc => into.push(self.doc()?),
                Kind::Punct(b'#') if self.punct_at(1, b"!") => into.push(self.attr()?),
                _ => return Ok(()),
            }
        }
    }

    fn doc(&mut self) -> Read<Attr> {
        let Some(token) = self.token(0) else { return Err(Stop::Syntax) };
        let text = self.text_of(token);
        let text = text.get(3..).unwrap_or_default();
        let is_block = self.text_of(token).starts_with("/*");
        let text = if is_block { text.strip_suffix("*/").unwrap_or(text) } else { text };
        let span = Self::span_of(token);
        self.at += 1;
        let value = Expr { kind: ExprKind::Lit(Lit::Str(text.into())), span };
        Ok(Attr { name: "doc".into(), args: vec![Arg { key: None, value: Some(value), semicolon: false, span }], span })
    }

    fn attr(&mut self) -> Read<Attr> {
        let start = self.expect(b"#")?;
        self.eat(b"!");
        let ((name, args), brackets) = self.group(b'[', |this| {
            let path = if this.keyword("unsafe") {
                let name = this.any_word()?;
                name.name
            } else {
                let path = this.plain_path()?.path;
                match path.segments.as_slice() {
                    [only] => only.name.name.clone(),
                    all => all.iter().map(|s| s.name.as_str()).collect::<Vec<_>>().join("::").into(),
                }
            };
            let args = match this.kind(0) {
                Kind::Open(_) => {
                    let from = this.at + 1;
                    this.skip_tree();
                    this.args(from, this.at - 1)?.0
                }
                Kind::Punct(b'=') if !this.punct(b"==") && !this.punct(b"=>") => {
                    this.at += 1;
                    let value = match this.token(0) {
                        Some(token) if token.kind == Kind::Punct(b'-') => return Err(Stop::Unsure),
                        Some(token) if token.kind == Kind::Punct(b'#') => return Err(Stop::Unsure),
                        _ => this.expr()?,
                    };
                    vec![Arg { key: None, span: value.span, value: Some(value), semicolon: false }]
                }
                _ => Vec::new(),
            };
            Ok((path, args))
        })?;
        Ok(Attr { name, args, span: start.to(brackets) })
    }
}
