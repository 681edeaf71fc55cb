//! Macro calls: bodies are free-form, so each is read in the first way that fits.
//!
//! In order: a list of arguments, items (`lazy_static!`), statements, and otherwise whatever expressions can be picked out.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::{Ident, Token};

use super::Lower;
use crate::source::Span;
use crate::syntax::rust::nesting;
use crate::syntax::rust::tree::{Arg, Expr, ExprKind, MacroCall, Separator};

/// Macro calls inside bodies of macro calls are read down to here.
const MAX_MACRO_DEPTH: usize = 12;
/// Tries to find an expression in a body that reads as nothing known, before it is left alone.
const MAX_TRIES: usize = 200;

enum RawArg {
    Plain(Box<syn::Expr>),
    Keyed(Box<syn::Expr>, Separator, Box<syn::Expr>),
    Tokens(proc_macro2::Span),
}

impl Lower<'_> {
    /// A macro call and its span.
    pub(super) fn macro_call(&mut self, mac: &syn::Macro) -> (MacroCall, Span) {
        let body = self.body(mac);
        let mut call =
            MacroCall { path: self.path(&mac.path), args: Vec::new(), is_list: false, items: Vec::new(), stmts: Vec::new(), body };
        let span = self.path_span(&mac.path).to(Span { start: body.end, end: body.end.saturating_add(1) });
        if self.macro_depth < MAX_MACRO_DEPTH && nesting::check(body.text(self.text), self.macro_depth + 1).is_ok() {
            self.macro_depth += 1;
            self.macro_body(&mac.tokens, &mut call);
            self.macro_depth -= 1;
        }
        (call, span)
    }

    /// The bytes between the delimiters.
    pub(super) fn body(&self, mac: &syn::Macro) -> Span {
        let delimiters = match &mac.delimiter {
            syn::MacroDelimiter::Paren(d) => d.span,
            syn::MacroDelimiter::Brace(d) => d.span,
            syn::MacroDelimiter::Bracket(d) => d.span,
        };
        let (open, close) = (self.span(delimiters.open()), self.span(delimiters.close()));
        Span { start: open.end, end: close.start.max(open.end) }
    }

    fn macro_body(&mut self, tokens: &TokenStream, call: &mut MacroCall) {
        let (args, is_list) = self.args(tokens);
        if is_list {
            call.args = args;
            call.is_list = true;
            return;
        }
        if let Ok(file) = syn::parse2::<syn::File>(without_static_ref(tokens)) {
            call.items = file.items.iter().map(|i| self.item(i)).collect();
            return;
        }
        if let Ok(stmts) = syn::Block::parse_within.parse2(tokens.clone()) {
            call.stmts = stmts.iter().map(|s| self.stmt(s)).collect();
            return;
        }
        call.args = args;
        let mut tries = MAX_TRIES;
        let mut found = Vec::new();
        self.pick(tokens, &mut tries, &mut found, call);
        // What the list reading got hold of is found again here, and more.
        if !found.is_empty() {
            call.args = found;
        }
    }

    /// The arguments of a body, and whether every one reads as an expression.
    pub(super) fn args(&mut self, tokens: &TokenStream) -> (Vec<Arg>, bool) {
        let Ok(raw) = raw_args.parse2(tokens.clone()) else { return (Vec::new(), false) };
        let mut is_list = true;
        let args = raw
            .iter()
            .map(|(arg, semicolon)| match arg {
                RawArg::Plain(value) => {
                    let value = self.expr(value);
                    Arg { key: None, span: value.span, value: Some(value), semicolon: *semicolon }
                }
                RawArg::Keyed(key, separator, value) => {
                    let (key, value) = (self.expr(key), self.expr(value));
                    let span = key.span.to(value.span);
                    Arg { key: Some(Box::new((key, *separator))), value: Some(value), semicolon: *semicolon, span }
                }
                RawArg::Tokens(first) => {
                    is_list = false;
                    Arg { key: None, value: None, semicolon: *semicolon, span: self.span(*first) }
                }
            })
            .collect();
        (args, is_list)
    }

    /// Picks expressions and items out of a body, at its top level and in its groups.
    fn pick(&mut self, tokens: &TokenStream, tries: &mut usize, found: &mut Vec<Arg>, call: &mut MacroCall) {
        let left = std::cell::Cell::new(*tries);
        let parser = |input: ParseStream<'_>| {
            let mut exprs = Vec::new();
            let mut groups = Vec::new();
            while !input.is_empty() {
                if left.get() == 0 {
                    break;
                }
                let fork = input.fork();
                let starts = !input.peek(syn::token::Brace) && !input.peek(Token![_]) && !input.peek(Token![,]) && !input.peek(Token![;]);
                if starts {
                    left.set(left.get() - 1);
                    if let Ok(expr) = fork.parse::<syn::Expr>() {
                        syn::parse::discouraged::Speculative::advance_to(input, &fork);
                        exprs.push(expr);
                        continue;
                    }
                }
                if input.peek(syn::Lifetime) {
                    input.parse::<syn::Lifetime>()?;
                    continue;
                }
                // A doc comment is a `#[doc = ".."]` of which each token has the place of the whole.
                if input.peek(Token![#]) && self.span(input.span()).len() > 1 {
                    input.parse::<Token![#]>()?;
                    input.parse::<Option<Token![!]>>()?;
                    input.parse::<TokenTree>()?;
                    continue;
                }
                match input.parse::<TokenTree>()? {
                    TokenTree::Group(group) => groups.push(group),
                    _ => continue,
                }
            }
            // The rest of a body that took too many tries is left alone.
            input.parse::<TokenStream>()?;
            Ok((exprs, groups))
        };
        let result: syn::Result<(Vec<syn::Expr>, Vec<Group>)> = parser.parse2(tokens.clone());
        *tries = left.get();
        let Ok((exprs, groups)) = result else { return };
        for expr in &exprs {
            let value = self.expr(expr);
            found.push(Arg { key: None, span: value.span, value: Some(value), semicolon: false });
        }
        for group in &groups {
            if *tries == 0 || self.macro_depth >= MAX_MACRO_DEPTH {
                return;
            }
            *tries -= 1;
            let inner = group.stream();
            if group.delimiter() == Delimiter::Brace {
                if let Ok(file) = syn::parse2::<syn::File>(inner.clone())
                    && !file.items.is_empty()
                {
                    call.items.extend(file.items.iter().map(|i| self.item(i)));
                    continue;
                }
                if let Ok(stmts) = syn::Block::parse_within.parse2(inner.clone()) {
                    call.stmts.extend(stmts.iter().map(|s| self.stmt(s)));
                    continue;
                }
            }
            self.macro_depth += 1;
            self.pick(&inner, tries, found, call);
            self.macro_depth -= 1;
        }
    }
}

