//! Leaves out, before anything is parsed, what the caller will not look at: bodies of functions, modules of tests, comments.
//!
//! One scan over the text knows enough of Rust to find where a function's body starts and ends. What is left out is cut from a copy
//! of the text; a table of the cuts leads every place in the copy back to the place in the text.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::lexer::{blanks, block_comment, prefixed, quote, raw_string, string, word};
use super::words::is_word;
use crate::source::Span;
use crate::syntax::blocks::Marks;

/// Bodies below this size cost less to parse than to ask about.
const MIN_BODY_BYTES: usize = 16;

/// Something in braces that can be left out.
#[derive(Clone, Copy, Debug)]
pub struct Part<'t> {
    /// The name of the function; empty for anything else.
    pub name: &'t str,
    /// The text from its attributes to the opening brace.
    pub head: &'t str,
    /// The text between the braces.
    pub body: &'t str,
    /// The place of the opening brace in the text.
    pub brace: u32,
    /// Whether an attribute of its own says that only tests compile it.
    pub only_tests: bool,
    /// Whether it is a module or another item than a function; only those that `only_tests` are offered.
    pub is_module: bool,
}

/// What is left out of a text.
#[derive(Debug, Default)]
pub(super) struct LeftOut {
    /// Start and end of everything that is not looked at, in order.
    pub(super) cuts: Vec<(usize, usize)>,
    /// Bodies of functions that were left out, braces included.
    pub(super) skipped: Vec<Span>,
    /// The opening braces of those that only tests compile.
    tests: Vec<u32>,
}

impl LeftOut {
    /// What `keep` refuses, after the first `preamble` bytes; `None` where the delimiters do not match, so that only a parser of the
    /// whole text can say what is wrong.
    pub(super) fn new(text: &str, preamble: usize, keep: &dyn Fn(&Part<'_>) -> bool) -> Option<Self> {
        let mut scan = Scan {
            text,
            bytes: text.as_bytes(),
            marks: Marks::new(text.as_bytes(), preamble),
            at: preamble,
            keep,
            cuts: vec![(0, preamble)],
            docs: Vec::new(),
            skipped: Vec::new(),
            tests: Vec::new(),
        };
        scan.run()?;
        scan.cuts.sort_unstable();
        Some(LeftOut { cuts: scan.cuts, skipped: scan.skipped, tests: scan.tests })
    }

    /// Nothing but the first `preamble` bytes.
    pub(super) fn nothing(preamble: usize) -> Self {
        LeftOut { cuts: vec![(0, preamble)], ..LeftOut::default() }
    }

    /// Whether the body whose opening brace stands at this place of the text was left out.
    pub(super) fn is_skipped(&self, brace: u32) -> bool {
        self.skipped.binary_search_by_key(&brace, |s| s.start).is_ok() || self.tests.binary_search(&brace).is_ok()
    }
}

/// A text without what is left out.
#[derive(Debug, Default)]
pub(super) struct Compact {
    /// The rest, joined.
    pub(super) text: String,
    cuts: Vec<Cut>,
    /// What it is without.
    pub(super) left_out: LeftOut,
}

/// Bytes that are missing in the copy.
#[derive(Clone, Copy, Debug)]
struct Cut {
    /// Where, in the copy.
    at: usize,
    /// How many bytes are missing up to here.
    missing: usize,
}

impl Compact {
    /// `text` without these.
    pub(super) fn new(text: &str, left_out: LeftOut) -> Self {
        let mut compact = Compact { text: String::with_capacity(text.len()), cuts: Vec::with_capacity(left_out.cuts.len()), left_out };
        let mut from = 0;
        for (start, end) in &compact.left_out.cuts {
            compact.text.push_str(text.get(from..*start).unwrap_or_default());
            from = *end;
            compact.cuts.push(Cut { at: compact.text.len(), missing: end - compact.text.len() });
        }
        compact.text.push_str(text.get(from..).unwrap_or_default());
        compact
    }

    /// These bytes of `text` alone.
    pub(super) fn part(text: &str, span: Span) -> Self {
        let cuts = vec![Cut { at: 0, missing: span.start as usize }];
        Compact { text: span.text(text).to_owned(), cuts, left_out: LeftOut::default() }
    }

