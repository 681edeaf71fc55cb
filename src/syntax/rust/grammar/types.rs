//! Paths and types.

use super::tokens::Kind;
use super::{Grammar, Read, Stop};
use crate::source::Span;
use crate::syntax::rust::tree::{Path, Segment, Type, TypeKind};

/// A path and what else the reader of it needs to know.
pub(super) struct PathRead {
    pub(super) path: Path,
    /// From its first segment to its last, without the `<` of `<T as Trait>`.
    pub(super) span: Span,
    /// The `<` of `<T as Trait>::x`.
    pub(super) qualified: Option<Span>,
    /// Names and `::` only.
    pub(super) is_plain: bool,
    /// Whether `::` stands before it.
    pub(super) is_rooted: bool,
}

impl PathRead {
    /// Its place, with the `<` that it begins with.
    pub(super) fn whole(&self) -> Span {
        self.qualified.map_or(self.span, |lt| lt.to(self.span))
    }
}

impl Grammar<'_> {
    /// Whether a path may start here.
    pub(super) fn at_path(&self) -> bool {
        self.is_name() || self.punct(b"::") || self.punct(b"<") || self.at_path_keyword()
    }

    fn at_path_keyword(&self) -> bool {
        ["self", "Self", "super", "crate"].iter().any(|word| self.keyword(word))
    }

    /// `a::b`, names only.
    pub(super) fn plain_path(&mut self) -> Read<PathRead> {
        let is_rooted = self.eat(b"::");
        let mut segments = Vec::with_capacity(self.segments());
        loop {
            if !(self.is_name() || self.at_path_keyword()) {
                return Err(Stop::Syntax);
            }
            segments.push(Segment { name: self.any_word()?, generics: Vec::new() });
            if !self.eat(b"::") {
                break;
            }
        }
        let span = segments.iter().map(|s| s.name.span).reduce(Span::to).unwrap_or_default();
        Ok(PathRead { path: Path { qself: None, segments }, span, qualified: None, is_plain: true, is_rooted })
    }

    /// A path with its type arguments; in expressions these follow `::`.
    pub(super) fn path(&mut self, in_expr: bool) -> Read<PathRead> {
        if self.punct(b"<") {
            return self.qualified_path(in_expr);
        }
        let is_rooted = self.eat(b"::");
        let mut read = PathRead { path: Path::default(), span: Span::default(), qualified: None, is_plain: true, is_rooted };
        read.path.segments.reserve_exact(self.segments());
        self.segment(in_expr, &mut read)?;
        while self.punct(b"::") && !self.is_open_at(2, b'(') {
            self.at += 2;
            self.segment(in_expr, &mut read)?;
        }
        Ok(read)
    }

    /// How many names with `::` between them follow, at least one.
    fn segments(&self) -> usize {
        (0..).step_by(3).take_while(|ahead| self.is_word_at(*ahead) && self.punct_at(ahead + 1, b"::")).count() + 1
    }

    fn segment(&mut self, in_expr: bool, into: &mut PathRead) -> Read<()> {
        let bare = ["super", "self", "crate", "try"].iter().any(|word| self.keyword(word));
        let name = if bare || self.keyword("Self") { self.any_word()? } else { self.name()? };
        let mut span = name.span;
        let mut generics = Vec::new();
        let angles = !in_expr && self.punct(b"<") && !self.punct(b"<=") && !self.punct(b"<<=");
        if !bare && (angles || self.punct(b"::") && self.punct_at(2, b"<")) {
            self.eat(b"::");
            generics = self.generics()?;
            span = span.to(self.before());
            into.is_plain = false;
        }
        into.span = if into.path.segments.is_empty() { span } else { into.span.to(span) };
        into.path.segments.push(Segment { name, generics });
        Ok(())
    }

    /// `<T>::x`, `<T as Trait>::x`
    fn qualified_path(&mut self, in_expr: bool) -> Read<PathRead> {
        self.deeper(|this| {
            let lt = this.expect(b"<")?;
            let of = this.ty()?;
            let mut read =
                PathRead { path: Path::default(), span: Span::default(), qualified: Some(lt), is_plain: false, is_rooted: false };
            let of_trait = this.eat_keyword("as");
            if of_trait {
                let path = this.path(false)?;
                if path.qualified.is_some() {
                    return Err(Stop::Syntax);
                }
                read = PathRead { qualified: Some(lt), is_plain: false, ..path };
            }
            this.expect(b">")?;
            this.expect(b"::")?;
            loop {
                this.segment(in_expr, &mut read)?;
                if !this.eat(b"::") {
                    break;
                }
            }
            match of {
                // `<T>::f` is `T::f`.
                Type { kind: TypeKind::Path(ty), .. } if !of_trait && ty.qself.is_none() => {
                    let rest = std::mem::take(&mut read.path.segments);
                    read.path.segments = ty.segments.into_iter().chain(rest).collect();
                }
                of => read.path.qself = Some(Box::new(of)),
            }
            Ok(read)
        })
    }

    /// `<A, B = C, 'a, 3>`
    pub(super) fn generics(&mut self) -> Read<Vec<Type>> {
        self.deeper(|this| {
            this.expect(b"<")?;
            let mut all = Vec::new();
            while !this.punct(b">") {
                this.generic_argument(&mut all)?;
                if this.punct(b">") {
                    break;
                }
                this.expect(b",")?;
            }
            this.expect(b">")?;
            Ok(all)
        })
    }

    fn generic_argument(&mut self, into: &mut Vec<Type>) -> Read<()> {
        if self.kind(0) == Kind::Lifetime && !self.punct_at(1, b"+") {
            self.at += 1;
            return Ok(());
        }
        if self.is_const_argument() {
            let value = self.const_argument()?;
            into.push(Type { span: value.span, kind: TypeKind::Const(Box::new(value)) });
            return Ok(());
        }
        let (argument, may_be_key) = self.generic_type()?;
        if may_be_key && self.punct(b"=") {
            self.at += 1;
            if self.is_const_argument() {
                self.const_argument()?;
            } else {
                into.push(self.ty()?);
            }
            return Ok(());
        }
        if may_be_key && self.punct(b":") {
            self.at += 1;
            while !self.punct(b",") && !self.punct(b">") {
                self.bound()?;
                if !self.eat(b"+") {
                    break;
                }
            }
            return Ok(());
        }
        into.push(argument);
        Ok(())
    }

    fn is_const_argument(&self) -> bool {
        let negative = self.punct(b"-") && matches!(self.kind(1), Kind::Int | Kind::Float);
        self.is_literal() || negative || self.is_open(b'{')
    }

    /// A literal, a name or a block.
    pub(super) fn const_argument(&mut self) -> Read<crate::syntax::rust::tree::Expr> {
        if self.is_open(b'{') {
            return self.block_expr();
        }
        if self.is_name() {
            return Err(Stop::Unsure);
        }
        self.literal()
    }

    /// A type, and whether it is a name that can be bound or bounded: `Item = T`, `Item: Bound`.
    fn generic_type(&mut self) -> Read<(Type, bool)> {
        let rooted = self.punct(b"::");
        let qualified = self.punct(b"<");
        let ty = self.ty()?;
        let single = match &ty.kind {
            TypeKind::Path(path) => !rooted && !qualified && path.segments.len() == 1,
            _ => false,
        };
        Ok((ty, single))
    }

    /// A type, which may be a sum of bounds.
    pub(super) fn ty(&mut self) -> Read<Type> {
        self.ty_with(true)
    }

    pub(super) fn ty_with(&mut self, plus: bool) -> Read<Type> {
        self.deeper(|this| this.ty_here(plus))
    }

    fn ty_here(&mut self, plus: bool) -> Read<Type> {
        let start = self.here();
        let (kind, span) = match self.kind(0) {
            Kind::Open(b'(') => return self.paren_type(plus),
            Kind::Open(b'[') => {
                let ((elem, len), span) = self.group(b'[', |this| {
                    let elem = this.ty()?;
                    let len = if this.eat(b";") { Some(this.expr()?) } else { None };
                    Ok((elem, len))
                })?;
                let kind = match len {
                    Some(len) => TypeKind::Array(Box::new(elem), Box::new(len)),
                    None => TypeKind::Slice(Box::new(elem)),
                };
                (kind, span)
            }
            Kind::Punct(b'&') => {
                self.at += 1;
                if self.kind(0) == Kind::Lifetime {
                    self.at += 1;
                }
                self.eat_keyword("mut");
                let inner = self.ty_with(false)?;
                let span = start.to(inner.span);
                (TypeKind::Reference(Box::new(inner)), span)
            }
            Kind::Punct(b'*') => {
                self.at += 1;
                if !self.eat_keyword("const") && !self.eat_keyword("mut") {
                    return Err(Stop::Syntax);
                }
                let inner = self.ty_with(false)?;
                let span = start.to(inner.span);
                (TypeKind::Reference(Box::new(inner)), span)
            }
            Kind::Punct(b'!') => {
                self.at += 1;
                (TypeKind::Other, start)
            }
            Kind::Lifetime => self.bounds(plus, false)?,
            Kind::Keyword => match self.token(0).map(|t| self.text_of(t)) {
                Some("_") => {
                    self.at += 1;
                    (TypeKind::Other, start)
                }
                Some("dyn") => {
                    self.at += 1;
                    if self.punct(b"*") {
                        return Err(Stop::Unsure);
                    }
                    self.bounds(plus, false)?
                }
                Some("impl") => {
                    self.at += 1;
                    self.bounds(plus, true)?
                }
                Some("for") => {
                    self.higher_ranked()?;
                    if !["fn", "unsafe", "extern"].iter().any(|word| self.keyword(word)) {
                        return Err(Stop::Unsure);
                    }
                    self.fn_type()?
                }
                Some("fn" | "unsafe" | "extern") => self.fn_type()?,
                _ => return self.path_type(plus),
            },
            _ => return self.path_type(plus),
        };
        Ok(Type { kind, span })
    }

    fn path_type(&mut self, plus: bool) -> Read<Type> {
        if !self.at_path() {
            return Err(Stop::Syntax);
        }
        if self.name_at(0, "builtin") && self.punct_at(1, b"#") {
            return Err(Stop::Unsure);
        }
        let read = self.path(false)?;
        if read.qualified.is_none() {
            if self.punct(b"!") && !self.punct(b"!=") && read.is_plain {
                if !matches!(self.kind(1), Kind::Open(_)) {
                    return Err(Stop::Syntax);
                }
                self.at += 1;
                self.skip_tree();
                return Ok(Type { kind: TypeKind::Other, span: read.span });
            }
            if plus && self.punct(b"+") {
                let mut span = read.span;
                let mut paths = vec![read.path];
                while self.punct(b"+") {
                    self.at += 1;
                    if !self.at_bound() {
                        break;
                    }
                    if let Some((path, here)) = self.bound()? {
                        paths.push(path);
                        span = span.to(here);
                    }
                }
                return Ok(Type { kind: TypeKind::Bounds(paths), span });
            }
        }
        let span = read.whole();
        Ok(Type { kind: TypeKind::Path(read.path), span })
    }

    fn paren_type(&mut self, plus: bool) -> Read<Type> {
        let (types, span) = self.group(b'(', |this| {
            if this.is_empty() {
                return Ok((Vec::new(), true));
            }
            if this.kind(0) == Kind::Lifetime || this.punct(b"?") {
                return Err(Stop::Unsure);
            }
            let mut all = vec![this.ty()?];
            let is_tuple = this.punct(b",");
            while this.eat(b",") && !this.is_empty() {
                all.push(this.ty()?);
            }
            Ok((all, is_tuple))
        })?;
        let (mut types, is_tuple) = types;
        if is_tuple {
            return Ok(Type { kind: TypeKind::Tuple(types), span });
        }
        if plus && self.punct(b"+") {
            return Err(Stop::Unsure);
        }
        types.pop().ok_or(Stop::Syntax)
    }

    /// `unsafe extern "C" fn(A, name: B) -> C`
    fn fn_type(&mut self) -> Read<(TypeKind, Span)> {
        self.eat_keyword("unsafe");
        self.abi();
        let start = self.expect_keyword("fn")?;
        let (inputs, parens) = self.group(b'(', |this| {
            this.list(|this| {
                this.outer_attrs()?;
                if this.punct(b"...") || this.keyword("mut") || this.keyword("self") {
                    return Err(Stop::Unsure);
                }
                if (this.is_name() || this.keyword("_")) && this.punct_at(1, b":") && !this.punct_at(1, b"::") {
                    this.at += 2;
                }
                if this.punct(b"...") { Err(Stop::Unsure) } else { this.ty() }
            })
        })?;
        let output = self.output(false)?;
        let mut span = start.to(parens);
        if let Some(output) = &output {
            span = span.to(output.span);
        }
        Ok((TypeKind::Fn(inputs, output.map(Box::new)), span))
    }

    /// `extern "C"`, where it is there.
    pub(super) fn abi(&mut self) {
        if self.eat_keyword("extern") && self.kind(0) == Kind::Str {
            self.at += 1;
        }
    }

    /// `-> T`
    pub(super) fn output(&mut self, plus: bool) -> Read<Option<Type>> {
        if self.eat(b"->") { self.ty_with(plus).map(Some) } else { Ok(None) }
    }

    /// The bounds of `impl` and `dyn`.
    fn bounds(&mut self, plus: bool, captures: bool) -> Read<(TypeKind, Span)> {
        let mut paths = Vec::new();
        let mut span: Option<Span> = None;
        loop {
            if self.keyword("use") && captures {
                self.capture()?;
            } else if let Some((path, here)) = self.bound()? {
                paths.push(path);
                span = Some(span.map_or(here, |s| s.to(here)));
            }
            if !(plus && self.eat(b"+")) {
                break;
            }
            if !self.at_bound() {
                break;
            }
        }
        match span {
            Some(span) => Ok((TypeKind::Bounds(paths), span)),
            None => Err(Stop::Syntax),
        }
    }

    /// `use<'a, T>`
    fn capture(&mut self) -> Read<()> {
        self.expect_keyword("use")?;
        self.expect(b"<")?;
        while !self.punct(b">") {
            if self.kind(0) != Kind::Lifetime && !self.is_name() && !self.keyword("Self") {
                return Err(Stop::Syntax);
            }
            self.at += 1;
            if !self.eat(b",") {
                break;
            }
        }
        self.expect(b">").map(|_| ())
    }

    pub(super) fn at_bound(&self) -> bool {
        self.is_word_at(0) || self.punct(b"::") || self.punct(b"?") || self.kind(0) == Kind::Lifetime || self.is_open(b'(')
    }

    /// One bound: a trait and its place, or nothing for a lifetime.
    pub(super) fn bound(&mut self) -> Read<Option<(Path, Span)>> {
        if self.kind(0) == Kind::Lifetime {
            self.at += 1;
            return Ok(None);
        }
        if self.keyword("use") || self.keyword("const") || self.punct(b"~") || self.is_open(b'[') {
            return Err(Stop::Unsure);
        }
        if self.is_open(b'(') {
            return self.deeper(|this| this.group(b'(', |this| this.trait_bound()).map(|(bound, _)| Some(bound)));
        }
        self.trait_bound().map(Some)
    }

    fn trait_bound(&mut self) -> Read<(Path, Span)> {
        if self.keyword("for") {
            self.higher_ranked()?;
        }
        if self.keyword("const") || self.is_open(b'[') {
            return Err(Stop::Unsure);
        }
        if self.eat(b"?") && self.keyword("for") {
            return Err(Stop::Unsure);
        }
        if self.punct(b"<") {
            return Err(Stop::Syntax);
        }
        let mut read = self.path(false)?;
        let bare = read.path.segments.last().is_some_and(|s| s.generics.is_empty());
        if bare && (self.is_open(b'(') || self.punct(b"::") && self.is_open_at(2, b'(')) {
            self.eat(b"::");
            let (mut types, parens) = self.group(b'(', |this| this.list(Self::ty))?;
            types.extend(self.output(false)?);
            if let Some(last) = read.path.segments.last_mut() {
                last.generics = types;
            }
            read.span = read.span.to(parens);
        }
        Ok((read.path, read.span))
    }

    /// `for<'a>`
    pub(super) fn higher_ranked(&mut self) -> Read<()> {
        self.expect_keyword("for")?;
        self.expect(b"<")?;
        while !self.punct(b">") {
            self.outer_attrs()?;
            self.lifetime_param()?;
            if self.punct(b">") {
                break;
            }
            self.expect(b",")?;
        }
        self.expect(b">").map(|_| ())
    }

    /// `'a: 'b + 'c`
    pub(super) fn lifetime_param(&mut self) -> Read<()> {
        if self.kind(0) != Kind::Lifetime {
            return Err(Stop::Syntax);
        }
        self.at += 1;
        if self.eat(b":") {
            while self.kind(0) == Kind::Lifetime {
                self.at += 1;
                if !self.eat(b"+") {
                    break;
                }
            }
        }
        Ok(())
    }
}
