//! Rust text straight to the tree, in one go and without a copy.
//!
//! Reads what real code holds, exactly as the other reader (syn, then `lower`) does, which `tests/grammar.rs` compares. At anything rare, odd or
//! wrong it gives up: then the other one reads the whole text again, and says what is wrong with it.

mod exprs;
mod generics;
mod items;
mod literals;
mod macros;
mod operators;
mod patterns;
mod stmts;
mod tokens;
mod types;

use compact_str::CompactString;

use super::parts::LeftOut;
use super::tree::{Block, File, Ident};
use crate::source::Span;
use tokens::{Kind, Token, with_tokens};

/// Levels of recursion, and links of a chain, beyond which the other reader looks whether it can be read at all.
const MAX_DEPTH: u32 = 400;

/// Why there is no tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    /// The text is not what was tried.
    Syntax,
    /// The other reader has to decide.
    Unsure,
}

type Read<T> = Result<T, Stop>;

/// Reads a file; `None` where the other reader has to.
pub(super) fn file(text: &str, preamble: usize, left_out: &LeftOut) -> Option<File> {
    let read = |tokens: &[Token]| {
        let mut grammar = Grammar::new(text, tokens, left_out);
        let mut attrs = Vec::new();
        grammar.inner_attrs(&mut attrs).ok()?;
        let items = grammar.items(false).ok()?;
        Some(File { attrs, items, skipped: left_out.skipped.clone() })
    };
    with_tokens(text, preamble..text.len(), &left_out.cuts, read)?
}

/// Reads a block, which these bytes are; `None` where the other reader has to.
pub(super) fn block(text: &str, body: Span) -> Option<Block> {
    let read = |tokens: &[Token]| {
        let left_out = LeftOut::default();
        let mut grammar = Grammar::new(text, tokens, &left_out);
        let block = grammar.block_with_attrs(&mut Vec::new()).ok()?;
        grammar.is_empty().then_some(block)
    };
    with_tokens(text, body.start as usize..body.end as usize, &[], read)?
}

/// A place in the tokens, and what is around it.
struct Grammar<'t> {
    text: &'t str,
    tokens: &'t [Token],
    /// The token that is next.
    at: usize,
    /// The end of the group around it.
    end: usize,
    depth: u32,
    /// Bodies of macro calls are passed over: it is only tried whether something can be read.
    dry: bool,
    /// Whether one was.
    met_macro: bool,
    /// Macro bodies around the current place.
    macro_depth: usize,
    left_out: &'t LeftOut,
}

impl<'t> Grammar<'t> {
    fn new(text: &'t str, tokens: &'t [Token], left_out: &'t LeftOut) -> Self {
        Grammar { text, tokens, at: 0, end: tokens.len(), depth: 0, dry: false, met_macro: false, macro_depth: 0, left_out }
    }

    fn is_empty(&self) -> bool {
        self.at >= self.end
    }

