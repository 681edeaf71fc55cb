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
use super::tree::{Arg, Attr, File, Ident};
use crate::source::Span;

/// What every step needs: the text, and where the parsed part of it starts.
pub(super) struct Lower<'t> {
    text: &'t str,
    /// Bytes before the parsed text (byte order mark, `#!` line).
    offset: usize,
    /// Macro bodies around the current place.
    macro_depth: usize,
}

/// Parses and lowers a whole file.
pub(super) fn file(text: &str) -> Result<File, SyntaxError> {
    let offset = preamble(text);
    let result = parse(text, offset);
    proc_macro2::extra::invalidate_current_thread_spans();
    result
}

fn parse(text: &str, offset: usize) -> Result<File, SyntaxError> {
    let mut lower = Lower { text, offset, macro_depth: 0 };
    let tokens: TokenStream = text
        .get(offset..)
        .unwrap_or_default()
        .parse()
        .map_err(|e: proc_macro2::LexError| SyntaxError { message: "this is not a Rust token".into(), span: lower.span(e.span()) })?;
    let end = Span::new(text.trim_end().len(), text.trim_end().len());
    let parsed: syn::File = syn::parse2(tokens).map_err(|e| {
        let span = lower.span(e.span());
        SyntaxError { message: e.to_string(), span: if span.is_empty() { end } else { span } }
    })?;
    Ok(File { attrs: lower.attrs(&parsed.attrs), items: parsed.items.iter().map(|i| lower.item(i)).collect() })
}

/// Bytes of a byte order mark and a `#!` line.
fn preamble(text: &str) -> usize {
    let bom = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let rest = text.get(bom..).unwrap_or_default();
    let is_attribute = rest.strip_prefix("#!").is_some_and(|r| r.trim_start().starts_with('['));
    if rest.starts_with("#!") && !is_attribute { bom + rest.find('\n').unwrap_or(rest.len()) } else { bom }
}

impl Lower<'_> {
    fn span(&self, span: proc_macro2::Span) -> Span {
        let range = span.byte_range();
        Span::new(range.start + self.offset, range.end + self.offset)
    }

    fn ident(&self, ident: &syn::Ident) -> Ident {
        let name = ident.to_string();
        let name = name.strip_prefix("r#").map_or_else(|| name.clone(), str::to_owned);
        Ident { name: name.into(), span: self.span(ident.span()) }
    }

    fn attrs(&mut self, attrs: &[syn::Attribute]) -> Vec<Attr> {
        attrs.iter().map(|a| self.attr(a)).collect()
    }

    fn attr(&mut self, attr: &syn::Attribute) -> Attr {
        let path = attr.path();
        let name = path.segments.iter().map(|s| s.ident.to_string()).collect::<Vec<_>>().join("::");
        let span = self.span(attr.pound_token.span).to(self.span(attr.bracket_token.span.close()));
        let args = match &attr.meta {
            syn::Meta::Path(_) => Vec::new(),
            syn::Meta::List(list) => self.args(&list.tokens).0,
            syn::Meta::NameValue(pair) => {
                let value = self.expr(&pair.value);
                vec![Arg { key: None, span: value.span, value: Some(value), semicolon: false }]
            }
        };
        Attr { name: name.into(), args, span }
    }
}
