//! Macro calls: bodies are free-form, so each is read in the first way that fits.
//!
//! In order: a list of arguments, items (`lazy_static!`), statements, and otherwise whatever expressions can be picked out. What is
//! tried may hold macro calls itself: these are passed over (`dry`) until it is known that the way fits, so that the work does not double
//! with every level.

use super::exprs::Form;
use super::tokens::Kind;
use super::types::PathRead;
use super::{Grammar, Read, Stop};
use crate::source::Span;
use crate::syntax::rust::tree::{Arg, Expr, ExprKind, Item, MacroCall, Separator, Stmt};

/// Macro calls inside bodies of macro calls are read down to here.
const MAX_MACRO_DEPTH: usize = 12;
/// Tries to find an expression in a body that reads as nothing known, before it is left alone.
const MAX_TRIES: usize = 200;

impl Grammar<'_> {
    /// The bytes between the delimiters of the group that comes next, which is passed over.
    pub(super) fn delimited(&mut self) -> Read<Span> {
        let Some(token) = self.token(0).filter(|t| matches!(t.kind, Kind::Open(_))) else { return Err(Stop::Syntax) };
        let close = self.tokens.get(token.close as usize).map_or(token.end, |t| t.start);
        self.skip_tree();
        Ok(Span { start: token.end, end: close.max(token.end) })
    }

    /// A macro call after its `!`, and its place.
    pub(super) fn macro_call(&mut self, path: PathRead) -> Read<(MacroCall, Span)> {
        let from = self.at + 1;
        let body = self.delimited()?;
        let to = self.at - 1;
        let span = path.span.to(Span { start: body.end, end: body.end.saturating_add(1) });
        let mut call = MacroCall { path: path.path, args: Vec::new(), is_list: false, items: Vec::new(), stmts: Vec::new(), body };
        if self.dry {
            self.met_macro = true;
        } else if self.macro_depth < MAX_MACRO_DEPTH {
            self.macro_depth += 1;
            self.macro_body(from, to, &mut call)?;
            self.macro_depth -= 1;
        }
        Ok((call, span))
    }

    /// Reads the tokens of this range with `one`, all of them, where they can be read so.
    fn within<T>(&mut self, from: usize, to: usize, mut one: impl FnMut(&mut Self) -> Read<T>) -> Read<Option<T>> {
        let (at, end) = (self.at, self.end);
        let outer = (self.dry, self.met_macro);
        (self.dry, self.met_macro) = (true, false);
        let mut all = |this: &mut Self| {
            (this.at, this.end) = (from, to);
            this.attempt(|this| {
                let value = one(this)?;
                if this.is_empty() { Ok(value) } else { Err(Stop::Syntax) }
            })
        };
        let mut result = all(self);
        let again = self.met_macro;
        (self.dry, self.met_macro) = outer;
        if !self.dry && again && matches!(result, Ok(Some(_))) {
            result = all(self);
        }
        self.met_macro |= again;
        (self.at, self.end) = (at, end);
        result
    }

    fn macro_body(&mut self, from: usize, to: usize, call: &mut MacroCall) -> Read<()> {
        let (args, is_list) = self.args(from, to)?;
        if is_list {
            call.args = args;
            call.is_list = true;
            return Ok(());
        }
        if let Some(items) = self.within(from, to, |this| this.file_items(true))? {
            call.items = items;
            return Ok(());
        }
        if let Some(stmts) = self.within(from, to, Self::stmts)? {
            call.stmts = stmts;
            return Ok(());
        }
        call.args = args;
        let mut tries = MAX_TRIES;
        let mut found = Vec::new();
        self.pick(from, to, &mut tries, &mut found, call)?;
        // What the list reading got hold of is found again here, and more.
        if !found.is_empty() {
            call.args = found;
        }
        Ok(())
    }

    fn file_items(&mut self, refs: bool) -> Read<Vec<Item>> {
        self.inner_attrs(&mut Vec::new())?;
        self.items(refs)
    }

    /// The arguments of a body, and whether every one reads as an expression.
    pub(super) fn args(&mut self, from: usize, to: usize) -> Read<(Vec<Arg>, bool)> {
        let (at, end) = (self.at, self.end);
        (self.at, self.end) = (from, to);
        let result = self.args_here();
        (self.at, self.end) = (at, end);
        result
    }

    fn args_here(&mut self) -> Read<(Vec<Arg>, bool)> {
        let mut all = Vec::with_capacity(self.parts(b',').max(self.parts(b';')));
        let mut is_list = true;
        while !self.is_empty() {
            let (start, end) = (self.at, self.end);
            let first = self.first_token();
            let ends = |this: &Self| this.is_empty() || this.punct(b",") || this.punct(b";");
            let arg = self.tried(|this| {
                let arg = this.one_arg()?;
                if ends(this) { Ok(arg) } else { Err(Stop::Syntax) }
            })?;
            self.end = end;
            let mut arg = match arg {
                Some(arg) => arg,
                None => {
                    is_list = false;
                    self.at = start;
                    while !ends(self) {
                        self.skip_tree();
                    }
                    Arg { key: None, value: None, semicolon: false, span: first }
                }
            };
            arg.semicolon = self.punct(b";");
            if !self.is_empty() {
                self.skip_tree();
            }
            all.push(arg);
        }
        Ok((all, is_list))
    }

    /// The place of the first token tree.
    fn first_token(&self) -> Span {
        match self.token(0) {
            Some(token) => match token.kind {
                Kind::Open(_) => Span { start: token.start, end: self.tokens.get(token.close as usize).map_or(token.end, |t| t.end) },
                Kind::Lifetime => Span { start: token.start, end: token.start + 1 },
                _ => Self::span_of(token),
            },
            None => Span::default(),
        }
    }

    /// Reads something from here that may not be there; macro calls in it are read when it is.
    fn tried<T>(&mut self, one: impl Fn(&mut Self) -> Read<T>) -> Read<Option<T>> {
        let at = self.at;
        let outer = (self.dry, self.met_macro);
        (self.dry, self.met_macro) = (true, false);
        let mut result = self.attempt(&one);
        let again = self.met_macro;
        (self.dry, self.met_macro) = outer;
        if !self.dry && again && matches!(result, Ok(Some(_))) {
            self.at = at;
            result = self.attempt(&one);
        }
        self.met_macro |= again;
        result
    }

    fn one_arg(&mut self) -> Read<Arg> {
        let arg = |key: Expr, separator, value: Expr| {
            let span = key.span.to(value.span);
            Arg { key: Some(Box::new((key, separator))), value: Some(value), semicolon: false, span }
        };
        if self.is_name() && self.punct_at(1, b":") && !self.punct_at(1, b"::") {
            let path = self.path(true)?;
            let key = Expr { span: path.span, kind: ExprKind::Path(path.path) };
            self.expect(b":")?;
            let value = self.expr()?;
            return Ok(arg(key, Separator::Colon, value));
        }
        let first = self.expr_read()?;
        if self.eat(b"=>") {
            let value = self.expr()?;
            return Ok(arg(first.expr, Separator::FatArrow, value));
        }
        Ok(match (first.form, first.expr) {
            (Form::Assign, Expr { kind: ExprKind::Assign(left, right), .. }) => arg(*left, Separator::Equals, *right),
            (_, value) => Arg { key: None, span: value.span, value: Some(value), semicolon: false },
        })
    }

    /// Picks expressions and items out of a body, at its top level and in its groups.
    fn pick(&mut self, from: usize, to: usize, tries: &mut usize, found: &mut Vec<Arg>, call: &mut MacroCall) -> Read<()> {
        let (at, end) = (self.at, self.end);
        (self.at, self.end) = (from, to);
        let mut groups: Vec<(u8, usize, usize)> = Vec::new();
        while !self.is_empty() && *tries > 0 {
            let starts = !self.is_open(b'{') && !self.keyword("_") && !self.punct(b",") && !self.punct(b";");
            if starts {
                *tries -= 1;
                if let Some(value) = self.tried(Self::expr)? {
                    found.push(Arg { key: None, span: value.span, value: Some(value), semicolon: false });
                    continue;
                }
            }
            if let Some(token) = self.token(0)
                && let Kind::Open(delimiter) = token.kind
            {
                groups.push((delimiter, self.at + 1, token.close as usize));
            }
            self.skip_tree();
        }
        (self.at, self.end) = (at, end);
        for (delimiter, from, to) in groups {
            if *tries == 0 || self.macro_depth >= MAX_MACRO_DEPTH {
                return Ok(());
            }
            *tries -= 1;
            if delimiter == b'{' {
                if let Some(items) = self.within(from, to, |this| this.file_items(false))?
                    && !items.is_empty()
                {
                    call.items.extend(items);
                    continue;
                }
                let stmts: Option<Vec<Stmt>> = self.within(from, to, Self::stmts)?;
                if let Some(stmts) = stmts {
                    call.stmts.extend(stmts);
                    continue;
                }
            }
            self.macro_depth += 1;
            self.pick(from, to, tries, found, call)?;
            self.macro_depth -= 1;
        }
        Ok(())
    }
}
