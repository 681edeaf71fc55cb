//! syn's tree to ours: files, attributes, names, spans.
//!
//! Runs inside the thread that parsed. Spans come from proc-macro2's per-thread table, which is emptied after each file.

mod exprs;
mod items;
mod macros;
mod patterns;
mod types;

use proc_macro2::TokenStream;

use super::SyntaxError;
use super::parts::Compact;
use super::tree::{Arg, Attr, Block, File, Ident};
use crate::source::Span;

/// What every step needs: the text, and the copy of it that was parsed.
pub(super) struct Lower<'t> {
    text: &'t str,
    compact: &'t Compact,
    /// Where the lines of the copy start. proc-macro2 counts characters and keeps a tree of those it was asked for; lines and
    /// columns it gives at once.
    lines: Vec<usize>,
    is_ascii: bool,
    /// Macro bodies around the current place.
    macro_depth: usize,
}

/// Parses and lowers a whole file.
pub(super) fn file(text: &str, compact: &Compact) -> Result<File, SyntaxError> {
    let result = parse(text, compact, <syn::File as syn::parse::Parse>::parse).map(|(mut lower, parsed)| {
        let (attrs, items) = (lower.attrs(&parsed.attrs), parsed.items.iter().map(|i| lower.item(i)).collect());
        File { attrs, items, skipped: compact.left_out.skipped.clone() }
    });
    proc_macro2::extra::invalidate_current_thread_spans();
    result
}

/// Parses and lowers a block, the only thing in the text.
pub(super) fn block(text: &str, compact: &Compact) -> Result<Block, SyntaxError> {
    let whole = |input: syn::parse::ParseStream<'_>| {
        let inside;
        let brace_token = syn::braced!(inside in input);
        syn::Attribute::parse_inner(&inside)?;
        Ok(syn::Block { brace_token, stmts: inside.call(syn::Block::parse_within)? })
    };
    let result = parse(text, compact, whole).map(|(mut lower, parsed)| lower.block(&parsed));
    proc_macro2::extra::invalidate_current_thread_spans();
    result
}

fn parse<'t, P: syn::parse::Parser>(text: &'t str, compact: &'t Compact, parser: P) -> Result<(Lower<'t>, P::Output), SyntaxError> {
    let copy = compact.text.as_str();
    let lines = std::iter::once(0).chain(memchr::memchr_iter(b'\n', copy.as_bytes()).map(|at| at + 1)).collect();
    let lower = Lower { text, compact, lines, is_ascii: copy.is_ascii(), macro_depth: 0 };
    let tokens: TokenStream = copy.parse().map_err(|e: proc_macro2::LexError| not_a_token(text, lower.span(e.span())))?;
    let end = Span::new(text.trim_end().len(), text.trim_end().len());
    let parsed = parser.parse2(tokens).map_err(|e| {
        let span = lower.span(e.span());
        SyntaxError { message: e.to_string(), span: if span.is_empty() { end } else { span } }
    })?;
    Ok((lower, parsed))
}

/// Tokens come in brackets that match: at one that does not, the tokens end too.
fn not_a_token(text: &str, span: Span) -> SyntaxError {
    let message = match text.get(span.start as usize..).and_then(|rest| rest.chars().next()) {
        Some(close @ (')' | ']' | '}')) => format!("`{close}` does not close the bracket that is open here"),
        Some(open @ ('(' | '[' | '{')) => format!("`{open}` is never closed"),
        _ => "this is not a Rust token".to_owned(),
    };
    SyntaxError { message, span }
}

impl Lower<'_> {
    fn span(&self, span: proc_macro2::Span) -> Span {
        self.compact.span(self.byte(span.start()), self.byte(span.end()))
    }

    fn byte(&self, place: proc_macro2::LineColumn) -> usize {
        let start = place.line.checked_sub(1).and_then(|line| self.lines.get(line)).copied().unwrap_or_default();
        if self.is_ascii {
            return start + place.column;
        }
        let line = self.compact.text.get(start..).unwrap_or_default();
        line.char_indices().nth(place.column).map_or(self.compact.text.len(), |(at, _)| start + at)
    }

    fn ident(&self, ident: &syn::Ident) -> Ident {
        // Cheaper than to have proc-macro2 write the name.
        let span = ident.span();
        let (start, end) = (self.byte(span.start()), self.byte(span.end()));
        let name = self.compact.text.get(start..end).unwrap_or_default();
        Ident { name: name.strip_prefix("r#").unwrap_or(name).into(), span: self.compact.span(start, end) }
    }

    fn attrs(&mut self, attrs: &[syn::Attribute]) -> Vec<Attr> {
        attrs.iter().map(|a| self.attr(a)).collect()
    }

    fn attr(&mut self, attr: &syn::Attribute) -> Attr {
        let path = attr.path();
        let name = match path.get_ident() {
            // Of a doc comment the word is nowhere in the text.
            Some(ident) if ident == "doc" => "doc".into(),
            Some(ident) => self.ident(ident).name,
            None => path.segments.iter().map(|s| s.ident.to_string()).collect::<Vec<_>>().join("::").into(),
        };
        let span = self.span(attr.pound_token.span).to(self.span(attr.bracket_token.span.close()));
        let args = match &attr.meta {
            syn::Meta::Path(_) => Vec::new(),
            syn::Meta::List(list) => self.args(&list.tokens).0,
            syn::Meta::NameValue(pair) => {
                let value = self.expr(&pair.value);
                vec![Arg { key: None, span: value.span, value: Some(value), semicolon: false }]
            }
        };
        Attr { name, args, span }
    }
}