    /// The place in the whole text of bytes of the copy. A cut at either end is outside.
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        let missing = |count: usize| count.checked_sub(1).and_then(|i| self.cuts.get(i)).map_or(0, |c| c.missing);
        let first = self.cuts.partition_point(|c| c.at <= start);
        let from = start + missing(first);
        if end <= start {
            return Span::new(from, from);
        }
        let inside = self.cuts.get(first..).unwrap_or_default().partition_point(|c| c.at < end);
        Span::new(from, end + missing(first + inside))
    }
}

/// The token before the current place, as far as it matters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Other,
    Word,
}

/// The item that the scan is in.
#[derive(Clone, Copy, Default)]
struct ItemStart {
    /// Its first attribute or token.
    at: Option<usize>,
    only_tests: bool,
}

struct Scan<'t, 'k> {
    text: &'t str,
    bytes: &'t [u8],
    /// Where delimiters are.
    marks: Marks<'t>,
    at: usize,
    keep: &'k dyn Fn(&Part<'_>) -> bool,
    /// Start and end of what is left out.
    cuts: Vec<(usize, usize)>,
    /// Doc comments since the last function.
    docs: Vec<(usize, usize)>,
    skipped: Vec<Span>,
    tests: Vec<u32>,
}

impl Scan<'_, '_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Goes through everything that is not inside a function or a macro: there a function can begin.
    fn run(&mut self) -> Option<()> {
        let mut item = ItemStart::default();
        let mut before = Before::Other;
        loop {
            self.trivia(&mut item);
            let Some(byte) = self.peek() else { return Some(()) };
            let start = self.at;
            let mut now = Before::Other;
            match byte {
                b'{' if item.only_tests => {
                    self.part(item, start..start, true)?;
                    item = ItemStart::default();
                    before = Before::Other;
                    continue;
                }
                b'{' | b'}' | b';' => {
                    self.at += 1;
                    item = ItemStart::default();
                    before = Before::Other;
                    continue;
                }
                b'#' => self.attribute(&mut item)?,
                b'!' if before == Before::Word => {
                    self.macro_call()?;
                    // Braces end the item, other delimiters are followed by a semicolon.
                    if self.bytes.get(self.at - 1) == Some(&b'}') {
                        item = ItemStart::default();
                        before = Before::Other;
                        continue;
                    }
                }
                b'"' => self.at = string(self.bytes, start + 1),
                b'\'' => self.at = quote(self.bytes, start),
                b'r' | b'b' | b'c' if let Some(end) = prefixed(self.bytes, start) => self.at = end,
                _ if is_word(byte) => {
                    now = Before::Word;
                    match self.word() {
                        "fn" => {
                            item.at.get_or_insert(start);
                            self.function(item)?;
                            self.docs.clear();
                            item = ItemStart::default();
                            continue;
                        }
                        // `macro name(..) { .. }`
                        "macro" => {
                            self.trivia(&mut item);
                            self.word();
                            self.groups()?;
                        }
                        // `impl X for ! {`
                        "for" => now = Before::Other,
                        _ => {}
                    }
                }
                _ => self.at += 1,
            }
            item.at.get_or_insert(start);
            before = now;
        }
    }

    /// Goes past blanks and comments. A comment is left out, unless it documents something.
    fn trivia(&mut self, item: &mut ItemStart) {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => self.at = blanks(self.bytes, self.at + 1),
                b'/' => {
                    let start = self.at;
                    let Some(doc) = comment(self.bytes, &mut self.at, &mut self.cuts) else { return };
                    // `//!` belongs to what is around.
                    if doc && self.bytes.get(start + 2) != Some(&b'!') {
                        item.at.get_or_insert(start);
                        self.docs.push((start, self.at));
                    }
                }
                _ => return,
            }
        }
    }

    /// A name or number, `r#` included.
    fn word(&mut self) -> &str {
        let start = self.at;
        if self.bytes.get(start..start + 2) == Some(b"r#") && self.bytes.get(start + 2).is_some_and(|b| is_word(*b)) {
            self.at += 2;
        }
        self.at = word(self.bytes, self.at);
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// `#[..]` and `#![..]`.
    fn attribute(&mut self, item: &mut ItemStart) -> Option<()> {
        item.at.get_or_insert(self.at);
        self.at += 1;
        if self.peek() == Some(b'!') {
            self.at += 1;
        }
        self.trivia(item);
        if self.peek() == Some(b'[') {
            let start = self.at;
            self.at = group(self.bytes, start, &mut self.marks, &mut self.cuts)?;
            item.only_tests |= only_tests(self.text.get(start + 1..self.at - 1).unwrap_or_default());
        }
        Some(())
    }

    /// From the `!` after a macro's name to the end of its body.
    fn macro_call(&mut self) -> Option<()> {
        self.at += 1;
        let mut inside = ItemStart::default();
        self.trivia(&mut inside);
        if self.peek().is_some_and(is_word) {
            self.word();
            self.trivia(&mut inside);
        }
        match self.peek() {
            Some(b'(' | b'[' | b'{') => {
                self.at = group(self.bytes, self.at, &mut self.marks, &mut self.cuts)?;
                Some(())
            }
            _ => Some(()),
        }
    }

    /// As many groups as follow each other.
    fn groups(&mut self) -> Option<()> {
        loop {
            self.trivia(&mut ItemStart::default());
            match self.peek() {
                Some(b'(' | b'[' | b'{') => self.at = group(self.bytes, self.at, &mut self.marks, &mut self.cuts)?,
                _ => return Some(()),
            }
        }
    }

    /// From the word `fn` to the end of the function, or of the word where it begins a type.
    fn function(&mut self, item: ItemStart) -> Option<()> {
        self.trivia(&mut ItemStart::default());
        if !self.peek().is_some_and(is_word) {
            return Some(());
        }
        let name = self.at;
        self.word();
        let name = name..self.at;
        let mut angles = 0_usize;
        let mut before = Before::Other;
        loop {
            self.trivia(&mut ItemStart::default());
            let start = self.at;
            let mut now = Before::Other;
            match self.peek()? {
                b'{' if angles == 0 => break,
                b';' => return Some(()),
                b')' | b']' | b'}' => return None,
                b'(' | b'[' | b'{' => self.at = group(self.bytes, start, &mut self.marks, &mut self.cuts)?,
                b'!' if before == Before::Word => self.macro_call()?,
                b'<' => {
                    angles += 1;
                    self.at += 1;
                }
                b'>' => {
                    if start.checked_sub(1).and_then(|i| self.bytes.get(i)) != Some(&b'-') {
                        angles = angles.saturating_sub(1);
                    }
                    self.at += 1;
                }
                b'"' => self.at = string(self.bytes, start + 1),
                b'\'' => self.at = quote(self.bytes, start),
                b'r' | b'b' | b'c' if let Some(end) = prefixed(self.bytes, start) => self.at = end,
                byte if is_word(byte) => {
                    self.word();
                    now = Before::Word;
                }
                _ => self.at += 1,
            }
            before = now;
        }
        self.part(item, name, false)
    }

    /// The group that starts here, left out or not.
    fn part(&mut self, item: ItemStart, name: std::ops::Range<usize>, is_module: bool) -> Option<()> {
        let open = self.at;
        let mark = self.cuts.len();
        let end = group(self.bytes, open, &mut self.marks, &mut self.cuts)?;
        let body = self.text.get(open + 1..end - 1)?;
        let part = Part {
            name: self.text.get(name)?.trim_start_matches("r#"),
            head: self.text.get(item.at.unwrap_or(open)..open)?,
            body,
            brace: u32::try_from(open).ok()?,
            only_tests: item.only_tests,
            is_module,
        };
        if body.len() < MIN_BODY_BYTES || has_inner_attribute(body) || (self.keep)(&part) {
            if is_module {
                // Its functions are parts of their own.
                self.cuts.truncate(mark);
                self.at = open + 1;
                return Some(());
            }
        } else {
            self.cuts.truncate(mark);
            self.cuts.push((open + 1, end - 1));
            let start = item.at.unwrap_or(open);
            self.cuts.extend(self.docs.iter().filter(|(at, _)| *at >= start));
            let span = Span::new(open, end);
            match (is_module, item.only_tests) {
                (true, _) => {}
                (false, true) => self.tests.push(span.start),
                (false, false) => self.skipped.push(span),
            }
        }
        self.at = end;
        Some(())
    }
}

