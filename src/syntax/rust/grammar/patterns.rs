//! Patterns.

use super::tokens::Kind;
use super::{Grammar, Read, Stop};
use crate::source::Span;
use crate::syntax::rust::tree::{Expr, ExprKind, Ident, Pat};

/// How a pattern is written, as far as it is not in the tree.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `..`
    Rest,
    /// A range without a start or an end.
    HalfOpen,
    Other,
}

impl Grammar<'_> {
    /// Alternatives with `|` between them, and before the first.
    pub(super) fn pat(&mut self) -> Read<Pat> {
        self.alternatives().map(|(pat, _)| pat)
    }

    fn alternatives(&mut self) -> Read<(Pat, Form)> {
        let leading = self.punct(b"|");
        if leading {
            self.at += 1;
        }
        let (first, form) = self.one_pat()?;
        let goes_on = |this: &Self| this.punct(b"|") && !this.punct(b"||") && !this.punct(b"|=");
        if !leading && !goes_on(self) {
            return Ok((first, form));
        }
        let mut all = vec![first];
        while goes_on(self) {
            self.at += 1;
            all.push(self.single_pat()?);
        }
        Ok((Pat::Or(all), Form::Other))
    }

    /// A pattern without alternatives.
    pub(super) fn single_pat(&mut self) -> Read<Pat> {
        self.one_pat().map(|(pat, _)| pat)
    }

    fn one_pat(&mut self) -> Read<(Pat, Form)> {
        self.deeper(Self::pat_here)
    }

    fn pat_here(&mut self) -> Read<(Pat, Form)> {
        let other = |pat| Ok((pat, Form::Other));
        let named = self.is_name()
            && (self.punct_at(1, b"::")
                || self.punct_at(1, b"!")
                || self.is_open_at(1, b'{')
                || self.is_open_at(1, b'(')
                || self.punct_at(1, b".."));
        if named
            || self.keyword("self") && self.punct_at(1, b"::")
            || self.punct(b"::")
            || self.punct(b"<")
            || ["Self", "super", "crate"].iter().any(|word| self.keyword(word))
        {
            return self.path_pat();
        }
        if self.keyword("_") {
            self.at += 1;
            return other(Pat::Wild);
        }
        if self.eat_keyword("box") {
            self.single_pat()?;
            return other(Pat::Other);
        }
        if self.keyword("const") {
            return Err(Stop::Unsure);
        }
        if self.punct(b"-") || self.is_literal() {
            return self.literal_pat();
        }
        if self.keyword("ref") || self.keyword("mut") || self.keyword("self") || self.is_name() {
            self.eat_keyword("ref");
            self.eat_keyword("mut");
            let name = if self.keyword("self") { self.any_word()? } else { self.name()? };
            let inner = if self.eat(b"@") { Some(Box::new(self.single_pat()?)) } else { None };
            return other(Pat::Ident(name, inner));
        }
        match self.kind(0) {
            Kind::Punct(b'&') => {
                self.at += 1;
                self.eat_keyword("mut");
                let inner = self.single_pat()?;
                other(Pat::Reference(Box::new(inner)))
            }
            Kind::Open(b'(') => {
                let ((mut all, is_paren), _) = self.group(b'(', |this| {
                    let mut all = Vec::new();
                    while !this.is_empty() {
                        let (pat, form) = this.alternatives()?;
                        all.push(pat);
                        if this.is_empty() {
                            return Ok((all, form != Form::Rest));
                        }
                        this.expect(b",")?;
                    }
                    Ok((all, false))
                })?;
                match all.pop() {
                    Some(only) if is_paren && all.is_empty() => other(only),
                    last => {
                        all.extend(last);
                        other(Pat::Tuple(all))
                    }
                }
            }
            Kind::Open(b'[') => {
                let (all, _) = self.group(b'[', |this| {
                    this.list(|this| match this.alternatives()? {
                        (_, Form::HalfOpen) => Err(Stop::Syntax),
                        (pat, _) => Ok(pat),
                    })
                })?;
                other(Pat::Tuple(all))
            }
            Kind::Punct(b'.') if self.punct(b"..") && !self.punct(b"...") => self.open_range(),
            _ => Err(Stop::Syntax),
        }
    }

    fn path_pat(&mut self) -> Read<(Pat, Form)> {
        let read = self.path(true)?;
        if read.qualified.is_none() && self.punct(b"!") && !self.punct(b"!=") && read.is_plain {
            if !matches!(self.kind(1), Kind::Open(_)) {
                return Err(Stop::Syntax);
            }
            self.at += 1;
            self.skip_tree();
            return Ok((Pat::Other, Form::Other));
        }
        if self.is_open(b'{') {
            let (fields, _) = self.group(b'{', Self::field_pats)?;
            return Ok((Pat::Struct(read.path, fields), Form::Other));
        }
        if self.is_open(b'(') {
            let (all, _) = self.group(b'(', |this| this.list(Self::pat))?;
            return Ok((Pat::TupleStruct(read.path, all), Form::Other));
        }
        if self.punct(b"..") {
            let span = read.whole();
            return self.range_from(Expr { kind: ExprKind::Path(read.path), span });
        }
        Ok((Pat::Value(Box::new(Expr { span: read.span, kind: ExprKind::Path(read.path) })), Form::Other))
    }

    fn field_pats(&mut self) -> Read<Vec<(Ident, Pat)>> {
        let mut all = Vec::new();
        while !self.is_empty() {
            self.outer_attrs()?;
            if self.punct(b"..") {
                self.at += 2;
                break;
            }
            let boxed = self.eat_keyword("box");
            let bound = boxed | self.eat_keyword("ref") | self.eat_keyword("mut");
            self.eat_keyword("mut");
            let (member, is_named) = self.member()?;
            if !bound && self.punct(b":") || !is_named {
                if bound {
                    return Err(Stop::Syntax);
                }
                self.expect(b":")?;
                let pat = self.pat()?;
                all.push((member, pat));
            } else {
                let pat = if boxed { Pat::Other } else { Pat::Ident(member.clone(), None) };
                all.push((member, pat));
            }
            if self.is_empty() {
                break;
            }
            self.expect(b",")?;
        }
        Ok(all)
    }

    /// The name or number of a field, and whether it is a name.
    pub(super) fn member(&mut self) -> Read<(Ident, bool)> {
        if self.is_name() {
            return Ok((self.any_word()?, true));
        }
        match self.token(0) {
            Some(token) if token.kind == Kind::Int => {
                let text = self.text_of(token);
                if text.len() > 1 && text.starts_with('0') || !text.bytes().all(|b| b.is_ascii_digit()) || text.len() > 9 {
                    return Err(Stop::Unsure);
                }
                self.at += 1;
                Ok((Ident { name: text.into(), span: Self::span_of(token) }, false))
            }
            _ => Err(Stop::Syntax),
        }
    }

    fn literal_pat(&mut self) -> Read<(Pat, Form)> {
        let start = self.literal()?;
        if self.punct(b"..") {
            return self.range_from(start);
        }
        Ok((Pat::Value(Box::new(start)), Form::Other))
    }

    fn range_from(&mut self, start: Expr) -> Read<(Pat, Form)> {
        let inclusive = self.punct(b"..=") || self.punct(b"...");
        self.at += if inclusive { 3 } else { 2 };
        let end = self.range_bound()?;
        if inclusive && end.is_none() {
            return Err(Stop::Syntax);
        }
        let form = if end.is_some() { Form::Other } else { Form::HalfOpen };
        Ok((range(Some(start), end, inclusive), form))
    }

    fn open_range(&mut self) -> Read<(Pat, Form)> {
        let inclusive = self.punct(b"..=");
        self.at += if inclusive { 3 } else { 2 };
        match self.range_bound()? {
            Some(end) => Ok((range(None, Some(end), inclusive), Form::HalfOpen)),
            None if inclusive => Err(Stop::Syntax),
            None => Ok((Pat::Other, Form::Rest)),
        }
    }

    fn range_bound(&mut self) -> Read<Option<Expr>> {
        let ends = self.is_empty()
            || self.punct(b"|")
            || self.punct(b"=")
            || self.punct(b":") && !self.punct(b"::")
            || self.punct(b",")
            || self.punct(b";")
            || self.keyword("if");
        if ends {
            return Ok(None);
        }
        if self.is_literal() || self.punct(b"-") {
            return self.literal().map(Some);
        }
        if self.keyword("const") {
            return Err(Stop::Unsure);
        }
        if !self.at_path() {
            return Err(Stop::Syntax);
        }
        let read = self.path(true)?;
        let span = read.whole();
        Ok(Some(Expr { kind: ExprKind::Path(read.path), span }))
    }
}

fn range(start: Option<Expr>, end: Option<Expr>, inclusive: bool) -> Pat {
    let span = start.iter().chain(end.iter()).map(|e| e.span).reduce(Span::to).unwrap_or_default();
    Pat::Value(Box::new(Expr { kind: ExprKind::Range(start.map(Box::new), end.map(Box::new), inclusive), span }))
}
