//! Rust text to a tree of our own.
//!
//! `parts` leaves out what the caller will not look at, `grammar` reads the rest. What that gives up on, `nesting` looks whether it can be
//! parsed without deep recursion, syn parses, and `lower` turns syn's tree (which can't leave its thread) into `tree`. Knows nothing about metrics. Callers run `parse` and
//! whatever walks or drops the trees on threads with a big stack: `threads::on_big_stack`.

mod expand;
mod grammar;
mod lexer;
mod lower;
pub mod mentions;
mod nesting;
mod parts;
mod paste;
pub mod tree;
pub mod words;

pub use expand::{Expansion, Rules};

use crate::source::Span;
use parts::{Compact, LeftOut};
pub use parts::{Part, end_of_code};

/// Why a text could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// In words.
    pub message: String,
    /// Where.
    pub span: Span,
}

/// Parses a file.
///
/// # Errors
/// The first thing that is not Rust, or that is nested too deeply to be read.
pub fn parse(text: &str) -> Result<tree::File, SyntaxError> {
    parse_left(text, LeftOut::nothing(preamble(text)))
}

/// Parses a file without the bodies of functions and of modules for tests that `keep` refuses: such a function is `skipped` and has no doc
/// comments, and such a module is empty. Everything else is as `parse` gives it, at the same places.
///
/// # Errors
/// The first thing outside of what is left out that is not Rust, or that is nested too deeply to be read.
pub fn parse_parts(text: &str, keep: &dyn Fn(&Part<'_>) -> bool) -> Result<tree::File, SyntaxError> {
    match LeftOut::new(text, preamble(text), keep) {
        Some(left_out) => parse_left(text, left_out),
        None => parse(text),
    }
}

/// Parses the body of a function that `parse_parts` left out: these bytes of the file, braces included.
///
/// # Errors
/// The first thing that is not Rust, or that is nested too deeply to be read.
pub fn parse_body(text: &str, body: Span) -> Result<tree::Block, SyntaxError> {
    if let Some(block) = grammar::block(text, body) {
        return Ok(block);
    }
    let compact = Compact::part(text, body);
    check_nesting(&compact)?;
    lower::block(text, &compact)
}

fn parse_left(text: &str, left_out: LeftOut) -> Result<tree::File, SyntaxError> {
    match grammar::file(text, preamble(text), &left_out) {
        Some(file) => Ok(file),
        None => parse_with_syn(text, left_out),
    }
}

/// What the direct reader gives for a whole file; `None` where it gives up. For tests that compare the two.
#[doc(hidden)]
pub fn parse_directly(text: &str) -> Option<tree::File> {
    grammar::file(text, preamble(text), &LeftOut::nothing(preamble(text)))
}

/// What the other reader gives for a whole file. For tests that compare the two.
///
/// # Errors
/// Those of `parse`.
#[doc(hidden)]
pub fn parse_by_syn(text: &str) -> Result<tree::File, SyntaxError> {
    parse_with_syn(text, LeftOut::nothing(preamble(text)))
}

/// Reads what `grammar` gave up on.
fn parse_with_syn(text: &str, left_out: LeftOut) -> Result<tree::File, SyntaxError> {
    let compact = Compact::new(text, left_out);
    check_nesting(&compact)?;
    lower::file(text, &compact)
}

fn check_nesting(compact: &Compact) -> Result<(), SyntaxError> {
    nesting::check(&compact.text, 0).map_err(|deep| {
        let span = compact.span(deep.span.start as usize, deep.span.end as usize);
        SyntaxError { message: deep.message, span }
    })
}

/// Bytes of a byte order mark, a `#!` line, and the front matter of a script that Cargo runs.
fn preamble(text: &str) -> usize {
    let at = first_line(text);
    let rest = text.get(at..).unwrap_or_default();
    let matter = rest.trim_start();
    let fence = matter.len() - matter.trim_start_matches('-').len();
    if fence < 3 {
        return at;
    }
    let closing = format!("\n{}", "-".repeat(fence));
    let close = matter.find(&closing).map(|close| at + rest.len() - matter.len() + close + closing.len());
    close.unwrap_or(at)
}

/// Bytes of a byte order mark and a `#!` line.
fn first_line(text: &str) -> usize {
    let bom = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let rest = text.get(bom..).unwrap_or_default();
    let is_attribute = rest.strip_prefix("#!").is_some_and(|r| r.trim_start().starts_with('['));
    if rest.starts_with("#!") && !is_attribute { bom + rest.find('\n').unwrap_or(rest.len()) } else { bom }
}

#[cfg(test)]
mod tests;