/// Where the modules of tests begin that a text ends with, or its length. Their bodies are gone through once, nothing else is.
pub fn end_of_code(text: &str) -> usize {
    static CONDITION: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\n#[cfg("));
    let mut passed = 0;
    for at in CONDITION.find_iter(text.as_bytes()) {
        if at < passed {
            continue;
        }
        passed = at + 1;
        loop {
            match after_tests(text, passed) {
                Ok(Some(end)) => passed = end,
                Ok(None) => break,
                // What matches with what is not known behind it either.
                Err(Unbalanced) => return text.len(),
            }
        }
        if passed == text.len() {
            return before_item(text, at + 1).unwrap_or(passed);
        }
    }
    text.len()
}

/// Where an item begins whose first condition stands at `at`: with comments and attributes above. `None` where what is above is
/// not the end of an item.
fn before_item(text: &str, mut at: usize) -> Option<usize> {
    loop {
        let above = text.get(..at)?.trim_end();
        let line = above.rfind('\n').map_or(0, |end| end + 1);
        let last = above.get(line..)?;
        if !(last.starts_with("//") || last.starts_with("#[") && last.ends_with(']')) {
            return (above.is_empty() || above.ends_with(['}', ';'])).then_some(at);
        }
        at = line;
    }
}

/// Delimiters that do not match.
struct Unbalanced;

