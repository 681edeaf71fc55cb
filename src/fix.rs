//! Repairs as bytes: what a fix puts where, which fixes go together, and the text after them.
//!
//! A lint says what is right; how that is written between these quotes, and whether it can be written there at all, is decided here
//! by the text itself. What is not certain is dropped: no fix is better than a wrong one.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use memchr::memmem;

use crate::finding::{Edit, Finding, Fix, Form, Related};
use crate::source::{FileKind, Location, SourceFile, Sources, Span};

/// The fix as bytes; `None` where that cannot be done for certain.
pub fn resolve(fix: Fix, sources: &Sources) -> Option<Fix> {
    let mut edits = Vec::with_capacity(fix.edits.len());
    for edit in fix.edits {
        match &edit.form {
            Form::Bytes => edits.push(edit),
            Form::Scalar(start) => {
                let file = sources.get(&edit.location.path)?;
                let replacement = in_scalar(&edit.replacement, &file.text, *start, edit.location.span)?;
                edits.push(Edit::new(edit.location, replacement));
            }
            Form::Name { old, calls } => edits.extend(names(old, calls, &edit.replacement, sources)?),
            Form::Rising => {
                let text = edit.location.span.text(&sources.get(&edit.location.path)?.text);
                let replacement = rising(text)?;
                edits.push(Edit::new(edit.location, replacement));
            }
        }
    }
    // Two queries of a panel share its title.
    edits.sort_by(|a, b| a.location.cmp(&b.location));
    edits.dedup_by(|a, b| a == b);
    let lies = |e: &Edit| sources.get(&e.location.path).is_some_and(|f| f.text.get(range(e.location.span)).is_some());
    (!edits.is_empty() && edits.iter().all(lies) && !overlap(&edits)).then_some(Fix { message: fix.message, edits })
}

/// A file that is not judged, wholly or in part, with the reason in words.
pub type Unread<'a> = (&'a SourceFile, String);

/// Gives findings their fixes as bytes. A metric keeps its name while a file that was not judged reads it: nothing would say that it
/// broke. The finding then shows the place.
pub fn settle(findings: &mut [Finding], unread: &[Unread<'_>], sources: &Sources) {
    let old = |finding: &Finding| {
        let mut forms = finding.fix.iter().flat_map(|fix| &fix.edits).map(|edit| &edit.form);
        forms.find_map(|form| if let Form::Name { old, .. } = form { Some(old.clone()) } else { None })
    };
    let renamed: Vec<Option<String>> = findings.iter().map(old).collect();
    let names: HashSet<&str> = renamed.iter().flatten().map(String::as_str).collect();
    let readers = readers(&names, unread);
    for (finding, old) in findings.iter_mut().zip(&renamed) {
        finding.fix = finding.fix.take().and_then(|fix| resolve(fix, sources));
        let Some(fix) = &finding.fix else { continue };
        let mended = |place: &Location| fix.edits.iter().any(|e| collide(&e.location, place));
        let read = old.as_deref().and_then(|old| readers.get(old)).into_iter().flatten().find(|(place, _)| !mended(place));
        if let Some((place, reason)) = read {
            finding.fix = None;
            finding.related.push(Related { message: format!("not renamed, since this reads it too: {reason}"), location: place.clone() });
        }
    }
}

/// Where files that are not judged hold which of these names.
fn readers<'a>(names: &HashSet<&'a str>, unread: &'a [Unread<'_>]) -> HashMap<&'a str, Vec<(Location, &'a str)>> {
    let mut found: HashMap<&str, Vec<(Location, &str)>> = HashMap::new();
    for (file, reason) in unread.iter().filter(|_| !names.is_empty()) {
        let mut at = 0;
        for word in file.text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | ':'))) {
            let start = at;
            at = start + word.len();
            at += file.text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
            let word = word.trim_end_matches(':');
            if let Some(name) = names.get(word) {
                found.entry(name).or_default().push((Location::new(&file.path, Span::new(start, start + word.len())), reason));
            }
        }
    }
    found
}

fn range(span: Span) -> std::ops::Range<usize> {
    span.start as usize..span.end as usize
}

