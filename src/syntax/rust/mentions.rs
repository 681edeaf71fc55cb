//! Where names stand in Rust text, and which methods are called on them.
//!
//! Works on tokens: what is asked for may stand in any function, and few functions are worth a tree. Leaves out comments, strings and
//! test code.

use super::lexer::{prefixed, quote, string, trivia, word};
use super::parts::{LeftOut, Part};
use crate::source::Span;

/// A name in the text, other than as that of a function, macro, module or type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention<'t> {
    /// The name.
    pub name: &'t str,
    /// Its bytes.
    pub span: Span,
    /// How it stands there.
    pub role: Role<'t>,
    /// Names of the functions or methods whose arguments it is directly in, the innermost first.
    pub within: Vec<&'t str>,
}

/// How a name stands in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role<'t> {
    /// It is given its meaning or only carried on under the same name: a declaration, a field, an import.
    Named,
    /// Methods are called on it, one on the result of the other.
    Called {
        /// The calls, from left to right.
        calls: Vec<Call<'t>>,
        /// The whole expression, from the name on.
        span: Span,
        /// Whether nothing is done with the result.
        discarded: bool,
    },
    /// Anything else.
    Other,
}

/// A call of a method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call<'t> {
    /// The method's name.
    pub method: &'t str,
    /// What is between its parentheses.
    pub args: Span,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Open,
    Close,
    Path,
    Other(u8),
}

#[derive(Clone, Copy)]
struct Token {
    kind: Kind,
    start: u32,
    end: u32,
    /// The other bracket of a pair.
    mate: usize,
}

/// Every mention of the names that stand at `places`, which are in order; with `tests`, also those in test code.
pub fn mentions<'t>(text: &'t str, places: &[(usize, &str)], tests: bool) -> Vec<Mention<'t>> {
    let holds_one = |part: &Part<'_>| {
        let start = part.brace as usize;
        let first = places.partition_point(|(at, _)| *at < start);
        places.get(first).is_some_and(|(at, _)| *at <= start + part.body.len())
    };
    // Where delimiters do not match, nothing is left out.
    let left_out = LeftOut::new(text, 0, &holds_one).unwrap_or_default();
    let tokens = Tokens::of(text, &left_out.cuts);
    let skipped = if tests { Vec::new() } else { tokens.test_code() };
    let mut found = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut places = places.iter().map(|(at, _)| *at).peekable();
    for (at, token) in tokens.all.iter().enumerate() {
        match token.kind {
            Kind::Open => open.push(at),
            Kind::Close => _ = open.pop(),
            Kind::Word => {
                let start = token.start as usize;
                while places.next_if(|place| *place < start).is_some() {}
                if places.peek() != Some(&start) || skipped.iter().any(|r| r.contains(&at)) {
                    continue;
                }
                if let Some(role) = tokens.role(at, &open) {
                    let span = Span { start: token.start, end: token.end };
                    found.push(Mention { name: tokens.text(at), span, role, within: tokens.within(&open) });
                }
            }
            Kind::Path | Kind::Other(_) => {}
        }
    }
    found
}

struct Tokens<'t> {
    source: &'t str,
    all: Vec<Token>,
}

impl<'t> Tokens<'t> {
    fn of(source: &'t str, cuts: &[(usize, usize)]) -> Self {
        let bytes = source.as_bytes();
        let (mut all, mut open): (Vec<Token>, Vec<usize>) = (Vec::new(), Vec::new());
        let mut cuts = cuts.iter().copied().peekable();
        let mut at = 0;
        loop {
            while let Some((_, end)) = cuts.next_if(|(start, _)| *start <= at) {
                at = at.max(end);
            }
            let Some(&byte) = bytes.get(at) else { break };
            if let Some(end) = trivia(bytes, at) {
                at = end;
                continue;
            }
            let start = at;
            let kind = match byte {
                b'(' | b'[' | b'{' => {
                    at += 1;
                    Kind::Open
                }
                b')' | b']' | b'}' => {
                    at += 1;
                    Kind::Close
                }
                b'"' => {
                    at = string(bytes, at + 1);
                    Kind::Other(b'"')
                }
                b'\'' => {
                    at = quote(bytes, at).max(at + 1);
                    Kind::Other(b'\'')
                }
                b'r' | b'b' | b'c' if let Some(end) = prefixed(bytes, at) => {
                    at = end;
                    Kind::Other(b'"')
                }
                b'_' | b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => {
                    at = word(bytes, at).max(at + 1);
                    Kind::Word
                }
                b'0'..=b'9' => {
                    at = word(bytes, at);
                    Kind::Other(b'0')
                }
                b':' if bytes.get(at + 1) == Some(&b':') => {
                    at += 2;
                    Kind::Path
                }
                other => {
                    at += 1;
                    Kind::Other(other)
                }
            };
            let Span { start, end } = Span::new(start, at);
            let here = all.len();
            let mut mate = here;
            match kind {
                Kind::Open => open.push(here),
                Kind::Close => {
                    if let Some(first) = open.pop() {
                        mate = first;
                        if let Some(token) = all.get_mut(first) {
                            token.mate = here;
                        }
                    }
                }
                _ => {}
            }
            all.push(Token { kind, start, end, mate });
        }
        Tokens { source, all }
    }