/// The end, blanks included, of the module of tests whose first attribute stands at `at`.
fn after_tests(text: &str, at: usize) -> Result<Option<usize>, Unbalanced> {
    /// More than attributes of modules take.
    const MAX_ATTRIBUTE: usize = 200;
    let (mut rest, mut tests) = (text.get(at..).unwrap_or_default(), false);
    while let Some(attribute) = rest.strip_prefix("#[") {
        let Some(end) = attribute.bytes().take(MAX_ATTRIBUTE).position(|b| b == b']') else { return Ok(None) };
        tests |= only_tests(attribute.get(..end).unwrap_or_default());
        rest = attribute.get(end + 1..).unwrap_or_default().trim_start();
    }
    let Some(name) = rest.strip_prefix("pub ").unwrap_or(rest).strip_prefix("mod ").filter(|_| tests) else { return Ok(None) };
    let body = name.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_').trim_start();
    if !body.starts_with('{') {
        return Ok(None);
    }
    let (bytes, open) = (text.as_bytes(), text.len() - body.len());
    let end = group(bytes, open, &mut Marks::new(bytes, open), &mut Vec::new()).ok_or(Unbalanced)?;
    Ok(Some(text.len() - text.get(end..).unwrap_or_default().trim_start().len()))
}

/// Whether a body begins with an attribute of its function.
fn has_inner_attribute(body: &str) -> bool {
    if !body.trim_ascii_start().starts_with(['#', '/']) {
        return false;
    }
    let is_comment = |line: &&str| line.is_empty() || line.starts_with("//") && !line.starts_with("//!");
    let first = body.lines().map(str::trim_start).find(|line| !is_comment(line)).unwrap_or_default();
    first.starts_with("#!") || first.starts_with("//!") || first.starts_with("/*!")
}

/// Whether an attribute, without its brackets, says that only tests compile what follows. Misses odd ones.
fn only_tests(attribute: &str) -> bool {
    if !(attribute.contains("test") || attribute.contains("bench")) {
        return false;
    }
    let text: String = attribute.chars().filter(|c| !c.is_whitespace()).collect();
    let path = text.split(['(', '=']).next().unwrap_or_default();
    let all = text.strip_prefix("cfg(all(").and_then(|rest| rest.strip_suffix("))")).filter(|rest| !rest.contains('('));
    matches!(text.as_str(), "cfg(test)" | "test" | "bench")
        || path.ends_with("::test")
        || all.is_some_and(|conditions| conditions.split(',').any(|c| c == "test"))
}

