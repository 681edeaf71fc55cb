//! promql-parser as the second opinion before a query is called wrong.

use super::lexer::{Kind, Token};

/// Longer texts and deeper ones are not put to it: its work is not bounded by anything we hold.
const MAX_TOKENS: usize = 2000;
const MAX_DEPTH: usize = 60;

/// Whether promql-parser takes the text with its variables replaced by something that fits.
pub(super) fn accepts(text: &str, tokens: &[Token]) -> bool {
    let open = |c: &u8| matches!(c, b'(' | b'[' | b'{');
    if tokens.len() > MAX_TOKENS || text.len() > 1 << 16 || text.bytes().filter(|b| open(b)).count() > MAX_DEPTH {
        return false;
    }
    if !tokens.iter().any(|t| t.variable) {
        return promql_parser::parser::parse(text).is_ok();
    }
    ["x", "1"].iter().any(|operand| promql_parser::parser::parse(&substituted(text, tokens, operand)).is_ok())
}

/// The text with each variable replaced: a duration inside square brackets, `operand` elsewhere.
fn substituted(text: &str, tokens: &[Token], operand: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut at, mut brackets) = (0, 0_usize);
    for token in tokens {
        let (start, end) = (token.span.start as usize, token.span.end as usize);
        out.push_str(text.get(at..start).unwrap_or(""));
        let word = token.span.text(text);
        match word {
            "[" => brackets += 1,
            "]" => brackets = brackets.saturating_sub(1),
            _ => {}
        }
        out.push_str(match token.kind {
            Kind::Word if token.variable && brackets > 0 => "5m",
            Kind::Word if token.variable => operand,
            _ => word,
        });
        at = end;
    }
    out
}