/// A text as the scalar that begins at `start` holds it.
fn in_scalar(text: &str, file: &str, start: u32, at: Span) -> Option<String> {
    // A place in the middle of an escape is no place to write at.
    let escaped = |offset: u32| file.get(..offset as usize).is_none_or(|before| before.ends_with('\\'));
    if escaped(at.start) || escaped(at.end) {
        return None;
    }
    let double = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let start = start as usize;
    match file.as_bytes().get(start)? {
        _ if text.contains('\n') => None,
        // A JSON string inside a quoted scalar has the escapes of both.
        b'"' if file.get(..start)?.ends_with('\\') => Some(double(&double(text))),
        // The string may itself stand in a single-quoted scalar.
        b'"' => (!text.contains('\'')).then(|| double(text)),
        b'\'' => Some(text.replace('\'', "''")),
        b'|' | b'>' => Some(text.to_owned()),
        _ => (!text.contains(": ") && !text.contains(" #") && !text.ends_with(':')).then(|| text.to_owned()),
    }
}

/// The literals of a name: all that there are, each of which must be known to be the name.
fn names(old: &str, calls: &[Location], new: &str, sources: &Sources) -> Option<Vec<Edit>> {
    let literal = format!("\"{old}\"");
    let rust = sources.iter().filter(|f| f.kind == FileKind::Rust);
    let places = |file: &Arc<SourceFile>| -> Vec<Location> {
        let found = memmem::find_iter(file.text.as_bytes(), literal.as_bytes());
        found.map(|at| Location::new(&file.path, Span::new(at + 1, at + 1 + old.len()))).collect()
    };
    let places: Vec<Location> = rust.flat_map(places).collect();
    let within =
        |place: &Location| calls.iter().any(|c| c.path == place.path && c.span.start <= place.span.start && place.span.end <= c.span.end);
    let known = match &places[..] {
        [] => false,
        [_] => true,
        several => several.iter().all(within),
    };
    known.then(|| places.into_iter().map(|place| Edit::new(place, new)).collect())
}

/// A list of number literals in rising order, each once, laid out as it was.
fn rising(text: &str) -> Option<String> {
    let (open, close) = (text.find('[')? + 1, text.rfind(']')?);
    let mut items: Vec<(Span, f64)> = Vec::new();
    let mut at = open;
    for piece in text.get(open..close)?.split(',') {
        let item = piece.trim();
        if !item.is_empty() {
            let start = at + (piece.len() - piece.trim_start().len());
            items.push((Span::new(start, start + item.len()), literal(item)?));
        } else if at + piece.len() != close {
            return None;
        }
        at += piece.len() + 1;
    }
    let mut sorted = items.clone();
    sorted.sort_by(|a, b| a.1.total_cmp(&b.1));
    sorted.dedup_by(|a, b| a.1.total_cmp(&b.1).is_eq());
    let (mut out, mut from) = (String::with_capacity(text.len()), 0);
    for (place, item) in items.iter().zip(&sorted) {
        out.push_str(text.get(from..place.0.start as usize)?);
        out.push_str(item.0.text(text));
        from = place.0.end as usize;
    }
    out.push_str(text.get(items.last()?.0.end as usize..)?);
    (out != text).then_some(out)
}

/// The value of a number literal of Rust.
fn literal(item: &str) -> Option<f64> {
    let digits = item.strip_suffix("f64").or_else(|| item.strip_suffix("f32")).unwrap_or(item).replace('_', "");
    let plain = digits.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    plain.then(|| digits.parse::<f64>().ok()).flatten()
}

/// Whether two edits want the same bytes.
fn overlap(edits: &[Edit]) -> bool {
    let mut spans: Vec<&Location> = edits.iter().map(|e| &e.location).collect();
    spans.sort();
    spans.windows(2).any(|w| matches!(w, [a, b] if collide(a, b)))
}

fn collide(a: &Location, b: &Location) -> bool {
    let (a_span, b_span) = (a.span, b.span);
    a.path == b.path && (a_span.start < b_span.end && b_span.start < a_span.end || a_span.start == b_span.start)
}

/// The fixes that can be made together, as indexes: earlier ones win, and one that wants the very same edits comes with them.
///
/// Repairs of definitions go alone: what reads a metric is judged again when its name is settled.
pub fn choose(fixes: &[&Fix], sources: &Sources) -> Vec<usize> {
    let defines = |fix: &Fix| fix.edits.iter().any(|e| sources.get(&e.location.path).is_some_and(|f| f.kind == FileKind::Rust));
    let definitions = fixes.iter().any(|f| defines(f));
    let mut taken: BTreeMap<&Location, &Edit> = BTreeMap::new();
    let mut chosen = Vec::new();
    for (index, fix) in fixes.iter().enumerate().filter(|(_, f)| !definitions || defines(f)) {
        let free = |e: &Edit| match taken.get(&e.location) {
            Some(same) => **same == *e,
            None => {
                let before = taken.range::<Location, _>(..&e.location).next_back();
                let after = taken.range::<Location, _>(&e.location..).next();
                !before.into_iter().chain(after).any(|(other, _)| collide(other, &e.location))
            }
        };
        if fix.edits.iter().all(free) {
            chosen.push(index);
            taken.extend(fix.edits.iter().map(|e| (&e.location, e)));
        }
    }
    chosen
}