/// Goes past the comment that starts at `at`, and says whether it documents something; `None` where there is none.
fn comment(bytes: &[u8], at: &mut usize, cuts: &mut Vec<(usize, usize)>) -> Option<bool> {
    let start = *at;
    let third = bytes.get(start + 2).copied();
    let fourth = bytes.get(start + 3).copied();
    match bytes.get(start + 1)? {
        b'/' => {
            *at = memchr::memchr(b'\n', bytes.get(start..)?).map_or(bytes.len(), |n| start + n);
            let doc = third == Some(b'!') || third == Some(b'/') && fourth != Some(b'/');
            if !doc {
                cuts.push((start, *at));
            }
            Some(doc)
        }
        b'*' => {
            *at = block_comment(bytes, start);
            Some(third == Some(b'!') || third == Some(b'*') && !matches!(fourth, Some(b'*' | b'/')))
        }
        _ => None,
    }
}

/// The end of the group that opens at `open`; `None` where its delimiters do not match.
fn group(bytes: &[u8], open: usize, marks: &mut Marks<'_>, cuts: &mut Vec<(usize, usize)>) -> Option<usize> {
    let mut closers: Vec<u8> = Vec::with_capacity(16);
    let mut at = open;
    loop {
        at = marks.from(at)?;
        match *bytes.get(at)? {
            b'(' => closers.push(b')'),
            b'[' => closers.push(b']'),
            b'{' => closers.push(b'}'),
            b'"' => {
                at = string_with_prefix(bytes, at);
                continue;
            }
            b'\'' => {
                at = quote(bytes, at);
                continue;
            }
            b'/' => {
                if comment(bytes, &mut at, cuts).is_none() {
                    at += 1;
                }
                continue;
            }
            closer => {
                if closers.pop() != Some(closer) {
                    return None;
                }
                if closers.is_empty() {
                    return Some(at + 1);
                }
            }
        }
        at += 1;
    }
}

/// The end of a string of any kind whose opening quote is at `quote`.
fn string_with_prefix(bytes: &[u8], quote: usize) -> usize {
    let before = bytes.get(..quote).unwrap_or_default();
    let hashes = before.iter().rev().take_while(|b| **b == b'#').count();
    let mut prefix = before.iter().rev().skip(hashes).copied();
    if prefix.next() != Some(b'r') {
        return string(bytes, quote + 1);
    }
    let raw = match prefix.next() {
        Some(b'b' | b'c') => !prefix.next().is_some_and(is_word),
        other => !other.is_some_and(is_word),
    };
    if raw { raw_string(bytes, quote + 1, hashes) } else { string(bytes, quote + 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_of_tests_at_the_end_are_no_code() {
        let code = "fn f() {}\n";
        for tests in [
            "#[cfg(test)]\nmod tests {\n    fn g() { '}'; \"}\"; }\n}\n",
            "#[cfg(test)]\n#[allow(a)]\npub mod tests {}\n\n#[cfg(all(test, b))]\nmod more { // }\n}",
            "#[cfg(test)] mod tests { #[cfg(test)]\nmod inner {}\n }",
            "// Tests.\n#[allow(a)]\n#[cfg(test)]\nmod tests {}",
        ] {
            assert_eq!(end_of_code(&format!("{code}{tests}")), code.len(), "{tests}");
        }
        for all in [
            "",
            "fn f() {}",
            "\n#[cfg(test)]\nmod tests {}\nfn f() {}",
            "\n#[cfg(test)]\nmod tests { {\n}",
            "\n#[cfg(test)]\nmod tests;\n",
            "\n#[cfg(not(test))]\nmod real {}",
            "\n#[cfg(feature = \"x\")]\nmod x {}",
            "\nr#\"\n#[cfg(test)]\nmod tests {}\n\"#;",
            "\n#[cfg(test)]",
            "\n#[allow(\n    a\n)]\n#[cfg(test)]\nmod tests {}",
        ] {
            assert_eq!(end_of_code(all), all.len(), "{all}");
        }
    }
}