    /// The token `ahead` of the next, within the group.
    fn token(&self, ahead: usize) -> Option<&'t Token> {
        let index = self.at + ahead;
        if index < self.end { self.tokens.get(index) } else { None }
    }

    fn kind(&self, ahead: usize) -> Kind {
        self.token(ahead).map_or(Kind::End, |t| t.kind)
    }

    fn text_of(&self, token: &Token) -> &'t str {
        self.text.get(token.start as usize..token.end as usize).unwrap_or_default()
    }

    fn span_of(token: &Token) -> Span {
        Span { start: token.start, end: token.end }
    }

    /// The place of the next token.
    fn here(&self) -> Span {
        self.token(0).map_or_else(Span::default, Self::span_of)
    }

    /// The place of the token before the next.
    fn before(&self) -> Span {
        self.at.checked_sub(1).and_then(|i| self.tokens.get(i)).map_or_else(Span::default, Self::span_of)
    }

    /// Whether the token ahead is this keyword.
    fn keyword_at(&self, ahead: usize, word: &str) -> bool {
        self.token(ahead).is_some_and(|t| t.kind == Kind::Keyword && self.text_of(t) == word)
    }

    fn keyword(&self, word: &str) -> bool {
        self.keyword_at(0, word)
    }

    /// Whether the token ahead is a word of the language only by its place.
    fn name_at(&self, ahead: usize, word: &str) -> bool {
        self.token(ahead).is_some_and(|t| t.kind == Kind::Name && self.text_of(t) == word)
    }

    fn is_name_at(&self, ahead: usize) -> bool {
        matches!(self.kind(ahead), Kind::Name | Kind::RawName)
    }

    fn is_name(&self) -> bool {
        self.is_name_at(0)
    }

    /// Whether the token ahead is a word, keywords included.
    fn is_word_at(&self, ahead: usize) -> bool {
        matches!(self.kind(ahead), Kind::Name | Kind::RawName | Kind::Keyword)
    }

    fn is_literal(&self) -> bool {
        matches!(self.kind(0), Kind::Str | Kind::Char | Kind::Int | Kind::Float | Kind::OtherLiteral)
            || self.keyword("true")
            || self.keyword("false")
    }

    /// Whether the tokens ahead are the characters of this operator, whatever follows.
    fn punct_at(&self, ahead: usize, operator: &[u8]) -> bool {
        let last = operator.len().saturating_sub(1);
        operator
            .iter()
            .enumerate()
            .all(|(i, byte)| self.token(ahead + i).is_some_and(|t| t.kind == Kind::Punct(*byte) && (t.joint || i == last)))
    }

    fn punct(&self, operator: &[u8]) -> bool {
        self.punct_at(0, operator)
    }

    fn is_open_at(&self, ahead: usize, delimiter: u8) -> bool {
        self.kind(ahead) == Kind::Open(delimiter)
    }

    fn is_open(&self, delimiter: u8) -> bool {
        self.is_open_at(0, delimiter)
    }

    fn eat(&mut self, operator: &[u8]) -> bool {
        let found = self.punct(operator);
        if found {
            self.at += operator.len();
        }
        found
    }

    fn expect(&mut self, operator: &[u8]) -> Read<Span> {
        let first = self.here();
        if self.eat(operator) { Ok(first.to(self.before())) } else { Err(Stop::Syntax) }
    }

    fn eat_keyword(&mut self, word: &str) -> bool {
        let found = self.keyword(word);
        self.at += usize::from(found);
        found
    }

    fn expect_keyword(&mut self, word: &str) -> Read<Span> {
        let here = self.here();
        if self.eat_keyword(word) { Ok(here) } else { Err(Stop::Syntax) }
    }

    fn ident_of(&self, token: &Token) -> Ident {
        let text = self.text_of(token);
        Ident { name: CompactString::new(text.strip_prefix("r#").unwrap_or(text)), span: Self::span_of(token) }
    }

    /// A name.
    fn name(&mut self) -> Read<Ident> {
        if self.is_name() { self.any_word() } else { Err(Stop::Syntax) }
    }

    /// A name or keyword.
    fn any_word(&mut self) -> Read<Ident> {
        match self.token(0) {
            Some(token) if self.is_word_at(0) => {
                self.at += 1;
                Ok(self.ident_of(token))
            }
            _ => Err(Stop::Syntax),
        }
    }

    /// Reads what is inside of a group, all of it. Gives the group's place too.
    fn group<T>(&mut self, delimiter: u8, inside: impl FnOnce(&mut Self) -> Read<T>) -> Read<(T, Span)> {
        let Some(token) = self.token(0).filter(|t| t.kind == Kind::Open(delimiter)) else { return Err(Stop::Syntax) };
        let close = token.close as usize;
        let outer = std::mem::replace(&mut self.end, close);
        self.at += 1;
        let result = inside(self);
        let complete = self.at == close;
        self.end = outer;
        let value = result?;
        if !complete {
            return Err(Stop::Syntax);
        }
        self.at = close + 1;
        Ok((value, Span { start: token.start, end: self.before().end }))
    }

    /// Passes over the next token, or the whole group that starts with it.
    fn skip_tree(&mut self) {
        match self.token(0) {
            Some(Token { kind: Kind::Open(_), close, .. }) => self.at = *close as usize + 1,
            _ => self.at += 1,
        }
    }

    /// One level deeper.
    fn deeper<T>(&mut self, inside: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        self.depth += 1;
        let result = if self.depth > MAX_DEPTH { Err(Stop::Unsure) } else { inside(self) };
        self.depth -= 1;
        result
    }

    /// How many parts these characters divide the rest of the group into, at most. Lists that grow by themselves hold mostly air.
    fn parts(&self, divider: u8) -> usize {
        let (mut at, mut parts) = (self.at, 0);
        let mut divided = true;
        while let Some(token) = self.tokens.get(at).filter(|_| at < self.end) {
            parts += usize::from(divided);
            divided = token.kind == Kind::Punct(divider);
            at = if matches!(token.kind, Kind::Open(_)) { at.max(token.close as usize) + 1 } else { at + 1 };
        }
        parts
    }

    /// Elements with commas between them, up to the end of the group.
    fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let mut all = Vec::with_capacity(self.parts(b','));
        while !self.is_empty() {
            all.push(one(self)?);
            if self.is_empty() {
                break;
            }
            self.expect(b",")?;
        }
        Ok(all)
    }

    /// Tries something; where it is not there, nothing was read.
    fn attempt<T>(&mut self, one: impl FnOnce(&mut Self) -> Read<T>) -> Read<Option<T>> {
        let (at, end, depth) = (self.at, self.end, self.depth);
        match one(self) {
            Ok(value) => Ok(Some(value)),
            Err(Stop::Syntax) => {
                (self.at, self.end, self.depth) = (at, end, depth);
                Ok(None)
            }
            Err(Stop::Unsure) => Err(Stop::Unsure),
        }
    }
}