/// The new texts of the files that the fixes change, by path.
pub fn apply<'a>(fixes: impl IntoIterator<Item = &'a Fix>, sources: &Sources) -> BTreeMap<Arc<str>, String> {
    let mut by_file: BTreeMap<Arc<str>, Vec<&Edit>> = BTreeMap::new();
    for edit in fixes.into_iter().flat_map(|f| &f.edits) {
        let edits = by_file.entry(Arc::clone(&edit.location.path)).or_default();
        if !edits.contains(&edit) {
            edits.push(edit);
        }
    }
    let mut texts = BTreeMap::new();
    for (path, mut edits) in by_file {
        let Some(file) = sources.get(&path) else { continue };
        let mut text = file.text.to_string();
        edits.sort_by_key(|e| std::cmp::Reverse(e.location.span));
        for edit in edits {
            let range = range(edit.location.span);
            if text.get(range.clone()).is_some() {
                text.replace_range(range, &edit.replacement);
            }
        }
        texts.insert(path, text);
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_keep_their_layout() {
        assert_eq!(rising("vec![10.0, 2000.0, 1000.0]").as_deref(), Some("vec![10.0, 1000.0, 2000.0]"));
        assert_eq!(rising("&[\n    2.0,\n    1_0e-1f64,\n    2.,\n]").as_deref(), Some("&[\n    1_0e-1f64,\n    2.0,\n]"));
        for kept in ["vec![1.0, 2.0]", "vec![B, A]", "BOUNDS", "vec![2.0 /* s */, 1.0]", "[2.0, , 1.0]", "exponential_buckets(1.0, 2.0)"] {
            assert_eq!(rising(kept), None, "{kept}");
        }
    }

    #[test]
    fn scalars_escape_in_their_own_way() {
        let write = |file: &str, scalar: u32| in_scalar("a=\"\\.\"", file, scalar, Span::new(scalar as usize + 1, scalar as usize + 2));
        assert_eq!(write("\"xx\"", 0).as_deref(), Some("a=\\\"\\\\.\\\""));
        assert_eq!(write("'xx'", 0).as_deref(), Some("a=\"\\.\""));
        assert_eq!(write("xxx", 0).as_deref(), Some("a=\"\\.\""));
        assert_eq!(write("\"\\\"xx\\\"\"", 2).as_deref(), Some("a=\\\\\\\"\\\\\\\\.\\\\\\\""));
        assert_eq!(in_scalar("a: b", "xx", 0, Span::new(0, 1)), None);
    }

    #[test]
    fn names_are_exchanged_where_all_of_them_are_known() {
        let file = |text: &str| Sources::new([Arc::new(SourceFile::new("a.rs", FileKind::Rust, text))]);
        let call = Location::new(&"a.rs".into(), Span::new(0, 10));
        let count = |text: &str| names("x", std::slice::from_ref(&call), "y", &file(text)).map(|e| e.len());
        assert_eq!(count("f(a); g(b); h(\"x\")"), Some(1));
        assert_eq!(count("f(\"x\") f(\"x\")"), None);
        assert_eq!(count("(\"x\",\"x\")"), Some(2));
        assert_eq!(count("f(concat!())"), None);
    }

    #[test]
    fn of_two_that_collide_the_first_is_chosen() {
        let sources = Sources::new([Arc::new(SourceFile::new("a.yml", FileKind::Yaml, "0123456789"))]);
        let fix = |start, end, text: &str| Fix {
            message: String::new(),
            edits: vec![Edit::new(Location::new(&"a.yml".into(), Span::new(start, end)), text)],
        };
        let fixes = [fix(0, 4, "a"), fix(3, 5, "b"), fix(0, 4, "a"), fix(0, 4, "c"), fix(5, 6, "-"), fix(9, 9, "+")];
        let fixes: Vec<&Fix> = fixes.iter().collect();
        let chosen = choose(&fixes, &sources);
        assert_eq!(chosen, [0, 2, 4, 5]);
        let texts = apply(chosen.iter().map(|i| fixes[*i]), &sources);
        assert_eq!(texts.values().collect::<Vec<_>>(), ["a4-678+9"]);
    }
}
