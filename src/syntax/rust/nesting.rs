//! A look at the tokens before the parser sees them: how deep can its recursion go?
//!
//! Parsing, lowering and dropping a tree recurse with the depth of the text. This scan does not: it walks the bytes once,
//! knows comments, strings, characters and lifetimes, and says where a limit is crossed.

use super::lexer::{prefixed, quote, string, trivia, word};
use crate::source::Span;

/// Open delimiters around any place.
const MAX_DELIMITERS: usize = 200;
/// Tokens around any place that no separator parts from it, outside macro bodies: an operator chain, a chain of calls, of
/// `else if`, of prefix operators or of generic arguments can nest at most that deep.
const MAX_CHAIN: usize = 6_000;

/// What is nested too deeply, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TooDeep {
    /// In words.
    pub(super) message: String,
    /// Where the limit is crossed.
    pub(super) span: Span,
}

struct Level {
    /// Tokens of the enclosing levels that no separator parts from this place.
    outside: usize,
    /// Tokens since the last separator of this level.
    run: usize,
    /// Inside a macro body, where the parser sees only flat tokens.
    opaque: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Other,
    Bang,
    BangIdent,
    CloseBrace,
    EqualsSign,
}

/// Checks `text` against the limits. A macro's body, `depth` macro bodies deep, is parsed on top of what is around it, so it may
/// use half as much as the one before.
pub(super) fn check(text: &str, depth: usize) -> Result<(), TooDeep> {
    let max_chain = MAX_CHAIN >> depth.min(12);
    let bytes = text.as_bytes();
    let mut levels = vec![Level { outside: 0, run: 0, opaque: false }];
    let mut before = Before::Other;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if let Some(end) = trivia(bytes, at) {
            at = end;
            continue;
        }
        let start = at;
        match byte {
            b'(' | b'[' | b'{' => {
                at += 1;
                if levels.len() > MAX_DELIMITERS {
                    return Err(too_deep(&format!("more than {MAX_DELIMITERS} delimiters are open here"), start));
                }
                let opaque = matches!(before, Before::Bang | Before::BangIdent);
                if let Some(level) = levels.last_mut() {
                    level.run += 1;
                    let next = Level { outside: level.outside + level.run, run: 0, opaque: level.opaque || opaque };
                    levels.push(next);
                }
                before = Before::Other;
                continue;
            }
            b')' | b']' | b'}' => {
                at += 1;
                if levels.len() > 1 {
                    levels.pop();
                }
                before = if byte == b'}' { Before::CloseBrace } else { Before::Other };
                continue;
            }
            b',' | b';' => {
                at += 1;
                if let Some(level) = levels.last_mut() {
                    level.run = 0;
                }
                before = Before::Other;
                continue;
            }
            _ => {}
        }
        let mut now = Before::Other;
        match byte {
            b'"' => at = string(bytes, at + 1),
            b'\'' => at = quote(bytes, at),
            b'r' | b'b' | b'c' if let Some(end) = prefixed(bytes, at) => at = end,
            b'_' | b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => {
                at = word(bytes, at);
                let name = bytes.get(start..at).unwrap_or_default();
                if before == Before::Bang {
                    now = Before::BangIdent;
                } else if before == Before::CloseBrace
                    && !matches!(name, b"else" | b"as")
                    && let Some(level) = levels.last_mut()
                {
                    level.run = 0;
                }
            }
            b'0'..=b'9' => at = word(bytes, at),
            b'#' => {
                at += 1;
                if before == Before::CloseBrace
                    && let Some(level) = levels.last_mut()
                {
                    level.run = 0;
                }
            }
            b'!' => {
                at += 1;
                now = Before::Bang;
            }
            b'=' => {
                at += 1;
                now = Before::EqualsSign;
            }
            b'>' => {
                at += 1;
                if before == Before::EqualsSign
                    && let Some(level) = levels.last_mut()
                {
                    level.run = 0;
                }
            }
            _ => at += 1,
        }
        before = now;
        if let Some(level) = levels.last_mut() {
            level.run += 1;
            if !level.opaque && level.outside + level.run > max_chain {
                return Err(too_deep(&format!("more than {max_chain} tokens in one expression or type"), start));
            }
        }
    }
    Ok(())
}

fn too_deep(message: &str, at: usize) -> TooDeep {
    TooDeep { message: format!("nested too deeply to be read: {message}"), span: Span::new(at, at + 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_code_passes() {
        let body = "fn f() { if a { b } else if c { d } }\n".repeat(20_000);
        assert_eq!(check(&body, 0), Ok(()));
        assert_eq!(check(&format!("const X: &[&str] = &[{}];", "\"a\", ".repeat(50_000)), 0), Ok(()));
        assert_eq!(check(&format!("m! {{ {} }}", "a + ".repeat(50_000)), 0), Ok(()));
        let arms = "(1, 2) => { x }\n".repeat(20_000);
        assert_eq!(check(&format!("fn f() {{ match y {{ {arms} }} }}"), 0), Ok(()));
    }

    #[test]
    fn delimiters_in_text_do_not_count() {
        let text = format!(
            "const A: &str = \"{0}\"; const B: &str = r#\"{0}\"#; // {0}\n/* {0} /* */ */ const C: char = '('; fn f<'a>() {{}}",
            "(".repeat(500)
        );
        assert_eq!(check(&text, 0), Ok(()));
    }

    #[test]
    fn every_deep_shape_is_refused() {
        let n = 100_000;
        for shape in [
            format!("const X: i32 = {}1{};", "(".repeat(n), ")".repeat(n)),
            format!("const X: bool = {}true;", "!".repeat(n)),
            format!("const X: i32 = {}1;", "- ".repeat(n)),
            format!("const X: i32 = {}1;", "&".repeat(n)),
            format!("type X = {}u8{};", "Vec<".repeat(n), ">".repeat(n)),
            format!("fn f() {{ a{}; }}", ".b()".repeat(n)),
            format!("const X: i32 = 1{};", "+1".repeat(n)),
            format!("fn f() {{ if a {{}}{} }}", " else if b {}".repeat(n)),
            format!("fn f() {{ {} 1 }}", "return ".repeat(n)),
            format!("use {}b;", "a::".repeat(n)),
            format!("fn f() {{ {}1 }}", "|x| ".repeat(n)),
        ] {
            assert!(check(&shape, 0).is_err(), "{}", shape.get(..60).unwrap_or_default());
        }
    }
}
