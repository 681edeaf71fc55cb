//! Expands a `macro_rules!` macro: the text that a call stands for, and where each part of it comes from.
//!
//! Works on tokens, as the compiler does: rules are tried in order, fragments are what syn parses them as. The result is text
//! again, so that it can be parsed like a file.

use std::collections::HashMap;
use std::ops::Range;

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};

use super::nesting;
use super::paste::{ends_in_paste, is_call, pasted, recased};
use crate::source::Span;

/// Longest text that an expansion may have, in bytes.
const MAX_TEXT: usize = 1 << 20;
/// Rounds of all repetitions of one expansion.
const MAX_ROUNDS: usize = 20_000;

/// What a call stands for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expansion {
    /// The text.
    pub text: String,
    /// Parts of the text that stand in the call: their bytes here, and in the call's body.
    pub pieces: Vec<(Span, Span)>,
}

/// The rules of a macro, read once for all calls that a thread expands.
#[derive(Debug)]
pub struct Rules(Result<Vec<Rule>, &'static str>);

#[derive(Debug)]
struct Rule {
    pattern: Vec<Pattern>,
    body: Vec<Part>,
    /// Whether a rule of a form that is not known follows.
    before_unknown: bool,
}

impl Rules {
    /// Reads the text between the delimiters of the `macro_rules!`.
    pub fn new(rules: &str) -> Self {
        if is_deep(rules) {
            return Rules(Err(TOO_DEEP));
        }
        let Ok(tokens) = rules.parse::<TokenStream>() else { return Rules(Err("its rules are no tokens")) };
        let mut tokens = tokens.into_iter();
        let mut all: Vec<Rule> = Vec::new();
        while let Some(TokenTree::Group(pattern)) = tokens.next() {
            let (Some(TokenTree::Punct(_)), Some(TokenTree::Punct(_)), Some(TokenTree::Group(body))) =
                (tokens.next(), tokens.next(), tokens.next())
            else {
                match all.last_mut() {
                    Some(last) => last.before_unknown = true,
                    None => return Rules(Err(UNKNOWN_FORM)),
                }
                break;
            };
            all.push(Rule { pattern: patterns(pattern.stream()), body: parts(body.stream()), before_unknown: false });
            tokens.next();
        }
        Rules(Ok(all))
    }

    /// Expands a call: `call` is the text between its delimiters, `krate` what `$crate` stands for.
    ///
    /// # Errors
    /// In words, why there is no expansion.
    pub fn expand(&self, call: &str, krate: &str) -> Result<Expansion, &'static str> {
        if is_deep(call) {
            return Err(TOO_DEEP);
        }
        let rules = self.0.as_ref().map_err(|why| *why)?;
        let tokens: TokenStream = call.parse().map_err(|_| "the call is no tokens")?;
        for rule in rules {
            let matcher = |input: ParseStream<'_>| {
                let mut bound = Bound::new();
                match_all(&rule.pattern, input, call, &mut bound, &mut 0)?;
                if input.is_empty() { Ok(bound) } else { Err(input.error("more")) }
            };
            if let Ok(bound) = matcher.parse2(tokens.clone()) {
                let mut out = Out { expansion: Expansion::default(), space: false, rounds: 0, krate };
                out.all(&rule.body, &bound)?;
                return Ok(out.expansion);
            }
            if rule.before_unknown {
                return Err(UNKNOWN_FORM);
            }
        }
        Err("none of its rules fits the call")
    }
}

impl Drop for Rules {
    fn drop(&mut self) {
        // Of the tokens of this thread nothing is left.
        self.0 = Err("its rules are forgotten");
        proc_macro2::extra::invalidate_current_thread_spans();
    }
}

const TOO_DEEP: &str = "it is nested too deeply";
const UNKNOWN_FORM: &str = "its rules have a form that is not known";

fn is_deep(text: &str) -> bool {
    nesting::check(text, 1).is_err()
}

/// A piece of a pattern.
#[derive(Debug)]
enum Pattern {
    Token(TokenTree),
    Group(Delimiter, Vec<Pattern>),
    Fragment(String, String),
    Repeat(Vec<Pattern>, Option<TokenTree>, char),
}