    fn get(&self, at: usize) -> Option<&Token> {
        self.all.get(at)
    }

    fn kind(&self, at: usize) -> Option<Kind> {
        self.get(at).map(|t| t.kind)
    }

    fn is(&self, at: usize, byte: u8) -> bool {
        match self.get(at) {
            Some(Token { kind: Kind::Other(b), .. }) => *b == byte,
            Some(Token { kind: Kind::Open | Kind::Close, start, .. }) => self.source.as_bytes().get(*start as usize) == Some(&byte),
            _ => false,
        }
    }

    fn text(&self, at: usize) -> &'t str {
        self.get(at).and_then(|t| self.source.get(t.start as usize..t.end as usize)).unwrap_or_default()
    }

    fn before(&self, at: usize) -> Option<Kind> {
        at.checked_sub(1).and_then(|b| self.kind(b))
    }

    fn word_before(&self, at: usize) -> &'t str {
        match at.checked_sub(1) {
            Some(before) if self.kind(before) == Some(Kind::Word) => self.text(before),
            _ => "",
        }
    }

    /// Tokens of items that only tests compile.
    fn test_code(&self) -> Vec<std::ops::Range<usize>> {
        let mut found = Vec::new();
        let mut at = 0;
        while at + 1 < self.all.len() {
            let starts = self.is(at, b'#') && self.is(at + 1, b'[');
            let Some(end) = starts.then(|| self.get(at + 1).map(|t| t.mate)).flatten().filter(|end| *end > at + 1) else {
                at += 1;
                continue;
            };
            let words: Vec<&str> = (at + 2..end).filter(|i| self.kind(*i) == Some(Kind::Word)).map(|i| self.text(i)).collect();
            let only_tests = match words.first() {
                Some(&"cfg") => words.contains(&"test") && !words.contains(&"not") && !words.contains(&"any"),
                Some(_) => words.last() == Some(&"test"),
                None => false,
            };
            if !only_tests {
                at = end + 1;
                continue;
            }
            let last = self.end_of_item(end + 1);
            found.push(at..last + 1);
            at = last.max(end) + 1;
        }
        found
    }

    /// The last token of an item, statement, field or arm that begins, attributes included, at a token.
    fn end_of_item(&self, start: usize) -> usize {
        let mut at = start;
        while self.is(at, b'#') && self.is(at + 1, b'[') {
            at = self.get(at + 1).map_or(at, |t| t.mate.max(at + 1)) + 1;
        }
        while matches!(self.text(at), "pub" | "async" | "unsafe" | "default") {
            at += 1;
            if self.is(at, b'(') {
                at = self.get(at).map_or(at, |t| t.mate.max(at)) + 1;
            }
        }
        // Generic parameters and bounds hold commas; a field ends with one.
        let item = ["fn", "mod", "struct", "impl", "enum", "trait", "use", "static", "const", "type", "macro_rules", "let", "extern"];
        let is_item = item.contains(&self.text(at));
        while at < self.all.len() {
            match self.get(at) {
                Some(Token { kind: Kind::Close, .. }) => return at.saturating_sub(1),
                Some(Token { kind: Kind::Other(b';'), .. }) => return at,
                Some(Token { kind: Kind::Other(b','), .. }) if !is_item => return at,
                Some(Token { kind: Kind::Open, mate, .. }) => {
                    let block = self.is(at, b'{');
                    at = (*mate).max(at);
                    if block && (is_item || !self.is(at + 1, b',')) && !self.is(at + 1, b';') {
                        return at;
                    }
                    at += 1;
                }
                _ => at += 1,
            }
        }
        at
    }

    fn role(&self, at: usize, open: &[usize]) -> Option<Role<'t>> {
        let next = self.kind(at + 1);
        // The name of a function, macro, module or type.
        if next == Some(Kind::Path) || self.is(at + 1, b'(') || self.is(at + 1, b'!') && matches!(self.kind(at + 2), Some(Kind::Open)) {
            return None;
        }
        let word = self.word_before(at);
        if matches!(word, "fn" | "struct" | "enum" | "mod" | "trait" | "type" | "impl" | "macro_rules") {
            return None;
        }
        let borrowed = word == "mut" && at.checked_sub(2).is_some_and(|b| self.is(b, b'&'));
        let assigned = self.is(at + 1, b'=') && !self.is(at + 2, b'=') && !self.is(at + 2, b'>');
        if matches!(word, "let" | "static" | "const" | "ref" | "for") || word == "mut" && !borrowed || self.is(at + 1, b':') || assigned {
            return Some(Role::Named);
        }
        if self.in_use(at) {
            return Some(if self.text(at + 1) == "as" { Role::Other } else { Role::Named });
        }
        if self.is_shorthand(at, open) {
            return Some(Role::Named);
        }
        let (mut calls, mut end) = self.calls(at);
        // `with_label!(self.latency, method).observe(3.0)`: what is called on the macro's value is called on what it is given first.
        if calls.is_empty()
            && let Some(close) = self.first_of_macro(at, open)
        {
            (calls, end) = self.calls(close);
        }
        if calls.is_empty() {
            return Some(if self.repeats(at) { Role::Named } else { Role::Other });
        }
        if calls.iter().all(|c| c.method == "clone") && self.repeats(at) {
            return Some(Role::Named);
        }
        let start = self.get(at).map_or(0, |t| t.start);
        let span = Span { start, end: self.get(end).map_or(start, |t| t.end) };
        Some(Role::Called { calls, span, discarded: self.is_discarded(at, end) })
    }

    /// The closing bracket of a macro call, where a name with the path to it is all of the first argument.
    fn first_of_macro(&self, at: usize, open: &[usize]) -> Option<usize> {
        let first = *open.last()?;
        let is_macro = first >= 2 && self.is(first - 1, b'!') && self.kind(first - 2) == Some(Kind::Word);
        let close = self.get(first).map(|t| t.mate).filter(|close| *close > at)?;
        let alone = self.is(at + 1, b',') && (first + 1..at).all(|i| self.text(i) == "self" || self.is(i, b'.') || self.is(i, b'&'));
        (is_macro && alone).then_some(close)
    }

    /// `.a(..).b(..)` after a name, and the last token of it.
    fn calls(&self, at: usize) -> (Vec<Call<'t>>, usize) {
        let (mut calls, mut end) = (Vec::new(), at);
        loop {
            if self.is(end + 1, b'?') || self.is(end + 1, b'.') && self.text(end + 2) == "await" {
                end += if self.is(end + 1, b'?') { 1 } else { 2 };
                continue;
            }
            if self.is(end + 1, b'[')
                && let Some(close) = self.get(end + 1).map(|t| t.mate)
                && close > end
            {
                end = close;
                continue;
            }
            let method = self.is(end + 1, b'.') && self.kind(end + 2) == Some(Kind::Word) && self.is(end + 3, b'(');
            let Some((open, close)) = method.then(|| self.get(end + 3).map(|t| (t.end, t.mate))).flatten() else { break };
            let Some(args) = self.get(close).filter(|_| close > end + 3) else { break };
            calls.push(Call { method: self.text(end + 2), args: Span { start: open, end: args.start } });
            end = close;
        }
        // A field of it: something else is called.
        if self.is(end + 1, b'.') && self.kind(end + 2) != Some(Kind::Other(b'.')) {
            calls.clear();
        }
        (calls, end)
    }

    /// Whether the name is one of those in a `use`.
    fn in_use(&self, at: usize) -> bool {
        let mut here = at;
        while let Some(before) = here.checked_sub(1) {
            match self.kind(before) {
                Some(Kind::Word) if self.text(before) == "use" => return true,
                Some(Kind::Word | Kind::Path) => {}
                Some(Kind::Other(b',' | b'*')) => {}
                Some(Kind::Open) if self.is(before, b'{') => {}
                _ => return false,
            }
            here = before;
        }
        false
    }

    /// `a` of `Struct { a, b }`, be it a value or a pattern.
    fn is_shorthand(&self, at: usize, open: &[usize]) -> bool {
        let braced = open.last().is_some_and(|o| self.is(*o, b'{') && self.before(*o) == Some(Kind::Word));
        let comma = |at: Option<usize>| at.is_some_and(|at| self.is(at, b','));
        let (before, after) = (at.checked_sub(1), at + 1);
        let fits = |at: Option<usize>, bracket: u8| comma(at) || at.is_some_and(|at| self.is(at, bracket));
        braced && fits(before, b'{') && fits(Some(after), b'}') && (comma(before) || comma(Some(after)))
    }

    /// `a: a` and `a: a.clone()`.
    fn repeats(&self, at: usize) -> bool {
        let (Some(colon), Some(key)) = (at.checked_sub(1), at.checked_sub(2)) else { return false };
        self.is(colon, b':') && self.text(key) == self.text(at)
    }

    /// Whether the expression that holds the name is a statement of its own, or is put into `_`.
    fn is_discarded(&self, at: usize, end: usize) -> bool {
        if !self.is(end + 1, b';') {
            return false;
        }
        let mut start = at;
        while let Some(before) = start.checked_sub(1) {
            match self.kind(before) {
                Some(Kind::Word | Kind::Path | Kind::Other(b'.')) if !matches!(self.text(before), "return" | "break" | "in") => {
                    start = before;
                }
                Some(Kind::Close) if self.is(before, b')') => start = self.get(before).map_or(before, |t| t.mate),
                _ => break,
            }
        }
        let Some(before) = start.checked_sub(1) else { return true };
        self.is(before, b';')
            || self.is(before, b'{')
            || self.is(before, b'}')
            || self.is(before, b'=') && before.checked_sub(1).is_some_and(|b| self.text(b) == "_")
    }

    /// What is called with the arguments that hold the current token.
    fn within(&self, open: &[usize]) -> Vec<&'t str> {
        open.iter().rev().map_while(|o| if self.is(*o, b'(') { Some(self.word_before(*o)) } else { None }).take(3).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let one = |m: Mention<'_>| match m.role {
            Role::Named => "named".to_owned(),
            Role::Other => format!("other {}", m.within.join(" ")).trim_end().to_owned(),
            Role::Called { calls, discarded, .. } => {
                let names: Vec<&str> = calls.iter().map(|c| c.method).collect();
                format!("{}{}", names.join("."), if discarded { ";" } else { "" })
            }
        };
        let places: Vec<(usize, &str)> = text.match_indices('X').collect();
        mentions(text, &places, false).into_iter().map(one).collect()
    }

    #[test]
    fn roles() {
        for (text, expected) in [
            ("use a::{X, Y};", "named"),
            ("static X: A = new();", "named"),
            ("fn f(X: &A) { X.inc(); }", "named|inc;"),
            ("fn f() { self.X.with(&[a(\")\")]).inc_by(1) }", "with.inc_by"),
            ("fn f() { let _ = X.with(&[\"a\"]); m::X.with(b); }", "with;|with;"),
            ("fn f() { r.register(Box::new(X.clone())) }", "clone"),
            ("fn f() { g(&X, 1) }", "other g"),
            ("fn f() { S { a, X, b } }", "named"),
            ("fn f() { S { X: X.clone(), y: X } }", "named|named|other"),
            ("fn f() { X }", "other"),
            ("fn f() { X.field.inc(); X(1); X::new(); X! {} }", "other"),
            ("// X.inc()\n/* X */ \"X\"; 'X'; X?.inc();", "inc;"),
            ("#[cfg(test)] mod t { fn f() { X.set(1); } } fn g() { X.dec() }", "dec"),
            ("#[test] fn f() { X.set(1); } #[cfg(not(test))] fn g() { X.dec() }", "dec"),
            ("struct S { #[cfg(test)] a: u8, X: A } impl S { fn f() { X.inc() } }", "named|inc"),
            ("fn f() { #[cfg(test)] let a = { 1 }; X.inc() }", "inc"),
            ("#[cfg(test)] impl<A, B> S<A, B> where A: C, B: D { fn f() { X.inc() } } fn f() { X.dec() }", "dec"),
            ("fn f() { X[i].inc(); X = y; }", "inc;|named"),
        ] {
            assert_eq!(shown(text).join("|"), expected, "{text}");
        }
    }

    #[test]
    fn broken_text_is_read_as_far_as_it_goes() {
        for text in ["X.inc(", "X.", "}}} X", "#[test", "X[", "{ X", "#[cfg(test)] mod x {", "let X", "'"] {
            mentions(text, &(0..text.len()).map(|at| (at, "X")).collect::<Vec<_>>(), false);
        }
    }
}
