//! The unit of time that a value is given in, where the code says so: `start.elapsed().as_millis() as f64`.
//!
//! Reads text. Anything that is calculated with may be in another unit by then, and is not judged.

use memchr::memmem;

use crate::knowledge::vocab;
use crate::model::Measured;
use crate::source::{Location, SourceFile, Span};

/// How far before its use a variable's `let` is looked for, in bytes.
const NEAR: usize = 4_000;

/// The unit of the first argument of a call.
pub(super) fn of(file: &SourceFile, args: Span) -> Option<Measured> {
    let text = args.text(&file.text);
    let first = first_argument(text);
    let start = args.start as usize;
    if let Some((unit, at)) = conversion(first) {
        let location = Location::new(&file.path, Span::new(start + at.start, start + at.end));
        return Some(Measured { unit, location, direct: true });
    }
    let name = variable(first)?;
    let (value, at) = bound_before(&file.text, name, start)?;
    let (unit, span) = conversion(value)?;
    let location = Location::new(&file.path, Span::new(at + span.start, at + span.end));
    Some(Measured { unit, location, direct: false })
}

/// Up to the first comma that no bracket holds.
fn first_argument(text: &str) -> &str {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => return text.get(..at).unwrap_or(text),
            _ => {}
        }
    }
    text
}

/// The unit of an expression that is nothing but a conversion of a duration to a number, and the call that converts.
fn conversion(text: &str) -> Option<(String, std::ops::Range<usize>)> {
    let mut found = None;
    for (end, call) in text.match_indices("()") {
        let before = text.get(..end).unwrap_or_default();
        let Some((_, method)) = before.rsplit_once('.') else { continue };
        match (vocab::updates().time.get(method), &found) {
            (None, _) => {}
            (Some(unit), None) => found = Some((unit, end - method.len()..end + call.len())),
            _ => return None,
        }
    }
    let (unit, at) = found?;
    let (before, after) = (text.get(..at.start)?, text.get(at.end..)?);
    (only_taken_from(before) && only_cast(after)).then(|| (unit.clone(), at))
}

/// Whether the text before a conversion gives the duration itself, through parentheses and `f64::from(` at the most.
fn only_taken_from(before: &str) -> bool {
    let mut open: Vec<usize> = Vec::new();
    for (at, c) in before.char_indices() {
        match c {
            '(' | '[' | '{' => open.push(at),
            ')' | ']' | '}' => _ = open.pop(),
            '"' | '|' => return false,
            _ => {}
        }
    }
    let harmless = |at: &usize| {
        let Some(ahead) = before.get(..*at) else { return false };
        let ahead = ahead.trim_end();
        ahead.ends_with("::from") || !ahead.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '!' | '>' | ']'))
    };
    // What is calculated with the conversion stands outside of the brackets that were closed again.
    let outside: String = {
        let mut depth = 0_usize;
        let mut kept = String::new();
        for c in before.chars() {
            match c {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth = depth.saturating_sub(1),
                c if depth <= open.len() => kept.push(c),
                _ => {}
            }
        }
        kept
    };
    let calculated =
        outside.contains(['*', '/', '%', '+']) || outside.contains(" - ") || outside.contains("if ") || outside.contains("match ");
    open.iter().all(harmless) && !calculated
}

/// Whether the text after a conversion only makes another type of the number.
fn only_cast(after: &str) -> bool {
    let mut rest = after.trim();
    while !rest.is_empty() {
        let next = rest
            .strip_prefix(')')
            .or_else(|| rest.strip_prefix('?'))
            .or_else(|| rest.strip_prefix("as ").map(|r| r.trim_start().trim_start_matches(|c: char| c.is_alphanumeric() || c == '_')))
            .or_else(|| [".into()", ".try_into()", ".unwrap()", ".unwrap_or_default()"].iter().find_map(|p| rest.strip_prefix(p)));
        match next {
            Some(next) => rest = next.trim_start(),
            None => return rest == ";",
        }
    }
    true
}

/// The variable that an argument is, with a cast at the most.
fn variable(text: &str) -> Option<&str> {
    let text = text.trim().trim_start_matches(['*', '&']);
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    let (name, rest) = (text.get(..end)?, text.get(end..)?);
    (name.starts_with(|c: char| c.is_lowercase()) && only_cast(rest)).then_some(name)
}

/// What the nearest `let` before a place gives a variable, where nothing changes it in between.
fn bound_before<'t>(text: &'t str, name: &str, place: usize) -> Option<(&'t str, usize)> {
    let mut from = place.saturating_sub(NEAR);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let near = text.get(from..place)?;
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    // Another function's variables are not these.
    let functions =
        memmem::find_iter(near.as_bytes(), "fn ").filter(|at| near.get(..*at).is_some_and(|before| before.ends_with([' ', '\n'])));
    let near = functions.last().and_then(|at| near.get(at..)).unwrap_or(near);
    let begin = place - near.len();
    let mut bound = None;
    for at in memmem::find_iter(near.as_bytes(), name) {
        let (before, after) = (near.get(..at)?, near.get(at + name.len()..)?);
        if before.ends_with(is_word) || before.ends_with('.') || after.starts_with(is_word) {
            continue;
        }
        let (before, after) = (before.trim_end(), after.trim_start());
        let declared = before.ends_with("let") || before.ends_with("let mut");
        let given = after.starts_with('=') && !after.starts_with("==") || after.starts_with(':') && !after.starts_with("::");
        if declared && given {
            let equals = after.find('=')?;
            let value = after.get(equals + 1..)?;
            let value = value.get(..value.find(';')?)?;
            let start = begin + (near.len() - after.len()) + equals + 1;
            bound = Some((value, start));
        } else if declared || given || before.ends_with(['|', ',', '(']) && after.starts_with(['|', ':']) || after.starts_with("+=") {
            bound = None;
        }
    }
    bound
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileKind;

    fn unit(before: &str, argument: &str) -> String {
        let text = format!("fn f() {{ {before} X.observe({argument}); }}");
        let start = text.find("observe(").map_or(0, |at| at + "observe(".len());
        let file = SourceFile::new("a.rs", FileKind::Rust, &text);
        of(&file, Span::new(start, start + argument.len())).map_or_else(String::new, |m| m.unit)
    }

    #[test]
    fn units() {
        for (before, argument, expected) in [
            ("", "start.elapsed().as_millis() as f64", "milliseconds"),
            ("", "start.elapsed().as_micros() as u64, &[]", "microseconds"),
            ("", "(now - start).as_secs_f64()", "seconds"),
            ("", "f64::from(d.as_millis() as u32)", "milliseconds"),
            ("", "(d.as_millis()) as f64", "milliseconds"),
            ("", "d.as_millis() as f64 / 1000.0", ""),
            ("", "1e-3 * d.as_millis() as f64", ""),
            ("", "to_seconds(d.as_millis())", ""),
            ("", "a.as_secs() + b.as_millis()", ""),
            ("let took = start.elapsed().as_millis();", "took as f64", "milliseconds"),
            ("let took: f64 = start.elapsed().as_millis() as f64 / 1e3;", "took", ""),
            ("let took = d.as_millis(); let took = took as f64 / 1000.0;", "took", ""),
            ("let mut took = d.as_millis(); took += 5;", "took", ""),
            ("let took = d.as_millis(); v.map(|took| took);", "took", ""),
            ("", "took", ""),
        ] {
            assert_eq!(unit(before, argument), expected, "{before} {argument}");
        }
    }
}