/// A piece of what a rule is written as.
#[derive(Debug)]
pub(super) enum Part {
    Token(TokenTree),
    Group(Delimiter, Vec<Part>),
    Variable(String),
    Crate,
    Repeat(Vec<Part>, Option<TokenTree>),
}

/// Text that a fragment stands for, and where in the call.
#[derive(Clone, Debug)]
pub(super) struct Fragment {
    pub(super) text: String,
    pub(super) range: Range<usize>,
}

#[derive(Clone, Debug)]
pub(super) enum Value {
    One(Fragment),
    Many(Vec<Value>),
}

pub(super) type Bound = HashMap<String, Value>;

/// `$(..) sep op` after the dollar: the separator and the operator.
fn repetition(tokens: &mut std::iter::Peekable<proc_macro2::token_stream::IntoIter>) -> (Option<TokenTree>, char) {
    let operator = |t: &TokenTree| match t {
        TokenTree::Punct(p) if matches!(p.as_char(), '*' | '+' | '?') => Some(p.as_char()),
        _ => None,
    };
    match tokens.next() {
        Some(first) => match operator(&first) {
            // `$(..)+*`: the first is the separator.
            Some(op) if !(op == '+' && tokens.peek().and_then(operator) == Some('*')) => (None, op),
            _ => {
                let op = tokens.next().as_ref().and_then(operator).unwrap_or('*');
                (Some(first), op)
            }
        },
        None => (None, '*'),
    }
}

fn patterns(stream: TokenStream) -> Vec<Pattern> {
    let mut out = Vec::new();
    let mut tokens = stream.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(p) if p.as_char() == '$' => match tokens.next() {
                Some(TokenTree::Ident(name)) => {
                    let colon = matches!(tokens.peek(), Some(TokenTree::Punct(p)) if p.as_char() == ':');
                    if colon {
                        tokens.next();
                        if let Some(TokenTree::Ident(kind)) = tokens.next() {
                            out.push(Pattern::Fragment(name.to_string(), kind.to_string()));
                        }
                    }
                }
                Some(TokenTree::Group(group)) => {
                    let inner = patterns(group.stream());
                    let (separator, op) = repetition(&mut tokens);
                    out.push(Pattern::Repeat(inner, separator, op));
                }
                _ => {}
            },
            TokenTree::Group(group) => out.push(Pattern::Group(group.delimiter(), patterns(group.stream()))),
            other => out.push(Pattern::Token(other)),
        }
    }
    out
}

fn parts(stream: TokenStream) -> Vec<Part> {
    let mut out = Vec::new();
    let mut tokens = stream.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(p) if p.as_char() == '$' => match tokens.next() {
                Some(TokenTree::Ident(name)) if name == "crate" => out.push(Part::Crate),
                Some(TokenTree::Ident(name)) => out.push(Part::Variable(name.to_string())),
                Some(TokenTree::Group(group)) => {
                    let inner = parts(group.stream());
                    let (separator, _) = repetition(&mut tokens);
                    out.push(Part::Repeat(inner, separator));
                }
                _ => {}
            },
            TokenTree::Group(group) => out.push(Part::Group(group.delimiter(), parts(group.stream()))),
            other => out.push(Part::Token(other)),
        }
    }
    out
}

fn match_all(patterns: &[Pattern], input: ParseStream<'_>, source: &str, bound: &mut Bound, rounds: &mut usize) -> syn::Result<()> {
    for pattern in patterns {
        match pattern {
            Pattern::Token(expected) => {
                let found: TokenTree = input.parse()?;
                if !same(expected, &found) {
                    return Err(input.error("another token"));
                }
            }
            Pattern::Group(delimiter, inner) => {
                let found: TokenTree = input.parse()?;
                let TokenTree::Group(group) = found else { return Err(input.error("no group")) };
                if group.delimiter() != *delimiter {
                    return Err(input.error("another delimiter"));
                }
                let matcher = |input: ParseStream<'_>| {
                    match_all(inner, input, source, bound, rounds)?;
                    if input.is_empty() { Ok(()) } else { Err(input.error("more")) }
                };
                matcher.parse2(group.stream())?;
            }
            Pattern::Fragment(name, kind) => {
                let fragment = fragment(kind, input, source)?;
                bound.insert(name.clone(), Value::One(fragment));
            }
            Pattern::Repeat(inner, separator, op) => repeat(inner, separator.as_ref(), *op, input, source, bound, rounds)?,
        }
    }
    Ok(())
}

