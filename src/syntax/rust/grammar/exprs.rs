//! Expressions.

use super::operators::Precedence;
use super::tokens::Kind;
use super::{Grammar, Read, Stop};
use crate::source::Span;
use crate::syntax::rust::tree::{Arm, Block, Expr, ExprKind, Ident, MethodCall, Param, Path, Segment, StructLit};

/// How an expression is written, as far as it is not in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `if`, `match`, a loop or a block: a statement without a semicolon.
    Block,
    /// `name! { .. }`
    BraceMacro,
    /// `a..b`
    Range,
    /// `a < b`
    Comparison,
    /// `a = b`
    Assign,
    Other,
}

/// An expression and what else a reader has to know of it.
pub(super) struct ExprRead {
    pub(super) expr: Expr,
    pub(super) form: Form,
    /// Whether it ends in a brace, after which no `else` can follow.
    pub(super) ends_in_brace: bool,
}

/// Fields of a struct literal, and the value after `..`.
type Fields = (Vec<(Ident, Expr)>, Option<Expr>);

/// How many links a chain of calls or operators may have.
pub(super) const MAX_LINKS: usize = 400;

pub(super) fn other(kind: ExprKind, span: Span) -> ExprRead {
    ExprRead { expr: Expr { kind, span }, form: Form::Other, ends_in_brace: false }
}

fn braced(kind: ExprKind, span: Span, form: Form) -> ExprRead {
    ExprRead { expr: Expr { kind, span }, form, ends_in_brace: true }
}

