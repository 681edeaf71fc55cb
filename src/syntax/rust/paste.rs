//! The `paste!` macro inside of macros: names put together, and the paths by which it is called.

use proc_macro2::TokenTree;

use super::expand::{Bound, Fragment, Part, Value};

/// Whether what stands before the part at `at` is in the path of a call of `paste!`: `$crate::paste!`, `paste::paste!`.
pub(super) fn ends_in_paste(parts: &[Part], mut at: usize) -> bool {
    while is_colon(parts.get(at)) && is_colon(parts.get(at + 1)) {
        match parts.get(at + 2) {
            Some(Part::Token(TokenTree::Ident(name))) if name == "paste" && is_call(parts.get(at + 3), parts.get(at + 4)) => return true,
            Some(Part::Token(TokenTree::Ident(_))) => at += 3,
            _ => return false,
        }
    }
    false
}

pub(super) fn is_call(bang: Option<&Part>, body: Option<&Part>) -> bool {
    matches!(bang, Some(Part::Token(TokenTree::Punct(p))) if p.as_char() == '!') && matches!(body, Some(Part::Group(..)))
}

fn is_colon(part: Option<&Part>) -> bool {
    matches!(part, Some(Part::Token(TokenTree::Punct(p))) if p.as_char() == ':')
}

/// The only name that `[<$name:lower>]` is made of.
pub(super) fn recased<'b>(parts: &[Part], bound: &'b Bound) -> Option<&'b Fragment> {
    let [_, Part::Variable(name), .., _] = parts else { return None };
    match bound.get(name) {
        Some(Value::One(fragment)) => Some(fragment),
        _ => None,
    }
}

/// The name that `[< a $b:lower _c >]` puts together.
pub(super) fn pasted(parts: &[Part], bound: &Bound) -> Option<String> {
    let is = |part: Option<&Part>, c: char| matches!(part, Some(Part::Token(TokenTree::Punct(p))) if p.as_char() == c);
    if !is(parts.first(), '<') || !is(parts.last(), '>') || parts.len() < 3 {
        return None;
    }
    let mut name = String::new();
    let mut last = String::new();
    let mut inner = parts.get(1..parts.len() - 1)?.iter();
    while let Some(part) = inner.next() {
        match part {
            Part::Token(TokenTree::Punct(p)) if p.as_char() == ':' => {
                let Some(Part::Token(TokenTree::Ident(case))) = inner.next() else { return None };
                last = match case.to_string().as_str() {
                    "lower" => last.to_lowercase(),
                    "upper" => last.to_uppercase(),
                    "snake" => snake(&last),
                    "camel" => camel(&last),
                    _ => return None,
                };
            }
            Part::Token(token @ (TokenTree::Ident(_) | TokenTree::Literal(_))) => {
                name.push_str(&std::mem::take(&mut last));
                last = token.to_string().trim_matches('"').to_owned();
            }
            Part::Variable(variable) => {
                let Some(Value::One(fragment)) = bound.get(variable) else { return None };
                name.push_str(&std::mem::take(&mut last));
                fragment.text.trim_matches('"').clone_into(&mut last);
            }
            _ => return None,
        }
    }
    name.push_str(&last);
    Some(name)
}

/// `HttpRequest` as `http_request`, the way the paste crate does: every capital begins a word.
fn snake(name: &str) -> String {
    let mut out = String::new();
    for (i, c) in name.char_indices() {
        if c.is_uppercase() && i > 0 && !out.ends_with('_') {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

/// `http_request` and `httpRequest` as `HttpRequest`, the way the paste crate does: a run of capitals is one word.
fn camel(name: &str) -> String {
    let mut out = String::new();
    let mut before = '_';
    for c in name.chars() {
        match (before, c) {
            (_, '_') => {}
            ('_', c) => out.extend(c.to_uppercase()),
            (before, c) if before.is_uppercase() => out.extend(c.to_lowercase()),
            (_, c) => out.push(c),
        }
        before = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_those_of_paste() {
        assert_eq!(snake("HTTPServer"), "h_t_t_p_server");
        assert_eq!((camel("http_request"), camel("httpRequest")), ("HttpRequest".to_owned(), "HttpRequest".to_owned()));
    }
}