fn repeat(
    inner: &[Pattern],
    separator: Option<&TokenTree>,
    op: char,
    input: ParseStream<'_>,
    source: &str,
    bound: &mut Bound,
    rounds: &mut usize,
) -> syn::Result<()> {
    let mut all: Vec<Bound> = Vec::new();
    loop {
        *rounds += 1;
        if *rounds > MAX_ROUNDS || input.is_empty() || (op == '?' && !all.is_empty()) {
            break;
        }
        let fork = input.fork();
        if let Some(separator) = separator.filter(|_| !all.is_empty()) {
            match fork.parse::<TokenTree>() {
                Ok(found) if same(separator, &found) => {}
                _ => break,
            }
        }
        let before = fork.cursor();
        let mut one = Bound::new();
        if match_all(inner, &fork, source, &mut one, rounds).is_err() || fork.cursor() == before {
            break;
        }
        syn::parse::discouraged::Speculative::advance_to(input, &fork);
        all.push(one);
    }
    if op == '+' && all.is_empty() {
        return Err(input.error("nothing repeated"));
    }
    let mut names = Vec::new();
    variables(inner, &mut names);
    for name in names {
        let values = all.iter_mut().filter_map(|one| one.remove(name)).collect();
        bound.insert(name.to_owned(), Value::Many(values));
    }
    Ok(())
}

fn variables<'p>(patterns: &'p [Pattern], into: &mut Vec<&'p str>) {
    for pattern in patterns {
        match pattern {
            Pattern::Fragment(name, _) => into.push(name),
            Pattern::Group(_, inner) | Pattern::Repeat(inner, ..) => variables(inner, into),
            Pattern::Token(_) => {}
        }
    }
}

fn same(a: &TokenTree, b: &TokenTree) -> bool {
    match (a, b) {
        (TokenTree::Punct(a), TokenTree::Punct(b)) => a.as_char() == b.as_char(),
        (TokenTree::Ident(a), TokenTree::Ident(b)) => a == b,
        (TokenTree::Literal(a), TokenTree::Literal(b)) => a.to_string() == b.to_string(),
        _ => false,
    }
}

fn fragment(kind: &str, input: ParseStream<'_>, source: &str) -> syn::Result<Fragment> {
    let start = input.cursor();
    match kind {
        "ident" => drop(syn::Ident::parse_any(input)?),
        "expr" | "expr_2021" => drop(input.parse::<syn::Expr>()?),
        "ty" => drop(input.parse::<syn::Type>()?),
        "path" => drop(input.parse::<syn::TypePath>()?),
        "literal" => {
            if input.peek(syn::Token![-]) {
                input.parse::<syn::Token![-]>()?;
            }
            drop(input.parse::<syn::Lit>()?);
        }
        "block" => drop(input.parse::<syn::Block>()?),
        "stmt" => drop(input.parse::<syn::Stmt>()?),
        "pat" | "pat_param" => drop(syn::Pat::parse_multi(input)?),
        "item" => drop(input.parse::<syn::Item>()?),
        "vis" => drop(input.parse::<syn::Visibility>()?),
        "lifetime" => drop(input.parse::<syn::Lifetime>()?),
        "meta" => drop(input.parse::<syn::Meta>()?),
        "tt" => {
            // A lifetime is one token tree.
            if input.peek(syn::Lifetime) {
                drop(input.parse::<syn::Lifetime>()?);
            } else if let TokenTree::Punct(first) = input.parse::<TokenTree>()? {
                operator(first, input)?;
            }
        }
        _ => return Err(input.error("a fragment that is not known")),
    }
    let end = input.cursor();
    let (mut at, mut range): (_, Option<Range<usize>>) = (start, None);
    let mut tokens = Vec::new();
    while at != end {
        let Some((token, next)) = at.token_tree() else { break };
        let bytes = token.span().byte_range();
        range = Some(range.map_or(bytes.start, |r| r.start)..bytes.end);
        tokens.push(token);
        at = next;
    }
    let range = range.unwrap_or(0..0);
    let text = source.get(range.clone()).unwrap_or_default();
    // `/// words` is `#[doc = "words"]`, and a part of it is no text of its own.
    if text.starts_with("//") || text.starts_with("/*") {
        return Ok(Fragment { text: TokenStream::from_iter(tokens).to_string(), range: 0..0 });
    }
    Ok(Fragment { text: text.to_owned(), range })
}