impl Grammar<'_> {
    /// An expression.
    pub(super) fn expr(&mut self) -> Read<Expr> {
        self.expr_read().map(|read| read.expr)
    }

    pub(super) fn expr_read(&mut self) -> Read<ExprRead> {
        self.expr_with(true)
    }

    /// Without struct literals it may be followed by a block.
    fn expr_with(&mut self, structs: bool) -> Read<ExprRead> {
        let left = self.unary(structs)?;
        self.binary(left, structs, Precedence::Min)
    }

    /// An expression that is a statement or the value of an arm: a block ends it.
    pub(super) fn early_expr(&mut self) -> Read<ExprRead> {
        let attrs = self.punct(b"#") || self.kind(0) == Kind::Doc;
        self.outer_attrs()?;
        let starts = ["if", "while", "loop", "match", "unsafe"].iter().any(|word| self.keyword(word));
        let read = if self.keyword("for") && self.punct_at(1, b"<") {
            return Err(Stop::Unsure);
        } else if starts
            || self.keyword("for")
            || (self.keyword("try") || self.keyword("const")) && self.is_open_at(1, b'{')
            || self.is_open(b'{')
            || self.kind(0) == Kind::Lifetime
        {
            self.deeper(|this| this.atom(true))?
        } else {
            self.unary(true)?
        };
        if attrs && read.form == Form::Range {
            return Err(Stop::Unsure);
        }
        if read.form != Form::Block {
            return self.binary(read, true, Precedence::Min);
        }
        if self.punct(b".") && !self.punct(b"..") || self.punct(b"?") {
            let read = self.trailers(read)?;
            return self.binary(read, true, Precedence::Min);
        }
        Ok(read)
    }

    pub(super) fn unary(&mut self, structs: bool) -> Read<ExprRead> {
        self.deeper(|this| this.unary_here(structs))
    }

    fn unary_here(&mut self, structs: bool) -> Read<ExprRead> {
        let attrs = self.punct(b"#") || self.kind(0) == Kind::Doc;
        self.outer_attrs()?;
        let start = self.here();
        match self.kind(0) {
            Kind::Punct(b'&') => {
                self.at += 1;
                if self.name_at(0, "raw") && (self.keyword_at(1, "mut") || self.keyword_at(1, "const")) {
                    self.at += 2;
                } else {
                    self.eat_keyword("mut");
                }
                let inner = self.unary(structs)?;
                let span = start.to(inner.expr.span);
                let kind = ExprKind::Reference(Box::new(inner.expr));
                Ok(ExprRead { expr: Expr { kind, span }, form: Form::Other, ends_in_brace: inner.ends_in_brace })
            }
            Kind::Punct(operator @ (b'*' | b'!' | b'-')) => {
                self.at += 1;
                let inner = self.unary(structs)?;
                let span = start.to(inner.expr.span);
                let kind = ExprKind::Unary(char::from(operator), Box::new(inner.expr));
                Ok(ExprRead { expr: Expr { kind, span }, form: Form::Other, ends_in_brace: inner.ends_in_brace })
            }
            _ => {
                let atom = self.atom(structs)?;
                let read = self.trailers(atom)?;
                if attrs && read.form == Form::Range { Err(Stop::Unsure) } else { Ok(read) }
            }
        }
    }

    /// Calls, fields, indices and `?` after an expression.
    fn trailers(&mut self, mut read: ExprRead) -> Read<ExprRead> {
        for _ in 0..MAX_LINKS {
            match self.kind(0) {
                Kind::Open(b'(') => {
                    let (args, parens) = self.group(b'(', |this| this.list(Self::expr))?;
                    let span = read.expr.span.to(parens);
                    read = other(ExprKind::Call(Box::new(read.expr), args), span);
                }
                Kind::Punct(b'.') if !self.punct(b"..") && read.form != Form::Range => {
                    self.at += 1;
                    read = self.after_dot(read.expr)?;
                }
                Kind::Open(b'[') => {
                    let (index, brackets) = self.group(b'[', Self::expr)?;
                    let span = read.expr.span.to(brackets);
                    read = other(ExprKind::Index(Box::new(read.expr), Box::new(index)), span);
                }
                Kind::Punct(b'?') if read.form != Form::Range => {
                    let span = read.expr.span.to(self.here());
                    self.at += 1;
                    read = other(ExprKind::Try(Box::new(read.expr)), span);
                }
                _ => return Ok(read),
            }
        }
        Err(Stop::Unsure)
    }

    fn after_dot(&mut self, base: Expr) -> Read<ExprRead> {
        if let Some(token) = self.token(0).filter(|t| t.kind == Kind::Float) {
            // `x.0.1`
            let (first, second) = self.text_of(token).split_once('.').ok_or(Stop::Unsure)?;
            let plain =
                |n: &str| n.bytes().all(|b| b.is_ascii_digit()) && !n.is_empty() && n.len() < 10 && (n.len() == 1 || !n.starts_with('0'));
            if !plain(first) || !plain(second) {
                return Err(Stop::Unsure);
            }
            self.at += 1;
            let middle = token.start + u32::try_from(first.len()).map_err(|_| Stop::Unsure)?;
            let outer = Ident { name: first.into(), span: Span { start: token.start, end: middle } };
            let inner = Ident { name: second.into(), span: Span { start: middle + 1, end: token.end } };
            let span = base.span.to(outer.span);
            let base = Expr { kind: ExprKind::Field(Box::new(base), outer), span };
            let span = base.span.to(inner.span);
            return Ok(other(ExprKind::Field(Box::new(base), inner), span));
        }
        if self.keyword("await") {
            let span = base.span.to(self.here());
            self.at += 1;
            return Ok(other(ExprKind::Await(Box::new(base)), span));
        }
        let (member, is_named) = self.member()?;
        let turbofish = is_named && self.punct(b"::");
        if turbofish || is_named && self.is_open(b'(') {
            let generics = if turbofish {
                self.at += 2;
                self.generics()?
            } else {
                Vec::new()
            };
            let (args, parens) = self.group(b'(', |this| this.list(Self::expr))?;
            let span = base.span.to(parens);
            let call = MethodCall { receiver: base, method: member, generics, args };
            return Ok(other(ExprKind::MethodCall(Box::new(call)), span));
        }
        let span = base.span.to(member.span);
        Ok(other(ExprKind::Field(Box::new(base), member), span))
    }

    fn atom(&mut self, structs: bool) -> Read<ExprRead> {
        if self.is_literal() {
            let literal = self.literal()?;
            return Ok(ExprRead { expr: literal, form: Form::Other, ends_in_brace: false });
        }
        match self.kind(0) {
            Kind::Name | Kind::RawName => {
                if self.name_at(0, "builtin") && self.punct_at(1, b"#") {
                    return Err(Stop::Unsure);
                }
                self.path_atom(structs)
            }
            Kind::Keyword => self.keyword_atom(structs),
            Kind::Punct(b'|') => self.closure(structs),
            Kind::Punct(b'.') if self.punct(b"..") => self.range(None, structs),
            Kind::Punct(_) if self.punct(b"::") || self.punct(b"<") => self.path_atom(structs),
            Kind::Open(b'(') => {
                let ((mut all, is_tuple), span) = self.group(b'(', |this| {
                    if this.is_empty() {
                        return Ok((Vec::new(), true));
                    }
                    let mut all = Vec::with_capacity(this.parts(b','));
                    all.push(this.expr()?);
                    let is_tuple = !this.is_empty();
                    while !this.is_empty() {
                        this.expect(b",")?;
                        if this.is_empty() {
                            break;
                        }
                        all.push(this.expr()?);
                    }
                    Ok((all, is_tuple))
                })?;
                match all.pop() {
                    Some(only) if !is_tuple => Ok(ExprRead { expr: only, form: Form::Other, ends_in_brace: false }),
                    last => {
                        all.extend(last);
                        Ok(other(ExprKind::Tuple(all), span))
                    }
                }
            }
            Kind::Open(b'[') => {
                let (kind, span) = self.group(b'[', |this| {
                    if this.is_empty() {
                        return Ok(ExprKind::Array(Vec::new()));
                    }
                    let elements = this.parts(b',');
                    let first = this.expr()?;
                    if this.eat(b";") {
                        let length = this.expr()?;
                        return Ok(ExprKind::Repeat(Box::new(first), Box::new(length)));
                    }
                    let mut all = Vec::with_capacity(elements);
                    all.push(first);
                    while !this.is_empty() {
                        this.expect(b",")?;
                        if this.is_empty() {
                            break;
                        }
                        all.push(this.expr()?);
                    }
                    Ok(ExprKind::Array(all))
                })?;
                Ok(other(kind, span))
            }
            Kind::Open(b'{') => {
                let block = self.block_with_attrs(&mut Vec::new())?;
                let span = block.span;
                Ok(braced(ExprKind::Block(block), span, Form::Block))
            }
            Kind::Lifetime => {
                self.at += 1;
                self.expect(b":")?;
                let labels = ["while", "for", "loop"].iter().any(|word| self.keyword(word)) || self.is_open(b'{');
                if labels { self.atom(structs) } else { Err(Stop::Syntax) }
            }
            _ => Err(Stop::Syntax),
        }
    }

    fn keyword_atom(&mut self, structs: bool) -> Read<ExprRead> {
        let start = self.here();
        let word = self.token(0).map_or("", |t| self.text_of(t));
        match word {
            "async" if self.is_open_at(1, b'{') || self.keyword_at(1, "move") && self.is_open_at(2, b'{') => {
                self.at += 1;
                self.eat_keyword("move");
                let block = self.block()?;
                let span = start.to(block.span);
                Ok(braced(ExprKind::Async(block), span, Form::Other))
            }
            "async" if self.punct_at(1, b"|") || self.keyword_at(1, "move") => self.closure(structs),
            "move" => self.closure(structs),
            "try" if self.is_open_at(1, b'{') => {
                self.at += 1;
                let block = self.block()?;
                let span = start.to(block.span);
                Ok(braced(ExprKind::Block(block), span, Form::Block))
            }
            "unsafe" | "const" if word == "unsafe" || self.is_open_at(1, b'{') => {
                self.at += 1;
                let block = self.block_with_attrs(&mut Vec::new())?;
                let span = start.to(block.span);
                Ok(braced(ExprKind::Block(block), span, Form::Block))
            }
            "const" if self.punct_at(1, b"|") || self.keyword_at(1, "async") || self.keyword_at(1, "move") => Err(Stop::Unsure),
            "become" => Err(Stop::Unsure),
            "self" | "Self" | "super" | "crate" | "try" => self.path_atom(structs),
            "break" => {
                self.at += 1;
                if self.kind(0) == Kind::Lifetime {
                    if self.punct_at(1, b":") && !self.punct_at(1, b"::") {
                        return Err(Stop::Syntax);
                    }
                    self.at += 1;
                }
                let value = if self.at_expr() && (structs || !self.is_open(b'{')) { Some(self.expr_read()?) } else { None };
                Ok(leaving(start, value, ExprKind::Break))
            }
            "return" | "yield" => {
                self.at += 1;
                let value = if self.at_expr() { Some(self.expr_read()?) } else { None };
                Ok(leaving(start, value, ExprKind::Return))
            }
            "continue" => {
                self.at += 1;
                if self.kind(0) == Kind::Lifetime {
                    self.at += 1;
                }
                Ok(other(ExprKind::Other, start))
            }
            "_" => {
                self.at += 1;
                Ok(other(ExprKind::Other, start))
            }
            "let" => {
                self.at += 1;
                let pat = self.pat()?;
                self.expect(b"=")?;
                let value = self.unary(structs)?;
                let value = self.binary(value, structs, Precedence::Compare)?;
                let span = start.to(value.expr.span);
                let kind = ExprKind::Let(Box::new(pat), Box::new(value.expr));
                Ok(ExprRead { expr: Expr { kind, span }, form: Form::Other, ends_in_brace: value.ends_in_brace })
            }
            "if" => self.conditional(),
            "match" => self.choice(),
            "while" => {
                self.at += 1;
                let cond = self.expr_with(false)?.expr;
                let body = self.block_with_attrs(&mut Vec::new())?;
                let span = start.to(body.span);
                Ok(braced(ExprKind::While(Box::new(cond), body), span, Form::Block))
            }
            "for" => {
                if self.punct_at(1, b"<") {
                    return Err(Stop::Unsure);
                }
                self.at += 1;
                let pat = self.pat()?;
                self.expect_keyword("in")?;
                let iter = self.expr_with(false)?.expr;
                let body = self.block_with_attrs(&mut Vec::new())?;
                let span = start.to(body.span);
                Ok(braced(ExprKind::For(Box::new(pat), Box::new(iter), body), span, Form::Block))
            }
            "loop" => {
                self.at += 1;
                let body = self.block_with_attrs(&mut Vec::new())?;
                let span = start.to(body.span);
                Ok(braced(ExprKind::Loop(body), span, Form::Block))
            }
            _ => Err(Stop::Syntax),
        }
    }

    /// Whether an expression may start here.
    fn at_expr(&self) -> bool {
        self.is_word_at(0) && !self.keyword("as")
            || matches!(self.kind(0), Kind::Open(_) | Kind::Lifetime | Kind::Doc)
            || self.is_literal()
            || self.punct(b"!") && !self.punct(b"!=")
            || self.punct(b"-") && !self.punct(b"-=") && !self.punct(b"->")
            || self.punct(b"*") && !self.punct(b"*=")
            || self.punct(b"|") && !self.punct(b"|=")
            || self.punct(b"&") && !self.punct(b"&=")
            || self.punct(b"..")
            || self.punct(b"<") && !self.punct(b"<=") && !self.punct(b"<<=")
            || self.punct(b"::")
            || self.punct(b"#")
    }

    fn conditional(&mut self) -> Read<ExprRead> {
        self.deeper(|this| {
            let start = this.expect_keyword("if")?;
            let cond = this.expr_with(false)?.expr;
            let then = this.block()?;
            let mut span = start.to(then.span);
            let otherwise = if !this.eat_keyword("else") {
                None
            } else if this.keyword("if") {
                Some(this.conditional()?.expr)
            } else {
                Some(this.block_expr()?)
            };
            if let Some(otherwise) = &otherwise {
                span = span.to(otherwise.span);
            }
            Ok(braced(ExprKind::If(Box::new(cond), then, otherwise.map(Box::new)), span, Form::Block))
        })
    }

    fn choice(&mut self) -> Read<ExprRead> {
        let start = self.expect_keyword("match")?;
        let value = self.expr_with(false)?.expr;
        let (arms, braces) = self.group(b'{', |this| {
            this.inner_attrs(&mut Vec::new())?;
            let mut arms = Vec::new();
            while !this.is_empty() {
                arms.push(this.arm()?);
            }
            arms.shrink_to_fit();
            Ok(arms)
        })?;
        let span = start.to(Span { start: braces.end.saturating_sub(1), end: braces.end });
        Ok(braced(ExprKind::Match(Box::new(value), arms), span, Form::Block))
    }

    fn arm(&mut self) -> Read<Arm> {
        let attrs = self.outer_attrs()?;
        let pat = self.pat()?;
        let guard = if self.eat_keyword("if") { Some(self.expr()?) } else { None };
        self.expect(b"=>")?;
        let body = self.early_expr()?;
        if body.form != Form::Block && !self.is_empty() {
            self.expect(b",")?;
        } else {
            self.eat(b",");
        }
        Ok(Arm { attrs, pat, guard, body: body.expr })
    }

    fn closure(&mut self, structs: bool) -> Read<ExprRead> {
        self.eat_keyword("async");
        self.eat_keyword("move");
        let start = self.expect(b"|")?;
        let mut params = Vec::with_capacity(1);
        while !self.punct(b"|") {
            self.outer_attrs()?;
            let pat = self.single_pat()?;
            let ty = if self.eat(b":") { Some(self.ty()?) } else { None };
            params.push(Param { pat, ty });
            if self.punct(b"|") {
                break;
            }
            self.expect(b",")?;
        }
        self.expect(b"|")?;
        let body = if self.eat(b"->") {
            self.ty()?;
            let block = self.block()?;
            let span = block.span;
            braced(ExprKind::Block(block), span, Form::Block)
        } else {
            self.expr_with(structs)?
        };
        let span = start.to(body.expr.span);
        let kind = ExprKind::Closure(params, Box::new(body.expr));
        Ok(ExprRead { expr: Expr { kind, span }, form: Form::Other, ends_in_brace: body.ends_in_brace })
    }

    /// A path, a macro call or a struct literal.
    fn path_atom(&mut self, structs: bool) -> Read<ExprRead> {
        let read = self.path(true)?;
        if read.qualified.is_none() && read.is_plain && self.punct(b"!") && !self.punct(b"!=") {
            self.at += 1;
            let is_braced = self.is_open(b'{');
            let (call, span) = self.macro_call(read)?;
            let form = if is_braced { Form::BraceMacro } else { Form::Other };
            return Ok(ExprRead { expr: Expr { kind: ExprKind::Macro(Box::new(call)), span }, form, ends_in_brace: is_braced });
        }
        if structs && self.is_open(b'{') {
            let ((fields, rest), braces) = self.group(b'{', Self::field_values)?;
            let span = read.span.to(Span { start: braces.end.saturating_sub(1), end: braces.end });
            return Ok(braced(ExprKind::Struct(Box::new(StructLit { path: read.path, fields, rest })), span, Form::Other));
        }
        let span = read.whole();
        Ok(other(ExprKind::Path(read.path), span))
    }

    fn field_values(&mut self) -> Read<Fields> {
        let mut fields = Vec::with_capacity(self.parts(b','));
        while !self.is_empty() {
            if self.punct(b"..") {
                self.at += 2;
                let rest = if self.is_empty() { None } else { Some(self.expr()?) };
                return Ok((fields, rest));
            }
            self.outer_attrs()?;
            let (member, is_named) = self.member()?;
            let value = if self.punct(b":") || !is_named {
                self.expect(b":")?;
                self.expr()?
            } else {
                let span = member.span;
                let path = Path { qself: None, segments: vec![Segment { name: member.clone(), generics: Vec::new() }] };
                Expr { kind: ExprKind::Path(path), span }
            };
            fields.push((member, value));
            if self.is_empty() {
                break;
            }
            self.expect(b",")?;
        }
        Ok((fields, None))
    }

    /// A block as an expression, with its attributes.
    pub(super) fn block_expr(&mut self) -> Read<Expr> {
        let block = self.block()?;
        Ok(Expr { span: block.span, kind: ExprKind::Block(block) })
    }

    /// Statements in braces.
    pub(super) fn block(&mut self) -> Read<Block> {
        let (stmts, span) = self.deeper(|this| this.group(b'{', Self::stmts))?;
        Ok(Block { stmts, span })
    }
}

/// `return x`, `break x`
fn leaving(start: Span, value: Option<ExprRead>, kind: fn(Option<Box<Expr>>) -> ExprKind) -> ExprRead {
    let span = value.iter().fold(start, |span, v| span.to(v.expr.span));
    let ends_in_brace = value.as_ref().is_some_and(|v| v.ends_in_brace);
    ExprRead { expr: Expr { kind: kind(value.map(|v| Box::new(v.expr))), span }, form: Form::Other, ends_in_brace }
}