/// `lazy_static!` writes `static ref NAME`; without `ref` it is an item.
fn without_static_ref(tokens: &TokenStream) -> TokenStream {
    let mut after_static = false;
    tokens
        .clone()
        .into_iter()
        .filter(|token| {
            let word = match token {
                TokenTree::Ident(ident) => Some(ident.to_string()),
                _ => None,
            };
            let drop = after_static && word.as_deref() == Some("ref");
            after_static = word.as_deref() == Some("static");
            !drop
        })
        .collect()
}

fn raw_args(input: ParseStream<'_>) -> syn::Result<Vec<(RawArg, bool)>> {
    let mut args = Vec::new();
    while !input.is_empty() {
        let first = input.span();
        let fork = input.fork();
        let arg = match one_arg(&fork) {
            Ok(arg) if fork.is_empty() || fork.peek(Token![,]) || fork.peek(Token![;]) => {
                syn::parse::discouraged::Speculative::advance_to(input, &fork);
                arg
            }
            _ => {
                while !input.is_empty() && !input.peek(Token![,]) && !input.peek(Token![;]) {
                    input.parse::<TokenTree>()?;
                }
                RawArg::Tokens(first)
            }
        };
        let semicolon = input.peek(Token![;]);
        if !input.is_empty() {
            input.parse::<TokenTree>()?;
        }
        args.push((arg, semicolon));
    }
    Ok(args)
}

fn one_arg(input: ParseStream<'_>) -> syn::Result<RawArg> {
    if input.peek(Ident) && input.peek2(Token![:]) && !input.peek2(Token![::]) {
        let key = input.parse::<syn::ExprPath>()?;
        input.parse::<Token![:]>()?;
        return Ok(RawArg::Keyed(Box::new(syn::Expr::Path(key)), Separator::Colon, Box::new(input.parse()?)));
    }
    let first: syn::Expr = input.parse()?;
    if input.peek(Token![=>]) {
        input.parse::<Token![=>]>()?;
        return Ok(RawArg::Keyed(Box::new(first), Separator::FatArrow, Box::new(input.parse()?)));
    }
    Ok(match first {
        syn::Expr::Assign(assign) => RawArg::Keyed(assign.left, Separator::Equals, assign.right),
        other => RawArg::Plain(Box::new(other)),
    })
}

impl MacroCall {
    /// The values of the arguments without a key, in order.
    pub fn positional(&self) -> impl Iterator<Item = &Expr> {
        self.args.iter().filter(|a| a.key.is_none()).filter_map(|a| a.value.as_ref())
    }

    /// Whether the macro's last path segment is `name`.
    pub fn is(&self, name: &str) -> bool {
        self.path.last() == name
    }
}

impl Expr {
    /// The decoded text of a string literal.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            ExprKind::Lit(crate::syntax::rust::tree::Lit::Str(text)) => Some(text),
            _ => None,
        }
    }
}