/// The rest of an operator of several characters, which is one token tree.
fn operator(first: proc_macro2::Punct, input: ParseStream<'_>) -> syn::Result<()> {
    const OPERATORS: [&str; 23] = [
        "=>", "==", "->", "::", "...", "..=", "&&", "||", "<=", ">=", "!=", "+=", "-=", "*=", "/=", "%=", "^=", "&=", "|=", "<<=", ">>=",
        "<-", "..",
    ];
    let (mut text, mut last) = (String::from(first.as_char()), first);
    while last.spacing() == proc_macro2::Spacing::Joint {
        let Some((next, _)) = input.cursor().punct() else { break };
        text.push(next.as_char());
        if !OPERATORS.iter().any(|o| o.starts_with(text.as_str())) {
            break;
        }
        last = input.parse()?;
    }
    Ok(())
}

struct Out<'k> {
    expansion: Expansion,
    /// Whether a space has to come before the next token.
    space: bool,
    rounds: usize,
    krate: &'k str,
}

impl Out<'_> {
    fn write(&mut self, text: &str) {
        if self.space {
            self.expansion.text.push(' ');
        }
        self.expansion.text.push_str(text);
        self.space = true;
    }

    fn all(&mut self, parts: &[Part], bound: &Bound) -> Result<(), &'static str> {
        let mut at = 0;
        while let Some(part) = parts.get(at) {
            at += 1;
            if self.expansion.text.len() > MAX_TEXT {
                return Err("what it expands to is too long");
            }
            match part {
                // `paste! { .. }` is what stands in it, names put together.
                Part::Token(TokenTree::Ident(name)) if name == "paste" && is_call(parts.get(at), parts.get(at + 1)) => {
                    if let Some(Part::Group(_, inner)) = parts.get(at + 1) {
                        self.all(inner, bound)?;
                    }
                    at += 2;
                }
                Part::Crate | Part::Token(TokenTree::Ident(_)) if ends_in_paste(parts, at) => at += 2,
                Part::Token(token) => self.token(token),
                Part::Crate => {
                    let krate = self.krate.to_owned();
                    self.write(&krate);
                }
                Part::Group(Delimiter::Bracket, inner) if pasted(inner, bound).is_some() => {
                    let name = pasted(inner, bound).unwrap_or_default();
                    match recased(inner, bound).filter(|from| from.text.len() == name.len()) {
                        Some(from) => self.fragment(&Fragment { text: name, range: from.range.clone() }),
                        None => self.write(&name),
                    }
                }
                Part::Group(delimiter, inner) => {
                    let (open, close) = match delimiter {
                        Delimiter::Parenthesis => ("(", ")"),
                        Delimiter::Brace => ("{", "}"),
                        Delimiter::Bracket => ("[", "]"),
                        Delimiter::None => ("", ""),
                    };
                    self.write(open);
                    self.all(inner, bound)?;
                    self.write(close);
                }
                Part::Variable(name) => match bound.get(name) {
                    Some(Value::One(fragment)) => self.fragment(fragment),
                    Some(Value::Many(_)) => return Err("it uses a repeated name outside of a repetition"),
                    // Not a name of the pattern: `$x` of a macro that this one defines.
                    None => return Err("it defines a macro itself"),
                },
                Part::Repeat(inner, separator) => self.repeat(inner, separator.as_ref(), bound)?,
            }
        }
        Ok(())
    }

    fn token(&mut self, token: &TokenTree) {
        self.write(&token.to_string());
        if let TokenTree::Punct(p) = token {
            self.space = p.spacing() == Spacing::Alone;
        }
    }

    fn fragment(&mut self, fragment: &Fragment) {
        if fragment.text.is_empty() {
            return;
        }
        if self.space {
            self.expansion.text.push(' ');
            self.space = false;
        }
        let start = self.expansion.text.len();
        self.write(&fragment.text);
        if fragment.range.is_empty() {
            return;
        }
        let here = Span::new(start, self.expansion.text.len());
        self.expansion.pieces.push((here, Span::new(fragment.range.start, fragment.range.end)));
    }

    fn repeat(&mut self, inner: &[Part], separator: Option<&TokenTree>, bound: &Bound) -> Result<(), &'static str> {
        let mut names = Vec::new();
        used(inner, &mut names);
        let lengths = names.iter().filter_map(|n| match bound.get(*n) {
            Some(Value::Many(all)) => Some(all.len()),
            _ => None,
        });
        let Some(length) = lengths.max() else { return Err("it repeats something without a repeated name") };
        for round in 0..length {
            self.rounds += 1;
            if self.rounds > MAX_ROUNDS {
                return Err("what it expands to is too long");
            }
            if let Some(separator) = separator.filter(|_| round > 0) {
                self.token(separator);
                self.space = true;
            }
            let mut inner_bound = bound.clone();
            for name in &names {
                if let Some(Value::Many(all)) = bound.get(*name) {
                    match all.get(round) {
                        Some(value) => inner_bound.insert((*name).to_owned(), value.clone()),
                        None => return Err("it repeats names that do not occur equally often"),
                    };
                }
            }
            self.all(inner, &inner_bound)?;
        }
        Ok(())
    }
}

fn used<'p>(parts: &'p [Part], into: &mut Vec<&'p str>) {
    for part in parts {
        match part {
            Part::Variable(name) => into.push(name),
            Part::Group(_, inner) | Part::Repeat(inner, _) => used(inner, into),
            Part::Token(_) | Part::Crate => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expand(rules: &str, call: &str, krate: &str) -> Result<Expansion, &'static str> {
        Rules::new(rules).expand(call, krate)
    }

    fn text(rules: &str, call: &str) -> String {
        let expansion = expand(rules, call, "crate").expect("expands");
        for (here, there) in &expansion.pieces {
            assert_eq!(here.text(&expansion.text), there.text(call));
        }
        expansion.text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn fragments_and_repetitions_are_put_in() {
        assert_eq!(text("($n:expr, $h:expr) => { f($n, $h) };", "\"a\", concat!(\"b\", 1)"), "f ( \"a\" , concat!(\"b\", 1) )");
        let rules =
            "($($name:ident: $ty:ty => [$($l:literal),*]),* $(,)?) => { $(static $name: $ty = g(stringify!($name), &[$($l),*]);)* };";
        assert_eq!(
            text(rules, "A: u8 => [\"x\", \"y\"], B: Vec<u8> => [],"),
            "static A : u8 = g ( stringify ! ( A ) , & [ \"x\" , \"y\" ] ) ; static B : Vec<u8> = g ( stringify ! ( B ) , & [ ] ) ;"
        );
        assert_eq!(text("(a $x:tt) => { 1 }; (b $x:tt) => { $crate::m($x) };", "b (1, 2)"), "crate :: m ( (1, 2) )");
    }

    #[test]
    fn pasted_names_are_put_together() {
        let rules = "($n:ident) => { paste::paste! { fn [<get_ $n:snake _total>]() {} } };";
        assert_eq!(text(rules, "HttpRequests"), "fn get_http_requests_total ( ) { }");
    }

    #[test]
    fn doc_comments_are_attributes() {
        let rules = "($(#[$m:meta])* $n:ident) => { $(#[$m])* struct $n; };";
        assert_eq!(text(rules, "/// words\n#[derive(Debug)] A"), "# [ doc = \" words\" ] # [ derive(Debug) ] struct A ;");
        assert_eq!(text("($($t:tt)*) => { $($t)* };", "/// words\nx"), "# [doc = \" words\"] x");
        assert_eq!(text("(#[doc = $h:expr] $n:ident) => { f($h, $n) };", "/// words\nx"), "f ( \" words\" , x )");
    }

    #[test]
    fn a_call_that_fits_no_rule_is_said() {
        assert_eq!(expand("($a:ident) => { $a };", "1 + 2", "crate"), Err("none of its rules fits the call"));
        assert!(expand("($a:expr) => { $b };", "1", "crate").is_err());
        assert!(expand("(((", "1", "crate").is_err());
    }
}
